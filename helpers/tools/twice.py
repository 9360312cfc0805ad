"""Run every cell of a notebook twice in a row, and find names that change their kind.

python -m helpers.tools.twice [03 01 ...]

A reader goes back and runs a cell again. It must do what it did, right after itself and
after what comes below it: no later cell may turn a name that it reads into another kind
of thing. What is found is listed; the notebooks are only read.
"""

from __future__ import annotations

import dis
import os
import re
import subprocess
import sys
import tempfile
import time
import types
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from helpers.tools.book import ROOT, Book, Cell, find

__all__ = ["found_in", "kind", "main", "reads", "run_twice"]

LONG = 2.0  # seconds: a cell that takes longer is run once
SIDE_BY_SIDE = 2  # notebooks
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


def run_twice(book: Book) -> Iterator[str]:
    """Run a notebook in this process, each cell twice; yield a line for each fault."""
    import matplotlib

    matplotlib.use("Agg")
    from IPython.core.interactiveshell import InteractiveShell

    shell = InteractiveShell.instance()
    room = shell.user_ns
    needed, given = [], []  # (cell, name, kind) that a cell reads, and that it stores
    for cell in book.code:
        before = _kinds(_reached(reads(cell.text), room), room)
        since = time.perf_counter()
        first = _run(shell, cell)
        if isinstance(first, Exception):
            yield f"{cell}: fails: {_said(first)}"
            return
        needed += [(cell, *pair) for pair in before.items()]
        given += [(cell, *pair) for pair in _kinds(stores(cell.text), room).items()]
        if time.perf_counter() - since > LONG:
            continue
        second = _run(shell, cell)
        if isinstance(second, Exception):
            yield f"{cell}: fails when it is run again: {_said(second)}"
        elif "nbval-check-output" in cell.tags and repr(first) != repr(second):
            yield f"{cell}: shows another result when it is run again"
    yield from _changed(needed, given)


def _run(shell, cell: Cell) -> object:
    """Return what a cell shows, or the error that it raises."""
    from IPython.utils.capture import capture_output

    with capture_output():
        done = shell.run_cell(cell.text, store_history=False)
    import matplotlib.pyplot as plt

    plt.close("all")
    return done.error_before_exec or done.error_in_exec or done.result


def _kinds(names: set[str], room: dict) -> dict[str, str]:
    return {name: kind(room[name]) for name in sorted(names) if name in room}


def _said(error: Exception) -> str:
    return f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"


def _changed(needed: list, given: list) -> Iterator[str]:
    """Yield a line for each name of which a later cell makes another kind of thing."""
    for cell, name, was in needed:
        for later, again, now in given:
            if again == name and later.index > cell.index and now != was:
                yield f"{cell}: reads {name!r}, a {was}; {later} makes it a {now}"
                break


def found_in(path: Path) -> list[str]:
    """Return what is found in the notebook at `path`, run in a process of its own."""
    with tempfile.TemporaryDirectory(prefix="unrolled-twice-") as scratch:
        done = subprocess.run(
            [sys.executable, "-m", "helpers.tools.twice", "--here", str(path)],
            cwd=path.parent,
            env={
                **os.environ,
                "PYTHONPATH": str(ROOT),
                "IPYTHONDIR": str(Path(scratch, "ipython")),
                "UNROLLED_HOME": str(Path(scratch, "home")),
            },
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
    if done.returncode:
        return [f"cannot be run: {(done.stderr.strip() or '?').splitlines()[-1]}"]
    return re.findall(r"^> (.*)$", done.stdout, re.MULTILINE)


def main(names: list[str]) -> int:
    """Print what is found in the chosen notebooks; return 0 if it is nothing."""
    if names[:1] == ["--here"]:
        for line in run_twice(Book(Path(names[1]))):
            print(f"> {line}", flush=True)
        return 0
    total, paths = 0, find(names)
    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        for path, lines in zip(paths, pool.map(found_in, paths), strict=True):
            total += len(lines)
            for line in lines:
                print(f"{path.stem}: {line}", flush=True)
    print(f"{total} cells or names that cannot be run or used again")
    return int(total > 0)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
