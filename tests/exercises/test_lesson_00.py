"""Lesson 00: its exercise, its predictions, and its explorer."""

import itertools

import numpy as np
import pytest
import torch

from helpers.exercises import check
from helpers.exercises.engine.verdicts import CheckFailed
from helpers.exercises.lesson_00.questions import EXERCISES, PREDICTIONS, running_total
from helpers.explore.start import SENTENCE, explore_memory


def stub(xs):
    """Return the totals after the first, the second, … and the last number of xs."""
    ...


def restarts(xs):
    totals = []
    for x in xs:
        h = 0
        h = h + x
        totals.append(h)
    return totals


def too_early(xs):
    totals, h = [], 0
    for x in xs:
        totals.append(h)
        h = h + x
    return totals


def with_start(xs):
    return [0, *itertools.accumulate(xs)]


def means(xs):
    return [sum(xs[: i + 1]) / (i + 1) for i in range(len(xs))]


def in_place(xs):
    for i in range(1, len(xs)):
        xs[i] += xs[i - 1]
    return xs


def in_an_array(xs):
    h = np.zeros(len(xs) + 1, dtype=np.float32)
    for i, x in enumerate(xs):
        h[i + 1] = h[i] + x
    return h[1:]


def from_the_first(xs):
    totals = [xs[0]]
    for x in xs[1:]:
        totals.append(totals[-1] + x)
    return totals


@pytest.mark.parametrize(
    "answer",
    [
        running_total,
        np.cumsum,
        lambda xs: list(itertools.accumulate(xs)),
        lambda xs: torch.cumsum(torch.tensor(xs), 0),
        lambda xs: [sum(xs[: i + 1]) for i in range(len(xs))],
        lambda xs: tuple(np.float32(t) for t in np.cumsum(xs)),
        lambda xs: np.tril(np.ones((len(xs), len(xs)))) @ np.asarray(xs),
        in_an_array,
    ],
)
def test_right_in_any_form(answer, capsys):
    check("00.1", answer)
    assert "✓ 00.1 — right." in capsys.readouterr().out


def test_the_stub_is_not_attempted(capsys):
    check("00.1", stub)
    assert "○ 00.1 — not attempted yet" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (restarts, "the state starts anew at each step"),
        (lambda xs: xs, "the state starts anew"),
        (sum, "the last total only"),
        (too_early, "the state before the update"),
        (lambda xs: list(np.cumsum(xs[::-1])), "run backwards"),
        (with_start, r"has shape \(4,\), want \(3,\)"),
        (means, r"at \[2\] it is 2, it should be 6"),
        (lambda xs: xs.sort(), "returned None"),
        (itertools.accumulate, "you return an iterator"),
        (lambda xs: list(np.cumsum(xs)) or [0], "should be empty"),
        (in_place, "changes its argument `xs` in place"),
        (
            from_the_first,
            r"raised IndexError.*for `xs` = \[\]",
        ),
        (lambda xs: [int(t) for t in np.cumsum(xs)], r"at \[2\] it is 3, it should"),
        (lambda xs: np.cumsum(np.array(xs, dtype=int)), "wrong values"),
        (lambda xs: np.cumprod(xs), "wrong values"),
        (lambda xs: np.maximum.accumulate(xs), "wrong values"),
        (lambda xs: [xs[0] + xs[i] for i in range(len(xs))], "wrong values"),
    ],
)
def test_a_mistake_is_named(answer, words):
    with pytest.raises(CheckFailed, match=words):
        check("00.1", answer)


def test_the_answers_of_the_predictions_are_true():
    assert len(EXERCISES) == 1
    assert [p.id for p in PREDICTIONS] == ["00.p1", "00.p2", "00.p3"]
    assert sorted(["dog", "bites", "man"]) == sorted(["man", "bites", "dog"])
    words = SENTENCE.split()
    assert len(words) - 1 - words.index("France") == 20
    assert round(0.9**20, 2) == 0.12
    assert round(0.9**7, 2) == 0.48
    assert "12 %" in PREDICTIONS[1].options[PREDICTIONS[1].answer]


def test_the_explorer_says_what_is_left():
    live = explore_memory()
    assert live.reading == "20 steps after it was read, “France” counts 12.2 %."
    frames = {kept: live.frame(kept=kept) for kept in (0.0, 0.5, 0.97, 1.0)}
    assert len(set(frames.values())) == 4
    assert live.reading.endswith("counts 100 %.")
    live.controls["kept"].value = 0.97
    assert live.reading.endswith("counts 54.4 %.")
    assert live.note == ""


def test_the_bars_are_powers_of_what_is_kept():
    live = explore_memory("a b c", "a")
    live.frame(kept=0.5)
    bars, veil = live.painter.fig.axes[0].collections
    tops = [path.vertices[:, 1].max() for path in bars.get_paths()]
    assert tops == [0.25, 0.5, 1.0]
    assert np.allclose(veil.get_alpha(), 0.88 * (1 - np.array(tops)))


@pytest.mark.parametrize(
    ("args", "words"), [(("one", "one"), "two words"), (("a b", "c"), "word: got 'c'")]
)
def test_odd_sentences_are_refused(args, words):
    with pytest.raises(ValueError, match=words):
        explore_memory(*args)
