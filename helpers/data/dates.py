"""Dates as people write them, in many languages, and as ISO 8601.

Source: the Unicode CLDR patterns that come with Babel (BSD), https://babel.pocoo.org.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence

import numpy as np
from babel.dates import format_date

__all__ = ["FORMATS", "LOCALES", "draw", "pairs", "split"]

LOCALES = ("en", "de", "fr", "es", "it", "nl", "pt", "sv", "tr", "ko", "ja", "zh")
FORMATS = ("medium", "long", "full")


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


def pairs(
    dates: Sequence[datetime.date],
    rng: np.random.Generator,
    locales: Sequence[str] = LOCALES,
) -> list[tuple[str, str]]:
    """Return one (as written, ISO) pair a date, in a language and a length drawn from
    ``rng``: ("4 mars 1998", "1998-03-04")."""
    unknown = [name for name in locales if name not in LOCALES]
    if unknown or not locales:
        raise ValueError(f"locales is {list(locales)}; known: {' '.join(LOCALES)}")
    written = []
    for date in dates:
        locale = locales[rng.integers(len(locales))]
        form = FORMATS[rng.integers(len(FORMATS))]
        text = format_date(date, format=form, locale=locale).lower()
        written.append((" ".join(text.split()), date.isoformat()))
    return written
