"""Exercises 13.6, 13.7: an honest split, and a verdict over seeds."""

from __future__ import annotations

from helpers.exercises.engine.core import Exercise, Prediction
from helpers.exercises.lesson_13 import splits, verdicts

__all__ = ["EXERCISES", "PREDICTIONS"]

EXERCISES = [
    Exercise(
        id="13.6",
        title="An honest split",
        check=splits.check_split,
        reference=splits.split_windows,
        hints=(
            "The window that starts at s reads the values s … s + length − 1, and its "
            "target is value s + length.",
            "Where does the last training window start, if its target must lie before "
            "the cut? Which window has value `cut` as its target?",
            "At the time of a forecast the past is known. May a test window begin "
            "before the cut?",
        ),
    ),
    Exercise(
        id="13.7",
        title="Is the difference bigger than the spread?",
        check=verdicts.check_verdict,
        reference=verdicts.verdict,
        hints=(
            "Seed k made both numbers at place k: begin with the differences of pairs.",
            "The standard error of a mean of n numbers is s / √n, and s has n − 1 "
            "below (`ddof=1`). What is s when n is 1?",
            "A spread of 0 is no trouble if you compare and do not divide.",
        ),
    ),
]

PREDICTIONS: list[Prediction] = []
