"""What a network believes while it reads: an image by rows, a name by letters."""

from __future__ import annotations

import numpy as np
import torch
from matplotlib.collections import LineCollection
from matplotlib.spines import Spine
from matplotlib.text import Text

from helpers.data.batching import one_hot
from helpers.data.files.forms import in_form_of
from helpers.data.names import folded
from helpers.explore.kit.cells import cells
from helpers.explore.kit.fonts import dress
from helpers.explore.kit.live import Live, choice, figure, slider, text_box
from helpers.explore.kit.settings import settable
from helpers.explore.kit.words import moving_text
from helpers.plots import COLOURS
from helpers.training import in_eval

__all__ = ["beliefs", "explore_belief", "explore_name"]

LONGEST = 14  # letters shown of a name
SURNAMES = "nakamura", "kowalski", "rossi", "schmidt", "papadopoulos", "novak"
# Letters that are no letter with an accent, as passports write them.
LIKE = str.maketrans(
    {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ł": "l", "ı": "i"}
)


@in_eval
def beliefs(model, images) -> np.ndarray:
    """Return (B, T, K): the softmax of model's output after each row of the images."""
    with torch.no_grad():
        return torch.softmax(model(torch.as_tensor(images)), dim=-1).numpy()


@settable
def explore_belief(models, images, labels) -> Live:
    """Return a live figure: choose a digit and how many of its rows are read.

    models: dict from words to a trained model that maps rows (B, T, W) to scores
    (B, T, K); images: (B, T, W) in 0 … 1; labels: (B,).
    """
    if not isinstance(models, dict) or not models:
        raise ValueError(f"models is {models!r}; a dict from words to model is wanted")
    images, labels = np.asarray(images, dtype=np.float32), np.asarray(labels)
    if images.ndim != 3 or len(images) != len(labels):
        raise ValueError(
            f"images has shape {images.shape}, labels {labels.shape}; "
            "(B, T, W) and (B,) are wanted"
        )
    said = {name: beliefs(model, images) for name, model in models.items()}
    steps, classes = next(iter(said.values())).shape[1:]
    fig, axes = figure(1, 3, width=9, height=2.8, width_ratios=(1, 1.2, 1.6))
    picture = cells(axes[0], images[0], cmap="gray_r", vmin=0, vmax=1, zorder=1)
    axes[0].set_aspect("equal")
    curtain = axes[0].axhspan(0, steps, color=COLOURS["faint"], animated=True)
    axes[0].set(xticks=[], yticks=range(steps), yticklabels=range(1, steps + 1))
    axes[0].set(
        ylabel="row = step t", title="what has been read", ylim=(steps - 0.5, -0.5)
    )
    axes[0].grid(False)
    bars = axes[1].bar(range(classes), np.zeros(classes), animated=True)
    axes[1].set(xticks=range(classes), ylim=(0, 1), xlabel="class")
    axes[1].set(ylabel="belief (probability)", title="what it believes now")
    times = np.arange(1, steps + 1)
    lines = LineCollection([], animated=True, capstyle="round")
    axes[2].add_collection(lines, autolim=False)
    now = axes[2].axvline(1, color=COLOURS["ink"], lw=1, ls=":", animated=True)
    axes[2].set(ylim=(0, 1.02), xlim=(0.8, steps + 0.2), xlabel="rows read (steps)")
    axes[2].set(ylabel="belief (probability)", title="how it came to that")
    _lay_below(axes)

    def update(digit, t, trained):
        belief, true = said[trained][digit], int(labels[digit])
        others = np.delete(np.arange(classes), true)
        rival = int(others[belief[:, others].max(axis=0).argmax()])
        picture.set_data(images[digit])
        curtain.set_y(t - 0.5)
        curtain.set_height(steps - t)
        order = [*others[others != rival], rival, true]  # these two on top
        looks = ["faint"] * (classes - 2) + ["rnn", "gold"]
        lines.set_segments([np.column_stack([times, belief[:, k]]) for k in order])
        lines.set_color([COLOURS[look] for look in looks])
        lines.set_linewidth([1] * (classes - 2) + [2, 2.5])
        for k, look in zip(order, looks, strict=True):
            bars[k].set_height(belief[t - 1, k])
            bars[k].set_color(COLOURS["baseline" if look == "faint" else look])
        now.set_xdata([t, t])
        guess = int(belief[t - 1].argmax())
        return (
            f"After {t} of {steps} rows: most likely {guess} "
            f"({belief[t - 1, guess]:.0%}). True class, in orange: {true} "
            f"({belief[t - 1, true]:.0%}). Its strongest rival, in blue: {rival} "
            f"({belief[t - 1, rival]:.0%})."
        )

    controls = {
        "t": slider("rows read", 4, 1, steps, 1, unit="steps"),
        "digit": slider("image", 0, 0, len(images) - 1, 1, unit="number"),
        "trained": choice("asked while training", list(models)),
    }
    alt = (
        "Left: a digit of which the first rows are shown. Middle: the probability of "
        "each of ten classes after these rows. Right: these probabilities row by row, "
        "the true class and its strongest rival set off by colour."
    )
    return Live(fig, update, controls, alt=alt, play="t")


def _lay_below(axes):
    """Put titles and spines under what moves: drawn once, not on every frame."""
    for ax in axes:
        for artist in ax.get_children():
            if isinstance(artist, Spine | Text):
                artist.set_zorder(0)


@settable
def explore_name(model, coder, classes, name="virtanen") -> Live:
    """Return a live figure: type a name, see the belief after each of its letters.

    model: maps one-hot letters (1, T, V) to scores (1, T, K); coder: a Coder of the
    letters a to z; classes: K words. Other signs are left out.
    """
    known = set(coder.symbols[3:])
    fig, ax = figure(width=9, height=2.8)
    blank = np.zeros((len(classes), LONGEST))
    heat = cells(ax, blank, cmap="Greens", vmin=0, vmax=1)
    fig.colorbar(heat, ax=ax, label="belief (probability)", pad=0.02)
    ax.set(yticks=range(len(classes)), yticklabels=classes, xticks=[])
    ax.set(xlabel="letters read (steps)", ylim=(len(classes) - 0.5, -1.5))
    ax.grid(False)
    look = {"ha": "center", "va": "center", "fontsize": 13}
    signs = [moving_text(ax, t, -1, **look) for t in range(LONGEST)]

    def update(name):
        name = in_form_of(known, name.lower())
        name = "".join(c if c in known else folded(c.translate(LIKE)) for c in name)
        read = [c for c in name if c in known]
        letters = read[:LONGEST]
        for sign, letter in zip(signs, letters + [""] * LONGEST, strict=False):
            dress(sign, letter)
        shown = blank.copy()
        if letters:
            belief = beliefs(model, one_hot([coder.encode(letters)], len(coder)))[0]
            shown[:, : len(letters)] = belief.T
        heat.set_data(shown)
        if not letters:
            return "Type some letters, a to z."
        best = int(belief[-1].argmax())
        cut = f" (its first {LONGEST} letters)" if read[LONGEST:] else ""
        return (
            f"{''.join(letters)}{cut}: most likely {classes[best]} "
            f"({belief[-1, best]:.0%})"
        )

    alt = "A heat map: the probability of each country after each letter of a name."
    return Live(fig, update, {"name": text_box("surname", name, SURNAMES)}, alt=alt)
