"""The house: which room may import which, and how large rooms and files are."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import helpers

HOUSE = Path(helpers.__file__).parent
MODULES = sorted(HOUSE.rglob("*.py"))

# Each room may import from itself, from what all share, and from the rooms named here.
ARROWS = {
    "shared": set(),
    "data": set(),
    "gradients": {"data"},
    "writing": {"data", "gradients"},
    "nets": {"data", "gradients", "writing"},
    "experiments": {"data", "gradients", "writing", "nets"},
    "exercises": {"data", "gradients", "writing", "nets"},
    "explore": {"data", "gradients", "writing", "nets"},
    "course": {"exercises", "explore"},
    "tools": {"data", "nets", "exercises", "explore", "course"},
    "site": {"exercises", "explore", "course", "tools"},
}


def room_of(module: str) -> str:
    """Return the wing of `helpers.nets.small`, "nets"; "shared" for the top floor."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 and (HOUSE / parts[1]).is_dir() else "shared"


def name_of(path: Path) -> str:
    parts = ("helpers", *path.relative_to(HOUSE).with_suffix("").parts)
    return ".".join(parts).removesuffix(".__init__")


NAMES = {name_of(path) for path in MODULES}


def imports(path: Path) -> set[str]:
    """Return the modules of ours that a file imports, wherever in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import; write helpers.…"
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                found.add(inner if inner in NAMES else node.module)
    return {name for name in found if name.split(".")[0] == "helpers"}


GRAPH = {name_of(path): imports(path) for path in MODULES}


def test_rooms_are_the_planned_ones():
    rooms = {room_of(name) for name in NAMES}
    assert rooms == set(ARROWS)
    assert list(TopologicalSorter(ARROWS).static_order())


@pytest.mark.parametrize("name", sorted(GRAPH))
def test_arrows_between_rooms_are_kept(name):
    room = room_of(name)
    for wanted in GRAPH[name]:
        assert wanted in NAMES, f"{name} imports {wanted}, which is not there"
        other = room_of(wanted)
        allowed = ARROWS[room] | {room, "shared"}
        assert other in allowed, f"{name} imports {wanted}: {room} may not use {other}"


def test_data_knows_nothing_of_ours_but_guards():
    for name, wanted in GRAPH.items():
        if room_of(name) == "data":
            outside = {other for other in wanted if room_of(other) != "data"}
            assert outside <= {"helpers.guards"}, f"{name} imports {outside}"


def test_there_is_no_circle():
    try:
        TopologicalSorter(GRAPH).prepare()
    except CycleError as error:
        pytest.fail(f"a circle of imports: {' → '.join(error.args[1])}")


def test_nothing_reads_a_notebook_as_code():
    for path in MODULES:
        words = {"run_line_magic", "nbimporter", "import_ipynb"}
        assert not words & set(path.read_text(encoding="utf-8").split())


def test_files_and_rooms_stay_small():
    rooms = defaultdict(int)
    for path in MODULES:
        lines = len(path.read_text(encoding="utf-8").splitlines())
        assert lines <= 250, f"{path.name} has {lines} lines, at most 250"
        rooms[path.parent] += path.name != "__init__.py"
    for room, n in rooms.items():
        assert n <= 20, f"{room.name} has {n} modules, at most 20"


def test_file_names_say_what_is_inside():
    for path in MODULES:
        wing = room_of(name_of(path))
        assert not re.search(r"\d\d", path.stem), f"{path.name} holds a number"
        assert wing not in path.stem.split("_"), f"{path.name} in {wing}"
