"""Every checker of lesson 02: reference, another right form, stub, named mistakes."""

import itertools
from collections import Counter, defaultdict, deque

import numpy as np
import pytest
import torch
from single import KINDS, in_float32

from helpers.exercises.engine.core import Exercise, NotAttempted, Prediction, Wrong
from helpers.exercises.lesson_02.questions import EXERCISES, PREDICTIONS
from helpers.nets.feedforward import Feedforward, Recurrent

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


def bigrams_of_columns(words):
    counts = {}
    for pair in zip(words[:-1], words[1:], strict=True):  # noqa: RUF007
        counts[pair] = counts.setdefault(pair, 0) + 1
    return counts


def bigrams_by_asking(words):
    pairs = [(words[i], words[i + 1]) for i in range(len(words) - 1)]
    return {pair: pairs.count(pair) for pair in set(pairs)}


def bigrams_in_numpy(words):
    pairs = list(itertools.pairwise(words))
    each = dict.fromkeys(pairs, np.int64(0))
    for pair in pairs:
        each[pair] = each[pair] + np.int64(1)
    return each


def window_otherwise(ids, k):
    return ([0] * k + ids)[len(ids) :]


def window_from_the_end(ids, k):
    row = np.zeros(k)
    for place, word in enumerate(reversed(ids[-k:]), 1):
        row[-place] = word
    return row


def window_in_torch(ids, k):
    last = torch.tensor(ids[-k:])
    return torch.nn.functional.pad(last, (k - len(last), 0))


def window_by_steps(ids, k):
    kept = [*ids]
    while len(kept) < k:
        kept.insert(0, 0)
    return tuple(kept[len(kept) - k :])


def window_that_slides(ids, k):
    places = deque([0] * k, maxlen=k)
    for word in ids:
        places.append(word)
    return places


def dense_otherwise(length, vocab, hidden):
    net = [torch.nn.Linear(length * vocab, hidden), torch.nn.Linear(hidden, 1)]
    return sum(p.numel() for layer in net for p in layer.parameters())


def recurrent_otherwise(vocab, hidden):
    net = [torch.nn.RNN(vocab, hidden), torch.nn.Linear(hidden, 1)]
    return sum(p.numel() for layer in net for p in layer.parameters())


def built(cls):
    return lambda *sizes: sum(p.numel() for p in cls(*sizes).parameters())


def mean_otherwise(x, ids):
    return torch.stack(
        [row[real].mean(0) for row, real in zip(x, ids > 0, strict=True)]
    )


def mean_by_product(x, ids):
    share = (ids > 0) / (ids > 0).sum(1, keepdim=True)  # (B, L), rows add up to 1
    return (share[:, None] @ x)[:, 0]


def mean_in_numpy(x, ids):
    x, real = x.numpy(), ids.numpy() > 0
    return np.array([x[b][real[b]].mean(axis=0) for b in range(len(x))])


def mean_in_lists(x, ids):
    means = []
    for row, words in zip(x.tolist(), ids.tolist(), strict=True):
        real = [vector for vector, word in zip(row, words, strict=True) if word]
        means.append([sum(column) / len(real) for column in zip(*real, strict=True)])
    return means


def mean_masked_array(x, ids):
    hidden = np.broadcast_to((ids == 0).numpy()[:, :, None], x.shape)
    return np.ma.array(x.numpy(), mask=hidden).mean(1).data


def mean_where(x, ids):
    empty = (ids == 0).unsqueeze(-1)
    return torch.nanmean(x.masked_fill(empty, float("nan")), dim=1)


def mean_einsum(x, ids):
    real = ids.gt(0).double()
    return torch.einsum("bl,bld->bd", real, x.double()) / real.sum(1)[:, None]


RIGHT = {
    "02.1": [
        ("The soup was good, but the tea was not bad.",
         "the soup was bad but the tea was not good"),
        ("the soup was bad but the tea was good",
         "the soup was good but the tea was bad"),
        ("The tea was not really not good but the view was bad.",
         "the tea was not really not bad but the view was good"),
        ("honestly the view was superb but the cake was not to me dull",
         "honestly the view was dull but the cake was not to me superb"),
        ("the soup was bad but the tea was good but the cake was not great",
         "the soup was good but the tea was great but the cake was not bad"),
    ],
    "02.2": [
        bigrams_otherwise, bigrams_of_columns, bigrams_by_asking, bigrams_in_numpy,
        lambda w: Counter(itertools.pairwise(w)),
        lambda w: Counter((w[i], w[i + 1]) for i in range(len(w) - 1)),
        lambda w: {p: float(n) for p, n in Counter(zip(w, w[1:])).items()},  # noqa: B905, RUF007
        lambda w: {p: torch.tensor(n) for p, n in Counter(zip(w, w[1:])).items()},  # noqa: B905, RUF007
    ],
    "02.3": [
        window_otherwise, window_from_the_end, window_in_torch, window_by_steps,
        window_that_slides,
        lambda ids, k: np.array(window_otherwise(ids, k)),
        lambda ids, k: np.pad(ids[-k:], (max(0, k - len(ids)), 0)),
        lambda ids, k: [*[0] * (k - len(ids)), *ids[max(0, len(ids) - k) :]],
        lambda ids, k: [np.int64(i) for i in window_otherwise(ids, k)],
        lambda ids, k: [ids[i] if i >= 0 else 0 for i in range(len(ids) - k, len(ids))],
        lambda ids, k: torch.tensor(window_otherwise(ids, k), dtype=torch.float32),
        lambda ids, k: list(torch.tensor(window_otherwise(ids, k))),
        lambda ids, k: window_otherwise(ids, k)[:],
    ],
    "02.4": [
        dense_otherwise, built(Feedforward),
        lambda n, v, h: n * v * h + 2 * h + 1,
        lambda n, v, h: (n * v + 1) * h + (h + 1),
        lambda n, v, h: h * (n * v + 2) + 1,
        lambda n, v, h: float(n * v * h + 2 * h + 1),
        lambda n, v, h: np.int64(n * v * h + 2 * h + 1),
        lambda n, v, h: np.float32(n * v * h + 2 * h + 1),
        lambda n, v, h: torch.tensor(n * v * h + 2 * h + 1),
        lambda n, v, h: sum(h for _ in range(n * v)) + h + h + 1,
        lambda n, v, h: np.prod([n, v, h]) + np.sum([h, h, 1]),
    ],
    "02.5": [
        recurrent_otherwise, built(Recurrent),
        lambda v, h: v * h + h**2 + h + h + h + 1,
        lambda v, h: (v + h + 2) * h + h + 1,
        lambda v, h: h * (v + h + 3) + 1,
        lambda v, h: sum([v * h, h * h, 2 * h, h, 1]),
        lambda v, h: np.float32(v * h + h * h + 3 * h + 1),
        lambda v, h: torch.tensor(float(v * h + h * h + 3 * h + 1)),
        lambda v, h: np.int32(v * h + h * h + 3 * h + 1),
        lambda v, h: sum(a * b for a, b in [(v, h), (h, h), (2, h), (h, 1), (1, 1)]),
    ],
    "02.6": [
        mean_otherwise, mean_by_product, mean_in_numpy, mean_in_lists, mean_where,
        mean_masked_array, mean_einsum,
        lambda x, ids: list(mean_otherwise(x, ids)),
        lambda x, ids: [mean_otherwise(x, ids)[b].tolist() for b in range(len(ids))],
        lambda x, ids: (x * (ids != 0).unsqueeze(2)).sum(1) / (ids != 0).sum(1, True),
        lambda x, ids: (x * ids.clamp(max=1)[..., None]).sum(1)
        / ids.clamp(max=1).sum(1)[:, None],
        lambda x, ids: mean_otherwise(x, ids).double().numpy(),
    ],
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
    ("02.1", ("the tea was not good but the view was really good",
              "the tea was really good but the view was not good"),
     "“not” moves: in the first it is word 4, in the second word 10"),
    ("02.1", ("", GOOD), "first: "),
    ("02.1", ([GOOD], [BAD]), "of type list"),
    ("02.1", (GOOD, ...), "second is still open"),
    ("02.1", ("the soup was good but the tea was bad",
              "the soup was bad, bad but the tea was good"), "is no claim"),
    ("02.1", ("the soup was not good but the tea was bad",
              "the soup was bad but the tea was not good"), "both verdicts are bad"),
    ("02.2", (lambda w: {p: min(2, n) for p, n in bigrams_otherwise(w).items()},),
     "no further than 2"),
    ("02.2", (lambda w: pairs([*dict.fromkeys(w)], lambda a, b: (a, b)),),
     "each word once"),
    ("02.2", (lambda w: {(a, b): n for (a, b), n in bigrams_otherwise(w).items()
                         if a != b},), "followed by itself"),
    ("02.2", (lambda w: {p: n / max(1, len(w) - 1)
                         for p, n in bigrams_otherwise(w).items()},), "is divided"),
    ("02.2", (lambda w: {p: " ".join(w).count(" ".join(p)) for p in zip(w, w[1:])},),  # noqa: B905, RUF007
     "count in a joined text"),
    ("02.2", (lambda w: {p: [n] for p, n in bigrams_otherwise(w).items()},),
     "is a list; give a number"),
    ("02.2", (lambda w: {p: np.arange(3) for p in bigrams_otherwise(w)},),
     "is a ndarray; give a number"),
    ("02.2", (lambda w: {p: str(n) for p, n in bigrams_otherwise(w).items()},),
     "is a str; give a number"),
    ("02.2", (lambda w: {},), r"\('a', 'a'\) is missing, want 1"),
    ("02.2", (lambda w: Counter(zip(w, w[1:], w[2:])),), "is no pair"),  # noqa: B905
    ("02.2", (lambda w: Counter(zip(w, w[1:])) if len(w) > 1 else {("", ""): 0},),  # noqa: B905, RUF007
     "return an empty dict"),
    ("02.2", (lambda w: pairs(sorted(w), lambda a, b: (a, b)),), "has 4, want 1"),
    ("02.2", (lambda w: w.pop() and bigrams_otherwise(w),), "in place"),
    ("02.2", (lambda w: len(w) - 1,), "return a int; return a dict"),
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
    ("02.3", (lambda ids, k: window_otherwise([*dict.fromkeys(ids)], k),),
     "as often as it occurs"),
    ("02.3", (lambda ids, k: window_otherwise([*dict.fromkeys(ids[-k:])], k),),
     "as it stands"),
    ("02.3", (lambda ids, k: window_otherwise(sorted(ids), k),), "you sort"),
    ("02.3", (lambda ids, k: [0] * (k - len(ids)) + ids[:k],), "these are the first"),
    ("02.3", (lambda ids, k: [window_otherwise(ids, k)],), "rows of its own"),
    ("02.3", (lambda ids, k: (i for i in window_otherwise(ids, k)),), "a generator"),
    ("02.3", (lambda ids, k: str(window_otherwise(ids, k)),), "return a str"),
    ("02.3", (lambda ids, k: [1] * (k - len(ids)) + ids[-k:],), "the number 0"),
    ("02.3", (lambda ids, k: [0] * (k - len(ids)) + ids,), "length is 5, want 3"),
    ("02.3", (lambda ids, k: [*window_otherwise(ids, k)[1:], ids[-1]],), ", want "),
    ("02.3", (lambda ids, k: ids.insert(0, 0) or window_otherwise(ids, k),),
     "in place"),
    ("02.4", (lambda n, v, h: n * v * h + h + 2,), "a bias is not one number"),
    ("02.4", (lambda n, v, h: n * v * h + h * h + 2 * h + 1,), "no state is handed"),
    ("02.4", (lambda n, v, h: 1j * n * v * h,), "complex"),
    ("02.4", (lambda n, v, h: [n * v * h + 2 * h + 1],), "axis of length 1"),
    ("02.4", (lambda n, v, h: "many",), "is a str"),
    ("02.4", (lambda n, v, h: (n * v * h + h, h + 1),), r"has shape \(2,\)"),
    ("02.4", (lambda n, v, h: 7 * n * v * h + 4,), "you count 739, want 116"),
    ("02.4", (lambda n, v, h: 116,), "28, 48, 32 you count 116, want 43,073"),
    ("02.5", (lambda v, h: 31 + h - h,), "3, 4 you count 31, want 41"),
    ("02.5", (lambda v, h: float("nan"),), "you count nan"),
    ("02.5", (lambda v, h: (v + h) * h,), "two matrices of the step"),
    ("02.5", (lambda v, h: [v * h, h * h, 2 * h, h + 1],), "shape"),
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
    ("02.6", (lambda x, ids: torch.stack(
        [row[:n].mean(0) for row, n in zip(x, (ids > 0).sum(1).tolist())]),),  # noqa: B905
     "padding may stand in front"),
    ("02.6", (lambda x, ids: torch.nan_to_num((x * (ids > 0).cumprod(1)[:, :, None])
              .sum(1) / (ids > 0).cumprod(1).sum(1, True)),), "first padding"),
    ("02.6", (lambda x, ids: mean_otherwise(x, ids - 1),), "an id of 1 is a word"),
    ("02.6", (lambda x, ids: (x * (ids > 0)[:, :, None]).sum(1)
              / (ids > 0).sum(1).max(),), "longest text"),
    ("02.6", (lambda x, ids: mean_otherwise(x, ids).mean(1, True).expand(
        -1, x.shape[2]),), "average over D"),
    ("02.6", (lambda x, ids: mean_otherwise(x, ids).mean(0),), "shape"),
    ("02.6", (lambda x, ids: x[ids > 0].mean(0).expand(len(x), -1),), "wrong values"),
    ("02.6", (lambda x, ids: mean_otherwise(x, ids).T,), "lies on its side"),
    ("02.6", (lambda x, ids: x.mul_((ids > 0)[:, :, None]).sum(1) / 2,), "in place"),
    ("02.6", (lambda x, ids: x[:, -1],), "wrong values"),
    ("02.6", (lambda x, ids: (x * (ids > 0)[:, :, None]).median(1).values,),
     "wrong values"),
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


@pytest.mark.parametrize(
    ("id", "answer"), [(id, a) for id, answers in RIGHT.items() for a in answers]
)
def test_another_right_form_passes(id, answer):
    assert RIGHT.keys() == BY_ID.keys()
    run(id, *(answer if id == "02.1" else (answer,)))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("id", ["02.3", "02.4", "02.5", "02.6"])
def test_a_right_answer_in_float32_passes(id, kind):
    def floats(*given):
        return np.asarray(BY_ID[id].reference(*given), dtype=float)

    for answer in (BY_ID[id].reference, floats):
        run(id, in_float32(answer, kind))


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
