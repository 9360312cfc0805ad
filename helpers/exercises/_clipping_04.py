"""Lesson 04: references and checkers of the exercises on clipping and its bugs."""

from __future__ import annotations

import numpy as np
import torch

from .core import NotAttempted, Wrong, call, close, same

__all__ = [
    "DIAGNOSIS",
    "check_clip",
    "check_diagnosis",
    "check_training_step",
    "clip",
    "training_step",
]


def clip(grads, threshold):
    """The gradients, scaled by one factor so that their common norm is <= threshold."""
    norm = np.sqrt(sum((g**2).sum() for g in grads.values()))
    scale = threshold / norm if norm > threshold else 1.0
    return {name: g * scale for name, g in grads.items()}


def _clip_mistakes(grads, threshold):
    """What a learner is told -> the result of that mistake."""
    norms = {k: np.sqrt((g**2).sum()) for k, g in grads.items()}
    norm = np.sqrt(sum(n**2 for n in norms.values()))
    scaled = {k: g * threshold / max(norm, 1e-300) for k, g in grads.items()}
    square = threshold / norm**2 if norm**2 > threshold else 1.0
    added = sum(norms.values())
    by_sum = threshold / added if added > threshold else 1.0
    by_max = threshold / max(np.abs(g).max() for g in grads.values())
    return {
        "this is the squared norm: the root is missing, so the larger the gradient, "
        "the smaller your step": {k: g * square for k, g in grads.items()},
        "you clip each array by its own norm; take the norm of all of them together, "
        "or the direction changes": {
            k: g * min(1.0, threshold / n) if n else g
            for (k, g), n in zip(grads.items(), norms.values(), strict=True)
        },
        "you clip each number to ±threshold; that turns the gradient towards a corner: "
        "scale all numbers by one factor": {
            k: np.clip(g, -threshold, threshold) for k, g in grads.items()
        },
        "you add the arrays' norms; the common norm is the root of the sum of their "
        "squares": {k: g * by_sum for k, g in grads.items()},
        "you scale by the largest entry; scale by the norm": {
            k: g * min(1.0, by_max) for k, g in grads.items()
        },
        "a gradient shorter than the threshold must pass unchanged; you lengthen it": (
            scaled
        ),
        "your result has norm 1: multiply by `threshold` too": {
            k: g / max(norm, 1e-300) for k, g in grads.items()
        },
        "nothing is clipped: this gradient is longer than the threshold": grads,
    }


def _equal(a, b):
    return a.keys() == b.keys() and all(same(a[k], b[k], 1e-9) for k in b)


def check_clip(answer) -> str:
    rng = np.random.default_rng(5)
    shapes = {"W_hh": (4, 4), "W_xh": (3, 4), "b_h": (4,)}
    draw = {k: rng.normal(size=s) for k, s in shapes.items()}
    draw["b_h"] *= 8  # one array carries most of the norm
    for size, threshold in ((10.0, 1.0), (100.0, 5.0), (3.0, 5.0), (0.6, 0.25)):
        norm = np.sqrt(sum((g**2).sum() for g in draw.values()))
        grads = {k: g * size / norm for k, g in draw.items()}
        got = call(answer, grads, threshold, unchanged=True)
        if not isinstance(got, dict) or got.keys() != grads.keys():
            raise Wrong("return a dict with the same names as `grads`")
        right = clip(grads, threshold)
        for words, wrong in _clip_mistakes(grads, threshold).items():
            if _equal(got, wrong) and not _equal(right, wrong):
                raise Wrong(words)
        for k in right:
            close(got[k], right[k], 1e-9, f"{k} of a gradient of norm {size:g}")
    zero = {k: np.zeros(s) for k, s in shapes.items()}
    with np.errstate(all="ignore"):
        got = call(answer, zero, 1.0)
    if not all(np.isfinite(g).all() for g in got.values()):
        raise Wrong("a gradient of zeros becomes nan: do not divide by a norm of 0")
    if not _equal(got, zero):
        raise Wrong("a gradient of zeros must stay zeros")
    return "One factor for all arrays: a shorter step in the very same direction."


# The plot of section 7: which curve shows which bug.
DIAGNOSIS = {"A": "no zero_grad", "B": "squared norm", "C": "clip before backward"}
_SYMPTOMS = {
    "A": "its loss goes to 0, yet its steps keep the full length of the threshold: "
    "what makes a gradient grow although the loss is gone?",
    "B": "its steps are far shorter than the threshold while the loss is large: which "
    "rule makes a step shorter, the longer the gradient?",
    "C": "its steps are longer than the threshold: when was the gradient clipped, if "
    "the optimizer still sees a long one?",
}


def check_diagnosis(answer) -> str:
    if not isinstance(answer, dict) or set(answer) != set(DIAGNOSIS):
        raise Wrong('give a dict with the keys "A", "B" and "C"')
    blank = [run for run, bug in answer.items() if bug is ...]
    if blank:
        some = f"nothing yet for {', '.join(blank)}"
        raise NotAttempted(some if len(blank) < len(answer) else "")
    bugs = sorted(DIAGNOSIS.values())
    for run, bug in answer.items():
        if bug not in bugs:
            raise Wrong(f"{run}: {bug!r} is none of {', '.join(bugs)}")
    for run, bug in DIAGNOSIS.items():
        if answer[run] != bug:
            raise Wrong(f"run {run} is not “{answer[run]}”: {_SYMPTOMS[run]}")
    return (
        "All three run, and a loss curve alone shows none of them for certain. Plot "
        "the norm of what the optimizer is given."
    )


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
    return net, torch.optim.SGD(net.parameters(), lr=0.1), loss * (length / norm)


def _moved(step, length=6.0, threshold=2.0):
    net, optimizer, loss = _setting(length)
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


_STEP_MISTAKES = {
    "old gradients are still in `p.grad`: call `optimizer.zero_grad()` before "
    "`backward`, which adds to them": _no_zero,
    "the step is longer than the threshold: clip after `backward`, which makes the "
    "gradient, and before `step`, which uses it": _clip_first,
    "you clip the old gradient, and `backward` then adds the new one to it unclipped; "
    "zero, go back, clip, step": _clip_first_no_zero,
    "you clip by the squared norm: the root is missing": _squared,
    "you clip each value; clip the norm of all parameters together": _by_value,
}


def check_training_step(answer) -> str:
    def attempt(net, optimizer, loss, threshold):
        call(answer, net, optimizer, loss, threshold, returns=False)

    for length in (6.0, 1.0):  # longer and shorter than the threshold
        got, right = _moved(attempt, length), _moved(training_step, length)
        if not np.any(got):
            raise Wrong(
                "the parameters have not moved: does `step` come last, and `zero_grad` "
                "before `backward`?"
            )
        for words, mistake in _STEP_MISTAKES.items():
            wrong = _moved(mistake, length)
            if same(got, wrong, 1e-9) and not same(wrong, right, 1e-9):
                raise Wrong(words)
        close(got, right, 1e-5, f"the move for a gradient of norm {length:g}")
    return "Zero, backward, clip, step: every training loop of this course goes so."
