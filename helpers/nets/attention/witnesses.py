"""Other witnesses of what mattered, beside attention: gradients, words left out."""

from __future__ import annotations

from functools import partial

import torch
from torch import nn

from helpers.data.batching import Coder
from helpers.guards import want_lengths, want_shapes, want_sizes
from helpers.nets.attention.decoder import Encoder, Look, Looking
from helpers.nets.small import shift_right
from helpers.training import in_eval
from helpers.writing.forcing import feed

__all__ = [
    "Judge",
    "agreement",
    "bent_logits",
    "gradient_map",
    "kendall_tau",
    "left_out_map",
    "shuffler",
    "total_variation",
]


class Judge(nn.Module):
    """Read a text, look at its states once, say which of the classes it is.

    The query is one learnt vector. It has the steps of a decoder that writes a single
    token, the class: logits (B, 1, K).
    """

    def __init__(self, vocab, classes=2, H=64, E=32, score="additive"):
        want_sizes(vocab=vocab, classes=classes, H=H, E=E)
        super().__init__()
        self.encoder = Encoder(vocab, H, E)
        self.look = Look(H, score)
        self.q = nn.Parameter(torch.zeros(H))
        self.out = nn.Linear(H, classes)

    def encode(self, source, lengths):
        """Return the state, a Looking, after reading source (B, T) up to lengths."""
        values, _, real = self.encoder(source, lengths)
        s = self.q.expand(len(source), -1)
        memory = self.look.remember(values, real)
        return Looking(s, torch.zeros_like(s), torch.zeros(real.shape), memory)

    def step(self, ids, state, bend=None):
        """Return logits (B, K) and the state after the look. Nothing hangs on ids."""
        context, weights = self.look(state.s, state.memory, bend)
        return self.out(context), Looking(state.s, context, weights, state.memory)

    def forward(self, source, lengths, targets=None, *_):
        """Return logits (B, 1, K). targets are not looked at."""
        logits, _ = self.step(None, self.encode(source, lengths))
        return logits[:, None]


@in_eval
def gradient_map(model, source, lengths, targets):
    """Return (B, S, T): |x · ∂x log p| of each target and each word.

    x is the embedding of the word: this is how fast log p changes as x grows; 0 at
    padding. The model is fed the true targets (B, S) and is not changed.
    """
    want_shapes(source=(source, "B T"), targets=(targets, "B S"))
    caught = []
    hook = model.encoder.source.register_forward_hook(lambda *at: caught.append(at[2]))
    try:
        log_p = model(source, lengths, targets).log_softmax(-1)
    finally:
        hook.remove()
    (x,) = caught
    chosen = log_p.gather(2, targets[..., None])[..., 0].sum(0)  # rows do not meet
    rows = [torch.autograd.grad(p, x, retain_graph=True)[0] for p in chosen]
    slopes = torch.stack([(x * row).sum(2).abs() for row in rows], dim=1)
    return (slopes * _real(source, lengths)[:, None]).detach()


@in_eval
@torch.no_grad()
def left_out_map(model, source, lengths, targets):
    """Return (B, S, T): how far each word moves each step's distribution when left out.

    Measured as total variation; 0 at padding, and in a text of one word. The model is
    fed the true targets (B, S).
    """
    want_shapes(source=(source, "B T"), targets=(targets, "B S"))
    want_lengths(lengths, source)
    whole = model(source, lengths, targets).softmax(-1)
    moved = whole.new_zeros(*whole.shape[:2], source.shape[1])
    for t in range(source.shape[1]):
        rows = ((lengths > t) & (lengths > 1)).nonzero()[:, 0]
        if len(rows) == 0:
            break
        less = torch.cat([source[rows, :t], source[rows, t + 1 :]], dim=1)
        other = model(less, lengths[rows] - 1, targets[rows]).softmax(-1)
        moved[rows, :, t] = total_variation(whole[rows], other)
    return moved


def shuffler(source, lengths, generator):
    """Return a `bend` that shuffles each row's weights among its real words."""
    real = _real(source, lengths)

    def bend(weights):
        draw = torch.rand(real.shape, generator=generator).masked_fill(~real, 2)
        return weights.gather(1, draw.argsort(1))

    return bend


@in_eval
@torch.no_grad()
def bent_logits(model, source, lengths, targets, bend):
    """Return logits (B, S, V), fed the true targets, the weights bent at each step.

    bend: as for `Look`. The states of the encoder are as they were.
    """
    want_shapes(source=(source, "B T"), targets=(targets, "B S"))
    fed = shift_right(targets, Coder.BOS)
    forced = torch.ones_like(fed, dtype=torch.bool)
    step = partial(model.step, bend=bend)
    return feed(step, model.encode(source, lengths), fed, forced)


def total_variation(p, other):
    """Return (…,), from 0 to 1: half the sum of |p - other| over the last axis."""
    return (p - other).abs().sum(-1) / 2


def kendall_tau(a, b):
    """Return τ of two lists of the same n numbers, from -1 to 1: do they rank alike?

    (pairs ordered alike - pairs ordered against) / √(pairs not tied in a × … in b);
    nan if all of a, or all of b, are equal. Source: M. Kendall 1945, τ_b.
    """
    a, b = (torch.as_tensor(x, dtype=torch.float64) for x in (a, b))
    want_shapes(a=(a, "n"), b=(b, "n"))
    one, other = ((x[:, None] - x).sign() for x in (a, b))
    return ((one * other).sum() / (one.abs().sum() * other.abs().sum()) ** 0.5).item()


def agreement(weights, others, lengths, steps):
    """Return the Kendall τ of each row of two maps (B, S, T): a list of numbers.

    Over the real words of texts of at least two, and the first `steps` (B,) rows of
    each; rows that are all ties are left out.
    """
    want_shapes(
        weights=(weights, "B S T"), others=(others, "B S T"),
        lengths=(lengths, "B"), steps=(steps, "B"),
    )  # fmt: skip
    found = [
        kendall_tau(one[:n], other[:n])
        for text, twin, n, m in zip(weights, others, lengths, steps, strict=True)
        for one, other in zip(text[:m], twin[:m], strict=True)
        if n > 1
    ]
    return [tau for tau in found if tau == tau]


def _real(source, lengths):
    return torch.arange(source.shape[1]) < lengths[:, None]
