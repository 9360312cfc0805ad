"""Surnames written for a country and a first letter, and how good they are."""

from __future__ import annotations

import string

import numpy as np
import torch

from helpers.data.batching import Coder, pad_batch
from helpers.data.names import LOCALES
from helpers.nets.small import shift_right, token_loss
from helpers.training import fit
from helpers.writing.decoding import follow, sample

__all__ = [
    "COUNTRIES",
    "LETTERS",
    "judge",
    "name_tensors",
    "train_writer",
    "write_names",
]

COUNTRIES = tuple(LOCALES)
LETTERS = Coder(string.ascii_lowercase)


def name_tensors(pairs):
    """Return ids (N, T), padded and with ⟨EOS⟩, lengths (N,) and countries (N,)."""
    ids, lengths = pad_batch([LETTERS.encode(name, end=True) for name, _ in pairs])
    kinds = [COUNTRIES.index(country) for _, country in pairs]
    return torch.tensor(ids), torch.tensor(lengths), torch.tensor(kinds)


def name_loss(model, ids, lengths, kinds):
    """Return the mean loss of a letter or ⟨EOS⟩, in nats."""
    logits, _ = model(shift_right(ids, LETTERS.BOS), kinds)
    return token_loss(logits, ids, lengths)


def train_writer(model, pairs, *, steps, seed, B=64, lr=5e-3, evaluate=None):
    """Train on (name, country) pairs and return fit's History.

    The rarer a country's names, the more often each is drawn (by the square root).
    """
    ids, lengths, kinds = name_tensors(pairs)
    weights = torch.bincount(kinds)[kinds] ** -0.5
    generator = torch.Generator().manual_seed(seed)

    def batches():
        while True:
            rows = torch.multinomial(weights, B, generator=generator)
            yield ids[rows], lengths[rows], kinds[rows]

    return fit(model, batches(), name_loss, steps=steps, lr=lr, evaluate=evaluate)


def write_names(model, kinds, first, generator, *, temperature=1.0):
    """Return a list of names, one a row: of countries (B,), beginning with letters.

    first: ids (B,) of the letters; the model reads them, whatever it expected.
    """
    bos, step = torch.full_like(kinds, LETTERS.BOS), model.step_for(kinds)
    _, state = follow(step, None, bos, first[:, None])
    ids = sample(
        step, state, first, generator, max_len=25, eos=LETTERS.EOS,
        temperature=temperature,
    )  # fmt: skip
    rows = torch.cat([first[:, None], ids], dim=1).tolist()
    return ["".join(LETTERS.decode(row)) for row in rows]


def judge(names, kinds, first, known, classifier):
    """Return shares of names: begins right, not in known, different, country told.

    classifier.predict(names) gives countries' names.
    """
    pairs = zip(names, LETTERS.decode(first.tolist()), strict=True)
    countries = np.array(COUNTRIES)[kinds.numpy()]
    return {
        "first letter": np.mean([name[0] == letter for name, letter in pairs]),
        "new": np.mean([name not in known for name in names]),
        "different": len({*zip(names, countries, strict=True)}) / len(names),
        "country told": np.mean(classifier.predict(names) == countries),
    }
