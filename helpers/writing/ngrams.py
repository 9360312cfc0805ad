"""An n-gram model of characters with Kneser and Ney's smoothing, in a page.

Source: S. F. Chen, J. Goodman, *An empirical study of smoothing techniques for
language modeling*, Computer Speech & Language 13 (1999), section 2.7: interpolated
Kneser–Ney with one discount an order.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from functools import cache

import numpy as np

from helpers.guards import want_sizes

__all__ = ["KneserNey", "continuations", "count", "discount"]


def count(text, n):
    """Return {context: Counter of next characters}, contexts of n - 1 characters."""
    want_sizes(n=n)
    table = defaultdict(Counter)
    for i in range(len(text) - n + 1):
        table[text[i : i + n - 1]][text[i + n - 1]] += 1
    return table


def continuations(table):
    """Return the table of contexts one character shorter.

    Its numbers say after how many *different* first characters a context and its next
    character were seen, not how often.
    """
    shorter = defaultdict(Counter)
    for context, seen in table.items():
        for character in seen:
            shorter[context[1:]][character] += 1
    return shorter


def discount(table):
    """Return n1 / (n1 + 2 n2), from how many counts are 1 and how many 2; at most 1."""
    sizes = Counter(n for seen in table.values() for n in seen.values())
    return sizes[1] / max(sizes[1] + 2 * sizes[2], 1)


class KneserNey:
    """How likely is a character after the n - 1 before it? Counted in a text."""

    def __init__(self, text, n, characters):
        tables = [count(text, n)]
        for _ in range(n - 1):
            tables.append(continuations(tables[-1]))
        self.characters = characters
        self.tables = tables[::-1]  # tables[k]: contexts of k characters
        self.discounts = [discount(table) for table in self.tables]
        self.chances = cache(self.chances)  # each context is asked once

    def chances(self, context):
        """Return p (V,) of every character after a context; its last n - 1 count."""
        context = context[max(len(context) - len(self.tables) + 1, 0) :]
        V, k = len(self.characters), len(context)
        p = self.chances(context[1:]) if k else np.full(V, 1 / V)
        seen = self.tables[k].get(context)
        if seen:
            counts, d = np.array(list(seen.values())), self.discounts[k]
            p = d * len(seen) / counts.sum() * p
            p[self.characters.encode(seen)] += (counts - d) / counts.sum()  # d ≤ 1
        p.setflags(write=False)  # it is kept for whoever asks next
        return p

    def bits(self, text):
        """Return the mean of -log2 p over the characters of a text."""
        n, ids = len(self.tables), self.characters.encode(text)
        contexts = [text[max(i - n + 1, 0) : i] for i in range(len(text))]
        pairs = zip(contexts, ids, strict=True)
        return -np.mean([np.log2(self.chances(h)[i]) for h, i in pairs])
