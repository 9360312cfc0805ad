"""Lesson 07: reference and checker of the exercise on beam search."""

from __future__ import annotations

import numpy as np
import torch

from helpers.exercises.engine.compare import as_array
from helpers.exercises.engine.core import NotAttempted, Wrong, call, same

__all__ = ["check_expand", "expand"]

ROUNDING = 1e-6  # float32 will do


def expand(hypotheses, log_probs, width, eos):
    """Every hypothesis with every next id in one list; the best of it."""
    candidates = []
    for (ids, score), row in zip(hypotheses, log_probs.tolist(), strict=True):
        if ids and ids[-1] == eos:
            candidates.append((ids, score))
        else:
            candidates += [([*ids, v], score + q) for v, q in enumerate(row)]
    return sorted(candidates, key=lambda pair: pair[1], reverse=True)[:width]


def _wrong(
    hypotheses,
    log_probs,
    width,
    eos,
    *,
    score=lambda s, q: s + q,
    finished="stay",
    per_row=None,
    rank=lambda ids, s: s,
    reverse=True,
):
    """The result of a step that has one of the mistakes."""
    candidates = []
    for (ids, s), row in zip(hypotheses, log_probs.tolist(), strict=True):
        done = bool(ids) and ids[-1] == eos
        if done and finished in ("stay", "aside"):
            candidates.append((ids, s))
        elif not done or finished == "grow":
            mine = [([*ids, v], score(s, q)) for v, q in enumerate(row)]
            mine.sort(key=lambda pair: -pair[1])
            candidates += mine[: per_row or len(row)]
    candidates.sort(key=lambda pair: rank(*pair), reverse=reverse)
    if finished == "aside":
        done = [pair for pair in candidates if pair[0] and pair[0][-1] == eos]
        old = [pair for pair in done if pair in hypotheses]
        fresh = [pair for pair in candidates if pair not in old]
        return old + fresh[: width - len(old)]
    return candidates[:width]


_GROWS = (
    "a hypothesis that ended in eos goes on growing: it is finished, and stays as it is"
)
_MISTAKES = (
    ("you add *probabilities*; those of one text multiply, so their logs are added",
     {"score": lambda s, q: s + float(np.exp(q))}),
    ("you add *probabilities*; those of one text multiply, so their logs are added",
     {"score": lambda s, q: float(np.exp(s) + np.exp(q))}),
    ("you multiply log-probabilities; logs are added", {"score": lambda s, q: s * q}),
    ("the score is the newest character's alone: add it to the hypothesis's own",
     {"score": lambda s, q: q}),
    ("you return joint probabilities; keep their logs, or long texts underflow to 0",
     {"score": lambda s, q: float(np.exp(s + q))}),
    ("these are the *least* likely: sort in descending order", {"reverse": False}),
    (_GROWS, {"finished": "grow"}),
    ("finished hypotheses are lost: one that ended in eos stays in the race",
     {"finished": "drop"}),
    ("finished hypotheses keep their place whatever their score; they compete with the "
     "others", {"finished": "aside"}),
    ("each hypothesis puts only its best id into the race: that is several greedy "
     "searches. Take all V of each", {"per_row": 1}),
    ("you divide the score by the length: that is another ranking (length "
     "normalisation); here the joint probability counts",
     {"rank": lambda ids, s: s / len(ids)}),
)  # fmt: skip


def _races():
    """Yield hypotheses, log_probs and width of some steps, as a search meets them."""
    generator = torch.Generator().manual_seed(7)

    def rows(n, V):
        z = 1.5 * torch.randn((n, V), generator=generator, dtype=torch.float64)
        return torch.log_softmax(z, -1).float()

    yield [([], 0.0)], rows(1, 4), 3, 0
    yield [([2], -0.9), ([1], -1.1), ([3], -1.6)], rows(3, 4), 3, 0
    yield [([2, 1], -1.0), ([3, 0], -1.2), ([1], -1.25)], rows(3, 4), 3, 0
    yield [([2, 1], -1.0), ([1, 1], -1.1), ([3, 0], -9.0)], rows(3, 5), 3, 0
    yield [([2, 0], -0.7), ([0], -0.2)], rows(2, 5), 2, 0
    yield [([1, 4, 2], -2.0), ([3, 3, 0], -2.5), ([2, 0], -3.9)], rows(3, 6), 4, 0
    yield [([1], -0.5)], rows(1, 3), 5, 0  # fewer than width
    yield [([0, 2], -0.4), ([1, 0], -0.6), ([3], -0.9)], rows(3, 4), 3, 2
    yield [([0, 4], -0.8), ([4, 0], -0.5)], rows(2, 5), 3, 4


def _plain(got):
    """A learner's list as [(ids, score)], or Wrong."""
    if not isinstance(got, list | tuple):
        raise Wrong("return a list of pairs (ids, log p)")
    pairs = []
    for pair in got:
        if not isinstance(pair, list | tuple) or len(pair) != 2:
            raise Wrong("every hypothesis is a pair: (ids, log p)")
        ids, score = pair
        if score is ...:
            raise NotAttempted("a score is still `...`")
        score = as_array(score, "log p")
        if score.dtype.kind == "c":
            raise Wrong("log p is complex; it is a real number")
        if score.size != 1:
            raise Wrong(f"log p is one number; yours has shape {score.shape}")
        if not np.isfinite(score).all():
            raise Wrong(f"log p is {float(score.reshape(()))}: a number was asked for")
        ids = as_array(list(ids) if isinstance(ids, tuple) else ids, "ids")
        if ids.ndim != 1:
            raise Wrong("ids is a list, one id for each character written")
        if ids.dtype.kind == "c" or not same(ids, np.round(ids), 0):
            raise Wrong(f"ids are whole numbers; yours are {ids.tolist()}")
        pairs.append(([int(i) for i in ids], float(score.reshape(()))))
    return pairs


def _equal(one, other):
    return len(one) == len(other) and all(
        a[0] == b[0] and same(a[1], b[1], ROUNDING)
        for a, b in zip(one, other, strict=True)
    )


def _same_set(one, other):
    return _equal(sorted(one), sorted(other))


def _step(answer, race):
    """What the learner's step returns, as plain pairs."""
    try:
        got = call(answer, *race, unchanged=True)
    except Wrong as wrong:
        if "raised IndexError" in str(wrong) and race[0] == [([], 0.0)]:
            raise Wrong(
                f"the first step fails ({wrong}): before it nothing is written, the "
                "one hypothesis is ([], 0.0), and an empty list has no last id"
            ) from None
        raise
    return _plain(got)


def check_expand(answer) -> str:
    seen = [(race, _step(answer, race), expand(*race)) for race in _races()]
    wrong = [case for case in seen if not _equal(case[1], case[2])]
    if wrong:
        for words, mistake in _MISTAKES:
            if all(_same_set(got, _wrong(*race, **mistake)) for race, got, _ in seen):
                raise Wrong(words)
        for other in range(5):
            if all(_equal(got, expand(*race[:3], other)) for race, got, _ in seen):
                raise Wrong(f"you take {other} for the end mark; use `eos`")
        (hypotheses, _, width, eos), got, right = wrong[0]
        _name_race(got, right, hypotheses, width, eos)
    return (
        "One sorted list for all: a hypothesis may have several children, and another "
        "none. The cost of a step grows with width times V, not with V to the length."
    )


def _name_race(got, right, hypotheses, width, eos) -> None:
    """Say what is wrong about a list that is no known mistake."""
    if len(got) > width:
        raise Wrong(
            f"{len(got)} hypotheses are left where width = {width}: all compete in one "
            "list, not one list for each"
        )
    if len(got) < len(right):
        raise Wrong(f"{len(got)} hypotheses are left, want {len(right)}")
    if sorted(ids for ids, _ in got) == sorted(ids for ids, _ in right) and same(
        sorted(score for _, score in got), sorted(log_p for _, log_p in right), ROUNDING
    ):
        raise Wrong("the right hypotheses, but not best first")
    done = [ids for ids, _ in hypotheses if ids and ids[-1] == eos]
    if any(ids[:-1] in done for ids, _ in got):
        raise Wrong(_GROWS)
    for (ids, score), (best, log_p) in zip(got, right, strict=True):
        if ids == best and not same(score, log_p, ROUNDING):
            raise Wrong(f"{ids} has log p {score:.4g}, want {log_p:.4g}")
        if ids != best:
            raise Wrong(f"{ids} is in the place of {best}, whose log p is {log_p:.4g}")
