"""Training runs that are ill, each in one way: what the clinic of lesson 12 examines.

A run learns to spell Italian surnames, letter by letter. Every fault is one that people
make, and none of them raises an error.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from string import ascii_lowercase
from typing import NamedTuple

import numpy as np
import torch
from torch import nn
from torch.nn.functional import cross_entropy

from helpers.data import names
from helpers.guards import want_sizes

__all__ = [
    "FAULTS",
    "PAD",
    "Run",
    "Speller",
    "V",
    "letter_loss",
    "patient",
    "spelled",
]

END, PAD, V = 0, -1, 27  # the end of a name; no target at all; a to z, and the end
T, B = 12, 32  # letters a row, names a batch
FAULTS = {  # what is wrong; how it came about
    "none": "nothing is wrong",
    "two softmaxes": "the net ends in a softmax, and the loss takes one of its own",
    "batch read as time": "the LSTM was made without batch_first=True",
    "hears the future": "the LSTM reads in both directions",
    "mask upside down": "the input is kept where the padding is, and zeroed elsewhere",
    "names and answers apart": "the names were shuffled, their answers were not",
    "padding counts": "what stands behind a name is a target, too",
    "divided by everything": "the loss is divided by all places, padding included",
    "cut off": "a detach() keeps the gradient from the LSTM",
    "state kept": "each batch begins in the state in which the last one ended",
    "rate too low": "the learning rate is a thousand times too small",
    "no seed": "the first weights are drawn without a seed",
}


class Run(NamedTuple):
    """What a training run is made of; the last six batches are held out.

    batches: pairs x (B, T, V), y (B, T). loss(net, x, y): one number. lr: of Adam.
    """

    net: nn.Module
    batches: list
    loss: Callable
    lr: float = 0.02


class Speller(nn.Module):
    """An LSTM that says after each letter of a name which one comes next."""

    def __init__(self, H=32, both=False):
        super().__init__()
        self.rnn = nn.LSTM(V, H, batch_first=True, bidirectional=both)
        self.read = nn.Linear(H * (1 + both), V)

    def forward(self, x):  # (B, T, V), one-hot
        h, _ = self.rnn(x)
        return self.read(h)  # logits (B, T, V)


def letter_loss(net, x, y):
    """Return the mean cross-entropy of the next letters (nats), y = -1 left out."""
    logits = net(x)  # (B, T, V)
    return cross_entropy(logits.flatten(0, 1), y.flatten(), ignore_index=PAD)


def spelled(words, pad=PAD):
    """Return x (B, T, V), the letters one-hot, and y (B, T), the letter after each.

    T = 12. Behind a word x is zero and y is `pad`; the target of a last letter is 0,
    the end. ValueError for a word that is empty, over 11 letters long or not a to z.
    """
    x, y = torch.zeros(len(words), T, V), torch.full((len(words), T), pad)
    for b, word in enumerate(words):
        if not (0 < len(word) < T and set(word) <= set(ascii_lowercase)):
            raise ValueError(f"words: got {word!r}, want 1 to {T - 1} letters a … z")
        ids = [ord(letter) - ord("a") + 1 for letter in word]
        x[b, range(len(ids)), ids] = 1
        y[b, : len(ids)] = torch.tensor([*ids[1:], END])
    return x, y


@cache
def _italian():
    pairs = names.load(("Italy", "Spain"))
    return [name for name, land in pairs if land == "Italy" and len(name) < T]


def patient(fault="none", seed=0):
    """Return a fresh Run with one of FAULTS; with equal seeds runs begin equal.

    ValueError names the faults there are, if it is none of them.
    """
    if fault not in FAULTS:
        raise ValueError(f"fault: got {fault!r}, want one of {', '.join(FAULTS)}")
    want_sizes(seed=seed + 1)
    known = _italian()
    order = np.random.default_rng(seed).permutation(len(known))
    words = [known[i] for i in order]
    pad = END if fault == "padding counts" else PAD
    batches = [spelled(words[i : i + B], pad) for i in range(0, len(words) - B, B)]
    if fault == "mask upside down":
        batches = [(x * (y == PAD)[..., None], y) for x, y in batches]
    if fault == "names and answers apart":
        answers = [y for _, y in batches[1:] + batches[:1]]
        batches = [(x, y) for (x, _), y in zip(batches, answers, strict=True)]
    kind = {"cut off": CutOff, "state kept": Keeping}.get(fault, Speller)
    with torch.random.fork_rng():
        torch.seed() if fault == "no seed" else torch.manual_seed(seed)
        net = kind(both=fault == "hears the future")
    net.rnn.batch_first = fault != "batch read as time"
    loss = {"two softmaxes": loss_of_two, "divided by everything": thinned}
    lr = 2e-5 if fault == "rate too low" else 0.02
    return Run(net, batches, loss.get(fault, letter_loss), lr)


def loss_of_two(net, x, y):
    """Return the loss of probabilities that are taken for logits."""
    return letter_loss(lambda x: net(x).softmax(-1), x, y)


def thinned(net, x, y):
    """Return the sum of all losses, divided by B T."""
    return letter_loss(net, x, y) * (y != PAD).float().mean()


class CutOff(Speller):
    """Its read-out learns; the LSTM under it does not."""

    def forward(self, x):
        h, _ = self.rnn(x)
        return self.read(h.detach())


class Keeping(Speller):
    """It begins each batch in the state in which the last one ended."""

    state = None

    def forward(self, x):
        h, (h_T, c_T) = self.rnn(x, self.state)
        self.state = h_T.detach(), c_T.detach()
        return self.read(h)
