"""Every notebook as a learner meets it: opened, run, and used with the keyboard."""

import json
import os
import re
from pathlib import Path

import pytest

from helpers.exercises.engine.registry import lesson_items
from helpers.tools.form_outputs import answers

NOTEBOOKS = sorted((Path(__file__).resolve().parents[2] / "notebooks").glob("*.ipynb"))
CHECK = re.compile(r"^check\(\"(\d\d\.\d+)\", (\w+)\)", re.MULTILINE)
VERDICT = re.compile(r"[✓✗] (Right|Not so)\.")
CANNOT_DRAW = "could not draw this"
# ms in which a control answers; a button may start a film, which waits before its first
# step. A key that does nothing, at an end of a range, costs so much.
ANSWERS, STARTS = 500, 1500
# So that a picture becomes another one by a control alone, not when its output follows.
NO_REST = "from helpers.explore.kit import screen; screen.REST = 600"


def cells(path):
    return json.loads(path.read_text(encoding="utf-8"))["cells"]


def source(cell):
    return "".join(cell["source"])


@pytest.fixture(scope="module", params=NOTEBOOKS, ids=lambda path: path.stem)
def opened(request, lab):
    """A notebook that was opened and not run."""
    book = lab.open(f"notebooks/{request.param.name}")
    yield book
    book.close()


@pytest.fixture(scope="module")
def book(opened):
    """The same notebook after Run All."""
    opened.run_all()
    opened.ask(NO_REST)
    return opened


def test_the_stored_notebook_shows_a_picture_or_words_for_every_widget(opened):
    opened.settle()
    for id in opened.tagged("widget"):
        words = opened.text(id)
        assert opened.pictures(id) or "Run this notebook" in words, id
        assert not re.search("Error|Loading widget|not found", words), words


def test_what_answers_a_prediction_is_collapsed_before_it_runs(opened):
    opened.settle()
    telling = [cell["id"] for cell in answers(opened.cells)]
    assert [id for id in telling if not opened.folded(id)] == []


def test_what_answers_a_prediction_is_seen_once_it_has_run(book):
    telling = [cell["id"] for cell in answers(book.cells)]
    assert [id for id in telling if book.folded(id)] == []
    for id in telling:
        assert book.text(id).strip() or book.pictures(id), id


def test_run_all_leaves_no_error_and_asks_nobody(book):
    assert book.problems() == []


@pytest.fixture(scope="module")
def deck(lab):
    """The presenter of slides is there; without it CI fails, and a reader is told."""
    if not lab.page.evaluate("unrolled.hasDeck()"):
        say = "no jupyterlab-deck: pip install -c constraints.txt -e '.[test]'"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(say)


def announced(cells):
    """Return the slides as the metadata has them: the ids of the cells on each."""
    slides = []
    for cell in cells:
        kind = cell["metadata"].get("slideshow", {}).get("slide_type")
        if kind in ("slide", "subslide") or not slides:
            slides.append([])
        if kind not in ("skip", "notes"):
            slides[-1].append(cell["id"])
    return slides


def test_the_deck_meets_every_slide_and_none_is_taller_than_the_page(
    book, deck, record_property
):
    """A projector shows 1280 x 720: what is taller is cut off, its controls first."""
    slides, wrong = announced(book.cells), []
    with book.presented(1280, 720):
        book.page.keyboard.press("ArrowDown")  # a lecturer's key
        assert book.active() == [id for slide in slides for id in slide][1]
        book.page.keyboard.press("ArrowUp")
        met = book.slides()
    tallest = max(met, key=lambda slide: slide["height"])
    lesson, id = Path(book.path).stem, tallest["cells"][0]
    record_property("deck", (lesson, len(met), tallest["height"], id))
    assert [slide["cells"] for slide in met] == slides
    for slide in met:
        name = f"{slide['cells'][0]}, {slide['height']} px"
        if slide["cut"]:
            wrong.append(f"{name}: {slide['cut']} px are beyond the page")
        if slide["scrolled"]:
            wrong.append(f"{name}: scrolls in {slide['scrolled']}")
        if slide["visible"] != slide["cells"]:
            wrong.append(f"{name}: at its end it shows only {slide['visible']}")
        for explorer in slide["explorers"]:
            if explorer["cut"] or not (explorer["controls"] and explorer["shows"]):
                wrong.append(f"{name}: cut, or without controls or picture: {explorer}")
    assert not wrong, "\n".join(wrong)
    assert book.problems() == []


def test_every_control_changes_what_is_shown(book, note_latency):
    wrong = []
    for id in book.tagged("widget"):
        controls = book.controls(id)
        if not controls:
            wrong.append(f"{id}: tagged as a widget, and there is nothing to move")
        for control in [c for c in controls if c["kind"] != "button"][:1]:
            if book.focus(id, control["number"]):  # what is stored has fewer colours
                for key in keys_for(control)[:2]:  # there, and back
                    book.press(id, key)
        idle = [c for c in controls if not moved(book, id, c, note_latency)]
        # Some only matter once another one has been moved: a second round.
        still = [c for c in idle if not moved(book, id, c, note_latency)]
        wrong += [f"{id}: {c['kind']} {c['label']!r} changes nothing" for c in still]
        if CANNOT_DRAW in book.text(id):
            wrong.append(f"{id}: {book.text(id)[-200:]}")
    assert wrong + book.problems() == []


def moved(book, id, control, note_latency):
    """Use one control with every key it has; return whether the picture changed."""
    number, label, changed = control["number"], control["label"], []
    if control["play"] and book.focus(id, number - 1):
        book.press(id, "Home")  # its slider: a film that is at its end shows nothing
    if not book.focus(id, number):
        return False
    for key in keys_for(control):
        if control["kind"] == "button" and not book.focus(id, number):
            break  # it was there for one press
        patience = STARTS if control["kind"] == "button" else ANSWERS
        drawn, ms = book.press(id, key, patience)
        changed.append(drawn)
        if drawn and ms is not None and control["kind"] == "slider":
            note_latency(Path(book.path).stem, label, ms)
        if CANNOT_DRAW in book.said:
            pytest.fail(f"{id}: {label!r} after {key}: {book.text(id)[-200:]}")
    there = {c["number"]: c["label"] for c in book.controls(id)}
    if control["kind"] == "button" and there.get(number) == "stop":
        book.focus(id, number)
        book.press(id, " ")  # or it goes on, and slows what is measured next
    return any(changed)


def keys_for(control):
    """Return the keys that use a control, ends of its range included."""
    if control["kind"] == "slider":
        return ["ArrowRight", "ArrowLeft", "End", "Home", *["ArrowRight"] * 3]
    if control["kind"] == "choice":
        return ["ArrowDown", "ArrowUp"]
    if control["kind"] == "text":  # an end that no limit cuts off; a letter, a number
        if control["value"]:
            return [control["value"][0], *["Backspace"] * 3]
        return ["a", "Backspace", "1", "Backspace"]
    if control["play"]:
        return ["Enter", "Enter"]  # start, stop
    return [" "]


def test_predictions_answer_to_the_keyboard(book):
    asked = [c["id"] for c in book.cells if source(c).startswith("predict(")]
    for id in asked:
        for button in book.controls(id):
            assert book.focus(id, button["number"]), id
            book.press(id, " ", ANSWERS)
            assert VERDICT.search(book.text(id)), id
    assert book.problems() == []


PLAY = """async (id) => {
  const player = unrolled.out(id).querySelector('audio');
  if (!player) return 'nothing to play it with';
  player.muted = true;  // no browser plays aloud unasked
  await player.play();
  const end = performance.now() + 5000;
  while (!player.currentTime && performance.now() < end) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  player.pause();
  return player.currentTime > 0 && player.duration > 1 ? 'plays' : 'stays silent';
}"""


def test_sound_plays(book):
    """Whatever a cell offers to be heard is really played by the browser."""
    sounding = [c["id"] for c in book.cells if "audio/" in str(c.get("outputs"))]
    for id in sounding:
        book.page.evaluate("id => unrolled.activate(id)", id)
        book.settle()
        assert book.page.evaluate(PLAY, id) == "plays", id
    assert book.problems() == []


def test_an_exercise_done_wrong_then_right_by_keyboard(book):
    number = Path(book.path).name[:2]
    references = {
        exercise.id: exercise.reference for exercise in lesson_items(number)[0]
    }
    checks = {c["id"]: CHECK.search(source(c)) for c in book.cells}
    done = [(id, *found.groups()) for id, found in checks.items() if found]
    if not references:
        pytest.skip("a notebook without exercises")
    assert done, "no cell checks an exercise"
    check, exercise, name = done[0]
    ids = [c["id"] for c in book.cells]
    stub = next(
        id for id in reversed(book.tagged("exercise")) if before(ids, id, check)
    )

    assert "not attempted yet" in book.text(check)

    book.replace(stub, f"def {name}(*args, **kwargs):\n    return 0")
    book.replace(check, f'check("{exercise}", {name})')
    said = book.text(check)
    assert re.search(rf"✗ {re.escape(exercise)} — \w+", said)
    assert "Traceback" not in said
    assert len(said.strip().splitlines()) == 1, said

    right = references[exercise]
    book.replace(stub, f"from {right.__module__} import {right.__name__} as {name}")
    book.replace(check, f'check("{exercise}", {name})')
    assert f"✓ {exercise} — right." in book.text(check)
    assert book.problems() == []


def before(ids, one, other):
    return ids.index(one) < ids.index(other)


def test_the_dark_theme_shows_everything_too(book, lab):
    lab.theme("JupyterLab Dark")
    try:
        for id in book.tagged("widget"):
            assert book.text(id).strip() or book.pictures(id), id
    finally:
        lab.theme("JupyterLab Light")
    assert book.problems() == []
