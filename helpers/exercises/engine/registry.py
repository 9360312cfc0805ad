"""Find an exercise or a prediction by its id; lessons are loaded when first asked."""

from __future__ import annotations

import difflib
import importlib
import pkgutil
import re
from pathlib import Path

from helpers.exercises.engine.core import Exercise, Prediction
from helpers.exercises.engine.verdicts import UnknownId

__all__ = ["find", "lesson_items", "lessons"]


def lessons() -> list[str]:
    """Return the numbers, "00", "01", …, of the lessons that have exercises."""
    names = (m.name for m in pkgutil.iter_modules([str(Path(__file__).parents[1])]))
    return sorted(n[7:] for n in names if re.fullmatch(r"lesson_\d\d", n))


def lesson_items(lesson: str) -> tuple[list[Exercise], list[Prediction]]:
    """Return the exercises and the predictions of lesson "03"."""
    module = importlib.import_module(f"helpers.exercises.lesson_{lesson}.questions")
    return list(getattr(module, "EXERCISES", ())), list(
        getattr(module, "PREDICTIONS", ())
    )


def find(id: str, kind: type = Exercise) -> Exercise | Prediction:
    """Return the exercise (or prediction) named `id`; UnknownId names near ones."""
    word, form, maker = (
        ("exercise", '"03.1"', "check")
        if kind is Exercise
        else ("prediction", '"03.p1"', "predict")
    )
    if not isinstance(id, str):
        raise UnknownId(
            f"✗ the id comes first and is a text: {maker}({form}, …) — "
            f"this was a {type(id).__name__}"
        )
    wanted = id.strip()
    if re.match(r"\d\.", wanted):
        wanted = f"0{wanted}"
    lesson = wanted.partition(".")[0]
    if lesson not in lessons():
        known = ", ".join(lessons())
        raise UnknownId(
            f"✗ {id} — there is no such {word}: an id looks like {form}, and the "
            f"lessons with exercises are {known}"
        )
    exercises, predictions = lesson_items(lesson)
    ours, others = (
        (exercises, predictions) if kind is Exercise else (predictions, exercises)
    )
    for item in ours:
        if item.id == wanted:
            return item
    if any(item.id == wanted for item in others):
        article, other = ("an", "predict") if kind is Exercise else ("a", "check")
        raise UnknownId(f"✗ {id} — this is not {article} {word}; use {other}")
    ids = [item.id for item in ours]
    near = difflib.get_close_matches(wanted, ids, 3, 0.5) or ids
    raise UnknownId(
        f"✗ {id} — there is no such {word}; near it: {', '.join(sorted(near))}"
    )
