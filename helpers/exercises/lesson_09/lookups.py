"""Checkers of lesson 09: a soft look-up, rows with nothing real, additive scores."""

from __future__ import annotations

import numpy as np

from helpers.exercises.engine.compare import as_array, name_it
from helpers.exercises.engine.core import Wrong, call, close, same, shape_of

__all__ = [
    "additive",
    "check_additive",
    "check_masked_weights",
    "check_soft_lookup",
    "masked_weights",
    "soft_lookup",
]


def _softmax(x, axis=-1):
    e = np.exp(x - x.max(axis, keepdims=True))
    return e / e.sum(axis, keepdims=True)


def soft_lookup(q, keys, values):
    scores = keys @ q / np.sqrt(len(q))
    weights = np.exp(scores - scores.max())
    weights /= weights.sum()
    return weights @ values


def check_soft_lookup(answer):
    rng = np.random.default_rng(0)
    q, keys, values = (
        rng.normal(size=4),
        rng.normal(size=(6, 4)),
        rng.normal(size=(6, 3)),
    )
    got = call(answer, q, keys, values, name="soft_lookup", unchanged=True)
    plain = keys @ q
    best = values[plain.argmax()]
    far = np.sqrt(((keys - q) ** 2).sum(1))
    name_it(
        got,
        [
            (_softmax(plain) @ values, "the scores are not scaled: divide by √K"),
            (_softmax(plain / 4) @ values, "divide by √K, not by K"),
            (_softmax(plain / np.sqrt(6)) @ values, "divide by the root of K, the size "
             "of a key; you took T, the number of keys"),
            (plain / 2 @ values, "the scores are no weights yet: softmax them"),
            (_softmax(plain / 2), "those are the weights: average the values"),
            (_softmax(plain / 2) @ keys[:, :3], "average the values, not the keys"),
            *((np.exp((plain - top) / 2) @ values, "the weights must sum to 1: divide "
               "by the sum") for top in (0, plain.max())),
            *((_softmax(-d / c) @ values, "dot products, not distances")
              for d in (far, far**2) for c in (1, 2)),
            (best, "that is a hard look-up, the value of the best key alone"),
            ((_softmax(plain / 2)[:, None] * values), "sum the weighted values"),
            (_softmax(plain / 2) @ values / 6, "the weights sum to 1 already: add, do "
             "not average once more"),
        ],
        1e-6,
    )  # fmt: skip
    shape_of(got, {"D": 3})
    close(got, soft_lookup(q, keys, values), 1e-6)
    high = call(answer, 5000 * q, keys, values, name="soft_lookup")
    if not np.isfinite(as_array(high)).all():
        raise Wrong("with large scores exp overflows: take the largest off first")
    close(high, best, 1e-4)
    keys, q = np.abs(keys), np.full(4, -5000.0)
    low = call(answer, q, keys, values, name="soft_lookup")
    if not np.isfinite(as_array(low)).all():
        raise Wrong(
            "with all scores far below 0 exp is 0 for each of them: take the largest "
            "off first, whatever its sign"
        )
    close(low, values[(keys @ q).argmax()], 1e-4, "your result, all scores far below 0")
    return "A look-up that can be differentiated: every value has a say."


def masked_weights(scores, real):
    low = np.where(real, scores, -np.inf)
    top = low.max(-1, keepdims=True)  # of what is real; -inf where nothing is
    e = np.exp(low - np.where(np.isfinite(top), top, 0))
    total = e.sum(-1, keepdims=True)
    return e / np.where(total > 0, total, 1)


def check_masked_weights(answer):
    rng = np.random.default_rng(0)
    scores = rng.normal(size=(3, 4))
    real = np.array([[1, 1, 0, 0], [1, 1, 1, 1], [0, 1, 0, 1]], dtype=bool)
    got = call(answer, scores, real, name="masked_weights", unchanged=True)
    want = masked_weights(scores, real)
    with np.errstate(invalid="ignore"):
        name_it(
            got,
            [
                (_softmax(scores), "padding still has weight: use `real`"),
                (_softmax(scores) * real, "set to 0 after the softmax, the weights of "
                 "a row no longer sum to 1"),
                (_softmax(scores * real), "a score of 0 is a score like any other, "
                 "exp(0) = 1: padding keeps its weight"),
                (masked_weights(scores, ~real), "the mask is the wrong way round: "
                 "`real` is True where a word stands"),
                (_softmax(np.where(real, scores, -np.inf), axis=0), "softmax along "
                 "each row: you took the columns"),
            ],
            1e-6,
        )  # fmt: skip
    shape_of(got, {"B": 3, "T": 4}, "your result")
    close(got, want, 1e-6, "your result")
    real[0] = False
    got = call(answer, scores, real, name="masked_weights")
    row = shape_of(got, (3, 4), "your result, with a row of nothing real,", "B T")[0]
    if np.isnan(row).any():
        raise Wrong("a row with nothing real gives nan, and nan spreads: want zeros")
    if same(row, np.full(4, 0.25), 1e-6) or same(row, _softmax(scores[0]), 1e-6):
        raise Wrong(
            "a row with nothing real spreads its weight over padding: want zeros"
        )
    close(row, np.zeros(4), 1e-9, "your result for a row with nothing real")
    high = call(answer, scores + 2000.0, np.ones((3, 4), bool), name="masked_weights")
    if not np.isfinite(as_array(high)).all():
        raise Wrong("with large scores exp overflows: take the largest off first")
    low = call(answer, scores - 2000.0, np.ones((3, 4), bool), name="masked_weights")
    if not same(low, _softmax(scores), 1e-3):  # float32 has lost some digits
        raise Wrong(
            "scores of -2000 come out otherwise than the same scores without it: "
            "softmax knows differences only"
        )
    _about_size(answer)
    return "Three libraries give three answers to the empty row; yours is torch's."


def _about_size(answer):
    """Whether what is under the mask, or in another row, takes part in the maximum."""
    scores = np.array([[0.0, 1, 2000, 5], [0, 1, 2, 3], [-2000, -1998, -2001, -1999]])
    real = np.array([[1, 1, 0, 0], [1, 1, 1, 1], [1, 1, 1, 1]], dtype=bool)
    want = masked_weights(scores, real)
    got = call(answer, scores, real, name="masked_weights")
    rows = shape_of(got, (3, 4), letters="B T")
    if not rows[0].any():
        raise Wrong(
            "take the largest of the *real* scores off: a large one under the mask "
            "makes all the others 0"
        )
    if not rows[2].any():
        raise Wrong(
            "take the largest of each row off: larger scores in another row make all "
            "of this one 0"
        )
    close(got, want, 1e-6, "your result, where a masked score is large,")
    scores = np.array([[-2000, -2001, 5, -3], [-5e4, -50001, 5, -3]])
    got = call(answer, scores, real[[0, 0]], name="masked_weights")
    if not same(got, masked_weights(scores, real[[0, 0]]), 1e-3):
        raise Wrong(
            "real scores of -2000, or -50000, beside padding come out otherwise than 0 "
            "would: what stands for padding has to lie far below them, at -inf or "
            "-1e9, and is never the largest that is taken off"
        )


def additive(s, h, W_q, W_k, v):
    return np.tanh(s @ W_q + h @ W_k) @ v


def check_additive(answer):
    rng = np.random.default_rng(0)
    s, h = rng.normal(size=5), rng.normal(size=(4, 6))
    W_q, W_k, v = rng.normal(size=(5, 3)), rng.normal(size=(6, 3)), rng.normal(size=3)
    given = s, h, W_q, W_k, v
    got = call(answer, *given, name="additive", unchanged=True)
    q, k = s @ W_q, h @ W_k
    name_it(
        got,
        [
            ((q + k) @ v, "without tanh it is linear: the query adds the same to every "
             "score, and changes no weight"),
            (np.tanh(q) @ v + np.tanh(k) @ v, "tanh goes over the sum; apart, the "
             "query adds the same to every score"),
            (np.tanh(q * k) @ v, "additive: query and key are added"),
            (_softmax(np.tanh(q + k) @ v), "those are weights; the scores come before "
             "the softmax"),
            (np.tanh(q + k).sum(1), "v is missing: it weighs the units"),
            (np.tanh(k) @ v, "the query has no say in yours"),
            (np.tanh((q + k) @ v), "tanh comes before v, on each unit"),
            (k @ q, "that is a dot product; additive attention adds"),
        ],
        1e-6,
    )  # fmt: skip
    shape_of(got, {"T": 4})
    close(got, additive(*given), 1e-6)
    return "h @ W_k knows nothing of the query: it is computed once a sentence."
