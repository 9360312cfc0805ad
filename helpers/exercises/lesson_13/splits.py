"""Checker of lesson 13: windows of a series, split by time."""

from __future__ import annotations

import numpy as np

from helpers.exercises.engine.core import NotAttempted, Wrong, as_array, call

__all__ = ["check_split", "split_windows"]


def split_windows(n, length, cut):
    train = np.arange(0, cut - length)
    test = np.arange(cut - length, n - length)
    return train, test


def check_split(answer):
    for n, length, cut in ((30, 4, 20), (100, 7, 61), (12, 1, 6), (50, 10, 40)):
        got = call(answer, n, length, cut, name="split_windows")
        train, test = _parts(got)
        where = f"with n = {n}, length = {length}, cut = {cut}, "
        for name, starts in (("train", train), ("test", test)):
            _possible(name, starts, n, length, where)
        _honest(train, length, cut, where)
        _whole(train, test, n, length, cut, where)
    return "What was known then may be read; what came later may not be learnt from."


def _parts(got):
    if got is ... or (isinstance(got, tuple | list) and any(p is ... for p in got)):
        raise NotAttempted
    if not isinstance(got, tuple | list) or len(got) != 2:
        raise Wrong("split_windows should return two arrays, (train, test)")
    parts = [as_array(p, name) for p, name in zip(got, ("train", "test"), strict=True)]
    for name, part in zip(("train", "test"), parts, strict=True):
        if part.ndim != 1:
            raise Wrong(f"{name} has {part.ndim} axes; starts are a plain list of them")
        if part.size and part.dtype.kind not in "iu" and (part != part.round()).any():
            raise Wrong(f"{name} holds numbers that are not whole; starts are places")
        starts = part.astype(int).tolist()
        if len(set(starts)) < len(starts):
            twice = max(starts, key=starts.count)
            raise Wrong(f"{name} holds start {twice} {starts.count(twice)} times")
    return [set(part.astype(int).tolist()) for part in parts]


def _possible(name, starts, n, length, where):
    low = sorted(s for s in starts if s < 0)
    high = sorted(s for s in starts if s + length >= n)
    if low:
        raise Wrong(f"{where}{name} holds start {low[0]}: before the series begins")
    if high:
        raise Wrong(
            f"{where}{name} holds start {high[0]}: its target would be value "
            f"{high[0] + length}, and the last one is {n - 1}"
        )


def _honest(train, length, cut, where):
    late = sorted(s for s in train if s + length >= cut)
    if not late:
        return
    if all(s < cut for s in late):
        raise Wrong(
            f"{where}train holds start {late[0]}, whose target is value "
            f"{late[0] + length}: that is in the test part, which begins at {cut}"
        )
    raise Wrong(
        f"{where}train holds start {late[-1]}, a window of the test part: do not "
        "shuffle; all that is learnt from lies before the cut"
    )


def _whole(train, test, n, length, cut, where):
    if train & test:
        both = sorted(train & test)[0]
        raise Wrong(f"{where}start {both} is in train and in test")
    early = sorted(s for s in test if s + length < cut)
    if early:
        raise Wrong(
            f"{where}test holds start {early[0]}, whose target is value "
            f"{early[0] + length}: that lies before the cut"
        )
    lost = set(range(cut - length, n - length)) - test
    if lost and min(test, default=cut) == cut:
        raise Wrong(
            f"{where}test begins at {cut}, so that value {cut} is no target. A test "
            "window may *read* what lies before the cut: it is known by then"
        )
    if lost:
        raise Wrong(
            f"{where}test lacks start {min(lost)}, with target {min(lost) + length}"
        )
    lost = set(range(cut - length)) - train
    if lost:
        raise Wrong(
            f"{where}train lacks start {max(lost)}, with target {max(lost) + length}, "
            "which lies before the cut"
        )
