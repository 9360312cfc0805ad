"""Limits on time and memory around a learner's code, put back afterwards."""

from __future__ import annotations

import ctypes
import functools
import random
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from helpers.exercises.engine.stopping import stoppable
from helpers.exercises.engine.watching import Watch

__all__ = ["TimedOut", "grad_mode_kept", "memory_limit", "settle", "time_limit"]

GIB = 2**30


class TimedOut(BaseException):
    """The time limit has passed. Not an Exception: `except Exception` lets it by.

    within: what could not be stopped in time, "one call (line 3: `np.sort(x)`)", or "".
    """

    within = ""


def _poke() -> Callable:
    """Return what makes the alarm ring anew, at the next place where Python looks.

    It is C all the way down: no step of Python, at which the alarm would be heard.
    """
    return functools.partial(ctypes.pythonapi.PyErr_SetInterruptEx, signal.SIGALRM)


def _comes_back() -> type[TimedOut]:
    """Return a TimedOut that rings the alarm again once it has been swallowed.

    A bare `except: pass` frees the exception, and then Python calls its `__del__`.
    """
    return type("TimedOut", (TimedOut,), {"__del__": staticmethod(_poke())})


def _later() -> object:
    """Return an object for which `-later` pokes: after a call, Python would look."""
    return type("Later", (), {"__neg__": staticmethod(_poke())})()


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise TimedOut in the body after `seconds`; limits may be nested.

    Works by SIGALRM, so in the main thread and not on Windows: elsewhere the body
    runs without a limit and the interrupt button is what stops it. The body ends with
    a call of `settle`, lest a TimedOut that it has swallowed comes back too late. One
    call in C hears the alarm when it returns: until then a text says that it runs.
    """
    main = threading.current_thread() is threading.main_thread()
    if not main or not hasattr(signal, "SIGALRM"):
        yield
        return
    running, began, rang, wait = True, time.monotonic(), None, 0
    later, chance = _later(), random.Random(0)
    watch, within, still = Watch(seconds), "", 0.0

    def ring(signum, frame):
        nonlocal rang, wait, within
        within = watch.heard(frame) or within
        if time.monotonic() < still:
            return
        if running and wait:  # further on there may be no `except` around
            wait -= 1
            _ = -later
        elif running:
            rang, wait = rang or _comes_back(), chance.randrange(4)
            rang.within = within
            raise rang

    def interrupt(signum, frame):
        nonlocal still  # an alarm that waits too is not to ring into the way out
        still = time.monotonic() + 0.4
        button_before(signum, frame)

    button_before = signal.getsignal(signal.SIGINT)
    if callable(button_before):
        signal.signal(signal.SIGINT, interrupt)
    handler_before = signal.signal(signal.SIGALRM, ring)
    # It rings again each half second, for the code may keep the first for itself.
    left, interval = signal.setitimer(signal.ITIMER_REAL, seconds, 0.5)
    try:
        watch.start()
        with stoppable():
            yield
        if rang:  # the body has kept the alarm for itself
            raise rang
    finally:
        running = False
        watch.stop()
        if rang:
            del rang.__del__
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, handler_before)
        if callable(button_before):
            signal.signal(signal.SIGINT, button_before)
        if left:
            left = max(left - (time.monotonic() - began), 0.01)
            signal.setitimer(signal.ITIMER_REAL, left, interval)


def settle() -> None:
    """Let an alarm that waits be heard: Python looks for one at every call."""


def _numbers(path: Path) -> dict[str, int]:
    """Return the "name number" lines of a file; a lone number is named "". {} if none.

    "max", by which a cgroup says that it sets no limit, counts as no number.
    """
    try:
        lines = [line.split() for line in path.read_text().splitlines()]
    except OSError:
        return {}
    found = {}
    for words in lines:
        name, number = (words[0].rstrip(":"), words[1]) if words[1:] else ("", words[0])
        if number.isdigit():
            found[name] = int(number)
    return found


def _groups(root: Path) -> Iterator[tuple[int, int, int]]:
    """Yield (limit, in use, of that cached files) of each cgroup this process is in."""
    try:
        lines = (root / "proc/self/cgroup").read_text().splitlines()
    except OSError:
        return
    for _, kinds, name in (ln.split(":", 2) for ln in lines if ln.count(":") > 1):
        if kinds and "memory" not in kinds.split(","):
            continue
        top = root / "sys/fs/cgroup" / ("memory" if kinds else "")
        most, used, files = (
            ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")
            if kinds
            else ("memory.max", "memory.current", "inactive_file")
        )
        # A container may show its own group at the top, under another name than here.
        inner = top / name.strip("/")
        for group in dict.fromkeys((inner, *inner.parents)):
            if not group.is_relative_to(top):
                break
            limit, now = _numbers(group / most), _numbers(group / used)
            if limit and now:
                cached = _numbers(group / "memory.stat").get(files, 0)
                yield limit[""], now[""], cached


def _free(root: Path = Path("/")) -> int:
    """Return how many bytes may still be taken: the machine's, or a cgroup's if fewer.

    Binder, hubs and containers set a limit of their own, beyond which the kernel of
    the notebook is killed. OSError if the machine does not say.
    """
    machine = _machine(root)
    return min(
        [machine, *(limit - now + cached for limit, now, cached in _groups(root))]
    )


def _machine(root: Path) -> int:
    lines = (root / "proc/meminfo").read_text().splitlines()
    return next(int(ln.split()[1]) for ln in lines if ln.startswith("MemAvail")) * 1024


def _margin() -> int:
    """Return how many bytes more the body may take: 3/4 of what is free.

    At most 4 GiB; at least 1/4 GiB, since a library reserves more than it uses.
    """
    return min(max(_free() * 3 // 4, GIB // 4), 4 * GIB)


def _gpu() -> bool:
    torch = sys.modules.get("torch")
    return bool(torch and torch.version.cuda and torch.cuda.is_available())


@contextmanager
def grad_mode_kept() -> Iterator[None]:
    """Put torch's grad mode back: an alarm may ring on the way into `no_grad`."""
    torch = sys.modules.get("torch")
    before = torch is None or torch.is_grad_enabled()
    try:
        yield
    finally:
        if torch is not None:
            torch.set_grad_enabled(before)


@contextmanager
def memory_limit(margin: int | None = None) -> Iterator[None]:
    """Turn an allocation of more than `margin` bytes in the body into a MemoryError.

    Without it a huge array may get the whole kernel killed. It lowers the soft
    address-space limit, so it works on Linux; it stands aside where a GPU is in use,
    because CUDA reserves far more addresses than memory.
    """
    try:
        import resource

        with open("/proc/self/statm") as sizes:
            in_use = int(sizes.read().split()[0]) * resource.getpagesize()
        soft, hard = resource.getrlimit(resource.RLIMIT_AS)
        limit = in_use + (_margin() if margin is None else margin)
        if _gpu() or (soft != resource.RLIM_INFINITY and soft <= limit):
            raise OSError
        resource.setrlimit(resource.RLIMIT_AS, (limit, hard))
    except (ImportError, OSError, ValueError, StopIteration):
        yield
        return
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
