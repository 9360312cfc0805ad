"""Run notebooks top to bottom in a fresh kernel and store clean outputs.

python -m helpers.tools.notebooks [03 01 ...] [--check]

Without numbers every notebook is run.  ``--check`` runs and writes nothing.
A notebook is written only if no cell failed and nothing was said on stderr; what
departs from the lessons' form is listed below its name.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat import NotebookNode

from helpers.tools.book import ROOT, find
from helpers.tools.form import departures
from helpers.tools.form_outputs import answers

__all__ = ["RunError", "clean", "execute", "main", "write"]

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
PROGRESS = re.compile(r"\d+%\||\d+(it|\?)? \[\d\d:\d\d|[\d.?]+\s?(it/s|s/it)")
ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
SCRATCH_KEYS = ("execution", "ExecuteTime", "collapsed", "scrolled", "widgets")
KERNELSPEC = {
    "display_name": "Python 3 (ipykernel)",
    "language": "python",
    "name": "python3",
}
LANGUAGE = {
    "codemirror_mode": {"name": "ipython", "version": 3},
    "file_extension": ".py",
    "mimetype": "text/x-python",
    "name": "python",
    "nbconvert_exporter": "python",
    "pygments_lexer": "ipython3",
}


class RunError(Exception):
    """A notebook that cannot be stored, with the cell and the reason in one line."""


def execute(path: Path, *, timeout: int = 300) -> NotebookNode:
    """Return the notebook at ``path`` after one run in a fresh kernel.

    The run sees an empty progress file, as a new learner would, and starts in the
    notebook's folder.  Raises RunError naming the first cell that failed.
    """
    book = nbformat.read(path, as_version=4)
    with tempfile.TemporaryDirectory(prefix="unrolled-run-") as scratch:
        client = NotebookClient(
            book,
            timeout=timeout,
            kernel_name="python3",
            store_widget_state=False,
            record_timing=False,
            allow_errors=True,
            coalesce_streams=True,
            extra_arguments=["--log-level=ERROR"],
            resources={"metadata": {"path": str(path.parent)}},
        )
        kept = dict(os.environ)
        os.environ |= {
            "JUPYTER_PREFER_ENV_PATH": "1",
            "IPYTHONDIR": str(Path(scratch, "ipython")),
            "UNROLLED_HOME": str(Path(scratch, "home")),
        }
        try:
            client.reset_execution_trackers()
            with client.setup_kernel():
                for index, cell in enumerate(book.cells):
                    run_cell(client, cell, index, timeout)
        except DeadKernelError:
            raise RunError("the kernel died") from None
        finally:
            os.environ.clear()
            os.environ.update(kept)
    return book


def run_cell(client: NotebookClient, cell: NotebookNode, index: int, timeout: int):
    """Run one cell; raise RunError if it fails, stalls or warns."""
    where = f"cell {index} ({cell.get('id', 'no id')})"
    try:
        client.execute_cell(cell, index)
    except CellTimeoutError:
        raise RunError(f"{where}: no end after {timeout} s") from None
    for output in cell.get("outputs", []):
        if output.output_type == "error":
            value = ANSI.sub("", output.evalue).strip()
            raise RunError(f"{where}: {output.ename}: {value}")
        said = without_progress(output.text) if is_stderr(output) else ""
        if said:
            raise RunError(f"{where}: said on stderr: {said}")


def is_stderr(output: NotebookNode) -> bool:
    """Return whether an output is a piece of the standard error stream."""
    return output.output_type == "stream" and output.name == "stderr"


def without_progress(text: str) -> str:
    """Return what is left of a stream once progress bars are taken out."""
    pieces = (ANSI.sub("", piece).strip() for piece in re.split(r"[\r\n]", text))
    return "\n".join(p for p in pieces if p and not PROGRESS.search(p))


def clean(book: NotebookNode) -> NotebookNode:
    """Return the notebook (changed in place) with only what a reader should find.

    Widget views, widget state, progress bars and timings go; pictures, HTML, text,
    cell ids and tags stay; counts are 1..n.  What answers a prediction is collapsed in
    JupyterLab until its cell is run.  Cleaning twice changes nothing more.
    """
    book.metadata = NotebookNode(kernelspec=KERNELSPEC, language_info=LANGUAGE)
    count = 0
    for cell in book.cells:
        for key in SCRATCH_KEYS:
            cell.metadata.pop(key, None)
        if cell.get("attachments") == {}:
            del cell["attachments"]
        if cell.cell_type != "code":
            continue
        cell.outputs = merge([o for o in map(clean_output, cell.outputs) if o])
        count += bool(cell.source.strip())
        cell.execution_count = count if cell.source.strip() else None
        for output in cell.outputs:
            if output.output_type == "execute_result":
                output.execution_count = cell.execution_count
    for cell in answers(book.cells):
        cell.metadata.setdefault("jupyter", {})["outputs_hidden"] = True
    return book


def clean_output(output: NotebookNode) -> NotebookNode | None:
    """Return one output fit to be stored, or None if nothing of it is."""
    if is_stderr(output):
        return None
    if "data" not in output:
        return output
    widget = output.data.pop(WIDGET_VIEW, None)
    output.get("metadata", {}).pop(WIDGET_VIEW, None)
    text = output.data.get("text/plain", "")
    if set(output.data) <= {"text/plain"} and PROGRESS.search(text):
        return None
    if widget and set(output.data) <= {"text/plain"} and not text.strip():
        return None
    return output if output.data else None


def merge(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """Return the outputs with adjacent pieces of one stream joined."""
    joined: list[NotebookNode] = []
    for output in outputs:
        last = joined[-1] if joined else None
        if output.output_type == "stream" and last and last.get("name") == output.name:
            last.text += output.text
        else:
            joined.append(output)
    return joined


def write(book: NotebookNode, path: Path) -> None:
    """Store the notebook in nbformat's own layout; the file is whole at any moment."""
    nbformat.validate(book)
    text = nbformat.writes(book, version=nbformat.NO_CONVERT)
    part = path.with_name(f".{path.name}.part")
    part.write_text(text.rstrip("\n") + "\n", encoding="utf-8")
    part.replace(path)


def main(arguments: list[str] | None = None) -> int:
    """Run the chosen notebooks; return 0 if all of them ended well."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help="lesson numbers; all without")
    parser.add_argument("--check", action="store_true", help="run, but write nothing")
    parser.add_argument("--timeout", type=int, default=300, help="seconds for a cell")
    options = parser.parse_args(arguments)
    try:
        paths = find(options.names)
    except ValueError as error:
        parser.error(str(error))
    failed = 0
    for path in paths:
        if not options.check:
            tidy = [sys.executable, "-m", "ruff", "format", "--quiet", str(path)]
            subprocess.run(tidy, check=False, cwd=ROOT)
        start = time.perf_counter()
        try:
            book = clean(execute(path, timeout=options.timeout))
        except RunError as error:
            failed += 1
            print(f"{path.stem}: NOT STORED - {error}", flush=True)
            continue
        if not options.check:
            write(book, path)
        took, size = time.perf_counter() - start, path.stat().st_size // 1000
        what = "runs clean" if options.check else f"stored, {size} kB"
        print(f"{path.stem}: {what}, {took:.0f} s", flush=True)
        for line in departures(path):
            print(f"  {line}", flush=True)
    return int(failed > 0)


if __name__ == "__main__":
    raise SystemExit(main())
