"""Lesson 04's checkers: right answers pass, and each mistake hears its own name."""

import numpy as np
import pytest
import torch
from checkers import Checkers

from helpers.exercises.engine.core import NotAttempted
from helpers.exercises.lesson_04 import questions as lesson
from helpers.exercises.lesson_04.clipping import DIAGNOSIS
from helpers.experiments.buggy_training import THRESHOLD, symptoms

CHECKS = {e.id: e.check for e in lesson.EXERCISES}
clip_norm = torch.nn.utils.clip_grad_norm_


# --- 04.1 ----------------------------------------------------------------------------


def eig(W):
    return np.linalg.eigvals(W)


def by_steps(W, radius):
    return (radius / max(abs(complex(z)) for z in eig(W))) * np.array(W)


def in_place(W, radius):
    W *= radius / np.abs(eig(W)).max()
    return W


WRONG_RESCALE = [
    (lambda W, r: W * r / np.linalg.norm(W, 2), r"largest singular value"),
    (lambda W, r: W * r / np.linalg.norm(W), r"Frobenius norm"),
    (
        lambda W, r: (W * r / eig(W).max()).real,
        r"as it is; eigenvalues can be negative or complex",
    ),
    (lambda W, r: W * r / eig(W).real.max(), r"largest real part"),
    (lambda W, r: W / np.abs(eig(W)).max(), r"multiply by `radius` too"),
    (lambda W, r: W * r, r"without dividing by the spectral radius"),
    (lambda W, r: W / r / np.abs(eig(W)).max(), r"divide where you should multiply"),
    (lambda W, r: W * r / np.abs(eig(W)).min(), r"smallest \|eigenvalue\|"),
    (lambda W, r: W * r / np.abs(W).max(), r"largest entry of W"),
    (lambda W, r: W * r / np.abs(np.linalg.eigvalsh(W)).max(), r"symmetric"),
    (in_place, r"changes its argument `W` in place"),
    (lambda W, r: np.abs(eig(W)).max(), r"shape"),
    (lambda W, r: W * r / np.abs(eig(W)[0]), r"the first eigenvalue; they come in no"),
    (lambda W, r: W * r / np.abs(eig(W)[-1]), r"the last eigenvalue; they come in no"),
    (lambda W, r: W * min(1, r / np.abs(eig(W)).max()), r"has to grow"),
    (lambda W, r: W.copy(), r"W itself"),
    (lambda W, r: W * r / np.abs(eig(W)).mean(), r"right shape and wrong values"),
]


# --- 04.2 ----------------------------------------------------------------------------


def backwards(W, hs):
    """The same matrix, from the last step to the first."""
    result = np.eye(len(W))
    for h in hs[:0:-1]:
        result = W @ np.diag(1 - h**2) @ result
    return result


def chained(step, hs):
    result = np.eye(hs.shape[1])
    for t in range(1, len(hs)):
        result = result @ step(t)
    return result


WRONG_CHAIN = [
    (lambda W, hs: np.linalg.matrix_power(W, len(hs) - 1), r"slope is missing"),
    (lambda W, hs: chained(lambda t: W * (1 - np.tanh(hs[t]) ** 2), hs), r"once more"),
    (lambda W, hs: chained(lambda t: W * (1 - hs[-t] ** 2), hs), r"runs backwards"),
    (lambda W, hs: backwards(W, hs).T, r"transpose"),
    (
        lambda W, hs: chained(lambda t: (1 - hs[t] ** 2)[:, None] * W, hs),
        r"multiplies the rows",
    ),
    (
        lambda W, hs: (
            np.linalg.matrix_power(W, len(hs) - 1) * (1 - hs[1:] ** 2).prod(0)
        ),
        r"collect all slopes",
    ),
    (lambda W, hs: chained(lambda t: W * (1 - hs[t - 1] ** 2), hs), r"before the step"),
    (lambda W, hs: (W * (1 - hs[0] ** 2)) @ backwards(W, hs), r"factor too many"),
    (lambda W, hs: backwards(W, hs[:-1]), r"factor too few"),
    (lambda W, hs: W @ backwards(W, hs), r"start with np.eye"),
    (lambda W, hs: chained(lambda t: W * (1 - hs[t]) ** 2, hs), r"not \(1 - h\)\*\*2"),
    (lambda W, hs: chained(lambda t: W * hs[t] * (1 - hs[t]), hs), r"of the sigmoid"),
    (lambda W, hs: chained(lambda t: W.T * (1 - hs[t] ** 2), hs), r"is transposed"),
    (lambda W, hs: np.prod([W * (1 - h**2) for h in hs[1:]], 0), r"entry by entry"),
    (lambda W, hs: W * (1 - hs[-1] ** 2), r"last step only"),
    (lambda W, hs: sum(W * (1 - h**2) for h in hs[1:]), r"add the Jacobians"),
    (lambda W, hs: backwards(W, hs)[0], r"shape"),
    (
        lambda W, hs: np.linalg.multi_dot([W * (1 - h**2) for h in hs[1:]]),
        r"there is one step, and one Jacobian",
    ),
]


# --- 04.3 ----------------------------------------------------------------------------


def walking(norms, floor=0.01):
    for k in range(len(norms)):
        if norms[k] / norms[0] < floor:
            return k - 1
    return len(norms) - 1


def first_below(norms, floor=0.01):
    below = np.flatnonzero(norms < floor * norms[0])
    return below[0] if len(below) else len(norms)


def before_drop(below):
    """The lag before the first drop, or the last lag."""
    return int(np.argmax(below)) - 1 if np.any(below) else len(below) - 1


WRONG_REACH = [
    (lambda n, floor: walking(n * 0 + n, floor / n[0]), r"floor · norms\[0\]"),
    (first_below, r"the one before"),
    (lambda n, floor: np.flatnonzero(n >= floor * n[0])[-1], r"first dip"),
    (lambda n, floor: (n >= floor * n[0]).sum(), r"you count the strong lags"),
    (lambda n, floor: (n >= floor * n[0]).sum() - 1, r"those after the first dip too"),
    (lambda n, floor: before_drop(n < floor * n[-1]), r"compare with the last norm"),
    (
        lambda n, floor: len(n) - np.searchsorted(n[::-1], floor * n[0]) - 1,
        r"you return 5, not 0: the floor is at 0.01",
    ),
    (lambda n, floor: np.inf, r"whole number of steps; you return inf"),
    (lambda n, floor: np.argmin(n), r"lag of the smallest norm"),
    (lambda n, floor: len(n) - 1, r"whatever the norms are"),
    (lambda n, floor: before_drop(n < 2 * floor * n[0]), r"the floor is at"),
    (
        lambda n, floor: next(
            (k - 1 for k in range(len(n)) if n[k] <= floor * n[0]), len(n) - 1
        ),
        r"use <, not <=",
    ),
    (
        lambda n, floor: next(
            (k - 1 for k in range(len(n)) if n[k] < floor * n[0]), -1
        ),
        r"never fall below",
    ),
    (lambda n, floor: n, r"one number"),
    (lambda n, floor: before_drop(n < floor * n.max()), r"largest norm"),
    (lambda n, floor: before_drop(n < 0.01 * n[0]), r"use the argument `floor`"),
    (lambda n, floor: before_drop(np.r_[1, n[1:] / n[:-1]] < floor), r"one before;"),
    (lambda n, floor: n[n >= floor * n[0]][-1], r"whole number of steps"),
    (lambda n, floor: int(np.argmax(n < floor * n[0])) - 1, r"never fall below"),
]


# --- 04.4 ----------------------------------------------------------------------------


def by_svd(H, rng):
    U, _, V = np.linalg.svd(rng.normal(size=(H, H)))
    return U @ V


def turned_two(H, rng):
    """A rotation of the first two units alone."""
    W, angle = np.eye(H), rng.uniform(0, 6)
    W[:2, :2] = np.cos(angle), -np.sin(angle)
    W[1, :2] = np.sin(angle), np.cos(angle)
    return W


WRONG_ORTHOGONAL = [
    (lambda H, rng: np.eye(H), r"this is the identity"),
    (lambda H, rng: rng.normal(size=(H, H)) / np.sqrt(H), r"singular values go from"),
    (lambda H, rng: np.linalg.qr(rng.normal(size=(H, H)))[1], r"R of Q, R"),
    (
        lambda H, rng: (lambda W: W / np.linalg.norm(W, axis=1, keepdims=True))(
            rng.normal(size=(H, H))
        ),
        r"not at right angles",
    ),
    (
        lambda H, rng: np.linalg.qr(np.random.default_rng().normal(size=(H, H)))[0],
        r"draw with `rng` alone",
    ),
    (
        lambda H, rng: np.linalg.qr(np.random.default_rng(3).normal(size=(H, H)))[0],
        r"another `rng` gives the same",
    ),
    (lambda H, rng: np.linalg.qr(rng.normal(size=(H + 1, H)))[0], r"shape"),
    (lambda H, rng: np.linalg.qr(rng.normal(size=(H, H))), r"return Q alone"),
    (
        lambda H, rng: by_svd(H, np.random.default_rng(rng.integers(9))),
        r"different `rng` give the same",
    ),
    (turned_two, r"entry \[\d, \d+\] is about [01]\.00; begin with"),
    (
        lambda H, rng: np.linalg.qr(np.arange(H * H).reshape(H, H) + rng.normal())[0],
        r"entry \[\d+, \d+\] is about|singular values",
    ),
    (lambda H, rng: np.eye(H)[rng.permutation(H)], r"only reorders or flips"),
    (lambda H, rng: np.diag(rng.choice([-1.0, 1.0], H)), r"only reorders or flips"),
    (lambda H, rng: 2 * by_svd(H, rng), r"from 2.00 to 2.00"),
    (lambda H, rng: np.full((H, H), np.nan), r"contains nan"),
]


# --- 04.5 ----------------------------------------------------------------------------


def total(grads):
    return np.sqrt(sum((g**2).sum() for g in grads.values()))


def flat_clip(grads, threshold):
    norm = np.linalg.norm(np.concatenate([g.ravel() for g in grads.values()]))
    return {k: g * (threshold / max(norm, threshold)) for k, g in grads.items()}


def scaled(grads, scale):
    return {k: g * scale for k, g in grads.items()}


def per_array(grads, t):
    norms = {k: np.linalg.norm(g) for k, g in grads.items()}
    return {k: g * t / norms[k] if norms[k] > t else g for k, g in grads.items()}


def squared(grads, t):
    n = total(grads) ** 2
    return scaled(grads, t / n if n > t else 1)


def by_value(grads, t):
    return {k: np.clip(g, -t, t) for k, g in grads.items()}


def summed(grads, t):
    n = sum(np.linalg.norm(g) for g in grads.values())
    return scaled(grads, t / n if n > t else 1)


def by_largest(grads, t):
    return scaled(grads, min(1, t / max(np.abs(g).max() for g in grads.values())))


def never_zero(grads, t):
    n = total(grads)
    return scaled(grads, min(n, t) / n)


def two_sided(grads, t):
    n = total(grads)
    return scaled(grads, min(max(n, t / 2), t) / n if n else 1)


def changing(grads, t):
    for g in grads.values():
        g *= 0.5
    return grads


WRONG_CLIP = [
    (per_array, r"each array by its own norm"),
    (squared, r"squared norm: the root is missing"),
    (by_value, r"each number to ±threshold"),
    (summed, r"add the arrays' norms"),
    (by_largest, r"largest entry"),
    (lambda g, t: scaled(g, t / total(g)), r"must pass unchanged; you lengthen"),
    (lambda g, t: scaled(g, 1 / total(g)), r"multiply by `threshold` too"),
    (lambda g, t: dict(g), r"nothing is clipped"),
    (never_zero, r"zeros becomes nan"),
    (lambda g, t: scaled(g, np.nan), r"norm 10 becomes nan or inf"),
    (changing, r"in place"),
    (lambda g, t: list(g.values()), r"return a dict"),
    (lambda g, t: (flat_clip(g, t), total(g)), r"and no more"),
    (two_sided, r"must pass unchanged; you lengthen"),
    (lambda g, t: scaled(g, max(1, total(g) / t)), r"becomes one of norm 100, want 1"),
    (lambda g, t: g if total(g) <= t else scaled(g, 0), r"becomes one of norm 0"),
    (
        lambda g, t: {k: np.minimum(v, t) for k, v in g.items()},
        r"the direction changes",
    ),
]


# --- 04.7 ----------------------------------------------------------------------------


def by_net(net, optimizer, loss, threshold):
    net.zero_grad()
    loss.backward()
    clip_norm(list(net.parameters()), max_norm=threshold)
    optimizer.step()


def no_zero(net, optimizer, loss, threshold):
    loss.backward()
    clip_norm(net.parameters(), threshold)
    optimizer.step()


def clip_before(net, optimizer, loss, threshold):
    optimizer.zero_grad()
    clip_norm(net.parameters(), threshold)
    loss.backward()
    optimizer.step()


def clip_old(net, optimizer, loss, threshold):
    clip_norm(net.parameters(), threshold)
    loss.backward()
    optimizer.step()


def clip_after(net, optimizer, loss, threshold):
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    clip_norm(net.parameters(), threshold)


def zero_last(net, optimizer, loss, threshold):
    loss.backward()
    clip_norm(net.parameters(), threshold)
    optimizer.zero_grad()
    optimizer.step()


def no_step(net, optimizer, loss, threshold):
    optimizer.zero_grad()
    loss.backward()
    clip_norm(net.parameters(), threshold)


def squared_step(net, optimizer, loss, threshold):
    optimizer.zero_grad()
    loss.backward()
    n = sum((p.grad**2).sum() for p in net.parameters())
    if n > threshold:
        for p in net.parameters():
            p.grad *= threshold / n
    optimizer.step()


def value_step(net, optimizer, loss, threshold):
    optimizer.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_value_(net.parameters(), threshold)
    optimizer.step()


def each_step(net, optimizer, loss, threshold):
    optimizer.zero_grad()
    loss.backward()
    for p in net.parameters():
        clip_norm(p, threshold)
    optimizer.step()


def step_first(net, optimizer, loss, threshold):
    optimizer.step()
    optimizer.zero_grad()
    loss.backward()
    clip_norm(net.parameters(), threshold)


def step_twice(net, optimizer, loss, threshold):
    by_net(net, optimizer, loss, threshold)
    optimizer.step()


def by_hand(net, optimizer, loss, threshold):
    optimizer.zero_grad()
    loss.backward()
    clip_norm(net.parameters(), threshold)
    with torch.no_grad():
        for p in net.parameters():
            p -= optimizer.param_groups[0]["lr"] * p.grad


WRONG_STEP = [
    (by_hand, r"you move the parameters yourself"),
    (no_zero, r"old gradients are still"),
    (clip_before, r"clip after `backward`"),
    (clip_after, r"clip after `backward`"),
    (clip_old, r"clip the old gradient"),
    (zero_last, r"have not moved"),
    (no_step, r"have not moved"),
    (squared_step, r"squared norm"),
    (value_step, r"clip each value"),
    (each_step, r"each parameter by its own norm"),
    (step_first, r"`step` uses the old gradient"),
    (step_twice, r"as one of norm 4 should; want 2"),
]

WRONG = {
    "04.1": WRONG_RESCALE,
    "04.2": WRONG_CHAIN,
    "04.3": WRONG_REACH,
    "04.4": WRONG_ORTHOGONAL,
    "04.5": WRONG_CLIP,
    "04.6": [
        (DIAGNOSIS | {"A": "squared norm"}, r"run A is not .* full length"),
        (DIAGNOSIS | {"B": "no zero_grad"}, r"run B is not .* far shorter"),
        (DIAGNOSIS | {"C": "squared norm"}, r"run C is not .* longer than"),
        (DIAGNOSIS | {"C": "no clip"}, r"'no clip' is none of clip before"),
        ({"A": "squared norm"}, r"keys"),
    ],
    "04.7": WRONG_STEP,
}


RIGHT = {
    "04.1": [by_steps],
    "04.2": [backwards],
    "04.3": [walking],
    "04.4": [by_svd, lambda H, rng: by_svd(H, rng).astype(np.float32)],
    "04.5": [
        flat_clip,
        lambda g, t: scaled(g, min(1, t / (total(g) + 1e-6))),  # as torch's
    ],
    "04.6": [dict(reversed(DIAGNOSIS.items()))],
    "04.7": [by_net],
}


class TestCheckers(Checkers):
    lesson, right, wrong = "04", RIGHT, WRONG
    blank = {"04.6": {"A": ..., "B": ..., "C": ...}}  # noqa: RUF012


def test_a_half_filled_diagnosis_is_not_attempted():
    with pytest.raises(NotAttempted, match="nothing yet for B, C"):
        CHECKS["04.6"]({"A": "squared norm", "B": ..., "C": ...})


# --- the symptoms behind 04.6 --------------------------------------------------------


def test_each_run_shows_the_symptom_of_its_bug():
    """What the hints say about the right panel is so, with a margin, on other seeds."""
    for seed in (1,):
        losses, norms = (
            dict(zip(("right", *DIAGNOSIS), columns, strict=True))
            for columns in zip(
                *(
                    map(np.array, symptoms(r, seed=seed, steps=220))
                    for r in ("right", *DIAGNOSIS)
                ),
                strict=True,
            )
        )
        bug = {name: run for run, name in DIAGNOSIS.items()}
        assert norms["right"].max() <= THRESHOLD * 1.001
        assert np.median(norms["right"][-20:]) < 0.1  # it comes to rest
        assert losses["right"][-20:].mean() < 0.05
        stays = norms[bug["no zero_grad"]]
        assert np.median(stays[-20:]) > 0.99 * THRESHOLD  # it does not
        assert losses[bug["no zero_grad"]][-20:].mean() < 0.1
        short = norms[bug["squared norm"]][:150]
        assert np.median(short) < 0.3 * THRESHOLD
        assert losses[bug["squared norm"]][-20:].mean() > 0.1
        long = norms[bug["clip before backward"]]
        assert np.median(long) > 2 * THRESHOLD


def test_symptoms_refuses_other_runs():
    with pytest.raises(ValueError, match="run: 'right', 'A', 'B' or 'C' wanted"):
        symptoms("D")
