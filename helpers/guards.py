"""Refuse bad input at the door, by the name of the argument.

Lessons show their code without these calls; an `export` cell equals its helper but for
docstrings and statements that are a call of a guard.
"""

from numbers import Integral

import numpy as np

__all__ = [
    "want_ids",
    "want_inputs",
    "want_lengths",
    "want_shapes",
    "want_sizes",
    "want_steps",
]


def want_shapes(**arrays):
    """Refuse arrays whose shapes do not fit their letters, or one another; return None.

    Each keyword is (array, letters), as in want_shapes(x=(x, "B T D"), n=(n, "B")):
    one letter an axis ("T+1": one more than T), a number for a fixed size, "..." at
    the start for any number of axes. The same letter means the same size everywhere.
    None and plain numbers pass.
    Raises ValueError with the argument, what came and what was wanted.
    """
    sizes = {}
    for name, (array, letters) in arrays.items():
        if array is None or np.isscalar(array):
            continue
        came = getattr(array, "shape", None)
        axes = letters.split()
        if came is None:
            kind = type(array).__name__
            raise ValueError(f"{name}: got a {kind}, want an array {_say(axes, {})}")
        came = tuple(came)
        if not _fits(came, axes, sizes):
            raise ValueError(f"{name}: got shape {came}, want {_say(axes, sizes)}")


def _fits(came, axes, sizes):
    """Tell whether a shape fits; note the sizes that its letters stand for."""
    if axes[:1] == ["..."]:
        axes = axes[1:]
        if len(came) < len(axes):
            return False
        ahead = came[: len(came) - len(axes)]
        if sizes.setdefault("...", ahead) != ahead:
            return False
        came = came[len(ahead) :]
    if len(came) != len(axes):
        return False
    return all(_agrees(*pair, sizes) for pair in zip(came, axes, strict=True))


def _agrees(size, axis, sizes):
    if axis.isdigit():
        return size == int(axis)
    letter, more = axis.removesuffix("+1"), axis.endswith("+1")
    return size - more == sizes.setdefault(letter, size - more)


def _say(axes, sizes):
    """Write the shape wanted: (B, T), and in numbers if they are known."""
    sizes = sizes | {f"{k}+1": n + 1 for k, n in sizes.items() if k != "..."}
    known = [str(sizes.get(axis, axis)) for axis in axes if axis != "..."]
    if "..." in axes:
        known = [*map(str, sizes.get("...", ("...",))), *known]
    letters, numbers = (f"({', '.join(part)})" for part in (axes, known))
    return letters if letters == numbers else f"{letters} = {numbers}"


def want_ids(below, **arrays):
    """Refuse arrays that hold anything but integers in 0 … below - 1; return None."""
    for name, ids in arrays.items():
        values = np.asarray(ids)
        if values.dtype.kind not in "iu":
            raise ValueError(f"{name}: got {values.dtype}, want integers")
        if values.size and not (values.min() >= 0 and values.max() < below):
            ends = f"{values.min()} … {values.max()}"
            raise ValueError(f"{name}: got {ends}, want 0 … {below - 1}")


def want_inputs(D, letters, **arrays):
    """Refuse inputs that are neither ids nor vectors of D numbers; return None.

    letters: the axes of ids, as in want_inputs(5, "B T", X=X); vectors have one more.
    """
    for name, x in arrays.items():
        want_shapes(**{name: (x, "...")})
        if x.dtype.kind in "iu":
            want_shapes(**{name: (x, letters)})
            want_ids(D, **{name: x})
        else:
            want_shapes(**{name: (x, f"{letters} {D}")})


def want_sizes(**sizes):
    """Refuse sizes that are not whole numbers from 1 on; return None."""
    for name, size in sizes.items():
        if not isinstance(size, Integral) or isinstance(size, bool) or size < 1:
            raise ValueError(f"{name}: got {size!r}, want a whole number from 1 on")


def want_steps(**arrays):
    """Refuse arrays (B, T, …) without a step, T = 0; return None."""
    for name, x in arrays.items():
        if x.shape[1] == 0:
            raise ValueError(f"{name}: got shape {tuple(x.shape)}, want a step or more")


def want_lengths(lengths, x):
    """Refuse lengths that are not a whole number of 1 … T for each row; return None."""
    n, (B, T) = np.asarray(lengths), x.shape[:2]
    if n.dtype.kind not in "iu" or n.shape != (B,):
        raise ValueError(
            f"lengths: got {n.dtype} of shape {n.shape}, want integers (B,) = ({B},)"
        )
    if n.size and not (n.min() >= 1 and n.max() <= T):
        raise ValueError(f"lengths: got {n.min()} … {n.max()}, want 1 … {T}")
