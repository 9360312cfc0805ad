"""What is typed for a translator: read, or refused in words."""

import pytest

from helpers.data.batching import Coder
from helpers.explore.kit.sentences import sentences, shown, unread

SOURCE, TARGET = Coder("abc"), Coder(["eins", "zwei"])


def answer(text):
    return ["eins"] * len(text)


def test_a_text_is_read_and_answered():
    assert sentences(SOURCE, TARGET, iter, answer)("cab") == (
        ["c", "a", "b"],
        ["eins"] * 3,
    )


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "there is nothing to read"),
        ("abxy", "'x' was in none of the sources"),
        ("abcab", "it has 5 words, and 4 fit into the figure"),
    ],
)
def test_what_cannot_be_read_is_refused(text, says):
    with pytest.raises(ValueError, match=says):
        sentences(SOURCE, TARGET, list, answer, 4)(text)


def test_any_number_of_words_fits_where_none_is_named():
    assert len(sentences(SOURCE, TARGET, list, answer)("abc" * 99)[0]) == 297


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (("ab", TARGET, list, answer), "source_coder: a data.batching.Coder wanted"),
        ((SOURCE, None, list, answer), "target_coder: a data.batching.Coder wanted"),
        ((SOURCE, TARGET, None, answer), "read, answer: two functions"),
        ((SOURCE, TARGET, list, "eins"), "read, answer: two functions"),
    ],
)
def test_coders_and_functions_are_wanted(given, says):
    with pytest.raises(ValueError, match=says):
        sentences(*given)


def test_words_for_the_reader():
    assert (
        unread("x", ValueError("no"))
        == "'x' can't be read: no. The figure is the last one."
    )
    assert [shown(symbol) for symbol in SOURCE.symbols] == [
        "pad", "begin", "end", "a", "b", "c",
    ]  # fmt: skip
