"""Two tasks that only memory solves: recall a symbol, add two marked numbers."""

from numbers import Integral

import torch

__all__ = ["NOISE", "SYMBOLS", "adding", "recall"]

SYMBOLS, NOISE = 8, 2  # symbols to remember; noise symbols, which say nothing


def _sizes(B: int, T: int, generator, least: int) -> None:
    for name, n, low in (("B", B, 1), ("T", T, least)):
        if isinstance(n, bool) or not isinstance(n, Integral) or n < low:
            raise ValueError(f"{name}: a whole number of at least {low}, got {n!r}")
    if not isinstance(generator, torch.Generator):
        got = type(generator).__name__
        raise ValueError(f"generator: a torch.Generator wanted, got {got}")


def recall(B: int, T: int, generator: torch.Generator):
    """One of eight symbols, T noise symbols, and then: which symbol was it?

    Returns x (B, T + 1, 10), one-hot, the symbol at step 0 and noise after it, and
    y (B,), the symbol's number 0 … 7. Guessing is right one time in eight.
    """
    _sizes(B, T, generator, 1)
    y = torch.randint(SYMBOLS, (B,), generator=generator)
    ids = torch.randint(NOISE, (B, T + 1), generator=generator) + SYMBOLS
    ids[:, 0] = y
    return torch.nn.functional.one_hot(ids, SYMBOLS + NOISE).float(), y


def adding(B: int, T: int, generator: torch.Generator):
    """T random numbers, two of them marked: what is the sum of those two?

    Returns x (B, T, 2): a number from 0 … 1 and its mark, 1 at one step of each half
    and else 0; and y (B,), the sum. Always answering 1 has a mean squared error of
    1/6 (Hochreiter and Schmidhuber 1997).
    """
    _sizes(B, T, generator, 2)
    value = torch.rand(B, T, generator=generator)
    mark, row = torch.zeros(B, T), torch.arange(B)
    mark[row, torch.randint(T // 2, (B,), generator=generator)] = 1
    mark[row, torch.randint(T // 2, T, (B,), generator=generator)] = 1
    return torch.stack([value, mark], dim=2), (value * mark).sum(dim=1)
