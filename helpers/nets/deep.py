"""Networks that read in both directions and in several layers (lesson 06)."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from helpers.guards import want_ids, want_lengths, want_shapes, want_sizes

__all__ = ["DIRECTIONS", "Stack", "Tagger", "bidirectional", "final_states", "reverse"]

DIRECTIONS = ("forward", "backward", "both")


def reverse(x, lengths):
    """Turn the real part of every row of x (B, T, ...) around; padding stays behind.

    x: an array or a tensor; lengths: (B,), 1 … T. Doing it twice gives x back.
    """
    want_lengths(lengths, x)
    t, n = np.arange(x.shape[1]), np.asarray(lengths)[:, None]
    source = np.where(t < n, n - 1 - t, t)  # (B, T)
    return x[np.arange(len(x))[:, None], source]


def bidirectional(ahead, back, X, lengths):
    """Outputs (B, T, 2H) of two nets, one of which reads every row from its end.

    ahead, back: functions from (B, T, D) to states (B, T, H); X: (B, T, D); lengths:
    (B,). Schuster and Paliwal 1997.
    """
    forward = ahead(X)
    backward = reverse(back(reverse(X, lengths)), lengths)
    return np.concatenate([forward, backward], axis=-1)


def final_states(outputs, lengths):
    """What each direction holds when it has read all: (B, 2H) of outputs (B, T, 2H).

    outputs and lengths (B,) are tensors.
    """
    want_shapes(outputs=(outputs, "B T K"), lengths=(lengths, "B"))
    want_lengths(lengths, outputs)
    H = outputs.shape[2] // 2
    last = outputs[torch.arange(len(outputs)), lengths - 1]
    return torch.cat([last[:, :H], outputs[:, 0, H:]], dim=1)


class Tagger(nn.Module):
    """Answers at every token: ids (B, T) and lengths (B,) → scores (B, T, K).

    LSTM layers over an embedding of 16 numbers. direction: one of DIRECTIONS; with
    "both" the last layer has 2 * hidden outputs a step. dropout: between the layers.
    """

    def __init__(self, vocab, tags, hidden, *, direction="both", layers=1, dropout=0.0):
        want_sizes(vocab=vocab, tags=tags, hidden=hidden, layers=layers)
        want_direction(direction)
        super().__init__()
        self.direction, ways = direction, 1 + (direction == "both")
        self.embed = nn.Embedding(vocab, 16)
        options = {"batch_first": True, "dropout": dropout}
        self.rnn = nn.LSTM(16, hidden, layers, bidirectional=ways == 2, **options)
        self.out = nn.Linear(ways * hidden, tags)

    def states(self, ids, lengths):
        """What the last layer holds at every step: (B, T, H), or (B, T, 2H)."""
        want_shapes(ids=(ids, "B T"), lengths=(lengths, "B"))
        want_ids(self.embed.num_embeddings, ids=ids)
        want_lengths(lengths, ids)
        x = self.embed(ids)
        if self.direction == "backward":
            x = reverse(x, lengths)
        real = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
        h, _ = self.rnn(real)
        h, _ = pad_packed_sequence(h, batch_first=True, total_length=ids.shape[1])
        return reverse(h, lengths) if self.direction == "backward" else h

    def forward(self, ids, lengths):
        return self.out(self.states(ids, lengths))


class Stack(nn.Module):
    """Layers of LSTM on top of one another: x (B, T, H) → outputs of all, a list.

    The list begins with x and has layers + 1 tensors (B, T, H). residual: every layer
    adds to what it reads (He et al. 2016, Wu et al. 2016). dropout: the share of a
    layer's input that is dropped in training, except the first's.
    """

    def __init__(self, hidden, layers, *, residual=False, dropout=0.0):
        want_sizes(hidden=hidden, layers=layers)
        super().__init__()
        self.residual, self.dropout = residual, nn.Dropout(dropout)
        self.layers = nn.ModuleList(
            nn.LSTM(hidden, hidden, batch_first=True) for _ in range(layers)
        )

    def forward(self, x):
        want_shapes(x=(x, f"B T {self.layers[0].input_size}"))
        hs = [x]
        for layer in self.layers:
            h, _ = layer(hs[-1] if len(hs) == 1 else self.dropout(hs[-1]))
            hs.append(hs[-1] + h if self.residual else h)
        return hs


def want_direction(direction):
    """Refuse a direction that is none of DIRECTIONS; return None."""
    if direction not in DIRECTIONS:
        known = ", ".join(DIRECTIONS)
        raise ValueError(f"direction: got {direction!r}, want one of {known}")
