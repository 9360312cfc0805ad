"""How the counts of parameters and the masked mean of lesson 02 are judged.

A mistake is named where it explains every case that was asked.
"""

from __future__ import annotations

import torch

from helpers.exercises.engine.core import Wrong, call, close, same, shape_of
from helpers.exercises.lesson_02.answers import (
    feedforward_parameters,
    masked_mean,
    recurrent_parameters,
)

__all__ = [
    "check_feedforward_parameters",
    "check_masked_mean",
    "check_recurrent_parameters",
]

DENSE_MISTAKES = {  # what a learner is told → what that mistake counts
    "this is the first layer alone, or both without biases; H biases are for the "
    "units, H weights and a bias for the score": lambda L, V, H: L * V * H + H,
    "the bias of the score is missing": lambda L, V, H: L * V * H + 2 * H,
    "this is the big matrix alone; add its biases and the second layer": (
        lambda L, V, H: L * V * H
    ),
    "you count one word's weights; every one of the L positions has its own": (
        lambda L, V, H: V * H + 2 * H + 1
    ),
    "a layer is missing: H weights lead from the hidden units to the score, and H "
    "biases belong to the units": lambda L, V, H: L * V * H + H + 1,
    "you add L and V; each position has V inputs, so that there are L·V of them": (
        lambda L, V, H: (L + V) * H + 2 * H + 1
    ),
    "a hidden unit has one bias, not one for each position": (
        lambda L, V, H: L * (V + 1) * H + H + 1
    ),
    "the padding has a column as well, always 0, but its weights are there": (
        lambda L, V, H: L * (V - 1) * H + 2 * H + 1
    ),
    "the score is one number, not one for each of the V words": (
        lambda L, V, H: L * V * H + H + H * V + V
    ),
    "a word is not one number but a one-hot vector of V numbers": (
        lambda L, V, H: L * H + 2 * H + 1
    ),
    "the score is one number: the second layer is H × 1, not H × H": (
        lambda L, V, H: L * V * H + H + H * H + H
    ),
    "a bias is not one number for a layer: each of the H units has its own": (
        lambda L, V, H: L * V * H + 1 + H + 1
    ),
    "no state is handed on here: a feedforward net has no H × H matrix": (
        lambda L, V, H: L * V * H + H * H + 2 * H + 1
    ),
}

STEP_MISTAKES = {
    "torch keeps two biases a step, one beside each matrix": lambda V, H: (
        V * H + H * H + H + H + 1
    ),
    "the 2·H biases of the recurrent step are missing": lambda V, H: (
        V * H + H * H + H + 1
    ),
    "the H × H matrix from the old state to the new one is missing: it is what makes "
    "the net recurrent": lambda V, H: V * H + 2 * H + H + 1,
    "the H × H matrix from the old state to the new one is missing, and one of "
    "torch's two biases": lambda V, H: V * H + H + H + 1,
    "H + 1 are missing: either the last layer, H weights and a bias, or one bias of "
    "the step and the bias of the score": lambda V, H: V * H + H * H + 2 * H,
    "the bias of the score is missing": lambda V, H: V * H + H * H + 3 * H,
    "2·H + 1 are missing: the step has two biases of H each, the last layer H weights "
    "and a bias": lambda V, H: V * H + H * H + H,
    "these are the two matrices of the step; add its two biases and the last layer": (
        lambda V, H: V * H + H * H
    ),
    "a bias is not one number: each has one for each of the H units": lambda V, H: (
        V * H + H * H + 2 + H + 1
    ),
    "the score is one number, not one for each of the V words": lambda V, H: (
        V * H + H * H + 2 * H + (H + 1) * V
    ),
}


def check_feedforward_parameters(answer):
    cases = [(3, 7, 5), (28, 48, 32), (5, 48, 8), (100, 11, 7)]
    gots = [_number(call(answer, *case)) for case in cases]
    _judge(gots, cases, feedforward_parameters, DENSE_MISTAKES, "L, V, H")
    return "Twice the length, about twice the parameters."


def check_recurrent_parameters(answer):
    cases = [(3, 4), (48, 32), (11, 7)]
    gots = [_number(call(answer, *case)) for case in cases]
    _judge(gots, cases, recurrent_parameters, STEP_MISTAKES, "V, H")
    return "No L anywhere: a text of any length uses the same weights."


def _number(got):
    array = shape_of(got, (), "your number")
    if array.dtype.kind == "c":
        raise Wrong("your number is complex; count with whole numbers")
    return float(array)


def _judge(gots, cases, right, mistakes, letters):
    for got, case in zip(gots, cases, strict=True):
        if got == right(*case):
            continue
        sizes = ", ".join(map(str, case))
        for words, mistake in mistakes.items():
            pairs = zip(gots, cases, strict=True)
            if all(g == mistake(*c) for g, c in pairs):
                raise Wrong(f"for {letters} = {sizes}: {words}")
        raise Wrong(
            f"for {letters} = {sizes} you count {got:,g}, want {right(*case):,}"
        )


WEIGHT = "an id says which word it is, not how much it weighs; use ids > 0"
MEAN_MISTAKES = {  # what a learner is told → what that mistake returns
    "you divide by L and add the padding in: average over the real words only, those "
    "whose id is above 0, whatever x holds there": lambda x, ids, real: x.mean(1),
    "this is the mean over the padding; the mask is the wrong way round": (
        lambda x, ids, real: (x * ~real).sum(1) / (~real).sum(1)
    ),
    WEIGHT: lambda x, ids, real: (x * ids[:, :, None]).sum(1) / real.sum(1),
    f"{WEIGHT}, above and below the line": lambda x, ids, real: (
        (x * ids[:, :, None]).sum(1) / ids.sum(1, keepdim=True)
    ),
    "you divide by the sum of the ids; divide by how many of them are above 0": (
        lambda x, ids, real: (x * real).sum(1) / ids.sum(1, keepdim=True)
    ),
    "you divide every text by the length of the first one; each has its own": (
        lambda x, ids, real: (x * real).sum(1) / real[0].sum()
    ),
    "you divide by the length of the longest text; each has its own": (
        lambda x, ids, real: (x * real).sum(1) / real.sum(1).max()
    ),
    "you divide by the number of real words, but the sum still holds the padded "
    "places; multiply them by 0 first": lambda x, ids, real: x.sum(1) / real.sum(1),
    "the sum is right; divide by the number of real words, not by L": (
        lambda x, ids, real: (x * real).mean(1)
    ),
    "this is the sum; divide it by the number of real words": (
        lambda x, ids, real: (x * real).sum(1)
    ),
    "you divide by the real words of the whole batch; each text has its own number": (
        lambda x, ids, real: (x * real).sum(1) / real.sum()
    ),
    "you take the first n places, n being the number of real words; padding may stand "
    "in front: ask each place for its own id": lambda x, ids, real: torch.stack(
        [row[:n].mean(0) for row, n in zip(x, real.sum((1, 2)).tolist(), strict=True)]
    ),
    "you stop at the first padding; real words may stand after it": (
        lambda x, ids, real: torch.nan_to_num(
            (x * real.cumprod(1)).sum(1) / real.cumprod(1).sum(1)
        )
    ),
    "you skip what is in front of the last padding; real words may stand there": (
        lambda x, ids, real: torch.nan_to_num(
            (x * _from_the_end(real)).sum(1) / _from_the_end(real).sum(1)
        )
    ),
    "an id of 1 is a word as well; only 0 is padding": lambda x, ids, real: (
        (x * (ids > 1)[:, :, None]).sum(1) / (ids > 1).sum(1, keepdim=True)
    ),
    "you average over D as well; a mean over the places has D numbers": (
        lambda x, ids, real: (
            ((x * real).sum(1) / real.sum(1))
            .mean(1, keepdim=True)
            .expand(-1, x.shape[2])
        )
    ),
}


def _from_the_end(real):
    return real.flip(1).cumprod(1).flip(1)


def _batches():
    """Yield x (B, L, D) and ids (B, L), padded behind, in front and in between."""
    generator = torch.Generator().manual_seed(25)
    for batch, length, size in [(3, 5, 4), (4, 7, 2), (1, 6, 3), (4, 7, 3)]:
        x = torch.randn(batch, length, size, generator=generator)
        ids = torch.randint(1, 9, (batch, length), generator=generator)
        for row in range(batch):
            ids[row, 2 + row :] = 0
        ids[0, 0] = 1
        yield x, ids
    yield x, ids.flip(1)
    ids = ids.flip(1)
    ids[:, 2], ids[:, 5], ids[:, 0] = 0, 3, 1
    yield x, ids


def check_masked_mean(answer):
    batches = list(_batches())
    gots = [call(answer, x, ids, unchanged=True) for x, ids in batches]
    wants = [masked_mean(*batch) for batch in batches]
    if not all(map(same, gots, wants, [1e-5] * len(wants))):
        for words, mistake in MEAN_MISTAKES.items():
            made = (mistake(x, ids, (ids > 0)[:, :, None]) for x, ids in batches)
            if all(map(same, gots, made, [1e-5] * len(wants))):
                raise Wrong(words)
    for got, want in zip(gots, wants, strict=True):
        close(got, want, 1e-5, "the mean")
    return "However far a text is padded, its mean stays what it is."
