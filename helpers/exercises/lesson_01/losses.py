"""Checkers of lesson 01: a loss for real tokens only, and what a writer is fed."""

from __future__ import annotations

import torch
from torch.nn.functional import cross_entropy

from helpers.exercises.engine.compare import as_array, name_it
from helpers.exercises.engine.core import Wrong, call, close, same, shape_of
from helpers.nets.small import shift_right, token_loss

__all__ = ["check_loss", "check_shift"]


def check_loss(answer):
    generator = torch.Generator().manual_seed(1)
    for T, K, lengths in ((5, 4, [5, 2, 3]), (4, 3, [1, 2])):
        logits = torch.randn(len(lengths), T, K, generator=generator)
        targets = torch.randint(0, K, (len(lengths), T), generator=generator)
        _check_value(answer, logits, targets, torch.tensor(lengths))
    leaf = logits.clone().requires_grad_()
    given = targets, torch.tensor(lengths)
    learns = call(answer, leaf * 1, *given, name="real_loss")
    if not getattr(learns, "requires_grad", False):
        raise Wrong(
            "the number is right, and no gradient comes through, so nothing would "
            "learn: return the loss as a tensor, without `.item()` or `no_grad`"
        )
    learns.sum().backward()
    mine, leaf.grad = leaf.grad, None
    token_loss(leaf, *given).backward()
    if mine is None or not same(mine, leaf.grad, 1e-5):
        raise Wrong(
            "the number is right, and its gradient is another one's: do you make a new "
            "tensor of it? Return what cross_entropy gives"
        )
    return "Every real token weighs the same, however long its sequence."


def _check_value(answer, logits, targets, lengths):
    given = logits, targets, lengths
    result = call(answer, *given, name="real_loss", unchanged=True)
    want = token_loss(*given)
    if same(result, want, 1e-5):
        return
    (B, T, K), steps = logits.shape, torch.arange(logits.shape[1])
    each = cross_entropy(logits.transpose(1, 2), targets, reduction="none")
    real, count = steps < lengths[:, None], int(lengths.sum())
    weighed = torch.where(real, each, 0).sum(1) / lengths
    zero = "you leave out every target 0, and 0 is a class like the others; tell "
    zero += "padding by `lengths`"
    late = "you count one step of padding: the last real step is length - 1"
    mistakes = [
        (
            each.mean(),
            f"padding counts in your loss: {B * T - count} of the {B * T} places hold "
            "no answer; leave them out",
        ),
        (
            each[real].sum() / (B * T),
            "you left padding out of the sum and not out of the count; divide by the "
            f"{count} real tokens",
        ),
        (each[real].sum(), "you returned the sum; divide by the number of real tokens"),
        (
            each[real].sum() / B,
            f"you divided by the {B} sequences; divide by the {count} real tokens",
        ),
        (
            weighed.mean(),
            f"you averaged the {B} averages, so that a token of a short sequence "
            "weighs more; average over all real tokens at once",
        ),
        (each[real & (targets != 0)].mean(), zero),
        (each[targets != 0].mean(), zero),
        (each[steps <= lengths[:, None]].mean(), late),
        (each[steps < lengths[:, None] - 1].mean(), "you leave out the last real step"),
        (
            token_loss(logits.softmax(-1), targets, lengths),
            "you took a softmax first; cross_entropy does that itself",
        ),
        (-want, "the sign is turned: a loss is *minus* the logarithm"),
        (
            cross_entropy((logits * real[..., None]).transpose(1, 2), targets),
            f"logits of 0 still cost ln {K} each: leave the padding out of the mean",
        ),
        (
            cross_entropy(logits.transpose(1, 2), targets * real),
            "padding with target 0 is still in the mean: leave those places out",
        ),
        (
            cross_entropy(logits.reshape(B, K, T), targets, reduction="none")[
                real
            ].mean(),
            "`reshape` and `view` do not swap axes, they cut the numbers anew: use "
            "transpose(1, 2), or flatten to (N, K)",
        ),
    ]
    name_it(result, mistakes, 1e-5)
    for shape, words in (
        ((B,), "you return one number a sequence; return one for all real tokens"),
        ((B, T), "you return a loss for each place; return the mean of the real ones"),
        ((count,), "you return the loss of each real token; return their mean"),
    ):
        if getattr(result, "shape", None) == shape:
            raise Wrong(words)
    shape_of(result, ())
    close(result, want, 1e-5)


def check_shift(answer):
    _check_fed(answer, torch.tensor([[7, 3, 9, 2], [5, 5, 2, 0]]), 1)
    _check_fed(answer, torch.tensor([[4, 6, 8], [3, 2, 0], [7, 9, 4]]), 5)
    return "At every step the writer sees what came before, never what comes."


def _check_fed(answer, targets, bos):
    result = call(answer, targets, bos, name="fed", unchanged=True)
    want, (B, S) = shift_right(targets, bos), targets.shape
    if same(result, want):
        return
    got = torch.as_tensor(as_array(result))
    if got.shape == (B, S + 1):
        raise Wrong("the inputs are one step too long; leave the last target out")
    if got.shape == (B, S - 1):
        raise Wrong("the first step has nothing to start from; put `bos` there")
    shape_of(got, {"B": B, "S": S})
    first = torch.full_like(targets[:, :1], bos)
    mistakes = [
        (targets, "the writer is fed the very token it must guess; shift by one step"),
        (
            torch.roll(targets, 1, 1),
            "your last token came round to the front; put `bos` there",
        ),
        (
            torch.cat([first, targets[:, 1:]], 1),
            "you overwrote the first token; move every token one to the right",
        ),
        (
            torch.cat([torch.full_like(targets[:1], bos), targets[:-1]]),
            "you moved whole sequences; time is axis 1, not axis 0",
        ),
        (
            torch.cat([first, targets.flip(1)[:, :-1]], 1),
            "you turned the tokens round; the writer is fed them in their own order",
        ),
        (first.expand(B, S), "every step is fed `bos`; only the first one is"),
        (
            torch.cat([first, torch.zeros_like(targets[:, 1:])], 1),
            "after `bos` come the tokens themselves, the last one left out",
        ),
    ]
    name_it(got, mistakes)
    if same(got[:, : S - 1], targets[:, 1:]):
        raise Wrong(
            "you shifted to the left: each step sees the *next* token, its answer "
            "and more; shift to the right"
        )
    if same(got[:, 1:], targets[:, :-1]):
        row = int((got[:, 0] != bos).nonzero()[0])
        raise Wrong(
            f"the first step of row {row} is fed {got[row, 0]}; `bos` is {bos}, and "
            "every row begins with it"
        )
    close(got, want)
