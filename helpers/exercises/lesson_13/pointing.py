"""Checkers of lesson 13: a net that reads pads, and the best span."""

from __future__ import annotations

import numpy as np
import torch

from helpers.exercises.engine.compare import as_array
from helpers.exercises.engine.core import Wrong, call, shape_of

__all__ = ["best_span", "check_best_span", "check_reads_pads", "reads_pads"]


def reads_pads(model, ids):
    pads = torch.zeros(len(ids), 5, dtype=ids.dtype)
    with torch.no_grad():
        before, after = model(ids), model(torch.cat([ids, pads], dim=1))
    return not torch.allclose(before, after, rtol=0, atol=1e-5)


_IDS = torch.tensor(
    [[3, 1, 4, 1, 5], [9, 2, 6, 0, 0], [5, 3, 0, 0, 0], [8, 9, 7, 9, 0]]
)


def _sums(ids):
    return (ids.double() ** 1.5).sum(1)


def _ends(ids):
    rows = torch.arange(len(ids))
    return ids[rows, (ids > 0).sum(1) - 1].double() + _sums(ids) / 100


def _pads(ids):
    return (ids == 0).sum(1).double()


def _in_row(first, step):
    """A leak in the row that begins with this id, wherever it stands."""
    return lambda ids: _ends(ids) + step * _pads(ids) * (ids[:, 0] == first)


class _Net(torch.nn.Module):
    """Vectors of words in eighths, so that all sums are exact; masked: words alone."""

    def __init__(self, masked):
        super().__init__()
        self.masked = masked
        table = torch.arange(30.0).reshape(10, 3) / 8 - 1
        self.embed = torch.nn.Embedding.from_pretrained(table, freeze=False)

    def forward(self, ids):
        vectors = self.embed(ids)
        if self.masked:
            vectors = vectors * (ids > 0)[..., None]
        return vectors.sum((1, 2))


_HONEST = {
    "sums over the words": _sums,
    "reads the last real word": _ends,
    "takes the mean of the real words": lambda ids: _sums(ids) / (ids > 0).sum(1),
    "rounds otherwise where there are more pads, by 0.000005": lambda ids: (
        _ends(ids) + 5e-6 * (ids.shape[1] > 5)
    ),
    "takes the largest id of each row": lambda ids: ids.max(1).values.double(),
    "has an Embedding, and sums over the words": _Net(masked=True),
}
_LEAKY = {
    "reads the last column": lambda ids: ids[:, -1].double(),
    "takes the mean of all columns": lambda ids: _sums(ids) / ids.shape[1],
    "counts columns": lambda ids: _ends(ids) + 0.05 * ids.shape[1],
    "leaks in the row without pads alone": _in_row(3, 0.1),
    "leaks in one other row alone, downwards": _in_row(8, -0.1),
    "leaks up in one row and down in another": lambda ids: (
        _in_row(3, 0.3)(ids) - 0.3 * _pads(ids) * (ids[:, 0] == 9)
    ),
    "leaks 0.00003 in one row of four": lambda ids: (
        _ends(ids) / 1000 + 3e-5 * (_pads(ids) > 0) * (ids[:, 0] == 3)
    ),
    "leaks less than 0.0001 in scores of 50": lambda ids: (
        _ends(ids) + 50 + 1e-4 * (1 - 0.5 ** _pads(ids))
    ),
    "has an Embedding, and sums over all columns": _Net(masked=False),
}


def check_reads_pads(answer):
    for ids in (_IDS, _IDS[[0, 3, 2, 1]]):
        for leaky, models in ((False, _HONEST), (True, _LEAKY)):
            for words, model in models.items():
                got = call(answer, model, ids, name="reads_pads", unchanged=True)
                got = _truth(got)
                if got == leaky:
                    continue
                if leaky:
                    raise Wrong(
                        f"a model that {words} gets away with it: compare the scores "
                        "of every row with those that it gives to the same rows with "
                        "more pads behind"
                    )
                raise Wrong(
                    f"a model that {words} is accused: pads behind do not change what "
                    "it says (but for rounding: allow a hundred thousandth). Put the "
                    "zeros behind the words, and take no column away"
                )
    return "Such a test needs no labels and no training: run it before you train."


def _truth(got):
    if isinstance(got, str):
        raise Wrong(f"reads_pads returned {got!r}; return True or False")
    array = as_array(got, "the answer")
    if array.size != 1:
        raise Wrong(
            f"reads_pads returned {array.size} values; one answer for the model is "
            "wanted: True if any row's score changes"
        )
    value = array.reshape(()).item()
    if value not in (0, 1):
        raise Wrong(f"reads_pads returned {value!r}; return True or False")
    return bool(value)


def best_span(start, end, longest):
    best, found = -np.inf, None
    for s in range(len(start)):
        for e in range(s, min(s + longest, len(end))):
            if start[s] + end[e] > best:
                best, found = start[s] + end[e], (s, e)
    return found


def _cases():
    rng = np.random.default_rng(0)
    start = np.array([0.1, 3.0, 0.2, 2.5, 0.0])
    yield start, np.array([2.9, 0.0, 0.1, 0.3, 1.0]), 5
    yield start, np.array([0.0, 2.0, 0.1, 1.9, 2.2]), 2
    yield np.array([0.0, 5.0, 1.0]), np.array([0.0, 3.0, 2.9]), 3
    yield np.array([-1.0, -4.0, -2.0]), np.array([-9.0, -1.0, -3.0]), 3
    yield np.array([-2.0]), np.array([1.0]), 3
    for n in (6, 9, 12, 20):
        for longest in (1, 3, n):
            yield rng.normal(size=n), rng.normal(size=n), longest


def check_best_span(answer):
    for start, end, longest in _cases():
        got = call(answer, start, end, longest, name="best_span", unchanged=True)
        _chosen(got, start, end)
        got = shape_of(got, (2,), "the span")
        if got.dtype.kind not in "iu" and not (got == np.round(got)).all():
            raise Wrong("the span holds no whole numbers; return two places (s, e)")
        s, e = (int(k) for k in got)
        if (s, e) != best_span(start, end, longest):
            _name(start, end, longest, s, e)
    return "Pointers can only say what stands there: no answer is ever made up."


def _chosen(got, start, end):
    nothing = isinstance(got, tuple | list) and any(place is None for place in got)
    if nothing:
        raise Wrong(
            f"for starts {np.round(start, 2)}, ends {np.round(end, 2)} no span was "
            f"chosen, {got}; scores may all be negative: begin below every sum, "
            "at -inf"
        )


def _name(start, end, longest, s, e):
    T = len(start)
    where = f"for starts {np.round(start, 2)}, ends {np.round(end, 2)}"
    want = best_span(start, end, longest)
    if start.max() < 0 and end.max() < 0:
        spans = [(a, b) for a in range(T) for b in range(a, min(T, a + longest))]
        if (s, e) == max(spans, key=lambda span: start[span[0]] * end[span[1]]):
            raise Wrong(
                f"{where}: you multiply the scores; they are logarithms, so p(start) · "
                "p(end) goes with their *sum*"
            )
        if (s, e) in ((0, 0), (1, 0)):
            raise Wrong(
                f"{where}: {(s, e)}; all sums are below 0 here, so that a search that "
                "starts at 0 finds none, and a 0 where no span is allowed beats them "
                "all: use -inf"
            )
    if (s, e) == want[::-1] != want:
        raise Wrong(f"{where}: you return {(s, e)}, the end first")
    if (s, e - 1) == want:
        raise Wrong(f"{where}: {(s, e)}: the end is the last word itself, not after it")
    if not (0 <= s < T and 0 <= e < T):
        raise Wrong(f"{where}: {(s, e)} lies outside the {T} words")
    if e < s:
        raise Wrong(f"{where}: {(s, e)} ends before it begins; only s ≤ e counts")
    if e - s + 1 > longest:
        raise Wrong(
            f"{where}: {(s, e)} has {e - s + 1} words, at most {longest} are allowed"
        )
    words = range(T)
    longer = [(a, b) for a in words for b in words if a < b < a + longest]
    longer = max(longer, default=None, key=lambda pair: start[pair[0]] + end[pair[1]])
    if want[0] == want[1] and (s, e) == longer:
        raise Wrong(
            f"{where}: a span may be one word, s = e; {want} scores more than {(s, e)}"
        )
    shorter = best_span(start, end, longest - 1)
    if (s, e) == shorter and want[1] - want[0] + 1 == longest > 2:
        raise Wrong(
            f"{where}: a span may have {longest} words, the last one included; {want} "
            f"has as many, and scores more than {(s, e)}"
        )
    if s == int(start.argmax()) and e == s + int(end[s : s + longest].argmax()):
        raise Wrong(
            f"{where}: you choose the best start, {s}, and then an end for it; "
            f"together {want} scores more: look at all pairs"
        )
    first = max(0, e - longest + 1)
    if e == int(end.argmax()) and s == first + int(start[first : e + 1].argmax()):
        raise Wrong(
            f"{where}: you choose the best end, {e}, and then a start for it; "
            f"together {want} scores more: look at all pairs"
        )
    got, best = start[s] + end[e], start[want[0]] + end[want[1]]
    raise Wrong(
        f"{where}, longest {longest}: {(s, e)} scores {got:.2f}, {want} scores "
        f"{best:.2f}"
    )
