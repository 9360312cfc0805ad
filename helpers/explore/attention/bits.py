"""Explorer of lesson 09: fewer bits a weight, and what has a scale of its own."""

import numpy as np
import torch

from helpers.explore.kit.live import Live, choice, figure, slider
from helpers.explore.kit.settings import settable
from helpers.nets.int8 import quantise, rounded, size_of
from helpers.nets.seq2seq import write
from helpers.plots import COLOURS
from helpers.training import in_eval

__all__ = ["AXES", "explore_bits", "off_by"]

AXES = {"each output unit": 0, "each input": 1, "all weights": None}
SHARES = {0: "output", 1: "input", None: "all"}  # as helpers.nets.int8.rounded has it
MATRICES = ("the translator's own", "units of unequal size")
BITS, ROWS = range(2, 9), 64  # inputs x that are tried
LEAST, MOST = 1e-4, 10.0  # ends of the axis of relative errors


@settable
def explore_bits(model, source, lengths, max_len, *, seed=0):
    """Return a live figure of a matrix W in fewer bits, and of what x @ W is off by.

    model: a translator such as AttentionSeq2Seq; W is that of its output layer, or one
    drawn with units of unequal size. source (B, T), lengths (B,), max_len: sentences
    that it and its rounded copies translate; they are counted where they differ.
    """
    rng = np.random.default_rng(seed)
    own = model.out.weight.detach().T.double().numpy()  # torch keeps (H, D)
    sizes = np.geomspace(0.03, 3, 96)
    drawn = rng.standard_normal((len(own), 96)) * rng.permutation(sizes)
    matrices = dict(zip(MATRICES, (own, drawn), strict=True))
    x = rng.standard_normal((ROWS, len(own)))
    same = _agreement(model, source, lengths, max_len)
    picture = _Picture(max(W.shape[1] for W in matrices.values()))

    def update(bits, axis, matrix):
        W = matrices[matrix]
        Q, s, off = off_by(W, x, AXES[axis], bits)
        picture.show(W, Q * s, off, bits)
        line = f"{2**bits - 1} values a weight. A unit is off by "
        line += f"{np.median(off):.2g} of its own size at the median, the worst by "
        line += f"{off.max():.2g}."
        if matrix != MATRICES[0]:
            return line
        share = size_of(model) / size_of(model, bits)
        line += f" All matrices so: {same[bits, AXES[axis]]} of {len(source)} texts as "
        return line + f"before, at 1/{share:.1f} of the size."

    controls = {
        "bits": slider("bits a weight", 8, BITS[0], BITS[-1], 1),
        "axis": choice("a scale for", [*AXES]),
        "matrix": choice("weights", MATRICES),
    }
    alt = (
        "Left, rounded weights over true ones: a staircase. Right, for each output "
        "unit, how far x @ W is off, as a share of the unit's own size."
    )
    return Live(picture.fig, update, controls, alt=alt)


def off_by(W, x, axis, bits):
    """Return Q and s of W (D, H), and (H,): how far x @ W is off, unit by unit.

    The root mean square of the error over all x (N, D), as a share of that of x @ W.
    axis, bits: as for `quantise`.
    """
    Q, s = quantise(torch.as_tensor(W), axis, bits)
    Q, s = Q.numpy(), s.numpy()
    error, size = x @ (W - Q * s), x @ W
    return Q, s, np.sqrt((error**2).mean(0) / (size**2).mean(0))


@in_eval
def _agreement(model, source, lengths, max_len):
    """How many texts are the same as before, for each number of bits and axis."""
    before, same = write(model, source, lengths, max_len), {}
    for axis, name in SHARES.items():
        for bits in BITS:
            after = write(rounded(model, bits, name), source, lengths, max_len)
            n = max(before.shape[1], after.shape[1])
            one, other = (_wide(ids, n) for ids in (before, after))
            same[bits, axis] = int((one == other).all(1).sum())
    return same


def _wide(ids, n):
    """ids (B, S) with their last column, of end marks, repeated up to n columns."""
    return torch.cat([ids, ids[:, -1:].expand(-1, n - ids.shape[1])], dim=1)


class _Picture:
    """The artists of one figure; `show` sets them to one matrix in so many bits."""

    def __init__(self, units):
        self.fig, (left, right) = figure(1, 2, height=3.4)
        ends = [-1, -0.5, 0, 0.5, 1]
        left.set(xlim=(-1, 1), ylim=(-1, 1), xticks=ends, yticks=ends)
        left.set_xlabel("weight, as a share of the largest")
        left.set_ylabel("the same, rounded")
        left.axline((0, 0), slope=1, color=COLOURS["faint"], lw=1)
        look = {"ls": "none", "animated": True}
        (self.dots,) = left.plot([], [], ".", ms=2, color=COLOURS["gru"], **look)
        right.set(xlim=(0, units + 1), ylim=(LEAST, MOST), yscale="log")
        right.set_xlabel("output unit, the smallest first")
        right.set_ylabel("off by, as a share of its size")
        right.axhline(1, color=COLOURS["faint"], lw=1)
        (self.off,) = right.plot([], [], "o", ms=3, color=COLOURS["lstm"], **look)

    def show(self, W, near, off, bits):
        top, few = np.abs(W).max(), slice(None, None, max(1, W.size // 3000))
        self.dots.set_data(W.ravel()[few] / top, near.ravel()[few] / top)
        order = np.argsort(np.abs(W).max(0), kind="stable")
        units = np.arange(1, len(off) + 1)
        self.off.set_data(units, off[order].clip(LEAST, MOST))
