"""Byte-pair encoding: by hand, against counting, and there and back for any text."""

import itertools
import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.data import numbers
from helpers.writing.bpe import border_scores, borders, learn_bpe, merge, segment

many = settings(max_examples=200, deadline=None)
few_letters = st.lists(st.text("abc", max_size=8), max_size=12)


@many
@given(few_letters | st.lists(st.text(max_size=6), max_size=8), st.text(max_size=30))
def test_any_text_comes_back(words, text):
    learnt = learn_bpe(words, 20)
    for word in [*words, text]:
        assert "".join(segment(word, learnt)) == word


@many
@given(few_letters, st.integers(1, 12))
def test_each_round_joins_the_most_frequent_pair(words, merges):
    learnt = learn_bpe(words, merges)
    for k, best in enumerate(learnt):
        pieces = [segment(word, learnt[:k]) for word in words]
        pairs = Counter(pair for p in pieces for pair in itertools.pairwise(p))
        assert pairs[best] == max(pairs.values()) >= 2
        assert best == min(p for p in pairs if pairs[p] == pairs[best])
    assert learnt == learn_bpe(words, merges + 3)[:merges]
    if len(learnt) < merges:
        pieces = [segment(word, learnt) for word in words]
        pairs = Counter(pair for p in pieces for pair in itertools.pairwise(p))
        assert max(pairs.values(), default=0) < 2


def test_the_papers_own_example():
    words = ["low"] * 5 + ["lower"] * 2 + ["newest"] * 6 + ["widest"] * 3
    learnt = learn_bpe(words, 4)
    assert learnt[:2] == [("e", "s"), ("es", "t")]
    assert segment("lowest", learnt)[-1] == "est"


def test_overlapping_pairs_are_joined_from_the_left():
    assert merge(list("aaa"), ("a", "a")) == ["aa", "a"]
    assert merge(list("aaaa"), ("a", "a")) == ["aa", "aa"]
    assert merge([], ("a", "b")) == []


@many
@given(st.lists(st.text("ab", min_size=1, max_size=3), min_size=1, max_size=6))
def test_borders_are_where_pieces_end(pieces):
    word = "".join(pieces)
    places = sorted(borders(pieces))
    cut = [word[i:j] for i, j in itertools.pairwise([0, *places, len(word)])]
    assert cut == pieces
    assert border_scores([pieces], [pieces])[0] in (
        1,
        pytest.approx(math.nan, nan_ok=True),
    )


def test_scores_count_borders_of_both_sides():
    found, true = [["ein", "und", "zw", "anzig"]], [["ein", "und", "zwanzig"]]
    assert border_scores(found, true) == (2 / 3, 1)
    assert border_scores(true, found) == (1, 2 / 3)
    assert border_scores([["elf"]], [["elf"]]) == pytest.approx(
        (math.nan, math.nan), nan_ok=True
    )


def test_german_number_words_give_their_parts_back():
    drawn = np.random.default_rng(0).integers(1, 10**6, 300).tolist()
    true = [word for n in drawn for word in numbers.word_parts(n)]
    learnt = learn_bpe(["".join(word) for word in true], 40)
    found = [segment("".join(word), learnt) for word in true]
    letters = [list("".join(word)) for word in true]
    precision, recall = border_scores(found, true)
    assert precision > border_scores(letters, true)[0] + 0.3
    assert recall > 0.8


@pytest.mark.parametrize(
    ("use", "words"),
    [
        (lambda: learn_bpe("hundert", 3), "words: got one text, 'hundert'"),
        (lambda: learn_bpe(["a", 3], 3), r"words\[1\]: got 3, want a string"),
        (lambda: learn_bpe(["ab"], 0), "merges: got 0, want a whole number"),
        (lambda: border_scores([["a"]], []), "found: got 1 words, want 0 as in true"),
        (
            lambda: border_scores([["ab"]], [["a", "c"]]),
            r"found\[0\]: got pieces of 'ab', want 'ac'",
        ),
    ],
)
def test_bad_input_is_refused_by_name(use, words):
    with pytest.raises(ValueError, match=words):
        use()
