"""A date with one tag for each character: which part of the date it belongs to.

Month names come from Babel's CLDR data; the orders are those in common use.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence

import numpy as np
from babel.dates import get_month_names

__all__ = ["ORDERS", "TAGS", "tagged", "write"]

TAGS = ("·", "D", "M", "Y")  # neither, day, month, year
ORDERS = ("D M Y", "M D, Y", "Y-M-D")


def write(date: datetime.date, order: str) -> tuple[str, str]:
    """Return (text, tags), two strings of one length: ("3 May 1998", "D·MMM·YYYY").

    ``order`` is one of ORDERS; with dashes the month is written as a number.
    """
    if order not in ORDERS:
        raise ValueError(f"order is {order!r}; known: {', '.join(ORDERS)}")
    digits = "-" in order
    month = get_month_names("abbreviated", locale="en")[date.month]
    part = {
        "D": f"{date.day:02d}" if digits else str(date.day),
        "M": f"{date.month:02d}" if digits else month,
        "Y": str(date.year),
    }
    text = "".join(part.get(c, c) for c in order)
    tags = "".join(c * len(part[c]) if c in part else "·" for c in order)
    return text, tags


def tagged(
    dates: Sequence[datetime.date], rng: np.random.Generator
) -> list[tuple[str, str]]:
    """Return one (text, tags) pair a date, in an order drawn from ``rng``."""
    return [write(date, ORDERS[rng.integers(len(ORDERS))]) for date in dates]
