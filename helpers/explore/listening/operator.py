"""Explorer of lesson 10: a text is sent in Morse code, and a network listens."""

from __future__ import annotations

import ipywidgets as widgets
import numpy as np
import torch
import traitlets
from matplotlib.collections import LineCollection

from helpers.data.morse import ELEMENTS, from_elements, want_text
from helpers.data.radio import BANDS, FRAME, RATE, key_text, letter_times, waterfall
from helpers.explore.kit.cells import cells
from helpers.explore.kit.live import Live, choice, figure, slider, text_box
from helpers.explore.kit.numbers import MINUS
from helpers.explore.kit.settings import settable
from helpers.explore.kit.typed import Labels
from helpers.explore.kit.words import moving_text
from helpers.nets.listener import hear
from helpers.plots import COLOURS
from helpers.sound import player
from helpers.training import one_thread
from helpers.writing.ctc import fewest_frames
from helpers.writing.ctc_search import best_path, viterbi

__all__ = ["explore_operator"]

TEXTS = "hello", "cq", "e e e", "to be"  # to choose from, beside the first
LONGEST = 5  # seconds on the figure; what comes later is heard, and not drawn
STEP = 2 * FRAME  # seconds from one output of the network to the next
INKS = dict(zip(ELEMENTS.symbols, ("rnn", "lstm", "gru", "backward"), strict=True))
NAMES = {".": "dot", "-": "dash", " ": "end of a letter", "/": "end of a word"}
TRUE, ALIGNED = 1.16, -0.1  # heights at which begins are marked


@settable
def explore_operator(listeners, alphabet=ELEMENTS, text="sos", seed=0):
    """Return a live figure, with its sound, of a text that is keyed and heard.

    listeners: dict name → Listener that writes `alphabet`, which is ELEMENTS. Above the
    waterfall and the letters sent; below what the network says in each of its frames,
    under the true dots and dashes. ValueError if a listener does not write dots and
    dashes.
    """
    _want_listeners(listeners, alphabet)
    picture, sound, known = _Picture(), _Sound(), {}

    def update(typed, wpm, snr, jitter, listener, sound_value):
        try:
            want_text(typed)
        except ValueError as problem:
            return f"{problem}. The figure is the last one."
        rng = np.random.default_rng(seed)
        sent = key_text(typed, rng, wpm=wpm, jitter=jitter, snr=snr)
        asked = typed, wpm, snr, jitter
        if known.get("asked") != asked:
            known["asked"] = asked
            sound.play(sent.sound)
        frames = waterfall(sent.sound)
        with one_thread():
            log_y = hear(listeners[listener], frames)
        at = picture.show(sent, frames, log_y)
        return _words(sent, log_y, at)

    controls = {
        "typed": text_box("text to send", text, TEXTS),
        "wpm": slider("speed", 20, 8, 35, 1, unit="words a minute"),
        "snr": slider("tone over noise", 12, -12, 20, 1, unit="dB"),
        "jitter": slider("jitter of the hand", 0.1, 0.0, 0.5, 0.05),
        "listener": choice("listener", list(listeners)),
        "sound_value": sound,
    }
    alt = (
        "A waterfall of the sound with the letters sent above it; below, the network's "
        "probability of a dot, a dash and a gap in each frame, under bars where the "
        "true dots and dashes were."
    )
    return Live(picture.fig, update, controls, alt=alt)


class _Sound(widgets.HBox):
    """A player in the column of controls; `play` gives it a sound, and moves nothing.

    A control has a value that is watched; this one's never changes.
    """

    description = "sound"
    value = traitlets.Unicode("")

    def __init__(self):
        silence = player(np.zeros(8), RATE).data
        self.audio = widgets.Audio(value=silence, format="wav", autoplay=False)
        self.audio.loop = False
        super().__init__([self.audio])

    def play(self, sound):
        self.audio.value = player(sound, RATE).data


def _want_listeners(listeners, alphabet):
    if alphabet is not ELEMENTS:
        raise ValueError(f"alphabet: got {alphabet!r:.60}, want data.morse.ELEMENTS")
    if not isinstance(listeners, dict) or not listeners:
        raise ValueError(f"listeners: a dict name → Listener wanted, got {listeners!r}")
    for name, model in listeners.items():
        if not isinstance(model, torch.nn.Module):
            raise ValueError(
                f"listeners[{name!r}]: a Listener wanted, got {model!r:.60}"
            )
        V = hear(model, np.zeros((8, len(BANDS)))).shape[1]
        if len(ELEMENTS) != V:
            raise ValueError(
                f"listeners[{name!r}]: {len(ELEMENTS)} outputs wanted, got {V}"
            )


def _begins(path):
    before = np.concatenate([[0], path[:-1]])
    return np.flatnonzero((path != 0) & (path != before))


def _words(sent, log_y, at):
    """What was heard, and how late each kind of sign came."""
    heard = from_elements(ELEMENTS.decode(best_path(log_y)[0]))
    line = f"Sent {sent.text!r}, heard {heard!r}"
    if heard != sent.text or at is None:
        return f"{line}, which is wrong." if heard != sent.text else f"{line}."
    late = {}
    for symbol, begin, t in zip(sent.elements, sent.begins, at, strict=True):
        late.setdefault(symbol, []).append(1000 * (t * STEP - begin))
    said = [
        f"{np.median(times):+.0f} ms ({NAMES[symbol]})".replace("-", MINUS)
        for symbol, times in late.items()
    ]
    return f"{line}: right. Spikes after the true begins, median: {', '.join(said)}."


class _Picture:
    """The artists of the figure; `show` sets them to one recording."""

    def __init__(self):
        self.fig, (above, below) = figure(2, 1, height=4.6)
        self.fig.set_layout_engine("none")
        above.set_position((0.08, 0.55, 0.9, 0.36))
        below.set_position((0.08, 0.12, 0.9, 0.36))
        self.drawn = np.zeros((len(BANDS), round(LONGEST / FRAME)))
        extent = (0, LONGEST, BANDS[0] - 31, BANDS[-1] + 31)
        look = {"cmap": "Blues", "vmin": 0, "vmax": 3.2, "origin": "lower"}
        self.image = cells(above, self.drawn, extent=extent, **look)
        above.set(ylabel="tone (hertz)", xticks=[])
        above.grid(False)
        look = {"lw": 1.6, "animated": True}
        self.lines = {
            symbol: below.plot([], [], color=COLOURS[ink], **look)[0]
            for symbol, ink in INKS.items()
        }
        bars = {"animated": True, "clip_on": False}
        self.true = LineCollection([], linewidths=5, **bars)
        self.aligned = LineCollection([], linewidths=2, **bars)
        for part in (self.true, self.aligned):
            below.add_collection(part, autolim=False)
        below.set(ylim=(-0.2, 1.25), ylabel="probability", xlabel="seconds")
        below.set_yticks([0, 0.5, 1])
        self._legend(below)
        for ax in (above, below):
            ax.set_xlim(0, LONGEST)
        self.labels = Labels(above, 12)

    def _legend(self, ax):
        place = {"transform": ax.transAxes, "clip_on": False, "fontsize": 9}
        for x, symbol in zip((0.0, 0.06, 0.14, 0.30), INKS, strict=True):
            ink = COLOURS[INKS[symbol]]
            moving_text(ax, x, 1.04, NAMES[symbol], color=ink, weight="bold", **place)
        words = "bars: sent; ticks below: likeliest alignment"
        look = {"ha": "right", "color": COLOURS["baseline"]} | place
        moving_text(ax, 1, 1.04, words, **look)

    def show(self, sent, frames, log_y):
        """Draw one recording; return the outputs in which right symbols begin."""
        self.drawn[:] = 0
        loud = np.maximum(frames.T, 0)[:, : self.drawn.shape[1]]
        self.drawn[:, : loud.shape[1]] = loud
        self.image.set_data(self.drawn)
        t = np.arange(len(log_y)) * STEP
        for k, line in enumerate(self.lines.values(), 1):
            line.set_data(t, np.exp(log_y[:, k]))
        spans = zip(sent.elements, sent.begins, sent.ends, strict=True)
        self.true.set_segments([[(b, TRUE), (e, TRUE)] for _, b, e in spans])
        inks = [COLOURS[INKS[symbol]] for symbol in sent.elements]
        self.true.set_color(inks)
        self._align(sent, log_y, inks)
        self._letters(sent)
        path = log_y.argmax(1)
        at = _begins(path)
        return at if ELEMENTS.decode(path[at]) == sent.elements else None

    def _align(self, sent, log_y, inks):
        target, ticks = ELEMENTS.encode(sent.elements), []
        if fewest_frames(target) <= len(log_y):
            at = _begins(viterbi(log_y, target)[0]) * STEP
            ticks = [[(x, ALIGNED - 0.06), (x, ALIGNED + 0.06)] for x in at]
        self.aligned.set_segments(ticks)
        self.aligned.set_color(inks)

    def _letters(self, sent):
        """Write the letters above the waterfall, where they were sent."""
        self.labels.clear()
        begins, ends = letter_times(sent.elements, sent.begins, sent.ends)
        top = BANDS[-1] - 40
        for letter, begin, end in zip(sent.text, begins, ends, strict=True):
            middle = (begin + end) / 2
            if letter != " " and middle < LONGEST:
                self.labels.put(letter, middle, top, COLOURS["ink"])
