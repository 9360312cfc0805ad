"""A decoder that looks back at the sentence at every step."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from helpers.data.batching import Coder
from helpers.guards import want_ids, want_lengths, want_shapes, want_sizes, want_steps
from helpers.nets.attention.scores import (
    additive_scores,
    attend,
    dot_scores,
    scaled_dot_scores,
)
from helpers.nets.small import shift_right
from helpers.writing.forcing import feed

__all__ = [
    "SWITCHES",
    "AttentionSeq2Seq",
    "Encoder",
    "Look",
    "Looking",
    "Memory",
]

SWITCHES = {
    "asks": ("before", "after"),  # the state before the step, or the one after it
    "start": ("encoder", "zeros"),  # the decoder's first state
    "score": ("additive", "dot", "scaled dot"),
}


class Memory(NamedTuple):
    """What is kept of a sentence: values (B, T, H), their keys (B, T, H / 2), and real
    (B, T), True where a word stands."""

    values: Tensor
    keys: Tensor
    real: Tensor


class Looking(NamedTuple):
    """A decoder's state: s and context (B, H), the weights (B, T) of its last look, and
    the memory, which no step changes."""

    s: Tensor
    context: Tensor
    weights: Tensor
    memory: Memory


class Encoder(nn.Module):
    """Read source (B, T) in both directions: a state for every word, and the ends."""

    def __init__(self, source_vocab, H, E):
        _want_even(source_vocab=source_vocab, H=H, E=E)
        super().__init__()
        self.source = nn.Embedding(source_vocab, E)
        self.rnn = nn.GRU(E, H // 2, batch_first=True, bidirectional=True)

    def forward(self, source, lengths):
        """Return states (B, T, H), the last ones of both readings (B, H), real (B, T).

        real: bools, False where there is only padding.
        """
        want_shapes(source=(source, "B T"), lengths=(lengths, "B"))
        want_ids(self.source.num_embeddings, source=source)
        want_lengths(lengths, source)
        packed = pack_padded_sequence(
            self.source(source), lengths, batch_first=True, enforce_sorted=False
        )
        y, h = self.rnn(packed)
        T = source.shape[1]
        states, _ = pad_packed_sequence(y, batch_first=True, total_length=T)
        return (
            states,
            torch.cat([h[0], h[1]], dim=1),
            torch.arange(T) < lengths[:, None],
        )


class Look(nn.Module):
    """What a query finds in a memory; additive attention is uniform at first (v = 0).

    score: "additive", "dot" or "scaled dot", of query and keys projected to H / 2.
    """

    def __init__(self, H, score="additive"):
        _want_switches(score=score)
        super().__init__()
        self.score = score
        self.W_q = nn.Linear(H, H // 2, bias=False)
        self.W_k = nn.Linear(H, H // 2, bias=False)
        self.v = nn.Parameter(torch.zeros(H // 2))

    def remember(self, values, real):
        """Return the Memory of a batch of sentences: the keys are projected once."""
        return Memory(values, self.W_k(values), real)

    def forward(self, s, memory, bend=None):
        """Return the context (B, H) and the weights (B, T) that s (B, H) asks for.

        bend: a function of the weights; what it returns is looked at in their place.
        """
        q = self.W_q(s)
        if self.score == "additive":
            scores = additive_scores(q, memory.keys, self.v)
        else:
            of = dot_scores if self.score == "dot" else scaled_dot_scores
            scores = of(q, memory.keys)
        context, weights = attend(scores, memory.values, memory.real)
        if bend is not None:
            weights = bend(weights)
            context = (weights[:, None] @ memory.values)[:, 0]
        return context, weights


class AttentionSeq2Seq(nn.Module):
    """Read a sentence, keep a state for every word, look at all of them to write one.

    asks, start, score: from SWITCHES. If the state after the step asks, the step itself
    is fed what was found in the step before. Source: Bahdanau et al. 2015 ("before"),
    Luong et al. 2015 ("after", with input feeding).
    """

    def __init__(
        self, source_vocab, target_vocab, H=128, E=32, *,
        asks="before", start="encoder", score="additive",
    ):  # fmt: skip
        want_sizes(source_vocab=source_vocab, target_vocab=target_vocab, H=H, E=E)
        _want_switches(asks=asks, start=start)
        super().__init__()
        self.asks, self.start = asks, start
        self.encoder = Encoder(source_vocab, H, E)
        self.look = Look(H, score)
        self.target = nn.Embedding(target_vocab, E)
        self.cell = nn.GRUCell(E + H, H)
        self.out = nn.Linear(2 * H, target_vocab)

    def encode(self, source, lengths):
        """Return the state, a Looking, after reading source (B, T) up to lengths."""
        values, s, real = self.encoder(source, lengths)
        s = s if self.start == "encoder" else torch.zeros_like(s)
        memory = self.look.remember(values, real)
        return Looking(s, torch.zeros_like(s), torch.zeros(real.shape), memory)

    def step(self, ids, state, bend=None):
        """Return logits (B, V) for the token after ids (B,), and the next state.

        bend: as for `Look`.
        """
        s, context, weights, memory = state
        want_shapes(ids=(ids, "B"), s=(s, "B H"))
        want_ids(self.target.num_embeddings, ids=ids)
        if self.asks == "before":
            context, weights = self.look(s, memory, bend)
        s = self.cell(torch.cat([self.target(ids), context], dim=1), s)
        if self.asks == "after":
            context, weights = self.look(s, memory, bend)
        logits = self.out(torch.cat([s, context], dim=1))
        return logits, Looking(s, context, weights, memory)

    def forward(self, source, lengths, targets, teacher=1.0, generator=None):
        """Return logits (B, S, V) for every token of targets (B, S).

        teacher: the probability that a step is fed the true token before it and not
        the model's own, drawn anew for every sequence and step.
        """
        want_shapes(targets=(targets, "B S"), source=(source, "B T"))
        want_steps(targets=targets)
        want_ids(self.target.num_embeddings, targets=targets)
        fed = shift_right(targets, Coder.BOS)
        _want_share(teacher)
        forced = torch.rand(targets.shape, generator=generator) < teacher
        return feed(self.step, self.encode(source, lengths), fed, forced)


def _want_even(H, **sizes):
    """Refuse sizes that are none, and an H that two directions cannot share."""
    want_sizes(H=H, **sizes)
    if H % 2:
        raise ValueError(f"H: got {H}, want an even number: half for each direction")


def _want_share(teacher):
    if not 0 <= teacher <= 1:
        raise ValueError(f"teacher: a probability from 0 to 1 wanted, got {teacher!r}")


def _want_switches(**given):
    """Refuse a switch that SWITCHES does not know; return None."""
    for name, value in given.items():
        if value not in SWITCHES[name]:
            known = ", ".join(map(repr, SWITCHES[name]))
            raise ValueError(f"{name}: got {value!r}, want one of {known}")
