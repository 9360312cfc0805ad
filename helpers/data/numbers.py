"""Whole numbers and their names in words.

Source: num2words (LGPL, used as a library), https://github.com/savoirfairelinux/num2words.
"""

from __future__ import annotations

import re

import numpy as np
from num2words import num2words

__all__ = ["sample", "words"]


def words(number: int, lang: str = "en") -> list[str]:
    """Return the words of a number: 347 → three hundred and forty seven.

    ``lang`` is any language of num2words. ValueError for a negative number, one that
    is not whole, or an unknown language.
    """
    if isinstance(number, bool) or not isinstance(number, (int, np.integer)):
        raise ValueError(f"number is {number!r}; a whole number is wanted")
    if number < 0:
        raise ValueError(f"number is {number}; it must be 0 or more")
    try:
        text = num2words(int(number), lang=lang)
    except NotImplementedError:
        raise ValueError(f"lang is {lang!r}, which num2words does not know") from None
    return re.sub(r"[-,]", " ", text).split()


def sample(
    rng: np.random.Generator, count: int, below: int = 1000
) -> tuple[np.ndarray, np.ndarray]:
    """Return (train, held_out): all different numbers from 0 to ``below`` - 1, the last
    ``count`` of a random order held out, so that no number is in both."""
    if not 0 < count < below:
        raise ValueError(f"count is {count}; it must be between 1 and {below - 1}")
    order = rng.permutation(below)
    return order[:-count], order[-count:]
