"""predict: a question to answer before running the cell that answers it."""

from __future__ import annotations

import re

import ipywidgets as widgets

from helpers.exercises.engine import progress
from helpers.exercises.engine.core import Prediction
from helpers.exercises.engine.registry import find, lesson_items
from helpers.exercises.engine.verdicts import STRESS, rich

__all__ = ["PredictionBox", "predict"]

_STYLE = """<style>
.unrolled-option.jupyter-button {height: auto; min-height: 32px; width: auto;
  max-width: 46em; padding: 5px 12px; line-height: 1.4; text-align: left;
  white-space: normal; border: 1px solid var(--jp-border-color1, #bbb);
  color: var(--jp-ui-font-color1, #222);
  background: var(--jp-layout-color1, #fff); font-size: var(--jp-ui-font-size1)}
.unrolled-option.jupyter-button:focus-visible {
  outline: 2px solid var(--jp-brand-color1, #1976d2); outline-offset: 1px}
.unrolled-option.unrolled-picked {
  border: 2px solid var(--jp-ui-font-color1, #222); font-weight: 600}
.unrolled-predict .widget-htmlmath-content {line-height: 1.5;
  color: var(--jp-content-font-color1, #222); font-size: var(--jp-content-font-size1)}
</style>"""


class PredictionBox(widgets.VBox):
    """A question and its options as buttons; the one pressed gets its feedback.

    A reader without a kernel sees the question and the options as text. The first
    option ever picked is remembered as the prediction; looking at the others is free.
    """

    def __init__(self, prediction: Prediction) -> None:
        self.prediction = prediction
        self.picked: int | None = None
        question = widgets.HTMLMath(
            f"{_STYLE}<b>Predict</b> · {rich(prediction.question)}"
        )
        self.buttons = []
        for i, option in enumerate(prediction.options):
            button = widgets.Button(description=_plain(option), tooltip="")
            button.add_class("unrolled-option")
            button.on_click(lambda _, i=i: self.pick(i))
            self.buttons.append(button)
        self.feedback = widgets.HTMLMath("")
        super().__init__([question, *self.buttons, self.feedback])
        self.add_class("unrolled-predict")
        earlier = progress.load()["predictions"].get(prediction.id)
        if earlier is not None and 0 <= earlier < len(self.buttons):
            self.pick(earlier)

    def pick(self, i: int) -> None:
        """Choose option `i`, as a press of its button does."""
        item = self.prediction
        if not 0 <= i < len(item.options):
            raise ValueError(f"i must be 0 to {len(item.options) - 1}, got {i!r}")
        progress.record("predictions", item.id, i)
        right, self.picked = i == item.answer, i
        for k, button in enumerate(self.buttons):
            text = _plain(item.options[k])
            mark = ("✓ " if right else "✗ ") if k == i else ""
            button.description = mark + text
            (button.add_class if k == i else button.remove_class)("unrolled-picked")
        verdict = "✓ Right." if right else "✗ Not so."
        self.feedback.value = (
            f'<div role="status"><b>{verdict}</b> {rich(item.feedback[i])}<br>'
            f"<small>{self._count()}</small></div>"
        )

    def _count(self) -> str:
        lesson = self.prediction.id[:2]
        every = [p.id for p in lesson_items(lesson)[1]]
        made = progress.load()["predictions"]
        done = sum(id in made for id in every)
        return f"{done} of {len(every)} predictions made in lesson {lesson}"

    def __repr__(self) -> str:
        item = self.prediction
        lines = [f"Predict · {item.question}"]
        lines += [f"  {chr(97 + i)}) {text}" for i, text in enumerate(item.options)]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        item = self.prediction
        options = "".join(f"<li>{rich(text)}</li>" for text in item.options)
        return (
            f"<p><b>Predict</b> · {rich(item.question)}</p>"
            f'<ol type="a">{options}</ol>'
            "<p><small>Run this notebook to choose one.</small></p>"
        )

    def _repr_mimebundle_(self, **kwargs):
        bundle = super()._repr_mimebundle_(**kwargs) or {}
        data, rest = (
            (bundle[0], bundle[1:]) if isinstance(bundle, tuple) else (bundle, ())
        )
        data = {**data, "text/plain": repr(self), "text/html": self._repr_html_()}
        return (data, *rest) if rest else data


def _plain(text: str) -> str:
    text = text.replace("`", "").replace("**", "").replace("$", "")
    return re.sub(STRESS, r"\1", text)


def predict(id: str) -> PredictionBox:
    """Return the question of prediction `id`, as in predict("03.p1"), to be shown."""
    return PredictionBox(find(id, Prediction))
