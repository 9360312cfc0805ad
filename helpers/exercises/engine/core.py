"""What the author of a lesson's exercises needs: descriptions, and safe calls.

A lesson's module, helpers/exercises/lesson_NN/questions.py, holds two lists,
EXERCISES and PREDICTIONS. Its checkers run the learner's code by `call`, compare by
`close`, `same` and `shape_of`, and raise `Wrong("you did …; do …")` to name a mistake.
"""

from __future__ import annotations

import copy
import inspect
import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from helpers.exercises.engine.compare import as_array, close, same, shape_of
from helpers.exercises.engine.errors import case, described, explained
from helpers.exercises.engine.limits import TimedOut, grad_mode_kept, settle, time_limit
from helpers.exercises.engine.stubs import blanks, is_stub
from helpers.exercises.engine.verdicts import NotAttempted, Wrong

__all__ = [
    "Exercise",
    "NotAttempted",
    "Prediction",
    "Wrong",
    "call",
    "close",
    "last_call",
    "same",
    "shape_of",
]


@dataclass(frozen=True)
class Exercise:
    """One exercise: `check(answer)` judges it, `reference` is the solution shown.

    check returns None or a sentence of insight if the answer is right; it raises
    Wrong or NotAttempted if not. reference: a function or class (or several) whose
    source `solution` shows; it passes the check. seconds: limit of the whole check.
    """

    id: str
    title: str
    check: Callable[..., str | None]
    reference: object
    hints: tuple[str, ...] = ()
    seconds: float = 60

    def __post_init__(self) -> None:
        if not re.fullmatch(r"\d\d\.\d+", self.id):
            raise ValueError(f"id must look like '03.1', got {self.id!r}")
        if not callable(self.check):
            raise ValueError(f"check of {self.id} must be a function")
        if not self.seconds > 0:
            raise ValueError(f"seconds of {self.id} must be above 0")
        if isinstance(self.hints, str):
            raise ValueError(
                f"hints of {self.id} must be a tuple of texts, got one text"
            )


@dataclass(frozen=True)
class Prediction:
    """A question to answer before the cell that answers it is run.

    answer: index of the right option. feedback: one text for each option.
    """

    id: str
    question: str
    options: tuple[str, ...]
    answer: int
    feedback: tuple[str, ...]

    def __post_init__(self) -> None:
        if not re.fullmatch(r"\d\d\.p\d+", self.id):
            raise ValueError(f"id must look like '03.p1', got {self.id!r}")
        if len(self.options) < 2 or not 0 <= self.answer < len(self.options):
            raise ValueError(f"{self.id}: answer {self.answer} is none of the options")
        if len(self.feedback) != len(self.options):
            raise ValueError(f"{self.id}: one feedback for each option is wanted")


_last: list = []  # at most one: what the last call was given, and what it gave


def call(
    fn: Callable,
    *args: object,
    seconds: float = 10,
    name: str = "your function",
    unchanged: bool = False,
    returns: bool = True,
    **kwargs: object,
) -> object:
    """Return fn(*args, **kwargs) of a learner's `fn`, run safely.

    Arrays and tensors among the arguments, also inside lists, tuples and dicts, are
    copied first, so the learner cannot change the checker's own. An exception, a
    result of None (unless returns=False), running longer than `seconds`, and with
    unchanged=True an argument altered in place, become Wrong; a stub, or a result
    that is or holds `...`, becomes NotAttempted.
    """
    if not callable(fn) and fn is not ...:
        kind = type(fn).__name__
        raise Wrong(
            "give `check` the function itself, without parentheses; it got "
            f"something of type `{kind}`"
        )
    if not seconds > 0:
        raise ValueError(f"seconds must be above 0, got {seconds!r}")
    if is_stub(fn):
        raise NotAttempted
    _last.clear()
    mine, my_kwargs = _copied(args), _copied(kwargs)
    try:
        with grad_mode_kept(), time_limit(seconds):
            result = fn(*mine, **my_kwargs)
            settle()
        problem = None
    except (NotAttempted, Wrong):
        raise
    except TimedOut as late:
        problem = Wrong(
            f"{name} is too slow: {late.within} went on after the {seconds:g} s that "
            "it may take. Is an array far larger than meant?"
            if late.within
            else f"{name} is still running after {seconds:g} s: is there a loop that "
            "never ends?"
        )
    except Exception as error:
        problem = explained(error, fn, name, args, kwargs)
    if problem is not None:  # raised out here, so that no frame keeps a huge array
        raise problem
    if unchanged:
        _refuse_changes(fn, args, mine, kwargs, my_kwargs, name)
    if result is None and returns:
        raise Wrong(f"{name} returned None: does it end with `return`?")
    _last.append((fn, args, kwargs, name, result))
    left = [place for place, blank in blanks(result) if blank]
    if left:
        raise NotAttempted("" if left == [""] else "what it returns still holds `...`")
    return result


def last_call() -> str:
    """Return in words what the last `call` was given and gave; "" if it gave nothing.

    It is forgotten with that, so that no result is kept longer than a check.
    """
    if not _last:
        return ""
    fn, args, kwargs, name, result = _last.pop()
    given = case(fn, args, kwargs)
    gave = described(result) or f"(a {type(result).__name__})"
    return f"{name} returned a result {gave}" + (f" for {given}" if given else "")


def _copied(x: object) -> object:
    if isinstance(x, np.ndarray):
        return x.copy()
    if hasattr(x, "detach") and hasattr(x, "clone"):  # a torch tensor
        if not x.is_leaf:
            return x.clone()
        return x.detach().clone().requires_grad_(x.requires_grad)
    if type(x) in (list, tuple):
        return type(x)(_copied(item) for item in x)
    if type(x) is dict:
        return {key: _copied(item) for key, item in x.items()}
    if type(x) is set:
        return copy.copy(x)
    return x


def _equal(a: object, b: object) -> bool:
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(_equal(a[k], b[k]) for k in a)
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(map(_equal, a, b))
    if isinstance(a, np.ndarray) or hasattr(a, "detach"):
        return a.shape == b.shape and np.array_equal(
            as_array(a), as_array(b), equal_nan=as_array(a).dtype.kind in "fc"
        )
    return a is b or a == b


def _refuse_changes(
    fn: Callable, args: tuple, mine: tuple, kwargs: dict, my_kwargs: dict, name: str
) -> None:
    try:
        names = list(inspect.signature(fn).parameters)
    except (TypeError, ValueError):
        names = []
    pairs = [
        (names[i] if i < len(names) else f"argument {i + 1}", a, b)
        for i, (a, b) in enumerate(zip(args, mine, strict=True))
    ] + [(key, kwargs[key], my_kwargs[key]) for key in kwargs]
    for label, before, after in pairs:
        if not _equal(before, after):
            raise Wrong(
                f"{name} changes its argument `{label}` in place, so its caller's "
                "data is altered; make a new array instead"
            )
