"""Bracket strings, the LSTM that tracks them, and the traces of its gates."""

import numpy as np
import pytest
import torch
from torch import nn

from helpers.data.brackets import BRACKETS, brackets, one_hot, read
from helpers.nets.trackers import BracketTracker, gate_traces, inner_loss, train_tracker


def draw(seed=0, **kw):
    return brackets(20, 30, torch.Generator().manual_seed(seed), **kw)


def test_every_string_is_a_prefix_of_a_balanced_one():
    ids, depth, inner = draw()
    for row, deep, within in zip(ids, depth, inner, strict=True):
        text = "".join(BRACKETS[i] for i in row)
        for t in range(1, len(text) + 1):
            rest = text[:t]
            while "()" in rest or "[]" in rest:
                rest = rest.replace("()", "").replace("[]", "")
            assert len(rest) == deep[t - 1]
            assert " (["[within[t - 1]] == (rest or " ")[-1]


def test_no_string_is_deeper_than_told_and_some_get_there():
    for deepest in (1, 3, 6):
        assert draw(deepest=deepest)[1].max() == deepest


def test_strings_come_from_the_generator_alone():
    assert all((a == b).all() for a, b in zip(draw(1), draw(1), strict=True))
    assert (draw(1)[0] != draw(2)[0]).any()


@pytest.mark.parametrize(
    ("text", "place"), [("(]", 1), (")", 0), ("()]", 2), ("(a)", 1), ("[(])", 2)]
)
def test_read_names_the_place_that_does_not_fit(text, place):
    with pytest.raises(ValueError, match=f"at place {place} "):
        read(text)


def test_one_hot_has_the_ids_of_brackets():
    ids = draw()[0][0]
    x = one_hot("".join(BRACKETS[i] for i in ids))
    assert (x.argmax(1) == ids).all()
    assert (x.sum(1) == 1).all()
    assert one_hot("").shape == (0, 4)
    with pytest.raises(ValueError, match="'x' is none of"):
        one_hot("(x)")


@pytest.mark.parametrize(
    ("mistake", "words"),
    [
        (lambda: brackets(0, 3, torch.Generator()), "B: got 0"),
        (lambda: brackets(2, 3, 7), "generator: a torch.Generator wanted, got int"),
        (lambda: train_tracker(0, steps=0), "steps: got 0"),
        (lambda: BracketTracker()(torch.zeros(3, 4)), r"x: got shape \(3, 4\)"),
        (lambda: gate_traces(nn.LSTM(4, 2), torch.zeros(3, 5)), r"want \(T, 4\)"),
        (lambda: gate_traces(nn.LSTM(4, 2, 2), torch.zeros(3, 4)), "one layer"),
    ],
)
def test_what_does_not_fit_is_named(mistake, words):
    with pytest.raises(ValueError, match=words):
        mistake()


def test_traces_end_in_the_states_of_torch_and_obey_the_cell():
    lstm = nn.LSTM(4, 5, batch_first=True)
    x = one_hot("([()])[]")
    seen = gate_traces(lstm, x)
    out, (_, c) = lstm(x[None])
    np.testing.assert_allclose(seen["h"], out[0].detach(), atol=1e-6)
    np.testing.assert_allclose(seen["c"][-1], c[0, 0].detach(), atol=1e-6)
    before = np.vstack([np.zeros(5), seen["c"][:-1]])
    kept = seen["f"] * before + seen["i"] * seen["g"]
    np.testing.assert_allclose(seen["c"], kept, atol=1e-12)
    np.testing.assert_allclose(seen["h"], seen["o"] * np.tanh(kept), atol=1e-12)


def test_a_short_training_is_better_than_none_and_the_same_twice():
    settings = {"steps": 150, "progress": False}
    tracker, right = train_tracker(3, **settings)
    again, same = train_tracker(3, **settings)
    assert right == same > 0.7
    ids, _, inner = draw()
    losses = [inner_loss(t, ids, inner).item() for t in (tracker, again)]
    assert losses[0] == losses[1] < inner_loss(BracketTracker(), ids, inner).item()
