"""Explorer of lesson 09: finished hypotheses of a beam, ranked by one's own score."""

import textwrap

import numpy as np
from matplotlib.collections import LineCollection

from helpers.data.batching import Coder
from helpers.explore.kit.cells import cells
from helpers.explore.kit.live import Live, choice, figure, slider, text_box
from helpers.explore.kit.sentences import sentences, unread
from helpers.explore.kit.settings import settable
from helpers.explore.kit.typed import Labels
from helpers.explore.kit.words import moving_text
from helpers.guards import want_shapes
from helpers.nets.attention.maps import of_one
from helpers.plots import COLOURS
from helpers.writing.faults import never_attended
from helpers.writing.ranked import (
    coverage_penalty,
    length_penalty,
    ranked_beam,
    score_of,
)

__all__ = ["explore_ranking"]

SHOWN, MAX_LEN = 8, 26  # hypotheses on the figure; tokens that are written at most
WIDTHS = (1, 2, 4, 8, 16)
NUMBERS = "4,096", "90,013", "217,365,904"  # to choose from, beside the first
LOWEST = -20.0  # the end of the axis of scores
WORDS = 62  # letters of a line; a hypothesis has two lines


@settable
def explore_ranking(
    model, source_coder, target_coder, read, answer, text="365,204,917",
    *, grid=None, penalties=(), label="number",
):  # fmt: skip
    """Return a live figure of a beam's finished hypotheses, ranked by GNMT's score.

    model, coders, read, answer: as for `explore_lookback`; the state of `model` ends
    with the weights of its last look and the memory, as GNMT's does. One search of each
    width keeps all that has ended; α and β only rank it. grid: (β, α), errors over many
    sentences for each pair of `penalties`, drawn as a map with the present pair marked.
    """
    tokens = sentences(source_coder, target_coder, read, answer)
    if grid is not None:
        grid = np.asarray(grid, float)
        want_shapes(grid=(grid, f"{len(penalties)} {len(penalties)}"))
    picture, known = _Picture(grid, penalties), {}

    def update(typed, width, alpha, beta):
        if (typed, "read") not in known:
            try:
                source, right = tokens(typed)
            except ValueError as problem:
                return unread(typed, problem)
            known.clear()
            known[typed, "read"] = source_coder.encode(source), right
        ids, right = known[typed, "read"]
        if width not in known:
            known[width] = _pool(model, ids, width)
        pool = known[width]
        order = sorted(pool, key=lambda h: -_score(h, alpha, beta))[:SHOWN]
        texts = [target_coder.decode(list(h.ids)) for h in order]
        picture.show(order, texts, right, alpha, beta, len(pool))
        return _words(pool, order, texts, right)

    controls = {
        "typed": text_box(label, text, NUMBERS if label == "number" else ()),
        "width": choice("width of the beam", WIDTHS, 8),
        "alpha": slider("α, against short texts", 0.0, 0.0, 1.0, 0.1),
        "beta": slider("β, against words unseen", 0.0, 0.0, 1.0, 0.1),
    }
    alt = (
        "The best hypotheses, each with a bar for its score: the part of log p over "
        "the length penalty and the part of coverage; a map of errors for α and β."
    )
    return Live(picture.fig, update, controls, alt=alt)


def _pool(model, ids, width):
    step, state = of_one(model, ids)
    return ranked_beam(
        step, state, Coder.BOS, width=width, max_len=MAX_LEN, eos=Coder.EOS,
        looks=lambda state: state[-1], stop="never", keep=width * MAX_LEN,
    )  # fmt: skip


def _score(h, alpha, beta):
    return score_of(h.log_p, len(h.ids), h.seen, alpha, beta)


def _words(pool, order, texts, right):
    """One line: the winner, is it right, its length, and what it never looked at."""
    best, said = order[0], texts[0]
    line = f"{len(pool)} hypotheses ended. The first is "
    if said == right:
        line += "right"
    else:
        line += f"not {' '.join(right)}: {len(said)} words for {len(right)}"
    unseen = round(never_attended(best.seen) * len(best.seen))
    line += f"; {unseen} of {len(best.seen)} source words hardly looked at."
    places = [i for i, text in enumerate(texts, 1) if text == right]
    if said != right:
        where = f"in place {places[0]}" if places else f"not among the first {SHOWN}"
        line += f" The right one is {where}."
    return line


class _Picture:
    """The artists of one figure; `show` sets them to one order of hypotheses."""

    def __init__(self, grid, penalties):
        self.penalties = penalties
        self.fig, axes = figure(1, 3, height=4.2)
        self.fig.set_layout_engine("none")
        rows, bars, map_ = axes
        rows.set_position((0.01, 0.15, 0.46, 0.74))
        rows.set(xlim=(0, 1), ylim=(SHOWN - 0.5, -0.5))
        rows.set_axis_off()
        look = {"transform": rows.transAxes, "fontsize": 9.5}
        self.head = moving_text(rows, 0, 1.02, **look)
        self.words = Labels(rows, 7.5)
        bars.set_position((0.48, 0.15, 0.22, 0.74))
        bars.set(xlim=(LOWEST, 0), ylim=(SHOWN - 0.5, -0.5), yticks=[])
        bars.tick_params(labelsize=9)
        bars.set_title("score", fontsize=9.5)
        bars.set_xlabel("log P / length (green) + coverage (orange)", fontsize=9)
        look = {"lw": 11, "capstyle": "butt", "animated": True, "zorder": 2}
        self.log_p = bars.add_collection(
            LineCollection([], colors=COLOURS["gru"], **look), autolim=False
        )
        self.cover = bars.add_collection(
            LineCollection([], colors=COLOURS["lstm"], **look), autolim=False
        )
        self._map(map_, grid)

    def _map(self, ax, grid):
        ax.set_position((0.78, 0.22, 0.19, 0.62))
        self.here = None
        if grid is None:
            ax.set_axis_off()
            return
        n, ends = len(self.penalties), (self.penalties[0], self.penalties[-1])
        half = (ends[1] - ends[0]) / (n - 1) / 2
        extent = (ends[0] - half, ends[1] + half) * 2
        look = {"vmin": grid.min(), "vmax": grid.max(), "origin": "lower"}
        shown = cells(ax, grid, cmap="Blues", extent=extent, **look)
        shown.set_animated(False)
        ax.set_xlabel("α", fontsize=9.5)
        ax.set_ylabel("β", fontsize=9.5)
        ax.tick_params(labelsize=9)
        span = f"{grid.min():.2f} light … {grid.max():.2f} dark"
        ax.set_title(f"errors a part,\n{span}", fontsize=9)
        look = {"ms": 9, "mfc": "none", "mew": 2, "color": COLOURS["lstm"]}
        (self.here,) = ax.plot([], [], "o", animated=True, zorder=5, **look)
        self.here.set_clip_on(False)

    def show(self, order, texts, right, alpha, beta, ended):
        self.head.set_text(f"the best of {ended} on top (✓: right)")
        self.words.clear()
        for row, text in enumerate(texts):
            hit = text == right
            ink, said = COLOURS["rnn" if hit else "ink"], " ".join(text)
            said = "✓ " * hit + said
            lines = textwrap.wrap(said, WORDS, max_lines=2, placeholder=" …")
            for i, line in enumerate(lines or ["(nothing)"]):
                self.words.put(line.ljust(WORDS), 0.5, row - 0.2 + 0.4 * i, ink)
        parts = [
            (
                h.log_p / length_penalty(len(h.ids), alpha),
                coverage_penalty(h.seen, beta) if beta else 0.0,
            )
            for h in order
        ]
        pairs = list(enumerate(parts))
        self.log_p.set_segments([[(0, row), (p, row)] for row, (p, _) in pairs])
        self.cover.set_segments([[(p, row), (p + c, row)] for row, (p, c) in pairs])
        if self.here is not None:
            self.here.set_data([alpha], [beta])
