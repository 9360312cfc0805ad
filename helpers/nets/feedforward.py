"""The nets that lesson 02 compares: counts, one layer for all positions, and steps.

All of them read word ids (B, L), 0 for padding, and give one score (B,) whose sign is
the verdict.
"""

import torch
from torch import nn

from helpers.cache import cached
from helpers.data.reviews import encode
from helpers.guards import want_ids, want_shapes, want_sizes
from helpers.nets.small import last_real
from helpers.training import fit

__all__ = [
    "Counts",
    "Feedforward",
    "Recurrent",
    "accuracy",
    "one_hot",
    "several",
    "tensors",
    "train",
]


def tensors(texts, length, align="left"):
    """Return word ids (N, length) and labels (N,), 0.0 or 1.0, of reviews."""
    ids = torch.tensor(encode(texts, length, align=align))
    return ids, torch.tensor([float(review.label) for review in texts])


def one_hot(ids, vocab, masked=True):
    """Return (B, L, V): a 1 for each word; masked leaves padding (id 0) all zeros."""
    want_shapes(ids=(ids, "B L"))
    want_ids(vocab, ids=ids)
    x = nn.functional.one_hot(ids, vocab).float()
    if masked:
        x[..., 0] = 0
    return x


class Counts(nn.Module):
    """Logistic regression on how often each word occurs: (B, L) ids → (B,) scores."""

    def __init__(self, vocab):
        want_sizes(vocab=vocab)
        super().__init__()
        self.vocab = vocab
        self.out = nn.Linear(vocab, 1)

    def forward(self, ids):
        counts = one_hot(ids, self.vocab).sum(1)  # (B, V): where a word stood is gone
        return self.out(counts)[:, 0]


class Feedforward(nn.Module):
    """All positions side by side into one layer: (B, L) ids → (B,) scores."""

    def __init__(self, length, vocab, hidden, masked=True):
        want_sizes(length=length, vocab=vocab, hidden=hidden)
        super().__init__()
        self.vocab, self.masked = vocab, masked
        self.hidden = nn.Linear(length * vocab, hidden)
        self.out = nn.Linear(hidden, 1)

    def forward(self, ids):
        x = one_hot(ids, self.vocab, self.masked).flatten(1)  # (B, L·V)
        return self.out(torch.relu(self.hidden(x)))[:, 0]


class Recurrent(nn.Module):
    """One word after the other through the same weights: (B, L) ids → (B,) scores."""

    def __init__(self, vocab, hidden, masked=True):
        want_sizes(vocab=vocab, hidden=hidden)
        super().__init__()
        self.vocab, self.masked = vocab, masked
        self.rnn = nn.RNN(vocab, hidden, batch_first=True)
        self.out = nn.Linear(hidden, 1)

    def forward(self, ids):
        h, _ = self.rnn(one_hot(ids, self.vocab, self.masked))  # (B, L, H)
        last = last_real(h, (ids > 0).sum(1)) if self.masked else h[:, -1]
        return self.out(last)[:, 0]


@cached(depends=(fit, one_hot))
def train(model, ids, labels, *, seed, steps=500):
    """Train model in place on batches of 64 drawn by ``seed``; return fit's History."""
    want_shapes(ids=(ids, "N L"), labels=(labels, "N"))
    generator = torch.Generator().manual_seed(seed)

    def batches():
        while True:
            rows = torch.randint(len(ids), (64,), generator=generator)
            yield ids[rows], labels[rows]

    def loss(model, ids, labels):
        score = model(ids)
        return nn.functional.binary_cross_entropy_with_logits(score, labels)

    return fit(model, batches(), loss, steps=steps, lr=0.01)


def several(make, ids, labels, seeds=(0, 1, 2), steps=500):
    """Return one trained net a seed; the seed draws its first weights and batches."""
    nets = []
    for seed in seeds:
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            nets.append(make())
        train(nets[-1], ids, labels, seed=seed, steps=steps)
    return nets


@torch.no_grad()
def accuracy(model, ids, labels):
    """Return the share of scores on the right side of 0, a number from 0 to 1."""
    want_shapes(ids=(ids, "N L"), labels=(labels, "N"))
    return ((model(ids) > 0) == (labels > 0)).float().mean().item()
