"""Tasks of two sequences: no leak, the same from the same generator, clear refusals."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from helpers.data import dates, numbers, parallel
from helpers.data.batching import Coder


def rng(seed=0):
    return np.random.default_rng(seed)


def answers(task, part):
    """The target texts of a part, as strings."""
    return [" ".join(task.target_coder.decode(row)) for row in getattr(task, part)[2]]


# --- German parts ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "parts"),
    [
        (0, "null"),
        (21, "ein und zwanzig"),
        (16, "sechzehn"),
        (677, "sechs hundert sieben und siebzig"),
        (101_001, "ein hundert eins tausend eins"),
        (1_000_030, "eine Million dreißig"),
        (1_944_025_746, "eine Milliarde neun hundert vier und vierzig Millionen "
         "fünf und zwanzig tausend sieben hundert sechs und vierzig"),
    ],
)  # fmt: skip
def test_german_numbers_fall_into_their_parts(number, parts):
    assert numbers.morphemes(number) == parts.split()


@given(st.integers(0, 10**12 - 1))
def test_no_letter_of_a_german_number_is_lost(number):
    parts = numbers.morphemes(number)
    assert "".join(parts) == "".join(numbers.words(number, "de"))
    assert set(parts) <= set(VOCABULARY.split())


VOCABULARY = """
null ein eins eine zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn
vierzehn fünfzehn sechzehn siebzehn achtzehn neunzehn zwanzig dreißig vierzig fünfzig
sechzig siebzig achtzig neunzig und hundert tausend Million Millionen Milliarde
Milliarden
"""


def test_different_numbers_are_different_and_below():
    for below, count in ((50, 50), (10**12, 3000), (2_000_001, 10)):
        chosen = numbers.different(rng(), below, count)
        assert len(set(chosen.tolist())) == count
        assert chosen.min() >= 0
        assert chosen.max() < below
        assert (chosen == numbers.different(rng(), below, count)).all()


def test_by_digits_holds_out_numbers_of_every_length():
    known, held = numbers.by_digits(rng(), 40, 10, longest=5)
    assert not set(known) & set(held)
    lengths = [np.bincount([len(str(n)) for n in part]) for part in (known, held)]
    assert lengths[0].tolist() == [0, 8, 40, 40, 40, 40]
    assert lengths[1].tolist() == [0, 1, 10, 10, 10, 10]
    assert (np.diff(known) < 0).any()  # not sorted by length


# --- tasks ----------------------------------------------------------------------------


def test_numbers_are_held_out_by_number():
    task = parallel.number_task(rng(), 700, 200, below=1000)
    train, test = answers(task, "train"), answers(task, "test")
    assert (len(train), len(test)) == (700, 200)
    assert not set(train) & set(test)
    assert len(set(train) | set(test)) == 900
    first = parallel.number_task(rng(), 700, 10, first=100, below=1000)
    assert all("hundert" in text for text in answers(first, "train"))


def test_dates_are_held_out_by_date_however_written():
    task = parallel.date_task(rng(), 2400, 100)
    train, test = answers(task, "train"), answers(task, "test")
    assert not set(train) & set(test)
    assert len(set(train) | set(test)) == 2500
    days = dates.draw(rng(), 300)
    known, unknown = dates.split([*days, *days, *days], 0.2)
    assert not set(known) & set(unknown)
    assert len(known) + len(unknown) == 300


@pytest.mark.parametrize("make", [parallel.number_task, parallel.date_task])
def test_the_generator_decides_the_task(make):
    a, b, c = (make(rng(seed), 2400, 20) for seed in (1, 1, 2))
    for x, y in zip(a.train + a.test, b.train + b.test, strict=True):
        assert torch.equal(x, y)
    assert a.source_coder.symbols == b.source_coder.symbols
    assert a.train[0].shape != c.train[0].shape or not torch.equal(
        a.train[0], c.train[0]
    )


def test_tensors_end_with_the_end_mark_and_know_their_lengths():
    coders = Coder("ab"), Coder(["x", "yy"])
    source, n, targets, m = parallel.as_tensors(
        [("ab", ["x"]), ("b", ["yy", "x"])], *coders
    )
    assert source.tolist() == [[3, 4], [4, 0]]
    assert n.tolist() == [2, 1]
    assert targets.tolist() == [[3, 2, 0], [4, 3, 2]]
    assert m.tolist() == [2, 3]


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (lambda: numbers.morphemes(10**12), "number is 1000000000000"),
        (lambda: numbers.morphemes(-1), "number is -1"),
        (lambda: numbers.different(rng(), 5, 6), "count is 6; there are 5"),
        (lambda: numbers.by_digits(rng(), 0, 1), "train is 0"),
        (lambda: numbers.by_digits(rng(), 1, 1, longest=13), "longest is 13"),
        (
            lambda: parallel.number_task(rng(), 90, 20, below=100),
            "train \\+ test is 110",
        ),
        (lambda: parallel.date_task(rng(), 40_000, 10), "count is 40010"),
        (lambda: parallel.task_of([("a", "x")], [("b", "x")]), "'b', which this coder"),
        (lambda: parallel.task_of([("a", "x")], []), "sequences is empty"),
    ],
)
def test_tasks_refuse(act, words):
    with pytest.raises(ValueError, match=words):
        act()
