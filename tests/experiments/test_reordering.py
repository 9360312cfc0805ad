"""The table of orders: what is drawn, and what the lesson says of it."""

import itertools

import numpy as np
import pytest

from helpers.experiments import load
from helpers.experiments.reordering import ORDERS, U, draw_orders, reordering_run


@pytest.mark.parametrize("order", ORDERS)
def test_frames_hold_each_symbol_three_times_and_targets_are_its_order(order):
    frames, said = draw_orders(np.random.default_rng(0), 30, order)
    assert frames.shape == (30, 24)
    for row, want in zip(frames.tolist(), said.tolist(), strict=True):
        ids = row[::3]
        assert row == [k for k in ids for _ in range(3)]
        assert all(3 <= k <= 12 for k in ids)
        assert all(a != b for a, b in itertools.pairwise(ids))
        places = {
            "copied": range(U),
            "neighbours swapped": [1, 0, 3, 2, 5, 4, 7, 6],
            "reversed": range(U - 1, -1, -1),
        }[order]
        assert want == [ids[place] for place in places]


def test_copying_is_learnt_at_once_by_ctc():
    assert reordering_run("CTC, both ways", "copied", 0, steps=120) > 0.9


def test_attention_reverses_within_a_quarter_of_the_steps():
    assert reordering_run("attention", "reversed", 0, steps=200) > 0.9


def test_a_row_of_the_table_comes_out_again():
    rows = {(r["kind"], r["order"]): r["exact"] for r in load("reordering")["rows"]}
    row = "CTC, both ways", "neighbours swapped"
    assert reordering_run(*row, 0) == pytest.approx(rows[row][0], abs=0.05)


def test_every_net_and_order_is_in_the_table():
    found = load("reordering")
    rows = {(row["kind"], row["order"]): row["exact"] for row in found["rows"]}
    assert len(rows) == 9
    assert all(len(shares) == found["settings"]["seeds"] for shares in rows.values())
    assert min(rows["CTC, both ways", "neighbours swapped"]) > 0.9
    assert min(rows["CTC, both ways", "reversed"]) > 0.2
    assert max(rows["CTC, one way", "reversed"]) < 0.05
    assert min(min(rows["attention", order]) for order in ORDERS) > 0.95


def test_an_order_that_is_none_is_refused():
    with pytest.raises(ValueError, match="order: got 'sorted'"):
        draw_orders(np.random.default_rng(0), 3, "sorted")


def test_a_net_that_is_none_is_refused():
    with pytest.raises(ValueError, match="kind: got 'HMM', want one of CTC, one way"):
        reordering_run("HMM", "copied", 0, steps=1)
