"""explore_types: each type of sequence problem, unrolled one step at a time."""

from __future__ import annotations

import datetime
from pathlib import Path

import anywidget
import numpy as np
import traitlets
from matplotlib.patches import FancyBboxPatch

from helpers.data import digits, numbers, series, tagging
from helpers.data.applications import TYPES
from helpers.explore.kit.controls import script
from helpers.explore.kit.live import NeedsKernel, figure
from helpers.explore.kit.settings import NO_CALL, settable
from helpers.plots import COLOURS

__all__ = ["TypesExplorer", "draw_types", "examples", "explore_types"]

H = 64


def examples() -> list[dict]:
    """Return the examples shown, one dict each.

    type, title; columns: one dict a step with x (what is read), fed (whether x is the
    network's own last output), y (what comes out) and say (the step in words);
    tensors: rows of (row of the picture, name, shape, meaning).
    """
    (x, y), _ = digits.load(np.random.default_rng(0))
    three = x[np.flatnonzero(y == 3)[4]]
    text, tags = tagging.write(datetime.date(1998, 5, 3), "D M Y")
    values = series.seasonal(np.random.default_rng(0), 20)[8:17]
    values = [f"{v:.1f}".replace("-", "\N{MINUS SIGN}") for v in values]
    words = [*numbers.words(725), "end"]
    return [
        _both("one-to-one", "a digit → its class", [three], ["3"], D="8, 8", K=10),
        _writing("a digit → its name", three, [*"three", "end"], K=18, D="8, 8"),
        _writing("a class → its image, row by row", "3", list(three[:, None]), K=8),
        _reading("a surname → its country", [*"virtanen"], "Finland", D=29, K=6),
        _reading("an image, row by row → its class", list(three[:, None]), "3", 8, 10),
        _both("aligned", "a date → a tag for each character", text, tags, 38, 4),
        _both("aligned", "values → each one's next", values[:-1], values[1:], 1, 1),
        _translating("a number → its words", [*"725"], words, D=13, K=34),
    ]


def _token(thing):
    if isinstance(thing, str):
        return {"text": "␣" if thing == " " else thing}
    return {"image": np.round(np.asarray(thing), 2).tolist()}


def _named(thing, t=1):
    if isinstance(thing, str):
        return f"'{thing}'"
    return f"row {t}" if len(thing) == 1 else "the image"


def _column(x=None, y=None, say="", fed=False):
    return {
        "x": None if x is None else _token(x),
        "y": None if y is None else _token(y),
        "fed": fed,
        "say": say,
    }


def _memory(steps, hidden=H):
    shape = f"(1, {steps}, {hidden})"
    return ("h", "h (B, T, H)", shape, "the memory after every step")


def _both(kind, title, xs, ys, D, K):
    steps, columns = len(xs), []
    for t, (x, y) in enumerate(zip(xs, ys, strict=True), 1):
        said = f"says {_named(y)} at once."
        if kind == "one-to-one":
            say = f"Reads {_named(x)}, says {_named(y)}. There is no second step."
        else:
            say = f"Reads {_named(x)}, updates the memory and {said}"
        columns.append(_column(x, y, f"Step {t} of {steps}. {say}"))
    if kind == "one-to-one":
        tensors = [
            ("x", "x (B, 8, 8)", f"(1, {D})", "the whole input"),
            ("h", "h (B, H)", f"(1, {H})", "a hidden layer; nothing to remember"),
            ("y", "y (B, K)", f"(1, {K})", "a score for each class"),
        ]
    else:
        tensors = [
            ("x", "x (B, T, D)", f"(1, {steps}, {D})", "D numbers at each step"),
            _memory(steps, H // 2),
            ("y", "y (B, T, K)", f"(1, {steps}, {K})", "an answer at every step"),
        ]
    return {"type": kind, "title": title, "columns": columns, "tensors": tensors}


def _reading(title, xs, answer, D, K):
    steps = len(xs)
    columns = [
        _column(
            x,
            answer if t == steps else None,
            f"Step {t} of {steps}. Reads {_named(x, t)} and updates the memory. "
            + (
                f"Now it answers: {_named(answer)}." if t == steps else "No answer yet."
            ),
        )
        for t, x in enumerate(xs, 1)
    ]
    tensors = [
        ("x", "x (B, T, D)", f"(1, {steps}, {D})", "D numbers at each step"),
        _memory(steps),
        ("y", "y (B, K)", f"(1, {K})", "one answer, from the last real step"),
    ]
    kind = "many-to-one"
    return {"type": kind, "title": title, "columns": columns, "tensors": tensors}


def _written(ys, start=None, first=1, total=None):
    total, columns = total or len(ys), []
    for s, y in enumerate(ys):
        end = " It is done." if isinstance(y, str) and y == "end" else ""
        if s > 0:
            source = "Is fed its own last output"
        elif start is None:
            source = "Begins to write from what it remembers"
        else:
            source = f"Reads {_named(start)}"
        say = (
            f"Step {s + first} of {total}. {source} and writes {_named(y, s + 1)}.{end}"
        )
        columns.append(_column(start if s == 0 else ys[s - 1], y, say, fed=s > 0))
    return columns


def _writing(title, start, ys, K, D=10):
    tensors = [
        ("x", "x (B, …)", f"(1, {D})", "one thing, no time axis"),
        ("h", "h (B, S, H)", f"(1, {len(ys)}, {H})", "the memory after every step"),
        ("y", "y (B, S, K)", f"(1, {len(ys)}, {K})", "S steps out, each fed back"),
    ]
    columns = _written(ys, start)
    kind = "one-to-many"
    return {"type": kind, "title": title, "columns": columns, "tensors": tensors}


def _translating(title, xs, ys, D, K):
    total = len(xs) + len(ys)
    columns = [
        _column(x, None, f"Step {t} of {total}. Reads {_named(x)}. Nothing comes out.")
        for t, x in enumerate(xs, 1)
    ]
    columns += _written(ys, None, len(xs) + 1, total)
    tensors = [
        ("x", "x (B, T, D)", f"(1, {len(xs)}, {D})", "T steps in"),
        ("h", "h (B, H)", f"(1, {H})", "all that the writer learns of the input"),
        ("y", "y (B, S, K)", f"(1, {len(ys)}, {K})", "S steps out; S need not be T"),
    ]
    kind = "unaligned"
    return {"type": kind, "title": title, "columns": columns, "tensors": tensors}


class TypesExplorer(NeedsKernel, anywidget.AnyWidget):
    """The unrolled graph of one example; ``example`` and ``step`` move it."""

    _esm = script(Path(__file__).with_name("types.js"))
    alt = "An unrolled network that reads, remembers and answers, step by step."
    call = traitlets.Dict(NO_CALL).tag(sync=True)
    examples = traitlets.List().tag(sync=True)
    types = traitlets.Dict().tag(sync=True)
    colours = traitlets.Dict().tag(sync=True)
    example = traitlets.Int(3).tag(sync=True)
    step = traitlets.Int(4).tag(sync=True)

    @property
    def controls(self):
        """Names of the traits that the learner's controls move."""
        return ("example", "step")


@settable
def explore_types() -> TypesExplorer:
    """Return the explorer: choose an example, then step (or play) through time."""
    colours = {"x": COLOURS["forward"], "h": COLOURS["gru"], "y": COLOURS["gold"]}
    return TypesExplorer(examples=examples(), types=TYPES, colours=colours)


SHAPES = {  # which columns read, which write, which are fed what was written
    "one-to-one": ("x", "y", " "),
    "one-to-many": ("x   ", "yyyy", " fff"),
    "many-to-one": ("xxxx", "   y", "    "),
    "aligned": ("xxxx", "yyyy", "    "),
    "unaligned": ("xxx   ", "   yyy", "    ff"),
}


def draw_types():
    """Return a Figure of the five types, unrolled, side by side."""
    wide = [max(len(x) + 1, 3.4) for x, _, _ in SHAPES.values()]
    fig, axes = figure(1, 5, width=9, height=2.6, width_ratios=wide)
    for ax, width, (kind, rows) in zip(axes, wide, SHAPES.items(), strict=True):
        ax.set(xlim=(-0.6, width - 1.4), ylim=(-0.5, 2.6), title=kind)
        ax.set_axis_off()
        ax.title.set_fontsize(10)
        for t, (x, y, fed) in enumerate(zip(*rows, strict=True)):
            _node(ax, t, 1, "h")
            if t:
                _arrow(ax, (t - 0.7, 1), (t - 0.3, 1))
            if x != " ":
                _node(ax, t, 0, "x")
                _arrow(ax, (t, 0.3), (t, 0.72))
            if y != " ":
                _node(ax, t, 2, "y")
                _arrow(ax, (t, 1.3), (t, 1.72))
            if fed != " ":
                _arrow(ax, (t - 0.8, 1.75), (t - 0.2, 1.28), linestyle="--")
    return fig


def _node(ax, t, row, name):
    colour = COLOURS[{"x": "forward", "h": "gru", "y": "gold"}[name]]
    box = FancyBboxPatch((t - 0.22, row - 0.2), 0.44, 0.4, "round,pad=0.05")
    box.set(facecolor=colour, edgecolor="none", alpha=0.9)
    ax.add_patch(box)
    ax.text(t, row, name, ha="center", va="center", fontsize=10)


def _arrow(ax, start, end, linestyle="-"):
    look = {"arrowstyle": "->", "color": COLOURS["ink"], "linestyle": linestyle}
    ax.annotate("", end, start, arrowprops=look | {"shrinkA": 0, "shrinkB": 0})
