"""Explorer of lesson 03: backpropagation through time as a sum over paths."""

import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.colors import to_rgb

from helpers.data.files.forms import in_form_of
from helpers.explore.kit.letters import printable, want_fit
from helpers.explore.kit.live import Live, choice, figure, slider
from helpers.explore.kit.numbers import MINUS, short
from helpers.explore.kit.settings import settable
from helpers.explore.kit.words import moving_text
from helpers.gradients.paths import Paths, kept_paths
from helpers.plots import COLOURS

__all__ = ["explore_bptt"]

MOST_STEPS = 24
BACKWARD, CUT = to_rgb(COLOURS["backward"]), to_rgb("#B8B8B8")
TRUNCATIONS = {"chunks of k steps": "chunks", "k steps per loss": "per loss"}
LIMITS = {"error": (0, 1.45), "cosine": (-0.5, 1.03)}
DECADES = 3  # an arc 1000 times weaker than the strongest one is not seen any more
DASHES = (0, (2, 1))
PLACES = {  # left, bottom, width, height in parts of the figure
    "key": (0.075, 0.935, 0.60, 0.06),
    "arcs": (0.075, 0.53, 0.60, 0.385),
    "bars": (0.075, 0.11, 0.60, 0.25),
    "error": (0.76, 0.58, 0.23, 0.32),
    "cosine": (0.76, 0.11, 0.23, 0.32),
}
PERCENT = {1e-4: "0.01 %", 1e-3: "0.1 %", 1e-2: "1 %", 1e-1: "10 %", 1: "100 %"}


@settable
def explore_bptt(rnn, characters, text="the state remembers."):
    """Return a live figure of the paths that carry gradient back through `text`.

    rnn: helpers.nets.numpy_rnn.RNN whose ids are those of `characters`, a
    helpers.data.text.Characters; it reads the text from h_0 = 0 and predicts each next
    character. An arc from step t to step s is as strong as dL_t/dh_s, measured. Below:
    what each step adds to dW_hh; right: how far the truncated gradient is from the
    whole one. At most 24 steps are taken. ValueError if the two do not fit together or
    the text is too short or has other characters.
    """
    want_fit(rnn, characters)
    if not isinstance(text, str) or len(text) < 3:
        raise ValueError(f"text: at least 3 characters wanted, got {text!r}")
    text = in_form_of(characters.chars, text)
    ids = characters.encode(text[: MOST_STEPS + 1])
    X, Y, T = ids[:-1], ids[1:], len(ids) - 1
    picture = _Picture([characters.decode([i]) for i in ids])
    measured = {}

    def update(shown, t, cut, k, gain):
        if gain not in measured:
            measured.clear()
            measured[gain] = Paths(rnn, X, Y, gain)
        one = None if shown == "all" else t
        every_k = np.stack([kept_paths(T, n, cut, one) for n in range(1, T + 1)])
        full = every_k[-1]
        error, cosine = measured[gain].compare(every_k, full)
        picture.show(measured[gain], full, every_k[k - 1], error, cosine, k, cut, one)
        return _words(measured[gain], full, every_k[k - 1], error, cosine, k, one)

    controls = {
        "shown": choice("losses", {"one: L_t": "one", "all of them": "all"}),
        "t": slider("loss step t", T, 1, T, 1),
        "cut": choice("truncation", TRUNCATIONS),
        "k": slider("truncation length k", min(8, T), 1, T, 1, unit="steps"),
        "gain": slider("gain of W_hh", 1.0, 0.2, 2.0, 0.1, unit="×"),
    }
    alt = (
        "Arcs lead back from a loss to every earlier step and fade with the measured "
        "gradient; dots show what each step adds to dW_hh; two curves show how the "
        "truncated gradient comes close to the whole one as chunks get longer."
    )
    return Live(picture.fig, update, controls, alt=alt)


def _words(paths, full, kept, error, cosine, k, t):
    """One line on how far the gradient reaches and what the truncation costs."""
    e, c = error[k - 1], cosine[k - 1]
    share = f"{kept.sum()} of {full.sum()} paths kept: dW_hh is "
    if np.isnan(c):
        share += "zero"
    elif e < 1e-12:
        share += "exact"
    else:
        share += f"off by {_percent(e)} of its size (cosine {_cosine(c)})"
    if t is None:
        return f"All {len(full)} losses. {share}."
    if t == 1:
        return f"L_1 has one path, and h_0 is zero: it gives W_hh no gradient. {share}."
    last, first = paths.norms()[t - 1, [t - 1, 0]]
    if first == 0:
        way = "so faint that it rounds to zero"
    elif first < last:
        way = f"{short(last / first)} times weaker"
    else:
        way = f"{short(first / last)} times stronger"
    return (
        f"The gradient of L_{t} is {short(last)} at h_{t} and {short(first)} at h_1, "
        f"{way}. {share}."
    )


def _percent(part):
    if np.isnan(part):
        return "none"
    return f"{100 * part:.1f} %" if part >= 1e-3 or part < 1e-12 else short(part)


def _cosine(number):
    return "none" if np.isnan(number) else f"{number:.3f}".replace("-", MINUS)


class _Picture:
    """The artists of one figure; `show` sets them to one choice of paths."""

    def __init__(self, chars):
        self.T = len(chars) - 1
        self.fig, axes = figure(1, len(PLACES), height=5.4)
        self.fig.set_layout_engine("none")
        self.ax = dict(zip(PLACES, axes, strict=True))
        for name, ax in self.ax.items():
            ax.set_position(PLACES[name])
        self._key(self.ax["key"])
        self._arcs(self.ax["arcs"], chars)
        self._bars(self.ax["bars"])
        self._curves()

    def _key(self, ax):
        ax.set(xlim=(0, 1), ylim=(0, 1))
        ax.axis("off")
        ax.text(0, 0.5, "$|dL_t/dh_s|$", va="center", fontsize=10)
        for x, name in {0.16: "the strongest", 0.42: "÷ 10", 0.57: "÷ 100"}.items():
            strength = {"÷ 10": 0.1, "÷ 100": 0.01}.get(name, 1.0)
            look = _look(np.array(strength), BACKWARD)
            ax.plot([x, x + 0.05], [0.5, 0.5], color=look["color"], lw=look["lw"])
            ax.text(x + 0.06, 0.5, name, va="center", fontsize=9)
        ax.plot([0.75, 0.8], [0.5, 0.5], color=CUT, lw=3, ls=DASHES)
        ax.text(0.81, 0.5, "cut by truncation", va="center", fontsize=9)

    def _arcs(self, ax, chars):
        T = self.T
        self.t_of, self.s_of = np.nonzero(np.tri(T))
        turn = np.linspace(0, np.pi, 24)
        middle, half = (self.t_of + self.s_of) / 2 + 1, (self.t_of - self.s_of) / 2
        top = 1.04 * ((T - 1) / 2) ** 0.8
        xs = middle[:, None] + half[:, None] * np.cos(turn)
        ys = half[:, None] ** 0.8 * np.sin(turn)
        itself = self.t_of == self.s_of  # from a loss to its own step: a small loop
        xs[itself] += 0.012 * T * np.sin(2 * turn)
        ys[itself] += 0.04 * top * (1 - np.cos(2 * turn))
        self.curve = np.stack([xs, ys], axis=2)
        self.cut, self.kept_arcs = (
            ax.add_collection(
                LineCollection([], animated=True, zorder=z), autolim=False
            )
            for z in (3, 4)
        )
        self.cut.set_linestyle(DASHES)  # told apart without their colour, too
        dots = {"color": COLOURS["ink"], "ms": 4, "zorder": 2, "clip_on": False}
        ax.plot(range(1, T + 1), np.zeros(T), "o", **dots)
        (self.losses,) = ax.plot([], [], "o", ms=8, zorder=5, animated=True)
        self.losses.set(color=COLOURS["gold"], clip_on=False)
        ax.set(xlim=(0.4, T + 0.6), ylim=(0, top), yticks=[])
        ax.spines[["left", "bottom"]].set_visible(False)
        ax.set_xticks(range(1, T + 1), map(printable, chars[:-1]))
        ax.tick_params(length=0, pad=6)
        ax.set_xlabel("what step s reads; gold: steps whose loss is shown", labelpad=1)

    def _bars(self, ax):
        T = self.T
        look = {"animated": True, "zorder": 3, "color": COLOURS["baseline"]}
        (self.full,) = ax.plot([], [], "o", ms=8, mfc="white", label="whole", **look)
        look |= {"zorder": 4, "color": COLOURS["backward"]}
        (self.kept,) = ax.plot([], [], "o", ms=5, label="kept", **look)
        ax.set(xlim=(0.4, T + 0.6), ylim=(3e-5, 3), yscale="log", xlabel="step s")
        ax.legend(frameon=False, fontsize=9, loc="lower right").set_zorder(1)
        ax.set_yticks([*PERCENT], PERCENT.values())
        ax.minorticks_off()
        ax.set_xticks(range(1, T + 1) if T < 10 else [1, *range(5, T + 1, 5)])
        ax.set_title(
            "size of what step s adds, as part of $|dW_{hh}|$", zorder=1, fontsize=11
        )
        self.borders = [
            LineCollection([], colors=COLOURS["ink"], linestyles=":", animated=True)
            for _ in range(2)
        ]
        for name, border in zip(("arcs", "bars"), self.borders, strict=True):
            self.ax[name].add_collection(border, autolim=False)
            border.set_transform(self.ax[name].get_xaxis_transform())
            border.set(zorder=5, linewidth=1.2)

    def _curves(self):
        self.curves, self.here, self.value = {}, {}, {}
        titles = {
            "error": f"|truncated {MINUS} full| / |full|",
            "cosine": "cosine (truncated, full)",
        }
        for name, title in titles.items():
            ax, colour = self.ax[name], COLOURS["backward"]
            look = {"color": colour, "animated": True, "clip_on": False}
            (self.curves[name],) = ax.plot([], [], "-", lw=2, zorder=3, **look)
            (self.here[name],) = ax.plot([], [], "o", ms=8, zorder=4, **look)
            place = {"error": (0.98, 0.9), "cosine": (0.98, 0.05)}[name]
            right = {"ha": "right", "transform": ax.transAxes}
            self.value[name] = moving_text(ax, *place, zorder=5, **right)
            ax.set_title(title, zorder=1, fontsize=10)
            ax.set(xlim=(1, self.T), ylim=LIMITS[name])
        self.ax["cosine"].set_xlabel("truncation length k (steps)")

    def show(self, paths, full, kept, error, cosine, k, cut, t):
        T, at = self.T, (self.t_of, self.s_of)
        norms = np.where(full, paths.norms(), 0)[at]
        strength = norms / (norms.max() or 1)
        seen = strength > 10.0**-DECADES
        for arcs, which, colour in (
            (self.cut, seen & ~kept[at], CUT),
            (self.kept_arcs, seen & kept[at], BACKWARD),
        ):
            look = _look(strength[which], colour, thin=t is None)
            arcs.set_segments(self.curve[which])
            arcs.set(color=look["color"], linewidth=look["lw"])
        gold = [t] if t else range(1, T + 1)
        self.losses.set_data(gold, np.zeros(len(gold)))
        size = np.linalg.norm(paths.gradient(full)) or 1
        for dots, which in (self.full, full), (self.kept, kept):
            dots.set_data(range(1, T + 1), paths.parts(which) / size)
        edges = (
            np.arange(k, T, k) if cut == "chunks" else [t - k] if t and t > k else []
        )
        for border in self.borders:
            border.set_segments([[(x + 0.5, 0), (x + 0.5, 1)] for x in edges])
        for name, values in ("error", error), ("cosine", cosine):
            values = np.clip(values, *LIMITS[name])
            self.curves[name].set_data(range(1, T + 1), values)
            self.here[name].set_data([k], values[k - 1 : k])
        self.value["error"].set_text(_percent(error[k - 1]))
        self.value["cosine"].set_text(_cosine(cosine[k - 1]))


def _look(strength, colour, thin=False):
    """Colours and widths of lines, from their strengths on a logarithmic scale."""
    level = np.clip(1 + np.log10(np.maximum(strength, 1e-9)) / DECADES, 0, 1)
    opacity = (level if not thin else 0.7 * level)[..., None]
    colours = np.concatenate([np.broadcast_to(colour, (*level.shape, 3)), opacity], -1)
    return {"color": colours, "lw": (0.3 + 3.7 * level**2) * (0.4 if thin else 1)}
