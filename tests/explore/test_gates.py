"""explore_gates without a browser: the cell's arithmetic, the goals, the fallback."""

import base64
import io
import itertools
import json

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from helpers.explore.gates import GOALS, OFFERED, PRESETS, explore_gates, run_gates

T = len(OFFERED)
NEAR = 0.05  # as in gates.js


def of_torch(i, f, o, g):
    """c and h of nn.LSTMCell, its biases set so that the gates are those given."""
    cell = nn.LSTMCell(1, 1).double()
    for p in cell.parameters():
        nn.init.zeros_(p)
    x, state = torch.zeros(1, 1).double(), (torch.zeros(1, 1).double(),) * 2
    cs, hs = [], []
    for now in np.transpose([i, f, g, o]):
        sums = torch.tensor(now).logit()
        sums[2] = torch.tensor(now[2]).atanh()
        with torch.no_grad():
            cell.bias_ih.copy_(sums)
            h, c = cell(x, state)
        state = h, c
        cs.append(c.item())
        hs.append(h.item())
    return cs, hs


def test_the_leaky_cell_ends_where_lesson_05_says():
    preset = PRESETS["leaky: f = 0.9"]
    leaky = {gate: np.full(T, value) for gate, value in preset.items()}
    assert round(run_gates(**leaky)[0][-1], 2) == 0.08
    at_three = leaky | {"i": np.eye(T)[2]}
    assert run_gates(**at_three)[0][[2, -1]].round(2).tolist() == [0.9, 0.35]


def test_the_cell_is_that_of_torch():
    rng = np.random.default_rng(0)
    i, f, o = rng.uniform(0.01, 0.99, size=(3, T))
    c, h = run_gates(i, f, o)
    want_c, want_h = of_torch(i, f, o, np.array(OFFERED))
    np.testing.assert_allclose(c, want_c, rtol=1e-12)
    np.testing.assert_allclose(h, want_h, rtol=1e-12)


def test_open_and_shut_gates_do_what_their_names_say():
    zeros, ones = np.zeros(T), np.ones(T)
    np.testing.assert_allclose(run_gates(ones, ones, ones)[0], np.cumsum(OFFERED))
    np.testing.assert_allclose(run_gates(ones, zeros, ones)[0], OFFERED)
    assert not run_gates(zeros, ones, ones)[0].any()
    assert not run_gates(ones, ones, zeros)[1].any()


def missed(goal, c, h):
    """The (row, step) pairs at which a goal is missed."""
    states = {"c": c, "h": h}
    return {
        (row, t)
        for row, first, last, value in goal["wants"]
        for t in range(first, last + 1)
        if abs(states[row][t - 1] - value) > NEAR
    }


@pytest.mark.parametrize("goal", GOALS, ids=[goal["name"] for goal in GOALS])
def test_every_goal_is_open_at_first_and_reached_by_what_show_me_sets(goal):
    assert missed(goal, *explore_gates().states)
    assert not missed(goal, *run_gates(**goal["gates"]))
    assert set(np.ravel([*goal["gates"].values()])) == {0.0, 1.0}  # by clicks alone


def test_a_goals_solution_leaves_the_next_one_open():
    for now, following in itertools.pairwise(GOALS):
        assert missed(following, *run_gates(**now["gates"]))
    assert [goal["name"] for goal in GOALS[:4]] == ["write", "keep", "read", "erase"]


@pytest.mark.parametrize("name", PRESETS)
def test_gates_that_never_move_reach_no_goal_but_the_first(name):
    gates = {gate: [value] * T for gate, value in PRESETS[name].items()}
    for goal in GOALS[1:]:
        assert missed(goal, *run_gates(**gates))


def test_the_presets_numbers_are_those_of_their_names():
    assert PRESETS["forget bias 1: f = 0.73"]["f"] == round(1 / (1 + np.exp(-1)), 2)
    assert set(PRESETS["half open: all weights and biases 0"].values()) == {0.5}


def test_what_the_learner_sets_can_be_read():
    explorer = explore_gates()
    for name, gates in GOALS[3]["gates"].items():
        setattr(explorer, name, gates)
    c, h = explorer.states
    assert c[2] == c[8] == 0.9
    assert c[9] == 0
    assert np.flatnonzero(h).tolist() == [8]
    assert h[8] == pytest.approx(np.tanh(0.9))


@pytest.mark.parametrize(
    ("gates", "words"),
    [
        ({"i": [0.5]}, r"i: shape \(12,\), one number a step wanted, got \(1,\)"),
        ({"f": [1.5] * T}, "f: a gate is within 0 … 1"),
        ({"o": [np.nan] * T}, "o: a gate is within 0 … 1"),
        ({"g": 0.5}, r"g: shape \(\), one"),
    ],
)
def test_bad_gates_are_named(gates, words):
    half = dict.fromkeys("ifo", [0.5] * T)
    with pytest.raises(ValueError, match=words):
        run_gates(**{**half, **gates})


def test_a_reader_without_kernel_gets_a_picture_and_words():
    data, metadata = explore_gates()._repr_mimebundle_()
    assert "Run this notebook" in data["text/plain"]
    image = Image.open(io.BytesIO(base64.b64decode(data["image/png"])))
    assert image.size[0] > 600
    assert "LSTM cell" in metadata["image/png"]["alt"]
    assert len(data["image/png"]) < 30_000


def test_what_is_sent_to_the_page_is_small_and_plain():
    state = explore_gates().get_state()
    sent = {k: v for k, v in state.items() if not k.startswith("_")}
    sent.pop("layout", None), sent.pop("tooltip", None)
    assert len(json.dumps(sent, default=str)) < 10_000


def test_the_leaky_cell_holds_what_the_lesson_says():
    leaky = {k: [v] * T for k, v in PRESETS["leaky: f = 0.9"].items()}
    assert run_gates(**leaky)[0][-1] == pytest.approx(0.08, abs=0.005)
    alone = leaky | {"i": [float(t == 3) for t in range(1, T + 1)]}
    assert run_gates(**alone)[0][-1] == pytest.approx(0.35, abs=0.005)
