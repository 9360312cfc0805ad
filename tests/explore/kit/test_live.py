"""The live figure: the same pixels as a full draw, and never a dead widget."""

import base64
import io
import threading

import ipywidgets as widgets
import numpy as np
import pytest
from pictures import whole
from PIL import Image

from helpers.explore.kit import live as live_module
from helpers.explore.kit.live import (
    Live,
    NeedsKernel,
    choice,
    figure,
    slider,
    text_box,
    toggle,
)

X = np.linspace(0, 10, 200)
HEAT = np.outer(np.sin(np.arange(8)), np.cos(np.arange(12)))


def pixels(png):
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))


def wave(**kw):
    """A line that moves between a static band below and a static line above."""
    fig, (left, right) = figure(1, 2, **kw)
    left.axhspan(-0.5, 0.5, color="0.8")
    (line,) = left.plot(X, np.sin(X), label="moves", animated=True)
    left.plot(X, np.cos(X), label="stays", linewidth=8, alpha=0.5)
    left.legend(loc="upper right", frameon=True)
    left.set(xlabel="time (s)", ylabel="volts (V)", title="wave", ylim=(-1, 1))
    image = right.imshow(HEAT, aspect="auto", animated=True)
    right.set(title="heat", xlabel="step", ylabel="unit")
    fig.suptitle("two panels")

    def update(gain, shift=0):
        line.set_ydata(gain * np.sin(X + shift))
        image.set_data(HEAT * gain)
        return f"peak {gain:.1f} V"

    controls = {"gain": slider("gain", 1.0, 0.0, 3.0, 0.5, unit="V")}
    return fig, update, controls


def live_wave():
    return Live(*wave(), alt="A wave and a heat map.")


def assert_same_as_full(live):
    fast = pixels(live.frame())
    np.testing.assert_array_equal(fast, whole(live.painter.fig))


# -- the pixels ------------------------------------------------------------------------


def test_a_frame_has_the_pixels_of_a_full_draw():
    live = live_wave()
    seen = []
    for gain in (0.5, 2.0, 3.0, 1.0):
        live.controls["gain"].value = gain
        assert_same_as_full(live)
        seen.append(live.frame())
    assert len(set(seen)) == 4
    assert live.painter.full_draws == 1


def test_static_artists_stay_above_and_below_the_moving_ones():
    live = live_wave()
    left = live.painter.fig.axes[0]
    moving, above = left.lines
    assert live.painter.full_draws == 1
    assert not left.patches[0].get_animated()  # the band is background
    assert above.get_animated()
    assert left.get_legend().get_animated()
    moving.set_zorder(10)  # above everything now, legend included
    assert_same_as_full(live)


def test_what_stands_apart_from_the_moving_ones_is_drawn_once():
    live = live_wave()
    fig = live.painter.fig
    apart = [fig._suptitle, fig.axes[0].title, fig.axes[1].title]
    assert not any(title.get_animated() for title in apart)
    place = {"loc": "center"}  # whichever style another test has chosen
    fig.axes[0].set_title("wave", y=0.8, **place)  # where the line may come
    live.painter.draw()
    assert apart[1].get_animated()
    assert not apart[2].get_animated()
    assert_same_as_full(live)
    fig.axes[0].set_title("wave", y=1.0, **place)
    live.painter.draw()
    assert not apart[1].get_animated()
    assert_same_as_full(live)


def test_what_leaves_its_axes_may_come_anywhere():
    fig, ax = figure()
    (line,) = ax.plot(X, np.sin(X), lw=20, animated=True, clip_on=False)
    ax.set(title="a title", ylim=(-1, 1))
    controls = {"gain": slider("gain", 1.0, 0.0, 3.0, 0.5)}
    live = Live(fig, lambda gain: line.set_ydata(gain * np.sin(X)), controls, alt="A.")
    assert ax.title.get_animated()
    live.controls["gain"].value = 1.5
    assert_same_as_full(live)


def change_limits(ax):
    ax.set_ylim(-3, 3)


def change_title(ax):
    ax.set_title("another title")


def change_ticks(ax):
    ax.set_xticks([0, 5, 10], ["a", "b", "c"])


def change_label(ax):
    ax.set_xlabel("time (ms)")


def change_legend(ax):
    ax.get_legend().get_texts()[0].set_text("another name")


def change_below(ax):
    ax.patches[0].set_facecolor("tab:red")


def change_grid(ax):
    ax.grid(True)


def change_axis(ax):
    ax.set_axis_off()


def change_visible(ax):
    ax.set_visible(False)


def add_artist(ax):
    ax.plot(X, X / 10, label="new")


CHANGES = [
    change_limits,
    change_title,
    change_ticks,
    change_label,
    change_legend,
    change_below,
    change_grid,
    change_axis,
    change_visible,
    add_artist,
]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_a_change_of_anything_static_shows(change):
    live = live_wave()
    before = pixels(live.frame())
    change(live.painter.fig.axes[0])
    live.painter.draw()
    after = np.asarray(live.painter.fig.canvas.buffer_rgba())[..., :3].copy()
    assert (before != after).any()
    np.testing.assert_array_equal(after, whole(live.painter.fig))


def test_a_change_of_a_background_costs_one_full_draw_only():
    live = live_wave()
    live.painter.fig.axes[0].set_ylim(-2, 2)
    for gain in (0.5, 1.0, 1.5):
        live.frame(gain=gain)
    assert live.painter.full_draws == 2


def test_limits_that_follow_the_data_by_themselves():
    fig, ax = figure()
    (line,) = ax.plot(X, np.sin(X), animated=True)

    def update(gain):
        line.set_ydata(gain * np.sin(X))
        ax.relim()
        ax.autoscale()  # asked for now, done when the axes are next drawn

    controls = {"gain": slider("gain", 1.0, 0.0, 9.0, 0.5)}
    live = Live(fig, update, controls, alt="A wave.")
    live.controls["gain"].value = 7.0
    assert_same_as_full(live)
    assert ax.get_ylim()[1] > 6


def test_overlapping_axes_and_insets_keep_their_order():
    fig, ax = figure()
    (line,) = ax.plot(X, np.sin(X), linewidth=12, animated=True)
    twin = ax.twinx()
    twin.plot(X, X, "k", linewidth=12)
    inset = ax.inset_axes([0.3, 0.3, 0.4, 0.4])
    (dot,) = inset.plot([1], [1], "o", markersize=30, animated=True)
    fig.text(0.5, 0.5, "over all of it", fontsize=40)

    def update(gain):
        line.set_ydata(gain * np.sin(X))
        dot.set_markersize(20 * gain)

    controls = {"gain": slider("gain", 1.0, 0.0, 3.0, 0.5)}
    live = Live(fig, update, controls, alt="Axes upon axes.")
    for gain in (0.5, 1.5):
        live.controls["gain"].value = gain
        assert_same_as_full(live)


def test_an_animated_part_of_a_static_whole_moves():
    fig, (left, right) = figure(1, 2)
    left.plot(X, X, label="name")
    label = left.legend().get_texts()[0]
    label.set_animated(True)
    right.xaxis.label.set_animated(True)

    def update(n):
        label.set_text(f"name {n}")
        right.set_xlabel(f"label {n}")

    live = Live(fig, update, {"n": slider("n", 1, 1, 9, 1)}, alt="Words.")
    for n in (2, 3):
        live.controls["n"].value = n
        assert_same_as_full(live)
    assert live.painter.full_draws == 1


def test_dpi_changes_sharpness_not_size_on_the_page(outputs):
    fig, update, controls = wave(dpi=150)
    live = Live(fig, update, controls, alt="A wave.")
    assert pixels(live.frame()).shape == (540, 1350, 3)
    live._ipython_display_()
    look = outputs[-2]["metadata"]["image/png"]
    assert (look["width"], look["height"]) == (900, 360)


# -- what is sent to the notebook ------------------------------------------------------


@pytest.fixture
def outputs(monkeypatch):
    """Collect what would be displayed, in order."""
    sent = []

    def collect(kind):
        return lambda what, **kw: sent.append({"kind": kind, "data": what, **kw})

    monkeypatch.setattr(live_module, "display", collect("display"))
    monkeypatch.setattr(live_module, "update_display", collect("update"))
    return sent


def sent_picture(output):
    return pixels(base64.b64decode(output["data"]["image/png"]))


def test_the_cell_shows_controls_picture_and_reading(outputs):
    live = live_wave()
    live._ipython_display_()
    box, picture, lines = outputs
    assert box["data"].children[0] is live.controls["gain"]
    assert picture["data"]["text/plain"] == "A wave and a heat map."
    assert picture["metadata"]["image/png"]["alt"] == "A wave and a heat map."
    apart = np.abs(sent_picture(picture).astype(int) - pixels(live.frame()))
    assert apart.mean() < 0.5  # of 255: the first picture has 256 colours
    assert lines["data"]["text/plain"] == "peak 1.0 V"
    assert 'aria-live="polite"' in lines["data"]["text/html"]


def test_a_move_replaces_the_picture_in_place(outputs):
    live = live_wave()
    live._ipython_display_()
    first = {output.get("display_id") for output in outputs[1:]}
    del outputs[:]
    live.controls["gain"].value = 2.0
    picture, lines = outputs
    assert picture["kind"] == lines["kind"] == "update"
    assert {picture["display_id"], lines["display_id"]} == first
    assert (sent_picture(picture) == pixels(live.frame(gain=2.0))).all()
    assert lines["data"]["text/plain"] == live.reading == "peak 2.0 V"


def test_a_reading_that_stays_is_not_sent_again(outputs):
    fig, update, controls = wave()
    live = Live(fig, lambda gain: update(gain) and "always", controls, alt="A wave.")
    live._ipython_display_()
    del outputs[:]
    live.controls["gain"].value = 2.0
    assert [list(output["data"]) for output in outputs] == [["image/png", "text/plain"]]


def test_nothing_is_sent_before_the_figure_is_shown(outputs):
    live = live_wave()
    live.controls["gain"].value = 2.0
    assert outputs == []
    assert live.reading == "peak 2.0 V"


def test_the_reading_is_text_not_markup(outputs):
    fig, _, controls = wave()
    Live(fig, lambda gain: "<b> & x < y", controls, alt="A.")._ipython_display_()
    assert "&lt;b&gt; &amp; x &lt; y" in outputs[-1]["data"]["text/html"]


def test_without_a_kernel_the_reader_is_told_to_run_the_notebook(outputs):
    live_wave()._ipython_display_()
    data, _ = outputs[0]["data"]._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in data
    for words in (data["text/plain"], data["text/html"]):
        assert "gain (V)" in words
        assert "Run this notebook to move the sliders." in words


def test_a_widget_with_a_still_picture_shows_that_instead_of_words():
    class Still(NeedsKernel, widgets.HTML):
        alt = "A net of three steps."

        def static_picture(self):
            return {"image/png": "AAAA"}

    data, metadata = Still()._repr_mimebundle_()
    assert data["image/png"] == "AAAA"
    assert "text/html" not in data
    assert data["text/plain"].startswith("A net of three steps.")
    assert metadata == {"image/png": {"alt": "A net of three steps."}}


def test_play_moves_the_slider_it_stands_beside(outputs):
    fig, ax = figure()
    (line,) = ax.plot(X, X, animated=True)
    controls = {"t": slider("step", 1, 1, 9, 2)}
    update = lambda t: line.set_ydata(X * t)  # noqa: E731
    Live(fig, update, controls, alt="A line.", play="t")._ipython_display_()
    beside, button = outputs[0]["data"].children[0].children
    assert beside is controls["t"]
    assert (button.min, button.max, button.step, button.value) == (1, 9, 2, 1)
    button.value = 3  # as it plays
    assert beside.value == 3
    beside.value = 7  # it plays on from here
    assert button.value == 7


# -- errors ----------------------------------------------------------------------------


def breaks_at(value):
    fig, update, controls = wave()

    def fragile(gain):
        if gain == value:
            raise ZeroDivisionError("nothing to divide by")
        return update(gain)

    return fig, fragile, controls


def test_an_error_in_the_first_frame_is_an_error_of_the_cell():
    with pytest.raises(ZeroDivisionError, match="nothing to divide by"):
        Live(*breaks_at(1.0), alt="A wave.")


def test_a_later_error_is_a_note_and_the_figure_lives_on(outputs):
    live = Live(*breaks_at(2.0), alt="A wave.")
    live._ipython_display_()
    before = sent_picture(outputs[1])
    live.controls["gain"].value = 2.0
    note = "could not draw this: ZeroDivisionError: nothing to divide by"
    assert live.note == note
    assert note in outputs[-1]["data"]["text/html"]
    assert (sent_picture(outputs[-2]) == before).all()
    live.controls["gain"].value = 3.0
    assert live.note == ""
    assert note not in outputs[-1]["data"]["text/html"]
    assert (sent_picture(outputs[-2]) != before).any()
    with pytest.raises(ZeroDivisionError):  # asked for a picture, it says so
        live.frame(gain=2.0)


def test_what_update_prints_is_a_note(outputs, capsys):
    fig, update, controls = wave()

    def chatty(gain):
        print("gain is", gain)
        return update(gain)

    live = Live(fig, chatty, controls, alt="A wave.")
    capsys.readouterr()
    live._ipython_display_()
    live.controls["gain"].value = 2.0
    assert live.note == "gain is 2.0"
    assert capsys.readouterr().out == ""


def test_a_reading_must_be_words():
    fig, _, controls = wave()
    with pytest.raises(ValueError, match=r"update: returned 1\.0, want"):
        Live(fig, lambda gain: gain, controls, alt="A wave.")


def test_a_control_moved_by_update_is_drawn_too():
    fig, update, _ = wave()
    low, high = slider("low", 1, 0, 9, 1), slider("high", 5, 0, 9, 1)
    calls = []

    def ordered(low_value, high_value):
        calls.append((low_value, high_value))
        if low_value > high_value:
            high.value = low_value
        update(low_value)

    controls = {"low_value": low, "high_value": high}
    Live(fig, ordered, controls, alt="Two ends.")
    low.value = 7
    assert calls[1:] == [(7, 5), (7, 7)]


# -- threads ---------------------------------------------------------------------------


def test_the_last_value_wins_whichever_thread_it_comes_from(outputs):
    live = live_wave()
    live._ipython_display_()
    values = np.arange(0, 3.5, 0.5)

    def shake(seed):
        for gain in np.random.default_rng(seed).choice(values, 20):
            live.controls["gain"].value = float(gain)

    hands = [threading.Thread(target=shake, args=(seed,)) for seed in range(4)]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join()
    assert live.note == ""
    last = next(o for o in reversed(outputs) if "image/png" in o["data"])
    gain = live.controls["gain"].value
    assert (sent_picture(last) == pixels(live.frame(gain=gain))).all()
    assert_same_as_full(live)


def test_whoever_moves_a_control_sees_its_value_drawn():
    """Also if another thread is drawing at that moment."""
    fig, update, controls = wave()
    drawing, go_on = threading.Event(), threading.Event()

    def slow(gain):
        if gain == 2.0:
            drawing.set()
            go_on.wait(10)
        return update(gain)

    live = Live(fig, slow, controls, alt="A wave.")

    def move():
        live.controls["gain"].value = 2.0

    hand = threading.Thread(target=move)
    hand.start()
    assert drawing.wait(10)
    threading.Timer(0.2, go_on.set).start()
    live.controls["gain"].value = 3.0
    assert live.reading == "peak 3.0 V"
    hand.join()


def test_pyplot_and_a_live_figure_do_not_meet():
    """The trap: a slider moved on another thread while a cell draws with pyplot."""
    import matplotlib.pyplot as plt

    live = live_wave()
    expected = {gain: live.frame(gain=gain) for gain in (0.5, 1.0, 1.5, 2.0)}
    stop, wrong = threading.Event(), []

    def move():
        while not stop.is_set():
            for gain, png in expected.items():
                if live.frame(gain=gain) != png:
                    wrong.append(gain)

    def cell():
        """One pyplot figure, as a cell draws it."""
        fig = plt.figure(figsize=(3, 2))
        plt.plot(X, np.sin(X))
        plt.title("cell")
        count = len(plt.gca().lines), len(fig.axes), len(plt.get_fignums())
        fig.canvas.draw()
        picture = np.asarray(fig.canvas.buffer_rgba()).copy()
        plt.close(fig)
        return count, picture

    with plt.rc_context({"backend": "agg"}):
        _, alone = cell()
        hand = threading.Thread(target=move)
        hand.start()
        try:
            pictures = [cell() for _ in range(10)]
        finally:
            stop.set()
            hand.join()
    assert wrong == []
    for count, picture in pictures:
        assert count == (1, 1, 1)
        np.testing.assert_array_equal(picture, alone)


def test_prints_of_a_running_cell_are_not_swallowed(capsys):
    """On a foreign thread stdout stays where it is: a cell may be printing."""
    fig, update, controls = wave()
    inside, printed = threading.Event(), threading.Event()

    def slow(gain):
        if threading.current_thread() is not threading.main_thread():
            inside.set()
            printed.wait(10)
        return update(gain)

    live = Live(fig, slow, controls, alt="A wave.")

    def move():
        live.controls["gain"].value = 2.0

    hand = threading.Thread(target=move)
    hand.start()
    assert inside.wait(10)
    print("from the cell")
    printed.set()
    hand.join()
    assert capsys.readouterr().out == "from the cell\n"
    assert live.note == ""


# -- controls --------------------------------------------------------------------------


def test_sliders_are_labelled_with_units_and_readable():
    whole = slider("steps", 3, 1, 9, 1)
    assert isinstance(whole, widgets.IntSlider)
    assert whole.description == "steps"
    fine = slider("rate", 0.25, 0, 1, 0.05, unit="1/s")
    assert fine.description == "rate (1/s)"
    assert fine.readout_format == ".2f"
    assert fine.continuous_update
    assert slider("clip", 1.0, 0, 2.0, 0.5).readout_format == ".1f"
    log = slider("learning rate", 0.01, 0.0001, 1, 0.5, log=True)
    assert (log.base**log.min, log.value) == pytest.approx((0.0001, 0.01))
    assert isinstance(slider("n", *np.array([3, 1, 9, 1])), widgets.IntSlider)


def test_labels_stand_in_one_column_wide_enough(outputs):
    fig, update, controls = wave()
    controls["name"] = text_box("a rather long label", "")
    controls["on"] = toggle("on", True)
    Live(fig, lambda gain, **_: update(gain), controls, alt="A.")._ipython_display_()
    columns = {
        control.style.description_width
        for name, control in controls.items()
        if name != "on"
    }
    assert columns == {"20ch"}


def test_a_list_is_as_wide_as_its_longest_option_beside_the_longest_label():
    menu = choice("task", {"parity of bits": 0, "values of 2 keys": 2})
    box = text_box("bits, repeated to T (empty: random)", "")
    live_module.ControlsBox([menu, box], [menu, box])
    widest, option = len(box.description) + 1, len("values of 2 keys")
    assert menu.style.description_width == f"{widest}ch"
    assert menu.layout.width == f"max(24rem, {widest + option + 5}ch)"


def test_choices():
    assert choice("net", ["rnn", "lstm"]).value == "rnn"
    assert choice("net", {"plain": 1, "gated": 2}, 2).label == "gated"
    assert toggle("clip", False).value is False
    box = text_box("word", "hello")
    assert box.value == "hello"
    assert box.continuous_update


BAD_CONTROLS = [
    (slider, ("", 1, 0, 2, 1), "label: got '', want"),
    (slider, ("x", 1, 2, 2, 1), "min, max: got 2 and 2, want min < max"),
    (slider, ("x", 3, 0, 2, 1), "value: got 3, want a number from 0 to 2"),
    (slider, ("x", float("nan"), 0, 2, 1), "value: got nan, want a number from"),
    (slider, ("x", 1, 0, 2, 0), "step: got 0, want a number above 0"),
    (choice, ("x", []), "options: got none, want at least one"),
    (choice, ("x", ["a"], "b"), "value: got 'b', want one of"),
    (choice, (None, ["a"]), "label: got None, want"),
    (text_box, ("x", 3), "value: got 3, want a string"),
    (text_box, ("x", "", ["a", 3]), "examples: got 3, want a string"),
    (toggle, ("x", 1), "value: got 1, want True or False"),
]


@pytest.mark.parametrize(("factory", "args", "words"), BAD_CONTROLS)
def test_bad_controls_are_refused(factory, args, words):
    with pytest.raises(ValueError, match=words):
        factory(*args)


def test_a_log_slider_starts_above_zero():
    with pytest.raises(ValueError, match="min: got 0, want a number above 0"):
        slider("x", 1, 0, 2, 0.1, log=True)


BAD_LIVES = {
    "fig": (None, "a string"),
    "update": (None, "not callable"),
    "controls": (None, {}, [slider("x", 1, 0, 2, 1)], {"x": 3}, {"x": widgets.VBox()}),
    "alt": ("", "  ", None),
    "play": ("nobody", "gain"),
}


@pytest.mark.parametrize(
    ("name", "bad"), [(name, bad) for name, bads in BAD_LIVES.items() for bad in bads]
)
def test_bad_live_figures_are_refused(name, bad):
    fig, update, controls = wave()
    good = {"fig": fig, "update": update, "controls": controls, "alt": "A wave."}
    with pytest.raises(ValueError, match=rf"{name}.*: got .*, want"):
        Live(**{**good, name: bad})


def test_a_pyplot_figure_is_refused():
    import matplotlib.pyplot as plt

    fig = plt.figure()
    try:
        with pytest.raises(ValueError, match=r"want a Figure from live\.figure"):
            Live(fig, lambda gain: None, wave()[2], alt="A wave.")
    finally:
        plt.close(fig)


def test_frame_refuses_unknown_values():
    with pytest.raises(ValueError, match=r"got \['volume'\], want some of \['gain'\]"):
        live_wave().frame(volume=3)


# -- the box of controls ---------------------------------------------------------------


@pytest.mark.parametrize(("count", "flow"), [(3, None), (4, "row wrap")])
def test_many_controls_stand_side_by_side_in_their_order(count, flow):
    rows = [slider(f"number {i}", 1, 0, 3, 1) for i in range(count)]
    box = live_module.ControlsBox(rows, rows)
    assert box.layout.flex_flow == flow
    assert list(box.children[:-1]) == rows
