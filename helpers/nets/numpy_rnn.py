"""Recurrent networks in NumPy, with their gradients written by hand (lesson 03).

One interface for all of them: `step`, `forward`, `loss`, `backward`, and a dict
`params` whose keys are the keys of the gradients.
"""

from __future__ import annotations

import numpy as np

from helpers.guards import want_ids, want_inputs, want_shapes, want_sizes

__all__ = [
    "RNN",
    "Adam",
    "add_up",
    "draw_params",
    "sample",
    "softmax_cross_entropy",
    "unroll",
    "unroll_back",
]


def softmax_cross_entropy(logits, targets):
    """Every step's loss, and the gradient of their sum.

    logits: (B, T, V); targets: (B, T) integers in 0 … V - 1.
    Returns losses (B, T) in nats and dlogits (B, T, V), the derivative of
    losses.sum(): the probabilities, less 1 at the target. Any leading shape will do.
    """
    want_shapes(logits=(logits, "... V"), targets=(targets, "..."))
    want_ids(logits.shape[-1], targets=targets)
    z = logits - logits.max(axis=-1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(axis=-1, keepdims=True))
    at_target = targets[..., None]
    losses = -np.take_along_axis(log_p, at_target, axis=-1)[..., 0]
    dlogits = np.exp(log_p)
    p_target = np.take_along_axis(dlogits, at_target, axis=-1)
    np.put_along_axis(dlogits, at_target, p_target - 1, axis=-1)
    return losses, dlogits


def unroll(drive, W_hh, h0=None):
    """The recurrence h_t = tanh(drive_t + h_(t-1) @ W_hh): states (B, T + 1, H).

    drive: (B, T, H), what the inputs add; h0: (B, H), which is states[:, 0], or None
    for 0.
    """
    want_shapes(drive=(drive, "B T H"), W_hh=(W_hh, "H H"), h0=(h0, "B H"))
    B, T, H = drive.shape
    hs = np.zeros((B, T + 1, H), np.result_type(drive, W_hh))
    hs[:, 0] = 0 if h0 is None else h0
    for t in range(T):
        hs[:, t + 1] = np.tanh(drive[:, t] + hs[:, t] @ W_hh)
    return hs


def unroll_back(dhs, hs, W_hh, dh_next=0):
    """The recurrence's gradients, from the last step to the first: das, dh0.

    dhs: (B, T, H), what each step's own loss says about its state; hs: (B, T + 1, H)
    from `unroll`; dh_next: (B, H) or 0, what comes from after the last step. Returns
    das (B, T, H), the gradient before the tanh, and dh0 (B, H). Werbos 1990.
    """
    want_shapes(
        dhs=(dhs, "B T H"),
        hs=(hs, "B T+1 H"),
        W_hh=(W_hh, "H H"),
        dh_next=(dh_next, "B H"),
    )
    das = np.empty_like(hs[:, 1:])
    for t in reversed(range(das.shape[1])):
        dh = dhs[:, t] + dh_next
        das[:, t] = dh * (1 - hs[:, t + 1] ** 2)
        dh_next = das[:, t] @ W_hh.T
    return das, dh_next


def add_up(u, v):
    """Sum of the outer products of u (B, T, M) and v (B, T, N) over B and T: (M, N)."""
    want_shapes(u=(u, "B T M"), v=(v, "B T N"))
    return np.tensordot(u, v, axes=((0, 1), (0, 1)))


def draw_params(D, H, V, *, rng, dtype=np.float64):
    """The five arrays of an RNN, normal with standard deviation 1 / sqrt(H)."""
    if min(D, H, V) < 1:
        raise ValueError(f"D, H, V are {D}, {H}, {V}; sizes from 1 on are wanted")
    sizes = {"W_xh": (D, H), "W_hh": (H, H), "b_h": H, "W_hy": (H, V), "b_y": V}
    return {
        name: (rng.standard_normal(size) / np.sqrt(H)).astype(dtype)
        for name, size in sizes.items()
    }


class RNN:
    """h = tanh(x @ W_xh + h_prev @ W_hh + b_h), y = h @ W_hy + b_y (Elman 1990).

    D input, H hidden, V output size. Inputs X are vectors (B, T, D) or integer ids
    (B, T): an id picks its row of W_xh, as a one-hot vector would. `params` holds
    W_xh (D, H), W_hh (H, H), b_h (H,), W_hy (H, V), b_y (V,); `rng` draws them.
    """

    def __init__(self, D, H, V, *, rng, dtype=np.float64):
        self.params = draw_params(D, H, V, rng=rng, dtype=dtype)

    def project(self, x):
        """What the input adds before the tanh: (..., H) for (..., D) or ids (...)."""
        W_xh, b_h = self.params["W_xh"], self.params["b_h"]
        return (W_xh[x] if x.dtype.kind in "iu" else x @ W_xh) + b_h

    def readout(self, h):
        """The logits (..., V) for states (..., H)."""
        return h @ self.params["W_hy"] + self.params["b_y"]

    def step(self, x, h_prev):
        """One step for x (B, D) or ids (B,) and h_prev (B, H): h (B, H), y (B, V)."""
        want_inputs(len(self.params["W_xh"]), "B", x=x)
        want_shapes(h_prev=(h_prev, f"{len(x)} {len(self.params['b_h'])}"))
        h = np.tanh(self.project(x) + h_prev @ self.params["W_hh"])
        return h, self.readout(h)

    def forward(self, X, h0=None):
        """All steps: logits (B, T, V) and states (B, T + 1, H), states[:, 0] = h0."""
        want_inputs(len(self.params["W_xh"]), "B T", x=X)
        hs = unroll(self.project(X), self.params["W_hh"], h0)
        return self.readout(hs[:, 1:]), hs

    def loss(self, logits, targets):
        """The total loss: L_t summed over the steps and the batch, in nats."""
        return softmax_cross_entropy(logits, targets)[0].sum()

    def backward(self, X, hs, dlogits, dh_last=0):
        """Gradients of the loss whose derivative in the logits is dlogits (B, T, V).

        X and hs as given to and returned by `forward`; dh_last (B, H) is what comes
        from after the last step. Returns grads, with the keys and shapes of `params`,
        and dh0 (B, H).
        """
        want_inputs(len(self.params["W_xh"]), "B T", x=X)
        want_shapes(dlogits=(dlogits, f"B T {len(self.params['b_y'])}"))
        dhs = dlogits @ self.params["W_hy"].T
        das, dh0 = unroll_back(dhs, hs, self.params["W_hh"], dh_last)
        if X.dtype.kind in "iu":
            X = np.eye(len(self.params["W_xh"]), dtype=das.dtype)[X]
        grads = {
            "W_xh": add_up(X, das),
            "W_hh": add_up(hs[:, :-1], das),
            "b_h": das.sum((0, 1)),
            "W_hy": add_up(hs[:, 1:], dlogits),
            "b_y": dlogits.sum((0, 1)),
        }
        return grads, dh0


class Adam:
    """Steps scaled by running means of each gradient and its square (Kingma 2015).

    `update(grads)` changes the arrays of `params` in place; keys must be the same.
    """

    def __init__(self, params, lr=0.01, beta1=0.9, beta2=0.99):
        self.params, self.lr, self.betas, self.n = params, lr, (beta1, beta2), 0
        self.m = {k: np.zeros_like(p) for k, p in params.items()}
        self.v = {k: np.zeros_like(p) for k, p in params.items()}

    def update(self, grads):
        _want_keys(grads, self.params)
        b1, b2 = self.betas
        self.n += 1
        for k, p in self.params.items():
            self.m[k] += (1 - b1) * (grads[k] - self.m[k])
            self.v[k] += (1 - b2) * (grads[k] ** 2 - self.v[k])
            m, v = self.m[k] / (1 - b1**self.n), self.v[k] / (1 - b2**self.n)
            p -= self.lr * m / (np.sqrt(v) + 1e-8)


def sample(rnn, first_ids, n, *, rng):
    """ids (len(first_ids) + n,): the given ones read in, then n more drawn in turn."""
    want_shapes(first_ids=(np.asarray(first_ids), "N"))
    want_sizes(first_ids=len(first_ids))
    _, hs = rnn.forward(np.asarray(first_ids)[None, :-1])
    ids, h = list(first_ids), hs[:, -1]
    for _ in range(n):
        h, y = rnn.step(np.array(ids[-1:]), h)
        p = np.exp(y[0] - y.max())
        ids.append(rng.choice(len(p), p=p / p.sum()))
    return np.array(ids)


def _want_keys(grads, params):
    if grads.keys() != params.keys():
        raise ValueError(f"grads: got {sorted(grads)}, want {sorted(params)}")
