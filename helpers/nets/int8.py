"""Eight bits a number by hand: a scale for each output unit, whole-number products."""

from __future__ import annotations

import copy

import torch
from torch import nn

from helpers.guards import want_shapes, want_sizes

__all__ = [
    "Int8Cell",
    "Int8Linear",
    "error_bound",
    "in_int8",
    "int8_product",
    "quantise",
    "rounded",
    "size_of",
]

AXES = ("output", "input", "all")  # what has a scale of its own


def quantise(W, axis=0, bits=8):
    """Return Q, whole numbers of ±(2^(bits - 1) - 1), and the scales s of a matrix W.

    W ≈ Q * s. axis: along which the largest |W| is sought; 0 gives one scale a column,
    (1, H) for W (D, H), an output unit of x @ W; 1 one a row; None one for all. Source:
    Wu et al. 2016, Google's neural machine translation system, eq. 12.
    """
    want_shapes(W=(W, "D H"))
    _want_bits(axis, bits)
    top = 2 ** (bits - 1) - 1
    largest = W.abs().amax() if axis is None else W.abs().amax(axis, keepdim=True)
    s = torch.where(largest > 0, largest, 1) / top
    return (W / s).round().to(torch.int8), s


def error_bound(x, s):
    """Return (…, H): how far x @ W may be from x @ (Q * s), for x (…, D), s (1, H).

    Each weight is off by half a step at most, so a sum is off by ‖x‖₁ s / 2.
    """
    want_shapes(x=(x, "... D"), s=(s, "1 H"))
    return x.abs().sum(-1, keepdim=True) * s[0] / 2


def int8_product(x, Q, s):
    """Return (…, H) ≈ x @ W: x (…, D) gets 8 bits a row, and sums are whole numbers.

    Q (D, H) and s (1, H): as `quantise` gives them, one scale an output unit. Only then
    can the scale be left out of the sum and come after it.
    """
    want_shapes(x=(x, "... D"), Q=(Q, "D H"), s=(s, "1 H"))
    Q_x, s_x = quantise(x.reshape(-1, len(Q)), axis=1)
    sums = Q_x.int() @ Q.int()  # 32 bits; 127² · D is far below 2³¹
    return (sums * s_x * s).view(*x.shape[:-1], -1)


class Int8Linear(nn.Module):
    """An nn.Linear whose product is `int8_product`; the bias stays a float."""

    def __init__(self, linear):
        super().__init__()
        self.Q, self.s = quantise(linear.weight.detach().T)  # torch keeps (H, D)
        self.bias = linear.bias

    def forward(self, x):
        y = int8_product(x, self.Q, self.s)
        return y if self.bias is None else y + self.bias


class Int8Cell(nn.Module):
    """An nn.GRUCell or nn.LSTMCell with two int8 products; an LSTM's c is clipped.

    clip: c is kept within ±clip, in 16 bits; None for as it is. A GRU's state needs
    none: it is an average of numbers within ±1.
    """

    def __init__(self, cell, clip=None):
        super().__init__()
        self.is_lstm, self.clip = isinstance(cell, nn.LSTMCell), clip
        self.hidden_size = cell.hidden_size
        self.from_x = Int8Linear(_Part(cell.weight_ih, cell.bias_ih))
        self.from_h = Int8Linear(_Part(cell.weight_hh, cell.bias_hh))

    def forward(self, x, state):
        return self.lstm(x, *state) if self.is_lstm else self.gru(x, state)

    def gru(self, x, h):
        """Return h (B, H) of the next step."""
        a_r, a_z, a_n = self.from_x(x).chunk(3, dim=1)
        b_r, b_z, b_n = self.from_h(h).chunk(3, dim=1)
        r, z = torch.sigmoid(a_r + b_r), torch.sigmoid(a_z + b_z)
        return (1 - z) * torch.tanh(a_n + r * b_n) + z * h

    def lstm(self, x, h, c):
        """Return h and c (B, H) of the next step."""
        i, f, g, o = (self.from_x(x) + self.from_h(h)).chunk(4, dim=1)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        if self.clip is not None:
            step = self.clip / 32767
            c = (c.clamp(-self.clip, self.clip) / step).round() * step
        return torch.sigmoid(o) * torch.tanh(c), c


def rounded(model, bits=8, axis="output"):
    """Return a copy of a model whose matrices are rounded to `bits` bits a number.

    axis: what has a scale of its own: each "output" unit, each "input" unit, or "all"
    one. The arithmetic stays as it was, in floats. An embedding has one a symbol.
    """
    if axis not in AXES:
        raise ValueError(f"axis: got {axis!r}, want one of {', '.join(AXES)}")
    along = {"output": 1, "input": 0, "all": None}[axis]  # torch keeps (H, D)
    twin = copy.deepcopy(model)
    with torch.no_grad():
        for matrix in _matrices(twin):
            Q, s = quantise(matrix, along, bits)
            matrix.copy_(Q * s)
    return twin


def in_int8(model, clip=None):
    """Return a copy of a model with its matrices in 8 bits and whole-number products.

    Every nn.Linear becomes an `Int8Linear`, every GRU or LSTM cell an `Int8Cell`. The
    fused layers of an encoder, and single matrices, are only `rounded`.
    """
    twin = rounded(model)
    for part in list(twin.modules()):
        for name, child in part.named_children():
            if isinstance(child, nn.Linear):
                setattr(part, name, Int8Linear(child))
            elif isinstance(child, nn.GRUCell | nn.LSTMCell):
                setattr(part, name, Int8Cell(child, clip))
    return twin


def size_of(model, bits=32):
    """Return the bytes of a model's parameters, with its matrices in `bits` bits.

    Below 32 bits each row of a matrix has a scale of 4 bytes beside it.
    """
    _want_bits(0, bits)
    matrices = _matrices(model)
    rest = sum(p.numel() for p in model.parameters()) - sum(map(torch.numel, matrices))
    scales = sum(map(len, matrices)) if bits < 32 else 0
    return sum(map(torch.numel, matrices)) * bits // 8 + 4 * (rest + scales)


def _matrices(model):
    return [p for p in model.parameters() if p.dim() == 2]


class _Part:
    """A matrix and a bias of a cell, as a linear layer has them."""

    def __init__(self, weight, bias):
        self.weight, self.bias = weight, bias


def _want_bits(axis, bits):
    want_sizes(bits=bits)
    if bits not in (2, 3, 4, 5, 6, 7, 8, 32):
        raise ValueError(f"bits: got {bits}, want 2 to 8")
    if axis not in (0, 1, None):
        raise ValueError(f"axis: got {axis!r}, want 0, 1 or None")
