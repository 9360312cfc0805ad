"""The course works from an installed wheel as it does from the checkout."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from helpers.tools.book import ROOT


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    """A folder with what a wheel of the course holds, far from the checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    tree = folder / "tree"
    shutil.copytree(
        ROOT / "helpers", tree / "helpers", ignore=shutil.ignore_patterns("__pycache__")
    )
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, tree)
    build = "from setuptools.build_meta import build_wheel; build_wheel('..')"
    done = subprocess.run(
        [sys.executable, "-c", build], cwd=tree, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    (wheel,) = folder.glob("*.whl")
    zipfile.ZipFile(wheel).extractall(folder / "site")
    return folder / "site"


def run(site: Path, *arguments: str) -> str:
    """Return what a Python prints that finds the wheel's helpers first."""
    folder = site.parent / "elsewhere"
    folder.mkdir(exist_ok=True)
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env={
            **os.environ,
            "PYTHONPATH": str(site),
            "UNROLLED_HOME": str(folder / "home"),
            "UNROLLED_CACHE": str(folder / "cache"),
        },
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_wheel_holds_every_file_of_the_house(site):
    kept = {".py", ".js", ".json", ".mplstyle"}
    ours = {p.relative_to(ROOT) for p in (ROOT / "helpers").rglob("*.*")}
    ours = {path for path in ours if path.suffix in kept}
    theirs = {p.relative_to(site) for p in (site / "helpers").rglob("*.*")}
    assert ours <= theirs, sorted(ours - theirs)


def test_a_lesson_runs_from_a_wheel(site):
    script = """
import importlib, pkgutil, sys
import helpers
from helpers import setup
assert helpers.__file__.startswith(sys.argv[1]), helpers.__file__
setup()
for module in pkgutil.walk_packages(helpers.__path__, "helpers."):
    if not module.name.endswith("__main__"):
        importlib.import_module(module.name)
from helpers.course.lessons import lesson_map
from helpers.exercises import check, hint, progress_table
from helpers.exercises.engine.registry import find, lessons
from helpers.experiments import EXPERIMENTS, load
from helpers.explore.gates import explore_gates
from helpers.explore.memories import explore_memories
assert all(load(name)["rows"] for name in EXPERIMENTS)
assert len(lessons()) > 8
check("03.1", find("03.1").reference)
explore_gates()
assert explore_memories().frame(lag=3)[1:4] == b"PNG"
lesson_map(), progress_table()
print("as in the checkout")
"""
    said = run(site, "-c", script, str(site))
    assert "✓" in said
    assert said.strip().endswith("as in the checkout")


@pytest.mark.parametrize(
    ("module", "word"),
    [
        ("helpers.experiments", "bottleneck"),
        ("helpers.experiments.bench", "--repeats"),
        ("helpers.cache", "--clear"),
    ],
)
def test_commands_answer_from_a_wheel(site, module, word):
    assert word in run(site, "-m", module, "--help")
