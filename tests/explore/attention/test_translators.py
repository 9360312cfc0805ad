"""Explorers of a decoder that looks back: bent looks, ranked texts, rounded weights."""

import numpy as np
import pytest
import torch
from pictures import differ

from helpers.data.batching import Coder
from helpers.explore.attention.bits import explore_bits, off_by
from helpers.explore.attention.lookback import BENDS, bent_run, explore_lookback
from helpers.explore.attention.ranking import explore_ranking
from helpers.nets.attention.decoder import AttentionSeq2Seq
from helpers.nets.attention.maps import free_map

SOURCE, TARGET = Coder("abcdef"), Coder(["eins", "zwei", "drei", "vier"])


def read(text):
    if text == "?":
        raise ValueError("no answer to that")
    return list(text)


def answer(text):
    return ["eins"] * len(text)


@pytest.fixture(scope="module")
def model():
    torch.manual_seed(3)
    net = AttentionSeq2Seq(len(SOURCE), len(TARGET), H=12)
    with torch.no_grad():
        net.look.v.normal_()
        net.look.W_q.weight *= 3
        net.out.weight *= 6
        net.target.weight *= 2
    return net.eval()


def looks(model, text="abc"):
    return explore_lookback(model, SOURCE, TARGET, read, answer, text)


def test_without_a_bend_it_is_what_the_model_writes_and_sees(model):
    ids = SOURCE.encode("fade")
    written, weights = free_map(model, torch.tensor([ids]), torch.tensor([4]), 20)
    got = bent_run(model, ids)
    assert got[0] == written[0].tolist()
    np.testing.assert_allclose(got[1], weights[0], atol=1e-6)


@pytest.mark.parametrize("name", BENDS)
def test_one_look_is_bent_and_the_words_before_it_stay(model, name):
    ids = SOURCE.encode("fade")
    own, bent = bent_run(model, ids), bent_run(model, ids, 2, BENDS[name], 1)
    assert bent[0][:1] == own[0][:1]
    np.testing.assert_allclose(bent[1][0], own[1][0], atol=1e-6)
    want = BENDS[name](own[1][1].astype(float), 1)
    np.testing.assert_allclose(bent[1][1], want, atol=1e-5)
    np.testing.assert_allclose(bent[1].sum(1), 1, atol=1e-5)


def test_a_hidden_word_that_had_all_the_weight_leaves_an_even_look():
    assert BENDS["hide the word"](np.eye(4)[2], 2).tolist() == [0.25] * 4


def test_every_control_of_the_look_changes_the_picture(model):
    explorer = looks(model)
    first = explorer.frame()
    assert differ(first, explorer.frame(typed="fab"))
    locked = explorer.frame(bend="lock it to the word")
    assert differ(first, locked)
    assert "Step 1, locked to a: " in explorer.reading
    assert differ(locked, explorer.frame(bend="lock it to the word", place=3))
    assert differ(first, explorer.frame(s=3))


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("?", "'?' can't be read: no answer to that"),
        ("", "there is nothing to read"),
        ("xyz", "'x' was in none of the sources"),
        ("a" * 30, "it has 30 words, and 14 fit"),
    ],
)
def test_what_cannot_be_read_is_said_and_the_figure_stays(model, typed, says):
    explorer = looks(model)
    before = explorer.frame()
    after = explorer.frame(typed=typed)
    assert says in explorer.reading
    assert not differ(before, after)


def ranks(model, **more):
    return explore_ranking(model, SOURCE, TARGET, read, answer, "abc", **more)


def test_ranks_follow_the_penalties_and_the_width(model):
    grid = np.arange(4.0).reshape(2, 2)
    explorer = ranks(model, grid=grid, penalties=(0.0, 1.0))
    first = explorer.frame()
    assert differ(first, explorer.frame(alpha=1.0))
    assert differ(first, explorer.frame(beta=1.0))
    explorer.frame(width=1)
    one = int(explorer.reading.split()[0])
    explorer.frame(width=16)
    assert one <= 1 < int(explorer.reading.split()[0])
    explorer.frame(typed="?")
    assert "no answer to that" in explorer.reading


def test_a_map_of_another_size_is_refused(model):
    with pytest.raises(ValueError, match="grid: got shape"):
        ranks(model, grid=np.ones((2, 3)), penalties=(0, 1))
    with pytest.raises(ValueError, match=r"source_coder: a data.batching.Coder"):
        explore_ranking(model, "ab", TARGET, read, answer)
    with pytest.raises(ValueError, match="read, answer: two functions"):
        explore_lookback(model, SOURCE, TARGET, None, answer)


def test_off_by_is_the_error_of_the_product():
    rng = np.random.default_rng(0)
    W, x = rng.standard_normal((6, 4)), rng.standard_normal((9, 6))
    Q, s, off = off_by(W, x, 0, 4)
    error = x @ W - x @ (Q * s)
    want = np.linalg.norm(error, axis=0) / np.linalg.norm(x @ W, axis=0)
    np.testing.assert_allclose(off, want)
    assert (off_by(W, x, 0, 8)[2] < off).all()


def test_fewer_bits_are_coarser_and_the_wrong_axis_ruins_small_units(model):
    source, n = torch.tensor([[3, 4, 5], [5, 6, 7]]), torch.tensor([3, 3])
    explorer = explore_bits(model, source, n, 8)
    assert "2 of 2 texts" in explorer.reading
    first = explorer.frame()
    assert differ(first, explorer.frame(bits=2))
    assert "3 values a weight" in explorer.reading
    unequal = "units of unequal size"
    right = explorer.frame(matrix=unequal, axis="each output unit")
    wrong = explorer.frame(matrix=unequal, axis="each input")
    assert differ(right, wrong)
