"""Google's translator of 2016 in miniature: each of its pieces is a switch."""

from __future__ import annotations

from numbers import Integral
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from helpers.data.batching import Coder
from helpers.guards import want_ids, want_lengths, want_shapes, want_sizes, want_steps
from helpers.nets.attention.decoder import Look, Memory
from helpers.nets.small import shift_right

__all__ = ["GNMT", "Stack", "StackEncoder", "Upper", "forced_logits", "longest_chain"]


class Stack(NamedTuple):
    """The decoder's state: h and c (B, H) of the bottom layer, those of the others,
    (layers, B, H), the weights (B, T) of the last look, and the memory."""

    h: Tensor
    c: Tensor
    upper_h: Tensor
    upper_c: Tensor
    weights: Tensor
    memory: Memory


class Upper(nn.Module):
    """The layers of a stack above the bottom one, LSTMs of H units: 2 to `depth`.

    From layer `residual_from` on a layer's input is added to its output; None for
    nowhere. context: how many numbers each layer is given beside what is below.
    """

    def __init__(self, H, depth, residual_from, context=0):
        super().__init__()
        above = range(2, depth + 1)
        lstms = [nn.LSTM(H + context, H, batch_first=True) for _ in above]
        self.layers = nn.ModuleList(lstms)
        self.adds = [residual_from is not None and n >= residual_from for n in above]

    def first(self, B, H):
        """Return h and c (layers, B, H) to begin with: zeros."""
        return (torch.zeros(len(self.layers), B, H),) * 2

    def forward(self, x, states, contexts=None):
        """Return what the top says (B, S, H), and h and c (layers, B, H) after it.

        x: (B, S, H), what the bottom says; contexts: (B, S, context) or None.
        """
        after = []
        for i, (lstm, adds) in enumerate(zip(self.layers, self.adds, strict=True)):
            below = x if contexts is None else torch.cat([x, contexts], dim=2)
            y, state = lstm(below, tuple(part[i : i + 1] for part in states))
            x = x + y if adds else y
            after.append(state)
        return x, [torch.cat(part) for part in zip(*after, strict=True)] or states


class StackEncoder(nn.Module):
    """A stack of LSTM layers over source (B, T).

    Only the bottom one may read in both directions. depth, residual_from: as for Upper.
    """

    def __init__(self, source_vocab, H, E, depth, both_ways, residual_from):
        super().__init__()
        self.source = nn.Embedding(source_vocab, E)
        units = H // 2 if both_ways else H
        self.bottom = nn.LSTM(E, units, batch_first=True, bidirectional=both_ways)
        self.upper = Upper(H, depth, residual_from)

    def forward(self, source, lengths):
        """Return states (B, T, H) of the top layer, and real (B, T)."""
        want_shapes(source=(source, "B T"), lengths=(lengths, "B"))
        want_ids(self.source.num_embeddings, source=source)
        want_lengths(lengths, source)
        B, T = source.shape
        packed = pack_padded_sequence(
            self.source(source), lengths, batch_first=True, enforce_sorted=False
        )
        x, _ = self.bottom(packed)
        x, _ = pad_packed_sequence(x, batch_first=True, total_length=T)
        x, _ = self.upper(x, self.upper.first(B, x.shape[2]))  # pads come last
        return x, torch.arange(T) < lengths[:, None]


class GNMT(nn.Module):
    """A stack of LSTMs reads, another one writes; its bottom layer looks back.

    The bottom layer's output of the *previous* step asks; what it finds goes to the
    bottom layer and, if context_to is "all", to every layer. depth: layers of either
    stack. both_ways: does the bottom encoder layer read in both directions? The decoder
    starts from zeros. Source: Wu et al. 2016, Google's neural machine translation
    system, section 3 (there: depth 8, H 1024, residuals from layer 3).
    """

    def __init__(
        self, source_vocab, target_vocab, H=64, E=32, *,
        depth=3, both_ways=True, residual_from=3, context_to="all",
    ):  # fmt: skip
        want_sizes(source_vocab=source_vocab, target_vocab=target_vocab, H=H, E=E)
        _want_pieces(H, depth, both_ways, residual_from, context_to)
        super().__init__()
        self.to_all = context_to == "all"
        self.encoder = StackEncoder(source_vocab, H, E, depth, both_ways, residual_from)
        self.look = Look(H)
        self.target = nn.Embedding(target_vocab, E)
        self.bottom = nn.LSTMCell(E + H, H)
        self.upper = Upper(H, depth, residual_from, context=H if self.to_all else 0)
        self.out = nn.Linear(H, target_vocab)

    def encode(self, source, lengths):
        """Return the state, a Stack, after reading source (B, T) up to lengths (B,)."""
        values, real = self.encoder(source, lengths)
        h = torch.zeros(len(values), values.shape[2])
        upper, memory = self.upper.first(*h.shape), self.look.remember(values, real)
        return Stack(h, h, *upper, torch.zeros(real.shape), memory)

    def step(self, ids, state, bend=None):
        """Return logits (B, V) for the token after ids (B,), and the next state.

        bend: as for `Look`.
        """
        h, c, *upper, _, memory = state
        want_shapes(ids=(ids, "B"), h=(h, "B H"))
        want_ids(self.target.num_embeddings, ids=ids)
        context, weights = self.look(h, memory, bend)
        h, c = self.bottom(torch.cat([self.target(ids), context], dim=1), (h, c))
        beside = context[:, None] if self.to_all else None
        y, upper = self.upper(h[:, None], upper, beside)
        return self.out(y[:, 0]), Stack(h, c, *upper, weights, memory)

    def forward(self, source, lengths, targets, *_):
        """Return logits (B, S, V) for the targets (B, S): see `forced_logits`."""
        return forced_logits(self, source, lengths, targets)


def forced_logits(model, source, lengths, targets):
    """Return a GNMT's logits (B, S, V), fed the true targets (B, S).

    The layers above the bottom one wait for no look: one call for all steps.
    """
    want_shapes(targets=(targets, "B S"), source=(source, "B T"))
    want_steps(targets=targets)
    want_ids(model.target.num_embeddings, targets=targets)
    h, c, *upper, _, memory = model.encode(source, lengths)
    said, found = [], []
    for x in model.target(shift_right(targets, Coder.BOS)).unbind(1):
        context, _ = model.look(h, memory)
        h, c = model.bottom(torch.cat([x, context], dim=1), (h, c))
        said.append(h)
        found.append(context)
    beside = torch.stack(found, dim=1) if model.to_all else None
    y, _ = model.upper(torch.stack(said, dim=1), upper, beside)
    return model.out(y)


def longest_chain(T, S, depth, *, both_ways=1, asks="bottom"):
    """Return how many cells must be computed one after the other, fed the truth.

    A source of T words, S to write, two stacks of `depth` layers, of which the lowest
    `both_ways` of the encoder read in both directions. A layer's cell waits for its own
    of the step before and for the one below. asks: "bottom" or "top", the decoder layer
    whose output of the step before has to be there when a step begins.
    """
    want_sizes(T=T, S=S, depth=depth)
    _want_chain(depth, both_ways, asks)
    ready = [0] * T
    for layer in range(depth):
        forwards = _chain(ready)
        if layer < both_ways:
            backwards = _chain(ready[::-1])[::-1]
            forwards = [max(pair) for pair in zip(forwards, backwards, strict=True)]
        ready = forwards
    asked, cells = max(ready), [0] * depth
    for _ in range(S):
        for layer in range(depth):
            below = cells[layer - 1] if layer else asked
            cells[layer] = 1 + max(cells[layer], below)
        asked = cells[-1 if asks == "top" else 0]
    return max(cells)


def _chain(ready):
    """When each cell of a layer is done, if its input is ready at these times."""
    done, times = 0, []
    for time in ready:
        done = 1 + max(done, time)
        times.append(done)
    return times


def _want_pieces(H, depth, both_ways, residual_from, context_to):
    want_sizes(depth=depth)
    if both_ways and H % 2:
        raise ValueError(f"H: got {H}, want an even number: half for each direction")
    if residual_from is not None and (
        not isinstance(residual_from, Integral) or residual_from < 2
    ):
        raise ValueError(
            f"residual_from: got {residual_from!r}, want a layer from 2 on, or None"
        )
    if context_to not in ("all", "bottom"):
        raise ValueError(f"context_to: got {context_to!r}, want 'all' or 'bottom'")


def _want_chain(depth, both_ways, asks):
    if both_ways not in range(depth + 1):
        raise ValueError(f"both_ways: got {both_ways!r}, want 0 … {depth} layers")
    if asks not in ("bottom", "top"):
        raise ValueError(f"asks: got {asks!r}, want 'bottom' or 'top'")
