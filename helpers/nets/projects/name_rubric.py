"""Who writes surnames to order, and the rubric that judges them.

The order: n surnames for a country and a first letter. A *writer* is a function
write(country, first, n) that returns a list of n names in small letters.
"""

from __future__ import annotations

import functools
from collections import Counter, defaultdict

import numpy as np
import torch

from helpers.cache import cached
from helpers.data import names
from helpers.guards import want_sizes
from helpers.nets.language_models import NameWriter
from helpers.nets.name_writing import (
    COUNTRIES,
    LETTERS,
    judge,
    train_writer,
    write_names,
)

__all__ = [
    "CRITERIA",
    "count_letters",
    "counts_writer",
    "lstm_writer",
    "name_judge",
    "orders",
    "real_names",
    "rubric",
]

CRITERIA = {"first letter": 1.0, "new": 0.8, "different": 0.9, "country told": 0.6}


@functools.lru_cache
def real_names(seed=0):
    """Return (lesson, exam): (name, country) pairs to learn from, and a fifth for
    the orders, drawn by the seed."""
    lesson, exam = names.split(names.load(), np.random.default_rng(seed))
    return tuple(lesson), tuple(exam)


@functools.lru_cache
def name_judge(seed=0):
    """Return a classifier of countries that was taught by real names only."""
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import MaxAbsScaler

    runs = CountVectorizer(analyzer="char_wb", ngram_range=(1, 4), min_df=2)
    judge = make_pipeline(runs, MaxAbsScaler(), LogisticRegression(C=3, max_iter=300))
    lesson, _ = real_names(seed)
    return judge.fit(*zip(*lesson[::2], strict=True))


def orders(n=300, seed=0):
    """Return (country, first letter, how many), mixed as n held-out names are."""
    want_sizes(n=n)
    _, exam = real_names(seed)
    found = Counter((country, name[0]) for name, country in exam[:n])
    return [(country, letter, k) for (country, letter), k in sorted(found.items())]


def rubric(write, n=300, seed=0):
    """Return the shares of a writer's names that meet each of CRITERIA, a dict.

    first letter: it is the one asked for; new: no real name that we have, nor one with
    a letter more; different: not the same as another name of this country; country
    told: by `name_judge`.
    ValueError if write gives anything but as many names as are ordered.
    """
    lesson, exam = real_names(seed)
    found, kinds, first = [], [], []
    for country, letter, k in orders(n, seed):
        written = list(write(country, letter, k))
        _want_names(written, country, letter, k)
        found += written
        kinds += [COUNTRIES.index(country)] * k
        first += LETTERS.encode(letter * k)
    known = {name for name, _ in (*lesson, *exam)}
    known |= {name for name in found if known & _one_letter_less(name)}
    scores = judge(
        found, torch.tensor(kinds), torch.tensor(first), known, name_judge(seed)
    )
    return {name: float(share) for name, share in scores.items()}


def count_letters(pairs, longest=3):
    """Return {(country, run): Counter of the letters that follow}, runs up to longest.

    "^" begins a name and "." ends it.
    """
    tables = defaultdict(Counter)
    for name, country in pairs:
        marked = f"^{name}."
        for i in range(1, len(marked)):
            for k in range(min(longest, i) + 1):
                tables[country, marked[i - k : i]][marked[i]] += 1
    return tables


def counts_writer(pairs, rng, longest=3):
    """Return a writer without a net: each letter is drawn from those that followed the
    last `longest` ones in this country's names, or the last fewer if none did."""
    tables = count_letters(pairs, longest)

    def grow(country, text):
        while text[-1] != "." and len(text) < 25:
            k = next(k for k in range(longest, -1, -1) if (
                k <= len(text) and (country, text[len(text) - k :]) in tables
            ))  # fmt: skip
            seen = tables[country, text[len(text) - k :]]
            p = np.array([*seen.values()]) / seen.total()
            text += str(rng.choice([*seen], p=p))
        return text.strip("^.")

    return lambda country, first, n: [grow(country, "^" + first) for _ in range(n)]


def lstm_writer(seed=0, steps=300, temperature=0.6):
    """Return a writer by the net of lesson 07, trained on the names to learn from."""
    lesson, _ = real_names(0)
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model = NameWriter(len(LETTERS), len(COUNTRIES), 128)
    learn = cached(train_writer, depends=(NameWriter,))
    learn(model, list(lesson), steps=steps, seed=seed)
    generator = torch.Generator().manual_seed(seed)

    def write(country, first, n):
        kinds = torch.full((n,), COUNTRIES.index(country))
        ids = torch.tensor(LETTERS.encode(first * n))
        return write_names(model, kinds, ids, generator, temperature=temperature)

    return write


def _one_letter_less(name):
    return {name[:i] + name[i + 1 :] for i in range(len(name))}


def _want_names(written, country, letter, k):
    if len(written) != k or not all(isinstance(w, str) and w for w in written):
        raise ValueError(
            f"write: {k} names wanted for {country}, {letter}; got {written!r:.60}"
        )
