"""The clinic: what it deals, what its tests say, and when a diagnosis is right."""

import numpy as np
import pytest

from helpers.experiments import load
from helpers.explore.clinic.deal import explore_clinic
from helpers.explore.clinic.panels import TESTS, said
from helpers.nets.clinic.patients import FAULTS
from helpers.site.plan import axes_of, is_grid

ROWS = load("clinic")["rows"]


@pytest.fixture(scope="module")
def live():
    return explore_clinic(ROWS, FAULTS)


def test_every_fault_waits_once_and_only_its_own_name_is_right(live):
    found = {}
    for patient in range(1, len(FAULTS) + 1):
        for fault in FAULTS:
            live.frame(patient=patient, fault=fault)
            if ". Right" in live.reading:
                found.setdefault(patient, []).append(fault)
            else:
                assert f"No: {fault!r}" in live.reading
    assert sorted(name for (name,) in found.values()) == sorted(FAULTS)


def test_the_order_hangs_on_the_seed_and_tells_nothing_else():
    def first(seed):
        other = explore_clinic(ROWS, FAULTS, seed=seed)
        return [f for f in FAULTS if ". Right" in _told(other, fault=f)]

    assert first(1) == first(1)
    assert len({tuple(first(seed)) for seed in range(5)}) > 1


def _told(live, **values):
    live.frame(**values)
    return live.reading


def test_the_reading_counts_the_tests(live):
    assert "No test yet" in _told(live, patient=1)
    told = _told(live, patient=1, first="start", third="again", fault="state kept")
    assert "with 2 tests: each batch begins" in told
    assert "loss at the start: 3.31 nats, and ln 27 = 3.30" in told


def test_a_page_without_a_kernel_has_every_test_for_every_patient(live):
    axes, others = axes_of(live.controls)
    assert [axis.name for axis in axes] == ["patient", "first"]
    assert is_grid(axes)
    assert others == ["second test", "third test", "the fault is"]


def test_some_test_tells_each_fault_from_a_healthy_run():
    rows = {row["fault"]: row for row in ROWS}
    for fault, test in DECISIVE.items():
        assert said(test, rows[fault][test]) != said(test, rows["none"][test]), fault
    assert set(DECISIVE) == set(FAULTS) - {"none"}


DECISIVE = {
    "two softmaxes": "two",
    "batch read as time": "map",
    "hears the future": "map",
    "mask upside down": "look",
    "names and answers apart": "look",
    "padding counts": "padding",
    "divided by everything": "start",
    "cut off": "norms",
    "state kept": "again",
    "rate too low": "zero",
    "no seed": "seed",
}


def test_holes_are_named():
    with pytest.raises(ValueError, match="rows: one for cut off wanted"):
        explore_clinic([r for r in ROWS if r["fault"] != "cut off"], FAULTS)
    short = [{k: v for k, v in r.items() if k != "map"} for r in ROWS]
    with pytest.raises(ValueError, match="rows: map missing for 'none'"):
        explore_clinic(short, FAULTS)


def test_every_outcome_can_be_said_in_words():
    for row in ROWS:
        for test in TESTS:
            assert len(said(test, row[test]).split()) > 2
    silent = np.zeros((6, 8)).tolist()
    assert said("map", silent) == "the answer hangs on nothing"


def test_the_words_of_an_outcome_tell_the_fault_that_its_test_finds():
    by_fault = {row["fault"]: row for row in ROWS}
    assert said("map", by_fault["none"]["map"]) == "the answer hangs on name 3"
    mixed = said("map", by_fault["batch read as time"]["map"])
    assert mixed == "the answer hangs on names 1, 2, 3"
    same, other = (said("seed", by_fault[k]["seed"]) for k in ("none", "no seed"))
    assert same == "the two losses are up to 0.00 nats apart"
    assert same != other
