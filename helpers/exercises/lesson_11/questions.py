"""Exercises and predictions of lesson 11."""

from __future__ import annotations

from helpers.exercises.lesson_11 import questions_after

__all__ = ["EXERCISES", "PREDICTIONS"]

EXERCISES = [*questions_after.EXERCISES]
PREDICTIONS = [*questions_after.PREDICTIONS]
