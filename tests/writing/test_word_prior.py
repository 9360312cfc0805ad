"""A bigram of letters over Morse code: still a distribution, still the bigram."""

import math

import numpy as np
import pytest

from helpers.data.morse import CODE, ELEMENTS, LETTERS, as_elements
from helpers.writing.ctc_search import prefix_beam, score
from helpers.writing.word_prior import LEAST, element_prior, letter_bigram

BIGRAM = letter_bigram(["radio", "room", "road"])


def test_a_bigram_is_a_distribution_and_counts():
    for before in LETTERS.symbols:
        assert sum(BIGRAM[before, b] for b in LETTERS.symbols) == pytest.approx(1)
    assert BIGRAM[" ", "r"] == pytest.approx((3 + 0.1) / (3 + 2.7))
    assert BIGRAM["o", "z"] == pytest.approx(0.1 / (4 + 2.7))


def test_the_next_sign_has_probabilities_that_add_up_to_one():
    prior = element_prior(BIGRAM, weight=1)
    for text in ("", ".", ".-", "-.- ", ".-/-"):
        prefix = tuple(ELEMENTS.encode(text))
        total = sum(math.exp(prior(prefix, k)) for k in range(1, len(ELEMENTS)))
        assert total == pytest.approx(1, abs=0.05 + 4 * LEAST)


def test_a_whole_word_costs_what_the_bigram_says():
    prior = element_prior(BIGRAM, weight=1)
    ids = ELEMENTS.encode(as_elements("rad") + "/")
    pairs = zip(" ra", "rad", strict=True)
    letters = {a: 1 - BIGRAM[a, " "] for a in "ra"} | {" ": 1 - BIGRAM[" ", " "]}
    want = sum(math.log(BIGRAM[pair] / letters[pair[0]]) for pair in pairs)
    want += sum(math.log(1 - BIGRAM[a, " "]) for a in "ra") + math.log(BIGRAM["d", " "])
    assert score(ids, prior) == pytest.approx(want, abs=0.01)


def test_weight_and_bonus_do_what_they_say():
    ids = ELEMENTS.encode(as_elements("road"))
    plain = score(ids, element_prior(BIGRAM, weight=1))
    both = score(ids, element_prior(BIGRAM, weight=0.5, bonus=0.25))
    assert both == pytest.approx(0.5 * plain + 0.25 * len(ids))


def test_what_is_no_letter_is_next_to_impossible_but_not_quite():
    prior = element_prior(BIGRAM, weight=1)
    nine = tuple(ELEMENTS.encode("....."))
    assert prior(nine[:4], 1) == pytest.approx(math.log(LEAST), abs=0.01)
    assert np.isfinite([prior(nine, k) for k in (1, 2, 3, 4)]).all()


def test_a_beam_with_a_prior_prefers_the_word():
    log_y = np.log(np.full((1, len(ELEMENTS)), 0.2))
    first = {code[0]: 0.0 for code in CODE.values()}
    for letter, code in CODE.items():
        first[code[0]] += BIGRAM[" ", letter]
    best = prefix_beam(log_y, 5, element_prior(BIGRAM, weight=1, bonus=2.0))[0][0]
    assert ELEMENTS.decode(best) == max(first, key=first.get)


def test_no_words_are_refused():
    with pytest.raises(ValueError, match="words: got 0"):
        letter_bigram([])
