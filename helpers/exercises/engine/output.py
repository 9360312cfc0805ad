"""Keep what a learner's code prints during a check short."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["output_limit"]

LINES, CHARACTERS = 60, 6000


class _Limited:
    """A text stream that passes on its beginning, and counts the rest."""

    def __init__(self, stream: object) -> None:
        self._stream = stream
        self.lines = self.characters = self._ends = 0
        self._left = ""  # the last that was cut

    @property
    def cut(self) -> int:
        """The number of lines that were cut, a last one without its end included."""
        return self._ends + (self._left not in ("", "\n"))

    def write(self, text: str) -> int:
        """Pass `text` on, as far as there is room."""
        room = self._room(text)
        if room:
            self._stream.write(text[:room])
        if room < len(text):
            self._ends += text.count("\n", room)
            self._left = text[-1]
        return len(text)

    def _room(self, text: str) -> int:
        room = CHARACTERS - self.characters
        if self._left or room <= 0 or self.lines >= LINES:
            return 0
        end = 0
        for _ in range(LINES - self.lines):
            at = text.find("\n", end)
            if at < 0:
                end = len(text)
                break
            end = at + 1
        room = min(room, end)
        self.characters += room
        self.lines += text.count("\n", 0, room)
        return room

    def writelines(self, texts: object) -> None:
        """Write each of `texts`."""
        for text in texts:
            self.write(text)

    def __getattr__(self, name: str) -> object:
        return getattr(self._stream, name)


@contextmanager
def output_limit() -> Iterator[None]:
    """Cut what the body prints after some sixty lines, and say how many were cut."""
    kept = sys.stdout, sys.stderr
    limited = [_Limited(stream) for stream in kept]
    sys.stdout, sys.stderr = limited
    try:
        yield
    finally:
        sys.stdout, sys.stderr = kept
        cut = sum(stream.cut for stream in limited)
        if cut:
            s = "" if cut == 1 else "s"
            print(f"\n(… {cut:,} more line{s} printed during the check, not shown)")
