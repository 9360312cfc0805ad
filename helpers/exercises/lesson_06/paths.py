"""Lesson 06: reference and checker of the exercise on paths."""

from __future__ import annotations

import numpy as np

from helpers.exercises.engine.core import call, close, shape_of
from helpers.exercises.lesson_06.mistakes import collect, name_mistake

__all__ = ["check_count_paths", "count_paths"]


def count_paths(directions, T):
    """(T, T): the number of ways from input s (column) to output t (row)."""
    ahead = np.tri(T, dtype=int)  # row t: a forward unit can read steps 0 … t
    layer = {"forward": ahead, "backward": ahead.T, "both": ahead + ahead.T}
    paths = np.eye(T, dtype=int)
    for direction in directions:
        paths = layer[direction] @ paths
    return paths


def _miscounted(directions, T):
    """What a learner is told -> the result of that mistake."""
    ahead = np.tri(T, dtype=int)
    ones = np.ones((T, T), dtype=int)
    strict = np.tri(T, k=-1, dtype=int)
    eye = np.eye(T, dtype=int)

    def count(names, a=ahead, back=None, both=None, combine=np.matmul, start=eye):
        back = a.T if back is None else back
        layer = {"forward": a, "backward": back}
        layer["both"] = a + back if both is None else both
        paths = start
        for name in names:
            paths = combine(layer[name], paths)
        return paths

    right = count(directions)
    nearest = {"a": np.tri(T, dtype=int) - np.tri(T, k=-2, dtype=int)}
    return {
        "rows and columns are swapped: row t is about output t, column s about input "
        "s": right.T,
        "the top layer stands left in the product, the bottom one right: yours runs "
        "from the top down": count(directions[::-1]),
        "this only says whether there is a way; count the ways": right > 0,
        "at each step a bidirectional layer has two units: straight up there are two "
        "ways, so its diagonal is 2": count(directions, both=ones),
        'a layer of "both" directions has backward units too; you count its forward '
        "ones alone": count(directions, both=ahead),
        'the two directions of a "both" layer stand side by side and read the same '
        "units: add their ways; you let the backward one read the forward one": count(
            directions, both=ahead.T @ ahead
        ),
        "this is the last layer alone; multiply the layers": count(directions[-1:]),
        "this is the first layer alone; multiply the layers": count(directions[:1]),
        "you add the layers; a path goes through one after the other, so they are "
        "multiplied": np.sum([count([d]) for d in directions], axis=0),
        "`*` multiplies entry by entry; the sum over all steps between is `@`": count(
            directions, combine=np.multiply, start=ones
        ),
        "a state also takes in its own step's input: the diagonal of a forward layer "
        "is 1": count(directions, a=strict),
        "forward and backward are swapped (or rows and columns, with the order of the "
        'layers): row t is about output t, and for ["forward"] it holds ones from '
        "s = 0 to s = t": count(directions, a=ahead.T),
        "you let a layer read its own and the next step only; a state carries on "
        "whatever is behind it": count(directions, **nearest),
    }


def check_count_paths(answer) -> str:
    settings = [
        (["forward"], 4),
        (["backward"], 4),
        (["both"], 4),
        (["forward", "forward"], 5),
        (["forward", "backward"], 5),
        (["both", "forward"], 4),
        (["forward", "both", "both", "backward"], 6),
    ]

    def run(directions, T):
        got = call(answer, directions, T, name="count_paths", unchanged=True)
        return shape_of(got, (T, T), letters="T T")

    got, error = collect(run, settings)
    right = [count_paths(*setting) for setting in settings]
    name_mistake(got, right, [_miscounted(*s) for s in settings], error, tol=0)
    for result, wanted, (directions, _) in zip(got, right, settings, strict=True):
        close(result, wanted, 0, f"the count for {directions}")
    return (
        "In a linear net with all weights 1 this matrix is the gradient of output t "
        "by input s. Depth adds ways; which entries are 0 is settled by the directions."
    )
