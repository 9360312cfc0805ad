"""Lesson 04: reference and checker of the exercise on the chain of Jacobians."""

from __future__ import annotations

import numpy as np

from helpers.exercises.engine.core import Wrong, call, close, same, shape_of

__all__ = ["chain", "check_chain"]


def chain(W_hh, hs):
    """d h_T / d h_0 of a tanh RNN, from its states hs (T + 1, H)."""
    product = np.eye(len(W_hh))
    for h in hs[1:]:
        product = product @ (W_hh * (1 - h**2))
    return product


def _product(factors):
    result = np.eye(len(factors[0]))
    for factor in factors:
        result = result @ factor
    return result


def _mistakes(W, hs):
    """What a learner is told -> the result of that mistake."""
    slopes = 1 - hs**2
    steps = [W * s for s in slopes[1:]]
    T = len(steps)
    elementwise = np.prod(steps, axis=0)
    powers = np.linalg.matrix_power(W, T)
    return {
        "the slope is missing: the tanh of each step multiplies by 1 - h**2": powers,
        "you took the tanh of h once more; the slope of tanh at a is 1 - h**2 "
        "with h = tanh(a)": _product([W * (1 - np.tanh(h) ** 2) for h in hs[1:]]),
        "your product runs backwards: for row vectors the earliest step stands left, "
        "J_1 @ J_2 @ …": _product(steps[::-1]),
        "this is the transpose: entry [i, j] is d h_T[j] / d h_0[i]; row vectors are "
        "multiplied from the left": _product(steps).T,
        "the slope multiplies the rows of W_hh; it belongs to the unit that the step "
        "ends in, so it multiplies column j": _product(
            [W * s[:, None] for s in slopes[1:]]
        ),
        "you collect all slopes on one side of a power of W_hh; matrices do not "
        "commute, so each slope stays in its own step": powers * slopes[1:].prod(0),
        "you collect all slopes on one side of a power of W_hh, the left one; each "
        "slope stays in its own step": slopes[1:].prod(0)[:, None] * powers,
        "you take the slope at the state before the step; a step ends in hs[t + 1]": (
            _product([W * s for s in slopes[:-1]])
        ),
        "you have a factor too many: hs[0] = h_0 is given, no step ended in it": (
            _product([W * s for s in slopes])
        ),
        "you have a factor too few: T + 1 states are joined by T steps": (
            _product(steps[:-1])
        ),
        "you multiply with `*`, entry by entry; a chain of matrices needs `@`": (
            elementwise
        ),
        "this is the Jacobian of the last step only; multiply all of them": steps[-1],
        "the slope of tanh is 1 - h**2, not (1 - h)**2": _product(
            [W * (1 - h) ** 2 for h in hs[1:]]
        ),
        "h * (1 - h) is the slope of the sigmoid; that of tanh is 1 - h**2": _product(
            [W * h * (1 - h) for h in hs[1:]]
        ),
        "W_hh is transposed: with row vectors the step forward is h @ W_hh": _product(
            [W.T * s for s in slopes[1:]]
        ),
        "you start with W_hh, which is a factor too many; start with np.eye(H)": (
            W @ _product(steps)
        ),
        "you add the Jacobians; along one path they are multiplied": np.sum(steps, 0),
    }


def check_chain(answer) -> str:
    rng = np.random.default_rng(4)
    for H, T in ((3, 4), (5, 1), (4, 12)):
        W = rng.normal(size=(H, H)) / np.sqrt(H)
        hs = np.zeros((T + 1, H))
        hs[0] = np.tanh(rng.normal(size=H))
        for t, drive in enumerate(rng.normal(size=(T, H))):
            hs[t + 1] = np.tanh(drive + hs[t] @ W)
        try:
            got = call(answer, W, hs, unchanged=True)
        except Wrong as wrong:
            if "at least two arrays" in str(wrong):
                raise Wrong(
                    "np.linalg.multi_dot wants two matrices or more; with "
                    f"hs of shape {hs.shape} there is one step, and one Jacobian: "
                    "multiply in a loop that starts from np.eye(H)"
                ) from None
            raise
        if T > 1:
            for words, wrong in _mistakes(W, hs).items():
                if same(got, wrong, 1e-10):
                    raise Wrong(words)
        got = shape_of(got, {"H": H, "H'": H})
        close(got, chain(W, hs), 1e-9, f"d h_{T} / d h_0")
    return (
        "T matrices, in the order of time: nothing else decides whether the beginning "
        "of a sequence can be learnt from its end."
    )
