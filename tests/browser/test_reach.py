"""explore_reach under the mouse, on a bare page: its script asks for nothing else."""

import pytest

from helpers.explore.reach import explore_reach


@pytest.fixture
def page(bare):
    return bare(explore_reach())


def counts(page):
    return page.locator(".ur-ways").all_text_contents()


def test_a_click_on_a_column_chooses_its_output(page):
    assert counts(page) == ["5", "4", "3", "2", "1", "0", "0", "0"]
    page.locator(".ur-column").nth(1).click()
    assert counts(page) == ["2", "1", "0", "0", "0", "0", "0", "0"]
    assert page.evaluate("saved.t") == 2
    chosen = page.locator(".ur-chosen text")
    assert chosen.all_text_contents() == ["2"]
    assert page.locator("input[aria-label=output]").input_value() == "2"


def test_the_kernel_may_choose_too_and_a_short_row_keeps_the_output_inside(page):
    page.evaluate("model.set('direction', 'both')")
    assert counts(page) == ["10"] * 4 + ["11"] + ["10"] * 3
    slider = page.locator("input[aria-label='sequence length T']")
    slider.focus()
    page.keyboard.press("Home")
    assert counts(page) == ["4", "5"]
    assert page.evaluate("[saved.T, saved.t]") == [2, 2]
    words = page.locator("[role=status]").text_content()
    assert words.startswith("Output 2 can know all 2 inputs, by 9 ways.")
