"""Labelled controls for explorers, and what a reader without a kernel sees."""

import math
from numbers import Integral
from pathlib import Path

import anywidget
import ipywidgets as widgets

from helpers.explore.kit.rerun import close_all, shown_here

__all__ = [
    "ControlsBox",
    "KeepKeys",
    "NeedsKernel",
    "choice",
    "script",
    "slider",
    "text_box",
    "toggle",
]

RUN_ME = "Run this notebook to move the sliders."


def slider(label, value, min, max, step, *, unit="", log=False):
    """Return a slider over the numbers min … max; arrow keys move it by one step.

    It is an integer slider if value, min, max and step all are integers. With log=True
    the handle moves evenly through powers of ten and `step` counts decades (0.1 is ten
    stops from 1 to 10). ValueError unless min < max, min ≤ value ≤ max and step > 0.
    """
    look = _look(label, "34rem")
    if not min < max:
        raise ValueError(f"min, max: got {min} and {max}, want min < max")
    if not min <= value <= max:
        raise ValueError(f"value: got {value}, want a number from {min} to {max}")
    if not step > 0:
        raise ValueError(f"step: got {step}, want a number above 0")
    if log and min <= 0:
        raise ValueError(f"min: got {min}, want a number above 0 on a log slider")
    look["continuous_update"] = True
    look["description"] += f" ({unit})" if unit else ""
    if log:
        ends = {"min": math.log10(min), "max": math.log10(max)}
        return widgets.FloatLogSlider(
            value, **ends, step=step, readout_format=".3g", **look
        )
    if all(isinstance(number, Integral) for number in (value, min, max, step)):
        return widgets.IntSlider(int(value), int(min), int(max), int(step), **look)
    digits = _digits(step)
    return widgets.FloatSlider(
        value, min=min, max=max, step=step, readout_format=f".{digits}f", **look
    )


def choice(label, options, value=None):
    """Return a drop-down list of `options` (a list, or a dict name → value).

    `value` is the option chosen at first, the first one by default.
    """
    look = _look(label, "24rem")
    options = options if isinstance(options, dict) else list(options)
    if not options:
        raise ValueError("options: got none, want at least one")
    values = list(options.values()) if isinstance(options, dict) else options
    value = values[0] if value is None else value
    if value not in values:
        raise ValueError(f"value: got {value!r}, want one of {values}")
    return widgets.Dropdown(options=options, value=value, **look)


def text_box(label, value, examples=()):
    """Return a line of text to type in; every key press counts at once.

    examples: other texts, to choose from where no kernel reads what is typed.
    """
    look = _look(label, "34rem")
    for text in (value, *examples):
        if not isinstance(text, str):
            name = "value" if text is value else "examples"
            raise ValueError(f"{name}: got {text!r}, want a string")
    box = widgets.Text(value, continuous_update=True, **look)
    box.examples = tuple(examples)
    return box


def toggle(label, value):
    """Return a check box: True or False."""
    look = _look(label, "auto")
    if not isinstance(value, bool):
        raise ValueError(f"value: got {value!r}, want True or False")
    return widgets.Checkbox(value, indent=False, **look)


def _look(label, width):
    """What all controls are given: the label in full, and a width that fits a page."""
    if not isinstance(label, str) or not label.strip():
        raise ValueError(f"label: got {label!r}, want a few words")
    layout = widgets.Layout(width=width, max_width="100%")
    style = {"description_width": "initial"}
    return {"description": label, "style": style, "layout": layout}


def _digits(step):
    """Return how many decimals (at most 6) it takes to write `step`."""
    return next((d for d in range(6) if math.isclose(round(step, d), step)), 6)


def script(path):
    """Return the text of a widget's module: dom.js, which all share, then `path`'s."""
    parts = Path(__file__).with_name("dom.js"), Path(path)
    return "".join(part.read_text(encoding="utf-8") for part in parts)


class NeedsKernel:
    """Mixin, named before the widget class: what is shown where no kernel runs.

    Set `alt` (one sentence on what is to be seen) and, if there is one, return a
    picture from `static_picture()` as a dict of mime type → data, for example
    {"image/png": base64 string}. The stored notebook then reads well on the web.
    """

    alt = ""

    def static_picture(self):
        """Return the mime bundle of a still picture; empty: words stand in for it."""
        return {}

    def let_go(self):
        """Close it, and what is in it, layouts and styles included."""
        close_all(self)

    def _repr_mimebundle_(self, **kwargs):
        shown_here(self)
        shown = super()._repr_mimebundle_(**kwargs)
        if shown is None:
            return None
        data, metadata = shown if isinstance(shown, tuple) else (shown, {})
        words = f"{self.alt} {RUN_ME}".strip()
        picture = self.static_picture()
        data = {**data, **picture, "text/plain": words}
        if not picture:
            data["text/html"] = f"<p><em>{words}</em></p>"
        alts = {mime: {"alt": self.alt} for mime in picture if mime != "text/html"}
        return data, {**metadata, **alts}


class KeepKeys(anywidget.AnyWidget):
    """An invisible child that makes its VBox keep the keys pressed in it."""

    _esm = Path(__file__).with_name("keys.js")

    def __init__(self):
        super().__init__(layout=widgets.Layout(display="none"))


class ControlsBox(NeedsKernel, widgets.VBox):
    """The controls of a live figure, one below the other, labels in one column.

    More than three stand side by side as far as the page is wide, so that they and the
    figure fit on a slide.

    rows: what is seen of them; unseen: widgets that only work on the page.
    """

    def __init__(self, controls, rows, unseen=()):
        self.alt = f"Controls: {', '.join(c.description for c in controls)}."
        kinds = widgets.Checkbox, widgets.ToggleButton
        boxes = [c for c in controls if isinstance(c, kinds)]
        lines = [c for c in controls if c not in boxes and hasattr(c, "style")]
        widest = max((len(c.description) for c in lines), default=0) + 1
        for control in lines:
            control.style.description_width = f"{widest}ch"
            if isinstance(control, widgets.Dropdown):  # its longest option in full
                full = widest + max(map(len, control._options_labels)) + 5
                control.layout.width = f"max({control.layout.width}, {full}ch)"
        for control in boxes:
            control.layout.margin = f"2px 2px 2px calc({widest}ch + 8px)"
        super().__init__([*rows, *unseen, KeepKeys()])
        if len(rows) > 3:
            self.layout.flex_flow = "row wrap"
