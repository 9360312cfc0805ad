"""What is drawn for a page without a kernel, and what is kept of a widget."""

import json

import numpy as np
import pytest
from pictures import picture
from PIL import Image

from helpers.explore.gates import explore_gates
from helpers.explore.kit.live import Live, choice, figure, slider, text_box, toggle
from helpers.explore.kit.streaming import Stream
from helpers.site.frames import export
from helpers.site.plan import GRID, STOPS, axes_of, grid_keys, is_grid


def live(controls, height=lambda **values: 0.5, **more):
    """A figure of one bar, as high as `height` says."""
    fig, ax = figure(width=2, height=1)
    (bar,) = ax.bar([0], [0], animated=True)
    ax.set(ylim=(0, 1))

    def update(**values):
        bar.set_height(height(**values))
        return f"{height(**values):.3f}"

    return Live(fig, update, controls, alt="A bar.", **more)


@pytest.mark.parametrize(
    ("control", "values", "words"),
    [
        (slider("n", 2, 1, 4, 1), [1, 2, 3, 4], ["1", "2", "3", "4"]),
        (slider("x", 0.5, 0, 1, 0.5), [0, 0.5, 1], ["0.0", "0.5", "1.0"]),
        (slider("l", 1, 0.1, 10, 1, log=True), [0.1, 1, 10], ["0.1", "1", "10"]),
        (choice("c", {"one": 1, "two": 2}), [1, 2], ["one", "two"]),
        (toggle("t", True), [False, True], ["no", "yes"]),
        (text_box("w", "a", ["b", "a"]), ["a", "b"], ["“a”", "“b”"]),
        (Stream(2).bar, [0, 1, 2], ["0", "1", "2"]),
    ],
)
def test_the_stops_of_a_control(control, values, words):
    ((axis,), others) = axes_of({"it": control})
    near = pytest.approx(values) if axis.kind == "slider" else values
    assert list(axis.values) == near
    assert list(axis.words) == words
    assert axis.values[axis.at] == control.value
    assert others == []


def test_what_a_page_cannot_have_is_named():
    stream = Stream(3)
    controls = {"write": stream.button, "typed": text_box("a name", "x")}
    assert axes_of(controls) == ([], ["write", "a name"])


def test_a_control_may_be_left_to_the_notebook():
    few = {"a": slider("a", 0, 0, 9, 1), "b": slider("b", 0, 0, 99, 1)}
    assert not is_grid(axes_of(few)[0])
    few["b"].on_page = False
    axes, others = axes_of(few)
    assert is_grid(axes)
    assert [axis.name for axis in axes] == ["a"]
    assert others == ["b"]


@pytest.mark.parametrize("value", [0, 1, 499, 500, 777, 1000])
def test_a_long_slider_is_thinned_and_keeps_its_ends_and_its_value(value):
    ((axis,), _) = axes_of({"n": slider("n", value, 0, 1000, 1)})
    assert STOPS <= len(axis.values) <= STOPS + 1
    assert {0, value, 1000} <= set(axis.values)
    assert axis.values == tuple(sorted(axis.values))
    assert np.diff(axis.values).max() <= 42


def test_a_grid_is_whole_up_to_its_limit():
    few = {"a": slider("a", 0, 0, 9, 1), "b": slider("b", 0, 0, GRID // 10 - 1, 1)}
    axes, _ = axes_of(few)
    assert is_grid(axes)
    assert len(set(grid_keys(axes))) == GRID
    assert not is_grid(axes_of(few | {"c": toggle("c", False)})[0])


def test_a_frame_is_the_picture_that_the_controls_give(tmp_path):
    controls = {"n": slider("n", 1, 0, 3, 1), "half": toggle("half", False)}
    shown = live(controls, lambda n, half: n / (6 if half else 3))
    index = export(shown, tmp_path)
    assert index["grid"]
    assert len(index["frames"]) == 8
    assert len(index["pictures"]) == 6  # 0/3 is 0/6, and 1/3 is 2/6
    assert len(list(tmp_path.glob("*.webp"))) == 6
    for key, (file, reading) in index["frames"].items():
        n, half = map(int, key.split("-"))
        with Image.open(tmp_path / index["pictures"][file]) as image:
            got = np.asarray(image.convert("RGB")).astype(int)
        want = picture(shown.frame(n=n, half=bool(half)))[..., :3].astype(int)
        assert got.shape == want.shape
        assert np.abs(got - want).mean() < 1
        assert index["readings"][reading] == shown.reading


def test_a_star_moves_one_control_and_says_where_the_others_stand(tmp_path):
    controls = {"a": slider("a", 3, 0, 20, 1), "b": slider("b", 4, 0, 20, 1)}
    index = export(live(controls, lambda a, b: (a + b) / 40), tmp_path)
    assert not index["grid"]
    assert {c["name"]: c["base"] for c in index["controls"]} == {
        "a": [3, 4],
        "b": [3, 4],
    }
    keys = {tuple(map(int, key.split("-"))) for key in index["frames"]}
    assert keys == {(3, i) for i in range(21)} | {(i, 4) for i in range(21)}


def test_a_control_that_acts_only_beside_another_is_drawn_there(tmp_path):
    """As the word that is fed instead, once a step is chosen at which one is."""
    controls = {"on": slider("on", 0, 0, 20, 1), "n": slider("n", 0, 0, 20, 1)}
    index = export(live(controls, lambda on, n: n / 20 if on else 0.1), tmp_path)
    on, n = index["controls"]
    assert on["base"] == [0, 0]
    assert n["base"][0] > 0
    seen = {index["frames"][f"{n['base'][0]}-{stop}"][0] for stop in range(21)}
    assert len(seen) == 21


def test_the_figure_is_left_as_it_was(tmp_path):
    shown = live({"n": slider("n", 1, 0, 3, 1)}, lambda n: n / 3)
    before = shown.frame()
    export(shown, tmp_path)
    assert shown.values == {"n": 1}
    assert np.array_equal(picture(shown.frame()), picture(before))


def test_a_widget_keeps_its_module_and_its_state(tmp_path):
    index = export(explore_gates(), tmp_path)
    assert json.loads((tmp_path / "index.json").read_text()) == index
    assert index["state"]["gate"] == "i"
    assert "layout" not in index["state"]
    assert "render" in (tmp_path / "module.js").read_text()


def test_what_is_no_explorer_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"Live figure or an anywidget.*got list"):
        export([], tmp_path)
