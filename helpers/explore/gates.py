"""explore_gates: one LSTM cell whose gates the learner opens and shuts by hand."""

from __future__ import annotations

import base64
import io
from pathlib import Path

import anywidget
import numpy as np
import traitlets

from helpers.explore.kit.controls import script
from helpers.explore.kit.live import NeedsKernel, figure
from helpers.explore.kit.settings import NO_CALL, settable
from helpers.plots import COLOURS

__all__ = ["GOALS", "OFFERED", "PRESETS", "GatesExplorer", "explore_gates", "run_gates"]

OFFERED = (0.4, -0.6, 0.9, -0.3, 0.5, -0.8, 0.2, 0.7, -0.5, 0.6, -0.2, 0.3)
T = len(OFFERED)
WRITE, READ, SWAP = 3, 9, 10  # steps, the first one is 1
WRITTEN, SPOKEN = OFFERED[WRITE - 1], round(float(np.tanh(OFFERED[WRITE - 1])), 4)


def _pulses(*steps):
    return [float(t in steps) for t in range(1, T + 1)]


def _goal(name, say, wants, **gates):
    """wants: what must hold, as (c or h, first step, last step, value)."""
    return {"name": name, "say": say, "wants": wants, "gates": gates}


_WRITTEN = ("c", WRITE, WRITE, WRITTEN)
_KEPT = ("c", WRITE, READ, WRITTEN)
_SILENT, _SPOKEN = ("h", 1, READ - 1, 0.0), ("h", READ, READ, SPOKEN)
_ON, _TILL_READ = (_pulses(*range(WRITE + 1, end + 1)) for end in (T, READ))

GOALS = (
    _goal(
        "write",
        "After step 3 the cell holds what step 3 offers, +0.90, and nothing else.",
        [_WRITTEN],
        i=_pulses(WRITE),
        f=_pulses(),
        o=_pulses(),
    ),
    _goal(
        "keep",
        "The cell holds that +0.90 from step 3 to step 9, whatever is offered.",
        [_KEPT],
        i=_pulses(WRITE),
        f=_ON,
        o=_pulses(),
    ),
    _goal(
        "read",
        "Kept as before; the output is silent until step 9, and there it tells.",
        [_KEPT, _SILENT, _SPOKEN],
        i=_pulses(WRITE),
        f=_ON,
        o=_pulses(READ),
    ),
    _goal(
        "erase",
        "Written, kept and read as before; from step 10 on the cell is empty.",
        [_KEPT, _SILENT, _SPOKEN, ("c", SWAP, T, 0.0)],
        i=_pulses(WRITE),
        f=_TILL_READ,
        o=_pulses(READ),
    ),
    _goal(
        "replace",
        "+0.90 from step 3 to step 9, and what step 10 offers, +0.60, from then on.",
        [_KEPT, ("c", SWAP, T, OFFERED[SWAP - 1])],
        i=_pulses(WRITE, SWAP),
        f=_pulses(*range(WRITE + 1, READ + 1), *range(SWAP + 1, T + 1)),
        o=_pulses(),
    ),
)

PRESETS = {  # a gate's value at every step
    "half open: all weights and biases 0": {"i": 0.5, "f": 0.5, "o": 0.5},
    "forget bias 1: f = 0.73": {"i": 0.5, "f": 0.73, "o": 0.5},
    "all shut": {"i": 0.0, "f": 0.0, "o": 0.0},
    "all open: it adds up": {"i": 1.0, "f": 1.0, "o": 1.0},
    "no memory: f = 0": {"i": 1.0, "f": 0.0, "o": 1.0},
    "leaky: f = 0.9": {"i": 0.1, "f": 0.9, "o": 1.0},
}


def run_gates(i, f, o, g=OFFERED):
    """Return c and h (T,) of one LSTM cell from c_0 = 0, its gates given for each step.

    c_t = f_t c_(t-1) + i_t g_t and h_t = o_t tanh(c_t) (Hochreiter and Schmidhuber
    1997; forget gate: Gers, Schmidhuber and Cummins 2000). ValueError unless all four
    are (T,), and the gates within 0 … 1.
    """
    given = {"g": g, "i": i, "f": f, "o": o}
    given = {name: np.asarray(array, float) for name, array in given.items()}
    for name, array in given.items():
        if array.shape != given["g"].shape or array.ndim != 1:
            want = f"shape {given['g'].shape}, one number a step"
            raise ValueError(f"{name}: {want} wanted, got {array.shape}")
        if name != "g" and not ((array >= 0) & (array <= 1)).all():
            raise ValueError(f"{name}: a gate is within 0 … 1, got {array}")
    g, i, f, o = given.values()
    c, now = np.zeros(len(g)), 0.0
    for t in range(len(g)):
        c[t] = now = f[t] * now + i[t] * g[t]
    return c, o * np.tanh(c)


class GatesExplorer(NeedsKernel, anywidget.AnyWidget):
    """The cell and its gates; `i`, `f`, `o` hold them as the learner left them."""

    _esm = script(Path(__file__).with_name("gates.js"))
    alt = (
        "One LSTM cell over 12 steps: what each step offers, three gates to open and "
        "shut by hand, what the cell then holds and what it puts out."
    )
    call = traitlets.Dict(NO_CALL).tag(sync=True)
    offered = traitlets.List(list(OFFERED)).tag(sync=True)
    goals = traitlets.List(list(GOALS)).tag(sync=True)
    presets = traitlets.Dict(PRESETS).tag(sync=True)
    colours = traitlets.Dict().tag(sync=True)
    i = traitlets.List([0.5] * T).tag(sync=True)
    f = traitlets.List([0.5] * T).tag(sync=True)
    o = traitlets.List([0.5] * T).tag(sync=True)
    goal = traitlets.Int(0).tag(sync=True)
    gate = traitlets.Unicode("i").tag(sync=True)
    step = traitlets.Int(WRITE).tag(sync=True)

    @property
    def states(self):
        """c and h (T,), as `run_gates` computes them from the present gates."""
        return run_gates(self.i, self.f, self.o)

    def static_picture(self):
        """The goal of goals reached, as a still: for a reader without a kernel."""
        file = io.BytesIO()
        draw_gates(**GOALS[3]["gates"]).savefig(file, format="png", dpi=80)
        return {"image/png": base64.b64encode(file.getvalue()).decode()}


@settable
def explore_gates() -> GatesExplorer:
    """Return the playground: click or drag the gates, reach the goals one by one."""
    names = {"cell": "lstm", "offered": "forward", "wanted": "gold"}
    return GatesExplorer(colours={k: COLOURS[name] for k, name in names.items()})


def draw_gates(i, f, o):
    """Return a Figure of what is offered, the gates, the cell and its output."""
    c, h = run_gates(i, f, o)
    rows = {
        "offered g": (OFFERED, "forward"),
        "input gate i": (i, "baseline"),
        "forget gate f": (f, "baseline"),
        "cell c": (c, "lstm"),
        "output gate o": (o, "baseline"),
        "output h": (h, "ink"),
    }
    fig, axes = figure(len(rows), 1, height=4.2, sharex=True)
    for ax, (name, (values, colour)) in zip(axes, rows.items(), strict=True):
        ax.bar(range(1, T + 1), values, color=COLOURS[colour], width=0.7)
        ax.set_ylabel(name, rotation=0, ha="right", va="center")
        ax.set(ylim=(0, 1.05) if "gate" in name else (-1.05, 1.05), yticks=[0, 1])
        ax.axhline(0, color=COLOURS["ink"], lw=0.6)
    axes[-1].set(xlabel="step", xticks=range(1, T + 1))
    return fig
