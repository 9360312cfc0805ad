"""Checkers of lesson 08: exact match, and what one error costs later."""

from __future__ import annotations

import numpy as np
import torch

from helpers.exercises.engine.compare import name_it
from helpers.exercises.engine.core import Wrong, call, close, same, shape_of

__all__ = [
    "accuracy_after",
    "check_accuracy_after",
    "check_exact_match",
    "exact_match",
]


def exact_match(written, targets, eos=2):
    def sentence(row):  # None if it never ends
        row = row.tolist()
        return row[: row.index(eos) + 1] if eos in row else None

    pairs = [(sentence(w), sentence(t)) for w, t in zip(written, targets, strict=True)]
    return sum(w is not None and w == t for w, t in pairs) / len(pairs)


_NO_MATCH = (  # what is written, the target, and what an answer does that takes it
    ([3, 9, 2, 0], [6, 7, 2, 0], "3 9 end passes for 6 7 end in yours: as long as each "
     "other is not enough, the ids have to be equal"),
    ([7, 5, 2, 0], [5, 7, 2, 0], "7 5 end passes for 5 7 end in yours: the order of "
     "the ids counts"),
    ([9, 9, 2, 0], [9, 2, 0, 0], "9 9 end passes for 9 end in yours: both have to end "
     "at the same place"),
    ([9, 2, 0, 0], [9, 9, 2, 0], "9 end passes for 9 9 end in yours: both have to end "
     "at the same place"),
    ([1, 13, 2, 0], [11, 3, 2, 0], "1 13 end passes for 11 3 end in yours: compare the "
     "ids, not their digits"),
    ([6, 9, 2, 0], [6, 8, 2, 0], "6 9 end passes for 6 8 end in yours: every id up to "
     "the end has to be equal, not only the first ones"),
    ([3, 9, 2, 0], [4, 9, 2, 0], "3 9 end passes for 4 9 end in yours: every id up to "
     "the end has to be equal, not only the last ones"),
    ([3, 3, 3, 3], [3, 3, 3, 3], "3 3 3 3 passes for 3 3 3 3 in yours: a row that "
     "never ends is no match"),
    ([5, 6, 7, 2], [5, 6, 7], "5 6 7 end passes for 5 6 7 in yours: a target that "
     "never ends is matched by nothing"),
)  # fmt: skip


def check_exact_match(answer):
    targets = torch.tensor(
        [
            [5, 6, 2, 0],
            [5, 6, 7, 2],
            [4, 2, 0, 0],
            [4, 4, 2, 0],
            [7, 2, 0, 0],
            [7, 7, 2, 0],
            [6, 4, 2, 0],
        ]
    )
    written = torch.tensor(
        [
            [5, 6, 2, 9, 9, 9],  # right: what follows the end does not count
            [5, 6, 7, 2, 8, 2],  # right
            [3, 5, 2, 0, 0, 0],  # wrong
            [4, 4, 4, 4, 4, 4],  # wrong: never ends
            [7, 2, 0, 0, 0, 0],  # right
            [7, 7, 2, 0, 0, 0],  # right
            [6, 4, 2, 0, 0, 0],  # right
        ]
    )
    got = call(answer, written, targets, name="exact_match", unchanged=True)
    head, real = written[:, :4], targets != 0
    name_it(
        got,
        [
            (
                (head == targets).all(1).double().mean(),
                "you compare what follows the end mark as well: a row that ends "
                "right and then goes on is right",
            ),
            (
                (head == targets).double().mean(),
                "that is a share of tokens; a sequence counts when all of it is right",
            ),
            (
                (head == targets)[real].double().mean(),
                "that is a share of real tokens; a sequence counts when all of it is",
            ),
            (5, "that is how many; divide by the number of sequences"),
            (2 / 7, "that is the share of wrong ones"),
            (
                3 / 7,
                "you compare what follows the first end mark as well: cut each row "
                "there",
            ),
            (
                500 / 7,
                "that is in per cent; return the share, a number from 0 to 1",
            ),
            (
                6 / 7,
                "4 4 4 4 4 4 passes for 4 4 end in yours: the end mark has to be "
                "written too",
            ),
        ],
        1e-6,
    )
    shape_of(got, (), "the share")
    close(got, exact_match(written, targets), 1e-6, "the share of exact matches")
    prefix = torch.tensor([[5, 6], [4, 2]]), torch.tensor([[5, 6, 2], [4, 2, 0]])
    if same(call(answer, *prefix, name="exact_match"), 1.0):
        raise Wrong(
            "5 6 passes for 5 6 end: what was cut off before its end is not right"
        )
    close(call(answer, *prefix, name="exact_match"), 0.5, 1e-6, "the share")
    for one, other, words in _NO_MATCH:
        both = (torch.tensor([x, [7, 2, 0, 0][: len(x)]]) for x in (one, other))
        share = call(answer, *both, name="exact_match")
        if same(share, 1.0):
            raise Wrong(words)
        close(share, 0.5, 1e-6, "the share, where one of two rows matches,")
    moved = torch.where(targets == 2, 1, targets)
    ended = torch.where(written == 2, 1, written)
    if not same(call(answer, ended, moved, eos=1, name="exact_match"), 5 / 7):
        raise Wrong("you always take 2 for the end mark; use `eos`")
    return "Strict, and what a user would count."


def accuracy_after(correct, real, at, D):
    rows, S = np.arange(len(at)), correct.shape[1]
    curve = []
    for d in range(1, D + 1):
        inside = at + d < S
        n, t = rows[inside], (at + d)[inside]
        counted = real[n, t]
        curve.append(correct[n, t][counted].mean())
    return np.array(curve)


def _curve(answer, correct, real, at, D):
    """What the learner's function returns."""
    try:
        return call(answer, correct, real, at, D, name="accuracy_after", unchanged=True)
    except Wrong as wrong:
        S = correct.shape[1]
        if "raised IndexError" in str(wrong) and at.max() + D >= S:
            raise Wrong(
                f"it fails where `at + d` is {at.max() + D} and a row has {S} places "
                f"({wrong}): sentence n has no token there, leave it out"
            ) from None
        raise


def check_accuracy_after(answer):
    rng = np.random.default_rng(6)
    N, S, D = 40, 9, 4
    at = np.tile([0, 1, 2, 3, 4], N // 5)
    lengths = at + rng.integers(2, 6, N)
    lengths[:5] = S
    real = np.arange(S) < lengths[:, None]
    correct = rng.random((N, S)) < 0.6  # in the padding too, as in the lesson
    correct[np.arange(N), at] = False  # the token that was made wrong
    got = _curve(answer, correct, real, at, D)
    want = accuracy_after(correct, real, at, D)
    each = np.arange(N)[:, None], at[:, None] + np.arange(1, D + 1)
    hits = (correct & real)[each].sum(0)
    early = accuracy_after(correct, real, at - 1, D)
    late = np.stack([real[np.arange(N), at + d] for d in range(1, D + 1)], 1)
    fixed = np.array([correct[:, d][real[:, d]].mean() for d in range(1, D + 1)])
    kept = correct | ~real
    gap = np.arange(S) - at[:, None]
    upto = [real & (gap >= 1) & (gap <= d) for d in range(1, D + 1)]
    ahead = [correct[real & (gap == -d)].mean() for d in range(1, D + 1)]
    name_it(
        got,
        [
            (
                hits / N,
                "padding counts as wrong in yours: average only over the real tokens",
            ),
            (
                correct[each].mean(0),
                "padding counts in yours, with whatever `correct` says there: average "
                "only over the real tokens",
            ),
            (
                correct[each].sum(0) / real[each].sum(0),
                "above the line padding counts in yours, with whatever `correct` says "
                "there; below it only real tokens do",
            ),
            (
                accuracy_after(kept, np.ones_like(real), at, D),
                "padding counts as right in yours: average only over the real tokens",
            ),
            (
                early,
                "your first entry is the injected token itself, which is always wrong: "
                "begin one step after it",
            ),
            (
                fixed,
                "you average by position in the sentence; the error stands at another "
                "place in each, so go `d` steps from `at`",
            ),
            (
                [correct[places].mean() for places in upto],
                "you average over all distances up to d; each distance has its own "
                "share",
            ),
            (
                [(correct | ~places).all(1).mean() for places in upto],
                "you ask whether *all* tokens up to distance d are right; each "
                "distance has its own share",
            ),
            (ahead, "you look d steps *before* the error: it is at + d"),
            (
                hits / real.sum(),
                "you divide by all real tokens; at each distance divide by the real "
                "ones at that distance",
            ),
            (1 - want, "that is the share of errors; accuracy is the share right"),
            (
                hits,
                "these are counts; divide by how many real tokens stand at that "
                "distance",
            ),
            (
                [
                    correct[np.arange(N), at + d][late.all(1)].mean()
                    for d in range(1, 5)
                ],
                "you keep only sentences that reach distance D; each distance may use "
                "all sentences that reach *it*",
            ),
        ],
        1e-5,
    )
    shape_of(got, {"D": D}, "the curve")
    close(got, want, 1e-5, "the curve")
    far = _curve(answer, correct, real, at, D + 1)
    close(far, accuracy_after(correct, real, at, D + 1), 1e-5, "the curve to D = 5")
    return "Against the same curve without the injected error it shows what one costs."
