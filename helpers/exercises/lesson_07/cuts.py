"""Lesson 07: reference and checker of the exercise on top-k."""

from __future__ import annotations

import numpy as np
import torch

from helpers.exercises.engine.core import NotAttempted, Wrong, call, same, shape_of

__all__ = ["check_top_k", "keep_k", "refuse_one_row", "survivors"]

INF = np.inf


def keep_k(logits, k):
    """The k largest logits of each row; -inf for the others."""
    kept = logits.argsort(dim=-1, descending=True, stable=True)[..., :k]
    empty = torch.full_like(logits, -torch.inf)
    return empty.scatter(-1, kept, logits.gather(-1, kept))


def survivors(got, z, what, empty_row=None) -> np.ndarray:
    """Return which entries stay (B, V); Wrong if one changed, or is cut to a number."""
    if got.dtype.kind == "c":
        raise Wrong("your result holds complex numbers; logits are real ones")
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
    if probabilities and not same(got, z, 1e-6):
        raise Wrong("these are probabilities: return the *logits*, cut ones as -inf")
    changed = stays & ~np.isclose(got, z, rtol=1e-6, atol=1e-9)
    if not changed.any():
        return stays
    value = got[changed]
    from_row = np.isclose(got[..., :, None], z[..., None, :], rtol=1e-6, atol=1e-9)
    if from_row.any(-1)[changed].all():
        raise Wrong(
            "logits have left their places: each belongs where it stood in its row. "
            "What was sorted comes back with scatter"
        )
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
    rows = torch.randn((3, 7), generator=generator)
    tied = torch.tensor([[2.0, 1.0, 1.0, 1.0, 0.5], [1.0, 1.0, 1.0, 1.0, 1.0]])
    for z, k in ((rows[0], 3), (rows, 2), (rows, 1), (rows, 7), (tied, 2), (rows, 9)):
        try:
            got = call(answer, z, k, unchanged=True)
        except Wrong as wrong:
            if k > 7 and "raised" in str(wrong):
                raise Wrong(
                    f"with k = {k} and only 7 characters it fails ({wrong}): then all "
                    "of them stay"
                ) from None
            refuse_one_row(wrong, answer, z, k)
            raise
        if _is_topk(got):
            raise Wrong("torch.topk returns values and places; return all V logits")
        n, x = min(k, z.shape[-1]), z.numpy()
        got = shape_of(got, x.shape, letters="V" if x.ndim == 1 else "B V")
        stays = survivors(got, x, "not among the k largest")
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


def _is_topk(got) -> bool:
    """Tell whether it is what topk returns: values, and their places as integers."""
    if not isinstance(got, tuple) or len(got) != 2:
        return False
    kind = str(getattr(got[1], "dtype", ""))
    return kind.rpartition(".")[2].startswith("int")


def refuse_one_row(wrong, answer, z, size) -> None:
    """Raise a plainer Wrong if an answer fails on one row z (V,), not on a batch."""
    if z.ndim > 1 or "raised" not in str(wrong):
        return
    try:
        call(answer, torch.stack([z, z]), size)
    except (NotAttempted, Wrong):
        return
    raise Wrong(
        f"one row of logits, ({len(z)},), fails ({wrong}): rows are (V,) or "
        "(B, V), so count axes from the end, dim=-1"
    ) from None


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
        raise Wrong(f"{count[count != n][0]} stay in a row, want exactly {n}")
    low = np.where(stays, x, INF).min(-1)
    high = np.where(stays, -INF, x).max(-1)
    if (low < high).any():
        if np.array_equal(stays, _ranks(-x) < n):
            raise Wrong("you keep the k *smallest*: sort in descending order")
        raise Wrong("a larger logit is cut while a smaller one stays")
