"""The explorers of lesson 12 on series say in words what they draw."""

import numpy as np
import pytest

from helpers.data.series import carbon
from helpers.experiments import load
from helpers.explore.series.forecaster import explore_forecasts
from helpers.explore.series.leak_lab import explore_leaks
from helpers.nets.series.baselines import BASELINES, mase
from helpers.nets.series.leaky import LEAKS
from helpers.nets.series.rolling import roll

ORIGINS = tuple(range(180, 421, 12))


@pytest.fixture(scope="module")
def said():
    return {name: roll(carbon(), f, ORIGINS, 24) for name, f in BASELINES.items()}


def test_the_forecaster_says_the_scores(said):
    live = explore_forecasts(carbon(), said, ORIGINS, 10)
    live.frame(origin=1995.0, h=12, method="linear AR", recursive=True)
    k = ORIGINS.index(360)
    one = said["linear AR, recursive"][k, :12]
    score = mase(one, carbon()[360:372], carbon()[:360])
    assert f"MASE {score:.2f} at this origin" in live.reading
    assert "linear AR, recursive, 12 months ahead" in live.reading
    live.frame(method="naive", recursive=False)
    assert live.reading.startswith("naive,")


def test_the_forecaster_refuses_what_does_not_fit(said):
    with pytest.raises(ValueError, match="first: got 0"):
        explore_forecasts(carbon(), said, ORIGINS, 0)
    with pytest.raises(ValueError, match="wanted, got"):
        explore_forecasts(carbon(), {"naive": said["naive"][:3]}, ORIGINS, 10)
    half = {"linear AR, direct": said["linear AR, direct"]}
    with pytest.raises(ValueError, match="no recursive one"):
        explore_forecasts(carbon(), half, ORIGINS, 10)


def test_the_leak_lab_says_the_medians_and_the_inputs_that_move():
    rows = load("leaks")["rows"]
    live = explore_leaks(rows)
    for k, name in enumerate(LEAKS):
        live.frame(h=1, **{f"leak_{j}": j == k for j in range(5)})
        row = next(r for r in rows if r["leaks"] == [name] and r["h"] == 1)
        then = f"{np.median(row['then']):+.2f}".replace("-", "\N{MINUS SIGN}")
        assert f"{name}: skill {then} then" in live.reading
        moves = "of 21 inputs move" in live.reading
        assert moves == (name in ("scaled on all", "smoothed", "off by one"))
    live.frame(**{f"leak_{j}": False for j in range(5)})
    assert live.reading.startswith("no leak")
    with pytest.raises(ValueError, match="each of 32 sets"):
        explore_leaks(rows[:-1])
