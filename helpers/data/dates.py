"""Dates as people write them, in many languages, and as ISO 8601.

Source: the Unicode CLDR patterns that come with Babel (BSD), https://babel.pocoo.org.
"""

from __future__ import annotations

import calendar
import datetime
import itertools
import re
import unicodedata
from collections.abc import Sequence

import numpy as np
from babel.dates import format_date, format_skeleton

__all__ = [
    "FORMATS",
    "LOCALES",
    "SHORTER",
    "draw",
    "pairs",
    "readings",
    "split",
    "write",
]

LOCALES = ("en", "de", "fr", "es", "it", "nl", "pt", "sv", "tr", "ko", "ja", "zh")
FORMATS = ("medium", "long", "full")
SHORTER = ("numeric", "medium", "long")  # without weekdays: at most 25 characters


def draw(
    rng: np.random.Generator, count: int, first: int = 1950, last: int = 2049
) -> list[datetime.date]:
    """Return ``count`` different dates of the years ``first`` to ``last``, in the order
    drawn. ValueError if there are not that many days."""
    start = datetime.date(first, 1, 1)
    days = (datetime.date(last, 12, 31) - start).days + 1
    if not 0 < count <= days:
        raise ValueError(f"count is {count}; there are {max(days, 0)} days")
    chosen = rng.choice(days, size=count, replace=False)
    return [start + datetime.timedelta(days=int(d)) for d in chosen]


def split(
    dates: Sequence[datetime.date], test: float = 0.1
) -> tuple[list[datetime.date], list[datetime.date]]:
    """Return (train, held_out), split by *date*: however a held-out date is written,
    no training pair has its answer."""
    if not 0 < test < 1:
        raise ValueError(f"test is {test}; it must be a share between 0 and 1")
    different = list(dict.fromkeys(dates))
    cut = round(len(different) * (1 - test))
    return different[:cut], different[cut:]


def write(date: datetime.date, locale: str, form: str) -> str:
    """Return a date as ``locale`` writes it, in lower case: "4 mars 1998".

    form: one of FORMATS, or "numeric", in figures alone with the year in full: "en" is
    American, 3/4/1998. ValueError for a locale or a form that is not known.
    """
    _known("locale", [locale], LOCALES)
    _known("form", [form], (*FORMATS, "numeric"))
    if form == "numeric":
        text = format_skeleton("yMd", date, locale=locale)
    else:
        text = format_date(date, format=form, locale=locale)
    return _plain(text)


def pairs(
    dates: Sequence[datetime.date],
    rng: np.random.Generator,
    locales: Sequence[str] = LOCALES,
    forms: Sequence[str] = FORMATS,
) -> list[tuple[str, str]]:
    """Return one (as written, ISO) pair a date, in a language and a length drawn from
    ``rng``: ("4 mars 1998", "1998-03-04"). locales, forms: as for `write`."""
    _known("locales", locales, LOCALES)
    _known("forms", forms, (*FORMATS, "numeric"))
    written = []
    for date in dates:
        locale = locales[rng.integers(len(locales))]
        form = forms[rng.integers(len(forms))]
        written.append((write(date, locale, form), date.isoformat()))
    return written


def readings(text: str) -> dict[str, list[str]]:
    """Return what ``text`` may mean: ISO date → the locales that write it like this in
    one of SHORTER. Two readings for "3/4/1998", none for what nobody writes."""
    text, found = _plain(text), {}
    numbers = [*dict.fromkeys(map(int, re.findall("[0-9]{1,4}", text)))]
    years = [number for number in numbers if number >= 1000]
    days = [number for number in numbers if 1 <= number <= 31]
    for year, month, day in itertools.product(years, range(1, 13), days):
        if day > calendar.monthrange(year, month)[1]:
            continue
        date = datetime.date(year, month, day)
        who = [
            place
            for place in LOCALES
            if text in (write(date, place, form) for form in SHORTER)
        ]
        if who:
            found[date.isoformat()] = who
    return found


def _plain(text: str) -> str:
    return unicodedata.normalize("NFC", " ".join(text.lower().split()))


def _known(name: str, given: Sequence[str], known: Sequence[str]) -> None:
    if not given or any(one not in known for one in given):
        got = given[0] if name in ("locale", "form") else list(given)
        raise ValueError(f"{name} is {got!r}; known: {' '.join(known)}")
