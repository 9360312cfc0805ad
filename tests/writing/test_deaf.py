"""The best output that ignores the input: no other one is better."""

import numpy as np
import pytest

from helpers.writing.ctc import ctc
from helpers.writing.deaf import best_deaf

LENGTHS = np.array([12, 9])
TARGETS = np.array([[1, 2, 2], [3, 1, 0]])


def cost(logits):
    log_y = logits - np.logaddexp.reduce(logits)
    log_y = np.broadcast_to(log_y, (2, 12, 4))
    return ctc(log_y, TARGETS, LENGTHS)[0].mean()


def test_no_step_from_the_best_output_is_downhill():
    y, loss = best_deaf(LENGTHS, TARGETS, 4, rounds=300)
    assert y.sum() == pytest.approx(1)
    assert loss == pytest.approx(cost(np.log(y)), abs=1e-9)
    for k in range(4):
        step = 1e-4 * np.eye(4)[k]
        slope = (cost(np.log(y) + step) - cost(np.log(y) - step)) / 2e-4
        assert slope == pytest.approx(0, abs=1e-6)


def test_rounds_go_downhill_and_blank_wins_where_frames_are_many():
    losses = [best_deaf(LENGTHS, TARGETS, 4, rounds)[1] for rounds in range(1, 9)]
    assert losses == sorted(losses, reverse=True)
    y, loss = best_deaf(np.array([60]), np.array([[3, 9, 1, 30, 12]]), 37)
    assert y[0] == pytest.approx(1 - 5 / 60, abs=0.03)
    assert loss < 25


def test_what_does_not_fit_is_refused_by_name():
    with pytest.raises(ValueError, match="targets: got shape"):
        best_deaf(LENGTHS, TARGETS[0], 4)
    with pytest.raises(ValueError, match="targets: got 0 … 3, want 0 … 2"):
        best_deaf(LENGTHS, TARGETS, 3)
    with pytest.raises(ValueError, match="rounds: got 0"):
        best_deaf(LENGTHS, TARGETS, 4, rounds=0)
