"""Pictures with something to say about: two digits and a relation, or one digit lost.

Made of the 8 by 8 digits of helpers.data.digits. A scene holds two digits, side by side
or one above the other, and its caption says which stands where: "a three left of a
seven". The caption is determined by the picture, and by nothing less than all of it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch

from helpers.data.batching import Coder
from helpers.data.digits import NAMES
from helpers.guards import want_shapes, want_sizes

__all__ = ["PAIRS", "WORDS", "Scenes", "caption", "lost", "read", "scenes"]

PAIRS = tuple((a, b) for a in range(10) for b in range(10))
WORDS = Coder(("a", "left", "of", "above", *NAMES))
LEFT, ABOVE = 0, 1
LONGEST = 7  # words of a caption, ⟨EOS⟩ included


class Scenes(NamedTuple):
    """images (N, 16, 16), ids (N, 7) of captions, pairs (N, 2) and relation (N,).

    relation: 0 for "left of", 1 for "above".
    """

    images: torch.Tensor
    ids: torch.Tensor
    pairs: np.ndarray
    relation: np.ndarray


def caption(pair, relation):
    """Return the words of the caption, a list, for two digits and 0 or 1."""
    a, b = (NAMES[d] for d in pair)
    return ["a", a, *(["above"] if relation else ["left", "of"]), "a", b]


def read(ids):
    """Return the texts of captions, ids (N, 7), up to their ⟨EOS⟩."""
    return [" ".join(WORDS.decode(row)) for row in torch.as_tensor(ids).tolist()]


def scenes(images, labels, pairs, n, rng):
    """Return Scenes: n pictures of pairs of digits, each pair drawn from `pairs`.

    images: (B, 8, 8) and their labels (B,). Of four places in a square two neighbours
    are taken: a row for "left of", a column for "above". ValueError if a digit of the
    pairs has no image.
    """
    want_shapes(images=(images, "B 8 8"), labels=(labels, "B"))
    want_sizes(n=n)
    by_digit = [np.flatnonzero(labels == d) for d in range(10)]
    lacking = sorted({d for pair in pairs for d in pair if not len(by_digit[d])})
    if len(pairs) == 0 or lacking:
        raise ValueError(f"pairs: got {len(pairs)}, without images of {lacking}")
    said = np.array(pairs)[rng.integers(len(pairs), size=n)]
    relation, line = rng.integers(2, size=(2, n))
    x = np.zeros((n, 16, 16), np.float32)
    ids = np.zeros((n, LONGEST), np.int64)
    for k in range(n):
        for along, digit in enumerate(said[k]):
            place = (along, line[k]) if relation[k] else (line[k], along)
            r, c = 8 * np.array(place)
            x[k, r : r + 8, c : c + 8] = images[rng.choice(by_digit[digit])]
        code = WORDS.encode(caption(said[k], relation[k]), end=True)
        ids[k, : len(code)] = code
    return Scenes(torch.from_numpy(x), torch.from_numpy(ids), said, relation)


def lost(images, labels, n, rng, size=20):
    """Return x (n, size, size), labels (n,), corners (n, 2): one digit each, anywhere.

    corners: the row and the column of each digit's upper left pixel.
    """
    want_shapes(images=(images, "B 8 8"), labels=(labels, "B"))
    want_sizes(n=n)
    if size < 8:
        raise ValueError(f"size: got {size}, want 8 or more")
    picked = rng.integers(len(images), size=n)
    corners = rng.integers(0, size - 7, (n, 2))
    x = np.zeros((n, size, size), np.float32)
    for k, (r, c) in enumerate(corners):
        x[k, r : r + 8, c : c + 8] = images[picked[k]]
    return torch.from_numpy(x), torch.from_numpy(labels[picked]), corners
