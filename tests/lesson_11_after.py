"""Right and wrong answers to the exercises 11.5 to 11.8, for test_lesson_11.py."""

import numpy as np
import torch

from helpers.nets.after.scans import loop, scan

# --- 11.5: attention, one step at a time ---------------------------------------------


def softmax(scores):
    weights = np.exp(scores - np.max(scores))
    return weights / weights.sum()


def by_torch(q, k, v, keys, values):
    keys, values = np.concatenate([keys, k[None]]), np.concatenate([values, v[None]])
    asked, given, held = map(torch.as_tensor, (q[None], keys, values))
    out = torch.nn.functional.scaled_dot_product_attention(asked, given, held)
    return [out[0], torch.as_tensor(keys), torch.as_tensor(values)]


def step_with(
    scale=lambda K, S: K**0.5, weigh=softmax, itself=True, keep=True, first=False,
    asks="q", of="values",
):  # fmt: skip
    def answer(q, k, v, keys, values):
        rows = [k[None], keys] if first else [keys, k[None]]
        held = [v[None], values] if first else [values, v[None]]
        all_keys, all_values = np.concatenate(rows), np.concatenate(held)
        seen, given = (all_keys, all_values) if itself else (keys, values)
        weights = weigh(seen @ {"q": q, "k": k}[asks] / scale(len(q), len(seen)))
        out = weights @ {"values": given, "keys": seen}[of]
        return (out, all_keys, all_values) if keep else (out, keys, values)

    return answer


def overflows(scores):
    with np.errstate(over="ignore", invalid="ignore"):
        weights = np.exp(scores)
        return weights / weights.sum()


def less(largest):
    return lambda scores: overflows(scores - largest(scores))


LOOKING = [
    (step_with(scale=lambda K, S: 1), r"not divided by √K"),
    (step_with(scale=lambda K, S: K), r"divided by K; it is √K"),
    (step_with(scale=lambda K, S: S**0.5), r"root of how many steps"),
    (step_with(weigh=lambda scores: scores), r"the softmax is missing"),
    (step_with(weigh=lambda s: np.full(len(s), 1 / len(s))), r"plain average"),
    (step_with(asks="k"), r"it is the query that asks"),
    (step_with(of="keys"), r"average of the keys"),
    (step_with(itself=False), r"does not look at itself"),
    (step_with(keep=False), r"lack this step's"),
    (step_with(first=True), r"stands first among the keys"),
    (step_with(weigh=overflows), r"exp overflows"),
    (step_with(weigh=lambda s: np.nan_to_num(overflows(s))), r"for scores 40000"),
    (step_with(weigh=lambda s: overflows(s.clip(-500, 500))), r"for scores 40000"),
    (step_with(weigh=less(lambda s: max(0, s.max()))), r"-40000 is nan or inf"),
    (step_with(weigh=less(lambda s: abs(s).max())), r"-40000 is nan or inf"),
    (lambda q, k, v, keys, values: step_with()(q, k, v, keys, values)[0], r"three th"),
]

# --- 11.6: the way back --------------------------------------------------------------


def back_by_scan(a, dh):
    a, dh = torch.as_tensor(a), torch.as_tensor(dh)
    later = torch.cat([a[1:], a[:1]])  # the last one meets a state of 0
    return scan(later.flip(0)[None], dh.flip(0)[None])[0].flip(0)


def back_by_autograd(a, dh):
    a, dh = torch.as_tensor(a), torch.as_tensor(dh)
    b = torch.zeros_like(dh, requires_grad=True)
    (loop(a[None], b[None])[0] * dh).sum().backward()
    return b.grad


def back_with(factor=lambda a, t: a[t + 1], end=lambda a, db: db):
    def answer(a, dh):
        db = np.array(dh, dtype=float)
        for t in reversed(range(len(db) - 1)):
            db[t] = db[t] + factor(a, t) * db[t + 1]
        return end(a, db)

    return answer


def forwards(a, dh):
    db = np.array(dh, dtype=float)
    for t in range(1, len(db)):
        db[t] += a[t] * db[t - 1]
    return db


def one_step_back(a, dh):
    db = dh.copy()
    db[:-1] += a[1:] * dh[1:]
    return db


def turned_unshifted(a, dh):
    return forwards(a[::-1], dh[::-1])[::-1]


BACK = [
    (lambda a, dh: back_with()(abs(a), dh), r"db for T = 6 has the right shape"),
    (lambda a, dh: dh.copy(), r"later steps is missing"),
    (back_with(factor=lambda a, t: a[t]), r"a_\(t\+1\), not a_t"),
    (forwards, r"runs forward in time"),
    (turned_unshifted, r"shift a by one first"),
    (back_with(end=lambda a, db: db[::-1]), r"turn the result round"),
    (back_with(end=lambda a, db: a * db), r"one factor a_t too far"),
    (one_step_back, r"through \*all\* later"),
    (back_with(factor=lambda a, t: 1), r"multiplies by its a"),
    (back_with(end=lambda a, db: db.T), r"lies on its side"),
]

# --- 11.7: a cheaper sweep -----------------------------------------------------------


def sweep_by_scan(h, drive, W_hh):
    h, drive, W = map(torch.as_tensor, (h, drive, W_hh))
    f = torch.tanh(drive + h[:-1] @ W)
    a = W.diagonal() * (1 - f**2)
    b = f - h[:-1] * a
    b = torch.cat([b[:1] + h[:1] * a[:1], b[1:]])
    return torch.cat([h[:1], scan(a[None], b[None])[0]])


def sweep_with(
    slope=lambda f, h: 1 - f**2, minus=True, full=False, correct=True, first=True,
    late=False, zero=False,
):  # fmt: skip
    def answer(h, drive, W_hh):
        f = np.tanh(drive + (h[1:] if late else h[:-1]) @ W_hh)
        J = (W_hh if full else np.diag(np.diag(W_hh))) * slope(f, h)[:, None]
        new = np.array(h, dtype=float)
        if zero:
            new[0] = 0
        for t in range(len(drive)):
            gap = new[t] - h[t] if minus else new[t]
            new[t + 1] = f[t] + (gap @ J[t] if correct else 0)
        return new if first else new[1:]

    return answer


def the_loop(h, drive, W_hh):
    new = np.array(h, dtype=float)
    for t in range(len(drive)):
        new[t + 1] = np.tanh(drive[t] + new[t] @ W_hh)
    return new


def turned_sign(h, drive, W_hh):
    f = np.tanh(drive + h[:-1] @ W_hh)
    new = np.array(h, dtype=float)
    for t in range(len(drive)):
        new[t + 1] = f[t] - (new[t] - h[t]) * np.diag(W_hh) * (1 - f[t] ** 2)
    return new


SWEEP = [
    (sweep_with(full=True), r"whole Newton sweep"),
    (sweep_with(correct=False), r"is missing"),
    (sweep_with(slope=lambda f, h: np.ones_like(f)), r"tanh' is missing"),
    (sweep_with(slope=lambda f, h: 1 - h[1:] ** 2), r"belongs to f"),
    (sweep_with(minus=False), r"\*difference\*"),
    (sweep_with(first=False), r"return T \+ 1 states"),
    (sweep_with(late=True, correct=False), r"use h\[:-1\]"),
    (the_loop, r"not one sweep"),
    (turned_sign, r"wrong sign"),
    (sweep_with(zero=True), r"yours begins at 0"),
]

# --- 11.8: parity by a linear recurrence ---------------------------------------------


def parity_by_torch(x):
    x = torch.as_tensor(np.asarray(x)).double()
    return torch.where(x > 0, -1.0, 1.0), x


def cheat(x):
    return np.zeros(len(x)), np.cumsum(x) % 2


PARITY = [
    (lambda x: (np.ones(len(x)), x), r"counts the ones"),
    (lambda x: (1 - 2 * x, 0 * x), r"b has to put the first 1 in"),
    (lambda x: (1 - x, x), r"a second one must bring it back"),
    (lambda x: (0 * x, x), r"nothing is remembered"),
    (lambda x: (2 * x - 1, 1 - x), r"parity of the zeros"),
    (lambda x: (np.full(len(x), np.nan), x), r"a holds nan or inf"),
    (lambda x: (1 - 2 * x, np.where(x, np.inf, 0)), r"b holds nan or inf"),
    (cheat, r"that step's bit alone"),
    (lambda x: (1 - 2 * x, 0.5 * x), r"should be 1, it is 0\.5"),
    (lambda x: 1 - 2 * x, r"two things are wanted"),
]

RIGHT = {
    "11.5": [by_torch, step_with()],
    "11.6": [back_by_scan, back_by_autograd],
    "11.7": [sweep_by_scan],
    "11.8": [parity_by_torch, lambda x: ([1 - 2 * b for b in x], list(x))],
}
WRONG = {"11.5": LOOKING, "11.6": BACK, "11.7": SWEEP, "11.8": PARITY}
