"""Guards let fitting input by and name what does not fit."""

import numpy as np
import pytest
import torch

from helpers.guards import want_ids, want_shapes, want_sizes, want_steps

X = np.zeros((2, 5, 3))


def test_fitting_shapes_pass():
    want_shapes(x=(X, "B T D"), n=(np.ones(2), "B"), h0=(None, "B H"), dh=(0, "B H"))
    want_shapes(x=(torch.zeros(2, 5), "B T"), w=(torch.zeros(5, 4), "T 4"))
    want_shapes(a=(X, "B T H"), hs=(np.zeros((2, 6, 3)), "B T+1 H"))
    want_shapes(logits=(X, "... V"), targets=(np.zeros((2, 5)), "..."))
    want_shapes(logits=(np.zeros(3), "... V"), targets=(np.zeros(()), "..."))


@pytest.mark.parametrize(
    ("arrays", "words"),
    [
        ({"x": (X, "B D")}, r"x: got shape \(2, 5, 3\), want \(B, D\)"),
        (
            {"x": (X, "B T D"), "n": (np.ones(3), "B")},
            r"n: got shape \(3,\), want \(B\) = \(2\)",
        ),
        ({"x": (X, "B T 4")}, r"want \(B, T, 4\) = \(2, 5, 4\)"),
        ({"W": (np.ones((3, 4)), "H H")}, r"W: got shape \(3, 4\), want \(H, H\)"),
        (
            {"y": (X, "... V"), "t": (np.zeros((2, 4)), "...")},
            r"t: got shape \(2, 4\), want \(\.\.\.\) = \(2, 5\)",
        ),
        ({"y": (np.zeros(()), "... V")}, r"y: got shape \(\)"),
        (
            {"a": (X, "B T H"), "hs": (X, "B T+1 H")},
            r"hs: got shape \(2, 5, 3\), want \(B, T\+1, H\) = \(2, 6, 3\)",
        ),
        ({"x": ([1, 2], "B")}, r"x: got a list, want an array \(B\)"),
    ],
)
def test_shapes_that_do_not_fit_are_named(arrays, words):
    with pytest.raises(ValueError, match=words):
        want_shapes(**arrays)


def test_ids_are_integers_below_a_bound():
    want_ids(3, ids=np.array([[0, 2]]), more=torch.tensor([1]), none=np.zeros(0, int))
    with pytest.raises(ValueError, match="ids: got float64, want integers"):
        want_ids(3, ids=np.array([0.0]))
    for bad in ([0, 3], [-1, 0]):
        with pytest.raises(ValueError, match=r"targets: got .* want 0 … 2"):
            want_ids(3, targets=np.array(bad))


@pytest.mark.parametrize("bad", [0, -1, 2.0, "3", None, True])
def test_sizes_are_whole_numbers_from_one(bad):
    want_sizes(D=1, H=np.int64(4))
    with pytest.raises(ValueError, match=r"H: got .* want a whole number from 1 on"):
        want_sizes(D=3, H=bad)


def test_there_is_a_step_or_more():
    want_steps(x=X, ids=torch.zeros(0, 2))
    with pytest.raises(ValueError, match=r"x: got shape \(2, 0\), want a step or more"):
        want_steps(x=np.zeros((2, 0)))
