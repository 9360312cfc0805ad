"""Lesson 05: reference and checker of the exercise on one step of a GRU."""

from __future__ import annotations

from itertools import permutations

import numpy as np

from helpers.exercises.engine.core import Wrong, call, close, same, shape_of
from helpers.nets.numpy_lstm import sigmoid

__all__ = ["check_gru_step", "gru_step"]


def gru_step(x, h, W_xh, W_hh, b_xh, b_hh):
    xr, xz, xn = np.split(x @ W_xh + b_xh, 3, axis=1)
    hr, hz, hn = np.split(h @ W_hh + b_hh, 3, axis=1)
    r, z = sigmoid(xr + hr), sigmoid(xz + hz)
    n = np.tanh(xn + r * hn)
    return (1 - z) * n + z * h


def _gru(ax, ah, h, order="rzn", *, squash=np.tanh, gate=sigmoid, reset=None, new=None):
    """One step from the sums of x and of h; the keywords do a part in another way."""
    xs = dict(zip(order, np.split(ax, 3, axis=1), strict=True))
    hs = dict(zip(order, np.split(ah, 3, axis=1), strict=True))
    r, z = (gate(xs[k] + hs[k]) for k in "rz")
    memory = r * hs["n"] if reset is None else reset(r, z, hs["n"])
    n = squash(xs["n"] + memory)
    return (1 - z) * n + z * h if new is None else new(z, n)


def _by_parts(ax, ah, h):
    """A step with a σ or tanh around each of the two parts of a sum."""
    (xr, xz, xn), (hr, hz, hn) = (np.split(a, 3, axis=1) for a in (ax, ah))
    r, z = (sigmoid(a) + sigmoid(b) for a, b in ((xr, hr), (xz, hz)))
    n = np.tanh(xn) + r * np.tanh(hn)
    return (1 - z) * n + z * h


def _outside(ax, ah, h):
    """A step whose r multiplies the whole candidate."""
    (xr, xz, xn), (hr, hz, hn) = (np.split(a, 3, axis=1) for a in (ax, ah))
    r, z = sigmoid(xr + hr), sigmoid(xz + hz)
    return (1 - z) * r * np.tanh(xn + hn) + z * h


def _across(a):
    """The columns (B, 3H) that a `reshape` to three blocks takes for r, z, n."""
    return np.concatenate(list(a.reshape(3, len(a), -1)), axis=1)


def _strided(a):
    """The columns (B, 3H) that a step of three takes for r, z, n."""
    return np.concatenate([a[:, k::3] for k in range(3)], axis=1)


def _mixed(ax, ah, h, memory):
    """A step that resets the old state in the mix."""
    (xr, xz, xn), (hr, hz, hn) = (np.split(a, 3, axis=1) for a in (ax, ah))
    r, z = sigmoid(xr + hr), sigmoid(xz + hz)
    return (1 - z) * np.tanh(xn + memory(r, hn)) + z * r * h


def _gru_mistakes(x, h, W_xh, W_hh, b_xh, b_hh):
    ax, ah, H = x @ W_xh + b_xh, h @ W_hh + b_hh, h.shape[1]
    W_n, b_n = W_hh[:, 2 * H :], b_hh[2 * H :]

    def early(r, z, hn):
        return (r * h) @ W_n + b_n

    def swapped(z, n):
        return z * n + (1 - z) * h

    return {
        "this is the convention of Chung et al. (2014), z swapped and the reset before "
        "the product; torch keeps z of the old state and resets after it": _gru(
            ax, ah, h, reset=early, new=swapped
        ),
        "z is swapped: in torch's convention z = 1 keeps the old state, "
        "h = (1 - z) * n + z * h": _gru(ax, ah, h, new=swapped),
        "you reset h before the product, as Cho et al. (2014) do; torch resets after "
        "it, r * (h @ W_hn + b_hn), so that one product serves all three": _gru(
            ax, ah, h, reset=early
        ),
        "b_hn is inside the reset: r * (h @ W_hn + b_hn); yours stands outside": _gru(
            ax, ah, h, reset=lambda r, z, hn: r * (hn - b_n) + b_n
        ),
        "the bias b_hn, the last third of `b_hh`, is missing in n": _gru(
            ax, ah, h, reset=lambda r, z, hn: r * (hn - b_n)
        ),
        "the product with W_hn is missing in n: r * (h @ W_hn + b_hn)": _gru(
            ax, ah, h, reset=lambda r, z, hn: r * h
        ),
        "r = 1 lets the old state in; you multiply by 1 - r": _gru(
            ax, ah, h, reset=lambda r, z, hn: (1 - r) * hn
        ),
        "the bias `b_hh` is missing": _gru(ax, ah - b_hh, h),
        "the bias `b_xh` is missing": _gru(ax - b_xh, ah, h),
        "both biases are missing": _gru(ax - b_xh, ah - b_hh, h),
        "`b_hh` stands at h's product alone; you added it to x's sum too": _gru(
            ax + b_hh, ah, h
        ),
        "`b_xh` belongs to x's sum; r multiplies h's part alone, with `b_hh` in it": (
            _gru(ax - b_xh, ah + b_xh, h)
        ),
        "x does nothing: `x @ W_xh` is missing": _gru(0 * ax + b_xh, ah, h),
        "h does nothing in the gates and in n: `h @ W_hh` is missing": _gru(
            ax, 0 * ah + b_hh, h
        ),
        "the matrices are swapped: x meets W_xh": _gru(
            x @ W_hh + b_xh, h @ W_xh + b_hh, h
        ),
        "x has no part in n: n = tanh(its part of x + r * its part of h)": _gru(
            ax * [*[1] * 2 * H, *[0] * H], ah, h
        ),
        "h has no part in n: n = tanh(its part of x + r * its part of h)": _gru(
            ax, ah, h, reset=lambda r, z, hn: 0 * hn
        ),
        "r stands inside the tanh of n, at the part of h; you put it outside": (
            _outside(ax, ah, h)
        ),
        "one of the two shares is 1 - z; you gave 1 - z to both": _gru(
            ax, ah, h, new=lambda z, n: (1 - z) * (n + h)
        ),
        "you add n and h whole; z shares them out: (1 - z) * n + z * h": _gru(
            ax, ah, h, new=lambda z, n: n + h
        ),
        "a gate works entry by entry, `*`; you multiplied matrices": _gru(
            ax, ah, h, new=lambda z, n: (1 - z) @ n + z @ h
        ),
        "z keeps h as it is; you took its tanh": _gru(
            ax, ah, h, new=lambda z, n: (1 - z) * n + z * np.tanh(h)
        ),
        "`reshape` cuts across the rows; np.split(a, 3, axis=1) cuts the columns": _gru(
            _across(ax), _across(ah), h
        ),
        "a gate has H columns side by side; you took every third": _gru(
            _strided(ax), _strided(ah), h
        ),
        "the reset gate is missing in n": _gru(ax, ah, h, reset=lambda r, z, hn: hn),
        "r multiplies the part of x too; it resets what comes from h alone": _gru(
            np.zeros_like(ax), ah + ax, h
        ),
        "z and r are swapped in n: it is reset by r": _gru(
            ax, ah, h, reset=lambda r, z, hn: z * hn
        ),
        "the candidate n goes through tanh, not σ": _gru(ax, ah, h, squash=sigmoid),
        "one σ and one tanh go around each whole sum, not one around each part": (
            _by_parts(ax, ah, h)
        ),
        "the candidate n has no tanh": _gru(ax, ah, h, squash=lambda a: a),
        "the gates r and z go through σ; you used tanh": _gru(ax, ah, h, gate=np.tanh),
        "this is the candidate n; mix it with the old state": _gru(
            ax, ah, h, new=lambda z, n: n
        ),
        "you add n whole; z of the old state leaves room for 1 - z of the new": _gru(
            ax, ah, h, new=lambda z, n: n + z * h
        ),
        "you keep h whole; (1 - z) of the new leaves room for z of the old": _gru(
            ax, ah, h, new=lambda z, n: (1 - z) * n + h
        ),
        "one of the two shares is 1 - z; you gave z to both": _gru(
            ax, ah, h, new=lambda z, n: z * (n + h)
        ),
        "r acts inside n only; what is kept is z of the whole old state": _mixed(
            ax, ah, h, lambda r, hn: r * hn
        ),
        "r stands inside n, at the part of h; you put it to the mix": _mixed(
            ax, ah, h, lambda r, hn: hn
        ),
        "a GRU has no tanh around the mix": _gru(
            ax, ah, h, new=lambda z, n: np.tanh((1 - z) * n + z * h)
        ),
    } | {
        f"you cut the columns as {' '.join(order)}; torch's order is r z n": _gru(
            ax, ah, h, order
        )
        for order in permutations("rzn")
        if order != ("r", "z", "n")
    }  # fmt: skip


def check_gru_step(answer) -> str:
    rng = np.random.default_rng(54)
    for B, D, H in ((3, 3, 3), (2, 4, 3), (1, 1, 1)):
        sizes = (B, D), (B, H), (D, 3 * H), (H, 3 * H), (3 * H,), (3 * H,)
        args = [rng.normal(size=s) for s in sizes]
        got = call(answer, *args, name="gru_step", unchanged=True)
        if isinstance(got, tuple):
            raise Wrong(
                f"a GRU has one memory: return the new h alone; you return {len(got)} "
                "results"
            )
        got = shape_of(got, {"B": B, "H": H}, "the new state")
        if D == 3:
            for words, wrong in _gru_mistakes(*args).items():
                if same(got, wrong, 1e-9):
                    raise Wrong(words)
        close(got, gru_step(*args), 1e-9, "the new state")
    return "The other convention is as good; but weights trained in one fail in it."
