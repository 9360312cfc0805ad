"""Explorer of lesson 04: a gradient on its way back through a recurrent net."""

import numpy as np

from helpers.explore.kit.cells import cells
from helpers.explore.kit.live import Live, choice, figure, slider
from helpers.explore.kit.settings import settable
from helpers.explore.kit.words import moving_text
from helpers.gradients.recurrent import (
    NONLINEARITIES,
    products,
    rotation,
    run_states,
)
from helpers.plots import COLOURS

__all__ = ["explore_gradient"]

MOST = 100  # steps of time
FLOOR, CEILING = 1e-16, 1e8
MATRICES = ("Gaussian", "orthogonal", "identity")


@settable
def explore_gradient(gain=1.0, nonlinearity="tanh", scale=0.5, T=50, H=32, seed=0):
    """Return a live figure of d h_T / d h_{T-k} in a net with random weights.

    gain multiplies W_hh (a Gaussian one has spectral radius about 1 before); scale is
    the standard deviation of what the input adds to each unit at each step. Left: the
    Jacobian's size against the lag k; right, for one lag: the product itself, its
    singular values, and the eigenvalues of W_hh.
    """
    if nonlinearity not in NONLINEARITIES:
        known = ", ".join(NONLINEARITIES)
        raise ValueError(f"nonlinearity: one of {known}, got {nonlinearity!r}")
    controls = {
        "matrix": choice("W_hh is", MATRICES),
        "gain": slider("gain of W_hh", gain, 0.2, 2.0, 0.05),
        "nonlinearity": choice("nonlinearity", list(NONLINEARITIES), nonlinearity),
        "scale": slider("input scale", scale, 0.0, 3.0, 0.1),
        "T": slider("sequence length T", T, 10, MOST, 1, unit="steps"),
        "H": slider("hidden size H", H, 4, 64, 4, unit="units"),
        "lag": slider("lag k", min(20, T), 0, MOST, 1, unit="steps"),
    }
    picture, known = _Picture(), {}

    def update(matrix, gain, nonlinearity, scale, T, H, lag):
        if known.get("weights") != (matrix, H):
            known["weights"] = matrix, H
            known["W"] = _matrix(matrix, H, np.random.default_rng(seed))
            known["eigenvalues"] = np.linalg.eigvals(known["W"])
            known["noise"] = np.random.default_rng(seed + 1).normal(size=(MOST, H))
        setting = matrix, H, gain, nonlinearity, scale, T
        if known.get("setting") != setting:
            known["setting"] = setting
            W = gain * known["W"]
            with np.errstate(over="ignore", invalid="ignore"):
                hs = run_states(W, scale * known["noise"][:T], nonlinearity)
                known["chain"] = products(W, hs, nonlinearity)
        lag = min(lag, T)
        eigenvalues = gain * known["eigenvalues"]
        sizes, sigmas = picture.show(known["chain"], eigenvalues, lag)
        return _words(sizes, sigmas, np.abs(eigenvalues).max(), lag)

    return Live(
        picture.fig,
        update,
        controls,
        alt=(
            "Left: size of the gradient against the lag, on a logarithmic axis. "
            "Right: the Jacobian product at one lag as a heat map, its singular "
            "values, and the eigenvalues of W_hh beside the unit circle."
        ),
    )


def _matrix(kind, H, rng):
    if kind == "orthogonal":
        return rotation(H, rng)
    return np.eye(H) if kind == "identity" else rng.normal(size=(H, H)) / np.sqrt(H)


def _words(sizes, sigmas, radius, lag):
    """One sentence that reads the picture at the chosen lag."""
    size = sizes[lag]
    if not np.isfinite(size):
        return f"Over {lag} steps the product leaves the range of numbers: it explodes."
    if size == 0:
        return f"Over {lag} steps back nothing is left of a gradient."
    fate = "has grown" if size > 2 else "has shrunk" if size < 0.5 else "has about kept"
    to = "its size" if fate == "has about kept" else f"to {size:.2g} of its size"
    return (
        f"Over {lag} steps back a gradient {fate} {to}, on average over directions "
        f"(largest singular value {sigmas[0]:.2g}, smallest {sigmas[-1]:.2g}); "
        f"spectral radius of W_hh {radius:.2f}."
    )


class _Picture:
    """The artists of one figure; `show` sets them to one chain of products."""

    def __init__(self):
        layout = [["lags", "heat", "circle"], ["lags", "sigmas", "sigmas"]]
        self.fig, (ax,) = figure(height=4.4, squeeze=False)
        ax[0].remove()
        axes = self.fig.subplot_mosaic(layout, width_ratios=[2, 1, 1])
        live = {"animated": True}
        ax = axes["lags"]
        ax.set(yscale="log", ylim=(FLOOR, CEILING), xlim=(0, MOST))
        ax.set(xlabel="lag k (steps back)", ylabel="size of the gradient (lag 0: 1)")
        ax.axhline(1, color=COLOURS["faint"], zorder=1)
        look = {"color": COLOURS["backward"], "label": "measured, mean over directions"}
        (self.sizes,) = ax.plot([], [], **look, **live)
        look = {"color": COLOURS["baseline"], "ls": "--", "lw": 1}
        (self.rate,) = ax.plot([], [], label="(spectral radius)$^k$", **look, **live)
        (self.here,) = ax.plot([], [], "o", color=COLOURS["ink"], **live)
        ax.legend(frameon=False, loc="lower left").set_zorder(1)  # drawn once only
        ax = axes["heat"]
        place = {"extent": (0, 1, 1, 0), "cmap": "RdBu_r"}
        self.heat = cells(ax, np.zeros((1, 1)), vmin=-1, vmax=1, **place)
        ax.set(xticks=[], yticks=[], xlabel="unit at T", ylabel="unit k steps before")
        ax.set_title("Jacobian product (scaled)", fontsize=9)
        ax.grid(False)
        ax = axes["circle"]
        turn = np.linspace(0, 2 * np.pi, 100)
        ax.plot(np.cos(turn), np.sin(turn), color=COLOURS["faint"], zorder=1)
        look = {"ms": 3, "color": COLOURS["rnn"]}
        (self.eigenvalues,) = ax.plot([], [], "o", **look, **live)
        ax.set(xlim=(-2.3, 2.3), ylim=(-2.3, 2.3), xticks=[-1, 0, 1], yticks=[-1, 0, 1])
        ax.set(xlabel="real part", ylabel="imaginary part", aspect="equal")
        ax.set_title("eigenvalues of W_hh", fontsize=9)
        ax = axes["sigmas"]
        (self.sigmas,) = ax.plot([], [], ".-", color=COLOURS["gold"], **live)
        ax.set(yscale="log", ylim=(FLOOR, CEILING), xlim=(0, 1), xticks=[0, 0.5, 1])
        ax.set_xticks([0, 0.5, 1], ["largest", "middle", "smallest"])
        ax.axhline(1, color=COLOURS["faint"], zorder=1)
        ax.set(ylabel="singular value")
        look = {"ha": "center", "va": "center", "transform": ax.transAxes}
        self.note = moving_text(ax, 0.5, 0.45, **look)

    def show(self, chain, eigenvalues, lag):
        """Draw; return the sizes (T + 1,) and the singular values at the lag."""
        H = chain.shape[1]
        with np.errstate(over="ignore", invalid="ignore"):
            sizes = np.sqrt(np.einsum("kij, kij -> k", chain, chain) / H)
        product = chain[lag]
        if np.isfinite(product).all():
            sigmas = np.linalg.svd(product, compute_uv=False)
        else:
            sigmas = np.full(H, np.inf)
        lags = np.arange(len(chain))
        self.sizes.set_data(lags, np.clip(sizes, FLOOR / 10, CEILING * 10))
        with np.errstate(over="ignore"):
            rate = np.abs(eigenvalues).max() ** lags
        self.rate.set_data(lags, np.clip(rate, FLOOR / 10, CEILING * 10))
        self.here.set_data([lag], np.clip(sizes[[lag]], FLOOR, CEILING))
        top = np.abs(product).max()
        self.heat.set_data(product / top if 0 < top < np.inf else np.zeros((H, H)))
        self.eigenvalues.set_data(eigenvalues.real, eigenvalues.imag)
        place = np.linspace(0, 1, H) if H > 1 else [0]
        self.sigmas.set_data(place, np.clip(sigmas, FLOOR, CEILING))
        faint, huge = (sigmas <= FLOOR).all(), (sigmas >= CEILING).all()
        self.note.set_text(
            "all below the scale" if faint else "all above the scale" if huge else ""
        )
        return sizes, sigmas
