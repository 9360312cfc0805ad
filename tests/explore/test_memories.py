"""explore_memories: its nets against those of the lesson, its words, its frames."""

import numpy as np
import pytest
import torch
from matplotlib.text import Text
from pictures import differ
from torch import nn

from helpers.explore import memories
from helpers.explore.kit.numbers import short
from helpers.explore.memories import LEFT, D, H, T, explore_memories, memory_of_a_pulse
from helpers.nets.numpy_gru import GRU
from helpers.nets.numpy_lstm import LSTM, sigmoid
from helpers.nets.numpy_rnn import RNN


@pytest.fixture(scope="module")
def live():
    return explore_memories()


def by_the_lesson(forget_bias, gain, noise, start, size, matrix="Gaussian"):
    """What is left, from helpers.nets.numpy_rnn, numpy_lstm and numpy_gru."""
    x = np.random.default_rng(1).normal(size=(T, 1, D)) * noise
    x = np.repeat(x, 1 + D, axis=1)
    for d in range(D):
        x[start - 1, 1 + d, d] += size
    x = x.transpose(1, 0, 2)  # batch first
    nets = {}
    for name, kind in ("rnn", RNN), ("lstm", LSTM), ("gru", GRU):
        net = nets[name] = kind(D, H, 1, rng=np.random.default_rng(9))
        W_xh, W_hh = memories._weights(name, matrix, 0)
        net.params["W_xh"][:], net.params["W_hh"][:] = W_xh, gain * W_hh
        for key, b in net.params.items():
            if key.startswith("b"):
                b[:] = 0
    nets["lstm"].params["b_h"][H : 2 * H] = forget_bias
    nets["gru"].params["b_xh"][H : 2 * H] = forget_bias
    states = {name: net.forward(x)[1] for name, net in nets.items()}
    found = {"rnn": states["rnn"], "lstm": states["lstm"].h, "gru": states["gru"].h}
    found["cell"] = states["lstm"].c
    left = {}
    for name, hs in found.items():
        apart = np.linalg.norm(hs[1:, start:] - hs[:1, start:], axis=2)
        rms = np.sqrt((apart**2).mean(axis=0))
        left[name] = rms / rms[0]
    return left


SETTINGS = [
    (1.0, 0.6, 0.5, 10, 1.0),
    (4.0, 1.3, 1.0, 1, 3.0),
    (-2.0, 0.9, 0.0, 60, 0.01),
]


@pytest.mark.parametrize("setting", SETTINGS, ids=str)
@pytest.mark.parametrize("matrix", ["Gaussian", "orthogonal"])
def test_what_is_left_is_what_the_lessons_nets_keep(setting, matrix):
    bias, gain, *rest = setting
    got = memory_of_a_pulse(bias, gain, matrix, *rest)
    want = by_the_lesson(*setting, matrix=matrix)
    assert got.keys() == want.keys()
    for name in want:
        np.testing.assert_allclose(got[name], want[name], atol=1e-9, err_msg=name)


def test_a_small_pulse_is_the_gradient():
    """The response to a pulse of 0.01 is the derivative that autograd finds."""
    start, lag = 20, 12
    W_xh, W_hh = (torch.tensor(W) for W in memories._weights("lstm", "Gaussian", 0))
    cell = nn.LSTM(D, H).double()
    bias = torch.zeros(4 * H).double()
    bias[H : 2 * H] = 2.0
    with torch.no_grad():
        weights = W_xh.T, 0.8 * W_hh.T, bias, torch.zeros(4 * H)
        for p, value in zip(cell.parameters(), weights, strict=True):
            p.copy_(value)
    x = 0.5 * torch.tensor(np.random.default_rng(1).normal(size=(T, 1, D)))

    def h_at(place):
        def h(pulse):
            moved = x.clone()
            moved[start - 1, 0] = moved[start - 1, 0] + pulse
            return cell(moved)[0][place, 0]

        return torch.autograd.functional.jacobian(h, torch.zeros(D).double())

    want = h_at(start - 1 + lag).norm() / h_at(start - 1).norm()
    got = memory_of_a_pulse(2.0, 0.8, start=start, size=0.01)["lstm"][lag]
    assert got == pytest.approx(want.item(), rel=0.02)


def test_without_recurrent_weights_the_forget_gate_is_all():
    left = memory_of_a_pulse(3.0, 0.0, noise=0.0, size=0.01)
    lags = np.arange(T - 9)
    f = sigmoid(3.0)
    np.testing.assert_allclose(left["cell"], f**lags, rtol=1e-9)
    np.testing.assert_allclose(left["gru"], f**lags, rtol=1e-9)
    assert left["rnn"][0] == 1
    assert not left["rnn"][1:].any()


@pytest.mark.parametrize(
    ("name", "ends"),
    [
        ("forget_bias", (-2, 8)),
        ("gain", (0, 2)),
        ("noise", (0, 2)),
        ("start", (1, 60)),
        ("size", (-2, 1)),
        ("lag", (0, 100)),
    ],
)
def test_both_ends_of_every_slider_draw_something_else(live, name, ends):
    control = live.controls[name]
    assert (control.min, control.max) == ends
    before = live.frame()
    for end in ends:
        moved = live.frame(**{name: 10.0**end if name == "size" else end})
        assert differ(before, moved)
        assert live.note == ""
    assert not differ(before, live.frame())
    assert live.painter.full_draws == 1


def test_the_matrix_is_chosen_and_the_corners_are_drawn(live):
    assert differ(live.frame(), live.frame(matrix="orthogonal"))
    with np.errstate(all="raise", under="ignore"):
        for bias in (-2, 8):
            for gain in (0.0, 2.0):
                live.frame(forget_bias=bias, gain=gain, noise=0.0, size=10.0, lag=100)
    assert live.painter.full_draws == 1


def test_the_words_are_the_numbers(live):
    live.frame(forget_bias=2.0, gain=0.5, noise=0.3, start=5, size=0.5, lag=20)
    left = memory_of_a_pulse(2.0, 0.5, "Gaussian", 0.3, 5, 0.5)
    for name, label in ("rnn", "RNN"), ("lstm", "LSTM"), ("gru", "GRU"):
        assert f"{label} {short(left[name][20])}" in live.reading
    assert f"(its cell {short(left['cell'][20])})" in live.reading
    assert f"makes f = {sigmoid(2):.4f}" in live.reading
    spans = {
        label: max(k for k, value in enumerate(left[name]) if value >= LEFT)
        for name, label in (("rnn", "RNN"), ("lstm", "LSTM"), ("gru", "GRU"))
    }
    who = max(spans, key=spans.get)
    assert live.reading.endswith(f"Longest to hold 1 %: {who}, {spans[who]} steps.")
    texts = live.painter.fig.findobj(Text)
    shown = {text.get_text() for text in texts if text.get_animated()}
    assert set(map(str, spans.values())) <= shown


def test_a_memory_that_outlasts_the_sequence_is_said_to(live):
    live.frame(forget_bias=8.0, noise=0.0)
    assert live.reading.endswith("LSTM and GRU, to the end.")
    live.frame(forget_bias=8.0, gain=2.0)
    assert live.reading.endswith("Longest to hold 1 %: all three, to the end.")


def test_a_lag_beyond_the_sequence_is_its_last_step(live):
    live.frame(start=60, lag=100)
    assert live.reading.startswith("After 60 steps")


@pytest.mark.parametrize(
    ("use", "words"),
    [
        (lambda: explore_memories(forget_bias=9.0), "value: got 9"),
        (lambda: explore_memories(gain=-1.0), "value: got -1"),
        (lambda: memory_of_a_pulse(1, 1, "uniform"), "matrix: Gaussian or orthogonal"),
        (lambda: memory_of_a_pulse(1, 1, start=0), "start: a step from 1 to 120"),
        (lambda: memory_of_a_pulse(1, 1, size=0), "size: a number above 0"),
    ],
)
def test_bad_input_is_named(use, words):
    with pytest.raises(ValueError, match=words):
        use()


def test_a_dot_lies_on_its_line_or_nowhere(live):
    live.frame(lag=30)  # the RNN has lost the pulse: 9e-11 is below the axis
    ax = live.painter.fig.axes[0]
    (dots,) = ax.collections
    left = memory_of_a_pulse(1.0, 0.6)
    names = "rnn", "lstm", "gru", "cell"
    places = np.ma.filled(dots.get_offsets(), np.nan)
    for name, (x, y) in zip(names, places, strict=True):
        assert x == 40
        assert np.isnan(y) if name == "rnn" else y == left[name][30]
    assert len({tuple(colour) for colour in dots.get_facecolors()}) == 3


def test_a_pulse_that_grows_stays_on_the_axis(live):
    live.frame(gain=2.0, size=0.01)
    rnn = live.painter.fig.axes[0].lines[0].get_ydata()
    assert rnn.max() > 30
    assert rnn.max() < live.painter.fig.axes[0].get_ylim()[1]


def test_the_tasks_of_the_lesson_have_the_answers_that_it_gives():
    def last(left):
        return {name: np.flatnonzero(v >= LEFT)[-1] for name, v in left.items()}

    for bias, steps in (0, 8), (1, 19), (2, 68), (3, T - 10):
        assert abs(last(memory_of_a_pulse(bias, 0.6))["lstm"] - steps) <= 1
    assert max(last(memory_of_a_pulse(0, 0.6)).values()) < 10
    assert abs(last(memory_of_a_pulse(1, 1.5, size=0.01))["rnn"] - 96) <= 2
    left = memory_of_a_pulse(8, 0.6, noise=2.0, start=60)
    assert left["cell"].min() > 0.9
    assert left["lstm"][10:].max() < 0.15
