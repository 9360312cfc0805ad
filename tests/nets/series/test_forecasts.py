"""Baselines, scores, rolling origins and the LSTM that forecasts, against oracles."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from helpers.data import series
from helpers.nets.series.baselines import (
    BASELINES,
    ar_direct,
    ar_recursive,
    drift,
    mase,
    naive,
    seasonal,
    skill,
)
from helpers.nets.series.forecaster import Forecaster, forecast, next_values, trained
from helpers.nets.series.rolling import half_widths, inside, roll, truths


def line_and_wave(n):
    t = np.arange(n)
    return 5 + 0.3 * t + np.sin(2 * np.pi * t / 12)


@pytest.mark.parametrize("name", ["seasonal", "linear AR, recursive"])
def test_a_line_with_a_wave_is_forecast_exactly(name):
    y = line_and_wave(200)
    assert BASELINES[name](y[:170], 30) == pytest.approx(y[170:], abs=1e-6)
    direct = ar_direct(y[:170], 30)
    assert direct == pytest.approx(y[170:], abs=1e-6)


def test_naive_and_drift_on_a_line():
    y = 3.0 * np.arange(10)
    assert naive(y, 3).tolist() == [27, 27, 27]
    assert drift(y, 3).tolist() == [30, 33, 36]


@given(st.integers(60, 90), st.floats(-5, 5), st.floats(0.1, 9))
def test_every_baseline_goes_along_with_another_unit(n, shift, stretch):
    y = series.random_walk(np.random.default_rng(n), n, 10) + line_and_wave(n)
    for method in (naive, drift, seasonal, lambda p, K: ar_recursive(p, K, 6)):
        one, other = method(y, 5), method(shift + stretch * y, 5)
        np.testing.assert_allclose(shift + stretch * one, other, rtol=1e-5, atol=1e-4)


@pytest.mark.parametrize("name", BASELINES)
def test_a_baseline_that_is_given_too_little_says_so(name):
    with pytest.raises(ValueError, match="past: got 0 values"):
        BASELINES[name](np.array([]), 3)
    with pytest.raises(ValueError, match="K: got 0"):
        BASELINES[name](line_and_wave(100), 0)
    with pytest.raises(ValueError, match="past: got a list"):
        BASELINES[name]([1.0] * 100, 3)


def test_scores_have_their_fixed_points():
    y = line_and_wave(50)
    assert skill(y[1:], y[1:], y[:-1]) == 1
    assert skill(y[:-1], y[1:], y[:-1]) == 0
    assert skill(2 * y[:-1] - y[1:], y[1:], y[:-1]) == pytest.approx(-3)
    assert mase(y[12:], y[12:], y) == 0
    assert mase(y[:-12], y[12:], y) == pytest.approx(1)
    with pytest.raises(ValueError, match="past"):
        mase(y[:3], y[:3], y[:12])


@given(arrays(float, (9, 4), elements=st.floats(-9, 9)), st.integers(1, 4))
def test_half_widths_are_of_earlier_origins_whose_truth_is_known(errors, step):
    origins = 20 + step * np.arange(9)
    found = half_widths(errors, origins, share=1.0, least=2)
    for k, h in np.ndindex(9, 4):
        known = [j for j in range(9) if origins[j] + h < origins[k]]
        if len(known) < 2:
            assert np.isnan(found[k, h])
        else:
            assert found[k, h] == max(abs(errors[j, h]) for j in known)


def test_the_ends_of_an_interval_belong_to_it():
    said, half = np.zeros((2, 3)), np.array([[1.0], [2.0]])
    truth = np.array([[-1.0, 0, 1.5], [2.0, -2.5, np.nan]])
    held = inside(said, truth, half)
    assert held.tolist() == [[True, True, False], [True, False, False]]
    with pytest.raises(ValueError, match="truth"):
        inside(said, truth[:, :2], half)


def test_rolling_shows_a_method_the_past_alone():
    y = line_and_wave(40)
    seen = []

    def spy(past, K):
        seen.append(past)
        return past[-1] + np.arange(K)

    said = roll(y, spy, [20, 25], 3)
    assert [len(past) for past in seen] == [20, 25]
    assert said[:, 0].tolist() == [y[19], y[24]]
    assert truths(y, [20, 25], 3)[1].tolist() == y[25:28].tolist()
    with pytest.raises(ValueError, match="origins: got"):
        roll(y, spy, [38], 3)


def test_a_net_of_the_change_starts_as_persistence_and_keeps_units():
    y = series.random_walk(np.random.default_rng(0), 60, 100)
    torch.manual_seed(0)
    net = Forecaster(y, change=True)
    assert next_values(net, y, 10) == pytest.approx(y[9:-1], rel=1e-6)
    torch.nn.init.normal_(net.out.weight)
    more = Forecaster(y, change=True)
    more.load_state_dict(net.state_dict())
    before, after = next_values(net, y, 10), next_values(more, y + 50, 10)
    assert after == pytest.approx(before + 50, abs=1e-3)


def test_recursive_feeds_itself_and_direct_says_all_at_once():
    y = line_and_wave(80)
    torch.manual_seed(1)
    one, many = Forecaster(y, K=1), Forecaster(y, K=5)
    said = forecast(one, y, 3, L=10)
    window = torch.tensor(y[-10:], dtype=torch.float32)[None]
    with torch.no_grad():
        first = one(window)
        second = one(torch.cat([window[:, 1:], first], 1))
        assert said[:2] == pytest.approx([first.item(), second.item()], rel=1e-6)
        assert forecast(many, y, 5, 10) == pytest.approx(many(window)[0].numpy())


def test_training_learns_a_wave_and_scales_by_its_past_alone():
    y = line_and_wave(150)
    net = trained(y[:120], seed=0, L=24, change=True, steps=150)
    assert mase(forecast(net, y[:120], 12), y[120:132], y[:120]) < 0.5
    level = Forecaster(y[:120])
    assert (level.low, level.unit) == (y[:120].min(), np.ptp(y[:120]))


def test_the_measured_series_are_there():
    co2 = series.carbon()
    assert co2.shape == (444,)
    assert 310 < co2.min() < co2.max() < 380
    months = co2.reshape(-1, 12)
    assert (months[:, 4] > months[:, 9]).all()  # May above October, every year
    prices = series.google()
    assert prices.shape == (1047,)
    assert prices[0] == pytest.approx(100.34)
    walk = series.random_walk(np.random.default_rng(0), 20_000)
    steps = np.diff(np.log(walk))
    assert steps.std() == pytest.approx(0.02, rel=0.05)
    assert abs(np.corrcoef(steps[1:], steps[:-1])[0, 1]) < 0.03
    with pytest.raises(ValueError, match="steps 0"):
        series.random_walk(np.random.default_rng(0), 0)
