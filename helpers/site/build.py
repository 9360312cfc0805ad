"""Build the book with Sphinx from stored outputs; nothing is executed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from helpers.site.pages import EXPLORERS, write_source
from helpers.tools.book import ROOT

__all__ = ["anchor", "build", "megabytes"]


def anchor(title: str) -> str:
    """Return the anchor of a heading as JupyterLab has it: "1.-One-step"."""
    return title.replace(" ", "-")


def build(out: Path, drawn: dict[str, tuple[Path, dict]], paths: list[Path]) -> str:
    """Write the site to the folder `out`; return what Sphinx warned of.

    drawn: for each explorer, "03/explore-steps" → the folder of its frames, its index.
    paths: the notebooks. RuntimeError, with its words, if Sphinx ends badly.
    """
    shutil.rmtree(out, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix="unrolled-site-") as scratch:
        source = Path(scratch, "source")
        source.mkdir()
        write_source(source, {name: index for name, (_, index) in drawn.items()}, paths)
        command = [sys.executable, "-m", "sphinx", "-q", "-b", "html"]
        command += ["-c", str(Path(__file__).parent), "-d", str(Path(scratch, "trees"))]
        said = subprocess.run(
            [*command, str(source), str(out)],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT), "NO_COLOR": "1"},
            capture_output=True,
            text=True,
        )
        if said.returncode:
            raise RuntimeError(said.stdout + said.stderr)
    for name, (folder, _) in drawn.items():
        shutil.copytree(folder, out / EXPLORERS / name)
    (out / ".nojekyll").touch()  # or GitHub's pages leave out what begins with _
    for path in [out / ".buildinfo", *(out / "_static").rglob("*.map")]:
        path.unlink(missing_ok=True)  # maps are for those who develop the theme
    return said.stdout + said.stderr


def megabytes(folder: Path) -> float:
    """Return the size of all files below a folder, in MB."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return sum(path.stat().st_size for path in files) / 1e6
