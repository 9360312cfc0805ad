"""Explorers of lesson 03: their numbers against the network's own, their frames."""

import re

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from pictures import differ, picture

from helpers.data.text import Characters
from helpers.explore import bptt, recurrence
from helpers.explore.kit.numbers import MINUS, NumberGrid, short, signed
from helpers.explore.recurrence import explore_bptt, explore_steps
from helpers.gradients.paths import Paths, kept_paths
from helpers.nets.numpy_rnn import RNN, softmax_cross_entropy

TEXT = "the state remembers"
CHARACTERS = Characters(TEXT)
V = len(CHARACTERS)
NET = RNN(V, 6, V, rng=np.random.default_rng(0))
WIDE = RNN(V, 30, V, rng=np.random.default_rng(1))


@pytest.fixture(scope="module")
def steps():
    return explore_steps(NET, CHARACTERS, "state")


@pytest.fixture(scope="module")
def back():
    return explore_bptt(NET, CHARACTERS, TEXT)


# --- what the step explorer says -----------------------------------------------------


def test_terms_and_states_are_those_of_the_network():
    ids = CHARACTERS.encode("remember")
    terms, hs = recurrence._run(NET, ids)
    np.testing.assert_allclose(hs, NET.forward(ids[None])[1][0], rtol=1e-12)
    np.testing.assert_allclose(np.tanh(terms.sum(axis=0)), hs[1:], rtol=1e-12)
    p = NET.params
    np.testing.assert_array_equal(terms[0, 3], p["W_xh"][ids[3]])
    np.testing.assert_allclose(terms[1, 3], hs[3] @ p["W_hh"], rtol=1e-12)
    np.testing.assert_array_equal(terms[2, 3], p["b_h"])


def test_the_strips_show_the_sum(monkeypatch):
    shown = {}
    monkeypatch.setattr(
        NumberGrid, "set", lambda self, texts, colours: shown.update(texts=texts)
    )
    live = explore_steps(NET, CHARACTERS, "state")
    live.frame(t=2)
    terms, hs = recurrence._run(NET, CHARACTERS.encode("state"))
    want = [*terms[:, 1], terms[:, 1].sum(axis=0), hs[2]]
    assert shown["texts"] == [[signed(v) for v in column] for column in want]
    live.frame(t=0)
    assert {text for column in shown["texts"] for text in column} == {""}


def test_the_reading_names_the_unit_that_moved_furthest(steps):
    steps.frame(t=3)
    _, hs = recurrence._run(NET, CHARACTERS.encode("state"))
    unit = np.argmax(np.abs(hs[3] - hs[2]))
    for words in ("t = 3, 'a'", f"unit {unit} ", signed(hs[2, unit])):
        assert words in steps.reading
    assert re.search(
        r"because of its (input|state) term: .+ became .+\.", steps.reading
    )
    steps.frame(t=0)
    assert "all zeros" in steps.reading
    steps.frame(t=1)
    assert re.search(r"because of its (input|bias) term, ", steps.reading)


def test_the_reason_given_is_the_term_that_changed_most():
    terms, hs = np.zeros((3, 2, 1)), np.array([[0.0], [0.2], [0.9]])
    terms[:, 0, 0], terms[:, 1, 0] = (0.5, -0.4, 0.1), (0.4, 1.0, 0.1)
    words = recurrence._words(CHARACTERS, CHARACTERS.encode("ta"), terms, hs, 2)
    assert "from +0.20 to +0.90" in words
    assert f"state term: {MINUS}0.40 became +1.00" in words


def test_the_followed_row_is_outlined(monkeypatch):
    made = []
    outline = recurrence._outline
    monkeypatch.setattr(
        recurrence,
        "_outline",
        lambda *a, **k: made.append(outline(*a, **k)) or made[-1],
    )
    live = explore_steps(NET, CHARACTERS, "state")
    live.frame(row=4, t=3)
    wide = [r for r in made if r.get_width() >= 1]  # the states' axes are 1 wide
    assert [(r.get_y(), r.get_height()) for r in wide] == [(3.5, 1), (3.5, 1)]
    tall = [r.get_x() for r in made if r.get_height() > 1]
    assert tall == pytest.approx([3 / 6, 2 / 6])  # h_t and h_(t-1), of 6 columns


@pytest.mark.parametrize(("name", "ends"), [("t", (0, 5)), ("row", (0, 5))])
def test_both_ends_of_a_step_slider_draw_something_else(steps, name, ends):
    control = steps.controls[name]
    assert (control.min, control.max) == ends
    middle = steps.frame(**{name: 2})
    assert differ(middle, steps.frame(**{name: control.min}))
    assert differ(middle, steps.frame(**{name: control.max}))


def test_a_wide_network_shows_its_busiest_units():
    live = explore_steps(WIDE, CHARACTERS, TEXT)
    assert live.controls["row"].max == recurrence.MOST_UNITS - 1
    assert live.controls["row"].description == "row to follow"
    assert live.frame(row=9)


WORDS = {
    "": "nothing has been read",
    "ß!#": "Left out 'ß', '!', '#'",
    "TEAM": "'m'",
    "te@m": "Left out '@'",
    "stats " * 30: "the first 24 of 180",
    "s": "t = 1, 's'",
    "\n\t\0": "nothing has been read",
    "$$": "nothing has been read",
    "日本": "nothing has been read",
}


@pytest.mark.parametrize("word", WORDS)
def test_any_word_gives_a_picture_and_a_friendly_line(word):
    live = explore_steps(NET, CHARACTERS, "state")
    live.controls["t"].value = 5
    live.controls["word"].value = word
    assert live.note == ""
    live.controls["t"].value = live.controls["t"].max
    assert live.note == ""
    assert WORDS[word] in live.reading
    live.controls["word"].value = "state"
    assert live.note == ""
    assert live.controls["t"].max == 5


def test_another_word_of_the_same_length_changes_the_letters(steps):
    assert differ(steps.frame(word="state", t=0), steps.frame(word="treat", t=0))


def test_a_moved_slider_costs_no_full_draw(steps, back):
    for live, name in (steps, "t"), (steps, "row"), (back, "t"), (back, "k"):
        live.frame(**{name: 2})
        before = live.painter.full_draws
        live.frame(**{name: 3})
        live.frame(**{name: 4})
        assert live.painter.full_draws == before
    before = back.painter.full_draws
    for values in {"shown": "all"}, {"cut": "per loss"}, {"gain": 2.0}, {"gain": 0.2}:
        back.frame(**values)
    assert back.painter.full_draws == before


def test_a_frame_has_the_pixels_of_a_full_draw(steps, back):
    for live, values in (steps, {"t": 4, "row": 2}), (back, {"t": 7, "k": 3}):
        fast = picture(live.frame(**values))
        fig = live.painter.fig
        animated = fig.findobj(lambda artist: artist.get_animated())
        for artist in animated:
            artist.set_animated(False)
        FigureCanvasAgg.draw(fig.canvas)
        full = np.asarray(fig.canvas.buffer_rgba())[..., :3].astype(int)
        for artist in animated:
            artist.set_animated(True)
        np.testing.assert_array_equal(fast, full)


# --- what the BPTT explorer says -----------------------------------------------------


def test_the_reading_gives_the_measured_numbers(back):
    ids = CHARACTERS.encode(TEXT)
    T = len(ids) - 1
    paths = Paths(NET, ids[:-1], ids[1:])
    back.frame(shown="all", cut="chunks", k=6)
    kept, full = kept_paths(T, 6, "chunks"), kept_paths(T, T, "chunks")
    error, cosine = paths.compare(kept, full)
    assert f"{kept.sum()} of {full.sum()} paths" in back.reading
    assert f"off by {100 * error:.1f} %" in back.reading
    assert f"cosine {cosine:.3f}" in back.reading
    back.frame(shown="one", t=10, cut="per loss", k=4)
    norms = paths.norms()[9]
    for words in (
        "4 of 10 paths",
        f"{short(norms[9])} at h_10",
        f"{short(norms[0])} at h_1",
    ):
        assert words in back.reading


def test_no_truncation_is_exact_and_backward_agrees(back):
    ids = CHARACTERS.encode(TEXT)
    X, Y, T = ids[None, :-1], ids[None, 1:], len(ids) - 1
    logits, hs = NET.forward(X)
    grads, _ = NET.backward(X, hs, softmax_cross_entropy(logits, Y)[1])
    paths = Paths(NET, X[0], Y[0])
    for cut in "chunks", "per loss":
        np.testing.assert_allclose(
            paths.gradient(kept_paths(T, T, cut)), grads["W_hh"], rtol=1e-9
        )
        back.frame(shown="all", cut=cut, k=T)
        assert "dW_hh is exact" in back.reading


def test_the_first_loss_gives_the_recurrent_weights_nothing(back):
    assert back.frame(shown="one", t=1)
    assert "no gradient" in back.reading
    assert "dW_hh is zero" in back.reading


def test_a_gain_below_one_weakens_the_gradient_a_large_one_does_not(back):
    back.frame(gain=0.2)
    assert re.search(r"× 10\S+ times weaker", back.reading)


@pytest.mark.parametrize(
    ("shown", "name"),
    [("one", "t"), ("one", "k"), ("one", "gain"), ("all", "k"), ("all", "gain")],
)
def test_both_ends_of_a_bptt_slider_draw_something_else(back, name, shown):
    control = back.controls[name]
    middle = back.frame(shown=shown, **{name: (control.min + control.max) // 2})
    assert differ(middle, back.frame(shown=shown, **{name: control.min}))
    assert differ(middle, back.frame(shown=shown, **{name: control.max}))


def test_each_choice_draws_something_else(back):
    assert differ(back.frame(shown="one"), back.frame(shown="all"))
    assert differ(back.frame(cut="chunks", t=9), back.frame(cut="per loss", t=9))


@pytest.mark.parametrize("text", ["tha", "that", "the state " * 9])
def test_short_and_long_texts(text):
    live = explore_bptt(WIDE, CHARACTERS, text.replace("a", "e"))
    assert live.controls["t"].max == min(len(text) - 1, bptt.MOST_STEPS)
    assert live.frame(shown="all", k=1)


# --- bad arguments -------------------------------------------------------------------

OTHERS = Characters("abc")
REFUSED = {
    "characters: steps": lambda: explore_steps(NET, OTHERS, "abc"),
    "characters: bptt": lambda: explore_bptt(NET, OTHERS, "abc"),
    "characters: no alphabet": lambda: explore_steps(NET, "abc"),
    "rnn: steps": lambda: explore_steps(None, CHARACTERS),
    "rnn: bptt": lambda: explore_bptt(np.zeros(3), CHARACTERS),
    "text: empty": lambda: explore_steps(NET, CHARACTERS, ""),
    "text: unknown": lambda: explore_steps(NET, CHARACTERS, "ßß"),
    "text: no string": lambda: explore_steps(NET, CHARACTERS, 7),
    "text: short": lambda: explore_bptt(NET, CHARACTERS, "th"),
    "text: none": lambda: explore_bptt(NET, CHARACTERS, None),
}


@pytest.mark.parametrize("case", REFUSED)
def test_bad_arguments_are_named(case):
    with pytest.raises(ValueError, match="wanted") as refusal:
        REFUSED[case]()
    assert str(refusal.value).startswith(case.split(": ")[0] + ":")


def test_unknown_characters_of_a_bptt_text_are_named():
    with pytest.raises(ValueError, match="'ß'"):
        explore_bptt(NET, CHARACTERS, "that ß")


# --- numbers as text, and the grid of them -------------------------------------------


@pytest.mark.parametrize(
    ("number", "text"),
    [(0, "0"), (0.158, "0.16"), (385.2, "385"), (12345, "12,345"), (1, "1")],
)
def test_short_numbers(number, text):
    assert short(number) == text


def test_short_numbers_with_a_power_of_ten():
    assert short(5.44e-17) == "5.4 × 10⁻¹⁷"
    assert short(2.5e6) == "2.5 × 10⁶"
    assert signed(-0.126) == f"{MINUS}0.13"
    assert [signed(x) for x in (0.0, -0.001, 10, 0.01)] == [
        "0.00",
        "0.00",
        "+10.00",
        "+0.01",
    ]


def test_number_grid_writes_where_it_is_told():
    from helpers.explore.kit.live import figure

    fig, ax = figure(width=3, height=2)
    fig.set_layout_engine("none")
    ax.set(xlim=(0, 2), ylim=(0, 1))
    grid = NumberGrid(ax, [0.5, 1.5], [0.5])
    grid.set([["+0.25"], [""]], [["black"], ["black"]])
    opacity = grid.artist.pixels[..., 3].copy()
    left, right = np.hsplit(opacity[:, : opacity.shape[1] // 2 * 2], 2)
    assert left.max() > 200
    assert right.max() == 0
    ys, xs = np.nonzero(left > 100)
    assert abs(xs.mean() - left.shape[1] / 2) < 4
    assert abs(ys.mean() - left.shape[0] / 2) < 4
    grid.set([[""], [f"{MINUS}1.00"]], [["black"], ["white"]])
    left, right = np.hsplit(grid.artist.pixels[:, : opacity.shape[1] // 2 * 2], 2)
    assert left[..., 3].max() == 0
    assert right[right[..., 3] > 0][..., 0].min() == 255
