"""What a function reaches: the code and the values that its result hangs on."""

import ast
import contextlib
import dis
import functools
import inspect
import sys
import textwrap
import threading
import types

import numpy as np
import torch

__all__ = ["address", "code_of", "reached"]

LOADS = {"LOAD_GLOBAL", "LOAD_NAME", "LOAD_CLASSDEREF"}
ATTRIBUTES = {"LOAD_ATTR", "LOAD_METHOD", "IMPORT_FROM"}
OWN = {"helpers.cache", "helpers._plain", "helpers._reached", "helpers._places"}
LIBRARIES = {*sys.stdlib_module_names, "torch", "numpy"} - {"builtins", "__main__"}
MAKERS = property, staticmethod, classmethod, functools.cached_property
LEAVES = (  # what leads to no code
    bool, int, float, complex, str, bytes, type(None), np.ndarray, np.generic,
    torch.Tensor, torch.Generator, np.random.Generator,
)  # fmt: skip


# Before Python 3.11.5 two threads that parse at once may get a SystemError.
_PARSING = threading.Lock()


def code_of(thing: object) -> str:
    """Return a text that changes when the code does, but not with its layout.

    Of what Python, torch and NumPy bring along, only the name.
    """
    if _root(thing) in LIBRARIES:
        return address(thing)
    code = getattr(inspect.unwrap(thing), "__code__", None)
    try:
        if code and code.co_filename == "<string>":  # or Python 3.13 finds -c's own
            raise OSError
        with _PARSING:  # a class is found by parsing its module
            source = textwrap.dedent(inspect.getsource(thing))
    except (OSError, TypeError):
        if code is None:
            return address(thing)
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


def address(thing: object) -> str:
    """Return where a function or class is found: "torch.nn.modules.rnn.GRU"."""
    module = getattr(thing, "__module__", None) or type(thing).__module__
    name = getattr(thing, "__qualname__", None) or getattr(thing, "__name__", "")
    return f"{module}.{name or type(thing).__qualname__}"


def reached(things, plain):
    """Return (name, plain data) of all code and values that `things` reach, in order.

    Followed are functions and classes of the notebook, of helpers and of the module of
    the first thing: what they call, at any depth, their base classes, methods, closures
    and defaults, and the values they read there. Of what libraries made, only the name
    is told. plain: (value, name) → plain data, an error for a value that has none.
    Returns None if such a value is met: nothing tells one run from another then.
    """
    things = list(things)
    homes = {"helpers", "__main__", _root(things[0])}
    found, seen, todo = [], {}, [("", thing) for thing in reversed(things)]
    while todo:
        name, thing = todo.pop()
        which = id(thing) if _is_code(thing) else (name, id(thing))
        if which in seen:
            continue
        seen[which] = thing  # alive: else another might get its id
        if inspect.isfunction(thing) and _root(thing) in homes:
            found.append((thing.__qualname__, code_of(thing)))
        elif inspect.isclass(thing) and _root(thing) in homes:
            bases = [address(base) for base in thing.__bases__]
            found.append((thing.__qualname__, bases))
        elif name and _is_code(thing):
            found.append((name, address(thing)))
        elif name and not inspect.ismodule(thing):
            try:
                found.append((name, plain(thing, name)))
            except Exception:
                return None
        todo += reversed(_inside(thing, homes))
    return found


def _root(thing):
    """Return where a function or class comes from: "helpers", "__main__", "torch"."""
    return (getattr(thing, "__module__", None) or "").partition(".")[0]


def _is_code(thing):
    """Tell whether it is a function or class, bound to nothing that has a state."""
    if inspect.ismethod(thing) or inspect.isbuiltin(thing):
        return thing.__self__ is None or inspect.ismodule(thing.__self__)
    if inspect.isclass(thing) or inspect.isroutine(thing) or isinstance(thing, MAKERS):
        return True
    return callable(thing) and isinstance(getattr(thing, "__name__", None), str)


def _inside(thing, homes):
    """Return (name, value) of what `thing` leads on to; "" for what is told already."""
    if isinstance(thing, functools.partial):
        return _unnamed((thing.func, *thing.args, *thing.keywords.values()))
    if isinstance(thing, dict):
        return _unnamed(thing.values())
    if isinstance(thing, list | tuple | set | frozenset):
        return _unnamed(thing) if len(thing) < 1000 else []
    if inspect.ismethod(thing):
        return _unnamed((thing.__func__, thing.__self__))
    if isinstance(thing, MAKERS):
        parts = ("fget", "fset", "fdel", "__func__", "func")
        return _unnamed(getattr(thing, part, None) for part in parts)
    if inspect.isclass(thing):
        return _of_class(thing) if _root(thing) in homes else []
    if inspect.isfunction(thing):
        return _of_function(thing, homes) if _root(thing) in homes else _wrapped(thing)
    found = _wrapped(thing)
    model = isinstance(thing, torch.nn.Module)
    for part in thing.modules() if model else [thing]:
        if _root(type(part)) in homes:
            found += _unnamed((type(part), *getattr(part, "__dict__", {}).values()))
    return found


def _unnamed(values):
    return [("", value) for value in values if not isinstance(value, LEAVES)]


def _wrapped(function):
    return _unnamed([getattr(function, "__wrapped__", None)])


def _of_class(thing):
    """Return (name, value) of the parts of a class."""
    found = _unnamed(thing.__bases__)
    for name, value in vars(thing).items():
        written = inspect.isfunction(value) or isinstance(value, MAKERS)
        if written or not (name.startswith("__") or name == "_abc_impl"):
            found.append((f"{thing.__qualname__}.{name}", value))
    return found


def _of_function(function, homes):
    """Return (name, value) of a function's closure, defaults and globals."""
    found, code, cells = _wrapped(function), function.__code__, {}
    for name, cell in zip(code.co_freevars, function.__closure__ or (), strict=True):
        with contextlib.suppress(ValueError):  # not filled yet
            cells[name] = cell.cell_contents
    home = function.__globals__.get("__name__", function.__module__) or ""
    if home in OWN or home.partition(".")[0] not in homes:  # a wrapper around another
        return found + _unnamed(cells.values())
    defaults = function.__defaults__ or ()
    names = code.co_varnames[: code.co_argcount][-len(defaults) :] if defaults else ()
    found += [*cells.items(), *zip(names, defaults, strict=True)]
    found += (function.__kwdefaults__ or {}).items()
    return found + list(_loads(code, function.__globals__))


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
