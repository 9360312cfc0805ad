"""Exercises and predictions of lesson 13."""

from helpers.exercises.lesson_13.questions_own import EXERCISES, PREDICTIONS

__all__ = ["EXERCISES", "PREDICTIONS"]
