"""The map of lessons is made from the notebooks that are there."""

import json

from helpers.course.lessons import NOTEBOOKS, PLAN, lesson_map


def book(folder, stem, text):
    cell = {"cell_type": "markdown", "source": text.splitlines(keepends=True)}
    (folder / f"{stem}.ipynb").write_text(json.dumps({"cells": [cell]}))


def test_what_is_here_is_linked_and_the_rest_is_for_later(tmp_path):
    book(tmp_path, "03_rnn_math", "# 03 · How & why?\n\nAbout 90 minutes. You need …")
    rows = lesson_map(tmp_path).rows
    assert [row.number for row in rows] == [f"{n:02}" for n in range(14)]
    assert rows[3] == ("03", "How & why?", 90, "01", "03_rnn_math.ipynb")
    assert {row.file for row in rows if row.number != "03"} == {None}
    page = lesson_map(tmp_path)._repr_html_()
    assert '<a href="03_rnn_math.ipynb">How &amp; why?</a>' in page
    assert page.count("later") == 13
    text = repr(lesson_map(tmp_path)).splitlines()
    assert len(text) == 15
    assert text[4].split() == ["03", "How", "&", "why?", "90", "01"]


def test_damaged_and_untitled_notebooks_keep_their_planned_title(tmp_path):
    (tmp_path / "01_sequence_problems.ipynb").write_text("{")
    book(tmp_path, "02_before_rnns", "no heading")
    rows = lesson_map(tmp_path).rows
    assert rows[1].title == "What is a sequence problem?"
    assert rows[2].minutes is None
    assert rows[2].file == "02_before_rnns.ipynb"
    assert "None" not in repr(lesson_map(tmp_path))


def test_every_notebook_of_the_course_is_in_the_plan_and_names_its_minutes():
    stems = [stem for stem, _, _ in PLAN]
    assert stems == sorted(stems)
    for path in NOTEBOOKS.glob("*.ipynb"):
        assert path.stem in stems
    for row in lesson_map().rows:
        assert row.file is None or row.minutes, row
        for need in row.needs.split(", "):
            assert not need.isdigit() or need < row.number


def cell_of_00(id):
    cells = json.loads((NOTEBOOKS / "00_start_here.ipynb").read_text())["cells"]
    return next(cell for cell in cells if cell["id"] == id)


def test_the_map_stored_in_00_is_the_map_of_the_notebooks():
    (output,) = cell_of_00("lesson-map")["outputs"]
    assert "".join(output["data"]["text/plain"]) == repr(lesson_map())


def test_the_short_path_names_every_lesson_and_is_shorter():
    lines = "".join(cell_of_00("short-path")["source"]).splitlines()
    cells = [line.split("|") for line in lines if line.startswith("| 0")]
    minutes = {row[1].strip(): int(row[-2]) for row in cells}
    here = {row.number: row.minutes for row in lesson_map().rows[1:] if row.file}
    assert list(minutes) == list(here)[: len(minutes)]
    assert len(minutes) >= 8
    assert all(minutes[n] < here[n] for n in minutes)
    assert 6.5 * 60 < sum(minutes.values()) < 7 * 60  # "a little under seven hours"
    shares = sum(minutes.values()) / sum(here[n] for n in minutes)
    assert 1 / 3 < shares < 0.4  # "over a third of their time"
