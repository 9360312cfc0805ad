"""Sequence to sequence, as lesson 08 builds it: one net reads, then one writes."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

from helpers.data.batching import Coder, minibatches, pad_batch
from helpers.guards import want_ids, want_lengths, want_shapes, want_sizes, want_steps
from helpers.nets.small import shift_right, token_loss
from helpers.training import fit, in_eval
from helpers.writing.decoding import greedy
from helpers.writing.forcing import feed

__all__ = [
    "Seq2Seq",
    "exact",
    "token_accuracy",
    "train_seq2seq",
    "translate",
    "write",
]


class Seq2Seq(nn.Module):
    """Read a sequence in both directions, write another from the last state.

    The only thing that passes from the reader to the writer is a state (B, H).
    """

    def __init__(self, source_vocab, target_vocab, H=128, E=32):
        want_sizes(source_vocab=source_vocab, target_vocab=target_vocab, H=H, E=E)
        _want_even(H)
        super().__init__()
        self.source = nn.Embedding(source_vocab, E)
        self.encoder = nn.GRU(E, H // 2, batch_first=True, bidirectional=True)
        self.target = nn.Embedding(target_vocab, E)
        self.decoder = nn.GRU(E, H, batch_first=True)
        self.out = nn.Linear(H, target_vocab)

    def encode(self, source, lengths):
        """Return the state (B, H) after reading source (B, T) up to lengths (B,)."""
        want_shapes(source=(source, "B T"), lengths=(lengths, "B"))
        want_ids(self.source.num_embeddings, source=source)
        want_lengths(lengths, source)
        packed = pack_padded_sequence(
            self.source(source), lengths, batch_first=True, enforce_sorted=False
        )
        _, h = self.encoder(packed)  # (2, B, H / 2): forwards and backwards
        return torch.cat([h[0], h[1]], dim=1)

    def step(self, ids, state):
        """Return logits (B, V) for the token after ids (B,), and the next state."""
        want_shapes(ids=(ids, "B"), state=(state, f"B {self.decoder.hidden_size}"))
        want_ids(self.target.num_embeddings, ids=ids)
        y, h = self.decoder(self.target(ids)[:, None], state[None])
        return self.out(y[:, 0]), h[0]

    def forward(self, source, lengths, targets, teacher=1.0, generator=None):
        """Return logits (B, S, V) for every token of targets (B, S).

        teacher: the probability, drawn anew for every sequence and step, that a step is
        fed the true token before it and not the model's own.
        """
        want_shapes(targets=(targets, "B S"), source=(source, "B T"))
        want_steps(targets=targets)
        want_ids(self.target.num_embeddings, targets=targets)
        _want_share(teacher)
        state, fed = self.encode(source, lengths), shift_right(targets, Coder.BOS)
        if teacher == 1:  # all inputs are known: one call for all steps
            y, _ = self.decoder(self.target(fed), state[None])
            return self.out(y)
        forced = torch.rand(targets.shape, generator=generator) < teacher
        return feed(self.step, state, fed, forced)


def _want_even(H):
    if H % 2:
        raise ValueError(f"H: got {H}, want an even number: half for each direction")


def _want_share(teacher):
    if not 0 <= teacher <= 1:
        raise ValueError(f"teacher: a probability from 0 to 1 wanted, got {teacher!r}")


def train_seq2seq(
    model, tensors, *, steps, seed=0, teacher=1.0, B=128, lr=2e-3, **settings
):
    """Train on (source, lengths, targets, lengths); return the History of `fit`.

    teacher: the share of forced steps, or a function of the training step that returns
    it. seed: of the order of the batches and of the coins. settings: as for `fit`.
    """
    batches = minibatches(np.random.default_rng(seed), B, *tensors)
    coins = torch.Generator().manual_seed(seed)
    done = 0

    def loss(model, source, n, targets, m):
        nonlocal done
        share = teacher(done) if callable(teacher) else teacher
        done += 1
        return token_loss(model(source, n, targets, share, coins), targets, m)

    return fit(model, batches, loss, steps=steps, lr=lr, **settings)


@in_eval
def write(model, source, lengths, max_len):
    """Return ids (B, S), S ≤ max_len: each step is fed what the one before it wrote.

    A row that has written its end mark goes on with end marks until all rows have.
    """
    with torch.no_grad():
        state = model.encode(source, lengths)
    first = torch.full((len(source),), Coder.BOS)
    return greedy(model.step, state, first, max_len=max_len, eos=Coder.EOS)


def translate(model, texts, source_coder, target_coder, max_len=60):
    """Return what the model writes for each text: a list of lists of tokens."""
    _want_texts(texts)
    ids, lengths = pad_batch([source_coder.encode(text) for text in texts])
    written = write(model, torch.tensor(ids), torch.tensor(lengths), max_len)
    return [target_coder.decode(row) for row in written]


def _want_texts(texts):
    """Refuse what is no list of texts with at least one token each; return None."""
    if isinstance(texts, str):
        raise ValueError(f"texts: got one text, {texts!r}; want a list of texts")
    if len(texts) == 0:
        raise ValueError("texts: got none, want at least one")
    for i, text in enumerate(texts):
        if len(text) == 0:
            raise ValueError(f"texts[{i}]: got {text!r}, want at least one token")


def exact(ids, targets, lengths):
    """Return bools (B,): is ids (B, R) the same as targets (B, S), its end included?"""
    right, real = _right(ids, targets, lengths)
    return (right | ~real).all(1)


def token_accuracy(ids, targets, lengths):
    """Return the share of real tokens of targets (B, S) that ids (B, R) has too."""
    right, real = _right(ids, targets, lengths)
    return right[real].double().mean().item()


def _right(ids, targets, lengths):
    """Bools (B, S): is a token right, and is it no padding?"""
    want_shapes(ids=(ids, "B R"), targets=(targets, "B S"), lengths=(lengths, "B"))
    want_lengths(lengths, targets)
    S = targets.shape[1]
    ids = nn.functional.pad(ids, (0, S))[:, :S]
    return ids == targets, torch.arange(S) < torch.as_tensor(lengths)[:, None]
