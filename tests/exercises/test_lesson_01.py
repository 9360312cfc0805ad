"""Every checker of lesson 01: reference, another right form, stub, named mistakes."""

import numpy as np
import pytest
import torch
from torch.nn.functional import cross_entropy

from helpers.exercises.engine.core import Exercise, NotAttempted, Prediction, Wrong
from helpers.exercises.lesson_01.questions import EXERCISES, PREDICTIONS

BY_ID = {exercise.id: exercise for exercise in EXERCISES}


def stub(*args):
    """Do it."""
    ...


def padded(sequences, width, pad=0, left=False):
    rows = [list(s)[:width] for s in sequences]
    fill = [[pad] * (width - len(r)) for r in rows]
    both = zip(rows, fill, strict=True)
    return np.array([f + r if left else r + f for r, f in both])


def lengths_of(sequences):
    return [len(s) for s in sequences]


def longest(sequences):
    return max(map(len, sequences))


def boxes(images, size, stride, order="rows", flat="C"):
    top = range(0, images.shape[1] - size + 1, stride)
    left = range(0, images.shape[2] - size + 1, stride)
    places = [(i, j) for i in top for j in left]
    if order == "columns":
        places = [(i, j) for j in left for i in top]
    cut = [images[:, i : i + size, j : j + size] for i, j in places]
    return [np.stack([c.ravel(flat) for c in piece]) for piece in cut]


def each_loss(logits, targets):
    return torch.stack(
        [cross_entropy(x, y, reduction="none") for x, y in zip(logits, targets)]  # noqa: B905
    )


def real(targets, lengths):
    return torch.arange(targets.shape[1])[None] < lengths[:, None]


def sliding(series, length, horizon, start=0, drop=0):
    count = len(series) - length - horizon + 1 - drop
    x = np.array([series[i : i + length] for i in range(count)])
    y = np.array(
        [series[i + length + start :][:horizon] for i in range(count)], dtype=object
    )
    return x, np.array([list(row) + [0.0] * (horizon - len(row)) for row in y])


RIGHT_PLACES = {
    "sentiment": "many-to-one",
    "driving": "aligned",
    "translation": "unaligned",
    "speech to text": "unaligned",
    "music generation": "one-to-many",
    "forecast of 12 values": "unaligned",
    "extractive answers": "aligned",
    "DNA: gene or not, each base": "aligned",
}


def alternative_loss(logits, targets, lengths):
    total, count = 0.0, 0
    for b, n in enumerate(lengths.tolist()):
        for t in range(n):
            total = total + cross_entropy(logits[b, t], targets[b, t])
            count += 1
    return total / count


ALTERNATIVES = {
    "01.1": lambda s, pad=0: (padded(s, longest(s), pad).tolist(), lengths_of(s)),
    "01.2": lambda o, n: torch.stack([x[k - 1] for x, k in zip(o, n, strict=True)]),
    "01.3": lambda im, size, stride: (
        torch.tensor(im)
        .unfold(1, size, stride)
        .unfold(2, size, stride)
        .flatten(3)
        .flatten(1, 2)
    ),
    "01.4": alternative_loss,
    "01.5": lambda s, length, horizon: sliding(s, length, horizon),
    "01.6": lambda y, bos: torch.nn.functional.pad(y, (1, 0), value=bos)[:, :-1],
    "01.7": RIGHT_PLACES,
}

MISTAKES = [
    ("01.1", lambda s, pad=0: padded(s, longest(s), pad), "return two"),
    (
        "01.1",
        lambda s, pad=0: (padded(s, longest(s), pad, left=True), lengths_of(s)),
        "on the left",
    ),
    (
        "01.1",
        lambda s, pad=0: (padded(s, longest(s), pad), [longest(s)] * len(s)),
        "counted after padding",
    ),
    (
        "01.1",
        lambda s, pad=0: (padded(s, min(map(len, s)), pad), lengths_of(s)),
        "to the shortest",
    ),
    (
        "01.1",
        lambda s, pad=0: (padded(s, longest(s)), lengths_of(s)),
        "always pad with 0",
    ),
    ("01.2", lambda o, n: o[:, -1], "last column"),
    (
        "01.2",
        lambda o, n: o[torch.arange(3), n.clamp(max=3)],
        "one step late",
    ),
    ("01.2", lambda o, n: o[torch.arange(3), n], "IndexError"),
    ("01.2", lambda o, n: o[:, n - 1], "pair place i with sequence i"),
    (
        "01.3",
        lambda im, size, stride: np.stack(boxes(im, size, size), 1),
        "do not overlap",
    ),
    (
        "01.3",
        lambda im, size, stride: np.stack(
            [b.reshape(-1, 4, 4) for b in map(np.asarray, boxes(im, size, stride))], 1
        ),
        "still a square",
    ),
    (
        "01.3",
        lambda im, size, stride: np.stack(boxes(im, size, stride, "columns"), 1),
        "down the columns",
    ),
    (
        "01.3",
        lambda im, size, stride: np.stack(boxes(im, size, stride, flat="F"), 1),
        "transposed",
    ),
    (
        "01.3",
        lambda im, size, stride: np.stack(boxes(im, size, stride)),
        "batch first",
    ),
    ("01.4", lambda x, y, n: each_loss(x, y).mean(), "padding counts"),
    (
        "01.4",
        lambda x, y, n: (each_loss(x, y) * real(y, n)).mean(),
        "not out of the count",
    ),
    ("01.4", lambda x, y, n: each_loss(x, y)[real(y, n)].sum(), "the sum"),
    (
        "01.4",
        lambda x, y, n: ((each_loss(x, y) * real(y, n)).sum(1) / n).mean(),
        "averaged the three averages",
    ),
    ("01.5", lambda s, n, h: sliding(s, n, h, start=-1), "a leak"),
    ("01.5", lambda s, n, h: sliding(s, n, h, start=1), "skip one value"),
    ("01.5", lambda s, n, h: sliding(s, n, h, drop=1), "last window is missing"),
    ("01.5", lambda s, n, h: sliding(s, n, h, drop=-1), "no complete target"),
    (
        "01.5",
        lambda s, n, h: (sliding(s, n, h)[0], sliding(s, n, h)[1][:, 0]),
        "one value a window",
    ),
    ("01.5", lambda s, n, h: sliding(s, n, h)[0], "two arrays"),
    ("01.6", lambda y, bos: y, "the very token it must guess"),
    ("01.6", lambda y, bos: torch.roll(y, 1, 1), "came round to the front"),
    (
        "01.6",
        lambda y, bos: torch.nn.functional.pad(y, (1, 0), value=bos),
        "one step too long",
    ),
    ("01.6", lambda y, bos: y[:, :-1], "nothing to start from"),
    ("01.6", lambda y, bos: torch.roll(y, -1, 1), "to the left"),
    ("01.1", lambda s, pad=0: (lengths_of(s), padded(s, longest(s), pad)), "first"),
    ("01.2", lambda o, n: o[torch.arange(3), n - 2], "one step early"),
    ("01.2", lambda o, n: o[torch.arange(3), -n], "from the end"),
    ("01.2", lambda o, n: o[:, 0], "the first step"),
    ("01.2", lambda o, n: [x[:k] for x, k in zip(o, n, strict=True)], "all real"),
    (
        "01.3",
        lambda im, size, stride: np.stack(boxes(im[:, :-1, :-1], size, stride), 1),
        "last window of each row",
    ),
    ("01.3", lambda im, size, stride: np.stack(boxes(im, 4, 2), 1), "always use 4"),
    ("01.4", lambda x, y, n: each_loss(x, y)[y != 0].mean(), "tell padding by"),
    (
        "01.4",
        lambda x, y, n: each_loss(x, y)[real(y, n) & (y != 0)].mean(),
        "tell padding by",
    ),
    ("01.4", lambda x, y, n: each_loss(x, y)[real(y, n + 1)].mean(), "length - 1"),
    (
        "01.4",
        lambda x, y, n: (each_loss(x, y) * real(y, n)).sum(1) / n,
        "one number a sequence",
    ),
    (
        "01.4",
        lambda x, y, n: each_loss(x.softmax(-1), y)[real(y, n)].mean(),
        "does that itself",
    ),
    ("01.5", lambda s, n, h: sliding(s, n, h)[::-1], "targets first"),
    ("01.5", lambda s, n, h: [a[::n] for a in sliding(s, n, h)], "do not overlap"),
    (
        "01.5",
        lambda s, n, h: (sliding(s, n, h)[0], sliding(s, n, h)[1][:, -1:]),
        "one value a window",
    ),
    (
        "01.5",
        lambda s, n, h: (sliding(s, n, h)[0], sliding(s, n, n, 1 - n, 1 - h)[1][:4]),
        "moved by one",
    ),
    (
        "01.6",
        lambda y, bos: torch.cat([torch.full_like(y[:, :1], bos), y[:, 1:]], 1),
        "overwrote the first",
    ),
    (
        "01.6",
        lambda y, bos: torch.cat([torch.full_like(y[:1], bos), y[:-1]]),
        "axis 1",
    ),
    (
        "01.6",
        lambda y, bos: torch.nn.functional.pad(y, (1, 0), value=0)[:, :-1],
        "is fed 0",
    ),
    ("01.7", RIGHT_PLACES | {"driving": "many-to-one"}, "angle at once"),
    ("01.7", RIGHT_PLACES | {"translation": "aligned"}, "same number of words"),
    ("01.7", RIGHT_PLACES | {"extractive answers": "many-to-one"}, "two scores"),
    ("01.7", RIGHT_PLACES | {"sentiment": "many"}, "is no type"),
    ("01.7", list(RIGHT_PLACES), "give a dict"),
]


@pytest.mark.parametrize("id", BY_ID)
def test_the_reference_is_right(id):
    BY_ID[id].check(BY_ID[id].reference)


@pytest.mark.parametrize("id", BY_ID)
def test_another_right_form_is_right(id):
    BY_ID[id].check(ALTERNATIVES[id])


@pytest.mark.parametrize("id", [i for i in BY_ID if i != "01.7"])
def test_the_stub_is_not_attempted(id):
    with pytest.raises(NotAttempted):
        BY_ID[id].check(stub)


def test_places_left_open_are_not_attempted():
    with pytest.raises(NotAttempted, match="2 of 8"):
        BY_ID["01.7"].check(RIGHT_PLACES | {"driving": ..., "sentiment": ...})


@pytest.mark.parametrize(("id", "wrong", "words"), MISTAKES)
def test_a_mistake_is_named(id, wrong, words):
    with pytest.raises(Wrong, match=words):
        BY_ID[id].check(wrong)


def test_every_exercise_has_at_least_three_tested_mistakes_and_three_hints():
    for id, exercise in BY_ID.items():
        assert isinstance(exercise, Exercise)
        assert sum(m[0] == id for m in MISTAKES) >= 3, id
        assert len(exercise.hints) == 3, id


def test_predictions_have_a_word_for_every_option():
    assert len(PREDICTIONS) >= 3
    for item in PREDICTIONS:
        assert isinstance(item, Prediction)
        assert all(len(text) > 20 for text in item.feedback)
