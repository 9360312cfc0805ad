"""The static book: every page in a browser that can reach no other host.

It is built with the explorers of two lessons, which hold one of each sort: a grid, a
star, a widget with a module of its own, a text box. UNROLLED_SITE names a finished book
to look at instead, with those of all lessons, as `make site CHECK=1` does.
"""

import functools
import http.server
import os
import threading
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from lab import ARGUMENTS

pytest.importorskip("sphinx_book_theme", reason="the extra `site` is not installed")

from helpers.site.__main__ import main
from helpers.tools.book import ROOT, Book, find

SAMPLE = ["00", "05"]
FINISHED = os.environ.get("UNROLLED_SITE")
NAMES = [] if FINISHED else SAMPLE
SCRIPT = Path(__file__).with_name("site.js")
TEXTS = sorted(path.stem for path in (ROOT / "notebooks").glob("*.md"))
PAGES = ["index", "search", *TEXTS, *(path.stem for path in find([]))]
MOVING = [path.stem for path in find(NAMES)]
KEYS = ["ArrowRight", "ArrowLeft", "End", "Home", "ArrowDown", "ArrowUp", "Enter", " "]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The finished book; a page or a frame that cannot be made fails all tests."""
    if FINISHED:
        return Path(FINISHED).resolve()
    out = tmp_path_factory.mktemp("book") / "site"
    assert main([*NAMES, "--out", str(out)]) == 0
    return out


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def url(folder):
    serve = functools.partial(Quiet, directory=folder)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), serve) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="module")
def browser(chromium, playwright):
    started = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
    yield started
    started.close()


@pytest.fixture
def page(browser, url):
    """A page that has to end without an error, and without asking another host."""
    wrong = []
    context = browser.new_context(viewport={"width": 1300, "height": 900})
    context.set_default_timeout(20_000)

    def allow(route):
        asked = urlsplit(route.request.url)
        if asked.hostname == "127.0.0.1":
            return route.continue_()
        wrong.append(f"asked {route.request.url}")
        return route.abort()

    context.route("**/*", allow)
    page = context.new_page()
    page.add_init_script(SCRIPT.read_text(encoding="utf-8") + "window.site = site;")
    page.on("pageerror", lambda error: wrong.append(f"error: {error}"))
    said = {"error", "warning"}
    page.on("console", lambda m: wrong.append(m.text) if m.type in said else None)
    page.on(
        "response",
        lambda r: wrong.append(f"{r.status} {r.url}") if r.status >= 400 else None,
    )
    page.show = lambda name: page.goto(f"{url}/{name}.html", wait_until="load")
    yield page
    context.close()
    assert wrong == []


@pytest.mark.parametrize("name", PAGES)
def test_a_page_opens_and_its_links_and_alt_texts_are_there(page, name):
    page.show(name)
    assert all(ready(page))
    for wrong in "broken", "nameless", "raw":
        assert page.evaluate(f"site.{wrong}()") == [], wrong


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_light_before_its_frames_come(folder, name):
    path = folder / f"{name}.html"
    text = path.read_text(encoding="utf-8")
    images = [p for p in (folder / "_images").iterdir() if p.name in text]
    assert path.stat().st_size + sum(p.stat().st_size for p in images) < 3e6


def ready(page):
    """Yield each explorer of a page, in view and alive."""
    for number in range(page.evaluate("site.boxes().length")):
        box = page.evaluate_handle("n => site.boxes()[n]", number).as_element()
        box.scroll_into_view_if_needed()
        page.wait_for_function("box => box.dataset.ready", arg=box)
        yield box


def moved(page, box, number):
    """Use a control with every key it may have; return whether what is seen changed."""
    for key in KEYS:
        if not page.evaluate("([box, n]) => site.focus(box, n)", [box, number]):
            return True  # it was there for one press
        before = page.evaluate("site.shown", box)
        page.keyboard.press(key)
        if page.evaluate("site.shown", box) != before:
            return True
    return False


@pytest.mark.parametrize("name", MOVING)
def test_every_control_of_every_explorer_changes_its_picture(page, name):
    page.show(name)
    (path,) = find([name])
    wanted = [c for c in Book(path).code if "widget" in c.tags and "explore_" in c.text]
    boxes = list(ready(page))
    assert len(boxes) == len(wanted)
    idle = []
    for place, box in enumerate(boxes):
        count = page.evaluate("box => site.controls(box).length", box)
        assert count, f"{wanted[place].id}: nothing to move"
        left = [n for n in range(count) if not moved(page, box, n)]
        # Some only matter once another one has been moved: a second round.
        left = [n for n in left if not moved(page, box, n)]
        label = "([box, n]) => site.controls(box)[n].parentElement.textContent"
        idle += [(wanted[place].id, page.evaluate(label, [box, n])) for n in left]
    assert idle == []


@pytest.mark.parametrize("name", MOVING)
def test_a_slider_reaches_its_picture(page, name, note_latency):
    page.show(name)
    for box in (b for b in ready(page) if "ur-live" in b.get_attribute("class")):
        for ms in page.evaluate("site.latencies", box):
            note_latency(f"site {name[:2]}", box.get_attribute("data-src"), ms)


@pytest.mark.parametrize("name", PAGES)
def test_predictions_answer_and_hints_open(page, name):
    page.show(name)
    for question in page.query_selector_all(".ur-predict"):
        verdicts = []
        for button in question.query_selector_all("button"):
            button.focus()
            page.keyboard.press("Enter")
            verdicts.append(question.query_selector("[role=status]").inner_text()[:6])
        assert {*verdicts} == {"✓ Righ", "✗ Not "}
        assert verdicts.count("✓ Righ") == 1
    for hint in page.query_selector_all(".ur-exercise details"):
        hint.query_selector("summary").focus()
        page.keyboard.press("Enter")
        assert hint.query_selector("p").is_visible()


def test_a_setting_is_a_link(page):
    page.show(MOVING[0])
    box = next(ready(page))
    assert moved(page, box, 0)
    seen = page.evaluate("site.shown", box)
    link = box.query_selector(".ur-note a").evaluate("link => link.href")
    page.show("index")
    page.goto(link)
    assert page.evaluate("site.shown", next(ready(page))) == seen


def test_search_finds_what_a_lesson_says(page):
    page.show("search")
    page.goto(f"{page.url}?q=vanishing")
    page.wait_for_selector("#search-results li a")
    links = page.locator("#search-results li a")
    assert "04_vanishing_gradients" in " ".join(
        links.nth(i).get_attribute("href") for i in range(links.count())
    )


def test_the_dark_theme_is_kept_from_page_to_page(page):
    page.show("index")
    colour = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(colour)
    page.locator(".theme-switch-button:visible").click()
    page.locator(".theme-change-button[data-mode=dark]").click()
    page.show(PAGES[-1])
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert page.evaluate(colour) != light
