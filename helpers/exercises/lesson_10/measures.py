"""Checkers of lesson 10: an error rate, and whose fault an error is."""

from __future__ import annotations

import numpy as np

from helpers.exercises.engine.compare import name_it
from helpers.exercises.engine.core import Wrong, call, close, shape_of
from helpers.writing.edits import edits

__all__ = ["check_error_rate", "check_whose_error", "error_rate", "whose_error"]


def error_rate(heard, texts):
    wrong = sum(sum(edits(a, b)) for a, b in zip(heard, texts, strict=True))
    return wrong / sum(len(text) for text in texts)


def check_error_rate(answer):
    texts = ["paris", "sat", "radio room", "tree", "add", "e"]
    heard = ["pari", "ssat", "rado rom", "three", "d", "sos"]  # joined, no s is lost
    got = call(answer, heard, texts, name="error_rate", unchanged=True)
    want = error_rate(heard, texts)
    counts = [edits(a, b) for a, b in zip(heard, texts, strict=True)]
    each = np.array([sum(c) for c in counts])
    n, m = (np.array([len(t) for t in part]) for part in (texts, heard))
    placed = sum(
        sum(a != b for a, b in zip(h, t, strict=False)) + abs(len(h) - len(t))
        for h, t in zip(heard, texts, strict=True)
    )
    kinds = np.array(counts).sum(0)
    name_it(
        got,
        [
            (
                (each / n).mean(),
                "that is the mean of the texts' own rates: a short text then counts "
                "as much as a long one. All edits over all characters",
            ),
            (
                np.minimum(each / n, 1).mean(),
                "that is the mean of the texts' own rates, cut at 1; all edits over "
                "all characters",
            ),
            (each.sum(), "that is how many edits; divide by how many characters"),
            (
                each.sum() / m.sum(),
                "you divide by what was heard: who hears more would err less. Divide "
                "by the characters of the true texts",
            ),
            (
                np.mean([h != t for h, t in zip(heard, texts, strict=True)]),
                "that is the share of texts with an error in them",
            ),
            (each.sum() / len(texts), "that is edits a text; divide by the characters"),
            (
                placed / n.sum(),
                "you compare place by place: after one missing letter all others "
                "count as wrong. Use `edits`",
            ),
            (
                kinds[0] / n.sum(),
                "you count substitutions alone: insertions and deletions are errors",
            ),
            *(
                ((each.sum() - kind) / n.sum(), f"you leave out {name}")
                for kind, name in zip(
                    kinds, ("substitutions", "insertions", "deletions"), strict=True
                )
            ),
            (
                each.max() / n.sum(),
                "that is the worst text alone; add up over all of them",
            ),
            (100 * want, "that is in per cent; return the share"),
            (1 - want, "that is one minus the error rate"),
            (
                np.minimum(each, n).sum() / n.sum(),
                "you cut each text at 100 %; insertions may be more than the text has "
                "characters, and count",
            ),
        ],
        1e-6,
    )
    shape_of(got, (), "the error rate")
    close(got, want, 1e-6, "the error rate")
    much = call(answer, ["eeee"], ["a"], name="error_rate")
    if shape_of(much, (), "the error rate") <= 1:
        raise Wrong("for 'eeee' in place of 'a' it is 4: an error rate may exceed 1")
    close(call(answer, ["", "ab"], ["ab", "ab"], name="error_rate"), 0.5, 1e-6, "it")
    return "All blank, nothing heard: exactly 1, all of it deletions."


def whose_error(log_p, said, truth):
    if list(said) == list(truth):
        return "none"
    return "search" if log_p(truth) > log_p(said) else "net"


_SCORES = {(1,): -1.0, (1, 2): -2.5, (2,): -0.5, (): -4.0, (2, 2, 1): -7.0}
_SCORES |= {(1, 2, 1): -2.4, (2, 1): -2.9, (3,): -0.5, (12,): -3.0, (1, 3): -0.99}
_LONG = [1, 2, 1, 2, 1, 2, 1, 2, 1]
_SCORES[tuple(_LONG)] = -1.1
_CASES = (
    ([1], [1], "none", "nothing is wrong there: said and truth are the same"),
    (
        [1, 2],
        [1],
        "search",
        "the truth has the higher score, so the net knew better: the search lost it",
    ),
    (
        [1],
        [1, 2],
        "net",
        "what was said has the higher score: the best search in the world would say "
        "it, so the error is the net's",
    ),
    (
        [2],
        [2, 2, 1],
        "net",
        "what was said has the higher score: the error is the net's",
    ),
    (
        [1],
        [1, 2, 1],
        "net",
        "what was said has the higher score: compare the scores themselves, not "
        "divided by the length",
    ),
    (
        [],
        [2],
        "search",
        "the truth has the higher score, so the search lost it, though nothing was "
        "said",
    ),
    (
        [2, 2, 1],
        [2],
        "search",
        "the truth has the higher score: the search lost it, however long what it "
        "said is",
    ),
    (
        [1],
        [2],
        "search",
        "two texts of one length, and the truth has the higher score",
    ),
    (
        [1, 2],
        [2, 1],
        "net",
        "the same ids in another order are another text, and what was said has the "
        "higher score",
    ),
    ([1, 2], [12], "net", "[1, 2] and [12] are two texts; the first scores more"),
    (
        [2],
        [3],
        "net",
        "two texts with equal scores: a perfect search need not pass `said` over",
    ),
    (
        [1],
        [1, 3],
        "search",
        "the truth has the higher score, if only by 0.01, and though it is longer",
    ),
    (
        [1],
        _LONG,
        "net",
        "what was said has the higher score: compare the scores as they are, whatever "
        "the lengths",
    ),
)


def check_whose_error(answer):
    def log_p(ids):
        try:
            return _SCORES[tuple(int(k + 0) for k in ids)]  # no text of digits
        except (TypeError, KeyError):
            raise Wrong(
                f"log_p was given {ids!r}; give it `said` or `truth`, a list of ids"
            ) from None

    for said, truth, want, words in _CASES:
        got = call(answer, log_p, said, truth, name="whose_error", unchanged=True)
        if not isinstance(got, str) or got not in ("none", "search", "net"):
            raise Wrong(f"whose_error returned {got!r}; want 'none', 'search' or 'net'")
        if got != want:
            scores = f"log p {log_p(said)} for {said}, {log_p(truth)} for {truth}"
            raise Wrong(f"yours says {got!r} ({scores}): {words}")
    return "Search errors want a wider beam, errors of the net better training."
