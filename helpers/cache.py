"""Keep the results of long runs, so that a second run of a notebook is quick.

A result is found again by the code of the function and of all that it reaches in the
notebook and in helpers, by what it `depends` on, and by its arguments.
`python -m helpers.cache --clear` forgets all of them. UNROLLED_CACHE_SHARED may name a
second folder, a teacher's, which is read where the first has nothing and never written.
"""

from __future__ import annotations

import argparse
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
from helpers._plain import plain
from helpers._reached import LEAVES, reached

__all__ = ["cache_folder", "cached", "clear_cache"]

STATEFUL = torch.nn.Module, torch.Generator, np.random.Generator


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
    many calls down; not the generators that torch and NumPy share with all. Arguments
    may be numbers, texts, arrays, tensors, models, random generators and objects and
    containers of these; others are refused with a ValueError. Models and generators
    that `fn` changes are brought to the same state when the result comes from the
    cache. A damaged or unwritable cache is passed over and the result computed; not
    kept is a run in which `fit` was interrupted or ran out of its budget, one that
    changes something else, and one that reads a global value which nothing tells from
    another. The returned function's `from_cache` says where its last result came from;
    nothing is printed. Its `known(*args)` tells whether a result is there,
    `keep(result, *args)` puts one there that another machine has computed.
    """
    if fn is None:
        return functools.partial(cached, depends=depends)
    if not callable(fn):
        raise ValueError(f"fn must be a function, got {type(fn).__name__}")
    depends = tuple(depends)

    def asked(args: tuple, kwargs: dict) -> tuple[dict, str | None]:
        given = inspect.signature(fn).bind(*args, **kwargs)
        given.apply_defaults()
        given = given.arguments
        try:
            key = joblib.hash([plain(part, "depends") for part in (fn, *depends)])
            key += joblib.hash([(name, plain(x, name)) for name, x in given.items()])
        except RecursionError:
            raise ValueError("an argument leads back to itself") from None
        hangs_on = reached((fn, *depends, given), plain)
        dtype = str(torch.get_default_dtype())
        return given, hangs_on and key + joblib.hash([hangs_on, dtype])

    def others(given: dict, brought: set) -> str:
        """Return what tells whether a run has changed more than a hit will bring."""

        def but_brought(x: object, name: str) -> object:
            return None if id(x) in brought else plain(x, name)

        mine = plain(_others(given, set()), "arguments")
        return joblib.hash([mine, reached((fn, *depends), but_brought)])

    @functools.wraps(fn)
    def remembering(*args, **kwargs):
        given, key = asked(args, kwargs)
        outcome: list = []

        def compute() -> tuple:
            brought = [*_stateful(given, set())]
            ids = {id(x) for x in brought}
            before = others(given, ids)
            try:
                value = fn(*args, **kwargs)
            except BaseException as error:
                outcome.append(error)
                raise
            outcome.append((value, [_state(x) for x in brought]))
            compute.whole = others(given, ids) == before
            return outcome[0]

        stored = recall(cache_folder() if key else None, key, compute, outcome)
        remembering.from_cache = not outcome
        value, states = stored
        if not outcome:
            for thing, state in zip(_stateful(given, set()), states, strict=True):
                _set_state(thing, state)
        return value

    def keep(value: object, *args, **kwargs) -> None:
        """Put a result that was computed elsewhere where a call will find it."""
        given, key = asked(args, kwargs)
        unknown = any(True for _ in _stateful(given, set()))  # what became of them
        if key and not unknown:
            recall(cache_folder(), key, lambda: (value, []), [(value, [])])

    def known(*args, **kwargs) -> bool:
        """Tell whether a call would find its result."""
        folder, (_, key) = cache_folder(), asked(args, kwargs)
        try:
            there = folder and key and storing(folder).check_call_in_cache(key, None)
            return bool(there)
        except OSError:  # a folder that cannot be read or made
            return False

    remembering.keep, remembering.known = keep, known
    remembering.from_cache = None
    return remembering


def _stateful(x: object, seen: set) -> Iterator[object]:
    """Yield the models and random generators in nested arguments, each once."""
    if id(x) in seen:
        return
    seen.add(id(x))
    if isinstance(x, STATEFUL):
        yield x
    elif isinstance(x, dict):
        for item in x.values():
            yield from _stateful(item, seen)
    elif isinstance(x, list | tuple):
        for item in x:
            yield from _stateful(item, seen)
    elif not callable(x) and not inspect.ismodule(x):
        yield from _stateful(getattr(x, "__dict__", None), seen)


def _others(x: object, seen: set) -> object:
    """Return nested arguments without models and generators.

    What else a run changes, a hit does not bring about.
    """
    if isinstance(x, STATEFUL) or id(x) in seen:
        return None
    if isinstance(x, LEAVES):
        return x
    seen = seen | {id(x)}
    if isinstance(x, dict):
        return [(k, _others(v, seen)) for k, v in x.items()]
    if isinstance(x, list | tuple):
        return [_others(item, seen) for item in x]
    if not callable(x) and not inspect.ismodule(x) and hasattr(x, "__dict__"):
        return _others(vars(x), seen)
    return x


def _state(x: object) -> object:
    if isinstance(x, torch.nn.Module):
        modes = [part.training for part in x.modules()]
        return {k: v.detach().cpu().clone() for k, v in x.state_dict().items()}, modes
    if isinstance(x, torch.Generator):
        return x.get_state()
    return x.bit_generator.state


def _set_state(x: object, state: object) -> None:
    if isinstance(x, torch.nn.Module):
        weights, modes = state
        x.load_state_dict(weights)
        for part, mode in zip(x.modules(), modes, strict=True):
            part.training = mode
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
