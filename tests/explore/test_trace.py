"""explore_trace: its numbers against torch's LSTM, and any text that can be typed."""

import copy

import numpy as np
import pytest
import torch
from matplotlib.backends.backend_agg import FigureCanvasAgg
from pictures import differ, picture
from torch import nn

from helpers.data.brackets import one_hot, read
from helpers.explore.kit.numbers import signed
from helpers.explore.trace import ANSWERS, MOST, PARTS, explore_trace, follows
from helpers.nets.trackers import BracketTracker, gate_traces

TEXT = "([()][])(([]))"


@pytest.fixture(scope="module")
def tracker():
    torch.manual_seed(0)
    return BracketTracker(H=5)


@pytest.fixture
def live(tracker):
    return explore_trace(tracker, TEXT)


def by_torch(tracker, text):
    """Every gate and state, step by step, from the definition and torch's weights."""
    lstm = copy.deepcopy(tracker.rnn).double()
    h, c = torch.zeros(2, lstm.hidden_size).double()
    rows = []
    with torch.no_grad():
        for x in one_hot(text).double():
            a = lstm.weight_ih_l0 @ x + lstm.bias_ih_l0
            a = a + lstm.weight_hh_l0 @ h + lstm.bias_hh_l0
            i, f, g, o = a.chunk(4)
            i, f, g, o = i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid()
            c = f * c + i * g
            h = o * c.tanh()
            rows.append(torch.stack([i, f, g, o, c, h]))
    values = torch.stack(rows, 1).numpy()
    return dict(zip("ifgoch", values, strict=True))


def test_the_reading_is_that_of_torchs_own_weights(live, tracker):
    want = by_torch(tracker, TEXT)
    for unit, t in (0, 1), (3, 7), (4, len(TEXT)):
        live.frame(unit=unit, t=t)
        now = {name: values[t - 1, unit] for name, values in want.items()}
        before = want["c"][t - 2, unit] if t > 1 else 0.0
        gates = f"i {now['i']:.2f}, f {now['f']:.2f}, o {now['o']:.2f}"
        cell = f"{signed(before)} to {signed(now['c'])}."
        assert (
            f"Step {t}, {TEXT[t - 1]!r}: unit {unit} has {gates}, g {signed(now['g'])};"
            f" its c goes from {cell}"
        ) in live.reading


@pytest.mark.parametrize("part", PARTS.values())
def test_every_part_is_drawn_from_its_own_numbers(live, tracker, part):
    live.frame(part=part, unit=2)
    want = by_torch(tracker, TEXT)[part]
    _, line, units, *_ = live.painter.fig.axes
    shown = np.ma.filled(units.images[0].get_array(), np.nan)[:, : len(TEXT)]
    np.testing.assert_allclose(shown, want.T, atol=1e-5)
    drawn = line.lines[0].get_ydata()[: len(TEXT)]
    np.testing.assert_allclose(drawn, want[:, 2], atol=1e-5)
    low, high = line.get_ylim()
    assert low <= want.min() <= want.max() <= high


def test_the_answers_are_counted(live, tracker):
    with torch.no_grad():
        said = tracker(one_hot(TEXT)[None])[0].argmax(1).tolist()
    _, inner = read(TEXT)
    right = sum(a == b for a, b in zip(said, inner, strict=True))
    for t in range(1, len(TEXT) + 1):
        live.frame(t=t)
        verdict = "right" if said[t - 1] == inner[t - 1] else "wrong"
        assert f"The net says: {ANSWERS[said[t - 1]]} ({verdict})" in live.reading
        assert f"right {right} times out of {len(TEXT)}" in live.reading


def test_the_unit_that_follows_the_depth_is_named(live, tracker):
    depth, _ = read(TEXT)
    found = [np.corrcoef(c, depth)[0, 1] for c in by_torch(tracker, TEXT)["c"].T]
    best = int(np.argmax(np.abs(found)))
    live.frame(unit=1)
    assert live.reading.endswith(
        f"Correlation with the depth: {signed(found[1])}; "
        f"closest is unit {best}, {signed(found[best])}."
    )


def test_follows_is_the_correlation():
    rng = np.random.default_rng(0)
    traces, wanted = rng.normal(size=(20, 3)), rng.normal(size=20)
    want = [np.corrcoef(column, wanted)[0, 1] for column in traces.T]
    np.testing.assert_allclose(follows(traces, wanted), want)
    traces[:, 1] = 7.0
    assert follows(traces, wanted)[1] == 0
    assert not follows(traces, np.ones(20)).any()


WORDS = {
    "": "Type some brackets",
    "hello": "Left out 'h', 'e', 'l': no brackets. Type some brackets",
    "( [ ]": "Step 3, ']'",
    "(a)": "Left out 'a': no brackets. Step 2, ')'",
    "(": "No unit's correlation with the depth can be told.",
    ")": "')' at step 1 does not fit: from there on there is no right answer.",
    "([)": "')' at step 3 does not fit",
    "()" * 40: f"Shown: the first {MOST} of 80 brackets.",
    "((((((((((((": "Step 12, '('",
    "日本\n\t$": "Type some brackets",
}


@pytest.mark.parametrize("text", WORDS)
def test_any_text_gives_a_picture_and_a_friendly_line(live, text):
    live.controls["t"].value = 3
    live.controls["text"].value = text
    assert live.note == ""
    live.controls["t"].value = live.controls["t"].max
    for part in "f", "c":
        live.controls["part"].value = part
        assert live.note == ""
    assert WORDS[text] in live.reading
    live.controls["text"].value = TEXT
    assert live.note == ""
    assert live.controls["t"].max == len(TEXT)


def test_a_bracket_that_does_not_fit_ends_the_right_answers(live):
    live.frame(text="([)]", t=4)
    assert "times out of 2." in live.reading
    assert "(right)" not in live.reading
    assert "(wrong)" not in live.reading


@pytest.mark.parametrize("text", ["(", ")"])
def test_one_bracket_is_not_counted_in_times(live, text):
    live.frame(text=text, t=1)
    assert "times" not in live.reading
    assert ("(right)" in live.reading) == (text == "(")


@pytest.mark.parametrize("text", ["()", "(" * 20])
def test_the_depth_is_on_its_axis(live, text):
    live.frame(text=text)
    depth = next(ax for ax in live.painter.fig.axes if ax.get_ylabel() == "depth")
    np.testing.assert_array_equal(depth.lines[0].get_ydata(), read(text)[0])
    low, high = depth.get_ylim()
    assert low < 0 < max(read(text)[0]) < high
    assert len(depth.get_yticks()) < 8


@pytest.mark.parametrize(("name", "ends"), [("unit", (0, 4)), ("t", (1, len(TEXT)))])
def test_both_ends_of_a_slider_draw_something_else(live, name, ends):
    control = live.controls[name]
    assert (control.min, control.max) == ends
    middle = live.frame(**{name: 2})
    for end in ends:
        assert differ(middle, live.frame(**{name: end}))
    assert live.painter.full_draws == 1


def test_another_text_of_the_same_length_changes_the_brackets(live):
    assert differ(live.frame(text="()[]"), live.frame(text="[]()"))


def test_a_frame_has_the_pixels_of_a_full_draw(live):
    live.frame()
    fast = picture(live.frame(unit=3, t=9))
    fig = live.painter.fig
    animated = fig.findobj(lambda artist: artist.get_animated())
    for artist in animated:
        artist.set_animated(False)
    FigureCanvasAgg.draw(fig.canvas)
    full = np.asarray(fig.canvas.buffer_rgba())[..., :3].astype(int)
    np.testing.assert_array_equal(fast, full)


def test_the_traces_are_those_of_the_tracker(tracker):
    want = by_torch(tracker, TEXT)
    for name, values in gate_traces(tracker.rnn, one_hot(TEXT)).items():
        np.testing.assert_allclose(values, want[name], atol=1e-6)


class Other:
    rnn = nn.LSTM(7, 3)


@pytest.mark.parametrize(
    "other", [None, nn.LSTM(4, 3), Other()], ids=["none", "a bare LSTM", "other inputs"]
)
def test_another_net_is_refused(other):
    with pytest.raises(ValueError, match="tracker: a BracketTracker, whose rnn"):
        explore_trace(other)


@pytest.mark.parametrize("text", ["", "abc", 3])
def test_a_first_text_without_brackets_is_refused(tracker, text):
    with pytest.raises(ValueError, match="text: at least one of"):
        explore_trace(tracker, text)


def test_the_colour_bar_stands_at_the_picture_that_it_explains(live):
    live.frame()
    _, line, units, *_ = live.painter.fig.axes
    (bar,) = units.child_axes
    box, beside = (ax.get_window_extent() for ax in (units, bar))
    assert 0 < beside.x0 - box.x1 < 0.03 * box.width
    assert box.height == pytest.approx(beside.height, rel=0.01)
    assert box.x1 == pytest.approx(line.get_window_extent().x1, abs=1)
