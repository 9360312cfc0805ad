"""Dates of twelve places with a tag for every character: day, month, year, weekday.

Source: the Unicode CLDR patterns that come with Babel (BSD), https://babel.pocoo.org.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from babel.dates import format_date, get_date_format, tokenize_pattern

from helpers.data.batching import Coder, pad_batch
from helpers.data.dates import draw, split

__all__ = ["FORMS", "LOCALES", "TAGS", "Fields", "fields", "load", "write"]

TAGS = ("·", "D", "M", "Y", "W")  # none, day, month, year, weekday
LOCALES = (
    "en_US", "en_GB", "de", "fr", "it", "nl", "pt", "sv", "pl", "hu", "tr", "ja",
)  # fmt: skip
FORMS = ("short", "medium", "full")
TAG_OF = {"d": "D", "M": "M", "L": "M", "y": "Y", "E": "W", "c": "W"}


def write(date: datetime.date, locale: str, form: str) -> tuple[str, str]:
    """Return (text, tags), two strings of one length, in lower case.

    ("3 mai 1998", "D·MMM·YYYY"). The short American form is refused: beside the
    Italian one, nobody can tell whether 12/11/98 is in November or in December.
    """
    if locale not in LOCALES:
        raise ValueError(f"locale is {locale!r}; known: {' '.join(LOCALES)}")
    if form not in FORMS or (locale, form) == ("en_US", "short"):
        raise ValueError(f"form is {form!r} for {locale}; known: {', '.join(FORMS)}")
    text = tags = ""
    for kind, part in tokenize_pattern(get_date_format(form, locale).pattern):
        if kind == "field":
            letter, count = part
            piece = format_date(date, letter * count, locale).lower()
            tags += TAG_OF[letter] * len(piece)
        else:
            piece = part
            tags += "·" * len(piece)
        text += piece
    return text, tags


def fields(
    dates: Sequence[datetime.date], rng: np.random.Generator
) -> list[tuple[str, str]]:
    """Return one (text, tags) pair a date, its place and form drawn from ``rng``."""
    ways = [(place, form) for place in LOCALES for form in FORMS]
    ways.remove(("en_US", "short"))
    return [write(date, *ways[rng.integers(len(ways))]) for date in dates]


class Fields(NamedTuple):
    """Dates as tensors: ids (N, T), lengths (N,), tags (N, T) into TAGS, and months
    (N,), 0 … 11; `pairs` has the same dates as texts."""

    ids: torch.Tensor
    lengths: torch.Tensor
    tags: torch.Tensor
    months: torch.Tensor
    pairs: list[tuple[str, str]]


def load(
    rng: np.random.Generator, train: int = 2000, test: int = 1000
) -> tuple[Coder, Fields, Fields]:
    """Return (coder, train, test): different dates, drawn and written by ``rng``."""
    parts = split(draw(rng, train + test), test / (train + test))
    written = [fields(part, rng) for part in parts]
    coder = Coder("".join(text for pairs in written for text, _ in pairs))
    return coder, *(_tensors(*part, coder) for part in zip(written, parts, strict=True))


def _tensors(pairs, dates, coder):
    ids, lengths = pad_batch([coder.encode(text) for text, _ in pairs])
    tags, _ = pad_batch([[TAGS.index(tag) for tag in tags] for _, tags in pairs])
    months = torch.tensor([date.month - 1 for date in dates])
    return Fields(*map(torch.tensor, (ids, lengths, tags)), months, pairs)
