"""Words of numbers: by num2words, and quicker than it."""

import re

import num2words
from hypothesis import example, given
from hypothesis import strategies as st

from helpers.data.numbers import words

NUMBERS = st.integers(0, 10**6) | st.integers(0, 10**15)


@given(NUMBERS, st.sampled_from(["en", "de"]))
@example(10**12 - 1, "en")
@example(10**12 - 1, "de")
@example(10**12, "en")
@example(10**12, "de")
@example(10**9, "de")
def test_they_are_those_of_num2words(number, lang):
    said = num2words.num2words(number, lang=lang)
    assert words(number, lang) == re.sub(r"[-,]", " ", said).split()
