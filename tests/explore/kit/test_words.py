"""Fast texts look like those of Matplotlib, wherever they stand, whatever they say."""

import gc
import weakref

import numpy as np
import pytest
from matplotlib.text import Text
from pictures import whole

from helpers.explore.kit import words
from helpers.explore.kit.live import figure
from helpers.explore.kit.words import moving_text

LOOKS = [
    {},
    {"ha": "right", "color": "tab:red"},
    {"ha": "center", "va": "center", "fontsize": 14},
    {"va": "top", "family": "monospace"},
    {"weight": "bold", "alpha": 0.5},
    {"rotation": 30},
]


def drawn(make, text, dpi=100, **look):
    fig, ax = figure(width=6, height=2, dpi=dpi)
    ax.axis("off")
    make(ax, 0.5, 0.5, text, **look)
    return whole(fig)


def ink(pixels):
    return (255 - pixels).sum()


def box(pixels):
    rows, columns = (pixels != 255).any(axis=2).nonzero()
    return np.array([rows.min(), rows.max(), columns.min(), columns.max()])


def by_matplotlib(ax, *place, **look):
    return ax.text(*place, **look)


@pytest.mark.parametrize("look", LOOKS, ids=str)
@pytest.mark.parametrize("text", ["57%", "Ägypten – fig, “jolly”", "two\nlines here"])
@pytest.mark.parametrize("dpi", [100, 150])
def test_it_looks_like_a_text_of_matplotlib(text, look, dpi):
    slow = drawn(by_matplotlib, text, dpi, **look)
    fast = drawn(moving_text, text, dpi, **look)
    assert np.abs(box(fast) - box(slow)).max() <= 2  # words stand at whole pixels
    assert ink(fast) == pytest.approx(ink(slow), rel=0.03)


@pytest.mark.parametrize("clip_on", [None, True, False])
def test_it_may_leave_its_axes_unless_it_is_to_be_cut_off(clip_on):
    look = {} if clip_on is None else {"clip_on": clip_on}
    shown = {}
    for make in (by_matplotlib, moving_text):
        fig, ax = figure(width=6, height=2)
        ax.set_position((0.3, 0.3, 0.4, 0.4))
        fig.set_layout_engine("none")
        make(ax, -0.3, -0.6, "outside", **look)
        make(ax, 0.9, 0.5, "—" * 9, **look)  # no gap where it is cut off
        ax.axis("off")
        shown[make] = box(whole(fig))
    assert np.abs(shown[moving_text] - shown[by_matplotlib]).max() <= 2


def test_a_formula_is_drawn_as_matplotlib_does():
    text = "$x_t^2$ and more"
    fast, slow = drawn(moving_text, text), drawn(by_matplotlib, text)
    np.testing.assert_array_equal(fast, slow)


@pytest.mark.parametrize("text", ["", " ", "  ", "\n", "a  b", "Ωmega", "x" * 60])
def test_any_text_is_drawn(text):
    assert (ink(drawn(moving_text, text)) > 0) == bool(text.strip())


def test_it_is_a_text_of_the_axes_that_moves_and_changes():
    fig, ax = figure()
    text = moving_text(ax, 0.2, 0.2, "one")
    assert isinstance(text, Text)
    assert list(ax.texts) == [text]
    assert text.get_animated()
    seen = [whole(fig)]
    for change in ({"text": "two"}, {"x": 0.6}, {"color": "red"}, {"fontsize": 20}):
        text.set(**change)
        seen.append(whole(fig))
        assert (seen[-1] != seen[-2]).any(), change


def test_a_word_is_drawn_by_matplotlib_once(monkeypatch):
    words._stamp.cache_clear()
    fig, ax = figure()
    text = moving_text(ax, 0.2, 0.2)
    for said in ("so it is", "is it so", "so so"):
        text.set_text(said)
        text.draw(fig.canvas.get_renderer())
    assert words._stamp.cache_info().misses == 3


def test_a_figure_that_is_let_go_leaves_nothing():
    fig, ax = figure()
    moving_text(ax, 0.2, 0.2, "some words")
    whole(fig)
    renderer = weakref.ref(fig.canvas.get_renderer())
    del fig, ax
    gc.collect()
    assert renderer() is None
