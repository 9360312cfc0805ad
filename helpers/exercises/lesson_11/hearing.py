"""Checkers of lesson 11: how far a stack hears back, and whether it hears ahead."""

from __future__ import annotations

import numpy as np

from helpers.exercises.engine.compare import as_array
from helpers.exercises.engine.core import Wrong, call

__all__ = ["blocks_for", "check_blocks_for", "check_hears_ahead", "hears_ahead"]


def blocks_for(R, k, each):
    blocks, heard = 0, 1
    while heard < R:
        heard += each * (k - 1) * 2**blocks
        blocks += 1
    return blocks


def _whole(x, name):
    number = as_array(x, name)
    if number.shape != () or number.dtype.kind not in "iuf" or number % 1:
        raise Wrong(f"{name} should be one whole number, got {x!r}")
    return int(number)


def _several(wanted, first, gain):
    """The blocks wanted by somebody whose R is first + gain(blocks)."""
    return next(n for n in range(99) if first + gain(n) >= wanted)


def check_blocks_for(answer):
    cases = [(16, 2, 1), (17, 2, 1), (1000, 2, 1), (1024, 2, 1), (1025, 2, 1)]
    cases += [(64, 3, 1), (63, 3, 1), (200, 2, 2), (31, 2, 2), (32, 2, 2), (500, 3, 2)]
    cases += [(256, 4, 1), (8, 2, 4), (1, 2, 1), (2, 2, 1), (2, 5, 3)]
    got = []
    for R, k, each in cases:
        x = call(answer, R, k, each, name="blocks_for")
        got.append(_whole(x, "the number of blocks"))
    want = [blocks_for(*case) for case in cases]
    if got == want:
        return "Each block more nearly doubles what is heard, at the cost of one block."
    slips = (
        ("you leave out that a block has `each` convolutions: every one of them adds "
         "(k − 1) d", lambda R, k, e: blocks_for(R, k, 1)),
        ("you count k d for a convolution; it hears k inputs, d apart: it adds "
         "(k − 1) d",
         lambda R, k, e: _several(R, 1, lambda n: e * k * (2**n - 1))),
        ("where R is met exactly yours adds a block: an output hears its own place "
         "too, so R is 1 more than the sum, and at least R is enough",
         lambda R, k, e: _several(R, 0, lambda n: e * (k - 1) * (2**n - 1))),
        ("that is the dilation of the last block, not the sum of all of them",
         lambda R, k, e: _several(R, 1, lambda n: n and e * (k - 1) * 2 ** (n - 1))),
        ("your dilations begin with 2; the first block has 1",
         lambda R, k, e: _several(R, 1, lambda n: e * (k - 1) * 2 * (2**n - 1))),
        ("that is the number of convolutions; asked are blocks",
         lambda R, k, e: e * blocks_for(R, k, e)),
        ("your dilations do not grow: block i has 2^i",
         lambda R, k, e: -(-(R - 1) // (e * (k - 1)))),
        ("that many are one too few: it is the last stack that does *not* hear R",
         lambda R, k, e: max(blocks_for(R, k, e) - 1, 0)),
        ("you double with every convolution; all convolutions of one block have the "
         "same dilation",
         lambda R, k, e: -(-_several(R, 1, lambda n: (k - 1) * (2**n - 1)) // e)),
    )  # fmt: skip
    for words, slip in slips:
        if got == [_or_none(slip, *case) for case in cases]:
            raise Wrong(words)
    for case, mine, right in zip(cases, got, want, strict=True):
        if mine != right:
            R, k, each = case
            heard = (
                1 + each * (k - 1) * (2**mine - 1) if 0 <= mine < 64 else "no number"
            )
            raise Wrong(
                f"for R = {R}, k = {k}, each = {each} yours says {mine} block(s); they "
                f"hear {heard}, and {'fewer' if mine > right else 'more'} are wanted"
            )
    return None


def _or_none(slip, *case):
    try:
        return slip(*case)
    except StopIteration:
        return None


def hears_ahead(f, T, D):
    furthest = 0
    x = np.random.default_rng(0).standard_normal((T, D))
    for s in range(T):
        poisoned = x.copy()
        poisoned[s] = np.nan
        heard = np.flatnonzero(np.isnan(f(poisoned)).any(axis=1))
        if len(heard):
            furthest = max(furthest, s - int(heard.min()))
    return furthest


def _convolution(left, right, k, d, O, seed=0):  # noqa: E741
    """A function of x (T, D) that hears so many ahead: a padded convolution."""
    rng = np.random.default_rng(seed)

    def f(x):
        x = np.asarray(x, float)
        T, D = x.shape
        w = np.random.default_rng(seed + 1).normal(size=(k, D, O))
        padded = np.concatenate([np.zeros((left, D)), x, np.zeros((right, D))])
        return sum(padded[j * d : j * d + T] @ w[j] for j in range(k))

    del rng
    return f


def _twice(first, second):
    return lambda x: second(first(x))


def _backwards(x):
    return np.cumsum(np.asarray(x, float)[::-1], axis=0)[::-1]


def _late_only(x):
    """Causal but for one output: the fifth hears two steps ahead."""
    y = np.cumsum(np.asarray(x, float), axis=0)
    if len(y) > 7:
        y[5] = y[5] + x[7]
    return y


def _one_column(x):
    """Causal in the first column; the last one is moved by three."""
    x = np.asarray(x, float)
    moved = np.concatenate([x[3:, -1:], np.zeros((min(3, len(x)), 1))])
    return np.concatenate([np.cumsum(x, axis=0)[:, :1], moved[: len(x)]], axis=1)


_CASES = (  # words, f, T, D, steps ahead
    ("a causal convolution", _convolution(4, 0, 3, 2, 3), 12, 2, 0),
    ("padding on both sides", _convolution(2, 2, 3, 2, 3), 12, 2, 2),
    ("two convolutions, each padded on both sides",
     _twice(_convolution(1, 1, 3, 1, 3), _convolution(2, 2, 3, 2, 2)), 14, 2, 3),
    ("padding on the wrong side", _convolution(0, 4, 5, 1, 1), 10, 3, 4),
    ("a sum from the end on", _backwards, 9, 2, 8),
    ("a leak in one output alone", _late_only, 11, 2, 2),
    ("a leak in one column alone", _one_column, 10, 3, 3),
    ("one row", _backwards, 1, 2, 0),
)  # fmt: skip


def check_hears_ahead(answer):
    got = []
    for words, f, T, D, _ in _CASES:
        x = call(answer, f, T, D, name="hears_ahead")
        got.append(_whole(x, f"the number of steps ahead ({words})"))
    want = [case[-1] for case in _CASES]
    if got == want:
        return "One NaN for each input is enough, whatever the function is made of."
    if got == [-n for n in want] and any(got):
        raise Wrong("the sign is the other way round: how many steps *ahead*")
    if got == [int(n > 0) for n in want]:
        raise Wrong("you say whether it hears ahead; asked is how many steps, at most")
    if got == [n + 1 for n in want]:
        raise Wrong("the present counts 0: who hears one step ahead hears t + 1")
    if all(g == T - 1 for g, (_, _, T, _, _) in zip(got, _CASES, strict=True)):
        raise Wrong(
            "yours says T − 1 for every function: take a fresh x each time, with one "
            "row poisoned, and look for the first output that is NaN"
        )
    for mine, (words, _, T, D, right) in zip(got, _CASES, strict=True):
        if mine == right:
            continue
        why = ""
        if mine < 0:
            why = ": what only hears the past hears 0 steps ahead, not fewer"
        elif words.startswith("a leak in one output") and mine < right:
            why = ": poison every row in turn, the leak may be in one place only"
        elif words.startswith("a leak in one column") and mine < right:
            why = ": an output is a row, look at all of its columns"
        elif mine > right and not right:
            why = ": a NaN that reaches outputs at or after its place is no leak"
        elif mine < right and mine == 1:
            why = ": how far, not whether, or only the next one"
        raise Wrong(
            f"{words}, T = {T}, D = {D}: yours says {mine} steps ahead, it is {right}"
            f"{why}"
        )
    return None
