"""The source of the book: stored notebooks, made ready for a page without a kernel."""

from __future__ import annotations

import html
import json
import re
import shutil
from pathlib import Path

from helpers.course.lessons import lesson_map
from helpers.exercises.engine.core import Prediction
from helpers.exercises.engine.registry import find
from helpers.site.questions import exercise_page, prediction_page
from helpers.tools.book import ROOT, Book, Cell

__all__ = ["EXPLORERS", "explorers", "write_source"]

EXPLORERS = "explorers"  # the folder of the site that holds a folder for each of them
NOTEBOOKS = ROOT / "notebooks"
PREDICT = re.compile(r'^predict\("([\w.]+)"\)\s*$', re.MULTILINE)
CHECK = re.compile(r'^check\("([\w.]+)"', re.MULTILINE)
LINK = re.compile(r'(href=["\'])([\w./-]+)\.ipynb')

FRONT = """# Unrolled

An interactive course on recurrent neural networks, from "what is a sequence problem?"
to attention, CTC and WaveNet. Every equation is derived, written as a few lines of
code, checked against an independent answer, and what is claimed is measured.

{table}

On these pages the figures move, the predictions answer and the hints open: nothing has
to be installed. What a page can't do is run your code. For that, and for the exercises,
the course is opened in JupyterLab on your own machine: `make lab`, as the README says.

The [glossary](glossary.md) has the terms in English and Korean. For teachers there are
[plans of the lessons](teaching.md) and [what a server for a class needs](hub.md).

{tree}
"""


def explorers(book: Book) -> list[Cell]:
    """Return the cells that end in an explorer: tagged `widget`, and no prediction."""
    tagged = [cell for cell in book.code if "widget" in cell.tags]
    return [cell for cell in tagged if not PREDICT.search(cell.text)]


def write_source(folder: Path, drawn: dict[str, dict], paths: list[Path]) -> None:
    """Fill a folder with what Sphinx builds the book from.

    drawn: for each explorer that has its frames, "03/explore-steps" → its index;
    one without keeps its stored picture. paths: the notebooks.
    """
    shutil.copytree(NOTEBOOKS / "media", folder / "media", dirs_exist_ok=True)
    for path in paths:
        raw = _page(Book(path), drawn)
        (folder / path.name).write_text(json.dumps(raw), encoding="utf-8")
    texts = sorted(NOTEBOOKS.glob("*.md"))
    for path in texts:
        shutil.copy(path, folder)
    titles = {row.file: f"{row.number} · {row.title}" for row in lesson_map().rows}
    names = [f"{titles.get(p.name, p.stem)} <{p.stem}>" for p in paths]
    names += [path.stem for path in texts]
    tree = "\n".join(["```{toctree}", ":hidden:", "", *names, "```"])
    front = FRONT.format(table=_table({path.stem for path in paths}), tree=tree)
    (folder / "index.md").write_text(front, encoding="utf-8")


def _table(stems: set[str]) -> str:
    rows = ["| lesson | question | minutes | builds on |", "|---|---|---|---|"]
    for row in lesson_map(NOTEBOOKS).rows:
        here = row.file and row.file.removesuffix(".ipynb") in stems
        title = f"[{row.title}]({row.file})" if here else row.title
        minutes = (row.minutes or "") if row.file else "later"
        rows.append(f"| {row.number} | {title} | {minutes} | {row.needs} |")
    return "\n".join(rows)


def _page(book: Book, drawn: dict[str, dict]) -> dict:
    """Return the raw notebook with every cell as the page shows it."""
    moving = {cell.id for cell in explorers(book)}
    cells = []
    for cell in book.cells:
        if cell.kind != "code":
            cells.append(cell.raw)
        elif asked := PREDICT.search(cell.text):
            item = find(asked[1], Prediction)
            cells.append(_markdown(cell, prediction_page(item)))
        else:
            index = drawn.get(f"{book.lesson}/{cell.id}") if cell.id in moving else None
            outputs = None
            if index:
                place = f"{EXPLORERS}/{book.lesson}/{cell.id}/"
                outputs = [_output(_explorer(index, place, cell.id), index["alt"])]
            checks = CHECK.findall(cell.text)
            cells.append(_code(cell, [] if checks else outputs))
            for id in checks:
                text = exercise_page(find(id), book.path.name)
                cells.append(_markdown(cell, text, f"-{id.replace('.', '-')}"))
    return {**book.raw, "cells": cells}


def _code(cell: Cell, outputs: list | None) -> dict:
    """Return a code cell with alt texts and links as Sphinx wants them.

    outputs: in place of the stored ones. What answers a prediction is folded.
    """
    raw = json.loads(json.dumps(cell.raw))
    raw["outputs"] = raw["outputs"] if outputs is None else outputs
    for output in raw["outputs"]:
        data = output.get("data", {})
        if "text/html" in data:
            data["text/html"] = LINK.sub(r"\1\2.html", "".join(data["text/html"]))
        alt = output.get("metadata", {}).get("image/png", {}).get("alt")
        if alt:
            raw["metadata"]["mystnb"] = {"image": {"alt": alt}}
    if raw["metadata"].get("jupyter", {}).get("outputs_hidden") and raw["outputs"]:
        raw["metadata"]["tags"] = [*cell.tags, "hide-output"]
    return raw


def _markdown(cell: Cell, text: str, more: str = "") -> dict:
    id = f"{cell.id}{more}"
    return {"cell_type": "markdown", "id": id, "metadata": {}, "source": text}


def _output(page: str, words: str) -> dict:
    data = {"text/html": page, "text/plain": words}
    return {"output_type": "display_data", "data": data, "metadata": {}}


def _explorer(index: dict, place: str, id: str) -> str:
    """Return the place on the page that a script brings to life when it is seen."""
    alt = html.escape(index["alt"], quote=True)
    if index["kind"] == "widget":
        return f'<div class="ur-widget" data-src="{place}"><p>{alt}</p></div>'
    start = "-".join(str(control["at"]) for control in index["controls"])
    first = index["pictures"][index["frames"][start][0]]
    width, height = index["size"]
    return (
        f'<div class="ur-live" id="setting-{id}" data-src="{place}">'
        f'<img src="{place}{first}" alt="{alt}"'
        f' width="{width}" height="{height}" loading="lazy" class="dark-light"></div>'
    )
