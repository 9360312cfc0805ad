"""The table of what recurrence buys: how it is made, and what the lesson says of it."""

import numpy as np
import pytest
import torch

from helpers.experiments import load
from helpers.experiments.after.stretched import (
    FOUR,
    LENGTHS,
    PAIRS,
    SETTINGS,
    accuracy,
    stored_net,
    trained,
)

ROWS = {(row["task"], row["kind"]): row for row in load("stretched")["rows"]}


def at(task, kind, T):
    return np.array(ROWS[task, kind]["by_length"])[:, LENGTHS.index(T)]


def test_every_net_has_its_row_and_three_seeds():
    assert list(ROWS) == list(SETTINGS)
    for (task, _), row in ROWS.items():
        assert np.shape(row["by_length"]) == (3, len(LENGTHS))
        assert np.shape(row["by_pairs"])[1] == (len(PAIRS) if task == "recall" else 0)


def test_a_row_of_the_table_comes_out_again():
    net = trained("parity", "LSTM", 1)
    generator = torch.Generator().manual_seed(5)
    assert accuracy(net, "parity", 256, generator, n=200) > 0.95
    assert at("parity", "LSTM", 256)[1] > 0.95


def test_another_row_comes_out_again():
    """It stops where its window ends, whatever its seed."""
    net = trained("parity", "convolution", 0)
    generator = torch.Generator().manual_seed(5)
    for T, low, high in ((16, 0.85, 1.0), (256, 0.35, 0.65)):
        assert low <= accuracy(net, "parity", T, generator, n=300) <= high
        assert low <= at("parity", "convolution", T)[0] <= high


@pytest.mark.parametrize(("task", "kind"), FOUR)
def test_a_stored_net_does_what_the_table_says(task, kind):
    net, generator = stored_net(task, kind), torch.Generator().manual_seed(1000)
    for T in (32, 256):
        found = accuracy(net, task, T, generator)
        assert abs(found - at(task, kind, T)[0]) < 0.08


def test_answers_are_counted_at_the_questions_only():
    class Sure(torch.nn.Module):
        """Says 3 at every question, and nonsense before."""

        def forward(self, x):
            said = torch.zeros(*x.shape[:2], 4)
            said[:, -8:, 3] = 1
            return said

    found = accuracy(Sure(), "recall", 20, torch.Generator().manual_seed(0), n=4000)
    assert found == pytest.approx(0.25, abs=0.05)


def test_bad_input_is_refused():
    with pytest.raises(ValueError, match="task, kind: one of"):
        trained("recall", "signed")
    with pytest.raises(ValueError, match="task, kind: one of"):
        stored_net("parity", "signed")


def test_the_table_says_what_the_lesson_says():
    assert at("parity", "LSTM", 256).min() > 0.95
    for kind in ("minGRU", "attention", "convolution"):
        assert at("parity", kind, 256).max() < 0.65
    assert at("recall", "attention", 256).min() > 0.95
