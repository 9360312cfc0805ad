"""Exercises and predictions of lesson 12."""

from helpers.exercises.lesson_12.questions_clinic import EXERCISES, PREDICTIONS

__all__ = ["EXERCISES", "PREDICTIONS"]
