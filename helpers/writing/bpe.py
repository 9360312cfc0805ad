"""Byte-pair encoding, learnt on words: the most frequent pair becomes one symbol."""

from __future__ import annotations

import itertools
from collections import Counter

from helpers.guards import want_sizes

__all__ = ["border_scores", "borders", "learn_bpe", "merge", "segment"]


def merge(symbols, pair):
    """Return the symbols with each occurrence of the pair joined, from the left on."""
    joined, i = [], 0
    while i < len(symbols):
        if tuple(symbols[i : i + 2]) == tuple(pair):
            joined.append(symbols[i] + symbols[i + 1])
            i += 2
        else:
            joined.append(symbols[i])
            i += 1
    return joined


def learn_bpe(words, merges):
    """Return at most `merges` pairs, in the order in which they were joined.

    words: strings, each as often as it occurs. Each round joins the pair of neighbours
    that occurs most often inside words, of equally frequent ones the first in the
    alphabet; it ends early if no pair occurs twice. Source: Sennrich et al. 2016,
    Neural machine translation of rare words with subword units, algorithm 1.
    """
    _want_words(words)
    want_sizes(merges=merges)
    counts = Counter(words)
    split = {word: list(word) for word in counts}
    learnt = []
    for _ in range(merges):
        pairs = Counter()
        for word, symbols in split.items():
            for pair in itertools.pairwise(symbols):
                pairs[pair] += counts[word]
        best = min(pairs, key=lambda pair: (-pairs[pair], pair), default=None)
        if best is None or pairs[best] < 2:
            break
        learnt.append(best)
        split = {word: merge(symbols, best) for word, symbols in split.items()}
    return learnt


def segment(word, learnt):
    """Return the pieces of a word, a list of strings: the learnt pairs joined in order.

    What was never seen stays a character of its own, so that the pieces, put together,
    are the word, whatever it is.
    """
    symbols = list(word)
    for pair in learnt:
        symbols = merge(symbols, pair)
    return symbols


def borders(pieces):
    """Return the set of places inside a word at which one piece ends: {2, 5}, say."""
    return set(itertools.accumulate(map(len, pieces[:-1])))


def border_scores(found, true):
    """Return (precision, recall) of the borders of some words' pieces.

    found, true: two segmentations of the same words, lists of lists of strings.
    Precision: the share of the found borders that are true; recall: of the true ones
    that were found. nan where there is none to count.
    """
    _want_same_words(found, true)
    pairs = [(borders(f), borders(t)) for f, t in zip(found, true, strict=True)]
    both = sum(len(f & t) for f, t in pairs)
    counts = [sum(len(pair[side]) for pair in pairs) for side in (0, 1)]
    return tuple(both / n if n else float("nan") for n in counts)


def _want_words(words):
    if isinstance(words, str):
        raise ValueError(f"words: got one text, {words!r}; want a list of words")
    for i, word in enumerate(words):
        if not isinstance(word, str):
            raise ValueError(f"words[{i}]: got {word!r}, want a string")


def _want_same_words(found, true):
    if len(found) != len(true):
        raise ValueError(f"found: got {len(found)} words, want {len(true)} as in true")
    for i, (f, t) in enumerate(zip(found, true, strict=True)):
        if "".join(f) != "".join(t):
            raise ValueError(
                f"found[{i}]: got pieces of {''.join(f)!r}, want {''.join(t)!r}"
            )
