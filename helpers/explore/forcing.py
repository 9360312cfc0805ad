"""Explorer of lesson 08: learning curves by teacher forcing ratio and by length."""

import numpy as np
from matplotlib.collections import LineCollection

from helpers.explore.kit.live import Live, figure, slider
from helpers.explore.kit.settings import settable
from helpers.plots import COLOURS

__all__ = ["explore_forcing"]

PLACES = {  # left, bottom, width, height in parts of the figure
    "curves": (0.075, 0.15, 0.52, 0.74),
    "grid": (0.68, 0.15, 0.27, 0.74),
}
KEYS = ("ratio", "length", "seed", "steps", "free", "forced")


@settable
def explore_forcing(rows):
    """Return a live figure of learning curves, one ratio and one length at a time.

    rows: dicts with ratio (the share of forced steps), length (of the numbers, in
    digits), seed, steps (when it was measured), free (exact match, running free) and
    forced (share of right tokens, each fed the right ones before it): every ratio with
    every length and seed. Left: the median of the seeds and their range; right: the
    exact match at the end, for all of the grid. ValueError if the grid has holes.
    """
    ratios, lengths, steps, free, forced = _grid(rows)
    picture = _Picture(ratios, lengths, steps, free, forced)

    def update(ratio, length):
        r, n = _nearest(ratios, ratio), _nearest(lengths, length)
        picture.show(r, n)
        return _words(ratios[r], lengths[n], steps, free[r, n], forced[r, n])

    controls = {
        "ratio": _slider("teacher forcing ratio", ratios),
        "length": _slider("length of numbers", lengths, "digits"),
    }
    alt = (
        "Learning curves of one teacher forcing ratio and one length: exact match when "
        "running free, and token accuracy with the teacher. Beside them the exact "
        "match at the end for every ratio and length."
    )
    return Live(picture.fig, update, controls, alt=alt)


def _grid(rows):
    """Axes and arrays (ratios, lengths, seeds, steps) of the rows."""
    rows = list(rows)
    if not rows:
        raise ValueError("rows is empty; a grid of runs is wanted")
    lacking = [key for key in KEYS if any(key not in row for row in rows)]
    if lacking:
        raise ValueError(f"rows: {', '.join(lacking)} missing in some of them")
    axes = [sorted({row[key] for row in rows}) for key in ("ratio", "length", "seed")]
    by_place = {(row["ratio"], row["length"], row["seed"]): row for row in rows}
    steps = list(rows[0]["steps"])
    if len(by_place) != np.prod([len(axis) for axis in axes]) or len(rows) > len(
        by_place
    ):
        raise ValueError(
            f"rows: each of {len(axes[0])} ratios, {len(axes[1])} lengths and "
            f"{len(axes[2])} seeds is wanted once, got {len(rows)} rows"
        )
    if any(list(row["steps"]) != steps for row in rows):
        raise ValueError("rows: the same steps are wanted in all of them")
    free, forced = (
        np.array(
            [
                [[by_place[r, n, seed][key] for seed in axes[2]] for n in axes[1]]
                for r in axes[0]
            ],
            dtype=float,
        )
        for key in ("free", "forced")
    )
    return np.array(axes[0]), np.array(axes[1]), np.array(steps), free, forced


def _slider(label, values, unit=""):
    gap = np.diff(values).min().item() if len(values) > 1 else 1
    low, high = values[0].item(), values[-1].item()
    return slider(label, high, low, high if high > low else low + gap, gap, unit=unit)


def _nearest(values, value):
    return int(np.abs(values - value).argmin())


def _words(ratio, length, steps, free, forced):
    """One line: how good at the end, by how far the teacher flatters."""
    end, teacher = free[:, -1], forced[:, -1]
    return (
        f"Ratio {ratio:g}, numbers of {length} digits, after {steps[-1]:,} "
        f"steps: {np.median(end):.0%} exact when it runs free (seeds {end.min():.0%} "
        f"to {end.max():.0%}); fed the right words it says {np.median(teacher):.0%} "
        "of the words right."
    )


class _Picture:
    """The artists of one figure; `show` sets them to one ratio and one length."""

    def __init__(self, ratios, lengths, steps, free, forced):
        self.steps, self.free, self.forced = steps, free, forced
        self.fig, axes = figure(1, 2, height=3.8)
        self.fig.set_layout_engine("none")
        for ax, place in zip(axes, PLACES.values(), strict=True):
            ax.set_position(place)
        self._curves(axes[0])
        self._grid(axes[1], ratios, lengths)

    def _curves(self, ax):
        ax.set(xlim=(0, self.steps[-1]), ylim=(0, 1.02))
        ax.set(xlabel="training step", ylabel="share right")
        look = {"animated": True, "clip_on": False}
        gru, ink = COLOURS["gru"], COLOURS["ink"]
        (self.median,) = ax.plot([], [], "-", color=gru, lw=2.5, zorder=4, **look)
        (self.taught,) = ax.plot([], [], "--", color=ink, lw=1.5, zorder=3, **look)
        (self.always,) = ax.plot([], [], ":", color=gru, lw=1.8, zorder=3, **look)
        seeds = LineCollection([], colors=gru, alpha=0.35, lw=1, animated=True)
        self.seeds = ax.add_collection(seeds, autolim=False)
        self.seeds.set_zorder(2)
        names = {
            "exact match, running free": (gru, "-", 2.5),
            "the same with ratio 1": (gru, ":", 1.8),
            "words right, with the teacher": (ink, "--", 1.5),
        }
        for row, (name, (colour, style, width)) in enumerate(names.items()):
            x, y = (0.02 if row < 2 else 0.52), 1.10 - 0.065 * (row % 2)
            line = {"transform": ax.transAxes, "clip_on": False, "zorder": 1}
            ax.plot([x, x + 0.06], [y, y], color=colour, ls=style, lw=width, **line)
            ax.text(x + 0.075, y, name, va="center", fontsize=9, **line)

    def _grid(self, ax, ratios, lengths):
        last = np.median(self.free[..., -1], axis=2).T  # (lengths, ratios)
        ax.imshow(last, cmap="Greens", vmin=0, vmax=1, aspect="auto", origin="lower")
        for (n, r), value in np.ndenumerate(last):
            ink = "white" if value > 0.6 else COLOURS["ink"]
            look = {"ha": "center", "va": "center", "fontsize": 9, "color": ink}
            ax.text(r, n, f"{value:.2f}".lstrip("0") if value < 1 else "1", **look)
        ax.set_xticks(range(len(ratios)), [f"{ratio:g}" for ratio in ratios])
        ax.set_yticks(range(len(lengths)), [str(n) for n in lengths])
        ax.set(xlabel="teacher forcing ratio", ylabel="length of the numbers (digits)")
        ax.set_title("exact match at the end (median)", fontsize=10)
        ax.tick_params(length=0, labelsize=9)
        self.frame = LineCollection([], colors=COLOURS["gold"], lw=3, animated=True)
        ax.add_collection(self.frame, autolim=False)
        self.frame.set(zorder=5)

    def show(self, r, n):
        runs = self.free[r, n]
        self.median.set_data(self.steps, np.median(runs, axis=0))
        self.always.set_data(self.steps, np.median(self.free[-1, n], axis=0))
        self.taught.set_data(self.steps, np.median(self.forced[r, n], axis=0))
        self.seeds.set_segments([np.column_stack([self.steps, run]) for run in runs])
        x, y = np.array([-1, 1, 1, -1, -1]) * 0.47, np.array([-1, -1, 1, 1, -1]) * 0.47
        self.frame.set_segments([np.column_stack([r + x, n + y])])
