"""The rule for a summary: each claim leads to the section that shows and tests it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote

from helpers.tools.book import Book, Cell, headings

__all__ = ["RULES", "claims", "section", "summary"]

TITLE = "Summary"
STARTS = re.compile(r"[-*] |\d+\. |\|")
RULED = re.compile(r"\|[\s:|-]+")
INSIDE = re.compile(r"\]\(#([^)\s]+)\)")
ASSERT = re.compile(r"^\s*assert\b", re.MULTILINE)


def summary(book: Book) -> Iterator[str]:
    """Every claim of a summary links to a heading below which an assert guards it."""
    found = claims(book)
    if not found and any(c.text.startswith(f"## {TITLE}") for c in book.prose):
        yield "a summary without claims"
    for claim in found:
        targets = [unquote(found) for found in INSIDE.findall(claim)]
        if not targets:
            yield f"a claim of the summary leads to no section: {claim[:60]!r}"
        for target in targets:
            if not any(ASSERT.search(cell.text) for cell in section(book, target)):
                yield f"no assert in the section #{target}, which the summary cites"


def claims(book: Book) -> list[str]:
    """Return the items of the summary: of its lists, and the rows of its tables."""
    found: list[str] = []
    for line in lines(book):
        if RULED.fullmatch(line):
            found.pop()  # the row above was the table's head
        elif STARTS.match(line):
            found.append(STARTS.sub("", line, count=1))
        elif found and line.startswith(" "):
            found[-1] += " " + line.strip()
    return found


def lines(book: Book) -> Iterator[str]:
    """Yield the lines of prose below the summary's heading."""
    inside = False
    for cell in book.prose:
        for line in cell.text.splitlines():
            for level, title in headings(line):
                inside = level == 2 and title == TITLE
            if inside:
                yield line


def section(book: Book, anchor: str) -> Iterator[Cell]:
    """Yield the code cells below a heading, up to the next of its level or a higher.

    An exercise ends no section: what is read goes on below it.
    """
    depth = None
    for cell in book.cells:
        if cell.kind == "markdown":
            for level, title in headings(cell.text):
                exercise = title.startswith("Exercise ")
                if depth is not None and level <= depth and not exercise:
                    depth = None
                if re.sub(r"[*`]", "", title).replace(" ", "-") == anchor:
                    depth = level
        elif depth is not None:
            yield cell


RULES = (summary,)
