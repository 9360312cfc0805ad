"""explore_lattice: forward–backward by hand, eight frames and four outputs."""

from __future__ import annotations

import base64
import io
from pathlib import Path

import anywidget
import numpy as np
import traitlets

from helpers.explore.kit.controls import script
from helpers.explore.kit.live import NeedsKernel, figure
from helpers.explore.kit.settings import NO_CALL, settable
from helpers.guards import want_shapes
from helpers.plots import COLOURS
from helpers.writing.ctc import backward, ctc, forward, with_blanks

__all__ = ["RATE", "WORDS", "LatticeExplorer", "descend", "explore_lattice"]

T, SYMBOLS, RATE = 8, "_abc", 1.0
WORDS = ("ab", "aab", "abc", "a", "cabca")


def _start():
    """Logits of a net that is unsure: blank a little ahead, noise on all."""
    noise = np.random.default_rng(2).standard_normal((T, len(SYMBOLS)))
    return (0.5 * noise + [0.5, 0, 0, 0]).round(2).tolist()


def descend(logits, word, shared=False, rate=RATE):
    """Return logits (T, K) after one step of gradient descent on CTC's loss.

    word: letters of SYMBOLS. shared: one output for all frames, so that each moves by
    the mean of all gradients. ValueError for other shapes, or a word that does not fit.
    """
    logits = np.asarray(logits, float)
    want_shapes(logits=(logits, f"T {len(SYMBOLS)}"))
    if not word or set(word) - set(SYMBOLS[1:]):
        raise ValueError(f"word: got {word!r}, want letters of {SYMBOLS[1:]}")
    log_y = logits - np.logaddexp.reduce(logits, axis=1, keepdims=True)
    loss, gamma = ctc(log_y[None], np.array([[SYMBOLS.index(k) for k in word]]))
    if not np.isfinite(loss[0]):
        raise ValueError(f"word: {word!r} does not fit into {len(logits)} frames")
    slope = np.exp(log_y) - gamma[0]
    if shared:
        slope = np.broadcast_to(slope.mean(0), slope.shape)
    return logits - rate * slope


class LatticeExplorer(NeedsKernel, anywidget.AnyWidget):
    """The lattice; `logits` (8, 4) and `word` are as the learner left them."""

    _esm = script(Path(__file__).with_name("lattice.js"))
    alt = (
        "Eight frames with the probabilities of blank, a, b and c as bars to drag; "
        "below, the lattice of the word: dots as large as their share of all paths."
    )
    call = traitlets.Dict(NO_CALL).tag(sync=True)
    symbols = traitlets.Unicode(SYMBOLS).tag(sync=True)
    words = traitlets.List(list(WORDS)).tag(sync=True)
    start = traitlets.List(_start()).tag(sync=True)
    rate = traitlets.Float(RATE).tag(sync=True)
    colours = traitlets.Dict().tag(sync=True)
    logits = traitlets.List(_start()).tag(sync=True)
    word = traitlets.Unicode(WORDS[0]).tag(sync=True)
    shared = traitlets.Bool(False).tag(sync=True)
    sizes = traitlets.Unicode("share").tag(sync=True)
    frame = traitlets.Int(1).tag(sync=True)
    output = traitlets.Int(0).tag(sync=True)

    def static_picture(self):
        """The lattice at the start, as a still: for a reader without a kernel."""
        file = io.BytesIO()
        draw_lattice(self.logits, self.word).savefig(file, format="png", dpi=80)
        return {"image/png": base64.b64encode(file.getvalue()).decode()}


@settable
def explore_lattice() -> LatticeExplorer:
    """Return the living lattice: drag the bars, take gradient steps, tie the frames."""
    inks = {"blank": "baseline", "a": "gru", "b": "rnn", "c": "backward"}
    inks |= {"best": "lstm", "push": "gold"}
    return LatticeExplorer(colours={name: COLOURS[ink] for name, ink in inks.items()})


def draw_lattice(logits, word):
    """Return a Figure of the outputs, lines to their γ, and P's share at each place."""
    logits = np.asarray(logits, float)
    log_y = (logits - np.logaddexp.reduce(logits, axis=1, keepdims=True))[None]
    target = np.array([[SYMBOLS.index(k) for k in word]])
    z = with_blanks(target)
    alpha, beta = forward(log_y, z), backward(log_y, z, [T], [len(word)])
    share = np.exp(alpha + beta - np.logaddexp.reduce((alpha + beta)[0, 0]))[0]
    gamma = ctc(log_y, target)[1][0]
    fig, (above, below) = figure(2, 1, height=4.6, sharex=True)
    for k, ink in enumerate(("baseline", "gru", "rnn", "backward")):
        x = np.arange(1, T + 1) + 0.17 * (k - 1.5)
        above.bar(x, np.exp(log_y[0, :, k]), 0.15, color=COLOURS[ink])
        above.vlines(x, np.exp(log_y[0, :, k]), gamma[:, k], COLOURS["gold"], lw=2)
        key = {"ha": "center", "va": "top", "color": COLOURS[ink], "weight": "bold"}
        above.text(x[0], -0.02, SYMBOLS[k], **key)
    above.set(ylabel="probability, line: to γ", ylim=(0, 1))
    above.tick_params(axis="x", length=0)
    for s in range(z.shape[1]):
        size = 400 * share[:, s]
        below.scatter(range(1, T + 1), [s] * T, size, color=COLOURS["lstm"])
    below.set_yticks(range(z.shape[1]), [SYMBOLS[k] for k in z[0]])
    below.set(xlabel="frame", ylabel="place", ylim=(z.shape[1] - 0.5, -0.5))
    return fig
