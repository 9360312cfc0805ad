"""Make a copy of a lesson to work in, which a new version of the course leaves alone.

    python -m helpers.tools.mine [03 01 ...]

The copies lie in the folder mine/, which git ignores; one that is there already stays
as it is.  If the lesson has changed since, what it holds now goes into another copy,
"03_… (2).ipynb".  Without numbers every lesson is copied.
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import json
import re
from pathlib import Path

from helpers.tools.book import ROOT, find

__all__ = ["copy", "main"]

FOLDER = ROOT / "mine"
LINK = re.compile(r"""(\]\(|\b(?:src|href)=["'])(?![a-z]+:|[/#.])(?=[^)"'\s])""")


def copy(lesson: Path, folder: Path) -> Path | None:
    """Copy a lesson, your work in it too, into ``folder``; return the copy's path.

    Links and pictures lead on to the lesson's own neighbours.  No copy that is there is
    overwritten; None if one of them was made from what the lesson holds now.
    """
    book = json.loads(lesson.read_text(encoding="utf-8"))
    seen = hashlib.sha256(json.dumps(book).encode()).hexdigest()
    book["metadata"]["unrolled"] = {"copy_of": seen}
    for cell in book["cells"]:
        if cell["cell_type"] == "markdown":
            source = cell["source"]
            lines = [source] if isinstance(source, str) else source
            there = f"../{lesson.parent.name}/"
            cell["source"] = [LINK.sub(rf"\g<1>{there}", line) for line in lines]
    text = json.dumps(book, indent=1, ensure_ascii=False) + "\n"
    folder.mkdir(exist_ok=True)
    for n in itertools.count(1):
        more = f" ({n})" if n > 1 else ""
        target = folder / f"{lesson.stem}{more}.ipynb"
        try:
            with target.open("x", encoding="utf-8") as out:
                out.write(text)
            return target
        except FileExistsError:
            if _origin(target) == seen:
                return None


def _origin(target: Path) -> str | None:
    """Return the digest of the lesson that a copy was made from; None if unknown."""
    try:
        book = json.loads(target.read_text(encoding="utf-8"))
        return book["metadata"]["unrolled"]["copy_of"]
    except (OSError, ValueError, KeyError, TypeError):
        return None


def main(arguments: list[str] | None = None) -> int:
    """Copy the chosen lessons; return 0, or 1 after one line that says why not."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help="lesson numbers; all without")
    options = parser.parse_args(arguments)
    failed = 0
    try:
        for lesson in find(options.names):
            try:
                made = copy(lesson, FOLDER)
            except json.JSONDecodeError as error:
                print(f"Not copied: {lesson.name} is damaged, no notebook: {error}.")
                failed = 1
                continue
            name = f"{FOLDER.name}/{(made or lesson).name}"
            if made is None:
                print(f"{name} is there already and stays.")
            elif made.name == lesson.name:
                print(f"{name} is yours to work in.")
            else:
                print(f"{name} is what the lesson holds now; your other copies stay.")
    except (OSError, ValueError) as error:
        print(f"Not copied: {error}.")
        return 1
    return failed


if __name__ == "__main__":
    raise SystemExit(main())
