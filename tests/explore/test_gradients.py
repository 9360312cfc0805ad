"""Explorers of lesson 04: every control changes the picture, every word is measured."""

import io
import re

import numpy as np
import pytest
from PIL import Image

from helpers.explore.cliff import explore_cliff
from helpers.explore.gradients import explore_gradient
from helpers.explore.race import explore_race
from helpers.gradients.cliff import descend
from helpers.gradients.recurrent import products, run_states
from helpers.nets import memory as memory_nets


def differ(one, other):
    one, other = (
        np.asarray(Image.open(io.BytesIO(png)).convert("RGB"), int)
        for png in (one, other)
    )
    return one.shape == other.shape and bool(np.abs(one - other).max() > 20)


@pytest.fixture(scope="module")
def gradient():
    return explore_gradient()


@pytest.fixture(scope="module")
def walk():
    return explore_cliff()


# --- the gradient --------------------------------------------------------------------


@pytest.mark.parametrize(
    "moved",
    [
        {"matrix": "orthogonal"},
        {"gain": 1.5},
        {"nonlinearity": "ReLU"},
        {"scale": 2.0},
        {"T": 80},
        {"H": 8},
        {"lag": 35},
    ],
    ids=lambda moved: next(iter(moved)),
)
def test_every_control_changes_the_picture_and_the_words(gradient, moved):
    before, said = gradient.frame(), gradient.reading
    after = gradient.frame(**moved)
    assert differ(before, after)
    if "T" not in moved:  # a longer sequence need not change the last 20 steps much
        assert gradient.reading != said
    assert not differ(before, gradient.frame())
    assert gradient.painter.full_draws == 1  # artists only, never the whole figure


def test_the_words_are_those_of_the_product(gradient):
    gradient.frame(matrix="Gaussian", gain=0.8, scale=1.0, T=40, H=16, lag=12)
    W = np.random.default_rng(0).normal(size=(16, 16)) / 4
    noise = np.random.default_rng(1).normal(size=(100, 16))
    hs = run_states(0.8 * W, noise[:40])
    sigmas = np.linalg.svd(products(0.8 * W, hs)[12], compute_uv=False)
    size = np.sqrt((sigmas**2).mean())
    radius = 0.8 * np.abs(np.linalg.eigvals(W)).max()
    for words in (
        f"has shrunk to {size:.2g} of its size",
        f"largest singular value {sigmas[0]:.2g}",
        f"spectral radius of W_hh {radius:.2f}",
    ):
        assert words in gradient.reading


def test_a_linear_rotation_keeps_every_gradient(gradient):
    gradient.frame(matrix="orthogonal", gain=1.0, nonlinearity="linear", lag=50)
    assert "has about kept its size" in gradient.reading
    assert "largest singular value 1, smallest 1" in gradient.reading


@pytest.mark.parametrize("nonlinearity", ["linear", "ReLU"])
def test_an_explosion_is_drawn_without_a_fuss(gradient, nonlinearity):
    with np.errstate(all="raise"):
        gradient.frame(nonlinearity=nonlinearity, gain=2.0, T=100, H=64, lag=100)
    assert "has grown to" in gradient.reading


def test_a_lag_beyond_the_sequence_is_its_first_step(gradient):
    gradient.frame(T=10, lag=90)
    assert gradient.reading.startswith("Over 10 steps back")


# --- the cliff -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "moved",
    [
        {"rule": "global norm"},
        {"rule": "by value", "threshold": 0.2},
        {"lr": 0.1},
        {"w": 4.5},
        {"b": -3.0},
        {"step": 40},
    ],
    ids=lambda moved: next(iter(moved)),
)
def test_every_control_of_the_walk_changes_it(walk, moved):
    before, said = walk.frame(), walk.reading
    assert differ(before, walk.frame(**moved))
    assert walk.reading != said
    assert walk.painter.full_draws == 1


def test_the_walks_words_are_those_of_descend(walk):
    walk.frame(rule="global norm", threshold=0.5, lr=0.3, step=90)
    path, losses, norms = descend((5.5, -2.2), lr=0.3, threshold=0.5, steps=150)
    assert f"w = {path[90, 0]:.2f}, b = {path[90, 1]:.2f}" in walk.reading
    assert f"loss {losses[90]:.2g}, gradient norm {norms[90]:.2g}" in walk.reading
    walk.frame(rule="none", step=150)
    assert "off the map" in walk.reading
    walk.frame(step=0)
    assert "longest" not in walk.reading


def test_a_threshold_without_a_rule_changes_nothing(walk):
    before = walk.frame(rule="none")
    assert not differ(before, walk.frame(rule="none", threshold=2.0))
    clipped = walk.frame(rule="global norm", threshold=0.5)
    assert differ(clipped, walk.frame(rule="global norm", threshold=2.0))


def test_two_sided_from_everywhere_is_drawn(walk):
    for w in np.linspace(3, 7, 9):
        walk.frame(rule="two-sided", w=w, b=-3.9, lr=1.0, threshold=5.0)


# --- the race ------------------------------------------------------------------------


def test_the_button_trains_once_and_the_run_stays(monkeypatch):
    train, trainings = memory_nets.train, []

    def noting(*args, steps=0, **settings):
        trainings.extend([args] if steps else [])
        return train(*args, steps=steps, **settings)

    monkeypatch.setattr(memory_nets, "train", noting)
    live = explore_race("orthogonal", T=5, seconds=60)
    before = live.frame()
    assert "Not trained at T = 5 yet" in live.reading
    live.controls["train"].value = True
    assert live.controls["train"].value is False  # ready to be pressed again
    assert live.controls["done"].value == 0
    assert re.search(r"solved after \d+ steps, accuracy (1.00|0.99)", live.reading)
    assert live.note == ""
    after = live.frame()
    assert differ(before, after)
    live.controls["train"].value = True  # remembered: nothing runs, nothing changes
    assert not differ(after, live.frame())
    assert trainings == [("recall", "orthogonal", 5, 0)]
    live.controls["start"].value = "default"
    assert "Not trained" in live.reading


@pytest.mark.parametrize(("name", "value"), [("start", "gru"), ("T", 60)])
def test_the_gradient_before_training_is_there_at_once(name, value):
    live = explore_race("default", T=30)
    before = live.frame()
    live.controls[name].value = value
    assert differ(before, live.frame())
    assert live.painter.full_draws == 1


def test_time_is_up_when_it_is_up():
    live = explore_race("gru", T=20, seconds=1e-3)
    live.controls["train"].value = True
    assert "paused (press again to go on) after 25 steps" in live.reading


def test_a_second_press_goes_on_where_the_first_one_stopped():
    live = explore_race("default", T=10, seconds=1e-3)
    presses = 0
    while "solved" not in live.reading and presses < 12:
        live.controls["train"].value = True
        presses += 1
    assert presses > 1
    pieces = live.reading
    whole = explore_race("default", T=10, seconds=60)
    whole.controls["train"].value = True
    assert pieces == whole.reading  # the very same run, in one piece or in several


def test_singular_values_off_the_scale_are_said_to_be():
    live = explore_gradient(gain=0.2, scale=3.0, T=100)
    blank = live.frame()
    live.controls["lag"].value = 100
    notes = [t.get_text() for ax in live.painter.fig.axes for t in ax.texts]
    assert "all below the scale" in notes
    assert differ(blank, live.frame())


def test_an_interrupt_keeps_what_was_learnt(monkeypatch):
    train = memory_nets.train

    def stopping(*args, on_check=None, **settings):
        def interrupt(step, score):
            on_check(step, score)
            if step == 50:
                raise KeyboardInterrupt

        return train(*args, on_check=interrupt, **settings)

    monkeypatch.setattr(memory_nets, "train", stopping)
    live = explore_race("default", T=20, seconds=60)
    live.controls["train"].value = True
    assert "interrupted after 50 steps" in live.reading
    assert live.controls["train"].value is False


# --- bad input -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("use", "words"),
    [
        (lambda: explore_gradient(nonlinearity="relu"), "nonlinearity: one of linear"),
        (lambda: explore_gradient(gain=5), "value: got 5"),
        (lambda: explore_cliff(rule="norm"), "rule: one of none"),
        (lambda: explore_cliff(start=(2.0, -2.0)), "start: w from 3.0 to 7.0"),
        (lambda: explore_race("magic"), "value: got 'magic'"),
        (lambda: explore_race(seconds=0), "seconds: a number above 0"),
    ],
)
def test_bad_input_is_named(use, words):
    with pytest.raises(ValueError, match=words):
        use()


def test_a_gradient_of_zero_is_said_to_be_gone():
    live = explore_gradient(nonlinearity="ReLU", scale=0.0)
    live.frame()
    assert live.reading == "Over 20 steps back nothing is left of a gradient."


def test_the_cliffs_sliders_stand_on_a_step_of_theirs():
    """A browser moves a value between two steps, and the picture with it."""
    controls = explore_cliff().controls
    for name in ("threshold", "lr"):
        slider = controls[name]
        steps = (np.log10(slider.value) - slider.min) / slider.step
        assert abs(steps - round(steps)) < 1e-9
