"""Short stories with a question whose answer is a piece of the story.

    event = NAME "went to the" [ADJECTIVE] PLACE "." | NAME "took the" THING "."

"where is NAME ?" is answered by the place of that name's last journey, "who has the
THING ?" by the one who took it last: *extractive* question answering. Names are made of
two syllables, so that the test can have names that no training story holds.
"""

from __future__ import annotations

from itertools import product
from typing import NamedTuple

import numpy as np
import torch

from helpers.guards import want_sizes

__all__ = ["KNOWN", "PAD", "UNKNOWN", "Story", "draw_stories", "encode", "name_pools"]

PAD, UNKNOWN = "<pad>", "<unknown>"
THINGS = ("key", "lamp", "book", "ball", "map", "coin", "cup", "ring")
PLACES = ("kitchen", "garden", "tower", "library", "cellar", "market")
ADJECTIVES = ("old", "small", "red")
KNOWN = (
    PAD, UNKNOWN, "where", "is", "who", "has", "?", "the", "went", "to", "took", ".",
    *THINGS, *PLACES, *ADJECTIVES,
)  # fmt: skip
LINKS = {"the", "?", "where", "is", "who", "has", "."}


class Story(NamedTuple):
    """words and question: lists; the answer is words[start : end + 1]."""

    words: list
    question: list
    start: int
    end: int

    @property
    def answer(self):
        return " ".join(self.words[self.start : self.end + 1])

    @property
    def sentences(self):
        """(first, last) of each sentence, its full stop left out."""
        stops = [i for i, word in enumerate(self.words) if word == "."]
        firsts = [0, *(stop + 1 for stop in stops)]
        return [(a, b - 1) for a, b in zip(firsts, stops, strict=False)]


def name_pools(rng, n=100):
    """Return two lists of n names each, none in both: for training and for the test."""
    want_sizes(n=n)
    syllables = ["".join(pair) for pair in product("bdfgklmnprstvz", "aeiou")]
    names = ["".join(pair) for pair in product(syllables, repeat=2)]
    drawn = rng.permutation(names)[: 2 * n].tolist()
    return drawn[:n], drawn[n:]


def draw_stories(n, names, rng, events=(3, 6)):
    """Return n Stories of 3 of the names; events: fewest and most sentences."""
    want_sizes(n=n)
    if len(names) < 3:
        raise ValueError(f"names: got {len(names)}, want at least three")
    return [_story(names, rng, events) for _ in range(n)]


def _story(names, rng, events):
    people, things = (rng.choice(x, 3, replace=False) for x in (names, THINGS))
    words, found = [], {}
    for _ in range(rng.integers(events[0], events[1] + 1)):
        name = str(rng.choice(people))
        if rng.random() < 0.5:
            nouns = [str(rng.choice(PLACES))]
            if rng.random() < 0.5:
                nouns = [str(rng.choice(ADJECTIVES)), *nouns]
            words += [name, "went", "to"]
            span = (len(words), len(words) + len(nouns))
            found["where", "is", name, "?"] = span
            words += ["the", *nouns, "."]
        else:
            thing = str(rng.choice(things))
            found["who", "has", "the", thing, "?"] = (len(words), len(words))
            words += [name, "took", "the", thing, "."]
    questions = list(found)
    question = questions[rng.integers(len(questions))]
    return Story(words, list(question), *found[question])


def encode(stories, vocabulary):
    """Return ids (N, T), match (N, T), question (N, 5), spans (N, 2), as tensors.

    match: 1.0 where a word of the story also stands in its question, other than the
    small words that every question has. A word outside the vocabulary is UNKNOWN.
    """
    ids_of = {word: i for i, word in enumerate(vocabulary)}
    unknown = ids_of[UNKNOWN]
    T = max(len(story.words) for story in stories)
    ids, match = np.zeros((len(stories), T), np.int64), np.zeros((len(stories), T))
    question = np.zeros((len(stories), 5), np.int64)
    for k, story in enumerate(stories):
        asked = set(story.question) - LINKS
        ids[k, : len(story.words)] = [ids_of.get(w, unknown) for w in story.words]
        match[k, : len(story.words)] = [w in asked for w in story.words]
        codes = [ids_of.get(w, unknown) for w in story.question]
        question[k, : len(codes)] = codes
    spans = torch.tensor([[story.start, story.end] for story in stories])
    match = torch.from_numpy(match.astype(np.float32))
    return torch.from_numpy(ids), match, torch.from_numpy(question), spans
