"""Morse code as text and as sound: what is sent is what a frame hears."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.data import radio
from helpers.data.clips import batches, clips, collate, spell
from helpers.data.morse import (
    CODE,
    ELEMENTS,
    LETTERS,
    Alphabet,
    as_elements,
    draw_texts,
    from_elements,
    words,
)
from helpers.sound import player

WORD = st.text("abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=5)


@given(st.lists(WORD, min_size=1, max_size=4))
def test_a_text_comes_back_from_its_elements(parts):
    text = " ".join(parts)
    assert from_elements(as_elements(text)) == text
    for alphabet, written in ((LETTERS, text), (ELEMENTS, as_elements(text))):
        assert alphabet.decode(spell(alphabet, text)) == written


def test_codes_are_all_different_and_an_unknown_one_is_a_question_mark():
    assert len(set(CODE.values())) == 26
    assert as_elements("at e") == ".- -/."
    assert from_elements(" ......  .-//./ ") == "?a e"


def test_random_texts_can_be_sent_and_repeat_with_the_seed():
    texts = draw_texts(np.random.default_rng(0), 200, (1, 6), spaces=0.5)
    assert {len(text) for text in texts} == {1, 2, 3, 4, 5, 6}
    assert all(from_elements(as_elements(text)) == text for text in texts)
    assert texts == draw_texts(np.random.default_rng(0), 200, (1, 6), spaces=0.5)
    assert {"the", "with"} <= set(words())
    assert all(3 <= len(word) <= 6 and word.isalpha() for word in words())


@pytest.mark.parametrize("wpm", [12, 20, 30])
def test_paris_and_its_pause_last_a_word(wpm):
    rng = np.random.default_rng(0)
    sent = radio.key_text("paris e", rng, wpm=wpm, jitter=0)
    begins, ends = radio.letter_times(sent.elements, sent.begins, sent.ends)
    assert begins[-1] - begins[0] == pytest.approx(60 / wpm)
    assert len(begins) == len(ends) == len(sent.text)
    assert (begins < ends).all()
    assert (ends[:-1] <= begins[1:] + 1e-12).all()


def test_the_tone_is_loud_where_a_symbol_was_sent_and_in_its_own_band():
    rng = np.random.default_rng(1)
    sent = radio.key_text("k", rng, wpm=15, jitter=0.1, snr=20, hertz=625)
    frames = radio.waterfall(sent.sound)
    assert abs(len(frames) - len(sent.sound) / 128) <= 1
    assert frames.shape[1] == len(radio.BANDS)
    t = (np.arange(len(frames)) + 0.5) * radio.FRAME
    band = int(np.argmin(abs(radio.BANDS - 625)))
    sounding = np.zeros(len(t), bool)
    for begin, end in zip(sent.begins, sent.ends, strict=True):
        inside = (t > begin + 0.016) & (t < end - 0.016)
        assert frames[inside, band].min() > frames[~sounding & (t < 0.1), band].max()
        assert (frames[inside].argmax(1) == band).all()


def test_the_noise_has_the_power_that_was_asked_for():
    for snr in (-6, 0, 6):
        silent, sounding = [], []
        for seed in range(30):
            rng = np.random.default_rng(seed)
            sent = radio.key_text("t", rng, wpm=5, snr=snr, jitter=0)
            begin, end = (round(8000 * t[0]) for t in (sent.begins, sent.ends))
            silent.append(np.mean(sent.sound[: begin - 50] ** 2))
            sounding.append(np.mean(sent.sound[begin + 50 : end - 50] ** 2))
            assert np.abs(sent.sound).max() <= 1
        noise = np.mean(silent)
        tone = np.mean(sounding) - noise
        assert 10 * np.log10(tone / noise) == pytest.approx(snr, abs=0.5)


def test_batches_hold_clips_of_like_length_and_their_targets():
    rng = np.random.default_rng(0)
    given = clips(draw_texts(rng, 40, (1, 5)), rng)
    x, lengths, targets, sizes = collate(given, [3, 7], ELEMENTS)
    assert x.shape == (2, lengths.max(), 13)
    assert ELEMENTS.decode(targets[0][: sizes[0]]) == as_elements(given.texts[3])
    x, lengths, targets, sizes = next(batches(given, LETTERS, rng, B=8))
    assert lengths.max() - lengths.min() < max(map(len, given.frames)) / 2
    easy = next(batches(given, LETTERS, rng, B=8, easy=1))[1]
    assert easy.max() <= sorted(map(len, given.frames))[10]


@pytest.mark.parametrize(
    ("ask", "says"),
    [
        (lambda: as_elements("Hi!"), "text: got 'Hi!'"),
        (lambda: as_elements(" a"), "text: got ' a'"),
        (lambda: Alphabet("aa"), "symbols: got 'aa'"),
        (lambda: LETTERS.encode("é"), "text: 'é' is none of"),
        (lambda: draw_texts(np.random.default_rng(0), 0), "n: got 0"),
        (lambda: draw_texts(np.random.default_rng(0), 2, (3, 1)), "length, spaces"),
        (lambda: words(0), "shortest: got 0"),
        (lambda: radio.key_text("a", None, wpm=0), "wpm: got 0"),
        (lambda: radio.key_text("a", None, snr="loud"), "snr: got 'loud'"),
        (lambda: radio.waterfall(np.zeros((2, 2))), "sound: got shape"),
        (lambda: radio.waterfall(np.zeros(9)), "sound: got 9 samples"),
        (lambda: clips([], np.random.default_rng(0)), "texts is empty"),
        (lambda: player(np.zeros(9), 2000), "rate: got 2000, want 3000 or more"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(ask, says):
    with pytest.raises(ValueError, match=says):
        ask()
