"""Attention as a weighted average: scores of keys, weights, and what is looked up."""

from __future__ import annotations

import math

import torch

from helpers.guards import want_shapes

__all__ = [
    "additive_scores",
    "attend",
    "dot_scores",
    "entropy",
    "key_covariance",
    "scaled_dot_scores",
    "weights_of",
]


def dot_scores(q, keys):
    """Return (…, T): the product of a query (…, K) with each of keys (…, T, K).

    Source: Luong et al. 2015, Effective approaches to attention, eq. 8.
    """
    _want_keys(q, keys)
    return (keys @ q[..., None])[..., 0]


def scaled_dot_scores(q, keys):
    """Return (…, T): `dot_scores` divided by √K, so that their size is not K's.

    Source: Vaswani et al. 2017, Attention is all you need, section 3.2.1.
    """
    return dot_scores(q, keys) / q.shape[-1] ** 0.5


def additive_scores(q, keys, v):
    """Return (…, T): v · tanh(q + key), for q (…, K), keys (…, T, K) and v (K,).

    q and keys are projected already: the keys once a sentence, q at each step. Source:
    Bahdanau et al. 2015, Neural machine translation by jointly learning to align and
    translate, appendix A.1.2.
    """
    _want_keys(q, keys)
    want_shapes(v=(v, f"{q.shape[-1]}"))
    return torch.tanh(q[..., None, :] + keys) @ v


def weights_of(scores, real=None, fill=-math.inf):
    """Return weights (…, T), each row at least 0 with sum 1: the softmax of scores.

    real: bools (…, T), False for what may not be looked at: its score becomes `fill`. A
    row with nothing real gives nan with -inf, and 1 / T everywhere with -1e9.
    """
    _want_bools(scores, real)
    if real is not None:
        scores = scores.masked_fill(~real, fill)
    return scores.softmax(-1)


def attend(scores, values, real=None):
    """Return the context (…, D) and the weights (…, T): what is looked up, and where.

    The context is the average of values (…, T, D) under `weights_of` the scores.
    """
    want_shapes(scores=(scores, "... T"))
    want_shapes(values=(values, f"... {scores.shape[-1]} D"))
    weights = weights_of(scores, real)
    context = (weights[..., None, :] @ values)[..., 0, :]
    return context, weights


def entropy(weights):
    """Return (…,), nats: 0 if all weight is on one word, ln T if all T have the same.

    weights: (…, T), each row with sum 1; a weight of 0 counts as 0.
    """
    want_shapes(weights=(weights, "... T"))
    return torch.special.entr(weights).sum(-1)


def key_covariance(weights, keys):
    """Return (…, K, K): the covariance of keys (…, T, K) under the weights (…, T).

    It is the derivative of the context with respect to the query, if the scores are
    dot products and the values are the keys.
    """
    want_shapes(weights=(weights, "... T"))
    want_shapes(keys=(keys, f"... {weights.shape[-1]} K"))
    mean = (weights[..., None, :] @ keys)[..., 0, :]
    away = keys - mean[..., None, :]
    return away.mT @ (weights[..., None] * away)


def _want_keys(q, keys):
    """Refuse keys that are not as long as the query; what is ahead may be broadcast."""
    want_shapes(q=(q, "... K"))
    want_shapes(keys=(keys, f"... T {q.shape[-1]}"))


def _want_bools(scores, real):
    """Refuse a mask that is no bools, or not one for each score; return None."""
    if real is None:
        return
    if getattr(real, "dtype", None) is not torch.bool:
        came = getattr(real, "dtype", type(real).__name__)
        raise ValueError(f"real: got {came}, want bools, True for what may be seen")
    want_shapes(scores=(scores, "... T"))
    want_shapes(real=(real, f"... {scores.shape[-1]}"))
