"""Checker of lesson 12: how well a net does that hears nothing."""

from __future__ import annotations

import numpy as np

from helpers.exercises.engine.compare import name_it
from helpers.exercises.engine.core import call, close, shape_of

__all__ = ["blind_level", "check_blind_level"]


def blind_level(y):
    total = 0.0
    for column in np.asarray(y).T:
        _, counts = np.unique(column[column != -1], return_counts=True)
        total -= (counts * np.log(counts / counts.sum())).sum()
    return total / (np.asarray(y) != -1).sum()


def _entropy(values):
    p = np.unique(values, return_counts=True)[1] / len(values)
    return -(p * np.log(p)).sum()


def _targets(rng, N, T, V):
    """Return targets (N, T): letters change with the place, the last place is empty.

    Before it -1 stands behind, in front and within rows.
    """
    chances = rng.dirichlet(np.full(V, 0.4), T)
    y = np.array([[rng.choice(V, p=p) for p in chances] for _ in range(N)])
    y[np.arange(T) >= rng.integers(1, T, N)[:, None]] = -1
    y[: N // 3, 0] = -1
    y[N // 3 : N // 2, 1] = -1
    return y


def check_blind_level(answer):
    rng = np.random.default_rng(0)
    for N, T, V in ((40, 6, 5), (60, 4, 9)):
        y = _targets(rng, N, T, V)
        got = call(answer, y, name="blind_level", unchanged=True)
        _named(got, y, V)
        shape_of(got, (), "the level")
        close(got, blind_level(y), 1e-6, "the level")
    sure = np.array([[3, 1, -1], [3, 1, -1], [3, -1, -1]])
    close(
        call(answer, sure, name="blind_level"), 0.0, 1e-6, "the level of sure targets"
    )
    return "A run that stands still at this level hears nothing; below it, it listens."


def _named(got, y, V):
    there = y != -1
    columns = [c[c != -1] for c in y.T if (c != -1).any()]
    each = np.array([_entropy(c) for c in columns])
    n = np.array([len(c) for c in columns])
    want = (n * each).sum() / n.sum()
    with_pads = np.mean([_entropy(c) for c in y.T])
    pooled = _entropy(y[there])
    wrong = np.mean(
        [1 - np.unique(c, return_counts=True)[1].max() / len(c) for c in columns]
    )
    best = np.array(
        [-np.log(np.unique(c, return_counts=True)[1].max() / len(c)) for c in columns]
    )
    name_it(
        got,
        [
            (
                pooled,
                "that is the entropy of all targets in one heap; the net counts the "
                "places and may answer differently at each",
            ),
            (
                each.mean(),
                "every place counts the same in yours; the loss is a mean over "
                "targets, and late places have few of them",
            ),
            (
                with_pads,
                "you count -1 as if it were a letter: there is no target",
            ),
            (
                _entropy(y.ravel()),
                "that is one heap, with -1 as a letter in it; leave -1 out, and take "
                "each place for itself",
            ),
            (
                (n * each).sum() / y.size,
                "you divide by all places, those without a target included",
            ),
            (each.sum(), "that is the sum over the places; the loss is a mean"),
            ((n * each).sum(), "that is the sum of all losses; divide by the targets"),
            (
                want / np.log(2),
                "that is in bits; the loss is in nats (natural logarithm)",
            ),
            (np.log(V), "that is ln V: a net that has learnt nothing, not even counts"),
            (wrong, "that is a share of errors; wanted is a loss, a mean of -ln p"),
            (
                (n * best).sum() / n.sum(),
                "you take -ln p of the commonest letter only; the others come, "
                "too, and cost more",
            ),
            (-want, "the sign: -ln p is above 0"),
        ],
        1e-6,
    )
