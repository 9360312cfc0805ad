"""Lesson 07: reference and checker of the exercise on the nucleus."""

from __future__ import annotations

import numpy as np
import torch

from helpers.exercises.engine.core import Wrong, call, shape_of
from helpers.exercises.lesson_07.cuts import refuse_one_row, survivors
from helpers.exercises.lesson_07.temperature import soft

__all__ = ["check_nucleus", "keep_nucleus"]

INF = np.inf


def keep_nucleus(logits, p):
    """The smallest set of likeliest characters with mass p or more; -inf elsewhere."""
    probs, order = torch.softmax(logits, dim=-1).sort(dim=-1, descending=True)
    cut = probs.cumsum(dim=-1) - probs >= p  # the likelier ones are enough already
    cut = cut.scatter(-1, order, cut)  # back in the order of ids
    return logits.masked_fill(cut, -torch.inf)


def _nucleus_mistakes(z, p):
    """What a learner is told -> which entries stay (bool, shape of z)."""
    probs = soft(z)
    order = np.argsort(-probs, axis=-1)
    ranked = np.take_along_axis(probs, order, -1)
    mass = ranked.cumsum(-1)

    def back(stays):
        result = np.zeros(z.shape, bool)
        np.put_along_axis(result, order, stays, -1)
        return result

    rising = np.take_along_axis(probs, order[..., ::-1], -1)
    smallest = np.zeros(z.shape, bool)
    np.put_along_axis(smallest, order[..., ::-1], rising.cumsum(-1) - rising < p, -1)
    late = np.concatenate([mass[..., :1] * 0, mass[..., :-1]], -1) - np.concatenate(
        [ranked[..., :1] * 0, ranked[..., :-1]], -1
    )
    at_least_one = mass <= p
    at_least_one[..., 0] = True
    dropped = (
        "the character that crosses p is dropped, so less than p is left; it is the "
        "last one to *stay*"
    )
    return (
        (dropped, back(mass <= p)),
        (dropped, back(at_least_one)),
        ("your cut is right for sorted characters, but stands in sorted order: bring "
         "it back to the order of ids (scatter)", mass - ranked < p),
        ("`gather(-1, order)` sorts a second time; back in the order of ids you come "
         "with scatter, or with gather and order.argsort",
         np.take_along_axis(mass - ranked < p, order, -1)),
        ("you add up in the order of ids; sort by probability first",
         probs.cumsum(-1) - probs < p),
        ("you add up in the order of ids; sort by probability first",
         probs.cumsum(-1) <= p),
        ("you keep the characters whose own probability is p or more; the nucleus is "
         "about the *sum*", probs >= p),
        ("you keep the characters whose own probability is above 1 - p; the nucleus is "
         "about the *sum*", probs > 1 - p),
        ("you begin with the least likely: sort in descending order", smallest),
        ("one character too many stays: the set is large enough without it",
         back(late < p)),
        *_one_count(z, order, (mass - ranked < p).sum(-1)),
        ("nothing is cut", np.ones(z.shape, bool)),
    )  # fmt: skip


def _one_count(z, order, counts):
    """What stays if one row's number of characters is taken for every row."""
    ranks = order.argsort(-1)
    words = "row keeps as many as the {} one: each has a nucleus of its own size"
    of = {"first": counts.ravel()[0], "largest": counts.max(), "smallest": counts.min()}
    return [("every " + words.format(key), ranks < n) for key, n in of.items()]


def check_nucleus(answer) -> str:
    generator = torch.Generator().manual_seed(6)
    peaked = torch.tensor([0.0, 6.0, 1.0, 0.5, -1.0, 2.0])
    rows = 1.5 * torch.randn((4, 6), generator=generator, dtype=torch.float64)
    rows = rows.float()
    uneven = torch.stack([peaked, 0.1 * rows[0], rows[1], 0 * peaked + rows[2] / 2])
    seen = []
    for z, p in (
        (rows[0], 0.7), (rows, 0.6), (rows, 0.9), (peaked, 0.3), (rows, 1.0),
        (uneven, 0.8), (uneven.flip(0), 0.8),
    ):  # fmt: skip
        try:
            got, x = call(answer, z, p, unchanged=True), z.double().numpy()
        except Wrong as wrong:
            refuse_one_row(wrong, answer, z, p)
            raise
        got = shape_of(got, x.shape, letters="V" if x.ndim == 1 else "B V")
        stays, whole = got != -INF, _right(x.ravel(), p).reshape(x.shape)
        if np.array_equal(stays, whole) and not np.array_equal(stays, _right(x, p)):
            raise Wrong(
                "the nucleus of the whole batch stays; each *row* is a distribution, "
                "and has its own: dim=-1"
            )
        seen.append((x, p, survivors(got, x, "outside the nucleus", empty_row=p)))
    if not all(np.array_equal(stays, _right(x, p)) for x, p, stays in seen):
        _name_nucleus(seen)
    _check_exactly_p(answer)
    return (
        "Where the model is sure one character is left, where it is not there are "
        "many: the cut adapts, which top-k cannot."
    )


def _check_exactly_p(answer) -> None:
    """Where the sum is p itself it is enough: equal logits, halves and quarters.

    An answer that takes its probabilities by way of logs may be a rounding off in one
    of the cases, not in all.
    """
    over = []
    for V, p in ((2, 0.5), (4, 0.5), (4, 0.25), (8, 0.75), (16, 0.5)):
        got = shape_of(call(answer, torch.zeros(V), p), (V,))
        over.append(int((got != -INF).sum()) - round(V * p))
    if min(over) > 0:
        raise Wrong(
            "of two equal characters and p = 0.5 both stay; the first has 0.5 already, "
            "and `at least p` is reached: compare with >=, so that it is enough"
        )


def _right(x, p):
    return keep_nucleus(torch.tensor(x), p).numpy() != -INF


def _name_nucleus(seen) -> None:
    """Raise the first mistake that explains every case, or else the first case.

    Whether the whole sum is above p = 1 is a matter of rounding: no mistake is told
    by that case.
    """
    telling = [case for case in seen if case[1] < 1]
    known = [_nucleus_mistakes(x, p) for x, p, _ in telling]
    for words, *wrongs in zip(known[0], *known[1:], strict=True):
        masks = [words[1], *(wrong[1] for wrong in wrongs)]
        pairs = zip(masks, telling, strict=True)
        if all(np.array_equal(mask, case[2]) for mask, case in pairs):
            raise Wrong(words[0])
    for x, p, stays in seen:
        right, mass = _right(x, p), (soft(x) * stays).sum(-1)
        if np.array_equal(stays, right):
            continue
        if x.ndim > 1 and np.array_equal(stays, _right(x.T, p).T):
            raise Wrong("you go down the columns; each *row* is a distribution, dim=-1")
        if (mass < p - 1e-9).any():
            raise Wrong(f"with p = {p:g} only {mass.min():.3f} of a row's mass stays")
        raise Wrong(
            f"with p = {p:g} {stays.sum()} characters stay, {right.sum()} are enough: "
            "is it the smallest set?"
        )
