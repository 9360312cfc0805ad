"""Lesson 06: leaks of padding that a careless test is blind to.

`SMALL_LEAKS`: name → (words for a test that it escapes, move). move(answer, pads, n)
is what a right answer (K,) becomes if its row of n steps stands before `pads` steps of
padding; where there are none it stays. The lengths are those of `LENGTHS`.
"""

from __future__ import annotations

import math

import torch

__all__ = ["LENGTHS", "SMALL_LEAKS"]

LENGTHS = (6, 5, 2, 4)


def _in_row(length):
    return lambda answer, pads, n: answer + 0.1 * pads * (n == length)


def _adds(*each):
    return lambda answer, pads, n: answer + pads * torch.tensor(each)


def _turned(answer, pads, n):
    """The two numbers as a vector, turned: its length stays."""
    cos, sin = math.cos(0.3 * pads), math.sin(0.3 * pads)
    return torch.tensor([[cos, -sin], [sin, cos]]) @ answer


def _only(worst, step):
    """A leak in the number that is `worst` (min or max) of its row."""
    return lambda answer, pads, n: torch.where(
        answer == worst(answer), answer + step * pads, answer
    )


def _across_rows(answer, pads, n):
    """What the rows of 5 and 4 steps gain is what the row of 2 loses."""
    return answer + pads * {5: 0.2, 2: -0.1, 4: 0.1}.get(n, 0)


_ONE_ROW = (
    "the model that leaks in the row of {} steps alone gets away: go through all rows, "
    "and let one that differs be enough"
)
_ONE_NUMBER = (
    "the model whose leak is in number {} of a row's answer alone gets away: compare "
    "all numbers of a row, and let one that differs be enough"
)
_STAYS = (
    "a model gets away whose leak leaves {} as it was: compare the answers number by "
    "number"
)
_ONE_WAY = (
    "a model whose leak makes all numbers {} gets away: compare the size of the "
    "difference, whatever its sign"
)

SMALL_LEAKS = {
    "up": (_ONE_WAY.format("larger"), _adds(0.1, 0.1)),
    "down": (_ONE_WAY.format("smaller"), _adds(-0.1, -0.1)),
    **{f"row of {n}": (_ONE_ROW.format(n), _in_row(n)) for n in (5, 2, 4)},
    "number 0": (_ONE_NUMBER.format(0), _adds(0.2, 0.0)),
    "number 1": (_ONE_NUMBER.format(1), _adds(0.0, 0.2)),
    "sum": (_STAYS.format("the sum of a row's numbers"), _adds(0.2, -0.2)),
    "length": (_STAYS.format("the length of a row's answer, as a vector,"), _turned),
    "largest": (_STAYS.format("the largest number of a row"), _only(torch.min, -0.1)),
    "smallest": (_STAYS.format("the smallest number of a row"), _only(torch.max, 0.1)),
    "batch": (_STAYS.format("the sum over the batch"), _across_rows),
    "fine": (
        "a leak of 4e-5 gets away: the tolerance is too wide. What is rounding stays "
        "below 1e-5",
        lambda answer, pads, n: answer + 4e-5 * (pads > 0),
    ),
}
