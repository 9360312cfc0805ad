"""Checkers of lesson 01: a padded batch, and the last real step of each sequence."""

from __future__ import annotations

import numpy as np
import torch

from helpers.data.batching import pad_batch
from helpers.exercises.engine.compare import name_it
from helpers.exercises.engine.core import Wrong, call, close, same, shape_of
from helpers.nets.small import last_real

__all__ = ["check_last", "check_pad"]


def check_pad(answer):
    # Real steps may hold the pad's own value, in the middle and at the end.
    _check_batch(answer, [[5, 0, 9], [7], [3, 3, 8, 0]], pad=0)
    _check_batch(answer, [[1, 2, 2, 0, 6], [0, -1]], pad=-1)
    _check_batch(answer, [[4], [6], [9], [9]])
    return "Without the lengths nobody could tell padding from data any more."


def _check_batch(answer, sequences, **pad):
    result = call(answer, sequences, **pad, name="pad", unchanged=True)
    if not isinstance(result, tuple | list) or len(result) != 2:
        raise Wrong("you returned one thing; return two, the array and the lengths")
    ids, lengths = result
    (want, true), (B, T) = pad_batch(sequences, **pad), _shape(sequences)
    if same(ids, true) and not same(ids, want):
        raise Wrong("you return the lengths first; return the array, then the lengths")
    if _shape(ids) == (B, min(true)) != (B, T):
        raise Wrong("you cut every sequence to the shortest; fill up to the longest")
    if _shape(ids)[:1] == (B,) and _shape(ids)[1:] > (T,):
        raise Wrong(
            f"your array is {_shape(ids)[1]} wide, and the longest sequence has {T} "
            "steps: T is the longest length of *this* list"
        )
    got = shape_of(ids, {"B": B, "T": T}, "ids")
    real, fill = np.arange(T) < true[:, None], pad.get("pad", 0)
    if not same(got, want):
        left = [[fill] * (T - len(s)) + list(s) for s in sequences]
        held = [[*s, *[s[-1]] * (T - len(s))] for s in sequences]
        order = np.argsort(-true, kind="stable")
        mistakes = [
            (left, "you padded on the left; put the padding after the real steps"),
            (pad_batch(sequences, 0)[0], "you always pad with 0; use what `pad` names"),
            (held, "you repeat the last step; fill up with `pad`"),
            (want[order], "you sorted the sequences; keep them in the order they have"),
            (want[order[::-1]], "you sorted the sequences; keep their order"),
        ]
        name_it(got, mistakes)
        if same(got[real], want[real]):
            stray = got[~real & (got != fill)][0]
            raise Wrong(
                f"the real steps are right, and {stray:g} stands where padding is due; "
                f"fill up with `pad` = {fill}"
            )
    close(got, want, what="ids")
    if not same(lengths, true):
        _name_lengths(lengths, want, true, fill)
    close(lengths, true, what="lengths")


def _name_lengths(lengths, want, true, fill):
    there = want != fill
    last = want.shape[1] - there[:, ::-1].argmax(axis=1)
    from_array = (
        f"you count what is not `pad` in the array, and a real step may be {fill} too; "
        "take the lengths from the sequences, before padding"
    )
    name_it(
        lengths,
        [
            (
                [want.shape[1]] * len(want),
                "you counted after padding, so all lengths are equal; count the real "
                "steps",
            ),
            (there.sum(axis=1), from_array),
            (last, from_array),
            (true - 1, "you return the last index; the length is one more"),
            (want.shape[1] - true, "you count the padding; count the real steps"),
            (true.max(), "you return the longest length; return each one's own"),
        ],
    )


def _shape(x):
    try:
        return (len(x), max(map(len, x)))
    except (TypeError, ValueError):
        return np.shape(x) if hasattr(x, "shape") else ()


def check_last(answer):
    generator = torch.Generator().manual_seed(2)
    for T, K, lengths in ((5, 3, [5, 2, 3, 1]), (6, 2, [1, 4, 4]), (3, 4, [3, 3])):
        outputs = torch.randn(len(lengths), T, K, generator=generator)
        _check_last(answer, outputs, torch.tensor(lengths))
    return "Each sequence is asked at its own end."


def _check_last(answer, outputs, lengths):
    (B, T, K), rows = outputs.shape, torch.arange(len(lengths))
    result = call(answer, outputs, lengths, name="last_step", unchanged=True)
    want = last_real(outputs, lengths)
    if same(result, want):
        return
    real = (torch.arange(T) < lengths[:, None])[..., None]
    short = int((lengths < T).sum())
    many = "you make one out of all its {} steps; take the one at the last real step"
    nothing, low = torch.zeros(()), torch.tensor(-9.0)
    steps = [
        (outputs[:, t], f"you took step {t} of every sequence; each ends at its own")
        for t in range(1, T - 1)
    ]
    mistakes = [
        (
            outputs[:, -1],
            f"you took the last column, which is padding for {short} of the {B}; "
            "use `lengths`",
        ),
        (
            outputs[rows, lengths.clamp(max=T - 1)],
            "you are one step late: a sequence of length 2 ends at index 1",
        ),
        (
            outputs[rows, lengths - 2],
            "you are one step early: a sequence of length 2 ends at index 1",
        ),
        (
            outputs[rows, -lengths],
            "you count from the end of the array; count from its beginning",
        ),
        (outputs[:, 0], "you took the first step; take the last real one"),
        (torch.where(real, outputs, low).amax(1), many.format("real")),
        (torch.where(real, outputs, nothing).sum(1), many.format("real")),
        (
            torch.where(real, outputs, nothing).sum(1) / lengths[:, None],
            many.format("real"),
        ),
        (outputs.amax(1), many.format(T)),
        (outputs.sum(1), many.format(T)),
        (outputs.mean(1), many.format(T)),
        *steps,
    ]
    name_it(result, mistakes)
    if isinstance(result, list | tuple) and any(np.ndim(x) == 2 for x in result):
        raise Wrong("you return all real steps of each; return the last of them")
    if np.shape(result) == (B, B, K):
        raise Wrong(
            "`outputs[:, lengths - 1]` takes every place for every sequence; "
            "pair place i with sequence i (torch.arange)"
        )
    if np.shape(result) == (B, T, K):
        raise Wrong("you return every step of each; return the last real one")
    shape_of(result, {"B": B, "K": K})
    close(result, want)
