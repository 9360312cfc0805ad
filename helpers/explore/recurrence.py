"""Explorers of lesson 03: one step of the recurrence after the other.

`explore_bptt`, the way back, has its own file and can be imported from here as well.
"""

import numpy as np
from matplotlib import colormaps
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.patches import Rectangle

from helpers.data.files.forms import in_form_of
from helpers.explore.bptt import explore_bptt
from helpers.explore.kit.cells import cells
from helpers.explore.kit.fonts import dress
from helpers.explore.kit.letters import printable, want_fit
from helpers.explore.kit.live import Live, figure, slider, text_box
from helpers.explore.kit.numbers import NumberGrid, signed
from helpers.explore.kit.settings import settable
from helpers.explore.kit.typed import Labels
from helpers.explore.kit.words import moving_text
from helpers.plots import COLOURS

__all__ = ["explore_bptt", "explore_steps"]

MOST_LETTERS, MOST_UNITS = 24, 10
WORDS = "unrolled", "banana", "aaaaaaaa", "a rose is a rose"  # beside the first
SIGNED = colormaps["RdBu_r"].with_extremes(bad="#EEEEEE")
GAPS = SIGNED.with_extremes(bad="white")
TERMS = "input", "state", "bias"
STRIPS = {  # the left edge of each column, 5 wide, and its title
    0: "$x_tW_{xh}$",
    8: "$h_{t-1}W_{hh}$",
    16: "$b_h$",
    24: "$a_t$",
    35: "$h_t$",
}
SIGNS = {5.9: "+", 15.2: "+", 22.5: "=", 32: "→ tanh →"}
PLACES = {  # left, bottom, width, height in parts of the figure
    "given": (0.03, 0.25, 0.02, 0.64),
    "strips": (0.115, 0.25, 0.465, 0.64),
    "past": (0.625, 0.25, 0.36, 0.64),
    "read": (0.625, 0.20, 0.36, 0.045),
    "sum_bar": (0.115, 0.13, 0.34, 0.025),
    "state_bar": (0.625, 0.13, 0.36, 0.025),
}


@settable
def explore_steps(rnn, characters, text="hello"):
    """Return a live figure of `rnn` reading `text`, one character a step.

    rnn: helpers.nets.numpy_rnn.RNN whose inputs are the ids of `characters`, a
    helpers.data.text.Characters. Left: the three terms of the sum, its tanh and the
    numbers of every unit; right: the states so far, a column a step. Of more than 10
    units the 10 that move most are shown. ValueError if the two do not fit together,
    or if `text` has none of the characters.
    """
    want_fit(rnn, characters)
    if not isinstance(text, str) or not len(_read(characters, text)[0]):
        raise ValueError(f"text: at least one known character wanted, got {text!r}")
    terms, hs = _run(rnn, _read(characters, text)[0])
    travel = np.abs(np.diff(hs, axis=0)).sum(axis=0)
    units = np.sort(np.argsort(-travel, kind="stable")[:MOST_UNITS])
    H = hs.shape[1]
    picture = _Picture(characters, units, H, np.ceil(np.abs(terms.sum(0)).max()))
    T = len(hs) - 1
    word = text_box("a word to read", text, WORDS)
    step = slider("step t", min(3, T), 0, T, 1)
    row = slider("row to follow", 0, 0, len(units) - 1, 1)
    runs = {}

    def update(word, t, row):
        if word not in runs:
            ids, notes = _read(characters, word)
            runs.clear()
            runs[word] = ids, notes, *_run(rnn, ids)
        ids, notes, terms, hs = runs[word]
        t = min(t, len(ids))
        picture.show(ids, terms[:, :, units], hs[:, units], t, row)
        return " ".join([*notes, _words(characters, ids, terms, hs, t)])

    def resize(change):
        step.max = max(1, len(_read(characters, change["new"])[0]))

    word.observe(resize, "value")
    alt = (
        "Three columns of numbers, the input term, the state term and the bias, add up "
        "to a fourth; its tanh is the state of step t, which is the newest column of a "
        "heat map of all states so far."
    )
    controls = {"word": word, "t": step, "row": row}
    return Live(picture.fig, update, controls, alt=alt, play="t")


def _read(characters, text):
    """Ids of the characters that the network knows, and notes on the others."""
    known, unknown = [], []
    for char in in_form_of(characters.chars, text):
        fits = [c for c in (char, char.lower()) if c in characters.chars]
        (known if fits else unknown).append((fits or [char])[0])
    notes = []
    if unknown:
        strange = ", ".join(map(repr, dict.fromkeys(unknown[:3])))
        notes.append(f"Left out {strange}: not among its {len(characters)} characters.")
    if len(known) > MOST_LETTERS:
        notes.append(f"Shown: the first {MOST_LETTERS} of {len(known)} characters.")
    return characters.encode("".join(known[:MOST_LETTERS])), notes


def _run(rnn, ids):
    """The terms before the tanh (3, T, H) and the states (T + 1, H) from h_0 = 0."""
    p = {name: np.asarray(value, float) for name, value in rnn.params.items()}
    T, H = len(ids), len(p["b_h"])
    terms, hs = np.zeros((3, T, H)), np.zeros((T + 1, H))
    terms[0], terms[2] = p["W_xh"][ids], p["b_h"]
    for t in range(T):
        terms[1, t] = hs[t] @ p["W_hh"]
        hs[t + 1] = np.tanh(terms[:, t].sum(axis=0))
    return terms, hs


def _words(characters, ids, terms, hs, t):
    """One sentence on the unit that step t moved furthest, and why it moved."""
    if t == 0:
        return "t = 0: nothing has been read yet, and the state is all zeros."
    unit = np.argmax(np.abs(hs[t] - hs[t - 1]))
    was, now = hs[t - 1, unit], hs[t, unit]
    flips = "flips" if was * now < 0 else "moves furthest,"
    words = (
        f"t = {t}, {characters.decode(ids[t - 1 : t])!r}: unit {unit} {flips} from "
        f"{signed(was)} to {signed(now)}, mostly because of its"
    )
    after = terms[:, t - 1, unit]
    if t == 1:
        k = np.argmax(after * np.sign(now))
        return f"{words} {TERMS[k]} term, {signed(after[k])}."
    before = terms[:, t - 2, unit]
    k = np.argmax((after - before) * np.sign(now - was))
    change = f"{signed(before[k])} became {signed(after[k])}"
    return f"{words} {TERMS[k]} term: {change}."


class _Picture:
    """The artists of one figure; `show` sets them to one step of one text."""

    def __init__(self, characters, units, H, top):
        self.characters, self.n = characters, len(units)
        self.fig, axes = figure(1, len(PLACES), height=4.4)
        self.fig.set_layout_engine("none")
        axes = dict(zip(PLACES, axes, strict=True))
        for name, ax in axes.items():
            ax.set_position(PLACES[name])
            ax.spines[:].set_visible(False)
            ax.set(yticks=[])
        self._given(axes["given"])
        self._strips(axes["strips"], top)
        self._past(axes["past"])
        axes["read"].set_axis_off()
        self.read = Labels(axes["read"], 10)
        which = "unit" if self.n == H else f"unit (the {self.n} busiest of {H})"
        axes["strips"].set_yticks(range(self.n), units)
        axes["strips"].set(ylabel=which, xticks=[])
        for ax in list(axes.values())[:3]:
            ax.tick_params(length=0)
        flat = {"orientation": "horizontal"}
        shades = ScalarMappable(Normalize(-top, top), SIGNED)
        bar = self.fig.colorbar(shades, axes["sum_bar"], extend="both", **flat)
        bar.set_label("a term, or their sum $a_t$ (no unit)")
        bar = self.fig.colorbar(self.past, axes["state_bar"], **flat)
        bar.set_label("state $h$ (no unit)")

    def _given(self, ax):
        D = len(self.characters)
        self.one_hot = _strip(ax, D, 0, 1, cmap="Greys", vmin=0)
        ax.spines[:].set_visible(True)
        ax.set_title("$x_t$", loc="center", zorder=1)
        ax.set(xticks=[], ylim=(D - 0.5, -0.5))
        if D <= 32:  # more would not be legible
            small = {"fontsize": min(10, 200 / D)}
            ax.set_yticks(range(D), map(printable, self.characters.chars), **small)
        below = {"transform": ax.transAxes, "ha": "center", "va": "top"}
        self.letter = moving_text(ax, 0.5, -0.03, zorder=5, **below)

    def _strips(self, ax, top):
        self.scale = np.array([[1 / top]] * 4 + [[1]])  # the last one is a tanh
        self.strips = _strip(ax, self.n, 0, 40, cmap=GAPS)
        over = {"transform": ax.get_xaxis_transform(), "zorder": 1, "ha": "center"}
        for x, title in STRIPS.items():
            ax.text(x + 2.5, 1.03, title, fontsize=12, **over)
        for x, sign in SIGNS.items():
            ax.text(x, 1.03, sign, fontsize=10, **over)
        self.row = _outline(ax, (-0.25, 0), 40.5, 1, "-")
        ax.set(xlim=(-0.5, 40.5), ylim=(self.n - 0.5, -0.5))
        self.numbers = NumberGrid(ax, np.array([*STRIPS]) + 2.5, range(self.n))

    def _past(self, ax):
        self.past = _strip(ax, self.n, 0, 1)
        ax.set_title("states so far: $h_t$ solid, $h_{t-1}$ dotted", zorder=1)
        ax.set(xlabel="after reading", xticks=[], ylim=(self.n - 0.5, -0.5))
        ax.xaxis.labelpad = 18  # room for what was read, a letter below each column
        self.now = _outline(ax, (0, -0.5), 1, self.n, "-")
        self.before = _outline(ax, (0, -0.5), 1, self.n, ":")
        self.followed = _outline(ax, (0, 0), 1, 1, "-", linewidth=0.8)

    def show(self, ids, terms, hs, t, row):
        """terms (3, T, n), hs (T + 1, n): the shown units of a text with these ids."""
        T, n = len(ids), self.n
        values = np.full((5, n), np.nan)
        if t:
            values[:] = *terms[:, t - 1], terms[:, t - 1].sum(axis=0), hs[t]
        shades = np.full((n, 40), np.nan)
        for x, column in zip(STRIPS, values * self.scale, strict=True):
            shades[:, x : x + 5] = column[:, None]
        self.strips.set_data(shades)
        inks = np.where(np.abs(values * self.scale) > 0.6, "white", COLOURS["ink"])
        self.numbers.set([[signed(v) if t else "" for v in c] for c in values], inks)
        read = ids[t - 1 : t] if t else ids[:0]
        self.one_hot.set_data(np.isin(np.arange(len(self.characters)), read)[:, None])
        dress(self.letter, "".join(map(printable, self.characters.decode(read))))
        self.past.set_data(np.where(np.arange(T + 1) <= t, hs.T, np.nan))
        wide = 1 / (T + 1)  # of a column: the axes are 1 wide
        self.read.clear()
        letters = map(printable, self.characters.decode(ids))
        for k, letter in enumerate(["h₀", *letters]):
            self.read.put(letter, wide * (k + 0.5), 0.5, COLOURS["ink"])
        self.row.set_y(row - 0.5)
        self.followed.set(y=row - 0.5)
        self.now.set(x=t * wide, width=wide)
        self.before.set(x=(t - 1) * wide, width=wide, visible=t > 0)


def _strip(ax, n, x, width, **look):
    look = {"cmap": SIGNED, "vmin": -1, "vmax": 1} | look
    place = {"extent": (x, x + width, n - 0.5, -0.5), "zorder": 4}
    return cells(ax, np.zeros((n, width)), **look, **place)


def _outline(ax, corner, width, height, style, linewidth=1.8):
    look = {"edgecolor": COLOURS["ink"], "linewidth": linewidth, "linestyle": style}
    place = {"fill": False, "animated": True, "zorder": 6, "clip_on": False}
    return ax.add_patch(Rectangle(corner, width, height, **look, **place))
