"""Run the tests as other processors would: with older instructions, more threads.

    python -m helpers.tools.portable [row ...] [--stage unit]

A row tells torch, its MKL and oneDNN, NumPy and its OpenBLAS which instructions to use
and how many threads to take, and starts with an empty cache.  Without names every row
is run, with the unit tests and the notebooks.  A row that this processor cannot run is
named in the table as such; it fails nothing.
"""

from __future__ import annotations

import argparse
import os
import platform
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from helpers.tools import verify

__all__ = ["FARTHEST", "ROWS", "Row", "main", "missing", "settings"]


@dataclass(frozen=True)
class Row:
    """One kind of processor: what it needs, what each library is told, its threads."""

    needs: str
    aten: str
    openblas: str
    onednn: str
    threads: int
    exact: bool = False  # MKL adds in the same order on every processor
    plain: bool = False  # NumPy leaves out the instructions that it chooses at run time

    def __str__(self) -> str:
        mkl = ", MKL compatible" if self.exact else ""
        word = "thread" if self.threads == 1 else "threads"
        return f"ATen {self.aten}, {self.openblas}{mkl}, {self.threads} {word}"


ROWS = {
    "sse-1": Row("sse4_2", "default", "Nehalem", "SSE41", 1, exact=True, plain=True),
    "sse-2": Row("sse4_2", "default", "Nehalem", "SSE41", 2, exact=True, plain=True),
    "avx2-1": Row("avx2", "avx2", "Haswell", "AVX2", 1),
    "avx2-2": Row("avx2", "avx2", "Haswell", "AVX2", 2, exact=True),
    "avx512-1": Row("avx512f", "avx512", "SkylakeX", "AVX512_CORE", 1),
    "avx512-2": Row("avx512f", "avx512", "SkylakeX", "AVX512_CORE", 2),
}
FARTHEST = "sse-2"  # from what most machines do: .ci/run runs it beside the usual one
STAGES = ("unit", "notebooks")


def settings(row: Row) -> dict[str, str]:
    """Return the environment variables that make the libraries behave like ``row``."""
    threads = str(row.threads)
    chosen = {
        "ATEN_CPU_CAPABILITY": row.aten,
        "OPENBLAS_CORETYPE": row.openblas,
        "ONEDNN_MAX_CPU_ISA": row.onednn,
        "OMP_NUM_THREADS": threads,
        "MKL_NUM_THREADS": threads,
        "OPENBLAS_NUM_THREADS": threads,
    }
    if row.exact:
        chosen["MKL_CBWR"] = "COMPATIBLE"
    if row.plain:
        chosen["NPY_DISABLE_CPU_FEATURES"] = " ".join(numpy_chooses())
    return chosen


def numpy_chooses() -> list[str]:
    """Return the instructions that NumPy uses here, or would, without having to."""
    from numpy._core import _multiarray_umath as core

    on = core.__cpu_features__
    off = os.environ.get("NPY_DISABLE_CPU_FEATURES", "").split()
    return [name for name in core.__cpu_dispatch__ if on.get(name) or name in off]


def missing(row: Row, cpuinfo: Path = Path("/proc/cpuinfo")) -> str:
    """Return why this processor cannot run ``row``; nothing if it can."""
    if platform.machine().lower() not in ("x86_64", "amd64"):
        return f"the processor is {platform.machine()}, not x86-64"
    try:
        lines = cpuinfo.read_text(encoding="utf-8").splitlines()
    except OSError:
        return "the processor does not say what it can do"
    flags = next((line.split() for line in lines if line.startswith("flags")), [])
    return "" if row.needs in flags else f"the processor has no {row.needs}"


def main(arguments: list[str] | None = None) -> int:
    """Run the chosen rows and show the table; return 0 if no stage failed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("rows", nargs="*", help=f"{', '.join(ROWS)}, or farthest")
    parser.add_argument("--stage", action="append", choices=STAGES, help="both without")
    options = parser.parse_args(arguments)
    names = [FARTHEST if name == "farthest" else name for name in options.rows or ROWS]
    for name in names:
        if name not in ROWS:
            parser.error(f"no row is called {name!r}: choose from {', '.join(ROWS)}")
    table, failed = [], False
    for name in names:
        row, said = ROWS[name], missing(ROWS[name])
        if said:
            table.append((name, str(row), f"not run: {said}"))
            continue
        results = []
        with tempfile.TemporaryDirectory(prefix="unrolled-portable-") as scratch:
            for stage in options.stage or STAGES:
                print(f"\n== {name}: {stage} ==", flush=True)
                start = time.perf_counter()
                outcome, counts = verify.run(stage, Path(scratch), settings(row))
                failed |= outcome == "FAILED"
                took = f"{time.perf_counter() - start:.0f} s"
                results.append(f"{stage} {outcome} ({counts or 'no count'}, {took})")
        table.append((name, str(row), "; ".join(results)))
    print("\n== other processors ==")
    wide = max(len(words) for _, words, _ in table)
    for name, words, results in table:
        print(f"{name:<9} {words:<{wide}}  {results}")
    return int(failed)


if __name__ == "__main__":
    raise SystemExit(main())
