"""Explorer of lesson 09: a decoder writes and looks; one of its looks is bent."""

import numpy as np
import torch
from matplotlib.patches import Rectangle

from helpers.data.batching import Coder
from helpers.explore.kit.cells import cells
from helpers.explore.kit.live import Live, choice, figure, slider, text_box
from helpers.explore.kit.sentences import sentences, shown, unread
from helpers.explore.kit.settings import settable
from helpers.explore.kit.typed import Labels
from helpers.plots import COLOURS
from helpers.training import in_eval

__all__ = ["BENDS", "bent_run", "explore_lookback"]

S, T = 20, 14  # target and source words that the figure has room for
BENDS = {  # name -> what becomes of weights (T,), given the word chosen
    "leave it": lambda weights, place: weights,
    "lock it to the word": lambda weights, place: np.eye(len(weights))[place],
    "hide the word": lambda weights, place: _without(weights, place),
    "one word to the right": lambda weights, place: np.roll(weights, 1),
    "all words alike": lambda weights, place: np.full(len(weights), 1 / len(weights)),
}
NUMBERS = "7", "365", "90,013", "700,500"  # to choose from, beside the first
PLACES = {  # left, bottom, width, height in parts of the figure
    "map": (0.085, 0.09, 0.45, 0.76),
    "own": (0.555, 0.09, 0.13, 0.76),
    "bent": (0.685, 0.09, 0.13, 0.76),
    "row": (0.845, 0.30, 0.145, 0.42),
}


@settable
def explore_lookback(
    model, source_coder, target_coder, read, answer, text="52,047", *, label="number"
):
    """Return a live figure of what `model` writes and where it looks while it does.

    model: helpers.nets.attention.decoder.AttentionSeq2Seq or what has its `encode` and
    `step`; the coders are helpers.data.batching.Coder. read(text) gives the source
    tokens of what is typed, answer(text) the right target tokens; a ValueError of
    theirs is shown as a note. The weights of one step can be bent; the decoder then
    goes on from what it found instead.
    """
    tokens = sentences(source_coder, target_coder, read, answer, T)
    picture, known = _Picture(target_coder.symbols), {}

    def update(typed, s, bend, place):
        if typed not in known:
            try:
                source, right = tokens(typed)
            except ValueError as problem:
                return unread(typed, problem)
            ids = source_coder.encode(source)
            known.clear()
            known[typed] = source, right, ids, bent_run(model, ids)
        source, right, ids, own = known[typed]
        s, place = min(s, len(own[0])), min(place, len(source))
        key = s, bend, place
        if bend != "leave it" and key not in known:
            known[key] = bent_run(model, ids, s, BENDS[bend], place - 1)
        bent = known.get(key, own)
        picture.show(source, own, bent, s, place, bend)
        return _words(target_coder, right, own[0], bent[0], s, bend, source[place - 1])

    controls = {
        "typed": text_box(label, text, NUMBERS if label == "number" else ()),
        "s": slider("the look of step", 1, 1, S, 1),
        "bend": choice("bend it", [*BENDS]),
        "place": slider("source word", 1, 1, T, 1),
    }
    alt = (
        "A heat map: a row for each word that the decoder writes, a column for each "
        "word of the source; beside it what is written, and what is written after one "
        "row was bent."
    )
    return Live(picture.fig, update, controls, alt=alt, play="s")


@in_eval
@torch.no_grad()
def bent_run(model, source, s=0, bend=None, place=0):
    """Return what is written, a list of ids, and the weights (S, T) of its looks.

    source: a list of ids. At step s, from 1 on, bend(weights, place) is looked at in
    place of the weights (T,) of the model's own; 0 for at no step.
    """
    state = model.encode(torch.tensor([source]), torch.tensor([len(source)]))
    now, ids, rows = torch.tensor([Coder.BOS]), [], []

    def bent(weights):
        new = bend(weights[0].double().numpy(), place)
        return torch.as_tensor(np.asarray(new), dtype=weights.dtype)[None]

    while len(ids) < S and Coder.EOS not in ids:
        here = bent if len(ids) + 1 == s else None
        logits, state = model.step(now, state, here)
        now = logits.argmax(1)
        ids.append(now.item())
        rows.append(state.weights[0].numpy())
    return ids, np.array(rows)


def _without(weights, place):
    rest = np.where(np.arange(len(weights)) == place, 0, weights)
    return rest / rest.sum() if rest.sum() > 0 else np.full(len(rest), 1 / len(rest))


def _words(coder, right, own, bent, s, bend, word):
    """One line: is it right, and what did the bent look do?"""
    said = coder.decode(own)
    line = f"It writes: {' '.join(said) or 'nothing'}, "
    line += "which is right." if said == right else f"not {' '.join(right)}."
    if bend == "leave it":
        return line
    n = max(len(own), len(bent))
    pairs = zip(
        *(ids + [Coder.PAD] * (n - len(ids)) for ids in (own, bent)), strict=True
    )
    changed = [t for t, (a, b) in enumerate(pairs, 1) if a != b]
    said = {
        "lock it to the word": f"locked to {word}",
        "hide the word": f"without {word}",
    }
    line += f" Step {s}, {said.get(bend, bend)}: "
    if not changed:
        return f"{line}every word stays."
    here = "its own word changes" if s in changed else "its own word stays"
    later = len([t for t in changed if t > s])
    return f"{line}{here}, and {later} of the {max(n - s, 0)} after it."


class _Picture:
    """The artists of one figure; `show` sets them to one run and one bent row."""

    def __init__(self, symbols):
        self.names = [shown(symbol) for symbol in symbols]
        self.fig, axes = figure(1, len(PLACES), height=5.0)
        self.fig.set_layout_engine("none")
        self.ax = dict(zip(PLACES, axes, strict=True))
        for name, ax in self.ax.items():
            ax.set_position(PLACES[name])
        ax = self.ax["map"]
        ax.set_yticks(range(0, S, 2), range(1, S + 1, 2))
        ax.set_ylabel("step of the decoder")
        ax.set_xticks([])
        ax.set_xlabel("source words: their weights, white 0 … dark 1", fontsize=9.5)
        look = {"cmap": "Blues", "vmin": 0, "vmax": 1, "zorder": 1}
        self.grid = cells(ax, np.zeros((S, T)), **look)
        ax.set(xlim=(-0.5, T - 0.5), ylim=(S - 0.5, -0.5))
        look = {"fill": False, "lw": 1.6, "edgecolor": COLOURS["lstm"], "zorder": 4}
        self.box = ax.add_patch(Rectangle((-0.5, 0), 1, 1, animated=True, **look))
        look = {"fill": False, "lw": 1.2, "edgecolor": COLOURS["gold"], "zorder": 3}
        self.word = ax.add_patch(Rectangle((0, -0.5), 1, 1, animated=True, **look))
        for name, title in ("own", "its own words"), ("bent", "with the bent look"):
            self.ax[name].set(xlim=(0, 1), ylim=ax.get_ylim())
            self.ax[name].set_axis_off()
            self.ax[name].set_title(title, fontsize=9.5, y=1.0)
        self._row()
        self.labels = {name: Labels(self.ax[name], 8.5) for name in ("own", "bent")}
        self.source = Labels(self._head(), 8)
        self.shown = None

    def _head(self):
        """Axes above the map, in whose lines the source words take turns."""
        left, bottom, width, height = PLACES["map"]
        ax = self.fig.add_axes((left - 0.03, bottom + height, width + 0.06, 0.13))
        part = 0.03 / width * T  # the first word and the last may stand out
        ax.set(xlim=(-0.5 - part, T - 0.5 + part), ylim=(-0.6, 2.6))
        ax.set_axis_off()
        return ax

    def _row(self):
        ax = self.ax["row"]
        ax.set(xlim=(-0.5, T - 0.5), ylim=(0, 1), xticks=[], yticks=[0, 0.5, 1])
        ax.tick_params(labelsize=9)
        ax.set_title("that look: own, bent", fontsize=9.5, zorder=0)
        ax.set_xlabel("source words", fontsize=9.5)
        (self.own_row,) = ax.plot([], [], "o-", color=COLOURS["ink"], ms=3, lw=1)
        (self.bent_row,) = ax.plot([], [], "s-", color=COLOURS["lstm"], ms=4, lw=1.4)
        for line in (self.own_row, self.bent_row):
            line.set(animated=True, clip_on=False)

    def show(self, source, own, bent, s, place, bend):
        if self.shown != source:
            self.shown = source
            self.source.clear()
            for column, word in enumerate(source):
                self.source.put(word[:10], column, column % 3, COLOURS["ink"])
        weights = np.zeros((S, T))
        weights[: len(bent[1]), : len(source)] = bent[1]
        self.grid.set_data(weights)
        self.box.set_bounds(-0.5, s - 1.5, len(source), 1)
        self.word.set_bounds(place - 1.5, -0.5, 1, len(own[0]))
        for name, ids in ("own", own[0]), ("bent", bent[0]):
            self.labels[name].clear()
            if name == "bent" and bend == "leave it":
                continue
            for t, id in enumerate(ids):
                new = name == "bent" and (t >= len(own[0]) or id != own[0][t])
                ink = COLOURS["lstm" if new else "ink"]
                self.labels[name].put(self.names[id][:13], 0.5, t, ink)
        steps = np.arange(len(source))
        self.own_row.set_data(steps, own[1][s - 1])
        row = bent[1][s - 1] if bend != "leave it" else []
        self.bent_row.set_data(steps[: len(row)], row)
