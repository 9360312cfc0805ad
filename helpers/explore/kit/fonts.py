"""Which font of this machine has a character? The course's own have no Korean, say.

A live figure takes the names of scripts that no font has into its note.
"""

import contextlib
import unicodedata
from contextvars import ContextVar
from functools import cache, lru_cache

from matplotlib.font_manager import findSystemFonts, fontManager
from matplotlib.ft2font import FT2Font

from helpers.explore.kit.direction import JOINER

__all__ = [
    "MONO",
    "boxed",
    "dress",
    "families",
    "has_font",
    "missing",
    "noting",
]

MONO, SANS, BOX = "DejaVu Sans Mono", "DejaVu Sans", "□"  # come with Matplotlib
FIRST = (  # of several fonts that have a character, a plain one is taken
    *(SANS, "Noto Sans CJK", "Noto Sans", "Noto Emoji", "Symbola"),
    *("Malgun Gothic", "Microsoft YaHei", "Yu Gothic", "Nirmala UI", "Leelawadee UI"),
    *("Segoe UI", "Apple SD Gothic", "PingFang", "Hiragino Sans", "Arial Unicode"),
)
REGULAR = 400, "normal", "regular", "book"
SCRIPTS = {  # first words of Unicode's names of characters, as a reader knows them
    "CJK": "Chinese characters",
    "FULLWIDTH": "Chinese characters",
    "IDEOGRAPHIC": "Chinese characters",
    "HANGUL": "Korean",
    "HIRAGANA": "Japanese",
    "KATAKANA": "Japanese",
    "DEVANAGARI": "Devanagari (Hindi)",
}
_met = ContextVar("scripts without a font that the present frame has met")


@contextlib.contextmanager
def noting():
    """Give a set to which the scripts are added that meanwhile were found fontless."""
    token = _met.set(set())
    try:
        yield _met.get()
    finally:
        _met.reset(token)


def missing(scripts):
    """Return a line that says which scripts are boxes in the figure; "" for none."""
    if not scripts:
        return ""
    names = " and ".join(sorted(scripts))
    return (
        f"No font of this machine has {names}: {BOX} stands for each such character. "
        "The fonts called Noto have it, and are free."
    )


def has_font(text, base=MONO):
    """Tell whether each character of a text can be drawn, and note its script if not.

    A single font has to have all of them, or each comes from another one.
    """
    fontless = [c for c in text if not _family(c, base)]
    _met.get(set()).update(map(_script, fontless))
    return not fontless


def families(text, base=SANS):
    """Return the names of the fonts that a text needs: base, and what stands in."""
    found = (_family(c, base) for c in text if c > "\x7f")
    return [base, *dict.fromkeys(name for name in found if name not in (None, base))]


def dress(artist, text=None):
    """Give a Matplotlib text the fonts that its characters need, and perhaps a text.

    A character that no font has becomes a box.
    """
    text = artist.get_text() if text is None else text
    if not text.isascii() and "$" not in text.replace(r"\$", ""):
        text = boxed(text)
        artist.set_fontfamily(families(text))
    artist.set_text(text)


def boxed(text, base=SANS):
    """Return a text with a box for each character that no font has."""
    if text.isascii() or _complete(text, base):
        return text
    drawn = (c == JOINER or c.isspace() or has_font(c, base) for c in text)
    return "".join(c if fits else BOX for c, fits in zip(text, drawn, strict=True))


@lru_cache(4096)
def _complete(text, base):
    return all(c == JOINER or c.isspace() or _family(c, base) for c in text)


def _script(char):
    kind, name = unicodedata.category(char), unicodedata.name(char, "")
    if not name or kind in ("So", "Sk", "Sm"):
        return "emoji and other signs"
    first = name.split()[0]
    return SCRIPTS.get(first, first.capitalize())


@cache
def _family(char, base):
    """Return the name of the first font that has a character, None if none does."""
    known = [font for font in installed() if font[0] == base]
    for fonts in known, installed(), _new:
        for name, *place in fonts() if callable(fonts) else fonts:
            if ord(char) >> 8 in _pages(*place) and _open(*place).get_char_index(
                ord(char)
            ):
                return name
    return None


@cache
def installed():
    """Return (name, file, index) of each plain upright font, the best ones first."""
    plain = {
        (font.name, font.fname, getattr(font, "index", 0))
        for font in fontManager.ttflist
        if font.style == "normal"
        and font.weight in REGULAR
        and not font.name.startswith("Last Resort")
    }

    def rank(font):
        places = [i for i, name in enumerate(FIRST) if font[0].startswith(name)]
        return (places or [len(FIRST)])[0], len(font[0]), font

    return sorted(plain, key=rank)


@cache
def _new():
    """Return the fonts that were installed after Matplotlib had made its list."""
    before, known = installed(), {font.fname for font in fontManager.ttflist}
    for file in findSystemFonts():
        if file not in known:
            with contextlib.suppress(OSError, RuntimeError, ValueError):
                fontManager.addfont(file)
    installed.cache_clear()
    return [font for font in installed() if font not in before]


@cache
def _pages(file, index):
    """Return the blocks of 256 codes of which a font has some; none if it is broken."""
    try:
        return frozenset(code >> 8 for code in _open(file, index).get_charmap())
    except (OSError, RuntimeError, ValueError):
        return frozenset()


def _open(file, index):
    return FT2Font(file, face_index=index) if index else FT2Font(file)
