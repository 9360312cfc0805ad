"""The rules for what a notebook stores: one clean run, fit for a reader on the web."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import nbformat

from helpers.tools.book import ALT, IMAGE, LOADED, Book, Cell

__all__ = ["RULES", "answers", "clean", "hidden", "one_run", "pictured", "valid"]

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
FORBIDDEN = {
    r"(?:/root|/home|/Users|/tmp|/opt|/usr|/work)/\w|[A-Z]:\\\\|site-packages": (
        "a path of one machine"
    ),
    r"(?:<|\b)[\w.]+[^<>\n]{0,80} at 0x[0-9a-f]{4,}": "an object's address",
    r"\d+%\||\d+(?:\.\d+)?(?:it/s|s/it)": "a progress bar",
    r"^\"?\w+\((?:value=|children=|layout=|description=)": "a widget's repr",
}


def valid(book: Book) -> Iterator[str]:
    """The file is nbformat 4.5 with the course's kernel and no widget state."""
    try:
        nbformat.validate(book.raw)
    except nbformat.ValidationError as error:
        yield f"not a valid notebook: {str(error).splitlines()[0]}"
    minor = (book.raw.get("nbformat"), book.raw.get("nbformat_minor"))
    if minor != (4, 5):
        yield f"nbformat {minor}, not 4.5"
    kept = book.raw.get("metadata", {})
    if kept.get("kernelspec", {}).get("name") != "python3":
        yield "the kernel is not python3"
    if "widgets" in kept:
        yield "the state of widgets is stored"
    if "version" in kept.get("language_info", {}):
        yield "the version of one machine's Python is stored"


def one_run(book: Book) -> Iterator[str]:
    """The counts are those of one run from top to bottom, and nothing failed."""
    counts = [cell.raw.get("execution_count") for cell in book.code]
    for wanted, (cell, count) in enumerate(zip(book.code, counts, strict=True), 1):
        if count != wanted:
            yield f"{cell}: not from one run: count {count} where {wanted} is due"
            break
    for cell in book.code:
        for output in cell.outputs:
            if output["output_type"] == "error":
                yield f"{cell}: {output['ename']} is stored"
            elif output.get("name") == "stderr":
                yield f"{cell}: a warning is stored: {joined(output['text'])[:60]!r}"


def clean(book: Book) -> Iterator[str]:
    """No widget views, timings, paths, addresses or web addresses are stored."""
    for cell in book.cells:
        for key in ("execution", "ExecuteTime", "collapsed"):
            if key in cell.raw.get("metadata", {}):
                yield f"{cell}: the metadata keeps {key!r}"
        for kind, text in texts(cell):
            if kind == WIDGET_VIEW:
                yield f"{cell}: a widget view, dead for a reader"
                continue
            for pattern, what in FORBIDDEN.items():
                if found := re.search(pattern, text, re.MULTILINE):
                    yield f"{cell}: {what} in {kind}: {found[0][:60]}"
            if kind == "text/html" and (found := LOADED.search(text)):
                yield f"{cell}: loads from the web: {found[0][:60]}"


def pictured(book: Book) -> Iterator[str]:
    """Every explorer leaves something to see, and its pictures say what it is."""
    for cell in book.code:
        kinds = {kind for kind, _ in texts(cell)}
        if "widget" in cell.tags and not kinds & {"image/png", "text/html"}:
            yield f"{cell}: an explorer of which a reader sees nothing"
        for output in cell.outputs:
            said = output.get("metadata", {}).get("image/png", {}).get("alt", "")
            if "image/png" in output.get("data", {}) and len(said.split()) < 3:
                yield f"{cell}: a figure without alternative text; use plots.show"
        for kind, text in texts(cell):
            if kind != "text/html":
                continue
            for image in IMAGE.finditer(text):
                if image[2] is not None and not ALT.search(image[2]):
                    yield f"{cell}: a picture without alternative text"


def hidden(book: Book) -> Iterator[str]:
    """What answers a prediction is collapsed in JupyterLab until its cell is run."""
    answering = {cell["id"] for cell in answers(book.raw["cells"])}
    for cell in book.code:
        folded = cell.raw["metadata"].get("jupyter", {}).get("outputs_hidden")
        if cell.id in answering and not folded:
            yield f"{cell}: it answers a prediction, and what it stores is open"
        if cell.id not in answering and "answer" in cell.tags:
            yield f"{cell}: tagged as an answer, and it answers no prediction"


def answers(cells: list[dict]) -> list[dict]:
    """Return for each prediction the cells that store what answers it.

    cells: as nbformat has them. Those tagged `answer` before the next prediction; if
    none is, the first one that stores something. Checks and explorers are passed over.
    """
    found: list[list[dict]] = []
    for cell in cells:
        text, tags = joined(cell["source"]), cell["metadata"].get("tags", [])
        if text.startswith("predict("):
            found.append([])
            continue
        apart = "widget" in tags or text.startswith("check(")
        if found and cell.get("outputs") and not apart:
            found[-1].append(cell)
    told = [[c for c in some if tagged(c)] or some[:1] for some in found]
    return [cell for some in told for cell in some]


def tagged(cell: dict) -> bool:
    """Return whether a cell says that it answers the prediction above it."""
    return "answer" in cell["metadata"].get("tags", [])


def texts(cell: Cell) -> Iterator[tuple[str, str]]:
    """Yield (kind, text) of everything that a cell has stored; pictures are empty."""
    for output in cell.outputs:
        if output["output_type"] == "stream":
            yield output["name"], joined(output["text"])
        for kind, data in output.get("data", {}).items():
            yield kind, "" if kind.startswith("image/png") else joined(data)


def joined(text: str | list[str] | dict) -> str:
    """Return a stored text in one piece."""
    if isinstance(text, list):
        return "".join(text)
    return text if isinstance(text, str) else json.dumps(text)


RULES = (valid, one_run, clean, pictured, hidden)
