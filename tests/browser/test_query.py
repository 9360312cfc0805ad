"""explore_query under the mouse and the keys, on a bare page: its sums are Python's."""

import numpy as np
import pytest

from helpers.explore.attention.query import FILLS, KINDS, explore_query, looked_up


@pytest.fixture
def page(bare):
    return bare(explore_query())


def says(page):
    return page.locator("[role=status]").inner_text()


def weights(page):
    return [
        float(text) for text in page.locator("tr td:nth-child(4)").all_inner_texts()
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_the_page_computes_what_python_computes(page, kind):
    rng = np.random.default_rng(3)
    keys, q, real = rng.normal(size=(5, 2)), rng.normal(size=2), [1, 1, 0, 1, 1]
    asked = {"kind": kind, "scale": 1.7, "filled": FILLS[0]}
    given = asked | {"query": q.tolist(), "keys": keys.tolist(), "real": real}
    got = page.evaluate("(given) => widget.look(given)", given)
    want = looked_up(q, keys, real=real, kind=kind, scale=1.7)
    for name, value in zip(("weights", "context", "entropy"), want, strict=True):
        np.testing.assert_allclose(got[name], value, atol=1e-12)


def test_a_dragged_query_and_an_arrow_key_change_the_weights(page):
    before, said = weights(page), says(page)
    point = page.get_by_role("slider", name="query")
    box = point.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 160, y + 120, steps=4)
    page.mouse.up()
    assert page.evaluate("saved.query[0]") < 0
    assert weights(page) != before
    assert says(page) != said
    point.focus()
    here = page.evaluate("saved.query[0]")
    page.keyboard.press("ArrowRight")
    assert page.evaluate("saved.query[0]") == pytest.approx(here + 0.1)


def test_scale_score_and_mask_answer(page):
    page.get_by_label("Scale").fill("0")
    assert weights(page) == [0.2] * 5
    page.get_by_label("Scale").fill("10")
    assert max(weights(page)) > 0.9
    for t in range(1, 6):
        page.get_by_label(f"key {t} is real").uncheck()
    assert "0 / 0" in says(page)
    assert page.locator("tr td:nth-child(4)").all_inner_texts() == ["NaN"] * 5
    page.get_by_label("Masked scores become").select_option(FILLS[1])
    assert weights(page) == [0.2] * 5
    page.get_by_label("Score", exact=True).select_option("additive")
    assert page.evaluate("saved.kind") == "additive"
