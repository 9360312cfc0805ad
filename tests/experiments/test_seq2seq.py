"""The tables of lesson 08: how they are made, and what the lesson says of them."""

import json

import numpy as np
import pytest
import torch

from helpers.data import numbers
from helpers.experiments import (
    exposure as exposure_tables,
)
from helpers.experiments import load
from helpers.experiments import (
    seq2seq as seq2seq_tables,
)
from helpers.experiments import (
    store as experiments,
)
from helpers.experiments.exposure import LESS_AND_MORE
from helpers.experiments.seq2seq import (
    PLACES,
    SCHEDULES,
    by_length,
    error_matrix,
    learning_rows,
    share_at,
    task_named,
    train_one,
)

STORED = (
    "seq2seq_dates",
    "seq2seq_numbers",
    "bottleneck",
    "teacher_forcing",
    "exposure",
)


def runs_of(name, **wanted):
    rows = load(name)["rows"]
    return [r for r in rows if all(r[key] == value for key, value in wanted.items())]


# --- how they are made ----------------------------------------------------------------


def test_schedules_give_shares_that_never_rise():
    for teacher in (*SCHEDULES, 0.25):
        shares = [share_at(teacher, step, 800) for step in range(0, 801, 50)]
        assert all(0 <= share <= 1 for share in shares)
        assert (np.diff(shares) <= 0).all()
    assert share_at("linear", 300, 800) == 0.5
    assert share_at("linear", 600, 800) == 0
    assert share_at("inverse sigmoid", 400, 800) == pytest.approx(0.5)
    with pytest.raises(ValueError, match="teacher: one of always"):
        share_at("sometimes", 0, 800)


def test_the_error_matrix_changes_one_digit_and_looks_after_it():
    task = task_named("dates")
    model, run = train_one("dates", "always", 0, steps=2, every=1, H=8)
    assert list(run) == ["steps", "exact", "token", "forced"]
    assert run["steps"] == [1, 2]
    fed = []

    def step(ids, state, real=model.step):
        fed.append(ids)
        return real(ids, state)

    model.step = step
    few = tuple(part[:20] for part in task.test)
    matrix = error_matrix(model, few, task.target_coder)
    assert matrix.shape == (8, 10)
    for row, at in zip(matrix[1:], PLACES, strict=True):
        assert np.isnan(row).tolist() == [t <= at for t in range(10)]
    digits = set(task.target_coder.encode("0123456789"))
    S = few[2].shape[1]
    for k, at in enumerate((0, *PLACES)):
        one, truth = fed[k * S + at + 1], few[2][:, at]
        assert set(one.tolist()) <= digits
        assert bool((one == truth).all()) == (k == 0)
        assert k == 0 or not (one == truth).any()


def test_rows_are_named_and_remembered(tmp_path, monkeypatch):
    monkeypatch.setenv("UNROLLED_CACHE", str(tmp_path))
    asked = {"seeds": 2, "steps": 2, "every": 2, "H": 8, "progress": False}
    rows = learning_rows("dates", ["never", 0.5], **asked)
    names = [(row["task"], row["teacher"], row["seed"]) for row in rows]
    assert names == [("dates", t, seed) for t in ("never", 0.5) for seed in (0, 1)]
    assert learning_rows("dates", ["never", 0.5], **asked) == rows
    assert seq2seq_tables.finished.from_cache is True


def test_numbers_are_scored_by_their_length(monkeypatch):
    monkeypatch.setattr(seq2seq_tables, "A_LENGTH", (40, 5))
    task_named.cache_clear()
    right = torch.arange(1.0, 57)  # what is said of the 56 held-out numbers

    def scores(model, test):
        return right.repeat(20)[: len(test[0])], 0.0, 0.0

    monkeypatch.setattr(seq2seq_tables, "scores", scores)
    try:
        run = by_length.__wrapped__(8, 0, steps=1, every=1)
    finally:
        task_named.cache_clear()
    _, held = numbers.by_digits(np.random.default_rng(0), 40, 5)
    for k, share in zip(range(3, 13), run["held_out"], strict=True):
        mine = [right[i] for i, n in enumerate(held) if len(str(n)) == k]
        assert share == pytest.approx(np.mean(mine), abs=1e-3)
    assert len(run["known"]) == 10


# --- what is stored, and what lesson 08 says about it ---------------------------------


def test_a_stored_curve_comes_out_again():
    (row,) = runs_of("teacher_forcing", ratio=1.0, length=4, seed=0)
    (again,) = learning_rows(4, (1.0,), seeds=1, steps=80, every=40, progress=False)
    for key in ("token", "forced"):
        np.testing.assert_allclose(again[key], row[key][:2], atol=0.05)


@pytest.mark.parametrize("name", STORED)
def test_stored_tables_are_complete_json(name):
    text = (experiments.RESULTS / f"{name}.json").read_text(encoding="utf-8")
    json.loads(text, parse_constant=pytest.fail)
    assert len(text) < 60_000
    seeds = {row["seed"] for row in load(name)["rows"]}
    assert seeds == {0, 1, 2}


def test_both_tasks_are_learnt_by_every_seed():
    for row in runs_of("seq2seq_numbers"):
        assert row["exact"][-1] > 0.9
        assert row["exact"][3] > 0.8
    for row in runs_of("seq2seq_dates", teacher="always"):
        assert 0.8 < row["exact"][-1] < 0.95  # the level without attention: 0.3 to 0.5
        assert row["exact"][3] < 1 / 3


def test_the_lesson_says_what_the_schedules_say():
    ends = {t: runs_of("seq2seq_dates", teacher=t) for t in SCHEDULES}
    never = [row["exact"] for row in ends["never"]]
    for teacher in set(SCHEDULES) - {"never"}:
        for row in ends[teacher]:
            for k in (3, -1):
                assert row["exact"][k] < min(run[k] for run in never)
    assert all(row["exact"][3] > 0.5 for row in ends["never"])
    for rows in ends.values():  # a teacher helps, and in the end by little
        for row in rows:
            assert 0 <= row["forced"][-1] - row["token"][-1] < 0.01


def test_the_lesson_says_what_one_wrong_digit_does():
    errors = {
        t: np.array([r["error"] for r in runs_of("seq2seq_dates", teacher=t)], float)
        for t in SCHEDULES
    }
    third = {t: np.median(runs[:, 3, 3:], axis=0) for t, runs in errors.items()}
    assert np.median(errors["always"][:, 0, 3]) > 0.98
    assert 0.4 < third["always"][0] < 0.6
    assert third["always"].argmin() == 0
    assert third["always"][3] < 0.8 < 0.9 < third["always"][[1, 2, 4, 5]].min()
    assert third["never"][0] > 0.8
    assert third["never"][1:].min() > 0.9
    for teacher in ("linear", "inverse sigmoid", "half"):
        assert third["always"][0] < third[teacher][0] < third["never"][0]


def test_an_error_costs_most_inside_its_own_year_month_or_day():
    runs = [r["error"] for r in runs_of("seq2seq_dates", teacher="always")]
    matrix = np.median(np.array(runs, float), axis=0)
    lost = matrix[0] - matrix[1:]
    fields = (0, 4), (5, 7), (8, 10)  # of 1998-03-04
    for row, at in zip(lost, PLACES, strict=True):
        (end,) = [stop for start, stop in fields if start <= at < stop]
        if at + 1 < end < 10:
            assert row[at + 1 : end].mean() > row[end:].max()


def test_forced_nets_bear_an_error_worse_even_as_the_better_ones():
    bear = {}
    for teacher, steps in LESS_AND_MORE.items():
        rows = runs_of("exposure", teacher=teacher)
        assert [row["steps"][-1] for row in rows] == [steps] * 3
        bear[teacher] = [(row["exact"][-1], row["error"][3][3]) for row in rows]
    never, always = (np.array(bear[t]) for t in ("never", "always"))
    assert always[:, 0].min() > never[:, 0].max()
    assert always[:, 1].max() + 0.1 < never[:, 1].min()
    assert 0.45 < always[:, 1].min() < always[:, 1].max() < 0.65
    assert 0.75 < never[:, 1].min() < never[:, 1].max() < 0.85
    early, late = (runs_of(name, teacher="never") for name in ("exposure", STORED[0]))
    for short, whole in zip(early, late, strict=True):  # the same nets
        assert short["exact"] == whole["exact"][:5]


def test_the_control_asks_for_its_two_teachers(monkeypatch):
    asked = []

    def rows(name, teachers, *, steps, **_):
        asked.append((name, *teachers, steps))
        return [{"steps": [steps]}]

    monkeypatch.setattr(exposure_tables, "learning_rows", rows)
    made = exposure_tables.exposure_experiment()
    assert asked == [("dates", "never", 500), ("dates", "always", 1400)]
    assert [row["steps"] for row in made["rows"]] == [[500], [1400]]


def test_the_lesson_says_where_the_state_is_full():
    for row in runs_of("bottleneck", H=128):
        held = dict(zip(range(3, 13), row["held_out"], strict=True))
        known = dict(zip(range(3, 13), row["known"], strict=True))
        assert min(held[k] for k in range(3, 9)) >= 0.93
        assert 0.6 < held[10] < 0.9
        assert held[12] < 0.5
        assert known[12] < 0.7
        assert (np.diff(row["exact"]) > 0.03).all()  # not done yet
    for row in runs_of("bottleneck", H=64):
        assert row["held_out"][1] >= 0.9
        assert row["held_out"][5] < 0.5
    for row in runs_of("bottleneck", H=32):
        assert max(row["held_out"][1:]) < 0.25


def test_the_lesson_says_what_the_grid_says():
    def medians(length):
        return [
            np.median(
                [
                    r["free"][-1]
                    for r in runs_of("teacher_forcing", length=length, ratio=q)
                ]
            )
            for q in (0.0, 0.5, 1.0)
        ]

    assert min(medians(4)) > 0.98
    for length in (6, 8):
        free, half, forced = medians(length)
        assert free > half > forced
    for row in runs_of("teacher_forcing", ratio=1.0, length=6):
        assert row["forced"][1] - row["token"][1] > 0.05
