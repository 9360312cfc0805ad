"""Where a decoder looks: for each state that may ask, and each first state."""

from __future__ import annotations

import itertools

import numpy as np
import torch
from tqdm.auto import tqdm

from helpers.cache import cached
from helpers.data import numbers, parallel
from helpers.experiments import seq2seq
from helpers.experiments.scale.spread import spread
from helpers.experiments.seq2seq import by_digits, task_named, train_one
from helpers.nets.attention import decoder, maps
from helpers.nets.seq2seq import exact

__all__ = ["hits", "looking_experiment", "looking_rows"]

SHIFTS = {"before": -1, "own": 0, "next": 1}  # whose place a row of weights is held to


def looking_rows(askers, *, seeds=3, steps=400, n_jobs=1, progress=True, **settings):
    """Train ``seeds`` models for each (asks, start); return rows with exact match by
    steps and by digits, and `hits`."""
    jobs = [(*asker, seed) for asker in askers for seed in range(seeds)]
    how = {"steps": steps, **settings}
    runs = spread(looked, [(job, how) for job in jobs], n_jobs=n_jobs)
    bar = tqdm(runs, total=len(jobs), leave=False, disable=not progress)
    keys = ("asks", "start", "seed")
    return [
        {**dict(zip(keys, job, strict=True)), **run}
        for job, run in zip(jobs, bar, strict=True)
    ]


@cached(depends=(decoder, maps, parallel, numbers, train_one))
def looked(asks, start, seed, **settings):
    """One finished run as plain numbers; kept on disk."""
    model, run = train_one(
        "12 digits", "always", seed, net="attention", asks=asks, start=start, **settings
    )
    return run | by_digits(model) | hits(model)


def hits(model):
    """Return shares of German parts whose English word has the most weight.

    hit: for all parts; hit_crossed: for tens and units that change places; each for the
    word of the token itself, of the one before and of the next one, the model fed the
    truth. free_hit, free_crossed: fed its own words, for numbers that it wrote right.
    """
    source, n, targets, m = task_named("12 digits").test
    values = numbers.by_digits(np.random.default_rng(0), *seq2seq.A_LENGTH)[1]
    places = maps.gold_places(values.tolist())
    over = maps.crossed(places)
    weights = maps.forced_map(model, source, n, targets)
    found = {
        name: {
            whose: _share(weights, places, shift, only)
            for whose, shift in SHIFTS.items()
        }
        for name, only in (("hit", None), ("hit_crossed", over))
    }
    ids, weights = maps.free_map(model, source, n, targets.shape[1])
    right = exact(ids, targets, m)
    S = places.shape[1]
    weights = torch.nn.functional.pad(weights, (0, 0, 0, S))[:, :S]
    free = torch.ones_like(over) & right[:, None]
    found["free_hit"] = _share(weights, places, 0, free)
    found["free_crossed"] = _share(weights, places, 0, free & over)
    return found


def _share(weights, places, shift, only):
    share = maps.hit_rate(weights, places, shift=shift, only=only)
    return round(share, 4) if share == share else None


def looking_experiment(n_jobs=1, progress=True):
    """12-digit numbers with attention: who asks × how the decoder starts."""
    askers = itertools.product(*map(decoder.SWITCHES.get, ("asks", "start")))
    rows = looking_rows(list(askers), every=50, n_jobs=n_jobs, progress=progress)
    told = {"B": 64, "E": 32, "H": 128, "lr": 5e-3, "clip": 1.0, "steps": 400}
    told |= {"train": "1,800 a length", "test": "100 a length", "score": "additive"}
    return {"settings": {**told, "digits": list(range(3, 13))}, "rows": rows}
