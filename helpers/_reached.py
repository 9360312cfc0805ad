"""What a function reaches: the code and the values that its result hangs on."""

import ast
import dis
import functools
import inspect
import sys
import textwrap
import threading
import types

__all__ = ["code_of", "reached"]

LOADS = {"LOAD_GLOBAL", "LOAD_NAME", "LOAD_CLASSDEREF"}
ATTRIBUTES = {"LOAD_ATTR", "LOAD_METHOD", "IMPORT_FROM"}


# Before Python 3.11.5 two threads that parse at once may get a SystemError.
_PARSING = threading.Lock()


def code_of(thing: object) -> str:
    """Return a text that changes when the code does, but not with its layout."""
    try:
        with _PARSING:  # a class is found by parsing its module
            source = textwrap.dedent(inspect.getsource(thing))
    except (OSError, TypeError):
        code = getattr(inspect.unwrap(thing), "__code__", None)
        if code is None:
            return f"{thing.__module__}.{thing.__qualname__}"
        return repr((code.co_code, code.co_names, _constants(code)))
    try:
        with _PARSING:
            return ast.dump(ast.parse(source))
    except SyntaxError:
        return source


def _constants(code: types.CodeType) -> list:
    return [
        (c.co_code, c.co_names, _constants(c)) if isinstance(c, types.CodeType) else c
        for c in code.co_consts
    ]


def reached(things, plain):
    """Return (name, plain data) of all code and values that `things` reach, in order.

    Followed are functions and classes of the notebook, of helpers and of the module of
    the first thing: what they call, at any depth, their base classes, methods and
    closures, and the values they read there. Libraries are not followed.
    plain: (value, name) → plain data, ValueError for a value that has none, which is
    passed over.
    """
    things = list(things)
    homes = {"helpers", "__main__", _root(things[0])}
    found, seen, todo = [], set(), [("", thing) for thing in reversed(things)]
    while todo:
        name, thing = todo.pop()
        if id(thing) in seen:
            continue
        seen.add(id(thing))
        inner = _inside(thing, homes)
        if inspect.isfunction(thing) and _root(thing) in homes:
            found.append((thing.__qualname__, code_of(thing)))
        elif name and not callable(thing) and not inspect.ismodule(thing):
            try:
                found.append((name, plain(thing, name)))
            except ValueError:  # nothing tells it from another one
                continue
        todo += reversed(inner)
    return found


def _root(thing):
    """Return where a function or class comes from: "helpers", "__main__", "torch"."""
    return (getattr(thing, "__module__", None) or "").partition(".")[0]


def _inside(thing, homes):
    """Return (name, value) of what `thing` leads on to."""
    if isinstance(thing, functools.partial):
        return [
            ("", part) for part in (thing.func, *thing.args, *thing.keywords.values())
        ]
    if isinstance(thing, dict):
        return [("", value) for value in thing.values()]
    if isinstance(thing, list | tuple | set | frozenset):
        return [("", value) for value in thing] if len(thing) < 1000 else []
    if inspect.ismethod(thing):
        return [("", thing.__func__), ("", thing.__self__)]
    if isinstance(thing, property):
        return [("", part) for part in (thing.fget, thing.fset) if part]
    if isinstance(thing, staticmethod | classmethod):
        return [("", thing.__func__)]
    if inspect.isclass(thing):
        if _root(thing) not in homes:
            return []
        own = [(k, v) for k, v in vars(thing).items() if not k.startswith("__")]
        makers = [("", v) for v in map(vars(thing).get, ("__init__", "__call__")) if v]
        return [("", base) for base in thing.__bases__] + makers + own
    if inspect.isfunction(thing):
        return _of_function(thing) if _root(thing) in homes else _wrapped(thing)
    return [("", type(thing))] if _root(type(thing)) in homes else []


def _wrapped(function):
    inner = getattr(function, "__wrapped__", None)
    return [("", inner)] if inner is not None else []


def _of_function(function):
    """Return (name, value) of a function's closure, defaults and globals."""
    found = _wrapped(function)
    for cell in function.__closure__ or ():
        try:
            found.append(("", cell.cell_contents))
        except ValueError:  # not filled yet
            continue
    found += [("", value) for value in function.__defaults__ or ()]
    return found + list(_loads(function.__code__, function.__globals__))


def _loads(code, room):
    """Yield (name, value) of the globals that `code` reads, by the bytecode's word."""
    last = None
    for step in dis.get_instructions(code):
        if step.opname in LOADS and step.argval in room:
            last = room[step.argval]
            if _counts(step.argval, last, room):
                yield step.argval, last
        elif step.opname == "IMPORT_NAME" and step.argval.startswith("helpers"):
            last = sys.modules.get(step.argval)
        elif step.opname in ATTRIBUTES and isinstance(last, types.ModuleType):
            ours = last.__name__.partition(".")[0] == "helpers"
            value = getattr(last, step.argval, None) if ours else None
            if value is not None and _counts(step.argval, value, vars(last)):
                yield step.argval, value
            last = value if step.opname != "IMPORT_FROM" else last
        elif step.opname not in ("PUSH_NULL", "CACHE", "STORE_FAST"):
            last = None
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _loads(constant, room)


def _counts(name, value, room):
    """Tell whether a global is part of the result: in helpers, only its constants.

    What a module of helpers keeps for itself, a counter or a store, changes from call
    to call and is not what it computes with.
    """
    if callable(value) or inspect.ismodule(value):
        return True
    ours = str(room.get("__name__", "")).partition(".")[0] == "helpers"
    return not ours or (name.isupper() and not name.startswith("_"))
