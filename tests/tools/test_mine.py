"""make mine: a copy of a lesson to work in, which nothing overwrites."""

from __future__ import annotations

import json
import re
import subprocess

import nbformat
import pytest

from helpers.tools import mine, notebooks
from helpers.tools.book import ROOT, find

LESSONS = find([])


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A course in a folder of its own, with the picture that its lesson shows."""
    lessons = tmp_path / "notebooks"
    (lessons / "media").mkdir(parents=True)
    (lessons / "media" / "a.png").write_text("")
    text = (
        "[on](04_b.ipynb) ![a](media/a.png) <img src='media/a.png'> [w](https://x.y)\n"
        "[up](../README.md) [here](#top) [m](mailto:a) [x](attachment:x.png) f[0](x)"
    )
    book = nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_markdown_cell(text, id="text"),
            nbformat.v4.new_code_cell("a = b[0](x)", id="code"),
            nbformat.v4.new_code_cell("import helpers; helpers.__name__", id="ours"),
        ]
    )
    nbformat.write(book, lessons / "03_a.ipynb")
    monkeypatch.setattr(mine, "FOLDER", tmp_path / "mine")
    monkeypatch.setattr(mine, "find", lambda names: find(names, lessons))
    return tmp_path


def test_a_copy_leads_on_to_the_lessons_neighbours(folder, capsys):
    assert mine.main(["03"]) == 0
    assert capsys.readouterr().out == "mine/03_a.ipynb is yours to work in.\n"
    book = nbformat.read(folder / "mine" / "03_a.ipynb", as_version=4)
    nbformat.validate(book)
    text, code, _ = (cell.source for cell in book.cells)
    assert "[on](../notebooks/04_b.ipynb) ![a](../notebooks/media/a.png)" in text
    assert "<img src='../notebooks/media/a.png'> [w](https://x.y)" in text
    assert "[up](../README.md) [here](#top) [m](mailto:a) [x](attachment:x" in text
    assert code == "a = b[0](x)"


def write(path, text):
    """Work in a notebook: its code cell now holds `text`."""
    book = nbformat.read(path, as_version=4)
    book.cells[1].source = text
    nbformat.write(book, path)


def code(path):
    return nbformat.read(path, as_version=4).cells[1].source


def test_a_copy_that_is_there_is_never_overwritten(folder, capsys):
    mine.main(["03"])
    write(folder / "mine" / "03_a.ipynb", "my work")
    assert mine.main([]) == 0
    assert "03_a.ipynb is there already and stays" in capsys.readouterr().out
    assert code(folder / "mine" / "03_a.ipynb") == "my work"
    assert [path.name for path in (folder / "mine").iterdir()] == ["03_a.ipynb"]


def test_work_in_the_lesson_itself_is_in_a_copy_whatever_is_there(folder, capsys):
    lesson, copies = folder / "notebooks" / "03_a.ipynb", folder / "mine"
    before = lesson.read_bytes()
    mine.main(["03"])
    for n, work in enumerate(("my work", "more of it"), 2):
        write(lesson, work)
        capsys.readouterr()
        assert mine.main(["03"]) == 0
        said = f"mine/03_a ({n}).ipynb is what the lesson holds now; your other copies"
        assert said in capsys.readouterr().out
        assert code(copies / f"03_a ({n}).ipynb") == work
        assert mine.main(["03"]) == 0
        assert "is there already and stays" in capsys.readouterr().out
    lesson.write_bytes(before)  # git restore
    mine.main(["03"])
    assert len([*copies.iterdir()]) == 3
    assert code(copies / "03_a.ipynb") == "a = b[0](x)"


@pytest.mark.parametrize("old", ["my work", "[]", '{"metadata": {}}'])
def test_a_copy_of_which_nothing_is_known_stays_beside_a_new_one(folder, old):
    (folder / "mine").mkdir()
    (folder / "mine" / "03_a.ipynb").write_text(old)
    assert mine.main([]) == 0
    assert (folder / "mine" / "03_a.ipynb").read_text() == old
    assert code(folder / "mine" / "03_a (2).ipynb") == "a = b[0](x)"


def test_a_damaged_lesson_is_named_and_the_others_are_copied(folder, capsys):
    damaged = folder / "notebooks" / "02_c.ipynb"
    damaged.write_text('{"cells": [\n<<<<<<< HEAD\n')
    assert mine.main([]) == 1
    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith("Not copied: 02_c.ipynb is damaged, no notebook: ")
    assert said[1] == "mine/03_a.ipynb is yours to work in."


def test_a_lesson_that_is_not_there_is_one_line(folder, capsys):
    assert mine.main(["77"]) == 1
    assert "no notebook starts with '77'" in capsys.readouterr().out
    (folder / "file").write_text("")
    mine.FOLDER = folder / "file" / "mine"
    assert mine.main(["03"]) == 1
    assert "Not copied" in capsys.readouterr().out


def test_a_copy_runs_where_it_lies(folder):
    mine.main(["03"])
    path = folder / "mine" / "03_a.ipynb"
    book = nbformat.read(path, as_version=4)
    del book.cells[1]
    nbformat.write(book, path)
    assert notebooks.execute(path).cells[1].outputs[0].data["text/plain"] == "'helpers'"


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.stem[:2])
def test_every_link_of_a_copied_lesson_leads_somewhere(lesson, tmp_path):
    (tmp_path / "notebooks").symlink_to(lesson.parent)
    (tmp_path / "mine").mkdir()
    mine.copy(tmp_path / "notebooks" / lesson.name, tmp_path / "mine")
    book = json.loads((tmp_path / "mine" / lesson.name).read_text(encoding="utf-8"))
    prose = "".join("".join(c["source"]) for c in book["cells"] if "outputs" not in c)
    for target in re.findall(r"\]\((\.\./[^)#\s]+)", prose):
        if target.startswith("../notebooks/"):
            assert (tmp_path / "mine" / target).exists(), target


def test_git_ignores_the_copies():
    done = subprocess.run(["git", "check-ignore", "-q", "mine/03_a.ipynb"], cwd=ROOT)
    assert done.returncode in (0, 128)  # 128: a download, not a clone
    assert "mine/" in (ROOT / ".gitignore").read_text().split()
