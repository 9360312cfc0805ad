"""Explorer of lesson 11: which inputs one output of a stack of convolutions hears."""

from __future__ import annotations

import numpy as np

from helpers.explore.kit.live import Live, choice, figure, slider
from helpers.explore.kit.settings import settable
from helpers.explore.kit.words import moving_text
from helpers.nets.after.wavenet import receptive_field
from helpers.plots import COLOURS

__all__ = ["RULES", "explore_heard", "layers_of", "reached", "taps_of"]

T = 64  # inputs in the picture
RULES = {  # name -> dilation of block i, from 0 on
    "1, 2, 4, 8, …": lambda i: 2**i,
    "1, 1, 1, 1, …": lambda i: 1,
    "1, 2, 4, 1, 2, 4": lambda i: 2 ** (i % 3),
    "…, 8, 4, 2, 1": None,
}
PAST, AHEAD, OUTPUT = COLOURS["forward"], "#C00000", COLOURS["gold"]


def layers_of(rule, blocks, each, k):
    """Return [(k, d)] of all convolutions, the lowest first; each: so many a block."""
    if rule not in RULES:
        raise ValueError(f"rule: got {rule!r}, want one of {list(RULES)}")
    of = RULES[rule] or (lambda i: 2 ** (blocks - 1 - i))
    return [(k, of(i)) for i in range(blocks) for _ in range(each)]


def reached(layers, t, same=False):
    """Return for every layer, input first, the places (sorted) that output t hears.

    same: whether the padding is on both sides, half of it on the right.
    """
    places = [np.array([t])]
    for steps in reversed(taps_of(layers, same)):
        places.append(np.unique(places[-1][:, None] + steps))
    return places[::-1]


def taps_of(layers, same=False):
    """Return for every convolution, arrays (k,): how far from t each input is."""
    found = []
    for k, d in layers:
        ahead = (k - 1) * d - (k - 1) * d // 2 if same else 0
        found.append(ahead - d * np.arange(k))
    return found


@settable
def explore_heard(blocks=4):
    """Return a live figure of a stack of convolutions and what one output hears."""
    picture = _Picture()

    def update(k, rule, blocks, each, padding, t):
        layers = layers_of(rule, blocks, each, k)
        same = padding == "same"
        places = reached(layers, t, same)
        picture.show(places, taps_of(layers, same), t)
        return _words(layers, places[0], t)

    controls = {
        "k": slider("kernel k", 2, 2, 3, 1),
        "rule": choice("dilations", [*RULES]),
        "blocks": slider("blocks", blocks, 1, 6, 1),
        "each": slider("convolutions a block", 1, 1, 2, 1),
        "padding": choice("padding", ["causal", "same"]),
        "t": slider("output at", 48, 0, T - 1, 1),
    }
    alt = (
        "A row of dots for the inputs and one for each convolution above. Lines lead "
        "from one output down to all inputs that it hears; those ahead of it are red."
    )
    return Live(picture.fig, update, controls, alt=alt)


def _words(layers, heard, t):
    R, ahead = receptive_field(layers), int((heard > t).sum())
    parts = " + ".join(f"{k - 1}·{d}" if k > 2 else f"{d}" for k, d in layers)
    words = f"R = 1 + {parts} = {R}"
    if len(heard) < R:
        words += f", of which {R - len(heard)} are skipped"
    if ahead:
        return f"{words}. A leak: {ahead} of {len(heard)} inputs heard lie ahead."
    before = int((heard < 0).sum())
    zeros = f" Before the first input, so zeros: {before}." if before else ""
    return f"{words}.{zeros} Columns that it keeps to go on: {R - 1}."


class _Picture:
    """The artists; `show` sets them to one stack."""

    def __init__(self):
        self.fig, ax = figure(height=4.2)
        self.fig.set_layout_engine("none")
        ax.set_position((0.02, 0.15, 0.96, 0.80))
        ax.set(xlim=(-1, T), ylim=(-0.07, 1.12), yticks=[], xlabel="time")
        ax.grid(False)
        look = {"ls": "none", "marker": "o", "animated": True}
        self.lines = {
            name: ax.plot([], [], lw=0.8, color=ink, alpha=0.7, animated=True)[0]
            for name, ink in (("past", PAST), ("ahead", AHEAD))
        }
        self.dots = {
            name: ax.plot([], [], ms=size, color=ink, **look)[0]
            for name, ink, size in (
                ("all", COLOURS["faint"], 3.5),
                ("past", COLOURS["rnn"], 5.5),
                ("ahead", AHEAD, 5.5),
                ("output", OUTPUT, 9),
            )
        }
        place = {"transform": ax.transAxes, "fontsize": 9, "weight": "bold"}
        moving_text(ax, 0.01, 0.94, "inputs below, output above", **place)
        moving_text(ax, 0.30, 0.94, "heard", color=COLOURS["rnn"], **place)
        moving_text(ax, 0.37, 0.94, "ahead of the output", color=AHEAD, **place)

    def show(self, places, taps, t):
        """Draw a stack; places: of `reached`, taps: of `taps_of`."""
        heights = np.linspace(0, 1, len(places))
        grid = np.meshgrid(np.arange(T), heights)
        self.dots["all"].set_data(grid[0].ravel(), grid[1].ravel())
        x = np.concatenate(places)
        y = np.repeat(heights, [len(part) for part in places])
        for name, chosen in ("past", x <= t), ("ahead", x > t):
            seen = chosen & (x >= 0) & (x < T)
            self.dots[name].set_data(x[seen], y[seen])
        self.dots["output"].set_data([t], [1])
        for name, ahead in ("past", False), ("ahead", True):
            lines = [
                _edges(above, steps, heights[n : n + 2], t, ahead)
                for n, (above, steps) in enumerate(zip(places[1:], taps, strict=True))
            ]
            self.lines[name].set_data(*np.concatenate(lines, axis=1))


def _edges(above, steps, ends, t, ahead):
    """Return (2, N), x and y of lines from places down to what they hear, NaN between.

    ahead: those that lead to the right of t, or those that do not. Lines that leave
    the picture on the left are left out.
    """
    top = np.repeat(above, len(steps))
    low = (above[:, None] + steps).ravel()
    seen = ((np.maximum(top, low) > t) == ahead) & (top >= 0) & (low < T + 8)
    n = seen.sum()
    x = np.stack([low[seen], top[seen], np.full(n, np.nan)], axis=1)
    y = np.broadcast_to([*ends, np.nan], (n, 3))
    return np.stack([x.ravel(), y.ravel()])
