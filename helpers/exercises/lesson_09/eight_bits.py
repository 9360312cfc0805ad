"""Checker of lesson 09: one scale for each output unit."""

from __future__ import annotations

import numpy as np

from helpers.exercises.engine.compare import as_array, name_it
from helpers.exercises.engine.core import Wrong, call, close, same, shape_of

__all__ = ["check_eight_bits", "eight_bits"]


def eight_bits(W):
    s = np.abs(W).max(axis=0) / 127  # one number for each column
    s = np.where(s == 0, 1, s)
    Q = np.rint(W / s).astype(np.int8)
    return Q, s


def check_eight_bits(answer):
    rng = np.random.default_rng(0)
    W = rng.normal(size=(6, 4)) * np.array([1.0, 50.0, 0.02, 3.0])
    W[:, 1] = -np.abs(W[:, 1])  # the largest of this column is a negative number
    got = call(answer, W, name="eight_bits", unchanged=True)
    if not isinstance(got, tuple | list) or len(got) != 2:
        raise Wrong("return two things, Q and s")
    Q, s = as_array(got[0], "Q"), as_array(got[1], "s")
    s = s.reshape(-1) if s.shape in ((1, 4), (6, 1)) else s
    _about_scales(W, s)
    shape_of(Q, {"D": 6, "H": 4}, "Q")
    _about_numbers(W, Q, s)
    W[:, 2] = 0
    Q, s = call(answer, W, name="eight_bits")
    Q, s = as_array(Q, "Q").astype(float), as_array(s, "s").reshape(-1)
    if not np.isfinite(s).all() or not np.isfinite(Q).all() or (Q[:, 2] != 0).any():
        raise Wrong("a unit whose weights are all 0 divides 0 by 0: give it any scale")
    return "Each unit uses all of its 255 steps, however small its weights are."


def _about_scales(W, s):
    top, low = np.abs(W).max(0), np.abs(W).max(1)
    name_it(
        s,
        [
            (low / 127, "you take the largest weight of each row: that is an input; "
             "in x @ W an output unit is a column"),
            (np.abs(W).max() / 127, "one scale for the whole matrix: the column of "
             "small weights is left with no steps"),
            (np.full(4, np.abs(W).max() / 127), "one scale for the whole matrix: the "
             "column of small weights is left with no steps"),
            (W.max(0) / 127, "the largest weight of a column may be a negative one: "
             "take absolute values"),
            (top, "Q has to be W / s: the largest weight becomes 127, so s is the "
             "largest divided by 127"),
            (127 / top, "that is the other way round: W ≈ Q · s, so s is small"),
            (top / 128, "int8 goes from -128 to 127: with 128 steps the largest weight "
             "does not fit; take 127"),
            (top / 255, "127 steps to each side: with 255 the largest weight does not "
             "fit into eight bits"),
        ],
        1e-6,
    )  # fmt: skip
    shape_of(s, {"H": 4}, "s")
    close(s, top / 127, 1e-6, "s")


def _about_numbers(W, Q, s):
    exact = W / s
    clear = np.abs(exact - np.rint(exact)) > 1e-3  # not a whole number already
    name_it(
        Q[clear],
        [
            (exact[clear], "Q still holds fractions: round to whole numbers"),
            (np.trunc(exact)[clear], "you cut the fractions off, an error of up to a "
             "whole step: round to the nearest"),
            (np.floor(exact)[clear], "you round down, an error of up to a whole step: "
             "round to the nearest"),
        ],
        1e-6,
    )  # fmt: skip
    if same(np.abs(Q.astype(float)), np.abs(np.rint(exact))) and (Q >= 0).all():
        raise Wrong("Q has lost its signs")
    if Q.dtype.kind == "u" or (np.abs(Q.astype(float) - exact) > 100).any():
        raise Wrong("a negative number came round to a positive one: take np.int8")
    if (np.abs(Q.astype(float) - exact) > 0.5 + 1e-4).any():
        close(Q, np.rint(exact), 1e-6, "Q")
    if not (np.rint(Q) == Q).all():
        raise Wrong("Q still holds fractions: round to whole numbers")
