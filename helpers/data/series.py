"""Series of numbers: made for the course, or measured; and windows cut from any."""

from __future__ import annotations

import numpy as np
from matplotlib import cbook

__all__ = ["CARBON_FROM", "carbon", "google", "random_walk", "seasonal", "windows"]

CARBON_FROM = 1965  # the year of the first value of `carbon`, January


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


def random_walk(rng: np.random.Generator, steps: int, start: float = 300.0):
    """Return (T,) float64: each value is the last one times exp(new), and what is new
    has a standard deviation of 2 % and knows nothing of what was before.

    No forecast of the next value has a smaller mean square error than the value now
    (but for the mean of exp(new), 1.0002).
    """
    if steps < 1 or start <= 0:
        raise ValueError(f"steps {steps} and start {start}: from 1 on and above 0")
    return start * np.exp(np.cumsum(rng.normal(0, 0.02, steps)))


def google() -> np.ndarray:
    """Return (1047,) float64: Google's closing prices in US dollars, one a trading day,
    19 August 2004 to 14 October 2008, from the sample data that Matplotlib brings."""
    with cbook.get_sample_data("goog.npz") as file:
        return file["price_data"]["close"].astype(float)


def carbon() -> np.ndarray:
    """Return (444,) float64: carbon dioxide in the air at Mauna Loa, Hawaii, in parts
    per million, the mean of each month of 1965 … 2001.

    Means of weekly values by C. D. Keeling and T. P. Whorf (Scripps Institution of
    Oceanography), Carbon Dioxide Information Analysis Center, 2004: public domain.
    """
    return np.array(_CARBON.split(), dtype=float)


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


_CARBON = """
319.4 320.4 320.9 322.0 322.1 321.8 321.0 318.7 317.8 317.3 318.9 319.3
320.5 321.6 322.4 323.7 324.0 323.7 322.9 320.2 318.7 318.2 319.9 321.1
322.4 322.4 323.0 324.3 324.9 324.1 322.5 320.9 319.3 319.4 320.7 321.9
322.6 323.1 323.9 325.0 325.5 325.3 324.0 321.9 320.2 320.3 321.3 322.9
323.9 324.3 325.6 326.6 327.3 326.6 325.8 323.5 322.4 321.8 322.8 324.1
325.1 326.0 327.0 328.1 327.9 327.6 326.3 324.7 323.1 323.1 324.1 325.1
326.1 326.6 327.2 327.7 328.8 328.5 327.2 325.2 323.4 323.5 324.8 325.9
326.7 327.6 327.7 329.6 330.0 329.1 328.0 326.2 324.9 325.3 326.4 327.5
328.6 329.5 330.4 331.6 332.4 331.9 330.6 329.3 327.5 327.2 328.1 328.6
329.3 330.6 331.5 332.6 333.0 332.2 331.1 329.2 327.4 327.4 328.4 329.7
330.2 331.3 332.0 333.3 333.9 333.4 331.8 330.0 328.5 328.3 329.4 330.8
331.7 332.5 333.5 334.4 334.8 334.4 332.9 330.7 329.4 329.1 330.4 331.6
332.9 333.4 334.7 336.0 336.7 336.2 334.8 332.9 331.6 331.2 332.4 333.9
335.0 335.4 336.6 337.6 338.0 337.9 336.5 334.7 332.7 332.6 333.8 335.0
336.2 336.7 338.0 338.9 339.4 339.2 337.5 336.0 334.0 334.0 335.1 336.7
337.9 338.2 340.1 340.8 341.3 341.0 339.4 337.6 335.9 336.0 337.1 338.2
339.2 340.5 341.4 342.4 342.8 342.1 340.4 338.4 336.7 336.9 338.4 339.6
340.7 341.5 342.7 343.5 344.0 343.3 341.9 339.6 338.0 337.9 339.3 340.4
341.3 342.5 343.1 344.9 345.6 345.3 343.8 342.2 339.9 340.0 341.1 343.0
343.7 344.4 345.2 347.4 347.3 346.7 345.2 343.3 341.1 341.5 342.9 344.1
344.9 345.9 347.4 348.3 348.8 348.2 346.4 344.3 343.0 342.8 344.2 345.6
346.2 346.8 347.7 349.5 350.1 349.4 347.8 345.8 344.8 344.1 345.6 346.9
348.0 348.5 349.5 350.8 351.7 351.1 349.4 348.1 346.4 346.4 347.9 348.9
350.4 351.8 352.1 353.6 354.2 353.8 352.2 350.3 348.8 349.0 350.0 351.4
352.8 353.0 353.6 355.4 355.6 355.1 353.9 351.6 349.9 350.0 351.2 352.5
353.6 354.7 355.5 356.2 357.1 356.1 354.7 352.9 350.9 351.2 352.7 354.1
354.7 355.6 357.2 358.6 359.2 358.2 356.1 353.9 352.1 352.2 353.7 355.0
355.9 356.7 357.9 359.1 359.5 359.1 357.0 354.9 353.0 353.4 354.2 355.4
356.7 357.2 358.4 359.3 360.2 359.5 357.4 355.3 353.8 354.1 355.4 356.8
358.3 358.9 359.9 361.2 361.6 360.9 359.5 357.4 355.9 356.0 357.6 359.1
360.0 360.9 361.6 363.4 363.7 363.2 361.8 359.4 358.0 357.9 359.5 360.7
362.0 363.2 364.1 364.7 365.3 364.9 363.5 361.3 359.4 359.6 360.7 362.4
363.1 363.9 364.6 366.3 366.7 365.5 364.4 362.5 360.1 360.8 362.4 364.2
365.3 366.2 367.4 368.5 369.1 368.8 367.6 365.7 363.9 364.3 365.6 366.9
368.1 368.9 369.6 371.0 370.8 370.2 369.0 366.7 364.7 365.1 366.6 367.9
369.0 369.4 370.4 371.5 371.6 371.6 369.9 368.0 366.5 366.7 368.1 369.4
370.2 371.3 372.1 372.8 373.8 373.1 371.3 369.4 367.9 368.1 369.4 371.0
"""
