"""A learner's own series: its windows, split by time, and a verdict over seeds."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from helpers.data.series import windows

__all__ = ["Part", "Parted", "by_pairs", "parted"]


class Part(NamedTuple):
    """Windows x (N, length) and the value after each, y (N,), both float32."""

    x: np.ndarray
    y: np.ndarray


class Parted(NamedTuple):
    """Two parts in units of the training part's spread, and how to undo that."""

    train: Part
    test: Part
    mean: float
    scale: float


def parted(values, length, cut):
    """Return the windows of a series (n,), those with targets before `cut` and after.

    Mean and spread are those of values[:cut]: what comes later was not known then.
    ValueError if a part has no window, or the training part does not change.
    """
    values = np.asarray(values, dtype=float)
    if not (length >= 1 and length < cut < len(values)):
        raise ValueError(
            f"length {length} and cut {cut} do not fit {len(values)} values: want "
            "1 ≤ length < cut < n"
        )
    mean, scale = values[:cut].mean(), values[:cut].std()
    if scale == 0:
        raise ValueError(f"values: the first {cut} are all equal")
    z = ((values - mean) / scale).astype(np.float32)
    train, test = windows(z[:cut], length), windows(z[cut - length :], length)
    parts = [Part(x, y[:, 0]) for x, y in (train, test)]
    return Parted(*parts, float(mean), float(scale))


def by_pairs(first, second):
    """Say which of two lists of errors is lower: "first", "second" or "cannot say".

    One pair a seed. A difference counts if its mean is beyond two standard errors.
    """
    gaps = np.subtract(first, second)
    if len(gaps) < 2 or abs(gaps.mean()) <= 2 * gaps.std(ddof=1) / np.sqrt(len(gaps)):
        return "cannot say"
    return "first" if gaps.mean() < 0 else "second"
