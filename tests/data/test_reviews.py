"""The reviews: truth from the structure, no leak, nothing told by single words."""

import re
from collections import Counter

import numpy as np
import pytest

from helpers.data.reviews import (
    PAD,
    VOCABULARY,
    Review,
    draw_reviews,
    draw_twins,
    encode,
    parse,
)

PRAISE = {"good", "great", "lovely", "superb", "perfect"}


@pytest.fixture
def rng():
    return np.random.default_rng(7)


def judge(text):
    """The verdict read off the text alone, by another way than the generator's."""
    last = text.split(" but ")[-1]
    praise = last.split()[-1] in PRAISE
    return int(praise != (len(re.findall(r"\bnot\b", last)) % 2 == 1))


def test_the_label_is_what_the_text_says(rng):
    reviews = draw_reviews(500, rng, claims=(1, 4), span=(2, 9), opening=(0, 5))
    assert [r.label for r in reviews] == [judge(r.text) for r in reviews]
    assert len({r.label for r in reviews}) == 2


def test_parse_gives_back_what_was_drawn(rng):
    for review in draw_reviews(300, rng, claims=(1, 3), opening=(0, 4)):
        assert parse(review.text) == review


def test_two_negations_of_one_claim_cancel():
    assert parse("the soup was not good").label == 0
    assert parse("the soup was not really not good").label == 1


def test_the_span_is_the_distance_from_not_to_the_adjective(rng):
    for n in (2, 5, 11):
        negated = [r for r in draw_reviews(60, rng, span=n) if r.span]
        assert negated
        for review in negated:
            words = review.words[::-1]
            assert words.index("not") + 1 == review.span == n


def test_length_opening_and_claims_are_those_asked_for(rng):
    for review in draw_reviews(80, rng, claims=3, opening=4, span=2):
        assert len(review.claims) == 3
        assert len(review.opening) == 4
        assert review.words.index("the") == 4
        assert review.words.count("but") == 2


def test_no_text_is_in_both_parts_whatever_is_asked_for():
    few = {"claims": 1, "span": 2}
    train = {r.text for r in draw_reviews(3000, np.random.default_rng(0), **few)}
    test = draw_reviews(1000, np.random.default_rng(1), split="test", **few)
    pairs = draw_twins(300, np.random.default_rng(2), split="test", span=2)
    assert len(train) > 500
    assert not train & {r.text for r in test}
    assert not train & {r.text for pair in pairs for r in pair}


def test_no_single_word_and_no_length_tells_the_label(rng):
    reviews = draw_reviews(6000, rng)
    labels = np.array([r.label for r in reviews])
    assert abs(labels.mean() - 0.5) < 0.03
    lengths = np.array([len(r.words) for r in reviews])
    assert abs(np.corrcoef(lengths, labels)[0, 1]) < 0.05
    for word in ("not", "good", "bad", "really", "soup"):
        has = np.array([word in r.words for r in reviews])
        assert abs(labels[has].mean() - 0.5) < 0.07, word


def test_length_does_not_tell_who_is_negated(rng):
    reviews = draw_reviews(4000, rng, claims=1)
    negated = np.array([r.span > 0 for r in reviews])
    lengths = np.array([len(r.words) for r in reviews])
    assert abs(lengths[negated].mean() - lengths[~negated].mean()) < 0.2


def test_the_share_of_negations_is_the_one_asked_for(rng):
    for share in (0, 0.3, 1):
        claims = [c for r in draw_reviews(900, rng, negated=share) for c in r.claims]
        assert abs(np.mean([c.span > 0 for c in claims]) - share) < 0.05


def test_twins_hold_the_same_words_and_opposite_labels(rng):
    for one, two in draw_twins(200, rng, span=(2, 8)):
        assert Counter(one.words) == Counter(two.words)
        assert one.words != two.words
        assert {one.label, two.label} == {0, 1}
        assert max(c.span for r in (one, two) for c in r.claims) <= 8
        assert parse(one.text).label == one.label == judge(one.text)


def test_the_same_seed_gives_the_same_reviews():
    first, again = (draw_reviews(20, np.random.default_rng(3)) for _ in range(2))
    other = draw_reviews(20, np.random.default_rng(4))
    assert first == again != other


def test_encode_pads_and_cuts_on_the_side_asked_for():
    words = "the soup was not bad".split()  # noqa: SIM905
    codes = [VOCABULARY.index(w) for w in words]
    assert VOCABULARY[0] == PAD
    np.testing.assert_array_equal(encode([words], 7)[0], [*codes, 0, 0])
    np.testing.assert_array_equal(encode([words], 7, align="right")[0], [0, 0, *codes])
    np.testing.assert_array_equal(encode([words], 3)[0], codes[:3])
    np.testing.assert_array_equal(encode([words], 3, align="right")[0], codes[-3:])
    np.testing.assert_array_equal(encode([[]], 2, align="right"), [[0, 0]])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("the pizza was good", "does not know the word"),
        ("the soup was", "is no claim"),
        ("the soup was good bad", "is no claim"),
        ("but the soup was good", "cannot open"),
        ("", "is no claim"),
    ],
)
def test_parse_says_what_is_wrong(text, words):
    with pytest.raises(ValueError, match=words):
        parse(text)


@pytest.mark.parametrize(
    ("settings", "name"),
    [
        ({"split": "exam"}, "split"),
        ({"claims": 0}, "claims"),
        ({"claims": (3, 2)}, "claims"),
        ({"span": 1}, "span"),
        ({"opening": -1}, "opening"),
        ({"negated": 1.5}, "negated"),
    ],
)
def test_bad_settings_are_refused_by_name(settings, name, rng):
    with pytest.raises(ValueError, match=name):
        draw_reviews(1, rng, **settings)


def test_bad_arguments_of_the_others_are_refused(rng):
    with pytest.raises(ValueError, match="align"):
        encode([["soup"]], 3, align="middle")
    with pytest.raises(ValueError, match="pizza"):
        encode([["pizza"]], 3)
    with pytest.raises(ValueError, match='texts: "<pad>" is no word of'):
        encode([["soup", PAD]], 3)
    with pytest.raises(ValueError, match="split"):
        draw_twins(1, rng, split="all")
    assert isinstance(draw_reviews(1, rng)[0], Review)
