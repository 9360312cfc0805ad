"""The tests of lesson 12's clinic: each asks one question of a training run.

`make` is a function that returns a fresh run, as `patients.patient` does: tests that
train need more than one.
"""

from __future__ import annotations

import math

import torch
from torch.nn.functional import pad

from helpers.training import fit

__all__ = [
    "HELD",
    "blind_level",
    "gradient_map",
    "letters",
    "longer",
    "norms",
    "overfit",
    "trained",
    "zeroed",
]

HELD = 6  # batches at the end that no run learns from


def trained(run, steps=100):
    """Train a run; return its loss (steps,)."""
    train = run.batches[:-HELD]
    return fit(run.net, train, run.loss, steps=steps, lr=run.lr, progress=False).loss


def zeroed(make, steps=100):
    """Return the loss (steps,) of a run as it is, and of one whose input is zero."""
    run = make()
    silent = run._replace(batches=[(0 * x, y) for x, y in run.batches])
    return trained(make(), steps), trained(silent, steps)


def overfit(make, steps=100):
    """Return the loss (steps,) of a run that has two examples to learn."""
    run = make()
    x, y = run.batches[0]
    two = [(x[:2], y[:2])]
    return fit(run.net, two, run.loss, steps=steps, lr=run.lr, progress=False).loss


def gradient_map(net, x, b, t):
    """Return (B, T): how much the answer at (b, t) hangs on the input at each place."""
    x = x.clone().requires_grad_()
    net(x)[b, t].sum().backward()
    found = torch.zeros_like(x) if x.grad is None else x.grad
    return found.norm(dim=-1)


def norms(run):
    """Return dict part → norm of the loss's gradient with respect to its weights."""
    x, y = run.batches[0]
    run.loss(run.net, x, y).backward()
    found = {}
    for name, part in run.net.named_children():
        grads = [p.grad for p in part.parameters() if p.grad is not None]
        found[name] = math.hypot(*(g.norm().item() for g in grads))
    return found


def longer(x, y, n=20):
    """Return x and y with n more places of padding, equal to the last one."""
    return pad(x, (0, 0, 0, n)), torch.cat([y, y[:, -1:].expand(-1, n)], dim=1)


def letters(row):
    """Return a row of x (T, V) or of y (T,) as text; "." is nothing, "|" the end."""
    if row.ndim == 2:  # one-hot: the place of the 1, or nothing
        row = torch.where(row.any(-1), row.argmax(-1), -1)
    return "".join("." if k < 0 else "|abcdefghijklmnopqrstuvwxyz"[k] for k in row)


def blind_level(y):
    """Return the lowest mean loss, in nats, without input: from the place alone.

    y (N, T): targets; -1 is none. At each place the best blind answer is how often
    each letter stands there, and its loss is their entropy.
    """
    total = 0.0
    for column in y.T:
        counts = torch.bincount(column[column >= 0]).double()
        counts = counts[counts > 0]
        total -= (counts * (counts / counts.sum()).log()).sum().item()
    return total / (y >= 0).sum().item()
