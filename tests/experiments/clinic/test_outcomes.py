"""The stored outcomes of the clinic come out again."""

import numpy as np
import pytest

from helpers.experiments import load
from helpers.experiments.clinic.outcomes import RATES, examined, held_out
from helpers.explore.clinic.panels import TESTS
from helpers.nets.clinic.checkup import trained
from helpers.nets.clinic.patients import FAULTS, patient

STORED = load("clinic")


def test_every_fault_has_a_row_with_every_outcome():
    assert [row["fault"] for row in STORED["rows"]] == list(FAULTS)
    for row in STORED["rows"]:
        assert set(row) == {"fault", "held", "curve", *TESTS}
        assert len(row["held"]) == STORED["settings"]["seeds"]
    assert STORED["settings"]["rates"] == list(RATES)


@pytest.mark.parametrize("fault", ["cut off"])
def test_a_row_comes_out_again(fault):
    row = next(row for row in STORED["rows"] if row["fault"] == fault)
    again = examined(fault)
    for key in ("start", "norms", "padding", "again"):
        np.testing.assert_allclose(again[key], row[key], atol=0.02)
    for key in ("curve", "two", "zero", "map"):
        np.testing.assert_allclose(again[key], row[key], atol=0.1)
    assert again["look"] == row["look"]
    run = patient(fault)
    trained(run)
    assert held_out(run) == pytest.approx(row["held"][0], abs=0.1)
