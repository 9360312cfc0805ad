"""Every cell twice in a row: what fails, shows something else or changes its kind."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from helpers.tools import twice
from helpers.tools.twice import found_in, kind, main, reads, stores

CHECKED = "nbval-check-output"


def notebook(folder: Path, *cells: str | tuple[str, str]) -> Path:
    """Write a notebook of these cells, each a text or (text, tag); return its path."""
    raw = []
    for number, cell in enumerate(cells):
        text, *tags = [cell] if isinstance(cell, str) else cell
        raw.append({
            "cell_type": "code",
            "id": f"c{number}",
            "metadata": {"tags": tags},
            "source": text,
        })  # fmt: skip
    path = folder / "97_mini.ipynb"
    path.write_text(json.dumps({"cells": raw}), encoding="utf-8")
    return path


def test_a_notebook_that_can_be_run_again_is_without_fault(tmp_path):
    cells = (
        "import numpy as np",
        "rows = [1, 2]\ndef total():\n    return sum(rows)",
        ("total()", CHECKED),
        "x = np.zeros((2, 3))",
        "x.sum(axis=1)",
        "def local(x, n=2):\n    return [x for _ in range(n)]",
        "x = np.ones((4, 4))  # as many axes as before",
    )
    assert found_in(notebook(tmp_path, *cells)) == []


def test_each_fault_is_told_with_its_cell(tmp_path):
    cells = (
        "numbers = [3, 4]\ncount = 0",
        ("numbers.pop()", CHECKED),
        "del count",
        "x = [1, 2]",
        "def length():\n    return len(x)",
        "length(), [n for n in x]",
        "x = 5",
    )
    found = found_in(notebook(tmp_path, *cells))
    assert found == [
        "cell 1 (c1): shows another result when it is run again",
        "cell 2 (c2): fails when it is run again: "
        "NameError: name 'count' is not defined",
        "cell 4 (c4): reads 'x', a list; cell 6 (c6) makes it a number",
        "cell 5 (c5): reads 'x', a list; cell 6 (c6) makes it a number",
    ]


def test_a_cell_that_fails_at_once_ends_it(tmp_path):
    found = found_in(notebook(tmp_path, "1 / 0", "x = 1"))
    assert found == ["cell 0 (c0): fails: ZeroDivisionError: division by zero"]


def test_what_a_function_of_the_notebook_reads_is_read_by_its_caller(tmp_path):
    cells = ("P = {}", "def names():\n    return list(P)", "1", "names()", "P = []")
    assert found_in(notebook(tmp_path, *cells)) == [
        "cell 1 (c1): reads 'P', a dict; cell 4 (c4) makes it a list",
        "cell 3 (c3): reads 'P', a dict; cell 4 (c4) makes it a list",
    ]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("y = x + 1", {"x"}),
        ("x = 1\ny = x", set()),
        ("y = x\nx = 1", {"x"}),
        ("[v * w for v in z]", {"w", "z"}),
        ("def f(a):\n    b = a\n    return b + c", {"c"}),
        ("f = lambda a: a + d\nd = 2", set()),
        ("%matplotlib inline\nq", {"q"}),
    ],
)
def test_names_from_before(text, names):
    assert reads(text) == names


def test_names_that_a_cell_gives():
    assert stores("import os\nx, y = 1, 2\nfor k in x: pass\ndef f(a): b = a") == {
        "os", "x", "y", "k", "f",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (np.zeros((2, 3)), "ndarray of 2 axes"),
        (torch.zeros(4), "Tensor of 1 axes"),
        (np.float64(3), "number"),
        (torch.tensor(3), "number"),
        (3, "number"),
        (True, "number"),
        ([1], "list"),
        ((1,), "list"),
        ({}, "dict"),
        (dict, "class"),
        (main, "function"),
        (torch.nn.Linear(1, 1), "Linear"),
    ],
)
def test_kinds(value, name):
    assert kind(value) == name


def test_the_command_tells_what_it_found(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(twice, "find", lambda names: [tmp_path / "97_mini.ipynb"])
    notebook(tmp_path, "x = 1")
    assert main([]) == 0
    notebook(tmp_path, "1 / 0")
    assert main([]) == 1
    said = capsys.readouterr().out
    assert "97_mini: cell 0 (c0): fails: ZeroDivisionError" in said
    assert "1 cells or names" in said
