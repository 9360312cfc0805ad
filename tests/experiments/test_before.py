"""The stored tables of lesson 02 agree with the code that made them."""

import numpy as np
import pytest

from helpers.data import names
from helpers.experiments import load
from helpers.experiments.before import (
    lstm_on_names,
    names_experiment,
    ngrams,
    one_mask,
    one_size,
    padding_experiment,
    size_experiment,
)


def stored(size):
    rows = [r for r in load("training_size")["rows"] if r["size"] == size]
    return {row["net"]: row["accuracy"] for row in rows}


def test_a_sample_of_the_stored_sizes_comes_out_again():
    found, kept = one_size(250, seed=0), stored(250)
    assert found.keys() == kept.keys()
    for net, value in found.items():
        assert abs(value - kept[net][0]) < 0.06


def test_the_stored_sizes_say_what_the_lesson_says():
    assert all(abs(np.median(runs) - 0.5) < 0.06 for runs in stored(250).values())
    many = stored(4000)
    assert min(many["rnn"]) > 0.95
    assert min(many["big window"]) > 0.95
    assert max(many["padded"]) < 0.85


def unmasked_and_masked(net):
    rows = [r for r in load("padding")["rows"] if r["net"] == net]
    return [row["accuracy"] for row in sorted(rows, key=lambda row: row["masked"])]


def test_a_sample_of_the_stored_paddings_comes_out_again():
    found = one_mask(False, seed=0, nets=["padded"])
    assert abs(found["padded"] - unmasked_and_masked("padded")[0][0]) < 0.04


def test_the_stored_paddings_say_what_the_lesson_says():
    plain, masked = unmasked_and_masked("padded")
    assert abs(np.median(plain) - np.median(masked)) < 0.04
    plain, masked = unmasked_and_masked("rnn")
    assert max(plain) < 0.6
    assert min(masked) > 0.95


@pytest.mark.parametrize("one", [one_size, one_mask])
def test_an_unknown_net_is_refused(one):
    with pytest.raises(ValueError, match="nets: some of"):
        one(250, seed=0, nets=["lstm"])


def test_the_stored_counting_rows_come_out_again():
    rows = {row["model"]: row["accuracy"] for row in load("surnames")["rows"]}
    known, new = names.split(names.load(), np.random.default_rng(0))
    model = ngrams(1).fit(*zip(*known, strict=True))
    assert abs(model.score(*zip(*new, strict=True)) - rows["letter counts"][0]) < 0.02
    assert all(
        grams > lstm
        for grams, lstm in zip(rows["1- to 4-grams"], rows["LSTM"], strict=1)
    )


def test_the_lstm_learns_names_and_follows_its_seed():
    pairs = names.load(("Sweden", "Finland"))[::2]
    known, new = names.split(pairs, np.random.default_rng(0))
    one, two = (lstm_on_names(known, new, seed=1, epochs=3, hidden=8) for _ in range(2))
    assert one == two
    assert one > 0.7


def test_the_experiments_give_rows(monkeypatch):
    fake = {"one_size": lambda size, seed: {"a": size + seed, "b": seed}}
    fake["one_mask"] = lambda masked, seed: {"a": masked + seed}
    fake["on_names"] = lambda seed: {"a": seed}
    for name, function in fake.items():
        monkeypatch.setattr(f"helpers.experiments.before.{name}", function)
    rows = size_experiment(sizes=(10, 20), seeds=2, progress=False)["rows"]
    assert rows[0] == {"size": 10, "net": "a", "accuracy": [10, 11]}
    assert rows[3] == {"size": 20, "net": "b", "accuracy": [0, 1]}
    rows = padding_experiment(seeds=2, progress=False)["rows"]
    assert rows[0] == {"net": "a", "masked": True, "accuracy": [1, 2]}
    assert rows[1] == {"net": "a", "masked": False, "accuracy": [0, 1]}
    rows = names_experiment(seeds=3, progress=False)["rows"]
    assert rows == [{"model": "a", "accuracy": [0, 1, 2]}]


@pytest.mark.parametrize("longest", [1, 3])
def test_ngrams_read_runs_up_to_the_longest(longest):
    model = ngrams(longest).fit(["aba", "abb", "bab", "bba"] * 3, [0, 0, 1, 1] * 3)
    known = model[0].get_feature_names_out()
    assert max(len(run) for run in known) == longest
