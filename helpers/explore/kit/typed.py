"""Letters in a live figure as bitmaps: hundreds of them cost what one text costs."""

from functools import cache, lru_cache

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.font_manager import findfont, get_font

from helpers.explore.kit.numbers import Bitmap

__all__ = ["Labels", "Page", "show_char"]

FONT = "DejaVu Sans Mono"  # comes with Matplotlib
CELL = 40  # pixels between two glyphs on the sheet that they are cut from


@cache
def show_char(char):
    """The character as one that can be seen: blanks, line ends and tabs are drawn.

    A character that the font does not have becomes an empty box.
    """
    char = {" ": "␣", "\n": "↵", "\t": "⇥"}.get(char, char)
    return char if get_font(findfont(FONT)).get_char_index(ord(char)) else "□"


class Labels:
    """Short texts at points of `ax`, whose place and linear limits are final.

    `clear`, then `put` each text at data coordinates (x, y), its middle.
    """

    def __init__(self, ax, size=9):
        self._ax, self._size = ax, size
        self._pixels, self.artist = _bitmap(ax)
        ends = ax.transData.transform([(0, 0), (1, 1)])
        self._zero = ends[0] - np.round(ax.bbox.extents[:2])  # pixels
        self._unit = ends[1] - ends[0]

    def clear(self):
        """Take all texts away."""
        self._pixels[:] = 0
        self.artist.stale = True

    def put(self, text, x, y, ink, size=None, ground=False):
        """Write `text` in colour `ink`, ground: on white; what leaves ax is cut off."""
        dpi = self._ax.get_figure(root=True).dpi
        word = _word(text, size or self._size, dpi)
        tall, wide = word.shape
        x, y = self._zero + self._unit * (x, y)
        row = max(0, len(self._pixels) - round(y) - tall // 2)
        column = max(0, round(x - wide / 2))
        spot = self._pixels[row : row + tall, column : column + wide]
        word = word[: spot.shape[0], : spot.shape[1]]
        ink = np.multiply(to_rgb(ink), 255)
        if ground:
            opacity = word[..., None] / 255
            spot[..., :3] = 255 + opacity * (ink - 255)
            spot[..., 3] = 255
        else:
            spot[..., :3] = ink
            spot[..., 3] = word


class Page:
    """`ax` as a sheet of typewriter text, each letter on a ground of its own colour.

    rows, columns: what fits on it.
    """

    def __init__(self, ax, size=10):
        self._look = size, ax.get_figure(root=True).dpi
        self._pixels, self.artist = _bitmap(ax)
        self._tall, self._wide = _glyph("x", *self._look).shape
        self._tall += 3  # room between lines
        self.rows = len(self._pixels) // self._tall
        self.columns = self._pixels.shape[1] // self._wide

    def set(self, text, inks, grounds):
        """Show the end of `text` (N characters); inks, grounds: (N, 3), 0 … 1."""
        row, column, places = 0, 0, []
        for char in text:
            if column == self.columns:
                row, column = row + 1, 0
            places.append((row, column))
            row, column = (row + 1, 0) if char == "\n" else (row, column + 1)
        first = max(0, places[-1][0] - self.rows + 1) if places else 0
        self._pixels[:] = 0
        for (row, column), *letter in zip(places, text, inks, grounds, strict=True):
            if row >= first:
                self._letter(row - first, column, *letter)
        self.artist.stale = True

    def _letter(self, row, column, char, ink, ground):
        glyph = _glyph(show_char(char) if char != " " else " ", *self._look)
        top, left = row * self._tall, column * self._wide
        spot = self._pixels[top : top + self._tall, left : left + self._wide]
        spot[:] = 255
        spot[..., :3] = 255 * ground
        opacity = glyph[..., None] / 255
        spot[1:-2, :, :3] = 255 * (ground + opacity * (ink - ground))


def _bitmap(ax):
    left, bottom, right, top = np.round(ax.bbox.extents).astype(int)
    pixels = np.zeros((top - bottom, right - left, 4), np.uint8)
    return pixels, ax.get_figure(root=True).add_artist(Bitmap(pixels, left, bottom))


@lru_cache(4096)
def _word(text, size, dpi):
    return np.hstack([_glyph(char, size, dpi) for char in text])


@cache
def _glyph(char, size, dpi):
    """The opacity of a glyph, 0 … 255: (height, width), the same for all of a size."""
    sheet = Figure(figsize=(CELL / dpi, CELL / dpi), dpi=dpi)
    canvas = FigureCanvasAgg(sheet)
    sheet.patch.set_facecolor("white")
    look = {"fontsize": size, "family": FONT, "color": "black", "parse_math": False}
    place = {"transform": None, "ha": "center", "va": "baseline"}
    sheet.text(CELL // 2, CELL // 2 - size // 3, char, **look, **place)
    canvas.draw()
    opacity = 255 - np.asarray(canvas.buffer_rgba())[..., 0]
    wide, tall = round(0.602 * size * dpi / 72), round(1.25 * size * dpi / 72)
    top, left = (CELL - tall) // 2, (CELL - wide) // 2
    return opacity[top : top + tall, left : left + wide].copy()
