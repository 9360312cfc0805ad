"""Checkers of lesson 13: pairs held out, and what a view can tell at best."""

from __future__ import annotations

from collections import Counter
from itertools import groupby

import numpy as np

from helpers.exercises.engine.compare import as_array, name_it
from helpers.exercises.engine.core import Wrong, call, close, shape_of

__all__ = ["ceiling", "check_ceiling", "check_held_out", "held_out"]


def held_out(pairs, rng):
    combinations = sorted({(int(a), int(b)) for a, b in pairs})
    firsts = Counter(a for a, _ in combinations)
    seconds = Counter(b for _, b in combinations)
    wanted, held = len(combinations) / 5, set()
    for i in rng.permutation(len(combinations)):
        a, b = combinations[i]
        if len(held) < wanted and firsts[a] > 1 and seconds[b] > 1:
            held.add((a, b))
            firsts[a] -= 1
            seconds[b] -= 1
    return np.array([(int(a), int(b)) in held for a, b in pairs])


def check_held_out(answer):
    rng = np.random.default_rng(0)
    for firsts, seconds, size in (
        (range(10), range(10), 1200),
        (range(10, 16), range(9), 300),
        (range(4), range(4), 90),
    ):
        pairs = _with_all(rng, [(a, b) for a in firsts for b in seconds], size)
        one, other = (_drawn(answer, pairs, seed) for seed in (0, 1))
        if (_drawn(answer, pairs, 1) != other).any():
            raise Wrong(
                "two generators with the same seed hold out different examples: draw "
                "with rng, and with nothing else"
            )
        if (one == other).all():
            raise Wrong(
                "two generators with different seeds hold out the same combinations: "
                "draw them with rng"
            )
    ring = [(20 + i, 120 - 10 * (j % 12)) for i in range(12) for j in (i, i + 1)]
    for seed in range(20):  # two combinations each: who takes both loses a number
        _drawn(answer, _with_all(rng, ring, 60), seed)
    return (
        "Every number was seen at its place, no combination twice: what fails now "
        "fails at combining."
    )


def _with_all(rng, combinations, size):
    """Return pairs (size, 2): each combination once at least, in any order."""
    more = rng.choice(combinations, size - len(combinations))
    return rng.permutation(np.concatenate([combinations, more]))


def _drawn(answer, pairs, seed):
    rng = np.random.default_rng(seed)
    mask = call(answer, pairs, rng, name="held_out", unchanged=True)
    mask = _mask(mask, len(pairs))
    _judge(pairs, mask)
    return mask


def _mask(mask, size):
    if isinstance(mask, tuple | list) and len(mask) == 2:
        raise Wrong("you return two things; want one mask, True for the test")
    array = as_array(mask, "the mask")
    if array.shape != (size,):
        if array.ndim == 1 and array.dtype.kind in "iu" and len(array) < size:
            raise Wrong(
                f"you return {len(array)} indices; a mask is wanted, True or False "
                f"for each of the {size} examples"
            )
        shape_of(array, (size,), "the mask", "N")
    if not np.isin(array, (0, 1)).all():
        raise Wrong("the mask holds more than True and False")
    return array.astype(bool)


def _judge(pairs, mask):
    test = {tuple(map(int, p)) for p in pairs[mask]}
    train = {tuple(map(int, p)) for p in pairs[~mask]}
    if not test or not train:
        where = "test" if not test else "training"
        raise Wrong(f"no example is in the {where} part")
    if both := sorted(test & train):
        a, b = both[0]
        raise Wrong(
            f"the combination ({a}, {b}) is in both parts, {len(both)} such: hold out "
            "combinations, not examples"
        )
    share = len(test) / len(test | train)
    if not 0.1 <= share <= 0.3:
        raise Wrong(
            f"{share:.0%} of the combinations are held out, a fifth is wanted (10 to "
            "30 % pass; True is for the test)"
        )
    for place, word in ((0, "first"), (1, "second")):
        known = {pair[place] for pair in train}
        if lost := sorted({pair[place] for pair in test} - known):
            raise Wrong(
                f"no training example has {lost[0]} as its {word}: such a test asks "
                "for what was never shown, not for a new combination"
            )


def ceiling(views, labels):
    groups = {}
    for view, label in zip(views, labels, strict=True):
        groups.setdefault(view, Counter())[label] += 1
    return sum(max(group.values()) for group in groups.values()) / len(labels)


_CASES = (
    (list("aabbbccddee"), [0, 1, 1, 1, 0, 2, 2, 0, 0, 2, 2]),
    ([(1, 2), (2, 1), (1, 2), (1, 2), (1, 2)], [1, 0, 1, 0, 1]),
    ([7, 7, 7, 7, 8, 9, 9], ["up", "down", "up", "still", "down", "up", "down"]),
    (list("aacbbcccbaa"), [1, 0, 2, 0, 0, 1, 1, 1, 2, 0, 0]),
)


def check_ceiling(answer):
    for views, labels in _CASES:
        got = call(answer, views, labels, name="ceiling", unchanged=True)
        groups = {}
        for view, label in zip(views, labels, strict=True):
            groups.setdefault(view, []).append(label)
        counts = [Counter(group) for group in groups.values()]
        n = len(labels)
        runs = [Counter(y for _, y in run) for _, run in groupby(
            zip(views, labels, strict=True), key=lambda pair: pair[0])]  # fmt: skip
        want = ceiling(views, labels)
        mistakes = [
            (
                np.mean([max(c.values()) / c.total() for c in counts]),
                "you average the groups' shares: a large group counts more than a "
                "small one. All hits over all cases",
            ),
            (
                sum(len(c) == 1 for c in counts) / len(counts),
                "that is the share of *views* that have one label only",
            ),
            (
                len(groups) / n,
                "that is how many different views there are, over all cases; "
                "count hits",
            ),
            (
                sum(c.total() for c in counts if len(c) == 1) / n,
                "you count the cases whose view has one label only; in a mixed "
                "group the most frequent label is still right for some",
            ),
            (
                max(Counter(labels).values()) / n,
                "that is one answer for all; each view may have its own",
            ),
            (
                sum(len(c) for c in counts) / n,
                "you count the different labels of each view; count how often the "
                "most frequent one occurs",
            ),
            (
                sum(max(c.values()) for c in counts),
                "that is how many can be right; return the share of all cases",
            ),
            (
                1 - want,
                "that is the share that must be wrong; return the other one",
            ),
            (
                sum(group.count(group[0]) for group in groups.values()) / n,
                "you answer with the first label that a view has; the most "
                "frequent one is right more often",
            ),
            (
                sum(max(c.values()) for c in runs) / n,
                "equal views need not stand side by side: `groupby` starts a new "
                "group at each change, so bring them together first",
            ),
            (1.0, "with one view and two labels, not every case can be right"),
        ]
        name_it(got, [m for m in mistakes if abs(m[0] - want) > 1e-9])
        close(got, want, 1e-9, f"the ceiling of {views}, {labels}")
    return (
        "A ceiling holds for every net that is shown this view, however large: no "
        "training can pass it."
    )
