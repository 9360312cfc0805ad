"""Checkers of lesson 09: how often a map is right, and what was not looked at."""

from __future__ import annotations

import numpy as np

from helpers.exercises.engine.compare import name_it
from helpers.exercises.engine.core import call, close, shape_of

__all__ = ["check_coverage", "check_hits", "coverage", "hits"]


def hits(weights, places):
    counted = places >= 0
    return (weights.argmax(1) == places)[counted].mean()


def check_hits(answer):
    rng = np.random.default_rng(0)
    places = np.array([2, -1, 0, 3, -1, 1, 1, 4])
    looked = np.array([2, 4, 0, 1, 0, 1, 0, 4])
    weights = rng.random((8, 5)) * 0.1
    weights[np.arange(8), looked] = 0.6 + 0.02 * np.arange(8)
    weights[1, 4] = 0.9  # so that no two mistakes give the same share
    weights /= weights.sum(1, keepdims=True)
    got = call(answer, weights, places, name="hits", unchanged=True)
    real = places >= 0
    own = weights[np.arange(8), places]
    by_column = (weights.argmax(0)[places] == np.arange(8))[real].mean()
    shifted = (looked[1:] == places[:-1])[real[:-1]].mean()
    name_it(
        got,
        [
            ((looked == places).mean(), "tokens that say no word (-1) cannot be hit: "
             "leave them out of the count"),
            (own[real].mean(), "that is the mean weight on the right word; a hit is "
             "the largest weight on it"),
            (own.mean(), "that is a mean weight, and -1 takes the last column; count "
             "the hits among the tokens that say a word"),
            (4.0, "that is how many; divide by the number of tokens that say a word"),
            (by_column, "you take the largest of each column; a row belongs to a "
             "target token"),
            (1 - 4 / 6, "that is the share of misses"),
            (100 * 4 / 6, "that is in per cent; return the share"),
            (((looked == places) & (places > 0)).sum() / (places > 0).sum(), "place 0 "
             "is a word like any other; only -1 says none"),
            (((looked == places) | (places < 0)).mean(), "a token that says no word "
             "(-1) is no hit either: leave it out of the count"),
            (shifted, "you hold each row to the place of another token"),
            ((weights > 0.5)[np.arange(8), places].mean(), "leave out tokens that say "
             "no word (-1)"),
        ],
        1e-6,
    )  # fmt: skip
    shape_of(got, (), "the share")
    close(got, 4 / 6, 1e-6, "the share")
    flat = np.full((3, 4), 0.25)
    flat[:, 1] += 0.01  # the largest, and far below a half
    flat[2, 0] += 0.005  # a miss whose right word comes second
    got = call(answer, flat, np.array([1, 1, 0]), name="hits")
    close(got, 2 / 3, 1e-6, "the share, with flat maps whose largest weight is .26,")
    return "Where the alignment is known, a map can be marked like any answer."


def coverage(weights, beta):
    seen = weights.sum(0)  # (T,): one number for each source word
    return beta * np.log(np.minimum(seen, 1)).sum()


def check_coverage(answer):
    rng = np.random.default_rng(0)
    weights = rng.dirichlet(np.full(5, 0.5), size=7) + 1e-3
    weights /= weights.sum(1, keepdims=True)
    got = call(answer, weights, 0.2, name="coverage", unchanged=True)
    seen = weights.sum(0)
    name_it(
        got,
        [
            (0.2 * np.log(seen).sum(), "a word looked at twice is no better than once: "
             "min(…, 1) is missing"),
            (0.2 * np.minimum(np.log(weights.sum(1)), 0).sum(), "sum over the target, "
             "for each source word; each row of weights sums to 1 anyway"),
            (0.2 * np.log(np.minimum(seen, 1)).mean(), "sum over the source words, do "
             "not average"),
            (-0.2 * np.log(np.minimum(seen, 1)).sum(), "the sign: a penalty is 0 or "
             "less, and is added"),
            (np.log(np.minimum(seen, 1)).sum(), "β is missing"),
            (0.2 * np.minimum(seen, 1).sum(), "the logarithm is missing"),
            (0.2 * np.log(np.minimum(seen, 1).sum()), "take the logarithm of each "
             "word, then sum"),
            (0.2 * np.log(np.minimum(weights, 1)).sum(), "first sum a word's weights "
             "over all steps, then take the logarithm"),
            (0.2 * np.log(np.minimum(weights.mean(0), 1)).sum(), "sum over the steps, "
             "do not average: long answers would be punished"),
            (0.2 * np.log(np.minimum(weights.max(0), 1)).sum(), "sum over the steps, "
             "not the largest"),
            (0.2 * np.log(np.maximum(seen, 1)).sum(), "min, not max: what was looked "
             "at too little costs"),
        ],
        1e-6,
    )  # fmt: skip
    shape_of(got, (), "the penalty")
    close(got, coverage(weights, 0.2), 1e-6, "the penalty")
    close(call(answer, weights, 0.7, name="coverage"), coverage(weights, 0.7), 1e-6,
          "the penalty for β = 0.7")  # fmt: skip
    close(call(answer, np.eye(3), 1.0, name="coverage"), 0.0, 1e-6, "the penalty of a "
          "map that looks at each word once")  # fmt: skip
    return "0 for a sentence that was read to the end, -∞ for a word never looked at."
