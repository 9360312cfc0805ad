"""The best that CTC can do without listening: one output for all frames."""

from __future__ import annotations

import numpy as np

from helpers.guards import want_ids, want_shapes, want_sizes
from helpers.writing.ctc import ctc

__all__ = ["best_deaf"]


def best_deaf(lengths, targets, K, rounds=60):
    """Return (y, loss): the one distribution (K,) for every frame that is best for CTC.

    lengths: (B,), frames of each recording; targets: ids (B, U), padded with 0. The
    loss is the mean in nats. It is the level on which a net stays that knows how many
    symbols come, and not which: the all-blank plateau. Each round sets y to the mean of
    γ (expectation–maximisation), so the loss never rises.
    """
    want_shapes(lengths=(lengths, "B"), targets=(targets, "B U"))
    want_sizes(K=K, rounds=rounds)
    want_ids(K, targets=targets)
    y = np.full(K, 1 / K)
    for _ in range(rounds):
        log_y = np.broadcast_to(np.log(y), (len(lengths), int(max(lengths)), K))
        loss, gamma = ctc(log_y, targets, lengths)
        used = gamma.sum((0, 1)) + 1e-12
        y = used / used.sum()
    return y, float(loss.mean())
