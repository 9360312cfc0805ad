"""Explorer of lesson 11: parity and recall, stretched beyond what was trained."""

from __future__ import annotations

import numpy as np
import torch

from helpers.data.after.stretch import KEYS, QUESTIONS, bits_in, parity, recall_pairs
from helpers.explore.kit.cells import cells
from helpers.explore.kit.live import Live, choice, figure, slider, text_box
from helpers.explore.kit.settings import settable
from helpers.explore.kit.words import moving_text
from helpers.plots import COLOURS
from helpers.training import in_eval, one_thread

__all__ = ["chances", "explore_stretch"]

WIDE = 256  # cells in a strip: the most steps
TRAINED = 32
AHEAD = 64  # steps that are answered at once: a longer T often waits for none
PATTERNS = "1", "10", "0001", "0000000000000001"
INKS = {
    "LSTM": "lstm",
    "minGRU": "gru",
    "attention": "forward",
    "convolution": "backward",
}
TASKS = "parity", "recall"
PAIRS = 2, 4, 6, KEYS  # of a key and its value


@one_thread()
@in_eval
@torch.no_grad()
def chances(net, x, y):
    """Return (N,) twice: the probability that a net gives to each right answer of y
    (1, N), and if that is the most that it gives to any.

    x: (1, T, D), one sequence; the answers are those of its last N steps.
    """
    p = net(x)[0, -y.shape[1] :].softmax(dim=1)
    right = p.argmax(dim=1) == y[0]
    return p.gather(1, y[0][:, None])[:, 0].numpy(), right.numpy()


@settable
def explore_stretch(nets, rows, T=64):
    """Return a live figure of four nets that answer one sequence, and of their scores.

    nets: dict (task, kind) → net, for the tasks parity and recall and the four kinds of
    INKS; rows: those of the experiment `stretched`, for the curves.
    """
    wanted = {(task, kind) for task in TASKS for kind in INKS}
    if set(nets) != wanted:
        raise ValueError(
            f"nets: a net for each of {sorted(wanted)}, got {sorted(nets)}"
        )
    tasks = {"parity of bits": 0} | {f"values of {n} keys": n for n in PAIRS}
    controls = {
        "pairs": choice("task", tasks),
        "T": slider("steps T", T, 1, WIDE, 1),
        "bits": text_box("bits, repeated to T (empty: random)", "", PATTERNS),
        "draw": slider("another sequence", 0, 0, 19, 1),
    }
    picture, known = _Picture(rows), {}

    def answers(T, bits, draw):
        """Of T steps and some more: what is read later changes no answer."""
        T = -(-T // AHEAD) * AHEAD
        if known.get("of") != (T, bits, draw):
            x, y = parity(1, T, torch.Generator().manual_seed(draw))
            if bits.strip():
                row = torch.tensor([(_bits_of(bits) * T)[:T]])
                x, y = bits_in(row), row.cumsum(1) % 2
            known["found"] = {k: chances(nets["parity", k], x, y) for k in INKS}
            known["of"] = T, bits, draw
        return known["found"]

    def update(pairs, T, bits, draw):
        if pairs:
            pairs = min(pairs, T)
            x, y = recall_pairs(1, T, torch.Generator().manual_seed(draw), pairs)
            found = {k: chances(nets["recall", k], x, y) for k in INKS}
        else:
            every = answers(T, bits, draw).items()
            found = {kind: (p[:T], right[:T]) for kind, (p, right) in every}
        task = "recall" if pairs else "parity"
        picture.show(task, found, T)
        return _words(task, found, T, pairs)

    return Live(
        picture.fig,
        update,
        controls,
        alt=(
            "Above, for each of four nets, a strip of the probability that it gives to "
            "the right answer, from the first step or question to the last; below, how "
            "often each is right after T steps, with a mark at the chosen T and one "
            "where training ended."
        ),
    )


def _bits_of(text):
    """Return the zeros and ones that were typed, or the bits of any other text."""
    typed = "".join(text.split())
    if set(typed) - {"0", "1"}:
        typed = "".join(f"{byte:08b}" for byte in text.strip().encode())
    return [int(bit) for bit in typed]


def _words(task, found, T, pairs):
    if task == "recall":
        said = [f"{kind} {right.sum()}" for kind, (_, right) in found.items()]
        asked = f"{pairs} pair{'s' * (pairs > 1)} among {T} step{'s' * (T > 1)}"
        return f"{asked}. Of {QUESTIONS} questions answered right: {', '.join(said)}."
    said = []
    for kind, (_, right) in found.items():
        wrong = np.flatnonzero(~right)
        until = "all right" if not len(wrong) else f"first wrong at {wrong[0] + 1}"
        said.append(f"{kind} {until}")
    return f"{T} bit{'s' * (T > 1)}. {'; '.join(said)}."


class _Picture:
    """The artists of the figure; `show` sets them to the answers of one sequence."""

    def __init__(self, rows):
        self.curves = {
            (row["task"], row["kind"]): np.mean(row["by_length"], axis=0)
            for row in rows
        }
        self.fig, (above, below) = figure(2, 1, height=4.6)
        self.fig.set_layout_engine("none")
        above.set_position((0.13, 0.62, 0.85, 0.3))
        below.set_position((0.13, 0.12, 0.85, 0.36))
        self.drawn = np.zeros((len(INKS), WIDE))
        extent = (0, 1, len(INKS) - 0.5, -0.5)
        look = {"cmap": "RdYlBu", "vmin": 0, "vmax": 1, "extent": extent}
        self.image = cells(above, self.drawn, **look)
        above.set_yticks(range(len(INKS)), list(INKS))
        above.set_xticks([])
        above.grid(False)
        self.taught = above.axvline(0, color=COLOURS["faint"], lw=3, animated=True)
        place = {"transform": above.transAxes, "va": "top", "fontsize": 10}
        self.first = moving_text(above, 0, -0.04, **place)
        self.last = moving_text(above, 1, -0.04, ha="right", **place)
        words = "blue: sure of the right answer; yellow: does not know; red: sure of "
        place = {"transform": above.transAxes, "va": "bottom", "fontsize": 9}
        above.text(0, 1.03, words + "a wrong one", zorder=-1, **place)
        self.lengths = [4, 8, 16, 32, 64, 128, 256]
        live = {"animated": True, "marker": "o", "ms": 4}
        self.lines = {
            kind: below.plot([], [], color=COLOURS[ink], **live)[0]
            for kind, ink in INKS.items()
        }
        for n, (kind, ink) in enumerate(INKS.items()):
            place = {"transform": below.transAxes, "va": "bottom", "fontsize": 9}
            place |= {"color": COLOURS[ink], "weight": "bold"}
            below.text(0.16 * n, 1.02, kind, zorder=-1, **place)
        below.axvline(TRAINED, color=COLOURS["faint"], lw=3)
        self.here = below.axvline(1, color=COLOURS["gold"], lw=2, animated=True)
        below.set(xscale="log", xlim=(3.5, 290), ylim=(0, 1.05))
        below.set_xticks(self.lengths, [str(T) for T in self.lengths])
        below.minorticks_off()
        below.set(
            xlabel="steps T (grey: the longest in training)", ylabel="share right"
        )

    def show(self, task, found, T):
        """Draw one sequence's answers, and the curves of its task."""
        for row, (p, _) in zip(self.drawn, found.values(), strict=True):
            row[:] = p[np.arange(WIDE) * len(p) // WIDE]
        self.image.set_data(self.drawn)
        what, n = ("step", T) if task == "parity" else ("question", QUESTIONS)
        self.first.set_text(f"{what} 1")
        self.last.set_text(f"{what} {n}" if n > 1 else "")
        self.taught.set_visible(task == "parity" and n > TRAINED)
        self.taught.set_xdata([TRAINED / n] * 2)
        for kind, line in self.lines.items():
            line.set_data(self.lengths, self.curves[task, kind])
        self.here.set_xdata([max(T, 3.5), max(T, 3.5)])
