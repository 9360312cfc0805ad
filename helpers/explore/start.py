"""explore_memory: how much of each word a leaky memory still holds."""

from __future__ import annotations

import numpy as np
from matplotlib.collections import PolyCollection

from helpers.explore.kit.live import Live, figure, slider
from helpers.explore.kit.settings import settable
from helpers.plots import COLOURS

__all__ = ["SENTENCE", "explore_memory"]

SENTENCE = (
    "I grew up in France and moved away when I was ten years old but at home with "
    "my mother I still speak fluent ___"
)

SLANT = 55  # degrees; the words lean, and so does what veils them
BELOW = {"rotation_mode": "anchor", "zorder": 0.5}  # the bars: drawn once, so
BAR = np.array([(-0.4, 0), (0.4, 0), (0.4, 1), (-0.4, 1)])  # one word wide, 1 high


@settable
def explore_memory(sentence: str = SENTENCE, word: str = "France") -> Live:
    """Return a live figure of a memory that keeps a share `a` of itself at each step.

    A word read k steps before the last one then counts a**k. Its bar and the
    blackness of its letters show that share; `word` is followed in words.
    ValueError if `sentence` has fewer than two words or does not hold `word`.
    """
    words = sentence.split()
    if len(words) < 2:
        raise ValueError(f"sentence: got {sentence!r}, want two words or more")
    if word not in words:
        raise ValueError(f"word: got {word!r}, want one of the words of the sentence")
    places = np.arange(len(words))
    back, followed = places[::-1], words.index(word)
    fig, ax = figure(width=9, height=3.0)
    colours = [COLOURS["gold" if x == followed else "rnn"] for x in places]
    bars = PolyCollection([], facecolor=colours, animated=True)
    ax.add_collection(bars, autolim=False)
    for x, text in zip(places, words, strict=True):
        ax.text(x + 0.15, -0.05, text, rotation=SLANT, ha="right", va="top", **BELOW)
    ax.set(xlim=(-1.5, len(words) - 0.3), ylim=(-0.4, 1.02), xticks=[])
    ax.set(yticks=[0, 0.25, 0.5, 0.75, 1], yticklabels=["0", "25", "50", "75", "100"])
    ax.set_ylabel("still in memory (%)")
    ax.yaxis.set_label_coords(-0.05, 0.64)
    ax.spines["bottom"].set_visible(False)
    ax.spines["left"].set_bounds(0, 1)
    ax.axhline(0, color=COLOURS["baseline"], lw=0.9)
    veil = _veil(fig, ax, places)

    def update(kept):
        share = kept**back
        bars.set_verts(
            [BAR * (1, s) + (x, 0) for x, s in zip(places, share, strict=True)]
        )
        veil.set_alpha(0.88 * (1 - share))
        steps = back[followed]
        left = f"{100 * share[followed]:.3g} %"
        return f"{steps} steps after it was read, “{word}” counts {left}."

    return Live(
        fig,
        update,
        {"kept": slider("kept at each step", 0.9, 0.0, 1.0, 0.01)},
        alt=(
            "A bar for each word of a sentence: how much of it is still in memory at "
            f"the end. “{word}”, far back, is set off by its colour."
        ),
    )


def _veil(fig, ax, places) -> PolyCollection:
    """Return one white slanted stripe for each word: its alpha fades the word.

    Drawing 25 slanted texts anew takes far longer than drawing 25 stripes over them.
    """
    fig.draw_without_rendering()  # so that the scale of the axes is the final one
    bottom = ax.get_ylim()[0]
    (x0, y0), (x1, y1) = ax.transData.transform([(0, bottom), (1, 0)])
    lean = (y1 - y0) / np.tan(np.radians(SLANT)) / (x1 - x0)
    stripe = np.array(
        [(-0.45, 0), (0.55, 0), (0.55 - lean, bottom), (-0.45 - lean, bottom)]
    )
    veil = PolyCollection(
        [stripe + np.array((x, -0.02)) for x in places], facecolor="white", linewidth=0
    )
    veil.set(animated=True, zorder=4, clip_on=False)
    return ax.add_collection(veil, autolim=False)
