"""Windows split by time, in the units of what was known."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.data.files.own import by_pairs, parted


@given(st.integers(1, 8), st.integers(2, 30), st.integers(1, 20))
def test_no_training_window_touches_the_test_part(length, more, after):
    cut = length + more
    values = np.arange(cut + after, dtype=float) ** 1.5
    parts = parted(values, length, cut)
    known = values[:cut]
    assert parts.mean == pytest.approx(known.mean())
    assert parts.scale == pytest.approx(known.std())

    def back(z):
        return z * parts.scale + parts.mean

    np.testing.assert_allclose(back(parts.train.y), values[length:cut], rtol=1e-4)
    np.testing.assert_allclose(back(parts.test.y), values[cut:], rtol=1e-4)
    np.testing.assert_allclose(
        back(parts.test.x[:, -1]), values[cut - 1 : -1], rtol=1e-4
    )
    assert parts.train.x.shape == (more, length)
    assert back(parts.train.x).max() < values[cut - 1]


def test_what_comes_later_does_not_change_what_was_known():
    rng = np.random.default_rng(0)
    values = rng.normal(size=60)
    other = values.copy()
    other[40:] *= 100
    for one, two in zip(
        parted(values, 5, 40).train, parted(other, 5, 40).train, strict=True
    ):
        np.testing.assert_array_equal(one, two)


@pytest.mark.parametrize(("length", "cut"), [(0, 5), (5, 5), (3, 10), (3, 11)])
def test_what_does_not_fit_is_refused(length, cut):
    with pytest.raises(ValueError, match="do not fit 10 values"):
        parted(np.arange(10.0), length, cut)
    with pytest.raises(ValueError, match="the first 5 are all equal"):
        parted(np.r_[np.ones(5), 2, 3], 2, 5)


def test_a_verdict_takes_pairs():
    assert by_pairs([1, 2, 3, 4], [1.2, 2.1, 3.2, 4.1]) == "first"
    assert by_pairs([1.2, 2.1, 3.2, 4.1], [1, 2, 3, 4]) == "second"
    assert by_pairs([1.0, 1.3, 0.8], [1.1, 1.2, 1.0]) == "cannot say"
    assert by_pairs([0.1], [0.9]) == "cannot say"
