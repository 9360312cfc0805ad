"""Lesson 04: references and checkers of the exercises on matrices and lags."""

from __future__ import annotations

import numpy as np

from helpers.exercises.engine.compare import as_array, tolerance
from helpers.exercises.engine.core import Wrong, call, close, same, shape_of

__all__ = ["check_orthogonal", "check_reach", "check_rescale"]


def rescale(W, radius):
    """W (H, H), multiplied by one number so that its spectral radius is `radius`."""
    return W * radius / np.abs(np.linalg.eigvals(W)).max()


_ABSOLUTE = "; eigenvalues can be negative or complex: take absolute values first"
_ORDER = "; they come in no order of size: take the largest |eigenvalue|"
_DIVISORS = {  # what a learner divides W · radius by -> what is said
    lambda W: np.linalg.norm(W, 2): "you divide by the largest singular value (the "
    "norm); divide by the largest |eigenvalue|",
    np.linalg.norm: "you divide by the Frobenius norm; divide by the largest "
    "|eigenvalue|",
    lambda W: np.linalg.eigvals(W).max(): "you take the largest eigenvalue as it is"
    + _ABSOLUTE,
    lambda W: np.linalg.eigvals(W).real.max(): "you take the largest real part"
    + _ABSOLUTE,
    lambda W: np.abs(np.linalg.eigvals(W))[0]: "you take the first eigenvalue" + _ORDER,
    lambda W: np.abs(np.linalg.eigvals(W))[-1]: "you take the last eigenvalue" + _ORDER,
    lambda W: 1: "you multiply by `radius` without dividing by the spectral radius "
    "that W has",
    lambda W: np.abs(np.linalg.eigvals(W)).min(): "you divide by the smallest "
    "|eigenvalue|; the radius is the largest",
    lambda W: np.abs(W).max(): "you divide by the largest entry of W; divide by the "
    "largest |eigenvalue|",
    lambda W: np.abs(np.linalg.eigvalsh(W)).max(): "eigvalsh is for symmetric matrices "
    "only; use np.linalg.eigvals",
}
_SCALED_WRONG = {  # what a learner returns -> what is said
    lambda W, r: W / np.abs(np.linalg.eigvals(W)).max(): "your matrix has spectral "
    "radius 1: multiply by `radius` too",
    lambda W, r: W / r / np.abs(np.linalg.eigvals(W)).max(): "you divide where you "
    "should multiply: the result's radius is 1 / radius",
    lambda W, r: W * min(1, r / np.abs(np.linalg.eigvals(W)).max()): "you only make W "
    "smaller; a spectral radius below `radius` has to grow",
    lambda W, r: W: "your matrix is W itself, not scaled",
}


def check_rescale(answer) -> str:
    rng = np.random.default_rng(0)
    cases = (
        (np.array([[0.9, 5.0], [0.0, 0.9]]), 1.3),  # a norm far above the radius
        (np.array([[0.5, -2.0], [2.0, 0.5]]), 0.5),  # complex eigenvalues
        (np.diag([0.5, -3.0, 2.0]), 1.2),  # the largest is negative, and in the middle
        (rng.normal(size=(6, 6)), 0.9),
    )
    got = [
        shape_of(call(answer, W, radius, unchanged=True), W.shape, letters="H H")
        for W, radius in cases
    ]
    if all(same(g, rescale(*case), 1e-8) for g, case in zip(got, cases, strict=True)):
        return (
            "One number moves all eigenvalues in or out together. How fast a gradient "
            "fades in the end is now yours to choose; what the norm does on the way is "
            "not."
        )
    wrong = {
        (lambda W, r, size=size: W * r / size(W)): words
        for size, words in _DIVISORS.items()
    } | _SCALED_WRONG
    for mistake, words in wrong.items():
        with np.errstate(divide="ignore", invalid="ignore"):
            results = [np.real(mistake(*case)) for case in cases]
        # a mistake is named if it explains every matrix
        if all(same(g.real, r, 1e-8) for g, r in zip(got, results, strict=True)):
            raise Wrong(words)
    for g, (W, radius) in zip(got, cases, strict=True):
        what = f"rescale of a {W.shape} matrix to {radius}"
        close(g, rescale(W, radius), 1e-8, what)
    return ""


def reach(norms, floor=0.01):
    """The longest lag up to which no gradient norm is below floor · norms[0]."""
    below = np.flatnonzero(np.asarray(norms) < floor * norms[0])
    return int(below[0]) - 1 if len(below) else len(norms) - 1


def _until(low):
    """The lag before the first True, or the last lag."""
    return int(np.argmax(low)) - 1 if np.any(low) else len(low) - 1


def _first(low, none):
    return int(np.argmax(low)) if np.any(low) else none


_OF_FIRST = "; compare with the first, norms[0]"
_TOO_WEAK = "you return the first lag that is too weak; the reach is the one before"
_REACH_WRONG = {  # what a learner computes -> what is said
    lambda x, f: _until(x < f): "you compare with `floor`; compare with floor · "
    "norms[0]",
    lambda x, f: _until(x < 0.01 * x[0]): "you compare with 0.01 · norms[0]; use the "
    "argument `floor`",
    lambda x, f: _until(x < f * x.max()): "you compare with the largest norm"
    + _OF_FIRST,
    lambda x, f: _until(x < f * x[-1]): "you compare with the last norm" + _OF_FIRST,
    lambda x, f: _until(x < f * x.mean()): "you compare with the mean norm" + _OF_FIRST,
    lambda x, f: _until(
        np.r_[1, x[1:] / np.maximum(x[:-1], 1e-300)] < f
    ): "you compare each norm with the one before; compare with norms[0]",
    lambda x, f: _first(x < f * x[0], len(x)): _TOO_WEAK,
    lambda x, f: _first(x < f * x[0], len(x) - 1): _TOO_WEAK,
    lambda x, f: _first(x < f * x[0], 0): _TOO_WEAK,
    lambda x, f: np.flatnonzero(x >= f * x[0])[-1]: "a curve can dip below the floor "
    "and come back, and you return the last lag above it; the reach ends at the first "
    "dip",
    lambda x, f: (x >= f * x[0]).sum(): "you count the strong lags; the first of them "
    "is lag 0, and those after the first dip do not count",
    lambda x, f: (x >= f * x[0]).sum() - 1: "you count the strong lags, those after "
    "the first dip too; the reach ends at the first dip",
    lambda x, f: _until(x <= f * x[0]): "a norm exactly at the floor still counts: use "
    "<, not <=",
    lambda x, f: np.argmin(x): "you return the lag of the smallest norm; the floor "
    "plays no part in that",
    lambda x, f: len(x) - 1: "you return the last lag, whatever the norms are",
}


def check_reach(answer) -> str:
    cases = (
        ([8.0, 4.0, 2.5, 1.0, 0.4, 0.1, 0.06], 0.2),  # relative to the first
        ([1.0, 0.5, 0.001, 0.5, 0.3], 0.01),  # dips, and comes back
        ([1.0, 0.001, 0.5, 0.4, 0.3, 0.2], 0.01),  # at once, and stays back
        ([1.0, 4.0, 0.02, 0.001], 0.01),  # the first is not the largest
        ([1.0, 2.0, 4.0], 0.01),  # never below
        ([2.0, 0.0, 0.0], 0.01),
        ([4.0, 1.0, 0.5], 0.25),  # exactly at the floor
    )
    got = []
    for norms, floor in cases:
        lag = as_array(call(answer, np.array(norms), floor, unchanged=True), "a lag")
        if lag.ndim:
            raise Wrong(f"one number is wanted, a lag; you return shape {lag.shape}")
        if not (np.isreal(lag) and np.isfinite(lag)) or lag.real % 1:
            raise Wrong(f"a lag is a whole number of steps; you return {lag}")
        got.append(lag)
    if got == [reach(*case) for case in cases]:
        return (
            "One number for each network: how many steps back it can be taught "
            'anything. Try it on the curves above: `reach(untrained["default"][0])`.'
        )
    for mistake, words in _REACH_WRONG.items():  # named if it explains every case
        if got == [mistake(np.array(norms), floor) for norms, floor in cases]:
            raise Wrong(words)
    for lag, (norms, floor) in zip(got, cases, strict=True):
        right = reach(norms, floor)
        if lag != right and right == len(norms) - 1 and min(norms) > floor * norms[0]:
            raise Wrong(
                f"norms {norms} never fall below the floor: the reach is the last lag, "
                f"{right}; you return {lag}"
            )
        if lag != right:
            raise Wrong(
                f"for norms {norms} and floor {floor} you return {lag}, not {right}: "
                f"the floor is at {floor * norms[0]:g}"
            )
    return ""


def orthogonal(H, rng):
    """A random orthogonal matrix (H, H), drawn with `rng`."""
    Q, R = np.linalg.qr(rng.normal(size=(H, H)))
    return Q * np.sign(np.diag(R))  # so that every rotation is equally likely


def _draws():
    return map(np.random.default_rng, range(20))


def _want_random(matrices) -> None:
    """Refuse matrices of many generators if two, or one of their entries, are equal."""
    if len({tuple(np.ravel(W).tolist()) for W in matrices}) < len(matrices):
        raise Wrong("different `rng` give the same matrix: draw all entries with `rng`")
    spread = np.std(matrices, axis=0)
    i, j = np.argwhere(spread == spread.min())[0]
    if spread[i, j] < 0.02:
        raise Wrong(
            f"whatever `rng`, entry [{i}, {j}] is about {matrices[0][i, j]:.2f}; begin "
            "with rng.normal(size=(H, H)), so that a random rotation mixes all units"
        )


def check_orthogonal(answer) -> str:
    for H in (16, 5, 2):
        got = [call(answer, H, np.random.default_rng(s)) for s in (0, 0, 1)]
        if isinstance(got[0], tuple) and len(got[0]) == 2:
            raise Wrong("np.linalg.qr returns two matrices, Q and R; return Q alone")
        W, again, other = (shape_of(g, (H, H), letters="H H") for g in got)
        tol = tolerance(W, 1e-8)
        if not np.isfinite(W).all():
            raise Wrong("your matrix contains nan or inf: look for a division by 0")
        if same(W, np.eye(H), tol):
            raise Wrong("this is the identity; draw a random rotation with `rng`")
        if not same(W, again, tol):
            raise Wrong("the same `rng` gives another matrix: draw with `rng` alone")
        if same(W, other, tol):
            raise Wrong("another `rng` gives the same matrix: draw it with `rng`")
        product = W @ W.T
        if same(product, np.eye(H), tol):
            if H > 2 and (np.abs(W) > 1e-12).sum() == H:
                raise Wrong(
                    "your matrix only reorders or flips the units; a random rotation "
                    "mixes them all: begin with rng.normal(size=(H, H))"
                )
            if H == 16:
                _want_random([shape_of(call(answer, H, g), (H, H)) for g in _draws()])
            continue
        if same(W, np.triu(W), tol):
            raise Wrong("this is R of Q, R = qr(…), the triangle; return Q")
        ones = np.ones(H)
        if same((W**2).sum(1), ones, tol) or same((W**2).sum(0), ones, tol):
            raise Wrong(
                "your rows or columns have length 1, but are not at right angles: "
                "W @ W.T must be the identity"
            )
        sigma = np.linalg.svd(W, compute_uv=False)
        raise Wrong(
            f"W @ W.T is not the identity: its singular values go from {sigma[-1]:.2f} "
            f"to {sigma[0]:.2f}, all must be 1; try the Q of np.linalg.qr"
        )
    return "Every singular value is 1: no direction grows, and none fades."
