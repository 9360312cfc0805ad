"""Checker of lesson 09: may a beam search end, when scores are normalised?"""

from __future__ import annotations

import numpy as np

from helpers.exercises.engine.core import Wrong, call
from helpers.exercises.engine.errors import case

__all__ = ["check_may_stop", "may_stop"]


def may_stop(finished, unfinished, alpha, max_len):
    def score(log_p, length):
        return log_p / ((5 + length) / 6) ** alpha

    if not finished:
        return False
    best = max(score(log_p, length) for log_p, length in finished)
    bound = max(score(log_p, max_len) for log_p, _ in unfinished)
    return bool(best >= bound)


def _variant(finished, unfinished, alpha, max_len, *, who, length):
    """The rule with one thing else: which finished text, which length in the bound."""

    def score(log_p, n):
        return log_p / ((5 + n) / 6) ** alpha

    chosen = {"best": max, "worst": min}[who](score(*text) for text in finished)
    at = {"own": lambda n: n, "next": lambda n: n + 1, "none": lambda _: 1}[length]
    return bool(chosen >= max(score(p, at(n)) for p, n in unfinished))


def _scored(score):
    """The rule with another score in place of log p over the length penalty."""

    def rule(finished, unfinished, alpha, max_len):
        best = max(score(p, ((5 + n) / 6) ** alpha) for p, n in finished)
        longest = ((5 + max_len) / 6) ** alpha
        return bool(best >= max(score(p, longest) for p, _ in unfinished))

    return rule


_OTHER_SCORES = (
    (_scored(lambda p, _: p), "the penalty is missing: divide log p by it"),
    (_scored(lambda p, penalty: p * penalty), "divide, do not multiply"),
)
_MISTAKES = (
    ("best", "own", "the texts that go on are scored at the length that they have now: "
     "they get longer, and a longer one is divided by more"),
    ("best", "next", "the texts that go on may grow by more than one token: which "
     "length is the best for them?"),
    ("best", "none", "log p of what goes on has to be divided too: which length is the "
     "best for it?"),
)  # fmt: skip


def check_may_stop(answer):
    for given, words in (
        (([], [(-1.0, 2)], 1.0, 9), "nothing is finished yet: the search goes on"),
        (
            ([(-3.0, 3), (-0.5, 4)], [(-4.0, 4)], 0.0, 9),
            "with α = 0 the score is log p, which only falls: -0.5 is finished, and "
            "-4 cannot rise to it",
        ),
        (
            ([(-3.0, 3)], [(-1.0, 3)], 0.0, 9),
            "with α = 0 a text at -1 may still end with more than the finished -3",
        ),
        (
            ([(-6.0, 2), (-1.0, 4)], [(-8.0, 4)], 1.0, 9),
            "-1 is finished, and -8 divided by the penalty of nine tokens is -3.4: one "
            "good finished text is enough",
        ),
        (
            ([(-2.0, 3)], [(-9.0, 4), (-2.2, 4)], 1.0, 9),
            "-2 over three tokens scores -1.5; -2.2 over nine would score -0.94 and "
            "win: look at the best of them",
        ),
        (
            ([(-0.65, 1)], [(-0.75, 2)], 1.0, 3),
            "a finished text of -0.65 need not win: -0.75 over three tokens counts "
            "-0.56",
        ),
        (
            ([(-1.0, 3)], [(-1.0, 3)], 0.0, 9),
            "-1 is finished, and what goes on can reach -1 and no higher: that does "
            "not win",
        ),
        (
            ([(-1.0, 1), (-1.05, 7)], [(-1.4, 7)], 1.0, 7),
            "of the finished texts the one with the highest *score* counts, and that "
            "is -1.05 over seven tokens, -0.53; the other can only reach -0.7",
        ),
    ):
        want = may_stop(*given)
        got = _said(answer, *given)
        if got != want:
            raise Wrong(_why(answer, given) or words)
    rng = np.random.default_rng(0)
    for _ in range(300):
        now = int(rng.integers(1, 8))
        alpha = float(rng.choice([0.0, 0.2, 0.7, 1.0, 1.5]))
        done = [
            (-round(rng.exponential(3), 2), int(rng.integers(1, now + 1)))
            for _ in range(rng.integers(1, 4))
        ]
        live = [(-round(rng.exponential(4), 2), now) for _ in range(rng.integers(1, 4))]
        given = done, live, alpha, now + int(rng.integers(0, 12))
        if _close_call(*given):
            continue
        got, want = _said(answer, *given), may_stop(*given)
        if got != want:
            told = "True" if got else "False"
            raise Wrong(
                _why(answer, given)
                or f"{told} for {case(answer, given, {})}; it should be {want}"
            )
    return (
        "Nothing that is still open can win: log p only falls, and no text is divided "
        "by more than one of max_len."
    )


def _said(answer, *given):
    got = call(answer, *given, name="may_stop", unchanged=True)
    if not isinstance(got, bool | np.bool_ | int) and not hasattr(got, "item"):
        raise Wrong(f"return True or False; yours returned a {type(got).__name__}")
    return bool(got)


def _close_call(finished, unfinished, alpha, max_len):
    """Whether the answer hangs on the last digits."""
    twice = [
        may_stop([(p * x, n) for p, n in finished], unfinished, alpha, max_len)
        for x in (0.999, 1.001)
    ]
    return twice[0] != twice[1]


def _why(answer, given):
    """What an answer does that gives what one of the mistakes gives, here and in more
    cases; "" if none does."""
    rng = np.random.default_rng(1)
    cases = [given] if given[0] else []
    for _ in range(40):
        done = [(-float(rng.exponential(3)), int(rng.integers(1, 6))) for _ in "ab"]
        live = [(-float(rng.exponential(4)), 5) for _ in "ab"]
        cases.append((done, live, 1.0, 12))
    cases = [c for c in cases if not _close_call(*c)]
    said = [_said(answer, *c) for c in cases]
    if all(said):
        return "the search ends as soon as a text is finished: a later one may win"
    if not any(said):
        return "the search never ends: may nothing win any more, it may stop"
    for who, length, words in _MISTAKES:
        if said == [_variant(*c, who=who, length=length) for c in cases]:
            return words
    for rule, words in _OTHER_SCORES:
        if said == [rule(*c) for c in cases]:
            return words
    return ""
