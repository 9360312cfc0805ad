"""explore_lattice in a bare page: its sums are Python's, and it obeys its controls."""

import numpy as np
import pytest

from helpers.explore.listening.lattice import SYMBOLS, WORDS, descend, explore_lattice
from helpers.writing.ctc import backward, ctc, forward, with_blanks


@pytest.fixture
def page(bare):
    return bare(explore_lattice())


def says(page):
    return page.locator("[role=status]").inner_text()


def button(page, name):
    return page.get_by_role("button", name=name)


@pytest.mark.parametrize("word", WORDS)
def test_the_page_sums_what_python_sums(page, word):
    logits = np.random.default_rng(5).standard_normal((8, 4))
    target = np.array([[SYMBOLS.index(k) for k in word]])
    log_y = (logits - np.logaddexp.reduce(logits, axis=1, keepdims=True))[None]
    z = with_blanks(target)
    got = page.evaluate(
        "([logits, z]) => widget.sums(logits.map(widget.softmax), z)",
        [logits.tolist(), z[0].tolist()],
    )
    loss, gamma = ctc(log_y, target)
    assert got["P"] == pytest.approx(np.exp(-loss[0]), rel=1e-9)
    assert got["column"] == pytest.approx([np.exp(-loss[0])] * 8, rel=1e-9)
    for name, want in (
        ("alpha", np.exp(forward(log_y, z)[0])),
        ("beta", np.exp(backward(log_y, z, [8], [len(word)])[0])),
        ("gamma", gamma[0]),
    ):
        np.testing.assert_allclose(got[name], want, atol=1e-12)
    for shared in (False, True):
        moved = page.evaluate(
            "([logits, z, shared]) => widget.descend(logits, z, shared, 1)",
            [logits.tolist(), z[0].tolist(), shared],
        )
        np.testing.assert_allclose(moved, descend(logits, word, shared), atol=1e-12)


def test_steps_learn_the_word_and_the_columns_agree(page):
    for _ in range(10):
        button(page, "Ten steps").click()
    assert 'which writes "ab" ✓' in says(page)
    sums = page.locator(".ur-sum").all_text_contents()
    assert len(sums) == 8
    assert len(set(sums)) == 1
    button(page, "Start again").click()
    assert page.evaluate("JSON.stringify(state.logits) === JSON.stringify(state.start)")


def test_one_output_for_all_frames_falls_to_all_blank(page):
    page.get_by_label("one output for all frames").check()
    for _ in range(20):
        button(page, "Ten steps").click()
    assert "Best path: ________, which writes nothing." in says(page)
    rows = page.evaluate("state.logits")
    assert all(row == rows[0] for row in rows)


def test_a_drag_and_a_key_move_a_bar(page):
    track = page.locator('.ur-track[data-frame="3"][data-output="1"]')
    box = track.bounding_box()
    page.mouse.move(box["x"] + 8, box["y"] + box["height"] - 4)
    page.mouse.down()
    page.mouse.move(box["x"] + 8, box["y"] + 0.2 * box["height"], steps=5)
    page.mouse.up()
    y = page.evaluate("widget.softmax(state.logits[2])")
    assert y[1] == pytest.approx(0.8, abs=0.03)
    assert sum(y) == pytest.approx(1)
    assert page.evaluate("[state.frame, state.output]") == [3, 1]
    level = page.get_by_label("Its probability")
    assert level.get_attribute("data-lm-suppress-shortcuts") == "true"
    level.press("Home")
    assert page.evaluate("widget.softmax(state.logits[2])")[1] < 0.02


def test_the_kernel_may_choose_the_word(page):
    page.evaluate("model.set('word', 'cabca')")
    assert page.locator(".ur-dot").count() == 8 * 11
    page.get_by_label("Word", exact=True).select_option("a")
    assert page.evaluate("saved.word") == "a"
