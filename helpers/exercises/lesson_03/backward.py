"""Checkers of lesson 03: the way back through one step, and through all of them."""

from __future__ import annotations

import numpy as np

from helpers.exercises.engine.compare import name_it
from helpers.exercises.engine.core import (
    NotAttempted,
    Wrong,
    call,
    close,
    same,
    shape_of,
)
from helpers.nets.numpy_rnn import unroll, unroll_back

__all__ = ["bptt", "check_bptt", "check_step_backward", "step_backward"]


def step_backward(dh, x, h_prev, h, W_xh, W_hh):
    da = dh * (1 - h**2)
    return {
        "dx": da @ W_xh.T,
        "dh_prev": da @ W_hh.T,
        "dW_xh": x.T @ da,
        "dW_hh": h_prev.T @ da,
        "db_h": da.sum(axis=0),
    }


def check_step_backward(answer):
    rng = np.random.default_rng(5)
    n = 3  # B = D = H, so that a mistake in order or transpose shows as a number
    x, h_prev, W_xh, W_hh, dh = (rng.standard_normal((n, n)) for _ in range(5))
    h = np.tanh(x @ W_xh + h_prev @ W_hh)
    right = step_backward(dh, x, h_prev, h, W_xh, W_hh)
    got = call(
        answer, dh, x, h_prev, h, W_xh, W_hh, name="step_backward", unchanged=True
    )
    if not isinstance(got, dict) or set(got) != set(right):
        raise Wrong(f"return a dict with the keys {', '.join(right)}")
    da, a = dh * (1 - h**2), np.arctanh(h)
    others = {
        "you forgot the factor (1 - h**2): the gradient must pass back through the "
        "tanh": dh,
        "the factor is 1 - h**2 of the new state `h`; you took `h_prev`": dh
        * (1 - h_prev**2),
        "`h` is the tanh already: its derivative is 1 - h**2, no second tanh": dh
        * (1 - np.tanh(h) ** 2),
        "the derivative of tanh is 1 - h**2; you took 1 - h": dh * (1 - h),
        "the derivative of tanh is 1 - h**2, with a minus; you took 1 + h**2": dh
        * (1 + h**2),
        "you took 1 - a**2; the square is of the state after the tanh": dh * (1 - a**2),
    }
    for message, d in others.items():
        name_it(got["db_h"], [(d.sum(0), message)])
        name_it(got["dh_prev"], [(d @ W_hh.T, message)])
    name_it(
        got["dh_prev"],
        [
            (
                da @ W_hh,
                "`dh_prev` goes back through `W_hh` transposed: forward "
                "`h_prev @ W_hh`, backward `da @ W_hh.T`",
            )
        ],
    )
    name_it(got["dx"], [(da @ W_xh, "`dx` goes back through `W_xh.T`, not `W_xh`")])
    name_it(
        got["dh_prev"],
        [
            (
                da @ W_hh.T + dh,
                "there is no way past the tanh: `dh_prev` is `da @ W_hh.T` alone",
            )
        ],
    )
    for key, early in {
        "dx": dh @ W_xh.T,
        "dh_prev": dh @ W_hh.T,
        "dW_xh": x.T @ dh,
        "dW_hh": h_prev.T @ dh,
        "db_h": dh.sum(0),
    }.items():
        name_it(got[key], [(early, f"`{key}` needs `da`; you used dh for it")])
    for key, factor, name in [("dW_xh", x, "x"), ("dW_hh", h_prev, "h_prev")]:
        name_it(
            got[key],
            [
                (
                    da.T @ factor,
                    f"`{key}` is transposed: it needs the shape of its weight, "
                    f"`{name}.T @ da`",
                ),
                (factor.T @ da / n, f"`{key}` is a mean; the batch's shares add up"),
                (factor * da, f"`{key}` is a sum of outer products: `@`, not `*`"),
            ],
        )
    name_it(
        got["dW_hh"],
        [
            (h.T @ da, "`dW_hh` meets the state it multiplied, h_prev"),
            (x.T @ da, "`dW_hh` meets what W_hh multiplied: h_prev, not x"),
        ],
    )
    name_it(
        got["db_h"],
        [
            (
                da,
                "`db_h` must have the shape of b_h, (H,): the bias is added in every "
                "row of the batch, so its gradient is the sum over the rows",
            ),
            (da.mean(0), "`db_h` is a mean; the batch's shares add up"),
            (da.sum(1), "`db_h` is summed over the units; sum over the batch, axis 0"),
        ],
    )
    for key, value in right.items():
        close(got[key], value, 1e-9, f"`{key}`")
    B, D, H = 2, 4, 3
    dh, x, h_prev = (rng.standard_normal((B, k)) for k in (H, D, H))
    W_xh, W_hh = rng.standard_normal((D, H)), rng.standard_normal((H, H))
    args = dh, x, h_prev, np.tanh(x @ W_xh + h_prev @ W_hh), W_xh, W_hh
    got = call(answer, *args, name="step_backward")
    for key, value in step_backward(*args).items():
        close(got[key], value, 1e-9, f"`{key}`")
    return "Every gradient has the shape of the thing it belongs to."


def bptt(dhs, hs, W_hh):
    dW_hh, dh_next = np.zeros_like(W_hh), np.zeros(len(W_hh))
    for t in reversed(range(len(dhs))):
        dh = dhs[t] + dh_next
        da = dh * (1 - hs[t + 1] ** 2)
        dW_hh += np.outer(hs[t], da)
        dh_next = da @ W_hh.T
    return dW_hh, dh_next


def _go_wrong(dhs, hs, W, *, future=1.0, tanh=1, outer=0, transpose=True, late=False):
    """What a loop gives that has one line different from `bptt`."""
    dW, dh_next = np.zeros_like(W), np.zeros(len(W))
    for t in reversed(range(len(dhs))):
        dh = dhs[t] + future * dh_next
        da = dh * (1 - hs[t + tanh] ** 2) if tanh is not None else dh
        dW += np.outer(hs[t + outer], da)
        dh_next = (dh if late else da) @ (W.T if transpose else W)
    return dW, dh_next


def _summed(dhs, hs, W):
    """Each step's own loss and all later ones, before the way back through tanh."""
    das = unroll_back(dhs[None], hs[None], W)[0][0]
    return dhs + np.concatenate([das[1:] @ W.T, np.zeros((1, len(W)))])


def _forwards(dhs, hs, W):
    dW, before = np.zeros_like(W), np.zeros(len(W))
    for t in range(len(dhs)):
        da = (dhs[t] + before) * (1 - hs[t + 1] ** 2)
        dW += np.outer(hs[t], da)
        before = da @ W.T
    return dW


def check_bptt(answer):
    rng = np.random.default_rng(6)
    T, H = 6, 4
    W, dhs = rng.standard_normal((H, H)) / 2, rng.standard_normal((T, H))
    hs = unroll(rng.standard_normal((1, T, H)), W, rng.standard_normal((1, H)))[0]
    got = call(answer, dhs, hs, W, name="bptt", unchanged=True)
    if not isinstance(got, tuple | list) or len(got) != 2:
        raise Wrong("return two arrays: dW_hh and dh0")
    if any(part is ... for part in got):
        raise NotAttempted
    dW, dh0 = got
    das = unroll_back(dhs[None], hs[None], W)[0][0]
    last_only = np.zeros_like(dhs)
    last_only[-1] = dhs[-1]
    mistakes = {
        "you dropped the gradient that comes from step t+1: each dh is what its own "
        "loss says plus what the later steps say": {"future": 0},
        "you forgot the factor (1 - h**2) of the tanh": {"tanh": None},
        "the tanh of step t made `hs[t + 1]`; you took 1 - hs[t]**2": {"tanh": 0},
        "W_hh at step t multiplied `hs[t]`, the state before; you took the one after": {
            "outer": 1
        },
        "the way back is through `W_hh.T`; you took W_hh": {"transpose": False},
        "what goes to step t-1 is `da @ W_hh.T`: you sent dh, which has not yet been "
        "through the tanh": {"late": True},
    }
    if np.shape(dW) == (H,) and np.shape(dh0) == (H, H):
        raise Wrong("the order is dW_hh, then dh0; you returned dh0 first")
    shape_of(dW, {"H": H, "H'": H}, "dW_hh")
    name_it(
        dW, [(_go_wrong(dhs, hs, W, **kw)[0], text) for text, kw in mistakes.items()]
    )
    name_it(
        dW,
        [
            (bptt(dhs, hs, W)[0].T, "dW_hh is transposed: np.outer(hs[t], da)"),
            (
                bptt(last_only, hs, W)[0],
                "only the last step's loss is in it; add `dhs[t]` at every step",
            ),
            (
                np.outer(hs[0], das[0]),
                "only step 1's share is left: add up with `+=`, do not overwrite",
            ),
            (
                hs[:-1].T @ _summed(dhs, hs, W),
                "the outer product needs `da`, the gradient before the tanh; you took "
                "dh",
            ),
            (
                (hs[:-1] * das).sum(0) + np.zeros_like(W),
                "`hs[t] * da` is a vector, which NumPy spreads over the rows of dW_hh: "
                "`np.outer(hs[t], da)`",
            ),
            (
                _forwards(dhs, hs, W),
                "you walk from the first step to the last; the way back starts at the "
                "last",
            ),
            (bptt(dhs, hs, W)[0] / T, "that is the mean over time; the steps add up"),
        ],
    )
    close(dW, bptt(dhs, hs, W)[0], 1e-9, "dW_hh")
    if same(dh0, _summed(dhs, hs, W)[0], 1e-9):
        raise Wrong("that dh0 is about h_1: back through its tanh and W_hh to h_0")
    if same(dh0, das[0], 1e-9):
        raise Wrong("that dh0 is still at a_1: one more `@ W_hh.T` leads to h_0")
    close(dh0, bptt(dhs, hs, W)[1], 1e-9, "dh0")
    return "Six lines, and they are what makes a recurrent network learn."
