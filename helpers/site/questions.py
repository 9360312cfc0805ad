"""Predictions and exercises as Markdown for a page: pick an option, open a hint."""

from __future__ import annotations

import re

from helpers.exercises.engine.core import Exercise, Prediction

__all__ = ["exercise_page", "prediction_page"]

KEPT = re.compile(r"`[^`]+`|\$[^$]+\$")  # code and mathematics, where < is a <


def prediction_page(item: Prediction) -> str:
    """Return the question, a button for each option and, hidden, what each is told."""
    lines = [f'<div class="ur-predict" data-answer="{item.answer}">']
    lines += [f"**Predict** · {_safe(item.question)}"]
    lines += [f'<button type="button">{_safe(text)}</button>' for text in item.options]
    for i, text in enumerate(item.feedback):
        verdict = "✓ Right." if i == item.answer else "✗ Not so."
        lines += ['<div class="ur-told" hidden>', f"**{verdict}** {_safe(text)}"]
        lines += ["</div>"]
    return "\n\n".join([*lines, '<div role="status"></div>', "</div>"])


def exercise_page(item: Exercise, notebook: str) -> str:
    """Return the hints of an exercise, each to be opened, and where it is solved.

    notebook: its file name, "03_rnn_math.ipynb".
    """
    lines, most = ['<div class="ur-exercise">'], len(item.hints)
    for i, hint in enumerate(item.hints, 1):
        lines += [f"<details><summary>Hint {i} of {most}</summary>", _safe(hint)]
        lines += ["</details>"]
    lines += [f"Solve exercise {item.id} in JupyterLab: `make lab`, then `{notebook}`."]
    return "\n\n".join([*lines, "</div>"])


def _safe(text: str) -> str:
    """Return the course's own `code`, **bold**, *stress* and $math$ as Markdown."""
    parts, end = [], 0
    for kept in KEPT.finditer(text):
        parts += [_escaped(text[end : kept.start()]), kept[0]]
        end = kept.end()
    return " ".join("".join([*parts, _escaped(text[end:])]).split())


def _escaped(text: str) -> str:
    return re.sub(r"([<>\[\]|_~{}#])", r"\\\1", text)
