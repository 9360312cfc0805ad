"""Make the course a static book whose explorers live: `make site`.

python -m helpers.site [03 01 ...] [--out build/site] [--jobs 2] [--no-frames]

First the frames of every explorer, from the cache where neither it nor its notebook has
changed; then the pages, from the stored outputs. The book links to all lessons; the
numbers say whose explorers move.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

from helpers.site.build import build, megabytes
from helpers.site.drawing import draw_all
from helpers.tools.book import ROOT, find

__all__ = ["main"]


def main(arguments: list[str] | None = None) -> int:
    """Make the site; return 0, or 1 if a frame or a page could not be made."""
    about = __doc__.splitlines()[0]
    parser = argparse.ArgumentParser(prog="make site", description=about)
    parser.add_argument("names", nargs="*", help="lessons whose explorers move; all")
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "site")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--no-frames", action="store_true", help="stored pictures only")
    options = parser.parse_args(arguments)
    try:
        chosen = find(options.names)
    except ValueError as error:
        parser.error(str(error))
    with tempfile.TemporaryDirectory(prefix="unrolled-frames-") as spare:
        start, failed = time.perf_counter(), []
        drawn = {}
        if not options.no_frames:
            drawn, failed = draw_all(chosen, Path(spare), options.jobs)
            print(f"frames: {time.perf_counter() - start:.0f} s", flush=True)
        start = time.perf_counter()
        try:
            warned = build(options.out, drawn, find([]))
        except RuntimeError as error:
            print(error, file=sys.stderr)
            return 1
    took, size = time.perf_counter() - start, megabytes(options.out)
    print(warned, end="")
    print(f"pages: {took:.0f} s; {size:.1f} MB in {options.out}")
    print(f"To read it: python -m http.server --directory {options.out}")
    for line in failed:
        print(f"FAILED {line}", file=sys.stderr)
    return int(bool(failed or warned))


if __name__ == "__main__":
    raise SystemExit(main())
