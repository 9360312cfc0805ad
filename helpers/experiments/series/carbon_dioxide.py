"""Forecasts of carbon dioxide by LSTMs, from every half-year of twenty years."""

from __future__ import annotations

import numpy as np
from tqdm.auto import tqdm

from helpers.data.series import carbon
from helpers.nets.series.baselines import mase
from helpers.nets.series.forecaster import forecast, trained
from helpers.nets.series.rolling import half_widths, inside, truths

__all__ = [
    "AHEAD",
    "KINDS",
    "ORIGINS",
    "TESTED",
    "forecast_experiment",
    "longer_experiment",
    "lstm_row",
]

AHEAD, L, STEPS = 24, 24, 300
ORIGINS = tuple(range(180, 421, 6))  # January 1980, July 1980, … January 2000
TESTED = 20  # from the origin of January 1990 on; the first are for the intervals
KINDS = {  # name: values said at once, and is it the change?
    "LSTM, level, recursive": (1, False),
    "LSTM, level, direct": (AHEAD, False),
    "LSTM, change, recursive": (1, True),
    "LSTM, change, direct": (AHEAD, True),
}


def year_of(origin):
    """Return the origin of the January before, or of the same."""
    return ORIGINS[0] + (origin - ORIGINS[0]) // 12 * 12


def lstm_forecasts(kind, seed, origins=ORIGINS, progress=False):
    """Return (N, 24): one net a year, trained on all that was known in January."""
    K, change = KINDS[kind]
    series, found = carbon(), []
    for origin in tqdm(origins, disable=not progress):
        past, look = series[: year_of(origin)], {"L": L, "K": K, "steps": STEPS}
        model = trained(past, seed=seed, change=change, **look)
        found.append(forecast(model, series[:origin], AHEAD, L))
    return np.array(found)


def lstm_row(kind, seed, origins=ORIGINS):
    """Return dict: kind, seed, mase (one an origin), by_horizon, covered; of seed 0
    also the forecasts. The last two are of the origins from 1990 on."""
    series = carbon()
    found, truth = lstm_forecasts(kind, seed, origins), truths(series, origins, AHEAD)
    errors = found - truth
    half = half_widths(errors, origins)
    pasts = [series[:origin] for origin in origins]
    scores = map(mase, found, truth, pasts)
    row = {
        "kind": kind,
        "seed": seed,
        "mase": [round(float(score), 3) for score in scores],
        "by_horizon": np.abs(errors[TESTED:]).mean(0).round(3).tolist(),
        "covered": round(float(inside(found, truth, half)[TESTED:].mean()), 3),
    }
    return row | ({"forecasts": found.round(2).tolist()} if seed == 0 else {})


def forecast_experiment(seeds=3, progress=True):
    """Four kinds of LSTM, three seeds each, 24 months ahead from 41 origins."""
    todo = [(kind, seed) for kind in KINDS for seed in range(seeds)]
    rows = [lstm_row(kind, seed) for kind, seed in tqdm(todo, disable=not progress)]
    settings = {"seeds": seeds, "L": L, "steps": STEPS, "origins": ORIGINS}
    return {"settings": settings, "rows": rows}


def longer_experiment(seeds=3, progress=True):
    """MASE at three origins, January 1990, 1995 and 2000, after 300 and 1,500 steps.

    A row: kind, seed, steps, mase (one an origin).
    """
    series, origins = carbon(), (300, 360, 420)
    todo = [(k, seed, n) for k in KINDS for n in (300, 1500) for seed in range(seeds)]
    rows = []
    for kind, seed, steps in tqdm(todo, disable=not progress):
        (K, change), scores = KINDS[kind], []
        for origin in origins:
            past, came = series[:origin], series[origin : origin + AHEAD]
            look = {"seed": seed, "L": L, "K": K, "change": change, "steps": steps}
            said = forecast(trained(past, **look), past, AHEAD, L)
            scores.append(round(float(mase(said, came, past)), 3))
        rows.append({"kind": kind, "seed": seed, "steps": steps, "mase": scores})
    return {"settings": {"seeds": seeds, "L": L, "origins": origins}, "rows": rows}
