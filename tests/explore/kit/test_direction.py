"""Order and form of letters, against examples worked by Unicode's algorithm."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.explore.kit.direction import clusters, goes_right, joined, visual


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("abc", "abc"),
        ("אבג", "גבא"),
        ("abc אבג def", "abc גבא def"),
        ("אבג abc דהו", "והד abc גבא"),
        ("אבג 123", "123 גבא"),
        ("שלום, abc: 12.5% אב", "בא abc: 12.5% ,םולש"),
        ("a (אב) b", "a (בא) b"),
        ("אב (גד)", "(דג) בא"),
        ("price: אב 10-20", "price: 10-20 בא"),
        ("السعر 12,5", "12,5 رعسلا"),
        ("abc אבג ", "abc גבא "),
        ("", ""),
    ],
)
def test_a_line_is_put_in_the_order_of_the_eye(text, seen):
    assert "".join(char for _, char in visual(text)) == seen


def test_the_direction_of_a_line_can_be_given():
    assert "".join(char for _, char in visual("ab אב", rightwards=False)) == "בא ab"
    assert [goes_right(text) for text in ("1 a ב", "1 ב a", "", "12")] == [1, 0, 1, 1]


@given(st.text(alphabet="ab אבבتم12٣(),.%-+ ", max_size=20))
def test_every_character_is_kept_once(text):
    order = visual(text)
    assert sorted(place for place, _ in order) == list(range(len(text)))
    turned = str.maketrans("()", ")(")
    for place, char in order:
        assert char in (text[place], text[place].translate(turned))


@pytest.mark.parametrize(
    ("text", "forms"),
    [
        ("بتم", "ﺑﺘﻢ"),
        ("ب", "ب"),
        ("دار", "دار"),  # none of the three joins what follows
        ("باب", "ﺑﺎب"),
        ("بَت", "ﺑَﺖ"),  # a vowel sign does not part two letters
        ("با ab", "ﺑﺎ ab"),
        ("hello", "hello"),
    ],
)
def test_arabic_letters_are_joined(text, forms):
    assert joined(text) == forms


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("abc", ["a", "b", "c"]),
        ("e\u0301a", ["e\u0301", "a"]),
        ("\u0301a", ["\u0301", "a"]),
        ("a \u0301", ["a", " ", "\u0301"]),
        ("ที่นี่", ["ที่", "นี่"]),
        ("हिन्दी", ["हि", "न्", "दी"]),
        ("👩\u200d🚀!", ["👩\u200d🚀", "!"]),
        ("", []),
    ],
)
def test_marks_belong_to_their_letter(text, pieces):
    assert [text[start:end] for start, end in clusters(text)] == pieces
