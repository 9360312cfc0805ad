"""Which English word a part of a German number says."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.data import numbers


@pytest.mark.parametrize(
    ("number", "want"),
    [
        (0, [0]),
        (21, [1, None, 0]),
        (222, [0, 1, 4, None, 3]),  # two hundred and twenty two
        (1_001, [0, 1, 3]),
        (43_017, [1, None, 0, 2, 4]),
        (2_000_000, [0, 1]),
    ],
)
def test_known_numbers(number, want):
    assert numbers.aligned(number) == want


@given(st.integers(0, 10**12 - 1))
@settings(max_examples=300, deadline=None)
def test_every_word_but_and_is_said_once_and_only_tens_and_units_cross(number):
    english, german = numbers.words(number), numbers.morphemes(number)
    places = numbers.aligned(number)
    assert [p is None for p in places] == [part == "und" for part in german]
    said = [p for p in places if p is not None]
    assert sorted(said) == [i for i, word in enumerate(english) if word != "and"]
    for before, after in itertools.pairwise(said):
        if after < before:  # "ein und zwanzig" is "twenty one"
            assert before == after + 1
            assert english[after].endswith("ty")
        else:
            assert after > before


@given(st.integers(0, 10**12 - 1))
@settings(max_examples=100, deadline=None)
def test_parts_of_words_are_the_words_and_the_morphemes(number):
    parts = numbers.word_parts(number)
    assert ["".join(word) for word in parts] == numbers.words(number, "de")
    assert [part for word in parts for part in word] == numbers.morphemes(number)


def test_what_is_too_large_is_refused():
    for use in (numbers.aligned, numbers.word_parts):
        with pytest.raises(ValueError, match=r"it must be below 10\^12"):
            use(10**12)
