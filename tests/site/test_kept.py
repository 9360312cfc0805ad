"""Frames are kept until their code changes, and not a day longer."""

import json

import pytest

from helpers.site import kept
from helpers.site.frames import FORM
from helpers.tools.book import Book


def book(folder, *cells):
    """A notebook of code cells, of which the last but one is the explorer."""
    raw = [
        {"cell_type": "code", "id": f"c{i}", "source": text, "metadata": {}}
        for i, text in enumerate(cells)
    ]
    path = folder / "00_it.ipynb"
    path.write_text(json.dumps({"cells": raw}), encoding="utf-8")
    return Book(path)


CELLS = "from helpers.explore.start import explore_memory", "a = 1", "f(a)", "after()"


def key(folder, *cells):
    made = book(folder, *cells)
    return kept.key_of(made, made.cells[2])


def test_the_key_stays_with_comments_layout_and_what_stands_below(tmp_path):
    one = key(tmp_path, *CELLS)
    assert one == key(tmp_path, *CELLS)
    assert one == key(tmp_path, CELLS[0], "a  =  1  # one", CELLS[2], "other()")


@pytest.mark.parametrize("place", range(3))
def test_the_key_changes_with_every_cell_above(tmp_path, place):
    changed = [*CELLS]
    changed[place] += "\nb = 2"
    assert key(tmp_path, *changed) != key(tmp_path, *CELLS)


def test_imports_are_followed_at_any_depth():
    found = kept.imported(["from helpers.explore.start import explore_memory"])
    assert {
        "helpers.explore.start",
        "helpers.explore.kit.blit",
        "helpers.plots",
    } <= found
    assert "helpers.site.frames" in found  # who draws them
    assert "helpers.explore.cliff" not in found


def test_the_key_changes_with_a_module_far_below(tmp_path, monkeypatch):
    one, digest = key(tmp_path, *CELLS), kept._digest
    changed = kept.HOUSE / "explore" / "kit" / "blit.py"
    monkeypatch.setattr(
        kept, "_digest", lambda path: "new" if path == changed else digest(path)
    )
    assert key(tmp_path, *CELLS) != one
    changed = kept.HOUSE / "explore" / "cliff.py"
    assert key(tmp_path, *CELLS) == one


def test_a_table_counts_where_it_is_named(tmp_path, monkeypatch):
    load = "from helpers.experiments.store import load"
    named = load, "rows = load('memory')", "f(rows)"
    other = load, "rows = load('deep')", "f(rows)"
    before, digest = key(tmp_path, *named), kept._digest
    unconcerned = key(tmp_path, *other)
    (table,) = kept.RESULTS.glob("memory.json")
    monkeypatch.setattr(
        kept, "_digest", lambda path: "new" if path == table else digest(path)
    )
    assert key(tmp_path, *named) != before
    assert key(tmp_path, *other) == unconcerned


def test_only_whole_frames_are_read(tmp_path):
    made, place = tmp_path / "made", tmp_path / "frames" / "there"
    made.mkdir()
    assert kept.read(made) is None
    index = {"form": FORM, "pictures": ["a.webp"]}
    (made / "index.json").write_text(json.dumps(index), encoding="utf-8")
    assert kept.read(made) is None  # the picture is missing
    (made / "a.webp").touch()
    kept.keep(made, place)
    assert kept.read(place) == index
    (place / "index.json").write_text(json.dumps(index | {"form": FORM - 1}))
    assert kept.read(place) is None


def test_without_a_cache_they_lie_in_the_spare_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("UNROLLED_CACHE", "off")
    assert kept.place_of("key", tmp_path) == tmp_path / "frames" / "key"
    monkeypatch.setenv("UNROLLED_CACHE", str(tmp_path / "cache"))
    assert kept.place_of("key", tmp_path) == tmp_path / "cache" / "frames" / "key"
