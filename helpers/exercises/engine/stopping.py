"""Loops inside C that no alarm can stop, made to listen: sum(range(10**11))."""

from __future__ import annotations

import builtins
import functools
import itertools
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager

__all__ = ["stoppable"]

_LAZY = (map, filter, zip, enumerate, reversed)
_NAMES = [
    *((builtins, name) for name in ("all", "any", "max", "min", "sum")),
    (math, "prod"),
    (math, "fsum"),
]


def _listening(fn: Callable) -> Callable:
    """Return `fn` for which a lazy argument goes by way of Python, step by step.

    Python looks for an alarm at each step of its own, and never within a C function.
    """

    @functools.wraps(fn)
    def wrapper(*args, **kwargs):
        if args and _endless(args[0]):
            args = ((item for item in args[0]), *args[1:])
        return fn(*args, **kwargs)

    return wrapper


def _endless(x: object) -> bool:
    """Return whether `x` may go on for long without a step in Python."""
    if isinstance(x, range):
        return bool(x) and abs(x[-1] - x[0]) > 10**6
    return isinstance(x, _LAZY) or type(x).__module__ == itertools.__name__


@contextmanager
def stoppable() -> Iterator[None]:
    """In the body, let sum, min, max, any, all and prod be stopped by an alarm."""
    kept = [(room, name, getattr(room, name)) for room, name in _NAMES]
    for room, name, fn in kept:
        setattr(room, name, _listening(fn))
    try:
        yield
    finally:
        for room, name, fn in kept:
            setattr(room, name, fn)
