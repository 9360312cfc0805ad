"""One call in C that no alarm can stop: said while it runs, told from a loop after."""

from __future__ import annotations

import contextvars
import linecache
import signal
import sys
import threading
import time
from types import FrameType

from helpers.exercises.engine.verdicts import say

__all__ = ["Watch"]

GRACE = 2.0  # seconds: in Python an alarm is heard long before
_open: list[Watch] = []  # the innermost last


class Watch:
    """A thread that says, once, that the time is up within a call that goes on.

    A single call of NumPy or torch (or `sorted`) hears no alarm until it returns. The
    thread can speak meanwhile where the call lets other threads run, as theirs do.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._due = time.monotonic() + seconds  # of the alarm that is to be heard next
        self._over = threading.Event()
        self._main = threading.get_ident()

    def start(self) -> None:
        """Begin to watch the calling thread."""
        _open.append(self)
        # The context says which cell is being run, and so where a text is shown.
        look = contextvars.copy_context().run
        try:
            threading.Thread(target=look, args=(self._look,), daemon=True).start()
        except RuntimeError:  # no memory for a thread: nothing is said meanwhile
            return

    def stop(self) -> None:
        """Watch no longer."""
        self._over.set()
        if self in _open:
            del _open[_open.index(self) :]

    def heard(self, frame: FrameType | None) -> str:
        """Note that an alarm was heard at `frame`; return what held it up, or "".

        In words: "one call (line 3: `np.sort(x)`)". Outside the notebook's code a busy
        machine is what held it up.
        """
        late, self._due = time.monotonic() - self._due, time.monotonic()
        line = _line(frame)
        return f"one call{line}" if line and late > GRACE else ""

    def _look(self) -> None:
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM, signal.SIGINT})
        wait = self._due - time.monotonic() + GRACE
        while not self._over.wait(wait):
            wait = GRACE
            if time.monotonic() - self._due < GRACE or _open[-1:] != [self]:
                continue
            line = _line(sys._current_frames().get(self._main))
            if not line:
                continue
            return say(
                f"○ {self.seconds:g} s, the limit, are over, and one call still "
                f"runs{line}. Inside NumPy or torch a call can be stopped "
                "neither by us nor by ■ until it returns: wait, or choose "
                "*Kernel → Restart Kernel*."
            )


def _line(frame: FrameType | None) -> str:
    """Return the line of the notebook at which `frame` is: " (line 3: `x + 1`)"."""
    while frame is not None and frame.f_globals.get("__name__") != "__main__":
        frame = frame.f_back
    if frame is None:
        return ""
    number = frame.f_lineno
    source = linecache.getline(frame.f_code.co_filename, number).strip()
    return f" (line {number}: `{source}`)" if source else ""
