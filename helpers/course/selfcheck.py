"""selfcheck: is this installation sound, and if not, what helps?"""

from __future__ import annotations

import html
import importlib.metadata
import io
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import anywidget
import torch
import traitlets
from IPython.display import display
from packaging.requirements import Requirement

from helpers.cache import cache_folder
from helpers.exercises.engine.progress import progress_file
from helpers.explore.kit.live import figure

__all__ = ["Line", "Report", "RoundTrip", "selfcheck"]

INSTALL = "close JupyterLab and start it again with `make lab`, which installs"


class Line(NamedTuple):
    """One thing looked at: whether it is sound, and what was found or helps."""

    name: str
    sound: bool
    text: str


class RoundTrip(anywidget.AnyWidget):
    """A line that turns to OK when kernel and page have answered each other."""

    _esm = Path(__file__).with_name("selfcheck.js")
    question = traitlets.Int(0).tag(sync=True)
    answer = traitlets.Int(0).tag(sync=True)
    seen = traitlets.Bool(False).tag(sync=True)

    def __init__(self) -> None:
        super().__init__(question=time.time_ns() % 10**6 + 1)
        self.observe(self._compare, names="answer")

    def _compare(self, change) -> None:
        self.seen = change.new == self.question + 1

    def __repr__(self) -> str:
        return (
            "widgets: run this cell to see whether they answer; if this line stays, "
            f"{INSTALL} them"
        )

    def _repr_mimebundle_(self, **kwargs):
        shown = super()._repr_mimebundle_(**kwargs)
        data, metadata = shown if isinstance(shown, tuple) else (shown or {}, {})
        return {**data, "text/plain": repr(self)}, metadata


class Report:
    """The lines of a self-check, as a table; a live line for the widgets follows."""

    def __init__(self, lines: list[Line]) -> None:
        self.lines = lines

    @property
    def sound(self) -> bool:
        """Whether nothing needs a remedy."""
        return all(line.sound for line in self.lines)

    def __repr__(self) -> str:
        rows = [
            f"{'OK' if line.sound else '✗ not OK':8}  {line.name:10}  {line.text}"
            for line in self.lines
        ]
        return "\n".join(rows)

    def _repr_html_(self) -> str:
        left = 'style="text-align: left"'
        nowrap = 'style="text-align: left; white-space: nowrap"'
        rows = "".join(
            f"<tr><td {nowrap}>{'OK' if line.sound else '<b>✗ not OK</b>'}</td>"
            f'<th scope="row" {left}>{html.escape(line.name)}</th>'
            f"<td {left}>{html.escape(line.text)}</td></tr>"
            for line in self.lines
        )
        return f"<table><caption>Self-check</caption><tbody>{rows}</tbody></table>"

    def _ipython_display_(self) -> None:
        page = {"text/plain": repr(self), "text/html": self._repr_html_()}
        display(page, raw=True)
        display(RoundTrip())


def selfcheck() -> Report:
    """Return a report on versions, figures, threads, GPU, folders and disk space.

    Shown in a notebook it also tests that widgets answer. No path is shown.
    """
    looks = (_python, _packages, _figures, _threads, _gpu, _progress, _cache)
    return Report([_looked(look) for look in looks])


def _looked(look) -> Line:
    name = look.__name__.strip("_")
    try:
        return Line(name, *look())
    except Exception as error:
        remedy = "if it stays: `make clean`, then `make lab`"
        return Line(name, False, f"{type(error).__name__}: {error}; {remedy}")


def _python() -> tuple[bool, str]:
    return True, ".".join(map(str, sys.version_info[:3]))


def _packages() -> tuple[bool, str]:
    """Compare what is installed with the ranges that the project asks for."""
    try:
        wanted = importlib.metadata.requires("unrolled") or []
    except importlib.metadata.PackageNotFoundError:
        return False, f"the course itself is not installed: {INSTALL} it"
    wrong, shown = [], []
    for text in wanted:
        need = Requirement(text)
        if need.marker and not need.marker.evaluate({"extra": ""}):
            continue
        try:
            version = importlib.metadata.version(need.name)
        except importlib.metadata.PackageNotFoundError:
            wrong.append(f"{need.name} is missing")
            continue
        if not need.specifier.contains(version, prereleases=True):
            wrong.append(f"{need.name} is {version}, want {need.specifier}")
        if need.name in ("torch", "numpy", "jupyterlab", "ipywidgets"):
            shown.append(f"{need.name} {version}")
    if wrong:
        return False, f"{'; '.join(wrong)}: {INSTALL} what is wanted"
    return True, ", ".join(sorted(shown))


def _figures() -> tuple[bool, str]:
    fig, ax = figure(width=2, height=1)
    ax.plot([0, 1])
    page = io.BytesIO()
    fig.savefig(page, format="png")
    if not page.getvalue().startswith(b"\x89PNG"):
        return False, f"no picture came out: {INSTALL} Matplotlib"
    return True, "a picture was drawn"


def _threads() -> tuple[bool, str]:
    """Time a small recurrent net as it is set, and on one thread."""
    given = torch.get_num_threads()
    net, x = torch.nn.RNN(32, 64, batch_first=True), torch.zeros(16, 50, 32)

    def seconds() -> float:
        best = float("inf")
        for _ in range(3):
            began = time.perf_counter()
            with torch.no_grad():
                net(x)
            best = min(best, time.perf_counter() - began)
        return best

    as_set = seconds()
    try:
        torch.set_num_threads(1)
        alone = seconds()
    finally:
        torch.set_num_threads(given)
    word = "thread" if given == 1 else "threads"
    if given > 1 and as_set > 3 * alone:
        return False, f"{given} {word} are far slower than 1: call setup(threads=1)"
    return True, f"torch uses {given} {word} for each product"


def _gpu() -> tuple[bool, str]:
    if torch.cuda.is_available():
        device, name = "cuda", torch.cuda.get_device_name()
    elif torch.backends.mps.is_available():
        device, name = "mps", "Apple"
    else:
        return True, "none found, and none needed"
    if torch.ones(3, device=device).sum().item() != 3:
        return False, f"{name} computes wrongly: set CUDA_VISIBLE_DEVICES= (empty)"
    return True, f"{name} works; the lessons do not need it"


def _progress() -> tuple[bool, str]:
    if not _writable(progress_file().parent):
        return False, (
            "its folder cannot be written, so nothing is remembered: set the "
            "environment variable UNROLLED_HOME to a folder of yours"
        )
    return True, "is remembered from one session to the next"


def _cache() -> tuple[bool, str]:
    folder = cache_folder()
    if folder is None:
        return True, "switched off: long runs are computed each time"
    if not _writable(folder):
        return False, (
            "its folder cannot be written, so long runs are computed each time: set "
            "the environment variable UNROLLED_CACHE to a folder of yours"
        )
    if shutil.disk_usage(folder).free < 200 * 2**20:
        return False, "the disk is almost full: make room, or run `make clean-cache`"
    return True, "finished runs are kept"


def _writable(folder: Path) -> bool:
    try:
        os.makedirs(folder, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"1")
    except OSError:
        return False
    return True


if __name__ == "__main__":
    report = selfcheck()
    print(report)
    raise SystemExit(not report.sound)
