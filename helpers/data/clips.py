"""Many recordings as frames, and batches of those that are about equally long."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch

from helpers.data.batching import pad_batch
from helpers.data.morse import LETTERS, as_elements
from helpers.data.radio import record, waterfall
from helpers.guards import want_sizes

__all__ = ["Clips", "batches", "clips", "collate", "spell"]


class Clips(NamedTuple):
    """Recordings without their sound: frames, texts, and when symbols were sent."""

    frames: list  # of arrays (T, 13)
    texts: list
    begins: list  # of arrays (symbols,), seconds
    ends: list


def clips(texts, rng, **ranges):
    """Return Clips of the texts, recorded in turn; ranges as for `radio.record`."""
    kept = [
        (waterfall(r.sound), r.text, r.begins, r.ends)
        for r in record(texts, rng, **ranges)
    ]
    if not kept:
        raise ValueError("texts is empty; at least one text is wanted")
    return Clips(*map(list, zip(*kept, strict=True)))


def spell(alphabet, text):
    """Return the ids of a text: of its letters, or of its dots and dashes."""
    return alphabet.encode(text if alphabet is LETTERS else as_elements(text))


def collate(given, rows, alphabet):
    """Return tensors x (B, T, 13), lengths (B,), targets (B, U), sizes (B,).

    rows: which of the Clips. x is padded with 0 and the targets, `spell`ed in the
    alphabet, with the blank.
    """
    frames = [torch.from_numpy(given.frames[i]) for i in rows]
    x = torch.nn.utils.rnn.pad_sequence(frames, batch_first=True)
    lengths = torch.tensor([len(part) for part in frames])
    targets, sizes = pad_batch([spell(alphabet, given.texts[i]) for i in rows])
    return x, lengths, torch.tensor(targets), torch.tensor(sizes)


def batches(given, alphabet, rng, B=32, easy=0):
    """Yield what `collate` returns for ever: B clips that are about equally long.

    easy: so many batches at first come from the shortest quarter.
    """
    want_sizes(B=B)
    order = np.argsort([len(part) for part in given.frames], kind="stable")
    if len(order) < B:
        raise ValueError(f"B: got {B}, want at most {len(order)}, one a clip")
    groups, n = len(order) // B, 0
    while True:
        g = rng.integers(max(groups // 4, 1) if n < easy else groups)
        yield collate(given, order[g * B : (g + 1) * B], alphabet)
        n += 1
