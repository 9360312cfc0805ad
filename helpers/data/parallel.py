"""Tasks of two sequences: what is read and what is to be written, as tensors."""

from __future__ import annotations

from typing import NamedTuple

import torch

from helpers.data import dates, numbers
from helpers.data.batching import Coder, pad_batch

__all__ = ["Task", "as_tensors", "date_task", "number_task", "task_of"]


class Task(NamedTuple):
    """Coders of both sides; training and held-out pairs as `as_tensors` has them."""

    source_coder: Coder
    target_coder: Coder
    train: tuple[torch.Tensor, ...]
    test: tuple[torch.Tensor, ...]


def as_tensors(pairs, source_coder, target_coder):
    """Return source (B, T), lengths (B,), targets (B, S), lengths (B,): tensors of ids.

    pairs: (source tokens, target tokens); a text is read character by character. Each
    target ends with the end mark, and its length counts it.
    """
    source = pad_batch([source_coder.encode(text) for text, _ in pairs])
    targets = pad_batch([target_coder.encode(text, end=True) for _, text in pairs])
    return tuple(map(torch.from_numpy, (*source, *targets)))


def task_of(train, test):
    """Return the Task of two lists of (source tokens, target tokens).

    The coders know what is in the training pairs; ValueError if the held-out pairs
    have any other token.
    """
    source_coder = Coder(token for text, _ in train for token in text)
    target_coder = Coder(token for _, text in train for token in text)
    coders = source_coder, target_coder
    return Task(*coders, as_tensors(train, *coders), as_tensors(test, *coders))


def date_task(rng, train=12_000, test=1000):
    """Return the Task of dates in 12 languages → ISO 8601, split by date."""
    days = dates.draw(rng, train + test)
    known, unknown = dates.split(days, test / (train + test))
    return task_of(dates.pairs(known, rng), dates.pairs(unknown, rng))


def number_task(rng, train=20_000, test=1000, first=1, below=1_000_000):
    """Return the Task of English number words → German morphemes, split by number.

    The numbers are different ones, drawn from ``first`` to ``below`` - 1. (0 is left
    out unless asked for: no other number teaches its words.)
    """
    if not 0 < train + test <= below - first:
        raise ValueError(
            f"train + test is {train + test}; from {first} to {below - 1} there are "
            f"{max(0, below - first)} numbers"
        )
    drawn = first + numbers.different(rng, below - first, train + test)
    known, unknown = drawn[:train], drawn[train:]
    return task_of(numbers.pairs(known), numbers.pairs(unknown))
