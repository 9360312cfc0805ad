"""Checker of lesson 12: what a gradient map says."""

from __future__ import annotations

import itertools

import numpy as np

from helpers.exercises.engine.core import NotAttempted, Wrong, call

__all__ = ["check_reading", "reading"]

WORDS = ("mixes", "leaks", "forgets")


def reading(grad, b, t):
    grad = np.asarray(grad)
    found = set()
    if np.delete(grad, b, axis=0).any():
        found.add("mixes")
    if grad[b, t + 1 :].any():
        found.add("leaks")
    if t > 0 and not grad[b, :t].any():
        found.add("forgets")
    return found


def _map(rng, b, t, mixes, leaks, forgets, shape=(5, 7)):
    """Gradients of the answer at (b, t), some places of the right kind above 0."""
    grad = np.zeros(shape)
    grad[b, t] = rng.integers(1, 9) / 8  # eighths, so that sums are exact
    rows = [row for row in range(shape[0]) if row != b]
    if mixes:
        grad[rng.choice(rows), rng.integers(shape[1])] = rng.integers(1, 9) / 8
    if leaks:
        grad[b, rng.integers(t + 1, shape[1])] = rng.integers(1, 9) / 8
    if not forgets and t > 0:
        grad[b, rng.integers(t)] = rng.integers(1, 9) / 8
    return grad


def _cases():
    rng = np.random.default_rng(0)
    for mixes, leaks, forgets in itertools.product((False, True), repeat=3):
        for b, t in ((0, 1), (2, 3), (4, 5)):
            yield _map(rng, b, t, mixes, leaks, forgets), b, t, ""
        for b, t in ((0, 2), (7, 8), (6, 5)):
            yield _map(rng, b, t, mixes, leaks, forgets, (8, 11)), b, t, ""
        yield _map(rng, 0, 2, False, leaks, forgets, (1, 4)), 0, 2, "with one row"
    yield _map(rng, 1, 0, False, False, False), 1, 0, "at the first place (t = 0)"
    yield _map(rng, 3, 6, True, False, False), 3, 6, "at the last place"
    own = np.zeros((5, 7))
    own[2, :3] = 0.5  # an answer may do without the letter at its own place
    yield own, 2, 3, "where its own place is 0"
    yield np.zeros((5, 7)), 2, 3, "where all is 0"
    faint = _map(rng, 2, 3, True, True, False) * 2.0**-30
    yield faint, 2, 3, "where the gradients are faint, 1e-9"


def check_reading(answer):
    for grad, b, t, where in _cases():
        got = call(answer, grad, b, t, name="reading", unchanged=True)
        said, want = _said(got), reading(grad, b, t)
        for word in WORDS:
            if (word in said) != (word in want):
                raise Wrong(_message(word, word in want, grad, b, t, where))
    return (
        "Three questions, and no training run: the map answers before the first step."
    )


def _said(got):
    if isinstance(got, str):
        raise Wrong(
            f"reading returned the text {got!r}; wanted is a set or list of words"
        )
    try:
        said = list(got)
    except TypeError:
        raise Wrong(
            f"reading returned {got!r}; wanted is a set or list of words"
        ) from None
    if any(word is ... for word in said):
        raise NotAttempted
    odd = [word for word in said if not isinstance(word, str) or word not in WORDS]
    if odd:
        raise Wrong(
            f"reading says {odd[0]!r}; the words are {', '.join(map(repr, WORDS))}"
        )
    return set(said)


def _message(word, due, grad, b, t, where):
    place = f"(b, t) = ({b}, {t})" + (f", {where}" if where else "")
    head = f"at {place}, {word!r} is {'missing' if due else 'wrong'}: "
    if word == "mixes":
        if due and where.startswith("where the gradients are faint"):
            return head + "a gradient of 1e-9 is small and not 0; compare with 0"
        if due and not grad[np.arange(len(grad)) != b, t].any():
            return head + "another row reaches the answer, at another place than t"
        if due:
            return head + "another row of the batch reaches the answer"
        return head + "only the answer's own row is above 0"
    if word == "leaks":
        if due:
            return head + "a later place of its own row reaches the answer"
        if grad[:, t + 1 :].any():
            return head + "a later place of another row is 'mixes'; look at row b"
        return head + "the place t itself is no future; begin at t + 1"
    if due:
        return head + "no place before t in its own row reaches the answer"
    if t == 0:
        return head + "before the first place there is nothing to forget"
    return head + "an earlier place of its own row reaches the answer"
