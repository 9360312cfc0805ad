"""Lesson 07: references and checkers of the exercises on top-k and the nucleus."""

from __future__ import annotations

import numpy as np
import torch

from helpers.exercises.engine.core import Wrong, call, same, shape_of
from helpers.exercises.lesson_07.temperature import soft

__all__ = ["check_nucleus", "check_top_k", "keep_k", "keep_nucleus"]

INF = np.inf


def keep_k(logits, k):
    """The k largest logits of each row; -inf for the others."""
    kept = logits.argsort(dim=-1, descending=True, stable=True)[..., :k]
    empty = torch.full_like(logits, -torch.inf)
    return empty.scatter(-1, kept, logits.gather(-1, kept))


def _survivors(got, z, what, empty_row=None) -> np.ndarray:
    """Tell which entries stay (B, V); Wrong if one changed, or is cut to a number."""
    if np.isnan(got).any():
        raise Wrong("nan is in your result: -inf * 0 is one way to get it; use where")
    stays = got != -INF
    if empty_row is not None and not stays.any(-1).all():
        raise Wrong(
            f"with p = {empty_row:g} nothing is left of a row: the most likely "
            "character stays, even if it alone is more than p"
        )
    probabilities = ((got >= 0) & (got <= 1)).all() and same(
        got.sum(-1), np.ones(got.shape[:-1]), 1e-6
    )
    if probabilities and not same(got, z, 1e-9):
        raise Wrong("these are probabilities: return the *logits*, cut ones as -inf")
    changed = stays & ~np.isclose(got, z, rtol=1e-9, atol=1e-12)
    if not changed.any():
        return stays
    value = got[changed]
    if (value == 0).all():
        raise Wrong(
            f"what is {what} becomes 0; a logit of 0 is a probability like any other "
            "(e to the 0 is 1). Cut with -inf"
        )
    if (value == value[0]).all():
        raise Wrong(
            f"what is {what} becomes {value[0]:.3g}; only -inf is a probability of "
            "exactly 0"
        )
    raise Wrong("the logits that stay must keep their values")


def check_top_k(answer) -> str:
    generator = torch.Generator().manual_seed(5)
    rows = torch.randn((3, 7), generator=generator, dtype=torch.float64)
    tied = torch.tensor([[2.0, 1.0, 1.0, 1.0, 0.5], [1.0, 1.0, 1.0, 1.0, 1.0]]).double()
    for z, k in ((rows[0], 3), (rows, 2), (rows, 1), (rows, 7), (tied, 2), (rows, 9)):
        try:
            got = call(answer, z, k, unchanged=True)
        except Wrong as wrong:
            if k > 7 and "raised" in str(wrong):
                raise Wrong(
                    f"with k = {k} and only 7 characters it fails ({wrong}): then all "
                    "of them stay"
                ) from None
            raise
        if isinstance(got, tuple | list) and len(got) == 2:
            raise Wrong("torch.topk returns values and places; return all V logits")
        n, x = min(k, z.shape[-1]), z.numpy()
        got = shape_of(got, x.shape, letters="V" if x.ndim == 1 else "B V")
        stays = _survivors(got, x, "not among the k largest")
        count = stays.sum(-1)
        if x.ndim > 1 and stays.sum() == n and n < len(x) * n and (count != n).any():
            raise Wrong("k stay in the whole batch; it is k in each row")
        if (count != n).any() and np.array_equal(stays, _ranks(x, 0) < n):
            raise Wrong("you choose down the columns; each *row* keeps its k largest")
        _name_count(count, stays, x, n)
    return (
        "The tail is gone, and with it its many small chances of a blunder. But k is "
        "the same where one character is sure and where thirty are possible."
    )


def _ranks(x, axis=-1):
    """The place of each entry along an axis, 0 for the largest."""
    return np.argsort(np.argsort(-x, axis), axis)


def _name_count(count, stays, x, n) -> None:
    """Say what is wrong if not exactly the n largest of each row stay."""
    kth = np.sort(x, axis=-1)[..., -n][..., None]
    if (count != n).any():
        if np.array_equal(stays, x >= kth):
            raise Wrong(
                f"{count.max()} stay where k = {n}: you compare with the k-th largest, "
                "and others equal it. Choose by place (topk's or argsort's indices)"
            )
        if np.array_equal(stays, x > kth):
            raise Wrong(
                f"the k-th largest itself has to stay: {count.min()} of k = {n}"
            )
        raise Wrong(f"{count.ravel()[0]} stay in a row, want exactly {n}")
    low = np.where(stays, x, INF).min(-1)
    high = np.where(stays, -INF, x).max(-1)
    if (low < high).any():
        if np.array_equal(stays, _ranks(-x) < n):
            raise Wrong("you keep the k *smallest*: sort in descending order")
        raise Wrong("a larger logit is cut while a smaller one stays")


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
        ("nothing is cut", np.ones(z.shape, bool)),
    )  # fmt: skip


def check_nucleus(answer) -> str:
    generator = torch.Generator().manual_seed(6)
    peaked = torch.tensor([0.0, 6.0, 1.0, 0.5, -1.0, 2.0]).double()
    rows = 1.5 * torch.randn((4, 6), generator=generator, dtype=torch.float64)
    seen = []
    for z, p in ((rows[0], 0.7), (rows, 0.6), (rows, 0.9), (peaked, 0.3), (rows, 1.0)):
        got, x = call(answer, z, p, unchanged=True), z.numpy()
        got = shape_of(got, x.shape, letters="V" if x.ndim == 1 else "B V")
        seen.append((x, p, _survivors(got, x, "outside the nucleus", empty_row=p)))
    if not all(np.array_equal(stays, _right(x, p)) for x, p, stays in seen):
        _name_nucleus(seen)
    return (
        "Where the model is sure one character is left, where it is not there are "
        "many: the cut adapts, which top-k cannot."
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
