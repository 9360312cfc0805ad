"""Lesson 00: one exercise and three predictions to try the machinery on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from helpers.exercises.engine.core import Exercise, Prediction, Wrong, call, close, same

__all__ = ["EXERCISES", "PREDICTIONS"]


def running_total(xs: Sequence[float]) -> list[float]:
    """Return the totals after the first, the second, … and the last number of xs."""
    totals, h = [], 0
    for x in xs:
        h = h + x
        totals.append(h)
    return totals


def check_running_total(answer) -> str:
    for xs in ([3.0, 1.0, 2.0], [2.0], [-1.0, 4.0, 0.5, 0.5, -7.0]):
        got, right = call(answer, xs), np.cumsum(xs)
        if isinstance(got, Iterator):
            raise Wrong(
                "you return an iterator (a `yield` makes one); collect the totals in a "
                "list and return that"
            )
        if len(xs) > 1:
            if same(got, xs):
                raise Wrong(
                    "you return the numbers themselves: the state starts anew at each "
                    "step; set `h = 0` once, before the loop"
                )
            if same(got, right[-1]):
                raise Wrong(
                    "you return the last total only; append `h` to a list at each step"
                )
            if same(got, right - xs):
                raise Wrong("you note the state before the update; update `h` first")
            if same(got, right[::-1]) or same(got, np.cumsum(xs[::-1])):
                raise Wrong(
                    "your totals run backwards; read `xs` from its first number"
                )
        close(got, right, what=f"running_total({xs})")
    call(answer, [3.0, 1.0, 2.0], unchanged=True)
    if len(np.atleast_1d(call(answer, []))) != 0:
        raise Wrong("running_total([]) should be empty: no step, no total")
    return (
        "One number of state, updated by the same rule at each step: this is a "
        "recurrence, and lesson 03 makes its rule learnable."
    )


EXERCISES = [
    Exercise(
        id="00.1",
        title="A memory of one number",
        check=check_running_total,
        reference=running_total,
        hints=(
            "What must you still know after a step in order to do the next one?",
            "Keep that one number in `h`. Where does it start: in the loop or before?",
            "Two things in the loop: `h` takes in `x`, then the list takes in `h`.",
        ),
    )
]

PREDICTIONS = [
    Prediction(
        id="00.p1",
        question=(
            "A model that only counts words reads `dog bites man` and "
            "`man bites dog`. What can it tell apart?"
        ),
        options=(
            "who bites whom",
            "nothing: both look the same to it",
            "only that the first word differs",
        ),
        answer=1,
        feedback=(
            "Both sentences hold the same three words once each, so their counts are "
            "equal, and who comes first is lost.",
            "The counts are equal. What is lost is the order, and order is what makes "
            "a sequence.",
            "A count does not say where a word stood, so not even that is left.",
        ),
    ),
    Prediction(
        id="00.p2",
        question=(
            "A memory keeps 90 % of its content at each step. `France` was read 20 "
            "steps before the blank. How much of it is left there?"
        ),
        options=("about 80 %", "about 50 %", "about 12 %", "nothing at all"),
        answer=2,
        feedback=(
            "The loss is multiplied, not added up: 0.9 · 0.9 · …, twenty times.",
            "Half is reached after 7 steps already: 0.9 to the 7th is 0.48.",
            "0.9 to the 20th is 0.12. Products of many factors are the reason why "
            "remembering is hard, and lesson 04 is about nothing else.",
            "It never reaches zero: 0.9 to the 20th is small, and still there.",
        ),
    ),
    Prediction(
        id="00.p3",
        question=(
            "A recurrent network reads 10 words; another one reads 1,000. How many "
            "more numbers must the second one learn, if both have the same size?"
        ),
        options=("100 times as many", "990 more", "none"),
        answer=2,
        feedback=(
            "That is a network with weights of its own for each place. A recurrent "
            "one uses the same rule at each step.",
            "One for each further word is still a cost that grows with the length; a "
            "recurrent network has none of it.",
            "The same rule is used at each step, however many there are. A longer "
            "text takes more time, and not one more weight.",
        ),
    ),
]
