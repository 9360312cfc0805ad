"""check, hint and solution: what a learner calls."""

from __future__ import annotations

import gc
import inspect
import os
import re
import textwrap
from collections import Counter
from numbers import Integral

from IPython import get_ipython
from IPython.display import display

from helpers.exercises.engine import progress
from helpers.exercises.engine.core import Exercise, last_call
from helpers.exercises.engine.limits import TimedOut, memory_limit, settle, time_limit
from helpers.exercises.engine.output import output_limit
from helpers.exercises.engine.registry import find
from helpers.exercises.engine.stubs import is_stub
from helpers.exercises.engine.verdicts import (
    CheckFailed,
    Interrupted,
    NotAttempted,
    UnknownId,
    Wrong,
    say,
)

__all__ = ["check", "hint", "solution"]

_hints_shown: Counter = Counter()


def _grading() -> bool:
    return os.environ.get("UNROLLED_GRADING", "") not in ("", "0")


def check(id: str, *answer: object, graded: bool = False) -> None:
    """Judge `answer` to exercise `id`, as in check("03.1", step).

    Right: says so. Not attempted yet: says so, and raises CheckFailed only if `graded`
    or if the environment variable UNROLLED_GRADING is 1: what counts for a mark is no
    progress, and is not noted as such. Wrong: raises CheckFailed, which a notebook
    shows as one line.
    """
    exercise, graded = find(id), graded or _grading()
    id = exercise.id
    verdict, text, cause = _judge(exercise, answer)
    if verdict == "interrupted":
        raise Interrupted(f"○ {id} — interrupted; nothing was lost")
    if verdict == "not attempted":
        text = f"○ {id} — not attempted yet" + (f": {text}" if text else ".")
        if graded:
            raise CheckFailed(text)
        return say(text)
    if not graded:
        progress.record("exercises", id, verdict)
    if verdict == "wrong":
        _show_what_is_asked_below(id)
        raise CheckFailed(f"✗ {id} — {text}") from cause
    return say(f"✓ {id} — right." + (f" {text}" if text else ""), "--jp-success-color1")


def _judge(exercise: Exercise, answer: tuple) -> tuple[str, str, Exception | None]:
    if any(is_stub(part) for part in answer):
        return "not attempted", "", None
    if not answer:
        return "wrong", f'give your answer: check("{exercise.id}", your_answer)', None
    try:
        inspect.signature(exercise.check).bind(*answer)
    except TypeError:
        return "wrong", f"this exercise does not take {len(answer)} answers", None
    try:
        with output_limit(), memory_limit(), time_limit(exercise.seconds):
            insight = exercise.check(*answer) or ""
            settle()
        return "right", insight, None
    except Wrong as wrong:
        return "wrong", str(wrong), None
    except NotAttempted as nothing:
        return "not attempted", str(nothing), None
    except KeyboardInterrupt:
        return "interrupted", "", None
    except TimedOut as late:
        why = f": {late.within} could not be stopped" if late.within else ""
        return "wrong", f"the check took longer than {exercise.seconds:g} s{why}", None
    except MemoryError:
        return "wrong", "your answer asks for more memory than there is", None
    except Exception as error:
        said, came = f"({type(error).__name__}: {error})", last_call()
        return (
            "wrong",
            f"your answer could not be read {said}" + (f": {came}" if came else ""),
            error,
        )
    finally:
        last_call()  # forget it
        gc.collect(0)


def _show_what_is_asked_below(id: str) -> None:
    """Show the hints and solutions that stand below a check in the running cell.

    A wrong answer ends the cell, so these lines would never be reached.
    """
    cell = (getattr(get_ipython(), "user_ns", {}).get("In") or [""])[-1]
    _, _, below = cell.partition(f'check("{id}"')
    for name, n in re.findall(
        rf'^(hint|solution)\("{re.escape(id)}"(?:, *(?:n=)?(\d+))?\)',
        below,
        re.MULTILINE,
    ):
        if name == "solution":
            solution(id)
        else:
            hint(id, int(n) if n else None)


def hint(id: str, n: int | None = None) -> None:
    """Show the next hint for exercise `id`, or its `n`-th (from 1)."""
    exercise = find(id)
    hints, total = exercise.hints, len(exercise.hints)
    if not total:
        return say(
            f'{exercise.id} has no hints; solution("{exercise.id}") shows one way.'
        )
    if n is None:
        n = _hints_shown[exercise.id] % total + 1
    if not isinstance(n, Integral) or not 1 <= n <= total:
        raise UnknownId(f"✗ {exercise.id} — it has hints 1 to {total}, not {n}")
    _hints_shown[exercise.id] = int(n)
    last = f' (The last one; next: solution("{exercise.id}").)' if n == total else ""
    return say(f"hint {n} of {total} — {hints[n - 1]}{last}", "--jp-info-color1")


class _Source:
    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        return self.text

    def _repr_markdown_(self) -> str:
        return f"```python\n{self.text}\n```"


def solution(id: str) -> None:
    """Show the source of the function that solves exercise `id`, which tests run."""
    exercise = find(id)
    parts = exercise.reference
    parts = parts if isinstance(parts, tuple | list) else (parts,)
    source = "\n\n".join(
        textwrap.dedent(inspect.getsource(part)).rstrip()
        if callable(part)
        else repr(part)
        for part in parts
    )
    display(_Source(source))
