"""The tables of lesson 12 on series: rows come out again, and say what it says."""

import numpy as np

from helpers.data.series import carbon
from helpers.experiments import load
from helpers.experiments.series.carbon_dioxide import (
    AHEAD,
    KINDS,
    ORIGINS,
    TESTED,
    lstm_forecasts,
    year_of,
)
from helpers.experiments.series.leaks import HORIZONS, leak_row
from helpers.nets.series.baselines import mase
from helpers.nets.series.leaky import LEAKS

CO2 = load("carbon_dioxide")["rows"]
FOUND = {(tuple(r["leaks"]), r["h"]): r for r in load("leaks")["rows"]}


def test_a_row_of_leaks_comes_out_again():
    row = leak_row(("off by one",), 5, walks=3)
    stored = FOUND[("off by one",), 5]
    np.testing.assert_allclose(row["then"], stored["then"][:3], atol=0.05)
    np.testing.assert_allclose(row["now"], stored["now"][:3], atol=0.05)


def test_every_set_of_leaks_is_there_and_none_survives():
    assert len(FOUND) == 32 * len(HORIZONS)
    for row in FOUND.values():
        assert len(row["then"]) == len(row["now"]) == 10
        assert np.median(row["now"]) < 0.02
    every = FOUND[LEAKS, 5]
    assert np.median(every["then"]) > 0.7


def test_a_forecast_comes_out_again():
    kind = "LSTM, change, direct"
    stored = next(r for r in CO2 if r["kind"] == kind and r["seed"] == 0)
    said = lstm_forecasts(kind, 0, ORIGINS[TESTED : TESTED + 1])[0]
    past, k = carbon()[: ORIGINS[TESTED]], TESTED
    came = carbon()[ORIGINS[k] : ORIGINS[k] + AHEAD]
    again, before = mase(said, came, past), stored["mase"][k]
    assert abs(again - before) < 0.3
    assert np.abs(said - stored["forecasts"][k]).mean() < 1.0


def test_the_table_has_every_kind_and_seed():
    assert [(r["kind"], r["seed"]) for r in CO2] == [
        (kind, seed) for kind in KINDS for seed in range(3)
    ]
    for row in CO2:
        assert len(row["mase"]) == len(ORIGINS)
        assert len(row["by_horizon"]) == AHEAD
        assert ("forecasts" in row) == (row["seed"] == 0)
    assert [year_of(o) for o in (180, 186, 192)] == [180, 180, 192]


def test_longer_training_helps_the_level_and_does_not_turn_the_table():
    rows = load("longer_training")["rows"]
    assert len(rows) == len(KINDS) * 2 * 3
    by = {}
    for row in rows:
        by.setdefault((row["kind"], row["steps"]), []).append(np.mean(row["mase"]))
    for kind in KINDS:
        if "level" in kind:
            assert np.median(by[kind, 1500]) < np.median(by[kind, 300])
    short = {r["seed"]: r for r in rows if r["steps"] == 300 and "direct" in r["kind"]}
    assert sorted(short) == [0, 1, 2]
