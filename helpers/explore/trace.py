"""Explorer of lesson 05: the gates and cells of a trained LSTM, bracket by bracket."""

import numpy as np
import torch
from matplotlib.patches import Rectangle
from torch import nn

from helpers.data.brackets import BRACKETS, one_hot, read
from helpers.explore.kit.cells import cells
from helpers.explore.kit.live import Live, choice, figure, slider, text_box
from helpers.explore.kit.numbers import signed
from helpers.explore.kit.settings import settable
from helpers.nets.trackers import gate_traces
from helpers.plots import COLOURS
from helpers.training import in_eval

__all__ = ["explore_trace", "follows"]

MOST = 30  # brackets
TEXTS = "((((((", "[[]]()([])", "([)]", "()()()()"  # beside the first one
DEEPEST = 6  # in training; a deeper text gets a longer axis
PARTS = {
    "cell c": "c",
    "output h": "h",
    "input gate i": "i",
    "forget gate f": "f",
    "candidate g": "g",
    "output gate o": "o",
}
ANSWERS = "no bracket open", "a round one innermost", "a square one innermost"


@settable
def explore_trace(tracker, text="([()][])(([]))[[()]]([[()]])()"):
    """Return a live figure of what goes on in a tracker while it reads brackets.

    tracker: a helpers.nets.trackers.BracketTracker. Type a text, choose a part (cell,
    gate …), a unit and a step: the part is shown for all units, the chosen unit's once
    more as a strip under the brackets and as a line beside the depth. ValueError for
    another net, or a text without a bracket.
    """
    lstm = getattr(tracker, "rnn", None)
    if not isinstance(lstm, nn.LSTM) or lstm.input_size != len(BRACKETS):
        want = f"a BracketTracker, whose rnn is an nn.LSTM of {len(BRACKETS)} inputs"
        raise ValueError(f"tracker: {want} wanted, got {tracker!r:.60}")
    if not isinstance(text, str) or not _clean(text)[0]:
        raise ValueError(f"text: at least one of {BRACKETS} wanted, got {text!r:.60}")
    word = text_box("brackets to read", text, TEXTS)
    step = slider("step t", 1, 1, len(_clean(text)[0]), 1)
    controls = {
        "text": word,
        "part": choice("show the", PARTS),
        "unit": slider("unit", 0, 0, lstm.hidden_size - 1, 1),
        "t": step,
    }
    picture, runs = _Picture(lstm.hidden_size), {}

    def update(text, part, unit, t):
        if text not in runs:
            runs.clear()
            runs[text] = _Run(tracker, text)
        run = runs[text]
        t = min(t, len(run.text))
        picture.show(run, part, unit, t)
        return " ".join([*run.notes, run.words(part, unit, t)])

    def resize(change):
        step.max = max(1, len(_clean(change["new"])[0]))

    word.observe(resize, "value")
    alt = (
        "Brackets in a row; under them a unit's values as colours and as a line beside "
        "the depth, and the values of all units as a heat map."
    )
    return Live(picture.fig, update, controls, alt=alt)


def follows(traces, wanted):
    """Correlation of each unit with `wanted`: array (H,), 0 where either is constant.

    traces: (T, H), wanted: (T,).
    """
    a, b = (np.asarray(x, float) - np.mean(x, axis=0) for x in (traces, wanted))
    size = np.sqrt((a**2).sum(axis=0) * (b**2).sum())
    return np.divide(b @ a, size, out=np.zeros(a.shape[1]), where=size > 1e-12)


def _clean(text):
    """The brackets of a text, at most MOST, and notes on what was left out."""
    kept = "".join(c for c in text if c in BRACKETS)
    notes = []
    if others := dict.fromkeys(c for c in text if c not in BRACKETS and c != " "):
        notes.append(f"Left out {', '.join(map(repr, [*others][:3]))}: no brackets.")
    if len(kept) > MOST:
        notes.append(f"Shown: the first {MOST} of {len(kept)} brackets.")
    return kept[:MOST], notes


@in_eval
@torch.no_grad()
def _answers(tracker, x):
    """The likeliest answer after each bracket of x (T, 4), a list."""
    return tracker(x[None])[0].argmax(1).tolist()


class _Run:
    """One text as the tracker reads it."""

    def __init__(self, tracker, text):
        self.text, self.notes = _clean(text)
        x = one_hot(self.text)
        self.depth, self.inner, self.traces, self.said = [], [], None, []
        if not self.text:
            return
        self.traces = gate_traces(tracker.rnn, x)
        self.said = _answers(tracker, x)
        for end in range(len(self.text), 0, -1):  # the longest start that is nested
            try:
                self.depth, self.inner = read(self.text[:end])
                break
            except ValueError:
                continue
        if (end := len(self.depth)) < len(self.text):
            self.notes.append(
                f"{self.text[end]!r} at step {end + 1} does not fit: from there on "
                "there is no right answer."
            )

    def words(self, part, unit, t):
        """What the unit does at step t, and how it follows the depth."""
        if not self.text:
            return f"Type some brackets: {' '.join(BRACKETS)}"
        now = {name: values[t - 1, unit] for name, values in self.traces.items()}
        before = self.traces["c"][t - 2, unit] if t > 1 else 0.0
        n = len(self.depth)
        right = sum(map(np.equal, self.said, self.inner))
        answer = ANSWERS[self.said[t - 1]]
        verdict = "" if t > n else " (right)"
        if t <= n and self.said[t - 1] != self.inner[t - 1]:
            verdict = " (wrong)"
        found = follows(self.traces[part][:n], self.depth) if n else np.zeros(1)
        best = np.abs(found).argmax()
        gates = ", ".join(f"{name} {now[name]:.2f}" for name in "ifo")
        count = f"; it is right {right} times out of {n}" if n > 1 else ""
        words = (
            f"Step {t}, {self.text[t - 1]!r}: unit {unit} has {gates}, g "
            f"{signed(now['g'])}; its c goes from {signed(before)} to "
            f"{signed(now['c'])}. The net says: {answer}{verdict}{count}. "
        )
        if not found.any():
            return words + "No unit's correlation with the depth can be told."
        return words + (
            f"Correlation with the depth: {signed(found[unit])}; closest is unit "
            f"{best}, {signed(found[best])}."
        )


class _Picture:
    """The artists of one figure; `show` sets them to one run."""

    def __init__(self, H):
        self.fig, axes = figure(3, 1, height=4.6, height_ratios=[0.5, 3, 3])
        self.strip, line, units = axes
        self.depth_axes = line.twinx()
        live = {"animated": True}
        look = {"cmap": "RdBu_r", "vmin": -1, "vmax": 1}
        self.coloured = cells(self.strip, np.zeros((1, MOST)), **look)
        self.units = cells(units, np.zeros((H, MOST)), **look)
        for ax in self.strip, units:
            ax.grid(False)
        self.strip.xaxis.tick_top()
        self.strip.tick_params(length=0)
        self.strip.set(yticks=[0], yticklabels=["the unit"])
        self.strip.set_xticks([0], ["("], family="monospace", fontsize=12)
        units.set(xlabel="step t", ylabel="unit", yticks=range(0, H, max(1, H // 8)))
        steps = np.arange(4, MOST, 5)
        units.set_xticks(steps, steps + 1)
        beside = units.inset_axes([1.01, 0, 0.012, 1])
        self.fig.colorbar(self.units, cax=beside, label="value (no unit)")
        look = {"color": COLOURS["lstm"], "marker": ".", **live}
        (self.line,) = line.plot([], [], **look)
        (self.here,) = line.plot([], [], "o", mfc="none", color=COLOURS["ink"], **live)
        line.axhline(0, color=COLOURS["faint"], zorder=1)
        line.set(xlim=(-0.5, MOST - 0.5), xticks=[], ylabel="value")
        line.yaxis.label.set_color(COLOURS["lstm"])
        self.line_axes = line
        line.set_zorder(2)
        line.patch.set_visible(False)
        ax = self.depth_axes
        (self.depth,) = ax.plot([], [], color=COLOURS["gold"], drawstyle="steps-mid")
        ax.set_ylabel("depth")
        ax.yaxis.label.set_color(COLOURS["gold"])
        ax.grid(False)
        edge = {"fill": False, "edgecolor": COLOURS["ink"], "linewidth": 1.5}
        self.row = units.add_patch(Rectangle((-0.5, -0.5), MOST, 1, **edge, **live))
        self.now = units.add_patch(Rectangle((-0.5, -0.5), 1, H, **edge, **live))
        self.shown = self.limit = None
        self.H = H

    def show(self, run, part, unit, t):
        """Draw; what depends on text and part alone is drawn anew only if they are."""
        T = len(run.text)
        values = np.full((self.H, MOST), np.nan)
        if T:
            values[:, :T] = run.traces[part].T
        top = max(1.0, np.ceil(np.nanmax(np.abs(values)))) if T else 1.0
        if self.shown != run.text:
            self.shown = run.text
            look = {"family": "monospace", "fontsize": 12}
            self.strip.set_xticks(range(T), list(run.text), **look)
            self.depth.set_data(range(len(run.depth)), run.depth)
            deepest = max([DEEPEST, *run.depth])
            self.depth_axes.set(
                ylim=(-1.1 * deepest, 1.1 * deepest),
                yticks=range(0, deepest + 1, 1 + deepest // 5),
            )
        if self.limit != top:
            self.limit = top
            self.line_axes.set(ylim=(-1.1 * top, 1.1 * top))
            for image in self.units, self.coloured:
                image.set_clim(-top, top)
        self.units.set_data(values)
        self.coloured.set_data(values[[unit]])
        self.line.set_data(range(MOST), values[unit])
        self.here.set_data([t - 1] if T else [], values[unit, [t - 1]] if T else [])
        self.row.set(y=unit - 0.5, width=max(T, 1))
        self.now.set_x(t - 1.5)
