"""A net that says what it sees in a scene: an eye, a memory of places, a writer."""

from __future__ import annotations

import torch
from torch import nn

from helpers.data.batching import Coder
from helpers.guards import want_ids, want_shapes, want_steps
from helpers.nets.attention.scores import additive_scores, attend
from helpers.nets.small import shift_right
from helpers.training import in_eval

__all__ = ["Captioner", "caption_loss", "exact", "write_captions"]


class Captioner(nn.Module):
    """Describe images (B, 16, 16) in words of a vocabulary V.

    looks: with attention over the four places of the image at every word; without, the
    first state is all that the writer sees of it.
    """

    def __init__(self, V, H=64, C=32, looks=True):
        super().__init__()
        self.looks = looks
        self.eye = nn.Sequential(nn.Conv2d(1, C, 8, stride=8), nn.ReLU())
        self.place = nn.Parameter(torch.randn(4, C) / 2)
        self.first = nn.Linear(4 * C, H)
        self.W_q, self.W_k = nn.Linear(H, C, bias=False), nn.Linear(C, C)
        self.v = nn.Parameter(torch.randn(C) / C**0.5)
        self.embed = nn.Embedding(V, C)
        self.cell = nn.LSTMCell(2 * C, H)
        self.out = nn.Linear(H + C, V)

    def see(self, x):
        """Return what is at each place (B, 4, C), keys alike, and a state (h, c)."""
        want_shapes(x=(x, "B 16 16"))
        seen = self.eye(x[:, None]).flatten(2).mT  # (B, 4, C): one eye for all places
        h = torch.tanh(self.first(seen.flatten(1)))
        return seen, self.W_k(seen + self.place), (h, torch.zeros_like(h))

    def step(self, ids, state, seen, keys):
        """Return logits (B, V) after the words ids (B,), state and weights (B, 4)."""
        context, weights = attend(
            additive_scores(self.W_q(state[0]), keys, self.v), seen
        )
        if not self.looks:
            context = torch.zeros_like(context)
        h, c = self.cell(torch.cat([self.embed(ids), context], dim=1), state)
        return self.out(torch.cat([h, context], dim=1)), (h, c), weights

    def forward(self, x, ids):
        """Return logits (B, S, V) for each word of the captions ids (B, S)."""
        want_shapes(x=(x, "B 16 16"), ids=(ids, "B S"))
        want_steps(ids=ids)
        want_ids(self.embed.num_embeddings, ids=ids)
        (seen, keys, state), logits = self.see(x), []
        for before in shift_right(ids, Coder.BOS).unbind(1):
            y, state, _ = self.step(before, state, seen, keys)
            logits.append(y)
        return torch.stack(logits, dim=1)


def caption_loss(model, x, ids):
    """Return the mean cross-entropy of a word or ⟨EOS⟩, in nats; padding is no word."""
    logits = model(x, ids)
    return nn.functional.cross_entropy(logits.mT, ids, ignore_index=Coder.PAD)


@in_eval
@torch.no_grad()
def write_captions(model, x, longest=7):
    """Return ids (B, longest), greedy and padded after ⟨EOS⟩, and weights (B, S, 4)."""
    seen, keys, state = model.see(x)
    ids, words, looks = torch.full((len(x),), Coder.BOS), [], []
    ended = torch.zeros(len(x), dtype=torch.bool)
    for _ in range(longest):
        y, state, weights = model.step(ids, state, seen, keys)
        ids = y.argmax(1).masked_fill(ended, Coder.PAD)
        ended |= ids == Coder.EOS
        words.append(ids)
        looks.append(weights)
    return torch.stack(words, dim=1), torch.stack(looks, dim=1)


def exact(said, ids):
    """Return the share of captions (N, S) that are right in every word."""
    want_shapes(said=(said, "N S"), ids=(ids, "N S"))
    return (said == ids).all(1).double().mean().item()
