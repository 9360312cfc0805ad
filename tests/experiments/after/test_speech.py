"""The tables of lesson 11 on WaveNet: rows that come out again, and what is said."""

import numpy as np
import pytest

from helpers.data.after.keyed import Keyed
from helpers.experiments import load
from helpers.experiments.after.convolution import KINDS, UPDATES, text_model, text_run
from helpers.experiments.after.speech import (
    new_recordings,
    quick_listener,
    said,
    trained_speaker,
)
from helpers.nets.after.speaking import heard
from helpers.nets.listener import error_rate

TEXT = {(r["kind"], r["steps"]): r for r in load("convolution")["rows"]}
SPEECH = load("speech")["rows"]


def test_a_row_of_the_text_table_comes_out_again():
    run = text_run("WaveNet", 200, 0)
    assert run["bits"] == pytest.approx(TEXT["WaveNet", 200]["bits"][0], abs=0.1)


def test_the_text_table_is_whole_and_the_nets_are_about_as_large():
    assert [*TEXT] == [(kind, n) for kind in KINDS for n in UPDATES[kind]]
    assert all(len(row["bits"]) == 3 for row in TEXT.values())
    sizes = [sum(p.numel() for p in text_model(k, 94, 0).parameters()) for k in KINDS]
    assert max(sizes) < 1.3 * min(sizes)


def test_what_a_wavenet_says_is_understood_as_the_table_has_it():
    model, history = trained_speaker(0)
    assert np.mean(history.loss[-20:]) == pytest.approx(SPEECH[0]["last"], abs=0.1)
    recordings = new_recordings(12)
    texts = [r.text for r in recordings]
    spoken = said(model, recordings, np.random.default_rng(0))
    assert [len(ids) for ids in spoken] == [len(r.ids) for r in recordings]
    listener = quick_listener()
    assert error_rate(heard(listener, spoken, texts), texts) < 0.25
    silent = [Keyed(None, 0 * r.key, "") for r in recordings]
    nothing = said(model, silent, np.random.default_rng(0))
    assert error_rate(heard(listener, nothing, texts), texts) > 0.7


def test_the_speech_table_says_what_the_lesson_says():
    spoken = np.array([row["spoken"] for row in SPEECH])
    assert spoken.shape == (3, 3)
    assert spoken.max() < 0.04
    assert max(max(row["recorded"]) for row in SPEECH) < 0.02
