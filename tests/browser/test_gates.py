"""explore_gates in a bare page: what a click, a drag and a key do, and what is said."""

import pytest

from helpers.explore.gates import GOALS, PRESETS, explore_gates, run_gates


@pytest.fixture
def page(bare):
    return bare(explore_gates())


def read(page):
    """Numbers shown for c and h, as text, and the two lines."""
    lines = page.locator("[role=status]").all_inner_texts()
    return lines[0], lines[1]


def states(page):
    return page.evaluate(
        "() => { const s = widget.run(state.offered, state.i, state.f, state.o);"
        " return [s.c, s.h]; }"
    )


def track(page, gate, step):
    return page.locator(f'.ur-track[data-gate="{gate}"][data-step="{step}"]')


def test_the_page_computes_what_python_computes(page):
    for now in [*(goal["gates"] for goal in GOALS), *PRESETS.values()]:
        full = {k: v if isinstance(v, list) else [v] * 12 for k, v in now.items()}
        page.evaluate("now => Object.assign(state, now)", full)
        for got, want in zip(states(page), run_gates(**full), strict=True):
            assert got == pytest.approx(want, abs=1e-12)


def test_clicks_alone_reach_the_first_goal(page):
    page.locator("select").nth(0).select_option("all shut")
    assert "Not yet: at step 3 the cell holds 0.00, not +0.90." in read(page)[0]
    track(page, "i", 3).click()
    assert read(page)[0].endswith("✓ Done.")
    assert page.get_by_role("button", name="write").inner_text() == "✓ 1 write"
    assert read(page)[1].startswith("Step 3: the cell writes. c = 0 · 0.00 + 1 · +0.90")
    assert "+0.90; the output stays silent: h = 0 · tanh" in read(page)[1]
    assert page.evaluate("saved.i") == [0, 0, 1, *[0] * 9]
    track(page, "i", 3).click()
    assert page.get_by_role("button", name="write").inner_text() == "○ 1 write"


def test_show_me_reaches_every_goal(page):
    for number, goal in enumerate(GOALS, 1):
        page.get_by_role("button", name=f"{number} {goal['name']}").click()
        assert "Not yet" in read(page)[0]
        page.get_by_role("button", name="Show me").click()
        assert read(page)[0] == f"{goal['say']} ✓ Done."


def test_a_drag_sets_every_gate_on_its_way(page):
    page.locator("select").nth(0).select_option("all shut")
    first, last = (track(page, "f", step).bounding_box() for step in (4, 7))
    page.mouse.move(first["x"] + 25, first["y"] + 21)
    page.mouse.down()
    page.mouse.move(last["x"] + 25, last["y"] + 2, steps=30)
    page.mouse.up()
    f = page.evaluate("state.f")
    assert [value > 0 for value in f] == [4 <= step <= 7 for step in range(1, 13)]
    assert f[6] == 1
    assert page.evaluate("[state.gate, state.step]") == ["f", 7]


def test_the_keyboard_does_it_too(page):
    step, value = (
        page.get_by_label(word, exact=True) for word in ("Step", "How open the gate is")
    )
    for control, name in (step, "step"), (value, "i"):
        assert control.get_attribute("data-lm-suppress-shortcuts") == "true"
        control.press("End")
        at_the_end = page.evaluate(f"state.{name}")
        control.press("Home")
        at_home = page.evaluate(f"state.{name}")
        if name == "step":
            assert (at_home, at_the_end) == (1, 12)
            assert read(page)[1].startswith("Step 1: ")
        else:
            assert (at_home[0], at_the_end[0]) == (0, 1)
    value.press("ArrowRight")
    assert page.evaluate("state.i")[0] == 0.05
    page.get_by_label("Gate", exact=True).select_option("f")
    assert value.input_value() == "0.5"


@pytest.mark.parametrize(
    ("i", "f", "old", "said"),
    [
        (0, 0, 0.9, "erases"),
        (0, 1, 0.9, "keeps"),
        (0, 0.5, 0.9, "lets a part of the old leak away"),
        (1, 0, 0.9, "replaces"),
        (1, 0, 0, "writes"),
        (1, 1, 0.9, "adds the new to the old"),
        (0.3, 1, 0.9, "adds a part of the new to the old"),
        (0.5, 0.5, 0.9, "mixes old and new"),
        (0, 1, 0, "stays empty"),
    ],
)
def test_what_the_cell_did_has_a_word(page, i, f, old, said):
    words = page.evaluate(
        "([i, f, old]) => { const g = [old, 0.4], one = [1, i], keep = [0, f];"
        " return widget.words(2, g, one, keep, [0, 1],"
        " widget.run(g, one, keep, [0, 1])); }",
        [i, f, old],
    )
    assert f"Step 2: the cell {said}. " in words
    assert "the output tells it" in words


def test_the_kernel_can_set_the_gates(page):
    page.evaluate("model.set('i', Array(12).fill(0))")
    assert "the cell stays empty" in read(page)[1]
