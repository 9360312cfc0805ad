"""Small recurrent models in PyTorch, as the lessons introduce them."""

from __future__ import annotations

import torch
from torch import nn

from helpers.guards import want_ids, want_lengths, want_shapes, want_sizes, want_steps

__all__ = ["Reader", "Translator", "Writer", "last_real", "shift_right", "token_loss"]


class Reader(nn.Module):
    """Read a sequence, say something at every step: (B, T, D) → (B, T, K)."""

    def __init__(self, inputs, hidden, outputs):
        want_sizes(inputs=inputs, hidden=hidden, outputs=outputs)
        super().__init__()
        self.rnn = nn.GRU(inputs, hidden, batch_first=True)
        self.out = nn.Linear(hidden, outputs)

    def forward(self, x):
        want_shapes(x=(x, f"B T {self.rnn.input_size}"))
        want_steps(x=x)
        h, _ = self.rnn(x)  # (B, T, H): the memory after every step
        return self.out(h)


class Writer(nn.Module):
    """Write a sequence of tokens, starting from a memory h of shape (B, H)."""

    def __init__(self, vocab, hidden):
        want_sizes(vocab=vocab, hidden=hidden)
        super().__init__()
        self.embed = nn.Embedding(vocab, hidden)
        self.rnn = nn.GRU(hidden, hidden, batch_first=True)
        self.out = nn.Linear(hidden, vocab)

    def forward(self, h, previous):
        want_shapes(h=(h, f"B {self.rnn.hidden_size}"), previous=(previous, "B S"))
        want_steps(previous=previous)
        want_ids(self.embed.num_embeddings, previous=previous)
        y, _ = self.rnn(self.embed(previous), h[None])
        return self.out(y)  # (B, S, V): what comes next, at every step

    @torch.no_grad()
    def write(self, h, bos, steps):
        """Return ids (B, steps): each step is fed what the one before it wrote."""
        want_shapes(h=(h, f"B {self.rnn.hidden_size}"))
        want_sizes(steps=steps)
        token, h = torch.full((len(h), 1), bos), h[None]
        written = []
        for _ in range(steps):
            y, h = self.rnn(self.embed(token), h)
            token = self.out(y).argmax(-1)
            written.append(token)
        return torch.cat(written, 1)


class Translator(nn.Module):
    """Read one sequence, then write another: a reader's memory handed to a writer."""

    def __init__(self, source_vocab, target_vocab, hidden):
        want_sizes(source_vocab=source_vocab, target_vocab=target_vocab, hidden=hidden)
        super().__init__()
        self.embed = nn.Embedding(source_vocab, hidden)
        self.reader = nn.GRU(hidden, hidden, batch_first=True)
        self.writer = Writer(target_vocab, hidden)

    def read(self, source, lengths):
        """Return the memory (B, H) after the last real token of each source."""
        want_shapes(source=(source, "B T"), lengths=(lengths, "B"))
        want_ids(self.embed.num_embeddings, source=source)
        h, _ = self.reader(self.embed(source))
        return last_real(h, lengths)

    def forward(self, source, lengths, previous):
        return self.writer(self.read(source, lengths), previous)


def last_real(outputs, lengths):
    """Return (B, K): of outputs (B, T, K), the one at the last real step of each."""
    want_shapes(outputs=(outputs, "B T K"), lengths=(lengths, "B"))
    want_lengths(lengths, outputs)
    return outputs[torch.arange(len(outputs)), lengths - 1]


def shift_right(targets, bos):
    """Return what the writer is fed while it learns: ``bos``, then targets[:, :-1]."""
    want_shapes(targets=(targets, "B S"))
    first = torch.full_like(targets[:, :1], bos)
    return torch.cat([first, targets[:, :-1]], dim=1)


def token_loss(logits, targets, lengths):
    """Return the mean cross-entropy over the real tokens only, a scalar.

    logits: (B, T, K); targets: (B, T) class ids; lengths: (B,).
    """
    want_shapes(
        logits=(logits, "B T K"), targets=(targets, "B T"), lengths=(lengths, "B")
    )
    want_ids(logits.shape[2], targets=targets)
    want_lengths(lengths, targets)
    each = nn.functional.cross_entropy(
        logits.flatten(0, 1), targets.flatten(), reduction="none"
    ).view_as(targets)
    real = torch.arange(targets.shape[1]) < torch.as_tensor(lengths)[:, None]  # (B, T)
    return each[real].mean()
