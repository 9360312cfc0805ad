"""Heat maps that change in a live figure, for a tenth of what Matplotlib's cost.

Matplotlib first enlarges the numbers to the pixels and then colours each of these; here
each number is coloured, and the colours are enlarged.
"""

import numpy as np
from matplotlib.image import AxesImage
from matplotlib.transforms import Bbox, IdentityTransform

__all__ = ["Cells", "cells"]


def cells(ax, values, *, cmap, vmin, vmax, **look):
    """Add an animated heat map to `ax`, a cell for each value, and return it.

    values: (rows, columns), changed by `set_data`; look: as for AxesImage, such as
    `extent` and `origin`. The axes keep their form, whatever that of the cells is.
    """
    image = Cells(ax, cmap=cmap, interpolation="nearest", **look)
    image.set_data(values)
    image.set_clim(vmin, vmax)
    image.set_clip_path(ax.patch)
    image.set_animated(True)
    ax.set_aspect("auto")
    image.set_extent(image.get_extent())  # this sets the limits of the axes
    ax.add_image(image)
    return image


class Cells(AxesImage):
    """An image of numbers that are coloured before they are enlarged."""

    def make_image(self, renderer, magnification=1.0, unsampled=False):
        """Return the pixels, lowest row first, and where they belong."""
        left, right, bottom, top = self.get_extent()
        corners = self.get_transform().transform([(left, bottom), (right, top)])
        whole = Bbox(corners)
        seen = Bbox.intersection(whole, self.get_clip_box() or self.axes.bbox)
        if unsampled or seen is None:
            return super().make_image(renderer, magnification, unsampled)
        first = corners[1, 1] if self.origin == "upper" else corners[0, 1]
        last = corners.sum(axis=0)[1] - first
        rgba = self.to_rgba(self.get_array(), self.get_alpha(), bytes=True)
        colours = rgba.view(np.uint32)[..., 0]
        x, y = _middles(seen.x0, seen.x1), _middles(seen.y0, seen.y1)
        if not (len(x) and len(y)):
            return None, 0, 0, None
        columns = _cells_at(x, *corners[:, 0], colours.shape[1])
        rows = _cells_at(y, first, last, colours.shape[0])
        place = x[0] - 0.5, y[0] - 0.5, IdentityTransform()
        pixels = colours[:, columns][rows]
        return pixels[..., None].view(np.uint8), *place


def _middles(start, stop):
    """The middles of the pixels that are at least half within start … stop."""
    return np.arange(np.floor(start + 0.5), np.floor(stop + 0.5)) + 0.5


def _cells_at(middles, zero, end, n):
    """Which of n cells from `zero` to `end` each pixel shows."""
    return np.clip((n * (middles - zero) / (end - zero)).astype(int), 0, n - 1)
