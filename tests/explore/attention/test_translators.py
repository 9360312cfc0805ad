"""Explorers of a decoder that looks back: bent looks, ranked texts, rounded weights."""

import copy
import datetime
import itertools
import unicodedata
from typing import NamedTuple

import numpy as np
import pytest
import torch
from pictures import differ

from helpers.data import dates
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


def test_a_step_after_the_end_is_told_from_one_before(model):
    brief = copy.deepcopy(model)
    with torch.no_grad():
        brief.out.bias[Coder.EOS] += 20
    explorer = looks(brief, "fade")
    end = len(bent_run(brief, SOURCE.encode("fade"))[0])
    assert end < 20
    explorer.frame(s=end)
    assert "It ended" not in explorer.reading
    explorer.frame(s=end + 1)
    assert explorer.reading.endswith(f"It ended at step {end}, before step {end + 1}.")


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


WAYS = [*itertools.product(dates.LOCALES, dates.SHORTER)]
DAYS = [datetime.date(2005, month, 4) for month in range(1, 13)]
DATED = Coder("".join(dates.write(day, *way) for day in DAYS for way in WAYS))
DIGITS = Coder("0123456789-")


class Sayer:
    """A translator whose every answer is one text, looking at one character a step."""

    def __init__(self, text):
        self.ids = DIGITS.encode(text, end=True)

    def encode(self, source, lengths):
        return State(torch.eye(source.shape[1])[:1], 0)

    def step(self, ids, state, bend=None):
        logits = torch.zeros(1, len(DIGITS))
        logits[0, self.ids[min(state.t, len(self.ids) - 1)]] = 1
        weights = state.weights if bend is None else bend(state.weights)
        return logits, State(weights, state.t + 1)


class State(NamedTuple):
    weights: torch.Tensor
    t: int


def looks_at_dates(model, says="2005-03-04", text="fade", **more):
    dated = Sayer(says), DATED, DIGITS
    return explore_lookback(
        model, SOURCE, TARGET, read, answer, text, dated=dated, **more
    )


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("4 Mart  2005", "2005-03-04, which is right: Turkish"),
        ("4 de março de 2005", "2005-03-04, which is right: Portuguese"),
        ("3/4/2005", "2005-03-04, as in English (US); in"),
        ("3/4/2005", "it would be 2005-04-03"),
        ("2005-03-05", "2005-03-04, not 2005-03-05"),
        ("4.2005", "2005-03-04. None of the twelve languages"),
        ("4 mart 2005!", "'!' was in none of the sources"),
        ("quarta-feira, 4 de março de 2005", "it has 32 characters, and 25 fit"),
    ],
)
def test_a_date_is_held_to_all_that_it_can_mean(model, typed, says):
    explorer = looks_at_dates(model)
    explorer.frame(typed=typed)
    assert says in explorer.reading


def test_numbers_are_read_by_the_first_net_and_all_else_by_the_other(model):
    explorer = looks_at_dates(model)
    explorer.frame(typed="12,047")
    assert "'1' was in none of the sources" in explorer.reading  # of letters a … f
    explorer.frame(typed="")
    assert "there is nothing to read" in explorer.reading


def test_an_example_of_each_language_fills_the_box(model):
    explorer = looks_at_dates(model)
    _, *options = explorer.controls["example"]._options_full
    assert len(options) == len(dates.LOCALES)
    pictures = set()
    for name, text in options:
        explorer.controls["example"].value = text
        assert explorer.controls["typed"].value == text
        assert "2005-03-04" in explorer.reading or "2005-04-03" in explorer.reading, (
            name
        )
        assert {*text} <= DATED.ids.keys()
        assert not explorer.note or not text.isascii()
        pictures.add(explorer.frame())
    assert len(pictures) == len({text for _, text in options})
    typed = explorer.frame(typed="2005-03-04")  # what is typed after it counts
    assert "Swedish" in explorer.reading
    assert typed not in pictures


@pytest.mark.parametrize("way", [("fr", "long"), ("tr", "long"), ("ko", "long")])
def test_a_date_may_have_its_accents_apart(model, way):
    text = dates.write(datetime.date(2005, 8, 4), *way)
    explorer = looks_at_dates(model, says="2005-08-04")
    apart = unicodedata.normalize("NFD", text)
    assert apart != text
    explorer.frame(typed=apart)
    assert explorer.reading.startswith("It writes: 2005-08-04, which is right")


def test_a_bent_look_of_a_date_is_told_in_characters(model):
    explorer = looks_at_dates(model, typed="3/4/2005", s=2)
    explorer.frame(bend="lock it to the word", place=3)
    assert "Step 2, locked to '4': every character stays." in explorer.reading


def test_a_page_offers_numbers_and_dates(model):
    controls = looks_at_dates(model).controls
    assert not controls["example"].on_page
    assert len(controls["typed"].examples) > len(dates.LOCALES)


def test_a_second_translator_of_another_form_is_refused(model):
    with pytest.raises(ValueError, match=r"dated: got .*want \(model, source_coder"):
        explore_lookback(model, SOURCE, TARGET, read, answer, dated=model)
    with pytest.raises(ValueError, match=r"source_coder: a data.batching.Coder"):
        explore_lookback(model, SOURCE, TARGET, read, answer, dated=(model, "ab", 3))


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
