"""Forecasts from many origins, and intervals made of the errors at earlier ones."""

from __future__ import annotations

import numpy as np

from helpers.guards import want_shapes, want_sizes

__all__ = ["half_widths", "inside", "roll", "truths"]


def roll(series, method, origins, K):
    """Return forecasts (N, K): at each origin, from what was known by then.

    origins: how many values are known, one number a forecast. method(past, K).
    """
    want_shapes(series=(series, "T"))
    _want_origins(origins, len(series), K)
    return np.array([method(series[:origin], K) for origin in origins])


def truths(series, origins, K):
    """Return (N, K): what came after each origin."""
    want_shapes(series=(series, "T"))
    _want_origins(origins, len(series), K)
    return np.array([series[origin : origin + K] for origin in origins])


def half_widths(errors, origins, share=0.8, least=5):
    """Return (N, K): the half-width of the interval for each forecast.

    For h steps ahead it is the quantile `share` of the absolute errors, h steps ahead
    too, at the earlier origins whose truth was known by then; nan for fewer than
    `least` of them. errors: (N, K).
    """
    want_shapes(errors=(errors, "N K"))
    origins = np.asarray(origins)
    found = np.full(errors.shape, np.nan)
    for k, h in np.ndindex(*errors.shape):
        known = origins + h + 1 <= origins[k]
        if known.sum() >= least:
            found[k, h] = np.quantile(np.abs(errors[known, h]), share)
    return found


def inside(forecast, truth, half):
    """Tell for each truth (N, K) if it lies within half of its forecast; half (N, K)
    or (N, 1)."""
    want_shapes(forecast=(forecast, "N K"), truth=(truth, "N K"), half=(half, "N W"))
    return np.abs(truth - forecast) <= half


def _want_origins(origins, T, K):
    want_sizes(K=K)
    if len(origins) == 0 or min(origins) < 1 or max(origins) + K > T:
        raise ValueError(
            f"origins: got {list(origins)!r:.60}, want numbers from 1 to {T - K}: "
            f"{K} of {T} values have to come after each"
        )
