"""Series of numbers: one made for the course, and windows cut from any of them."""

from __future__ import annotations

import numpy as np

__all__ = ["seasonal", "windows"]


def seasonal(
    rng: np.random.Generator, steps: int = 600, noise: float = 0.3
) -> np.ndarray:
    """Return (T,) float32: two cycles (24 and 168 steps, as hours of a day and of a
    week) and a disturbance that fades over a few steps (AR(1), factor 0.7).

    ``noise`` is the standard deviation of what is new in each step: no forecast of the
    next value, however good, can have a smaller root mean square error.
    """
    if steps < 2 or noise < 0:
        raise ValueError(
            f"steps {steps} and noise {noise}: at least 2 and 0 are wanted"
        )
    t = np.arange(steps)
    disturbance = np.zeros(steps)
    new = rng.normal(0, noise, steps)
    for i in range(1, steps):
        disturbance[i] = 0.7 * disturbance[i - 1] + new[i]
    cycles = np.sin(2 * np.pi * t / 24) + 0.5 * np.sin(2 * np.pi * t / 168)
    return (cycles + disturbance).astype(np.float32)


def windows(series, length, horizon=1):
    """Return (inputs, targets), (N, length) and (N, horizon): every window of the
    series and the values that follow it. N = len(series) - length - horizon + 1."""
    series = np.asarray(series)
    count = len(series) - length - horizon + 1
    if length < 1 or horizon < 1 or count < 1:
        raise ValueError(
            f"length {length} and horizon {horizon} do not fit {len(series)} values"
        )
    inputs = np.stack([series[i : i + length] for i in range(count)])
    targets = np.stack(
        [series[i + length : i + length + horizon] for i in range(count)]
    )
    return inputs, targets
