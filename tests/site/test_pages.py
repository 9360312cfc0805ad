"""The source of the book: what becomes of each cell."""

import json
import re

import pytest

from helpers.exercises.engine.core import Exercise, Prediction
from helpers.site.pages import explorers, write_source
from helpers.site.questions import exercise_page, prediction_page
from helpers.site.running import export_from
from helpers.tools.book import Book, find

INDEX = {
    "kind": "frames",
    "alt": 'a "quoted" figure',
    "size": [900, 300],
    "controls": [{"at": 1}],
    "pictures": ["x.webp", "y.webp"],
    "frames": {"0": [0, 0], "1": [1, 0]},
}


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    folder = tmp_path_factory.mktemp("source")
    write_source(folder, {"00/explore-memory": INDEX}, find([]))
    return folder


def cells(source, number):
    (path,) = source.glob(f"{number}_*.ipynb")
    return {cell.id: cell for cell in Book(path).cells}


def test_an_explorer_with_frames_begins_where_its_controls_stand(source):
    (output,) = cells(source, "00")["explore-memory"].outputs
    page = output["data"]["text/html"]
    assert 'src="explorers/00/explore-memory/y.webp"' in page
    assert 'alt="a &quot;quoted&quot; figure"' in page


def test_an_explorer_without_frames_keeps_its_picture(source):
    outputs = cells(source, "03")["explore-steps"].outputs
    assert any("image/png" in output["data"] for output in outputs)


@pytest.mark.parametrize("path", find([]), ids=lambda path: path.stem)
def test_every_prediction_and_every_check_becomes_text(source, path):
    stored, made = Book(path), cells(source, path.name[:2])
    asked = [c for c in stored.code if re.match(r"predict\(", c.text)]
    for cell in asked:
        assert made[cell.id].kind == "markdown"
        assert 'class="ur-predict"' in made[cell.id].text
    checks = [c for c in stored.code if re.search(r"(?m)^check\(", c.text)]
    for cell in checks:
        assert made[cell.id].outputs == []
        assert any(id.startswith(f"{cell.id}-") for id in made)
    assert {c.id for c in stored.cells} <= set(made)


def test_what_answers_a_prediction_is_folded(source):
    hidden = [
        cell
        for path in find([])
        for cell in Book(path).cells
        if cell.raw["metadata"].get("jupyter", {}).get("outputs_hidden")
    ]
    assert hidden
    every = [c for number in ("03", "05") for c in cells(source, number).values()]
    folded = [c for c in every if c.id in {h.id for h in hidden} and c.outputs]
    assert folded
    assert all("hide-output" in cell.tags for cell in folded)


def test_alt_texts_and_links_are_kept(source):
    pictures = [
        cell
        for cell in cells(source, "03").values()
        for output in cell.outputs
        if "image/png" in output.get("data", {})
    ]
    assert pictures
    for cell in pictures:
        assert cell.raw["metadata"]["mystnb"]["image"]["alt"]
    text = json.dumps([cell.outputs for cell in cells(source, "00").values()])
    assert "01_sequence_problems.html" in text
    assert "01_sequence_problems.ipynb" not in text


def test_the_front_page_has_every_lesson(source):
    text = (source / "index.md").read_text(encoding="utf-8")
    for path in find([]):
        assert f"]({path.name})" in text
        assert f"<{path.stem}>" in text
    assert text.count("| later |") == 0
    for name in "glossary", "hub", "teaching":
        assert f"]({name}.md)" in text
        assert f"\n{name}\n" in text
        assert (source / f"{name}.md").is_file()


def test_explorers_are_found_by_their_tag():
    for path in find([]):
        found = explorers(Book(path))
        assert all("explore_" in cell.text for cell in found)


def test_a_prediction_as_text_escapes_all_but_its_own_marks():
    item = Prediction(
        "03.p1", "Is $a < b$ or `x[0]`?", ("a < b", "**no**"), 0, ("y", "n")
    )
    text = prediction_page(item)
    assert "Is $a < b$ or `x[0]`?" in text
    assert r"a \< b" in text
    assert "**no**" in text
    assert 'data-answer="0"' in text
    assert text.index("✓ Right.") < text.index("✗ Not so.")


def test_an_exercise_as_text_has_its_hints_and_says_where_it_is_solved():
    item = Exercise("03.1", "it", print, print, hints=("look", "look again"))
    text = exercise_page(item, "03_rnn_math.ipynb")
    assert text.count("<details>") == 2
    assert "Hint 2 of 2" in text
    assert "`03_rnn_math.ipynb`" in text


def test_a_failing_cell_is_named(tmp_path):
    raw = [
        {"cell_type": "code", "id": id, "source": text, "metadata": {}}
        for id, text in [("good", "a = [1]"), ("bad", "a[9]"), ("shown", "a")]
    ]
    path = tmp_path / "00_it.ipynb"
    path.write_text(json.dumps({"cells": raw}), encoding="utf-8")
    (line,) = export_from(path, {"shown": tmp_path / "frames"})
    assert "(bad): IndexError" in line
