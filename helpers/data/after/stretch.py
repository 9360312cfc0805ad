"""Two tasks that can be stretched: parity of bits, and values found by their keys."""

from __future__ import annotations

import torch
from torch.nn.functional import one_hot

from helpers.guards import want_ids, want_shapes, want_sizes

__all__ = [
    "KEYS",
    "QUESTIONS",
    "VALUES",
    "bits_in",
    "pairs_in",
    "parity",
    "recall_pairs",
]

KEYS, VALUES, QUESTIONS = 8, 4, 8
FEW = 4  # pairs, if it is not said how many


def bits_in(bits):
    """Return x (B, T, 2) of bits (B, T), one-hot."""
    want_shapes(bits=(bits, "B T"))
    want_ids(2, bits=bits)
    return one_hot(bits, 2).float()


def parity(B, T, generator):
    """Return x (B, T, 2), random bits, one-hot, and y (B, T): is the number of ones so
    far odd?"""
    want_sizes(B=B, T=T)
    bits = torch.randint(2, (B, T), generator=generator)
    return bits_in(bits), bits.cumsum(1) % 2


def pairs_in(keys, values, at, asked, T):
    """Return x (B, T + Q, 13): T steps with N pairs among them, then Q questions.

    keys, values, at: (B, N), a pair's key 0 … 7, its value 0 … 3 and its step 0 …
    T - 1; asked: (B, Q), the keys asked for. A pair is one step: key and value, each
    one-hot. A question is a key without a value; the other steps are empty but for a
    mark, the last of the 13 numbers.
    """
    want_sizes(T=T)
    want_shapes(keys=(keys, "B N"), values=(values, "B N"), at=(at, "B N"))
    want_ids(KEYS, keys=keys, asked=asked), want_ids(VALUES, values=values)
    want_ids(T, at=at)
    B, Q = asked.shape
    x, row = torch.zeros(B, T + Q, KEYS + VALUES + 1), torch.arange(B)[:, None]
    x[:, :T, -1] = 1
    x[row, at, -1] = 0
    x[row, at, keys] = 1
    x[row, at, KEYS + values] = 1
    x[row, T + torch.arange(Q), asked] = 1
    return x


def recall_pairs(B, T, generator, N=None):
    """Return x (B, T + 8, 13) of `pairs_in`, and y (B, 8), the values asked for.

    N pairs of different keys stand at random steps of T (None: N is drawn, up to T and
    4); each question asks for the value of one of them.
    """
    want_sizes(B=B, T=T)
    if N is None:
        N = int(torch.randint(1, min(T, FEW) + 1, (), generator=generator))
    want_sizes(N=N)
    if min(T, KEYS) < N:
        raise ValueError(f"N: got {N} pairs, want at most {min(T, KEYS)}")
    keys = torch.rand(B, KEYS, generator=generator).argsort(1)[:, :N]
    values = torch.randint(VALUES, (B, N), generator=generator)
    at = torch.rand(B, T, generator=generator).argsort(1)[:, :N]
    ask = torch.randint(N, (B, QUESTIONS), generator=generator)
    return pairs_in(keys, values, at, keys.gather(1, ask), T), values.gather(1, ask)
