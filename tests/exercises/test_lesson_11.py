"""The checkers of lesson 11: right answers, other right answers, named mistakes."""

import math

import numpy as np
import pytest
import torch
from checkers import Checkers
from lesson_11_after import RIGHT, WRONG

from helpers.exercises.engine import registry
from helpers.exercises.engine.core import Wrong
from helpers.exercises.lesson_11.cached import conv_step, distance
from helpers.exercises.lesson_11.hearing import blocks_for, hears_ahead

BY_ID = {exercise.id: exercise for exercise in registry.lesson_items("11")[0]}


def by_logarithm(R, k, each):
    return math.ceil(math.log2((R - 1) / (each * (k - 1)) + 1) - 1e-12)


def as_tensor(R, k, each):
    return torch.tensor(blocks_for(R, k, each))


def counted(gain, start=1, above=False):
    def answer(R, k, each):
        blocks, heard = 0, start
        while heard < R or (above and heard == R):
            heard += gain(k, each, blocks)
            blocks += 1
        return blocks

    return answer


def last_alone(R, k, each):
    blocks = 0
    while 1 + (each * (k - 1) * 2 ** (blocks - 1) if blocks else 0) < R:
        blocks += 1
    return blocks


def by_perturbation(f, T, D):
    rng, furthest = np.random.default_rng(1), 0
    x = rng.standard_normal((T, D))
    before = np.asarray(f(x))
    for s in range(T):
        other = x.copy()
        other[s] += 1 + rng.random(D)
        moved = np.abs(np.asarray(f(other)) - before).max(1) > 1e-9
        if moved.any():
            furthest = max(furthest, s - int(moved.argmax()))
    return furthest


def poisoned(f, T, D, rows=None, row_of=lambda y: y.any(1), gap=None):
    furthest = 0
    for s in range(T) if rows is None else rows(T):
        x = np.zeros((T, D))
        x[s] = np.nan
        heard = np.flatnonzero(row_of(np.isnan(f(x))))
        if len(heard):
            furthest = max(furthest, gap(s, heard) if gap else s - int(heard[0]))
    return furthest


def never_fresh(f, T, D):
    x, furthest = np.zeros((T, D)), 0
    for s in range(T):
        x[s] = np.nan
        furthest = max(furthest, s - int(np.flatnonzero(np.isnan(f(x)).any(1))[0]))
    return furthest


def by_loops(x, before, w, d):
    k, C, N = w.shape
    y = np.zeros(N)
    for j in range(k):
        column = x if j == 0 else before[len(before) - j * d]
        for c in range(C):
            y = y + column[c] * w[j, c]
    return y, np.vstack([before, x])[1:]


def in_torch(x, before, w, d):
    columns = torch.cat([torch.tensor(before), torch.tensor(x)[None]])
    seen = columns.flip(0)[::d][: len(w)]
    return torch.einsum("kc,kco->o", seen, torch.tensor(w)), columns[1:]


def step(y=None, after=None):
    def answer(x, before, w, d):
        columns = np.concatenate([before, x[None]])
        right = conv_step(x, before, w, d)
        return (
            right[0] if y is None else y(x, before, w, d, columns),
            right[1] if after is None else after(x, before),
        )

    return answer


def cut_to_nothing(x, before, w, d):
    n = len(before)
    return conv_step(x, before, w, d)[0], np.concatenate([before, x[None]])[-n:]


def in_place(x, before, w, d):
    y, after = conv_step(x, before, w, d)
    before[:] = after
    return y, before


def by_matrix(w, a):
    T = len(w)
    L = np.zeros((T, T))
    for k in range(T):
        L += np.diag(np.full(T - k, w[k]), -k)
    A = np.eye(T) - a * np.eye(T, k=-1)
    S = A @ L @ L.T @ A.T
    return (np.trace(S) - T - np.linalg.slogdet(S)[1]) / 2


def by_torch(w, a):
    w = torch.as_tensor(w)
    T, u = len(w), w.clone()
    u[1:] -= a * w[:-1]
    return -T * w[0].log() - T / 2 + (u**2).cumsum(0).sum() / 2


def far(own=1, noise=1, half=0.5, u=None, times=None):
    def answer(w, a):
        T = len(w)
        ahead = (u or (lambda w, a: w - a * np.append(0, w[:-1])))(w, a)
        parts = T - np.arange(T) if times is None else times
        return -T * own * np.log(w[0]) - noise * T / 2 + half * (parts * ahead**2).sum()

    return answer


def drawn(n, seed=None):
    """The distance with the mean over n draws in place of the exact one."""

    def answer(w, a):
        T, rng = len(w), np.random.default_rng(seed)
        L = np.array([np.convolve(w, np.eye(T)[t])[:T] for t in range(T)])
        x = rng.standard_normal((n, T)) @ L
        gone = x - a * np.pad(x, ((0, 0), (1, 0)))[:, :-1]
        return -T * np.log(w[0]) - T / 2 + (gone**2).mean(0).sum() / 2

    return answer


def squared_sum(w, a):
    u = w - a * np.append(0, w[:-1])
    return far(half=0)(w, a) + (u.cumsum() ** 2).sum() / 2


class TestLesson11(Checkers):
    lesson = "11"
    count = 8
    right = {  # noqa: RUF012
        "11.1": [by_logarithm, as_tensor],
        "11.2": [by_perturbation, lambda f, T, D: np.int64(hears_ahead(f, T, D))],
        "11.3": [by_loops, in_torch],
        "11.4": [by_matrix, by_torch],
        **RIGHT,
    }
    wrong = {  # noqa: RUF012
        "11.1": [
            (lambda R, k, each: blocks_for(R, k, 1), "`each` convolutions"),
            (counted(lambda k, e, i: e * k * 2**i), "you count k d"),
            (counted(lambda k, e, i: e * (k - 1) * 2**i, start=0), "its own place"),
            (last_alone, "the dilation of the last block"),
            (counted(lambda k, e, i: e * (k - 1) * 2 ** (i + 1)), "begin with 2"),
            (counted(lambda k, e, i: e * (k - 1) * 2**i, above=True), "met exactly"),
            (counted(lambda k, e, i: e * (k - 1)), "do not grow"),
            (lambda R, k, e: e * blocks_for(R, k, e), "asked are blocks"),
            (lambda R, k, e: max(0, blocks_for(R, k, e) - 1), "one too few"),
            (lambda R, k, e: 7, "yours says 7 block"),
            (lambda R, k, e: 2.5, "one whole number"),
        ],
        "11.2": [
            (lambda f, T, D: -hears_ahead(f, T, D), "other way round"),
            (lambda f, T, D: int(hears_ahead(f, T, D) > 0), "asked is how many"),
            (lambda f, T, D: hears_ahead(f, T, D) + 1, "the present counts 0"),
            (lambda f, T, D: poisoned(f, T, D, lambda T: [T - 1]), "every row in turn"),
            (lambda f, T, D: poisoned(f, T, D, row_of=lambda y: y[:, 0]), "columns"),
            (lambda f, T, D: poisoned(f, T, D, row_of=lambda y: y.all(1)), "columns"),
            (
                lambda f, T, D: poisoned(
                    f, T, D, gap=lambda s, heard: int(abs(heard - s).max())
                ),
                "is no leak",
            ),
            (never_fresh, "fresh x each time"),
            (lambda f, T, D: 0, "it is 2"),
        ],
        "11.3": [
            (
                step(lambda x, b, w, d, c: conv_step(x, b, w[::-1], d)[0]),
                "wrong way round",
            ),
            (
                step(
                    lambda x, b, w, d, c: sum(
                        c[len(b) - j] @ w[j] for j in range(len(w))
                    )
                ),
                "they lie d apart",
            ),
            (
                step(lambda x, b, w, d, c: conv_step(0 * x, b, w, d)[0]),
                "the present x is missing",
            ),
            (step(lambda x, b, w, d, c: x @ w[0]), "the present alone"),
            (
                step(
                    lambda x, b, w, d, c: (
                        x @ w[0]
                        + sum(
                            c[1:][max(len(b) - j * d, 0)] @ w[j]
                            for j in range(1, len(w))
                        )
                    )
                ),
                "one step off",
            ),
            (
                step(lambda x, b, w, d, c: conv_step(x, b[::-1], w, d)[0]),
                "from the wrong end",
            ),
            (
                step(after=lambda x, b: np.concatenate([b, x[None]])),
                "the oldest has to go",
            ),
            (step(after=lambda x, b: b), "as they were"),
            (
                step(after=lambda x, b: np.concatenate([x[None], b[:-1]])),
                "joins at the end",
            ),
            (
                step(after=lambda x, b: np.concatenate([b[:-1], x[None]])),
                "drop the newest",
            ),
            (cut_to_nothing, "with k = 1 nothing is kept"),
            (in_place, "in place"),
            (lambda x, b, w, d: conv_step(x, b, w, d)[0], "return two things"),
        ],
        "11.4": [
            (far(noise=0), "it has to be 0"),
            (far(own=0), "spread is missing"),
            (lambda w, a: far(own=0)(w, a) - np.log(w[0]), "every step has its own"),
            (far(own=-1), "other way round"),
            (
                lambda w, a: far(times=np.full(len(w), len(w)))(w, a),
                "heard in T − k of the steps",
            ),
            (far(half=1), "has a half"),
            (far(times=1), "in every step that hears it"),
            (far(u=lambda w, a: w), "the power of x"),
            (far(u=lambda w, a: w - a * np.append(w[1:], 0)), "the shift"),
            (lambda w, a: distance(w, a) / len(w), "for one step"),
            (lambda w, a: distance(w, a) / np.log(2), "in bits"),
            (squared_sum, "you square the sum of the weights"),
            (far(u=lambda w, a: w - a * np.roll(w, 1)), "round to the front"),
            (drawn(1000), "two calls with the same w and a give"),
            (drawn(100_000, seed=0), "near, but not exact"),
            (lambda w, a: float("nan"), "contains nan"),
        ],
        **WRONG,
    }


@pytest.mark.parametrize("T", [1, 2, 7])
def test_the_distance_is_that_of_two_normal_densities(T):
    rng = np.random.default_rng(T)
    w = np.concatenate([[0.3 + rng.random()], rng.standard_normal(T - 1)])
    assert distance(w, 0.6) == pytest.approx(by_matrix(w, 0.6))
    assert distance(0.6 ** np.arange(T), 0.6) == pytest.approx(0, abs=1e-12)
    assert distance(w, 0.6) > 0


def test_a_message_about_steps_ahead_is_true_of_the_answer():
    with pytest.raises(Wrong, match=r"padding on both sides.*yours says 1.*it is 2"):
        BY_ID["11.2"].check(lambda f, T, D: min(1, hears_ahead(f, T, D)) * (T > 11))
