"""Check the whole course: form, code, notebooks and the browser.

    python helpers/tools/verify.py [stage ...]

Every stage runs, whatever the others say; the last line tells the outcome. On two
cores or more, files of tests and notebooks run two at a time, lessons in the browser
three.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def cores() -> int:
    """Return how many processor cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


SIDE_BY_SIDE = 2  # processes of a stage, if there are as many cores
BROWSERS = 3  # they wait more than they compute
PYTEST = ["-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:logging"]


def beside(processes: int = SIDE_BY_SIDE) -> list[str]:
    """Return pytest's options for so many workers, each with whole files of tests.

    On a single core there are none: the tests run one after the other.
    """
    if cores() < SIDE_BY_SIDE:
        return []
    workers = ["-n", str(processes), "--dist", "loadfile"]
    return [*workers, "-p", "helpers.tools.apart"]


# What comes after nbval finds its finished training runs in the cache.
STAGES = {
    "lint": ["-m", "ruff", "check", "."],
    "format": ["-m", "ruff", "format", "--check", "."],
    "unit": [*PYTEST, *beside(), "tests", "--ignore=tests/browser"],
    "notebooks": [
        *PYTEST,
        *beside(),
        "--nbval-lax",
        "--nbval-current-env",
        "--nbval-cell-timeout=300",
        "notebooks",
    ],
    "browser": [*PYTEST, *beside(BROWSERS), "tests/browser"],
}
NOTHING_COLLECTED = 5


def surroundings(scratch: Path, stage: str) -> dict[str, str]:
    """Return the environment of a stage: a new learner's, with a cache to share.

    The progress file, the cache and IPython's history lie under ``scratch``, so that
    a learner who tests the course keeps what she has done. Where two processes share
    the cores, each computes with one thread, unless it is told otherwise.
    """
    (scratch / stage).mkdir(exist_ok=True)
    one_thread = {"OMP_NUM_THREADS": "1", "OMP_WAIT_POLICY": "passive"}
    return {
        **(one_thread if beside() else {}),
        **os.environ,
        "UNROLLED_HOME": str(scratch / stage / "home"),
        "UNROLLED_CACHE": str(scratch / "cache"),
        "IPYTHONDIR": str(scratch / stage / "ipython"),
        "JUPYTER_PREFER_ENV_PATH": "1",
        "PYTHONDONTWRITEBYTECODE": "",  # what one process has compiled serves the next
        "PYTHONUNBUFFERED": "1",
    }


def command(stage: str, more: dict[str, str]) -> list[str]:
    """Return what Python is to run for a stage, with `more` in its environment.

    Notebooks that compute with several threads each take turns: two of them on two
    cores wait for each other's threads, and a cell takes twenty times as long.
    In the usual surroundings each cell is run twice, in others once.
    """
    several = int(more.get("OMP_NUM_THREADS", 1)) > 1
    options = []
    if stage == "notebooks" and several and beside():
        options += ["-n", "1"]  # the last number of workers counts
    if stage == "notebooks" and not more:
        options += ["-p", "helpers.tools.twice"]
    return [*STAGES[stage], *options]


def run(stage: str, scratch: Path, more: dict | None = None) -> tuple[str, str]:
    """Run one stage with its output shown; return (outcome, pytest's own summary).

    more: environment variables to set beside those of `surroundings`.
    """
    last = ""
    with subprocess.Popen(
        [sys.executable, *command(stage, more or {})],
        cwd=ROOT,
        env=surroundings(scratch, stage) | (more or {}),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    ) as process:
        for line in process.stdout:
            print(line, end="", flush=True)
            last = line.strip() or last
    counted = re.search(r"(\d+ \w+(, \d+ \w+)*) in [\d.]+", last)
    summary = counted.group(1) if counted else ""
    if process.returncode == NOTHING_COLLECTED:
        return "FAILED", "nothing to run was found"
    if process.returncode:
        return "FAILED", summary
    if re.fullmatch(r"\d+ skipped", summary):
        return "skipped", summary
    return "ok", summary


def main(chosen: list[str]) -> int:
    """Run the chosen stages (all of them by default); return 0 if none failed."""
    unknown = [stage for stage in chosen if stage not in STAGES]
    if unknown:
        print(f"No stage is called {unknown[0]!r}: choose from {', '.join(STAGES)}.")
        return 2
    rows, start = [], time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="unrolled-test-") as scratch:
        for stage in chosen or STAGES:
            print(f"\n== {stage} ==", flush=True)
            since = time.perf_counter()
            outcome, summary = run(stage, Path(scratch))
            rows.append((stage, outcome, time.perf_counter() - since, summary))
    print("\n== summary ==")
    for stage, outcome, seconds, summary in rows:
        print(f"{stage:<10} {outcome:<8} {seconds:6.1f} s  {summary}".rstrip())
    failed = [stage for stage, outcome, _, _ in rows if outcome == "FAILED"]
    whole = f"{time.perf_counter() - start:.0f} s"
    if failed:
        print(f"FAILED after {whole}: {', '.join(failed)}")
        return 1
    print(f"PASSED: {len(rows)} stages in {whole}")
    return 0


if __name__ == "__main__":
    sys.stdout.reconfigure(errors="replace")  # a code page may lack what is printed
    raise SystemExit(main(sys.argv[1:]))
