"""Run the cells of a notebook that its explorers need, and export each of those.

python -m helpers.site.running NOTEBOOK CELL=FOLDER ...

It is a process of its own: what a notebook does to torch, NumPy or Matplotlib stays in
it. Trainings come from the course's cache where they have been run.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

from helpers.site.needed import needed
from helpers.tools.book import Book

__all__ = ["export_from", "main"]


def export_from(path: Path, folders: dict[str, Path], said=print) -> list[str]:
    """Run what some cells need; export what cell `id` shows to `folders[id]`.

    Should a cell miss what another one makes after all, every cell is run down to the
    last one asked for; none below one that fails even then. Returns what went wrong, a
    line for each cell.
    """
    book, left, wrong = Book(path), dict(folders), []
    wanted = {place for place, cell in enumerate(book.code) if cell.id in folders}
    few = needed([cell.text for cell in book.code], wanted)
    stopped = _run(book, few, left, wrong, said)
    if left and len(few) <= max(wanted):
        stopped = _run(book, range(max(wanted) + 1), left, wrong, said)
    return wrong + stopped


def _run(
    book: Book, places: Iterable[int], left: dict[str, Path], wrong: list[str], said
) -> list[str]:
    """Run the cells at some places; return a line on the one that fails, if any.

    What is exported leaves `left`; what can't be, too, with a line in `wrong`.
    """
    from IPython.core.interactiveshell import InteractiveShell
    from matplotlib import pyplot as plt
    from traitlets.config import Config

    from helpers.site.frames import export

    no_history = Config({"HistoryManager": {"enabled": False}})
    shell = InteractiveShell.instance(config=no_history)
    for cell in (book.code[place] for place in places):
        name = f"{book.path.name}, {cell}"
        with _silence():
            done = shell.run_cell(cell.text, store_history=False)
        plt.close("all")
        error = done.error_before_exec or done.error_in_exec
        if error:
            return [f"{name}: {type(error).__name__}: {error}"]
        if cell.id in left:
            began = time.perf_counter()
            try:
                index = export(done.result, left.pop(cell.id))
            except Exception as error:
                wrong.append(f"{name}: {type(error).__name__}: {error}")
                continue
            drawn = len(index.get("frames", ()))
            said(f"{cell.id}: {drawn} in {time.perf_counter() - began:.1f} s")
    return []


@contextlib.contextmanager
def _silence():
    """Say nothing of what a cell prints or shows."""
    with (
        contextlib.redirect_stdout(io.StringIO()),
        contextlib.redirect_stderr(io.StringIO()),
    ):
        yield


def main(arguments: list[str]) -> int:
    """Export from one notebook, away from the learner's own progress."""
    path = Path(arguments[0]).resolve()
    folders = dict(pair.split("=", 1) for pair in arguments[1:])
    folders = {id: Path(folder).resolve() for id, folder in folders.items()}
    with tempfile.TemporaryDirectory(prefix="unrolled-site-") as scratch:
        os.environ |= {
            "MPLBACKEND": "agg",
            "UNROLLED_HOME": str(Path(scratch, "home")),
            "IPYTHONDIR": str(Path(scratch, "ipython")),
        }
        os.chdir(path.parent)
        wrong = export_from(path, folders, lambda text: print(text, flush=True))
    print(*wrong, sep="\n", file=sys.stderr)
    return int(bool(wrong))


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
