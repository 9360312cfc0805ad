"""Plain data that stand for a value: equal for equal values, across sessions."""

from __future__ import annotations

import contextlib
import copyreg
import functools
import inspect
import types
from pathlib import Path

import joblib
import numpy as np
import torch

from helpers._reached import address, code_of

__all__ = ["plain"]

BARE = {*vars(torch.nn.Module())} - {"training"}  # what every model has
HOOKS = sorted(k for k in BARE if k.endswith("hooks"))


def plain(x: object, name: str) -> object:
    """Return what tells `x` from another value; a ValueError if nothing does."""
    if x is None or isinstance(x, bool | int | float | complex | str | bytes | Path):
        return x
    if isinstance(x, np.ndarray | np.generic):
        if np.asarray(x).dtype == object:
            items = [plain(item, name) for item in np.asarray(x).ravel()]
            return ("objects", np.shape(x), items)
        return ("array", str(x.dtype), x.shape, joblib.hash(np.ascontiguousarray(x)))
    if isinstance(x, torch.Tensor):
        return ("tensor", str(x.dtype), x.requires_grad, plain(_array(x), name))
    if isinstance(x, torch.nn.Module):
        states = {k: plain(v, name) for k, v in x.state_dict().items()}
        return ("model", repr(x), code_of(type(x)), states, _settings(x, name))
    if isinstance(x, torch.Generator):
        return ("generator", plain(x.get_state(), name))
    if isinstance(x, np.random.Generator):
        return ("generator", plain(x.bit_generator.state, name))
    if isinstance(x, dict):
        items = [(plain(k, name), plain(v, name)) for k, v in x.items()]
        return (type(x).__name__, items)
    if isinstance(x, list | tuple):
        return (type(x).__name__, [plain(item, name) for item in x])
    if isinstance(x, set | frozenset):
        return ("set", sorted(joblib.hash(plain(item, name)) for item in x))
    if isinstance(x, range | slice | torch.dtype | torch.device | np.dtype):
        return repr(x)
    if isinstance(x, functools.partial):
        return ("partial", [plain(part, name) for part in (x.func, x.args, x.keywords)])
    if inspect.ismodule(x) or inspect.isclass(x):
        return code_of(x)
    if inspect.isroutine(x) or isinstance(x, np.ufunc):
        return _of_routine(x, name)
    if isinstance(x, contextlib.ContextDecorator):  # what one_thread() made
        own = {k: v for k, v in vars(x).items() if not inspect.isgenerator(v)}
        return ("manager", code_of(type(x)), plain(own, name))
    return _of_object(x, name)


def _array(x: torch.Tensor) -> np.ndarray:
    x = x.detach().cpu().resolve_conj().resolve_neg()
    try:
        return x.numpy()
    except TypeError:  # bfloat16 and the like, which NumPy lacks
        return x.float().numpy()


def _of_routine(x: object, name: str) -> tuple:
    cells = [c.cell_contents for c in getattr(x, "__closure__", None) or ()]
    cells = [cell for cell in cells if cell is not x]
    given = [getattr(x, "__defaults__", None), getattr(x, "__kwdefaults__", None)]
    mine = getattr(x, "__self__", None)
    mine = None if inspect.ismodule(mine) else mine
    code = code_of(x) if hasattr(x, "__module__") else address(x)
    return ("code", code, plain(cells, name), plain(given, name), plain(mine, name))


def _of_object(x: object, name: str) -> tuple:
    """Return what a copy of `x` would be made of: a date, a deque, any object."""
    generator = inspect.isgenerator(x) or isinstance(x, types.AsyncGeneratorType)
    try:
        if generator:
            raise TypeError
        reduced = copyreg.dispatch_table.get(type(x), lambda x: x.__reduce_ex__(4))(x)
    except Exception:
        if not hasattr(x, "__dict__") or generator:
            raise ValueError(
                f"{name} holds a {type(x).__name__}, which cannot be told from another "
                "one; give cached functions numbers, arrays, models and generators"
            ) from None
        reduced = (None, vars(x))
    if isinstance(reduced, str):
        return ("object", code_of(type(x)), reduced)
    parts = [list(p) if hasattr(p, "__next__") else p for p in reduced[1:]]
    return ("object", code_of(type(x)), plain(parts, name))


def _settings(model: torch.nn.Module, name: str) -> list:
    """Return what each part of a model holds beside weights, and its repr may not say.

    A flag such as `masked` decides what the same weights do; so do a hook, and which
    weights learn.
    """
    found = [(k, p.requires_grad) for k, p in model.named_parameters()]
    for where, part in model.named_modules():
        own = not type(part).__module__.startswith("torch.")  # or its lists of weights
        keys = [k for k in vars(part) if k not in BARE and (own or k[0] != "_")]
        keys += [k for k in HOOKS if vars(part).get(k)]
        found += [(where, k, plain(vars(part)[k], name)) for k in keys]
        found.append((where, code_of(type(part)) if own else address(type(part))))
    return found
