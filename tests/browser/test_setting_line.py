"""The widgets with a page of their own: the call that opens them as they stand."""

import pytest

from helpers.explore.attention.query import explore_query
from helpers.explore.gates import explore_gates
from helpers.explore.listening.lattice import explore_lattice
from helpers.explore.reach import explore_reach
from helpers.explore.types import explore_types

OPENERS = [explore_query, explore_gates, explore_lattice, explore_reach, explore_types]


def line(page):
    return page.locator(".ur-setting")


def opened_again(page, opener):
    """What the copied call opens."""
    call = line(page).locator("code").text_content()
    return eval(call, {opener.__name__: opener})


@pytest.mark.parametrize("opener", OPENERS, ids=lambda opener: opener.__name__)
def test_every_slider_and_list_is_in_the_call_that_opens_it_so(bare, opener):
    page = bare(opener())
    before = page.evaluate("structuredClone(state)")
    assert not line(page).is_visible()
    for control in page.locator("input[type=range]:visible").all():
        control.press("End")
        control.press("ArrowLeft")
    for control in page.locator("select:visible").all():
        control.press("ArrowDown")
    assert line(page).is_visible()
    assert line(page).text_content().startswith("Copy this setting: explore_")
    again, saved = opened_again(page, opener), page.evaluate("saved")
    moved = {name: value for name, value in saved.items() if value != before[name]}
    assert len(moved) > 1
    for name, value in moved.items():
        close(getattr(again, name), value)


def close(one, other):
    """Numbers to four digits, all else exactly."""
    if isinstance(other, list) and other:
        assert len(one) == len(other)
        for pair in zip(one, other, strict=True):
            close(*pair)
    elif isinstance(other, float):
        assert one == pytest.approx(other, rel=1e-3)
    else:
        assert one == other


def test_what_it_was_opened_with_stays_in_the_call(bare):
    page = bare(explore_reach(layers=3))
    assert not line(page).is_visible()
    page.get_by_label("output").press("Home")
    assert line(page).locator("code").text_content() == "explore_reach(layers=3, t=1)"
    page.get_by_label("output").press("ArrowRight")
    page.evaluate("model.set('direction', 'both')")
    told = line(page).locator("code").text_content()
    assert told == 'explore_reach(direction="both", layers=3, t=2)'
