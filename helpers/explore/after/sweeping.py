"""Explorer of lesson 11: Newton's sweeps over a recurrence, and where they settle."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import torch
from scipy.linalg.blas import dtbsv

from helpers.explore.kit.ahead import Ahead
from helpers.explore.kit.cells import cells
from helpers.explore.kit.live import Live, choice, figure, slider
from helpers.explore.kit.numbers import short
from helpers.explore.kit.settings import settable
from helpers.explore.kit.words import moving_text
from helpers.nets.after.newton import CELLS, draw_cell
from helpers.nets.numpy_gru import gru_unroll
from helpers.nets.numpy_lstm import sigmoid
from helpers.nets.numpy_rnn import unroll
from helpers.plots import COLOURS
from helpers.training import one_thread

__all__ = ["error_map", "explore_sweeps"]

T, H, MOST = 200, 8, 40  # steps, units, sweeps that are shown
LEAST, MOST_GAIN, LAST_SEED = 0.3, 3.0, 9  # ends of sliders
FLOOR, TOP = -16.0, 1.0  # powers of ten between which errors are drawn
RIGHT = 1e-10
ROUNDS = (T - 1).bit_length()  # of one scan


@lru_cache(maxsize=100)
@one_thread()
def error_map(cell, gain, seed=0):
    """Return (MOST + 1, T): after each sweep, the largest error of a state at each t.

    cell: one of CELLS, with T steps of H units. What is not a finite number counts as
    10. Sweeps after the last that changed anything repeat it.
    """
    step = draw_cell(cell, gain, T, H, seed)
    guesses = _sweeps(step)
    right = LOOPS[cell](step.inputs.numpy(), step.weights.numpy())
    found = np.abs(guesses - right).max(axis=2)[:, 1:]
    found = np.nan_to_num(found, nan=10, posinf=10)
    return np.vstack([found, *[found[-1:]] * (MOST + 1 - len(found))])


def _sweeps(step):
    """Return (sweeps + 1, T + 1, H): what `newton.sweeps` finds, but sooner.

    A slider waits for up to 40 of them. A sweep's linear recurrence is one system for
    T · H unknowns, triangular, with 2H diagonals that are not 0.
    """
    diagonals = np.zeros((T, H, 2 * H))  # of each column of the system, downwards
    guesses = [np.zeros((T + 1, H))]
    while len(guesses) <= MOST:
        h = guesses[-1]
        f, J = (part.numpy() for part in step(torch.from_numpy(h[:-1])))
        b = f - (h[:-1, None] @ J)[:, 0]
        for i in range(H):
            np.negative(J[1:, i], out=diagonals[:-1, i, H - i : 2 * H - i])
        system = diagonals.reshape(T * H, 2 * H).T
        new = dtbsv(2 * H - 1, system, b.ravel(), lower=1, diag=1, overwrite_x=1)
        guesses.append(np.vstack([h[:1], new.reshape(T, H)]))
        if not np.abs(guesses[-1] - h).max() > 1e-14:
            break
    return np.stack(guesses)


def _min_gru(inputs, _weights):
    z, candidate = np.split(inputs, 2, axis=1)
    z, h = sigmoid(z), np.zeros((T + 1, H))
    for t in range(T):
        h[t + 1] = (1 - z[t]) * h[t] + z[t] * candidate[t]
    return h


LOOPS = {  # inputs and weights → the states (T + 1, H), one step after another
    "tanh RNN": lambda inputs, W: unroll(inputs[None], W)[0],
    "GRU": lambda inputs, W: gru_unroll(inputs[None], W, np.zeros(3 * H)).h[0],
    "minGRU": _min_gru,
}


@settable
def explore_sweeps(cell="tanh RNN", gain=1.0):
    """Return a live figure of how the errors of 200 states shrink, sweep by sweep."""
    controls = {
        "cell": choice("cell", list(CELLS), cell),
        "gain": slider("gain of the recurrent weights", gain, LEAST, MOST_GAIN, 0.1),
        "sweep": slider("sweep", 2, 0, MOST, 1),
        "seed": slider("other weights and inputs", 0, 0, LAST_SEED, 1),
    }
    picture, ahead = _Picture(), Ahead(error_map)

    def update(cell, gain, sweep, seed):
        gain, more, less = (round(gain + step, 1) for step in (0, 0.1, -0.1))
        near = [(g, seed) for g in (more, less) if LEAST <= g <= MOST_GAIN]
        near += [(gain, s) for s in (seed + 1, seed - 1) if 0 <= s <= LAST_SEED]
        ahead.ask([(cell, *setting) for setting in near])
        return picture.show(error_map(cell, gain, seed), sweep)

    return Live(
        picture.fig,
        update,
        controls,
        alt=(
            "Above, a map of errors, sweeps by steps, that turns from dark to light; "
            "below, the errors along time after one sweep, and as bars the steps of "
            "the loop against the rounds of all sweeps so far."
        ),
        play="sweep",
    )


class _Picture:
    """The artists of the figure; `show` sets them to one map and sweep."""

    def __init__(self):
        self.fig, axes = figure(2, 2, height=4.6)
        self.fig.set_layout_engine("none")
        (above, bars), (below, spare) = axes
        spare.remove()
        above.set_position((0.08, 0.57, 0.6, 0.37))
        below.set_position((0.08, 0.12, 0.6, 0.36))
        bars.set_position((0.79, 0.12, 0.19, 0.36))
        extent = (0.5, T + 0.5, MOST + 0.5, -0.5)
        look = {"cmap": "Blues", "vmin": FLOOR, "vmax": TOP, "extent": extent}
        self.image = cells(above, np.full((MOST + 1, T), FLOOR), **look)
        above.set(ylabel="sweep", xticks=[])
        scale = self.fig.add_axes((0.7, 0.57, 0.015, 0.37))
        scale = self.fig.colorbar(self.image, cax=scale, ticks=[0, -5, -10, -15])
        scale.ax.set_yticklabels(["1", "$10^{-5}$", "$10^{-10}$", "$10^{-15}$"])
        scale.set_label("error of the state")
        above.grid(False)
        live = {"animated": True}
        self.mark = above.axhline(0, color=COLOURS["lstm"], lw=1.5, **live)
        (self.line,) = below.plot([], [], color=COLOURS["rnn"], **live)
        below.axhline(RIGHT, color=COLOURS["faint"])
        below.set(yscale="log", xlim=(0.5, T + 0.5), ylim=(10**FLOOR, 10**TOP))
        below.set(xlabel="step t", ylabel="error of the state")
        names = ["loop", "sweeps"]
        heights = [T, 0]
        inks = [COLOURS["baseline"], COLOURS["rnn"]]
        self.bar = bars.bar(names, heights, color=inks)[1]
        self.bar.set_animated(True)
        bars.set(ylim=(0, 1.1 * MOST * ROUNDS), ylabel="rounds in a row")
        self.number = moving_text(bars, 1, 0, ha="center", va="bottom")
        moving_text(bars, 0, T, f"{T}", ha="center", va="bottom")

    def show(self, found, sweep):
        """Draw; return the line under the figure."""
        with np.errstate(divide="ignore"):
            powers = np.log10(found)
        self.image.set_data(np.clip(powers, FLOOR, TOP))
        self.mark.set_ydata([sweep, sweep])
        drawn = np.clip(found[sweep], 10 ** (FLOOR + 0.2), 10**TOP)
        self.line.set_data(np.arange(1, T + 1), drawn)
        rounds = sweep * ROUNDS
        self.bar.set_height(rounds)
        self.number.set_y(rounds)
        self.number.set_text(f"{rounds}")
        return _words(found, sweep)


def _words(found, sweep):
    """How far the states are right, and what it takes to have all of them right."""
    wrong = np.flatnonzero(found[sweep] > RIGHT)
    first = T if not len(wrong) else int(wrong[0])
    worst = short(float(found[sweep].max()))
    line = f"After sweep {sweep} the largest error is {worst}; "
    right = {0: "no state is right", 1: "the first state is right"}
    right[T] = "all states are right"
    line += right.get(first, f"the first {first} are right")
    done = np.flatnonzero(found.max(axis=1) <= RIGHT)
    if not len(done):
        return f"{line} to ten digits. {MOST} sweeps are not enough for all {T}."
    n = int(done[0])
    need = f"{n} sweep{'s' if n != 1 else ''} of {ROUNDS} rounds, {n * ROUNDS} in a row"
    return f"{line} to ten digits. All {T} take {need}; the loop takes {T}."
