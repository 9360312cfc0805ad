"""Linear recurrences h_t = h_(t-1) a_t + b_t: step by step, and all steps at once.

a and b are torch tensors with time on axis 1. With times=torch.mul each number has a
recurrence of its own, and a (B, T, H) holds its factors; with times=torch.matmul a
(B, T, H, H) holds a matrix a step, and b is (B, T, 1, H).
"""

from __future__ import annotations

import torch

from helpers.guards import want_shapes, want_sizes

__all__ = ["combine", "convolve", "loop", "min_gru", "scan", "scan_by_division"]


def combine(first, then, times=torch.mul):
    """Return the pair (a, b) of one affine step h → h a + b and another after it."""
    (a1, b1), (a2, b2) = first, then
    return times(a1, a2), times(b1, a2) + b2


def loop(a, b, times=torch.mul):
    """Return h like b: h_t = h_(t-1) a_t + b_t from h_0 = 0, one step after another."""
    _want_pair(a, b)
    h, hs = torch.zeros_like(b[:, 0]), []
    for a_t, b_t in zip(a.unbind(1), b.unbind(1), strict=True):
        h = times(h, a_t) + b_t
        hs.append(h)
    return torch.stack(hs, dim=1)


def scan(a, b, times=torch.mul):
    """Return what `loop` returns, in log2 T rounds; each round does all t at once.

    Source: Hillis and Steele 1986, Data parallel algorithms.
    """
    _want_pair(a, b)
    span = 1
    while span < a.shape[1]:
        before, here = (a[:, :-span], b[:, :-span]), (a[:, span:], b[:, span:])
        a_far, b_far = combine(before, here, times)
        a = torch.cat([a[:, :span], a_far], dim=1)
        b = torch.cat([b[:, :span], b_far], dim=1)
        span *= 2
    return b


def convolve(a, b):
    """Return what `loop` returns for one constant a (H,): b convolved with a^k.

    b: (B, T, H). Each output is a weighted sum of all inputs so far, with the weight
    a^k for the one k steps back.
    """
    want_shapes(b=(b, "B T H"), a=(a, "H"))
    T = b.shape[1]
    ago = torch.arange(T)[:, None] - torch.arange(T)  # (T, T): from t back to s
    kernel = a ** ago.clamp(min=0)[..., None] * (ago >= 0)[..., None]  # (T, T, H)
    return torch.einsum("tsh,bsh->bth", kernel, b)


def scan_by_division(a, b):
    """Return what `loop` returns, from two cumulative operations: exact on paper only.

    With A_t = a_1 … a_t, h_t = A_t Σ b_s / A_s. A_t underflows, and what is divided by
    it is lost. a, b: (B, T, H).
    """
    _want_pair(a, b)
    A = a.cumprod(dim=1)
    return A * (b / A).cumsum(dim=1)


def min_gru(x, W_z, W_h):
    """Return h (B, T, H): h_t = (1 - z_t) h_(t-1) + z_t h~_t, from h_0 = 0, by a scan.

    x: (B, T, D), W_z, W_h: (D, H). The gate z = σ(x W_z) and the candidate h~ = x W_h
    know nothing of the state. Source: Feng et al. 2024, Were RNNs all we needed?,
    arXiv 2410.01201.
    """
    want_shapes(x=(x, "B T D"), W_z=(W_z, "D H"), W_h=(W_h, "D H"))
    z = torch.sigmoid(x @ W_z)
    return scan(1 - z, z * (x @ W_h))


def _want_pair(a, b):
    shapes = [tuple(getattr(part, "shape", ())) for part in (a, b)]
    if min(map(len, shapes)) < 2 or shapes[0][:2] != shapes[1][:2]:
        raise ValueError(f"a, b: the same (B, T, …) wanted, got {shapes}")
    want_sizes(T=shapes[0][1])
