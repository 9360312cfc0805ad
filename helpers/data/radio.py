"""Morse code as sound: texts keyed at any speed, with noise, and what a frame hears.

We make the recordings, so we know what no listener is told: when each letter was sent.
"""

from __future__ import annotations

from numbers import Real
from typing import NamedTuple

import numpy as np

from helpers.data.morse import as_elements
from helpers.guards import want_shapes

__all__ = [
    "BANDS",
    "FRAME",
    "RATE",
    "Recording",
    "key_text",
    "letter_times",
    "record",
    "waterfall",
]

RATE = 8000  # samples a second
FRAME = 0.016  # seconds from one frame to the next
BANDS = np.arange(375, 1126, 62.5)  # middles of the bands that are looked at, in Hz
UNITS = {".": 1, "-": 3, " ": 3, "/": 7}  # dots that each symbol lasts
_LOUD = 0.25  # root of the mean power of tone and noise together
_HOP, _WINDOW = round(FRAME * RATE), 2 * round(FRAME * RATE)


class Recording(NamedTuple):
    """A text as sound: sound (N,) in -1 … 1, and when each of its symbols was sent."""

    sound: np.ndarray
    text: str
    elements: str  # as `as_elements` writes the text
    begins: np.ndarray  # (len(elements),) seconds
    ends: np.ndarray  # (len(elements),) seconds


def key_text(text, rng, *, wpm=20, jitter=0.1, snr=12, hertz=600):
    """Return the Recording of a text in the letters a … z and single spaces.

    wpm: words a minute; a dot lasts 1.2 / wpm seconds, a dash three dots, the pauses
    within a letter, between letters and between words one, three and seven. jitter: how
    far each of these strays from its length (standard deviation, as a share of it).
    snr: power of the tone over power of white noise in the whole band, in dB. hertz:
    the tone. Some 0.2 seconds of noise stand at both ends.
    """
    _want_range(wpm=(wpm, 1, 100), jitter=(jitter, 0, 1), snr=(snr, -60, 100))
    _want_range(hertz=(hertz, 100, RATE / 2 - 100))
    elements = as_elements(text)
    on, units, places = [], [], []  # sounding?, for how many dots; place of each symbol
    for symbol, after in zip(elements, elements[1:] + " ", strict=True):
        places.append(len(on))
        on.append(symbol in ".-")
        units.append(UNITS[symbol])
        if symbol in ".-" and after in ".-":
            on.append(False)
            units.append(1)
    strays = np.clip(1 + jitter * rng.standard_normal(len(units)), 0.4, 1.6)
    silent = 0.15 + 0.1 * rng.random(2)
    ends = silent[0] + np.cumsum(np.array(units) * strays) * 1.2 / wpm
    begins = np.array([silent[0], *ends[:-1]])
    sound = _sound(np.array(on), begins, ends, ends[-1] + silent[1], snr, hertz, rng)
    return Recording(sound, text, elements, begins[places], ends[places])


def _sound(on, begins, ends, seconds, snr, hertz, rng):
    t = np.arange(round(seconds * RATE)) / RATE
    keyed = np.zeros(len(t))
    for begin, end in zip(begins[on] * RATE, ends[on] * RATE, strict=True):
        keyed[round(begin) : round(end)] = 1
    ramp = np.hanning(50)  # 6 ms, or it clicks
    keyed = np.convolve(keyed, ramp / ramp.sum(), mode="same")
    tone = keyed * np.sin(2 * np.pi * (hertz * t + rng.random()))
    power = 0.5 / 10 ** (snr / 10)  # that of a loud tone is 0.5
    noise = np.sqrt(power) * rng.standard_normal(len(t), dtype=np.float32)
    return np.clip(_LOUD / np.sqrt(0.5 + power) * (tone + noise), -1, 1)


def letter_times(elements, begins, ends):
    """Return (begins, ends) of the characters, given those of a Recording's elements.

    A letter lasts from its first dot or dash to the end of its last; a space in the
    text as long as the pause.
    """
    given, begins, ends, within = (
        zip(elements, begins, ends, strict=True),
        [],
        [],
        False,
    )
    for symbol, begin, end in given:
        if symbol in ".-" and within:
            ends[-1] = end
        elif symbol != " ":
            begins.append(begin)
            ends.append(end)
        within = symbol in ".-"
    return np.array(begins), np.array(ends)


def record(texts, rng, *, snr=(-3, 20), wpm=(18, 25), jitter=0.1, hertz=(500, 900)):
    """Yield a Recording of each text; what is a pair is drawn between its two ends."""
    given = {"snr": snr, "wpm": wpm, "jitter": jitter, "hertz": hertz}
    for text in texts:
        drawn = {
            name: value if isinstance(value, Real) else rng.uniform(*value)
            for name, value in given.items()
        }
        yield key_text(text, rng, **drawn)


_t = np.arange(_WINDOW)[:, None] / RATE
_WAVES = np.hanning(_WINDOW)[:, None] * np.concatenate(
    [wave(2 * np.pi * _t * BANDS) for wave in (np.cos, np.sin)], axis=1
)
_WAVES = (_WAVES * 2 / np.hanning(_WINDOW).sum()).astype(np.float32)


def waterfall(sound):
    """Return frames (T, 13): how loud each of BANDS is, every FRAME seconds.

    The logarithm of the energy in a window of two frames, moved and scaled by fixed
    numbers, so that a frame depends on no later one but its neighbour.
    """
    want_shapes(sound=(sound, "N"))
    if len(sound) < _HOP:
        raise ValueError(f"sound: got {len(sound)} samples, want {_HOP} or more")
    sound = np.pad(np.asarray(sound, np.float32), (_WINDOW - _HOP) // 2)
    windows = np.lib.stride_tricks.sliding_window_view(sound, _WINDOW)[::_HOP]
    waves = windows @ _WAVES  # (T, 2 * bands)
    energy = waves[:, : len(BANDS)] ** 2 + waves[:, len(BANDS) :] ** 2
    return (np.log(energy + 1e-6) + 9) / 3


def _want_range(**values):
    for name, (value, low, high) in values.items():
        if not isinstance(value, Real) or not low <= value <= high:
            raise ValueError(f"{name}: got {value!r}, want a number in {low} … {high}")
