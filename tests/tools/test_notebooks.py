"""Every notebook keeps the form that all lessons share (helpers/tools/form.py)."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest

from helpers.course.lessons import PLAN
from helpers.tools.book import ROOT, Book, find
from helpers.tools.form import RULES
from helpers.tools.notebooks import clean

NOTEBOOKS = find([])
README = (ROOT / "README.md").read_text(encoding="utf-8")
LESSON = re.compile(r"^\| *(\d\d) *\|(.+?)\|(.+?)\|", re.MULTILINE)
every_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
every_lesson = pytest.mark.parametrize(
    "path", [p for p in NOTEBOOKS if p.name > "01"], ids=lambda p: p.stem
)


def tagged(book: Book, tag: str) -> int:
    return sum(tag in cell.tags for cell in book.code)


def test_there_are_notebooks():
    assert NOTEBOOKS


@pytest.mark.parametrize("rule", RULES)
@every_notebook
def test_form(path: Path, rule: str):
    found = list(RULES[rule](Book(path)))
    assert not found, "\n".join(found)


@every_notebook
def test_stored_as_make_notebooks_stores_it(path: Path):
    text = path.read_text(encoding="utf-8")
    book = clean(nbformat.reads(text, as_version=4))
    assert (
        text == nbformat.writes(book, version=nbformat.NO_CONVERT).rstrip("\n") + "\n"
    )


@every_lesson
def test_a_lesson_asks_predicts_shows_and_can_be_checked(path: Path):
    book = Book(path)
    text = "\n".join(cell.text for cell in book.code)
    assert tagged(book, "exercise") >= 5
    assert len(re.findall(r"^predict\(", text, re.MULTILINE)) >= 3
    assert tagged(book, "widget") >= 1
    assert tagged(book, "nbval-check-output") >= 6


def test_the_readme_links_every_notebook_and_plans_the_others():
    linked = set()
    for number, title, state in LESSON.findall(README):
        target = re.search(r"\]\((notebooks/(\d\d)_\w+\.ipynb)\)", title)
        if target:
            assert target[2] == number
            linked.add(target[1])
        else:
            assert "planned" in state, f"lesson {number} is neither linked nor planned"
    assert linked == {f"notebooks/{path.name}" for path in NOTEBOOKS}


def test_the_readme_and_the_map_of_lesson_00_name_the_same_lessons():
    rows = {number: title for number, title, _ in LESSON.findall(README)}
    assert list(rows) == [name[:2] for name, _, _ in PLAN]
    for name, question, _ in PLAN:
        assert question in rows[name[:2]]


def test_the_readme_leads_somewhere():
    # ../../ leads to the pages that GitHub has beside the files of a repository.
    for target in re.findall(r"\]\((?!https?:|#|\.\./\.\./)([^)#]+)\)", README):
        assert (ROOT / target).exists(), target
