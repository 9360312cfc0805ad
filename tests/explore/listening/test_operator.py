"""Explorer of the radio operator: what is sent, heard, drawn and played."""

import io
import wave

import numpy as np
import pytest
import torch
from pictures import differ

from helpers.data.morse import ELEMENTS, LETTERS
from helpers.data.radio import RATE, key_text
from helpers.explore.listening.operator import explore_operator
from helpers.nets.listener import Listener


def untrained(both=True, seed=0, K=5):
    torch.manual_seed(seed)
    return Listener(K, both=both)


class Perfect(torch.nn.Module):
    """Knows one recording: says each symbol of "at" in a frame of its own."""

    def forward(self, x, lengths):
        n = (x.shape[1] + 1) // 2
        log_y = torch.full((len(x), n, len(ELEMENTS)), -9.0)
        log_y[:, :, 0] = -0.01
        for t, symbol in enumerate(".- -"):
            log_y[:, 10 + 6 * t : 11 + 6 * t, ELEMENTS.encode(symbol)[0]] = 0
        return log_y, (lengths + 1) // 2


def explorer(**listeners):
    return explore_operator(listeners or {"one": untrained()}, text="at")


def test_every_control_changes_the_picture_but_the_axes_stay():
    live = explorer(one=untrained(), two=untrained(False, 1))
    first = live.frame()
    for values in (
        {"typed": "radio"},
        {"wpm": 12},
        {"snr": -6},
        {"jitter": 0.5},
        {"listener": "two"},
    ):
        assert differ(live.frame(**values), first), values
    assert live.painter.full_draws == 1


def test_what_is_heard_is_said_and_compared():
    live = explorer(net=Perfect())
    assert live.reading.startswith("Sent 'at', heard 'at': right. Spikes after")
    sent = key_text("at", np.random.default_rng(0), jitter=0.1)
    dot = 1000 * (10 * 0.032 - sent.begins[0])
    assert f"{dot:+.0f} ms (dot)".replace("-", "−") in live.reading
    live.frame(typed="it")
    assert "heard 'at', which is wrong" in live.reading


def test_the_player_holds_the_sound_that_is_shown():
    live = explorer()
    live.controls["wpm"].value = 10
    with wave.open(io.BytesIO(live.controls["sound_value"].audio.value)) as sound:
        assert sound.getframerate() == RATE
        frames = sound.getnframes()
    sent = key_text("at", np.random.default_rng(0), wpm=10)
    assert frames == len(sent.sound)


def test_what_cannot_be_keyed_is_told_and_the_picture_stays():
    live = explorer()
    first = live.frame()
    assert live.frame(typed="SOS!") == first
    assert "text: got 'SOS!'" in live.reading
    assert "The figure is the last one." in live.reading


@pytest.mark.parametrize(
    ("ask", "says"),
    [
        (lambda: explore_operator([untrained()]), "listeners: a dict"),
        (lambda: explore_operator({}), "listeners: a dict"),
        (lambda: explore_operator({"a": 3}), r"listeners\['a'\]: a Listener"),
        (lambda: explore_operator({"a": untrained(K=27)}), "5 outputs wanted, got 27"),
        (lambda: explore_operator({"a": untrained()}, LETTERS), "alphabet: got"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(ask, says):
    with pytest.raises(ValueError, match=says):
        ask()
