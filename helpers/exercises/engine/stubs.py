"""Is there anything to judge yet? Stubs and left-over `...` are found here."""

from __future__ import annotations

import dis
import functools
import inspect
from collections.abc import Iterator
from types import CodeType

__all__ = ["blanks", "is_stub"]

_STUBS = (
    "pass",
    "return ...",
    "raise NotImplementedError",
    "raise NotImplementedError()",
)
_SILENT = {"RESUME", "NOP", "CACHE"}


def _steps(code: CodeType) -> list[tuple]:
    return [
        (step.opname, step.argval)
        for step in dis.get_instructions(code)
        if step.opname not in _SILENT
    ]


def _compiled(body: str) -> list[tuple]:
    room: dict = {}
    exec(f"def stub():\n    {body}", room)
    return _steps(room["stub"].__code__)


_STUB_STEPS = [_compiled(body) for body in _STUBS]


def is_stub(thing: object) -> bool:
    """Return True if `thing` is `...`, an empty function or a class of empty ones.

    Empty is a body of a docstring, `pass`, `...`, `return ...` or
    `raise NotImplementedError`; comments and the docstring do not count.
    """
    if thing is ...:
        return True
    if isinstance(thing, functools.partial):
        return is_stub(thing.func)
    if inspect.isclass(thing):
        own = [f for f in vars(thing).values() if _code(f) is not None]
        return all(is_stub(f) for f in own) if own else thing.__module__ == "__main__"
    code = _code(thing)
    return code is not None and _steps(code) in _STUB_STEPS


def _code(thing: object) -> CodeType | None:
    if isinstance(thing, staticmethod | classmethod):
        thing = thing.__func__
    if isinstance(thing, property):
        thing = thing.fget
    if callable(thing):
        thing = inspect.unwrap(thing)
    return getattr(thing, "__code__", None)


def blanks(value: object, where: str = "") -> Iterator[tuple[str, bool]]:
    """Yield (place, is it `...`?) for each leaf of nested lists, tuples and dicts."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from blanks(item, f"{where}[{key!r}]")
    elif isinstance(value, list | tuple):
        for i, item in enumerate(value):
            yield from blanks(item, f"{where}[{i}]")
    else:
        yield where, value is ...
