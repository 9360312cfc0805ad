"""Explorer of lesson 12: tick leaks, see what they are worth then and in production."""

from __future__ import annotations

import numpy as np
from matplotlib.collections import PolyCollection

from helpers.explore.kit.live import Live, choice, figure, toggle
from helpers.explore.kit.numbers import signed
from helpers.explore.kit.settings import settable
from helpers.explore.kit.words import moving_text
from helpers.nets.series.leaky import LEAKS, reached
from helpers.plots import COLOURS

__all__ = ["explore_leaks"]

THEN, NOW = COLOURS["lstm"], COLOURS["rnn"]
LOWEST = -1.0  # scores below stand at the edge


@settable
def explore_leaks(rows):
    """Return a live figure of a forecaster with leaks, on random walks.

    rows: dicts with leaks (a list of some of LEAKS), h (days ahead), then and now
    (skills, one a walk): every set of leaks with every horizon. Left: the score in the
    test part and in production, a dot for each walk; middle: the same by horizon;
    right: which inputs of a window move when the days after it are changed.
    ValueError if a set is missing.
    """
    table = {(frozenset(row["leaks"]), row["h"]): row for row in rows}
    horizons = sorted({h for _, h in table})
    if len(table) != 32 * len(horizons) or not horizons:
        raise ValueError(
            f"rows: each of 32 sets of leaks with each horizon wanted, got {len(table)}"
        )
    picture, moved = _Picture(horizons), {}

    def update(h, **ticks):
        leaks = [name for name, key in zip(LEAKS, _keys(), strict=True) if ticks[key]]
        seen = frozenset(leaks)
        inside = seen - {"shuffled", "tuned on test"}
        if inside not in moved:
            moved[inside] = reached(inside)
        picture.show([table[seen, k] for k in horizons], horizons.index(h))
        picture.reach(moved[inside])
        return _words(leaks, table[seen, h], moved[inside])

    controls = {"h": choice("days ahead", horizons, horizons[len(horizons) // 2])}
    controls |= {
        key: toggle(name, key == "leak_2")
        for key, name in zip(_keys(), LEAKS, strict=True)
    }
    alt = (
        "Left: skill in the test part and in production, a dot for each random walk; "
        "middle: the medians by days ahead; right: how far each input of a window "
        "moves when the future is changed."
    )
    return Live(picture.fig, update, controls, alt=alt)


def _keys():
    return [f"leak_{k}" for k in range(len(LEAKS))]


def _words(leaks, row, moved):
    then, now = np.median(row["then"]), np.median(row["now"])
    touched = int((moved > 1e-9).sum())
    names = ", ".join(leaks) or "no leak"
    hint = (
        f"{touched} of {len(moved)} inputs move when the future is changed"
        if touched
        else "no input moves when the future is changed"
    )
    return f"{names}: skill {signed(then)} then, {signed(now)} in production; {hint}."


class _Picture:
    """The artists of the figure; `show` and `reach` set them to one set of leaks."""

    def __init__(self, horizons):
        self.fig, axes = figure(1, 3, height=3.7)
        self.fig.set_layout_engine("none")
        for ax, left, width in zip(
            axes, (0.08, 0.44, 0.77), (0.26, 0.22, 0.21), strict=True
        ):
            ax.set_position((left, 0.16, width, 0.70))
        self._scores(axes[0])
        self._horizons(axes[1], horizons)
        self._inputs(axes[2])

    def _scores(self, ax):
        ax.set(xlim=(-0.4, 1.75), ylim=(LOWEST - 0.1, 1.1), ylabel="skill")
        ax.set_yticks([-1, -0.5, 0, 0.5, 1])
        ax.set_xticks([0, 1], ["then", "in production"])
        ax.axhline(0, color=COLOURS["baseline"], lw=1)
        _title(ax, "a dot: a random walk")
        look = {"ls": "", "marker": "o", "ms": 5, "alpha": 0.5, "animated": True}
        self.dots = [ax.plot([], [], color=c, **look)[0] for c in (THEN, NOW)]
        line = {"lw": 3, "animated": True}
        self.medians = [ax.plot([], [], color=c, **line)[0] for c in (THEN, NOW)]
        self.numbers = [
            moving_text(ax, x + 0.3, 0, va="center", color=c, weight="bold")
            for x, c in enumerate((THEN, NOW))
        ]

    def _horizons(self, ax, horizons):
        n = len(horizons)
        ax.set(xlim=(-0.3, n - 0.7), ylim=(LOWEST - 0.1, 1.1), xlabel="days ahead")
        ax.set_xticks(range(n), horizons)
        ax.set_yticks([-1, -0.5, 0, 0.5, 1])
        ax.axhline(0, color=COLOURS["baseline"], lw=1)
        _title(ax, "medians: then, in production")
        look = {"marker": "o", "lw": 2, "animated": True}
        self.lines = [ax.plot([], [], color=c, **look)[0] for c in (THEN, NOW)]
        mark = {"lw": 8, "alpha": 0.25, "animated": True, "color": COLOURS["gold"]}
        (self.cursor,) = ax.plot([], [], **mark)

    def _inputs(self, ax):
        ax.set(xlim=(-21, 1), ylim=(0, 10), xlabel="input, days before today")
        ax.set_xticks([-20, -10, 0], ["20", "10", "0"])
        _title(ax, "inputs moved by the future")
        ax.set_ylabel("in daily changes")
        self.bars = PolyCollection([], facecolor=THEN, animated=True)
        ax.add_collection(self.bars, autolim=False)

    def show(self, rows, chosen):
        """Draw the scores at all horizons, and those of the chosen one in full."""
        row = rows[chosen]
        jitter = np.linspace(-0.12, 0.12, len(row["then"]))
        for x, key in enumerate(("then", "now")):
            scores = np.maximum(row[key], LOWEST)
            middle = max(float(np.median(row[key])), LOWEST)
            self.dots[x].set_data(x + jitter, scores)
            self.medians[x].set_data([x - 0.2, x + 0.2], [middle, middle])
            self.numbers[x].set_y(middle)
            self.numbers[x].set_text(signed(float(np.median(row[key]))))
            along = [max(float(np.median(r[key])), LOWEST) for r in rows]
            self.lines[x].set_data(range(len(rows)), along)
        self.cursor.set_data([chosen, chosen], [LOWEST, 1])

    def reach(self, moved):
        """Draw by how much each input moves."""
        days = np.arange(1 - len(moved), 1)
        self.bars.set_verts([
            [(d - 0.4, 0), (d + 0.4, 0), (d + 0.4, y), (d - 0.4, y)]
            for d, y in zip(days, np.minimum(moved, 10), strict=True)
            if y > 1e-9
        ])  # fmt: skip


def _title(ax, words):
    place = {"transform": ax.transAxes, "ha": "center", "fontsize": 10}
    moving_text(ax, 0.5, 1.03, words, **place)
