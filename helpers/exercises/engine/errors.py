"""Say what went wrong in a learner's code: the line, the case, the usual cause."""

from __future__ import annotations

import ast
import functools
import inspect
import linecache
from collections.abc import Callable, Iterator
from types import FrameType

from helpers.exercises.engine.causes import usual_cause
from helpers.exercises.engine.verdicts import NotAttempted, Wrong

__all__ = ["case", "described", "explained"]


def explained(
    error: Exception, fn: Callable, name: str, args: tuple, kwargs: dict
) -> Exception:
    """Return the verdict on an `error` raised by fn(*args, **kwargs) of a learner.

    NotAttempted only where a real `...` (or a `raise NotImplementedError`) stands in
    the learner's source; else Wrong, with line, case and usual cause.
    """
    text = str(error).strip().splitlines()[0] if str(error).strip() else ""
    frame, number, last = _learners_frame(error, fn)
    line = ""
    if frame is not None:
        source = linecache.getline(frame.f_code.co_filename, number).strip()
        line = f" (line {number}: `{source}`)" if source else ""
        if isinstance(error, NotImplementedError) and last and "raise" in source:
            return NotAttempted()
        if _is_blank(frame, number, error):
            return NotAttempted(f"there is still a `...`{line}")
    if isinstance(error, MemoryError) or "can't allocate memory" in text:
        return Wrong(
            f"{name} asked for more memory than there is{line}: "
            "is an array far larger than meant?"
        )
    if isinstance(error, RecursionError):
        return Wrong(f"{name} calls itself without end{line}")
    said = f": {text}" if text else ""
    given = case(fn, args, kwargs)
    given = f", for {given}" if given else ""
    cause = usual_cause(error)
    return Wrong(
        f"{name} raised {type(error).__name__}{said}{line}{given}"
        + (f". {cause}" if cause else "")
    )


def case(fn: Callable, args: tuple, kwargs: dict) -> str:
    """Return what `fn` was given, in words: "x of shape (2, 3), n = 4"."""
    try:
        names = list(inspect.signature(fn).parameters)
    except (TypeError, ValueError):
        names = []
    names += [f"argument {i + 1}" for i in range(len(names), len(args))]
    pairs = [*zip(names, args, strict=False), *kwargs.items()]
    said = [f"`{name}` {text}" for name, x in pairs if (text := described(x))]
    return ", ".join(said[:5]) + (" and more" if said[5:] else "")


def described(x: object) -> str:
    """Return "= 4", "= [1, 2]", "of shape (2, 3)" or the like; "" for a function."""
    if hasattr(x, "shape") and hasattr(x, "dtype"):
        shape = tuple(x.shape)
        if len(shape) < 2 and sum(shape) <= 6:
            return f"= {_short(x.tolist())}"
        return f"of shape {shape}"
    if isinstance(x, dict):
        keys = ", ".join(map(str, list(x)[:6]))
        return f"with keys {keys}" if keys else "= {}"
    if isinstance(x, list | tuple | set | range):
        text = _short(list(x) if isinstance(x, range) else x) if len(x) <= 8 else ""
        return f"= {text}" if text else f"(a {type(x).__name__} of {len(x)})"
    if x is None or isinstance(x, bool | int | float | complex | str | bytes):
        return f"= {repr(x)[:60]}"
    return ""


def _short(x: object) -> str:
    if isinstance(x, float):
        return f"{x:.4g}"
    if isinstance(x, list):
        parts = [_short(item) for item in x]
        return f"[{', '.join(parts)}]" if all(parts) else ""
    text = repr(x)
    plain = len(text) <= 80 and "\n" not in text and " at 0x" not in text
    return text if plain else ""


def _learners_frame(error: Exception, fn: Callable) -> tuple:
    """Return the last frame that the learner wrote, its line, and if it raised."""
    code = getattr(inspect.unwrap(fn), "__code__", None)
    if code is None:
        method = getattr(fn, "__init__" if inspect.isclass(fn) else "__call__", fn)
        code = getattr(getattr(method, "__func__", method), "__code__", None)
    frame, number, last = None, 0, False
    step = error.__traceback__
    while step is not None:
        mine = code and step.tb_frame.f_code.co_filename == code.co_filename
        if mine or step.tb_frame.f_globals.get("__name__") == "__main__":
            frame, number, last = step.tb_frame, step.tb_lineno, step.tb_next is None
        step = step.tb_next
    return frame, number, last


def _is_blank(frame: FrameType, number: int, error: Exception) -> bool:
    """Return whether a `...` that the learner has not filled in made the error.

    It stands in the line itself, or it is the value of a name that the code uses, or
    the error speaks of one and the function or class around the line holds one. The
    `...` of an index, as in h[..., 0], is none.
    """
    code = frame.f_code
    used = [frame.f_globals.get(name) for name in code.co_names]
    own = [*frame.f_locals.values()]
    own += getattr(frame.f_locals.get("self"), "__dict__", {}).values()
    # NumPy and torch say "ellipsis" about every bad index.
    spoken = "ellipsis" in str(error).lower() and not isinstance(error, IndexError)
    source = "".join(linecache.getlines(code.co_filename))
    try:
        tree = _parsed(source)
    except (SyntaxError, ValueError):
        return spoken and ... in code.co_consts
    around = _around(tree, number)
    if any(value is ... for value in used):
        return True
    if around is None or not list(_bare(around)):
        return spoken and not source and ... in code.co_consts
    if spoken or any(value is ... for value in own):
        return True
    return any(blank.lineno == number for blank in _bare(around)) or any(
        isinstance(node, ast.stmt)
        and not hasattr(node, "body")
        and node.lineno <= number <= node.end_lineno
        and list(_bare(node))
        for node in ast.walk(around)
    )


@functools.lru_cache(maxsize=8)
def _parsed(source: str) -> ast.Module:
    return ast.parse(source)


def _around(tree: ast.Module, number: int) -> ast.AST | None:
    """Return the outermost class around a line, else the innermost function."""
    found = None
    for node in ast.walk(tree):  # from the outside to the inside
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.Lambda) and (
            node.lineno <= number <= node.end_lineno
        ):
            if isinstance(node, ast.ClassDef):
                return node
            if not isinstance(node, ast.Lambda) or found is None:
                found = node
    return found


def _bare(node: ast.AST) -> Iterator[ast.Constant]:
    """Yield each `...` in `node` that is no part of an index, and no whole body."""
    if isinstance(node, ast.Constant) and node.value is ...:
        yield node
    for child in ast.iter_child_nodes(node):
        if isinstance(node, ast.Subscript) and child is node.slice:
            parts = child.elts if isinstance(child, ast.Tuple) else [child]
            dots = [p for p in parts if isinstance(p, ast.Constant) and p.value is ...]
            for part in parts:
                if part not in dots or len(dots) > 1:
                    yield from _bare(part)
        else:
            yield from _bare(child)
