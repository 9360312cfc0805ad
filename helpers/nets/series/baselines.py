"""Forecasts that every net has to beat, and how good a forecast is.

All of them take the past, (T,) values up to now, and return the next K values.
"""

from __future__ import annotations

import numpy as np

from helpers.guards import want_shapes, want_sizes

__all__ = [
    "BASELINES",
    "ar_direct",
    "ar_recursive",
    "drift",
    "mase",
    "naive",
    "seasonal",
    "skill",
]


def naive(past, K):
    """Return (K,): it stays as it is."""
    _want_past(past, K, 1)
    return np.full(K, past[-1])


def drift(past, K):
    """Return (K,): it goes on as it has gone on the average so far."""
    _want_past(past, K, 2)
    return past[-1] + (past[-1] - past[0]) / (len(past) - 1) * np.arange(1, K + 1)


def seasonal(past, K, season=12):
    """Return (K,): what was one season ago, and a season's rise for each."""
    _want_past(past, K, season + 1)
    steps = np.arange(K)
    rise = past[-1] - past[-1 - season]
    return past[-season:][steps % season] + rise * (steps // season + 1)


def ar_recursive(past, K, L=24):
    """Return (K,): a weighted sum of the last L changes, fed with itself.

    The weights and a constant are found by least squares on the past.
    """
    _want_past(past, K, 2 * L + 3)
    z = np.diff(past)
    X = z[np.arange(L, len(z))[:, None] + np.arange(-L, 0)]
    w = _least_squares(X, z[L:])
    z = z.tolist()
    for _ in range(K):
        z.append(w[0] + w[1:] @ z[-L:])
    return past[-1] + np.cumsum(z[-K:])


def ar_direct(past, K, L=24):
    """Return (K,): for each step ahead a weighted sum of its own."""
    _want_past(past, K, 2 * L + K + 2)
    z, forecast = np.diff(past), []
    for h in range(1, K + 1):
        t = np.arange(L, len(past) - h)
        X = z[t[:, None] + np.arange(-L, 0)]
        w = _least_squares(X, past[t + h] - past[t])
        forecast.append(past[-1] + w[0] + w[1:] @ z[-L:])
    return np.array(forecast)


BASELINES = {
    "naive": naive,
    "drift": drift,
    "seasonal": seasonal,
    "linear AR, recursive": ar_recursive,
    "linear AR, direct": ar_direct,
}


def skill(forecast, truth, last):
    """Return 1 - MSE of the forecast / MSE of the last value: 1 perfect, 0 no better
    than persistence. All (N,)."""
    want_shapes(forecast=(forecast, "N"), truth=(truth, "N"), last=(last, "N"))
    return 1 - np.mean((forecast - truth) ** 2) / np.mean((last - truth) ** 2)


def mase(forecast, truth, past, season=12):
    """Return the mean absolute error, in units of that which "as a season ago" made
    on the average in the past. Source: Hyndman and Koehler 2006."""
    want_shapes(forecast=(forecast, "K"), truth=(truth, "K"), past=(past, "T"))
    _want_past(past, 1, season + 1)
    unit = np.mean(np.abs(past[season:] - past[:-season]))
    return np.mean(np.abs(forecast - truth)) / unit


def _least_squares(X, y):
    X = np.column_stack([np.ones(len(X)), X])
    return np.linalg.lstsq(X, y, rcond=None)[0]


def _want_past(past, K, least):
    want_shapes(past=(past, "T"))
    want_sizes(K=K)
    if len(past) < least:
        raise ValueError(f"past: got {len(past)} values, want {least} or more")
