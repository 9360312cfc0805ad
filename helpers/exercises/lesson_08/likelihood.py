"""Checkers of lesson 08: a whole answer's probability, and the teacher's schedule."""

from __future__ import annotations

import math

import numpy as np
import torch

from helpers.exercises.engine.compare import as_array, name_it
from helpers.exercises.engine.core import Wrong, call, close, same, shape_of

__all__ = [
    "check_log_likelihood",
    "check_teacher_ratio",
    "log_likelihood",
    "teacher_ratio",
]


def log_likelihood(logits, targets, pad=0):
    log_p = logits.log_softmax(dim=-1)
    each = log_p.gather(-1, targets[..., None])[..., 0]  # (B, S)
    return (each * (targets != pad)).sum(dim=1)


def check_log_likelihood(answer):
    generator = torch.Generator().manual_seed(1)
    float32 = torch.randn(3, 5, 8, generator=generator)
    logits = float32.double()  # for what is compared with
    targets = torch.tensor([[3, 4, 5, 4, 2], [5, 2, 0, 0, 0], [4, 3, 3, 2, 0]])
    got = call(answer, float32, targets, name="log_likelihood", unchanged=True)
    log_p = logits.log_softmax(-1)
    each, raw = (x.gather(-1, targets[..., None])[..., 0] for x in (log_p, logits))
    real, want = targets != 0, log_likelihood(logits, targets)
    before_end = real & (targets != 2)
    wide = logits.log_softmax(1).gather(-1, targets[..., None])[..., 0]
    name_it(
        got,
        [
            (each.sum(1), "padding is in your sum: nobody has to say it, leave it out"),
            (
                (each * before_end).sum(1),
                "the end mark is missing: a sentence that stops at another place is "
                "another sentence, so stopping has its probability too",
            ),
            (
                want / real.sum(1),
                "that is the mean per token; the whole sequence's is the sum",
            ),
            (want.sum(), "that is one number for the batch; return one a sequence"),
            (
                -want.sum() / real.sum(),
                "that is the loss, one mean for the whole batch; return a sum for "
                "each sequence",
            ),
            (each * real, "that is one number a token; add up over each sequence"),
            (-each * real, "that is one loss a token; add up over each sequence"),
            (
                (each.exp() * real).prod(1),
                "padding stands as a 0 in your product; leave it out, and return the "
                "log",
            ),
            (
                (log_p.amax(-1) * real).sum(1),
                "that is the likeliest token of each step; the target's is asked for",
            ),
            (-want, "that is the loss; log p has the other sign"),
            (
                want.exp(),
                "that is p itself; for long sequences it underflows, so return its log",
            ),
            (
                (raw * real).sum(1),
                "you added up the logits; they are no log-probabilities before "
                "log_softmax",
            ),
            (
                (each.exp() * real).sum(1),
                "you added probabilities; joint probability is a product, so the "
                "*logs* add up",
            ),
            ((wide * real).sum(1), "your softmax runs over time; over V it must run"),
            (want / math.log(2), "that is in bits; the natural log is asked for"),
        ],
        1e-6,
    )
    shape_of(got, {"B": 3}, "the log-likelihood")
    close(got, want, 1e-5, "the log-likelihood")
    for pad in (1, 7):  # below all words, and above
        other = torch.where(targets == 0, pad, targets)
        got = call(answer, float32, other, pad=pad, name="log_likelihood")
        if not same(got, want, 1e-5):
            raise Wrong(
                f"with `pad` = {pad} the result changes: padding is the id that `pad` "
                "names, and nothing else"
            )
    long = torch.randn(1, 400, 8, generator=generator)
    words = torch.randint(3, 7, (1, 400), generator=generator)
    got = as_array(call(answer, long, words, name="log_likelihood"))
    if np.isneginf(got).all():
        raise Wrong(
            "for a row of 400 tokens -inf comes out: the product of so many "
            "probabilities underflows to 0. Add up their logs"
        )
    want = log_likelihood(long.double(), words)
    close(got, want, 1e-5, "for a row of 400 tokens the log-likelihood")
    return "Divide it by the number of tokens and change the sign: the training loss."


def teacher_ratio(kind, i, k):
    if kind == "linear":
        return max(0.0, 1 - i / k)
    if kind == "exponential":
        return k**i
    return 1 / (1 + math.exp(min(i / k, 700)) / k)  # "sigmoid"


def check_teacher_ratio(answer):
    def ask(kind, i, k):
        try:
            value = call(answer, kind, i, k, name="teacher_ratio")
        except Wrong as wrong:
            if "OverflowError" not in str(wrong):
                raise
            raise Wrong(
                f"exp({i} / {k}) is too large for a float: bound the exponent, or "
                "write the ratio with exp(-i / k)"
            ) from None
        what = f'teacher_ratio("{kind}", {i}, {k})'
        value = shape_of(value, (), what)
        if value.dtype.kind == "c":
            raise Wrong(f"{what} is complex; a ratio is a real number")
        return float(value)

    usual = {"linear": 100, "exponential": 0.9, "sigmoid": 20}
    cases = [
        ("linear", 30, 100),
        ("linear", 0, 100),
        ("linear", 150, 100),
        ("exponential", 3, 0.9),
        ("exponential", 0, 0.9),
        ("sigmoid", 0, 20),
        ("sigmoid", 80, 20),
        ("sigmoid", 70, 20),
        ("sigmoid", 10**6, 20),
        ("linear", 30, 50),
        ("exponential", 3, 0.7),
        ("sigmoid", 22, 5),
    ]
    for kind, i, k in cases:
        got, want = ask(kind, i, k), round(teacher_ratio(kind, i, k), 12)
        mistakes = [
            (1 - want, "that falls where it should rise: early steps need help")
        ]
        if kind == "linear" and i > k:
            mistakes = [
                (1 - i / k, "past step k a ratio below 0 comes out; 0 is the least")
            ]
        elif kind == "linear":
            mistakes = [
                (i / k, "that rises from 0 to 1; the teacher leaves, so fall"),
                *([(1 - i // k, "i // k rounds down: divide with /")] if i else []),
            ]
        elif kind == "exponential" and i:
            mistakes = [
                (i**k, "that is i to the power k; k to the power i is wanted"),
                (math.exp(-k * i), "that is exp(-k i); k is the base here: k ** i"),
                (math.exp(-i / k), "that is exp(-i / k); k is the base here: k ** i"),
                (k * i, "that is a product; k to the power i is wanted"),
            ]
        elif kind == "sigmoid":
            mistakes = [
                (
                    1 / (1 + math.exp(min(i / k, 700))),
                    "at step 0 that is 1/2: k stands before the exponential too",
                ),
                (
                    k / (k + math.exp(min(i * k, 700))),
                    "the exponent is i / k, not i times k: a larger k falls later",
                ),
                *(mistakes if i < 10**5 else []),
                *(
                    [(k / (k + math.exp(i // k)), "i // k rounds down: divide with /")]
                    if i % k
                    else []
                ),
                *(
                    [(k / (k + math.exp(-i / k)), "the exponent is i / k, not -i / k")]
                    if 0 < i < 10**5
                    else []
                ),
            ]
        old = usual[kind]
        if k != old:
            words = f"that is the ratio for k = {old}: use the argument, here {k}"
            mistakes.append((teacher_ratio(kind, i, old), words))
        if not same(got, want, 1e-6):
            name_it(got, mistakes, 1e-6)
        close(got, want, 1e-6, f'teacher_ratio("{kind}", {i}, {k})')
    return "Linear ends, exponential drops at once, sigmoid waits and then drops."
