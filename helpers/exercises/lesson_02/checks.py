"""How the exercises of lesson 02 are judged, each with its usual mistakes."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise, product

import numpy as np
import torch

from helpers.data.reviews import draw_reviews, parse
from helpers.exercises.engine.core import Wrong, call, close, same, shape_of
from helpers.exercises.lesson_02.answers import (
    bigrams,
    feedforward_parameters,
    masked_mean,
    recurrent_parameters,
    window,
)

__all__ = [
    "check_bigrams",
    "check_collision",
    "check_feedforward_parameters",
    "check_masked_mean",
    "check_recurrent_parameters",
    "check_window",
]


def check_bigrams(answer):
    texts = [review.words for review in draw_reviews(5, np.random.default_rng(21))]
    for words in [list("abaabcbc"), ["not", "bad"], *texts]:
        got, want = call(answer, words, unchanged=True), bigrams(words)
        _judge_bigrams(got, want, words)
    for words in (["good"], []):
        if call(answer, words) != {}:
            raise Wrong(f"{words} has no neighbours: return an empty dict for it")
    return "“not bad” and “not good” are now different features. “not … bad” is not."


def _judge_bigrams(got, want, words):
    if not isinstance(got, dict):
        kind = type(got).__name__
        raise Wrong(f"you return a {kind}; return a dict {{(word, next): count}}")
    if got == want:
        return
    text = " ".join(words)
    if any(isinstance(key, str | int) for key in got):
        raise Wrong("each key is one thing; make it a tuple of two: (word, next word)")
    if any(isinstance(key, frozenset | set) for key in got):
        raise Wrong("a set forgets which word comes first; use a tuple (word, next)")
    if got == dict(Counter(zip(words[::2], words[1::2], strict=False))):
        raise Wrong(
            f'in "{text}" you step two words at a time; each word but the last '
            "begins a pair"
        )
    if got == {pair: n + 1 for pair, n in want.items()}:
        raise Wrong(f'in "{text}" each pair is counted once too often: start from 0')
    if len(words) > 2 and got == bigrams(words[:-1]):
        raise Wrong(f'in "{text}" the last pair is missing: n words have n − 1 pairs')
    if len(words) > 2 and got == bigrams(words[1:]):
        raise Wrong(f'in "{text}" the first pair is missing: begin with the first word')
    if len(words) > 2 and got == dict(Counter(zip(words, words[2:], strict=False))):
        raise Wrong(f'in "{text}" you leave out the word between; pair neighbours')
    if got.keys() == set(product(words, repeat=2)):
        raise Wrong(f'in "{text}" you pair every word with every word; only neighbours')
    if got == dict.fromkeys(want, 1):
        raise Wrong(f'in "{text}" a pair occurs twice, and you count it once')
    if got == dict(Counter(tuple(sorted(p)) for p in pairwise(words))):
        raise Wrong("you sort the two words of a pair, and lose which comes first")
    if got == dict(Counter(zip(words, words[1:] + words[:1], strict=True))):
        raise Wrong("you pair the last word with the first one; they are no neighbours")
    if got == dict(Counter((b, a) for a, b in pairwise(words))):
        raise Wrong("your pairs are (next word, word); the word that comes first leads")
    odd = min((k for k in got | want if got.get(k) != want.get(k)), key=str)
    raise Wrong(f'"{text}": {odd} has {got.get(odd, 0)}, want {want.get(odd, 0)}')


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
    return "No model that only counts words can be right about both."


def check_window(answer):
    rng = np.random.default_rng(23)
    for k, n in [(3, 5), (5, 5), (5, 3), (1, 4), (4, 1), (7, 12)]:
        ids = rng.permutation(np.arange(1, 40))[:n].tolist()
        got, want = call(answer, ids, k, unchanged=True), window(ids, k)
        got = got.tolist() if hasattr(got, "tolist") else got
        if not isinstance(got, list | tuple):
            raise Wrong(f"you return a {type(got).__name__}; return a list of k ids")
        _judge_window(list(got), want, ids, k)
    return "Whatever stood before these k words is out of the model's reach for good."


def _judge_window(got, want, ids, k):
    if got == want:
        return
    case = f"of {ids} with k = {k} you make {got}"
    if len(ids) > k and got == ids[:k]:
        raise Wrong(f"{case}: these are the first words; the verdict comes last")
    if len(ids) < k and got == ids:
        raise Wrong(f"{case}: a net wants {k} inputs every time; fill up with zeros")
    if len(ids) < k and got == ids + [0] * (k - len(ids)):
        raise Wrong(f"{case}: put the zeros in front, so that the last word stays last")
    if got == want[::-1]:
        raise Wrong(f"{case}: the words are in reverse order")
    if len(ids) < k and got == [0] * (k - len(ids)) + ids[len(ids) - k :]:
        raise Wrong(
            f"{case}: with {len(ids)} ids, len(ids) - k is negative, and a slice that "
            "starts there counts from the end; ids[-k:] takes what there is"
        )
    if len(ids) < k and got == [0, *ids]:
        raise Wrong(f"{case}: {k - len(ids)} ids are missing, and you put one zero")
    if len(got) == k and got[k - len(ids) :] == ids and got[0] != 0:
        raise Wrong(f"{case}: the id of the padding is the number 0")
    if got == ([0] * k + ids)[-k - 1 : -1]:
        raise Wrong(f"{case}: the last id, {ids[-1]}, is missing")
    if len(got) != k:
        raise Wrong(f"{case}: the length is {len(got)}, want {k}")
    raise Wrong(f"{case}, want {want}")


def check_feedforward_parameters(answer):
    for length, vocab, hidden in [(3, 7, 5), (28, 48, 32), (5, 48, 8), (100, 11, 7)]:
        got = float(shape_of(call(answer, length, vocab, hidden), (), "your number"))
        want = feedforward_parameters(length, vocab, hidden)
        first, case = length * vocab * hidden, f"L, V, H = {length}, {vocab}, {hidden}"
        known = {
            first
            + hidden: f"for {case} this is the first layer alone, or both without "
            "biases; H biases are for the units, H weights and a bias for the score",
            want - 1: f"for {case} the bias of the score is missing",
            first: f"for {case} this is the big matrix alone; add its biases and the "
            "second layer",
            vocab * hidden + 2 * hidden + 1: f"for {case} you count one word's "
            "weights; every one of the L positions has its own",
            first + hidden + 1: f"for {case} a layer is missing: H weights lead from "
            "the hidden units to the score, and H biases belong to the units",
            want - first + (length + vocab) * hidden: f"for {case} you add L and V; "
            "each position has V inputs, so that there are L·V of them",
            want + (length - 1) * hidden: f"for {case} a hidden unit has one bias, not "
            "one for each position",
            want - length * hidden: f"for {case} the padding has a column as well, "
            "always 0, but its weights are there",
            first + hidden + hidden * vocab + vocab: f"for {case} the score is one "
            "number, not one for each of the V words",
            length * hidden + 2 * hidden + 1: f"for {case} a word is not one number "
            "but a one-hot vector of V numbers",
            first + hidden + hidden * hidden + hidden: f"for {case} the score is one "
            "number: the second layer is H × 1, not H × H",
        }
        if got != want:
            raise Wrong(known.get(got, f"for {case} you count {got:g}, want {want:,}"))
    return "Twice the length, about twice the parameters."


def check_recurrent_parameters(answer):
    for vocab, hidden in [(3, 4), (48, 32), (11, 7)]:
        got = float(shape_of(call(answer, vocab, hidden), (), "your number"))
        want = recurrent_parameters(vocab, hidden)
        square, case = hidden * hidden, f"V = {vocab}, H = {hidden}"
        known = {
            want - hidden: "torch keeps two biases a step, one beside each matrix",
            want - 2 * hidden: "the 2·H biases of the recurrent step are missing",
            want - square: "the H × H matrix from the old state to the new one is "
            "missing: it is what makes the net recurrent",
            want - square - hidden: "the H × H matrix from the old state to the new "
            "one is missing, and one of torch's two biases",
            want - hidden - 1: "H + 1 are missing: either the last layer, H weights "
            "and a bias, or one bias of the step and the bias of the score",
            want - 1: "the bias of the score is missing",
            want - 2 * hidden - 1: "2·H + 1 are missing: the step has two biases of H "
            "each, the last layer H weights and a bias",
            want
            - 3 * hidden
            - 1: "these are the two matrices of the step; add its two "
            "biases and the last layer",
            want - 2 * hidden + 2: "a bias is not one number: each has one for each of "
            "the H units",
            want + (hidden + 1) * (vocab - 1): "the score is one number, not one for "
            "each of the V words",
        }
        if got != want:
            fallback = f"you count {got:g}, want {want:,}"
            raise Wrong(f"for {case}: {known.get(got, fallback)}")
    return "No L anywhere: a text of any length uses the same weights."


def check_masked_mean(answer):
    weight = "an id says which word it is, not how much it weighs; use ids > 0"
    generator = torch.Generator().manual_seed(25)
    for batch, length, size in [(3, 5, 4), (4, 7, 2), (1, 6, 3)]:
        x = torch.randn(batch, length, size, generator=generator)
        ids = torch.randint(1, 9, (batch, length), generator=generator)
        for row in range(batch):
            ids[row, 2 + row :] = 0
        got = call(answer, x, ids, unchanged=True)
        want = masked_mean(x, ids)
        count = (ids > 0).sum(1, keepdim=True)
        empty, weighted = (ids == 0).unsqueeze(2), x * ids.unsqueeze(2)
        known = [
            (x.mean(1), "you divide by L and add the padding in: average over the "
             "real words only, those whose id is above 0, whatever x holds there"),
            ((x * empty).sum(1) / empty.sum(1), "this is the mean over the padding; "
             "the mask is the wrong way round"),
            (weighted.sum(1) / count, weight),
            (weighted.sum(1) / ids.sum(1, keepdim=True), weight),
            (want * count / ids.sum(1, keepdim=True), "you divide by the sum of the "
             "ids; divide by how many of them are above 0"),
            (want * count / count[0], "you divide every text by the length of the "
             "first one; each has its own"),
            (x.sum(1) / count, "you divide by the number of real words, but the sum "
             "still holds the padded places; multiply them by 0 first"),
            (want * count / length, "the sum is right; divide by the number of real "
             "words, not by L"),
            (want * count, "this is the sum; divide it by the number of real words"),
            (want * count / count.sum(), "you divide by the real words of the whole "
             "batch; each text has its own number"),
        ]  # fmt: skip
        for wrong, words in known:
            if same(got, wrong, 1e-5) and not same(want, wrong, 1e-5):
                raise Wrong(words)
        close(got, want, 1e-5, "the mean")
    return "However far a text is padded, its mean stays what it is."
