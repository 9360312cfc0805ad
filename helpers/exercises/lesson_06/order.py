"""Lesson 06: references and checkers of the exercises on reading backwards."""

from __future__ import annotations

import numpy as np

from helpers.exercises.engine.compare import as_array, tolerance
from helpers.exercises.engine.core import Wrong, call, close, shape_of
from helpers.exercises.lesson_06.mistakes import collect, name_mistake
from helpers.nets.deep import reverse

__all__ = ["both_ways", "check_both_ways", "check_reverse", "turn_round"]


def turn_round(x, lengths):
    """x (B, T, D) with the first lengths[b] steps of each row in reverse order."""
    t = np.arange(x.shape[1])
    turned = lengths[:, None] - 1 - t  # (B, T), below 0 where the padding stands
    index = np.where(turned >= 0, turned, t)
    return x[np.arange(len(x))[:, None], index]


def _by(x, index):
    return x[np.arange(len(x))[:, None], index]


def _turned(x, lengths):
    """What a learner is told -> the result of that mistake."""
    (B, T, _), n = x.shape, lengths[:, None]
    t, more = np.arange(T), np.minimum(n + 1, T)
    real = (t < n)[:, :, None]
    return {
        "nothing is turned round: x comes back as it was": x,
        "you turn the whole row, so its padding now stands in front of it: turn only "
        "the first lengths[b] steps": x[:, ::-1],
        "you turn the batch round: row 0 is now the last sequence": x[::-1],
        "you turn the D numbers of each step round; turn the steps": x[:, :, ::-1],
        "you turn one step too many: the first step of the padding now comes first. "
        "Step t comes from step lengths[b] - 1 - t": turn_round(x, more[:, 0]),
        "your first step comes from step lengths[b], which is one past the last: step "
        "t comes from step lengths[b] - 1 - t": _by(
            x, np.where(t < n, np.minimum(n - t, T - 1), t)
        ),
        "you turn one step too few: the last real step must come first": turn_round(
            x, lengths - 1
        ),
        "every row is turned by the length of row 0; each has a length of its own": (
            turn_round(x, np.full(B, lengths[0]))
        ),
        "every row is turned by the greatest length; each has a length of its own": (
            turn_round(x, np.full(B, lengths.max()))
        ),
        "every row is turned by the smallest length; each has a length of its own": (
            turn_round(x, np.full(B, lengths.min()))
        ),
        "the padding is turned round as well (an index below 0 counts from the end): "
        "leave it as it is": _by(x, n - 1 - t),
        "only row 0 is turned round; does `return` stand inside the loop?": (
            np.concatenate([turn_round(x, lengths)[:1], x[1:]])
        ),
        "you put zeros where the padding was; leave it as it is": turn_round(
            x * real, lengths
        ),
        "you push the sequence to the end of its row; turn it round where it stands": (
            _by(x, (t - (T - n)) % T)
        ),
        "you turn the sequence round and push it to the end of its row; it must begin "
        "at step 0": _by(x, np.where(t < T - n, t + n, T - 1 - t)),
    }


def check_reverse(answer) -> str:
    rng = np.random.default_rng(6)
    sizes = ([5, 7, 3, 2], 8, 4), ([2, 3], 3, 2), ([1], 1, 3)
    settings = [(rng.normal(size=(len(n), T, D)), np.array(n)) for n, T, D in sizes]

    def run(x, n):
        return call(answer, x, n, name="turn_round", unchanged=True)

    got, error = collect(run, settings)
    right = [turn_round(*setting) for setting in settings]
    name_mistake(got, right, [_turned(*s) for s in settings], error)
    for result, wanted in zip(got, right, strict=True):
        sizes = dict(zip("BTD", wanted.shape, strict=True))
        close(shape_of(result, sizes), wanted, 1e-12, "the result")
    return "Do it twice and every row is what it was: this is its own inverse."


def both_ways(read, read_back, x, lengths):
    """The states of both directions side by side: (B, T, 2 H)."""
    forward = read(x)
    backward = reverse(read_back(reverse(x, lengths)), lengths)
    return np.concatenate([forward, backward], axis=2)


def _reader(D, H, rng):
    """A small tanh RNN as a function from (B, T, D) to its states (B, T, H)."""
    W_xh, W_hh = rng.normal(size=(D, H)), rng.normal(size=(H, H))
    b = rng.normal(size=H)  # not 0, so that padding leaves a trace

    def read(x):
        if x is None:
            raise Wrong(
                "a reader was given None. If it comes from `turn_round`, which has no "
                "answer yet, take `reverse`, which does the same"
            )
        x = np.asarray(x, float)
        if x.ndim != 3 or x.shape[2] != D:
            raise Wrong(
                f"a reader was given an array of shape {x.shape}, want (B, T, {D}): "
                "both of them read x"
            )
        h, hs = np.zeros((len(x), H)), []
        for t in range(x.shape[1]):
            h = np.tanh(x[:, t] @ W_xh + h @ W_hh + b)
            hs.append(h)
        return np.stack(hs, axis=1)

    return read


def _ways(read, read_back, x, n):
    """What a learner is told -> the result of that mistake."""

    def join(*halves):
        return np.concatenate(halves, axis=2)

    def whole(z):
        return z[:, ::-1]

    def turn(z):
        return turn_round(z, n)

    ahead, back = read(x), turn(read_back(turn(x)))
    out = {
        "the backward half still runs in its own order: its step 0 is about the last "
        "word. Turn its result round too": join(ahead, read_back(turn(x))),
        "read_back reads x from the left here: give it x turned round, and turn its "
        "result round": join(ahead, read_back(x)),
        "read_back reads x from the left here; turning only its result round puts the "
        "states at other words": join(ahead, turn(read_back(x))),
        "you turn whole rows round, so read_back reads the padding first: turn with "
        "the lengths, both times": join(ahead, whole(read_back(whole(x)))),
        "you turn x round with its lengths, and the result without: use "
        "turn_round(…, lengths) both times": join(ahead, whole(read_back(turn(x)))),
        "you turn x round without its lengths, and the result with: use "
        "turn_round(…, lengths) both times": join(ahead, turn(read_back(whole(x)))),
        "you turn whole rows round, and the result not at all: use "
        "turn_round(…, lengths), both times": join(ahead, read_back(whole(x))),
        "`read` reads in both directions; the way back has its own weights, in "
        "`read_back`": join(ahead, turn(read(turn(x)))),
        "the halves are in the wrong order: the forward one comes first": join(
            back, ahead
        ),
        "the readers are swapped: `read` goes from the left, `read_back` from the "
        "right": join(read_back(x), turn(read(turn(x)))),
        "`read` goes from the right here and `read_back` from the left; it is the "
        "other way about": join(turn(read(turn(x))), read_back(x)),
        "you add the directions; put them side by side, so that the next layer can "
        "tell them apart": ahead + back,
        "you average the directions; put them side by side": (ahead + back) / 2,
        "the two halves stand number by number in turn: put the whole backward state "
        "after the forward one": np.stack([ahead, back], 3).reshape(*x.shape[:2], -1),
        "only the forward half is in it": ahead,
        "only the backward half is in it": back,
        "you turn the forward half round as well; it is in the right order": join(
            turn(ahead), back
        ),
        "this is (B, 2 T, H): put the halves side by side along the last axis, not "
        "one after the other in time": np.concatenate([ahead, back], axis=1),
        "this is (2 B, T, H): put the halves side by side along the last axis": (
            np.concatenate([ahead, back], axis=0)
        ),
        "this is an axis too many: use np.concatenate along the last axis, not "
        "np.stack": np.stack([ahead, back], axis=-1),
    }
    if ahead.shape == x.shape:  # else the reader itself refuses
        out["read_back reads what `read` has made; here both read x"] = join(
            ahead, turn(read_back(turn(ahead)))
        )
    return out


def check_both_ways(answer) -> str:
    rng = np.random.default_rng(7)
    for lengths, T, D, H in (([4, 6, 2], 6, 3, 3), ([3, 5], 5, 2, 4), ([1], 1, 2, 3)):
        n = np.array(lengths)
        x = rng.normal(size=(len(n), T, D))
        real = np.arange(T) < n[:, None]
        x[~real] = 0
        read, read_back = _reader(D, H, rng), _reader(D, H, rng)
        got = call(answer, read, read_back, x, n, name="both_ways", unchanged=True)
        got = as_array(got)
        right = both_ways(read, read_back, x, n)

        def kept(z, like=right, real=real):
            """What stands in the padding does not count."""
            return z[real] if z.shape == like.shape else z

        known = _ways(read, read_back, x, n) if T > 1 else {"": right}
        known = {words: kept(wrong) for words, wrong in known.items()}
        name_mistake([kept(got)], [kept(right)], [known])
        got = shape_of(got, {"B": len(n), "T": T, "2H": 2 * H})
        tol = tolerance(got, 1e-9)
        got = np.where(real[..., None], got, right)  # the padding does not count
        close(got, right, tol, "the output")
    return "At every word stand two states: one has read up to it, one down to it."
