"""Sounds for a network that speaks: whole numbers on a logarithmic scale, and a key.

Morse code at 4,000 samples a second in one of five pitches, and beside each sample what
the key does: nothing (0), or which pitch sounds (1 … 5).
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from helpers.data import radio

__all__ = [
    "LEVELS",
    "PITCHES",
    "RATE",
    "Keyed",
    "floor_nats",
    "from_mu_law",
    "keyed",
    "mu_law",
]

RATE = 4000  # samples a second
LEVELS = 64
PITCHES = {"C": 523.25, "D": 587.33, "E": 659.26, "F": 698.46, "G": 783.99}  # Hz
WPM, SNR = 25, 15


class Keyed(NamedTuple):
    """A recording: ids (N,) in 0 … 63, key (N,) in 0 … 5, and its text."""

    ids: np.ndarray
    key: np.ndarray
    text: str


def mu_law(x, levels=64):
    """Return ids 0 … levels - 1 of sound x in -1 … 1: fine steps where it is quiet."""
    _want_sound(x)
    m = levels - 1
    y = np.sign(x) * np.log1p(m * np.abs(x)) / np.log1p(m)  # -1 … 1
    return np.rint((y + 1) / 2 * m).astype(int)


def from_mu_law(ids, levels=LEVELS):
    """Return the sound, in -1 … 1, that ids stand for."""
    m = levels - 1
    y = 2 * ids / m - 1
    return np.sign(y) * np.expm1(np.abs(y) * np.log1p(m)) / m


def keyed(text, rng, pitch=None, *, wpm=WPM, snr=SNR):
    """Return a text as Keyed; pitch: one of PITCHES, drawn if it is None."""
    names = list(PITCHES)
    pitch = names[rng.integers(len(names))] if pitch is None else pitch
    if pitch not in PITCHES:
        raise ValueError(f"pitch: got {pitch!r}, want one of {names}")
    sent = radio.key_text(text, rng, wpm=wpm, snr=snr, hertz=PITCHES[pitch])
    sound = sent.sound[:: radio.RATE // RATE]
    down = _key_down(sent.elements, sent.begins, sent.ends, len(sound))
    return Keyed(mu_law(sound), down * (1 + names.index(pitch)), text)


def _key_down(elements, begins, ends, n):
    """Return (n,), 1 where a dot or dash sounds, else 0; begins, ends in seconds."""
    down = np.zeros(n, int)
    for sign, begin, end in zip(elements, begins, ends, strict=True):
        if sign in ".-":
            down[round(begin * RATE) : round(end * RATE)] = 1
    return down


def floor_nats(snr=SNR, points=64):
    """Return (silence, tone): the mean of -log p per sample of a net that knows all.

    It knows the tone exactly, and that the noise is normal: what no model gets below.
    """
    power = 0.5 / 10 ** (snr / 10)
    loud = radio._LOUD / np.sqrt(0.5 + power)  # of the tone, as `key_text` has it
    edges = from_mu_law(np.arange(LEVELS - 1) + 0.5)

    def entropy(tone):
        z = (edges - tone) / (loud * np.sqrt(2 * power))
        below = np.array([0, *(0.5 + 0.5 * np.vectorize(math.erf)(z)), 1])
        p = np.diff(below)
        return -(p * np.log(np.maximum(p, 1e-300))).sum()

    phases = 2 * np.pi * (np.arange(points) + 0.5) / points
    return entropy(0), float(np.mean([entropy(loud * np.sin(a)) for a in phases]))


def _want_sound(x):
    """Refuse sound outside of -1 … 1; return None."""
    top = np.abs(np.asarray(x, float)).max(initial=0)
    if not top <= 1:
        raise ValueError(f"x: numbers in -1 … 1 wanted, got up to {top}")
