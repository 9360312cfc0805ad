"""Self-attention: every step looks at every step, or only at those before it."""

from __future__ import annotations

import torch
from torch import nn

from helpers.guards import want_shapes, want_sizes

__all__ = ["Attention", "self_attention"]


def self_attention(q, k, v, causal=False):
    """Return (…, T, V): at each step an average of v, by how its query fits the keys.

    q: (…, T, K), k: (…, S, K), v: (…, S, V). causal: a step looks at itself and at what
    came before; T and S are then the same.
    Source: Vaswani et al. 2017, Attention is all you need, section 3.2.1.
    """
    want_shapes(q=(q, "... T K"), k=(k, "... S K"), v=(v, "... S V"))
    scores = q @ k.mT / q.shape[-1] ** 0.5  # (…, T, S): who asks, who is asked
    if causal:
        future = torch.ones_like(scores, dtype=torch.bool).triu(diagonal=1)
        scores = scores.masked_fill(future, -torch.inf)
    return scores.softmax(dim=-1) @ v


class Attention(nn.Module):
    """Causal self-attention of one head, with weights for queries, keys and values.

    Its state while it generates: all keys and values so far.
    """

    def __init__(self, C):
        want_sizes(C=C)
        super().__init__()
        self.q, self.k, self.v, self.out = (nn.Linear(C, C) for _ in range(4))

    def forward(self, x):
        """Return (B, T, C) for x (B, T, C)."""
        return self.out(self_attention(self.q(x), self.k(x), self.v(x), causal=True))

    def first(self, x):
        """Return the state before the first step, for x (B, C) of it: no keys yet."""
        return x.new_zeros(len(x), 0, x.shape[1]), x.new_zeros(len(x), 0, x.shape[1])

    def step(self, x, state):
        """Return the output (B, C) for one input (B, C), and the state after it."""
        keys, values = state
        keys = torch.cat([keys, self.k(x)[:, None]], dim=1)
        values = torch.cat([values, self.v(x)[:, None]], dim=1)
        found = self_attention(self.q(x)[:, None], keys, values)[:, 0]
        return self.out(found), (keys, values)
