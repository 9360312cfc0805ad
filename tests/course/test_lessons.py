"""The map of lessons is made from the notebooks that are there."""

import json

from helpers.course.lessons import NOTEBOOKS, PLAN, lesson_map


def book(folder, stem, text):
    cell = {"cell_type": "markdown", "source": text.splitlines(keepends=True)}
    (folder / f"{stem}.ipynb").write_text(json.dumps({"cells": [cell]}))


def test_what_is_here_is_linked_and_the_rest_is_for_later(tmp_path):
    book(tmp_path, "03_rnn_math", "# 03 · How & why?\n\nAbout 90 minutes. You need …")
    rows = lesson_map(tmp_path).rows
    assert [row.number for row in rows] == [f"{n:02}" for n in range(13)]
    assert rows[3] == ("03", "How & why?", 90, "01", "03_rnn_math.ipynb")
    assert {row.file for row in rows if row.number != "03"} == {None}
    page = lesson_map(tmp_path)._repr_html_()
    assert '<a href="03_rnn_math.ipynb">How &amp; why?</a>' in page
    assert page.count("later") == 12
    text = repr(lesson_map(tmp_path)).splitlines()
    assert len(text) == 14
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
