"""The cliff: a loss over two weights that is flat, but for one wall.

One unit, h_t = sigmoid(w h_{t-1} + b) from h_0 = 0.5, and the loss (h_T - 0.7)²
(Pascanu, Mikolov and Bengio 2013, figure 6).
"""

import math

import numpy as np

from helpers.guards import want_sizes

__all__ = ["RULES", "cliff", "descend"]


def cliff(w, b, T=50):
    """Loss and its slopes in w and b: three numbers, or arrays of the shape of w and b.

    The slopes go along with the state, forward in time: dw_t is dh_t / dw.
    """
    want_sizes(T=T)
    h, dw, db = 0.5, 0.0, 0.0
    for _ in range(T):
        h_prev, h = h, (1 + np.tanh((w * h + b) / 2)) / 2  # the sigmoid of w h + b
        slope = h * (1 - h)
        dw, db = slope * (h_prev + w * dw), slope * (1 + w * db)
    return (h - 0.7) ** 2, 2 * (h - 0.7) * dw, 2 * (h - 0.7) * db


def _by_norm(g, threshold):
    norm = math.hypot(*g)
    scale = threshold / norm if norm > threshold else 1.0
    return [x * scale for x in g]


def _by_value(g, threshold):
    return [max(-threshold, min(threshold, x)) for x in g]


def _by_squared_norm(g, threshold):
    square = math.hypot(*g) ** 2
    scale = threshold / square if square > threshold else 1.0
    return [x * scale for x in g]


def _two_sided(g, threshold):
    norm, low = math.hypot(*g), threshold / 2
    if norm == 0:
        return [math.nan, math.nan]  # 0 / 0
    scale = threshold / norm if norm > threshold else max(1.0, low / norm)
    return [x * scale for x in g]


# name -> how a gradient [dw, db] becomes the one that a step is made of
RULES = {
    "none": lambda g, threshold: g,
    "global norm": _by_norm,
    "by value": _by_value,
    "squared norm": _by_squared_norm,
    "two-sided": _two_sided,
}


def descend(start, *, lr, rule="global norm", threshold=1.0, steps=100, T=50):
    """Plain gradient descent on the cliff from start = (w, b).

    Returns path (steps + 1, 2), losses (steps + 1,) and norms (steps + 1,), the
    gradient's norm before the rule, at each point of the path.
    """
    if rule not in RULES:
        raise ValueError(f"rule: one of {', '.join(RULES)} wanted, got {rule!r}")
    for name, value in (("lr", lr), ("threshold", threshold)):
        if not value > 0:
            raise ValueError(f"{name}: a number above 0 wanted, got {value!r}")
    (w, b), rows = start, []
    for _ in range(steps + 1):
        loss, *g = _cliff_of_one(w, b, T)
        rows.append((w, b, loss, math.hypot(*g)))
        dw, db = RULES[rule](g, threshold)
        w, b = w - lr * dw, b - lr * db
    table = np.array(rows)
    return table[:, :2], table[:, 2], table[:, 3]


def _cliff_of_one(w, b, T):
    """`cliff` for one point, without NumPy's overhead on single numbers."""
    h, dw, db, tanh = 0.5, 0.0, 0.0, math.tanh
    for _ in range(T):
        h_prev, h = h, (1 + tanh((w * h + b) / 2)) / 2
        slope = h * (1 - h)
        dw, db = slope * (h_prev + w * dw), slope * (1 + w * db)
    return (h - 0.7) ** 2, 2 * (h - 0.7) * dw, 2 * (h - 0.7) * db
