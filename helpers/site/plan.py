"""Which frames of a live figure are drawn for a page without a kernel."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from math import prod

import ipywidgets as widgets
import numpy as np

__all__ = ["GRID", "STOPS", "Axis", "axes_of", "grid_keys", "is_grid"]

GRID = 150  # frames of a full grid, at most
STOPS = 25  # stops of one slider, at most


@dataclass(frozen=True)
class Axis:
    """One control as the page has it: its stops, a word for each, and where it starts.

    kind: "slider" or "choice"; at: the index of the stop that it stands on at first.
    """

    name: str
    label: str
    kind: str
    values: tuple
    words: tuple[str, ...]
    at: int


def axes_of(controls: dict) -> tuple[list[Axis], list[str]]:
    """Return the axes of the controls that a page can have, and the labels of others.

    A slider has STOPS stops or fewer, and its present value; a text box the examples
    that it was made with. Others are buttons, text boxes without examples, and what is
    marked `on_page = False` so that the rest makes a grid.
    """
    axes, others = [], []
    for name, control in controls.items():
        found = _stops(control) if getattr(control, "on_page", True) else None
        if found is None:
            others.append(control.description)
            continue
        kind, values, words = found
        if len(values) > 1:
            at = _nearest(values, control.value)
            label = control.description
            axes.append(Axis(name, label, kind, tuple(values), tuple(words), at))
    return axes, others


def is_grid(axes: list[Axis]) -> bool:
    """Return whether every combination of stops is drawn."""
    return prod(len(axis.values) for axis in axes) <= GRID


def grid_keys(axes: list[Axis]) -> Iterator[tuple[int, ...]]:
    """Yield every combination of stops, as indices, the last control moving first."""
    return itertools.product(*(range(len(axis.values)) for axis in axes))


def _stops(control: widgets.Widget) -> tuple[str, list, list[str]] | None:
    """Return the kind, the values and the words of a control; None if it has none."""
    if isinstance(control, widgets.IntSlider):
        values = range(control.min, control.max + 1, control.step)
    elif isinstance(control, widgets.IntProgress):
        values = range(control.min, control.max + 1)
    elif isinstance(control, widgets.FloatLogSlider):
        values = control.base ** _steps(control)
    elif isinstance(control, widgets.FloatSlider):
        values = _steps(control)
    elif isinstance(control, widgets.Dropdown):
        words, values = zip(*control._options_full, strict=True)
        return "choice", list(values), [str(word) for word in words]
    elif isinstance(control, widgets.Checkbox):
        return "choice", [False, True], ["no", "yes"]
    elif getattr(control, "examples", ()):
        values = list(dict.fromkeys([control.value, *control.examples]))
        return "choice", values, [f"“{text}”" for text in values]
    else:
        return None
    values = _thinned([number.item() for number in np.asarray(values)], control.value)
    form = getattr(control, "readout_format", "d")
    return "slider", values, [format(value, form) for value in values]


def _steps(control: widgets.Widget) -> np.ndarray:
    count = round((control.max - control.min) / control.step)
    values = control.min + control.step * np.arange(count + 1)
    return np.round(values[values <= control.max + 1e-9], 10)


def _thinned(values: list, present: float) -> list:
    """Return the values, or STOPS of them, evenly; the present one is among them."""
    if len(values) > STOPS:
        places = np.linspace(0, len(values) - 1, STOPS).round().astype(int)
        values = [values[place] for place in dict.fromkeys(places.tolist())]
    return sorted({*values, present})


def _nearest(values: list | tuple, value: object) -> int:
    if value in values:
        return list(values).index(value)
    return int(np.argmin([abs(other - value) for other in values]))
