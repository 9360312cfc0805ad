"""Sentences in which a missing word hangs on what comes before it and after it.

"i am very hungry today and will eat lots": the verb `be` needs the subject to its left
and the time to its right, the adverb needs the amount at the end, and so on.
"""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict

import numpy as np

__all__ = ["BLANK", "best_possible", "blanks", "sentences", "split"]

BLANK = "__"
SUBJECTS = {
    "i": 0, "you": 1, "we": 1, "they": 1, "he": 2, "she": 2, "the cat": 2,
    "the cats": 1, "the child": 2, "the children": 1,
}  # fmt: skip
PRESENT, PAST = (("am", "are", "is"), "will"), (("was", "were", "was"), "would")
TIMES = {"now": PRESENT, "today": PRESENT, "yesterday": PAST, "then": PAST}
DEGREES = {"very": "lots", "quite": "some", "not": "nothing"}
NEEDS = {
    "hungry": "eat", "thirsty": "drink", "happy": "sing", "sad": "say", "busy": "do",
}  # fmt: skip


def sentences() -> list[list[str]]:
    """Return all 600 sentences, each a list of words, in a fixed order."""
    made = []
    for subject, time, degree, need in itertools.product(
        SUBJECTS, TIMES, DEGREES, NEEDS
    ):
        forms, modal = TIMES[time]
        words = f"{subject} {forms[SUBJECTS[subject]]} {degree} {need} {time}"
        made.append(f"{words} and {modal} {NEEDS[need]} {DEGREES[degree]}".split())
    return made


def split(
    rng: np.random.Generator, test: float = 0.2
) -> tuple[list[list[str]], list[list[str]]]:
    """Return (train, held_out) sentences, in an order drawn from ``rng``."""
    if not 0 < test < 1:
        raise ValueError(f"test is {test}; it must be a share between 0 and 1")
    made = sentences()
    order = [made[i] for i in rng.permutation(len(made))]
    cut = round(len(made) * (1 - test))
    return order[:cut], order[cut:]


def blanks(
    given: list[list[str]], rng: np.random.Generator | None = None
) -> list[tuple[list[str], str, list[str]]]:
    """Return (left, word, right) for each word of each sentence.

    With ``rng`` each comes a second time, its right side cut short at a drawn place.
    """
    whole = [
        (words[:i], words[i], words[i + 1 :])
        for words in given
        for i in range(len(words))
    ]
    if rng is None:
        return whole
    cut = [(*gap[:2], gap[2][: rng.integers(len(gap[2]) + 1)]) for gap in whole]
    return whole + cut


def best_possible(use: str) -> float:
    """Return the accuracy of one who knows all sentences by heart, but not the word.

    use: "left", "right" or "both", what may be looked at. Every sentence is as likely
    as another, and every word of it may be the missing one.
    """
    pick = {"left": (0,), "right": (2,), "both": (0, 2)}
    if use not in pick:
        raise ValueError(f"use is {use!r}; known: {', '.join(pick)}")
    seen = defaultdict(Counter)
    for gap in blanks(sentences()):
        seen[tuple(tuple(gap[i]) for i in pick[use])][gap[1]] += 1
    right = sum(max(words.values()) for words in seen.values())
    return right / sum(sum(words.values()) for words in seen.values())
