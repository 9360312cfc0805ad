"""The rules for what a notebook points to: files, headings, helpers and exercises."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from urllib.parse import unquote

from helpers.exercises.engine.registry import lesson_items, lessons
from helpers.tools.book import FENCED, ROOT, Book, Cell, headings

__all__ = ["RULES", "exercises", "exports", "folded", "links", "shape", "taught"]

LINK = re.compile(
    r"""\]\(\s*<?([^)>\s]+)>?(?:\s+"[^"]*")?\s*\)|\bhref\s*=\s*["']([^"']+)["']"""
)
CALL = re.compile(r"^\s*#?\s*(check|hint|solution|predict)\(\s*[\"']([^\"']+)", re.M)
ROOMS = ("exercises", "explore", "tools")
FOLDED = {  # an exercise: the cell below it that solves it
    "03.6": "unroll-back",
    "04.5": "clip-code",
    "05.3": "lstm-unroll-back",
    "05.6": "gru-unroll",
    "07.4": "train-lm",
    "07.6": "top-k",
    "07.7": "nucleus",
    "07.8": "beam-search",
    "08.4": "feed-code",
    "08.5": "schedules-code",
}


def links(book: Book) -> Iterator[str]:
    """Links to files and headings of the course lead somewhere."""
    for cell in book.prose:
        for found in LINK.finditer(FENCED.sub("", cell.text)):
            target = found[1] or found[2]
            if re.match(r"[a-z][a-z+.-]*:", target):
                continue
            name, _, anchor = unquote(target).partition("#")
            path = (book.path.parent / name).resolve() if name else book.path
            if not path.exists():
                yield f"{cell}: {target} leads to no file"
            elif anchor and anchor not in anchors(path):
                yield f"{cell}: {target} leads to no heading"


def anchors(path: Path) -> set[str]:
    """Return the anchors of a notebook or a Markdown file, as JupyterLab makes them."""
    if path.suffix == ".ipynb":
        text = "\n\n".join(cell.text for cell in Book(path).prose)
    elif path.suffix == ".md":
        text = path.read_text(encoding="utf-8")
    else:
        return set()
    shown = (re.sub(r"[*`]", "", title) for _, title in headings(text))
    named = re.findall(r"""<a\s+(?:id|name)=["']([^"']+)""", text)
    return {title.replace(" ", "-") for title in shown} | set(named)


def exports(book: Book) -> Iterator[str]:
    """What an export cell defines is the helpers' own source."""
    for cell in book.code:
        if "export" not in cell.tags:
            continue
        shown = definitions(cell.text)
        if not shown:
            yield f"{cell}: an export cell that defines nothing"
        for name, form in shown.items():
            homes = taught().get(name)
            if not homes:
                yield f"{cell}: {name} is in no module of helpers"
            elif form not in homes.values():
                yield f"{cell}: {name} differs from {', '.join(homes)}"


@lru_cache
def taught(root: Path = ROOT) -> dict[str, dict[str, str]]:
    """Return for every name that helpers define where, and in which shape."""
    found: dict[str, dict[str, str]] = {}
    for path in sorted((root / "helpers").rglob("*.py")):
        where = path.relative_to(root)
        if where.parts[1] in ROOMS:
            continue
        for name, form in definitions(path.read_text(encoding="utf-8")).items():
            found.setdefault(name, {})[where.as_posix()] = form
    return found


def definitions(text: str) -> dict[str, str]:
    """Return the shape of every function and class at the top of a source text."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    plain = re.sub(r"^[%!].*$", "", text, flags=re.MULTILINE)
    body = ast.parse(plain).body
    return {node.name: shape(node) for node in body if isinstance(node, kinds)}


def shape(node: ast.AST) -> str:
    """Return the syntax tree as text, without layout, docstrings and guards."""
    for part in ast.walk(node):
        body = getattr(part, "body", None)
        if isinstance(body, list) and body and isinstance(body[0], ast.Expr):
            first = body[0].value
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                part.body = body[1:]
        if isinstance(body, list):
            part.body = [line for line in part.body if not guard(line)]
    return ast.dump(node)


def guard(line: ast.AST) -> bool:
    """Tell whether a statement is a call of a guard, as helpers/guards.py has them."""
    call = line.value if isinstance(line, ast.Expr) else None
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name):
        return False
    return call.func.id.lstrip("_").startswith("want_")


def exercises(book: Book) -> Iterator[str]:
    """Stubs, checks and predictions are those that helpers.exercises hold."""
    held: dict[str, set[str]] = {"check": set(), "predict": set()}
    if book.lesson in lessons():
        tasks, guesses = lesson_items(book.lesson)
        held = {"check": {t.id for t in tasks}, "predict": {g.id for g in guesses}}
    held["hint"] = held["solution"] = held["check"]
    used: dict[str, list[str]] = {verb: [] for verb in held}
    for cell in book.code:
        for verb, id in CALL.findall(cell.text):
            used[verb].append(id)
            if id not in held[verb]:
                yield f"{cell}: {verb}({id!r}), which helpers.exercises do not hold"
    for verb, ids in held.items():
        for id in sorted(ids - set(used[verb])):
            yield f"{verb}({id!r}) is nowhere in the notebook"
    for cell in book.code:
        if "exercise" in cell.tags and not checked(book, cell):
            yield f"{cell}: a stub without a check after it"


def folded(book: Book) -> Iterator[str]:
    """The code of a cell that solves an exercise above it is folded, and said to be."""
    cells = {cell.id: cell for cell in book.cells}
    for task, id in FOLDED.items():
        cell = cells.get(id)
        if task[:2] != book.lesson:
            continue
        if cell is None:
            yield f"no cell {id!r}, which solves {task}"
        elif not cell.raw["metadata"].get("jupyter", {}).get("source_hidden"):
            yield f"{cell}: it solves {task}, and its code is open"
        elif "folded" not in [c for c in book.prose if c.index < cell.index][-1].text:
            yield f"{cell}: folded, and the text above it does not say so"


def checked(book: Book, stub: Cell) -> bool:
    """Return whether a stub, or one of the next two code cells, calls check."""
    after = [cell for cell in book.code if cell.index >= stub.index][:3]
    return any(verb == "check" for cell in after for verb, _ in CALL.findall(cell.text))


RULES = (links, exports, exercises, folded)
