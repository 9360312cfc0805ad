"""Checker of lesson 11: attention one step at a time, with what it carries along."""

from __future__ import annotations

import numpy as np

from helpers.exercises.engine.compare import name_it
from helpers.exercises.engine.core import Wrong, call, close, same, shape_of

__all__ = ["attend_step", "check_attend_step"]


def attend_step(q, k, v, keys, values):
    keys, values = np.vstack([keys, k]), np.vstack([values, v])
    scores = keys @ q / len(q) ** 0.5
    weights = np.exp(scores - scores.max())
    return weights / weights.sum() @ values, keys, values


def _average(scores, values):
    weights = np.exp(scores - scores.max())
    return weights / weights.sum() @ values


def check_attend_step(answer):
    rng = np.random.default_rng(5)
    for S, K, V in ((4, 4, 4), (6, 2, 5), (0, 3, 3)):
        q, k, v = rng.normal(size=K), rng.normal(size=K), rng.normal(size=V)
        keys, values = rng.normal(size=(S, K)), rng.normal(size=(S, V))
        got = call(answer, q, k, v, keys, values, name="attend_step", unchanged=True)
        _one(got, q, k, v, keys, values)
    _large(answer)
    return "What it carries grows by K + V numbers a step; an LSTM's state never grows."


def _one(got, q, k, v, keys, values):
    if not isinstance(got, tuple | list) or len(got) != 3:
        raise Wrong("three things are wanted: the output, all keys and all values")
    (S, K), V = keys.shape, len(v)
    out, new_keys, new_values = got
    all_k, all_v = np.vstack([keys, k]), np.vstack([values, v])
    fits = all_k @ q
    mistakes = [
        (_average(fits, all_v), "the scores are not divided by √K"),
        (
            _average(fits / K, all_v),
            "the scores are divided by K; it is √K, the size that a product of K "
            "numbers has",
        ),
        (
            _average(fits / (S + 1) ** 0.5, all_v),
            "the scores are divided by the root of how many steps there are; it is √K, "
            "the length of a key",
        ),
        (
            fits / K**0.5 @ all_v,
            "these are sums weighted by the scores themselves: the softmax is missing",
        ),
        (all_v.mean(0), "that is the plain average: the query is not used"),
        (
            _average(all_k @ k / K**0.5, all_v),
            "you compare the keys with k; it is the query that asks",
        ),
    ]
    if K == V:
        what = "that is an average of the keys; of the values it should be"
        mistakes.append((_average(fits / K**0.5, all_k), what))
    if S:  # with itself alone any average is v
        what = "the step does not look at itself: add k and v before you look"
        mistakes.append((_average(keys @ q / K**0.5, values), what))
        name_it(out, mistakes, 1e-6)
    what = f"the output with {S} earlier steps"
    close(shape_of(out, {"V": V}, what), _average(fits / K**0.5, all_v), 1e-6, what)
    for name, now, before, want in (
        ("keys", new_keys, keys, all_k),
        ("values", new_values, values, all_v),
    ):
        if same(now, before, 1e-6):
            raise Wrong(f"the {name} you return lack this step's: the next needs them")
        if S and same(now, np.vstack([want[-1:], before]), 1e-6):
            raise Wrong(
                f"this step's stands first among the {name}: append it, so that row t "
                "belongs to step t"
            )
        close(now, want, 1e-6, f"the array of {name}")


def _large(answer):
    """Scores of a size at which exp overflows, or is 0 for all of them."""
    values = np.arange(8.0).reshape(4, 2)
    for scores in ((40000, 39999, 0, -40000), (-40000, -40001, -40003, -40000)):
        keys = np.array(scores, dtype=float)[:, None]  # K = 1, and the query is 1
        given = np.ones(1), keys[3], values[3], keys[:3], values[:3]
        got = call(answer, *given, name="attend_step", unchanged=True)
        if not isinstance(got, tuple | list) or len(got) != 3:
            raise Wrong("three things are wanted: the output, all keys and all values")
        what = f"the output for scores {', '.join(map(str, scores))}"
        out = shape_of(got[0], {"V": 2}, what)
        if not np.isfinite(out).all():
            raise Wrong(
                f"{what} is nan or inf: exp overflows, or is 0 for all of them. Take "
                "the largest score off all of them first; the weights are the same"
            )
        close(out, _average(keys[:, 0], values), 1e-4, what)
