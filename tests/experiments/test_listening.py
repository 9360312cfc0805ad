"""Tables of lesson 10: rows come out again, and say what the lesson says."""

import numpy as np
import pytest

from helpers.experiments import load
from helpers.experiments.listening import NOISE, PLATEAU, listener_run, noise_run


def test_a_row_of_the_noise_table_comes_out_again():
    shares = noise_run(True, 0, levels=(12,))
    row = next(r for r in load("noise")["rows"] if r["both"] and r["snr"] == 12)
    kinds = ("substitutions", "insertions", "deletions")
    assert shares[0] == pytest.approx([row[kind][0] for kind in kinds], abs=0.02)


def test_the_noise_table_has_every_level_for_both_kinds_and_errors_grow():
    rows = load("noise")["rows"]
    assert [(r["both"], r["snr"]) for r in rows] == [
        (both, level) for both in (True, False) for level in NOISE
    ]
    total = [np.add(r["substitutions"], r["deletions"]) + r["insertions"] for r in rows]
    assert max(total[0]) < 0.02
    assert min(total[len(NOISE) - 1]) > 0.5


def test_the_plateau_table_has_every_way_to_train():
    found = load("plateau")
    kept = [
        (r["symbols"], tuple(r["strides"]), r["remedy"], r["steps"])
        for r in found["rows"]
    ]
    assert kept == list(PLATEAU)
    for row in found["rows"]:
        assert len(row["cer"]) == len(row["loss"]) == found["settings"]["seeds"]
        assert all(len(run) * 20 == row["steps"] for run in row["loss"])


def test_the_first_losses_of_a_plateau_row_come_out_again():
    """The rate falls in the second half only, so a short run begins like a long one."""
    run = listener_run("letters", (2, 2, 2), "", 80, 0)
    row = next(r for r in load("plateau")["rows"] if r["strides"] == [2, 2, 2])
    assert run["loss"][:2] == pytest.approx(row["loss"][0][:2], rel=0.02)
