"""The measurements of lesson 02 that take longer than a cell should.

Each function gives {"settings": …, "rows": […]}, one row a model and size, with one
accuracy for each seed; `n_jobs` says how many runs at a time, as joblib counts.
"""

import numpy as np
import torch
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MaxAbsScaler
from torch import nn
from tqdm.auto import tqdm

from helpers.cache import cached
from helpers.data import names, reviews
from helpers.experiments.scale.spread import spread
from helpers.nets.feedforward import Feedforward, Recurrent, accuracy, several, tensors
from helpers.training import fit

__all__ = [
    "lstm_on_names",
    "names_experiment",
    "ngrams",
    "on_names",
    "one_mask",
    "one_size",
    "padding_experiment",
    "size_experiment",
]

SIZES = (250, 500, 1000, 2000, 4000, 8000, 16000)
LENGTH, HIDDEN, STEPS = 28, 32, 1000
SETTINGS = {"length": LENGTH, "hidden": HIDDEN, "steps": STEPS}
READERS = ("padded", "big window", "rnn")


def one_size(size, seed, nets=READERS):
    """Return test accuracies of nets taught by `size` reviews: name → number.

    nets: which. "padded": feedforward, first word in column 0. "big window":
    feedforward, last word in the last column. "rnn": nn.RNN. Data, weights and batches
    follow the seed.
    """
    _known(nets)
    rng = np.random.default_rng(seed)
    lesson = reviews.draw_reviews(size, rng, negated=0.3)
    exam = reviews.draw_reviews(2000, rng, split="test")
    return {name: _taught(name, lesson, exam, seed) for name in nets}


def _known(nets):
    if unknown := set(nets) - set(READERS):
        raise ValueError(f"nets: some of {READERS} wanted, got {sorted(unknown)}")


def _taught(name, lesson, exam, seed, masked=True):
    """Return the test accuracy of one net after it was trained on the lesson."""
    vocab = len(reviews.VOCABULARY)
    align = "right" if name == "big window" else "left"

    def make():
        if name == "rnn":
            return Recurrent(vocab, HIDDEN, masked)
        return Feedforward(LENGTH, vocab, HIDDEN, masked)

    taught = tensors(lesson, LENGTH, align)
    (net,) = several(make, *taught, seeds=[seed], steps=STEPS)
    return accuracy(net, *tensors(exam, LENGTH, align))


def one_mask(masked, seed, nets=("padded", "rnn")):
    """Return test accuracies with padding masked or not: name → number.

    nets: which, as in `one_size`. The data are the lesson's own, 4,000 reviews;
    weights and batches follow the seed.
    """
    _known(nets)
    rng = np.random.default_rng(3)
    lesson = reviews.draw_reviews(4000, rng, negated=0.3)
    exam = reviews.draw_reviews(1000, rng, split="test")
    return {name: _taught(name, lesson, exam, seed, masked) for name in nets}


def ngrams(longest):
    """Return an untrained classifier of texts by their runs of 1 … longest letters.

    A logistic regression on counts; with longest > 1 a word's begin and end count too.
    """
    kind = "char_wb" if longest > 1 else "char"
    counts = CountVectorizer(analyzer=kind, ngram_range=(1, longest), min_df=2)
    return make_pipeline(counts, MaxAbsScaler(), LogisticRegression(C=3, max_iter=300))


class _NameReader(nn.Module):
    """A name read in both directions by LSTMs; its country from the two last states."""

    def __init__(self, hidden, countries):
        super().__init__()
        self.embed = nn.Embedding(27, 32, padding_idx=0)
        self.rnn = nn.LSTM(32, hidden, batch_first=True, bidirectional=True)
        self.drop = nn.Dropout(0.3)
        self.out = nn.Linear(2 * hidden, countries)

    def forward(self, ids):
        lengths = (ids > 0).sum(1)
        packed = nn.utils.rnn.pack_padded_sequence(
            self.drop(self.embed(ids)), lengths, batch_first=True, enforce_sorted=False
        )
        _, (h, _) = self.rnn(packed)  # h: (2, B, H), the last state of each direction
        return self.out(self.drop(torch.cat([*h], dim=1)))


def lstm_on_names(lesson, exam, *, seed, epochs=15, hidden=96):
    """Return the test accuracy of a bidirectional LSTM on (surname, country) pairs."""
    countries = sorted({country for _, country in lesson})
    ids, labels = _letters(lesson, countries)
    generator = torch.Generator().manual_seed(seed)

    def batches():
        for _ in range(epochs):
            for rows in torch.randperm(len(ids), generator=generator).split(64):
                yield ids[rows], labels[rows]

    def loss(net, ids, labels):
        return nn.functional.cross_entropy(net(ids), labels)

    with torch.random.fork_rng():  # the weights and the dropout follow the seed
        torch.manual_seed(seed)
        net = _NameReader(hidden, len(countries))
        steps = epochs * -(-len(ids) // 64)
        fit(net, batches(), loss, steps=steps, lr=3e-3)
    ids, labels = _letters(exam, countries)
    with torch.no_grad():
        return (net.eval()(ids).argmax(1) == labels).float().mean().item()


def _letters(pairs, countries):
    rows = [torch.tensor([ord(c) - 96 for c in name]) for name, _ in pairs]
    ids = nn.utils.rnn.pad_sequence(rows, batch_first=True)
    return ids, torch.tensor([countries.index(country) for _, country in pairs])


@cached(depends=(lstm_on_names, _NameReader, fit, ngrams, names))
def on_names(seed):
    """Return test accuracies on surnames → country for one split: name → number."""
    lesson, exam = names.split(names.load(), np.random.default_rng(seed))
    found = {}
    for label, longest in (("letter counts", 1), ("1- to 4-grams", 4)):
        model = ngrams(longest).fit(*zip(*lesson, strict=True))
        found[label] = float(model.score(*zip(*exam, strict=True)))
    return found | {"LSTM": lstm_on_names(lesson, exam, seed=seed)}


def size_experiment(*, sizes=SIZES, seeds=5, n_jobs=1, progress=True):
    """Accuracy by number of training reviews: rows of size, net, accuracy (a list)."""
    jobs = [(n, seed) for n in sizes for seed in range(seeds)]
    runs = _runs(one_size, jobs, n_jobs, progress)
    rows = [
        {"size": size, "net": net, "accuracy": [run[net] for run in group]}
        for size, group in zip(sizes, _groups(runs, seeds), strict=True)
        for net in group[0]
    ]
    return {"settings": SETTINGS | {"seeds": seeds}, "rows": rows}


def padding_experiment(*, seeds=5, n_jobs=1, progress=True):
    """Accuracy with and without a mask: rows of net, masked, accuracy (a list)."""
    kinds = (True, False)
    jobs = [(kind, seed) for kind in kinds for seed in range(seeds)]
    groups = _groups(_runs(one_mask, jobs, n_jobs, progress), seeds)
    rows = [
        {"net": net, "masked": kind, "accuracy": [run[net] for run in group]}
        for kind, group in zip(kinds, groups, strict=True)
        for net in group[0]
    ]
    return {"settings": SETTINGS | {"seeds": seeds}, "rows": rows}


def names_experiment(*, seeds=5, n_jobs=1, progress=True):
    """Surname → country, a new split a seed: rows of model, accuracy (a list)."""
    jobs = [(seed,) for seed in range(seeds)]
    runs = _runs(on_names, jobs, n_jobs, progress)
    rows = [{"model": m, "accuracy": [run[m] for run in runs]} for m in runs[0]]
    return {"settings": {"epochs": 15, "hidden": 96, "seeds": seeds}, "rows": rows}


def _runs(fn, jobs, n_jobs, progress):
    work = spread(fn, [(job, {}) for job in jobs], n_jobs=n_jobs)
    bar = tqdm(work, total=len(jobs), leave=False, delay=0.5, disable=not progress)
    return [{name: round(value, 4) for name, value in run.items()} for run in bar]


def _groups(runs, size):
    return [runs[i : i + size] for i in range(0, len(runs), size)]
