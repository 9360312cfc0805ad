"""Backpropagation through time, path by path: from every loss to every step."""

import copy

import numpy as np

__all__ = ["Paths", "kept_paths"]


class Paths:
    """The gradient of every loss on its way back to every state, in float64.

    rnn: helpers.nets.numpy_rnn.RNN; X, Y: T input and T target ids; gain multiplies
    W_hh. `dh` (T, T, H): dh[t - 1, s - 1] is dL_t/dh_s, zero where s > t; `da` the same
    before the tanh. dW_hh is the sum over s of h_{s-1} (outer) da of step s.
    """

    def __init__(self, rnn, X, Y, gain=1.0):
        X, Y = np.asarray(X), np.asarray(Y)
        if X.ndim != 1 or not X.size:
            raise ValueError(f"X: at least one id wanted, got shape {X.shape}")
        if Y.shape != X.shape:
            raise ValueError(f"Y: shape {X.shape} wanted, as X has, got {Y.shape}")
        if not np.isfinite(gain):
            raise ValueError(f"gain: a finite number wanted, got {gain!r}")
        net = copy.copy(rnn)
        net.params = {k: np.asarray(v, float) for k, v in rnn.params.items()}
        net.params["W_hh"] = W_hh = gain * net.params["W_hh"]
        logits, hs = net.forward(X[None])
        self.h_prev, h, T = hs[0, :-1], hs[0, 1:], len(X)
        p = np.exp(logits[0] - logits[0].max(axis=1, keepdims=True))
        p /= p.sum(axis=1, keepdims=True)
        p[np.arange(T), Y] -= 1
        start = p @ net.params["W_hy"].T  # dL_t/dh_t, the first factor of every path
        self.dh, self.da = np.zeros((2, T, T, h.shape[1]))
        for s in reversed(range(T)):
            self.dh[s, s] = start[s]
            if s + 1 < T:
                self.dh[s + 1 :, s] = self.da[s + 1 :, s + 1] @ W_hh.T
            self.da[s:, s] = self.dh[s:, s] * (1 - h[s] ** 2)
        self._overlap = self.h_prev @ self.h_prev.T

    def norms(self):
        """Norms of dL_t/dh_s (T, T), row t - 1, column s - 1."""
        return np.linalg.norm(self.dh, axis=2)

    def parts(self, kept):
        """Norm of what each step adds to dW_hh (…, T), along kept paths (…, T, T)."""
        back = np.linalg.norm(self._back(kept), axis=-1)
        return back * np.linalg.norm(self.h_prev, axis=1)

    def gradient(self, kept):
        """dW_hh (H, H) along the kept paths (T, T)."""
        return self.h_prev.T @ self._back(kept)

    def compare(self, kept, full):
        """Relative error and cosine of dW_hh along `kept` (K, T, T) against `full`.

        Both (K,), NaN where a gradient is zero.
        """
        some, all_of_it = self._back(kept), self._back(full)
        norm, some_norm = self._size(all_of_it), self._size(some)
        with np.errstate(divide="ignore", invalid="ignore"):
            error = self._size(some - all_of_it) / norm
            dot = np.sum((self._overlap @ some) * all_of_it, axis=(-2, -1))
            return error, dot / (some_norm * norm)

    def _back(self, kept):
        """What comes back to each step along the kept paths: (…, T, H)."""
        kept = np.moveaxis(np.asarray(kept, float), -1, 0)  # (T, …, T): step s first
        sums = [k @ self.da[:, s] for s, k in enumerate(kept)]
        return np.stack(sums, axis=-2)

    def _size(self, back):
        """Norm of the sum over s of h_{s-1} (outer) back_s, without building it."""
        square = np.sum((self._overlap @ back) * back, axis=(-2, -1))
        return np.sqrt(np.maximum(square, 0))


def kept_paths(T, k, cut, t=None):
    """Which paths (T, T) from loss row + 1 to step column + 1 truncation leaves.

    cut 'chunks': within one of the chunks of k steps; 'per loss': the k steps up to
    each loss. t: the paths of the loss of step t only.
    """
    if T < 1 or k < 1:
        name, number = ("T", T) if T < 1 else ("k", k)
        raise ValueError(f"{name}: at least 1 step wanted, got {number!r}")
    if cut not in ("chunks", "per loss"):
        raise ValueError(f"cut: 'chunks' or 'per loss' wanted, got {cut!r}")
    if t is not None and not 1 <= t <= T:
        raise ValueError(f"t: a step from 1 to {T} wanted, or None, got {t!r}")
    t_of, s_of = np.indices((T, T))
    near = t_of // k == s_of // k if cut == "chunks" else t_of - s_of < k
    return near & (s_of <= t_of) & (True if t is None else t_of == t - 1)
