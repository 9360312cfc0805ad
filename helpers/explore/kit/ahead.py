"""What the next move of a slider may need, computed while the reader looks."""

import asyncio
import contextlib
import io

from helpers.explore.kit.lines import caught

__all__ = ["Ahead"]

LOOK = 0.1  # seconds without a move: then the first is computed


class Ahead:
    """Calls a function that remembers its results, before they are asked for.

    Nothing happens without a running event loop, as in code without a kernel.
    """

    def __init__(self, function):
        self.function = function
        self._later = None

    def ask(self, settings, delay=LOOK):
        """Have function(*setting) called for each, in place of those asked before."""
        if self._later is not None:
            self._later.cancel()
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return
        if settings:
            self._later = loop.call_later(delay, self._compute, *settings)

    def _compute(self, setting, *others):
        with caught(io.StringIO()), contextlib.suppress(Exception):
            self.function(*setting)  # if it fails, the move itself will say so
        self.ask(others, 0)  # one by one: a move that came meanwhile is answered first
