"""Lesson 04: references and checkers of the exercises on clipping and the bugs."""

from __future__ import annotations

import numpy as np

from helpers.exercises.engine.compare import as_array
from helpers.exercises.engine.core import NotAttempted, Wrong, call, same, shape_of

__all__ = [
    "DIAGNOSIS",
    "check_clip",
    "check_diagnosis",
    "clip",
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
    settings = (10.0, 1.0), (100.0, 5.0), (3.0, 5.0), (1.0, 5.0), (0.6, 0.25)
    for size, threshold in settings:
        norm = np.sqrt(sum((g**2).sum() for g in draw.values()))
        grads = {k: g * size / norm for k, g in draw.items()}
        got = call(answer, grads, threshold, unchanged=True)
        if not isinstance(got, dict) or got.keys() != grads.keys():
            raise Wrong("return a dict with the same names as `grads`, and no more")
        right = clip(grads, threshold)
        got = {k: as_array(got[k], f"grads[{k!r}] of your result") for k in right}
        if not all(np.isfinite(g).all() for g in got.values()):
            raise Wrong(
                f"a gradient of norm {size:g} becomes nan or inf: look for a root of a "
                "negative number, or a division by 0"
            )
        for words, wrong in _clip_mistakes(grads, threshold).items():
            if _equal(got, wrong) and not _equal(right, wrong):
                raise Wrong(words)
        got = {k: shape_of(got[k], shapes[k], k) for k in right}
        if not all(same(got[k], right[k], 1e-5) for k in right):
            _name_length(got, grads, size, threshold)
    zero = {k: np.zeros(s) for k, s in shapes.items()}
    with np.errstate(all="ignore"):
        got = call(answer, zero, 1.0)
    if not isinstance(got, dict) or got.keys() != zero.keys():
        raise Wrong("for gradients of zeros, too, return a dict with the same names")
    got = {k: shape_of(g, shapes[k], k) for k, g in got.items()}
    if not all(np.isfinite(g).all() for g in got.values()):
        raise Wrong("a gradient of zeros becomes nan: do not divide by a norm of 0")
    if not _equal(got, zero):
        raise Wrong("a gradient of zeros must stay zeros")
    return "One factor for all arrays: a shorter step in the very same direction."


def _name_length(got, grads, size, threshold) -> None:
    """Say what is wrong about a result that is no known mistake."""
    long, was = (np.concatenate([x[k].ravel() for k in grads]) for x in (got, grads))
    norm, fine = np.linalg.norm(long), min(size, threshold)
    if norm and not abs(long @ was - norm * size) < 1e-6 * norm * size:
        raise Wrong("the direction changes: scale all arrays by the same one factor")
    if norm > size and size < threshold:
        raise Wrong(
            "a gradient shorter than the threshold must pass unchanged; you lengthen it"
        )
    raise Wrong(
        f"with threshold {threshold:g}, a gradient of norm {size:g} becomes one of "
        f"norm {norm:.3g}, want {fine:g}: how do you compute the norm, and the factor?"
    )


# The plot of section 8: which curve shows which bug.
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
