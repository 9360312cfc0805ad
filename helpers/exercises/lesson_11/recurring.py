"""Checkers of lesson 11: the way back of a linear recurrence, and parity by one."""

from __future__ import annotations

import numpy as np

from helpers.exercises.engine.compare import as_array, name_it
from helpers.exercises.engine.core import Wrong, call, close, shape_of

__all__ = ["check_linear_parity", "check_way_back", "linear_parity", "way_back"]


def way_back(a, dh):
    db = np.array(dh, dtype=float)
    for t in reversed(range(len(db) - 1)):
        db[t] += a[t + 1] * db[t + 1]
    return db


def _variant(a, dh, shift=1, forward=False):
    """db (or a wrong one): with a_t in the place of a_(t+1), or in the other direction.

    The factor used for step t is a[t + shift].
    """
    db = np.array(dh, dtype=float)
    order = range(1, len(db)) if forward else reversed(range(len(db) - 1))
    for t in order:
        near = t - 1 if forward else t + 1
        db[t] += a[t if forward else t + shift] * db[near]
    return db


def check_way_back(answer):
    rng = np.random.default_rng(6)
    for T, H in ((6, 3), (9, 2), (1, 4)):
        a, dh = rng.uniform(0.2, 1.2, size=(T, H)), rng.normal(size=(T, H))
        a[::2] *= -1  # a factor may turn the state over
        got = call(answer, a, dh, name="way_back", unchanged=True)
        want = _variant(a, dh)
        mistakes = [
            (
                dh,
                "that is what each step's own loss says; what comes back from later "
                "steps is missing",
            ),
            (
                _variant(a, dh, shift=0),
                "from h_t to h_(t+1) the factor is a_(t+1), not a_t. (If you turn the "
                "arrays round and run forward, shift a by one first.)",
            ),
            (
                _variant(a, dh, forward=True),
                "that runs forward in time. b_t acts on h_t and all *later* states: go "
                "from the last step to the first",
            ),
            (
                want[::-1],
                "turn the result round again: row t belongs to step t",
            ),
            (
                dh + np.vstack([a[1:] * dh[1:], 0 * a[:1]]),
                "you go one step back; h_t acts through *all* later states",
            ),
            (
                a * want,
                "that is the gradient at h_(t-1), one factor a_t too far: b_t is added "
                "after it",
            ),
            (
                dh[::-1].cumsum(0)[::-1],
                "that sums what comes from later steps and forgets that each step on "
                "the way multiplies by its a",
            ),
        ]
        if T > 1:
            name_it(got, mistakes, 1e-6)
        what = f"db for T = {T}"
        close(shape_of(got, {"T": T, "H": H}, what), want, 1e-6, what)
    return (
        "Turned round, with a shifted by one, this is a linear recurrence again: the "
        "way back is a scan, too."
    )


def linear_parity(x):
    return 1 - 2 * x, x


def check_linear_parity(answer):
    rng = np.random.default_rng(8)
    alone = {}
    for T in (2, 12, 300):
        x = rng.integers(0, 2, size=T) if T > 2 else np.array([0, 1])
        got = call(answer, x, name="linear_parity", unchanged=True)
        if not isinstance(got, tuple | list) or len(got) != 2:
            raise Wrong("two things are wanted: a and b, each of T numbers")
        a, b = (
            shape_of(part, {"T": T}, name).astype(float)
            for name, part in zip("ab", got, strict=True)
        )
        if not np.isfinite([a, b]).all():
            raise Wrong(f"{'b' if np.isfinite(a).all() else 'a'} holds nan or inf")
        if T == 2:
            alone = {bit: (a[bit], b[bit]) for bit in (0, 1)}
        _only_own_bit(alone, x, a, b)
        h, states = 0.0, []
        for a_t, b_t in zip(a, b, strict=True):
            h = a_t * h + b_t
            states.append(h)
        _named(np.array(states), x, a, b)
    return (
        "A factor of −1 is what a gate between 0 and 1 never gives: 1 − 2x turns the "
        "state over at each one."
    )


def _only_own_bit(alone, x, a, b):
    """Refuse pairs that differ where the bits are equal: they know more than their
    bit."""
    for bit, pair in alone.items():
        for got, want in zip((a[x == bit], b[x == bit]), pair, strict=True):
            if not (np.abs(got - want) <= 1e-6).all():
                raise Wrong(
                    "a and b at a step may depend on that step's bit alone: yours "
                    f"differ between steps whose bit is {bit}. The state has to do "
                    "the remembering"
                )


def _named(states, x, a, b):
    states = as_array(states)
    want = x.cumsum() % 2
    if (np.abs(states - want) <= 1e-4).all():
        return
    name_it(
        states,
        [
            (
                x.cumsum(),
                "your state counts the ones: no threshold tells odd from even in it. "
                "Turn over instead of adding up",
            ),
            (
                np.zeros(len(x)),
                "from h_0 = 0 a factor alone leaves 0: b has to put the first 1 in",
            ),
            (
                1 - want,
                "that is 1 for an *even* number of ones; 1 is wanted for an odd one",
            ),
            (
                (x == 0).cumsum() % 2,
                "that is the parity of the zeros: a one should turn the state over",
            ),
            (
                np.maximum.accumulate(x),
                "your state says whether there was a one at all: a second one must "
                "bring it back to 0",
            ),
            (
                x,
                "your state is the bit itself: with a = 0 nothing is remembered",
            ),
        ],
        1e-4,
    )
    wrong = int(np.flatnonzero(~(np.abs(states - want) <= 1e-4))[0])
    raise Wrong(
        f"after the first bits {x[: wrong + 1].tolist()} the state should be "
        f"{want[wrong]}, it is {states[wrong]:.4g} (a = {a[wrong]:g}, b = "
        f"{b[wrong]:g} at the last of them)"
    )
