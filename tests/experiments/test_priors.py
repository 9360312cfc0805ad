"""The table of the word prior: a row comes out again, and says what the lesson says."""

import numpy as np
import pytest

from helpers.experiments import load
from helpers.experiments.priors import WEIGHTS, prior_run, split_words
from helpers.writing.word_prior import letter_bigram

ROWS = {(r["kind"], r["decoder"]): r["cer"] for r in load("word_prior")["rows"]}


def test_words_known_and_held_out_are_apart():
    known, held = split_words()
    assert not set(known) & set(held)
    assert len(held) == 400
    assert len(letter_bigram(known)) == 27**2


def test_every_decoder_is_there_for_both_kinds_of_text():
    names = ["best path", "beam"]
    names += [f"{kind} {w}" for kind in ("code", "bigram") for w in WEIGHTS]
    assert [*ROWS] == [(kind, name) for kind in ("words", "random") for name in names]


def test_the_bigram_helps_on_words_and_harms_on_random_strings():
    words, random = (
        {name: np.array(cer) for (of, name), cer in ROWS.items() if of == kind}
        for kind in ("words", "random")
    )
    assert (words["bigram 0.6"] < words["beam"]).all()
    assert (random["bigram 1.0"] > random["beam"]).all()
    assert (random["code 0.3"] < random["beam"]).all()


@pytest.mark.parametrize("kind", ["words", "random"])
def test_a_beam_is_no_worse_than_best_path(kind):
    assert np.median(ROWS[kind, "beam"]) <= np.median(ROWS[kind, "best path"])


def test_a_seed_of_the_words_comes_out_again():
    again = prior_run("words", 0, weights=[0.6])
    for name, rate in again.items():
        assert rate == pytest.approx(ROWS["words", name][0], abs=0.1)
    assert again["bigram 0.6"] < again["beam"]
