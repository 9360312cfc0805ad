"""What sort of things the names of a notebook are, before and after a cell."""

from __future__ import annotations

import dis
import re
import sys
import types
from collections.abc import Iterator

__all__ = ["kind", "reads", "room_after", "room_before", "stores"]

LOADS = ("LOAD_NAME", "LOAD_GLOBAL")


def kind(value: object) -> str:
    """Return what sort of thing a value is: "array of 2 axes", "list", "function"."""
    axes = value.ndim if hasattr(value, "dtype") and hasattr(value, "ndim") else 0
    if axes:
        return f"{type(value).__name__} of {axes} axes"
    if hasattr(value, "dtype") or isinstance(value, int | float | complex):
        return "number"
    if isinstance(value, list | tuple):
        return "list"
    if isinstance(value, type):
        return "class"
    return "function" if callable(value) and _code(value) else type(value).__name__


def reads(text: str) -> set[str]:
    """Return the global names that a cell's code takes from the cells before it."""
    code = compile(re.sub(r"^\s*[%!].*$", "", text, flags=re.MULTILINE), "", "exec")
    stored, read = set(), set()
    for step in dis.get_instructions(code):
        if step.opname == "STORE_NAME":
            stored.add(step.argval)
        elif step.opname in LOADS and step.argval not in stored:
            read.add(step.argval)
    inner = {name for part in _inner(code) for name in _loaded(part)}
    return read | (inner - stored)


def stores(text: str) -> set[str]:
    """Return the global names that a cell's code gives a value."""
    code = compile(re.sub(r"^\s*[%!].*$", "", text, flags=re.MULTILINE), "", "exec")
    steps = dis.get_instructions(code)
    return {step.argval for step in steps if step.opname == "STORE_NAME"}


def _inner(code: types.CodeType) -> Iterator[types.CodeType]:
    for part in code.co_consts:
        if isinstance(part, types.CodeType):
            yield part
            yield from _inner(part)


def _loaded(code: types.CodeType) -> set[str]:
    steps = dis.get_instructions(code)
    return {step.argval for step in steps if step.opname == "LOAD_GLOBAL"}


def _code(value: object) -> types.CodeType | None:
    return getattr(getattr(value, "__wrapped__", value), "__code__", None)


def _reached(names: set[str], room: dict) -> set[str]:
    """Return `names` and what the functions of the notebook behind them read."""
    known, todo = set(), set(names)
    while todo:
        name = todo.pop()
        known.add(name)
        value = room.get(name)
        own = getattr(value, "__module__", None) == "__main__"
        codes = [_code(value)] if own else []
        if own and isinstance(value, type):
            codes = [_code(method) for method in vars(value).values()]
        for code in filter(None, codes):
            parts = [code, *_inner(code)]
            todo |= {name for part in parts for name in _loaded(part)} - known
    return known


def _kinds(names: set[str], room: dict) -> dict[str, str]:
    return {name: kind(room[name]) for name in sorted(names) if name in room}


def room_before(text: str, room: dict) -> tuple[dict[str, str], int]:
    """Return the kinds of what a cell of this text reads, and how much is kept by now.

    room: the names of the notebook. This is asked in its kernel; kept are the results
    that `helpers.cache` has computed and stored in it.
    """
    return _kinds(_reached(reads(text), room), room), _kept()


def room_after(text: str, room: dict) -> tuple[dict[str, str], int]:
    """Return the kinds of what a cell of this text has stored, and how much is kept."""
    return _kinds(stores(text), room), _kept()


def _kept() -> int:
    places = sys.modules.get("helpers._places")  # a notebook loads it when it needs it
    return getattr(places, "kept", 0)
