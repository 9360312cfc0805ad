"""What the stored tables of lesson 09 say, and that a row of them comes out again."""

import itertools
import json

import numpy as np
import pytest

from helpers.experiments import load, store
from helpers.experiments.attention.explained import judged
from helpers.experiments.attention.looking import looking_rows
from helpers.experiments.attention.miniature import (
    PIECES,
    group_task,
    train_gnmt,
)
from helpers.experiments.attention.miniature import measured as measured_again

STORED = ("looking", "explained", "miniature")
BOTTLENECK = 0.5  # of 12 digits, one state of 128 has less than this after 1,200 steps


@pytest.mark.parametrize("name", STORED)
def test_stored_tables_are_complete_json(name):
    text = (store.RESULTS / f"{name}.json").read_text(encoding="utf-8")
    json.loads(text, parse_constant=pytest.fail)  # no NaN, no Infinity
    assert len(text) < 40_000


# --- where a decoder looks ------------------------------------------------------------


def test_a_row_of_looking_comes_out_again():
    stored = load("looking")["rows"][0]
    assert (stored["asks"], stored["start"]) == ("before", "encoder")
    asked = {"seeds": 1, "steps": 100, "every": 50, "progress": False}
    (again,) = looking_rows([("before", "encoder")], **asked)
    assert again["steps"] == [50, 100]
    assert again["exact"][1] == pytest.approx(stored["exact"][1], abs=0.08)
    assert again["hit_crossed"]["own"] > 0.85  # on its way to what is stored
    assert stored["hit_crossed"]["own"] > 0.98


def test_every_decoder_that_looks_back_gets_past_the_bottleneck():
    rows = load("looking")["rows"]
    runs = {(r["asks"], r["start"], r["seed"]) for r in rows}
    pairs = itertools.product(("before", "after"), ("encoder", "zeros"), range(3))
    assert runs == set(pairs)
    one_state = [r for r in load("bottleneck")["rows"] if r["H"] == 128]
    assert max(r["held_out"][-1] for r in one_state) < BOTTLENECK
    for row in rows:
        assert row["steps"][-1] == 400
        assert row["exact"][1] > 0.85  # after 100 steps
        assert row["exact"][-1] > 0.98
        assert row["held_out"][-1] >= 0.95
        assert max(r["exact"][-1] for r in one_state) < row["exact"][-1]


def test_tens_and_units_are_found_whoever_asks():
    for row in load("looking")["rows"]:
        crossed, every = row["hit_crossed"], row["hit"]
        assert crossed["own"] > 0.98
        assert row["free_crossed"] > 0.98
        assert abs(row["free_hit"] - every["own"]) < 0.01
        assert crossed["before"] < 0.3 < 0.8 > crossed["next"]  # no row is shifted
        assert every["own"] < crossed["own"]


def test_what_is_predictable_is_looked_for_less_and_it_hangs_on_the_seed():
    rates = [row["hit"]["own"] for row in load("looking")["rows"]]
    assert min(rates) < 0.8
    assert max(rates) > 0.95
    assert np.ptp(rates) > 0.15


# --- is the map an explanation? -------------------------------------------------------


def explained(task):
    rows = [row for row in load("explained")["rows"] if row["task"] == task]
    assert [row["seed"] for row in rows] == [0, 1, 2]
    assert all(row["right"] > 0.97 for row in rows)
    return rows


def test_a_row_of_both_tests_comes_out_again():
    stored, again = explained("sentiment")[0], judged(0, steps=300)
    assert again.keys() == stored.keys()
    for name in ("right", "right_shuffled", "moved", "changed"):
        assert again[name] == pytest.approx(stored[name], abs=0.12)
    for name in ("gradient", "left_out", "witnesses"):
        assert again[name] == pytest.approx(stored[name], abs=0.25)


def test_shuffled_weights_ruin_a_translation_and_no_agreeing_review():
    for row in explained("translation"):
        assert row["right_shuffled"] < 0.05
        assert row["changed"] > 0.4
    for row in explained("sentiment"):
        assert row["right_shuffled"] < 0.8
        assert 0.25 < row["changed"] < 0.7
    for row in explained("sentiment, all agree"):
        assert row["right_shuffled"] > 0.97
        assert row["changed"] < 0.03


def test_no_witness_agrees_much_with_another():
    for task in ("translation", "sentiment", "sentiment, all agree"):
        for row in explained(task):
            for pair in ("gradient", "left_out", "witnesses"):
                assert row[pair] < 0.75
    needed = [row["gradient"] for row in explained("translation")]
    assert min(needed) > 0.3


# --- GNMT, piece by piece -------------------------------------------------------------


def measured(name, part, key):
    rows = [row for row in load("miniature")["rows"] if row["pieces"] == name]
    assert [row["seed"] for row in rows] == [0, 1, 2]
    return [row[part][key] for row in rows]


def test_a_line_of_pieces_comes_out_again_in_fewer_steps():
    lines = load("miniature")["rows"]
    (stored,) = (r for r in lines if (r["pieces"], r["seed"]) == ("depth 1", 0))
    _, near, _ = group_task()
    again = measured_again(train_gnmt(PIECES["depth 1"], 0, steps=300), near)
    assert again["exact"] == pytest.approx(stored["near"]["exact"], abs=0.15)
    assert again["hit"] == pytest.approx(stored["near"]["hit"], abs=0.15)
    assert again["errors"] < 0.05


def test_pieces_decide_how_soon_a_stack_learns():
    for name in ("depth 1", "depth 3"):
        assert min(measured(name, "near", "exact")) > 0.97
    for name in ("depth 2", "depth 3, no residual"):
        assert max(measured(name, "near", "exact")) < 0.6
    for name in ("no residual", "context to the bottom only"):
        assert max(measured(f"depth 3, {name}", "near", "exact")) < 0.05
    assert min(measured("depth 3, reads one way", "near", "exact")) > 0.6


def test_no_piece_helps_on_longer_numbers_and_one_layer_does_best():
    for name in PIECES:
        if name != "depth 1":
            assert max(measured(name, "far", "exact")) < 0.05
    one, three = (measured(f"depth {n}", "far", "errors") for n in (1, 3))
    assert np.median(one) < 0.25 < 0.3 < min(three)
    assert max(measured("depth 3", "far", "length_ratio")) < 0.8
    hits = [measured(f"depth {n}", "near", "hit") for n in (1, 3)]
    assert max(hits[1]) < min(hits[0]) + 0.005


def beams():
    return [row for row in load("miniature")["rows"] if "grid" in row]


def test_wider_beams_change_nothing():
    for row in beams():
        for kind in ("plain", "ranked"):
            narrow, *_, wide = (found["errors"] for found in row[kind][2:])
            assert abs(narrow - wide) < 0.01
            assert row[kind][-1]["log_p"] >= row[kind][0]["log_p"] - 0.05


def test_coverage_helps_length_does_not_and_both_are_an_overdose():
    grid = np.mean([row["grid"] for row in beams()], axis=0)
    assert grid.shape == (6, 6)
    gains = grid[0, 0] - grid
    assert gains[-1, 0] > 1.5 * abs(gains[0, -1])
    assert gains[-1, -1] < -0.03
    assert np.unravel_index(gains.argmin(), gains.shape) == (5, 5)
