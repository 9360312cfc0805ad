"""Many small numbers in a live figure, for the price of one.

A Matplotlib text costs about 0.3 ms a frame, so fifty of them are felt as a lag.
"""

import numpy as np
from matplotlib.artist import Artist
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

__all__ = ["MINUS", "Bitmap", "NumberGrid", "short", "signed"]

MINUS = "\N{MINUS SIGN}"
GLYPHS = "0123456789+." + MINUS
CELL = 40  # pixels between two glyphs on the sheet that they are cut from


def signed(number, digits=2):
    """The number as text with its sign, such as +0.25; none before a 0.00."""
    text = f"{number:+.{digits}f}".replace("-", MINUS)
    return text if text.strip(f"+{MINUS}0.") else text[1:]


def short(number):
    """A number ≥ 0 as text with two digits or so: 0.16, 385, 5.4 × 10⁻¹⁷."""
    if number == 0 or 1e-3 <= number < 1e6:
        return f"{number:,.0f}" if number >= 10 else f"{number:.2g}"
    digits, power = f"{number:.1e}".split("e")
    raised = str(int(power)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return f"{digits} × 10{raised}"


class NumberGrid:
    """Texts made of digits, signs and points, at the crossings of `xs` and `ys`.

    xs (C,), ys (R,): the middles, in data coordinates of `ax`, whose place and limits
    are final. `set` takes C columns of R texts and a colour for each; an empty text
    leaves its place free.
    """

    def __init__(self, ax, xs, ys, *, size=9):
        fig = ax.get_figure(root=True)
        left, bottom, right, top = np.round(ax.bbox.extents).astype(int)
        self._pixels = np.zeros((top - bottom, right - left, 4), np.uint8)
        corners = np.array([[(x, y) for y in ys] for x in xs], dtype=float)
        places = ax.transData.transform(corners.reshape(-1, 2)) - (left, bottom)
        self._places = places.reshape(corners.shape)
        self._glyphs = _glyphs(size, fig.dpi)
        self.artist = fig.add_artist(Bitmap(self._pixels, left, bottom))

    def set(self, texts, colours):
        """Show `texts`, C columns of R, in `colours` of the same shape."""
        self._pixels[:] = 0
        for places, column, inks in zip(self._places, texts, colours, strict=True):
            for (x, y), text, ink in zip(places, column, inks, strict=True):
                if text:
                    self._write(text, x, y, to_rgb(ink))
        self.artist.stale = True

    def _write(self, text, x, y, ink):
        word = np.hstack([self._glyphs[char] for char in text])
        height, width = word.shape
        row = len(self._pixels) - round(y) - height // 2
        spot = self._pixels[row : row + height, round(x - width / 2) :][:, :width]
        spot[..., :3] = np.multiply(ink, 255)
        spot[..., 3] = word


class Bitmap(Artist):
    """RGBA pixels (height, width, 4) put on the figure as they are."""

    zorder = 10

    def __init__(self, pixels, left, bottom):
        super().__init__()
        self.pixels, self.corner = pixels, (left, bottom)
        self.set_animated(True)

    def draw(self, renderer):
        upwards = np.ascontiguousarray(self.pixels[::-1])
        renderer.draw_image(renderer.new_gc(), *self.corner, upwards)


def _glyphs(size, dpi):
    """The opacity of each glyph, 0 … 255, all of one height and centred on a digit."""
    sheet = Figure(figsize=(CELL * len(GLYPHS) / dpi, CELL / dpi), dpi=dpi)
    canvas = FigureCanvasAgg(sheet)
    sheet.patch.set_facecolor("white")
    middles = CELL * (np.arange(len(GLYPHS)) + 0.5)
    widths = []
    for char, x in zip(GLYPHS, middles, strict=True):
        place = {"transform": None, "ha": "center", "va": "center_baseline"}
        text = sheet.text(x, CELL / 2, char, fontsize=size, color="black", **place)
        widths.append(text.get_window_extent(canvas.get_renderer()).width)
    canvas.draw()
    opacity = 255 - np.asarray(canvas.buffer_rgba())[..., 0]
    tall = int(size * dpi / 72 * 1.2) // 2
    opacity = opacity[CELL // 2 - tall : CELL // 2 + tall]
    return {
        char: opacity[:, round(x - width / 2) : round(x + width / 2)]
        for char, x, width in zip(GLYPHS, middles, widths, strict=True)
    }
