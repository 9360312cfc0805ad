"""Exercises 12.6 and 12.7: right answers, other right answers, named mistakes."""

import numpy as np
import torch
from checkers import Checkers, plain

from helpers.exercises.lesson_12 import questions_clinic
from helpers.nets.clinic.checkup import blind_level


def by_hand(y):
    total, n = 0.0, 0
    for t in range(y.shape[1]):
        column = [int(k) for k in y[:, t] if k >= 0]
        for k in column:
            total -= np.log(column.count(k) / len(column))
        n += len(column)
    return total / n


def entropies(y, keep=lambda c: c[c >= 0]):
    found = []
    for column in y.T:
        column = keep(column)
        if len(column):
            p = np.unique(column, return_counts=True)[1] / len(column)
            found.append((len(column), -(p * np.log(p)).sum()))
    return np.array(found).T


def pooled(y, keep=lambda v: v[v >= 0]):
    return entropies(keep(y.ravel())[:, None], lambda c: c)[1][0]


def weighted(y):
    n, each = entropies(y)
    return (n * each).sum()


def commonest(y, cost=lambda share: -np.log(share), mean=True):
    costs, n = [], []
    for column in y.T:
        column = column[column >= 0]
        if len(column):
            top = np.unique(column, return_counts=True)[1].max()
            costs.append(cost(top / len(column)))
            n.append(len(column))
    return np.average(costs, weights=n) if mean else np.mean(costs)


def other_reading(grad, b, t):
    said = []
    if any(
        grad[row, s] > 0
        for row in range(len(grad))
        if row != b
        for s in range(grad.shape[1])
    ):
        said.append("mixes")
    if any(value > 0 for value in grad[b, t + 1 :]):
        said.append("leaks")
    if t and all(value == 0 for value in grad[b, :t]):
        said.append("forgets")
    return said


def other_rows(g, b):
    return np.array([row for k, row in enumerate(g) if k != b])


def reading_with(
    others=lambda g, b, t: np.delete(g, b, 0).any(),
    later=lambda g, b, t: g[b, t + 1 :].any(),
    before=lambda g, b, t: t > 0 and not g[b, :t].any(),
):
    def answer(grad, b, t):
        tests = {"mixes": others, "leaks": later, "forgets": before}
        return {word for word, test in tests.items() if test(grad, b, t)}

    return answer


RIGHT = {
    "12.6": [
        by_hand,
        lambda y: torch.tensor(by_hand(y)),
        lambda y: blind_level(torch.from_numpy(y)),
        lambda y: weighted(y) / (y >= 0).sum(),
        lambda y: by_hand(y) - 1e-8,  # log(p + 1e-8)
    ],
    "12.7": [
        other_reading,
        lambda *a: tuple(other_reading(*a)),
        lambda *a: np.array(other_reading(*a), dtype=str),
        reading_with(),
        reading_with(others=lambda g, b, t: g.sum() > g[b].sum()),
    ],
}

WRONG = plain(
    {
        "12.6": [
            (pooled, "in one heap; the net counts the places"),
            (lambda y: entropies(y)[1].mean(), "every place counts the same in yours"),
            (lambda y: entropies(y, lambda c: c)[1].mean(), "you count -1 as if"),
            (lambda y: pooled(y, lambda v: v), "one heap, with -1 as a letter in it"),
            (lambda y: weighted(y) / y.size, "you divide by all places"),
            (lambda y: entropies(y)[1].sum(), "the sum over the places"),
            (weighted, "the sum of all losses; divide by the targets"),
            (lambda y: by_hand(y) / np.log(2), "that is in bits"),
            (lambda y: np.log(y.max() + 1), "that is ln V"),
            (lambda y: commonest(y, lambda p: 1 - p, False), "a share of errors"),
            (commonest, "-ln p of the commonest letter only"),
            (lambda y: -by_hand(y), "the sign"),
            (lambda y: by_hand(y) + 0.1, "the level is"),
            (
                lambda y: by_hand(np.where((y == -1).cumsum(1) == 0, y, -1)),
                "the level is",
            ),
            (
                lambda y: by_hand(
                    np.where(np.arange(y.shape[1]) < (y >= 0).sum(1)[:, None], y, -1)
                ),
                "the level is",
            ),
        ],
        "12.7": [
            (reading_with(others=lambda g, b, t: False), "'mixes' is missing"),
            (
                reading_with(others=lambda g, b, t: np.delete(g[:, t], b).any()),
                "another row reaches the answer, at another place than t",
            ),
            (reading_with(others=lambda g, b, t: g.any()), "own row is above 0"),
            (
                reading_with(others=lambda g, b, t: (np.delete(g, b, 0) > 1e-6).any()),
                "a gradient of 1e-9 is small and not 0",
            ),
            (
                reading_with(later=lambda g, b, t: g[b, t:].any()),
                "the place t itself is no future",
            ),
            (
                reading_with(later=lambda g, b, t: g[:, t + 1 :].any()),
                "a later place of another row is 'mixes'",
            ),
            (
                reading_with(later=lambda g, b, t: False),
                "a later place of its own row reaches",
            ),
            (
                reading_with(before=lambda g, b, t: not g[b, : t + 1].any()),
                "no place before t in its own row reaches",
            ),
            (
                reading_with(before=lambda g, b, t: not g[b, :t].any()),
                "there is nothing to forget",
            ),
            (
                reading_with(before=lambda g, b, t: t > 0 and not g[b, t - 1]),
                "an earlier place of its own row reaches",
            ),
            (
                reading_with(others=lambda g, b, t: other_rows(g[:5], b).any()),
                "'mixes' is missing",
            ),
            (
                reading_with(later=lambda g, b, t: g[b, t + 1 : 7].any()),
                "'leaks' is missing",
            ),
            (
                reading_with(others=lambda g, b, t: len(g) < 2 or g[b - 1 : b].any()),
                "'mixes' is",
            ),
            (lambda g, b, t: "mixes", "returned the text 'mixes'"),
            (lambda g, b, t: ["fine"], "says 'fine'; the words are"),
            (lambda g, b, t: 3, "returned 3; wanted is a set"),
        ],
    }
)


class TestClinic(Checkers):
    lesson, right, wrong = "12", RIGHT, WRONG

    def test_every_exercise_has_right_answers_wrong_ones_and_hints(self, items):
        mine = {e.id: e for e in items[0] if e.id in RIGHT}
        assert list(mine) == [e.id for e in questions_clinic.EXERCISES] == list(WRONG)
        assert all(len(e.hints) >= 2 for e in mine.values())

    def test_predictions_have_a_word_for_every_option(self, items):
        (mine,) = questions_clinic.PREDICTIONS
        assert mine in items[1]
        assert len(set(mine.feedback)) == len(set(mine.options)) == 3
