"""What a decoder is fed: the truth, its own words, or one wrong word (lesson 08)."""

from __future__ import annotations

import math

import torch

from helpers.data.batching import Coder
from helpers.guards import want_shapes, want_steps

__all__ = ["after_error", "feed", "inverse_sigmoid", "linear"]


def feed(step, state, fed, forced):
    """Return logits (B, S, V): each step is fed the truth where it is forced.

    fed: (B, S), the true inputs, BOS first; forced: (B, S), bools. Where False, a step
    is fed what the one before it found most probable; the first is always forced.
    """
    want_shapes(fed=(fed, "B S"), forced=(forced, "B S"))
    want_steps(fed=fed)
    ids, logits = fed[:, 0], []
    for t in range(fed.shape[1]):
        if t > 0:
            ids = torch.where(forced[:, t], fed[:, t], logits[-1].argmax(1))
        scores, state = step(ids, state)
        logits.append(scores)
    return torch.stack(logits, dim=1)


@torch.no_grad()
def after_error(model, source, lengths, targets, at, wrong):
    """Return ids (B, S): what is written when one of the tokens fed is another one.

    The model is fed the true targets (B, S) before step ``at``, then ``wrong`` (B,) in
    the place of token ``at``, and its own tokens from there on.
    """
    want_shapes(targets=(targets, "B S"), wrong=(wrong, "B"))
    want_steps(targets=targets)
    _want_place(at, targets.shape[1])
    state, written = model.encode(source, lengths), []
    ids = torch.full((len(source),), Coder.BOS)
    for t in range(targets.shape[1]):
        logits, state = model.step(ids, state)
        written.append(logits.argmax(1))
        ids = targets[:, t] if t < at else wrong if t == at else written[-1]
    return torch.stack(written, dim=1)


def _want_place(at, S):
    if at not in range(S):
        raise ValueError(f"at: a place from 0 to {S - 1} wanted, got {at!r}")


def linear(step, steps):
    """Return 1 at step 0, falling evenly to 0 at ``steps``, and 0 from there on."""
    return max(0.0, 1 - step / steps)


def inverse_sigmoid(step, k):
    """Return k / (k + exp(step / k)): near 1 at first, ½ at step k ln k, then to 0.

    Source: Bengio et al. 2015, Scheduled sampling, section 2.4.
    """
    return k / (k + math.exp(min(step / k, 500)))
