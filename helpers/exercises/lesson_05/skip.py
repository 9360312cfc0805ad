"""Lesson 05: reference and checker of the exercise on the gated skip."""

from __future__ import annotations

import numpy as np

from helpers.exercises.engine.core import Wrong, call, close, same, shape_of
from helpers.nets.numpy_lstm import sigmoid

__all__ = ["check_gated_skip", "gated_skip"]


def gated_skip(x, h, W, U, b):
    """x, as much of it as a gate lets through; the gate looks at x and at h."""
    gate = sigmoid(x @ W + h @ U + b)
    return x * gate


def _no_gate(x, h, W, U, b):
    """Answers without a gate: (result, what it is)."""
    a = x @ W + h @ U + b
    return {
        "this is the product `x @ W`, a layer; σ of the whole sum makes the gate, and "
        "the gate multiplies `x`": x @ W,
        "this is a layer, `x @ W + b`; σ of the whole sum makes the gate, and the gate "
        "multiplies `x`": x @ W + b,
        "this is the sum that the gate sees; σ makes a gate of it, which multiplies "
        "`x`": a,
        "this is `x` as it came: nothing is held back": x,
        "you multiplied `x` by `x @ W` alone: h, b and σ are missing": x * (x @ W),
        "you multiplied `x` by h; the gate is σ of x @ W + h @ U + b": x * h,
        "SiLU of the whole sum: σ is to multiply `x`, not its own sum": a * sigmoid(a),
        "you multiplied `x @ W`; the gate lets through `x` itself": (x @ W)
        * sigmoid(a),
        "you let through the sum, by σ(x); the gate is σ of the sum, and lets through "
        "`x`": a * sigmoid(x),
    }  # fmt: skip


def _skip_mistakes(x, h, W, U, b):
    a = x @ W + h @ U + b
    gate = sigmoid(a)
    return _no_gate(x, h, W, U, b) | {
        "this is the gate alone; multiply `x` by it": gate,
        "a gate goes through σ, which stays between 0 and 1; you used tanh": x
        * np.tanh(a),
        "the gate has no σ: without it the factor can be any number": x * a,
        "you multiplied by the gate as a matrix; a gate works entry by entry, `*`": x
        @ gate,
        "you added the gate; it multiplies": x + gate,
        "you let through what the gate holds back: 1 - gate": x * (1 - gate),
        "the gate does not see h: `h @ U` is missing": x * sigmoid(x @ W + b),
        "the gate does not see x: `x @ W` is missing": x * sigmoid(h @ U + b),
        "the bias `b` is missing": x * sigmoid(a - b),
        "the gate sees neither h nor b: `h @ U` and `b` are missing": x
        * sigmoid(x @ W),
        "the gate sees neither x nor b: `x @ W` and `b` are missing": x
        * sigmoid(h @ U),
        "x meets W by a product of matrices, `@`; `*` works entry by entry": x
        * sigmoid(x * W + h * U + b),
        "W maps x as it stands, x @ W; you transposed it": x
        * sigmoid(x @ W.T + h @ U + b),
        "W and U stand as they are, x @ W + h @ U; you transposed both": x
        * sigmoid(x @ W.T + h @ U.T + b),
        "each row has its own memory; all of yours see that of row 0": x
        * sigmoid(x @ W + h[0] @ U + b),
        "each entry of x has a gate of its own; you made one for a row": x
        * gate.mean(axis=1, keepdims=True),
        "each entry of x has a gate of its own; you made one for all": x * gate.mean(),
        "σ of the sum is the gate; you cut the sum off at 0 and 1": x * a.clip(0, 1),
        "W meets x by a product of matrices, `@`, and σ of the sum makes the gate": (
            x * W
        ),
        "this gate is all or nothing, so it has no slope to learn by; σ lets a part "
        "pass": x * (gate > 0.5),
        "the gate is σ(a) itself; you squeezed x by tanh as well": np.tanh(x) * gate,
        "you added h; here the gate lets x pass, and nothing else": h + x * gate,
        "you let h pass, and x where the gate is shut; it is x that the gate lets "
        "pass": h * gate
        + (1 - gate) * x,
        "the bias belongs inside σ": x * sigmoid(a - b) + b,
        "the gate guards x; you multiplied h": h * gate,
        "the matrices are swapped: x meets W": x * sigmoid(x @ U + h @ W + b),
        "σ belongs to the gate alone; you put x inside it": sigmoid(x * a),
        "you let x pass and add the gated part; here the gate decides on all of x": x
        + x * gate,
        "only `x @ W` is inside σ; the gate sees the whole sum": x * sigmoid(x @ W)
        + h @ U
        + b,
        "σ(a) is 1 / (1 + exp(-a)): the minus belongs to the whole sum, and you gave "
        "it to `x @ W` alone; put brackets around it": x
        * sigmoid(x @ W - h @ U - b),
        "one σ around the whole sum; you multiplied two": x
        * sigmoid(x @ W)
        * sigmoid(h @ U + b),
        "a gate goes through σ; you cut it off at 0 as ReLU does, and it has no upper "
        "end": x * np.maximum(a, 0),
        "softmax makes the units share one whole; each gate opens by itself, σ": x
        * (np.exp(a) / np.exp(a).sum(axis=1, keepdims=True)),
        "you fill up with h what the gate holds back; here it only lets x pass": x
        * gate
        + (1 - gate) * h,
        "x·σ(x) depends on x alone and has no weights: it is the activation SiLU, not "
        "a gate that can learn when to open": x * sigmoid(x),
    }  # fmt: skip


def check_gated_skip(answer) -> str:
    rng = np.random.default_rng(51)
    n = 4  # B = D = H: nothing but the numbers can show a mistake
    square = [0.7 * rng.normal(size=s) for s in ((n, n),) * 4 + ((n,),)]
    got = call(answer, *square, name="gated_skip", unchanged=True)
    for words, wrong in _skip_mistakes(*square).items():
        if same(got, wrong, 1e-9):
            raise Wrong(words)
    close(got, gated_skip(*square), 1e-9, "what comes through the gate")
    for B, D, H in ((2, 4, 3), (1, 2, 3), (1, 1, 1)):
        args = [rng.normal(size=s) for s in ((B, D), (B, H), (D, D), (H, D), (D,))]
        got = shape_of(call(answer, *args, name="gated_skip"), {"B": B, "D": D})
        close(got, gated_skip(*args), 1e-9, "what comes through the gate")
    return "Half open at first, and each entry of x has a gate of its own to learn."
