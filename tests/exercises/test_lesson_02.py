"""Every checker of lesson 02: reference, another right form, stub, named mistakes."""

from collections import Counter, defaultdict

import pytest
import torch

from helpers.exercises.engine.core import Exercise, NotAttempted, Prediction, Wrong
from helpers.exercises.lesson_02.questions import EXERCISES, PREDICTIONS

BY_ID = {exercise.id: exercise for exercise in EXERCISES}
SWAPPED = "the tea was bad but the view was good"


def stub(*args):
    """Do it."""
    ...


def bigrams_otherwise(words):
    counts = defaultdict(int)
    for i in range(1, len(words)):
        counts[words[i - 1], words[i]] += 1
    return dict(counts)


def pairs(words, key, ends=None):
    return dict(Counter(key(a, b) for a, b in zip(words, ends or words[1:])))  # noqa: B905


def window_otherwise(ids, k):
    return ([0] * k + ids)[len(ids) :]


def dense_otherwise(length, vocab, hidden):
    net = [torch.nn.Linear(length * vocab, hidden), torch.nn.Linear(hidden, 1)]
    return sum(p.numel() for layer in net for p in layer.parameters())


def recurrent_otherwise(vocab, hidden):
    net = [torch.nn.RNN(vocab, hidden), torch.nn.Linear(hidden, 1)]
    return sum(p.numel() for layer in net for p in layer.parameters())


def mean_otherwise(x, ids):
    return torch.stack(
        [row[real].mean(0) for row, real in zip(x, ids > 0, strict=True)]
    )


RIGHT = {
    "02.1": ("The soup was good, but the tea was not bad.",
             "the soup was not good but the tea was bad"),
    "02.2": (bigrams_otherwise,),
    "02.3": (window_otherwise,),
    "02.4": (dense_otherwise,),
    "02.5": (recurrent_otherwise,),
    "02.6": (mean_otherwise,),
}  # fmt: skip

GOOD, BAD = "the soup was not good", "the soup was really good"
WRONG = [
    ("02.1", (GOOD, BAD), "not hold the same words: look at not"),
    ("02.1", (SWAPPED, SWAPPED), "same text"),
    ("02.1", ("the soup was bad but the tea was good",
              "the tea was bad but the soup was good"), "both verdicts are good"),
    ("02.1", ("the pizza was good", BAD), "does not know the word"),
    ("02.1", (GOOD, "the soup not was good"), "second: .* is no claim"),
    ("02.1", (0, 1), "write a text"),
    ("02.2", (lambda w: dict(Counter(w)),), "make it a tuple"),
    ("02.2", (lambda w: pairs(w, lambda a, b: f"{a} {b}"),), "make it a tuple"),
    ("02.2", (lambda w: pairs(w, lambda a, b: frozenset((a, b))),), "a set forgets"),
    ("02.2", (lambda w: pairs(w, lambda a, b: tuple(sorted((a, b)))),), "you sort"),
    ("02.2", (lambda w: dict(Counter(zip(w[::2], w[1::2]))),), "two words at a time"),  # noqa: B905
    ("02.2", (lambda w: dict.fromkeys(zip(w, w[1:]), 1),), "you count it once"),  # noqa: B905, RUF007
    ("02.2", (lambda w: pairs(w, lambda a, b: (b, a)),), "comes first leads"),
    ("02.2", (lambda w: pairs(w, lambda a, b: (a, b), w[1:] + w[:1]),), "last word"),
    ("02.2", (lambda w: list(zip(w, w[1:])),), "return a dict"),  # noqa: B905, RUF007
    ("02.2", (lambda w: {("a", "b"): 0, **bigrams_otherwise(w)},), r"has \S+, want"),
    ("02.2", (lambda w: {p: n + 1 for p, n in bigrams_otherwise(w).items()},),
     "start from 0"),
    ("02.2", (lambda w: bigrams_otherwise(w[:-1]),), "last pair is missing"),
    ("02.2", (lambda w: bigrams_otherwise(w[1:]),), "first pair is missing"),
    ("02.2", (lambda w: dict(Counter(zip(w, w[2:]))),), "the word between"),  # noqa: B905
    ("02.2", (lambda w: {(a, b): 1 for a in w for b in w},), "with every word"),
    ("02.2", (lambda w: dict(enumerate(zip(w, w[1:]))),), "make it a tuple"),  # noqa: B905, RUF007
    ("02.2", (lambda w: {p: n / len(w) for p, n in bigrams_otherwise(w).items()},),
     r"has \S+, want"),
    ("02.1", (..., GOOD), "first is still open"),
    ("02.3", (lambda ids, k: [0] * (k - len(ids)) + ids[len(ids) - k :],),
     "counts from the end"),
    ("02.3", (lambda ids, k: [0] * (len(ids) < k) + ids[-k:],), "you put one zero"),
    ("02.3", (lambda ids, k: ["<pad>"] * (k - len(ids)) + ids[-k:],), "the number 0"),
    ("02.3", (lambda ids, k: ([0] * k + ids)[-k - 1 : -1],), "last id, .* is missing"),
    ("02.3", (lambda ids, k: {*ids[-k:]},), "return a list of k ids"),
    ("02.3", (lambda ids, k: ids[:k] + [0] * (k - len(ids)),), "first words"),
    ("02.3", (lambda ids, k: ids[-k:],), "fill up with zeros"),
    ("02.3", (lambda ids, k: ids[-k:] + [0] * (k - len(ids)),), "zeros in front"),
    ("02.3", (lambda ids, k: window_otherwise(ids, k)[::-1],), "reverse order"),
    ("02.3", (lambda ids, k: [0, *window_otherwise(ids, k)],), "length is 4, want 3"),
    ("02.3", (lambda ids, k: ids[-1],), "you return a int"),
    ("02.3", (lambda ids, k: [*window_otherwise(ids, k)[:-1], 0],), "want"),
    ("02.4", (lambda n, v, h: n * v * h + h,), "first layer alone, or both"),
    ("02.4", (lambda n, v, h: n * v * h,), "big matrix alone"),
    ("02.4", (lambda n, v, h: v * h + 2 * h + 1,), "one word's weights"),
    ("02.4", (lambda n, v, h: n * h + 2 * h + 1,), "one-hot vector"),
    ("02.4", (lambda n, v, h: n * v * h + h + h * h + h,), "H × 1"),
    ("02.4", (lambda n, v, h: 1.5 * n,), "want"),
    ("02.4", (lambda n, v, h: n * v * h + 2 * h,), "bias of the score"),
    ("02.4", (lambda n, v, h: n * v * h + h + 1,), "a layer is missing"),
    ("02.4", (lambda n, v, h: (n + v) * h + 2 * h + 1,), "you add L and V"),
    ("02.4", (lambda n, v, h: n * (v + 1) * h + h + 1,), "one bias"),
    ("02.4", (lambda n, v, h: n * (v - 1) * h + 2 * h + 1,), "padding has a column"),
    ("02.4", (lambda n, v, h: n * v * h + h + h * v + v,), "not one for each"),
    ("02.5", (lambda v, h: v * h + h * h + 2 * h,), "one bias of the step"),
    ("02.5", (lambda v, h: v * h + h * h,), "two matrices of the step"),
    ("02.5", (lambda v, h: v * h + h * h + 2 + h + 1,), "a bias is not one number"),
    ("02.5", (lambda v, h: v * h + h * h + 2 * h + (h + 1) * v,), "not one for each"),
    ("02.5", (lambda v, h: v * h + h * h + 2 * h + 1,), "two biases a step"),
    ("02.5", (lambda v, h: v * h + h * h + h + 1,), "2·H biases"),
    ("02.5", (lambda v, h: v * h + 3 * h + 1,), "H × H matrix"),
    ("02.5", (lambda v, h: v * h + h * h + 2 * h,), "either the last layer"),
    ("02.5", (lambda v, h: v * h + h * h + 3 * h,), "bias of the score"),
    ("02.5", (lambda v, h: v * h + h * h + h,), "two biases of H"),
    ("02.6", (lambda x, ids: x.mean(1),), "add the padding in"),
    ("02.6", (lambda x, ids: x.sum(1) / (ids > 0).sum(1, keepdim=True),), "multiply"),
    ("02.6", (lambda x, ids: (x * (ids > 0)[:, :, None]).mean(1),), "not by L"),
    ("02.6", (lambda x, ids: (x * (ids > 0)[:, :, None]).sum(1),), "this is the sum"),
    ("02.6", (lambda x, ids: (x * (ids > 0)[:, :, None]).sum(1) / (ids > 0).sum(),),
     "the whole batch"),
    ("02.6", (lambda x, ids: x.sum(1) / (x != 0).sum(1),), "whatever x holds"),
    ("02.6", (lambda x, ids: mean_otherwise(x, ids == 0),), "wrong way round"),
    ("02.6", (lambda x, ids: (x * ids[:, :, None]).sum(1) / ids.sum(1)[:, None],),
     "how much it weighs"),
    ("02.6", (lambda x, ids: (x * ids[:, :, None]).sum(1)
              / (ids > 0).sum(1)[:, None],), "how much it weighs"),
    ("02.6", (lambda x, ids: (x * (ids > 0)[:, :, None]).sum(1) / ids.sum(1)[:, None],),
     "the sum of the ids"),
    ("02.6", (lambda x, ids: (x * (ids > 0)[:, :, None]).sum(1) / (ids[0] > 0).sum(),),
     "length of the first"),
    ("02.6", (lambda x, ids: mean_otherwise(x, ids)[:, :1],), "shape"),
    ("02.6", (lambda x, ids: x * (ids > 0),), "raised RuntimeError"),
]  # fmt: skip


def run(id, *answer):
    return BY_ID[id].check(*answer)


def reference(exercise):
    """The answer that the reference gives: for 02.1 the two texts that it returns."""
    return exercise.reference() if exercise.id == "02.1" else (exercise.reference,)


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda e: e.id)
def test_the_reference_passes(exercise):
    said = exercise.check(*reference(exercise))
    assert said
    assert said.endswith(".")


@pytest.mark.parametrize("id", RIGHT)
def test_another_right_form_passes(id):
    assert RIGHT.keys() == BY_ID.keys()
    run(id, *RIGHT[id])


@pytest.mark.parametrize("exercise", EXERCISES[1:], ids=lambda e: e.id)
def test_the_stub_is_not_attempted(exercise):
    with pytest.raises(NotAttempted):
        exercise.check(stub)


@pytest.mark.parametrize(("id", "answer", "words"), WRONG)
def test_mistakes_are_named(id, answer, words):
    with pytest.raises(Wrong, match=words):
        run(id, *answer)


def test_at_least_three_mistakes_of_each_are_known():
    assert all(n >= 3 for n in Counter(id for id, _, _ in WRONG).values())
    assert {id for id, _, _ in WRONG} == BY_ID.keys()


def test_items_are_complete():
    assert all(isinstance(e, Exercise) and len(e.hints) >= 2 for e in EXERCISES)
    assert [e.id for e in EXERCISES] == [f"02.{i}" for i in range(1, 7)]
    assert [p.id for p in PREDICTIONS] == [f"02.p{i}" for i in range(1, 5)]
    assert all(isinstance(p, Prediction) for p in PREDICTIONS)
    assert len({p.answer for p in PREDICTIONS}) > 1
