"""Explorer of lesson 13: a digit that you move, and the glimpses that follow it."""

from __future__ import annotations

import numpy as np
import torch
from matplotlib.collections import PolyCollection
from matplotlib.spines import Spine
from matplotlib.text import Text

from helpers.explore.kit.cells import cells
from helpers.explore.kit.live import Live, figure, slider
from helpers.explore.kit.settings import settable
from helpers.guards import want_shapes
from helpers.plots import COLOURS
from helpers.training import in_eval

__all__ = ["explore_glimpses"]


@settable
def explore_glimpses(model, images, labels, size=20):
    """Return a live figure: move a digit over a picture, see where the model looks.

    model: a Glimpser, or what has its `look`; images: (N, 8, 8) in 0 … 1; labels: (N,);
    the picture is size × size. Left: the picture and the squares that were looked at,
    the later the darker; right: the probability of each of ten classes.
    """
    images, labels = np.asarray(images, np.float32), np.asarray(labels)
    want_shapes(images=(images, "N 8 8"), labels=(labels, "N"))
    if not size >= 8:
        raise ValueError(f"size: got {size}, want 8 or more")
    fig, (left, right) = figure(1, 2, width=8, height=3.6, width_ratios=(1, 1.3))
    blank = np.zeros((size, size), np.float32)
    picture = cells(left, blank, cmap="gray_r", vmin=0, vmax=1, zorder=1)
    left.set_aspect("equal")
    left.set(xticks=[], yticks=[], title="where it looks")
    left.spines[:].set_visible(True)
    left.grid(False)
    live = {"animated": True, "zorder": 4}
    squares = PolyCollection([], facecolor="none", linewidth=2, **live)
    left.add_collection(squares, autolim=False)
    bars = right.bar(range(10), np.zeros(10), animated=True)
    right.set(xticks=range(10), ylim=(0, 1), xlabel="class", title="what it says")
    right.set_ylabel("probability")
    for ax in (left, right):  # drawn once, under what moves
        for artist in ax.get_children():
            if isinstance(artist, Spine | Text):
                artist.set_zorder(0)

    def update(row, column, digit):
        x = blank.copy()
        x[row : row + 8, column : column + 8] = images[digit]
        scores, centres = _seen(model, torch.from_numpy(x)[None])
        p = scores[0].softmax(0).numpy()
        middles = (centres[0].numpy() + 1) * (size - 1) / 2  # (K, 2), rows first
        picture.set_data(x)
        squares.set_verts([_square(c, r) for r, c in middles])
        squares.set_edgecolor([(0, 0.45, 0.34, a) for a in _fade(len(middles))])
        true = int(labels[digit])
        for k, bar in enumerate(bars):
            bar.set_height(p[k])
            bar.set_color(COLOURS["gold" if k == true else "baseline"])
        away = np.linalg.norm(middles - (row + 3.5, column + 3.5), axis=1)
        return (
            f"A{'n' * (true == 8)} {true}; "
            f"it says {p.argmax()} ({p.max():.0%}). Its glimpses lie "
            f"{', '.join(f'{d:.1f}' for d in away)} pixels from the digit's middle."
        )

    end = size - 8
    controls = {
        "row": slider("row of the digit", end // 2, 0, end, 1),
        "column": slider("column of the digit", end // 2, 0, end, 1),
        "digit": slider("image", 0, 0, len(images) - 1, 1, unit="number"),
    }
    alt = (
        "Left: a digit in an empty picture and four squares where the network looked. "
        "Right: the probability of each of ten classes, the true one in orange."
    )
    return Live(fig, update, controls, alt=alt)


@in_eval
@torch.no_grad()
def _seen(model, x):
    return model.look(x)


def _square(x, y, side=5):
    r = side / 2
    return [(x - r, y - r), (x + r, y - r), (x + r, y + r), (x - r, y + r)]


def _fade(K):
    """Return how opaque each of K squares is: the last one wholly."""
    return np.linspace(0.4, 1, K)
