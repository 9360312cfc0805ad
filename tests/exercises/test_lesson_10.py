"""The checkers of lesson 10: right answers, other right answers, named mistakes."""

import itertools
from itertools import groupby, pairwise

import numpy as np
import pytest
import torch
from checkers import Checkers, plain

from helpers.exercises.engine import registry
from helpers.exercises.engine.core import Wrong
from helpers.exercises.lesson_10.measures import error_rate, whose_error
from helpers.exercises.lesson_10.paths import collapse, impossible, starts
from helpers.exercises.lesson_10.sums import log_prob, occupancy
from helpers.nets import listener
from helpers.writing import ctc
from helpers.writing.edits import edits

BY_ID = {exercise.id: exercise for exercise in registry.lesson_items("10")[0]}


def other_collapse(path):
    text, before = [], 0
    for k in path:
        if k != before and k != 0:
            text.append(k)
        before = k
    return text


def in_logs(y, z, skip=None, first=2, last=2, end=lambda a: np.logaddexp.reduce(a)):
    log_y, S = np.log(y), len(z)
    a = np.full(S, -np.inf)
    a[:first] = log_y[0, z[:first]]
    for frame in log_y[1:]:
        new = np.full(S, -np.inf)
        for s in range(S):
            ways = [a[s]]
            if s > 0:
                ways.append(a[s - 1])
            if s > 1 and (skip or (lambda z, s: z[s] != 0 and z[s] != z[s - 2]))(z, s):
                ways.append(a[s - 2])
            new[s] = np.logaddexp.reduce(ways) + frame[z[s]]
        a = new
    return end(a[-last:] if last else a)


def unscaled(y, z):
    a = np.zeros(len(z), dtype=y.dtype)
    a[:2] = y[0, z[:2]]
    may = np.r_[np.zeros(2, bool), (z[2:] != 0) & (z[2:] != z[:-2])][: len(z)]
    for frame in y[1:]:
        a = (a + np.r_[0, a[:-1]] + np.r_[0, 0, a[:-2]][: len(z)] * may) * frame[z]
    with np.errstate(divide="ignore"):
        return np.log(a[-2:].sum())


def scaled(keep=True, first=False):
    """log P by scaling: the sums kept or not, frame 0 scaled (and not kept) or not."""

    def answer(y, z):
        a, log_P = np.zeros(len(z)), 0.0
        a[:2] = y[0, z[:2]]
        if first:
            a = a / a.sum()
        may = np.r_[np.zeros(2, bool), (z[2:] != 0) & (z[2:] != z[:-2])][: len(z)]
        for frame in y[1:]:
            ways = a + np.r_[0, a[:-1]] + np.r_[0, 0, a[:-2]][: len(z)] * may
            a = ways * frame[z]
            log_P += np.log(a.sum()) if keep else 0
            a = a / a.sum()
        return log_P + np.log(a[-2:].sum())

    return answer


def best_only(y, z):
    log_y, S = np.log(y), len(z)
    a = np.full(S, -np.inf)
    a[:2] = log_y[0, z[:2]]
    for frame in log_y[1:]:
        a = [
            max(
                a[s],
                a[s - 1] if s else -np.inf,
                a[s - 2] if s > 1 and z[s] not in (0, z[s - 2]) else -np.inf,
            )
            + frame[z[s]]
            for s in range(S)
        ]
    return max(a[-2:])


def other_occupancy(alpha, beta, z, K):
    both = alpha + beta
    share = np.exp(both - np.logaddexp.reduce(both, axis=1, keepdims=True))
    return share @ np.eye(K)[z]


def occupancy_with(use=lambda a, b: a + b, norm=True, add=True, end=lambda x: x):
    def answer(alpha, beta, z, K):
        both = use(alpha, beta)
        total = np.logaddexp.reduce(both, axis=1, keepdims=True)
        both = np.exp(both - (total if norm else 0))
        gamma = np.zeros((len(alpha), K))
        if add:
            np.add.at(gamma, (slice(None), z), both)
        else:
            gamma[:, z] += both
        return end(gamma)

    return answer


def late_division(alpha, beta, z, K):
    both = np.exp(alpha + beta)
    with np.errstate(invalid="ignore"):
        return (both / both.sum(1, keepdims=True)) @ np.eye(K)[z]


def other_impossible(frames, targets, sizes, stride):
    inside = np.arange(1, targets.shape[1]) < sizes[:, None]
    r = ((targets[:, 1:] == targets[:, :-1]) & inside).sum(1)
    return -(-frames // stride) < sizes + r


def impossible_with(
    left=lambda n, k: (n - 1) // k + 1,
    need=lambda t, U: U + sum(a == b for a, b in pairwise(t[:U])),
    late=lambda T, n: n > T,
):
    def answer(frames, targets, sizes, stride):
        return np.array(
            [
                late(left(n, stride), need(list(t), U))
                for n, t, U in zip(frames, targets, sizes, strict=True)
            ]
        )

    return answer


def padded_repeats(t, U):
    return U + sum(a == b for a, b in pairwise(t))


def other_whose_error(log_p, said, truth):
    better = log_p(truth) - log_p(said)
    return "search" if better > 0 else "none" if said == truth else "net"


def by_length(log_p, said, truth):
    better = log_p(truth) / max(1, len(truth)) - log_p(said) / max(1, len(said))
    return "none" if said == truth else "search" if better > 0 else "net"


def none_if(same):
    """Nobody's error where `same` says so of the two texts."""
    return lambda f, s, t: "none" if same(s, t) else whose_error(f, s, t)


def by_score(score):
    return lambda f, s, t: (
        "none" if s == t else "search" if score(f, t) > score(f, s) else "net"
    )


def turned_round(alpha, beta, z, K):
    both = alpha + beta
    shares = np.exp(both - np.logaddexp.reduce(both, axis=1, keepdims=True))
    gamma = np.zeros((len(z), K))
    for t in range(len(z)):
        for s in range(len(alpha)):
            gamma[t, z[s]] += shares[t, s]
    return gamma


def rate_with(count=sum, over=len, combine=lambda e, n: sum(e) / sum(n)):
    def answer(heard, texts):
        e = [count(edits(a, b)) for a, b in zip(heard, texts, strict=True)]
        return combine(e, [over(t) for t in texts])

    return answer


def placewise(heard, texts):
    wrong = 0
    for h, t in zip(heard, texts, strict=True):
        wrong += sum(a != b for a, b in itertools.zip_longest(h, t))
    return wrong / sum(map(len, texts))


def other_starts(path):
    found, t = [], 0
    for k, run in groupby(path):
        if k:
            found.append(t)
        t += len(list(run))
    return found


RIGHT = {
    "10.1": [
        other_collapse,
        ctc.collapse,
        lambda path: np.array(other_collapse(path), dtype=int),
        lambda path: tuple(other_collapse(path)),
        lambda path: torch.tensor(other_collapse(path)),
    ],
    "10.2": [in_logs, lambda y, z: torch.tensor(in_logs(y, z)), lambda y, z: float(
        -ctc.ctc(np.log(np.asarray(y, float))[None], z[None, 1::2])[0][0]
    )],
    "10.3": [other_occupancy, lambda *a: torch.tensor(other_occupancy(*a))],
    "10.4": [
        other_impossible,
        lambda *a: other_impossible(*a).tolist(),
        lambda *a: torch.tensor(other_impossible(*a)),
        lambda *a: other_impossible(*a).astype(int),
    ],
    "10.5": [other_whose_error],
    "10.6": [listener.error_rate, lambda *a: np.float32(listener.error_rate(*a))],
    "10.7": [other_starts, lambda path: np.array(other_starts(path), dtype=int)],
}  # fmt: skip

WRONG = {
    "10.1": [
        (lambda path: [k for k, _ in groupby([k for k in path if k])], "blanks out"),
        (lambda path: [k for k in path if k], "repeats stay"),
        (lambda path: [k for k, _ in groupby(path)], "still there"),
        (lambda path: list(path), "the path itself"),
        (lambda path: sorted({k for k in path if k}), "which ids occur"),
        (lambda path: list(dict.fromkeys(k for k in path if k)), "which ids occur"),
        (lambda path: collapse(path)[:-1], "the last id"),
        (lambda path: collapse(path)[1:], "the first id"),
        (lambda path: collapse(path) or [0], "you make 0, and it writes nothing"),
        (lambda path: [0.5], "no list of whole numbers"),
    ],
    "10.2": [
        (lambda y, z: np.exp(log_prob(y, z)), "that is P itself"),
        (lambda y, z: -log_prob(y, z), "the other sign"),
        (lambda y, z: in_logs(y, z, lambda z, s: z[s] != 0), "only one of them"),
        (lambda y, z: in_logs(y, z, lambda z, s: True), "you skip symbols"),
        (lambda y, z: in_logs(y, z, lambda z, s: False), "never skip a blank"),
        (lambda y, z: in_logs(y, z, first=1), "may begin with the first symbol"),
        (lambda y, z: in_logs(y, z, first=99), "begins in z_0 or z_1"),
        (lambda y, z: in_logs(y, z, last=1), "may end in the last symbol"),
        (lambda y, z: in_logs(y, z, last=0), "all places of the last frame"),
        (best_only, "the most likely path alone"),
        (scaled(keep=False), "what you divided a by is missing"),
        (scaled(keep=False, first=True), "what you divided a by is missing"),
        (scaled(first=True), "the first frame is scaled too"),
        (unscaled, "underflows"),
    ],
    "10.3": [
        (occupancy_with(norm=False), "divide by P"),
        (lambda a, b, z, K: np.exp(a + b - np.logaddexp.reduce((a + b)[0])), "of the"),
        (occupancy_with(add=False), "write each column once"),
        (occupancy_with(lambda a, b: a), "beta is missing"),
        (occupancy_with(lambda a, b: a, norm=False), "beta is missing"),
        (occupancy_with(end=lambda g: np.log(g + 1e-300)), "these are logarithms"),
        (occupancy_with(end=lambda g: -g), "the other sign"),
        (occupancy_with(end=lambda g: g / g.sum(0).clip(1e-300)), "*frame's* row"),
        (occupancy_with(end=lambda g: g.T), "transpose"),
        (lambda a, b, z, K: other_occupancy(a, b, z, 5), "want (T, K) = (9, 6)"),
        (turned_round, "raised IndexError"),
        (late_division, "take log P off"),
    ],
    "10.4": [
        (lambda *a: impossible(*a).sum(), "how many; return"),
        (lambda *a: ~impossible(*a), "these are the possible ones"),
        (impossible_with(left=lambda n, k: n), "forgot the stride"),
        (impossible_with(left=lambda n, k: n // k), "you rounded down"),
        (impossible_with(need=lambda t, U: U), "a blank between them"),
        (impossible_with(need=padded_repeats), "the padding's zeros"),
        (impossible_with(need=lambda t, U: 2 * U + 1), "2U + 1"),
        (impossible_with(late=lambda T, n: n >= T), "are enough"),
        (
            impossible_with(need=lambda t, U: 2 * padded_repeats(t[:U], U) - U),
            "one blank between",
        ),
    ],
    "10.5": [
        (lambda f, s, t: {"search": "net", "net": "search", "none": "none"}[
            whose_error(f, s, t)], "yours says 'net'"),
        (lambda f, s, t: "search" if f(t) > f(s) else "net", "the same"),
        (lambda f, s, t: "none" if s == t else "search", "the error is the net's"),
        (lambda f, s, t: "none" if s == t else "net", "the search lost it"),
        (by_length, "not divided by the length"),
        (none_if(lambda s, t: len(s) == len(t)), "two texts of one length"),
        (none_if(lambda s, t: sorted(s) == sorted(t)), "in another order"),
        (none_if(lambda s, t: set(s) == set(t)), "in another order"),
        (
            none_if(lambda s, t: "".join(map(str, s)) == "".join(map(str, t))),
            "[12] are two texts",
        ),
        (lambda f, s, t: none_if(lambda s, t: f(s) == f(t))(f, s, t), "equal scores"),
        (
            lambda f, s, t: (
                "none" if s == t else "search" if f(t) >= f(s) else "net"
            ),
            "need not pass `said` over",
        ),
        (lambda f, s, t: "none" if s == t else "search" if (
            len(t) < len(s) or not s) else "net", "two texts of one length"),
        (lambda f, s, t: "none" if s == t else "search" if (
            f(t) > f(s) + 0.1) else "net", "if only by 0.01"),
        (by_score(lambda f, ids: f(ids) / (1 + len(ids))), "as they are"),
        (by_score(lambda f, ids: f(ids) / ((5 + len(ids)) / 6) ** 0.6), "as they are"),
        (lambda f, s, t: np.array(["none", "net"]), "want 'none', 'search' or 'net'"),
        (lambda f, s, t: f(t), "want 'none', 'search' or 'net'"),
        (by_score(lambda f, ids: f("".join(map(str, ids)))), "give it `said` or"),
        (lambda f, s, t: f([9]), "give it `said` or `truth`"),
    ],
    "10.6": [
        (rate_with(combine=lambda e, n: np.mean(np.divide(e, n))), "own rates: a"),
        (rate_with(combine=lambda e, n: np.mean(np.minimum(np.divide(e, n), 1))),
         "cut at 1"),
        (rate_with(combine=lambda e, n: sum(e)), "how many edits"),
        (rate_with(combine=lambda e, n: sum(e) / len(e)), "edits a text"),
        (rate_with(count=lambda e: e.substitutions), "substitutions alone"),
        (rate_with(combine=lambda e, n: max(e) / sum(n)), "the worst text alone"),
        (rate_with(combine=lambda e, n: 100 * sum(e) / sum(n)), "per cent"),
        (rate_with(combine=lambda e, n: 1 - sum(e) / sum(n)), "one minus"),
        (lambda h, t: error_rate(t, h), "divide by what was heard"),
        (lambda h, t: np.mean([a != b for a, b in zip(h, t, strict=True)]),
         "texts with an error"),
        (placewise, "place by place"),
        (rate_with(count=lambda e: e[1] + e[2]), "you leave out substitutions"),
        (rate_with(count=lambda e: e[0] + e[2]), "you leave out insertions"),
        (rate_with(count=lambda e: e[0] + e[1]), "you leave out deletions"),
        (lambda h, t: error_rate(["".join(h)], ["".join(t)]), "the error rate is"),
        (lambda h, t: sum(len(set(a) ^ set(b)) for a, b in zip(
            h, t, strict=True)) / sum(map(len, t)), "the error rate is"),
        (lambda h, t: [error_rate(h, t)] if len(h) < 2 else error_rate(h, t),
         "the error rate has shape (1,)"),
    ],
    "10.7": [
        (lambda path: [t for t, k in enumerate(path) if k], "begins only once"),
        (
            lambda path: [
                t for t, k in enumerate(path) if k and [k] != path[t + 1:t + 2]
            ],
            "the last frames",
        ),
        (
            lambda path: [t for t, k in enumerate(path) if t == 0 or k != path[t - 1]],
            "blanks are among them",
        ),
        (lambda path: [t for t in starts(path) if t], "frame 0 begins there"),
        (lambda path: [path[t] for t in starts(path)], "their frames are asked"),
        (lambda path: [t + 1 for t in starts(path)], "you count from 1"),
        (
            lambda path: [
                t
                for t, k in enumerate(path)
                if k and k != next((j for j in path[:t][::-1] if j), 0)
            ],
            "it is a new one",
        ),
        (
            lambda path: [t for t in starts(path) if t == 0 or path[t - 1] == 0],
            "the 3 in frame 8 follows the 1 directly",
        ),
        (
            lambda path: [t for t, k in enumerate(path) if k and k != path[t - 1]],
            "frame 0 has none before it",
        ),
    ],
}  # fmt: skip


class TestCheckers(Checkers):
    lesson, right, wrong = "10", RIGHT, plain(WRONG)


def test_every_reference_is_what_the_rooms_have():
    rng = np.random.default_rng(0)
    for _ in range(40):
        path = rng.integers(0, 3, 9).tolist()
        assert collapse(path) == ctc.collapse(path)
        assert [path[t] for t in starts(path)] == collapse(path)
    y = rng.random((9, 4))
    y /= y.sum(1, keepdims=True)
    target = np.array([[1, 1, 3]])
    loss, gamma = ctc.ctc(np.log(y)[None], target)
    z = ctc.with_blanks(target)
    assert log_prob(y, z[0]) == pytest.approx(-loss[0], abs=1e-12)
    alpha = ctc.forward(np.log(y)[None], z)[0]
    beta = ctc.backward(np.log(y)[None], z, [9], [3])[0]
    assert occupancy(alpha, beta, z[0], 4) == pytest.approx(gamma[0], abs=1e-12)
    assert listener.error_rate(["ab"], ["b"]) == error_rate(["ab"], ["b"])


def test_a_case_of_ten_frames_is_named_by_its_numbers():
    with pytest.raises(Wrong, match="in the path"):
        BY_ID["10.7"].check(lambda path: starts(path) if len(path) > 8 else [])
