"""Explorer of lesson 08: a decoder writes, one word is made wrong, and it goes on."""

import numpy as np
import torch
from matplotlib.collections import LineCollection

from helpers.data.batching import Coder
from helpers.explore.kit.cells import cells
from helpers.explore.kit.fonts import dress
from helpers.explore.kit.live import Live, choice, figure, slider, text_box
from helpers.explore.kit.numbers import MINUS
from helpers.explore.kit.sentences import sentences, shown, unread
from helpers.explore.kit.settings import settable
from helpers.explore.kit.typed import Labels
from helpers.explore.kit.words import moving_text
from helpers.plots import COLOURS
from helpers.writing.disturbed import disturbed

__all__ = ["explore_translator"]

MOST = 14  # steps on the figure
NUMBERS = "8", "70", "512", "999"  # to choose from, beside the first
TOP = 5  # alternatives shown for one step
MOVED = 0.5  # what counts as a move of one number of a state, which is from -1 to 1
WIDE = 14  # letters of an alternative and its probability
SECOND = "its second choice"
PLACES = {  # left, bottom, width, height in parts of the figure
    "words": (0.085, 0.70, 0.905, 0.22),
    "chance": (0.085, 0.46, 0.905, 0.21),
    "read": (0.03, 0.07, 0.25, 0.24),
    "state": (0.32, 0.07, 0.25, 0.24),
    "names": (0.60, 0.07, 0.125, 0.24),
    "next": (0.73, 0.07, 0.24, 0.24),
}


@settable
def explore_translator(
    model, source_coder, target_coder, read, answer, text="347", *, label="number"
):
    """Return a live figure of what `model` writes, word by word, and of one error.

    model: helpers.nets.seq2seq.Seq2Seq or what has its `encode` and `step`; the coders
    are helpers.data.batching.Coder. read(text) gives the source tokens of what is typed
    and answer(text) the right target tokens; a ValueError of theirs is shown as a note.
    One word can be replaced by another one; the decoder then goes on from its mistake.
    """
    tokens = sentences(source_coder, target_coder, read, answer)
    size = len(model.encode(torch.tensor([[3]]), torch.tensor([1]))[0])
    picture, known = _Picture(target_coder.symbols, size, label), {}
    choices = enumerate(target_coder.symbols[Coder.EOS :], Coder.EOS)
    fed = {shown(symbol): i for i, symbol in choices}
    moves = _Moves()

    def update(typed, error, instead, s):
        if (typed, instead) not in known:
            try:
                source, right = tokens(typed)
            except ValueError as problem:
                return unread(typed, problem)
            ids = source_coder.encode(source)
            known.clear()
            made = disturbed(model, ids, fed.get(instead), MOST)
            known[typed, instead] = source, right, made
            moves.note(typed, made["states"][0, 0])
        source, right, made = known[typed, instead]
        clean = made["written"][0]
        error = min(error, made["length"][0])
        row = made["written"][error]
        picture.show(source, made, error, s)
        line = _words(target_coder, right, clean, row, error) + moves.line
        end = made["length"][error]
        return line if s <= end else f"{line} It ended at step {end}, before step {s}."

    controls = {
        "typed": text_box(label, text, NUMBERS if label == "number" else ()),
        "error": slider("wrong word at step", 0, 0, MOST, 1),
        "instead": choice("fed instead", [SECOND, *fed]),
        "s": slider("look at step", 1, 1, MOST, 1),
    }
    alt = (
        "The words a decoder writes, with their probabilities, and below them what it "
        "writes after one of them was replaced; the state it read, the state at one "
        "step, and the likeliest words there."
    )
    return Live(picture.fig, update, controls, alt=alt, play="s")


class _Moves:
    """How far the encoder's state moves when another text is typed, in words."""

    typed, state, line = None, None, ""

    def note(self, typed, state):
        if self.typed not in (None, typed):
            moved = int((np.abs(state - self.state) > MOVED).sum())
            self.line = f" From {self.typed} to {typed}, {moved} of {len(state)} "
            self.line += f"numbers of the encoder's state move by more than {MOVED}."
        self.typed, self.state = typed, state


def _words(coder, right, clean, row, error):
    """One line: is it right, and what did the error do to the words after it?"""
    own = coder.decode(clean)
    line = f"It writes: {' '.join(own) or 'nothing'}, "
    line += "which is right." if own == right else f"not {' '.join(right)}."
    if not error:
        return line
    said, fed = (shown(coder.symbols[ids[error - 1]]) for ids in (clean, row))
    if said == fed:
        return f"{line} At step {error} it says {said} anyway: nothing is changed."
    after = [ids[error:][ids[error:] != Coder.PAD] for ids in (clean, row)]
    n = max(map(len, after))
    longer = [np.pad(ids, (0, n - len(ids))) for ids in after]
    changed = int((longer[0] != longer[1]).sum())
    line += f" With {fed} for {said} at step {error}, "
    one = f"the one word after it {'changes' if changed else 'stays'}"
    if n < 2:
        return f"{line}{one if n else 'nothing comes after it'}."
    return f"{line}{changed} of the {n} words after it change."


class _Picture:
    """The artists of one figure; `show` sets them to one run and one step."""

    def __init__(self, symbols, size, label):
        self.names, self.label = [shown(symbol) for symbol in symbols], label
        self.fig, axes = figure(1, len(PLACES), height=5.2)
        self.fig.set_layout_engine("none")
        self.ax = dict(zip(PLACES, axes, strict=True))
        for name, ax in self.ax.items():
            ax.set_position(PLACES[name])
        self.shape = _sides(size)
        self._written(self.ax["words"])
        self._chances(self.ax["chance"])
        self._states()
        self._next(self.ax["next"], self.ax["names"])
        self.words = Labels(self.ax["words"], 8.5)
        self.names_of_top = Labels(self.ax["names"], 8.5)

    def _written(self, ax):
        ax.set(xlim=(0.5, MOST + 0.5), ylim=(0, 2))
        ax.set_yticks([1.5, 0.5], ["own", "with error"])
        ax.tick_params(length=0, labelsize=9, labelbottom=False)
        ax.spines[:].set_visible(False)
        place = {"transform": ax.transAxes, "va": "baseline", "fontsize": 10}
        self.title = moving_text(ax, 0, 1.05, **place)
        self.here = LineCollection([], colors=COLOURS["gold"], lw=2, animated=True)
        ax.add_collection(self.here, autolim=False)
        self.here.set(zorder=3)

    def _chances(self, ax):
        look = {"lw": 16, "capstyle": "butt", "colors": COLOURS["gru"]}
        self.own_p = ax.add_collection(LineCollection([], **look), autolim=False)
        self.own_p.set(alpha=0.55, zorder=1, animated=True)
        (self.other_p,) = ax.plot([], [], "o-", color=COLOURS["ink"], ms=5, lw=1.2)
        self.other_p.set(animated=True, zorder=4, clip_on=False)
        ax.set(xlim=(0.5, MOST + 0.5), ylim=(0, 1), ylabel="p of word")
        ax.set_yticks([0, 0.5, 1])
        ax.set_xticks(range(1, MOST + 1))
        ax.tick_params(labelsize=9)
        ax.set_xlabel(
            "step t (bars: own words; line: with the error)", labelpad=1, fontsize=10
        )

    def _states(self):
        self.grids = {}
        blank = np.zeros(self.shape)
        for name, title in ("read", "h from the encoder"), ("state", "h after step t"):
            ax = self.ax[name]
            look = {"cmap": "RdBu_r", "vmin": -1, "vmax": 1, "zorder": 1}
            self.grids[name] = cells(ax, blank, **look)
            ax.set(xticks=[], yticks=[])
            title += f": {blank.size} numbers"
            ax.set_title(title, fontsize=9.5, zorder=0, loc="left")
            ax.set_xlabel("blue -1 … white 0 … red +1".replace("-", MINUS), fontsize=9)

    def _next(self, ax, names):
        look = {"lw": 12, "capstyle": "butt", "colors": COLOURS["gru"]}
        self.bars = ax.add_collection(LineCollection([], **look), autolim=False)
        self.bars.set(animated=True, zorder=3)
        ax.set(xlim=(0, 1), ylim=(TOP - 0.5, -0.5), yticks=[], xticks=[0, 0.5, 1])
        ax.tick_params(labelsize=9)
        ax.set_title("likeliest words at step t", fontsize=9.5, zorder=0)
        names.set(xlim=(0, 1), ylim=ax.get_ylim())
        names.set_axis_off()

    def show(self, source, made, error, s):
        words = " ".join(source)
        more = "…" if len(words) > 95 else ""
        dress(self.title, f"{self.label}: {words[:95]}{more}")
        self.own_p.set_segments(_stems(made["p"][0][: made["length"][0]]))
        self.grids["read"].set_data(made["states"][0, 0].reshape(self.shape))
        row, n = made["written"][error], made["length"][error]
        self.words.clear()
        for place, id in enumerate(made["written"][0], 1):
            self._word(id, place, 1.5, COLOURS["ink"])
        for place, id in enumerate(row[error - 1 :] if error else [], error):
            self._word(id, place, 0.5, COLOURS["lstm" if place == error else "ink"])
        steps = np.arange(error, n + 1) if error else []
        self.other_p.set_data(steps, made["p"][error][error - 1 : n] if error else [])
        self.here.set_segments([[(s - 0.4, 0.02), (s + 0.4, 0.02)]])
        over = s > n  # this run has ended before step s
        state = made["states"][error, min(s, n)].reshape(self.shape)
        self.grids["state"].set_data(state * (not over))
        p = np.zeros(TOP) if over else made["top_p"][error, s - 1]
        ends = enumerate(p)
        self.bars.set_segments([[(0, row), (chance, row)] for row, chance in ends])
        self.names_of_top.clear()
        top = zip(made["top"][error, s - 1], p, strict=True)
        for place, (id, chance) in enumerate(top):
            text = "" if over else f"{self.names[id][:9]} {chance:.2f}"
            self.names_of_top.put(text.rjust(WIDE), 0.5, place, COLOURS["ink"])
        if over:
            self.names_of_top.put("it has ended", 0.5, 0, COLOURS["baseline"])

    def _word(self, id, place, y, ink):
        if id != Coder.PAD:
            self.words.put(self.names[id], place, y, ink)


def _stems(heights):
    return [[(x, 0), (x, height)] for x, height in enumerate(heights, 1)]


def _sides(size):
    """Rows and columns, at most twice as wide as high or so, of `size` numbers."""
    rows = max(n for n in range(1, int(size**0.5) + 1) if size % n == 0)
    return rows, size // rows
