"""The live figure in a real browser, and the thread trap."""

import base64
import time

import nbformat
import pytest

SETUP = """
import threading

import matplotlib.pyplot as plt
import numpy as np

from helpers import setup
from helpers.explore.kit import screen
from helpers.explore.kit.live import Live, choice, figure, slider, text_box, toggle

screen.REST = 3  # seconds, so that a slow machine sees what is before, too
setup()
"""

EXPLORER = """
x = np.linspace(0, 10, 300)
on_main_thread = set()


def explore():
    fig, (left, right) = figure(1, 2)
    (line,) = left.plot(x, np.sin(x), label="wave", animated=True)
    left.legend(loc="upper right")
    left.set(xlabel="time (s)", ylabel="volts (V)", ylim=(-3, 3))
    heat = np.outer(np.sin(np.arange(16)), np.cos(np.arange(30)))
    image = right.imshow(heat, animated=True, vmin=-3, vmax=3)

    def update(gain, shift, shape, word, strong):
        main = threading.main_thread()
        on_main_thread.add(threading.current_thread() is main)
        if word == "boom":
            raise ValueError("no such word")
        wave = np.sin if shape == "sine" else np.sign
        line.set_ydata(gain * wave(x + len(word)) * (1 if strong else 0.5))
        image.set_data(np.roll(heat, shift, 1) * gain)
        return f"peak {gain:.1f} V after {shift} steps of {word}"

    controls = {
        "gain": slider("gain", 1.0, 0.1, 3.0, 0.1, unit="V"),
        "shift": slider("shift", 3, 0, 20, 1, unit="steps"),
        "shape": choice("shape", ["sine", "square"]),
        "word": text_box("word", "boo"),
        "strong": toggle("full strength", True),
    }
    return Live(fig, update, controls, alt="A wave, a heat map.", play="shift")


live = explore()
live
"""

PYPLOT = """
for n in range(12):
    fig, ax = plt.subplots(figsize=(3, 2))
    for k in range(4):
        plt.plot(x, np.sin(n * x / 5 + k))
    assert plt.gcf() is fig
    assert len(ax.lines) == 4
    assert len(fig.axes) == 1
    plt.title(f"picture {n}")
    plt.show()
"""

MANY = ["gain (V)", "shift (steps)", "shape", "word", "full strength"]
NAME = "fixture.ipynb"


@pytest.fixture(scope="module")
def book(lab, root):
    sources = {"setup": SETUP, "explorer": EXPLORER, "pyplot": PYPLOT}
    cells = [
        nbformat.v4.new_code_cell(text.strip(), id=id) for id, text in sources.items()
    ]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
    nbformat.write(notebook, root / NAME)
    book = lab.open(NAME)
    book.run_all()
    yield book
    book.close()


def control(book, label):
    """Put the focus on the control with this label."""
    number = next(
        c["number"] for c in book.controls("explorer") if c["label"].startswith(label)
    )
    assert book.focus("explorer", number)


def shown(book):
    """The explorer's picture as the notebook would store it."""
    return next(
        output["data"]["image/png"].replace("\n", "")
        for output in book.outputs("explorer")
        if "image/png" in output["data"]
    )


def wanted(book):
    """The picture that the controls' present values ask for."""
    return book.ask(
        "import base64; print(base64.b64encode(live.frame()).decode(), end='')"
    )


SEEN = """async (png) => {  // is the picture on the page, pixel by pixel, this PNG?
  const bytes = Uint8Array.from(atob(png), (char) => char.charCodeAt(0));
  const picture = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
  const pixels = (source) => {
    const paper = new OffscreenCanvas(picture.width, picture.height).getContext('2d');
    paper.drawImage(source, 0, 0);
    return paper.getImageData(0, 0, picture.width, picture.height).data;
  };
  const shown = unrolled.pictures('explorer');
  if (shown[0].tagName === 'IMG') await shown[0].decode();
  const [one, other] = [pixels(shown[0]), pixels(picture)];
  return shown.length === 1 && one.every((value, at) => value === other[at]);
}"""


def seen(book):
    """Whether the page shows what the controls' present values ask for."""
    return book.page.evaluate(SEEN, wanted(book))


def kept(book):
    """Whether the output, which follows at rest, has it too."""
    want, end = wanted(book), time.monotonic() + 20
    while shown(book) != want and time.monotonic() < end:
        book.settle()
    return shown(book) == want


def test_it_runs_and_asks_nobody(book):
    assert book.problems() == []


def test_all_controls_are_there_with_their_labels(book):
    labels = [c["label"] for c in book.controls("explorer") if c["kind"] != "button"]
    assert labels == MANY


@pytest.mark.parametrize(
    ("label", "keys"),
    [
        ("gain", ["ArrowRight", "ArrowLeft", "ArrowUp", "PageUp", "Home", "End"]),
        ("shift", ["ArrowRight", "ArrowLeft", "Home", "End"]),
        ("shape", ["ArrowDown", "ArrowUp"]),
        ("word", ["t", "Backspace"]),
        ("full strength", [" ", " "]),
    ],
)
def test_every_key_changes_the_picture_and_the_last_value_shows(
    book, label, keys, note_latency
):
    control(book, label)
    for key in keys:
        changed, ms = book.press("explorer", key)
        assert changed, key
        if ms is not None:
            note_latency("live figure", label, ms)
        assert seen(book), key
    assert kept(book)
    assert seen(book)
    assert book.problems() == []


def test_the_reading_follows(book):
    control(book, "gain")
    book.press("explorer", "Home")
    assert "peak 0.1 V after" in book.text("explorer")
    book.press("explorer", "ArrowRight")
    assert "peak 0.2 V after" in book.text("explorer")


def test_the_page_does_not_jump(book):
    """The picture keeps its size and its place while it is replaced."""
    control(book, "gain")
    place = """() => { const box = unrolled.pictures('explorer')[0]
        .getBoundingClientRect(); return [box.x, box.y, box.width, box.height]; }"""
    before = book.page.evaluate(place)
    assert before[2:] == [900, 360]
    for key in ("ArrowRight", "End", "Home"):
        book.press("explorer", key)
        assert book.page.evaluate(place) == before
    assert kept(book)
    assert book.page.evaluate(place) == before


def test_a_fast_drag_ends_on_the_right_picture(book):
    number = book.controls("explorer")[0]["number"]
    book.focus("explorer", number)
    handle = book.page.locator(".noUi-handle").first
    box = handle.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    mouse = book.page.mouse
    mouse.move(x, y)
    mouse.down()
    for i in range(1, 61):
        mouse.move(x + 150 * i / 60, y)
    mouse.up()
    book.settle()
    assert seen(book)
    assert kept(book)
    assert float(book.ask("print(live.values['gain'])")) > 0.5


def test_play_moves_the_slider(book):
    control(book, "shift")
    book.press("explorer", "Home")
    play = next(c for c in book.controls("explorer") if c["play"])
    assert book.focus("explorer", play["number"])
    changed, _ = book.press("explorer", "Enter")
    assert changed
    book.page.wait_for_function("unrolled.ask('print(live.values)').then(() => true)")
    book.page.keyboard.press("Enter")  # stop
    book.settle(800)
    assert int(book.ask("print(live.values['shift'])")) > 0
    assert seen(book)
    assert kept(book)


def test_an_error_is_a_note_and_the_figure_lives_on(book):
    control(book, "word")
    book.press("explorer", "m")  # and until the kernel has been idle for a while
    assert "could not draw this: ValueError: no such word" in book.text("explorer")
    changed, _ = book.press("explorer", "s")
    assert changed
    assert "could not draw this" not in book.text("explorer")
    assert seen(book)


def test_widgets_are_answered_by_the_thread_that_runs_the_cells(book):
    control(book, "gain")
    book.press("explorer", "ArrowRight")
    assert book.ask("print(on_main_thread)") == "{True}"


def test_a_slider_moved_while_a_cell_draws(book):
    """The trap of pyplot-based sliders: both pictures come out right here."""
    alone = book.outputs("pyplot")
    assert sum("data" in output for output in alone) == 12
    control(book, "gain")
    book.page.keyboard.press("Home")
    book.settle()
    book.start("pyplot")
    control(book, "gain")
    moves = 0
    while not book.page.evaluate("unrolled.done()"):
        book.page.keyboard.press("ArrowRight" if moves % 40 < 20 else "ArrowLeft")
        moves += 1
    assert moves > 3
    book.settle()
    assert book.outputs("pyplot") == alone
    assert seen(book)
    assert kept(book)
    assert book.problems() == []


def canvases(book):
    return book.page.evaluate("""() => unrolled.pictures('explorer')
        .filter((picture) => picture.tagName === 'CANVAS').length""")


def test_a_frame_is_a_canvas_in_the_place_of_the_picture_until_the_output_follows(book):
    control(book, "gain")
    book.press("explorer", "Home")
    assert canvases(book) == 1
    role = """() => { const one = unrolled.pictures('explorer')[0];
        return [one.getAttribute('role'), one.getAttribute('aria-label')]; }"""
    assert book.page.evaluate(role) == ["img", "A wave, a heat map."]
    assert kept(book)
    assert canvases(book) == 0
    book.press("explorer", "ArrowRight")
    assert canvases(book) == 1
    assert seen(book)


def test_where_the_page_has_no_place_for_frames_the_output_is_updated_at_once(book):
    """As in a front end that is not JupyterLab; then JupyterLab again."""
    rename = """([from, to]) => unrolled.out('explorer').querySelectorAll(`.${from}`)
        .forEach((one) => one.classList.replace(from, to))"""
    control(book, "gain")
    book.press("explorer", "Home")
    book.page.evaluate(rename, ["jp-RenderedHTML", "elsewhere"])
    for _ in range(3):
        book.press("explorer", "ArrowRight")
        assert shown(book) == wanted(book)
        assert seen(book)
        assert "peak" in book.text("explorer")
    book.page.evaluate(rename, ["elsewhere", "jp-RenderedHTML"])
    for _ in range(3):
        book.press("explorer", "ArrowRight")
        assert seen(book)
    assert canvases(book) == 1
    assert kept(book)
    assert book.problems() == []


def test_a_second_view_of_the_output_shows_the_same(book):
    """JupyterLab's "Create New View for Output" shows an output a second time."""
    book.page.evaluate("id => unrolled.activate(id)", "explorer")
    book.page.evaluate("unrolled.secondView()")
    book.settle()
    control(book, "gain")
    for key in ("End", "ArrowLeft", "ArrowLeft", "ArrowLeft"):
        book.press("explorer", key)
        assert seen(book), key
        assert book.page.evaluate("unrolled.sameInSecondView('explorer')"), key
    assert kept(book)
    assert book.page.evaluate("unrolled.sameInSecondView('explorer')")
    book.page.evaluate("unrolled.closeSecondView()")
    book.press("explorer", "Home")
    assert seen(book)
    assert book.problems() == []


def test_the_stored_picture_is_the_one_last_seen(book):
    """Saved now, a reader without a kernel sees the figure in its last state."""
    assert kept(book)
    output = next(o for o in book.outputs("explorer") if "image/png" in o["data"])
    assert base64.b64decode(output["data"]["image/png"]).startswith(b"\x89PNG")
    assert output["data"]["text/plain"] == "A wave, a heat map."
    look = output["metadata"]["image/png"]
    assert look == {"width": 900, "height": 360, "alt": "A wave, a heat map."}
