"""Frames are kept in the course's cache; drawn anew where their code has changed."""

from __future__ import annotations

import ast
import hashlib
import json
import re
import shutil
import sys
import tempfile
from functools import lru_cache
from importlib import metadata
from pathlib import Path

from helpers.cache import cache_folder
from helpers.site.frames import FORM
from helpers.tools.book import ROOT, Book, Cell

__all__ = ["imported", "keep", "key_of", "place_of", "read"]

HOUSE = ROOT / "helpers"
DATA = {".js", ".css", ".json", ".txt", ".csv", ".mplstyle"}
EXPERIMENTS = "helpers.experiments"  # knows all tables by name
RESULTS = HOUSE / "experiments" / "results"
LIBRARIES = ("anywidget", "matplotlib", "numpy", "pillow", "torch")
DRAWS = ("helpers.site.frames", "helpers.site.plan", "helpers.site.running")


def key_of(book: Book, cell: Cell) -> str:
    """Return what the frames of an explorer are kept under.

    It changes with the code of the cells down to the explorer's, with that of every
    module of ours that they import, at any depth, with the files in these rooms and
    with the libraries; not with prose, comments or layout, nor with what stands below.
    """
    code = [c.text for c in book.code if c.index <= cell.index]
    modules = imported(code)
    parts = [FORM, cell.id, sys.version_info[:2], *map(metadata.version, LIBRARIES)]
    parts += [_plain(text) for text in code]
    for path in [*map(_file, sorted(modules)), *_data(modules, code)]:
        parts += [path.relative_to(ROOT).as_posix(), _digest(path)]
    return hashlib.sha1(repr(parts).encode()).hexdigest()


def imported(code: list[str]) -> set[str]:
    """Return the modules of ours that these texts import, and what those import."""
    found, todo = set(), [*DRAWS]
    todo += [name for text in code for name in _imports(_plain(text))]
    while todo:
        name = todo.pop()
        if name not in found and _file(name):
            found.add(name)
            todo += _imports(_file(name).read_text(encoding="utf-8"))
            todo += [name.rpartition(".")[0]] * ("." in name)
    return found


def place_of(key: str, spare: Path) -> Path:
    """Return the folder of the frames under `key`; below `spare` without a cache."""
    return (cache_folder() or spare) / "frames" / key


def read(place: Path) -> dict | None:
    """Return the index of the frames kept at a place; None if they are not whole."""
    try:
        index = json.loads((place / "index.json").read_text(encoding="utf-8"))
        whole = all((place / file).is_file() for file in index.get("pictures", ()))
    except (OSError, ValueError, AttributeError):
        return None
    return index if whole and index.get("form") == FORM else None


def keep(made: Path, place: Path) -> None:
    """Move finished frames to their place, whole at any moment."""
    place.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=place.parent) as beside:
        copied = shutil.copytree(made, Path(beside, "frames"))
        shutil.rmtree(place, ignore_errors=True)
        copied.rename(place)


def _plain(text: str) -> str:
    """Return code without comments and layout; as it is if it can't be read."""
    try:
        return ast.unparse(ast.parse(text))
    except SyntaxError:
        return text


@lru_cache(None)
def _imports(text: str) -> list[str]:
    """Return the names of our own modules that a text may import."""
    try:
        nodes = [*ast.walk(ast.parse(text))]
    except SyntaxError:
        return []
    names = [a.name for n in nodes if isinstance(n, ast.Import) for a in n.names]
    for node in nodes:
        if isinstance(node, ast.ImportFrom) and node.module:
            names += [node.module, *(f"{node.module}.{a.name}" for a in node.names)]
    return [name for name in names if name.partition(".")[0] == "helpers"]


@lru_cache(None)
def _file(name: str) -> Path | None:
    place = ROOT.joinpath(*name.split("."))
    files = [place.with_suffix(".py"), place / "__init__.py"]
    return next((path for path in files if path.is_file()), None)


def _data(modules: set[str], code: list[str]) -> list[Path]:
    """Return the files of data in the rooms of the modules; of results, those named."""
    folders = {_file(name).parent for name in modules}
    files = {path for folder in folders for path in _below(folder)}
    outside = [_file(name) for name in modules if not name.startswith(EXPERIMENTS)]
    texts = [*code, *(path.read_text(encoding="utf-8") for path in outside)]
    named = {word for text in texts for word in re.findall(r"['\"](\w+)['\"]", text)}
    return sorted(p for p in files if RESULTS not in p.parents or p.stem in named)


@lru_cache(None)
def _below(folder: Path) -> list[Path]:
    deep = folder.glob("*") if folder == HOUSE else folder.rglob("*")
    return [path for path in deep if path.suffix in DATA and path.is_file()]


@lru_cache(None)
def _digest(path: Path) -> str:
    if path.suffix == ".py":
        text = _plain(path.read_text(encoding="utf-8"))
        return hashlib.sha1(text.encode()).hexdigest()
    return hashlib.sha1(path.read_bytes()).hexdigest()
