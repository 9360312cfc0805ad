"""Checker of lesson 11: a Newton sweep with the diagonal of each Jacobian alone."""

from __future__ import annotations

import numpy as np

from helpers.exercises.engine.compare import name_it
from helpers.exercises.engine.core import call, close, shape_of

__all__ = ["cheap_sweep", "check_cheap_sweep"]


def cheap_sweep(h, drive, W_hh):
    f = np.tanh(drive + h[:-1] @ W_hh)  # (T, H), from the guess
    a = np.diag(W_hh) * (1 - f**2)
    b = f - h[:-1] * a
    new = h.copy()
    for t in range(len(drive)):  # or a scan: a and b know nothing of `new`
        new[t + 1] = new[t] * a[t] + b[t]
    return new


def _loop(h, drive, W_hh):
    new = np.array(h, dtype=float)
    for t in range(len(drive)):
        new[t + 1] = np.tanh(drive[t] + new[t] @ W_hh)
    return new


def _variant(h, drive, W_hh, slope=None, subtract=True, full=False, guess=None):
    f = np.tanh(drive + h[:-1] @ W_hh) if guess is None else guess
    slope = 1 - f**2 if slope is None else slope
    J = (W_hh if full else np.diag(np.diag(W_hh))) * np.asarray(slope)[..., None, :]
    new = np.array(h, dtype=float)
    for t in range(len(drive)):
        from_where = new[t] - h[t] if subtract else new[t]
        new[t + 1] = f[t] + from_where @ J[t]
    return new


def check_cheap_sweep(answer):
    rng = np.random.default_rng(9)
    for T, H in ((7, 3), (4, 5)):
        W_hh, drive = 0.8 * rng.normal(size=(H, H)), rng.normal(size=(T, H))
        h = 0.7 * rng.normal(size=(T + 1, H))
        got = call(answer, h, drive, W_hh, name="cheap_sweep", unchanged=True)
        f = np.tanh(drive + h[:-1] @ W_hh)
        ones = np.ones((T, H))
        shifted = np.tanh(drive + h[1:] @ W_hh)
        wanted = _variant(h, drive, W_hh)
        name_it(
            got,
            [
                (
                    wanted[1:],
                    "h_0 is missing: return T + 1 states, the first one as it was",
                ),
                (
                    _variant(h, drive, W_hh, full=True),
                    "that is the whole Newton sweep, with all of each Jacobian; here "
                    "only its diagonal is used",
                ),
                (
                    np.vstack([h[:1], f]),
                    "that is f at the guess: the correction by (new − old) · diagonal "
                    "is missing",
                ),
                (
                    _variant(h, drive, W_hh, slope=ones),
                    "the diagonal is W_jj times tanh', and tanh' is missing",
                ),
                (
                    _variant(h, drive, W_hh, slope=1 - h[1:] ** 2),
                    "tanh' is taken at the guess of h_t; it belongs to f, which was "
                    "computed from the guess of h_(t-1)",
                ),
                (
                    _variant(h, drive, W_hh, subtract=False),
                    "you multiply the new state by the diagonal; its *difference* "
                    "from the guess is what counts",
                ),
                (
                    _loop(h, drive, W_hh),
                    "that is the recurrence itself, step by step, not one sweep: f "
                    "starts from the guess at every step",
                ),
                (
                    _variant(h, drive, -W_hh, guess=f),
                    "the correction has the wrong sign: new − old, times the diagonal",
                ),
                (
                    np.vstack([h[:1], shifted]),
                    "step t starts from the guess of h_(t-1): use h[:-1], not h[1:]",
                ),
                (
                    np.vstack([0 * h[:1], _from_zero(h, drive, W_hh)]),
                    "h_0 is what it is given as, h[0]; yours begins at 0",
                ),
            ],
            1e-6,
        )
        shape_of(got, {"T+1": T + 1, "H": H}, "the new guess")
        close(got, wanted, 1e-6, "the new guess")
    return (
        "A sweep as cheap as a minGRU: H factors a step instead of H². It takes more "
        "sweeps, and where they settle, the states are right."
    )


def _from_zero(h, drive, W_hh):
    f = np.tanh(drive + h[:-1] @ W_hh)
    a, new, out = np.diag(W_hh) * (1 - f**2), 0 * h[0], []
    for t in range(len(drive)):
        new = f[t] + (new - h[t]) * a[t]
        out.append(new)
    return np.array(out)
