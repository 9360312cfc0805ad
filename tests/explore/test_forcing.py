"""Explorer of lesson 08: the grid of runs, its medians, and grids with holes."""

import itertools

import numpy as np
import pytest
from pictures import differ

from helpers.explore.forcing import explore_forcing

RATIOS, LENGTHS, SEEDS = (0, 0.5, 1), (3, 6), (0, 1, 2)
STEPS = [100, 200, 300]


def rows():
    rng = np.random.default_rng(0)
    for ratio, length, seed in itertools.product(RATIOS, LENGTHS, SEEDS):
        free = np.sort(rng.random(3)) * (0.4 + 0.2 * ratio)
        yield {
            "ratio": ratio,
            "length": length,
            "seed": seed,
            "steps": STEPS,
            "free": free.tolist(),
            "forced": (0.5 + free / 2).tolist(),
        }


ROWS = list(rows())


def test_the_reading_is_the_median_and_range_of_the_seeds():
    live = explore_forcing(ROWS)
    for ratio, length in itertools.product(RATIOS, LENGTHS):
        live.frame(ratio=ratio, length=length)
        mine = [r for r in ROWS if (r["ratio"], r["length"]) == (ratio, length)]
        ends = sorted(r["free"][-1] for r in mine)
        assert f"{length} digits, after 300 steps: {ends[1]:.0%}" in live.reading
        assert f"(seeds {ends[0]:.0%} to {ends[2]:.0%})" in live.reading
        taught = sorted(r["forced"][-1] for r in mine)[1]
        assert f"it says {taught:.0%} of the words" in live.reading


def test_every_control_is_seen_without_a_full_drawing():
    live = explore_forcing(ROWS)
    shots = [live.frame(), live.frame(ratio=0), live.frame(ratio=0, length=3)]
    assert live.painter.full_draws == 1
    for one, other in itertools.pairwise(shots):
        assert differ(one, other)


def test_sliders_stop_at_the_ends_of_the_grid():
    controls = explore_forcing(ROWS).controls
    assert (controls["ratio"].min, controls["ratio"].max) == (0, 1)
    assert (controls["length"].min, controls["length"].max) == (3, 6)


def test_the_order_of_the_rows_does_not_matter():
    live, other = explore_forcing(ROWS), explore_forcing(ROWS[::-1])
    assert live.frame(ratio=0.5) == other.frame(ratio=0.5)


def test_a_value_between_two_runs_shows_the_nearer_one():
    live = explore_forcing(ROWS)
    live.frame(ratio=0.6, length=4)
    assert live.reading.startswith("Ratio 0.5, numbers of 3 digits")


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ([], "rows is empty"),
        (ROWS[1:], "wanted once, got 17 rows"),
        ([*ROWS, ROWS[0]], "wanted once, got 19 rows"),
        ([{**ROWS[0], "steps": [1, 2, 3]}, *ROWS[1:]], "the same steps"),
        (
            [{k: v for k, v in row.items() if k != "free"} for row in ROWS],
            "free missing",
        ),
    ],
)
def test_a_grid_with_holes_is_refused(wrong, words):
    with pytest.raises(ValueError, match=words):
        explore_forcing(wrong)
