"""Reviews with negation, made by a small grammar whose truth is known.

    review  = [opening] claim ("but" claim)*
    claim   = "the" THING "was" [filler ...] ["not"] [filler ...] ADJECTIVE

A claim's polarity is its adjective's, turned round by every "not" between "was" and
the adjective. What follows the last "but" is the verdict: its polarity is the
review's label (1 good, 0 bad). The label is computed from this structure, so that no
list of words decides it. The *span* of a negation counts the words from "not" to the
adjective, both included: "not bad" has span 2.
"""

from dataclasses import dataclass
from zlib import crc32

import numpy as np

__all__ = [
    "PAD",
    "VOCABULARY",
    "Claim",
    "Review",
    "draw_reviews",
    "draw_twins",
    "encode",
    "parse",
]

PAD = "<pad>"
GOOD = ("good", "great", "lovely", "superb", "perfect")
BAD = ("bad", "awful", "dull", "poor", "dreadful")
THINGS = ("soup", "bread", "cake", "tea", "salad", "place", "service", "view")
FILLERS = tuple(
    tuple(phrase.split())
    for phrase in (
        *("really", "truly", "still", "honestly", "again", "today"),
        *("to me", "for lunch", "after all", "that evening"),
        *("in my opinion", "to be honest", "for that price", "on that day"),
    )
)
_FILLER_WORDS = sorted({word for phrase in FILLERS for word in phrase})
VOCABULARY = (PAD, *sorted({"the", "was", "not", "but", *GOOD, *BAD, *THINGS,
                            *_FILLER_WORDS}))  # fmt: skip
_IDS = {word: i for i, word in enumerate(VOCABULARY) if word != PAD}


@dataclass(frozen=True)
class Claim:
    """One statement about one thing; body: the words from "was" to the adjective."""

    thing: str
    body: tuple[str, ...]
    adjective: str

    @property
    def words(self):
        return ("the", self.thing, "was", *self.body, self.adjective)

    @property
    def polarity(self):
        sign = 1 if self.adjective in GOOD else -1
        return sign * (-1) ** self.body.count("not")

    @property
    def span(self):
        """Words from the first "not" to the adjective; 0 if nothing is negated."""
        if "not" not in self.body:
            return 0
        return len(self.body) - self.body.index("not") + 1


@dataclass(frozen=True)
class Review:
    """An opening and one claim or more; the last one is the verdict."""

    opening: tuple[str, ...]
    claims: tuple[Claim, ...]

    @property
    def words(self):
        words = list(self.opening)
        for i, claim in enumerate(self.claims):
            words += ["but"] * (i > 0) + list(claim.words)
        return words

    @property
    def text(self):
        return " ".join(self.words)

    @property
    def label(self):
        return int(self.claims[-1].polarity > 0)

    @property
    def span(self):
        return self.claims[-1].span


def _fill(n, rng):
    """Exactly n filler words, whole phrases in random order."""
    words, last = [], None
    while len(words) < n:
        fitting = [p for p in FILLERS if len(p) <= n - len(words) and p != last]
        last = fitting[rng.integers(len(fitting))]
        words += last
    return tuple(words)


def _between(bounds, rng):
    return int(rng.integers(bounds[0], bounds[1] + 1))


def _claim(rng, span, negated):
    """A random claim: its length does not depend on whether it is negated."""
    before, after = int(rng.integers(3)), _between(span, rng) - 2
    body = (
        (*_fill(before, rng), "not", *_fill(after, rng))
        if negated
        else _fill(before + 1 + after, rng)
    )
    adjectives = (GOOD, BAD)[rng.integers(2)]
    return Claim(
        THINGS[rng.integers(len(THINGS))], body, adjectives[rng.integers(len(GOOD))]
    )


def _bounds(name, value, least):
    low, high = value if isinstance(value, tuple | list) else (value, value)
    if not least <= low <= high:
        raise ValueError(f"{name} must be two rising numbers from {least}, not {value}")
    return low, high


def _held_out(review):
    """Whether the text belongs to the test part: a fifth of all texts, for good."""
    return crc32(review.text.encode()) % 5 == 0


def _check_split(split):
    if split not in ("train", "test"):
        raise ValueError(f'split must be "train" or "test", not {split!r}')


def draw_reviews(
    n, rng, *, split="train", claims=(1, 2), span=(2, 8), opening=0, negated=0.5
):
    """n random reviews: adjectives, negation and length independent of each other.

    claims, span, opening: a number or (least, most) of claims, of words from "not" to
    its adjective, and of neutral words before the first claim. negated: the share of
    claims that hold a "not"; at 0.5 no single word tells anything about the label. A
    text belongs either to "train" or to "test" whatever the settings and the rng: no
    leak is possible.
    """
    _check_split(split)
    claims, span = _bounds("claims", claims, 1), _bounds("span", span, 2)
    opening = _bounds("opening", opening, 0)
    if not 0 <= negated <= 1:
        raise ValueError(f"negated must be a share from 0 to 1, not {negated}")
    reviews = []
    while len(reviews) < n:
        review = Review(
            _fill(_between(opening, rng), rng),
            tuple(
                _claim(rng, span, rng.random() < negated)
                for _ in range(_between(claims, rng))
            ),
        )
        if _held_out(review) == (split == "test"):
            reviews.append(review)
    return reviews


def draw_twins(n, rng, *, split="train", span=(2, 8)):
    """n pairs of two-claim reviews: "not" and a filler swapped, labels opposite."""
    _check_split(split)
    span = _bounds("span", span, 2)
    pairs = []
    while len(pairs) < n:
        (filler,) = _fill(1, rng)
        first, last = (_claim(rng, span, True) for _ in range(2))
        pair = (
            Review((), (first, _without(last, filler))),
            Review((), (_without(first, filler), last)),
        )
        if all(_held_out(review) == (split == "test") for review in pair):
            pairs.append(pair)
    return pairs


def _without(claim, filler):
    """The claim with the filler in the place of its "not"."""
    body = tuple(filler if word == "not" else word for word in claim.body)
    return Claim(claim.thing, body, claim.adjective)


def parse(text):
    """The Review that a text is, by the grammar; ValueError says where it is none."""
    words = text.lower().replace(",", " ").replace(".", " ").split()
    for word in words:
        if word not in _IDS:
            raise ValueError(f'the grammar does not know the word "{word}"')
    start = words.index("the") if "the" in words else len(words)
    claims, opening = [], tuple(words[:start])
    parts = " ".join(words[start:]).split(" but ")
    for part in parts:
        match part.split():
            case ["the", thing, "was", *body, adjective] if (
                thing in THINGS
                and adjective in GOOD + BAD
                and all(word in (*_FILLER_WORDS, "not") for word in body)
            ):
                claims.append(Claim(thing, tuple(body), adjective))
            case _:
                raise ValueError(
                    f'"{part}" is no claim: write "the THING was … ADJECTIVE"'
                )
    if any(word not in _FILLER_WORDS for word in opening):
        raise ValueError(f'"{" ".join(opening)}" cannot open a review')
    return Review(opening, tuple(claims))


def encode(texts, length, *, align="left"):
    """Word ids (N, length) of texts, 0 for padding; what does not fit is cut off.

    texts: Reviews or lists of words. align "left" starts each text in column 0 and
    keeps its first words, "right" ends it in the last column and keeps its last ones.
    ValueError for a word outside the vocabulary, or the sign of padding.
    """
    if align not in ("left", "right"):
        raise ValueError(f'align must be "left" or "right", not {align!r}')
    if not length >= 1:
        raise ValueError(f"length must be a whole number from 1 on, not {length!r}")
    ids = np.zeros((len(texts), length), dtype=np.int64)
    for row, text in zip(ids, texts, strict=True):
        words = text.words if isinstance(text, Review) else text
        codes = [_id(word) for word in words]
        if align == "left":
            codes = codes[:length]
            row[: len(codes)] = codes
        elif codes:
            codes = codes[-length:]
            row[-len(codes) :] = codes
    return ids


def _id(word):
    if word not in _IDS:
        raise ValueError(f'texts: "{word}" is no word of the vocabulary')
    return _IDS[word]
