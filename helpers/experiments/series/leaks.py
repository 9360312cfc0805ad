"""What each leak, and each set of leaks, is worth on random walks: nothing can be known
there, so whatever a score is above that of the honest forecaster is a leak."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from tqdm.auto import tqdm

from helpers.data.series import random_walk
from helpers.nets.series.leaky import FUTURE, LEAKS, NOW, tuned

__all__ = ["HORIZONS", "leak_experiment", "leak_row"]

HORIZONS = (1, 5, 20)


def leak_row(leaks, h, walks=10):
    """Return dict: leaks, h, and the skills then and in production, one a walk."""
    made = [random_walk(np.random.default_rng(k), NOW + FUTURE) for k in range(walks)]
    scores = [tuned(walk, h, leaks, k) for k, walk in enumerate(made)]
    then, now = np.round(scores, 2).T.tolist()
    return {"leaks": list(leaks), "h": h, "then": then, "now": now}


def leak_experiment(walks=10, progress=True):
    """Skill of all 32 sets of leaks at three horizons, on ten random walks."""
    sets = [part for n in range(6) for part in combinations(LEAKS, n)]
    todo = [(part, h) for part in sets for h in HORIZONS]
    rows = [leak_row(part, h, walks) for part, h in tqdm(todo, disable=not progress)]
    settings = {"walks": walks, "known": NOW, "future": FUTURE}
    return {"settings": settings, "rows": rows}
