"""The live figure: a Matplotlib figure that answers its controls within a frame or two.

The figure is made once, outside pyplot, and kept. Moving a control sets the data of its
artists, draws those alone and replaces the picture in place. Its last state is an
ordinary PNG output, so a stored notebook shows it where no kernel runs.
"""

import base64
import io
import threading
import uuid

import ipywidgets as widgets
import matplotlib.style
from IPython.display import Image, display, update_display
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text

from helpers import STYLE
from helpers.explore.kit.blit import Painter
from helpers.explore.kit.controls import (
    ControlsBox,
    NeedsKernel,
    choice,
    slider,
    text_box,
    toggle,
)
from helpers.explore.kit.fonts import dress, missing, noting
from helpers.explore.kit.lines import as_page, as_text, caught
from helpers.explore.kit.rerun import close_all, shown_here
from helpers.explore.kit.screen import Screen

__all__ = ["Live", "NeedsKernel", "choice", "figure", "slider", "text_box", "toggle"]

INCH = 100  # pixels on the page; a figure of 9 inches is 900 pixels wide


def figure(nrows=1, ncols=1, *, width=9, height=3.6, dpi=100, **kw):
    """Return (Figure, axes) in the course's style, for `Live`; `kw` as for subplots.

    width and height are in inches of 100 pixels on the page. A dpi above 100 is sharper
    on a dense screen and slower to draw.
    """
    with matplotlib.style.context(STYLE):
        fig = Figure(figsize=kw.pop("figsize", (width, height)), dpi=dpi)
        fig.set_layout_engine("constrained")
        FigureCanvasAgg(fig)
        return fig, fig.subplots(nrows, ncols, **kw)


class Live:
    """A figure that answers its controls.

    fig: from `figure()`, with everything on it that it will ever show. Artists that
    change carry `set_animated(True)`; changing others (limits, ticks, titles) is right
    too, but takes five times as long.
    update: called as `update(**values)` with one value per control; sets the artists'
    data, and may return a line of text, the reading, shown under the figure.
    controls: dict from name to widget, shown in this order.
    alt: one sentence that says what the picture shows.
    play: the name of an integer slider that also gets a play button.

    The first frame is drawn here, so that a mistake in `update` is an error in the
    cell. Later ones become a quiet note under the figure, which goes on living.
    `reading` and `note` hold the lines under the figure; `setting`, once `settable` has
    given it one, is the call that opens it as it stands.
    """

    def __init__(self, fig, update, controls, *, alt, play=None):
        _check(fig, update, controls, alt, play)
        self.controls = dict(controls)
        self.alt = alt
        self.reading = self.note = self.setting = ""
        with noting() as self._fontless:  # of texts that stay as they are
            for text in fig.findobj(Text):
                dress(text)
        self.painter = Painter(fig)
        self._update = update
        self._play = play
        self._lock = threading.RLock()
        self._drawing = self._moved_meanwhile = False
        self._id = uuid.uuid4().hex
        self._box = self._screen = self._lines = self._put_lines = None
        self._button, self.closed = None, False
        self._pixels, self._png = self._draw(), None
        for control in self.controls.values():
            control.observe(self._on_move, names="value")

    @property
    def values(self):
        """The controls' present values, by name."""
        return {name: control.value for name, control in self.controls.items()}

    def frame(self, **values):
        """Return the picture as PNG bytes; controls not named keep their values."""
        with self._lock:
            pixels = self._draw(**values)
            return self.painter.png(pixels=pixels)

    def _draw(self, **values):
        """Draw with these values; return the pixels. `reading` and `note` follow."""
        unknown = values.keys() - self.controls.keys()
        if unknown:
            raise ValueError(f"got {sorted(unknown)}, want some of {[*self.controls]}")
        if self.closed:
            raise ValueError("this explorer was let go: its cell has been run again")
        with self._lock, noting() as fontless:
            reading = self._update(**{**self.values, **values})
            if not (reading is None or isinstance(reading, str)):
                raise ValueError(f"update: returned {reading!r}, want None or a string")
            pixels = self.painter.pixels()
            self.reading, self.note = reading or "", missing(self._fontless | fontless)
            return pixels

    def _on_move(self, _change):
        with self._lock:  # whoever comes last draws last, with the newest values
            if self._drawing:  # update itself moved a control: once more, afterwards
                self._moved_meanwhile = True
                return
            self._drawing = True
            try:
                for _ in range(3):
                    self._moved_meanwhile = False
                    self._redraw()
                    if not self._moved_meanwhile:
                        break
            finally:
                self._drawing = False
            if self._box is not None:
                with caught(io.StringIO()):  # IPython waits for what stdout still has
                    self._put()
                if self._button is not None:  # so that it plays on from here
                    self._button.value = self.controls[self._play].value

    def _redraw(self):
        printed = io.StringIO()
        try:
            with caught(printed):
                self._pixels, self._png = self._draw(), None
        except Exception as error:
            self.note = f"could not draw this: {type(error).__name__}: {error}"
        else:
            self.note = f"{printed.getvalue().strip()}\n{self.note}".strip()

    def let_go(self):
        """Let the controls and the figure go; the last picture stays.

        A cell that is run again does so to the explorer of its last run.
        """
        with self._lock:
            self._picture()
            parts = self._box and [self._box]
            for part in parts or self.controls.values():
                close_all(part)
            self._box = self._screen = self._button = self._update = self.painter = None
            self.closed = True

    def _ipython_display_(self):
        if self.closed:
            display(Image(self._picture(), alt=self.alt))
            return
        with self._lock:
            shown_here(self)
            if self._box is None:
                self._screen = Screen(self.alt)
                controls = [*self.controls.values()]
                self._box = ControlsBox(controls, self._rows(), [self._screen])
            self._png = self.painter.png(small=True, pixels=self._pixels)
            display(self._box)
            self._lines = None
            self._send(display)
            self._put_lines = self._lines

    def _rows(self):
        rows = dict(self.controls)
        if self._play:
            steps = rows[self._play]
            button = widgets.Play(
                value=steps.value,
                min=steps.min,
                max=steps.max,
                step=steps.step,
                interval=600,
                tooltip=f"Play: {steps.description}",
            )
            # Not linked in the browser: a slider that is moved would send two messages.
            button.observe(lambda now: steps.set_trait("value", now["new"]), "value")
            self._button = button
            rows[self._play] = widgets.HBox([steps, button])
        return list(rows.values())

    def _put(self):
        """Show the frame on the page, and store it as the output now or at rest."""
        lines = self._words()
        new = as_page(*lines) if lines != self._put_lines else None
        self._put_lines = lines
        self._screen.put(self._pixels, new, self._picture, self._store)

    def _picture(self):
        """Return the last frame as PNG bytes."""
        if self._png is None:
            self._png = self.painter.png(pixels=self._pixels)
        return self._png

    def _store(self):
        with self._lock:
            if self._box is not None:
                self._send(update_display)

    def _words(self):
        return self.reading, self.note, str(self.setting)

    def _send(self, show):
        """Send the picture, and the lines under it if they are new."""
        width, height = (
            round(INCH * side) for side in self.painter.fig.get_size_inches()
        )
        look = {"width": width, "height": height, "alt": self.alt}
        png = base64.b64encode(self._picture()).decode()
        show(
            {"image/png": png, "text/plain": self.alt},
            metadata={"image/png": look},
            display_id=f"{self._id}-picture",
            raw=True,
        )
        lines = self._words()
        if lines != self._lines:
            self._lines = lines
            page = {"text/html": as_page(*lines), "text/plain": as_text(*lines)}
            show(page, display_id=f"{self._id}-lines", raw=True)


def _check(fig, update, controls, alt, play):
    if not isinstance(fig, Figure) or fig.canvas.manager is not None:
        raise ValueError(f"fig: got {fig!r}, want a Figure from live.figure()")
    if not callable(update):
        raise ValueError(f"update: got {update!r}, want a function of the controls")
    if not isinstance(controls, dict) or not controls:
        raise ValueError(f"controls: got {controls!r}, want a dict from name to widget")
    for name, control in controls.items():
        if not isinstance(control, widgets.Widget) or not control.has_trait("value"):
            raise ValueError(f"controls[{name!r}]: got {control!r}, want a control")
    if not isinstance(alt, str) or not alt.strip():
        raise ValueError(f"alt: got {alt!r}, want a sentence on what is to be seen")
    if play is not None and not isinstance(controls.get(play), widgets.IntSlider):
        raise ValueError(f"play: got {play!r}, want the name of an integer slider")
