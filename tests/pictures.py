"""Compare the frames of live figures."""

import io

import numpy as np
from PIL import Image

__all__ = ["differ", "picture"]


def picture(png):
    """The pixels of PNG bytes, (height, width, 3)."""
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"), int)


def differ(one, other):
    """Whether two frames of one size differ so that the eye can see it."""
    one, other = picture(one), picture(other)
    return one.shape == other.shape and bool(np.abs(one - other).max() > 20)
