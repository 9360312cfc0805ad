"""Explorer of lesson 07: the decoding studio, where the next character is chosen."""

import numpy as np
import torch
from matplotlib.collections import PolyCollection
from matplotlib.colors import to_rgb

from helpers.explore.kit.live import Live, figure, slider, text_box
from helpers.explore.kit.prompts import BEGINNINGS, known, read, want_writer
from helpers.explore.kit.settings import settable
from helpers.explore.kit.streaming import Stream
from helpers.explore.kit.typed import Labels, Page, show_char
from helpers.plots import COLOURS
from helpers.writing.decoding import filter_logits, top_k

__all__ = ["explore_decoding"]

SHOWN = 26  # characters in the bar chart, the most likely ones
MOST, LONGEST = 240, 60  # characters written, and characters of a prompt
SURPRISED = 8  # bits at which a letter's ground is as orange as it gets


@settable
def explore_decoding(model, characters, prompt="The ", seed=0):
    """Return a live figure in which a trained model chooses its next character.

    model: logits (1, T, V), state = model(ids (1, T), state); characters: the
    helpers.data.text.Characters that it was trained on. Above: the most likely next
    characters, before and after temperature, top-k and top-p. "write" draws one after
    the other, with the sliders as they are at that moment. seed: of the draws.
    ValueError if model and characters do not fit together.
    """
    want_writer(model, characters)
    story = _Story(model, characters, torch.Generator().manual_seed(seed))
    picture, stream, V = _Picture(characters), Stream(MOST), len(characters)
    controls = {
        "prompt": text_box("a beginning", prompt, BEGINNINGS),
        "temperature": slider("temperature τ", 1.0, 0.1, 3.0, 0.05),
        "k": slider("top-k", V, 1, V, 1, unit="characters"),
        "p": slider("top-p", 1.0, 0.05, 1.0, 0.05, unit="mass"),
        "write": stream.button,
        "written": stream.bar,
    }

    def anew(_change):
        stream.bar.value = 0

    controls["prompt"].observe(anew, "value")

    def update(prompt, temperature, k, p, write, written):
        if prompt != story.prompt or written < story.written:
            story.begin(prompt)
        while story.written < written:
            story.go_on(filter_logits(story.logits, temperature, k, p))
        logits = story.logits
        picture.show(story, logits, temperature, k, p)
        return f"{story.note} {_words(characters, story, temperature, k, p)}".strip()

    return Live(
        picture.fig,
        update,
        controls,
        alt=(
            "Bars: the probability of the most likely next characters, by the model "
            "and after temperature, top-k and top-p; a line adds them up. Below: the "
            "text so far, each letter on a ground that says how unlikely it was."
        ),
    )


class _Story:
    """A prompt and what was written after it: ids, their surprise, the next logits."""

    def __init__(self, model, characters, generator):
        self.model, self.characters, self.generator = model, characters, generator
        self.prompt = None

    def begin(self, prompt):
        """Read the prompt."""
        self.prompt, self.written = prompt, 0
        self.ids, self.note = known(self.characters, prompt, LONGEST)
        logits, self.state = read(self.model, self.ids)
        log_p = logits.log_softmax(-1)[:-1]
        said = log_p.gather(1, torch.tensor(self.ids[1:], dtype=torch.long)[:, None])
        self.bits = [0.0, *(-said[:, 0] / np.log(2)).tolist()]
        self.logits, self.given = logits[-1], len(self.ids)

    def go_on(self, shaped):
        """Draw one character from the shaped logits (V,), and read it."""
        chances = shaped.softmax(-1)
        id = torch.multinomial(chances, 1, generator=self.generator).item()
        self.bits.append(-self.logits.log_softmax(-1)[id].item() / np.log(2))
        self.ids.append(id)
        logits, self.state = read(self.model, [id], self.state)
        self.logits = logits[-1]
        self.written += 1


def _choices(p):
    """The perplexity of a distribution: as unsure as among so many equal ones."""
    return torch.special.entr(p).sum().exp().item()


def _words(characters, story, temperature, k, p):
    """One line on what may come next."""
    raw = story.logits.softmax(-1)
    shaped = filter_logits(story.logits, temperature, k, p).softmax(-1)
    last = characters.decode(story.ids[-12:])
    best = int(raw.argmax())
    n, mass = int((shaped > 0).sum()), raw[shaped > 0].sum().item()
    return (
        f"After …{last!r}: most likely {characters.chars[best]!r} ({raw[best]:.0%}). "
        f"{n} of {len(raw)} characters may come, which have {mass:.0%} of the model's "
        f"mass; as unsure as among {_choices(raw):.1f} equal ones before, "
        f"{_choices(shaped):.1f} now."
    )


class _Picture:
    """The artists of one figure; `show` sets them to one moment of a story."""

    def __init__(self, characters):
        self.characters = characters
        self.fig, axes = figure(2, 1, height=4.6)
        self.fig.set_layout_engine("none")
        bars, sheet = axes
        bars.set_position((0.07, 0.49, 0.91, 0.44))
        sheet.set_position((0.07, 0.01, 0.91, 0.37))
        n = self.n = min(SHOWN, len(characters))
        live = {"animated": True, "zorder": 4}
        self.model_bars = PolyCollection([], facecolor=COLOURS["faint"], **live)
        self.bars = PolyCollection([], facecolor=COLOURS["lstm"], **live)
        for part in (self.model_bars, self.bars):
            bars.add_collection(part, autolim=False)
        look = {"color": COLOURS["ink"], "lw": 1, "drawstyle": "steps-mid"}
        (self.sum,) = bars.plot([], [], **look, **live)
        look = {"color": COLOURS["gru"], "lw": 1.2, "ls": "--"}
        (self.limit,) = bars.plot([], [], **look, **live)
        self._legend(bars)
        bars.set(xlim=(-0.6, n - 0.4), ylim=(-0.13, 1.05), xticks=[])
        bars.set_yticks(np.arange(0, 1.01, 0.25))
        bars.set_ylabel("probability")
        bars.set_title("the next character", loc="left", zorder=1)
        bars.spines["bottom"].set(position=("data", 0), zorder=1)
        bars.grid(False, axis="x")
        self.labels = Labels(bars, 11)
        sheet.axis("off")
        words = "the text so far (orange: unlikely for the model, 8 bits and more)"
        self.fig.text(0.07, 0.405, words, fontsize=9, zorder=-1)
        self.page = Page(sheet, 10)

    def _legend(self, ax):
        names = {
            self.model_bars: "the model's own",
            self.bars: "after temperature, top-k, top-p",
            self.sum: "added up, before top-p",
            self.limit: "top-p",
        }
        look = {"loc": "lower right", "fontsize": 9, "frameon": False, "ncols": 4}
        place = {"bbox_to_anchor": (1.01, 0.98), "borderaxespad": 0.2}
        look |= {"columnspacing": 1, "handlelength": 1.2}
        legend = ax.legend([*names], [*names.values()], **place, **look)
        legend.set_zorder(1)
        for handle in legend.legend_handles:
            handle.set_animated(False)

    def show(self, story, logits, temperature, k, p):
        """Draw what may come next, and the text."""
        raw = logits.softmax(-1)
        shaped = filter_logits(logits, temperature, k, p).softmax(-1)
        added = top_k(logits / temperature, k).softmax(-1)
        order = logits.argsort(descending=True, stable=True)[: self.n]
        raw, shaped, added = (x[order].numpy() for x in (raw, shaped, added))
        xs = np.arange(self.n)
        self.model_bars.set_verts(_boxes(xs, raw, 0.42))
        self.bars.set_verts(_boxes(xs, shaped, 0.24))
        self.sum.set_data(xs, added.cumsum())
        self.limit.set_data([-0.6, self.n], [p, p])
        self.labels.clear()
        for x, id in enumerate(order.tolist()):
            ink = COLOURS["ink" if shaped[x] > 0 else "faint"]
            self.labels.put(show_char(self.characters.chars[id]), x, -0.06, ink)
        share = np.clip(np.array(story.bits) / SURPRISED, 0, 1)[:, None]
        orange, ink, grey = (np.array(to_rgb(COLOURS[c])) for c in INKS)
        inks = np.where(np.arange(len(share))[:, None] < story.given, grey, ink)
        text = self.characters.decode(story.ids)
        self.page.set(text, inks, 1 + share * (orange - 1))


INKS = "gold", "ink", "baseline"


def _boxes(xs, heights, half):
    """The corners (n, 4, 2) of bars on 0."""
    left, right = xs - half, xs + half
    low = np.zeros(len(xs))
    corners = [(left, low), (left, heights), (right, heights), (right, low)]
    return np.stack([np.stack(corner, axis=1) for corner in corners], axis=1)
