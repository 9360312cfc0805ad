"""explore_reach under the mouse, on a bare page: its script asks for nothing else."""

import json
from pathlib import Path

import pytest

from helpers.explore import reach
from helpers.explore.kit.controls import script as widget_script

MODEL = """
    const state = STATE, heard = {};
    window.model = {
      get: (name) => state[name],
      set: (name, value) => {
        state[name] = value;
        (heard[`change:${name}`] ?? []).forEach((hear) => hear());
      },
      save_changes: () => { window.saved = { ...state }; },
      on: (name, hear) => (heard[name] ??= []).push(hear),
      off: () => {},
    };
    const { default: widget } = await import(
      URL.createObjectURL(new Blob([SOURCE], { type: "text/javascript" })));
    widget.render({ model: window.model, el: document.body });
"""


@pytest.fixture
def page(lab):
    source = widget_script(Path(reach.__file__).with_name("reach.js"))
    explorer = reach.explore_reach()
    names = ("wirings", "colours", "sizes", "direction", "layers", "T", "t")
    state = json.dumps({name: getattr(explorer, name) for name in names})
    script = MODEL.replace("STATE", state).replace("SOURCE", json.dumps(source))
    page = lab.page.context.new_page()
    page.set_content("<body></body>")
    page.evaluate(f"async () => {{ {script} }}")
    yield page
    page.close()


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
