"""How the exercises of lesson 02 are judged, each with its usual mistakes.

A mistake is named where it explains every case that was asked.
"""

from __future__ import annotations

from collections import Counter, deque
from itertools import pairwise, product

import numpy as np

from helpers.data.reviews import draw_reviews, parse
from helpers.exercises.engine.core import Wrong, call
from helpers.exercises.lesson_02.answers import bigrams, window

__all__ = ["check_bigrams", "check_collision", "check_window"]


def _counted(pairs):
    return dict(Counter(pairs))


BIGRAM_MISTAKES = {  # what a learner is told → what that mistake counts
    "you step two words at a time; each word but the last begins a pair": lambda w: (
        _counted(zip(w[::2], w[1::2], strict=False))
    ),
    "each pair is counted once too often: start from 0": lambda w: {
        pair: n + 1 for pair, n in bigrams(w).items()
    },
    "the last pair is missing: n words have n − 1 pairs": lambda w: bigrams(w[:-1]),
    "the first pair is missing: begin with the first word": lambda w: bigrams(w[1:]),
    "you leave out the word between; pair neighbours": lambda w: _counted(
        zip(w, w[2:], strict=False)
    ),
    "a pair occurs more than once, and you count it once": lambda w: dict.fromkeys(
        bigrams(w), 1
    ),
    "a pair occurs more than twice, and you count no further than 2": lambda w: {
        pair: min(2, n) for pair, n in bigrams(w).items()
    },
    "you sort the two words of a pair, and lose which comes first": lambda w: _counted(
        tuple(sorted(pair)) for pair in pairwise(w)
    ),
    "you pair the last word with the first one; they are no neighbours": lambda w: (
        _counted(zip(w, w[1:] + w[:1], strict=True))
    ),
    "your pairs are (next word, word); the word that comes first leads": lambda w: (
        _counted((b, a) for a, b in pairwise(w))
    ),
    "a word that is followed by itself is a pair too": lambda w: _counted(
        (a, b) for a, b in pairwise(w) if a != b
    ),
    "a word that comes again begins a pair again; you look at each word once": (
        lambda w: bigrams([*dict.fromkeys(w)])
    ),
    "you count in a joined text: pairs that overlap are missed, and “badly” counts as "
    "“bad”; count pairs of words": lambda w: {
        pair: " ".join(w).count(" ".join(pair)) for pair in pairwise(w)
    },
    "each count is divided; the number itself is wanted": lambda w: {
        pair: n / max(1, len(w) - 1) for pair, n in bigrams(w).items()
    },
}  # fmt: skip


def check_bigrams(answer):
    texts = [review.words for review in draw_reviews(5, np.random.default_rng(21))]
    texts = [list("abababaabbccbcbcbc"), ["not", "bad"], list("aaab"), *texts]
    texts.insert(3, ["not", "bad", "not", "badly"])
    gots = []
    for words in texts:
        gots.append(call(answer, words, unchanged=True))
        _want_pairs(gots[-1], words)
    if any(dict(g) != bigrams(w) for g, w in zip(gots, texts, strict=True)):
        _name_bigrams(gots, texts)
    for words in (["good"], []):
        if call(answer, words) != {}:
            raise Wrong(f"{words} has no neighbours: return an empty dict for it")
    return (
        "“not bad”, span 2, is now a feature of its own. “not so bad”, span 3, is none."
    )


def _want_pairs(got, words):
    if not isinstance(got, dict):
        kind = type(got).__name__
        raise Wrong(f"you return a {kind}; return a dict {{(word, next): count}}")
    if any(isinstance(key, str | int) for key in got):
        raise Wrong("each key is one thing; make it a tuple of two: (word, next word)")
    if any(isinstance(key, frozenset | set) for key in got):
        raise Wrong("a set forgets which word comes first; use a tuple (word, next)")
    if odd := [key for key in got if not (isinstance(key, tuple) and len(key) == 2)]:
        raise Wrong(f"the key {odd[0]} is no pair; make it (word, next word)")
    for key, value in got.items():
        if not _number(value):
            kind = type(value).__name__
            raise Wrong(f"the value of {key} is a {kind}; give a number, how often")


def _number(value):
    try:
        return not isinstance(value, str) and float(value) == float(value)
    except (TypeError, ValueError):
        return False


def _name_bigrams(gots, texts):
    cases = list(zip(gots, texts, strict=True))
    got, words = next((g, w) for g, w in cases if g != bigrams(w))
    text, want = " ".join(words), bigrams(words)
    for said, mistake in BIGRAM_MISTAKES.items():
        if all(g == mistake(w) for g, w in cases):
            raise Wrong(f'in "{text}" {said}')
    if all(g.keys() == set(product(w, repeat=2)) for g, w in cases):
        raise Wrong(f'in "{text}" you pair every word with every word; only neighbours')
    odd = min((k for k in got | want if got.get(k) != want.get(k)), key=str)
    if odd not in want:
        raise Wrong(
            f'"{text}": {odd} has {got[odd]}, want no such entry: it never occurs'
        )
    if odd not in got:
        raise Wrong(f'"{text}": {odd} is missing, want {want[odd]}')
    raise Wrong(f'"{text}": {odd} has {got[odd]}, want {want[odd]}')


def check_collision(first, second):
    reviews = []
    for name, text in (("first", first), ("second", second)):
        if text is ...:
            raise Wrong(f"{name} is still open; write a review there too")
        if not isinstance(text, str):
            raise Wrong(f"{name} is of type {type(text).__name__}; write a text")
        try:
            reviews.append(parse(text))
        except ValueError as error:
            raise Wrong(f"{name}: {error}") from None
    one, two = reviews
    if one.words == two.words:
        raise Wrong("both reviews are the same text; put the words in another order")
    missing = Counter(one.words) - Counter(two.words)
    extra = Counter(two.words) - Counter(one.words)
    if missing or extra:
        odd = ", ".join([*missing, *extra])
        raise Wrong(f"the two do not hold the same words: look at {odd}")
    if one.label == two.label:
        verdict = "good" if one.label else "bad"
        raise Wrong(
            f"the same words, but both verdicts are {verdict}: what follows the last "
            "“but” decides, so change the polarity of that claim"
        )
    places = [[i for i, w in enumerate(r.words, 1) if w == "not"] for r in reviews]
    if places[0] != places[1]:
        here, there = (", ".join(map(str, place)) for place in places)
        raise Wrong(
            f"a fine pair, but its “not” moves: in the first it is word {here}, in the "
            f"second word {there}. This time let it stand, and move other words"
        )
    return "No model that only counts words can be right about both."


WINDOW_MISTAKES = {  # what a learner is told → what that mistake returns
    "these are the first words; the verdict comes last": lambda ids, k: (
        [0] * (k - len(ids)) + ids[:k]
    ),
    "these are the first words, and the zeros stand at the end": lambda ids, k: (
        ids[:k] + [0] * (k - len(ids))
    ),
    "put the zeros in front, so that the last word stays last": lambda ids, k: (
        ids[-k:] + [0] * (k - len(ids))
    ),
    "the words are in reverse order": lambda ids, k: window(ids, k)[::-1],
    "an id that comes again is missing; keep each as often as it occurs": (
        lambda ids, k: window([*dict.fromkeys(ids)], k)
    ),
    "an id that comes again in the window is missing; keep each as it stands": (
        lambda ids, k: window([*dict.fromkeys(ids[-k:])], k)
    ),
    "you sort the ids; their order is what a window keeps": lambda ids, k: window(
        sorted(ids), k
    ),
}


def check_window(answer):
    rng = np.random.default_rng(23)
    cases = []
    for k, n in [(3, 5), (5, 5), (5, 3), (1, 4), (4, 1), (7, 12), (6, 9)]:
        ids = rng.permutation(np.arange(1, 40))[:n].tolist()
        if (k, n) == (6, 9):
            ids = [8, 3, 8, 5, 3, 3, 9, 5, 8]  # a word may come again
        got = call(answer, ids, k, unchanged=True)
        cases.append((_listed(got), ids, k))
    wrong = [case for case in cases if case[0] != window(*case[1:])]
    for got, ids, k in wrong[:1]:
        for said, mistake in WINDOW_MISTAKES.items():
            if all(g == mistake(*case) for g, *case in cases):
                raise Wrong(f"of {ids} with k = {k} you make {got}: {said}")
        _judge_window(got, window(ids, k), ids, k)
    return "Whatever stood before these k words is out of the model's reach for good."


def _listed(got):
    got = got.tolist() if hasattr(got, "tolist") else got
    if not isinstance(got, list | tuple | deque):
        raise Wrong(f"you return a {type(got).__name__}; return a list of k ids")
    got = [x.tolist() if hasattr(x, "tolist") else x for x in got]
    if any(isinstance(x, list | tuple) for x in got):
        raise Wrong("your result has rows of its own; k numbers in one list are wanted")
    return got


def _judge_window(got, want, ids, k):
    case = f"of {ids} with k = {k} you make {got}"
    if len(ids) > k and got == ids[:k]:
        raise Wrong(f"{case}: these are the first words; the verdict comes last")
    if len(ids) < k and got == ids:
        raise Wrong(f"{case}: a net wants {k} inputs every time; fill up with zeros")
    if len(ids) < k and got == ids + [0] * (k - len(ids)):
        raise Wrong(f"{case}: put the zeros in front, so that the last word stays last")
    if len(ids) < k and got == [0] * (k - len(ids)) + ids[len(ids) - k :]:
        raise Wrong(
            f"{case}: with {len(ids)} ids, len(ids) - k is negative, and a slice that "
            "starts there counts from the end; ids[-k:] takes what there is"
        )
    if len(ids) < k and got == [0, *ids]:
        raise Wrong(f"{case}: {k - len(ids)} ids are missing, and you put one zero")
    if len(ids) < len(got) == k and got[k - len(ids) :] == ids and got[0] != 0:
        raise Wrong(f"{case}: the id of the padding is the number 0")
    if got == ([0] * k + ids)[-k - 1 : -1]:
        raise Wrong(f"{case}: the last id, {ids[-1]}, is missing")
    if len(got) != k:
        raise Wrong(f"{case}: the length is {len(got)}, want {k}")
    raise Wrong(f"{case}, want {want}")
