"""Exercises that check themselves: check, hint, solution, predict, progress."""

from .checking import check, hint, solution
from .predict import predict
from .progress import reset_progress
from .table import progress_table

__all__ = ["check", "hint", "predict", "progress_table", "reset_progress", "solution"]
