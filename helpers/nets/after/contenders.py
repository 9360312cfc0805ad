"""Nets that carry on what was in four ways: all steps at once, and one by one."""

from __future__ import annotations

import torch
from torch import nn

from helpers.guards import want_shapes, want_sizes
from helpers.nets.after.attending import Attention
from helpers.nets.after.scans import scan

__all__ = ["KINDS", "Contender", "DilatedConvolution", "MinGRU", "state_size"]

KINDS = {
    "LSTM": "torch.nn.LSTM",
    "minGRU": "two blocks, gates in (0, 1)",
    "attention": "two blocks, causal, one head, no positions",
    "convolution": "six gated layers of two taps, dilations 1 … 32: 64 inputs heard",
    "signed": "minGRU, but h = a h + (1 - |a|) h~ with a = tanh(x W) in (-1, 1)",
}
LAYERS = {"minGRU": 2, "attention": 2, "convolution": 6, "signed": 2}


class MinGRU(nn.Module):
    """The linear recurrence of `min_gru` as a layer; signed: factors in (-1, 1).

    With signed=True h = a h + (1 - |a|) h~ (Grazzi et al. 2025, arXiv 2411.12537).
    Its state: h.
    """

    def __init__(self, C, signed=False):
        super().__init__()
        self.gate, self.candidate = nn.Linear(C, C), nn.Linear(C, C)
        self.signed = signed

    def pair(self, x):
        """Return a and b of h = a h + b, like x."""
        if self.signed:
            a = torch.tanh(self.gate(x))
            return a, (1 - a.abs()) * self.candidate(x)
        z = torch.sigmoid(self.gate(x))
        return 1 - z, z * self.candidate(x)

    def forward(self, x):
        """Return h (B, T, C) for x (B, T, C)."""
        return scan(*self.pair(x))

    def first(self, x):
        """Return the state before the first step: zeros like x (B, C)."""
        return (torch.zeros_like(x),)

    def step(self, x, state):
        """Return the output (B, C) for one input (B, C), and the state after it."""
        a, b = self.pair(x)
        h = a * state[0] + b
        return h, (h,)


class DilatedConvolution(nn.Module):
    """A gated causal convolution of two taps, `dilation` steps apart.

    Its state: the last `dilation` inputs.
    """

    def __init__(self, C, dilation):
        super().__init__()
        want_sizes(C=C, dilation=dilation)
        self.now, self.then = nn.Linear(C, 2 * C), nn.Linear(C, 2 * C, bias=False)
        self.out, self.dilation = nn.Linear(C, C), dilation

    def mix(self, now, then):
        f, g = (self.now(now) + self.then(then)).chunk(2, dim=-1)
        return self.out(torch.tanh(f) * torch.sigmoid(g))

    def forward(self, x):
        """Return (B, T, C) for x (B, T, C)."""
        past = x.new_zeros(len(x), self.dilation, x.shape[2])
        return self.mix(x, torch.cat([past, x], dim=1)[:, : x.shape[1]])

    def first(self, x):
        """Return the state before the first step: zeros, for x (B, C) of it."""
        return (x.new_zeros(len(x), self.dilation, x.shape[1]),)

    def step(self, x, state):
        """Return the output (B, C) for one input (B, C), and the state after it."""
        (past,) = state
        return self.mix(x, past[:, 0]), (torch.cat([past[:, 1:], x[:, None]], 1),)


class Block(nn.Module):
    """A mixer of steps, then (wide=True) a net at each step; both residual."""

    def __init__(self, mixer, C, wide):
        super().__init__()
        self.mixer, self.before = mixer, nn.LayerNorm(C)
        layers = nn.LayerNorm(C), nn.Linear(C, 2 * C), nn.GELU(), nn.Linear(2 * C, C)
        self.each = nn.Sequential(*layers) if wide else None

    def _end(self, x):
        return x if self.each is None else x + self.each(x)

    def forward(self, x):
        return self._end(x + self.mixer(self.before(x)))

    def first(self, x):
        return self.mixer.first(x)

    def step(self, x, state):
        y, state = self.mixer.step(self.before(x), state)
        return self._end(x + y), state


class Contender(nn.Module):
    """Answer at every step: x (B, T, D) → logits (B, T, O); kind: one of KINDS.

    C: units of the LSTM, or channels of the others.
    """

    def __init__(self, kind, D, O, C):  # noqa: E741
        if kind not in KINDS:
            raise ValueError(f"kind: one of {', '.join(KINDS)} wanted, got {kind!r}")
        want_sizes(D=D, O=O, C=C)
        super().__init__()
        self.kind, self.D = kind, D
        if kind == "LSTM":
            self.lstm, self.out = nn.LSTM(D, C, batch_first=True), nn.Linear(C, O)
            return
        makes = {
            "minGRU": lambda _: MinGRU(C),
            "signed": lambda _: MinGRU(C, signed=True),
            "attention": lambda _: Attention(C),
            "convolution": lambda n: DilatedConvolution(C, 2**n),
        }
        wide = kind != "convolution"
        mixers = [makes[kind](n) for n in range(LAYERS[kind])]
        self.embed = nn.Linear(D, C)
        self.blocks = nn.ModuleList([Block(mixer, C, wide) for mixer in mixers])
        self.out = nn.Sequential(nn.LayerNorm(C), nn.Linear(C, O))

    def forward(self, x):
        """Return logits (B, T, O): all steps at once."""
        want_shapes(x=(x, f"B T {self.D}"))
        if self.kind == "LSTM":
            return self.out(self.lstm(x)[0])
        x = self.embed(x)
        for block in self.blocks:
            x = block(x)
        return self.out(x)

    def step(self, x, state=None):
        """Return logits (B, O) for one input (B, D), and the state: a list of tensors.

        state: what the step before returned, None before the first.
        """
        want_shapes(x=(x, f"B {self.D}"))
        if self.kind == "LSTM":
            y, state = self.lstm(x[:, None], state and tuple(state))
            return self.out(y[:, 0]), list(state)
        x, after = self.embed(x), []
        state = state or [block.first(x) for block in self.blocks]
        for block, before in zip(self.blocks, state, strict=True):
            x, now = block.step(x, before)
            after.append(now)
        return self.out(x), after


def state_size(state):
    """Return how many numbers there are in a state, tensors in nested lists."""
    if torch.is_tensor(state):
        return state.numel()
    return sum(map(state_size, state))
