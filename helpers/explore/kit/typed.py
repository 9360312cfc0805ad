"""Letters in a live figure as bitmaps: hundreds of them cost what one text costs."""

import unicodedata
from functools import cache, lru_cache

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from helpers.explore.kit.direction import JOINER, clusters, goes_right, joined, visual
from helpers.explore.kit.fonts import BOX, MONO, boxed, families, has_font
from helpers.explore.kit.numbers import Bitmap

__all__ = ["Labels", "Page", "show_char", "show_text"]

CELL = 40  # pixels between two glyphs on the sheet that they are cut from


def show_text(text):
    """The text as it can be seen: blanks, line ends and tabs are drawn.

    Marks stay on their letters; those without one get a dotted circle to sit on. A
    character that no font has becomes an empty box, and a live figure says so.
    """
    if text.isascii() and text.isprintable():
        return text.replace(" ", "␣")
    return "".join(show_char(text[start:end]) for start, end in clusters(text))


def show_char(char):
    """One character, or a letter with its marks, as `show_text` shows it."""
    char = {" ": "␣", "\n": "↵", "\t": "⇥"}.get(char, char)
    if char.isascii() and char.isprintable():
        return char
    kinds = [unicodedata.category(c)[0] for c in char if c != JOINER]
    if "C" in kinds:
        return BOX
    form = ""
    if kinds[:1] == ["M"]:
        font = families(char, MONO)[-1]
        form = "◌" if families("◌", font) == [font] else "\u00a0"
    form += "".join(c for c in char if not "\ufe00" <= c <= "\ufe0f")  # emoji or text
    form = unicodedata.normalize("NFC", form)
    return form if has_font(form.replace(JOINER, "")) else BOX


class Labels:
    """Short texts at points of `ax`, whose place and linear limits are final.

    `clear`, then `put` each text at data coordinates (x, y), its middle, or as near
    to it as the text fits in.
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
        look = size or self._size, dpi, to_rgb(ink), ground
        label = _label(boxed(text, MONO), *look)
        tall, wide = label.shape[:2]
        x, y = self._zero + self._unit * (x, y)
        row = max(0, len(self._pixels) - round(y) - tall // 2)
        column = max(0, min(round(x - wide / 2), self._pixels.shape[1] - wide))
        spot = self._pixels[row : row + tall, column : column + wide]
        spot[:] = label[: spot.shape[0], : spot.shape[1]]


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
        """Show the end of `text` (N characters); inks, grounds: (N, 3), 0 … 1.

        A letter with its marks has the ink of the letter and the darkest ground of all.
        """
        lines = self._lines(text)[-self.rows :]
        self._pixels[:] = 0
        for row, (letters, rightwards) in enumerate(lines):
            bare = "".join(text[start] for start, *_ in letters)
            wide = sum(glyph.shape[1] for *_, glyph in letters)
            left = 0 if rightwards else self.columns * self._wide - wide
            for place, char in visual(bare, rightwards):
                start, end, glyph = letters[place]
                if char != bare[place]:
                    glyph = _glyph(char, *self._look)
                ground = min(grounds[start:end], key=sum)
                self._letter(row, left, glyph, inks[start], ground)
                left += glyph.shape[1]
        self.artist.stale = True

    def _lines(self, text):
        """Return for each line its letters (start, end, glyph) and if it goes right."""
        lines, column, forms, rightwards = [], self.columns, joined(text), True
        for start, end in clusters(text):
            if start == 0 or text[start - 1] == "\n":
                rightwards = goes_right(text[start:].partition("\n")[0])
                column = self.columns
            letter = forms[start:end]
            letter = " " if letter == " " else show_text(letter)
            glyph = _glyph(letter, *self._look)
            cells = glyph.shape[1] // self._wide
            if column + cells > self.columns:
                lines.append(([], rightwards))
                column = 0
            lines[-1][0].append((start, end, glyph))
            column += cells
        return lines

    def _letter(self, row, left, glyph, ink, ground):
        top, wide = row * self._tall, glyph.shape[1]
        spot = self._pixels[top : top + self._tall, left : left + wide]
        spot[:] = 255
        spot[..., :3] = 255 * ground
        opacity = glyph[..., None] / 255
        spot[1:-2, :, :3] = 255 * (ground + opacity * (ink - ground))


def _bitmap(ax):
    left, bottom, right, top = np.round(ax.bbox.extents).astype(int)
    pixels = np.zeros((top - bottom, right - left, 4), np.uint8)
    return pixels, ax.get_figure(root=True).add_artist(Bitmap(pixels, left, bottom))


@lru_cache(4096)
def _label(text, size, dpi, ink, ground):
    """A text in its colour, (height, width, 4) bytes; ground: on white."""
    word, ink = _word(text, size, dpi), np.multiply(ink, 255)
    label = np.empty((*word.shape, 4), np.uint8)
    label[..., :3] = 255 + word[..., None] / 255 * (ink - 255) if ground else ink
    label[..., 3] = 255 if ground else word
    label.flags.writeable = False
    return label


@lru_cache(4096)
def _word(text, size, dpi):
    forms, places = joined(text), clusters(text)
    order = visual("".join(text[start] for start, _ in places))
    letters = [forms[start:end] for start, end in places]
    bare = [text[start] for start, _ in places]
    seen = [letters[i] if char == bare[i] else char for i, char in order]
    return np.hstack([_glyph(letter, size, dpi) for letter in seen])


@lru_cache(8192)
def _glyph(letter, size, dpi):
    """The opacity of a letter, 0 … 255: (height, width), the same for all of a size.

    A letter that is wider than those of a typewriter, such as a Chinese one, has two
    or more of its places.
    """
    text, canvas = _sheet(dpi)
    text.set(text=letter, fontsize=size, fontfamily=families(letter, MONO))
    text.set_y(CELL // 2 - size // 3)
    canvas.draw()
    opacity = 255 - np.asarray(canvas.buffer_rgba())[..., 0]
    wide, tall = round(0.602 * size * dpi / 72), round(1.25 * size * dpi / 72)
    inked = np.flatnonzero(opacity.max(axis=0) > 60)
    if letter.isascii() or not len(inked):
        cells = 1
    elif unicodedata.east_asian_width(letter[0]) in "FW":
        cells = 2
    else:
        cells = min(4, max(1, round(np.ptp(inked) / wide + 0.3)))
    middle = opacity.shape[1] // 2
    if letter[1:]:  # marks may have moved its letter aside
        middle = (inked.min() + inked.max() + 1) // 2 if len(inked) else middle
    top, left = (CELL - tall) // 2, middle - cells * wide // 2
    return opacity[top : top + tall, left : left + cells * wide].copy()


@cache
def _sheet(dpi):
    """The sheet that glyphs are cut from: one text in the middle of a white figure."""
    sheet = Figure(figsize=(3 * CELL / dpi, CELL / dpi), dpi=dpi)
    canvas = FigureCanvasAgg(sheet)
    sheet.patch.set_facecolor("white")
    look = {"color": "black", "parse_math": False, "ha": "center", "va": "baseline"}
    return sheet.text(3 * CELL // 2, 0, "", transform=None, **look), canvas
