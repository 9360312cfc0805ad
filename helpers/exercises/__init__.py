"""Exercises that check themselves: check, hint, solution, predict, progress."""

from helpers.exercises.checking import check, hint, solution
from helpers.exercises.predict import predict
from helpers.exercises.progress import reset_progress
from helpers.exercises.table import progress_table

__all__ = ["check", "hint", "predict", "progress_table", "reset_progress", "solution"]
