"""make lowest: the oldest packages that pyproject.toml allows."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from helpers.tools import install, lowest
from helpers.tools.trouble import Stop


@pytest.fixture
def steps(tmp_path, monkeypatch) -> list:
    """What would have been installed and run; the constraints as they were then."""
    done: list = []

    def pip(venv, *arguments):
        kept = [Path(a).read_text() for a in arguments if a.endswith("lowest.txt")]
        done.append((*arguments, *kept))

    def run(command, **_):
        done.append(command[1:])
        return subprocess.CompletedProcess(command, 3)

    monkeypatch.setattr(install, "make_venv", lambda venv: done.append(("venv", venv)))
    monkeypatch.setattr(install, "pip", pip)
    monkeypatch.setattr(install, "torch_index", lambda: "the index")
    monkeypatch.setattr(lowest.subprocess, "run", run)
    return done


def test_the_oldest_of_each_package_is_pinned():
    found = lowest.lowest()
    assert found["numpy"] == "2.0"
    assert found["matplotlib"] == "3.10"
    assert {"torch", "pytest"} <= found.keys()


def test_the_oldest_are_installed_and_the_tests_run(steps, capsys):
    assert lowest.main(["-x"]) == 3
    (_, venv), torch, rest, tests = steps
    assert venv != lowest.ROOT / ".venv"
    least = lowest.lowest()["torch"]
    assert torch == ("--index-url", "the index", f"torch=={least}.*")
    assert "numpy==2.0\n" in rest[-1]
    assert f"torch=={least}.*" in rest[-1]
    assert tests[-1] == "-x"
    assert "cannot be had" not in capsys.readouterr().out


def test_a_torch_that_cannot_be_had_is_named(steps, monkeypatch, capsys):
    monkeypatch.setattr(install, "torch_index", lambda: None)
    lowest.main([])
    assert steps[1] == ("torch==2.13.0",)
    least = lowest.lowest()["torch"]
    told = capsys.readouterr().out
    assert f"; torch==2.13.0, as {least} cannot be had here" in told


def test_what_cannot_be_installed_is_one_line(steps, monkeypatch, capsys):
    def failing(venv):
        raise Stop("The disk is full.")

    monkeypatch.setattr(install, "make_venv", failing)
    assert lowest.main([]) == 1
    assert capsys.readouterr().err == "Not installed: The disk is full.\n"
