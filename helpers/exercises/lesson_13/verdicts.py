"""Checker of lesson 13: is a difference bigger than its spread?"""

from __future__ import annotations

import numpy as np

from helpers.exercises.engine.core import NotAttempted, Wrong, call

__all__ = ["check_verdict", "verdict"]

WORDS = ("first", "second", "cannot say")


def verdict(first, second):
    gaps = np.subtract(first, second)
    if len(gaps) < 2:
        return "cannot say"
    error = gaps.std(ddof=1) / np.sqrt(len(gaps))
    if abs(gaps.mean()) <= 2 * error:
        return "cannot say"
    return "first" if gaps.mean() < 0 else "second"


_LOWER = "the lower error is the better one"
# errors of first, errors of second, what betrays a mistake
_CASES = (
    ([1.0, 1.1, 0.9, 1.0], [2.0, 2.2, 1.9, 2.1], _LOWER),
    ([0.5, 0.4, 0.6], [0.2, 0.1, 0.2], _LOWER),
    (
        [1.0, 2.0, 3.0, 4.0],
        [1.2, 2.1, 3.2, 4.1],
        "seed by seed the first is lower each time: take the differences of pairs, "
        "not the spread of each list",
    ),
    (
        [1.0, 1.3, 0.8],
        [1.1, 1.2, 1.0],
        "the means differ, by less than two standard errors of the differences",
    ),
    ([0.7], [0.9], "one seed has no spread: nothing can be said"),
    (
        [1.0, 1.0, 1.0, 1.0],
        [1.06, 1.38, 1.02, 1.3],
        "the mean difference is more than two standard errors: their standard "
        "deviation divided by the square root of how many",
    ),
    (
        [1.0, 1.0, 1.0],
        [1.3, 1.1, 1.02],
        "1.7 standard errors are fewer than two (s with n − 1 below, and divided by "
        "the square root of n)",
    ),
    (
        [0.3, 0.3, 0.3],
        [0.2, 0.2, 0.2],
        "the same difference in each pair: a spread of 0, and the difference is not 0",
    ),
    ([0.4, 0.5, 0.6], [0.4, 0.5, 0.6], "they are equal: no difference, no spread"),
    (
        [1.0, 1.0, 1.0, 1.0, 1.0, 1.0],
        [1.4, 1.5, 1.3, 0.9, 1.6, 1.2],
        "not every pair need agree: the mean difference is beyond two standard errors",
    ),
    (
        [1.0, 2.0, 3.0],
        [2.1, 3.1, 1.1],
        "equal places make a pair, so the lists stay in the order of their seeds",
    ),
    (
        [1.0, 1.0, 1.0, 1.0, 1.0],
        [2.0, 2.0, 2.0, 2.0, 0.0],
        "the mean difference (not the median) is fewer than two standard errors from 0",
    ),
    (
        [1.0, 1.1],
        [2.0, 2.2],
        "two seeds have a spread, and the mean difference is far beyond it",
    ),
    (
        [1.0, 1.0],
        [1.3, 0.9],
        "the mean difference is half a standard error",
    ),
    (
        [1.0, 1.0, 1.0, 1.0],
        [1.0143, 1.0143, 1.2143, 1.2143],
        "1.98 standard errors are fewer than two",
    ),
    (
        [0.25, 4.0, 40.0],
        [0.5, 4.25, 40.25],
        "take differences, not ratios or logarithms: each is a quarter",
    ),
)


def check_verdict(answer):
    for first, second, words in _CASES:
        for kind in (list, np.array):
            for a, b, flip in ((first, second, False), (second, first, True)):
                got = call(answer, kind(a), kind(b), name="verdict", unchanged=True)
                _judge(got, verdict(a, b), a, b, words, flip)
    return "Equal seeds make pairs, and pairs show what two heaps of numbers hide."


def _judge(got, want, a, b, words, flip):
    if got is ...:
        raise NotAttempted
    if not isinstance(got, str) or got not in WORDS:
        raise Wrong(f"verdict returned {got!r}; wanted is one of {', '.join(WORDS)}")
    if got == want:
        return
    if got == "cannot say" and words == _LOWER:
        words = "the mean difference is more than nine standard errors from 0"
    if flip:  # the words below are about the case as it stands there
        words = words.replace("the first is lower", "the second is lower")
    raise Wrong(f"for {a} and {b} yours says {got!r}, it should be {want!r}: {words}")
