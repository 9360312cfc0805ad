"""What becomes of a gradient on its way back through a recurrent net.

Row vectors: h_t = phi(x_t @ W_xh + h_{t-1} @ W_hh + b), so a small change dh of the
state moves on as dh @ J_t, and a gradient g comes back as g @ J_t.T, with the Jacobian
J_t[i, j] = d h_t[j] / d h_{t-1}[i] = W_hh[i, j] * phi'(a_t)[j].
"""

import numpy as np
import torch

from helpers.guards import want_sizes

__all__ = [
    "NONLINEARITIES",
    "clip_by_global_norm",
    "gradient_by_lag",
    "jacobian",
    "products",
    "rotation",
    "run_states",
    "spectral_radius",
]

# name -> (phi, its derivative written in terms of the state h = phi(a))
NONLINEARITIES = {
    "linear": (lambda a: a, lambda h: np.ones_like(h)),
    "tanh": (np.tanh, lambda h: 1 - h**2),
    "sigmoid": (lambda a: (1 + np.tanh(a / 2)) / 2, lambda h: h * (1 - h)),
    "ReLU": (lambda a: np.maximum(a, 0), lambda h: (h > 0).astype(h.dtype)),
}


def _square(W, name="W_hh"):
    W = np.asarray(W)
    if W.ndim != 2 or W.shape[0] != W.shape[1] or not W.size:
        raise ValueError(f"{name}: a square matrix (H, H) wanted, got shape {W.shape}")
    return W


def _phi(name):
    if name not in NONLINEARITIES:
        known = ", ".join(NONLINEARITIES)
        raise ValueError(f"nonlinearity: one of {known} wanted, got {name!r}")
    return NONLINEARITIES[name]


def spectral_radius(W):
    """The largest |eigenvalue| of W (H, H): the growth rate of W @ W @ … in the end."""
    return float(np.abs(np.linalg.eigvals(_square(W, "W"))).max())


def rotation(H, rng):
    """A random rotation (H, H), mirrored or not, drawn with `rng`: W @ W.T = I."""
    want_sizes(H=H)
    return np.linalg.qr(rng.normal(size=(H, H)))[0]


def run_states(W_hh, drive, nonlinearity="tanh"):
    """States (T + 1, H) of h_t = phi(drive_t + h_{t-1} @ W_hh), from h_0 = 0.

    drive (T, H): what the input adds at each step, x_t @ W_xh + b.
    """
    W_hh, (phi, _) = _square(W_hh), _phi(nonlinearity)
    drive = np.asarray(drive)
    if drive.ndim != 2 or drive.shape[1] != len(W_hh):
        want = f"(T, {len(W_hh)})"
        raise ValueError(f"drive: shape {want} wanted, got {drive.shape}")
    hs = np.zeros((len(drive) + 1, len(W_hh)))
    for t, a in enumerate(drive):
        hs[t + 1] = phi(a + hs[t] @ W_hh)
    return hs


def jacobian(W_hh, h, nonlinearity="tanh"):
    """J (H, H) of the step that ended in h (H,): J[i, j] = dh[j] / dh_prev[i].

    Column j of W_hh times phi' of unit j: W_hh @ diag(phi').
    """
    W_hh, (_, slope), h = _square(W_hh), _phi(nonlinearity), np.asarray(h)
    if h.shape != (len(W_hh),):
        raise ValueError(f"h: shape ({len(W_hh)},) wanted, got {h.shape}")
    return W_hh * slope(h)


def products(W_hh, hs, nonlinearity="tanh"):
    """d h_T / d h_{T-k} for every lag k = 0 … T: (T + 1, H, H), the identity first.

    hs (T + 1, H) as `run_states` returns it. The product is ordered, the earliest step
    on the left: J_{T-k+1} @ … @ J_T.
    """
    W_hh, hs = _square(W_hh), np.asarray(hs)
    chain = np.empty((len(hs), *W_hh.shape))
    chain[0] = np.eye(len(W_hh))
    for k, h in enumerate(hs[:0:-1], start=1):
        chain[k] = jacobian(W_hh, h, nonlinearity) @ chain[k - 1]
    return chain


def gradient_by_lag(model, x, loss_of):
    """How strongly the loss feels each input: array (T,), entry k for the input k steps
    before the last.

    model: a torch module; x (B, T, D); loss_of(model(x)): a scalar. The entry is the
    norm of dL/dx_t over D, averaged (root mean square) over the batch.
    """
    if x.dim() != 3:
        raise ValueError(f"x: shape (B, T, D) wanted, got {tuple(x.shape)}")
    x = x.detach().requires_grad_()
    loss = loss_of(model(x))
    if loss.dim():
        raise ValueError(f"loss_of: a scalar wanted, got shape {tuple(loss.shape)}")
    (gradient,) = torch.autograd.grad(loss, x)
    return gradient.square().sum(2).mean(0).sqrt().flip(0).numpy()


def clip_by_global_norm(grads, threshold):
    """The same gradients, scaled by one factor so that their common norm is at most
    `threshold`, and that norm before (Pascanu, Mikolov and Bengio 2013).

    grads: dict name -> array; the arrays are not changed.
    """
    if not threshold > 0:
        raise ValueError(f"threshold: a number above 0 wanted, got {threshold!r}")
    norm = np.sqrt(sum((g**2).sum() for g in grads.values()))
    scale = min(1.0, threshold / norm) if norm > 0 else 1.0
    return {name: g * scale for name, g in grads.items()}, norm
