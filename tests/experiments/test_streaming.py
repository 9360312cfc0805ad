"""The table of streaming: how it is made, and what the lesson says of it."""

import numpy as np
import pytest

from helpers.data.clips import clips
from helpers.data.morse import ELEMENTS, as_elements
from helpers.experiments import load
from helpers.experiments.listening import training_clips
from helpers.experiments.streaming import (
    AHEAD,
    KINDS,
    late,
    stream,
    symbol_starts,
    trained_listener,
)
from helpers.nets.listener import transcribe
from helpers.writing.ctc import collapse

ROWS = load("streaming")["rows"]


@pytest.fixture(scope="module")
def model():
    return trained_listener()


@pytest.fixture(scope="module")
def some():
    rng = np.random.default_rng(3)
    return clips(["at", "sea", "radio", "no one"], rng, snr=15, wpm=20)


def test_symbols_begin_where_a_path_says_something_new():
    path = np.array([0, 2, 2, 0, 2, 1, 1, 0])
    assert symbol_starts(path).tolist() == [1, 4, 5]
    assert path[symbol_starts(path)].tolist() == collapse(path)


def test_with_all_that_is_ahead_a_stream_is_the_whole(model, some):
    whole = transcribe(model, some, ELEMENTS, size=4)
    assert stream(model, some, range(4), 1000) == whole
    assert whole == some.texts
    assert stream(model, some, range(4), 0) != whole


def test_lateness_counts_from_true_begins(model, some):
    found = late(model, some, range(4))
    counted = {symbol: len(times) for symbol, times in found.items()}
    sent = "".join(map(as_elements, some.texts))
    assert counted == {symbol: sent.count(symbol) for symbol in ELEMENTS.symbols}
    later = some._replace(begins=[begins - 1 for begins in some.begins])
    for symbol, times in late(model, later, range(4)).items():
        np.testing.assert_allclose(times, found[symbol] + 1)
    for symbol, times in late(model, some, range(4), aligned=True).items():
        np.testing.assert_allclose(times, found[symbol])


def test_a_row_of_the_table_comes_out_again(model):
    test = training_clips(200, 2, 12)
    texts = stream(model, test, range(40), AHEAD[3])
    wrong = np.mean([a != b for a, b in zip(texts, test.texts, strict=False)])
    assert wrong < 0.15
    assert ROWS[0]["cer"][0][3] < 0.05


def test_the_table_has_every_listener_and_says_what_the_lesson_says():
    assert [(r["both"], r["steps"]) for r in ROWS] == list(KINDS)
    for row in ROWS:
        assert np.shape(row["cer"]) == (3, len(AHEAD))
    both = np.array(ROWS[0]["cer"])
    assert both[:, 0].min() > 0.3 > 0.05 > both[:, 3].max()
    words = [run["/"] for run in ROWS[0]["late"]]
    assert max(words) - min(words) > 100
