"""Whole numbers and their names in words.

Source: num2words (LGPL, used as a library), https://github.com/savoirfairelinux/num2words.
"""

from __future__ import annotations

import copy
import functools
import re
from collections.abc import Iterable, Iterator

import numpy as np
from num2words import CONVERTER_CLASSES, num2words

__all__ = [
    "aligned",
    "by_digits",
    "by_groups",
    "different",
    "morphemes",
    "pairs",
    "sample",
    "word_parts",
    "words",
]

_LARGE = 10**12  # from here on num2words looks through all the names that it has
# What German number words below 10^12 are made of, the longest first.
_PARTS = re.compile(
    "Milliarden|Milliarde|Millionen|Million|tausend|hundert|und|"
    "(?:drei|vier|fünf|sech|sieb|acht|neun)zehn|dreißig|"
    "(?:zwan|vier|fünf|sech|sieb|acht|neun)zig|"
    "null|eins|eine|ein|zwei|drei|vier|fünf|sechs|sieben|acht|neun|zehn|elf|zwölf"
)


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
        if lang in ("en", "de") and number < _LARGE:
            text = _converter(lang).to_cardinal(int(number))
        else:
            text = num2words(int(number), lang=lang)
    except NotImplementedError:
        raise ValueError(f"lang is {lang!r}, which num2words does not know") from None
    return re.sub(r"[-,]", " ", text).split()


@functools.cache
def _converter(lang: str):
    """Return what num2words writes `lang` with, less the names from 10^12 on.

    It tries them all, some hundred, at each step: without them it is seven times as
    quick in German.
    """
    quick = copy.copy(CONVERTER_CLASSES[lang])
    quick.cards = {n: name for n, name in quick.cards.items() if n < _LARGE}
    return quick


def morphemes(number: int) -> list[str]:
    """Return the parts of a German number word: 21 → ein und zwanzig.

    ValueError as for `words`, and from 10^12 on.
    """
    return [part for word in word_parts(number) for part in word]


def word_parts(number: int) -> list[list[str]]:
    """Return the parts of each word of a German number: 21 → [[ein, und, zwanzig]].

    What is below a million is one word. ValueError as for `morphemes`.
    """
    whole = words(number, "de")
    parts = [_PARTS.findall(word) for word in whole]
    if ["".join(word) for word in parts] != whole:
        raise ValueError(f"number is {number}; it must be below 10^12")
    return parts


@functools.cache
def _meanings() -> dict[str, str]:
    """The English word that each German part says; "und" is not among them."""
    alone = [*range(21), *range(30, 100, 10)]
    alone += [m * 10**k for k in (2, 3, 6, 9) for m in (1, 2)]
    same = {morphemes(n)[-1]: words(n)[-1] for n in alone}
    return same | {"ein": "one", "eine": "one"}


def aligned(number: int) -> list[int | None]:
    """Return for each part of `morphemes` which of the English `words` it says.

    21, "twenty one" → ein und zwanzig → [1, None, 0]. The first "zwei" says the first
    "two", the second the second; "und" says no word. ValueError as for `morphemes`.
    """
    english, means = words(number), _meanings()
    places: dict[str, Iterator[int]] = {
        word: iter([i for i, other in enumerate(english) if other == word])
        for word in set(english)
    }
    said = [means.get(part) for part in morphemes(number)]
    return [None if word is None else next(places[word]) for word in said]


def pairs(numbers: Iterable[int]) -> list[tuple[list[str], list[str]]]:
    """Return one (English words, German morphemes) pair a number."""
    return [(words(n), morphemes(n)) for n in numbers]


def different(rng: np.random.Generator, below: int, count: int) -> np.ndarray:
    """Return ``count`` different numbers below ``below``, in a random order.

    ValueError if there are not that many.
    """
    if not 0 < count <= below:
        raise ValueError(f"count is {count}; there are {below} numbers")
    if below <= 1_000_000:
        return rng.permutation(below)[:count]
    chosen = np.empty(0, dtype=np.int64)
    while len(chosen) < count:
        more = rng.integers(below, size=2 * count)
        chosen = np.array(list(dict.fromkeys([*chosen.tolist(), *more.tolist()])))
    return chosen[:count]


def sample(
    rng: np.random.Generator, count: int, below: int = 1000
) -> tuple[np.ndarray, np.ndarray]:
    """Return (train, held_out): all different numbers from 0 to ``below`` - 1, the last
    ``count`` of a random order held out, so that no number is in both."""
    if not 0 < count < below:
        raise ValueError(f"count is {count}; it must be between 1 and {below - 1}")
    order = rng.permutation(below)
    return order[:-count], order[-count:]


def by_digits(
    rng: np.random.Generator, train: int, test: int, longest: int = 12
) -> tuple[np.ndarray, np.ndarray]:
    """Return (train, held_out): different numbers of 1 to ``longest`` digits, no number
    in both, and of every length ``train`` and ``test`` of them.

    Short lengths have few numbers: at most a fifth of them is held out, and the rest
    is in training. 0 is in neither. Both arrays are in a random order.
    """
    for name, count in (("train", train), ("test", test)):
        if count < 1:
            raise ValueError(f"{name} is {count}; it must be 1 or more")
    if not 1 <= longest <= 12:
        raise ValueError(f"longest is {longest}; it must be between 1 and 12 digits")
    parts: tuple[list, list] = ([], [])
    for digits in range(1, longest + 1):
        first = 10 ** (digits - 1)
        there = 10**digits - first
        held = min(test, there // 5)
        count = held + min(train, there - held)
        chosen = first + different(rng, there, count)
        parts[0].append(chosen[held:])
        parts[1].append(chosen[:held])
    known, unknown = (rng.permutation(np.concatenate(part)) for part in parts)
    return known, unknown


def by_groups(rng: np.random.Generator, count: int, groups: int) -> np.ndarray:
    """Return ``count`` different numbers below 10^12 that have ``groups`` groups.

    A group is three digits that are not 000: 12,000,345 has two. Which of the four
    places are filled is drawn, and what stands there, from 1 to 999.
    """
    if groups not in (1, 2, 3, 4):
        raise ValueError(f"groups is {groups}; it must be 1, 2, 3 or 4")
    there = {1: 4 * 999, 2: 6 * 999**2, 3: 4 * 999**3, 4: 999**4}[groups]
    if not 0 < count <= there:
        raise ValueError(f"count is {count}; there are {there} such numbers")
    found: dict[int, None] = {}
    while len(found) < count:
        places = rng.permuted(np.tile(np.arange(4), (count, 1)), axis=1)[:, :groups]
        digits = rng.integers(1, 1000, size=places.shape)
        found |= dict.fromkeys((digits * 1000**places).sum(1).tolist())
    return np.array(list(found))[:count]
