"""The table of lesson 13 about negation at a distance: runs of words, and an LSTM."""

from __future__ import annotations

from functools import partial

import numpy as np
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from tqdm.auto import tqdm

from helpers.data.reviews import VOCABULARY, draw_reviews
from helpers.nets.feedforward import accuracy, tensors
from helpers.nets.projects.reading import Verdict
from helpers.nets.projects.reading import verdict_loss as loss
from helpers.nets.projects.taught import taught

__all__ = ["SPANS", "negation_experiment", "negation_run", "review_parts", "word_runs"]

SPANS = (2, 3, 4, 5, 6, 8, 12)
RUNS = (1, 2, 3, 5, 8)


def review_parts(seed, n=400):
    """Return 4,000 training reviews, spans 2 to 8, and span → n test reviews."""
    rng = np.random.default_rng(seed)
    train = draw_reviews(4000, rng, negated=0.3)
    return train, {k: draw_reviews(n, rng, split="test", span=k) for k in SPANS}


def word_runs(longest):
    """Return an untrained classifier of texts by their runs of 1 … longest words.

    A logistic regression on ones and zeros: which runs occur.
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
