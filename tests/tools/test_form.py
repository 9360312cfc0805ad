"""Each rule of form lets a sound notebook pass and names what a broken one has."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from helpers.tools import form_links
from helpers.tools.book import Book, find, headings
from helpers.tools.form import RULES, departures, main

PICTURE = {
    "output_type": "display_data",
    "metadata": {"image/png": {"alt": "A net of three nodes."}},
    "data": {"image/png": "iVBORw0KGgo=", "text/plain": "a picture"},
}


def prose(id: str, text: str, slide: str | None = None) -> dict:
    metadata = {"slideshow": {"slide_type": slide}} if slide else {}
    return {"cell_type": "markdown", "id": id, "metadata": metadata, "source": text}


def code(id: str, text: str, count: int, *tags: str, outputs=()) -> dict:
    return {
        "cell_type": "code",
        "id": id,
        "metadata": {"tags": list(tags)} if tags else {},
        "execution_count": count,
        "outputs": list(outputs),
        "source": text,
    }


def sound() -> dict:
    """A notebook small enough to read and sound under every rule."""
    solving = code("answer", "assert 1 + 1 == 2\n1 + 1", 3)
    return {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {
            "kernelspec": {"name": "python3", "display_name": "Python 3 (ipykernel)"},
            "language_info": {"name": "python"},
        },
        "cells": [
            prose("title", "# What is it?\n\nSee [the end](#The-end).", "slide"),
            code("imports", "from helpers import setup\n\nsetup()", 1),
            prose("first", "## A section\n\nWe ask.", "slide"),
            code("explorer", "explore()", 2, "widget", outputs=[PICTURE]),
            prose("end", "## The end\n\nOurs, folded. ![A net](net.png)", "slide"),
            solving | {"metadata": {"jupyter": {"source_hidden": True}}},
            prose("summary", "## Summary\n\n- One ([The end](#The-end)).", "slide"),
        ],
    }


@pytest.fixture
def book(tmp_path: Path, monkeypatch) -> Callable[[dict], Book]:
    monkeypatch.setitem(form_links.FOLDED, "97.1", "answer")
    (tmp_path / "net.png").write_bytes(b"")

    def make(raw: dict) -> Book:
        path = tmp_path / "97_mini.ipynb"
        path.write_text(json.dumps(raw), encoding="utf-8")
        return Book(path)

    return make


def test_a_sound_notebook_has_no_departures(book):
    assert departures(book(sound()).path) == []


def text(cell: int, new: str):
    def change(raw):
        raw["cells"][cell]["source"] = new

    return change


def asked_before_the_answer(raw):
    raw["cells"].insert(5, code("ask", 'predict("97.p1")', 3))
    raw["cells"][6]["execution_count"] = 4


def two_subslides_of_one_cell(raw):
    raw["cells"][2:2] = [prose("first", "One.", "subslide")]
    raw["cells"][3:3] = [prose("second", "Two.", "subslide")]


def asked_and_told(raw):
    asked_before_the_answer(raw)
    raw["cells"].insert(6, code("check", 'check("97.1", f)', 4, outputs=[PICTURE]))
    raw["cells"][7].update(execution_count=5, outputs=[PICTURE])


def told_later(raw):
    asked_and_told(raw)
    raw["cells"].append(code("said", "2", 6, "answer", outputs=[PICTURE]))


def put(cell: int, **values):
    def change(raw):
        raw["cells"][cell].update(values)

    return change


def output(**data):
    new = {"output_type": "display_data", "metadata": {}, "data": data}
    return put(5, outputs=[new])


def stream(name: str, said: str):
    return put(5, outputs=[{"output_type": "stream", "name": name, "text": said}])


def append(*cells: dict):
    def change(raw):
        raw["cells"] += cells

    return change


def many(lines: int) -> str:
    return "\n".join(["x = 1"] * lines)


WIDGET = "application/vnd.jupyter.widget-view+json"
ERROR = {"output_type": "error", "ename": "ValueError", "evalue": "", "traceback": []}
BROKEN = [
    ("identity", put(2, id="imports"), "used twice"),
    ("identity", put(2, id=""), "no id"),
    ("identity", put(2, id="1a2b3c4d"), "made by a machine"),
    ("identity", put(2, id="1a2b3c4d-0000-1111-2222-333344445555"), "by a machine"),
    ("title", text(0, "## Not a title"), "0 H1"),
    ("title", text(2, "# Another title"), "2 H1"),
    ("title", text(2, "#### Too deep"), "leaps from H1 to H4"),
    ("pause", text(0, "# What is it?\n\nAbout 120 minutes."), "120 minutes, and"),
    ("tags", put(3, metadata={"tags": ["raises-exception"]}), "'raises-exception'"),
    ("tags", put(2, metadata={"tags": ["slow"]}), "markdown cell carries tags"),
    ("code", text(5, many(36)), "36 lines, at most 35"),
    ("code", text(5, "x = '" + "a" * 90 + "'"), "96 columns"),
    ("code", text(5, "# TODO: more"), "left to do"),
    ("code", lambda raw: [text(i, many(7))(raw) for i in (1, 3, 5)], "half of the"),
    ("code", text(5, many(21)), "more than 5 %"),
    ("code", append(*[code(f"c{i}", "1", i + 4) for i in range(4)]), "4 code cells"),
    ("start", text(1, "import numpy"), "does not call setup()"),
    ("start", text(1, "setup()\n" + many(10)), "11 lines of imports"),
    ("prose", text(2, "## S\n" + "word " * 171), "173 words"),
    ("prose", lambda raw: [text(i, "w " * 81)(raw) for i in (0, 2, 4)], "half of the"),
    ("prose", text(2, "## Rockets \N{ROCKET}"), "emoji"),
    ("prose", text(2, "## S\n![](net.png)"), "without alternative text"),
    ("prose", text(2, "## S\n<img src='net.png' alt=''>"), "without alternative text"),
    ("offline", text(2, "![A cat](https://example.org/cat.png)"), "loads from the web"),
    ("offline", text(2, "<script src='//example.org/a.js'></script>"), "from the web"),
    (
        "offline",
        text(2, "<style>@import 'https://example.org'</style>"),
        "from the web",
    ),
    ("slides", put(2, metadata={"slideshow": {"slide_type": "-"}}), "'-' is not one"),
    ("slides", put(2, metadata={}), "starts no slide"),
    ("slides", lambda raw: [put(i, metadata={})(raw) for i in (2, 4)], "fewer than"),
    ("slides", two_subslides_of_one_cell, "misses a subslide; make 'first' a slide"),
    ("slides", asked_before_the_answer, "on one slide with the prediction"),
    ("size", text(2, "## S\n" + "a" * 500_001), "kB, at most 500"),
    ("valid", lambda raw: raw["cells"][1].pop("outputs"), "not a valid notebook"),
    ("valid", lambda raw: raw.update(nbformat_minor=4), "not 4.5"),
    ("valid", lambda raw: raw["metadata"].update(widgets={}), "state of widgets"),
    ("valid", lambda raw: raw["metadata"].pop("kernelspec"), "not python3"),
    (
        "valid",
        lambda raw: raw["metadata"]["language_info"].update(version="3.11.7"),
        "version of one machine's Python",
    ),
    ("one_run", put(3, execution_count=7), "(explorer): not from one run: count 7"),
    ("one_run", put(5, execution_count=None), "not from one run"),
    ("one_run", put(5, outputs=[ERROR]), "ValueError is stored"),
    ("one_run", stream("stderr", "UserWarning: oh"), "a warning is stored"),
    ("clean", output(**{WIDGET: {"model_id": "1"}}), "widget view"),
    ("clean", output(**{"text/plain": "/home/ada/x.npy"}), "path of one machine"),
    ("clean", stream("stdout", "in /tmp/x"), "path of one machine"),
    ("clean", output(**{"text/plain": "<net.Net at 0x7f0a12345678>"}), "address"),
    ("clean", output(**{"text/plain": "<function f at 0x7f0a12345678>"}), "address"),
    ("clean", stream("stdout", " 40%|████  | 4/10"), "progress bar"),
    ("clean", output(**{"text/plain": "IntSlider(value=3)"}), "widget's repr"),
    ("clean", output(**{"text/plain": ["VBox(children=(", "))"]}), "widget's repr"),
    ("clean", output(**{"text/html": "<img src='http://a.b/c'>"}), "from the web"),
    ("clean", put(1, metadata={"execution": {}}), "keeps 'execution'"),
    ("pictured", put(3, outputs=[]), "a reader sees nothing"),
    ("pictured", output(**{"image/png": "iVBORw0KGgo="}), "figure without alternative"),
    ("pictured", output(**{"text/html": "<img src='data:x'>"}), "alternative text"),
    ("hidden", asked_and_told, "cell 7 (answer): it answers a prediction"),
    ("hidden", told_later, "cell 9 (said): it answers a prediction"),
    ("hidden", put(3, metadata={"tags": ["answer"]}), "it answers no prediction"),
    ("links", text(2, "[gone](gone.ipynb)"), "leads to no file"),
    ("links", text(2, "[gone](#Gone)"), "leads to no heading"),
    ("links", text(2, "<a href='gone.md'>x</a>"), "leads to no file"),
    ("exports", put(5, metadata={"tags": ["export"]}), "defines nothing"),
    ("exercises", text(5, 'check("97.1", f)'), "check('97.1'), which helpers"),
    ("exercises", text(5, '# solution("97.1")'), "solution('97.1'), which helpers"),
    ("exercises", text(5, 'predict("97.p1")'), "predict('97.p1'), which helpers"),
    ("exercises", put(5, metadata={"tags": ["exercise"]}), "without a check"),
    ("folded", put(5, id="solving"), "no cell 'answer', which solves 97.1"),
    ("folded", put(5, metadata={}), "it solves 97.1, and its code is open"),
    ("folded", text(4, "## The end\n\nOurs."), "the text above it does not say so"),
    ("summary", text(6, "## Summary\n\nAll is well."), "without claims"),
    ("summary", text(6, "## Summary\n\n- One (section 2).\n  Two."), "'One (section 2"),
    ("summary", text(6, "## Summary\n\n|a|b|\n|---|---|\n|One|2|"), "'One|2|'"),
    ("summary", text(6, "## Summary\n\n- One ([A](#A-section))."), "no assert in the"),
    ("summary", text(5, "1 + 1  # assert 1"), "no assert in the section #The-end"),
]


@pytest.mark.parametrize(("rule", "change", "words"), BROKEN)
def test_a_broken_notebook_is_told_what_is_wrong(book, rule, change, words):
    raw = copy.deepcopy(sound())
    change(raw)
    found = list(RULES[rule](book(raw)))
    assert any(words in line for line in found), found


def test_an_answer_that_is_collapsed_departs_from_nothing(book):
    raw = sound()
    asked_and_told(raw)
    raw["cells"][7]["metadata"]["jupyter"] = {"outputs_hidden": True}
    assert list(RULES["hidden"](book(raw))) == []


def test_every_rule_can_fail():
    assert {rule for rule, _, _ in BROKEN} == set(RULES)


@pytest.mark.parametrize(
    "fine",
    [
        "[the web](https://example.org) and [mail](mailto:a@b.c)",
        "[a file](net.png) and [a heading](#A-section)",
        "```\n[gone](gone.md)\n# not a heading\n```",
        "[another](97_mini.ipynb#What-is-it?)",
    ],
)
def test_links_that_lead_somewhere(book, fine):
    raw = sound()
    raw["cells"][2]["source"] += "\n\n" + fine
    assert departures(book(raw).path) == []


def test_an_export_cell_equals_its_helper_but_for_guards(book, monkeypatch):
    helper = (
        'def f(x):\n    """Return twice x."""\n    want_sizes(x=x)\n    return 2 * x\n'
    )
    held = {"f": {"helpers/nets/f.py": form_links.definitions(helper)["f"]}}
    monkeypatch.setattr(form_links, "taught", lambda: held)

    def told(source: str) -> list[str]:
        raw = sound()
        text(5, source)(raw)
        put(5, metadata={"tags": ["export"]})(raw)
        return list(RULES["exports"](book(raw)))

    assert told("def f(x):\n    return (2 * x)\n\n\nf(3)") == []
    held["f"] = {
        "helpers/nets/f.py": form_links.definitions(f"@in_eval\n{helper}")["f"]
    }
    assert told("@in_eval\ndef f(x):\n    return 2 * x") == []
    assert "f differs" in told("def f(x):\n    return 2 * x")[0]
    assert "f differs" in told("@other\ndef f(x):\n    return 2 * x")[0]
    assert "f differs from helpers/nets/f.py" in told("def f(x):\n    return 3 * x")[0]
    assert "g is in no module" in told("def g(x):\n    return 3 * x")[0]


def test_exercises_that_a_notebook_forgets_are_named(book, monkeypatch):
    class Item:
        def __init__(self, id: str):
            self.id = id

    monkeypatch.setattr(form_links, "lessons", lambda: ["97"])
    items = ([Item("97.1"), Item("97.2")], [Item("97.p1")])
    monkeypatch.setattr(form_links, "lesson_items", lambda lesson: items)
    raw = sound()
    text(5, 'check("97.1", f)\n# hint("97.1")\n# solution("97.1")')(raw)
    found = list(RULES["exercises"](book(raw)))
    missing = ["check('97.2')", "predict('97.p1')", "hint('97.2')", "solution('97.2')"]
    assert sorted(line.split(" is ")[0] for line in found) == sorted(missing)


def test_a_section_goes_on_below_its_exercise(book):
    raw = sound()
    raw["cells"].insert(5, prose("task", "## Exercise 97.1\n\nYou do.", "slide"))
    assert not list(RULES["summary"](book(raw)))
    raw["cells"][5]["source"] = "## Another section"
    assert list(RULES["summary"](book(raw)))


def test_headings_in_code_are_none():
    assert headings("# A\n```\n# b\n```\n## C d ##\n#e") == [(1, "A"), (2, "C d")]


def test_find_takes_numbers_names_and_paths(tmp_path: Path):
    for name in ("01_a", "03_b"):
        (tmp_path / f"{name}.ipynb").touch()
    stems = lambda names: [p.stem for p in find(names, tmp_path)]  # noqa: E731
    assert stems([]) == ["01_a", "03_b"]
    assert stems(["03"]) == stems(["notebooks/03_b.ipynb"]) == ["03_b"]
    with pytest.raises(ValueError, match=r"no notebook starts with '07'.*01_a, 03_b"):
        find(["07"], tmp_path)


def test_the_command_counts_departures(monkeypatch, capsys, book):
    raw = sound()
    text(1, "import numpy")(raw)
    path = book(raw).path
    monkeypatch.setattr("helpers.tools.form.find", lambda names: [path])
    assert main(["97"]) == 1
    told = capsys.readouterr().out
    assert "97_mini: start: the first code cell" in told
    assert "1 departures" in told
