"""Explorer of lesson 10: a beam of prefixes, frame by frame."""

from __future__ import annotations

import numpy as np
from matplotlib.collections import PolyCollection

from helpers.explore.kit.live import Live, figure, slider
from helpers.explore.kit.settings import settable
from helpers.explore.kit.typed import Labels
from helpers.explore.kit.words import moving_text
from helpers.guards import want_shapes
from helpers.plots import COLOURS
from helpers.writing.ctc import ctc, fewest_frames
from helpers.writing.ctc_search import best_path, grow

__all__ = ["beams", "explore_prefixes"]

ROWS = 9  # prefixes shown
MOST_FRAMES, WIDEST = 12, 12
BLANK, SYMBOL, GONE = COLOURS["baseline"], COLOURS["gru"], COLOURS["faint"]


def beams(log_y, width, bonus=0.0):
    """Return for each frame (T of them) the prefixes, kept and dropped, best first.

    Each is (prefix, log p of its paths that end in a blank, of those that end in its
    last symbol, kept?). bonus: added for each symbol of a text, in nats.
    """
    beam, seen = {(): (0.0, -np.inf)}, []
    for frame in np.asarray(log_y, float):
        grown = grow(beam, frame, lambda prefix, k: bonus)
        ranked = sorted(grown, key=lambda prefix: -np.logaddexp(*grown[prefix]))
        beam = {prefix: grown[prefix] for prefix in ranked[:width]}
        seen.append([(prefix, *grown[prefix], prefix in beam) for prefix in ranked])
    return seen


@settable
def explore_prefixes(log_y, symbols, width=3):
    """Return a live figure of prefix beam search.

    log_y: (T, K), log probabilities in at most 12 frames; symbols: K characters, the
    blank's first. Bars: a prefix's probability, by paths that end in a blank and in its
    last symbol; a tick marks its exact one, by forward–backward. ValueError if log_y
    and symbols do not fit.
    """
    want_shapes(log_y=(log_y, "T K"))
    T, K = log_y.shape
    if not 1 <= T <= MOST_FRAMES:
        raise ValueError(f"log_y: got {T} frames, want 1 … {MOST_FRAMES}")
    if len(symbols) != K:
        raise ValueError(f"symbols: {K} wanted, as many as log_y has, got {symbols!r}")
    picture, exact = _Picture(np.exp(log_y), symbols), _Exact(log_y)
    greedy = _text(best_path(log_y)[0], symbols)

    def update(t, width, bonus):
        found = beams(log_y, width, bonus)[t - 1]
        scores = [exact.score(prefix, t, bonus) for prefix, *_ in found[:ROWS]]
        picture.show(found, scores, t, symbols)
        kept = [prefix for prefix, *_, stays in found if stays]
        best = _text(kept[0], symbols)
        words = f"After frame {t}: {len(found)} prefixes, {len(kept)} kept, best {best}"
        if t == T:
            words += f"; best path writes {greedy}"
        lost = scores[0] - np.logaddexp(*found[0][1:3])
        share = 100 * max(0, -np.expm1(-lost))
        return f"{words}. Of its probability {share:.0f} % is lost with dropped paths."

    controls = {
        "t": slider("frame", T, 1, T, 1),
        "width": slider("width of the beam", width, 1, WIDEST, 1, unit="prefixes"),
        "bonus": slider("bonus for each symbol", 0.0, -2.0, 2.0, 0.1, unit="nats"),
    }
    alt = (
        "On the left the probabilities of each symbol in each frame; on the right a "
        "bar for each prefix: of its paths that end in a blank, and in its symbol."
    )
    return Live(picture.fig, update, controls, alt=alt, play="t")


def _text(prefix, symbols):
    return '"' + "".join(symbols[k] for k in prefix) + '"'


class _Exact:
    """Exact scores of prefixes as the texts of the first t frames."""

    def __init__(self, log_y):
        self.log_y, self.known = np.asarray(log_y, float), {}

    def score(self, prefix, t, bonus):
        """Return log P, the bonus included; -inf if t frames are too few."""
        if (prefix, t) not in self.known:
            target = np.array([prefix], dtype=int).reshape(1, -1)
            possible = fewest_frames(prefix) <= t
            loss = ctc(self.log_y[None, :t], target)[0][0] if possible else np.inf
            self.known[prefix, t] = -float(loss)
        return self.known[prefix, t] + bonus * len(prefix)


class _Picture:
    """The artists of the figure; `show` sets them to one frame of a search."""

    def __init__(self, y, symbols):
        T, K = y.shape
        self.fig, (left, right) = figure(
            1, 2, height=3.8, gridspec_kw={"width_ratios": [1, 1.35]}
        )
        self.fig.set_layout_engine("none")
        left.set_position((0.06, 0.15, 0.36, 0.72))
        right.set_position((0.53, 0.15, 0.45, 0.72))
        left.imshow(y.T, cmap="Blues", vmin=0, vmax=1.2, aspect="auto")
        left.set(xlabel="frame", title="probabilities")
        left.set_xticks(range(T), range(1, T + 1))
        left.set_yticks(range(K), [*symbols])
        left.grid(False)
        for (t, k), value in np.ndenumerate(y):
            text = f"{value:.2f}"[1:] if value < 0.995 else "1"
            left.text(t, k, text, ha="center", va="center", fontsize=9)
        look = {"color": COLOURS["lstm"], "lw": 2, "zorder": 5, "animated": True}
        (self.cursor,) = left.plot([], [], **look)  # above all that never changes
        right.set(xlim=(0, 1), ylim=(ROWS - 0.4, -0.6), yticks=[])
        right.set(xticks=[], xlabel="probability")
        right.set_title("prefixes, the best on top", zorder=0)  # below what moves
        right.grid(False)
        self.bars = [PolyCollection([], animated=True) for _ in range(2)]
        for part in self.bars:
            right.add_collection(part, autolim=False)
        self.names = Labels(right, 10)
        for y_at, words, ink in (
            (0.10, "ends in its symbol", SYMBOL),
            (0.04, "ends in a blank", BLANK),
            (0.16, "dropped", "#A0A0A0"),
            (0.22, "| exact", COLOURS["lstm"]),
        ):
            place = {"transform": right.transAxes, "ha": "right", "fontsize": 9}
            moving_text(right, 0.99, y_at, words, color=ink, weight="bold", **place)

    def show(self, found, scores, t, symbols):
        """Draw the prefixes after frame t: `found` of `beams`, and exact scores."""
        x = t - 1
        box = np.array([(-0.5, -0.5), (0.5, -0.5), (0.5, 9), (-0.5, 9), (-0.5, -0.5)])
        box[:, 1] = np.minimum(box[:, 1], len(symbols) - 0.5)
        self.cursor.set_data(box[:, 0] + x, box[:, 1])
        found = found[:ROWS]
        top = max(max(scores), *(np.logaddexp(b, s) for _, b, s, _ in found)) + 0.35
        bars, inks, ticks = [], [], []
        self.names.clear()
        for row, ((prefix, blank, symbol, kept), score) in enumerate(
            zip(found, scores, strict=True)
        ):
            ends = np.cumsum(np.exp(np.array([symbol, blank]) - top))
            bars += [_bar(0, ends[0], row), _bar(ends[0], ends[1], row)]
            inks += [SYMBOL, BLANK] if kept else [GONE, GONE]
            exact = np.exp(score - top)
            ticks.append(_bar(exact - 0.003, exact + 0.003, row, 0.42))
            self.names.put(_text(prefix, symbols), 0.07, row, COLOURS["ink"])
        self.bars[0].set_verts(bars)
        self.bars[0].set_facecolor(inks)
        self.bars[1].set_verts(ticks)
        self.bars[1].set_facecolor([COLOURS["lstm"]])


def _bar(left, right, row, half=0.32, start=0.14, scale=0.84):
    x0, x1 = start + scale * left, start + scale * right
    return [(x0, row - half), (x1, row - half), (x1, row + half), (x0, row + half)]
