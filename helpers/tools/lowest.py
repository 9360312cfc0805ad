"""Run the unit tests with the oldest packages that pyproject.toml allows.

    python -m helpers.tools.lowest [pytest's own options]

They are installed into .venv-lowest, with the newest of what they need themselves.
torch comes from the CPU index, as in `make lab`; where that has no answer the tested
version takes its place, and the last line says so.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

from packaging.requirements import Requirement

from helpers.tools import install
from helpers.tools.book import ROOT
from helpers.tools.interpreters import python_of
from helpers.tools.trouble import Stop

__all__ = ["lowest", "main", "oldest_torch"]

VENV = ROOT / ".venv-lowest"
TESTS = ["-m", "pytest", "-q", "-p", "no:cacheprovider", "tests"]
# These two compare what is installed with the pins, which is not the question here.
LEFT_OUT = ["tests/browser", "tests/tools/test_dependencies.py"]


def lowest(extra: str = "test") -> dict[str, str]:
    """Return the oldest version of each package that is asked for by name."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    project = tomllib.loads(text)["project"]
    asked = project["dependencies"] + project["optional-dependencies"][extra]
    found = {}
    for need in map(Requirement, asked):
        (least,) = (s.version for s in need.specifier if s.operator == ">=")
        found[need.name] = least
    return found


def oldest_torch(version: str) -> str:
    """Install the oldest torch, or the tested one; return which it became, as a pin."""
    pins = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    tested = re.search(r"(?m)^torch==\S+", pins).group(0)
    index = install.torch_index()
    if index:
        try:
            install.pip(VENV, "--index-url", index, f"torch=={version}.*")
            return f"torch=={version}.*"
        except Stop:
            pass
    install.pip(VENV, tested)
    return tested


def main(options: list[str]) -> int:
    """Install and test; return pytest's exit status, or 1 if nothing was installed."""
    wanted = lowest()
    least = wanted.pop("torch")
    try:
        install.make_venv(VENV)
        torch = oldest_torch(least)
        with tempfile.TemporaryDirectory() as scratch:
            pins = Path(scratch, "lowest.txt")
            lines = (f"{name}=={version}" for name, version in wanted.items())
            pins.write_text("\n".join([*lines, torch]), encoding="utf-8")
            install.pip(VENV, "-c", str(pins), "-e", ".[test]")
    except (OSError, Stop) as stop:
        print(f"Not installed: {stop}", file=sys.stderr)
        return 1
    skip = [f"--ignore={path}" for path in LEFT_OUT]
    done = subprocess.run(
        [str(python_of(VENV)), *TESTS, *skip, *options],
        cwd=ROOT,
        env={k: v for k, v in os.environ.items() if k != "PYTHONPATH"},
        check=False,
    )
    had = "" if least in torch else f"; {torch}, as {least} cannot be had here"
    print(
        f"The oldest packages: {', '.join(f'{n} {v}' for n, v in wanted.items())}{had}"
    )
    return done.returncode


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
