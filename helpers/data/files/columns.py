"""One column of numbers from a table in a file (CSV), in the order of time.

Tables differ in what stands between cells, in the decimal sign, in how a gap is
written, and in whether the newest comes first. What is done about it is printed.
"""

from __future__ import annotations

import csv
import math
import re
import unicodedata
from datetime import date
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from helpers.data.files.opening import file_at, opened
from helpers.data.text import read_text
from helpers.guards import want_sizes

__all__ = ["Column", "read_column"]

GAPS = {"", "-", "–", ".", "..", "?", "na", "n/a", "#n/a", "nan", "null", "none"}
MOST_GAPS = 0.1  # the share of a column that may be missing
DAY = re.compile(r"(\d{4})[-/.](\d{1,2})(?:[-/.](\d{1,2}))?\b")


class Column(NamedTuple):
    """The name of a column and its values (T,), the oldest first."""

    name: str
    values: np.ndarray


def read_column(path, column="", *, encoding=None, at_least=200):
    """Return the Column `column` of a table in a file; "": the first that has numbers.

    Gaps are filled with the value before them, so that nothing comes from the future.
    A table whose dates run backwards is turned. encoding: the file's, as `read_text`
    takes it. ValueError, with what to do about it, if there is no such file or column,
    if a cell is no number, if over a tenth is missing, if all values are equal, or if
    there are fewer than at_least.
    """
    if not isinstance(column, str):
        raise ValueError(f"column: got {column!r}, want the name of a column")
    want_sizes(at_least=at_least)
    path = file_at(path)
    name = path.name
    rows = _rows(_text(path, encoding), name)
    heads, rows = _heads(rows)
    place = _place(rows, heads, column, name)
    comma = _decimal_comma([row[place] for row in rows if place < len(row)])
    values = _numbers(rows, place, heads, comma, name)
    direction = _direction(rows, name)
    if direction < 0:
        print(f"{name!r} begins with the newest; it is turned, the oldest first")
        values = values[::-1]
    values = _filled(values, heads[place], name)
    if len(values) < at_least:
        raise ValueError(
            f"path: {name!r} has {len(values)} values in {heads[place]!r}; at least "
            f"{at_least} are wanted"
        )
    if np.ptp(values) == 0:
        raise ValueError(
            f"column: all values of {heads[place]!r} are {values[0]:g}; choose another"
        )
    return Column(heads[place], values)


def _text(path, encoding):
    with opened(path) as file:
        start = file.read(64)
    name = path.name
    if start.startswith((b"PK", b"\xd0\xcf\x11\xe0")):
        raise ValueError(
            f"path: {name!r} is a workbook or an archive, no plain table; save the "
            "sheet as CSV"
        )
    if start.lstrip().lower().startswith((b"<!doctype", b"<html", b"<?xml")):
        raise ValueError(f"path: {name!r} is a web page; download the table itself")
    if start.lstrip().startswith((b"{", b"[")):
        raise ValueError(f"path: {name!r} is JSON; save it as CSV, a row a line")
    return read_text(path, encoding=encoding, at_least=1, at_most=20_000_000)


def _rows(text, name):
    """Return the cells of all lines that are not empty, cut at what fits best."""
    lines = [line for line in text.splitlines() if line.strip()]
    lines = [line for line in lines if not line.startswith("#")]
    if not lines:
        raise ValueError(f"path: {name!r} holds no line with anything in it")
    some = lines[-50:]
    best, wide = ",", 1
    for mark in ("\t", ";", "|", ","):
        widths = [len(row) for row in csv.reader(some, delimiter=mark)]
        if min(widths) == max(widths) > wide:
            best, wide = mark, widths[0]
    if wide == 1 and ";" not in text and any(" " in line.strip() for line in some):
        return [line.split() for line in lines]
    cells = csv.reader(lines, delimiter=best)
    return [[cell.strip() for cell in row] for row in cells]


def _heads(rows):
    """Return the names of the columns and the rows below them."""
    wide = max(len(row) for row in rows)
    while len(rows) > 1 and len(rows[0]) < wide:
        rows = rows[1:]  # a title above the table
    numbers = sum(_number(cell) is not None for cell in rows[0])
    below = sum(_number(cell) is not None for cell in rows[min(1, len(rows) - 1)])
    lettered = [not any(map(str.isdigit, "".join(row))) for row in rows[:2]]
    if len(rows) > 1 and (numbers < below or lettered == [True, False]):
        return [cell or f"column {k + 1}" for k, cell in enumerate(rows[0])], rows[1:]
    return [f"column {k + 1}" for k in range(wide)], rows


def _number(cell, comma=False):
    """Return a cell as a number, nan for a gap, None if it is neither."""
    text = cell.strip().replace("\u2212", "-").replace("\u00a0", "").replace(" ", "")
    if text.lower() in GAPS:
        return math.nan
    text = text.rstrip("%").lstrip("$€£₩+")
    text = text.replace(".", "").replace(",", ".") if comma else text.replace(",", "")
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _decimal_comma(cells):
    """Tell whether a comma is the decimal sign: 3,14 and not 3,141 in all of them."""
    commas = [cell for cell in cells if "," in cell]
    if not commas or any("." in c and c.rfind(".") > c.rfind(",") for c in commas):
        return False
    grouped = all(re.fullmatch(r"\D*\d{1,3}(,\d{3})+\D*", cell) for cell in commas)
    return not grouped


def _place(rows, heads, column, name):
    """Return which column is meant."""
    if column:
        want = unicodedata.normalize("NFC", column).lower()  # as read_text gives heads
        fits = [k for k, head in enumerate(heads) if head.lower() == want]
        if not fits:
            known = ", ".join(map(repr, heads[:12]))
            raise ValueError(f"column: {name!r} has no {column!r}; it has {known}")
        return fits[0]
    numeric = []
    for k in range(len(heads)):
        cells = [row[k] for row in rows if k < len(row)]
        comma = _decimal_comma(cells)
        values = [_number(cell, comma) for cell in cells]
        kept = [v for v in values if v is not None]
        known = [v for v in kept if not math.isnan(v)]
        steps = set(np.diff(known)) if len(known) > 2 else {0}
        counts = steps in ({1.0}, {-1.0})  # 1, 2, 3, …: a number of the row, or a year
        if known and len(kept) > 0.8 * len(rows) and not counts:
            numeric.append(k)
    if not numeric:
        shown = ", ".join(map(repr, heads[:12]))
        raise ValueError(f"path: {name!r} has no column of numbers; it has {shown}")
    if len(numeric) > 1:
        others = ", ".join(repr(heads[k]) for k in numeric[1:12])
        print(f"{heads[numeric[0]]!r} is taken; there are also {others}")
    return numeric[0]


def _numbers(rows, place, heads, comma, name):
    values = []
    for n, row in enumerate(rows, 1):
        cell = row[place] if place < len(row) else ""
        value = _number(cell, comma)
        if value is None:
            raise ValueError(
                f"column: {heads[place]!r} of {name!r} holds {cell[:40]!r} in row {n}, "
                "which is no number; mend that row, or choose another column"
            )
        values.append(value)
    return np.array(values)


def _direction(rows, name):
    """Return 1 if the dates of the table rise (or there are none), -1 if they fall."""
    for k in range(max(len(row) for row in rows)):
        found = [DAY.match(row[k]) for row in rows if k < len(row)]
        if len(found) < 3 or not all(found):
            continue
        try:
            days = [
                date(int(y), int(m), int(d or 1))
                for y, m, d in (f.groups() for f in found)
            ]
        except ValueError:
            continue
        rising = [a <= b for a, b in pairwise(days)]
        falling = [a >= b for a, b in pairwise(days)]
        if all(rising):
            return 1
        if all(falling):
            return -1
        n = rising.index(False) + 2
        raise ValueError(
            f"path: the dates of {name!r} go up and down (see row {n}); sort it by time"
        )
    return 1


def _filled(values, head, name):
    """Fill each gap with what stands before it; those at the start are left out."""
    gaps = np.isnan(values)
    if gaps.mean() > MOST_GAPS:
        raise ValueError(
            f"column: {gaps.mean():.0%} of {head!r} in {name!r} is missing; at most "
            f"{MOST_GAPS:.0%} may be"
        )
    if gaps.any():
        print(f"gaps of {head!r} filled with the value before them: {gaps.sum()}")
        known = np.maximum.accumulate(np.where(gaps, -1, np.arange(len(values))))
        values = values[known[known >= 0]]
    return values
