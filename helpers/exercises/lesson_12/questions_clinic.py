"""Exercises 12.6, 12.7 and the prediction 12.p6: when it does not train."""

from __future__ import annotations

from helpers.exercises.engine.core import Exercise, Prediction
from helpers.exercises.lesson_12 import blind, maps

__all__ = ["EXERCISES", "PREDICTIONS"]

EXERCISES = [
    Exercise(
        id="12.6",
        title="How well can it do without hearing anything?",
        check=blind.check_blind_level,
        reference=blind.blind_level,
        hints=(
            "Take one place t, a column of y. Which fixed probabilities give the "
            "lowest mean of -ln p there? The shares of the letters themselves.",
            "The lowest mean at a place is the entropy of its letters. "
            "`np.unique(…, return_counts=True)` counts them.",
            "A place with ten targets weighs ten times as much as a place with one.",
        ),
    ),
    Exercise(
        id="12.7",
        title="Read a gradient map",
        check=maps.check_reading,
        reference=maps.reading,
        hints=(
            "Three regions of the map: the other rows; row b behind t; row b before t.",
            "`np.delete(grad, b, axis=0)` are the other rows; `.any()` asks if one of "
            "them is above 0.",
            "What is there to forget when t is 0?",
        ),
    ),
]

PREDICTIONS = [
    Prediction(
        id="12.p6",
        question="`nn.LSTM` expects (T, B, V) unless it is made with "
        "`batch_first=True`. We forget that, and give it batches of (B, T, V) = "
        "(32, 12, 27). What happens?",
        options=(
            "an error: 32 and 12 are in each other's place",
            "it runs, and the loss stays near ln 27",
            "it trains, and ends about a fifth of a nat above the healthy run",
        ),
        answer=2,
        feedback=(
            "An LSTM takes any number of steps and any batch. To it this is a batch of "
            "12 sequences of 32 steps.",
            "The letter itself still enters at its place, and the letter says much "
            "about the next one. Only what came before it is lost.",
            "The state now runs from name to name at the same place. The letter itself "
            "still enters, so the net learns pairs of letters, and nobody complains.",
        ),
    ),
]
