"""The sick runs and the tests: each fault shows where it must, and only there."""

import copy
import math
from functools import partial

import pytest
import torch

from helpers.nets.clinic import patients
from helpers.nets.clinic.checkup import (
    blind_level,
    gradient_map,
    letters,
    longer,
    norms,
    overfit,
    trained,
    zeroed,
)
from helpers.nets.clinic.patients import FAULTS, PAD, V, patient, spelled


@torch.no_grad()
def first_loss(run, x=None, y=None):
    x, y = run.batches[0] if x is None else (x, y)
    return run.loss(run.net, x, y).item()


def test_letters_read_back_what_was_spelled():
    x, y = spelled(["anna", "zoe"])
    assert [letters(row) for row in x] == ["anna........", "zoe........."]
    assert [letters(row) for row in y] == ["nna|........", "oe|........."]


@pytest.mark.parametrize("word", ["", "Anna", "a b", "überall", "a" * 12])
def test_words_that_cannot_be_spelled_are_refused(word):
    with pytest.raises(ValueError, match="words: got"):
        spelled(["anna", word])


def test_an_unknown_fault_is_refused():
    with pytest.raises(ValueError, match="fault: got 'flu', want one of none, two"):
        patient("flu")


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("seed", [0, 1])
def test_the_quick_tests_find_their_faults_and_no_others(fault, seed):
    run = patient(fault, seed)
    twin = run._replace(net=copy.deepcopy(run.net))
    x, y = run.batches[0]
    start = first_loss(run)
    assert (abs(start - math.log(V)) > 0.2) == (fault == "divided by everything")
    with torch.no_grad():
        same = torch.equal(run.net(x), run.net(x))
    assert same == (fault != "state kept")
    grown = first_loss(twin, *longer(x, y))
    padded = ("padding counts", "divided by everything", "hears the future")
    assert math.isclose(start, grown, abs_tol=1e-5) == (fault not in padded)
    found = gradient_map(patient(fault, seed).net, x, 2, 4)
    assert bool(found[[0, 1, 3]].any()) == (fault == "batch read as time")
    assert bool(found[2, 5:].any()) == (fault == "hears the future")
    cut = norms(patient(fault, seed))["rnn"] == 0
    assert cut == (fault == "cut off")
    assert (letters(x[0])[0] == ".") == (fault == "mask upside down")
    told = letters(x[0]).strip(".")[1:] == letters(y[0]).strip(".|")
    apart = ("names and answers apart", "mask upside down")
    assert told == (fault not in apart)


def test_the_seed_decides_all_but_for_the_run_that_has_none():
    first, second, other = patient(), patient(), patient(seed=1)
    assert torch.equal(first.net.read.weight, second.net.read.weight)
    assert not torch.equal(first.net.read.weight, other.net.read.weight)
    torch.manual_seed(0)
    state = torch.get_rng_state()
    one, two = patient("no seed"), patient("no seed")
    assert not torch.equal(one.net.read.weight, two.net.read.weight)
    assert torch.equal(torch.get_rng_state(), state)


def test_training_tests_find_their_faults():
    healthy = overfit(patient)
    assert healthy[-1] < 0.2
    softmaxes = overfit(partial(patient, "two softmaxes"))
    assert softmaxes[-1] > -math.log(math.e / (math.e + V - 1))
    apart, silent = zeroed(partial(patient, "names and answers apart"))
    assert abs(sum(apart[-20:]) - sum(silent[-20:])) / 20 < 0.1
    slow = trained(patient("rate too low"))
    assert slow[-1] > slow[0] - 0.2


def test_the_blind_level_by_hand():
    y = torch.tensor([[1, 2, PAD], [1, 3, PAD], [1, PAD, PAD], [2, PAD, PAD]])
    first = -(3 * math.log(3 / 4) + math.log(1 / 4))
    second = 2 * math.log(2)
    assert math.isclose(blind_level(y), (first + second) / 6)
    assert patients.END not in y
