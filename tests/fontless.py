"""A machine whose fonts a test chooses, whatever is installed on this one."""

from __future__ import annotations

import contextlib

from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from matplotlib.font_manager import fontManager

from helpers.explore.kit import fonts, typed

__all__ = ["machine", "tiny_font"]


@contextlib.contextmanager
def machine(monkeypatch, *files):
    """Let the explorers see Matplotlib's own fonts and these files, and no others."""
    before = [*fontManager.ttflist]
    for file in files:
        fontManager.addfont(file)
    added = {str(file) for file in files}
    all_fonts = fonts.installed.__wrapped__()
    mine = [f for f in all_fonts if "DejaVu" in f[0] or str(f[1]) in added]
    with monkeypatch.context() as patch:
        patch.setattr(fonts, "installed", lambda: mine)
        patch.setattr(fonts, "_new", lambda: [])
        _forget()
        try:
            yield
        finally:
            fontManager.ttflist[:] = before
            _forget()


def _forget():
    for remembered in (fonts._family, fonts._complete, typed._glyph, typed._word):
        remembered.cache_clear()


def tiny_font(path, name, chars):
    """Write a font in which each of these characters is a black square."""
    pen = TTGlyphPen(None)
    pen.moveTo((100, 0))
    for corner in (100, 800), (900, 800), (900, 0):
        pen.lineTo(corner)
    pen.closePath()
    square = pen.glyph()
    names = [".notdef", *(f"u{ord(char):04X}" for char in chars)]
    build = FontBuilder(1000, isTTF=True)
    build.setupGlyphOrder(names)
    build.setupCharacterMap(dict(zip(map(ord, chars), names[1:], strict=True)))
    build.setupGlyf(dict.fromkeys(names, square))
    build.setupHorizontalMetrics(dict.fromkeys(names, (1000, 100)))
    build.setupHorizontalHeader(ascent=800, descent=-200)
    build.setupNameTable({"familyName": name, "styleName": "Regular"})
    build.setupOS2(sTypoAscender=800, usWeightClass=400)
    build.setupPost()
    build.save(path)
    return path
