"""Exercises that check themselves: check, hint, solution, predict, progress."""

from helpers.exercises.engine.checking import check, hint, solution
from helpers.exercises.engine.predict import predict
from helpers.exercises.engine.progress import reset_progress
from helpers.exercises.engine.table import progress_table

__all__ = ["check", "hint", "predict", "progress_table", "reset_progress", "solution"]
