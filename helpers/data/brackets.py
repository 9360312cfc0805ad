"""Strings of round and square brackets, nested and never crossed (Dyck words)."""

import torch

from helpers.guards import want_sizes

__all__ = ["BRACKETS", "brackets", "one_hot", "read"]

BRACKETS = "()[]"  # an id is a place in this string


def brackets(B, T, generator, *, deepest=6):
    """B random strings of T brackets: ids, depth and inner, each (B, T) of integers.

    At every step a bracket is opened or the innermost one closed, by the toss of a
    coin, within 0 … `deepest` open ones; what is open at the end stays open. depth is
    how many are open after the step, inner which is the innermost: 0 none, 1 round,
    2 square.
    """
    want_sizes(B=B, T=T, deepest=deepest)
    if not isinstance(generator, torch.Generator):
        got = type(generator).__name__
        raise ValueError(f"generator: a torch.Generator wanted, got {got}")
    opens = torch.rand(B, T, generator=generator) < 0.5
    kinds = torch.randint(2, (B, T), generator=generator)
    texts = [
        _write(row, kind, deepest)
        for row, kind in zip(opens.tolist(), kinds.tolist(), strict=True)
    ]
    depth, inner = zip(*map(read, texts), strict=True)
    ids = [[BRACKETS.index(c) for c in text] for text in texts]
    return torch.tensor(ids), torch.tensor(depth), torch.tensor(inner)


def _write(opens, kinds, deepest):
    text, stack = "", []
    for wants_open, kind in zip(opens, kinds, strict=True):
        if not stack or (wants_open and len(stack) < deepest):
            stack.append(kind)
            text += "(["[kind]
        else:
            text += ")]"[stack.pop()]
    return text


def read(text):
    """depth and inner after each bracket of a text, as lists; see `brackets`.

    Raises ValueError at a character that is no bracket or closes what is not open.
    """
    stack, depth, inner = [], [], []
    for place, c in enumerate(text):
        if c in "([":
            stack.append("([".index(c))
        elif c not in ")]" or not stack or stack[-1] != ")]".index(c):
            raise ValueError(f"text: {c!r} at place {place} does not fit {text!r}")
        else:
            stack.pop()
        depth.append(len(stack))
        inner.append(1 + stack[-1] if stack else 0)
    return depth, inner


def one_hot(text):
    """The vectors of a text, float32 (T, 4). ValueError for what is no bracket."""
    for c in text:
        if c not in BRACKETS:
            raise ValueError(f"text: {c!r} is none of {' '.join(BRACKETS)}")
    ids = torch.tensor([BRACKETS.index(c) for c in text], dtype=torch.long)
    return torch.nn.functional.one_hot(ids, 4).float()
