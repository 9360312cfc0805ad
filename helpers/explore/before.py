"""Explorers of lesson 02: what a maximum length costs, and who minds word order."""

from __future__ import annotations

import textwrap

import numpy as np

from helpers.data.reviews import VOCABULARY, parse
from helpers.explore.kit.live import Live, choice, figure, slider, text_box
from helpers.explore.kit.settings import settable
from helpers.explore.kit.words import moving_text
from helpers.plots import COLOURS

__all__ = ["explore_order", "explore_parameters", "parameters"]

WINDOW = 5
LONGEST = 200
LOOK = {  # name → colour and line of each architecture
    "bag of counts": (COLOURS["baseline"], ":"),
    f"window of {WINDOW}": ("#9A9A9A", "--"),
    "padded feedforward": (COLOURS["ink"], "-"),
    "RNN": (COLOURS["rnn"], "-"),
}
SAMPLES = (
    "the tea was really lovely but the bread was not in my opinion again perfect",
    "the soup was not good but the cake was really bad",
    "the soup was really good but the cake was not bad",
    "the place was not to be honest that evening great",
    "the view was after all not bad",
    "the cake was not really not good",
)
TYPED = "the tea was really bad", "the view was not really bad"


def parameters(length, vocab, hidden):
    """Return weights and biases, name → number, of nets for texts of `length` words.

    `length` may be an array; each count then is one, of the same shape.
    """
    length = np.asarray(length, dtype=np.int64)
    read_out = hidden + 1
    dense = (length * vocab + 1) * hidden + read_out
    recurrent = vocab * hidden + hidden * hidden + 2 * hidden + read_out
    counts = (
        vocab + 1 + 0 * length,
        (WINDOW * vocab + 1) * hidden + read_out + 0 * length,
        dense,
        recurrent + 0 * length,
    )
    return dict(zip(LOOK, counts, strict=True))


@settable
def explore_parameters(lengths) -> Live:
    """Return a live figure: parameters and padding for a chosen maximum length.

    lengths: how many words each text of a collection has; their histogram is shown.
    """
    lengths, words = np.asarray(lengths), len(VOCABULARY)
    if lengths.ndim != 1 or not len(lengths) or lengths.min() < 1:
        raise ValueError(f"lengths: word counts from 1 wanted, got {lengths!r:.60}")
    axis = np.unique(np.geomspace(1, LONGEST, 40).astype(int))
    fig, (left, right) = figure(1, 2, width=9, height=3.8)
    lines, dots = {}, {}
    for name, (colour, style) in LOOK.items():
        start = np.full(len(axis), 10.0)
        (lines[name],) = left.plot(
            axis, start, style, color=colour, label=name, animated=True
        )
        (dots[name],) = left.plot([1], [10], "o", color=colour, animated=True)
    left.set(xscale="log", yscale="log", xlim=(0.85, 1.2 * LONGEST), ylim=(10, 2e10))
    left.set_xticks([1, 10, 100], ["1", "10", "100"])
    left.set(xlabel="maximum length L (words)", ylabel="weights and biases")
    fig.legend(loc="outside upper left", ncols=4).set_zorder(-1)  # once, not each frame
    here = left.axvline(1, color=COLOURS["gold"], lw=1, animated=True)
    widest = max(60, lengths.max() + 5)
    right.hist(lengths, np.arange(0, widest, 2), rwidth=0.9, color=COLOURS["baseline"])
    cut = right.axvspan(1, widest, color=COLOURS["gold"], alpha=0.4, animated=True)
    right.set(xlim=(0, widest), xlabel="length of a text (words)")
    right.set(ylabel="texts", title="orange: longer than L, cut off")

    def update(length, hidden, vocab):
        counts = parameters(axis, vocab, hidden)
        now = parameters(length, vocab, hidden)
        for name, count in counts.items():
            lines[name].set_ydata(count)
            dots[name].set_data([length], [now[name]])
        here.set_xdata([length, length])
        cut.set_x(length + 0.5)
        cut.set_width(max(0, widest - length))
        kept = np.minimum(lengths, length)
        empty = 1 - kept.sum() / (len(lengths) * length)
        dense, rnn = now["padded feedforward"], now["RNN"]
        return (
            f"L = {length}: padded feedforward {dense:,} parameters, {dense / rnn:.1f} "
            f"times the RNN’s {rnn:,}. Of its input {empty:.0%} is padding; "
            f"{np.mean(lengths > length):.0%} of the texts lose words."
        )

    controls = {
        "length": slider("maximum length L", 28, 1, LONGEST, 1, unit="words"),
        "hidden": slider("hidden size H", 32, 4, 512, 4, unit="units"),
        "vocab": slider(
            "vocabulary V", words, words, 50_000, 0.1, unit="words", log=True
        ),
    }
    controls["vocab"].readout_format = ",.0f"
    alt = (
        "Left: parameters against the maximum length, both on log axes; the padded "
        "feedforward net rises in a straight line, counts, window and RNN are flat. "
        "Right: histogram of text lengths with the maximum length as a line."
    )

    def whole(length, hidden, vocab):
        return update(length, hidden, round(vocab))

    return Live(fig, whole, controls, alt=alt)


def rearranged(words, shuffle, place):
    """Return the words in their shuffle-th order (0: as they are), then one move.

    With place from 1, the first "not" (or a new one) is put before word `place`,
    counted without it; a place past the end puts it last.
    """
    words = list(words)
    if shuffle:
        order = np.random.default_rng(shuffle).permutation(len(words))
        words = [words[i] for i in order]
    if place:
        if "not" in words:
            words.remove("not")
        words.insert(place - 1, "not")
    return words


def _truth(words):
    try:
        return float(parse(" ".join(words)).label)
    except ValueError:
        return None


@settable
def explore_order(models, samples=SAMPLES) -> Live:
    """Return a live figure: each model's belief that a sentence is praise.

    models: name → function from a list of words to a probability; the name "RNN", or
    one that ends in it, has the RNN's colour. samples: sentences to pick from.
    """
    if not isinstance(models, dict) or not models:
        raise ValueError(f"models: a dict of name → function wanted, got {models!r}")
    fig, ax = figure(width=9, height=3.4)
    names = list(models)
    colours = ["rnn" if name.endswith("RNN") else "baseline" for name in names]
    bars = ax.barh(
        range(len(names)),
        np.full(len(names), 0.5),
        height=0.6,
        color=[COLOURS[c] for c in colours],
        animated=True,
    )
    top = len(names) / (len(names) + 1.4)  # above the bars stands the sentence
    ax.axvline(0.5, 0, top, color=COLOURS["ink"], lw=0.8, ls=":", zorder=0.5)
    truth = ax.axvline(0, 0, top, color=COLOURS["gold"], lw=5, animated=True)
    ax.set(xlim=(-0.02, 1.14), ylim=(len(names) - 0.5, -1.9), yticks=range(len(names)))
    ax.set_yticklabels(names)
    ax.set(xlabel="probability that the verdict is good  (orange: the truth)")
    ax.set_xticks([0, 0.25, 0.5, 0.75, 1])
    ax.grid(False)
    said = [
        moving_text(ax, 1.03, i, va="center", fontsize=10) for i in range(len(names))
    ]
    line = moving_text(ax, 0, -1.25, va="center", fontsize=11)

    def update(sample, typed, place, shuffle):
        text = (typed.strip() or sample).lower()
        every = text.replace(",", " ").replace(".", " ").split()
        words = rearranged([w for w in every if w in VOCABULARY[1:]], shuffle, place)
        line.set_text("\n".join(textwrap.wrap(" ".join(words), 78)[:2]))
        for bar, note, model in zip(bars, said, models.values(), strict=True):
            belief = float(model(words)) if words else 0.0
            bar.set_width(belief)
            note.set_text(f"{belief:.2f}" if words else "")
        label = _truth(words)
        truth.set_visible(label is not None)
        truth.set_xdata([label or 0.0] * 2)
        if not words:
            return "None of these words is in the vocabulary."
        unknown = [w for w in every if w not in VOCABULARY]
        left_out = f" Left out, unknown: {', '.join(unknown)}." if unknown else ""
        if label is None:
            return f"No review by the grammar, so there is no truth.{left_out}"
        return f"The verdict is {'good' if label else 'bad'}.{left_out}"

    controls = {
        "place": slider("put “not” before word", 0, 0, 16, 1, unit="0: leave it"),
        "shuffle": slider("shuffle the words", 0, 0, 20, 1, unit="0: as written"),
        "sample": choice("sentence", list(samples)),
        "typed": text_box("or type one", "", TYPED),
    }
    controls["sample"].layout.width = "50rem"  # the longest sample, in full
    controls["typed"].layout.width = "50rem"
    alt = (
        "One bar a model: its probability that the sentence above them is praise. An "
        "orange line at 0 or 1 marks the truth where the sentence has one."
    )
    return Live(fig, update, controls, alt=alt)
