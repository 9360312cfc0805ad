"""Films in which handwritten digits count up or down.

Each frame is another picture, 8 by 8; 9 is followed by 0. So one frame tells nothing
about the direction, and a film run backwards is a film of the other direction, with the
very same frames.
"""

from __future__ import annotations

from collections import Counter, defaultdict

import numpy as np
import torch

from helpers.guards import want_shapes, want_sizes

__all__ = ["backwards", "ceiling", "count_up", "counting", "mirrored"]


def count_up(start, step, T):
    """Return the T digits from start on, each `step` above the one before, mod 10."""
    return [(start + step * t) % 10 for t in range(T)]


def counting(images, labels, n, rng, T=5, by=1):
    """Return films (n, T, 8, 8), up (n,), 1 or 0, and their digits, an array (n, T).

    images: (B, 8, 8) and their labels (B,), of all ten digits. Start and direction are
    drawn evenly; `by`: how far each frame counts.
    """
    want_shapes(images=(images, "B 8 8"), labels=(labels, "B"))
    want_sizes(n=n, T=T)
    by_digit = [np.flatnonzero(labels == d) for d in range(10)]
    if not all(map(len, by_digit)):
        raise ValueError("labels: not all ten digits are among them")
    up, start = rng.integers(2, size=n), rng.integers(10, size=n)
    rows = [count_up(s, by if u else -by, T) for s, u in zip(start, up, strict=True)]
    frames = [[images[rng.choice(by_digit[d])] for d in row] for row in rows]
    films = torch.from_numpy(np.array(frames, np.float32))
    return films, torch.from_numpy(up.astype(np.int64)), np.array(rows)


def backwards(films, up):
    """Return the films (N, T, …) run backwards, and their directions: the others."""
    return films.flip(1), 1 - up


def mirrored(films, up, digits):
    """Return films, up and digits with each film run backwards added behind them."""
    back, other = backwards(films, up)
    both = np.concatenate([digits, digits[:, ::-1]])
    return torch.cat([films, back]), torch.cat([up, other]), both


def ceiling(views, labels):
    """Return the largest share of labels that any function of the views can get right.

    views: what a model is shown of each case, N things that can be compared; labels: N.
    Cases with one view get one answer: at best the label most frequent among them.
    """
    if len(views) != len(labels) or not len(labels):
        raise ValueError(f"views: got {len(views)} for {len(labels)} labels")
    groups = defaultdict(Counter)
    for view, label in zip(views, labels, strict=True):
        groups[view][label] += 1
    best = sum(max(group.values()) for group in groups.values())
    return best / len(labels)
