"""Lesson 04: reference and checker of the exercise on one training step."""

from __future__ import annotations

import numpy as np
import torch

from helpers.exercises.engine.core import Wrong, call, same

__all__ = ["check_training_step", "training_step"]


def training_step(net, optimizer, loss, threshold):
    """Forget, go back, clip, move."""
    optimizer.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(net.parameters(), threshold)
    optimizer.step()


def _setting(length=6.0):
    """A net with old gradients in it, its optimizer, and a loss with a gradient of
    that length."""
    net = torch.nn.Linear(3, 2).double()
    with torch.no_grad():
        for k, p in enumerate(net.parameters()):
            p.copy_(torch.linspace(-1, 1, p.numel(), dtype=p.dtype).view_as(p) + k)
            p.grad = torch.full_like(p, 0.7)
    g = [torch.linspace(1, 2, p.numel(), dtype=p.dtype) for p in net.parameters()]
    norm = torch.cat(g).norm()
    loss = sum((p.view(-1) * x).sum() for p, x in zip(net.parameters(), g, strict=True))
    return net, _Counting(net.parameters(), lr=0.1), loss * (length / norm)


class _Counting(torch.optim.SGD):
    """Gradient descent that counts its steps."""

    steps = 0

    def step(self, closure=None):
        self.steps += 1
        return super().step(closure)


def _moved(step, length=6.0, threshold=2.0, used=None):
    net, optimizer, loss = _setting(length)
    if used is not None:
        used.append(optimizer)
    before = torch.cat([p.detach().view(-1).clone() for p in net.parameters()])
    step(net, optimizer, loss, threshold)
    return (torch.cat([p.detach().view(-1) for p in net.parameters()]) - before).numpy()


def _no_zero(net, optimizer, loss, threshold):
    loss.backward()
    torch.nn.utils.clip_grad_norm_(net.parameters(), threshold)
    optimizer.step()


def _clip_first(net, optimizer, loss, threshold):
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


def _clip_first_no_zero(net, optimizer, loss, threshold):
    torch.nn.utils.clip_grad_norm_(net.parameters(), threshold)
    loss.backward()
    optimizer.step()


def _squared(net, optimizer, loss, threshold):
    optimizer.zero_grad()
    loss.backward()
    square = sum((p.grad**2).sum() for p in net.parameters())
    for p in net.parameters():
        p.grad *= min(1.0, threshold / square)
    optimizer.step()


def _by_value(net, optimizer, loss, threshold):
    optimizer.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_value_(net.parameters(), threshold)
    optimizer.step()


def _each(net, optimizer, loss, threshold):
    optimizer.zero_grad()
    loss.backward()
    for p in net.parameters():
        torch.nn.utils.clip_grad_norm_(p, threshold)
    optimizer.step()


_STEP_MISTAKES = {
    "old gradients are still in `p.grad`: call `optimizer.zero_grad()` before "
    "`backward`, which adds to them": _no_zero,
    "the step is longer than the threshold: clip after `backward`, which makes the "
    "gradient, and before `step`, which uses it": _clip_first,
    "you clip the old gradient, and `backward` then adds the new one to it unclipped; "
    "zero, go back, clip, step": _clip_first_no_zero,
    "you clip by the squared norm: the root is missing": _squared,
    "you clip each parameter by its own norm; give `clip_grad_norm_` all of them at "
    "once": _each,
    "`step` uses the old gradient: it comes last, after `backward` and the clip": (
        lambda net, optimizer, loss, threshold: optimizer.step()
    ),
    "you clip each value; clip the norm of all parameters together": _by_value,
}


def check_training_step(answer) -> str:
    def attempt(net, optimizer, loss, threshold):
        call(answer, net, optimizer, loss, threshold, returns=False)

    for length in (6.0, 1.0):  # longer and shorter than the threshold
        used = []
        got, right = _moved(attempt, length, used=used), _moved(training_step, length)
        if not np.any(got):
            raise Wrong(
                "the parameters have not moved: does `step` come last, and `zero_grad` "
                "before `backward`?"
            )
        for words, mistake in _STEP_MISTAKES.items():
            wrong = _moved(mistake, length)
            if same(got, wrong, 1e-9) and not same(wrong, right, 1e-9):
                raise Wrong(words)
        if not same(got, right, 1e-5):
            raise Wrong(
                f"with threshold 2, a loss whose gradient has norm {length:g} moves "
                f"the net as one of norm {np.linalg.norm(got) / 0.1:.3g} should; want "
                f"{min(length, 2):g}"
            )
        if not used[0].steps:
            raise Wrong(
                "you move the parameters yourself; `optimizer.step()` does it by the "
                "optimizer's own rule, which may be Adam's"
            )
    return "Zero, backward, clip, step: every training loop of this course goes so."
