"""Lesson 07: reference and checker of the exercise on temperature."""

from __future__ import annotations

import numpy as np
import torch

from helpers.exercises.engine.core import Wrong, call, close, same, shape_of

__all__ = ["check_temperature", "soft", "softmax_at"]


def soft(z, axis=-1):
    """Softmax of an array."""
    e = np.exp(z - z.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


def softmax_at(logits, tau):
    """Probabilities at temperature tau, with the two limits 0 and infinity."""
    if tau == 0:
        best = logits == logits.max(dim=-1, keepdim=True).values
        return best / best.sum(dim=-1, keepdim=True)
    return torch.softmax(logits / tau, dim=-1)


def _name_tau(got, z, tau) -> None:
    p = soft(z)
    wrongs = [
        ("you divide the *probabilities* by τ; dividing all of them by one number and "
         "making them add up to 1 again changes nothing. Divide the logits", p),
        ("you divide the *probabilities* by τ: they no longer add up to 1, and their "
         "proportions are the old ones. Divide the logits", p / tau),
        ("you apply softmax to probabilities: divide the *logits* by τ, and take "
         "softmax once", soft(p / tau)),
        ("you multiply the logits by τ; divide them, or a high temperature makes the "
         "likely likelier", soft(z * tau)),
        ("these are logits still: softmax turns them into probabilities", z / tau),
        ("these are logarithms: you want softmax, not log_softmax",
         np.log(soft(z / tau) + 1e-300)),
        ("the exponentials are not divided by their sum", np.exp(z / tau)),
        ("you sample or choose one character; return the probability of each",
         np.eye(z.shape[-1])[z.argmax(-1)]),
    ]  # fmt: skip
    if z.ndim > 1:
        wrongs += [
            ("softmax runs down the columns: each *row* is a distribution, dim=-1",
             soft(z / tau, 0)),
        ]  # fmt: skip
    for words, wrong in wrongs:
        if same(got, wrong, 1e-6):
            raise Wrong(words)


def check_temperature(answer) -> str:
    generator = torch.Generator().manual_seed(4)
    for shape, tau in (((5,), 0.5), ((3, 4), 2.0), ((2, 6), 1.0), ((4,), 0.05)):
        z = 2 * torch.randn(shape, generator=generator, dtype=torch.float64)
        right = softmax_at(z, tau).numpy()
        with np.errstate(all="ignore"):
            got = shape_of(call(answer, z, tau, unchanged=True), shape)
            if not same(got, right, 1e-5) and tau != 1:
                _name_tau(got, z.numpy(), tau)
        close(got, right, 1e-5, f"at τ = {tau:g} your result")
    _check_small(answer)
    z = torch.tensor([[300.0, 900.0, 899.5], [-900.0, -901.0, -900.5]]).double()
    with np.errstate(all="ignore"):
        got = shape_of(call(answer, z, 0.5), (2, 3))
    if np.isfinite(got[0]).all() and not np.isfinite(got[1]).all():
        raise Wrong(
            "a row of logits far below another row's gives nan: all its exponentials "
            "are 0. Subtract the largest logit of *each row*, not of the whole batch"
        )
    if not np.isfinite(got).all():
        raise Wrong(
            "large logits give nan: exp overflows. Subtract the largest logit first, "
            "which changes no proportion, or use torch.softmax"
        )
    close(got, softmax_at(z, 0.5), 1e-5, "for large logits your result")
    _check_limits(answer)
    return (
        "τ → 0 is greedy, τ = 1 the model itself, τ → ∞ a fair die: one knob from a "
        "loop to noise."
    )


def _check_small(answer) -> None:
    """A temperature near 0 is no special case: logits may be as near each other."""
    for tau, tol in ((1e-5, 1e-5), (1e-13, 0.05)):  # exp(z) ** (1 / tau) loses digits
        z = tau * torch.tensor([0.0, 1.0, 2.0, 0.5]).double()
        with np.errstate(all="ignore"):
            got = shape_of(call(answer, z, tau), (4,))
        if same(got, softmax_at(z, 0), 1e-6):
            raise Wrong(f"τ = {tau:g} is taken for 0; only 0 itself is that limit")
        if not np.isfinite(got).all():
            raise Wrong(
                f"at τ = {tau:g} and logits as near each other nan or inf comes out: "
                "something underflows to 0 or overflows; softmax of logits / τ does "
                "neither"
            )
        right = softmax_at(z, tau).numpy()
        if not same(got, right, tol):
            raise Wrong(
                f"at τ = {tau:g} and logits as near each other your result is "
                f"{got.round(3).tolist()}, want {right.round(3).tolist()}: is τ kept "
                "from falling so low? Only τ = 0 wants a line of its own"
            )


def _check_limits(answer) -> None:
    z = torch.tensor([[1.0, 3.0, 2.0, -4.0], [2.0, 0.5, 2.0, 1.0]]).double()
    for tau in (0, 0.0):
        with np.errstate(all="ignore"):
            got = shape_of(call(answer, z, tau), (2, 4))
        if same(got[0], [0, 1, 0, 0], 1e-6) and not (got[1] > 0).any():
            raise Wrong(
                "at τ = 0 only the largest logit of the whole batch wins; the largest "
                "of *each row* takes the row"
            )
        if not np.isfinite(got).all():
            raise Wrong(
                "τ = 0 gives nan: in that limit nothing is divided by τ, the largest "
                "logit takes everything"
            )
        if same(got[0], [0, 1, 0, 0], 1e-9) and same(got[1], [1, 0, 0, 0], 1e-6):
            raise Wrong(
                "two equal logits are the largest; as τ goes to 0 each keeps half of "
                "the mass, and you give all to the first"
            )
        if same(got[0], [0, 1, 0, 0], 1e-9) and same(got[1], [1, 0, 1, 0], 1e-6):
            raise Wrong("two equal logits are the largest: they *share*, half each")
        close(got, [[0, 1, 0, 0], [0.5, 0, 0.5, 0]], 1e-6, "at τ = 0 your result")
    got = shape_of(call(answer, z, float("inf")), (2, 4))
    if not np.isfinite(got).all():
        raise Wrong(
            "τ = inf gives nan: every logit / inf is 0; do you compute inf / inf?"
        )
    close(got, np.full((2, 4), 0.25), 1e-6, "at τ = inf your result")
