"""The tables of lesson 13 about nets that look: captions, glimpses and films."""

from __future__ import annotations

from functools import partial

import numpy as np
import torch
from torch import nn
from tqdm.auto import tqdm

from helpers.data import digits
from helpers.data.projects.films import backwards, counting
from helpers.data.projects.scenes import PAIRS, WORDS, lost, scenes
from helpers.nets.projects.captioner import (
    Captioner,
    caption_loss,
    exact,
    write_captions,
)
from helpers.nets.projects.seeing import (
    Eye,
    FilmReader,
    Glimpser,
    answer_loss,
    share_right,
)
from helpers.nets.projects.taught import taught

__all__ = [
    "HELD",
    "captions_experiment",
    "captions_run",
    "films_experiment",
    "films_run",
    "glimpses_experiment",
    "glimpses_run",
    "scene_parts",
]

HELD = tuple((a, b) for a, b in PAIRS if (b - a) % 10 in (3, 7))
CHECKS = (100, 200, 400, 800)  # updates after which a film reader is asked


def scene_parts(seed):
    """Return Scenes to learn from, of seen pairs, and of held-out ones, both of new
    digits: 6,000, 500 and 500."""
    train, test = digits.load(np.random.default_rng(0))
    rng = np.random.default_rng(seed)
    seen = [pair for pair in PAIRS if pair not in HELD]
    return (
        scenes(*train, seen, 6000, rng),
        scenes(*test, seen, 500, rng),
        scenes(*test, HELD, 500, rng),
    )


class _Classifier(nn.Module):
    """Which of 200 captions? The eye and two layers; a fixed speller would say it."""

    def __init__(self, C=32, H=128):
        super().__init__()
        self.eye = nn.Sequential(nn.Conv2d(1, C, 8, stride=8), nn.ReLU(), nn.Flatten())
        self.out = nn.Sequential(nn.Linear(4 * C, H), nn.ReLU(), nn.Linear(H, 200))

    def forward(self, x):
        return self.out(self.eye(x[:, None]))


def _classes(some):
    return torch.from_numpy(20 * some.pairs[:, 0] + 2 * some.pairs[:, 1]) + (
        torch.from_numpy(some.relation)
    )


def captions_run(kind, seed, steps=600):
    """Return the shares of captions that are right: (seen pairs, held-out pairs).

    kind: "looks" at every word; "one vector"; "classifier" of whole captions with a
    fixed speller; "no image" at all; "shuffled", a net that looks, given the image of
    another caption.
    """
    train, seen, held = scene_parts(seed)
    if kind == "classifier":
        arrays = (train.images, _classes(train))
        model = taught(_Classifier, answer_loss, arrays, steps=steps, seed=seed)
        found = [share_right(model, s.images, _classes(s)) for s in (seen, held)]
        return [round(share, 3) for share in found]
    make = partial(Captioner, len(WORDS), looks=kind != "one vector")
    images = torch.zeros_like(train.images) if kind == "no image" else train.images
    model = taught(make, caption_loss, (images, train.ids), steps=steps, seed=seed)
    found = []
    for some in (seen, held):
        x = some.images
        x = torch.zeros_like(x) if kind == "no image" else x
        x = x.roll(1, 0) if kind == "shuffled" else x
        found.append(round(exact(write_captions(model, x)[0], some.ids), 3))
    return found


def captions_experiment(seeds=3, progress=True):
    """Captions right, word for word: rows of kind, steps, seen and held (lists)."""
    kinds = [("looks", 600), ("one vector", 600), ("one vector", 1200)]
    kinds += [(kind, 600) for kind in ("classifier", "no image", "shuffled")]
    rows = []
    for kind, steps in tqdm(kinds, disable=not progress):
        runs = [captions_run(kind, seed, steps) for seed in range(seeds)]
        seen, held = (list(part) for part in zip(*runs, strict=True))
        rows.append({"kind": kind, "steps": steps, "seen": seen, "held": held})
    return {"settings": {"seeds": seeds, "train": 6000, "test": 500}, "rows": rows}


class _Whole(nn.Module):
    """All 400 pixels at once into one hidden layer."""

    def __init__(self, H=64):
        super().__init__()
        self.net = nn.Sequential(
            nn.Flatten(), nn.Linear(400, H), nn.ReLU(), nn.Linear(H, 10)
        )

    def forward(self, x):
        return self.net(x)


def glimpses_run(where, seed, steps=800):
    """Return the share of lost digits told; where: as for Glimpser, or "whole"."""
    train, test = digits.load(np.random.default_rng(0))
    rng = np.random.default_rng(seed)
    x, y, _ = lost(*train, 6000, rng)
    x_test, y_test, _ = lost(*test, 1000, rng)
    make = _Whole if where == "whole" else partial(Glimpser, where)
    model = taught(make, answer_loss, (x, y), steps=steps, seed=seed, B=128)
    with torch.random.fork_rng():
        torch.manual_seed(seed)  # the random places of the test
        return round(share_right(model, x_test, y_test), 3)


def glimpses_experiment(seeds=3, progress=True):
    """Lost digits told: rows of where, numbers seen of 400, right (a list)."""
    seen = {"learned": 116, "central": 116, "random": 116, "whole": 400}
    rows = []
    for where, numbers in tqdm(seen.items(), disable=not progress):
        right = [glimpses_run(where, seed) for seed in range(seeds)]
        rows.append({"where": where, "numbers": numbers, "right": right})
    return {"settings": {"seeds": seeds, "steps": 800, "size": 20}, "rows": rows}


class _Bag(nn.Module):
    """The mean of the frames' features, then two layers: order is lost."""

    def __init__(self, C=32, H=32):
        super().__init__()
        self.eye = Eye(C)
        self.out = nn.Sequential(nn.Linear(C, H), nn.ReLU(), nn.Linear(H, 2))

    def forward(self, films):
        frames = self.eye(films.flatten(0, 1)).unflatten(0, films.shape[:2])
        return self.out(frames.mean(1))


class _Digit(nn.Module):
    """An eye that learns to name single digits: (B, 8, 8) → (B, 10)."""

    def __init__(self, C=32):
        super().__init__()
        self.eye = Eye(C)
        self.out = nn.Linear(C, 10)

    def forward(self, x):
        return self.out(self.eye(x))


def _film_net(kind, seed):
    """Return a function that makes the net of a kind, for `taught`."""
    if kind == "bag of frames":
        return _Bag
    if kind != "digits first":
        return lambda: FilmReader(Eye())
    (images, labels), _ = digits.load(np.random.default_rng(0))
    arrays = (torch.from_numpy(images), torch.from_numpy(labels))
    namer = taught(_Digit, answer_loss, arrays, steps=200, seed=seed)
    return lambda: FilmReader(namer.eye)


def films_run(kind, seed, steps=800):
    """Return {"right", "reversed", "by two"}: shares of 1,000 test films.

    kind: "one frame", "bag of frames", "digits first" (the eye could name digits before
    it saw a film) or "from nothing". reversed: films run backwards, told as the other
    direction; by two: 0 2 4 …, which no training film does.
    """
    train, test = digits.load(np.random.default_rng(0))
    rng = np.random.default_rng(seed)
    films, up, _ = counting(*train, 4000, rng)
    tests = counting(*test, 1000, rng)[:2]
    twos = counting(*test, 1000, rng, by=2)[:2]
    cut = 1 if kind == "one frame" else films.shape[1]
    arrays = (films[:, :cut], up)
    model = taught(_film_net(kind, seed), answer_loss, arrays, steps=steps, seed=seed)
    parts = {"right": tests, "reversed": backwards(*tests), "by two": twos}
    return {
        name: round(share_right(model, x[:, :cut], y), 3)
        for name, (x, y) in parts.items()
    }


def films_experiment(seeds=3, progress=True):
    """Films told: rows of kind, steps, right, reversed, by two (lists)."""
    kinds = [("one frame", 800), ("bag of frames", 800)]
    kinds += [(kind, n) for kind in ("from nothing", "digits first") for n in CHECKS]
    rows = []
    for kind, steps in tqdm(kinds, disable=not progress):
        runs = [films_run(kind, seed, steps) for seed in range(seeds)]
        found = {key: [run[key] for run in runs] for key in runs[0]}
        rows.append({"kind": kind, "steps": steps, **found})
    return {"settings": {"seeds": seeds, "train": 4000, "test": 1000}, "rows": rows}
