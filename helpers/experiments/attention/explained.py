"""Is the map of attention an explanation? Two tests, on two tasks (lesson 09)."""

from __future__ import annotations

import numpy as np
import torch
from tqdm.auto import tqdm

from helpers.cache import cached
from helpers.data import parallel, reviews
from helpers.data.batching import minibatches
from helpers.experiments.seq2seq import task_named, train_one
from helpers.nets.attention import decoder, witnesses
from helpers.nets.attention.maps import forced_map, free_map
from helpers.nets.attention.witnesses import (
    Judge,
    agreement,
    bent_logits,
    gradient_map,
    left_out_map,
    shuffler,
    total_variation,
)
from helpers.nets.seq2seq import exact
from helpers.nets.small import token_loss
from helpers.training import fit, in_eval, one_thread

__all__ = ["explained_experiment", "review_task", "train_judge", "two_tests"]

TEXTS = 100  # held-out texts whose maps are compared


def review_task(train=4000, test=500, agree=False):
    """Return (train, test): reviews as source (N, T), lengths, label (N, 1), ones.

    agree: three or four claims, none negated, all good or all bad, so that the label
    stands in many places; else one or two, of which the last decides.
    """
    rng = np.random.default_rng(0)
    sizes = (train, "train"), (test, "test")
    return [_as_tensors(_draw(n, split, agree, rng)) for n, split in sizes]


def _draw(n, split, agree, rng):
    if not agree:
        return reviews.draw_reviews(n, rng, split=split)
    found = []
    while len(found) < n:
        asked = {"claims": (3, 4), "negated": 0.0, "split": split}
        drawn = reviews.draw_reviews(n, rng, **asked)
        found += [r for r in drawn if len({c.polarity for c in r.claims}) == 1]
    return found[:n]


def _as_tensors(texts):
    lengths = torch.tensor([len(text.words) for text in texts])
    ids = torch.from_numpy(reviews.encode(texts, int(lengths.max())))
    labels = torch.tensor([[text.label] for text in texts])
    return ids, lengths, labels, torch.ones_like(lengths)


def train_judge(seed, *, steps=400, H=64, lr=5e-3, B=64, data=None):
    """Train one Judge of reviews; return (model, share of held-out reviews right)."""
    train, test = data or review_task()
    torch.manual_seed(seed)
    model = Judge(len(reviews.VOCABULARY), H=H)
    batches = minibatches(np.random.default_rng(seed), B, *train)

    def loss(model, source, n, labels, ones):
        return token_loss(model(source, n), labels, ones)

    with one_thread():
        fit(model, batches, loss, steps=steps, lr=lr, progress=False)
        with torch.no_grad():
            said = model(*test[:2]).argmax(2)
    return model, (said == test[2]).double().mean().item()


@in_eval
def two_tests(model, source, n, targets, m, seed=0):
    """Return medians of Kendall's τ and what shuffled weights change, a dict.

    gradient, left_out: of attention with either; witnesses: of these two with one
    another. moved: the mean total variation of a step's distribution when the weights
    are shuffled and the states kept; changed: the share of steps whose most probable
    token is another one then.
    """
    generator = torch.Generator().manual_seed(seed)
    weights = forced_map(model, source, n, targets)
    slopes = gradient_map(model, source, n, targets)
    moved = left_out_map(model, source, n, targets)
    pairs = {
        "gradient": (weights, slopes),
        "left_out": (weights, moved),
        "witnesses": (slopes, moved),
    }
    found = {
        name: round(float(np.median(agreement(*pair, n, m))), 3)
        for name, pair in pairs.items()
    }
    with torch.no_grad():
        p = model(source, n, targets).softmax(-1)
    q = bent_logits(model, source, n, targets, shuffler(source, n, generator))
    q, real = q.softmax(-1), torch.arange(targets.shape[1]) < m[:, None]
    found["moved"] = round(total_variation(p, q)[real].mean().item(), 3)
    other = p.argmax(2) != q.argmax(2)
    found["changed"] = round(other[real].double().mean().item(), 3)
    return found


@cached(depends=(decoder, witnesses, parallel, train_one, two_tests))
def translated(seed, **settings):
    """A translator of numbers below a million, put to both tests."""
    model, _ = train_one("numbers", "always", seed, net="attention", **settings)
    some = tuple(part[:TEXTS] for part in task_named("numbers").test)
    source, n, targets, m = some
    found = two_tests(model, *some)
    right = []
    for bend in (None, shuffler(source, n, torch.Generator().manual_seed(seed))):
        ids, _ = free_map(model, source, n, targets.shape[1], bend)
        right.append(round(exact(ids, targets, m).double().mean().item(), 3))
    whole = {"right": right[0], "right_shuffled": right[1]}
    return {"task": "translation", "seed": seed, **whole, **found}


@cached(depends=(decoder, witnesses, reviews, train_judge, two_tests))
def judged(seed, agree=False, **settings):
    """A judge of reviews, put to both tests."""
    _, test = data = review_task(agree=agree)
    model, right = train_judge(seed, data=data, **settings)
    some = tuple(part[:TEXTS] for part in test)
    source, n, labels, _ = some
    found = two_tests(model, *some)
    bend = shuffler(source, n, torch.Generator().manual_seed(seed))
    said = bent_logits(model, source, n, labels, bend).argmax(2)
    shuffled = (said == labels).double().mean().item()
    whole = {"right": round(right, 3), "right_shuffled": round(shuffled, 3)}
    task = "sentiment, all agree" if agree else "sentiment"
    return {"task": task, "seed": seed, **whole, **found}


def explained_experiment(progress=True):
    """Both tests on numbers → German, and on two kinds of reviews, over three seeds."""
    kinds = [(translated, {"every": 300})]
    kinds += [(judged, {"agree": agree}) for agree in (False, True)]
    jobs = [(run, seed, more) for run, more in kinds for seed in range(3)]
    bar = tqdm(jobs, leave=False, disable=not progress)
    rows = [run(seed, steps=300, **more) for run, seed, more in bar]
    told = {"B": 64, "lr": 5e-3, "steps": 300, "texts": TEXTS, "seeds": 3}
    return {"settings": told, "rows": rows}
