"""The GRU in NumPy, in both conventions, gradients written by hand (lesson 05).

The interface is that of `helpers.nets.numpy_rnn.RNN`.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from helpers.guards import want_inputs, want_shapes
from helpers.nets.numpy_lstm import sigmoid
from helpers.nets.numpy_rnn import RNN, add_up, draw_params

__all__ = [
    "GRU",
    "GRUStates",
    "chung_unroll",
    "chung_unroll_back",
    "draw_gru",
    "gru_unroll",
    "gru_unroll_back",
]


class GRUStates(NamedTuple):
    """What the way back needs: h (B, T + 1, H), gates r z n (B, T, 3H) and inner.

    inner (B, T, H) is what r is multiplied by in torch's convention, and the product
    r * h_prev in Chung's.
    """

    h: np.ndarray
    gates: np.ndarray
    inner: np.ndarray

    @property
    def last(self):
        """The state h after the last step, to be carried on."""
        return self.h[:, -1]


def gru_unroll(a, W_hh, b_hh, h0=None):
    """All steps of torch's GRU from a (B, T, 3H), what the inputs add: GRUStates.

    W_hh: (H, 3H), its columns in the order r z n; b_hh: (3H,); h0: (B, H) or None for
    zeros. n = tanh(a_n + r (h_prev W_hn + b_hn)), h = (1 - z) n + z h_prev.
    """
    _want_fit(a, W_hh, b_hh, h0)
    B, T, H = *a.shape[:2], len(W_hh)
    h = np.zeros((B, T + 1, H), np.result_type(a, W_hh))
    gates, inner = np.empty_like(a, dtype=h.dtype), np.empty_like(h[:, 1:])
    h[:, 0] = 0 if h0 is None else h0
    for t in range(T):
        from_h = h[:, t] @ W_hh + b_hh
        rz, inner[:, t] = sigmoid((a[:, t] + from_h)[:, : 2 * H]), from_h[:, 2 * H :]
        r, z = rz[:, :H], rz[:, H:]
        n = np.tanh(a[:, t, 2 * H :] + r * inner[:, t])
        h[:, t + 1] = (1 - z) * n + z * h[:, t]
        gates[:, t, : 2 * H], gates[:, t, 2 * H :] = rz, n
    return GRUStates(h, gates, inner)


def gru_unroll_back(dhs, states, W_hh, dh_next=0):
    """The gradients of torch's GRU: das (B, T, 3H), dW_hh, db_hh, dh0 (B, H).

    dhs: (B, T, H), what each step's own loss says about its h; states: GRUStates from
    `gru_unroll`; dh_next: (B, H) or 0, what comes from after the last step.
    """
    _want_fit_back(dhs, states, W_hh, dh_next)
    h, gates, inner = states
    das, from_hs = np.empty_like(gates), np.empty_like(gates)
    for t in reversed(range(das.shape[1])):
        r, z, n = np.split(gates[:, t], 3, axis=1)
        dh = dhs[:, t] + dh_next
        da_n = dh * (1 - z) * (1 - n**2)
        da_r = da_n * inner[:, t] * r * (1 - r)
        da_z = dh * (h[:, t] - n) * z * (1 - z)
        das[:, t] = np.concatenate([da_r, da_z, da_n], axis=1)
        from_hs[:, t] = np.concatenate([da_r, da_z, da_n * r], axis=1)
        dh_next = dh * z + from_hs[:, t] @ W_hh.T
    return das, add_up(h[:, :-1], from_hs), from_hs.sum((0, 1)), dh_next


def chung_unroll(a, W_hh, b_hh, h0=None):
    """`gru_unroll` in the convention of Chung et al. 2014: GRUStates.

    n = tanh(a_n + (r h_prev) W_hn + b_hn), h = (1 - z) h_prev + z n.
    """
    _want_fit(a, W_hh, b_hh, h0)
    B, T, H = *a.shape[:2], len(W_hh)
    h = np.zeros((B, T + 1, H), np.result_type(a, W_hh))
    gates, inner = np.empty_like(a, dtype=h.dtype), np.empty_like(h[:, 1:])
    h[:, 0] = 0 if h0 is None else h0
    a, (W_rz, W_n) = a + b_hh, np.split(W_hh, [2 * H], axis=1)
    for t in range(T):
        r, z = np.split(sigmoid(a[:, t, : 2 * H] + h[:, t] @ W_rz), 2, axis=1)
        inner[:, t] = r * h[:, t]
        n = np.tanh(a[:, t, 2 * H :] + inner[:, t] @ W_n)
        h[:, t + 1] = (1 - z) * h[:, t] + z * n
        gates[:, t] = np.concatenate([r, z, n], axis=1)
    return GRUStates(h, gates, inner)


def chung_unroll_back(dhs, states, W_hh, dh_next=0):
    """`gru_unroll_back` in the convention of Chung et al. 2014: what that returns."""
    _want_fit_back(dhs, states, W_hh, dh_next)
    h, gates, inner = states
    H, das = len(W_hh), np.empty_like(gates)
    W_rz, W_n = np.split(W_hh, [2 * H], axis=1)
    for t in reversed(range(das.shape[1])):
        r, z, n = np.split(gates[:, t], 3, axis=1)
        dh = dhs[:, t] + dh_next
        da_n = dh * z * (1 - n**2)
        dinner = da_n @ W_n.T
        da_r = dinner * h[:, t] * r * (1 - r)
        da_z = dh * (n - h[:, t]) * z * (1 - z)
        das[:, t] = np.concatenate([da_r, da_z, da_n], axis=1)
        dh_next = dh * (1 - z) + dinner * r + das[:, t, : 2 * H] @ W_rz.T
    rz, n = np.split(das, [2 * H], axis=2)
    dW_hh = np.concatenate([add_up(h[:, :-1], rz), add_up(inner, n)], axis=1)
    return das, dW_hh, das.sum((0, 1)), dh_next


WALKS = {
    "torch": (gru_unroll, gru_unroll_back),
    "chung": (chung_unroll, chung_unroll_back),
}


def draw_gru(D, H, V, *, rng, dtype=np.float64):
    """The arrays of a GRU: three RNNs' side by side, and the bias b_hh (3H,)."""
    three = [draw_params(D, H, V, rng=rng, dtype=dtype) for _ in "rzn"]
    W_xh, W_hh, b_xh = (
        np.concatenate([p[name] for p in three], axis=-1)
        for name in ("W_xh", "W_hh", "b_h")
    )
    b_hh = (rng.standard_normal(3 * H) / np.sqrt(H)).astype(dtype)
    params = {"W_xh": W_xh, "W_hh": W_hh, "b_xh": b_xh, "b_hh": b_hh}
    return params | {name: three[0][name] for name in ("W_hy", "b_y")}


class GRU(RNN):
    """An RNN whose step mixes its old state with a new one: h = (1 - z) n + z h_prev.

    D input, H hidden, V output size; inputs X are vectors (B, T, D) or ids (B, T), as
    for RNN. `params` holds W_xh (D, 3H), W_hh (H, 3H), b_xh (3H,), b_hh (3H,), the
    columns in the order r z n, W_hy (H, V), b_y (V,); `rng` draws them. convention:
    "torch", or "chung" (Chung et al. 2014), in which z and 1 - z are swapped and r is
    applied before the product.
    """

    def __init__(self, D, H, V, *, rng, dtype=np.float64, convention="torch"):
        _want_convention(convention)
        self.walk, self.walk_back = WALKS[convention]
        self.params = draw_gru(D, H, V, rng=rng, dtype=dtype)

    def project(self, x):
        """What the input adds to the sums: (..., 3H) for (..., D) or ids (...)."""
        W_xh, b_xh = self.params["W_xh"], self.params["b_xh"]
        return (W_xh[x] if x.dtype.kind in "iu" else x @ W_xh) + b_xh

    def step(self, x, h_prev):
        """One step for x (B, D) or ids (B,) and h_prev (B, H): h (B, H), y (B, V)."""
        want_inputs(len(self.params["W_xh"]), "B", x=x)
        want_shapes(h_prev=(h_prev, f"{len(x)} {len(self.params['W_hh'])}"))
        P = self.params
        a = self.project(x)[:, None]
        h = self.walk(a, P["W_hh"], P["b_hh"], h_prev).last
        return h, self.readout(h)

    def forward(self, X, h0=None):
        """All steps: logits (B, T, V) and GRUStates, beginning with h0 (B, H) or 0."""
        want_inputs(len(self.params["W_xh"]), "B T", x=X)
        P = self.params
        states = self.walk(self.project(X), P["W_hh"], P["b_hh"], h0)
        return self.readout(states.h[:, 1:]), states

    def backward(self, X, states, dlogits, dh_last=0):
        """Gradients of the loss whose derivative in the logits is dlogits (B, T, V).

        X and states as given to and returned by `forward`; dh_last (B, H) is what comes
        from after the last step. Returns grads, with the keys and shapes of `params`,
        and dh0 (B, H).
        """
        want_inputs(len(self.params["W_xh"]), "B T", x=X)
        want_shapes(dlogits=(dlogits, f"B T {len(self.params['b_y'])}"))
        dhs = dlogits @ self.params["W_hy"].T
        W_hh = self.params["W_hh"]
        das, dW_hh, db_hh, dh0 = self.walk_back(dhs, states, W_hh, dh_last)
        if X.dtype.kind in "iu":
            X = np.eye(len(self.params["W_xh"]), dtype=das.dtype)[X]
        grads = {
            "W_xh": add_up(X, das),
            "W_hh": dW_hh,
            "b_xh": das.sum((0, 1)),
            "b_hh": db_hh,
            "W_hy": add_up(states.h[:, 1:], dlogits),
            "b_y": dlogits.sum((0, 1)),
        }
        return grads, dh0


def _want_fit(a, W_hh, b_hh, h0):
    H = len(W_hh)
    want_shapes(W_hh=(W_hh, f"{H} {3 * H}"), b_hh=(b_hh, f"{3 * H}"))
    want_shapes(a=(a, f"B T {3 * H}"), h0=(h0, f"B {H}"))


def _want_fit_back(dhs, states, W_hh, dh_next):
    h, gates, inner = states
    H = len(W_hh)
    want_shapes(
        W_hh=(W_hh, f"{H} {3 * H}"),
        dhs=(dhs, f"B T {H}"),
        h=(h, f"B T+1 {H}"),
        gates=(gates, f"B T {3 * H}"),
        inner=(inner, f"B T {H}"),
        dh_next=(dh_next, f"B {H}"),
    )


def _want_convention(convention):
    if convention not in WALKS:
        raise ValueError(f"convention: {convention!r}, want one of {', '.join(WALKS)}")
