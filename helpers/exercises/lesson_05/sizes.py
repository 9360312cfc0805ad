"""Lesson 05: references and checkers on parameters, the forget bias and shapes."""

from __future__ import annotations

from numbers import Real

import numpy as np
import torch

from helpers.exercises.engine.core import NotAttempted, Wrong, call, close, same
from helpers.nets.numpy_lstm import sigmoid

__all__ = [
    "check_count",
    "check_forget_bias",
    "check_shapes",
    "count_parameters",
    "forget_bias",
    "lstm_shapes",
]


def count_parameters(cell, D, H):
    gates = {"rnn": 1, "gru": 3, "lstm": 4}[cell]
    return gates * (D * H + H * H + 2 * H)


def _count_mistakes(cell, D, H):
    n = {"rnn": 1, "gru": 3, "lstm": 4}[cell]
    right = n * (D * H + H * H + 2 * H)
    blocks = {"rnn": "1 block", "gru": "3 blocks, r z n", "lstm": "4 blocks, i f g o"}
    return {
        "you count one bias a block; torch has two, one a matrix": right - n * H,
        "the biases are missing, two a block": right - 2 * n * H,
        "the matrix from the state, (H, H), is missing": right - n * H * H,
        "the matrix from the input, (D, H), is missing": right - n * D * H,
        "you count one matrix for x; each block has its own": right - (n - 1) * D * H,
        "you count one matrix for h; each block has its own": right - (n - 1) * H * H,
        "you count two biases in all; each block has two of its own": right
        - (n - 1) * 2 * H,
        "the cell c (or the state) is no parameter: nothing learns it": right + H,
        "you count an output layer; this is about the cell alone": right + H * D + D,
        "two biases a block, but one matrix for x, one for h; you doubled them too": (
            2 * n * (D * H + H * H + H)
        ),
        "a bias has H numbers, also the one beside the matrix for x": right
        - n * (H - D),
        "torch's LSTM has no peepholes: c meets no weights": (
            right + 3 * H if cell == "lstm" else right
        ),
        "a bias has H numbers": n * (D * H + H * H + 2),
        "the matrix from the input is (D, H), not (D, D)": n * (D * D + H * H + 2 * H),
    } | {
        f"you count {m} of them; the {cell.upper()} has {blocks[cell]}": m * right // n
        for m in (1, 2, 3, 4, 5)
        if m != n
    }  # fmt: skip


def check_count(answer) -> str:
    for cell in ("rnn", "lstm", "gru"):
        for D, H in ((5, 9), (10, 20), (93, 128)):
            got = call(answer, cell, D, H, name="count_parameters")
            net = getattr(torch.nn, cell.upper())(D, H, device="meta")
            right = sum(p.numel() for p in net.parameters())
            for words, wrong in _count_mistakes(cell, D, H).items():
                if wrong != right and same(got, wrong, 0):
                    raise Wrong(f'"{cell}": {words}')
            close(got, right, 0, f'the count for "{cell}", {D}, {H}')
    return (
        "An LSTM with as many parameters as an RNN has about half its units: the "
        "comparison of this lesson pays for the gates."
    )


def forget_bias(T):
    f = 0.5 ** (1 / T)  # f ** T = 1/2
    return np.log(f / (1 - f))  # the inverse of σ


def _bias_mistakes(T):
    f = 0.5 ** (1 / T)
    e = np.exp(-1 / T)
    return {
        "this is f itself; which b gives σ(b) = f?": f,
        "this keeps 1/e, a share of .37, for T steps; a half is asked for": np.log(
            e / (1 - e)
        ),
        "log(T - 1) makes f = 1 - 1/T, which keeps about 1/e after T steps, a share of "
        ".37; a half is asked for": np.log(T - 1) if T > 1 else np.inf,
        "log T makes f = T / (T + 1), which keeps about 1/e after T steps, a share of "
        ".37; a half is asked for": np.log(T),
        "this takes f ** T to be exp(-T (1 - f)), which is close, not equal: solve "
        "f ** T = 1/2 itself": np.log(T / np.log(2)),
        "the sign: σ(b) is 1 - f with yours": np.log((1 - f) / f),
        "you let each step take 0.5 / T of what there was at first; each step takes a "
        "share of what is *left*, so it is f ** T": np.log((1 - 0.5 / T) / (0.5 / T)),
        "0.5 ** T is what f = 0.5 leaves after T steps; f is the T-th root of 0.5": (
            -np.log(2.0**T - 1) if T < 900 else np.inf
        ),
        "this is log f; the inverse of σ is log(f / (1 - f))": np.log(f),
        "this is σ(f); you need the inverse, the b with σ(b) = f": sigmoid(f),
        "this is the inverse of tanh; a gate is σ": np.arctanh(f),
        "the logarithm has base 2; the inverse of σ needs the natural one": np.log2(
            f / (1 - f)
        ),
        "the logarithm has base 10; the inverse of σ needs the natural one": np.log10(
            f / (1 - f)
        ),
        "this is f / (1 - f); its logarithm is missing": f / (1 - f),
        "brackets: f / 1 - f is 0; the inverse of σ is log(f / (1 - f))": -np.inf,
    }


def check_forget_bias(answer) -> str:
    for T in (7, 100, 1000, 1):
        got = call(answer, T, name="forget_bias")
        for words, wrong in _bias_mistakes(T).items():
            if T > 1 and same(got, wrong, 1e-6):
                raise Wrong(words)
        right = forget_bias(T)
        if same(got, right, 1e-6):
            continue
        close(got, right, np.inf, f"for T = {T} your result")  # one number?
        with np.errstate(over="ignore"):
            left = sigmoid(float(got)) ** T
        digits = 3 if f"{left:.3g}" != "0.5" else 12
        raise Wrong(
            f"for T = {T} your b = {float(got):.4g} leaves a share of "
            f"{left:.{digits}g} after T steps; it should be 0.5"
        )
    return (
        "Ten times as long takes a bias 2.3 higher: log 10. Chrono initialisation "
        "draws the biases so that every length up to T has some units."
    )


def lstm_shapes(x_shape, H, num_layers, batch_first):
    B = x_shape[0] if batch_first else x_shape[1]
    output = (*x_shape[:2], H)
    return output, (num_layers, B, H), (num_layers, B, H)


def _output_mistakes(x, H, n, first):
    return {
        "`output` holds the top layer's h alone, H numbers a step": (*x[:2], n * H),
        "`output` holds h, H numbers a step, not the gates": (*x[:2], 4 * H),
        "`output` has H numbers a step, not D": x,
        "`output` holds h alone, H numbers a step; c comes in `c_n`": (*x[:2], 2 * H),
        "`output` keeps the first two axes of x as they came, batch first or not": (
            x[1],
            x[0],
            H,
        ),
        "`output` holds every step of the top layer, not the last one alone": (
            x[0] if first else x[1],
            H,
        ),
        "`output` has no axis for the layers: it is the top one's": (n, *x[:2], H),
    }  # fmt: skip


def _state_mistakes(x, H, n, first):
    B, T = x[:2] if first else x[1::-1]
    ends = "the top layer's alone"
    known = {
        (B, n, H): "`batch_first` moves the axes of x and `output` only: {} stays "
        "(num_layers, B, H)",
        (n, T, H): "{} has a row a sequence; you took the other axis of x, the steps",
        (T, n, H): "{} has a row a sequence and its layers first",
        (1, B, H): f"{{}} holds the last state of *every* layer, not {ends}",
        (B, n * H): "{} keeps the layers apart, on an axis in front",
        (  # after that one, which is the same for n = 1
            B,
            H,
        ): f"{{}} has an axis for the layers, even for one; this is {ends}",
        (n, B, T, H): "{} is the state after the last step, all others are in `output`",
        (*x[:2], H): "{} is the state after the last step, all others are in `output`",
        (n, H): "{} has a row a sequence",
        (B, H, n): "{} has its layers first: (num_layers, B, H)",
        (n, H, B): "{} has a row a sequence, and H numbers in it: (num_layers, B, H)",
        (n, B, 2 * H): "{} is one of two, h and c, with H numbers a row each",
        (2 * n, B, H): "{} has one entry a layer: this net reads in one direction",
        (n, B, 4 * H): "{} has H numbers a row; the four blocks stay inside",
        (n, B, x[2]): "{} has H numbers a row, not D",
    }
    return known


def _as_shape(got, name):
    if isinstance(got, str) or getattr(got, "ndim", 1) > 1:
        raise Wrong(f"{name} is a {type(got).__name__}; give its shape, a tuple")
    try:
        got = tuple(n.item() if hasattr(n, "item") else n for n in got)
    except TypeError:
        raise Wrong(f"{name} is {got!r}; give a shape, as in (5, 64, 20)") from None
    if any(n is ... for n in got):
        raise NotAttempted(f"{name} still holds `...`")
    whole = (isinstance(n, Real) and float(n).is_integer() for n in got)
    if not all(whole) or any(isinstance(n, bool) for n in got):
        raise Wrong(f"{name} is {got!s:.60}; a shape holds whole numbers")
    return tuple(int(n) for n in got)


def _three(got):
    """The three shapes, side by side or as torch gives them: output, (h_n, c_n)."""
    words = "return three shapes side by side: of `output`, of `h_n` and of `c_n`"
    if getattr(got, "ndim", 0) == 2:  # three rows of an array
        got = list(got)
    if not isinstance(got, tuple | list):
        raise Wrong(words)
    if len(got) == 2 and isinstance(got[1], tuple | list) and len(got[1]) == 2:
        pair = got[1]
        if all(hasattr(part, "__len__") for part in pair):
            got = got[0], *pair
    if len(got) != 3:
        raise Wrong(words)
    return got


def check_shapes(answer) -> str:
    settings = ((5, 64, 10), 20, 2, False), ((64, 5, 10), 20, 2, True)
    settings += ((6, 3, 4), 7, 1, True), ((6, 3, 4), 7, 3, False)
    for x, H, n, first in settings:
        got = call(answer, x, H, n, first, name="lstm_shapes")
        names = ("`output`", "`h_n`", "`c_n`")
        output, *states = map(_as_shape, _three(got), names)
        net = torch.nn.LSTM(x[2], H, n, batch_first=first)
        with torch.no_grad():
            right, (h_n, _) = net(torch.zeros(x))
        case = f"nn.LSTM({x[2]}, {H}, {n}, batch_first={first}) on {x}: "
        if output != tuple(right.shape):
            for words, wrong in _output_mistakes(x, H, n, first).items():
                if output == wrong:
                    raise Wrong(case + words)
            raise Wrong(f"{case}`output` is {tuple(right.shape)}, not {output}")
        for state, name in zip(states, names[1:], strict=True):
            if state != tuple(h_n.shape):
                words = _state_mistakes(x, H, n, first).get(state)
                words = words or f"{{}} is {tuple(h_n.shape)}, not {state}"
                raise Wrong(case + words.format(name))
    return "output is one layer at all steps, h_n and c_n are one step of all layers."
