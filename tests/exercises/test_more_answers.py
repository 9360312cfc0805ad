"""More right and wrong answers to exercises of lessons 09 to 13, drawn by lot."""

import math
import re
import statistics
from itertools import groupby, pairwise

import numpy as np
import pytest
import torch

from helpers.exercises.engine import registry
from helpers.exercises.engine.core import Wrong
from helpers.exercises.lesson_09.eight_bits import eight_bits
from helpers.exercises.lesson_10.paths import starts
from helpers.exercises.lesson_10.sums import occupancy
from helpers.exercises.lesson_11.cached import conv_step
from helpers.exercises.lesson_11.sweeping import cheap_sweep
from helpers.exercises.lesson_12.scores import skill_score
from helpers.exercises.lesson_13.held import held_out
from helpers.exercises.lesson_13.pointing import best_span
from helpers.exercises.lesson_13.verdicts import verdict

LESSONS = "09", "10", "11", "12", "13"
BY_ID = {e.id: e for lesson in LESSONS for e in registry.lesson_items(lesson)[0]}
GENERIC = "has the right shape and wrong values"


def softmax(x, axis=-1):
    e = np.exp(x - x.max(axis, keepdims=True))
    return e / e.sum(axis, keepdims=True)


def largest_first(q, keys, values):
    weights = softmax(keys @ q / len(q) ** 0.5)
    return sum(weights[i] * values[i] for i in np.argsort(-weights))


def unit_by_unit(s, h, W_q, W_k, v):
    units = range(len(v))
    return [
        float(sum(v[j] * np.tanh(s @ W_q[:, j] + x @ W_k[:, j]) for j in units))
        for x in h
    ]


def with_scale(scale):
    def answer(W):
        s = scale(W)
        s = np.where(s == 0, 1, s)
        return np.rint(W / s).clip(-127, 127).astype(int), s

    return answer


def half_up(W):
    s = eight_bits(W)[1]
    return np.floor(W / s + 0.5), s


def scale_zero(W):
    s = np.abs(W).max(0) / 127
    return np.where(s == 0, 0, np.rint(W / np.where(s == 0, 1, s))), s


def by_bincount(alpha, beta, z, K):
    return [np.bincount(z, softmax(row), K) for row in alpha + beta]


def by_index_add(alpha, beta, z, K):
    shares = torch.as_tensor(alpha + beta).softmax(1)
    gamma = torch.zeros(len(alpha), K, dtype=shares.dtype)
    return gamma.index_add_(1, torch.as_tensor(z), shares)


def counted(left=lambda n, k: math.ceil(n / k), more=None, need=None):
    def answer(frames, targets, sizes, stride):
        found = []
        for n, row, U in zip(frames, targets, sizes, strict=True):
            repeats = [a == b for a, b in pairwise(row[:U])]
            wanted = need(row[:U]) if need else U + (more or sum)(repeats)
            found.append(bool(left(n, stride) < wanted))
        return found

    return answer


def by_difference(path):
    changes = np.flatnonzero(np.diff([0, *path]))
    return [int(t) for t in changes if path[t]]


def stepped(y=None, after=None):
    def answer(x, before, w, d):
        right = conv_step(x, before, w, d)
        columns = np.concatenate([before, x[None]])
        return (
            y(right[0], columns, w, d) if y else right[0],
            after(columns, w) if after else right[1],
        )

    return answer


def by_strides(x, before, w, d):
    columns = np.concatenate([before, x[None]])
    return np.einsum("kc,kco->o", columns[::-1][::d][: len(w)], w), columns[1:]


def by_list(x, before, w, d):
    columns = [*before, x]
    y = sum(columns[-1 - j * d] @ w[j] for j in range(len(w)))
    return y, np.array(columns[1:]).reshape(before.shape)


def swept(diagonal=np.diag, slope=lambda f: 1 - f**2, at=0):
    def answer(h, drive, W_hh):
        f = np.tanh(drive + h[:-1] @ W_hh)
        new = h.copy()
        for t in range(len(drive)):
            new[t + 1] = f[t] + (new[t] - h[t + at]) * diagonal(W_hh) * slope(f[t])
        return new

    return answer


def by_whole_jacobians(h, drive, W_hh):
    f, new = np.tanh(drive + h[:-1] @ W_hh), [h[0]]
    for t in range(len(drive)):
        J = np.diag(np.diag(W_hh * (1 - f[t] ** 2)))
        new.append(f[t] + (new[-1] - h[t]) @ J)
    return np.stack(new)


def by_sums(pairs, rng):
    n = int(pairs.max()) + 1
    moved = (pairs[:, 0] + rng.permutation(n)[pairs[:, 1]]) % n
    return (moved < max(1, round(n / 5))).tolist()


def half_of_them(pairs, rng):
    codes = pairs[:, 0] * 100 + pairs[:, 1]
    every = np.unique(codes)
    return np.isin(codes, rng.permutation(every)[: len(every) // 2])


def some_firsts(pairs, rng):
    every = np.unique(pairs[:, 0])
    return np.isin(pairs[:, 0], rng.permutation(every)[: max(1, len(every) // 5)])


def rows_drawn(pairs, rng):
    return np.isin(np.arange(len(pairs)), rng.permutation(len(pairs))[::5])


def of_its_own(pairs, rng):
    return held_out(pairs, np.random.default_rng())


def by_medians(first, second):
    gaps = np.subtract(first, second)
    if len(gaps) < 2 or abs(np.median(gaps)) <= 2 * gaps.std(ddof=1) / len(gaps) ** 0.5:
        return "cannot say"
    return "first" if np.median(gaps) < 0 else "second"


def by_heaps(first, second):
    if len(first) < 2:
        return "cannot say"
    a, b = np.array(first), np.array(second)
    error = np.sqrt(a.var(ddof=1) / len(a) + b.var(ddof=1) / len(b))
    if abs(a.mean() - b.mean()) <= 2 * error:
        return "cannot say"
    return "first" if a.mean() < b.mean() else "second"


def by_all_seeds(first, second):
    if max(first) < min(second):
        return "first"
    return "second" if max(second) < min(first) else "cannot say"


def by_one_sign(first, second):
    signs = set(np.sign(np.subtract(first, second)).tolist()) if len(first) > 1 else ()
    return {(-1.0,): "first", (1.0,): "second"}.get(tuple(signs), "cannot say")


def with_statistics(first, second):
    gaps = [float(a) - float(b) for a, b in zip(first, second, strict=True)]
    if len(gaps) < 2:
        return "cannot say"
    bound = 2 * statistics.stdev(gaps) / math.sqrt(len(gaps))
    mean = statistics.fmean(gaps)
    return "cannot say" if abs(mean) <= bound else ("second", "first")[mean < 0]


def spans(key=lambda a, b: a + b, least=0, most=0):
    def answer(start, end, longest):
        places = [
            (s, e)
            for s in range(len(start))
            for e in range(s + least, min(len(start), s + max(1, longest + most)))
        ]
        return max(places, key=lambda p: key(start[p[0]], end[p[1]]), default=(0, 0))

    return answer


def start_first(start, end, longest):
    s = int(np.argmax(start))
    return s, s + int(np.argmax(end[s : s + longest]))


RIGHT = {
    "12.1": [
        lambda f, y, last: 1 - sum((f - y) ** 2) / sum((last - y) ** 2),
        lambda f, y, last: 1 - (np.linalg.norm(f - y) / np.linalg.norm(last - y)) ** 2,
    ],
    "13.4": [spans(), lambda *case: torch.tensor(best_span(*case))],
    "13.7": [with_statistics, lambda a, b: verdict(list(a), list(b))],
    "09.1": [largest_first, lambda q, k, v: softmax(k @ (q * len(q) ** -0.5)) @ v],
    "09.3": [
        unit_by_unit,
        lambda s, h, W_q, W_k, v: np.einsum("tk,k", np.tanh(h @ W_k + s @ W_q), v),
    ],
    "09.4": [
        lambda w, p: np.mean([w[t, k] == max(w[t]) for t, k in enumerate(p) if k > -1]),
        lambda w, p: torch.as_tensor((w.argmax(1) == p)[p >= 0]).float().mean(),
    ],
    "09.7": [half_up, scale_zero],
    "10.3": [by_bincount, by_index_add],
    "10.4": [
        lambda *case: tuple(counted()(*case)),
        counted(left=lambda n, k: len(range(0, n, k))),
    ],
    "10.7": [by_difference, lambda path: torch.tensor(starts(path), dtype=torch.long)],
    "11.3": [by_strides, by_list],
    "11.7": [by_whole_jacobians, lambda *case: torch.tensor(cheap_sweep(*case))],
    "13.1": [lambda pairs, rng: torch.tensor(held_out(pairs, rng))],
}

WRONG = {
    "12.1": [
        (lambda *case: abs(skill_score(*case)), "lies below 0"),
        (lambda *case: max(0.0, skill_score(*case)), "lies below 0"),
        (lambda f, y, last: np.corrcoef(f - last, y - last)[0, 1], "skill is"),
        (lambda f, y, last: 1 - (f - y).mean() ** 2 / (last - y).mean() ** 2, "skill"),
        (lambda f, y, last: 1 - (f - y) ** 2 / ((last - y) ** 2).mean(), "(40,)"),
    ],
    "13.4": [
        (spans(most=-1), "a span may have 3 words, the last one included"),
        (spans(most=1), "at most 1 are allowed"),
        (spans(least=1), "a span may be one word"),
        (spans(key=lambda a, b: a * b), "you multiply the scores"),
        (start_first, "you choose the best start, 2"),
    ],
    "13.7": [
        (by_medians, "(not the median)"),
        (lambda a, b: verdict(sorted(a), sorted(b)), "in the order of their seeds"),
        (by_heaps, "take the differences of pairs"),
        (by_all_seeds, "take the differences of pairs"),
        (by_one_sign, "1.7 standard errors are fewer than two"),
    ],
    "09.1": [
        (lambda q, k, v: softmax(k @ q / np.linalg.norm(q)) @ v, GENERIC),
        (lambda q, k, v: softmax(k @ q * len(q) ** 0.5) @ v, GENERIC),
        (lambda q, k, v: softmax(k @ q / v.shape[1] ** 0.5) @ v, GENERIC),
        (lambda q, k, v: softmax(q[None] @ k.T / len(q) ** 0.5) @ v, "an axis of len"),
        (lambda q, k, v: v.mean(0), GENERIC),
    ],
    "09.3": [
        (lambda s, h, W_q, W_k, v: np.tanh(s @ W_q + h @ W_k) @ v[:, None], "(4, 1)"),
        (lambda s, h, W_q, W_k, v: np.maximum(s @ W_q + h @ W_k, 0) @ v, GENERIC),
        (lambda s, h, W_q, W_k, v: np.tanh(s @ W_q - h @ W_k) @ v, GENERIC),
        (lambda s, h, W_q, W_k, v: np.full(len(h), np.tanh(s @ W_q) @ v), GENERIC),
        (lambda s, h, W_q, W_k, v: np.tanh(s @ W_q + h @ W_k) * v, "want (T,) = (4,)"),
    ],
    "09.4": [
        (lambda w, p: 1 - (w.argmax(1) == p)[p >= 0].mean(), "the share of misses"),
        (lambda w, p: 100 * (w.argmax(1) == p)[p >= 0].mean(), "in per cent"),
        (lambda w, p: (w.argmax(1) == p)[p > 0].mean(), "place 0 is a word"),
        (lambda w, p: ((w.argmax(1) == p) | (p < 0)).mean(), "is no hit either"),
        (lambda w, p: (abs(w.argmax(1) - p) <= 1)[p >= 0].mean(), "should be 0.6667"),
    ],
    "09.7": [
        (with_scale(lambda W: np.abs(W).max(0) / 127.5), "s " + GENERIC),
        (with_scale(lambda W: np.abs(W).max(0) / 63), "s " + GENERIC),
        (with_scale(lambda W: 3 * W.std(0) / 127), "s " + GENERIC),
        (lambda W: eight_bits(W)[::-1], "s has shape (6, 4)"),
        (
            lambda W: (eight_bits(W)[0].astype(np.uint8), eight_bits(W)[1]),
            "came round to a positive one",
        ),
    ],
    "10.3": [
        (lambda a, b, z, K: occupancy(a, b, z, K) * (np.arange(K) > 0), GENERIC),
        (lambda a, b, z, K: softmax(a + b, 0) @ np.eye(K)[z], GENERIC),
        (lambda a, b, z, K: softmax(b) @ np.eye(K)[z], GENERIC),
        (lambda a, b, z, K: np.eye(K)[z[(a + b).argmax(1)]], GENERIC),
        (lambda a, b, z, K: softmax(a + b), "belong together"),
    ],
    "10.4": [
        (counted(left=lambda n, k: n // k + 1), "leave 2 outputs, not 3"),
        (counted(more=any), GENERIC),
        (counted(need=lambda row: 2 * len(row) - len(set(row.tolist()))), GENERIC),
        (counted(left=lambda n, k: n * k), GENERIC),
        (lambda *case: np.flatnonzero(counted()(*case)), "want (B,) = (60,)"),
    ],
    "10.7": [
        (lambda path: (t for t in starts(path)), "is a generator; make a list of it"),
        (lambda path: set(starts(path)), "is a set"),
        (lambda path: [(t, path[t]) for t in starts(path)], "no list of whole numbers"),
        (lambda path: starts(path)[::-1], "its symbols begin in 0 2"),
        (
            lambda path: [n for n, (k, _) in enumerate(groupby(path)) if k],
            "its symbols begin in",
        ),
    ],
    "11.3": [
        (lambda *case: conv_step(*case)[::-1], "y comes first"),
        (
            stepped(after=lambda columns, w: columns[len(columns) - len(w) + 1 :]),
            "(k − 1) d = 4 back",
        ),
        (stepped(after=lambda columns, w: 0 * columns[1:]), GENERIC),
        (stepped(y=lambda y, columns, w, d: y / len(w)), GENERIC),
        (stepped(y=lambda y, columns, w, d: y[None]), "an axis of length 1"),
    ],
    "11.7": [
        (swept(diagonal=lambda W: W.sum(0)), GENERIC),
        (swept(diagonal=lambda W: np.linalg.eigvals(W).real), GENERIC),
        (swept(slope=lambda f: 1 - f), GENERIC),
        (swept(at=1), GENERIC),
        (lambda h, drive, W_hh: cheap_sweep(h, drive, W_hh.T), GENERIC),
    ],
    "13.1": [
        (by_sums, "was never shown"),
        (of_its_own, "same seed hold out different"),
        (
            lambda p, rng: (p[held_out(p, rng)], p[~held_out(p, rng)]),
            "you return two things",
        ),
        (half_of_them, "50% of the combinations"),
        (some_firsts, "as its first"),
        (rows_drawn, "not examples"),
    ],
}


@pytest.mark.parametrize(
    ("id", "answer"), [(id, answer) for id, some in RIGHT.items() for answer in some]
)
def test_another_right_answer_is_right(id, answer):
    assert BY_ID[id].check(answer)


@pytest.mark.parametrize(
    ("id", "answer", "words"),
    [(id, *case) for id, some in WRONG.items() for case in some],
)
def test_another_wrong_answer_hears_what_is_true_of_it(id, answer, words):
    with pytest.raises(Wrong, match=re.escape(words)):
        BY_ID[id].check(answer)
