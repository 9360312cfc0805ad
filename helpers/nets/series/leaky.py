"""A forecaster with switches for five leaks, and its score then and in production."""

from __future__ import annotations

import numpy as np

from helpers.guards import want_shapes
from helpers.nets.series.baselines import skill

__all__ = ["LEAKS", "SETTINGS", "learn", "reached", "score", "smooth", "tuned"]

LEAKS = ("scaled on all", "shuffled", "smoothed", "off by one", "tuned on test")
NOW, FUTURE = 600, 250  # days that are there when it is built, and that follow
# L, width, ridge: what whoever tunes on the test part chooses from
SETTINGS = tuple((L, w, r) for L in (5, 20) for w in (0.02, 0.05, 0.2) for r in (1, 5))
USUAL = (20, 0.05, 5)


def smooth(s, n=5):
    """Return s with each value replaced by the mean of the n around it."""
    ones = np.ones(n)
    return np.convolve(s, ones, "same") / np.convolve(np.ones(len(s)), ones, "same")


def learn(X, y, width, ridge):
    """Return a forecaster of y (N,) from windows X (N, L + 1), by kernel ridge
    regression: changes count linearly, and a window counts as much as it is alike."""
    unit, size = np.diff(X).std(), y.std()

    def alike(A, B):
        line = (np.diff(A) / unit) @ (np.diff(B) / unit).T
        square = (A**2).sum(1)[:, None] + (B**2).sum(1) - 2 * A @ B.T
        n = A.shape[1]
        return line / n + np.exp(-square / n / (2 * width**2))

    w = np.linalg.solve(alike(X, X) + ridge * np.eye(len(X)), y / size)
    return lambda Z: alike(Z, X) @ w * size


def score(walk, h, leaks, rng, L=20, width=0.05, ridge=5, now=600):
    """Return the skill for the change over h days: then, and in production.

    walk: (T,), of which `now` days are known; leaks: some of LEAKS.
    """
    s = smooth(walk[:now]) if "smoothed" in leaks else walk[:now]
    ahead = 1 if "off by one" in leaks else 0
    cut = int(0.8 * now)
    known = s if "scaled on all" in leaks else s[:cut]
    low, unit = known.min(), np.ptp(known)
    back = np.arange(-L, 1)

    t = np.arange(L, now - h)  # a window ends at t, its target is the change to t + h
    X, y = (s[t[:, None] + back + ahead] - low) / unit, (s[t + h] - s[t]) / unit
    train, test = t + h < cut, t >= cut
    if "shuffled" in leaks:
        test = rng.permutation(len(t)) >= 0.8 * len(t)
        train = ~test
    model = learn(X[train], y[train], width, ridge)
    then = skill(model(X[test]), y[test], 0 * y[test])

    t = np.arange(now, len(walk) - h)
    X = walk[t[:, None] + back]
    if "smoothed" in leaks:
        X = np.array([smooth(walk[: day + 1])[-L - 1 :] for day in t])
    y = (walk[t + h] - walk[t]) / unit
    return then, skill(model((X - low) / unit), y, 0 * y)


def tuned(walk, h, leaks, seed, settings=SETTINGS):
    """Return `score`, and if "tuned on test" is among the leaks that of the setting
    (L, width, ridge) with the best score then."""
    want_shapes(walk=(walk, "T"))
    if unknown := set(leaks) - set(LEAKS):
        raise ValueError(f"leaks: got {sorted(unknown)}, want some of {LEAKS}")
    tried = settings if "tuned on test" in leaks else (USUAL,)
    rng = np.random.default_rng
    return max(score(walk, h, leaks, rng(seed), *setting) for setting in tried)


def reached(leaks, L=20, now=NOW, seed=0):
    """Return (L + 1,): by how much each input of one window moves, as a share of the
    days' changes, when all that comes after the window's last day is made 10 % higher.
    """
    from helpers.data.series import random_walk

    walk = random_walk(np.random.default_rng(seed), now)
    t = int(0.6 * now)
    other = walk.copy()
    other[t + 1 :] *= 1.1
    inputs = []
    for s in (walk, other):
        s = smooth(s) if "smoothed" in leaks else s
        known = s if "scaled on all" in leaks else s[:t]
        ahead = 1 if "off by one" in leaks else 0
        inputs.append((s[t - L + ahead : t + 1 + ahead] - known.min()) / np.ptp(known))
    return np.abs(inputs[1] - inputs[0]) / np.abs(np.diff(inputs[0])).mean()
