"""The short way of a live figure's frames to the page."""

import asyncio
from pathlib import Path

import anywidget
import ipywidgets as widgets
import numpy as np
import traitlets

__all__ = ["Screen", "changes"]

REST = 2  # seconds without a frame, then the notebook stores it: not between presses
LONGEST = 255  # pixels of a run: what a byte can tell
MOST = 32_000  # runs of 8 bytes; a frame of more is sent as PNG


class Screen(anywidget.AnyWidget):
    """An invisible child of the controls that changes the picture below them in place.

    JupyterLab makes an output anew whenever it is updated, and that takes longer than
    to draw a frame. So the page is sent what has changed since the last frame, and the
    output that a notebook stores follows once the controls rest. A page that has shown
    a frame so says it (`shows`); as long as none has, the output is updated with every
    frame, and frames are sent whole.
    """

    _esm = Path(__file__).with_name("screen.js")
    alt = traitlets.Unicode().tag(sync=True)
    shows = traitlets.Bool(False).tag(sync=True)

    def __init__(self, alt):
        self._number = 0
        self._last = self._store = self._later = None
        super().__init__(alt=alt, layout=widgets.Layout(display="none"))

    def put(self, pixels, lines, png, store):
        """Show a frame on the page. The output follows, at rest if the page can.

        pixels: (height, width, 4) bytes. lines: HTML, or None if they stay as they are.
        png() returns the frame as PNG bytes, store() updates the output.
        """
        self._number += 1
        frame = np.ascontiguousarray(pixels).view("<u4")[..., 0]
        runs = None
        if self.shows and self._last is not None and self._last.shape == frame.shape:
            runs = changes(self._last, frame)
        self._last = frame
        whole = runs is None or len(runs) > MOST
        content = {"number": self._number, "whole": whole, "lines": lines}
        self.send(content, [png() if whole else runs.tobytes()])
        self._rest(store)

    def _rest(self, store):
        self._drop()
        try:
            loop = asyncio.get_running_loop() if self.shows else None
        except RuntimeError:  # a thread without one
            loop = None
        if loop is None:
            store()
        else:
            self._store, self._later = store, loop.call_later(REST, self._store_now)

    def _store_now(self):
        store = self._drop()
        if store is not None:
            store()

    def _drop(self):
        """Return what was to be called at rest; it is not any more."""
        if self._later is not None:
            self._later.cancel()
        store, self._store, self._later = self._store, None, None
        return store

    @traitlets.observe("shows")
    def _on_shows(self, change):
        if not change["new"]:  # what it was sent last has not been seen
            self._store_now()

    def close(self):
        """Close it; what was to be stored at rest is left."""
        self._drop()
        super().close()


def changes(before, after):
    """Return what makes of the picture `before` the picture `after`: (n, 2), "<u4".

    Both are (height, width), pixels as numbers 0xAABBGGRR, none of them 0. A pair is a
    run of pixels of one colour in one row: the number of its first pixel, and its
    colour with its length, at most 255, in place of the opacity. Or, with a length of
    0, it says how many rows from that pixel on change as the row above them does: the
    cells of a map are several rows high.
    """
    differ = before != after
    rows = np.flatnonzero(differ.any(axis=1))
    new, width = after[rows] * differ[rows], after.shape[1]
    again = np.zeros(len(rows), bool)
    again[1:] = (np.diff(rows) == 1) & (new[1:] == new[:-1]).all(axis=1)
    runs = _runs(new[~again], rows[~again], width)
    firsts = np.flatnonzero(again & ~np.roll(again, 1))
    ends = np.flatnonzero(again & ~np.append(again[1:], False)) + 1
    repeats = np.stack([rows[firsts] * width, ends - firsts], axis=1).astype("<u4")
    return np.insert(runs, np.searchsorted(runs[:, 0], repeats[:, 0]), repeats, axis=0)


def _runs(new, rows, width):
    """Return the runs of pixels that are not 0; new: (n, width), of these n rows."""
    at = np.flatnonzero(new != 0)
    colours = new.ravel()[at] & 0xFFFFFF
    starts = np.ones(len(at), bool)
    starts[1:] = (colours[1:] != colours[:-1]) | (np.diff(at) != 1)
    starts |= at % width == 0
    starts = np.flatnonzero(starts)
    lengths = np.diff(starts, append=len(at))
    parts = -(-lengths // LONGEST)  # of a run that is too long for one
    nth = np.arange(parts.sum()) - np.repeat(np.cumsum(parts) - parts, parts)
    starts = np.repeat(starts, parts) + LONGEST * nth
    left = np.repeat(lengths, parts) - LONGEST * nth
    row, column = np.divmod(at[starts], width)
    runs = np.empty((len(starts), 2), "<u4")
    runs[:, 0] = rows[row] * width + column
    runs[:, 1] = colours[starts] | np.minimum(left, LONGEST).astype("<u4") << 24
    return runs
