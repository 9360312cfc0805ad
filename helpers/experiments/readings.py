"""The tables of lesson 13 about nets that read: negation at a distance, and answers."""

from __future__ import annotations

from collections import Counter
from functools import partial

import numpy as np
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from tqdm.auto import tqdm

from helpers.data.reviews import VOCABULARY, draw_reviews
from helpers.data.stories import KNOWN, draw_stories, encode, name_pools
from helpers.nets.feedforward import accuracy, tensors
from helpers.nets.reading import Pointer, Verdict, pointer_loss, same_spans
from helpers.nets.reading import verdict_loss as loss
from helpers.nets.taught import taught

__all__ = [
    "SPANS",
    "answers_experiment",
    "answers_run",
    "by_rule",
    "negation_experiment",
    "negation_run",
    "review_parts",
    "story_parts",
    "word_runs",
]

SPANS = (2, 3, 4, 5, 6, 8, 12)
RUNS = (1, 2, 3, 5, 8)
RULES = ("most frequent", "question only", "last sentence")


def review_parts(seed, n=400):
    """Return 4,000 training reviews, spans 2 to 8, and span → n test reviews."""
    rng = np.random.default_rng(seed)
    train = draw_reviews(4000, rng, negated=0.3)
    return train, {k: draw_reviews(n, rng, split="test", span=k) for k in SPANS}


def word_runs(longest):
    """Return an untrained classifier of texts by which runs of 1 … longest words occur.

    A logistic regression on ones and zeros.
    """
    runs = CountVectorizer(ngram_range=(1, longest), token_pattern=r"\S+", binary=True)
    return make_pipeline(runs, LogisticRegression(max_iter=300))


def negation_run(kind, seed, steps=300):
    """Return the shares right, one for each of SPANS.

    kind: the longest run of words that is counted, or "LSTM".
    """
    train, tests = review_parts(seed)
    if kind == "LSTM":
        arrays = tensors(train, max(len(review.words) for review in train))
        make = partial(Verdict, len(VOCABULARY))
        model = taught(make, loss, arrays, steps=steps, seed=seed, lr=0.01)
        right = [accuracy(model, *tensors(part, 40)) for part in tests.values()]
    else:
        model = word_runs(kind).fit(*_texts(train))
        right = [model.score(*_texts(part)) for part in tests.values()]
    return [round(float(share), 3) for share in right]


def _texts(reviews):
    return [r.text for r in reviews], [r.label for r in reviews]


def negation_experiment(seeds=3, progress=True):
    """Verdicts right by the negation's span: rows of kind, right (seeds × spans)."""
    rows = [
        {"kind": kind, "right": [negation_run(kind, seed) for seed in range(seeds)]}
        for kind in tqdm([*RUNS, "LSTM"], disable=not progress)
    ]
    return {"settings": {"seeds": seeds, "spans": SPANS, "steps": 300}, "rows": rows}


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
