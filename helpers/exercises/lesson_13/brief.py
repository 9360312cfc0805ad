"""Checker of lesson 13: the brief of names, scored by its rubric."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from helpers.exercises.engine.core import Wrong, call
from helpers.nets.projects.name_rubric import (
    CRITERIA,
    count_letters,
    real_names,
    rubric,
)

__all__ = ["check_names", "write_surnames"]

N = 300
ADVICE = {
    "first letter": "force the letter: let the model read it first, then write on",
    "new": "it recites (a real name with a letter more counts as real): look at fewer "
    "letters back, train less, or raise the temperature",
    "different": "it says the same names again and again: draw each letter, and do "
    "not take the most probable one",
    "country told": "the judge does not hear the country: show it to the model at "
    "every letter, or cool the temperature",
}


@lru_cache
def _tables():
    return count_letters(real_names()[0], longest=2)


def write_surnames(country, first, n):
    tables = _tables()  # count_letters(names_lesson, longest=2), made once
    rng = np.random.default_rng([len(country), ord(first), n])
    names = []
    for _ in range(n):
        text = "^" + first
        while text[-1] != "." and len(text) < 25:
            runs = text[-2:], text[-1:], ""
            seen = next(tables[country, r] for r in runs if (country, r) in tables)
            p = np.array([*seen.values()]) / seen.total()
            text += str(rng.choice([*seen], p=p))
        names.append(text.strip("^."))
    return names


def check_names(answer):
    def write(country, first, n):
        names = call(answer, country, first, n, name="your writer", seconds=30)
        return _names(names, country, first, n)

    scores = rubric(write, N)
    missed = [name for name, least in CRITERIA.items() if scores[name] < least]
    line = ", ".join(f"{name} {share:.2f}" for name, share in scores.items())
    if missed:
        name = missed[0]
        raise Wrong(
            f"{len(CRITERIA) - len(missed)} of {len(CRITERIA)} criteria are met "
            f"({line}). {name} wants {CRITERIA[name]:.2f}: {ADVICE[name]}"
        )
    return f"All {len(CRITERIA)} criteria are met: {line}."


def _names(names, country, first, n):
    what = f"the order ({country}, {first}, {n})"
    if isinstance(names, str):
        raise Wrong(f"for {what} it returned one text; a list of {n} names is wanted")
    try:
        names = [*names]
    except TypeError:
        kind = type(names).__name__
        raise Wrong(f"for {what} it returned a {kind}; a list is wanted") from None
    if len(names) != n:
        raise Wrong(f"for {what} it returned {len(names)} names, {n} are wanted")
    for name in names:
        if not isinstance(name, str):
            kind = type(name).__name__
            raise Wrong(f"for {what} it returned a {kind} among the names; texts only")
        if not name:
            raise Wrong(f"for {what} it returned an empty name")
        if not (name.isascii() and name.isalpha() and name.islower()):
            raise Wrong(f"for {what} it returned {name!r}; only a to z, small letters")
    return [str(name) for name in names]
