"""One outcome of the clinic as a small picture: curves, bars, a map or texts."""

from __future__ import annotations

import math

import numpy as np
from matplotlib.collections import LineCollection, PolyCollection

from helpers.explore.kit.cells import cells
from helpers.explore.kit.typed import Labels
from helpers.plots import COLOURS

__all__ = ["TESTS", "Panel", "said"]

TESTS = {  # the key of an outcome → the name of its test
    "start": "loss at the start",
    "look": "look before the net",
    "zero": "input set to zero",
    "two": "overfit two names",
    "norms": "gradient norms",
    "map": "gradient map",
    "padding": "more padding",
    "again": "the same batch again",
    "seed": "the same seed again",
    "sweep": "other learning rates",
}
TOP = 3.6  # nats; the end of the axis
LEFT, RIGHT, LOW, HIGH = 0.13, 0.97, 0.16, 0.84  # the plot within its panel
MINE, OTHER, GREY = COLOURS["rnn"], COLOURS["lstm"], COLOURS["baseline"]
START = math.log(27)
LEGEND = [("this one", MINE), ("healthy", OTHER), ("ln 27", GREY)]


class Panel:
    """A panel of the figure; `show` draws one outcome into it, or nothing."""

    def __init__(self, ax):
        ax.set(xlim=(0, 1), ylim=(0, 1))
        ax.axis("off")
        x, y = [LEFT, LEFT, RIGHT], [HIGH, LOW, LOW]
        ax.plot(x, y, color=GREY, lw=0.8, zorder=1)
        place = (LEFT, RIGHT, LOW, HIGH)
        look = {"cmap": "Blues", "vmin": 0, "vmax": 1, "extent": place}
        self.map = cells(ax, np.zeros((6, 8)), **look)
        ax.set(xlim=(0, 1), ylim=(0, 1))
        self.bars = PolyCollection([], animated=True, zorder=3)
        self.lines = LineCollection([], lw=2, animated=True, zorder=4)
        for part in (self.bars, self.lines):
            ax.add_collection(part, autolim=False)
        self.labels = Labels(ax, 9)
        self.place, self.zero = np.array([RIGHT - LEFT, HIGH - LOW]), (LEFT, LOW)

    def show(self, test, found, name):
        """Draw found, the outcome of a test; None: what stands for no test."""
        self.labels.clear()
        self.map.set_visible(test == "map")
        self.bars.set_verts([])
        self._lines([])
        self._put(name, 0.5, 0.94, COLOURS["ink"])
        if found is not None:
            getattr(self, f"_{test}")(found)

    def _put(self, text, x, y, ink=GREY):
        self.labels.put(text, x, y, ink)

    def _at(self, x, y):
        """Points of the plot's unit square in the panel."""
        return np.column_stack([x, np.clip(y, 0, 1)]) * self.place + self.zero

    def _lines(self, lines):
        """Draw (xs, ys, colour) in the unit square; a dashed one is grey."""
        self.lines.set_segments([self._at(x, y) for x, y, _ in lines])
        self.lines.set_color([ink for *_, ink in lines] or [GREY])
        self.lines.set_linestyle(["--" if i == GREY else "-" for *_, i in lines] or "-")

    def _curves(self, *curves, level=None, words=()):
        """Curves over the steps, and a level, in nats."""
        x = np.linspace(0, 1, len(curves[0]))
        inks = (MINE, OTHER)
        lines = [
            (x, np.array(c) / TOP, ink) for c, ink in zip(curves, inks, strict=False)
        ]
        if level is not None:
            lines.insert(0, ([0, 1], np.array([level, level]) / TOP, GREY))
        self._lines(lines)
        self._put(f"{TOP:g}", 0.06, HIGH)
        self._put("0", 0.06, LOW)
        self._put("100 steps", 0.55, 0.07)
        highest = 0.32 + 0.08 * (len(words) > 2)
        for row, (text, ink) in enumerate(words):
            self._put(text, 0.6, highest - 0.08 * row, ink)

    def _heights(self, values, names, top):
        """Bars, each with its number above and its name below."""
        middles = (np.arange(len(values)) + 0.5) / len(values)
        heights = np.clip(np.array(values) / top, 0, 0.88)
        corners = [
            self._at([m - 0.16, m - 0.16, m + 0.16, m + 0.16], [0, h, h, 0])
            for m, h in zip(middles, heights, strict=True)
        ]
        self.bars.set_verts(corners)
        self.bars.set_facecolor([MINE, GREY])
        for m, h, value, name in zip(middles, heights, values, names, strict=True):
            (x, y), *_ = self._at([m], [h])
            self._put(f"{value:.3g}", x, y + 0.05, COLOURS["ink"])
            self._put(name, x, 0.07)

    def _curve(self, found):
        self._curves(*found, level=START, words=LEGEND)

    def _start(self, found):
        self._heights([found, START], ["this run", "ln 27"], TOP * 1.1)

    def _look(self, found):
        for row, (x, y) in enumerate(found):
            self._put(x, 0.55, 0.74 - 0.22 * row, MINE)
            self._put(y, 0.55, 0.66 - 0.22 * row, OTHER)
        self._put("in, wanted", 0.55, 0.07)

    def _zero(self, found):
        self._curves(*found, words=[("as it is", MINE), ("input zero", OTHER)])

    def _two(self, found):
        self._curves(found)
        # between the curves that fall and those that do not
        self._put("two names", 0.6, 0.57, MINE)

    def _norms(self, found):
        self._heights(found, ["LSTM", "read-out"], max(found) * 1.2)

    def _map(self, found):
        self.map.set_data(np.array(found))
        x, y = (np.array([4, 5, 5, 4, 4]) / 8, 1 - np.array([2, 2, 3, 3, 2]) / 6)
        self._lines([(x, y, COLOURS["gold"])])
        self._put("letters 1 to 8", 0.55, 0.07)
        self._put("names", 0.09, 0.9)

    def _padding(self, found):
        self._heights(found, ["as it is", "20 more"], TOP * 1.1)

    def _again(self, found):
        self._heights([found], ["largest difference"], 0.08)

    def _seed(self, found):
        apart = f"apart {_apart(found):.2f}"
        self._curves(*found, words=[("once", MINE), ("again", OTHER), (apart, GREY)])

    def _sweep(self, found):
        x = np.linspace(0, 1, len(found))
        self._lines([(x, np.array(found) / TOP, MINE)])
        self._put(f"{TOP:g}", 0.06, HIGH)
        self._put("0", 0.06, LOW)
        self._put("rate .00002 to 2", 0.55, 0.07)


def said(test, found):
    """Return the outcome of a test in words."""
    if test == "map":
        rows = [b + 1 for b in range(6) if max(found[b]) > 0]
        late = max(found[2][5:]) > 0
        words = f"name{'s' * (len(rows) > 1)} " + ", ".join(map(str, rows))
        words = words if rows else "nothing"
        return f"the answer hangs on {words}" + (", later letters too" if late else "")
    if test == "look":
        return f"{found[0][0]} goes in, {found[0][1]} is wanted"
    if test == "start":
        return f"{found:.2f} nats, and ln 27 = {START:.2f}"
    if test == "zero":
        return f"{found[0][-1]:.2f} and {found[1][-1]:.2f} nats at the end"
    if test == "seed":
        return f"the two losses are up to {_apart(found):.2f} nats apart"
    if test == "two":
        return f"{found[-1]:.2f} nats at the end"
    if test == "norms":
        return f"LSTM {found[0]:.3f}, read-out {found[1]:.3f}"
    if test == "padding":
        return f"{found[0]:.2f} nats, and {found[1]:.2f} with 20 more places"
    if test == "again":
        return f"the outputs differ by {found:.3f}"
    return f"from {found[0]:.2f} nats over {min(found):.2f} to {found[-1]:.2f}"


def _apart(found):
    """Return how far two runs are apart where they are furthest, in nats."""
    return float(np.abs(np.subtract(*found)).max())
