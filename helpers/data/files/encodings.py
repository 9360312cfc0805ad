"""Which encoding are these bytes in? Marks, zeros and escapes say so; else a guess.

Sources: the Unicode Standard, section 23.8 (byte order marks); the guess is made by
the library charset-normalizer, which looks for the encoding whose text is least messy
and most like a language.
"""

from __future__ import annotations

import codecs
import unicodedata
from typing import NamedTuple

from charset_normalizer import from_bytes

__all__ = [
    "ENCODINGS",
    "Reading",
    "known_encoding",
    "likely_encodings",
    "strange_words",
]

ENCODINGS = {  # those that a text of today or of thirty years ago may be in
    "cp1252": "Western European, Windows",
    "cp1250": "Central European, Windows",
    "cp1251": "Cyrillic, Windows",
    "cp1253": "Greek, Windows",
    "cp1254": "Turkish, Windows",
    "cp1255": "Hebrew, Windows",
    "cp1256": "Arabic, Windows",
    "cp1257": "Baltic, Windows",
    "cp874": "Thai, Windows",
    "cp932": "Japanese, Shift JIS",
    "euc_jp": "Japanese, EUC",
    "gb18030": "Chinese, GBK",
    "big5": "Chinese, Big5",
    "cp949": "Korean, EUC-KR",
    "koi8_r": "Russian, KOI8",
    "koi8_u": "Ukrainian, KOI8",
    "cp866": "Cyrillic, DOS",
    "cp850": "Western European, DOS",
    "iso8859_2": "Central European, ISO 8859-2",
    "iso8859_5": "Cyrillic, ISO 8859-5",
    "iso8859_7": "Greek, ISO 8859-7",
    "mac_roman": "Western European, old Mac",
    "mac_cyrillic": "Cyrillic, old Mac",
}
MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",  # before UTF-16, whose mark it begins with
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
WIDE = "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"
USUAL = set(" \n,.。、，")  # in the wrong order of bytes these are hardly seen
ODD = "Cc", "Cn", "Co"  # control, unassigned, private
SIGNS = "No", "Sc", "Sk", "Sm", "So"
JOINTS = set("’…·‐‑–—")  # what may stand inside of words, or without blanks
GAPS = 1, 0.005, 0.02  # of oddness (%), mess and likeness to a language, for "sure"
ENOUGH, STRANGE = 500, 50  # characters of a sample, and those beyond ASCII in it


class Reading(NamedTuple):
    """An encoding, the text of a sample in it, and whether another one is as likely."""

    encoding: str
    text: str
    sure: bool = True


def known_encoding(raw):
    """Return the encoding that bytes name themselves, or None.

    By a mark at their start, by blanks and points where UTF-16 and UTF-32 have them, by
    the escapes of ISO-2022-JP, which otherwise is plain ASCII.
    """
    for mark, name in MARKS.items():
        if raw.startswith(mark):
            return name
    for name in WIDE:
        if _reads_as(raw, name):
            return name
    if b"\x1b$B" in raw or b"\x1b$@" in raw:
        return "iso2022_jp"
    return None


def _reads_as(raw, name):
    """Tell whether bytes are a plain text in an encoding of two or four bytes each."""
    try:
        text = raw[: len(raw) // 4 * 4].decode(name)
    except UnicodeDecodeError as error:
        if error.end < len(raw) // 4 * 4 - 4:  # not merely cut within a character
            return False
        text = raw[: error.start].decode(name)
    if any(unicodedata.category(c) in ODD and c not in "\n\r\t" for c in text):
        return False
    return sum(c in USUAL for c in text) * 50 > len(text)


def likely_encodings(raw):
    """Return up to three Readings of a sample of bytes, the likeliest first.

    Encodings that give the same text are one. The first is sure if the sample is long,
    and no other reading is nearly as tidy and as much like a language.
    """
    found = {}
    for match in from_bytes(_whole(raw), cp_isolation=[*ENCODINGS]) if raw else ():
        found.setdefault(str(match), match)
    ranked = [(_odd(text), m.chaos, -m.coherence, text) for text, m in found.items()]
    ranked = sorted(ranked, key=lambda reading: reading[0])[:3]
    readings = [Reading(_name(raw, text), text, False) for *_, text in ranked]
    if ranked:
        first, *others = ranked
        clear = all(
            any(y > x + gap for x, y, gap in zip(first, other, GAPS, strict=False))
            for other in others
        )
        beyond = sum(c > "\x7f" for c in first[-1])
        sure = clear and len(first[-1]) >= ENOUGH and beyond >= STRANGE
        readings[0] = readings[0]._replace(sure=sure)
    return readings


def _odd(text):
    """Return which percentage of characters beyond ASCII are signs inside of words.

    The ¹ of "rodz¹" or the „ of "m„nniska", say: "rodzą" and "människa" in a wrong
    encoding.
    """
    beyond = [i for i, c in enumerate(text) if c > "\x7f"]
    tied = 0
    for i in beyond:
        kind = unicodedata.category(text[i])
        if kind[0] in "SNP" and "\u3000" > text[i] not in JOINTS:
            sides = text[max(i - 1, 0) : i], text[i + 1 : i + 2]
            tied += sides[0].isalpha() and (kind in SIGNS or sides[1].isalpha())
    return round(100 * tied / max(len(beyond), 1))


def _whole(raw):
    """Return bytes up to their last space or line end, where no character is cut."""
    end = max(raw.rfind(b) for b in (b"\n", b"\r", b" "))
    return raw[: end + 1] if end > len(raw) // 2 else raw


def _name(raw, text):
    """Return the best-known encoding in which the bytes are this text."""
    raw = _whole(raw)
    for name in ENCODINGS:
        try:
            if raw.decode(name) == text:
                return name
        except UnicodeDecodeError:
            continue
    return "ascii"


def strange_words(text, most=40):
    """Return a piece of a text around its first character beyond ASCII, on one line."""
    at = next((i for i, c in enumerate(text) if c > "\x7f"), 0)
    start = max(text.rfind(blank, 0, at) for blank in " \n") + 1
    piece = " ".join(text[start : start + most].split())
    return piece + "…" if len(text) > start + most else piece
