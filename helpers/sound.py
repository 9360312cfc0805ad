"""Sound from numbers: notes to a wave, and a wave to a player in the notebook."""

from __future__ import annotations

import io
import wave

import numpy as np
from IPython.display import Audio

from helpers.guards import want_shapes, want_sizes

__all__ = ["player", "synthesise", "tone"]

SLOWEST = 3000  # samples a second that Chromium will play


def tone(pitch, seconds, rate=8000):
    """Return one plucked note as a wave (N,) in -1 … 1; silence if pitch is None.

    pitch: semitones, 69 being 440 Hz. Four partials, each fainter and dying sooner
    than the one below it; those above half the rate are left out.
    """
    want_sizes(rate=rate)
    _want_above_zero(seconds=seconds)
    t = np.arange(round(seconds * rate)) / rate
    if pitch is None:
        return np.zeros(len(t))
    hertz = 440 * 2 ** ((pitch - 69) / 12)
    partials = [n for n in (1, 2, 3, 4) if n * hertz < rate / 2]
    sound = sum(
        np.sin(2 * np.pi * n * hertz * t) * np.exp(-2 * n * t) / n**2 for n in partials
    )
    ends = np.minimum(1, np.minimum(t, seconds - t) / 0.01)  # 10 ms, or it clicks
    return 0.6 * sound * ends


def synthesise(notes, *, tempo=240, rate=8000):
    """Return the wave (N,) of a tune, in -1 … 1.

    notes: pairs (pitch, length) as melodies.pitch_and_length gives them, lengths in
    eighths; tempo: eighths a minute.
    """
    _want_above_zero(tempo=tempo)
    notes = list(notes)
    if not notes:
        raise ValueError("notes is empty; at least one pair (pitch, length) is wanted")
    return np.concatenate([tone(p, 60 / tempo * n, rate) for p, n in notes])


def player(sound, rate=8000):
    """Return an IPython Audio that plays a wave (N,) in -1 … 1, as 8-bit samples.

    Eight bits, because what a notebook shows is stored in it: a second takes about
    11 kB at the default rate. ValueError for a rate that browsers do not play.
    """
    sound = np.asarray(sound, dtype=float)
    want_shapes(sound=(sound, "N"))
    want_sizes(rate=rate)
    if rate < SLOWEST:
        raise ValueError(
            f"rate: got {rate}, want {SLOWEST} or more; browsers play nothing slower"
        )
    if not len(sound) or not np.abs(sound).max() <= 1:
        raise ValueError("sound: numbers from -1 to 1 wanted, and at least one")
    samples = np.round(127.5 + 127.5 * sound).astype(np.uint8)
    with wave.open(file := io.BytesIO(), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(1)
        out.setframerate(rate)
        out.writeframes(samples.tobytes())
    return Audio(data=file.getvalue())


def _want_above_zero(**values):
    for name, value in values.items():
        if not value > 0:
            raise ValueError(f"{name}: got {value!r}, want a number above 0")
