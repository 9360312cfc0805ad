"""Sentences of a small grammar, with what a linguist would write beside each word.

A sentence has a subject, perhaps with relative clauses inside one another, a verb that
agrees with it, and sometimes an object. Five labels a word are known by construction.
"""

from __future__ import annotations

import numpy as np

from helpers.data.batching import pad_batch

__all__ = ["LABELS", "WORDS", "sentence", "treebank"]

# What each label asks about a word.
LABELS = {
    "word before": "which word stood just before it",
    "part of speech": "noun, verb, …: most words here can be noun or verb",
    "number": "which noun waits for its verb: a singular, a plural, or none (at an "
    "adverb: the number of the verb after it)",
    "depth": "how many relative clauses are open, 0 to 2",
    "topic": "kitchen, farm or office: one for the whole sentence, a matter of meaning",
}
PARTS = ("determiner", "noun", "verb", "that", "adverb", "end")
# A stem is a singular noun or a plural verb; with an s, a plural noun or singular verb.
STEMS = {
    "kitchen": ("cook", "drink", "taste", "peel", "stir"),
    "farm": ("plant", "milk", "farm", "water", "plough"),
    "office": ("file", "order", "print", "stamp", "copy"),
    "any": ("help", "watch", "love", "fear", "need"),
}
ADVERBS, LONGEST = ("often", "never", "now"), 24
PLAIN = [stem for stems in STEMS.values() for stem in stems]
WORDS = [".", "the", "one", "all", "that", *ADVERBS, *PLAIN, *(s + "s" for s in PLAIN)]


class _Speaker:
    """Says one sentence, word by word, and writes down the labels."""

    def __init__(self, rng):
        self.rng, self.topic = rng, int(rng.integers(3))
        self.said = {"words": [], **{label: [] for label in LABELS}}

    def maybe(self, p):
        return self.rng.random() < p

    def one_of(self, words):
        return words[self.rng.integers(len(words))]

    def stem(self):
        return self.one_of(list(STEMS.values())[self.topic if self.maybe(0.7) else 3])

    def say(self, word, part, depth, waiting):
        before = self.said["words"][-1] if self.said["words"] else "."
        self.said["words"].append(word)
        self.said["word before"].append(WORDS.index(before))
        self.said["part of speech"].append(PARTS.index(part))
        self.said["number"].append(waiting[-1] if waiting else 2)
        self.said["depth"].append(depth)
        self.said["topic"].append(self.topic)

    def noun_phrase(self, depth, waiting, is_subject):
        plural = int(self.maybe(0.5))
        article = "the" if self.maybe(0.5) else ("one", "all")[plural]
        self.say(article, "determiner", depth, waiting)
        waiting = [*waiting, plural] if is_subject else waiting
        self.say(self.stem() + "s" * plural, "noun", depth, waiting)
        if depth < 2 and self.maybe(0.4):
            self.relative_clause(depth + 1, waiting, plural)
        return plural

    def relative_clause(self, depth, waiting, plural):
        self.say("that", "that", depth, waiting)
        if self.maybe(0.5):  # … that stirs drinks
            self.verb_phrase(depth, waiting, plural)
        else:  # … that all cooks stir
            number = self.noun_phrase(depth, waiting, True)
            self.verb(depth, waiting, number)

    def verb(self, depth, waiting, plural):
        if self.maybe(0.2):
            self.say(self.one_of(ADVERBS), "adverb", depth, [*waiting, plural])
        self.say(self.stem() + "s" * (1 - plural), "verb", depth, waiting)

    def verb_phrase(self, depth, waiting, plural):
        self.verb(depth, waiting, plural)
        if self.maybe(0.5):
            self.noun_phrase(depth, waiting, False)


def sentence(rng: np.random.Generator) -> dict[str, list]:
    """Return {"words": a list, label: a list of whole numbers, …}, all of one length.

    `LABELS` names the labels; no sentence has more than 24 words.
    """
    while True:
        speaker = _Speaker(rng)
        number = speaker.noun_phrase(0, [], True)
        speaker.verb_phrase(0, [], number)
        speaker.say(".", "end", 0, [])
        if len(speaker.said["words"]) <= LONGEST:
            return speaker.said


def treebank(count: int, rng: np.random.Generator) -> tuple[np.ndarray, ...]:
    """Return (ids, lengths, labels): ids (N, T) into WORDS, padded with 0, lengths (N,)
    and a dict of label → (N, T)."""
    if count < 1:
        raise ValueError(f"count is {count}; at least one sentence is wanted")
    drawn = [sentence(rng) for _ in range(count)]
    ids, lengths = pad_batch([[WORDS.index(w) for w in s["words"]] for s in drawn])
    return (
        ids,
        lengths,
        {label: pad_batch([s[label] for s in drawn])[0] for label in LABELS},
    )
