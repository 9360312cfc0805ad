"""The reference of an exercise, put into its stub as nbgrader's solution."""

from __future__ import annotations

import ast
import builtins
import inspect
import re
import textwrap
from collections.abc import Callable

from helpers.exercises.engine.core import Exercise

__all__ = ["BEGIN", "END", "names", "solved", "source"]

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"


def solved(stub: str, exercise: Exercise, answer: str) -> str:
    """Return the stub with the reference in it, between nbgrader's two marks.

    answer: what the lesson's `check` is given: the name of the stub's function, or
    of the values that the stub assigns.
    """
    reference, node = exercise.reference, ast.parse(stub).body[-1]
    if not isinstance(node, ast.FunctionDef):
        if callable(reference):
            text = f"{source(reference)}\n\n{answer} = {reference.__name__}()"
        else:
            text = f"{answer} = {reference!r}"
        return f"{stub.rstrip()}\n{BEGIN}\n{text}\n{END}"
    head = stub.splitlines()[: node.body[-1].lineno - 1]
    text = inside(reference, [arg.arg for arg in node.args.args])
    return "\n".join((*head, textwrap.indent(f"{BEGIN}\n{text}\n{END}", "    ")))


def inside(fn: Callable, given: list[str]) -> str:
    """Return what to write into a function of the arguments `given` to make it `fn`."""
    text = source(fn)
    node = ast.parse(text).body[-1]
    same = [arg.arg for arg in node.args.args] == given and not node.decorator_list
    body = node.body[ast.get_docstring(node) is not None :]
    if not same or fn.__name__ in names(text):
        return f"{text}\n\nreturn {fn.__name__}({', '.join(given)})"
    lines = text.splitlines()
    imports = "\n".join(lines[: node.lineno - 1]).rstrip()
    begin = body[0].lineno - 1
    while lines[begin - 1].lstrip().startswith("#"):  # a remark on the first line
        begin -= 1
    text = textwrap.dedent("\n".join(lines[begin:]))
    return f"{imports}\n\n{text}" if imports else text


def source(fn: Callable) -> str:
    """Return the source of a function after the imports of the names that it needs."""
    text = textwrap.dedent(inspect.getsource(fn)).rstrip()
    lines = []
    for name in sorted(names(text) & set(vars(inspect.getmodule(fn)))):
        thing = fn.__globals__[name]
        if name == fn.__name__ or hasattr(builtins, name):
            continue
        if inspect.ismodule(thing):
            path, _, last = thing.__name__.rpartition(".")
            if last == name:
                lines.append(f"from {path} import {name}" if path else f"import {name}")
            else:
                lines.append(f"import {thing.__name__} as {name}")
        else:
            home = getattr(thing, "__module__", None)
            there = vars(inspect.getmodule(thing)) if inspect.getmodule(thing) else {}
            home = home if there.get(name) is thing else fn.__module__
            lines.append(f"from {home} import {name}")
    return "\n".join((*lines, "", text)) if lines else text


def names(text: str) -> set[str]:
    """Return the names that a piece of code reads."""
    nodes = ast.walk(ast.parse(re.sub(r"^[%!].*$", "", text, flags=re.MULTILINE)))
    return {n.id for n in nodes if isinstance(n, ast.Name)}
