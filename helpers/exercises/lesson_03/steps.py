"""Checkers of lesson 03: one step, many steps, and what they cost."""

from __future__ import annotations

import numpy as np

from helpers.exercises.engine.compare import name_it
from helpers.exercises.engine.core import Wrong, call, close, shape_of

__all__ = [
    "check_count",
    "check_last_states",
    "check_step",
    "count_parameters",
    "last_states",
    "step",
]


def step(x, h_prev, W_xh, W_hh, b_h):
    return np.tanh(x @ W_xh + h_prev @ W_hh + b_h)


def check_step(answer):
    rng = np.random.default_rng(1)
    n = 3  # B = D = H: nothing but the numbers can show a mistake
    x, h, W_xh, W_hh, b = (rng.standard_normal(s) for s in ((n, n),) * 4 + ((n,),))
    a = x @ W_xh + h @ W_hh + b
    got = call(answer, x, h, W_xh, W_hh, b, name="step", unchanged=True)
    star = "you used `*` (elementwise); the recurrence needs the matrix product `@`"
    name_it(
        got,
        [
            (np.tanh(x * W_xh + h * W_hh + b), star + ", twice"),
            (np.tanh(W_xh * x + h @ W_hh + b), star + " between `x` and `W_xh`"),
            (np.tanh(x @ W_xh + h * W_hh + b), star + " between `h_prev` and `W_hh`"),
            (a, "the tanh is missing: you returned the sum that goes into it"),
            (1 / (1 + np.exp(-a)), "you used the sigmoid; this recurrence has tanh"),
            (np.tanh(a - b), "you forgot the bias `b_h`"),
            (
                np.tanh(x @ W_xh + b),
                "`h_prev` does nothing: without `h_prev @ W_hh` there is no memory",
            ),
            (
                np.tanh(x @ W_xh + h @ W_hh.T + b),
                "you transposed `W_hh`: with row vectors it is `h_prev @ W_hh`. It is "
                "square, so NumPy could not complain",
            ),
            (
                np.tanh(W_xh @ x + W_hh @ h + b),
                "the factors are swapped: our vectors are rows, so they stand left of "
                "the matrix: `x @ W_xh`",
            ),
            (
                np.tanh(x @ W_hh + h @ W_xh + b),
                "the matrices are swapped: `x` meets `W_xh`, `h_prev` meets `W_hh`",
            ),
            (
                np.tanh(h @ W_hh + b),
                "`x` does nothing: without `x @ W_xh` the network reads no word",
            ),
            (np.tanh(x @ W_xh + h @ W_hh) + b, "the bias belongs inside the tanh"),
            (np.tanh(a + b), "the bias `b_h` is in the sum twice"),
            (np.maximum(a, 0), "you used ReLU; this recurrence has tanh"),
            (
                np.tanh(x @ W_xh) + np.tanh(h @ W_hh) + b,
                "one tanh goes around the whole sum, not one around each part",
            ),
        ],
    )
    close(got, np.tanh(a), 1e-9, "the new state")
    B, D, H = 2, 3, 5
    x, h = rng.standard_normal((B, D)), rng.standard_normal((B, H))
    W_xh, W_hh = rng.standard_normal((D, H)), rng.standard_normal((H, H))
    got = call(answer, x, h, W_xh, W_hh, b_h := np.ones(H), name="step")
    shape_of(got, {"B": B, "H": H}, "the new state")
    close(got, step(x, h, W_xh, W_hh, b_h), 1e-9, "the new state")
    return "The same line serves one sequence or a batch of them."


def last_states(X, lengths, W_xh, W_hh, b_h):
    B, T, _ = X.shape
    h = np.zeros((B, len(b_h)))
    for t in range(T):
        h_new = np.tanh(X[:, t] @ W_xh + h @ W_hh + b_h)
        alive = (t < lengths)[:, None]
        h = np.where(alive, h_new, h)
    return h


def check_last_states(answer):
    rng = np.random.default_rng(2)
    B, T, D, H = 4, 6, 3, 5
    lengths = np.array([4, 6, 1, 3])
    X = rng.standard_normal((B, T, D))
    X[np.arange(T) >= lengths[:, None]] = 0
    W_xh, W_hh = rng.standard_normal((D, H)), rng.standard_normal((H, H))
    b = rng.standard_normal(H)
    try:
        args = X, lengths, W_xh, W_hh, b
        got = call(answer, *args, name="last_states", unchanged=True)
    except Wrong as wrong:
        if "is out of bounds for axis 1" in str(wrong):
            raise Wrong(
                f"{wrong} X has T = {T} steps, 0 to {T - 1}; row 1 is {T} long, so "
                f"its last real step is {T - 1}, its length less 1"
            ) from None
        raise
    shape_of(got, {"B": B, "H": H}, "what last_states returns")
    hs = np.zeros((B, T + 1, H))
    for t in range(T):
        hs[:, t + 1] = step(X[:, t], hs[:, t], W_xh, W_hh, b)
    rows, leaked, h = np.arange(B), [], np.zeros(H)
    for x, n in zip(X, lengths, strict=True):
        for x_t in x[:n]:
            h = step(x_t, h, W_xh, W_hh, b)
        leaked.append(h)
    unlinked = np.tanh(X[rows, lengths - 1] @ W_xh + b)
    upside_down = np.zeros((B, H))
    for t in range(T):
        new = step(X[:, t], upside_down, W_xh, W_hh, b)
        upside_down = np.where((t < lengths)[:, None], upside_down, new)
    padding = "the padding goes on changing the state after the sequence has ended"
    name_it(
        got,
        [
            (hs[:, -1], f"you returned the state after all T steps: {padding}"),
            (
                hs[rows, lengths - 1],
                "one step early: that is the state before the last",
            ),
            (
                hs[rows, np.minimum(lengths + 1, T)],
                f"one step late, so {padding}",
            ),
            (
                np.stack(leaked),
                "you never reset: each sequence starts from the last state of the one "
                "before it in the batch; start each from zeros",
            ),
            (
                hs[:, -1] * (lengths == T)[:, None],
                "a sequence that has ended must keep its state; you set it to 0",
            ),
            (
                hs[:, lengths.min()],
                "you stopped all rows after the shortest sequence; go on, and let only "
                "the rows that have ended keep their state",
            ),
            (
                unlinked,
                "every step starts from nothing: hand each step the state before it",
            ),
            (
                upside_down,
                "the choice is upside down: a row takes the new state *while* t is "
                "below its length, and keeps the old one after",
            ),
        ],
    )
    close(got, hs[rows, lengths], 1e-9, "what last_states returns")
    other = call(answer, X + (X == 0), lengths, W_xh, W_hh, b, name="last_states")
    close(other, got, 1e-9, "with other numbers in the padding, the answer")
    return "What stands in the padding no longer matters."


def count_parameters(D, H, V, T):
    return D * H + H * H + H + H * V + V


def check_count(answer):
    for D, H, V, T in [(3, 7, 5, 11), (10, 32, 11, 50), (94, 128, 94, 20)]:
        got = call(answer, D, H, V, T, name="count_parameters")
        right, weights = count_parameters(D, H, V, T), D * H + H * H + H * V
        name_it(
            np.asarray(got),
            [
                (
                    right * T,
                    "you gave every step its own weights; one set serves all T steps",
                ),
                (weights, "you forgot the two biases, `b_h` and `b_y`"),
                (right - V, "you forgot the bias of the output, `b_y`"),
                (right - H, "you forgot the bias of the state, `b_h`"),
                (right - H * H, "you forgot `W_hh`, the weights from state to state"),
                (right - H * V - V, "you forgot the output: `W_hy` and `b_y`"),
                (
                    right + H,
                    "you counted H too many: our state has one bias (torch's nn.RNN "
                    "has two), and h_0 is no parameter",
                ),
                (right - D * H, "you forgot `W_xh`, the weights from input to state"),
                (
                    right + D * H * (T - 1),
                    "`W_xh` is one matrix, used at all T steps: count it once",
                ),
                (
                    right + (D - H) * V,
                    "the output is read off the state, H numbers: `W_hy` is (H, V)",
                ),
                (right + V - H, "the bias of the state is as long as the state: H"),
                (right + H * T, "the states are no parameters: nothing learns them"),
            ],
        )
        close(np.asarray(got), np.asarray(right), 0, f"the count for {D, H, V, T}")
    return "T does not appear in it: a longer sequence costs no parameter."
