"""A nonlinear recurrence evaluated by Newton's method: all steps at once, repeated.

Source: Lim et al. 2024, Parallelizing non-linear sequential models over the sequence
length (DEER), arXiv 2309.12252.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import torch

from helpers.guards import want_shapes, want_sizes
from helpers.nets.after.scans import scan

__all__ = [
    "CELLS",
    "draw_cell",
    "errors",
    "growth",
    "run",
    "sweep",
    "sweeps",
    "sweeps_needed",
]


def tanh_cell(weights, drive, h):
    """Return the next states tanh(drive + h W) (T, H) and their Jacobians (T, H, H)."""
    new = torch.tanh(drive + h @ weights)
    return new, weights * (1 - new**2)[:, None]  # J[i, j] = W[i, j] tanh'_j


def gru_cell(weights, drive, h):
    """Return the next states of torch's GRU, and their Jacobians; drive (T, 3H)."""
    H = h.shape[1]
    W_r, W_z, W_n = weights.split(H, dim=1)
    d_r, d_z, d_n = drive.split(H, dim=1)
    r, z = torch.sigmoid(d_r + h @ W_r), torch.sigmoid(d_z + h @ W_z)
    inner = h @ W_n
    n = torch.tanh(d_n + r * inner)
    J_n = W_n * r[:, None] + W_r * (inner * r * (1 - r))[:, None]
    J = J_n * ((1 - z) * (1 - n**2))[:, None]
    J = J + W_z * ((h - n) * z * (1 - z))[:, None] + torch.diag_embed(z)
    return (1 - z) * n + z * h, J


def min_gru_cell(weights, drive, h):
    """Return the next states of a minGRU, and their Jacobians; drive (T, 2H)."""
    z, candidate = drive.chunk(2, dim=1)
    z = torch.sigmoid(z)
    return (1 - z) * h + z * candidate, torch.diag_embed(1 - z)


CELLS = {"tanh RNN": tanh_cell, "GRU": gru_cell, "minGRU": min_gru_cell}
BLOCKS = {"tanh RNN": 1, "GRU": 3, "minGRU": 2}


def draw_cell(name, gain, T, H, seed=0, drive=0.5):
    """Return the step h (N, H) → (next states, Jacobians), for N = T steps or one.

    name: one of CELLS; gain: multiplies recurrent weights that are rotations (minGRU
    has none). Inputs are normal, of standard deviation `drive`. float64. The step takes
    (h, t), t a slice of the steps, and has `weights` and `inputs`.
    """
    if name not in CELLS:
        raise ValueError(f"name: one of {', '.join(CELLS)} wanted, got {name!r}")
    want_sizes(T=T, H=H)
    generator = torch.Generator().manual_seed(seed)
    options = {"generator": generator, "dtype": torch.float64}
    K = BLOCKS[name]
    blocks = torch.linalg.qr(torch.randn(K, H, H, **options))[0]
    weights = gain * torch.cat([*blocks], dim=1)
    inputs = drive * torch.randn(T, K * H, **options)
    return _Step(CELLS[name], weights, inputs)


class _Step(NamedTuple):
    cell: Callable
    weights: torch.Tensor
    inputs: torch.Tensor

    def __call__(self, h, t=slice(None)):
        return self.cell(self.weights, self.inputs[t], h)


def run(step, T, H):
    """Return the states (T + 1, H), the first one zero, one step after another."""
    h = torch.zeros(T + 1, H, dtype=torch.float64)
    for t in range(T):
        h[t + 1] = step(h[t : t + 1], slice(t, t + 1))[0][0]
    return h


def sweep(step, h):
    """Return states (T + 1, H) that are nearer to the right ones: one Newton step.

    All steps are linearised at the guess h (T + 1, H), and the linear recurrence is
    scanned: h_t = f(g) + (h_(t-1) - g) J, where g is the guess of h_(t-1). After k
    sweeps at least h_1 … h_k are right.
    """
    want_shapes(h=(h, "T+1 H"))
    f, J = step(h[:-1])  # (T, H), (T, H, H)
    b = f[:, None] - h[:-1, None] @ J  # (T, 1, H)
    new = scan(J[None], b[None], torch.matmul)[0, :, 0]
    return torch.cat([h[:1], new])


def sweeps(step, T, H, most):
    """Return a list of guesses (T + 1, H): zeros, and what each of `most` sweeps made.

    It ends early once a sweep changes nothing by more than 1e-14, or is not finite.
    """
    want_sizes(most=most)
    guesses = [torch.zeros(T + 1, H, dtype=torch.float64)]
    while len(guesses) <= most:
        guesses.append(sweep(step, guesses[-1]))
        change = (guesses[-1] - guesses[-2]).abs().max()
        if not change > 1e-14:
            break
    return guesses


def errors(guesses, right):
    """Return (sweeps + 1, T): for each guess the largest error of a state at each t."""
    return torch.stack([(h - right).abs().amax(dim=1)[1:] for h in guesses])


def sweeps_needed(step, T, H, most=60, within=1e-10):
    """Return how many sweeps bring every state within `within` of the right one.

    None if `most` do not.
    """
    right = run(step, T, H)
    worst = errors(sweeps(step, T, H, most), right).amax(dim=1)
    found = (worst <= within).nonzero()
    return int(found[0]) if len(found) else None


def growth(step, T, H):
    """Return by how much, in nats a step, a small change grows along a trajectory.

    It is the logarithm of the size of the product of all T Jacobians, divided by T, for
    one change at the start: below 0 the recurrence forgets.
    """
    h = run(step, T, H)
    change = torch.ones(H, dtype=torch.float64) / H**0.5
    total = 0.0
    for J in step(h[:-1])[1]:
        change = change @ J
        size = change.norm()
        total += size.log().item()
        change = change / size
    return total / T
