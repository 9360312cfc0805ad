"""Make a copy of a lesson to work in, which a new version of the course leaves alone.

    python -m helpers.tools.mine [03 01 ...]

The copies lie in the folder mine/, which git ignores; one that is there already stays
as it is.  Without numbers every lesson is copied.
"""

from __future__ import annotations

import argparse
import json
import re
from pathlib import Path

from helpers.tools.book import ROOT, find

__all__ = ["copy", "main"]

FOLDER = ROOT / "mine"
LINK = re.compile(r"""(\]\(|\b(?:src|href)=["'])(?![a-z]+:|[/#.])(?=[^)"'\s])""")


def copy(lesson: Path, folder: Path) -> bool:
    """Copy a lesson, your work in it too, into ``folder``; return whether it was made.

    Links and pictures lead on to the lesson's own neighbours.  A copy that is there
    already is left as it is.
    """
    target = folder / lesson.name
    book = json.loads(lesson.read_text(encoding="utf-8"))
    for cell in book["cells"]:
        if cell["cell_type"] == "markdown":
            source = cell["source"]
            lines = [source] if isinstance(source, str) else source
            there = f"../{lesson.parent.name}/"
            cell["source"] = [LINK.sub(rf"\g<1>{there}", line) for line in lines]
    text = json.dumps(book, indent=1, ensure_ascii=False) + "\n"
    folder.mkdir(exist_ok=True)
    try:
        with target.open("x", encoding="utf-8") as out:
            out.write(text)
    except FileExistsError:
        return False
    return True


def main(arguments: list[str] | None = None) -> int:
    """Copy the chosen lessons; return 0, or 1 after one line that says why not."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help="lesson numbers; all without")
    options = parser.parse_args(arguments)
    try:
        for lesson in find(options.names):
            made = copy(lesson, FOLDER)
            what = "is yours to work in" if made else "is there already and stays"
            print(f"{FOLDER.name}/{lesson.name} {what}.")
    except (OSError, ValueError) as error:
        print(f"Not copied: {error}.")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
