"""Explorer of lesson 04: walking down to a cliff, with and without clipping."""

import numpy as np
from matplotlib import colormaps
from matplotlib.colors import LogNorm

from helpers.explore.kit.live import Live, choice, figure, slider
from helpers.explore.kit.settings import settable
from helpers.gradients.cliff import RULES, cliff, descend
from helpers.plots import COLOURS

__all__ = ["explore_cliff"]

STEPS = 150
W, B = (3.0, 7.0), (-4.0, -1.0)  # the window of the map


@settable
def explore_cliff(start=(5.5, -2.2), rule="none", lr=10**-0.5, threshold=10**-0.3):
    """Return a live figure of gradient descent on `cliff`, step by step.

    Left: the loss over the two weights, and the path so far; right: the loss and the
    gradient's norm at each step. start: (w, b) within 3 … 7 and -4 … -1; rule: a key of
    `RULES`, what is done to the gradient before the step.
    """
    if rule not in RULES:
        raise ValueError(f"rule: one of {', '.join(RULES)}, got {rule!r}")
    for name, value, (low, high) in zip("wb", start, (W, B), strict=True):
        if not low <= value <= high:
            raise ValueError(f"start: {name} from {low} to {high}, got {value!r}")
    controls = {
        "rule": choice("gradient's rule", list(RULES), rule),
        "threshold": slider("threshold", threshold, 0.1, 10, 0.1, log=True),
        "lr": slider("learning rate", lr, 0.01, 1, 0.1, log=True),
        "w": slider("start: w", start[0], *W, 0.1),
        "b": slider("start: b", start[1], *B, 0.1),
        "step": slider("step", STEPS, 0, STEPS, 1),
    }
    picture, known = _Picture(), {}

    def update(rule, threshold, lr, w, b, step):
        setting = {"rule": rule, "threshold": threshold, "lr": lr}
        if known.get("setting") != (setting, w, b):
            known["setting"] = setting, w, b
            known["run"] = descend((w, b), steps=STEPS, **setting)
        path, losses, norms = known["run"]
        picture.show(path, losses, norms, step, threshold if rule != "none" else None)
        return _words(path, losses, norms, step)

    return Live(
        picture.fig,
        update,
        controls,
        play="step",
        alt=(
            "Left: map of the loss over w and b, with a wall across it and the path of "
            "the descent. Right: loss and gradient norm against the step, both "
            "logarithmic, with the threshold as a line."
        ),
    )


def _words(path, losses, norms, step):
    """One sentence on where this step has come to."""
    w, b = path[step]
    outside = "" if W[0] <= w <= W[1] and B[0] <= b <= B[1] else ", off the map"
    words = (
        f"Step {step}: w = {w:.2f}, b = {b:.2f}{outside}; loss {losses[step]:.2g}, "
        f"gradient norm {norms[step]:.2g}."
    )
    if step:
        moved = np.hypot(*(path[1 : step + 1] - path[:step]).T)
        k = moved.argmax()
        words += f" The longest move so far, {moved[k]:.2g}, came at step {k + 1}."
    return words


class _Picture:
    """The artists of one figure; `show` sets them to one descent."""

    def __init__(self):
        self.fig, axes = figure(1, 2, height=3.9, width_ratios=[1.25, 1])
        live = {"animated": True}
        ax, past = axes
        ws, bs = np.meshgrid(np.linspace(*W, 400), np.linspace(*B, 300))
        losses = np.maximum(cliff(ws, bs)[0], 1e-4)
        shades = {
            "cmap": colormaps["Blues"].resampled(12),
            "norm": LogNorm(1e-4, 0.5),
            "aspect": "auto",
        }
        image = ax.imshow(losses, origin="lower", extent=(*W, *B), **shades)
        self.fig.colorbar(image, ax=ax, label="loss (no unit)", pad=0.02)
        ax.set(xlabel="recurrent weight w", ylabel="bias b", xlim=W, ylim=B)
        ax.grid(False)
        look = {"color": COLOURS["gold"], "ms": 3, "lw": 1}
        (self.path,) = ax.plot([], [], ".-", **look, **live)
        look = {"color": COLOURS["lstm"], "ms": 8, "markeredgecolor": "white"}
        (self.here,) = ax.plot([], [], "o", zorder=5, **look, **live)
        past.set(yscale="log", xlim=(0, STEPS), ylim=(1e-6, 1e4))
        past.set(xlabel="step of the descent", ylabel="loss and norm (no unit)")
        look = {"color": COLOURS["rnn"], "label": "loss"}
        (self.losses,) = past.plot([], [], **look, **live)
        look = {"color": COLOURS["backward"], "label": "gradient norm, before the rule"}
        (self.norms,) = past.plot([], [], **look, **live)
        look = {"color": COLOURS["baseline"], "ls": "--", "lw": 1}
        (self.threshold,) = past.plot([], [], label="threshold", **look, **live)
        above = {"loc": "lower center", "bbox_to_anchor": (0.45, 1), "ncols": 3}
        above |= {"columnspacing": 1, "handlelength": 1.5}
        past.legend(frameon=False, fontsize=9, **above)

    def show(self, path, losses, norms, step, threshold):
        n = np.arange(step + 1)
        self.path.set_data(*path[: step + 1].T)
        self.here.set_data(*path[step : step + 1].T)
        self.losses.set_data(n, np.maximum(losses[: step + 1], 1e-7))
        self.norms.set_data(n, np.maximum(norms[: step + 1], 1e-7))
        line = ([], []) if threshold is None else ([0, STEPS], [threshold] * 2)
        self.threshold.set_data(*line)
