"""Compare a learner's result with the right one, and say in words how it differs."""

from __future__ import annotations

import numpy as np

from helpers.exercises.engine.stubs import blanks
from helpers.exercises.engine.verdicts import NotAttempted, Wrong

__all__ = ["as_array", "close", "name_it", "same", "shape_of", "tolerance"]

# Float32 keeps 24 bits, 6e-8 of a number. Sums and products of a lesson's size lose at
# most this share of the number itself, and this share of the largest of its array.
OF_ITSELF, OF_THE_LARGEST = 1e-5, 4e-6
# A float64 result may have come from a sum or an input in float32: a tenth of that.
MIXED = 0.1


def as_array(x: object, what: str = "your result") -> np.ndarray:
    """Return `x` (array, tensor, number, nested lists of these) as a NumPy array.

    Raises Wrong, naming `what`, for None, text, functions, generators and ragged lists,
    and NotAttempted for `...`.
    """
    if x is None:
        raise Wrong(f"{what} is None: does your function end with `return`?")
    if isinstance(x, str | bytes | dict | set) or callable(x):
        raise Wrong(f"{what} is a {type(x).__name__}; it should be an array of numbers")
    if hasattr(x, "__next__"):
        raise Wrong(f"{what} is a {type(x).__name__}; make a list of it: list(…)")
    places = [blank for _, blank in blanks(x)]
    if any(places):
        raise NotAttempted(f"{what} still holds `...`")
    try:
        array = np.asarray(_plain(x))
    except (ValueError, TypeError):
        raise Wrong(f"{what} is not an array: its rows differ in length") from None
    if array.dtype == object or array.dtype.kind in "USV":
        raise Wrong(f"{what} holds {type(x).__name__} values that are not numbers")
    return array


def _plain(x: object) -> object:
    if hasattr(x, "detach"):  # a torch tensor, here without importing torch
        x = x.detach().cpu()
        return (x.float() if "bfloat16" in str(x.dtype) else x).numpy()
    if isinstance(x, list | tuple):
        return [_plain(item) for item in x]
    return x


def _named(shape: tuple[int, ...], letters: str) -> str:
    names = letters.replace(",", " ").strip("() ").split()
    tail = "," if len(shape) == 1 else ""
    return f"({', '.join(names)}{tail}) = {shape}" if names else f"{shape}"


def shape_of(
    x: object, want: tuple | dict, name: str = "your result", letters: str = ""
) -> np.ndarray:
    """Return `x` as an array if its shape is `want`; raise Wrong with both if not.

    want: sizes, with `letters` to name them ("B H"), or a dict {"B": 2, "H": 3}.
    """
    if isinstance(want, dict):
        letters, want = " ".join(want), tuple(want.values())
    want = (want,) if isinstance(want, int) else tuple(int(n) for n in want)
    array = as_array(x, name)
    if array.shape == want:
        return array
    text = f"{name} has shape {array.shape}, want {_named(want, letters)}"
    if array.shape == want[::-1]:
        text += ": it lies on its side (transpose it, or swap the factors)"
    elif tuple(n for n in array.shape if n != 1) == tuple(n for n in want if n != 1):
        text += ": the numbers fit, an axis of length 1 is missing or too many"
    raise Wrong(text)


def same(actual: object, expected: object, tol: float = 1e-6) -> bool:
    """Return whether both are equal in shape and, within `close`'s bounds, in value.

    It never raises for odd input: use it to recognise a known mistake.
    """
    try:
        close(actual, expected, tol)
    except (Wrong, NotAttempted):
        return False
    return True


def name_it(
    answer: object, mistakes: list[tuple[object, str]], tol: float = 1e-9
) -> None:
    """Raise Wrong with the message of the first (result, message) `answer` equals."""
    for result, message in mistakes:
        if same(answer, result, tol):
            raise Wrong(message)


def close(
    actual: object, expected: object, tol: float = 1e-6, what: str = "your result"
) -> np.ndarray:
    """Return `actual` as an array if it equals `expected`; raise Wrong if not.

    Arrays, tensors, lists and numbers compare with one another. Shapes must be
    equal; |actual - expected| <= tol (1 + |expected|), or what float32 rounds away if
    that is more: a right answer may be computed in it, or in part. With tol = 0 they
    must be equal. The message names the place where they differ most.
    """
    if isinstance(tol, str):
        raise ValueError(f"tol must be a number, got {tol!r}: use what={tol!r}")
    wanted = as_array(expected, "the expected value")
    got = shape_of(actual, wanted.shape, what)
    if got.dtype.kind == "c" != wanted.dtype.kind:
        raise Wrong(f"{what} holds complex numbers; real ones are wanted")
    if (
        got.dtype.kind == "f"
        and not np.isfinite(got).all()
        and np.isfinite(wanted).all()
    ):
        bad = "nan" if np.isnan(got).any() else "inf"
        raise Wrong(f"{what} contains {bad}: look for a division by 0 or an overflow")
    excess = _excess(got, wanted, tol)
    if excess.size == 0 or excess.max() <= 0:
        return got
    at = tuple(int(i) for i in np.unravel_index(excess.argmax(), excess.shape))
    is_, should = _told_apart(got[at], wanted[at])
    if got.ndim == 0:
        raise Wrong(f"{what} is {is_}, it should be {should}")
    place = "[" + ", ".join(map(str, at)) + "]"
    raise Wrong(
        f"{what} has the right shape and wrong values: at {place} it is "
        f"{is_}, it should be {should}"
    )


def tolerance(result: object, tol: float) -> float:
    """Return `tol`, or what float32 needs if that is more.

    For checkers that go on computing with a learner's result before they compare.
    """
    return max(tol, OF_ITSELF * (1 if _single(as_array(result)) else MIXED))


def _excess(got: np.ndarray, wanted: np.ndarray, tol: float) -> np.ndarray:
    """Return by how much each gap is wider than it may be (0 or less: not at all)."""
    if got.dtype.kind in "biu" and wanted.dtype.kind in "biu":
        return (got != wanted).astype(float)
    single = _single(got) or _single(wanted, computed=False)
    wide = complex if "c" in (got.dtype.kind, wanted.dtype.kind) else float
    got, wanted = got.astype(wide), wanted.astype(wide)
    with np.errstate(invalid="ignore", over="ignore"):
        gap = np.where(got == wanted, 0.0, np.abs(got - wanted))
        size = np.abs(wanted)
        size = np.where(np.isfinite(size), size, 0.0)
    allowed = tol * (1 + size)
    if tol > 0 and size.size:
        rounding = OF_ITSELF * size + OF_THE_LARGEST * size.max()
        allowed = np.maximum(allowed, rounding if single else MIXED * rounding)
    excess = gap - allowed
    return np.where(np.isnan(excess), np.inf, excess)


def _single(x: np.ndarray, computed: bool = True) -> bool:
    """Return whether `x` was computed in float32 (or less).

    Its dtype says so; or, once it is a list, a number or float64, its values: of
    numbers with 53 bits, one in half a thousand million ends in 29 zeros.
    """
    if x.dtype.kind not in "fc":
        return False
    if x.dtype.itemsize < (16 if x.dtype.kind == "c" else 8):
        return True
    with np.errstate(over="ignore", invalid="ignore"):
        short = x.astype(np.complex64 if x.dtype.kind == "c" else np.float32)
    return computed and bool(((short == x) | (x != x)).all())


def _told_apart(a: object, b: object) -> tuple[str, str]:
    """Return two different numbers with as many digits as it takes to see it."""
    for digits in (4, 6, 8, 12):
        texts = f"{a:.{digits}g}", f"{b:.{digits}g}"
        if texts[0] != texts[1]:
            return texts
    return repr(a.item()), repr(b.item())
