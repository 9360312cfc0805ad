"""What is known of a language, as a prior for a search over dots and dashes.

A bigram of letters, learnt from words, is spread over Morse code: what follows a prefix
is as probable as the letters that it leaves open.
"""

from __future__ import annotations

import math
from collections import Counter
from functools import lru_cache
from itertools import pairwise

from helpers.data.morse import CODE, ELEMENTS, LETTERS
from helpers.guards import want_sizes

__all__ = ["element_prior", "letter_bigram"]

LEAST = 1e-4  # what no letter's code goes on with is still this probable


def letter_bigram(words, add=0.1):
    """Return dict (letter before, letter) → probability; " " stands at both ends.

    add: what is added to each count, so that no pair has probability 0.
    """
    counts = Counter(pair for word in words for pair in pairwise(f" {word} "))
    want_sizes(words=sum(counts.values()))
    symbols = LETTERS.symbols
    total = {a: sum(counts[a, b] + add for b in symbols) for a in symbols}
    return {(a, b): (counts[a, b] + add) / total[a] for a in symbols for b in symbols}


def element_prior(bigram, weight=0.5, bonus=0.0):
    """Return a prior(prefix, k) for `prefix_beam` over ELEMENTS.

    weight * log p of the next dot, dash, or end of a letter or word, given the prefix,
    plus `bonus` for each: without one, short texts are favoured, as they have fewer
    factors below 1.
    """
    given = lru_cache(None)(lambda before, code: _next(bigram, before, code))

    @lru_cache(None)
    def place(prefix):
        """The letter before, and the code since."""
        code = ELEMENTS.decode(prefix).split("/")[-1].split(" ")
        before = _LETTER.get(code[-2], "?") if len(code) > 1 else " "
        return before, code[-1]

    def prior(prefix, k):
        return bonus + weight * math.log(given(*place(prefix))[ELEMENTS.symbols[k - 1]])

    return prior


_LETTER = {code: letter for letter, code in CODE.items()}


def _next(bigram, before, code):
    """Return symbol → p, of what may follow a code begun after the letter `before`."""
    if before == "?":
        return dict.fromkeys(ELEMENTS.symbols, 0.25)
    left = {b: bigram[before, b] for b in CODE if CODE[b].startswith(code)}
    whole = sum(left.values())
    p = dict.fromkeys(ELEMENTS.symbols, LEAST)
    for b, share in left.items():
        if CODE[b] == code:
            p[" "] += share / whole * (1 - bigram[b, " "])
            p["/"] += share / whole * bigram[b, " "]
        else:
            p[CODE[b][len(code)]] += share / whole
    return p
