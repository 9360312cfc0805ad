"""The old tunes as notes, and the sound made of them."""

import base64
import io
import re
import wave
from collections import Counter

import numpy as np
import pytest

from helpers.data.melodies import TUNES, bars, load, pitch_and_length
from helpers.sound import player, synthesise, tone


@pytest.mark.parametrize("title", TUNES)
def test_every_bar_is_full_but_for_the_first_and_the_last(title):
    lengths = [sum(pitch_and_length(note)[1] for note in b) for b in bars(TUNES[title])]
    full = Counter(lengths).most_common(1)[0][0]
    assert full in (6, 8)
    assert set(lengths[1:-1]) == {full}
    assert lengths[0] <= full
    assert lengths[-1] <= full


def test_tunes_are_notes_that_can_be_sung():
    tunes = load()
    assert tunes.keys() == TUNES.keys()
    assert len(tunes) >= 20
    notes = [note for tune in tunes.values() for note in tune]
    pitches = [p for p, _ in map(pitch_and_length, notes) if p is not None]
    assert min(pitches) >= 52
    assert max(pitches) <= 79
    assert len({*notes}) < len(notes) / 10  # few enough to be learnt


@pytest.mark.parametrize(
    ("note", "expected"),
    [
        ("C", (60, 1)), ("A2", (69, 2)), ("G,4", (55, 4)), ("c3", (72, 3)),
        ("^F", (66, 1)), ("_B,2", (58, 2)), ("c'", (84, 1)), ("z12", (None, 12)),
    ],
)  # fmt: skip
def test_pitch_and_length(note, expected):
    assert pitch_and_length(note) == expected


@pytest.mark.parametrize("note", ["", "H2", "C2D2", "2C", "C 2"])
def test_what_is_no_note_is_refused(note):
    with pytest.raises(ValueError, match="note: got"):
        pitch_and_length(note)


def test_a_bar_with_anything_else_in_it_is_refused():
    assert bars("C2D|^Fz") == [["C2", "D"], ["^F", "z"]]
    for wrong in ("C2|x|D", "C2||D", "C2 D2", ""):
        with pytest.raises(ValueError, match="abc: bar"):
            bars(wrong)


def strongest(sound, rate):
    return np.argmax(np.abs(np.fft.rfft(sound))) * rate / len(sound)


@pytest.mark.parametrize(("pitch", "hertz"), [(69, 440), (57, 220), (60, 261.63)])
def test_a_tone_has_its_pitch(pitch, hertz):
    assert strongest(tone(pitch, 1.0), 8000) == pytest.approx(hertz, abs=1)


def test_a_tone_starts_and_ends_in_silence_and_stays_within_one():
    sound = tone(60, 0.5)
    assert sound.shape == (4000,)
    assert np.abs(sound).max() <= 1
    assert abs(sound[0]) < 1e-3
    assert abs(sound[-1]) < 0.02
    assert not tone(None, 0.25).any()


def test_no_partial_lies_above_half_the_rate():
    high = np.abs(np.fft.rfft(tone(100, 1.0)))  # 2637 Hz: its double would fold back
    assert strongest(tone(100, 1.0), 8000) == pytest.approx(2637, abs=2)
    assert high[8000 - 5274] < high.max() / 100


def test_a_tune_lasts_as_long_as_its_notes():
    notes = [pitch_and_length(note) for note in ("C2", "z", "G,3")]
    assert len(synthesise(notes, tempo=240)) == 6 * 2000
    assert len(synthesise(iter(notes), tempo=480, rate=4000)) == 6 * 500
    with pytest.raises(ValueError, match="notes is empty"):
        synthesise([])
    with pytest.raises(ValueError, match="tempo: got 0"):
        synthesise(notes, tempo=0)


def test_the_player_holds_the_wave_in_the_page():
    sound = synthesise([(60, 2), (64, 2)])
    html = player(sound)._repr_html_()
    data = re.search(r"data:audio/wav;base64,([^\"]+)", html)[1]
    with wave.open(io.BytesIO(base64.b64decode(data))) as file:
        assert (file.getframerate(), file.getsampwidth()) == (8000, 1)
        samples = np.frombuffer(file.readframes(file.getnframes()), np.uint8)
    assert np.allclose((samples - 127.5) / 127.5, sound, atol=1 / 127)
    assert "http" not in html
    assert "autoplay" not in html


@pytest.mark.parametrize("sound", [[], [0.0, 1.5], [np.nan], [[0.0]]])
def test_the_player_refuses_what_is_no_wave(sound):
    with pytest.raises(ValueError, match="sound: "):
        player(sound)
