"""Connectionist temporal classification: the loss, by forward–backward in log space.

log_y: (B, T, K), log probabilities of K symbols in each of T frames; id 0 is the blank.
targets: ids (B, U) from 1 on, padded with 0 behind sizes (B,); lengths (B,): frames.
Source: A. Graves and others, ICML 2006; β without the emission at t, as in Graves 2012.
"""

from __future__ import annotations

from itertools import groupby, pairwise
from math import comb

import numpy as np

from helpers.guards import want_ids, want_lengths, want_shapes

__all__ = [
    "backward",
    "collapse",
    "count_paths",
    "ctc",
    "fewest_frames",
    "forward",
    "posteriors",
    "with_blanks",
]


def collapse(path):
    """Return what a path writes: repeats merged, then blanks left out."""
    return [int(k) for k, _ in groupby(path) if k != 0]


def repeats(target):
    """Count the neighbours in a target that are equal."""
    return sum(a == b for a, b in pairwise(target))


def fewest_frames(target):
    """Return how many frames a target needs: one a symbol, one more a repeat."""
    return len(target) + repeats(target)


def count_paths(T, target):
    """Return how many of the paths of T frames write this target."""
    U, r = len(target), repeats(target)
    return comb(T + U - r, T - U - r) if U + r <= T else 0


def with_blanks(targets):
    """Return z (B, S), S = 2U + 1: a blank before, between and behind the symbols."""
    want_shapes(targets=(targets, "B U"))
    B, U = targets.shape
    z = np.zeros((B, 2 * U + 1), dtype=int)
    z[:, 1::2] = targets
    return z


def _moves(a, z):
    """Log sum over the ways into each s: stay, one on, or two on, over a blank."""
    B, S = z.shape
    one, two = (np.full((B, S), -np.inf) for _ in range(2))
    one[:, 1:] = a[:, :-1]
    may = (z[:, 2:] != 0) & (z[:, 2:] != z[:, :-2])
    two[:, 2:] = np.where(may, a[:, :-2], -np.inf)
    return np.logaddexp(np.logaddexp(a, one), two)


def forward(log_y, z):
    """Return log α (B, T, S): all ways to be at z_s in frame t, its emission included.

    z: (B, S), of `with_blanks`.
    """
    emit = np.take_along_axis(log_y, z[:, None], axis=2)  # (B, T, S)
    alpha = np.full(emit.shape, -np.inf)
    alpha[:, 0, :2] = emit[:, 0, :2]
    for t in range(1, emit.shape[1]):
        alpha[:, t] = _moves(alpha[:, t - 1], z) + emit[:, t]
    return alpha


def backward(log_y, z, lengths, sizes):
    """Return log β (B, T, S): all ways to the end from z_s in frame t, without its own.

    A path ends in frame lengths - 1, in the last symbol or in the blank behind it.
    """
    emit = np.take_along_axis(log_y, z[:, None], axis=2)
    S, T = z.shape[1], emit.shape[1]
    s, n = np.arange(S), 2 * np.asarray(sizes)[:, None]
    end = np.where((s == n) | (s == n - 1), 0.0, -np.inf)  # (B, S)
    beta = np.full(emit.shape, -np.inf)
    for t in reversed(range(T)):
        if t + 1 < T:
            after = beta[:, t + 1] + emit[:, t + 1]
            beta[:, t] = _moves(after[:, ::-1], z[:, ::-1])[:, ::-1]
        beta[:, t] = np.where(t == np.asarray(lengths)[:, None] - 1, end, beta[:, t])
    return beta


def posteriors(log_y, z, alpha, beta):
    """Return log P (B,) and γ (B, T, K): how much each frame is used for each symbol.

    γ is 0 where a target is impossible, and behind a recording's last frame.
    """
    both = alpha + beta
    log_P = np.logaddexp.reduce(both[:, 0], axis=1)
    shift = np.where(np.isfinite(log_P), log_P, 0)[:, None, None]
    gamma = np.zeros(log_y.shape)
    b, t = np.ogrid[: both.shape[0], : both.shape[1]]
    for s in range(z.shape[1]):
        gamma[b, t, z[:, s, None]] += np.exp(both[:, :, s] - shift[..., 0])
    return log_P, gamma


def ctc(log_y, targets, lengths=None, sizes=None):
    """Return the loss -log P (B,) in nats and γ (B, T, K); ∂loss/∂log y is -γ.

    The derivative with respect to logits is their softmax minus γ, in the frames of a
    recording. lengths, sizes: by default all frames, and all symbols that are not 0. An
    impossible target has the loss inf. ValueError for shapes, ids and lengths that do
    not fit.
    """
    want_shapes(log_y=(log_y, "B T K"), targets=(targets, "B U"))
    want_ids(log_y.shape[2], targets=targets)
    B, T, _ = log_y.shape
    lengths = np.full(B, T) if lengths is None else np.asarray(lengths)
    sizes = (np.asarray(targets) != 0).sum(1) if sizes is None else np.asarray(sizes)
    want_lengths(lengths, log_y[..., 0])
    _want_targets(targets, sizes)
    z = with_blanks(targets)
    alpha = forward(log_y, z)
    beta = backward(log_y, z, lengths, sizes)
    log_P, gamma = posteriors(log_y, z, alpha, beta)
    return -log_P, gamma


def _want_targets(targets, sizes):
    """Refuse blanks within a target, or symbols behind its end."""
    real = np.arange(targets.shape[1]) < sizes[:, None]
    if ((np.asarray(targets) != 0) != real).any():
        raise ValueError(
            "targets: want ids from 1 on in the first sizes[b] places of row b, and 0, "
            "the blank, behind them"
        )
