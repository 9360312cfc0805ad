"""The tables of lesson 13 about answers that stand in a story, and names to order."""

from __future__ import annotations

from collections import Counter
from functools import partial

import numpy as np
from tqdm.auto import tqdm

from helpers.data.projects.stories import KNOWN, draw_stories, encode, name_pools
from helpers.nets.projects.name_rubric import (
    counts_writer,
    lstm_writer,
    real_names,
    rubric,
)
from helpers.nets.projects.reading import Pointer, pointer_loss, same_spans
from helpers.nets.projects.taught import taught

__all__ = [
    "RULES",
    "answers_experiment",
    "answers_run",
    "brief_experiment",
    "by_rule",
    "story_parts",
]

RULES = ("most frequent", "question only", "last sentence")


def story_parts(seed, n=3000):
    """Return the names of the training stories, n of these, and 500 test stories each
    of the same names and of new ones."""
    old, new = name_pools(np.random.default_rng(9))
    rng = np.random.default_rng(seed)
    parts = [draw_stories(k, p, rng) for k, p in ((n, old), (500, old), (500, new))]
    return old, *parts


def by_rule(rule, train, story):
    """Return the answer, a text, of one of RULES that learns from training stories.

    "question only": the answer most frequent among questions that begin alike. "last
    sentence": the place or the name in the last sentence that has one to offer.
    """
    where = story.question[0] == "where"
    if rule == "last sentence":
        verb = "went" if where else "took"
        for first, last in reversed(story.sentences):
            if story.words[first + 1] == verb:
                words = story.words[first + 3 : last + 1] if where else []
                return " ".join(words) or story.words[first]
        return ""
    if rule == "question only":
        train = [s for s in train if s.question[0] == story.question[0]]
    return Counter(s.answer for s in train).most_common(1)[0][0]


def answers_run(kind, seed, steps=400):
    """Return the shares of answers right, word for word: (names seen, new names).

    kind: one of RULES; "words", a Pointer that knows each training name by heart, and
    others as the unknown word; "words + mark", with a mark at what the question names.
    """
    old, train, *tests = story_parts(seed)
    if kind in RULES:
        found = [
            np.mean([by_rule(kind, train, s) == s.answer for s in part])
            for part in tests
        ]
    else:
        vocabulary = (*KNOWN, *old)
        make = partial(Pointer, len(vocabulary), match=kind != "words")
        arrays = encode(train, vocabulary)
        model = taught(make, pointer_loss, arrays, steps=steps, seed=seed, lr=5e-3)
        found = [same_spans(model, *encode(part, vocabulary)) for part in tests]
    return [round(float(share), 3) for share in found]


def answers_experiment(seeds=3, progress=True):
    """Answers right, both ends: rows of kind, old and new (lists)."""
    rows = []
    for kind in tqdm([*RULES, "words", "words + mark"], disable=not progress):
        runs = [answers_run(kind, seed) for seed in range(seeds)]
        old, new = (list(part) for part in zip(*runs, strict=True))
        rows.append({"kind": kind, "old": old, "new": new})
    return {"settings": {"seeds": seeds, "steps": 400, "train": 3000}, "rows": rows}


def brief_experiment(seeds=3, progress=True):
    """Writers of surnames, scored by the rubric: rows of writer, and shares (lists)."""
    lesson, _ = real_names()
    makers = {
        "counts of 3 letters": lambda seed: counts_writer(
            lesson, np.random.default_rng(seed), longest=2
        ),
        "LSTM, 300 updates": lstm_writer,
        "LSTM, 500 updates": lambda seed: lstm_writer(seed, steps=500),
    }
    rows = []
    for writer, make in tqdm(makers.items(), disable=not progress):
        runs = [rubric(make(seed)) for seed in range(seeds)]
        shares = {key: [round(run[key], 3) for run in runs] for key in runs[0]}
        rows.append({"writer": writer, **shares})
    settings = {"seeds": seeds, "temperature": 0.6, "orders": 300}
    return {"settings": settings, "rows": rows}
