"""Checkers of lesson 11: a convolution step by step, and how far a student is off."""

from __future__ import annotations

import numpy as np

from helpers.exercises.engine.compare import as_array, name_it
from helpers.exercises.engine.core import Wrong, call, close, same, shape_of

__all__ = ["check_conv_step", "check_distance", "conv_step", "distance"]


def conv_step(x, before, w, d):
    columns = np.concatenate([before, x[None]])  # the newest last
    now = len(before)
    y = sum(columns[now - j * d] @ w[j] for j in range(len(w)))
    return y, columns[1:]


def _case(rng, k, d, C=3, O=2):  # noqa: E741
    w = rng.standard_normal((k, C, O))
    return rng.standard_normal(C), rng.standard_normal(((k - 1) * d, C)), w, d


def _ys(x, before, w, d):
    """Return what a few plausible mistakes give for y."""
    n, k = len(before), len(w)
    columns = np.concatenate([before, x[None]])
    full = conv_step(x, before, w, d)[0]
    yield (
        "the kernel is the wrong way round: w[0] belongs to the present",
        sum(columns[n - j * d] @ w[k - 1 - j] for j in range(k)),
    )
    yield (
        "you take the last k inputs; with dilation d they lie d apart",
        sum(columns[n - j] @ w[j] for j in range(k)),
    )
    yield "the present x is missing from y, with w[0]", full - x @ w[0]
    yield "y holds the present alone: where is what is before?", x @ w[0]
    if k > 1:
        moved = columns[1:]
        yield (
            "you move the queue before you read it: everything is one step off",
            x @ w[0] + sum(moved[max(n - j * d, 0)] @ w[j] for j in range(1, k)),
        )
        turned = before[::-1]
        yield (
            "you read the queue from the wrong end: the oldest stands first",
            x @ w[0] + sum(turned[n - j * d] @ w[j] for j in range(1, k)),
        )
        yield (
            "you add up the inputs before with one weight: each has its own w[j]",
            x @ w[0] + sum(columns[n - j * d] for j in range(1, k)) @ w[1],
        )


def check_conv_step(answer):
    rng = np.random.default_rng(4)
    for k, d in ((3, 2), (2, 3), (2, 1), (3, 4), (1, 2)):
        x, before, *_ = case = _case(rng, k, d)
        got = call(answer, *case, name="conv_step", unchanged=True)
        if not isinstance(got, tuple | list) or len(got) != 2:
            raise Wrong("return two things: y, and the columns for the next step")
        y, after = as_array(got[0], "y"), as_array(got[1], "the columns")
        want_y, want_after = conv_step(*case)
        if not same(y, want_y):
            name_it(y, [(wrong, words) for words, wrong in _ys(*case)], 1e-6)
        at = f" (k = {k}, d = {d})"
        if len(before) and (y.shape, after.shape) == (before.shape, want_y.shape):
            raise Wrong("y comes first, then the columns")
        shape_of(y, {"O": 2}, "y" + at)
        close(y, want_y, 1e-6, "y" + at)
        if len(before) or after.size:
            _about_columns(x, before, after, at, k)
            close(after, want_after, 1e-6, "the columns" + at)
    return "The columns are this layer's hidden state; padding was its first value."


def _about_columns(x, before, after, at, k):
    n = len(before)
    if n and len(after) == n + 1:
        raise Wrong(
            f"you return {n + 1} columns{at}: one comes, and the oldest has to go, or "
            "the state grows for ever"
        )
    if n and len(after) == k - 1 < n:
        raise Wrong(
            f"you keep k − 1 = {k - 1} columns{at}; with dilation d the oldest that is "
            f"needed lies (k − 1) d = {n} back"
        )
    if not n and after.size:
        raise Wrong("with k = 1 nothing is kept: the columns stay (0, C)")
    shape_of(after, {"n": n, "C": before.shape[1]}, "the columns" + at)
    if n:
        slips = [
            (before, "the columns come back as they were: x has to join them"),
            (
                np.concatenate([x[None], before[:-1]]),
                "the oldest column stands first: x joins at the end",
            ),
            (
                np.concatenate([x[None], before[1:]]),
                "the oldest goes and x joins at the *end*",
            ),
            (
                np.concatenate([before[:-1], x[None]]),
                "you drop the newest before column; the oldest has to go",
            ),
        ]
        right = np.concatenate([before[1:], x[None]])
        name_it(after, [s for s in slips if not same(s[0], right)], 1e-6)


def distance(w, a):
    T = len(w)
    u = w - a * np.concatenate([[0], w[:-1]])  # x_t - a x_(t-1) = sum of u_k e_(t-k)
    times = T - np.arange(T)  # u_k has a part in T - k of the steps
    return -T * np.log(w[0]) - T / 2 + (times * u**2).sum() / 2


def _refuse_draws(answer, case, want):
    """Refuse a number that comes from a sample, another one at each call."""
    one, two = (
        as_array(call(answer, *case, name="distance"), "the distance") for _ in range(2)
    )
    numbers = one.shape == two.shape == () and np.isfinite([one, two]).all()
    if numbers and not same(one, two) and not same(one, want):
        raise Wrong(
            f"two calls with the same w and a give {one:.4g} and {two:.4g}: that is "
            "drawn from a sample; the sum of squared weights needs none"
        )


def check_distance(answer):
    rng = np.random.default_rng(2)
    for T, a in ((6, 0.7), (3, -0.5), (9, 0.9)):
        w = np.concatenate([[0.5 + rng.random()], 0.5 * rng.standard_normal(T - 1)])
        got = call(answer, w, a, name="distance", unchanged=True)
        want = distance(w, a)
        u = w - a * np.concatenate([[0], w[:-1]])
        turned = w - a * np.concatenate([w[1:], [0]])
        rolled = w - a * np.roll(w, 1)
        times, first = T - np.arange(T), -np.log(w[0])
        power = (times * u**2).sum() / 2
        summed = (u.cumsum() ** 2).sum() / 2
        _refuse_draws(answer, (w, a), want)
        name_it(
            got,
            [
                (want + T / 2, "it has to be 0 for the best student: the noise's own "
                 "part, T / 2, goes off"),
                (want - T * first, "the student's spread is missing: at equal fit, one "
                 "with a small w_0 is too sure, by −log w_0 a step"),
                (want - (T - 1) * first, "every step has its own −log w_0: T of them"),
                (want - 2 * T * first, "the sign of log w_0 is the other way round: a "
                 "narrow student is further off"),
                (T * first - T / 2 + T * (u**2).sum() / 2, "a noise of k steps ago is "
                 "heard in T − k of the steps, not in all T: the first have no past"),
                (T * first - T / 2 + summed, "you square the sum of the weights: of "
                 "independent noises the mean of a squared sum is the sum of squares"),
                (T * first - T / 2 + (times * rolled**2).sum() / 2, "x_(−1) is 0, so "
                 "e_t enters with w_0 alone; `np.roll` brings the last weight round to "
                 "the front"),
                (T * first - T / 2 + 2 * power, "the exponent of a normal density has "
                 "a half"),
                (T * first - T / 2 + (times * w**2).sum() / 2, "that is the power of "
                 "x; the teacher compares x_t with a x_(t−1)"),
                (T * first - T / 2 + (times * turned**2).sum() / 2, "the shift goes "
                 "the other way: a w_(k−1), not a w_(k+1)"),
                (T * first - T / 2 + (u**2).sum() / 2, "each squared weight counts "
                 "in every step that hears it: of k steps ago, in T − k of them"),
                (want / T, "that is for one step; asked is all T of them"),
                (want / np.log(2), "that is in bits; asked are nats"),
                (first - 1 / 2 + (u**2).sum() / 2, "that is for one step far from the "
                 "beginning; asked are the first T, which have less past"),
            ],
            1e-6,
        )  # fmt: skip
        got = shape_of(got, (), "the distance")
        if not same(got, want) and abs(got - want) < 0.03 * (1 + abs(want)):
            raise Wrong(
                f"near, but not exact: {got:.6g} where {want:.6g} is wanted (T = {T}, "
                f"a = {a}). A mean over draws comes near; no draw is needed"
            )
        close(got, want, 1e-6, f"the distance (T = {T}, a = {a})")
    best = float(as_array(call(answer, 0.6 ** np.arange(5), 0.6, name="distance")))
    if abs(best) > 1e-4:
        raise Wrong(f"for w_k = a^k the two are the same: 0 is wanted, got {best:.3g}")
    return "Exact, without a single draw: the oracle for any training by samples."
