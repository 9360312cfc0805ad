"""Lesson 05: reference and checker of the exercise on weights from elsewhere."""

from __future__ import annotations

import numpy as np

from helpers.exercises.engine.compare import as_array
from helpers.exercises.engine.core import Wrong, call, close, same, shape_of

__all__ = ["check_to_torch", "to_torch"]


def to_torch(W_xh, W_hh, b_h, order):
    H = len(W_hh)
    blocks = [order.index(gate) for gate in "ifgo"]  # where each gate stands
    columns = np.concatenate([np.arange(k * H, (k + 1) * H) for k in blocks])
    return W_xh[:, columns].T, W_hh[:, columns].T, b_h[columns]


def _columns(H, blocks):
    return np.concatenate([np.arange(k * H, (k + 1) * H) for k in blocks])


def _mistakes(W_xh, W_hh, b_h, order):
    H = len(W_hh)
    right = _columns(H, [order.index(k) for k in "ifgo"])
    there = _columns(H, ["ifgo".index(k) for k in order])
    last = _columns(H, (0, 1, 3, 2))

    def moved(x, h, b):
        return W_xh[:, x].T, W_hh[:, h].T, b_h[b]

    same_place = np.arange(4 * H)
    sorted_ = _columns(H, np.argsort(list(order)))
    turned = _columns(H, (3, 2, 1, 0))
    strided = np.concatenate([np.arange(order.index(k), 4 * H, 4) for k in "ifgo"])
    return {
        "nothing has moved: the columns still stand in the order they came in": moved(
            same_place, same_place, same_place
        ),
        "this is the way from i f g o to `order`; you need the way back: column block "
        "k of the result is the one at order.index(k)": moved(there, there, there),
        "the bias has not moved; it has the same four blocks": moved(
            right, right, same_place
        ),
        "W_hh has not moved; it has the same four blocks": moved(
            right, same_place, right
        ),
        "W_xh has not moved; it has the same four blocks": moved(
            same_place, right, right
        ),
        "you swap the last two blocks whatever `order` says": moved(last, last, last),
        "you turn the four blocks round whatever `order` says": moved(
            turned, turned, turned
        ),
        "you sorted the blocks by their letters, f g i o; the order is i f g o": moved(
            sorted_, sorted_, sorted_
        ),
        "a gate is a block of H columns side by side; you took every fourth": moved(
            strided, strided, strided
        ),
        "the matrices are right; the bias went the other way, to `order`": moved(
            right, right, there
        ),
    }


def check_to_torch(answer) -> str:
    rng = np.random.default_rng(58)
    D, H = 3, 2
    names = ("weight_ih", "weight_hh", "bias")
    letters = {"4H": 4 * H, "D": D}, {"4H": 4 * H, "H": H}, {"4H": 4 * H}
    for order in ("ifog", "igfo", "iofg", "gifo", "ofig", "ifgo"):
        args = [rng.normal(size=s) for s in ((D, 4 * H), (H, 4 * H), (4 * H,))]
        got = call(answer, *args, order, name="to_torch", unchanged=True)
        if not isinstance(got, tuple | list) or len(got) != 3:
            raise Wrong("return three arrays: weight_ih, weight_hh and the bias")
        got = [as_array(*each) for each in zip(got, names, strict=True)]
        if got[0].shape == (D, 4 * H) or got[1].shape == (H, 4 * H):
            raise Wrong(
                "torch keeps the transposes: weight_ih is (4H, D), weight_hh is (4H, H)"
            )
        if got[0].shape == (4, D) or got[2].shape == (4,):
            raise Wrong("you picked one column a gate; a gate is a block of H columns")
        got = [shape_of(*each) for each in zip(got, letters, names, strict=True)]
        right = to_torch(*args, order)
        for words, wrong in _mistakes(*args, order).items():
            pairs = list(zip(got, wrong, right, strict=True))
            if all(same(a, b, 0) for _, a, b in pairs):
                continue  # with this order it is no mistake
            if all(same(a, b, 1e-9) for a, b, _ in pairs):
                raise Wrong(words)
        for array, wanted, name in zip(got, right, names, strict=True):
            if same(array, wanted.T.reshape(wanted.shape), 1e-9) and array.ndim > 1:
                raise Wrong(f"`{name}`: `reshape` does not transpose; use `.T`")
            close(array, wanted, 1e-9, f'with order "{order}", `{name}`')
    return (
        "Wrong order is the mistake that nothing reports: all shapes fit, and the net "
        "answers nonsense."
    )
