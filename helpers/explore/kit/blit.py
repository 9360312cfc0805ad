"""Draw a figure again and again, and only what has changed."""

import io
import warnings

from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import SubFigure
from PIL import Image

__all__ = ["Painter"]


class Painter:
    """Draws the same pixels as `fig.canvas.draw()`, several times faster.

    Artists that change are animated (`set_animated(True)`): Matplotlib leaves them out
    of the background, which is kept as a bitmap. A frame is that bitmap with the
    animated artists on it. Static artists that lie above an animated one (spines,
    legends, labels) are drawn on every frame too, so that the order stays right. When
    anything in the background changes (an axis limit, a tick, a title), Matplotlib
    marks the figure stale, and the whole of it is drawn once more.
    """

    def __init__(self, fig):
        self.fig = fig
        self.full_draws = 0
        self._background = None
        self._lifted = []
        _draw_whole(fig.canvas)
        fig.set_layout_engine("none")  # the axes stay where they are from now on
        for box in _boxes(fig):
            for artist in box.get_children():
                nested = not isinstance(artist, (Axes, SubFigure)) and artist.findobj(
                    lambda part: part.get_animated()
                )
                if nested:
                    artist.set_animated(True)  # a legend with one animated text, say

    def draw(self):
        """Bring the canvas up to date with its artists."""
        canvas = self.fig.canvas
        for box in _boxes(self.fig):
            if isinstance(box, Axes):
                _ = box.viewLim  # a pending autoscale moves the limits here
        if self._background is None or self.fig.stale:
            self._lift_all()
            _draw_whole(canvas)
            self._background = canvas.copy_from_bbox(self.fig.bbox)
            self.full_draws += 1
        else:
            canvas.restore_region(self._background)
        for artist in _animated(self.fig):
            artist.draw(canvas.get_renderer())
        self.fig.stale = False  # some artists, legends above all, say so when drawn

    def png(self, small=False):
        """Draw, and return the picture as PNG bytes; small: slower, in 256 colours."""
        self.draw()
        canvas, file = self.fig.canvas, io.BytesIO()
        size = canvas.get_width_height(physical=True)
        image = Image.frombuffer(
            "RGBA", size, canvas.buffer_rgba(), "raw", "RGBA", 0, 1
        )
        image = image.convert("RGB")
        if small:
            image = image.quantize(256, dither=Image.Dither.NONE)
        image.save(file, "png", compress_level=9 if small else 1)
        return file.getvalue()

    def _lift_all(self):
        for artist in self._lifted:
            artist.set_animated(False)
        self._lifted = []
        self._lift(self.fig)

    def _lift(self, box):
        """Animate what lies above animated artists; return whether there are any."""
        below = []
        for artist in _in_drawing_order(box):
            inner = isinstance(artist, (Axes, SubFigure)) and self._lift(artist)
            if below and not artist.get_animated() and _may_cover(artist, below):
                artist.set_animated(True)
                self._lifted.append(artist)
            if inner or artist.get_animated():
                below.append(artist)
        return bool(below)


def _draw_whole(canvas):
    """Draw all; what no font has is a box, and the note of the figure says so."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", r"Glyph \d+ .* missing from font")
        canvas.draw()


def _boxes(box):
    """Yield the figure, its axes and sub-figures, and those inside them."""
    yield box
    for child in box.get_children():
        if isinstance(child, (Axes, SubFigure)):
            yield from _boxes(child)


def _in_drawing_order(box):
    """Return the children that Matplotlib draws, first drawn first."""
    left_out = {box.patch}
    if isinstance(box, Axes):
        if not box.axison:
            left_out |= {box.xaxis, box.yaxis}
        if not (box.axison and box.get_frame_on()):
            left_out |= set(box.spines.values())
    children = [child for child in box.get_children() if child not in left_out]
    return sorted(children, key=lambda child: child.get_zorder())


def _animated(box):
    """Yield the animated artists below `box`, first drawn first."""
    if not box.get_visible():
        return
    for artist in _in_drawing_order(box):
        if artist.get_animated():
            yield artist
        if isinstance(artist, (Axes, SubFigure)):
            yield from _animated(artist)


def _may_cover(artist, below):
    """Tell whether `artist` can share a pixel with those below it."""
    if isinstance(artist, Axis):  # slow to draw, and mostly outside the axes
        ticks = artist.get_tick_params()
        return ticks["gridOn"] or ticks.get("direction", "out") != "out"
    if isinstance(artist, Axes):
        others = [other for other in below if isinstance(other, Axes)]
        apart = not any(artist.bbox.overlaps(other.bbox) for other in others)
        return not (apart and len(others) == len(below))
    return artist.get_visible()
