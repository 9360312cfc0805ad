"""The tables of lesson 06: how they are made, and what the lesson says about them."""

import json

import numpy as np
import pytest
import torch

from helpers.data import cloze, date_fields
from helpers.experiments import (
    deep as deep_tables,
)
from helpers.experiments import (
    load,
    probes,
    reading_bugs,
)
from helpers.experiments import (
    store as experiments,
)
from helpers.nets import gap_filler as cloze_nets
from helpers.nets.deep import Tagger

CODER, TRAIN, TEST = date_fields.load(np.random.default_rng(0), 120, 60)


def stored(name, **wanted):
    """The rows of a stored table that have these values."""
    rows = load(name)["rows"]
    return [row for row in rows if wanted.items() <= row.items()]


# --- how ------------------------------------------------------------------------------


def test_right_share_counts_real_characters_and_whole_dates():
    class Oracle:
        def __call__(self, ids, lengths):
            scores = torch.nn.functional.one_hot(TEST.tags, 5).float()
            scores[0, 0] = scores[0, 0].roll(1)  # one mistake, and one in the padding
            scores[1, lengths[1] :] = scores[1, lengths[1] :].roll(1)
            return scores

    characters, dates = deep_tables.right_share(Oracle(), TEST)
    assert characters == pytest.approx(1 - 1 / int(TEST.lengths.sum()))
    assert dates == pytest.approx(1 - 1 / 60)


def test_training_is_decided_by_its_seed():
    def run(seed):
        torch.rand(seed + 1)
        kw = {"hidden": 4, "steps": 3, "progress": False}
        net = deep_tables.train_fields("both", seed, TRAIN, len(CODER), **kw)
        return net.out.weight.detach()

    assert torch.equal(run(0), run(0))
    assert not torch.equal(run(0), run(1))


def test_counting_tasks_are_what_they_are_called():
    g = torch.Generator().manual_seed(0)
    x, y = deep_tables.count_batch("running sum", 5, 7, g)
    for row in range(5):
        sums = [sum(x[row, : t + 1].tolist()) for t in range(7)]
        assert y[row].tolist() == [sum(sums[: t + 1]) % 3 for t in range(7)]
    x, y = deep_tables.count_batch("key at the end", 5, 7, g)
    for row in x, y:
        assert row.shape == (5, 7)
    for row in range(5):
        keys, key = x[row].tolist(), x[row, -1].item()
        assert y[row].tolist() == [keys[: t + 1].count(key) % 2 for t in range(7)]
    with pytest.raises(ValueError, match="task: got 'count'"):
        deep_tables.count_batch("count", 1, 1, g)


@pytest.mark.parametrize("ways", [1, 2])
@pytest.mark.parametrize("layers", [1, 2, 3])
def test_sizes_give_about_equal_numbers_of_weights(layers, ways):
    hidden = deep_tables.size_for(layers, ways, 16_000)
    direction = ("forward", "both")[ways - 1]
    net = Tagger(4, 3, hidden, direction=direction, layers=layers)
    weights = sum(p.numel() for p in net.rnn.parameters())
    assert weights == pytest.approx(16_000, rel=0.06)


def test_a_gap_filler_answers_for_the_gap_and_for_words_it_knows():
    sentences, _ = cloze.split(np.random.default_rng(0))
    forward, both = (
        cloze_nets.train_filler(way, 0, sentences[:20], steps=2, progress=False)
        for way in ("forward", "both")
    )
    p = forward.probabilities(["i", "am"], ["hungry"])
    assert (
        set(p) == set(forward.vocabulary) == {w for s in cloze.sentences() for w in s}
    )
    assert 0.5 < sum(p.values()) <= 1.0001  # the rest is for the four special ids
    assert p == forward.probabilities(["i", "am"], ["sad", "now"])
    assert both.probabilities(["i"], ["sad"]) != both.probabilities(["i"], ["busy"])
    assert both.probabilities([], [])["i"] > 0
    assert 0 <= cloze_nets.accuracy(both, sentences[:5]) <= 1
    with pytest.raises(ValueError, match="tokens holds 'zebra'"):
        forward.probabilities(["zebra"], [])


def test_a_probe_finds_what_is_linear_and_nothing_else():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(600, 6))
    y = (X @ rng.normal(size=(6, 3))).argmax(1)
    assert probes.probe(X[:400], y[:400], X[400:], y[400:]) > 0.9
    xor = ((X[:, 0] > 0) ^ (X[:, 1] > 0)).astype(int)
    assert probes.probe(X[:400], xor[:400], X[400:], xor[400:]) < 0.65
    with pytest.raises(ValueError, match=r"labels: got shape \(600,\)"):
        probes.probe(X[:400], y, X[400:], y[400:])


@pytest.mark.parametrize("reading", reading_bugs.READINGS)
def test_only_the_bugs_with_pads_hang_on_padding(reading):
    torch.manual_seed(0)
    net = reading_bugs.DateReader(len(CODER), reading, 6)
    n = TEST.lengths[:1]
    alone, wide = (net(TEST.ids[:1, :T], n) for T in (int(n), TEST.ids.shape[1] + 9))
    wide = net(torch.nn.functional.pad(TEST.ids[:1], (0, 9)), n)
    leaks = not torch.allclose(alone, wide, atol=1e-6)
    assert leaks == (reading in ("pads read", "turned with pads"))


def test_months_alone_and_in_a_batch():
    net = reading_bugs.train_reader("right", 0, TRAIN, len(CODER), steps=2)
    batch, alone = reading_bugs.month_scores(net, TEST)
    assert batch == alone
    with pytest.raises(ValueError, match="reading: got 'left'"):
        reading_bugs.DateReader(9, "left")


# --- what is stored, and what lesson 06 says about it ---------------------------------


def test_stored_rows_come_out_again():
    again = probes.probe_layers(probes.train_layered(0, steps=0))
    for row in stored("probes", seed=0, steps=0):
        commonest, *layers = again[row["label"]]
        assert commonest == row["commonest"]
        np.testing.assert_allclose(layers, row["layers"], atol=0.01)
    coder, train, test = date_fields.load(np.random.default_rng(0))
    net = deep_tables.train_fields("forward", 0, train, len(coder), progress=False)
    (row,) = stored("directions", task="dates", direction="forward", hidden=32)
    characters, dates = deep_tables.right_share(net, test)
    assert characters == pytest.approx(row["characters"][0], abs=0.01)
    assert dates == pytest.approx(row["score"][0], abs=0.05)


def test_one_layer_stops_again_where_it_is_stored_to_stop():
    (row,) = stored("depth", task="key at the end", layers=1)
    run = deep_tables.depth_run("key at the end", 1, 0, progress=False)
    assert run["hidden"] == row["hidden"]
    assert run["score"] == pytest.approx(row["score"][0], abs=0.02)


def test_stored_tables_are_complete_json():
    for name in ("directions", "depth", "probes", "reading_bugs"):
        text = (experiments.RESULTS / f"{name}.json").read_text()
        json.loads(text, parse_constant=pytest.fail)  # no NaN, no Infinity
        assert len(text) < 20_000


def test_the_lesson_says_what_directions_say():
    score = {
        (row["task"], row["direction"], row["hidden"]): row["score"]
        for row in load("directions")["rows"]
    }
    wide = score["dates", "forward", 49]
    assert max(score["dates", "forward", 32] + wide) < 0.75
    assert min(score["dates", "backward", 32]) > 0.78
    assert max(score["dates", "backward", 32]) < 0.9
    assert min(score["dates", "both", 32]) > 0.99
    assert max(score["gaps", "forward", 32]) < cloze.best_possible("left") + 0.02
    assert min(score["gaps", "both", 32]) > 0.87


def test_the_lesson_says_what_the_bugs_say():
    rows = {row.pop("reading"): row for row in load("reading_bugs")["rows"]}
    for reading in ("right", "forward only", "one end"):
        assert rows[reading]["batch"] == rows[reading]["alone"]
    for reading in ("pads read", "turned with pads"):
        assert min(rows[reading]["batch"]) > 0.94
        assert max(rows[reading]["alone"]) < 0.85
    middle = {name: np.median(row["batch"]) for name, row in rows.items()}
    assert middle["one end"] < middle["forward only"] < middle["right"]
    assert 0.015 < middle["right"] - middle["one end"] < 0.035
    alone = {name: np.median(row["alone"]) for name, row in rows.items()}
    assert middle["pads read"] - alone["pads read"] > 0.5
    assert 0.25 < middle["turned with pads"] - alone["turned with pads"] < 0.3
    assert abs(middle["turned with pads"] - middle["right"]) < 0.01
    assert middle["right"] - 0.03 < middle["pads read"] < middle["right"]


def test_the_lesson_says_what_depth_says():
    counting = {
        (row["task"], row["layers"]): row["score"]
        for row in load("depth")["rows"]
        if row["task"] != "prose"
    }
    assert min(counting["running sum", 1]) > 0.999
    assert max(counting["key at the end", 1]) < 0.72
    for layers in (2, 3):
        assert min(counting["key at the end", layers]) > 0.75
        assert max(counting["key at the end", layers]) > 0.99
    bits = {
        (row["layers"], row["residual"]): row["score"]
        for row in stored("depth", task="prose")
    }
    assert max(bits[4, True]) < min(bits[1, False]) < max(bits[1, False]) < 2.6
    assert max(bits[1, False]) < min(bits[2, False]) < max(bits[2, False]) < 3
    assert max(bits[2, False]) < min(bits[4, False])
    assert min(bits[8, False]) > 4.7
    assert max(bits[8, True]) < min(bits[8, False]) - 1


def test_the_lesson_says_what_probes_say():
    def layers(label, steps=2400):
        return np.array(
            [r["layers"] for r in stored("probes", label=label, steps=steps)]
        )

    for label in ("number", "topic"):
        one, two, three = np.median(layers(label), axis=0)[1:]
        assert one < two < three
    assert (np.diff(layers("number")) > 0).all()
    assert (layers("part of speech")[:, 1:] > 0.95).all()
    assert (layers("part of speech", 0)[:, 1] > 0.88).all()
    assert (layers("word before")[:, 3] < layers("word before")[:, 1]).all()
    depth = np.median(layers("depth"), axis=0)
    assert depth[1] < depth[2]
    assert abs(depth[3] - depth[2]) < 0.02
    assert np.median(layers("topic"), axis=0)[3] > 0.84
    assert 0.78 < np.median(layers("topic", 0), axis=0).max() < 0.8
