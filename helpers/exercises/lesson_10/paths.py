"""Checkers of lesson 10: what a path writes, where it begins, what is too long."""

from __future__ import annotations

from itertools import groupby, pairwise

import numpy as np

from helpers.exercises.engine.compare import as_array, name_it
from helpers.exercises.engine.core import Wrong, call, close, same, shape_of

__all__ = [
    "check_collapse",
    "check_impossible",
    "check_starts",
    "collapse",
    "impossible",
    "starts",
]


def collapse(path):
    runs = [k for k, _ in groupby(path)]  # repeats merged
    return [k for k in runs if k != 0]  # then blanks left out


def _ids(result, what):
    """The learner's list of ids, or of frames, as plain integers."""
    ids = as_array(list(result) if isinstance(result, tuple) else result, what)
    if ids.ndim != 1 or not same(ids, np.round(ids), 0):
        raise Wrong(f"{what} is no list of whole numbers")
    return ids.astype(int).tolist()


def _listed(ids):
    return " ".join(map(str, ids)) or "nothing"


def check_collapse(answer):
    def ask(path):
        got = call(answer, path, name="collapse", unchanged=True)
        return _ids(got, "what collapse returns")

    path = [3, 1, 1, 0, 1, 2, 2, 0, 0, 3, 1]
    got, want = ask(path), collapse(path)
    runs = [k for k, _ in groupby(path)]
    real = [k for k in path if k]
    for wrong, words in (
        (
            [k for k, _ in groupby(real)],
            "you took the blanks out first: then 1 1 and 1 are neighbours and merge "
            "into one. Merge first: the blank keeps a double letter apart",
        ),
        (real, "repeats stay: 2 2 in neighbouring frames is one long 2"),
        (runs, "the blanks are still there: they are written as nothing"),
        (path, "that is the path itself: merge repeats, then leave out the blanks"),
        (
            sorted({*real}),
            "that is which ids occur; an id may be written several times",
        ),
        (
            list(dict.fromkeys(real)),
            "that is which ids occur; an id may be written several times",
        ),
        (want[:-1], "the last id of the path is missing"),
        (want[1:], "the first id of the path is missing"),
    ):
        if got == wrong:
            raise Wrong(words)
    rng = np.random.default_rng(3)
    drawn = [rng.integers(0, 3, T).tolist() for T in rng.integers(1, 9, 60)]
    for path in ([], [0, 0], [0, 2], [2, 0], [2, 2], [2, 0, 2], *drawn):
        got, want = ask(path), collapse(path)
        if got != want:
            raise Wrong(
                f"of the path {_listed(path)} you make {_listed(got)}, and it writes "
                f"{_listed(want)}"
            )
    return "The order matters: the blank's one task is to keep double letters apart."


def starts(path):
    return [
        t
        for t, k in enumerate(path)
        if k != 0 and (t == 0 or path[t - 1] != k)
    ]  # fmt: skip


def _wrapped(path):
    return [t for t, k in enumerate(path) if k and path[t - 1] != k]


def check_starts(answer):
    def ask(path):
        got = call(answer, path, name="starts", unchanged=True)
        return _ids(got, "what starts returns")

    path = [2, 2, 0, 1, 1, 1, 0, 1, 3, 0, 0]
    got, want = ask(path), starts(path)
    steps = range(len(path))
    ends = [t for t in steps if path[t] and path[t + 1 : t + 2] != [path[t]]]
    met, fresh = 0, []
    for t, k in enumerate(path):
        if k and k != met:
            met = k
            fresh.append(t)
    for wrong, words in (
        (ends, "these are the last frames of each symbol; its first ones are asked"),
        (
            [t for t in steps if path[t]],
            "these are all frames with a symbol; a long one begins only once",
        ),
        (
            [t for t in steps if t == 0 or path[t] != path[t - 1]],
            "blanks are among them: they are no symbols",
        ),
        (want[1:], "the symbol in frame 0 begins there: nothing stands before it"),
        (
            [t for t in want if t == 0 or path[t - 1] == 0],
            "the 3 in frame 8 follows the 1 directly, without a blank: it begins "
            "there too",
        ),
        (
            fresh,
            "the 1 in frame 7 comes after a blank: it is a new one, though the last "
            "symbol was a 1 too. Compare with the frame before",
        ),
        ([t + 1 for t in want], "you count from 1; the first frame is frame 0"),
        ([t - 1 for t in want], "these are the frames before; the first is frame 0"),
        ([path[t] for t in want], "these are the symbols; their frames are asked for"),
    ):
        if got == wrong:
            raise Wrong(words)
    rng = np.random.default_rng(4)
    drawn = [rng.integers(0, 3, 7).tolist() for _ in range(60)]
    for path in ([], [0], [2, 0, 2], [1], *drawn):
        got, want = ask(path), starts(path)
        if got != want and got == _wrapped(path):
            raise Wrong("path[-1] is the last frame: frame 0 has none before it")
        if got != want:
            raise Wrong(
                f"in the path {_listed(path)} you find {_listed(got)}; its symbols "
                f"begin in {_listed(want)}"
            )
    return "As many as the path writes symbols: one for each that collapse keeps."


def impossible(frames, targets, sizes, stride):
    left = (frames - 1) // stride + 1
    bad = []
    for T, target, U in zip(left, targets, sizes, strict=True):
        r = sum(a == b for a, b in pairwise(target[:U]))
        bad.append(U + r > T)
    return np.array(bad)


def check_impossible(answer):
    rng = np.random.default_rng(5)
    stride, B, width = 3, 60, 6
    sizes = rng.integers(0, width + 1, B)
    targets = rng.integers(1, 3, (B, width))
    targets[np.arange(width) >= sizes[:, None]] = 0
    frames = rng.integers(1, 3 * width + 8, B)
    pairs = targets[:, 1:] == targets[:, :-1]
    inside = np.arange(1, width) < sizes[:, None]
    r, padded = (pairs & inside).sum(1), pairs.sum(1)
    need = sizes + r
    frames[:20] = np.maximum(1, stride * (need[:20] - np.arange(20) % 2))  # at the edge
    got = call(
        answer, frames, targets, sizes, stride, name="impossible", unchanged=True
    )
    want = impossible(frames, targets, sizes, stride)
    up, down = (frames - 1) // stride + 1, frames // stride
    shown = as_array(got, "the result")
    if shown.shape == () and same(shown, want.sum()):
        raise Wrong("that is how many; return True or False for each recording")
    name_it(
        got,
        [
            (~want, "these are the possible ones; turn the comparison round"),
            (
                frames < need,
                "you forgot the stride: the net gives one output for every `stride` "
                "frames",
            ),
            (
                down < need,
                "you rounded down: a stride of 3 leaves 2 outputs of 4 frames, since "
                "the first frame always has one. (frames - 1) // stride + 1",
            ),
            (
                down + 1 < need,
                "6 frames with a stride of 3 leave 2 outputs, not 3: one more only "
                "where the stride leaves a rest. (frames - 1) // stride + 1",
            ),
            (
                up < sizes,
                "equal neighbours need a blank between them: one more frame each",
            ),
            (
                up < sizes + padded,
                "you count the padding's zeros as equal neighbours; look at the first "
                "`sizes` only",
            ),
            (
                up < width + r,
                "you take the padded width for the length of every target; `sizes` "
                "has the real ones",
            ),
            (
                up < width + padded,
                "you take the padding for symbols; `sizes` has the real lengths",
            ),
            (
                up < 2 * sizes + 1,
                "2U + 1 frames are not needed: most blanks may be left out",
            ),
            (up <= need, "exactly U + r frames are enough: there is one path"),
            (
                np.ceil(frames / stride).astype(int) < sizes + 2 * r,
                "one blank between equal neighbours is enough",
            ),
        ],
        0,
    )
    shape_of(got, {"B": B}, "the result")
    close(as_array(got).astype(float), want.astype(float), 0, "which are impossible")
    alone = call(
        answer, np.array([4]), np.array([[1, 1]]), np.array([2]), 1, name="impossible"
    )
    if not same(np.asarray(as_array(alone), float), [0.0]):
        raise Wrong("with stride 1, 1 1 fits into 4 frames; yours says it does not")
    return "Count them before training: their loss is infinite, whatever the net says."
