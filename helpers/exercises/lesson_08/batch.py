"""Checker of lesson 08: a batch's loss with three bugs."""

from __future__ import annotations

import itertools

import torch
from torch.nn import functional as F

from helpers.exercises.engine.core import Wrong, call, close, same, shape_of

__all__ = ["batch_loss", "check_batch_loss"]

PAD, BOS = 0, 1


def batch_loss(model, source, lengths, targets):
    first = torch.full_like(targets[:, :1], BOS)
    fed = torch.cat([first, targets[:, :-1]], dim=1)
    logits = model(source, lengths, fed)  # (B, S, V)
    return F.cross_entropy(logits.transpose(1, 2), targets, ignore_index=PAD)


class _Model:
    """A made-up translator: its logits depend on all that it is given, causally."""

    V = 9

    def __init__(self):
        generator = torch.Generator().manual_seed(3)
        shapes = (12, self.V), (9, 9)
        self.read, self.say = (torch.randn(s, generator=generator) for s in shapes)

    def __call__(self, source, lengths, fed):
        if source.shape[0] != fed.shape[0]:
            raise Wrong("`source` and what is fed must have the same number of rows")
        if fed.dtype.is_floating_point:
            raise Wrong("feed ids, whole numbers")
        real = torch.arange(source.shape[1]) < torch.as_tensor(lengths)[:, None]
        memory = (self.read[source] * real[..., None]).sum(1) / 3
        heard = self.say[fed].cumsum(1) / 2
        return memory[:, None] + heard


_BUGS = {  # each choice, and what is wrong with it
    "fed": {
        "shifted": "",
        "targets": "the decoder is fed `targets` itself, and so each answer one step "
        "before it has to give it: put BOS first and drop the last",
        "early": "the decoder is fed the *next* token: shift to the right, not left",
        "rolled": "the last token came round to the front: BOS goes there",
        "pad": "the first token fed is padding: BOS, id 1, goes there",
        "eos": "the first token fed is the end mark: BOS, id 1, goes there",
    },
    "lengths": {
        "real": "",
        "all": "the encoder reads the pads as words: hand `lengths` on as they are",
        "targets": "the encoder is given the lengths of the targets; it reads `source`",
    },
    "loss": {
        "real": "",
        "all": "padding is in the loss: at those places nothing is to be said",
        "divisor": "padding is out of the sum and still in the divisor: divide by the "
        "number of real tokens",
        "no end": "the end mark is not in the loss, so the model never learns to stop",
        "rows": "that is the mean of the sentences' means; every *token* counts the "
        "same, so divide the sum by their number",
        "last pair": "the last column is not in the loss, and the longest sentence "
        "ends there",
    },
}


def _variant(model, source, lengths, targets, fed, lens, loss):
    first = torch.full_like(targets[:, :1], BOS)
    given = {
        "shifted": torch.cat([first, targets[:, :-1]], 1),
        "targets": targets,
        "early": torch.cat([targets[:, 1:], torch.zeros_like(first)], 1),
        "rolled": targets.roll(1, 1),
        "pad": torch.cat([torch.full_like(first, PAD), targets[:, :-1]], 1),
        "eos": torch.cat([torch.full_like(first, 2), targets[:, :-1]], 1),
    }[fed]
    n = {
        "real": lengths,
        "all": torch.full_like(lengths, source.shape[1]),
        "targets": (targets != PAD).sum(1),
    }[lens]
    logits = model(source, n, given)
    each = F.cross_entropy(logits.transpose(1, 2), targets, reduction="none")
    real = targets != PAD
    if loss == "all":
        return each.mean()
    if loss == "divisor":
        return (each * real).mean()
    if loss == "rows":
        return ((each * real).sum(1) / real.sum(1)).mean()
    if loss == "no end":
        return each[real & (targets != 2)].mean()
    if loss == "last pair":
        return each[:, :-1][real[:, :-1]].mean()
    return each[real].mean()


def check_batch_loss(answer):
    model = _Model()
    source = torch.tensor([[4, 5, 6, 7], [8, 9, 0, 0], [4, 4, 9, 0]])
    lengths = torch.tensor([4, 2, 3])
    targets = torch.tensor([[3, 5, 4, 6, 2], [7, 5, 2, 0, 0], [8, 3, 2, 0, 0]])
    given = source, lengths, targets
    got = call(answer, model, *given, name="batch_loss", unchanged=True)
    want = batch_loss(model, *given)
    if not same(got, want, 1e-5):
        for choice in itertools.product(*_BUGS.values()):
            kinds = zip(_BUGS, choice, strict=True)
            told = [text for key, kind in kinds if (text := _BUGS[key][kind])]
            if told and same(got, _variant(model, *given, *choice), 1e-5):
                more = "; and that is not all" if len(told) > 1 else ""
                raise Wrong(told[0] + more)
        if same(got, want * (targets != PAD).sum(), 1e-5):
            raise Wrong("that is the sum over the real tokens; return their mean")
        logits = model(source, lengths, targets[:, :-1]).transpose(1, 2)
        if same(got, F.cross_entropy(logits, targets[:, 1:], ignore_index=PAD), 1e-5):
            raise Wrong(
                "the first word is fed and never asked for: put BOS in front, and ask "
                "for all of `targets`"
            )
    shape_of(got, (), "the loss")
    close(got, want, 1e-5, "the loss")
    model.say.requires_grad_()
    learns = call(answer, model, *given, name="batch_loss")
    if not getattr(learns, "requires_grad", False):
        raise Wrong(
            "no gradient comes through: return the loss as a tensor, without `.item()` "
            "or `no_grad`"
        )
    learns.sum().backward()
    mine, model.say.grad = model.say.grad, None
    batch_loss(model, *given).backward()
    if mine is None or not same(mine, model.say.grad, 1e-5):
        raise Wrong(
            "the loss has the right value, and its gradient is not the model's: do you "
            "make a new tensor of it? Return what cross_entropy returns"
        )
    return "Shifted, masked and read to the real end: three lines, three silent bugs."
