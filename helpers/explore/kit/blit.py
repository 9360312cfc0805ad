"""Draw a figure again and again, and only what has changed."""

import io
import warnings

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.collections import Collection
from matplotlib.figure import SubFigure
from matplotlib.image import AxesImage
from matplotlib.legend import Legend
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.spines import Spine
from matplotlib.text import Text
from matplotlib.transforms import Bbox
from PIL import Image

from helpers.explore.kit.png import Encoder

__all__ = ["Painter"]

CUT = AxesImage, Collection, Line2D, Patch, Text  # if clipped, nothing sticks out
EDGE = 2  # pixels that an artist may stand out of its box by: soft edges, half a line


class Painter:
    """Draws the same pixels as `fig.canvas.draw()`, several times faster.

    Artists that change are animated (`set_animated(True)`): Matplotlib leaves them out
    of the background, which is kept as a bitmap. A frame is that bitmap with the
    animated artists on it. Static artists that lie above an animated one and may share
    a pixel with it (spines, a legend on the lines) are drawn on every frame too, so
    that the order stays right. When anything in the background changes (an axis limit,
    a tick, a title), Matplotlib marks the figure stale, and the whole of it is drawn
    once more.
    """

    def __init__(self, fig):
        self.fig = fig
        self.full_draws = 0
        self._background = None
        self._lifted = []
        self._encoder = Encoder()
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
            _draw_whole(canvas)
            if self._lift_all():
                _draw_whole(canvas)
            self._background = canvas.copy_from_bbox(self.fig.bbox)
            self.full_draws += 1
        else:
            canvas.restore_region(self._background)
        for artist in _animated(self.fig):
            artist.draw(canvas.get_renderer())
        self.fig.stale = False  # some artists, legends above all, say so when drawn

    def pixels(self):
        """Draw, and return a copy of the picture: (height, width, 4) bytes."""
        self.draw()
        return np.array(self.fig.canvas.buffer_rgba())

    def png(self, small=False, pixels=None):
        """Return the picture as PNG bytes; small: slower, in 256 colours.

        It is drawn, unless `pixels` has it.
        """
        rgba = self.pixels() if pixels is None else pixels
        if not small:
            return self._encoder.encode(rgba)
        file = io.BytesIO()
        image = Image.fromarray(rgba).convert("RGB")
        image = image.quantize(256, dither=Image.Dither.NONE)
        image.save(file, "png", compress_level=9)
        return file.getvalue()

    def _lift_all(self):
        """Choose what is lifted, all being in place; return whether that is new."""
        before, self._lifted = self._lifted, []
        for artist in before:
            artist.set_animated(False)
        self._lift(self.fig)
        return self._lifted != before

    def _lift(self, box):
        """Animate what lies above animated artists; return where those may be drawn."""
        below, renderer = [], self.fig.canvas.get_renderer()
        for artist in _in_drawing_order(box):
            inner = []
            if isinstance(artist, (Axes, SubFigure)):
                inner = self._lift(artist)
            moves = artist.get_animated()
            if below and not moves and _may_cover(artist, below, renderer):
                artist.set_animated(True)
                self._lifted.append(artist)
                inner.append((artist, _extent(artist, renderer)))
            elif moves:
                inner.append((artist, _reach(artist)))
            below += inner
        return below


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


def _may_cover(artist, below, renderer):
    """Tell whether `artist` can share a pixel with those below it, [(artist, box)]."""
    if isinstance(artist, Axis):  # slow to draw, and mostly outside the axes
        ticks = artist.get_tick_params()
        return ticks["gridOn"] or ticks.get("direction", "out") != "out"
    if not artist.get_visible():
        return False
    if isinstance(artist, Axes):
        mine = artist.bbox
        others = [getattr(other.axes, "bbox", None) for other, _ in below]
    else:
        mine = _extent(artist, renderer)
        others = [box for _, box in below]
    return mine is None or any(box is None or box.overlaps(mine) for box in others)


def _extent(artist, renderer):
    """The box that a static artist, now in place, is drawn in; None: not known."""
    plain = type(artist) in (Text, Legend, Spine) and not artist.get_path_effects()
    if not plain or (isinstance(artist, Text) and artist.get_bbox_patch()):
        return _reach(artist)
    box = artist.get_tightbbox(renderer)
    drawn = np.isfinite(box.extents).all()  # not so for an empty text
    return box.padded(EDGE) if drawn else Bbox.from_bounds(0, 0, 0, 0)


def _reach(artist):
    """The box that an artist cannot leave whatever becomes of it; None: not known."""
    cut = isinstance(artist, CUT) and artist.get_clip_on()
    return artist.get_clip_box() if cut else None
