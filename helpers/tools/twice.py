"""A pytest plugin: nbval runs every cell twice in a row, and finds faults in that.

    pytest --nbval-lax -p helpers.tools.twice notebooks

A reader goes back and runs a cell again. It must do what it did, right after itself and
after what comes below it: no later cell may turn a name that it reads into another kind
of thing.
"""

from __future__ import annotations

import ast
import time
from queue import Empty

import pytest

__all__ = ["pytest_runtest_call"]

LONG = 2.0  # seconds: a cell that takes longer, and keeps nothing, is run once
ASKED = 60.0  # seconds in which a kernel tells what its names are


def _asked(item, what: str) -> tuple[dict[str, str], int]:
    """Return what `room_before` or `room_after` says of a cell, in its kernel."""
    here = f"__import__('helpers.tools.kinds', fromlist=['_']).{what}"
    said = f"{here}({item.cell.source!r}, get_ipython().user_ns)"
    kernel = item.parent.kernel.kc
    ask = kernel.execute("", silent=True, user_expressions={"said": said})
    while True:
        try:
            reply = kernel.get_shell_msg(timeout=ASKED)
        except Empty:
            item.parent.timed_out = True
            item.raise_cell_error("the kernel does not answer")
        if reply["parent_header"].get("msg_id") == ask:
            said = reply["content"].get("user_expressions", {}).get("said", {})
            if said.get("status") != "ok":
                item.raise_cell_error(f"its names cannot be read: {said.get('evalue')}")
            return ast.literal_eval(said["data"]["text/plain"])


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    """Run a cell of a notebook again once it has run; fail if that is not the same."""
    if type(item).__name__ != "IPyNbCell" or not item.cell.source.strip():
        return (yield)
    if item.parent.timed_out or not item.parent.kernel.is_alive():
        return (yield)  # nbval says it
    needed = item.parent.__dict__.setdefault("needed", [])  # (cell, name, its kind)
    before, kept = _asked(item, "room_before")
    since = time.perf_counter()
    done = yield
    took = time.perf_counter() - since
    given, now_kept = _asked(item, "room_after")
    cell = item.cell.get("id", item.name)
    for other, name, was in needed:
        if given.get(name, was) != was:
            words = f"makes {name!r} a {given[name]}; {other} above reads a {was}"
            item.raise_cell_error(words)
    needed += [(cell, *pair) for pair in before.items()]
    if took <= LONG or now_kept > kept:
        try:
            item.runtest()
        except Exception as error:
            trace = getattr(error, "inner_traceback", "")
            item.raise_cell_error(f"fails when it is run again: {error}", trace)
    return done
