"""The picture of `explore_lookback`: a map of looks, what is written, one bent row."""

import numpy as np
from matplotlib.patches import Rectangle

from helpers.explore.kit.cells import cells
from helpers.explore.kit.live import figure
from helpers.explore.kit.sentences import shown
from helpers.explore.kit.typed import Labels, show_text
from helpers.plots import COLOURS

__all__ = ["Looks"]

PLACES = {  # left, bottom, width, height in parts of the figure
    "map": (0.085, 0.09, 0.45, 0.76),
    "own": (0.555, 0.09, 0.13, 0.76),
    "bent": (0.685, 0.09, 0.13, 0.76),
    "row": (0.845, 0.30, 0.145, 0.42),
}


class Looks:
    """The artists of one figure; `show` sets them to one run and one bent row.

    All axes run from 0 to 1, so that maps of any number of rows and columns fit.
    """

    def __init__(self):
        self.fig, axes = figure(1, len(PLACES), height=5.0)
        self.fig.set_layout_engine("none")
        self.ax = dict(zip(PLACES, axes, strict=True))
        for name, ax in self.ax.items():
            ax.set_position(PLACES[name])
        ax = self.ax["map"]
        ax.set(xticks=[], yticks=[])
        ax.set_ylabel("step of the decoder", labelpad=20)
        ax.set_xlabel("what is read: its weights, white 0 … dark 1", fontsize=9.5)
        look = {"cmap": "Blues", "vmin": 0, "vmax": 1, "zorder": 1}
        self.grid = cells(ax, np.zeros((1, 1)), extent=(0, 1, 1, 0), **look)
        ax.set(xlim=(0, 1), ylim=(1, 0))
        look = {"fill": False, "lw": 1.6, "edgecolor": COLOURS["lstm"], "zorder": 4}
        self.box = ax.add_patch(Rectangle((0, 0), 1, 1, animated=True, **look))
        look = {"fill": False, "lw": 1.2, "edgecolor": COLOURS["gold"], "zorder": 3}
        self.word = ax.add_patch(Rectangle((0, 0), 1, 1, animated=True, **look))
        for name, title in ("own", "it writes"), ("bent", "with the bent look"):
            self.ax[name].set(xlim=(0, 1), ylim=(1, 0))
            self.ax[name].set_axis_off()
            self.ax[name].set_title(title, fontsize=9.5, y=1.0)
        self._row()
        self.labels = {name: Labels(self.ax[name], 8.5) for name in ("own", "bent")}
        self.source, self.steps = Labels(self._head(), 8), Labels(self._side(), 8)
        self.shown = None

    def _head(self):
        """Axes above the map, in whose lines the source words take turns."""
        left, bottom, width, height = PLACES["map"]
        ax = self.fig.add_axes((left - 0.03, bottom + height, width + 0.06, 0.13))
        part = 0.03 / width  # the first word and the last may stand out
        ax.set(xlim=(-part, 1 + part), ylim=(-0.6, 2.6))
        ax.set_axis_off()
        return ax

    def _side(self):
        """Axes left of the map, for the numbers of its rows."""
        left, bottom, _, height = PLACES["map"]
        ax = self.fig.add_axes((left - 0.03, bottom, 0.03, height))
        ax.set(xlim=(0, 1), ylim=(1, 0))
        ax.set_axis_off()
        return ax

    def _row(self):
        ax = self.ax["row"]
        ax.set(xlim=(0, 1), ylim=(0, 1), xticks=[], yticks=[0, 0.5, 1])
        ax.tick_params(labelsize=9)
        ax.set_title("that look: own, bent", fontsize=9.5, zorder=0)
        ax.set_xlabel("what is read", fontsize=9.5)
        (self.own_row,) = ax.plot([], [], "o-", color=COLOURS["ink"], ms=3, lw=1)
        (self.bent_row,) = ax.plot([], [], "s-", color=COLOURS["lstm"], ms=4, lw=1.4)
        for line in (self.own_row, self.bent_row):
            line.set(animated=True, clip_on=False)

    def show(self, coder, shape, source, own, bent, s, place, bend=True):
        """Show the tokens of source, and two runs as `bent_run` returns them.

        coder: of what is written; shape: the rows and columns that there is room for;
        s, place: the step and the token that are framed; bend: is bent another run?
        """
        rows, columns = shape
        if self.shown != (shape, source):
            self.shown = shape, source
            self._names(rows, columns, source)
        weights = np.zeros(shape)
        weights[: len(bent[1]), : len(source)] = bent[1]
        self.grid.set_data(weights)
        self.box.set_bounds(0, (s - 1) / rows, len(source) / columns, 1 / rows)
        self.word.set_bounds((place - 1) / columns, 0, 1 / columns, len(own[0]) / rows)
        for name, ids in ("own", own[0]), ("bent", bent[0]):
            self.labels[name].clear()
            if name == "bent" and not bend:
                continue
            for t, id in enumerate(ids):
                new = name == "bent" and (t >= len(own[0]) or id != own[0][t])
                ink = COLOURS["lstm" if new else "ink"]
                word = shown(coder.symbols[id])[:13]
                self.labels[name].put(word, 0.5, (t + 0.5) / rows, ink)
        places = (np.arange(len(source)) + 0.5) / columns
        self.own_row.set_data(places, own[1][s - 1])
        row = bent[1][s - 1] if bend else []
        self.bent_row.set_data(places[: len(row)], row)

    def _names(self, rows, columns, source):
        """Write what is read above the map, and the steps beside it."""
        self.source.clear()
        self.steps.clear()
        letters = all(len(word) == 1 for word in source)
        for column, word in enumerate(source):
            line = 0 if letters else column % 3
            word = show_text(word[:10])
            self.source.put(word, (column + 0.5) / columns, line, COLOURS["ink"])
        for step in range(1, rows + 1, 2):
            self.steps.put(f"{step}", 0.6, (step - 0.5) / rows, COLOURS["ink"])
