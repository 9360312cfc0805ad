"""The listener: its shapes, what it hears, and its loss beside ours."""

import numpy as np
import pytest
import torch

from helpers.data.clips import clips, collate
from helpers.data.morse import ELEMENTS, LETTERS
from helpers.nets.listener import (
    Listener,
    ctc_mean,
    error_rate,
    hear,
    train_listener,
    transcribe,
)
from helpers.writing.ctc import ctc


@pytest.fixture(scope="module")
def two():
    rng = np.random.default_rng(0)
    return clips(["at", "it", "e", "no"] * 8, rng, snr=20, wpm=22)


@pytest.mark.parametrize("strides", [(1, 1), (2, 1), (2, 2), (2, 2, 2)])
def test_lengths_are_divided_as_the_frames_are(two, strides):
    torch.manual_seed(0)
    model = Listener(5, strides=strides)
    for row in range(3):
        x, lengths, *_ = collate(two, [row], ELEMENTS)
        log_y, out = model(x, lengths)
        assert log_y.shape == (1, out[0], 5)
        torch.testing.assert_close(log_y.exp().sum(-1), torch.ones(1, int(out[0])))


def test_its_loss_is_ours(two):
    torch.manual_seed(0)
    model = Listener(len(LETTERS)).double()
    x, lengths, targets, sizes = collate(two, [0, 1, 2], LETTERS)
    log_y, out = model(x.double(), lengths)
    ours, _ = ctc(*(a.detach().numpy() for a in (log_y, targets, out, sizes)))
    theirs = ctc_mean(model, x.double(), lengths, targets, sizes)
    assert theirs.item() == pytest.approx(ours.mean(), abs=1e-10)


def test_four_texts_are_learnt_and_heard_one_by_one(two):
    torch.manual_seed(0)
    model = Listener(len(ELEMENTS))
    history = train_listener(model, two, ELEMENTS, steps=120)
    assert history.loss[-1] < history.loss[0] / 4
    assert error_rate(transcribe(model, two, ELEMENTS), two.texts) < 0.2
    assert hear(model, two.frames[0]).shape[1] == len(ELEMENTS)


def test_a_one_way_listener_hears_nothing_of_what_is_far_ahead(two):
    torch.manual_seed(0)
    frames = torch.tensor(two.frames[0])
    changed = frames.clone()
    changed[40:] += 1
    for both, same in ((False, True), (True, False)):
        model = Listener(5, both=both)
        before, after = hear(model, frames), hear(model, changed)
        assert np.array_equal(before[:16], after[:16]) == same


def test_an_error_rate_may_exceed_one():
    assert error_rate(["", "ab"], ["a", "ab"]) == pytest.approx(1 / 3)
    assert error_rate(["aaaa"], ["b"]) == 4


def test_what_does_not_fit_is_refused_by_name():
    with pytest.raises(ValueError, match="K: got 0"):
        Listener(0)
    with pytest.raises(ValueError, match="x: got shape"):
        Listener(5)(torch.zeros(2, 9, 4), torch.tensor([9, 9]))
    for lengths in ([9.0, 9.0], [0, 9], [9, 10]):
        with pytest.raises(ValueError, match=r"lengths: got .*want"):
            Listener(5)(torch.zeros(2, 9, 13), torch.tensor(lengths))
    with pytest.raises(ValueError, match="frames: got shape"):
        hear(Listener(5), np.zeros(9))
    with pytest.raises(ValueError, match="frames: got none"):
        hear(Listener(5), np.zeros((0, 13)))
    for texts in ([], [""]):
        with pytest.raises(ValueError, match="texts: got no characters"):
            error_rate(texts, texts)
    with pytest.raises(ValueError, match="heard: got 1 texts, want 2"):
        error_rate(["a"], ["a", "b"])
