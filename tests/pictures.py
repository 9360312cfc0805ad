"""Compare the frames of live figures."""

import io

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from PIL import Image

__all__ = ["differ", "picture", "whole"]


def picture(png):
    """The pixels of PNG bytes, (height, width, 3)."""
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"), int)


def differ(one, other):
    """Whether two frames of one size differ so that the eye can see it."""
    one, other = picture(one), picture(other)
    return one.shape == other.shape and bool(np.abs(one - other).max() > 20)


def whole(fig):
    """What Matplotlib draws by itself, nothing animated, everything anew."""
    animated = fig.findobj(lambda artist: artist.get_animated())
    for artist in animated:
        artist.set_animated(False)
    FigureCanvasAgg.draw(fig.canvas)
    pixels = np.array(fig.canvas.buffer_rgba())[..., :3].astype(int)
    for artist in animated:
        artist.set_animated(True)
    return pixels
