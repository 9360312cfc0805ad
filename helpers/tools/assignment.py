"""Make an assignment for nbgrader from a lesson, which stays as it is.

    python -m helpers.tools.assignment 03 [--exercises 03.1,03.4] [--points 2,03.4:5]

The source notebook lands in assignments/source/lesson_03, a folder that git ignores:
each chosen stub is a solution cell that holds the reference, and the check after it a
locked test with its points. nbgrader takes the solutions out of what students get.
"""

from __future__ import annotations

import argparse
import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from helpers.exercises.engine.core import Exercise
from helpers.exercises.engine.registry import lesson_items
from helpers.tools.book import ROOT, find
from helpers.tools.notebooks import clean, write
from helpers.tools.solved import names, solved, source

__all__ = ["assignment", "main", "points_of"]

FOLDER = ROOT / "assignments"
CHECK = re.compile(r'^check\("(\d\d\.\d+)", *(.+)\)$', re.MULTILINE)
NEIGHBOUR = re.compile(r"(?<!!)\[([^\]]+)\]\((?![a-z]+:|#)[^)]*\)")
CONFIG = '''\
"""What nbgrader reads when it is started in this folder."""

import os
from pathlib import Path

c = get_config()  # noqa: F821
c.CourseDirectory.root = str(Path(__file__).resolve().parent)
c.ClearSolutions.code_stub = {"python": "..."}  # a stub is what the lessons know
c.Execute.timeout = 120  # seconds for a cell; an endless loop costs no more

# What a submission does is no progress of yours.
os.environ["UNROLLED_HOME"] = str(Path(__file__).resolve().parent / ".progress")
'''


def assignment(
    path: Path,
    exercises: Iterable[str] = (),
    points: dict[str, int] | None = None,
    short: bool = False,
) -> NotebookNode:
    """Return the lesson at `path` as a source notebook of nbgrader, without outputs.

    exercises: ids of those that count, all of the lesson's without; points: {id: n}, 1
    each without. short: only the exercises and the definitions that they name.
    Raises ValueError for an exercise that the lesson does not have.
    """
    book = nbformat.read(path, as_version=4)
    known = {item.id: item for item in lesson_items(path.name[:2])[0]}
    wanted, points = tuple(exercises) or tuple(known), points or {}
    for chosen, there in ((wanted, known), (points, wanted)):
        if strange := [id for id in chosen if id not in there]:
            have = ", ".join(there) or "there are none"
            raise ValueError(f"no exercise {strange[0]!r} to hand in here: {have}")
    kept = {0}  # the places of what a short assignment holds
    for stub, test, id, answer in pairs(book.cells):
        if id not in wanted:
            continue
        if short:
            kept |= {*prompt(book.cells, stub), stub, test}
            kept |= definitions(book.cells, stub, known[id])
        first, last = book.cells[stub], book.cells[test]
        first.source = solved(first.source, known[id], answer)
        first.metadata["nbgrader"] = marks(f"answer-{id}", solution=True)
        last.source = tested(id, answer)
        worth = points.get(id, 1)
        last.metadata["nbgrader"] = marks(f"check-{id}", grade=True, points=worth)
    book.cells[0] = first_page(book.cells[0], sum(points.get(id, 1) for id in wanted))
    if short:
        book.cells = [cell for i, cell in enumerate(book.cells) if i in kept]
    for cell in book.cells:
        if cell.cell_type == "markdown":
            cell.source = NEIGHBOUR.sub(r"\1", cell.source)
        else:
            cell.outputs = []
    return clean(book)


def pairs(cells: list[NotebookNode]) -> Iterator[tuple[int, int, str, str]]:
    """Yield (place of the stub, of its check, the exercise's id, what is checked)."""
    stub = None
    for i, cell in enumerate(cells):
        if "exercise" in cell.metadata.get("tags", ()):
            stub = i
        found = CHECK.search(cell.source) if cell.cell_type == "code" else None
        if found and stub is not None:
            yield stub, i, *found.groups()
            stub = None


def marks(name: str, **more: object) -> dict:
    """Return nbgrader's metadata of a cell: a solution, or a locked test."""
    roles = {"grade": False, "solution": False, "locked": "grade" in more}
    grade_id = name.replace(".", "-")
    return {"schema_version": 3, "grade_id": grade_id, "task": False, **roles, **more}


def tested(id: str, answer: str) -> str:
    """Return the test: whatever the notebook made of `check`, it is the course's."""
    return (
        f'from helpers.exercises import check\n\ncheck("{id}", {answer}, graded=True)'
    )


def first_page(cell: NotebookNode, total: int) -> NotebookNode:
    """Return the lesson's first cell with what one who hands it in should know."""
    cell.source += (
        f"\n\n**To hand in, for {total} point{'s' * (total != 1)}.** Replace the `...` "
        "of each exercise that counts, run the cell, then the check after it, which is "
        "locked and will be run again when the work is graded. `hint` with the number "
        "of an exercise, in a cell of your own, helps."
    )
    return cell


def prompt(cells: list[NotebookNode], stub: int) -> Iterator[int]:
    """Yield the places of the cells from an exercise's heading to its stub."""
    for i in range(stub - 1, -1, -1):
        yield i
        if cells[i].source.startswith("###"):
            return


def definitions(cells: list[NotebookNode], stub: int, exercise: Exercise) -> set[int]:
    """Return the places of the cells that define what an exercise names.

    Only cells of imports, functions and classes, the lesson's set-up among them; and
    none that defines the reference itself.
    """
    reference = exercise.reference
    asked = " ".join(cells[i].source for i in prompt(cells, stub))
    need = set(re.findall(r"\w+", asked + cells[stub].source))
    own = {getattr(reference, "__name__", "")}
    need |= names(source(reference)) if callable(reference) else set()
    found = set()
    for i in range(stub - 1, 0, -1):
        made = defined(cells[i])
        if made and not made & own and (made & need or "setup" in made):
            found.add(i)
            need |= names(cells[i].source)
    return found


def defined(cell: NotebookNode) -> set[str]:
    """Return the names that a cell of nothing but definitions defines, or nothing."""
    if cell.cell_type != "code" or "exercise" in cell.metadata.get("tags", ()):
        return set()
    made, kinds = set(), (ast.FunctionDef, ast.ClassDef)
    for node in ast.parse(re.sub(r"^[%!].*$", "", cell.source, flags=re.M)).body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            made |= {a.asname or a.name.partition(".")[0] for a in node.names}
        elif isinstance(node, kinds):
            made.add(node.name)
        elif ast.unparse(node) != "setup()":
            return set()
    return made


def points_of(text: str, exercises: Iterable[str]) -> dict[str, int]:
    """Return {id: points} of "2" (for each of `exercises`) or of "2,03.4:5"."""
    every, single = 1, {}
    for part in filter(None, text.replace(" ", "").split(",")):
        id, _, number = part.rpartition(":")
        if not number.isdigit():
            raise ValueError(f"points: got {part!r}, want a number, or one as 03.4:5")
        if id:
            single[id] = int(number)
        else:
            every = int(number)
    return dict.fromkeys(exercises, every) | single


def main(arguments: list[str] | None = None) -> int:
    """Write the assignment; return 0, or 1 after one line that says why not."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("lesson", nargs="?", default="", help="its number, as 03")
    parser.add_argument("--exercises", default="", help="03.1,03.4; all without")
    parser.add_argument("--points", default="1", help="2, or 2,03.4:5; 1 without")
    parser.add_argument("--short", action="store_true", help="only the exercises")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="nbgrader's course")
    options = parser.parse_args(arguments)
    try:
        if not options.lesson:
            raise ValueError("name the lesson: make assignment NB=03")
        (path,) = find([options.lesson])[:1]
        chosen = [id for id in options.exercises.replace(" ", "").split(",") if id]
        chosen = chosen or [item.id for item in lesson_items(path.name[:2])[0]]
        points = points_of(options.points, chosen)
        book = assignment(path, chosen, points, options.short)
        target = options.folder / "source" / f"lesson_{path.name[:2]}" / path.name
        target.parent.mkdir(parents=True, exist_ok=True)
        write(book, target)
        config = options.folder / "nbgrader_config.py"
        if not config.exists():
            config.write_text(CONFIG, encoding="utf-8")
    except (OSError, ValueError) as error:
        print(f"Not made: {error}.")
        return 1
    print(f"{target}: {len(chosen)} exercises, {sum(points.values())} points.")
    name = target.parent.name
    print(f"Next, in {options.folder}: nbgrader generate_assignment {name}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
