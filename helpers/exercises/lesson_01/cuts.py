"""Checkers of lesson 01: windows cut from images and from a series."""

from __future__ import annotations

import numpy as np

from helpers.data.digits import glimpses
from helpers.data.series import windows
from helpers.exercises.engine.compare import as_array, name_it
from helpers.exercises.engine.core import Wrong, call, close, same, shape_of

__all__ = ["check_glimpses", "check_windows"]


def check_glimpses(answer):
    rng = np.random.default_rng(3)
    for sides, size, stride in (((6, 10), 4, 2), ((6, 8), 3, 1), ((9, 5), 2, 3)):
        images = rng.random((2, *sides)).astype(np.float32)
        _check_glimpses(answer, images, size, stride)
    return "The order is ours to choose; the network only sees T vectors."


def _check_glimpses(answer, images, size, stride):
    result = call(answer, images, size=size, stride=stride, name="look", unchanged=True)
    want = glimpses(images, size, stride)
    if same(result, want):
        return
    got = as_array(result, "what `look` returns")
    B, T, D = want.shape
    down, across = ((n - size) // stride + 1 for n in images.shape[1:])
    squares = want.reshape(B, T, size, size)
    if got.shape == squares.shape:
        raise Wrong(f"each glimpse is still a square; flatten it to {D} numbers")
    if got.shape == (T, B, D):
        raise Wrong(f"time comes first here; put the batch first: (B, T, {D})")
    grid = want.reshape(B, down, across, D)
    last = "the last window of each row and column is missing: one may begin at "
    last += "height - size, so the range ends at height - size + 1"
    mistakes = [
        (grid[:, :-1, :-1].reshape(B, -1, D), last),
        (
            glimpses(images[:, :-1, :-1], size, stride),
            last,
        ),
        (
            grid[:, :-1].reshape(B, -1, D),
            "the lowest row of windows is missing: one may begin at height - size",
        ),
        (
            grid[:, :, :-1].reshape(B, -1, D),
            "the rightmost windows are missing: one may begin at width - size",
        ),
        (
            glimpses(images[:, : images.shape[2], : images.shape[1]], size, stride),
            f"these images are {images.shape[1]} high and {images.shape[2]} wide: take "
            "the rows from the height and the columns from the width",
        ),
        (
            grid.swapaxes(1, 2).reshape(B, T, D),
            "you go down the columns first; read as a page: along the rows",
        ),
        (
            squares.swapaxes(2, 3).reshape(B, T, D),
            "each glimpse is transposed; flatten it row by row",
        ),
    ]
    name_it(got, mistakes)
    ask = f"move by `stride`, here {stride}"
    for step, words in (
        (size, f"by `size`: {ask}"),
        (max(size // 2, 1), f"by half of `size`: {ask}"),
        (1, f"by 1: {ask}"),
        (2, f"by 2: {ask}"),
    ):
        if step != stride and same(got, glimpses(images, size, step)):
            apart = "your windows do not overlap, you move " if size > stride else ""
            start = apart if step == size else ""
            raise Wrong((start or "your windows move ") + words)
    if (size, stride) != (4, 2) and same(got, glimpses(images, 4, 2)):
        raise Wrong("you always use 4 and 2; use `size` and `stride`")
    if got.shape[2:] == (16,) != (D,):
        raise Wrong(f"your windows are always 4 by 4; `size` is {size} here")
    shape_of(got, {"B": B, "T": T, "D": D})
    close(got, want, what=f"the array for size {size}, stride {stride}")


def check_windows(answer):
    rng = np.random.default_rng(4)
    for steps, length, more in ((8, 3, (2,)), (9, 4, ()), (9, 2, (3,))):
        series = rng.standard_normal(steps).round(2)
        _check_windows(answer, series, length, *more)
    return "No target value is among the inputs of its own window."


def _check_windows(answer, series, length, horizon=1):
    given = (length, horizon) if horizon > 1 else (length,)  # 1 is the stub's own
    result = call(answer, series, *given, name="cut", unchanged=True)
    if not isinstance(result, tuple | list) or len(result) != 2:
        raise Wrong("return two arrays: the inputs and the targets")
    x, y = result
    inputs, targets = windows(series, length, horizon)
    N, rows = len(inputs), len(x) if _listed(x) else 0
    if same(x, targets) and same(y, inputs):
        raise Wrong("you return the targets first; return inputs, then targets")
    if not same(x, inputs):
        if same(x, inputs.T):
            shape_of(x, {"N": N, "length": length}, "inputs")
        if _listed(x) and _listed(y):
            _refuse_widths(x, y, length, horizon)
        sum_ = f"{len(series)} - {length} - {horizon} + 1 = {N} of them fit"
        if rows == N - 1:
            raise Wrong(f"the last window is missing: {sum_}")
        if N < rows <= len(series) - length + 1:
            raise Wrong(f"your last windows have no complete target: {sum_}")
        whole = "you keep whole numbers only: np.zeros makes room for decimals, int "
        mistakes = [
            (
                inputs[::length],
                "your windows do not overlap; begin one at every value",
            ),
            (
                inputs[:: length + horizon],
                "your windows do not overlap; begin one at every value",
            ),
            (inputs.astype(int), whole + "does not"),
            (inputs[:, ::-1], "your windows run backwards; keep the order of time"),
            (inputs[::-1], "the last window comes first; begin with the first"),
        ]
        name_it(x, mistakes)
    shape_of(x, {"N": N, "length": length}, "inputs")
    close(x, inputs, what="inputs")
    _check_targets(y, inputs, targets)


def _listed(x):
    return isinstance(x, list | tuple) or getattr(x, "ndim", 0) > 0


def _refuse_widths(x, y, length, horizon):
    for part, wide, words in (
        (x, length, "each of your windows holds {} values; `length` is {} here"),
        (y, horizon, "each of your targets holds {} values; `horizon` is {} here"),
    ):
        found = {len(row) for row in part if _listed(row)}
        if len(found) == 1 and found != {wide}:
            raise Wrong(words.format(*found, wide))


def _check_targets(y, inputs, targets):
    if same(y, targets):
        return
    N, horizon = targets.shape
    try:
        y = as_array(y, "targets")
    except Wrong as wrong:
        raise Wrong(f"{wrong}; every window has `horizon` = {horizon} values") from None
    if y.ndim and len(y) != N:
        raise Wrong(f"you return {len(y)} targets for {N} windows; each has one")
    moved = np.concatenate([inputs[:, 1:], targets[:, :1]], axis=1)
    name_it(
        y,
        [
            (
                np.concatenate([inputs[:, -1:], targets[:, :-1]], axis=1),
                "a leak: your target begins with the last input value; begin one later",
            ),
            (targets.astype(int), "your targets are whole numbers: keep the decimals"),
            (moved, "your target is the window moved by one; give what follows it"),
            (targets[:, ::-1], "your targets run backwards; keep the order of time"),
        ],
    )
    if horizon > 1 and y.shape in ((N,), (N, 1)):
        raise Wrong(
            f"you return one value a window; `horizon` asks for {horizon} in a row"
        )
    shape_of(y, {"N": N, "horizon": horizon}, "targets")
    if same(y[:-1, 0], targets[1:, 0]):
        raise Wrong("you skip one value between input and target; begin one earlier")
    close(y, targets, what="targets")
