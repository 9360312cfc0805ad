"""Each leak does what its name says, and an honest forecaster sees no future."""

import numpy as np
import pytest

from helpers.data.series import random_walk
from helpers.nets.series.leaky import (
    FUTURE,
    LEAKS,
    NOW,
    learn,
    reached,
    score,
    smooth,
    tuned,
)


def walk(seed=0):
    return random_walk(np.random.default_rng(seed), NOW + FUTURE)


def test_a_smooth_series_is_of_neighbours():
    s = np.array([0.0, 0, 5, 0, 0, 0])
    assert smooth(s) == pytest.approx([5 / 3, 5 / 4, 1, 1, 5 / 4, 0])
    assert smooth(np.full(9, 3.0)) == pytest.approx(np.full(9, 3.0))


def test_the_kernel_learns_a_line_and_remembers_levels():
    rng = np.random.default_rng(0)
    X = rng.normal(0, 1, (80, 6))
    y = np.diff(X) @ rng.normal(0, 1, 5)
    model = learn(X[:60], y[:60], 0.01, 1e-6)
    assert np.abs(model(X[60:]) - y[60:]).max() < 0.2 * np.abs(y).max()
    close = learn(X[:60], rng.normal(0, 1, 60), 0.05, 1e-6)
    assert close(X[:60]).std() > 0.5


def test_the_honest_forecaster_does_not_see_what_comes():
    one, other = walk(), walk()
    other[NOW:] *= 3
    none = [score(w, 5, (), np.random.default_rng(0)) for w in (one, other)]
    assert none[0][0] == none[1][0]
    assert none[0][1] != none[1][1]


@pytest.mark.parametrize(
    ("leaks", "inputs"),
    [((), []), (LEAKS[:1], range(21)), (LEAKS[1:2], []), (LEAKS[2:3], [19, 20]),
     (LEAKS[3:4], [20]), (LEAKS[4:], [])],
)  # fmt: skip
def test_the_future_moves_the_inputs_at_fault(leaks, inputs):
    assert np.flatnonzero(reached(leaks) > 1e-9).tolist() == list(inputs)


def test_tuning_takes_the_best_score_then():
    some = ((20, 0.05, 5), (5, 0.05, 1))
    each = [score(walk(), 5, (), np.random.default_rng(0), *s) for s in some]
    assert tuned(walk(), 5, ["tuned on test"], 0, some) == max(each)
    assert tuned(walk(), 5, [], 0) == each[0]
    with pytest.raises(ValueError, match="leaks: got"):
        tuned(walk(), 5, ["peeking"], 0)
