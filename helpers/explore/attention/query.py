"""Explorer of lesson 09: a query dragged among keys in a plane."""

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
from helpers.guards import want_shapes
from helpers.plots import COLOURS

__all__ = [
    "FILLS",
    "KINDS",
    "QueryExplorer",
    "draw_query",
    "explore_query",
    "looked_up",
]

KINDS = ("dot", "scaled dot", "additive")  # with W_q, W_k the identity and v = (1, 1)
FILLS = ("−inf", "−1e9")  # what a masked score becomes
KEYS = [[2.0, 0.6], [1.3, 1.8], [-0.7, 1.6], [-1.8, -0.9], [0.9, -1.7]]


def looked_up(query, keys, *, kind="dot", scale=1.0, real=None, filled=FILLS[0]):
    """Return weights (T,), the context (2,) and the entropy in nats.

    query: (2,), keys: (T, 2), the values too. kind: one of KINDS. scale: by which the
    scores are multiplied. real: T bools, False where a key is masked; all real if None.
    filled: one of FILLS, what a masked score becomes. With no real key and −inf all is
    nan.
    """
    query, keys = np.asarray(query, float), np.asarray(keys, float)
    want_shapes(query=(query, "2"), keys=(keys, "T 2"))
    for name, value, known in ("kind", kind, KINDS), ("filled", filled, FILLS):
        if value not in known:
            raise ValueError(f"{name}: got {value!r}, want one of {', '.join(known)}")
    real = np.ones(len(keys), bool) if real is None else np.asarray(real, bool)
    if kind == "additive":
        e = scale * np.tanh(query + keys).sum(1)
    else:
        e = scale * keys @ query / (1 if kind == "dot" else np.sqrt(2))
    e = np.where(real, e, -np.inf if filled == FILLS[0] else -1e9)
    with np.errstate(invalid="ignore"):
        w = np.exp(e - e.max())
        w /= w.sum()
    return w, w @ keys, -(w * np.log(np.where(w > 0, w, 1))).sum()


def draw_query(query, keys, **asked):
    """Return a Figure of query, keys, weights as widths, and the context as an arrow.

    asked: as for `looked_up`.
    """
    w, context, _ = looked_up(query, keys, **asked)
    fig, ax = figure(width=4.6, height=4.4)
    ax.set(xlim=(-3, 3), ylim=(-3, 3), xlabel="first number", ylabel="second number")
    middle = {"ha": "center", "va": "center"}
    for t, (key, share) in enumerate(zip(keys, np.nan_to_num(w), strict=True), 1):
        ends = np.transpose([query, key])
        ax.plot(*ends, color=COLOURS["gru"], lw=12 * share, alpha=0.6)
        ax.plot(*key, "o", ms=14, color=COLOURS["rnn"], zorder=3)
        ax.text(*key, t, color="white", fontsize=9, zorder=4, **middle)
    ax.plot(*query, "o", ms=14, color=COLOURS["gold"], zorder=3)
    ax.text(*query, "q", fontsize=9, zorder=4, **middle)
    if np.isfinite(context).all():
        look = {"color": COLOURS["lstm"], "width": 0.04, "length_includes_head": True}
        ax.arrow(0, 0, *context, head_width=0.18, zorder=5, **look)
    return fig


class QueryExplorer(NeedsKernel, anywidget.AnyWidget):
    """Points to drag; all traits are as the learner left them."""

    _esm = script(Path(__file__).with_name("query.js"))
    alt = (
        "A query and five keys as points in a plane, joined by lines as wide as the "
        "weights; an arrow shows the context, a table the scores."
    )
    call = traitlets.Dict(NO_CALL).tag(sync=True)
    kinds = traitlets.List(list(KINDS)).tag(sync=True)
    fills = traitlets.List(list(FILLS)).tag(sync=True)
    colours = traitlets.Dict().tag(sync=True)
    query = traitlets.List([1.0, 0.8]).tag(sync=True)
    points = traitlets.List(KEYS).tag(sync=True)  # the keys
    kind = traitlets.Enum(KINDS, KINDS[0]).tag(sync=True)
    scale = traitlets.Float(1.0).tag(sync=True)
    real = traitlets.List([True] * len(KEYS)).tag(sync=True)
    filled = traitlets.Enum(FILLS, FILLS[0]).tag(sync=True)

    def static_picture(self):
        """The plane as it stands, as a still: for a reader without a kernel."""
        asked = {
            name: getattr(self, name) for name in ("kind", "scale", "real", "filled")
        }
        file = io.BytesIO()
        draw_query(self.query, self.points, **asked).savefig(file, format="png", dpi=80)
        return {"image/png": base64.b64encode(file.getvalue()).decode()}


@settable
def explore_query() -> QueryExplorer:
    """Return the explorer: drag the query or a key, choose score, scale and mask."""
    inks = {"key": "rnn", "query": "gold", "weight": "gru", "context": "lstm"}
    return QueryExplorer(colours={name: COLOURS[ink] for name, ink in inks.items()})
