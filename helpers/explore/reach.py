"""Explorer of lesson 06: which inputs can reach an output of a deep network."""

from __future__ import annotations

import base64
import io
from pathlib import Path

import anywidget
import numpy as np
import traitlets
from matplotlib.collections import LineCollection

from helpers.explore.kit.controls import script
from helpers.explore.kit.live import NeedsKernel, figure
from helpers.explore.kit.settings import NO_CALL, settable
from helpers.plots import COLOURS

__all__ = ["ReachExplorer", "draw_reach", "explore_reach", "ways"]

WIRINGS = {  # name -> the directions of the layers from the bottom, again and again
    "forward": ["forward"],
    "backward": ["backward"],
    "both": ["both"],
    "forward, then backward": ["forward", "backward"],
    "both in layer 1, then forward": ["both", *["forward"] * 3],
}
LOOK = {
    "x": COLOURS["baseline"],
    "y": COLOURS["gold"],
    "forward": COLOURS["forward"],
    "backward": COLOURS["backward"],
}


def units(direction):
    """Return the directions of a layer's units."""
    return ("forward", "backward") if direction == "both" else (direction,)


def ways(directions, T, t):
    """Return in how many ways each unit can reach output t (from 0), bottom up.

    directions: one of forward, backward, both for each layer. The result is a list:
    first an array (T,) for the inputs, then for each layer an array (units, T). A way
    leads from a unit to the next one in its direction, or to any unit above it at the
    same step.
    """
    above, found = (np.arange(T) == t).astype(int), []
    for direction in reversed(directions):
        own = [
            above[::-1].cumsum()[::-1] if way == "forward" else above.cumsum()
            for way in units(direction)
        ]
        found.append(np.array(own))
        above = found[-1].sum(axis=0)
    return [above, *reversed(found)]


def draw_reach(directions, T, t):
    """Return a Figure of the unrolled network with the ways to output t marked."""
    inputs, *layers = ways(directions, T, t)
    top = len(layers) + 1
    fig, ax = figure(width=0.7 * T + 1.2, height=0.75 * top + 0.6)
    ax.set(xlim=(-1.3, T - 0.4), ylim=(-0.75, top + 0.4))
    ax.set_axis_off()
    faint, strong = [], []
    for k, (direction, own) in enumerate(zip(directions, layers, strict=True)):
        below = units(directions[k - 1]) if k else ()
        for way, ahead in zip(units(direction), own, strict=True):
            for s in range(T):
                here = _spot(k, way, direction, s)
                before = s - 1 if way == "forward" else s + 1
                sources = [_spot(k - 1, w, directions[k - 1], s) for w in below]
                sources = sources or [(s, 0)]
                if 0 <= before < T:
                    sources.append(_spot(k, way, direction, before))
                used = strong if ahead[s] else faint
                used += [(source, here) for source in sources]
                if k == len(layers) - 1:
                    (strong if s == t else faint).append((here, (s, top)))
                _mark(ax, here, "→" if way == "forward" else "←", way, ahead[s])
    for s in range(T):
        _mark(ax, (s, 0), s + 1, "x", inputs[s], "s")
        _mark(ax, (s, top), s + 1, "y", s == t)
        ax.text(s, -0.55, f"{inputs[s]:,}", ha="center", va="center", fontsize=9)
    for lines, colour, width in (faint, "faint", 0.7), (strong, "ink", 1.3):
        ax.add_collection(LineCollection(lines, colors=COLOURS[colour], lw=width))
    names = {0: "inputs", -0.55: "ways", top: "outputs"}
    names |= {k + 1: f"layer {k + 1}" for k in range(len(layers))}
    for y, name in names.items():
        ax.text(-1.25, y, name, va="center", fontsize=9, color=COLOURS["baseline"])
    return fig


def _spot(k, way, direction, s):
    """Where the unit of layer k (from 0) at step s stands."""
    side = 0 if direction != "both" else -1 if way == "forward" else 1
    return s + 0.2 * side, k + 1 + 0.2 * side


def _mark(ax, spot, text, name, used, marker="o"):
    look = {"markersize": 13, "markeredgewidth": 0, "zorder": 3, "ls": "none"}
    colour = LOOK[name] if used else COLOURS["faint"]
    ax.plot(*spot, marker=marker, color=colour, **look)
    ax.text(*spot, text, ha="center", va="center", fontsize=9, zorder=4)


class ReachExplorer(NeedsKernel, anywidget.AnyWidget):
    """The unrolled network; ``direction``, ``layers``, ``T`` and ``t`` shape it."""

    _esm = script(Path(__file__).with_name("reach.js"))
    alt = (
        "A deep network, unrolled: the inputs, units and connections that can reach "
        "one output stand out, with the number of ways under each input."
    )
    call = traitlets.Dict(NO_CALL).tag(sync=True)
    wirings = traitlets.Dict(WIRINGS).tag(sync=True)
    colours = traitlets.Dict(LOOK).tag(sync=True)
    sizes = traitlets.Dict({"D": 64, "H": 64}).tag(sync=True)
    direction = traitlets.Enum([*WIRINGS], "forward").tag(sync=True)
    layers = traitlets.Int(2).tag(sync=True)
    T = traitlets.Int(8).tag(sync=True)
    t = traitlets.Int(5).tag(sync=True)

    @property
    def controls(self):
        """Names of the traits that the learner's controls move."""
        return ("direction", "layers", "T", "t")

    @property
    def directions(self):
        """The direction of each layer, the bottom one first."""
        wiring = WIRINGS[self.direction]
        return [wiring[k % len(wiring)] for k in range(self.layers)]

    def static_picture(self):
        """Return the network as it stands, as a PNG."""
        file = io.BytesIO()
        t = min(self.t, self.T) - 1
        draw_reach(self.directions, self.T, t).savefig(file, format="png")
        return {"image/png": base64.b64encode(file.getvalue()).decode()}


@settable
def explore_reach() -> ReachExplorer:
    """Return the explorer: layers, their direction, T, and the output to look at."""
    return ReachExplorer()
