"""Exercises 13.6 and 13.7: right answers, other right answers, named mistakes."""

import numpy as np
import torch
from checkers import Checkers, plain

from helpers.data.files.own import by_pairs
from helpers.exercises.lesson_13 import questions_own


def other_split(n, length, cut):
    starts = range(n - length)
    return (
        [s for s in starts if s + length < cut],
        [s for s in starts if s + length >= cut],
    )


def split_with(first=0, end=0, begin=0, last=0):
    """The ends of the right ranges, each moved."""

    def answer(n, length, cut):
        train = range(first, cut - length + end)
        return list(train), list(range(cut - length + begin, n - length + last))

    return answer


def gapped(n, length, cut):
    return list(range(cut - length)), list(range(cut, n - length))


def shuffled(n, length, cut):
    order = np.random.default_rng(0).permutation(n - length)
    return order[: cut - length], order[cut - length :]


def overlapping(n, length, cut):
    return list(range(cut)), list(range(cut - length, n - length))


def other_verdict(first, second):
    d = [float(a) - float(b) for a, b in zip(first, second, strict=True)]
    n, mean = len(d), sum(d) / len(d)
    if n == 1:
        return "cannot say"
    s = (sum((x - mean) ** 2 for x in d) / (n - 1)) ** 0.5
    if mean + 2 * s / n**0.5 < 0:
        return "first"
    return "second" if mean - 2 * s / n**0.5 > 0 else "cannot say"


def verdict_with(spread, k=2.0, sign=1):
    def answer(first, second):
        a, b = np.asarray(first), np.asarray(second)
        if len(a) < 2:
            return "cannot say"
        gap = sign * (a.mean() - b.mean())
        if abs(gap) <= k * spread(a, b):
            return "cannot say"
        return "first" if gap < 0 else "second"

    return answer


def error_of(a, b):
    return (a - b).std(ddof=1) / len(a) ** 0.5


RIGHT = {
    "13.6": [
        other_split,
        split_with(),
        lambda *a: tuple(map(np.array, other_split(*a))),
        lambda *a: tuple(map(torch.tensor, other_split(*a))),
        lambda *a: [np.array(part, dtype=float) for part in other_split(*a)],
    ],
    "13.7": [other_verdict, by_pairs, verdict_with(error_of)],
}

WRONG = plain(
    {
        "13.6": [
            (gapped, "A test window may *read* what lies before the cut"),
            (split_with(end=1), "that is in the test part, which begins at"),
            (overlapping, "that is in the test part"),
            (shuffled, "do not shuffle"),
            (split_with(end=-1), "train lacks start"),
            (split_with(first=1), "train lacks start 0"),
            (split_with(begin=-1), "in train and in test"),
            (split_with(end=-1, begin=-1), "that lies before the cut"),
            (split_with(last=1), "and the last one is"),
            (split_with(last=-1), "test lacks start"),
            (split_with(first=-1), "before the series begins"),
            (lambda *a: [np.repeat(part, 2) for part in other_split(*a)], "0 2 times"),
            (lambda n, length, cut: list(range(cut)), "should return two arrays"),
        ],
        "13.7": [
            (verdict_with(error_of, sign=-1), "the lower error is the better one"),
            (lambda a, b: by_pairs(a, b) if len(a) > 1 else "first", "one seed has no"),
            (
                verdict_with(lambda a, b: max(a.std(ddof=1), b.std(ddof=1))),
                "take the differences of pairs",
            ),
            (verdict_with(error_of, k=0), "by less than two standard errors"),
            (verdict_with(error_of, k=1), "1.7 standard errors are fewer"),
            (verdict_with(lambda a, b: (a - b).std() / len(a) ** 0.5), "n − 1 below"),
            (
                verdict_with(lambda a, b: (a - b).std(ddof=1)),
                "the mean difference is more than two standard errors",
            ),
            (
                lambda a, b: (
                    by_pairs(a, b)
                    if np.ptp(np.sign(np.subtract(a, b))) == 0
                    else "cannot say"
                ),
                "not every pair need agree",
            ),
            (lambda a, b: "cannot say", "more than nine standard errors"),
            (lambda a, b: by_pairs(a, b) if len(a) > 2 else "cannot say", "two seeds"),
            (verdict_with(error_of, k=1.96), "1.98 standard errors"),
            (
                lambda a, b: by_pairs(np.log1p(a), np.log1p(b)),
                "not ratios or logarithms",
            ),
            (lambda a, b: by_pairs(a - b, 0), "np.array makes an array"),
            (lambda a, b: "a", "wanted is one of first, second, cannot say"),
        ],
    }
)


class TestOwn(Checkers):
    lesson, right, wrong = "13", RIGHT, WRONG

    def test_every_exercise_has_right_answers_wrong_ones_and_hints(self, items):
        mine = {e.id: e for e in items[0] if e.id in RIGHT}
        assert list(mine) == [e.id for e in questions_own.EXERCISES] == list(WRONG)
        assert all(len(e.hints) >= 2 for e in mine.values())

    def test_predictions_have_a_word_for_every_option(self, items):
        assert questions_own.PREDICTIONS == []  # the other sections hold them
