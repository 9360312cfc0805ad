"""explore_lattice without a browser: a step of descent, the fallback, the still."""

import base64
import io

import numpy as np
import pytest
from PIL import Image

from helpers.explore.listening.lattice import (
    RATE,
    SYMBOLS,
    descend,
    draw_lattice,
    explore_lattice,
)
from helpers.gradients.gradcheck import numerical_gradient
from helpers.writing.ctc import ctc

LOGITS = np.random.default_rng(1).standard_normal((8, 4))


def loss(logits, word="ab"):
    log_y = logits - np.logaddexp.reduce(logits, axis=1, keepdims=True)
    return float(ctc(log_y[None], np.array([[SYMBOLS.index(k) for k in word]]))[0][0])


def test_a_step_goes_down_the_gradient():
    slope = numerical_gradient(loss, LOGITS.copy())
    np.testing.assert_allclose(LOGITS - RATE * slope, descend(LOGITS, "ab"), atol=1e-7)
    assert loss(descend(LOGITS, "ab", rate=0.1)) < loss(LOGITS)


def test_with_one_output_for_all_frames_blank_wins():
    logits = np.tile(LOGITS.mean(0), (8, 1))
    for _ in range(300):
        logits = descend(logits, "ab", shared=True)
    assert (logits == logits[0]).all()
    assert (logits.argmax(1) == 0).all()
    free = LOGITS
    for _ in range(300):
        free = descend(free, "ab")
    assert loss(free) < 0.1 < loss(logits)


def test_a_reader_without_a_kernel_sees_a_picture():
    bundle = explore_lattice()._repr_mimebundle_()
    data, metadata = bundle
    picture = Image.open(io.BytesIO(base64.b64decode(data["image/png"])))
    assert picture.size[0] > 600
    assert "Eight frames" in metadata["image/png"]["alt"]
    assert "Run this notebook" in data["text/plain"]


def test_the_still_names_its_bars_and_draws_a_line_from_each_to_its_gamma():
    above = draw_lattice(LOGITS, "ab").axes[0]
    assert [text.get_text() for text in above.texts] == list(SYMBOLS)
    log_y = LOGITS - np.logaddexp.reduce(LOGITS, axis=1, keepdims=True)
    gamma = ctc(log_y[None], np.array([[1, 2]]))[1][0]
    for k, lines in enumerate(above.collections):
        ends = np.array(lines.get_segments())[:, :, 1]
        np.testing.assert_allclose(ends, np.c_[np.exp(log_y)[:, k], gamma[:, k]])


@pytest.mark.parametrize(
    ("ask", "says"),
    [
        (lambda: descend(LOGITS[:, :2], "ab"), "logits: got shape"),
        (lambda: descend(LOGITS, "abz"), "word: got 'abz'"),
        (lambda: descend(LOGITS, ""), "word: got ''"),
        (lambda: descend(LOGITS, "aaaaa"), "word: 'aaaaa' does not fit into 8"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(ask, says):
    with pytest.raises(ValueError, match=says):
        ask()
