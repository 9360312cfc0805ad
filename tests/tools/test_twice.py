"""Every cell twice in a row: what fails, shows something else or changes its kind."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys

import numpy as np
import pytest
import torch

from helpers.tools import verify
from helpers.tools.book import ROOT
from helpers.tools.kinds import kind, reads, stores

CHECKED = "nbval-check-output"
BOOKS = {
    "right": (
        "import numpy as np, time\nfrom helpers.cache import cached\nruns = []",
        "rows = [1, 2]\ndef total():\n    return sum(rows)",
        ("total()", CHECKED, "3"),
        "x = np.zeros((2, 3))",
        "x.sum(axis=1)",
        "def local(x, n=2):\n    return [x for _ in range(n)]",
        "x = np.ones((4, 4))  # as many axes as before",
        "@cached\ndef slow(n):\n    time.sleep(2.2)\n    return n",
        "runs.append(slow(1))",
        "assert len(runs) == 2  # it took long, but what it found is kept",
        "time.sleep(2.2)\nassert runs  # it is run once: too long\nruns = []",
    ),
    "wrong": (
        "numbers = [3, 4]\ncount = 0",
        ("numbers.pop()", CHECKED, "4"),
        "del count",
        "x, P = [1, 2], {}",
        "def length():\n    return len(x)",
        "x = 5",
        "1 / 0",
        "def names():\n    return [*P]",
        "1",
        "names()",
        "P = []",
    ),
}


def notebook(cells):
    """Return a notebook of these cells, each a text or (text, tag, what it shows)."""
    raw = []
    for number, cell in enumerate(cells):
        text, *more = [cell] if isinstance(cell, str) else cell
        shown = {"output_type": "execute_result", "execution_count": 1, "metadata": {}}
        raw.append({
            "cell_type": "code",
            "id": f"c{number}",
            "metadata": {"tags": more[:1]},
            "source": text,
            "execution_count": 1,
            "outputs": [shown | {"data": {"text/plain": words}} for words in more[1:]],
        })  # fmt: skip
    return json.dumps(
        {"cells": raw, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    )


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """What is said of each book: its name → the cells and the faults."""
    folder = tmp_path_factory.mktemp("books")
    for name, cells in BOOKS.items():
        (folder / f"{name}.ipynb").write_text(notebook(cells), encoding="utf-8")
    surroundings = {"PYTHONPATH": str(ROOT), "UNROLLED_CACHE": str(folder / "cache")}
    options = [o for o in verify.STAGES["notebooks"] if o != "notebooks"]
    options += ["-n", "0", "-p", "helpers.tools.twice", "--color=no"]
    done = subprocess.run(
        [sys.executable, *options, "-c", os.devnull, "--rootdir", ".", "."],
        cwd=folder,
        env=os.environ | surroundings,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    faults = {name: [] for name in BOOKS}
    said = r"_ (\w+)\.ipynb::Cell .*\n.*\nCell (\d+): (.*)"
    for name, cell, fault in re.findall(said, done.stdout):
        faults[name].append((int(cell), fault))
    assert "passed" in done.stdout, done.stdout + done.stderr
    return faults


def test_a_notebook_that_can_be_run_again_is_without_fault(found):
    assert found["right"] == []


def test_each_fault_is_told_with_its_cell(found):
    again = "fails when it is run again: "
    assert found["wrong"] == [
        (1, f"{again}Cell outputs differ"),
        (2, f"{again}Cell execution caused an exception"),
        (5, "makes 'x' a number; c4 above reads a list"),
        (6, "Cell execution caused an exception"),  # as nbval says it
        (10, "makes 'P' a list; c7 above reads a dict"),  # through a function
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
        (stores, "function"),
        (torch.nn.Linear(1, 1), "Linear"),
    ],
)
def test_kinds(value, name):
    assert kind(value) == name
