"""Which encoding are these bytes in? Marks, zeros and escapes say so; else a guess.

Sources: the Unicode Standard, section 23.8 (byte order marks); the guess is made by
the library charset-normalizer, which looks for the encoding whose text is least messy
and most like a language.
"""

from __future__ import annotations

import codecs
import contextlib
import unicodedata
from typing import NamedTuple

from charset_normalizer import from_bytes

from helpers.data.files.alphabets import fit

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
    "iso8859_15": "Western European, ISO 8859-15",
    "cp437": "Western European, old DOS",
    "hp_roman8": "Western European, HP",
    "cp852": "Central European, DOS",
    "iso8859_16": "Central European, ISO 8859-16",
    "mac_latin2": "Central European, old Mac",
    "mac_romanian": "Romanian, old Mac",
    "mac_croatian": "Croatian, old Mac",
    "cp855": "Cyrillic, old DOS",
    "kz1048": "Kazakh",
    "cp737": "Greek, DOS",
    "cp869": "Greek, DOS with all accents",
    "mac_greek": "Greek, old Mac",
    "iso8859_9": "Turkish, ISO 8859-9",
    "cp857": "Turkish, DOS",
    "mac_turkish": "Turkish, old Mac",
    "iso8859_8": "Hebrew, ISO 8859-8",
    "cp862": "Hebrew, DOS",
    "iso8859_6": "Arabic, ISO 8859-6",
    "cp720": "Arabic, DOS",
    "mac_arabic": "Arabic, old Mac",
    "cp775": "Baltic, DOS",
    "iso8859_13": "Baltic, ISO 8859-13",
    "iso8859_4": "Baltic, ISO 8859-4",
    "iso8859_10": "Nordic, ISO 8859-10",
    "cp865": "Nordic, DOS",
    "cp861": "Icelandic, DOS",
    "mac_iceland": "Icelandic, old Mac",
    "iso8859_3": "Maltese, ISO 8859-3",
    "iso8859_14": "Celtic, ISO 8859-14",
    "cp860": "Portuguese, DOS",
    "cp863": "Canadian French, DOS",
    "cp1258": "Vietnamese, Windows",
    "johab": "Korean, Johab",
}
MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",  # before UTF-16, whose mark it begins with
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
WIDE = "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"
ESCAPES = {  # in what otherwise is plain ASCII
    b"\x1b$)C": "iso2022_kr",
    b"\x1b$(D": "iso2022_jp_2",
    b"\x1b$B": "iso2022_jp",
    b"\x1b$@": "iso2022_jp",
}
USUAL = set(" \n,.。、，")  # in the wrong order of bytes these are hardly seen
ODD = "Cc", "Cn", "Co"  # control, unassigned, private
GAPS = 1, 0.005, 0.02  # of misfits (%), mess and likeness to a language, for "sure"
ENOUGH, STRANGE = 500, 50  # characters of a sample, and those beyond ASCII in it
LEAST = 0.02  # of these, the share that may be misfits


class Reading(NamedTuple):
    """An encoding, the text of a sample in it, and whether another one is as likely."""

    encoding: str
    text: str
    sure: bool = True


def known_encoding(raw):
    """Return the encoding that bytes name themselves, or None.

    By a mark at their start, by blanks and points where UTF-16 and UTF-32 have them, by
    the escapes of ISO-2022.
    """
    for mark, name in MARKS.items():
        if raw.startswith(mark):
            return name
    for name in WIDE:
        if _reads_as(raw, name):
            return name
    return next((name for escape, name in ESCAPES.items() if escape in raw), None)


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
    it fits the alphabet of one language, and no other reading does so nearly as well.
    """
    raw = _whole(raw)
    fits = {text: fit(text) for text in _decoded(raw)}
    if not raw or not fits:
        return []
    order = sorted(fits, key=lambda text: (fits[text].share, fits[text].shouts))
    first = order[0]
    rivals = [text for text in order[1:] if _near(text, first, fits)]
    ranked = _ranked(raw, fits) if rivals or fits[first].share > LEAST else []
    if ranked and ranked[0][-1] in rivals and not fits[ranked[0][-1]].shouts:
        first = ranked[0][-1]
    best = fits[first]
    sure = best.share <= LEAST and best.strange >= STRANGE and len(first) >= ENOUGH
    if rivals and sure:
        doubtful = any(fits[text].latin and fits[text].kinds > 1 for text in rivals)
        sure = not (doubtful or best.shouts) and _clear(ranked, first)
    texts = dict.fromkeys((first, order[0], *(text for *_, text in ranked), *order))
    readings = [Reading(_name(raw, text), text, False) for text in [*texts][:3]]
    readings[0] = readings[0]._replace(sure=sure)
    return readings


def _decoded(raw):
    """Yield the text that bytes are in each of the ENCODINGS, if they are one in it."""
    for name in ENCODINGS:
        with contextlib.suppress(UnicodeDecodeError):
            yield raw.decode(name)


def _near(text, first, fits):
    """Tell whether another reading fits a language nearly as well as the first."""
    one, other = fits[first], fits[text]
    if other.kinds <= 1 and not one.kinds:  # don’t and donít: no language has í alone
        return False
    return other.share <= one.share + LEAST or other.misfits < one.misfits + 3


def _ranked(raw, fits):
    """Return (misfits, mess, unlikeness, text) of what charset-normalizer finds."""
    found = {str(match): match for match in from_bytes(raw, cp_isolation=[*ENCODINGS])}
    ranked = [
        (round(100 * (fits.get(text) or fit(text)).share), m.chaos, -m.coherence, text)
        for text, m in found.items()
    ]
    return sorted(ranked, key=lambda reading: reading[0])[:3]


def _clear(ranked, text):
    """Tell whether a text is the first of the ranked ones, and far before the next."""
    if not ranked or ranked[0][-1] != text:
        return False
    first, *others = ranked
    return all(
        any(y > x + gap for x, y, gap in zip(first, other, GAPS, strict=False))
        for other in others
    )


def _whole(raw):
    """Return bytes up to their last space or line end, where no character is cut."""
    end = max(raw.rfind(b) for b in (b"\n", b"\r", b" "))
    return raw[: end + 1] if end > len(raw) // 2 else raw


def _name(raw, text):
    """Return the best-known encoding in which the bytes are this text."""
    for name in ENCODINGS:
        with contextlib.suppress(UnicodeDecodeError):
            if raw.decode(name) == text:
                return name
    return "ascii"


def strange_words(text, most=40):
    """Return a piece of a text around its first character beyond ASCII, on one line."""
    at = next((i for i, c in enumerate(text) if c > "\x7f"), 0)
    start = max(text.rfind(blank, 0, at) for blank in " \n") + 1
    piece = " ".join(text[start : start + most].split())
    return piece + "…" if len(text) > start + most else piece
