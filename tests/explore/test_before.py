"""Explorers of lesson 02: what they count and say, and that every control is seen."""

import numpy as np
import pytest
from pictures import differ

from helpers.data.reviews import VOCABULARY, draw_reviews
from helpers.explore.before import (
    SAMPLES,
    explore_order,
    explore_parameters,
    rearranged,
)

LENGTHS = np.array([5, 10, 15, 30])


@pytest.fixture(scope="module")
def price():
    return explore_parameters(LENGTHS)


@pytest.fixture(scope="module")
def order():
    asked = []

    def last_word(words):
        asked.append(words)
        return 0.9 if words[-1] in ("good", "great", "lovely", "perfect") else 0.1

    live = explore_order({"last word": last_word, "first RNN": lambda words: 0.5})
    live.asked = asked
    return live


# --- parameters and padding ----------------------------------------------------------


def test_the_reading_counts_padding_and_cut_texts(price):
    price.frame(length=20, hidden=32, vocab=45)
    # 5 + 10 + 15 + 20 of 4 × 20 places hold a word; one text of four is cut
    assert "38% is padding" in price.reading or "37% is padding" in price.reading
    assert "25% of the texts lose words" in price.reading
    assert "28,865 parameters, 11.3 times the RNN’s 2,561" in price.reading


def test_a_length_that_holds_all_cuts_none(price):
    price.frame(length=30)
    assert "; 0% of the texts" in price.reading


def test_the_tasks_have_the_answers_that_the_lesson_gives():
    lesson = draw_reviews(4000, np.random.default_rng(3), negated=0.3)
    price = explore_parameters([len(review.words) for review in lesson])
    price.frame(length=20)
    assert "32% is padding; 16% of the texts lose words" in price.reading
    price.frame(length=28, vocab=50_000)
    assert "44,800,065 parameters, 28.0 times the RNN’s 1,601,121" in price.reading


@pytest.mark.parametrize(
    ("name", "value"), [("length", 60), ("hidden", 200), ("vocab", 20_000)]
)
def test_every_slider_changes_the_picture(price, name, value):
    assert differ(price.frame(), price.frame(**{name: value}))


def test_moving_a_slider_draws_only_what_moves(price):
    price.frame()
    before = price.painter.full_draws
    for length in range(2, 200, 20):
        price.frame(length=length)
    assert price.painter.full_draws == before


def test_the_vocabulary_is_shown_as_a_whole_number(price):
    assert price.controls["vocab"].readout_format == ",.0f"


@pytest.mark.parametrize("lengths", [[], [[1, 2]], [0, 3]])
def test_bad_lengths_are_refused(lengths):
    with pytest.raises(ValueError, match="lengths"):
        explore_parameters(lengths)


# --- word order ----------------------------------------------------------------------


def test_rearranged_moves_not_and_shuffles_the_same_words():
    words = ["the", "tea", "was", "not", "bad"]
    assert rearranged(words, 0, 0) == words
    assert rearranged(words, 0, 1) == ["not", "the", "tea", "was", "bad"]
    assert rearranged(words, 0, 99) == ["the", "tea", "was", "bad", "not"]
    assert rearranged(["bad"], 0, 1) == ["not", "bad"]
    assert sorted(rearranged(words, 3, 0)) == sorted(words)
    assert rearranged(words, 3, 0) == rearranged(words, 3, 0) != words
    assert words == ["the", "tea", "was", "not", "bad"]


def test_the_truth_is_the_grammars(order):
    order.frame(sample="the view was after all not bad")
    assert order.reading == "The verdict is good."
    order.frame(sample="the view was after all not bad", place=1)
    assert order.reading.startswith("No review by the grammar")
    order.frame(typed="The soup was good, but the tea was bad.")
    assert order.reading == "The verdict is bad."


def test_unknown_words_are_named_and_left_out(order):
    order.frame(typed="the pizza was not good")
    assert "unknown: pizza" in order.reading
    assert order.asked[-1] == ["the", "was", "not", "good"]
    order.frame(typed="hello")
    assert "None of these words" in order.reading


def test_every_sample_is_a_review_of_known_words(order):
    for sample in SAMPLES:
        order.frame(sample=sample)
        assert order.reading.startswith("The verdict is")
        assert set(sample.split()) <= set(VOCABULARY)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("place", 3),
        ("shuffle", 2),
        ("sample", SAMPLES[1]),
        ("typed", "the tea"),
        ("typed", "a"),
    ],
)
def test_every_control_changes_the_picture(order, name, value):
    assert differ(order.frame(), order.frame(**{name: value}))


def test_models_are_wanted():
    with pytest.raises(ValueError, match="models"):
        explore_order({})
