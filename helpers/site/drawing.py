"""Draw the frames of all explorers, a process for each notebook that needs some."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from helpers.site.build import megabytes
from helpers.site.kept import keep, key_of, place_of, read
from helpers.site.pages import explorers
from helpers.tools.book import ROOT, Book

__all__ = ["draw_all"]


def draw_all(
    paths: list[Path], spare: Path, jobs: int
) -> tuple[dict[str, tuple[Path, dict]], list[str]]:
    """Return the frames of all explorers of some notebooks, and what went wrong.

    They are a dict "03/explore-steps" → (folder, index). Those that are kept from
    before are taken as they are; for the others the cells of their notebook are run
    down to the last of them. spare: a folder for what is under way.
    """
    with ThreadPoolExecutor(max(1, jobs)) as pool:
        done = [*pool.map(lambda path: _draw(path, spare), paths)]
    frames = {name: found for made, _ in done for name, found in made.items()}
    return frames, [line for _, lines in done for line in lines]


def _draw(path: Path, spare: Path) -> tuple[dict, list[str]]:
    """Return (frames by name, failures) of one notebook, and tell how it goes."""
    book = Book(path)
    places = {c.id: place_of(key_of(book, c), spare) for c in explorers(book)}
    missing = {id: place for id, place in places.items() if read(place) is None}
    failures = _run(path, missing, spare) if missing else []
    found = {id: (place, read(place)) for id, place in places.items()}
    for id, (place, index) in found.items():
        if index:
            of = "drawn" if id in missing else "kept"
            frames = len(index.get("frames", ())) or "its module"
            size = megabytes(place)
            print(f"  {book.lesson} {id}: {frames}, {size:.1f} MB, {of}", flush=True)
    whole = {f"{book.lesson}/{id}": pair for id, pair in found.items() if pair[1]}
    return whole, failures


def _run(path: Path, missing: dict[str, Path], spare: Path) -> list[str]:
    """Run a notebook for the explorers that are missing; return what went wrong."""
    began = time.perf_counter()
    names = ", ".join(missing)
    print(f"  {path.stem[:2]} runs for {names}", flush=True)
    made = {id: spare / "drawing" / path.stem / id for id in missing}
    command = [sys.executable, "-m", "helpers.site.running", str(path)]
    command += [f"{id}={folder}" for id, folder in made.items()]
    surroundings = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        command, cwd=ROOT, env=surroundings, capture_output=True, text=True
    )
    for id, place in missing.items():
        if read(made[id]):
            keep(made[id], place)
    spent = f"{time.perf_counter() - began:.0f} s"
    told = "; ".join(done.stdout.split("\n")[:-1])
    print(f"  {path.stem[:2]} ran {spent} ({told})", flush=True)
    if done.returncode:
        said = done.stderr.strip().splitlines() or ["it ended without a word"]
        return [line for line in said if line.startswith(path.name)] or said[-1:]
    return []
