"""From lists of unequal length to arrays: coding, padding, one-hot, mini-batches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from numbers import Integral

import numpy as np
import torch

from helpers.data.files.forms import form_hint

__all__ = ["Coder", "minibatches", "one_hot", "pad_batch"]


class Coder:
    """Symbols to ids and back; id 0 is kept for padding, 1 for begin, 2 for end.

    ``Coder("abc")`` gives ids 3, 4, 5 to a, b, c. ``len(coder)`` is V, the number
    of ids, the three reserved ones included. ``symbols`` shows those as ∅, <bos> and
    <eos>, but no text is encoded to them: ``ids`` holds the given symbols only, and one
    that is written like these gets an id of its own.
    """

    PAD, BOS, EOS = 0, 1, 2

    def __init__(self, symbols: Iterable[str]):
        self.symbols = ["∅", "<bos>", "<eos>", *sorted(set(symbols))]
        if len(self.symbols) == 3:
            raise ValueError("symbols is empty; give at least one symbol")
        own = enumerate(self.symbols[self.EOS + 1 :], self.EOS + 1)
        self.ids = {symbol: i for i, symbol in own}

    def __len__(self) -> int:
        return len(self.symbols)

    def encode(self, tokens: Iterable[str], *, end: bool = False) -> list[int]:
        """Return the ids of ``tokens`` (with the end mark appended if ``end``)."""
        tokens = tokens if isinstance(tokens, str) else list(tokens)
        try:
            ids = [self.ids[token] for token in tokens]
        except KeyError as error:
            known = ["␣" if symbol == " " else symbol for symbol in self.symbols[3:63]]
            more = len(self) - 3 - len(known)
            known = " ".join(known) + (f" and {more} more" if more else "")
            raise ValueError(
                f"tokens holds {error.args[0]!r}, which this coder never saw; "
                f"it knows: {known}{form_hint(self.ids, tokens=tokens)}"
            ) from None
        return [*ids, self.EOS] if end else ids

    def decode(self, ids: Iterable[int]) -> list[str]:
        """Return the symbols of ``ids`` up to the end mark, padding left out."""
        tokens = []
        for i in ids:
            if int(i) == self.EOS:
                break
            if int(i) > self.EOS:
                tokens.append(self.symbols[int(i)])
        return tokens


def pad_batch(sequences, pad=0):
    """Return (ids, lengths): an int64 array (B, T) filled up with ``pad`` on the
    right, T the longest length, and the lengths before padding, (B,)."""
    lengths = np.array([len(s) for s in sequences], dtype=np.int64)
    if len(lengths) == 0:
        raise ValueError("sequences is empty; give at least one sequence")
    _want_integers("pad", pad)
    ids = np.full((len(sequences), lengths.max()), pad, dtype=np.int64)
    for i, (row, sequence) in enumerate(zip(ids, sequences, strict=True)):
        values = np.asarray(sequence)
        _want_integers(f"sequences[{i}]", values)
        row[: len(values)] = values
    return ids, lengths


def one_hot(ids, size):
    """Return an array of shape (*ids.shape, size), float32: row ``i`` of the identity
    matrix for every id ``i``. ValueError if an id is outside 0 … size - 1."""
    _want_integers("ids", ids)
    ids = np.asarray(ids, np.int64)
    if ids.size and (ids.min() < 0 or ids.max() >= size):
        raise ValueError(
            f"ids runs from {ids.min()} to {ids.max()}; size {size} "
            f"holds 0 to {size - 1}"
        )
    return np.eye(size, dtype=np.float32)[ids]


def minibatches(
    rng: np.random.Generator, size: int, *arrays: Sequence
) -> Iterator[tuple[torch.Tensor, ...]]:
    """Yield tuples of tensors for ever: ``size`` rows of each array, the same rows of
    all, in an order drawn from ``rng`` anew for each pass. No row comes twice in one;
    the fewer than ``size`` rows that are left at its end wait for another one.

    ValueError if the arrays differ in length or hold fewer than ``size`` rows.
    """
    tensors = [torch.as_tensor(np.asarray(a)) for a in arrays]
    counts = {len(t) for t in tensors}
    if len(counts) != 1:
        raise ValueError(
            f"arrays have {[len(t) for t in tensors]} rows; they must all have as many"
        )
    count = counts.pop()
    if not isinstance(size, Integral) or not 1 <= size <= count:
        raise ValueError(f"size is {size!r}; want a whole number, 1 to {count} rows")
    return _shuffled(rng, size, count, tensors)


def _want_integers(name, ids):
    """Refuse numbers that would lose what stands behind their point; return None."""
    values = np.asarray(ids)
    if values.size and values.dtype.kind not in "iub":
        raise ValueError(f"{name}: got {values.dtype}, want integers")


def _shuffled(rng, size, count, tensors):
    while True:
        order = torch.from_numpy(rng.permutation(count))
        for start in range(0, count - size + 1, size):
            rows = order[start : start + size]
            yield tuple(t[rows] for t in tensors)
