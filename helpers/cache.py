"""Keep the results of long runs, so that a second run of a notebook is quick.

A result is found again by the code of the function and of all that it reaches in the
notebook and in helpers, by what it `depends` on, and by its arguments.
`python -m helpers.cache --clear` forgets all of them. UNROLLED_CACHE_SHARED may name a
second folder, a teacher's, which is read where the first has nothing and never written.
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import inspect
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import joblib
import numpy as np
import platformdirs
import torch

from helpers._places import recall, storing
from helpers._reached import code_of, reached

__all__ = ["cache_folder", "cached", "clear_cache"]

BARE = {*vars(torch.nn.Module())} - {"training"}  # what every model has


def cache_folder() -> Path | None:
    """Return the folder of the cache; None if UNROLLED_CACHE is "0" or "off".

    UNROLLED_CACHE may also name another folder.
    """
    chosen = os.environ.get("UNROLLED_CACHE", "")
    if chosen.lower() in ("0", "off"):
        return None
    return Path(chosen or platformdirs.user_cache_dir("unrolled", False)).expanduser()


def clear_cache() -> None:
    """Forget every stored result."""
    folder = cache_folder()
    if folder is not None and (folder / "joblib").is_dir():
        joblib.Memory(str(folder), verbose=0).clear(warn=False)


def cached(fn: Callable | None = None, *, depends: Iterable[object] = ()) -> Callable:
    """Return `fn` with a memory on disk: `@cached`, `@cached(depends=(step, nets))`.

    depends: what else the result hangs on, besides the arguments and what `fn` and they
    reach in the notebook and in helpers: functions, classes and global values, however
    many calls down. Arguments may be numbers, texts,
    arrays, tensors, models, random generators and containers of these; others are
    refused with a ValueError. Models and generators that `fn` changes are brought
    to the same state when the result comes from the cache. A damaged or unwritable
    cache is passed over and the result computed; a run in which `fit` was interrupted
    or ran out of its budget is not kept. The returned function's
    `from_cache` says where its last result came from; nothing is printed. Its
    `known(*args)` tells whether a result is there, `keep(result, *args)` puts one there
    that another machine has computed.
    """
    if fn is None:
        return functools.partial(cached, depends=depends)
    if not callable(fn):
        raise ValueError(f"fn must be a function, got {type(fn).__name__}")
    depends = tuple(depends)

    def asked(args: tuple, kwargs: dict) -> tuple[dict, str]:
        given = inspect.signature(fn).bind(*args, **kwargs)
        given.apply_defaults()
        given = given.arguments
        hangs_on = reached((fn, *depends, given), _key)
        key = joblib.hash([_key(part, "depends") for part in (fn, *depends)])
        key += joblib.hash(hangs_on)
        key += joblib.hash([(name, _key(value, name)) for name, value in given.items()])
        return given, key

    @functools.wraps(fn)
    def remembering(*args, **kwargs):
        given, key = asked(args, kwargs)
        outcome: list = []

        def compute() -> tuple:
            try:
                value = fn(*args, **kwargs)
            except BaseException as error:
                outcome.append(error)
                raise
            outcome.append((value, [_state(x) for x in _stateful(given)]))
            return outcome[0]

        stored = recall(cache_folder(), key, compute, outcome)
        remembering.from_cache = not outcome
        value, states = stored
        if not outcome:
            for thing, state in zip(_stateful(given), states, strict=True):
                _set_state(thing, state)
        return value

    def keep(value: object, *args, **kwargs) -> None:
        """Put a result that was computed elsewhere where a call will find it."""
        given, key = asked(args, kwargs)
        if not any(_stateful(given)):  # what became of a model is not known here
            recall(cache_folder(), key, lambda: (value, []), [(value, [])])

    def known(*args, **kwargs) -> bool:
        """Tell whether a call would find its result."""
        folder, (_, key) = cache_folder(), asked(args, kwargs)
        try:
            return bool(folder) and storing(folder).check_call_in_cache(key, None)
        except OSError:  # a folder that cannot be read or made
            return False

    remembering.keep, remembering.known = keep, known
    remembering.from_cache = None
    return remembering


def _key(x: object, name: str) -> object:
    """Return plain data that stands for `x`: equal for equal, across sessions."""
    if x is None or isinstance(x, bool | int | float | complex | str | bytes | Path):
        return x
    if isinstance(x, np.ndarray | np.generic):
        if np.asarray(x).dtype == object:
            return [_key(item, name) for item in np.asarray(x).ravel()]
        return ("array", str(x.dtype), x.shape, joblib.hash(np.ascontiguousarray(x)))
    if isinstance(x, torch.Tensor):
        return ("tensor", str(x.dtype), _key(x.detach().cpu().numpy(), name))
    if isinstance(x, torch.nn.Module):
        states = {k: _key(v, name) for k, v in x.state_dict().items()}
        return ("model", repr(x), code_of(type(x)), states, _settings(x, name))
    if isinstance(x, torch.Generator | np.random.Generator):
        return ("generator", _key(_state(x), name))
    if isinstance(x, dict):
        return ("dict", [(_key(k, name), _key(v, name)) for k, v in x.items()])
    if isinstance(x, list | tuple):
        return (type(x).__name__, [_key(item, name) for item in x])
    if isinstance(x, set | frozenset):
        return ("set", sorted(joblib.hash(_key(item, name)) for item in x))
    if isinstance(x, range | slice | torch.dtype | torch.device | np.dtype):
        return repr(x)
    if isinstance(x, functools.partial):
        return ("partial", [_key(part, name) for part in (x.func, x.args, x.keywords)])
    if inspect.ismodule(x) or inspect.isclass(x):
        return code_of(x)
    if inspect.isroutine(x):
        cells = [c.cell_contents for c in getattr(x, "__closure__", None) or ()]
        cells = [cell for cell in cells if cell is not x]
        mine = getattr(x, "__self__", None)
        mine = None if inspect.ismodule(mine) else mine
        return ("code", code_of(x), _key(cells, name), _key(mine, name))
    if isinstance(x, contextlib.ContextDecorator):  # what one_thread() made
        own = {k: v for k, v in vars(x).items() if not inspect.isgenerator(v)}
        return ("manager", code_of(type(x)), _key(own, name))
    if hasattr(x, "__dict__") and not inspect.isgenerator(x):
        return ("object", code_of(type(x)), _key(vars(x), name))
    raise ValueError(
        f"{name} holds a {type(x).__name__}, which cannot be told from another one; "
        "give cached functions numbers, arrays, models and generators"
    )


def _settings(model: torch.nn.Module, name: str) -> list:
    """Return what each part of a model holds beside weights, and its repr may not say.

    A flag such as `masked` decides what the same weights do.
    """
    found = []
    for where, part in model.named_modules():
        own = not type(part).__module__.startswith("torch.")  # or its lists of weights
        keys = [k for k in vars(part) if k not in BARE and (own or k[0] != "_")]
        found += [(where, k, _key(vars(part)[k], name)) for k in keys]
    return found


def _stateful(x: object) -> Iterator[object]:
    """Yield the models and random generators in nested arguments."""
    if isinstance(x, torch.nn.Module | torch.Generator | np.random.Generator):
        yield x
    elif isinstance(x, dict):
        for item in x.values():
            yield from _stateful(item)
    elif isinstance(x, list | tuple):
        for item in x:
            yield from _stateful(item)


def _state(x: object) -> object:
    if isinstance(x, torch.nn.Module):
        return {k: v.detach().cpu().clone() for k, v in x.state_dict().items()}
    if isinstance(x, torch.Generator):
        return x.get_state()
    return x.bit_generator.state


def _set_state(x: object, state: object) -> None:
    if isinstance(x, torch.nn.Module):
        x.load_state_dict(state)
    elif isinstance(x, torch.Generator):
        x.set_state(state)
    else:
        x.bit_generator.state = state


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="The cache of finished runs.")
    parser.add_argument("--clear", action="store_true", help="forget every result")
    if parser.parse_args().clear:
        clear_cache()
        print("the cache is empty")
    else:
        parser.print_help()
