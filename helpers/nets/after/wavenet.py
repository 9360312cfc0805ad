"""WaveNet: causal convolutions whose past is a state, in gated blocks."""

from __future__ import annotations

import torch
from torch import nn

from helpers.guards import want_ids, want_shapes, want_sizes

__all__ = ["Block", "CausalConv", "WaveNet", "receptive_field"]


def receptive_field(layers):
    """Return how many inputs one output hears, its own place included.

    layers: pairs (k, d), kernel and dilation, one for every convolution on the way.
    """
    _want_layers(layers)
    return 1 + sum((k - 1) * d for k, d in layers)


class CausalConv(nn.Module):
    """A convolution that hears no later input: x (B, C, T) → y (B, O, T), state.

    state: the last (k - 1) d inputs, (B, C, (k - 1) d); zeros unless given.
    """

    def __init__(self, C, O, k=2, d=1):  # noqa: E741
        want_sizes(C=C, O=O, k=k, d=d)
        super().__init__()
        self.reach = (k - 1) * d
        self.conv = nn.Conv1d(C, O, k, dilation=d)

    def forward(self, x, state=None):
        want_shapes(x=(x, "B C T"), state=(state, f"B C {self.reach}"))
        if state is None:
            state = x.new_zeros(len(x), x.shape[1], self.reach)
        x = torch.cat([state, x], dim=2)
        return self.conv(x), x[:, :, x.shape[2] - self.reach :]


class Block(nn.Module):
    """A gated block: x (B, C, T), state → x (B, C, T), what it says (B, C, T), state.

    told: (B, 2C, T), or None; is added before tanh and gate (A. van den Oord and
    others 2016, equations 2 and 3).
    """

    def __init__(self, C, k=2, d=1, conv=CausalConv):
        super().__init__()
        self.conv = conv(C, 2 * C, k, d)
        self.out = nn.Conv1d(C, 2 * C, 1)

    def forward(self, x, state=None, told=None):
        a, state = self.conv(x, state)
        if told is not None:
            a = a + told
        u, v = a.chunk(2, dim=1)
        z = torch.tanh(u) * torch.sigmoid(v)
        more, skip = self.out(z).chunk(2, dim=1)
        return x + more, skip, state


class WaveNet(nn.Module):
    """Logits of what comes next: ids (B, T), state → (B, T, V), state.

    dilations: one block each. kinds: how many things it may be told; then `kind`, ids
    (B, T), says what the *next* output is to be. The state is a tuple, a part for each
    block, and fits helpers.nets.language_models.train_lm.
    """

    def __init__(self, V, C, dilations, k=2, kinds=0, conv=CausalConv):
        want_sizes(V=V, C=C)
        super().__init__()
        self.dilations, self.k = tuple(dilations), k
        self.embed = nn.Embedding(V, C)
        self.blocks = nn.ModuleList(Block(C, k, d, conv) for d in dilations)
        self.told = nn.Embedding(kinds, 2 * C * len(self.blocks)) if kinds else None
        layers = nn.ReLU(), nn.Conv1d(C, C, 1), nn.ReLU(), nn.Conv1d(C, V, 1)
        self.out = nn.Sequential(*layers)

    def forward(self, ids, state=None, kind=None):
        want_shapes(ids=(ids, "B T"), kind=(kind, "B T"))
        want_ids(self.embed.num_embeddings, ids=ids)
        n, total, states = len(self.blocks), 0, []
        x = self.embed(ids).transpose(1, 2)  # (B, C, T)
        told = [None] * n
        if kind is not None:
            told = self.told(kind).transpose(1, 2).chunk(n, dim=1)
        parts = zip(self.blocks, state or [None] * n, told, strict=True)
        for block, before, words in parts:
            x, skip, after = block(x, before, words)
            states.append(after)
            total = total + skip
        return self.out(total).transpose(1, 2), tuple(states)

    def step(self, ids, state=None, kind=None):
        """Return the logits (B, V) after one more input each, ids (B,), and a state."""
        kind = None if kind is None else kind[:, None]
        logits, state = self(ids[:, None], state, kind)
        return logits[:, 0], state


def _want_layers(layers):
    """Refuse what is not pairs (k, d); return None."""
    for k, d in layers:
        want_sizes(k=k, d=d)
