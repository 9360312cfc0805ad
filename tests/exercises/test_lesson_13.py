"""The checkers of lesson 13: right answers, other right answers, named mistakes."""

from collections import Counter
from itertools import groupby

import numpy as np
import torch
from checkers import Checkers, plain

from helpers.data.projects.films import ceiling as rooms_ceiling
from helpers.exercises.lesson_13.brief import write_surnames
from helpers.exercises.lesson_13.held import ceiling, held_out
from helpers.exercises.lesson_13.pointing import best_span
from helpers.nets.projects import reading
from helpers.nets.projects.name_rubric import real_names

LESSON, EXAM = real_names()


def by_swaps(pairs, rng):
    """Held out: a random combination, unless that leaves a number without a place."""
    combos = list({tuple(p) for p in pairs.tolist()})
    rng.shuffle(combos)
    kept, held = list(map(tuple, combos)), set()
    for combo in map(tuple, combos):
        rest = [c for c in kept if c != combo]
        if len(held) < 0.15 * len(combos) and all(
            any(c[k] == combo[k] for c in rest) for k in (0, 1)
        ):
            kept, held = rest, {*held, combo}
    return [tuple(p) in held for p in pairs.tolist()]


def combos_without_care(pairs, rng):
    test = int(pairs[0, 0])
    mask = pairs[:, 0] == test
    return mask if rng.random() < 2 else ~mask


def too_many(pairs, rng):
    kinds = sorted({tuple(p) for p in pairs.tolist()})
    return np.array([(a + b) % 2 == 0 and a != b for a, b in pairs]) | (
        np.array([kinds.index(tuple(p)) % 3 == 0 for p in pairs.tolist()])
    )


def careless(pairs, rng, places=()):
    """A fifth of the combinations by lot, with care for these places alone."""
    kept = sorted({tuple(p) for p in pairs.tolist()})
    order, held = rng.permutation(kept).tolist(), set()
    for combo in map(tuple, order):
        rest = [c for c in kept if c != combo]
        if len(held) < len(order) // 5 and all(
            any(c[k] == combo[k] for c in rest) for k in places
        ):
            kept, held = rest, {*held, combo}
    return [tuple(p) in held for p in pairs.tolist()]


def coded(pairs, rng):
    """By one number for a combination, which is not always its own."""
    codes = pairs[:, 0] * 10 + pairs[:, 1]
    every = np.unique(codes)
    return np.isin(codes, rng.choice(every, max(1, len(every) // 5), replace=False))


def latin(pairs, rng):
    n = pairs.max() + 1
    return (pairs[:, 1] - pairs[:, 0]) % n == 1


def grouped(views, labels, score):
    groups = {}
    for view, label in zip(views, labels, strict=True):
        groups.setdefault(view, []).append(label)
    return score([Counter(group) for group in groups.values()], len(labels))


def by_loop(views, labels):
    hits = 0
    for view in set(views):
        mine = [y for v, y in zip(views, labels, strict=True) if v == view]
        hits += max(mine.count(y) for y in set(mine))
    return hits / len(views)


def by_runs(views, labels):
    runs = groupby(zip(views, labels, strict=True), key=lambda pair: pair[0])
    return sum(max(Counter(y for _, y in r).values()) for _, r in runs) / len(views)


def by_first(views, labels):
    first = {}
    same = [first.setdefault(v, y) == y for v, y in zip(views, labels, strict=True)]
    return np.mean(same)


def row_by_row(model, ids):
    rows = ids.split(1)
    return any((model(r) - model(wider(r))).abs().item() > 1e-5 for r in rows)


def as_floats(model, ids):
    pads = torch.zeros(len(ids), 3)
    return bool(((model(ids) - model(torch.cat([ids, pads], 1))).abs() > 1e-5).any())


def from_zero(start, end, longest):
    best, found = 0, (0, 0)
    for s in range(len(start)):
        for e in range(s, min(s + longest, len(end))):
            if start[s] + end[e] > best:
                best, found = start[s] + end[e], (s, e)
    return found


def zeros_elsewhere(start, end, longest):
    sums = np.tril(np.triu(start[:, None] + end), longest - 1)
    return divmod(int(sums.argmax()), len(start))


def wider(ids, n=3):
    return torch.cat([ids, torch.zeros(len(ids), n, dtype=ids.dtype)], dim=1)


def pads_by(compare):
    return lambda model, ids: compare(model(ids), model(wider(ids)))


def pads_in_front(model, ids):
    front = torch.cat([torch.zeros(len(ids), 2, dtype=ids.dtype), ids], dim=1)
    return bool(((model(ids) - model(front)).abs() > 1e-5).any())


def a_column_less(model, ids):
    return bool(((model(ids) - model(ids[:, :-1])).abs() > 1e-5).any())


def spans_by_matrix(start, end, longest):
    T = len(start)
    sums = start[:, None] + end[None]
    allowed = np.triu(np.ones((T, T))) - np.triu(np.ones((T, T)), longest)
    s, e = divmod(np.where(allowed > 0, sums, -np.inf).argmax(), T)
    return s, e


def span_with(allow):
    def answer(start, end, longest):
        T = len(start)
        pairs = [(s, e) for s in range(T) for e in range(T) if allow(s, e, longest)]
        return max(pairs, key=lambda pair: start[pair[0]] + end[pair[1]])

    return answer


def start_first(start, end, longest):
    s = int(start.argmax())
    return s, s + int(end[s : s + longest].argmax())


def end_first(start, end, longest):
    e = int(end.argmax())
    low = max(0, e - longest + 1)
    return low + int(start[low : e + 1].argmax()), e


def above_zero(start, end, longest):
    best, found = 0, (None, None)
    for s in range(len(start)):
        for e in range(s, min(s + longest, len(end))):
            if start[s] + end[e] > best:
                best, found = start[s] + end[e], (s, e)
    return found


def by_product(start, end, longest):
    """Scores multiplied as they are, and not their probabilities."""
    pairs = [
        (s, e) for s in range(len(start)) for e in range(s, min(s + longest, len(end)))
    ]
    return max(pairs, key=lambda pair: start[pair[0]] * end[pair[1]])


def recited(country, first, n):
    known = [x for x, c in LESSON if c == country and x[0] == first] or [first + "a"]
    return [known[k % len(known)] for k in range(n)]


def glued(country, first, n):
    """A letter before a real name: new by the letter, and no invention."""
    known = [x for x, c in LESSON if c == country]
    return [first + known[k % len(known)] for k in range(n)]


def other_writer(country, first, n):
    return np.array(write_surnames(country, first, n))


def abroad(country, first, n):
    return write_surnames("Finland" if country != "Finland" else "Italy", first, n)


RIGHT = {
    "13.1": [by_swaps, lambda p, rng: np.array(by_swaps(p, rng), dtype=int)],
    "13.2": [
        by_loop,
        rooms_ceiling,
        lambda v, y: np.float32(ceiling(v, y)),
        lambda v, y: torch.tensor(ceiling(v, y)),
    ],
    "13.3": [
        reading.reads_pads,
        pads_by(lambda a, b: bool(((a - b).abs() > 1e-5).any())),
        pads_by(lambda a, b: (a - b).abs().max() > 1e-5),
        pads_by(lambda a, b: int((a - b).abs().max() > 1e-5)),
        row_by_row,
    ],
    "13.4": [
        spans_by_matrix,
        lambda *a: list(best_span(*a)),
        lambda *a: np.array(best_span(*a)),
        lambda *a: torch.tensor(best_span(*a)),
        span_with(lambda s, e, k: s <= e < s + k),
    ],
    "13.5": [other_writer, lambda c, f, n: tuple(write_surnames(c, f, n))],
}

WRONG = {
    "13.1": [
        (lambda p, rng: rng.random(len(p)) < 0.2, "not examples"),
        (lambda p, rng: np.arange(len(p)) >= 0.8 * len(p), "not examples"),
        (combos_without_care, "was never shown"),
        (lambda p, rng: p[:, 1] == p[:, 1].max(), "as its second"),
        (careless, "was never shown"),
        (lambda p, rng: careless(p, rng, [0]), "as its second"),
        (lambda p, rng: careless(p, rng, [1]), "as its first"),
        (coded, "of the combinations are held out"),
        (latin, "draw them with rng"),
        (lambda p, rng: held_out(p, np.random.default_rng(0)), "draw them with rng"),
        (lambda p, rng: np.zeros(len(p), bool), "no example is in the test"),
        (lambda p, rng: np.flatnonzero(held_out(p, rng)), "indices; a mask"),
        (lambda p, rng: (p.sum(1) % 2) == 0, "a fifth is wanted"),
        (lambda p, rng: ~held_out(p, rng), "True is for the test"),
        (lambda p, rng: held_out(p, rng) * 2, "more than True and False"),
    ],
    "13.2": [
        (lambda v, y: grouped(v, y, lambda g, n: np.mean(
            [max(c.values()) / c.total() for c in g])), "average the groups"),
        (lambda v, y: grouped(v, y, lambda g, n: sum(
            c.total() for c in g if len(c) == 1) / n), "one label only; in a mixed"),
        (lambda v, y: max(Counter(y).values()) / len(y), "one answer for all"),
        (lambda v, y: round(ceiling(v, y) * len(y)), "how many can be right"),
        (lambda v, y: 1 - ceiling(v, y), "must be wrong"),
        (lambda v, y: len(set(v)) / len(v), "how many different views"),
        (lambda v, y: grouped(v, y, lambda g, n: sum(map(len, g)) / n), "different"),
        (lambda v, y: 1.0, "not every case"),
        (by_runs, "side by side"),
        (by_first, "the first label"),
        (lambda v, y: sum(max(g.count(y[0]), len(g) - g.count(y[0])) for g in (
            [b for a, b in zip(v, y, strict=True) if a == u] for u in set(v)
        )) / len(y), "the ceiling of"),
        (lambda v, y: grouped(v, y, lambda g, n: sum(
            len(c) == 1 for c in g) / len(g)), "share of *views*"),
    ],
    "13.3": [
        (lambda m, ids: False, "gets away"),
        (lambda m, ids: True, "accused"),
        (pads_by(lambda a, b: not torch.equal(a, b)), "rounding"),
        (pads_by(lambda a, b: bool(((a - b).abs() > 1e-5).all())), "every row"),
        (pads_by(lambda a, b: bool((a - b).abs()[0] > 1e-5)), "gets away"),
        (pads_by(lambda a, b: bool((a - b).max() > 1e-5)), "gets away"),
        (pads_by(lambda a, b: bool((a.mean() - b.mean()).abs() > 1e-5)), "gets away"),
        (pads_by(lambda a, b: (a - b).abs() > 1e-5), "one answer for the model"),
        (pads_by(lambda a, b: (a - b).abs().mean() > 1e-5), "0.00003 in one row"),
        (pads_by(lambda a, b: bool(((a - b).abs() > 1e-6).any())), "0.000005 is"),
        (pads_by(lambda a, b: bool(((a / b - 1).abs() > 1e-5).any())), "scores of 50"),
        (pads_by(lambda a, b: not torch.allclose(a, b, atol=1e-5)), "scores of 50"),
        (pads_by(lambda a, b: bool((a - b).abs()[-2:].max() > 1e-5)), "gets away"),
        (pads_by(lambda a, b: np.abs(a.numpy() - b.numpy()).max() > 1e-5), "requires"),
        (as_floats, "ids and targets are integers"),
        (pads_in_front, "zeros behind the words"),
        (a_column_less, "take no column away"),
        (lambda m, ids: not reading.reads_pads(m, ids), "accused"),
        (pads_by(lambda a, b: "yes"), "True or False"),
        (lambda m, ids: not torch.allclose(m(ids), m(ids[:, ids[0] > 0])), "gets away"),
    ],
    "13.4": [
        (lambda s, e, k: (int(s.argmax()), int(e.argmax())), "ends before it begins"),
        (start_first, "the best start"),
        (end_first, "the best end"),
        (span_with(lambda s, e, k: s <= e), "are allowed"),
        (span_with(lambda s, e, k: s <= e <= s + k), "are allowed"),
        (lambda *a: best_span(*a)[::-1], "the end first"),
        (lambda *a: (best_span(*a)[0], best_span(*a)[1] + 1), "not after it"),
        (span_with(lambda s, e, k: s < e < s + k or (k < 2 and s == e)), "be one word"),
        (above_zero, "no span was chosen"),
        (from_zero, "starts at 0 finds none"),
        (zeros_elsewhere, "use -inf"),
        (by_product, "you multiply the scores"),
        (lambda *a: best_span(*a)[0], "has shape"),
    ],
    "13.5": [
        (recited, "it recites"),
        (glued, "a letter more counts as real"),
        (lambda c, f, n: write_surnames(c, "b", n), "force the letter"),
        (lambda c, f, n: write_surnames(c, f, 1) * n, "the same names"),
        (abroad, "does not hear the country"),
        (lambda c, f, n: " ".join(write_surnames(c, f, n)), "one text"),
        (lambda c, f, n: write_surnames(c, f, n)[:-1], "names,"),
        (lambda c, f, n: [x.title() for x in write_surnames(c, f, n)], "small letters"),
        (lambda c, f, n: [""] * n, "an empty name"),
        (lambda c, f, n: [3] * n, "among the names"),
        (lambda c, f, n: n, "a list is wanted"),
    ],
}  # fmt: skip


class TestCheckers(Checkers):
    lesson, right, wrong = "13", RIGHT, plain(WRONG)

    def test_every_exercise_has_right_answers_wrong_ones_and_hints(self, items):
        ids = [exercise.id for exercise in items[0]]
        assert ids == [f"13.{n}" for n in range(1, 8)]  # 6 and 7: test_own.py
        assert list(RIGHT) == list(WRONG) == ids[:5]
        assert all(RIGHT.values())
        assert all(len(cases) >= 3 for cases in WRONG.values())
        assert all(len(exercise.hints) >= 2 for exercise in items[0])
