"""Lesson 07: reference and checker of the exercise on Kneser–Ney smoothing."""

from __future__ import annotations

import numpy as np

from helpers.exercises.engine.core import Wrong, call, close, same, shape_of

__all__ = ["check_kneser_ney", "kneser_ney_pairs"]

ROUNDING = 1e-5  # float32 will do


def kneser_ney_pairs(C, d=0.75):
    """Interpolated Kneser–Ney for pairs: (V, V), row b sums to 1."""
    seen = C > 0
    after_many = seen.sum(axis=0) / seen.sum()  # (V,): N(·c) / N(··)
    total = C.sum(axis=1, keepdims=True)
    freed = d * seen.sum(axis=1, keepdims=True)  # what was taken off row b
    known = (np.maximum(C - d, 0) + freed * after_many) / np.maximum(total, 1)
    return np.where(total > 0, known, after_many)


def _name_smoothing(got, C, d) -> None:
    seen, total = C > 0, np.maximum(C.sum(1, keepdims=True), 1)
    kinds = seen.sum(1, keepdims=True)
    cont = seen.sum(0) / seen.sum()
    cut, unigram = np.maximum(C - d, 0) / total, C.sum(0) / C.sum()
    ahead = seen.sum(1) / seen.sum()
    flat = (
        "a row sum of shape (V,) works on *columns*: with keepdims=True it has shape "
        "(V, 1), one number for each row"
    )
    known = (
        ("these are plain relative frequencies: nothing is taken off, and a pair that "
         "was never seen stays impossible", C / total),
        ("you take d off and give it to nobody: rows no longer add up to 1", cut),
        ("the freed mass goes out by how *often* c occurs; Kneser and Ney's idea is to "
         "count after how many *different* characters it does, (C > 0).sum(axis=0)",
         cut + d * kinds / total * unigram),
        ("you count the different characters that come *after* c; N(·c) counts those "
         "before it: the other axis", cut + d * kinds / total * ahead),
        ("what is freed in row b is d times the number of *kinds* of pairs in it, not "
         "d once", cut + d / total * cont),
        ("what is freed is d for each pair that was *seen* in row b, not for all V",
         cut + d * C.shape[0] / total * cont),
        ("max(…, 0) is missing: pairs that were never seen get a negative count",
         (C - d) / total + d * kinds / total * cont),
        ("that is backing off: the second term is added for *every* pair, seen or not",
         np.where(seen, cut, d * kinds / total * cont)),
        ("the freed mass is spread evenly over all characters; spread it by N(·c)",
         cut + d * kinds / total / len(C)),
        ("you divide N(·c) by V; the kinds of *all* pairs are (C > 0).sum()",
         cut + d * kinds / total * seen.sum(0) / len(C)),
        ("C[b, c] is b *then* c: the sum of row b is over axis 1",
         kneser_ney_pairs(C.T, d).T),
        (flat, (np.maximum(C - d, 0) + d * kinds * cont) / total.T),
        (flat, (np.maximum(C - d, 0) + d * kinds.T * cont) / total.T),
        (flat, cut + d * kinds.T / total * cont),
        ("you divide by the sum of the whole table; the counts of row b by that of row "
         "b", (np.maximum(C - d, 0) + d * kinds * cont) / C.sum()),
        ("you add one to every count (Laplace); take d off",
         (C + 1) / (total + len(C))),
    )  # fmt: skip
    known_rows = np.ix_(C.sum(1) > 0, C.sum(1) > 0)
    for words, wrong in known:
        if same(got[known_rows], wrong[known_rows], ROUNDING):
            raise Wrong(words)


def check_kneser_ney(answer) -> str:
    rng = np.random.default_rng(2)
    for V, d in ((6, 0.75), (9, 0.5), (5, 0.9)):
        C = rng.poisson(rng.gamma(0.6, 3, (V, V)))
        C[0, 1], C[1, 0], C[-1] = 7, 2, 0  # after the last nothing was ever seen
        right = kneser_ney_pairs(C, d)
        with np.errstate(all="ignore"):
            got = call(answer, C, d, unchanged=True)
        got = shape_of(got, (V, V), "P", "V V")
        if got.dtype.kind == "c":
            raise Wrong("P holds complex numbers; probabilities are real ones")
        got = got.astype(float)
        if not same(got, right, ROUNDING):
            _name_smoothing(got, C, d)
            if same(got, kneser_ney_pairs(C), ROUNDING):
                raise Wrong("you use 0.75 whatever d is: use the argument `d`")
            if same(got[:-1], right[:-1], ROUNDING):
                raise Wrong(
                    "a row of C that is all 0 becomes "
                    f"{got[-1, 0]:.3g} …: nothing is known there, so only "
                    "N(·c) / N(··) is left"
                )
        sums = got.sum(1)
        if not same(sums, np.ones(V), ROUNDING):
            off = np.nan_to_num(np.abs(sums - 1), nan=9)
            b = int(off[:-1].argmax()) if off[:-1].max() > ROUNDING else V - 1
            raise Wrong(
                f"row {b} adds up to {sums[b]:.4g}: what is taken off the counts of a "
                "row has to come back in the same row"
            )
        close(got, right, ROUNDING, "P")
    return (
        "No pair is impossible any more. A character seen often, but always after the "
        "same one (“u” after “q”), gets little of what was freed."
    )
