"""Lesson 04: references and checkers of the exercises on matrices and lags."""

from __future__ import annotations

import numpy as np

from helpers.exercises.engine.compare import as_array
from helpers.exercises.engine.core import Wrong, call, close, same, shape_of

__all__ = ["check_orthogonal", "check_reach", "check_rescale"]


def rescale(W, radius):
    """W (H, H), multiplied by one number so that its spectral radius is `radius`."""
    return W * radius / np.abs(np.linalg.eigvals(W)).max()


def check_rescale(answer) -> str:
    rng = np.random.default_rng(0)
    for W, radius in (
        (np.array([[0.9, 5.0], [0.0, 0.9]]), 1.0),  # a norm far above the radius
        (np.array([[0.5, -2.0], [2.0, 0.5]]), 0.5),  # complex eigenvalues
        (np.diag([-3.0, 0.5, 2.0]), 1.2),  # the largest one is negative
        (rng.normal(size=(6, 6)), 0.9),
    ):
        right = rescale(W, radius)
        got = shape_of(call(answer, W, radius, unchanged=True), W.shape, letters="H H")
        eigenvalues, size = np.linalg.eigvals(W), np.abs(np.linalg.eigvals(W)).max()
        with np.errstate(divide="ignore", invalid="ignore"):
            _name_scale(got, W, radius, eigenvalues, size)
        close(got, right, 1e-8, f"rescale of a {W.shape} matrix to {radius}")
    return (
        "One number moves all eigenvalues in or out together. How fast a gradient "
        "fades in the end is now yours to choose; what the norm does on the way is not."
    )


def _name_scale(got, W, radius, eigenvalues, size) -> None:
    absolute = "; eigenvalues can be negative or complex: take absolute values first"
    unit = W * radius
    known = (
        ("you divide by the largest singular value (the norm); divide by the largest "
         "|eigenvalue|", unit / np.linalg.norm(W, 2)),
        ("you divide by the Frobenius norm; divide by the largest |eigenvalue|",
         unit / np.linalg.norm(W)),
        ("you take the largest eigenvalue as it is" + absolute,
         (unit / eigenvalues.max()).real),
        ("you take the largest real part" + absolute, unit / eigenvalues.real.max()),
        ("your matrix has spectral radius 1: multiply by `radius` too", W / size),
        ("you multiply by `radius` without dividing by the spectral radius that W has",
         unit),
        ("you divide by the smallest |eigenvalue|; the radius is the largest",
         unit / np.abs(eigenvalues).min()),
        ("you divide by the largest entry of W; divide by the largest |eigenvalue|",
         unit / np.abs(W).max()),
        ("eigvalsh is for symmetric matrices only; use np.linalg.eigvals",
         unit / np.abs(np.linalg.eigvalsh(W)).max()),
        ("you divide where you should multiply: the result's radius is 1 / radius",
         W / radius / size),
    )  # fmt: skip
    for words, wrong in known:
        if same(got.real, wrong, 1e-8) and not same(wrong, unit / size, 1e-8):
            raise Wrong(words)


def reach(norms, floor=0.01):
    """The longest lag up to which no gradient norm is below floor · norms[0]."""
    below = np.flatnonzero(np.asarray(norms) < floor * norms[0])
    return int(below[0]) - 1 if len(below) else len(norms) - 1


def check_reach(answer) -> str:
    for norms, floor in (
        ([8.0, 4.0, 2.5, 1.0, 0.4, 0.1, 0.06], 0.2),  # relative to the first
        ([1.0, 0.5, 0.001, 0.5, 0.3], 0.01),  # dips, and comes back
        ([1.0, 4.0, 0.02, 0.001], 0.01),  # the first is not the largest
        ([1.0, 2.0, 4.0], 0.01),  # never below
        ([2.0, 0.0, 0.0], 0.01),
        ([4.0, 1.0, 0.5], 0.25),  # exactly at the floor
    ):
        x, right = np.array(norms), reach(norms, floor)
        got = as_array(call(answer, x, floor, unchanged=True), "your reach")
        if got.ndim:
            raise Wrong(f"one number is wanted, a lag; you return shape {got.shape}")
        if got == right:
            continue
        if got % 1:
            raise Wrong(f"a lag is a whole number of steps; you return {got}")
        above = np.flatnonzero(x >= floor * x[0])
        if len(above) < len(x):
            _name_floor(got, x, floor)
        if len(above) == len(x):
            raise Wrong(
                f"norms {norms} never fall below the floor: the reach is the last lag, "
                f"{len(x) - 1}; you return {got}"
            )
        if got == right + 1:
            raise Wrong(
                "you return the first lag that is too weak; the reach is the one before"
            )
        if got == above[-1]:
            raise Wrong(
                f"norms {norms} dip below the floor at lag {right + 1} and come back; "
                "the reach ends at the first dip"
            )
        if got == len(above):
            raise Wrong("you count the strong lags; the first of them is lag 0")
        if got == reach(x, np.nextafter(floor, 1)):
            raise Wrong("a norm exactly at the floor still counts: use <, not <=")
        raise Wrong(
            f"for norms {norms} and floor {floor} you return {got}, not {right}"
        )
    return (
        "One number for each network: how many steps back it can be taught anything. "
        'Try it on the curves above: `reach(untrained["default"][0])`.'
    )


def _name_floor(got, x, floor) -> None:
    steep = np.flatnonzero(x[1:] < floor * x[:-1])
    known = (
        ("you compare with `floor`; compare with floor · norms[0]", floor / x[0]),
        ("you compare with 0.01 · norms[0]; use the argument `floor`", 0.01),
        ("you compare with the largest norm; compare with the first, norms[0]",
         floor * x.max() / x[0]),
    )  # fmt: skip
    for words, level in known:
        if got == reach(x, level) != reach(x, floor):
            raise Wrong(words)
    if got == (steep[0] if len(steep) else len(x) - 1):
        raise Wrong("you compare each norm with the one before; compare with norms[0]")


def orthogonal(H, rng):
    """A random orthogonal matrix (H, H), drawn with `rng`."""
    Q, R = np.linalg.qr(rng.normal(size=(H, H)))
    return Q * np.sign(np.diag(R))  # so that every rotation is equally likely


def check_orthogonal(answer) -> str:
    for H in (16, 5, 2):
        got = [call(answer, H, np.random.default_rng(s)) for s in (0, 0, 1)]
        if isinstance(got[0], tuple) and len(got[0]) == 2:
            raise Wrong("np.linalg.qr returns two matrices, Q and R; return Q alone")
        W, again, other = (shape_of(g, (H, H), letters="H H") for g in got)
        if same(W, np.eye(H), 1e-8):
            raise Wrong("this is the identity; draw a random rotation with `rng`")
        if not same(W, again, 1e-12):
            raise Wrong("the same `rng` gives another matrix: draw with `rng` alone")
        if same(W, other, 1e-8):
            raise Wrong("another `rng` gives the same matrix: draw it with `rng`")
        product = W @ W.T
        if same(product, np.eye(H), 1e-8):
            if H > 2 and (np.abs(W) > 1e-12).sum() == H:
                raise Wrong(
                    "your matrix only reorders or flips the units; a random rotation "
                    "mixes them all: begin with rng.normal(size=(H, H))"
                )
            continue
        if same(W, np.triu(W), 1e-12):
            raise Wrong("this is R of Q, R = qr(…), the triangle; return Q")
        ones = np.ones(H)
        if same((W**2).sum(1), ones, 1e-8) or same((W**2).sum(0), ones, 1e-8):
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
