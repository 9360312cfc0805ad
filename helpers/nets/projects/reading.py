"""Nets that read: a verdict on a review, and an answer that is a piece of a story."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from helpers.guards import want_ids, want_shapes, want_sizes
from helpers.nets.small import last_real
from helpers.training import in_eval

__all__ = [
    "Pointer",
    "Verdict",
    "best_spans",
    "pointer_loss",
    "reads_pads",
    "same_spans",
    "verdict_loss",
]


class Verdict(nn.Module):
    """An LSTM that reads a review, ids (B, T) with 0 for padding → scores (B,).

    masked: its verdict is the state after the last word; else that of the last column.
    """

    def __init__(self, V, H=32, E=16, masked=True):
        want_sizes(V=V, H=H, E=E)
        super().__init__()
        self.masked = masked
        self.embed = nn.Embedding(V, E, padding_idx=0)
        self.rnn = nn.LSTM(E, H, batch_first=True)
        self.out = nn.Linear(H, 1)

    def forward(self, ids):
        want_shapes(ids=(ids, "B T"))
        want_ids(self.embed.num_embeddings, ids=ids)
        h, _ = self.rnn(self.embed(ids))  # (B, T, H)
        last = last_real(h, (ids > 0).sum(1)) if self.masked else h[:, -1]
        return self.out(last)[:, 0]


def verdict_loss(model, ids, labels):
    """Return the mean cross-entropy of verdicts on ids (B, T); labels: 0.0 or 1.0."""
    return nn.functional.binary_cross_entropy_with_logits(model(ids), labels)


@in_eval
@torch.no_grad()
def reads_pads(model, ids, more=10):
    """Return whether scores (B,) of a model change when `more` pads are added to ids.

    ids: (B, T), 0 for padding. To a hundred thousandth: sums may round otherwise.
    """
    pads = torch.zeros(len(ids), more, dtype=ids.dtype)
    wider = model(torch.cat([ids, pads], dim=1))
    return not torch.allclose(model(ids), wider, rtol=0, atol=1e-5)


class Pointer(nn.Module):
    """Point at the first and the last word of an answer: two scores for each word.

    match: the story's words also come with a mark of those that the question names.
    Source of the mark: Chen et al. 2017, Reading Wikipedia to answer open-domain
    questions, section 3.2.
    """

    def __init__(self, V, H=32, E=24, match=True):
        want_sizes(V=V, H=H, E=E)
        super().__init__()
        self.match = match
        self.embed = nn.Embedding(V, E, padding_idx=0)
        self.ask = nn.LSTM(E, H, batch_first=True)
        self.rnn = nn.LSTM(E + 1 + H, H, batch_first=True, bidirectional=True)
        self.out = nn.Linear(2 * H, 2)

    def forward(self, ids, match, question):
        """Return scores (B, T, 2), -inf at padding, for ids and match (B, T), 0 for
        padding, and questions (B, Q)."""
        want_shapes(ids=(ids, "B T"), match=(match, "B T"), question=(question, "B Q"))
        asked, _ = self.ask(self.embed(question))
        q = last_real(asked, (question > 0).sum(1))  # (B, H)
        mark = match if self.match else torch.zeros_like(match)
        wide = q[:, None].expand(-1, ids.shape[1], -1)
        x = torch.cat([self.embed(ids), mark[..., None], wide], dim=2)
        n = (ids > 0).sum(1)
        packed = pack_padded_sequence(x, n, batch_first=True, enforce_sorted=False)
        y, _ = self.rnn(packed)
        y, _ = pad_packed_sequence(y, batch_first=True, total_length=ids.shape[1])
        return self.out(y).masked_fill(ids[..., None] == 0, -torch.inf)


def pointer_loss(model, ids, match, question, spans):
    """Return minus the mean of log p(start) + log p(end) of the true spans (B, 2)."""
    log_p = model(ids, match, question).log_softmax(1)  # (B, T, 2)
    return -log_p.gather(1, spans[:, None]).sum(2).mean()


def best_spans(scores):
    """Return spans (B, 2) with the largest p(start) · p(end), start ≤ end, and that.

    scores: (B, T, 2), of starts and of ends.
    """
    want_shapes(scores=(scores, "B T 2"))
    log_p = scores.log_softmax(1)
    both = log_p[:, :, None, 0] + log_p[:, None, :, 1]  # (B, T start, T end)
    T = both.shape[1]
    allowed = torch.ones(T, T, dtype=torch.bool).triu()
    best, at = both.masked_fill(~allowed, -torch.inf).flatten(1).max(1)
    return torch.stack([at // T, at % T], dim=1), best.exp()


@in_eval
@torch.no_grad()
def same_spans(model, ids, match, question, spans):
    """Return the share of questions whose answer is the true span, both ends."""
    said, _ = best_spans(model(ids, match, question))
    return (said == spans).all(1).double().mean().item()
