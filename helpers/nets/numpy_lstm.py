"""The LSTM in NumPy, with its gradients written by hand (lesson 05).

The interface is that of `helpers.nets.numpy_rnn.RNN`; the state is a pair (h, c).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from helpers.guards import want_inputs, want_shapes
from helpers.nets.numpy_rnn import RNN, add_up, draw_params

__all__ = [
    "LSTM",
    "LSTMStates",
    "activate",
    "four",
    "lstm_unroll",
    "lstm_unroll_back",
    "sigmoid",
    "update",
]


class LSTMStates(NamedTuple):
    """What the way back needs: h, c (B, T + 1, H) and gates (B, T, 4H).

    h[:, 0] and c[:, 0] are the first state; gates[:, t], in the order i f g o, lead to
    h[:, t + 1] and c[:, t + 1].
    """

    h: np.ndarray
    c: np.ndarray
    gates: np.ndarray

    @property
    def last(self):
        """The state (h, c) after the last step, to be carried on."""
        return self.h[:, -1], self.c[:, -1]


def sigmoid(a):
    """1 / (1 + exp(-a)), written with tanh: it cannot overflow, and it is quick."""
    return (1 + np.tanh(a / 2)) / 2


def four(a):
    """The four blocks of a (..., 4H), as views (..., H): i, f, g, o."""
    H = a.shape[-1] // 4
    return a[..., :H], a[..., H : 2 * H], a[..., 2 * H : 3 * H], a[..., 3 * H :]


def activate(a):
    """The gates i f g o (..., 4H) for their sums a (..., 4H): tanh for g, else sigmoid.

    As sigmoid(a) is tanh(a / 2) / 2 + 1 / 2, one tanh does for all four.
    """
    _want_four(a)
    return _activated(a, *_scales(a.shape[-1] // 4, a.dtype))


def _scales(H, dtype):
    """What the sums are multiplied by before tanh and after it, and what is added."""
    scale = np.repeat(np.array([0.5, 0.5, 1, 0.5], dtype), H)
    return scale, 1 - scale


def _activated(a, scale, added):
    return np.tanh(a * scale) * scale + added


def update(gates, c_prev):
    """The new h and c (..., H), for gates i f g o (..., 4H) and c_prev (..., H).

    c = f c_prev + i g, h = o tanh(c): Gers, Schmidhuber and Cummins 2000.
    """
    want_shapes(gates=(gates, f"... {4 * c_prev.shape[-1]}"), c_prev=(c_prev, "... H"))
    return _updated(gates, c_prev)


def _updated(gates, c_prev):
    i, f, g, o = four(gates)
    c = f * c_prev + i * g
    return o * np.tanh(c), c


def lstm_unroll(a, W_hh, state=None):
    """All steps of the LSTM from a (B, T, 4H), what the inputs add: LSTMStates.

    W_hh: (H, 4H), its columns in the order i f g o; state: (h0, c0), each (B, H), or
    None for zeros.
    """
    _want_fit(a, W_hh, state)
    B, T, H = *a.shape[:2], len(W_hh)
    h, c = np.zeros((2, B, T + 1, H), np.result_type(a, W_hh))
    gates = np.empty_like(a, dtype=h.dtype)
    if state is not None:
        h[:, 0], c[:, 0] = state
    scales = _scales(H, h.dtype)
    for t in range(T):  # as `activate` and `update` do, whose guards have had their say
        gates[:, t] = now = _activated(a[:, t] + h[:, t] @ W_hh, *scales)
        h[:, t + 1], c[:, t + 1] = _updated(now, c[:, t])
    return LSTMStates(h, c, gates)


def lstm_unroll_back(dhs, states, W_hh, dstate=(0, 0)):
    """The gradients, from the last step to the first: das (B, T, 4H), (dh0, dc0).

    dhs: (B, T, H), what each step's own loss says about its h; states: LSTMStates from
    `lstm_unroll`; dstate: (dh, dc) from after the last step, each (B, H) or 0. das are
    the gradients of the sums before the gates' sigmoids and tanh.
    """
    _want_fit_back(dhs, states, W_hh, dstate)
    dh_next, dc_next = dstate
    _, c, gates = states
    das = np.empty_like(gates)
    for t in reversed(range(das.shape[1])):
        i, f, g, o = four(gates[:, t])
        da_i, da_f, da_g, da_o = four(das[:, t])
        tanh_c = np.tanh(c[:, t + 1])
        dh = dhs[:, t] + dh_next
        dc = dc_next + dh * o * (1 - tanh_c**2)
        da_i[:] = dc * g * i * (1 - i)
        da_f[:] = dc * c[:, t] * f * (1 - f)
        da_g[:] = dc * i * (1 - g**2)
        da_o[:] = dh * tanh_c * o * (1 - o)
        dh_next, dc_next = das[:, t] @ W_hh.T, dc * f
    return das, (dh_next, dc_next)


class LSTM(RNN):
    """An RNN whose step has gates: c = f c_prev + i g, h = o tanh(c), y = h W_hy + b_y.

    D input, H hidden, V output size; inputs X are vectors (B, T, D) or ids (B, T), as
    for RNN. `params` holds W_xh (D, 4H), W_hh (H, 4H), b_h (4H,), the columns in the
    order i f g o, W_hy (H, V), b_y (V,); `rng` draws them, and forget_bias is added to
    the forget gates' part of b_h. A state is a pair (h, c), each (B, H).
    """

    def __init__(self, D, H, V, *, rng, dtype=np.float64, forget_bias=0.0):
        nets = [draw_params(D, H, V, rng=rng, dtype=dtype) for _ in "ifgo"]
        self.params = nets[0]
        for name in ("W_xh", "W_hh", "b_h"):
            self.params[name] = np.concatenate([p[name] for p in nets], axis=-1)
        self.params["b_h"][H : 2 * H] += forget_bias

    def step(self, x, state):
        """One step for x (B, D) or ids (B,) and a state (h, c): (h, c), y (B, V)."""
        want_inputs(len(self.params["W_xh"]), "B", x=x)
        _want_pair(state, f"{len(x)} {len(self.params['W_hh'])}")
        h, c = state
        gates = activate(self.project(x) + h @ self.params["W_hh"])
        h, c = update(gates, c)
        return (h, c), self.readout(h)

    def forward(self, X, state=None):
        """All steps: logits (B, T, V) and LSTMStates, which begin with `state` or 0."""
        want_inputs(len(self.params["W_xh"]), "B T", x=X)
        states = lstm_unroll(self.project(X), self.params["W_hh"], state)
        return self.readout(states.h[:, 1:]), states

    def backward(self, X, states, dlogits, dstate=(0, 0)):
        """Gradients of the loss whose derivative in the logits is dlogits (B, T, V).

        X and states as given to and returned by `forward`; dstate is (dh, dc) from
        after the last step. Returns grads, with the keys and shapes of `params`, and
        (dh0, dc0), each (B, H).
        """
        want_inputs(len(self.params["W_xh"]), "B T", x=X)
        want_shapes(dlogits=(dlogits, f"B T {len(self.params['b_y'])}"))
        dhs = dlogits @ self.params["W_hy"].T
        das, dstate0 = lstm_unroll_back(dhs, states, self.params["W_hh"], dstate)
        if X.dtype.kind in "iu":
            X = np.eye(len(self.params["W_xh"]), dtype=das.dtype)[X]
        grads = {
            "W_xh": add_up(X, das),
            "W_hh": add_up(states.h[:, :-1], das),
            "b_h": das.sum((0, 1)),
            "W_hy": add_up(states.h[:, 1:], dlogits),
            "b_y": dlogits.sum((0, 1)),
        }
        return grads, dstate0


def _want_four(a):
    want_shapes(a=(a, "... K"))
    if a.shape[-1] % 4:
        raise ValueError(f"a: the last axis has size {a.shape[-1]}, want 4 H")


def _want_pair(state, letters):
    if not isinstance(state, tuple | list) or len(state) != 2:
        came = "an array" if hasattr(state, "shape") else repr(state)
        raise ValueError(f"state: got {came}, want a pair (h, c)")
    want_shapes(h=(state[0], letters), c=(state[1], letters))


def _want_fit(a, W_hh, state):
    H = len(W_hh)
    want_shapes(W_hh=(W_hh, f"{H} {4 * H}"), a=(a, f"B T {4 * H}"))
    if state is not None:
        _want_pair(state, f"{len(a)} {H}")


def _want_fit_back(dhs, states, W_hh, dstate):
    H = len(W_hh)
    want_shapes(
        W_hh=(W_hh, f"{H} {4 * H}"),
        dhs=(dhs, f"B T {H}"),
        c=(states.c, f"B T+1 {H}"),
        gates=(states.gates, f"B T {4 * H}"),
        dh=(dstate[0], f"B {H}"),
        dc=(dstate[1], f"B {H}"),
    )
