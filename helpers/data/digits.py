"""Handwritten digits, 8 by 8, and the ways to turn an image into a sequence.

Source: the 1,797 test images of E. Alpaydin and C. Kaynak, "Optical Recognition of
Handwritten Digits" (UCI, 1998), as they come with scikit-learn.
"""

from __future__ import annotations

import numpy as np
from sklearn.datasets import load_digits

__all__ = ["DIRECTIONS", "NAMES", "glimpses", "load", "moving", "pixels", "rows"]

NAMES = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
DIRECTIONS = {"left": (0, -1), "right": (0, 1), "up": (-1, 0), "down": (1, 0)}


def load(rng: np.random.Generator, test: float = 0.25):
    """Return (x, y), (x_test, y_test): images (B, 8, 8) float32 in 0 … 1 and their
    classes (B,) int64, split at random by ``rng``; ``test`` is the held-out share."""
    if not 0 < test < 1:
        raise ValueError(f"test is {test}; it must be a share between 0 and 1")
    data = load_digits()
    images = (data.images / 16).astype(np.float32)
    labels = data.target.astype(np.int64)
    order = rng.permutation(len(images))
    cut = round(len(images) * (1 - test))
    train, held = order[:cut], order[cut:]
    return (images[train], labels[train]), (images[held], labels[held])


def rows(images):
    """Return ``images`` (B, H, W) as they are: T = H steps of D = W numbers."""
    return _checked(images)


def pixels(images):
    """Return (B, H·W, 1): one number a step, in reading order."""
    images = _checked(images)
    return images.reshape(len(images), -1, 1)


def glimpses(images, size=4, stride=2):
    """Return (B, T, size·size): square windows in reading order, each flattened row by
    row. On 8 by 8 images with size 4 and stride 2, T is 9 and D is 16."""
    images = _checked(images)
    height, width = images.shape[1:]
    if not 1 <= size <= min(height, width) or stride < 1:
        raise ValueError(
            f"size {size} with stride {stride} does not fit {height} x {width} images"
        )
    windows = [
        images[:, i : i + size, j : j + size].reshape(len(images), -1)
        for i in range(0, height - size + 1, stride)
        for j in range(0, width - size + 1, stride)
    ]
    return np.stack(windows, axis=1)


def moving(images, rng: np.random.Generator, frames: int = 6, size: int = 12):
    """Return (video, direction): each image moves one pixel a frame over a screen whose
    edges are joined, from a place drawn at random, so that no single frame tells where
    it goes.

    video: (B, T, size, size) float32, T = ``frames``; direction: (B,) int64, an index
    into DIRECTIONS.
    """
    images = _checked(images)
    height, width = images.shape[1:]
    if frames < 2 or size < max(height, width):
        raise ValueError(
            f"frames {frames} and size {size}: at least 2 and {max(height, width)}"
        )
    direction = rng.integers(0, len(DIRECTIONS), len(images)).astype(np.int64)
    start = rng.integers(0, size, (len(images), 2))
    steps = list(DIRECTIONS.values())
    video = np.zeros((len(images), frames, size, size), dtype=np.float32)
    video[:, :, :height, :width] = images[:, None]
    for b, t in np.ndindex(len(images), frames):
        place = start[b] + t * np.array(steps[direction[b]])
        video[b, t] = np.roll(video[b, t], tuple(place), axis=(0, 1))
    return video, direction


def _checked(images):
    images = np.asarray(images)
    if images.ndim != 3:
        raise ValueError(f"images has shape {images.shape}; (B, H, W) is wanted")
    return images
