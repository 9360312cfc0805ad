"""make assignment: what is written for nbgrader, without nbgrader."""

from __future__ import annotations

import re

import nbformat
import pytest

from helpers.exercises.engine.core import Exercise
from helpers.exercises.engine.progress import load
from helpers.exercises.engine.registry import lesson_items
from helpers.exercises.engine.verdicts import CheckFailed
from helpers.tools import assignment as tool
from helpers.tools.assignment import assignment, points_of
from helpers.tools.book import Book, find
from helpers.tools.solved import solved

LESSONS = [path for path in find([]) if lesson_items(path.name[:2])[0]]
every_lesson = pytest.mark.parametrize("path", LESSONS, ids=lambda p: p.stem[:2])
RNN = next(path for path in LESSONS if path.name.startswith("03"))
REGION = re.compile(r"([ \t]*)### BEGIN SOLUTION\n.*?### END SOLUTION", re.DOTALL)


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("UNROLLED_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("UNROLLED_GRADING", raising=False)


def released(source):
    """A cell as nbgrader gives it to students, with our stub for a solution."""
    return REGION.sub(r"\1...", source)


def marked(book, role):
    return [c for c in book.cells if c.metadata.get("nbgrader", {}).get(role)]


def code(book):
    return [cell.source for cell in book.cells if cell.cell_type == "code"]


@every_lesson
def test_every_reference_scores_full_in_its_cell(path):
    book = assignment(path, short=True)
    room = {"__name__": "__main__"}
    for source in code(book):
        exec(source, room)
    ids = [item.id for item in lesson_items(path.name[:2])[0]]
    assert [c.metadata.nbgrader.grade_id for c in marked(book, "grade")] == [
        "check-" + id.replace(".", "-") for id in ids
    ]
    assert load()["exercises"] == {}  # a mark is no progress


@every_lesson
def test_what_is_released_is_the_lessons_own_stub(path):
    stubs = [c.text for c in Book(path).code if "exercise" in c.tags]
    answers = [released(c.source) for c in marked(assignment(path), "solution")]
    assert len(answers) == len(stubs)
    for stub, answer in zip(stubs, answers, strict=True):
        values = not re.search(r"^def ", stub, re.MULTILINE)
        assert answer == (f"{stub}\n..." if values else stub)


@every_lesson
def test_an_untouched_release_scores_nothing(path):
    book = assignment(path, short=True)
    room = {"__name__": "__main__"}
    for cell in book.cells:
        if cell.cell_type == "code" and cell not in marked(book, "grade"):
            exec(released(cell.source), room)
    for cell in marked(book, "grade"):
        with pytest.raises(CheckFailed, match="not attempted yet"):
            exec(cell.source, room)


@every_lesson
def test_a_whole_assignment_is_the_lesson_with_marks(path):
    before = path.read_bytes()
    book, lesson = assignment(path), Book(path)
    assert path.read_bytes() == before
    nbformat.validate(book)
    assert [c.id for c in book.cells] == [c.id for c in lesson.cells]
    assert not any(c.get("outputs") for c in book.cells)
    names = [
        c.metadata.nbgrader.grade_id for c in book.cells if "nbgrader" in c.metadata
    ]
    assert len(names) == len(set(names)) == 2 * len(marked(book, "grade"))
    others = [c for c in book.cells[1:] if "nbgrader" not in c.metadata]
    kept = {c.id: c.text for c in lesson.code}
    assert all(c.source == kept[c.id] for c in others if c.id in kept)
    prose = "\n".join(c.source for c in book.cells if c.cell_type == "markdown")
    assert not re.search(r"\]\((?![a-z]+:|#)", prose)  # no neighbour is handed out


def test_locks_points_and_the_chosen_exercises():
    book = assignment(RNN, ["03.1", "03.4"], {"03.4": 5})
    first, second = marked(book, "grade")
    assert first.metadata.nbgrader == {
        "schema_version": 3,
        "grade_id": "check-03-1",
        "grade": True,
        "locked": True,
        "solution": False,
        "task": False,
        "points": 1,
    }
    assert second.metadata.nbgrader.points == 5
    answer = marked(book, "solution")[0].metadata.nbgrader
    assert (answer.grade, answer.locked, answer.grade_id) == (
        False,
        False,
        "answer-03-1",
    )
    assert "To hand in, for 6 points." in book.cells[0].source
    assert 'check("03.2", last_states)\n' in "\n".join(code(book))  # as practice


def test_a_test_uses_the_courses_check_whatever_the_notebook_made_of_it():
    (test,) = marked(assignment(RNN, ["03.1"]), "grade")
    assert "solution(" not in test.source
    room = {"check": lambda *answers, **more: None, "my_step": lambda *args: 0}
    with pytest.raises(CheckFailed, match=r"03\.1"):
        exec(test.source, room)


def test_a_short_assignment_holds_what_its_exercises_name_and_no_more():
    text = "\n".join(code(assignment(RNN, ["03.4"], short=True)))
    assert "def softmax_cross_entropy(" in text
    assert "explore" not in text
    assert "def my_step(" not in text
    assert len(assignment(RNN, ["03.1"], short=True).cells) == 5


def by_its_own_name(n):
    return 1 if n == 0 else n * by_its_own_name(n - 1)


def told(n):
    """Return n + 1."""
    # a remark
    return n + 1


@pytest.mark.parametrize(
    ("reference", "stub", "value"),
    [
        (by_its_own_name, "def f(k):\n    ...", 24),
        (by_its_own_name, "def f(n):\n    ...", 24),
        (told, 'def f(n):\n    """Do."""\n    ...', 5),
        (told, "def f(k):\n    ...", 5),
    ],
)
def test_a_reference_fits_into_a_stub_of_another_name(reference, stub, value):
    text = solved(stub, Exercise("97.1", "t", print, reference), "f")
    room = {}
    exec(text, room)
    assert room["f"](4) == value
    assert released(text) == stub
    assert ("# a remark" in text) == (reference is told)


@pytest.mark.parametrize(
    ("text", "points"),
    [
        ("", {"a": 1, "b": 1}),
        ("2", {"a": 2, "b": 2}),
        ("2, b:5", {"a": 2, "b": 5}),
        ("b:5", {"a": 1, "b": 5}),
    ],
)
def test_points(text, points):
    assert points_of(text, ["a", "b"]) == points


def test_it_is_written_beside_a_config_that_is_never_overwritten(tmp_path, capsys):
    line = ["03", "--exercises", "03.1, 03.4", "--points", "2", "--folder"]
    assert tool.main([*line, str(tmp_path)]) == 0
    said = capsys.readouterr().out
    assert "2 exercises, 4 points" in said
    assert "nbgrader generate_assignment lesson_03" in said
    book = nbformat.read(tmp_path / "source/lesson_03/03_rnn_math.ipynb", as_version=4)
    assert len(marked(book, "grade")) == 2
    config = tmp_path / "nbgrader_config.py"
    assert "code_stub" in config.read_text()
    config.write_text("mine")
    assert tool.main([*line, str(tmp_path)]) == 0
    assert config.read_text() == "mine"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ([], "make assignment NB=03"),
        (["77"], "no notebook starts with '77'"),
        (["03", "--exercises", "04.1"], "no exercise '04.1' to hand in here: 03.1"),
        (["03", "--exercises", "03.1", "--points", "03.2:4"], "no exercise '03.2'"),
        (["03", "--points", "two"], "points: got 'two'"),
    ],
)
def test_what_cannot_be_made_is_one_line(line, said, tmp_path, capsys):
    assert tool.main([*line, "--folder", str(tmp_path / "a")]) == 1
    out = capsys.readouterr().out
    assert out.startswith("Not made: ")
    assert said in out
    assert out.count("\n") == 1
    assert not (tmp_path / "a").exists()


def test_git_ignores_what_is_made():
    assert tool.FOLDER.name + "/" in (tool.ROOT / ".gitignore").read_text().split()
