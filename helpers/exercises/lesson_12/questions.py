"""Exercises and predictions of lesson 12: would your model survive tomorrow?"""

from __future__ import annotations

from helpers.exercises.engine.core import Exercise, Prediction
from helpers.exercises.lesson_12 import questions_clinic, scores, splits

__all__ = ["EXERCISES", "PREDICTIONS"]

EXERCISES = [
    Exercise(
        id="12.1",
        title="Better than yesterday?",
        check=scores.check_skill,
        reference=scores.skill_score,
        hints=(
            "Two mean square errors against the truth: that of the forecast, and that "
            "of yesterday's value. Which belongs above the line?",
            "A perfect forecast has a skill of 1, persistence itself one of 0.",
        ),
    ),
    Exercise(
        id="12.2",
        title="A split that knows no future",
        check=splits.check_split,
        reference=splits.split,
        hints=(
            "Two numbers scale everything. From which part of the series may they "
            "come?",
            "Scale the whole series with them, then cut windows. Target t belongs to "
            "the window of the L values before it: t = L, L + 1, …",
            "Which part an example belongs to is decided by where its target lies.",
        ),
    ),
    Exercise(
        id="12.3",
        title="The error in units of a season",
        check=scores.check_mase,
        reference=scores.scaled_error,
        hints=(
            "How much do two values of the past differ that lie one season apart? "
            "Slices: without its first, and without its last `season` values.",
            "The mean of the absolute errors, divided by the mean of those absolute "
            "differences.",
        ),
    ),
    Exercise(
        id="12.4",
        title="Roll on",
        check=splits.check_rolling,
        reference=splits.rolling_errors,
        hints=(
            "At origin o, what is known is series[:o], and the first value to come is "
            "series[o].",
            "Collect the absolute errors as (N, K): an origin a row. Over which axis "
            "do you average?",
        ),
    ),
    Exercise(
        id="12.5",
        title="Count how often it was right",
        check=scores.check_coverage,
        reference=scores.coverage,
        hints=(
            "The interval is from forecast - half to forecast + half. When is the "
            "truth inside? One comparison is enough.",
            "A mean of True and False is a share.",
        ),
    ),
    *questions_clinic.EXERCISES,
]

PREDICTIONS = [
    Prediction(
        id="12.p1",
        question="The three nets read 30 days of prices and say the next. What is "
        "their error, compared with that of 'tomorrow as today'?",
        options=("about half of it", "about the same", "larger"),
        answer=2,
        feedback=(
            "The lines lie close together. How close does the price of *today* lie to "
            "that of tomorrow?",
            "Nearly. They have to say the level as well, and have never met a price "
            "they were not scaled for.",
            "Clearly. The picture hardly shows it: on its scale, a day is nothing.",
        ),
    ),
    Prediction(
        id="12.p2",
        question="The same net on a random walk, where the next step cannot be known. "
        "How well do its forecasts correlate with the truth?",
        options=("about 0: there is nothing to learn", "about .5", "above .9"),
        answer=2,
        feedback=(
            "There is nothing to learn about the *step*. And about the level?",
            "The level is known to within a step; what is left is small beside the "
            "way that the walk goes in 200 days.",
            "Whoever repeats yesterday's value is right about the level. Correlation "
            "sees the level.",
        ),
    ),
    Prediction(
        id="12.p3",
        question="By mistake each window ends one day late. The change over *five* "
        "days is to be forecast. What is the skill worth, about?",
        options=(
            "1: the answer is in the input",
            "between .1 and .2",
            "0: one day does not help",
        ),
        answer=1,
        feedback=(
            "A part of the answer is. How many of the five days' steps are seen?",
            "One of five steps is seen, a fifth of the variance; a little is lost "
            "again. (One day ahead it is all of it.)",
            "It is one of the five steps that make up the change, and it is known "
            "exactly.",
        ),
    ),
    Prediction(
        id="12.p4",
        question="Carbon dioxide, 24 months ahead. Which errs least: an LSTM of the "
        "level, an LSTM of the change, or a weighted sum of the last 24 changes?",
        options=(
            "the LSTM of the level",
            "the LSTM of the change",
            "the weighted sum",
        ),
        answer=2,
        feedback=(
            "Each year the level is where it has never been. What does a net say "
            "there that it was not trained on?",
            "It comes close, and needs more data than 300 to 400 months to do better.",
            "25 numbers, found at once. The LSTM of the change comes close, that of "
            "the level is worse than 'as a season ago'.",
        ),
    ),
    Prediction(
        id="12.p5",
        question="80 % of the training errors, one month ahead, are within ±0.4. We "
        "draw ±0.4 around all forecasts. How many of the truths lie inside, over 24 "
        "months?",
        options=("80 %", "some 60 %", "fewer than half"),
        answer=2,
        feedback=(
            "That holds for data that it was fitted to, and for one month ahead.",
            "One month ahead, so it is. And 24 months ahead?",
            "About 37 %: two thirds one month ahead, a quarter 24 months ahead. "
            "Errors of new data are larger, and they grow with the horizon.",
        ),
    ),
    *questions_clinic.PREDICTIONS,
]
