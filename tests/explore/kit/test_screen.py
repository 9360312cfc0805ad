"""The short way of frames to the page: what is sent, and when the output follows."""

import asyncio

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.explore.kit import screen as module
from helpers.explore.kit.screen import LONGEST, Screen, changes

HEIGHT, WIDTH = 6, 50
WHITE, RED, BLUE = 0xFFFFFFFF, 0xFF0000FF, 0xFFFF0000


def drawn(before, runs):
    """What the page makes of a frame and the runs that came; see screen.js."""
    page = before.copy()
    for start, told in runs.tolist():
        row, column = divmod(start, before.shape[1])
        if told >> 24:
            assert column + (told >> 24) <= before.shape[1]
            page[row, column : column + (told >> 24)] = told & 0xFFFFFF | 0xFF000000
        else:
            assert column == 0
            changed = page[row - 1] != before[row - 1]
            page[row : row + told, changed] = page[row - 1, changed]
    return page


def bands(rng, shape, inks):
    """A picture of cells: runs of few colours in a row, rows that repeat."""
    height, width = shape
    rows = rng.integers(1, 9, height).repeat(rng.integers(1, 9, height))[:height]
    runs = np.repeat(rng.integers(0, len(inks), width), rng.integers(1, 900, width))
    noise = rng.integers(0, len(inks), shape)
    plain = inks[(runs[:width] + rows[:, None]) % len(inks)]
    return np.where(rng.random((height, 1)) < 0.2, inks[noise], plain)


@given(
    st.integers(0, 2**32 - 1),
    st.tuples(st.integers(1, 40), st.integers(1, 600)),
    st.integers(1, 5),
)
def test_the_runs_make_the_next_frame_of_the_last(seed, shape, colours):
    rng = np.random.default_rng(seed)
    inks = rng.integers(0, 2**24, colours, dtype=np.uint32) | 0xFF000000
    before, after = bands(rng, shape, inks), bands(rng, shape, inks)
    kept = rng.random(shape[1]) < rng.choice([0, 0.5, 0.99])
    after = np.where(kept, before, after)
    runs = changes(before, after)
    assert runs.dtype == "<u4"
    assert runs.shape == (len(runs), 2)
    np.testing.assert_array_equal(drawn(before, runs), after)
    assert (
        np.diff(runs[:, 0].astype(int)) > 0
    ).all()  # in order: the page takes the ends


def test_rows_that_change_as_the_row_above_are_told_by_their_number():
    """A map of cells eight rows high has an eighth of the runs, and so of the bytes."""
    before, after = np.full((2, 170, 600), WHITE, np.uint32)
    cells = np.array([RED, BLUE], np.uint32)[np.arange(20 * 100).reshape(20, 100) % 2]
    after[5:165, 30:530] = cells.repeat(8, axis=0).repeat(5, axis=1)
    runs = changes(before, after)
    np.testing.assert_array_equal(drawn(before, runs), after)
    assert len(runs) == 100 + 1  # all twenty rows of cells are alike
    after[13:21, 30:35] = WHITE
    assert len(changes(before, after)) == 100 + 1 + 99 + 1 + 100 + 1


@pytest.mark.parametrize(
    ("cells", "runs"),
    [
        ({}, []),
        ({3: RED}, [(3, 1, RED)]),
        ({3: RED, 4: RED, 5: BLUE, 9: BLUE}, [(3, 2, RED), (5, 1, BLUE), (9, 1, BLUE)]),
        (dict.fromkeys(range(255), RED), [(0, 255, RED)]),
        (dict.fromkeys(range(256), RED), [(0, 255, RED), (255, 1, RED)]),
        (
            dict.fromkeys(range(7, 607), BLUE),
            [(7, 255, BLUE), (262, 255, BLUE), (517, 90, BLUE)],
        ),
        (dict.fromkeys([699, 700], RED), [(699, 1, RED), (700, 1, RED)]),
        (dict.fromkeys([3, 703, 1403], RED), [(3, 1, RED), (700, 0, 2)]),
        (
            {3: RED, 703: RED, 1403: RED, 1404: RED, 2104: RED},
            [(3, 1, RED), (700, 0, 1), (1403, 2, RED), (2104, 1, RED)],
        ),
        ({3: RED, 703: BLUE, 1403: BLUE}, [(3, 1, RED), (703, 1, BLUE), (1400, 0, 1)]),
        ({3: RED, 1403: RED}, [(3, 1, RED), (1403, 1, RED)]),
    ],
)
def test_a_run_is_a_start_a_length_and_a_colour(cells, runs):
    before = np.full(4 * 700, WHITE, np.uint32)
    after = before.copy()
    after[[*cells]] = [*cells.values()]
    want = [(start, n << 24 | colour & 0xFFFFFF) for start, n, colour in runs]
    found = changes(before.reshape(4, 700), after.reshape(4, 700))
    assert [tuple(run) for run in found.tolist()] == want
    assert LONGEST == 255


class Page:
    """A screen whose page is a list of what it was sent."""

    def __init__(self, monkeypatch):
        monkeypatch.setattr(module, "REST", 0.05)
        self.sent, self.stored, self.packed = [], [], 0
        self.screen = Screen("A wave.")
        self.screen.send = lambda content, buffers: self.sent.append((content, buffers))

    def put(self, pixels, lines=None):
        def png():
            self.packed += 1
            return b"PNG"

        place = len(self.sent)
        self.screen.put(pixels, lines, png, lambda: self.stored.append(place))
        return self.sent[-1]

    def shown(self, first, *others):
        """The page shows the first frame, and is put the others; return the last."""
        self.put(first)
        self.screen.shows = True
        return [self.put(pixels) for pixels in others][-1]


@pytest.fixture
def page(monkeypatch):
    page = Page(monkeypatch)
    yield page
    page.screen.close()


def frames(n, size=(HEIGHT, WIDTH, 4)):
    rng = np.random.default_rng(0)
    opaque = np.array([0, 0, 0, 255], np.uint8)
    return [255 * rng.integers(0, 2, size, np.uint8) | opaque for _ in range(n)]


def frame(pixels):
    return pixels.view("<u4")[..., 0]


def test_until_a_page_shows_frames_each_is_sent_whole_and_stored(page):
    for k, pixels in enumerate(frames(3)):
        content, buffers = page.put(pixels, f"line {k}")
        assert content == {"number": k + 1, "whole": True, "lines": f"line {k}"}
        assert buffers == [b"PNG"]
    assert page.stored == [0, 1, 2]


def test_a_page_that_shows_them_is_sent_changes_and_the_output_follows_once(page):
    async def moves():
        first, second, third = frames(3)
        page.put(first)
        page.screen.shows = True
        for before, after in ((first, second), (second, third)):
            content, (runs,) = page.put(after)
            assert not content["whole"]
            runs = np.frombuffer(runs, "<u4").reshape(-1, 2)
            np.testing.assert_array_equal(drawn(frame(before), runs), frame(after))
        assert page.put(third)[1] == [b""]  # nothing has changed
        assert page.stored == [0]
        await asyncio.sleep(0.3)
        assert page.stored == [0, 3]
        assert page.packed == 1

    asyncio.run(moves())


def test_a_page_that_stops_showing_them_has_its_output_at_once(page):
    async def moves():
        one, other = frames(2)
        page.shown(one, other)
        assert page.stored == [0]
        page.screen.shows = False
        assert page.stored == [0, 1]
        assert page.put(one)[0]["whole"]
        assert page.stored == [0, 1, 2]
        await asyncio.sleep(0.3)
        assert page.stored == [0, 1, 2]

    asyncio.run(moves())


def test_a_picture_that_is_all_new_goes_as_png(page, monkeypatch):
    monkeypatch.setattr(module, "MOST", 20)

    async def moves():
        one, other = frames(2)
        assert page.shown(one, other)[0]["whole"]
        other = other.copy()
        other[0, :3, 0] ^= 255
        assert not page.put(other)[0]["whole"]
        assert page.put(np.concatenate([other, other]))[0]["whole"]  # another size

    asyncio.run(moves())


def test_what_was_let_go_is_not_stored(page):
    async def moves():
        page.shown(*frames(2))
        page.screen.close()
        await asyncio.sleep(0.3)
        assert page.stored == [0]

    asyncio.run(moves())


def test_without_a_loop_nothing_waits(page):
    """So it is where code moves a control on a thread of its own."""
    page.shown(*frames(2))
    assert page.stored == [0, 1]
