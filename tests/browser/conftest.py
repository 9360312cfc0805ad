"""One server, one browser and one page for all browser tests."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import anywidget
import pytest
from lab import ARGUMENTS, Lab, Server, find_browser

BARE = Path(__file__).with_name("bare.js").read_text(encoding="utf-8")
NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"
LATENCIES: list[tuple[str, str, float]] = []


@pytest.fixture(scope="session")
def chromium():
    """The browser's path; without one, the tests fail in CI and are skipped at home."""
    path = find_browser()
    if path is None:
        say = "no Chromium: install one or name it in $CHROMIUM"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(say)
    return path


@pytest.fixture(scope="session")
def root(tmp_path_factory):
    """The folder that is served: a copy of the notebooks, free to be changed."""
    folder = tmp_path_factory.mktemp("served")
    skip = shutil.ignore_patterns(".ipynb_checkpoints")
    shutil.copytree(NOTEBOOKS, folder / "notebooks", ignore=skip)
    return folder


@pytest.fixture(scope="session")
def playwright():
    """The one that a process may have."""
    with pytest.importorskip("playwright.sync_api").sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def lab(chromium, playwright, root, tmp_path_factory):
    """JupyterLab in a browser page, light theme."""
    scratch = tmp_path_factory.mktemp("jupyter")
    server = Server(root, scratch)
    try:
        server.wait()
        context = playwright.chromium.launch_persistent_context(
            scratch / "browser",
            executable_path=chromium,
            args=ARGUMENTS,
            viewport={"width": 1400, "height": 1000},
        )
        context.set_default_timeout(60_000)
        try:
            yield Lab(server, context)
        finally:
            context.close()
    finally:
        server.stop()


@pytest.fixture
def bare(lab):
    """A function that opens an anywidget in a page without JupyterLab; see bare.js."""
    pages = []

    def opened(explorer):
        names = explorer.trait_names(sync=True)
        others = anywidget.AnyWidget.class_trait_names()
        own = [name for name in names if name not in others and name[0] != "_"]
        state = {name: getattr(explorer, name) for name in own}
        page = lab.page.context.new_page()
        pages.append(page)
        page.set_content("<body></body>")
        page.evaluate(BARE, [explorer._esm, json.loads(json.dumps(state))])
        return page

    yield opened
    for page in pages:
        page.close()


@pytest.fixture
def note_latency(record_property):
    """Note how long a key press took to reach the screen; told, never judged."""
    return lambda book, label, ms: record_property("latency", (book, label, ms))


def pytest_runtest_logreport(report):
    """Gather what was noted, in this process or in a worker of pytest-xdist."""
    if report.when == "call":
        noted = (value for name, value in report.user_properties if name == "latency")
        LATENCIES.extend(map(tuple, noted))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Give a worker of pytest-xdist whole lessons, and the tests of other files whole.

    A lesson is opened and run once, and then asked many things.
    """
    from xdist.scheduler import LoadFileScheduling

    class Lessons(LoadFileScheduling):
        def _split_scope(self, nodeid):
            file, _, test = nodeid.partition("::")
            return test.partition("[")[2] if "test_lessons" in file else file

    return Lessons(config, log)


def pytest_terminal_summary(terminalreporter):
    """Print the median and the worst latency of each control that was moved."""
    rows: dict[tuple[str, str], list[float]] = {}
    for book, label, ms in LATENCIES:
        rows.setdefault((book, label), []).append(ms)
    if rows:
        terminalreporter.section("from key press to pixels, in ms (not judged)")
    for (book, label), ms in rows.items():
        median = sorted(ms)[len(ms) // 2]
        terminalreporter.write_line(
            f"{book:<28} {label:<34} median {median:4.0f}  worst {max(ms):4.0f}"
            f"  of {len(ms)}"
        )
