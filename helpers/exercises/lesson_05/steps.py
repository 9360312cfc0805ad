"""Lesson 05: reference and checker of the exercise on one step of an LSTM."""

from __future__ import annotations

from itertools import permutations

import numpy as np

from helpers.exercises.engine.core import Wrong, call, close, same, shape_of
from helpers.nets.numpy_lstm import sigmoid

__all__ = ["check_lstm_step", "lstm_step", "two_arrays"]


def two_arrays(got, first, second):
    """The two arrays that an answer must return, or words on what it did return.

    Two of one shape may come stacked, as one array: it unpacks like a pair.
    """
    stacked = hasattr(got, "ndim") and got.ndim == 3
    if not (stacked or isinstance(got, tuple | list)) or len(got) != 2:
        raise Wrong(f"return two arrays: `{first}` and `{second}`")
    return list(got)


def lstm_step(x, h, c, W_xh, W_hh, b_h):
    a = x @ W_xh + h @ W_hh + b_h  # (B, 4H)
    i, f, g, o = np.split(a, 4, axis=1)
    i, f, o = sigmoid(i), sigmoid(f), sigmoid(o)
    c = f * c + i * np.tanh(g)
    h = o * np.tanh(c)
    return h, c


def _lstm(a, c, order="ifgo", **kinds):
    """One step from the sums a (B, 4H); `kinds` names what is done in another way."""
    parts = dict(zip(order, np.split(a, 4, axis=1), strict=True))
    squash = {k: np.tanh if k == "g" else sigmoid for k in "ifgo"}
    squash |= {k: kinds[k] for k in "ifgo" if k in kinds}
    i, f, g, o = (squash[k](parts[k]) for k in "ifgo")
    cell = kinds.get("cell", lambda i, f, g, c, o: f * c + i * g)
    new = cell(i, f, g, c, o)
    state = kinds.get("state", lambda o, new, c: o * np.tanh(new))
    return state(o, new, c), kinds.get("kept", lambda o, new, c: new)(o, new, c)


_LSTM_MISTAKES = {
    "the candidate g goes through tanh; with σ it is never negative, so the cell can "
    "only be added to": {"g": sigmoid},
    "the input gate i goes through σ; tanh is for the candidate g alone": {
        "i": np.tanh
    },
    "the forget gate f goes through σ; tanh is for the candidate g alone": {
        "f": np.tanh
    },
    "the output gate o goes through σ; tanh is for the candidate g alone": {
        "o": np.tanh
    },
    "a gate goes through σ; you used tanh for all three": dict.fromkeys("ifo", np.tanh),
    "the candidate g has no tanh": {"g": lambda a: a},
    "both tanh are missing: that of the candidate g, and that around c in h": {
        "g": lambda a: a,
        "state": lambda o, n, c: o * n,
    },
    "the candidate g goes through tanh; relu lets it be positive only": {
        "g": lambda a: np.maximum(a, 0)
    },
    "each of i, f, o goes through one σ; yours go through two": dict.fromkeys(
        "ifo", lambda a: sigmoid(sigmoid(a))
    ),
    "o goes through one σ; yours goes through two": {
        "o": lambda a: sigmoid(sigmoid(a))
    },
    "you sent all four through σ, and g through tanh after it; g goes through tanh "
    "alone": {"g": lambda a: np.tanh(sigmoid(a))},
    "you sent all four through tanh, and the gates through σ after it; they go through "
    "σ alone": dict.fromkeys("ifo", lambda a: sigmoid(np.tanh(a))),
    "the gates have no σ": dict.fromkeys("ifo", lambda a: a),
    "the tanh around c is missing: h = o * tanh(c)": {"state": lambda o, n, c: o * n},
    "h reads the *new* cell; you took the tanh of the old one": {
        "state": lambda o, n, c: o * np.tanh(c)
    },
    "h reads the cell through tanh; you took σ": {
        "state": lambda o, n, c: o * sigmoid(n)
    },
    "the tanh goes around c alone: o * tanh(c), not tanh(o * c)": {
        "state": lambda o, n, c: np.tanh(o * n)
    },
    "i and f have changed places: f keeps of the old cell, i stores of g (the columns "
    "stand as i f g o)": {"cell": lambda i, f, g, c, o: i * c + f * g},
    "the output gate is missing in h": {"state": lambda o, n, c: np.tanh(n)},
    "o = 1 shows the cell; you show (1 - o) of it": {
        "state": lambda o, n, c: (1 - o) * np.tanh(n)
    },
    "i = 1 stores g; you store (1 - i) of it": {
        "cell": lambda i, f, g, c, o: f * c + (1 - i) * g
    },
    "o stands outside the cell: it guards h alone, and you put it to what is stored": {
        "cell": lambda i, f, g, c, o: f * c + i * g * o
    },
    "g sees x and h alone; you added the old cell to it": {
        "cell": lambda i, f, g, c, o: f * c + i * np.tanh(np.arctanh(g) + c)
    },
    "you return the new cell for h, too: h = o * tanh(c)": {"state": lambda o, n, c: n},
    "the new cell comes second; you return the old one, unchanged": {
        "kept": lambda o, n, c: c
    },
    "you put a σ around the new cell, as some notes do; then it cannot keep a number "
    "even with f = 1": {"cell": lambda i, f, g, c, o: sigmoid(f * c + i * g)},
    "you put a tanh around the new cell; it is a plain sum, and only h reads it "
    "through tanh": {"cell": lambda i, f, g, c, o: np.tanh(f * c + i * g)},
    "you pass on c through the output gate; o guards h alone, or the cell would lose "
    "what it shows": {"kept": lambda o, n, c: o * np.tanh(n)},
    "you pass on o * c; o guards h alone": {"kept": lambda o, n, c: o * n},
    "you pass on tanh(c); only h reads the cell through tanh": {
        "kept": lambda o, n, c: np.tanh(n)
    },
    "the input gate is missing: i * g is what is stored": {
        "cell": lambda i, f, g, c, o: f * c + g
    },
    "the candidate is missing: i * g is what is stored": {
        "cell": lambda i, f, g, c, o: f * c + i
    },
    "the forget gate is missing: f * c is what is kept": {
        "cell": lambda i, f, g, c, o: c + i * g
    },
    "the old cell is missing: f * c is what is kept": {
        "cell": lambda i, f, g, c, o: i * g
    },
    "f multiplies what is stored too; it belongs to the old cell alone": {
        "cell": lambda i, f, g, c, o: f * (c + i * g)
    },
    "you keep (1 - f) of the cell; in spite of its name f = 1 means keep": {
        "cell": lambda i, f, g, c, o: (1 - f) * c + i * g
    },
    "you store 1 - f; that is a GRU's bargain, an LSTM has a gate of its own for it": {
        "cell": lambda i, f, g, c, o: f * c + (1 - f) * g
    },
    "gates work entry by entry: `*`, not `@`": {
        "cell": lambda i, f, g, c, o: f @ c + i @ g
    },
}


def _name_lstm(got, x, h, c, W_xh, W_hh, b_h):
    """Raise the words for the first known mistake that gives this h and c."""
    a = x @ W_xh + h @ W_hh + b_h
    right = _lstm(a, c)
    if same(got, right, 1e-9):
        return
    sums = {
        "the bias `b_h` is missing": a - b_h,
        "the bias `b_h` is in the sum twice": a + b_h,
        "each row has its own state; all of yours see that of row 0": a
        + (h[0] - h) @ W_hh,
        "h does nothing: `h @ W_hh` is missing": x @ W_xh + b_h,
        "x does nothing: `x @ W_xh` is missing": h @ W_hh + b_h,
        "the gates see the state h; you gave them c": x @ W_xh + c @ W_hh + b_h,
        "the matrices are swapped: x meets W_xh": x @ W_hh + h @ W_xh + b_h,
    }  # fmt: skip
    known = {words: _lstm(other, c) for words, other in sums.items()}
    known |= {words: _lstm(a, c, **kinds) for words, kinds in _LSTM_MISTAKES.items()}
    known["return h first, then c; yours are the other way round"] = right[::-1]
    rows = np.concatenate(list(a.reshape(4, *h.shape)), axis=1)
    known["`reshape` cuts across the rows; np.split(a, 4, axis=1) cuts the columns"] = (
        _lstm(rows, c)
    )
    strided = np.concatenate([a[:, k::4] for k in range(4)], axis=1)
    known["a gate has H columns side by side; you took every fourth"] = _lstm(
        strided, c
    )
    for order in map("".join, permutations("ifgo")):
        words = f"you cut the columns as {' '.join(order)}; their order is i f g o"
        known.setdefault(words, _lstm(a, c, order))
    for words, wrong in known.items():
        if same(got, wrong, 1e-9):
            raise Wrong(words)


def check_lstm_step(answer) -> str:
    rng = np.random.default_rng(52)
    for B, D, H in ((3, 3, 3), (2, 4, 3), (1, 1, 1)):
        sizes = (B, D), (B, H), (B, H), (D, 4 * H), (H, 4 * H), (4 * H,)
        args = [rng.normal(size=s) for s in sizes]
        got = call(answer, *args, name="lstm_step", unchanged=True)
        got = two_arrays(got, "h", "c")
        if D == 3:
            _name_lstm(got, *args)
        for array, right, name in zip(got, lstm_step(*args), ("h", "c"), strict=True):
            shape_of(array, {"B": B, "H": H}, f"`{name}`")
            close(array, right, 1e-9, f"`{name}`")
    return "One product, four cuts, two lines: this is what nn.LSTM repeats T times."
