"""Forecasts from many origins, and intervals made of the errors at earlier ones."""

from __future__ import annotations

import numpy as np

from helpers.guards import want_shapes, want_sizes

__all__ = ["half_widths", "roll", "truths"]


def roll(series, method, origins, H):
    """Return forecasts (N, H): at each origin, from what was known by then.

    origins: how many values are known, one number a forecast. method(past, H).
    """
    want_shapes(series=(series, "T"))
    _want_origins(origins, len(series), H)
    return np.array([method(series[:origin], H) for origin in origins])


def truths(series, origins, H):
    """Return (N, H): what came after each origin."""
    want_shapes(series=(series, "T"))
    _want_origins(origins, len(series), H)
    return np.array([series[origin : origin + H] for origin in origins])


def half_widths(errors, origins, share=0.8, least=5):
    """Return (N, H): the half-width of the interval for each forecast.

    For h steps ahead it is the quantile `share` of the absolute errors, h steps ahead
    too, at the earlier origins whose truth was known by then; nan for fewer than
    `least` of them. errors: (N, H).
    """
    want_shapes(errors=(errors, "N H"))
    origins = np.asarray(origins)
    found = np.full(errors.shape, np.nan)
    for k, h in np.ndindex(*errors.shape):
        known = origins + h + 1 <= origins[k]
        if known.sum() >= least:
            found[k, h] = np.quantile(np.abs(errors[known, h]), share)
    return found


def _want_origins(origins, T, H):
    want_sizes(H=H)
    if len(origins) == 0 or min(origins) < 1 or max(origins) + H > T:
        raise ValueError(
            f"origins: got {list(origins)!r:.60}, want numbers from 1 to {T - H}: "
            f"{H} of {T} values have to come after each"
        )
