"""Explorer of lesson 07: the tree of a beam search."""

import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.colors import to_rgba

from helpers.explore.kit.ahead import Ahead
from helpers.explore.kit.live import Live, figure, slider, text_box
from helpers.explore.kit.numbers import MINUS
from helpers.explore.kit.prompts import BEGINNINGS, known, read, want_writer
from helpers.explore.kit.settings import settable
from helpers.explore.kit.typed import Labels, show_char, show_text
from helpers.plots import COLOURS
from helpers.training import one_thread
from helpers.writing.decoding import beam_search

__all__ = ["explore_beam"]

WIDEST, DEEPEST = 8, 12
LONGEST = 60  # characters of a beginning
BEST, GREEDY = COLOURS["lstm"], COLOURS["gold"]


@settable
def explore_beam(model, characters, prompt="The ", width=4, depth=8):
    """Return a live figure of a beam search for the most likely next characters.

    model: logits (1, T, V), state = model(ids (1, T), state); characters: the
    helpers.data.text.Characters that it was trained on. A column a step: the hypotheses
    kept, the best on top, each with its newest character and its joint log p in nats.
    The best one and the greedy one are marked. ValueError if model and characters do
    not fit together, or if width or depth are beyond the sliders.
    """
    want_writer(model, characters)
    searches, picture = _Searches(model, characters), _Picture(characters)
    ahead = Ahead(searches.kept)
    controls = {
        "prompt": text_box("a beginning", prompt, BEGINNINGS),
        "width": slider("width", width, 1, WIDEST, 1, unit="hypotheses"),
        "depth": slider("depth", depth, 1, DEEPEST, 1, unit="characters"),
    }

    def update(prompt, width, depth):
        ids, note = searches.begin(prompt)
        kept, greedy = searches.kept(width)[:depth], searches.kept(1)[:depth]
        greedy = [beam[0] for beam in greedy]
        ahead.ask([(w,) for w in (width + 1, width - 1) if 1 <= w <= WIDEST])
        picture.show(characters.decode(ids), kept, greedy, width)
        return f"{note} {_words(characters, kept, greedy, width)}".strip()

    return Live(
        picture.fig,
        update,
        controls,
        alt=(
            "A tree that grows to the right, a column for each character: the kept "
            "hypotheses, the most likely on top, with their joint log-probability. "
            "One path is the best, one is greedy's."
        ),
    )


class _Searches:
    """Beam searches of all widths after one beginning, each run once."""

    def __init__(self, model, characters):
        self.model, self.characters = model, characters
        self.prompt = None

    def begin(self, prompt):
        """Return the ids of the beginning, and a note on what was left out."""
        if prompt != self.prompt:
            self.prompt, self.found = prompt, {}
            self.ids, self.note = known(self.characters, prompt, LONGEST)
            self.state = None
            if self.ids[1:]:
                self.state = read(self.model, self.ids[:-1])[1]
        return self.ids, self.note

    @one_thread()
    def kept(self, width):
        """Return the hypotheses kept after each step, the best first."""
        if width not in self.found:
            model, seen = self.model, []

            def step(ids, state):
                logits, state = model(ids[:, None], state)
                return logits[:, 0], state

            settings = {"width": width, "max_len": DEEPEST, "seen": seen}
            beam_search(step, self.state, self.ids[-1], **settings)
            self.found[width] = [beam for _, beam in seen]
        return self.found[width]


def _written(characters, hypothesis):
    return repr(characters.decode(hypothesis.ids))


def _words(characters, kept, greedy, width):
    """One line that compares the best text with greedy's."""
    best, first, V = kept[-1][0], greedy[-1], len(characters)
    T = len(greedy)
    words = f"Best of the beam: {_written(characters, best)}, log p {_nats(best.log_p)}"
    if best.ids == first.ids:
        words += ", which is what greedy writes."
    else:
        at = next(t for t in range(T) if best.ids[t] != first.ids[t])
        ratio = float(np.exp(best.log_p - first.log_p))
        words += (
            f"; greedy: {_written(characters, first)}, {_nats(first.log_p)}. They part "
            f"at character {at + 1}, and the beam's is {_times(ratio)} as likely."
        )
    looked = V + (T - 1) * width * V
    return f"{words} Continuations compared: {looked:,} of {V}^{T} texts."


def _nats(log_p):
    return f"{log_p:.1f}".replace("-", MINUS)


def _times(ratio):
    return f"{ratio:.1f} times" if ratio < 100 else f"{ratio:,.0f} times"


class _Picture:
    """The artists of one figure; `show` sets them to one search."""

    def __init__(self, characters):
        self.characters = characters
        self.fig, ax = figure(height=4.6)
        self.fig.set_layout_engine("none")
        ax.set_position((0.01, 0.1, 0.98, 0.79))
        ax.set(xlim=(-1.2, DEEPEST + 2.4), ylim=(1, 0), yticks=[])
        ax.set_xticks(range(DEEPEST + 1))
        ax.set_xlabel("characters written (the best hypothesis on top; joint log p)")
        ax.spines[["left", "right", "top"]].set_visible(False)
        ax.spines["bottom"].set_zorder(1)
        ax.grid(False)
        live = {"animated": True, "capstyle": "round"}
        self.edges = LineCollection([], zorder=3, linewidths=1, **live)
        self.greedy = LineCollection(
            [], zorder=4, linewidths=6, colors=GREEDY, alpha=0.5, **live
        )
        self.best = LineCollection([], zorder=5, linewidths=2, colors=BEST, **live)
        for part in (self.edges, self.greedy, self.best):
            ax.add_collection(part, autolim=False)
        look = {"ms": 17.5, "mec": "none", "color": "white", "zorder": 6}
        (self.discs,) = ax.plot([], [], "o", animated=True, **look)
        self._legend(ax)
        self.labels = Labels(ax, 12)

    def _legend(self, ax):
        for x, colour, width, words in (
            (0.0, BEST, 2, "best of the beam"),
            (0.22, GREEDY, 6, "greedy"),
            (0.37, COLOURS["baseline"], 1, "kept to the end"),
            (0.56, COLOURS["faint"], 1, "kept for a while"),
        ):
            place = {"transform": ax.transAxes, "clip_on": False, "zorder": 1}
            alpha = 0.5 if colour == GREEDY else 1
            look = {"color": colour, "lw": width, "alpha": alpha}
            ax.plot([0.02 + x, 0.05 + x], [1.06, 1.06], **look, **place)
            ax.text(0.06 + x, 1.06, words, fontsize=9, va="center", **place)

    def show(self, text, kept, greedy, width):
        """Draw the search: the hypotheses kept at each step, and greedy's."""
        rows = width + 1  # the last row is for a greedy text that was not kept
        nodes = {(): (0, 0.5 / rows)}
        for t, beam in enumerate(kept):
            for row, h in enumerate(beam):
                nodes[h.ids] = t + 1, (row + 0.5) / rows
        alive = {h.ids[:t] for h in kept[-1] for t in range(len(h.ids) + 1)}
        best, lost = kept[-1][0].ids, {}
        for t, h in enumerate(greedy):
            if h.ids not in nodes:
                lost[h.ids] = nodes[h.ids] = t + 1, (width + 0.5) / rows
        dark, pale = COLOURS["baseline"], COLOURS["faint"]
        edges = [ids for ids in nodes if ids and ids not in lost]
        self.edges.set_segments([[nodes[ids[:-1]], nodes[ids]] for ids in edges])
        stays = np.array([ids in alive for ids in edges])[:, None]
        self.edges.set_color(np.where(stays, to_rgba(dark), to_rgba(pale)))
        for lines, ids in (self.best, best), (self.greedy, greedy[-1].ids):
            path = [nodes[ids[:t]] for t in range(len(ids) + 1)]
            lines.set_segments([path])
        self.discs.set_data(*zip(*nodes.values(), strict=True))
        scores = {h.ids: h.log_p for beam in [*kept, greedy] for h in beam}
        self._label(text, nodes, scores, alive, lost)
        for row, h in enumerate(kept[-1]):
            colour = BEST if row == 0 else dark
            end = show_text(self.characters.decode(h.ids))
            x, y = DEEPEST + 1.45, (row + 0.5) / rows
            self.labels.put(end, x, y, colour, 10)

    def _label(self, text, nodes, scores, alive, lost):
        """Write the newest character of each node, and its joint log p below it."""
        high = 340 / 18  # pixels of the axes in half a line
        put, ink = self.labels.put, COLOURS["ink"]
        self.labels.clear()
        put("…" + show_text(text[-7:]), *_moved(nodes[()], -0.5), ink, 10)
        for ids, (x, y) in nodes.items():
            if not ids:
                continue
            colour = ink if ids in alive else COLOURS["baseline"]
            char = show_char(self.characters.chars[ids[-1]])
            put(char, x, y - 0.1 / high, GREEDY if ids in lost else colour)
            put(
                _nats(scores[ids]),
                x,
                y + 0.72 / high,
                COLOURS["baseline"],
                8,
                ground=True,
            )


def _moved(place, by):
    return place[0] + by, place[1]
