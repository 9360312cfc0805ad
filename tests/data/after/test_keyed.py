"""Sounds on the µ-law scale, with the key beside them."""

import numpy as np
import pytest

from helpers.data import radio
from helpers.data.after.keyed import (
    LEVELS,
    PITCHES,
    RATE,
    floor_nats,
    from_mu_law,
    keyed,
    mu_law,
)


def test_levels_come_back_and_are_fine_where_it_is_quiet():
    ids = np.arange(LEVELS)
    np.testing.assert_array_equal(mu_law(from_mu_law(ids)), ids)
    x = np.linspace(-1, 1, 501)
    error = abs(from_mu_law(mu_law(x)) - x)
    assert error.max() < 0.07
    assert error[abs(x) < 0.05].max() < 0.01
    assert mu_law(np.array([-1.0, 1.0])).tolist() == [0, LEVELS - 1]


def test_the_key_is_down_where_the_tone_sounds():
    recording = keyed("sos", np.random.default_rng(0), "G", snr=60)
    loud = abs(from_mu_law(recording.ids)) > 0.05
    near = np.convolve(loud, np.ones(9), mode="same") > 0
    assert np.mean(near == (recording.key > 0)) > 0.96
    assert set(recording.key) == {0, 1 + list(PITCHES).index("G")}
    sound = from_mu_law(recording.ids)
    spectrum = abs(np.fft.rfft(sound))
    assert abs(spectrum.argmax() * RATE / len(sound) - PITCHES["G"]) < 5


def test_nobody_gets_below_the_floor_and_who_knows_the_tone_is_on_it():
    silence, tone = floor_nats()
    assert tone < silence < np.log(LEVELS)
    rng = np.random.default_rng(0)
    recording = keyed("e t e t e t", rng)
    quiet = recording.ids[recording.key == 0]
    p = np.bincount(quiet, minlength=LEVELS) / len(quiet)
    entropy = -(p[p > 0] * np.log(p[p > 0])).sum()
    assert entropy == pytest.approx(silence, abs=0.03)
    sent = radio.key_text("ttt", rng, snr=40, hertz=1000)
    power = 0.5 / 10**4
    assert radio._LOUD / np.sqrt(0.5 + power) == pytest.approx(sent.sound.max(), 0.05)


def test_odd_input_is_refused_by_name():
    with pytest.raises(ValueError, match="x: numbers in -1"):
        mu_law([0, 1.5])
    with pytest.raises(ValueError, match="pitch: got 'H'"):
        keyed("e", np.random.default_rng(0), "H")
