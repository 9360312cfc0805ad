"""Say where a notebook departs from the form that all lessons share.

python -m helpers.tools.form [03 01 ...]

A rule takes a Book and yields one line for each departure.  `make notebooks` shows
them as advice; tests/tools/test_notebooks.py holds every notebook to every rule.
"""

from __future__ import annotations

import itertools
import re
import statistics
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from helpers.tools import form_links, form_outputs, form_summary
from helpers.tools.book import ALT, FENCED, IMAGE, LOADED, Book, Cell, find, headings

__all__ = ["RULES", "departures", "main"]

TAGS = {
    "exercise",
    "answer",
    "widget",
    "export",
    "slow",
    "nbval-check-output",
    "nbval-ignore-output",
}
SLIDES = {"slide", "subslide", "fragment", "skip", "notes"}
MEDIAN_LINES, P95_LINES, MAX_LINES, COLUMNS = 6, 20, 35, 88
MEDIAN_WORDS, MAX_WORDS, MAX_BYTES, CODE_IN_A_ROW = 80, 170, 500_000, 3
MINUTES = 90  # in one sitting

NO_PROSE = re.compile(r"\$\$.*?\$\$|```.*?```|^\s*\|.*?\|\s*$", re.S | re.M)


def identity(book: Book) -> Iterator[str]:
    """Cell ids are there, unique, and names rather than a machine's numbers."""
    seen: set[str] = set()
    for cell in book.cells:
        if not cell.id:
            yield f"{cell}: no id"
        elif re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f-]*)?", cell.id):
            yield f"{cell}: the id was made by a machine; name what the cell does"
        elif cell.id in seen:
            yield f"{cell}: the id is used twice"
        seen.add(cell.id)


def title(book: Book) -> Iterator[str]:
    """One H1, in the first cell, and no leap from H2 to H4."""
    found = [(c, *h) for c in book.prose for h in headings(c.text)]
    tops = [cell.index for cell, level, _ in found if level == 1]
    if len(tops) != 1:
        yield f"{len(tops)} H1 headings, not one"
    elif tops[0] != 0:
        yield f"the H1 is in cell {tops[0]}, not in the first"
    for (_, before, _), (cell, level, text) in itertools.pairwise(found):
        if level > before + 1:
            yield f"{cell}: {text!r} leaps from H{before} to H{level}"


def pause(book: Book) -> Iterator[str]:
    """A lesson of over 90 minutes names at its start a place to pause."""
    opening = book.cells[0].text if book.cells else ""
    long = [n for n in re.findall(r"\b(\d+) minutes", opening) if int(n) > MINUTES]
    if long and not re.search(r"sitting|pause", opening):
        yield f"{long[0]} minutes, and the first cell names no place to pause"


def tags(book: Book) -> Iterator[str]:
    """Tags come from the short list, and only code carries them."""
    for cell in book.cells:
        for tag in cell.tags:
            if tag not in TAGS:
                yield f"{cell}: tag {tag!r} is not one of {', '.join(sorted(TAGS))}"
        if cell.tags and cell.kind != "code":
            yield f"{cell}: a {cell.kind} cell carries tags {cell.tags}"


def code(book: Book) -> Iterator[str]:
    """Code cells are short, narrow, finished, and broken up by prose."""
    if not book.code:
        return
    sizes = sorted(lines(cell) for cell in book.code)
    if statistics.median(sizes) > MEDIAN_LINES:
        yield f"half of the code cells have over {MEDIAN_LINES} lines"
    if sizes[min(len(sizes) - 1, int(0.95 * len(sizes)))] > P95_LINES:
        yield f"more than 5 % of the code cells have over {P95_LINES} lines"
    for cell in book.code:
        if lines(cell) > MAX_LINES:
            yield f"{cell}: {lines(cell)} lines, at most {MAX_LINES}"
        if wide := [ln for ln in cell.text.splitlines() if len(ln) > COLUMNS]:
            yield f"{cell}: a line of {len(wide[0])} columns, at most {COLUMNS}"
        if re.search(r"\b(TODO|FIXME|XXX)\b", cell.text):
            yield f"{cell}: something is left to do"
    in_a_row = 0
    for cell in book.cells:
        in_a_row = in_a_row + 1 if cell in book.code else 0
        if in_a_row == CODE_IN_A_ROW + 1:
            yield f"{cell}: {in_a_row} code cells in a row without prose"


def lines(cell: Cell) -> int:
    """Return how many lines of a cell are not blank."""
    return sum(1 for line in cell.text.splitlines() if line.strip())


def start(book: Book) -> Iterator[str]:
    """The first code cell calls setup() and takes at most ten lines."""
    first = book.code[0] if book.code else None
    if first is None or not re.search(r"^setup\(\)", first.text, re.MULTILINE):
        yield "the first code cell does not call setup()"
    elif lines(first) > 10:
        yield f"{first}: {lines(first)} lines of imports, at most 10"


def prose(book: Book) -> Iterator[str]:
    """Prose comes in short cells, says nothing with emoji, and shows with words."""
    sizes = [len(NO_PROSE.sub(" ", cell.text).split()) for cell in book.prose]
    if sizes and statistics.median(sizes) > MEDIAN_WORDS:
        yield f"half of the prose cells have over {MEDIAN_WORDS} words"
    for cell, size in zip(book.prose, sizes, strict=True):
        if size > MAX_WORDS:
            yield f"{cell}: {size} words, at most {MAX_WORDS}"
        if re.search(r"[\U0001F300-\U0001FAFF]", cell.text):
            yield f"{cell}: an emoji"
        for image in IMAGE.finditer(FENCED.sub("", cell.text)):
            said = image[1] if image[1] is not None else ALT.search(image[2])
            if not (said.strip() if isinstance(said, str) else said):
                yield f"{cell}: a picture without alternative text"


def offline(book: Book) -> Iterator[str]:
    """Nothing that a notebook shows is fetched from the web."""
    for cell in book.prose:
        if found := LOADED.search(FENCED.sub("", cell.text)):
            yield f"{cell}: loads from the web: {found[0][:60]}"


def slides(book: Book) -> Iterator[str]:
    """Sections start slides, the deck reaches all, and none answers its prediction."""
    for cell in book.cells:
        if cell.slide is not None and cell.slide not in SLIDES:
            yield f"{cell}: slide type {cell.slide!r} is not one of {sorted(SLIDES)}"
        tops = [text for level, text in headings(cell.text) if level <= 2]
        if cell.kind == "markdown" and tops and cell.slide not in ("slide", "subslide"):
            yield f"{cell}: the section {tops[0]!r} starts no slide"
    for before, cell in itertools.pairwise(book.cells):
        asked = before.text.startswith("predict(")
        if asked and cell.kind == "code" and cell.slide is None:
            yield f"{cell}: on one slide with the prediction that it answers"
    shown = [cell for cell in book.cells if cell.slide not in ("skip", "notes")]
    for before, cell in itertools.pairwise(shown):
        if before.slide == cell.slide == "subslide":
            yield (
                f"{cell}: after a subslide of one cell jupyterlab-deck misses a "
                f"subslide; make {before.id!r} a slide"
            )
    if sum(cell.slide in ("slide", "subslide") for cell in book.cells) < 3:
        yield "fewer than three slides"


def size(book: Book) -> Iterator[str]:
    """A notebook stays small enough to be read on the web."""
    kept = book.path.stat().st_size
    if kept > MAX_BYTES:
        yield f"{kept // 1000} kB, at most {MAX_BYTES // 1000}"


OWN = (identity, title, pause, tags, code, start, prose, offline, slides, size)
EVERY = (*OWN, *form_outputs.RULES, *form_links.RULES, *form_summary.RULES)
RULES: dict[str, Callable[[Book], Iterator[str]]] = {r.__name__: r for r in EVERY}


def departures(path: Path) -> list[str]:
    """Return one line for every departure of the notebook at ``path``."""
    book = Book(path)
    return [f"{name}: {line}" for name, rule in RULES.items() for line in rule(book)]


def main(names: list[str]) -> int:
    """Print the departures of the chosen notebooks; return 0 if there are none."""
    found = 0
    for path in find(names):
        for line in departures(path):
            print(f"{path.stem}: {line}")
            found += 1
    print(f"{found} departures from the form")
    return int(found > 0)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
