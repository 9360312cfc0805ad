"""An assignment, five submissions and the marks that nbgrader itself gives them."""

from __future__ import annotations

import csv
import os
import shutil
import subprocess
import sys
import sysconfig

import nbformat
import pytest

from helpers.tools import assignment as tool
from helpers.tools.book import ROOT

pytest.importorskip("nbgrader", reason="nbgrader is in the extras test and teach")

LOOP = "while True:\n        pass"
WRITTEN = {  # what each student writes into the two stubs; None: nothing
    "right": ("reference", "reference"),
    "partly": ("reference", "return T"),
    "untouched": (None, None),
    "deadly": ("import os; os._exit(1)", "reference"),
    "endless": ("reference", LOOP),
}
MARKS = {"right": 5, "partly": 3, "untouched": 0, "deadly": 0, "endless": 3}


def answer(stub, source, written):
    if written is None:
        return stub
    if written == "reference":
        return source
    head, dots, _ = stub.rpartition("...")
    assert dots
    return head + written


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A course folder in which five students have handed in lesson 03."""
    folder = tmp_path_factory.mktemp("course")
    line = ["03", "--short", "--exercises", "03.1,03.3", "--points", "2,03.1:3"]
    assert tool.main([*line, "--folder", str(folder)]) == 0
    nbgrader(folder, "generate_assignment", "lesson_03")
    name = "lesson_03/03_rnn_math.ipynb"
    source = nbformat.read(folder / "source" / name, as_version=4)
    for student, both in WRITTEN.items():
        book = nbformat.read(folder / "release" / name, as_version=4)
        stubs = [i for i, c in enumerate(book.cells) if solution(c)]
        for i, written in zip(stubs, both, strict=True):
            given = source.cells[i].source
            book.cells[i].source = answer(book.cells[i].source, given, written)
        target = folder / "submitted" / student / name
        target.parent.mkdir(parents=True)
        nbformat.write(book, target)
    return folder


def solution(cell):
    return cell.metadata.get("nbgrader", {}).get("solution")


def nbgrader(folder, *line):
    """Run nbgrader as a teacher does; return how it ended and what it said."""
    kept = {k: v for k, v in os.environ.items() if k != "UNROLLED_GRADING"}
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", *line],
        cwd=folder,
        env=kept
        | {
            # nbgrader calls alembic by its name, as if its environment were active
            "PATH": os.pathsep.join([sysconfig.get_path("scripts"), kept["PATH"]]),
            "PYTHONPATH": str(ROOT),
            "JUPYTER_PREFER_ENV_PATH": "1",
            "JUPYTER_CONFIG_DIR": str(folder / "config"),
            "IPYTHONDIR": str(folder / "ipython"),
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    )
    assert done.returncode == 0 or "autograde" in line, done.stdout[-3000:]
    return done.returncode, done.stdout


def test_students_get_the_lessons_stubs_and_no_solution(course):
    path = course / "release" / "lesson_03" / "03_rnn_math.ipynb"
    book = nbformat.read(path, as_version=4)
    lesson = nbformat.read(ROOT / "notebooks" / path.name, as_version=4)
    stubs = {c.id: c.source for c in lesson.cells}
    answers = [c for c in book.cells if solution(c)]
    assert len(answers) == 2
    assert all(c.source == stubs[c.id] for c in answers)
    assert "SOLUTION" not in path.read_text(encoding="utf-8")


def test_every_submission_gets_its_mark_and_none_stops_the_others(course):
    shutil.rmtree(course / "autograded", ignore_errors=True)
    code, said = nbgrader(course, "autograde", "lesson_03")
    assert code == 1, said[-3000:]  # for the one whose kernel died
    assert "Kernel died" in said
    nbgrader(course, "export")
    with (course / "grades.csv").open(encoding="utf-8") as file:
        rows = {row["student_id"]: row for row in csv.DictReader(file)}
    assert {name: float(row["score"]) for name, row in rows.items()} == MARKS
    assert {float(row["max_score"]) for row in rows.values()} == {5}
    name = "autograded/partly/lesson_03/03_rnn_math.ipynb"
    book = nbformat.read(course / name, as_version=4)
    said = [o for c in book.cells for o in c.get("outputs", ()) if "evalue" in o]
    assert ["✗ 03.3 — " in o.evalue for o in said] == [True]
    assert not (course / ".progress" / "progress.json").exists()
