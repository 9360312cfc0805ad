"""Lesson 06: references and checkers of the exercises on stacked layers."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

from helpers.exercises.engine.core import Wrong, call, close, same, shape_of
from helpers.exercises.lesson_06.mistakes import collect, name_mistake

__all__ = [
    "check_count_parameters",
    "check_residual_stack",
    "count_parameters",
    "residual_stack",
]


def count_parameters(D, H, layers, bidirectional):
    """Parameters of nn.LSTM(D, H, layers, bidirectional=bidirectional)."""
    ways = 2 if bidirectional else 1
    total = 0
    for layer in range(layers):
        reads = D if layer == 0 else ways * H
        total += ways * 4 * (reads * H + H * H + 2 * H)
    return total


def _counted(D, H, layers, ways):
    """What a learner is told -> the result of that mistake."""

    def count(ways=ways, gates=4, biases=2, deep=None, state=True, first=D):
        reads = [first] + [ways * H if deep is None else deep] * (layers - 1)
        each = (n * H + (H * H if state else 0) + biases * H for n in reads)
        return ways * gates * sum(each)

    one = count(deep=H)
    return {
        "from the second layer on each direction reads 2 H numbers, for two directions "
        "stand below it; you let it read H": one,
        "you let every layer read D numbers, as the first does; the others read the "
        "layer below": count(deep=D),
        "you let every layer read the layer below; the first one reads x, D numbers": (
            count(first=ways * H)
        ),
        "you give a gate one bias; torch has two, bias_ih and bias_hh": count(biases=1),
        "you give a gate one bias, and let the second layer read H numbers": count(
            biases=1, deep=H
        ),
        "you forgot the biases": count(biases=0),
        "an LSTM has four blocks of weights (i, f, g, o); you counted three": count(
            gates=3
        ),
        "you counted one block of weights; an LSTM has four (i, f, g, o)": count(
            gates=1
        ),
        "the matrices from state to state, (H, H), are missing": count(state=False),
        "you counted one direction; each has weights of its own": count(ways=1),
        "you counted the first layer only": ways * 4 * (D * H + H * H + 2 * H),
        "two directions read the layer below, and each has weights of its own: here "
        "one of the two factors is missing": 4
        * sum(n * H + H * H + 2 * H for n in [D] + [ways * H] * (layers - 1)),
        "you made one net with 2 H units of two directions with H units: between the "
        "directions there are no weights": 4
        * sum(
            n * ways * H + (ways * H) ** 2 + 2 * ways * H
            for n in [D] + [ways * H] * (layers - 1)
        ),
    }


def check_count_parameters(answer) -> str:
    settings = [
        (5, 3, 1, False),
        (5, 3, 1, True),
        (7, 3, 3, False),
        (7, 3, 2, True),
        (11, 6, 4, True),
    ]

    def run(*setting):
        return call(answer, *setting, name="count_parameters")

    got, error = collect(run, settings)
    right = []
    for D, H, layers, two in settings:
        lstm = nn.LSTM(D, H, layers, bidirectional=two)
        right.append(sum(p.numel() for p in lstm.parameters()))
    known = [_counted(D, H, layers, 1 + two) for D, H, layers, two in settings]
    name_mistake(got, right, known, error)
    for result, wanted, setting in zip(got, right, settings, strict=True):
        what = f"the count for {setting}"
        if np.ndim(result):
            raise Wrong(
                f"{what} is to be one number; this has shape {np.shape(result)}"
            )
        close(result, np.asarray(wanted), 0, what)
    return "Equal to torch's, layer by layer. From layer 2 on it is 2 H that are read."


def residual_stack(x, layers, p, training):
    """Each layer adds to what it reads; dropout stands between the layers."""
    h = x
    for k, layer in enumerate(layers):
        read = nn.functional.dropout(h, p, training) if k > 0 else h
        h = h + layer(read)
    return h


class _Spies:
    """Three layers that remember what they read, and answer with fixed numbers."""

    def __init__(self, B, T, H):
        with torch.random.fork_rng():
            torch.manual_seed(9)
            self.x = 1 + torch.rand(B, T, H, dtype=torch.float64)  # nothing is 0
            self.says = [1 + torch.rand_like(self.x) for _ in range(3)]
        self.reads = []

    def layers(self):
        def layer(k, read):
            self.reads.append((k, read.detach().clone()))
            return self.says[k].clone()

        return [lambda read, k=k: layer(k, read) for k in range(3)]


def _run(answer, p, training):
    """Run the answer on spies; return what they read, what came out, and the sums."""
    spies = _Spies(4, 6, 8)
    with torch.random.fork_rng():
        torch.manual_seed(10)
        out = call(
            answer,
            spies.x,
            spies.layers(),
            p,
            training,
            name="residual_stack",
            unchanged=True,
        )
    out = torch.as_tensor(shape_of(out, dict(zip("BTH", spies.x.shape, strict=True))))
    order = [k for k, _ in spies.reads]
    if order != [0, 1, 2]:
        raise Wrong(
            f"the layers were called in the order {order}; want each once, from the "
            "bottom: [0, 1, 2]"
        )
    sums = [spies.x]
    for says in spies.says:
        sums.append(sums[-1] + says)
    return [read for _, read in spies.reads], out, sums, spies


def _name_wiring(reads, out, sums, spies) -> None:
    """Nothing is dropped here: is every sum in its place?"""
    x, (a, b, c) = spies.x, spies.says
    if same(reads[1], a) and same(out, c):
        raise Wrong(
            "a plain stack: each layer replaces what it reads. Add: h = h + layer(…)"
        )
    if same(reads[1], a) and same(out, x + c):
        raise Wrong("you add x once at the end; every layer adds to what it read")
    if same(reads[1], x + a) and same(reads[2], x + b):
        raise Wrong("every layer adds to x; it should add to what it read itself")
    if same(reads[1], x) and same(reads[2], x):
        raise Wrong("every layer reads x; each reads the sum that stands below it")
    if same(reads[2], sums[2]) and same(out, c):
        raise Wrong("the last layer does not add to what it read")
    if same(reads[1], a):
        raise Wrong("the first layer does not add to x")
    for k in range(3):
        close(reads[k], sums[k], 1e-9, f"in evaluation, what layer {k} reads")
    close(out, sums[3], 1e-9, "in evaluation, the result")


def _dropped(read, whole, p):
    """Whether `read` is `whole` with some numbers at 0 and the others / (1 - p)."""
    kept = read != 0
    some = 0 < int(kept.sum()) < kept.numel()
    return some and same(read[kept], whole[kept] / (1 - p), 1e-9)


def check_residual_stack(answer) -> str:
    p = 0.5
    reads, out, sums, spies = _run(answer, p, False)
    if any((read == 0).any() for read in reads) or (out == 0).any():
        raise Wrong(
            "numbers are dropped in evaluation too: hand `training` on to "
            "nn.functional.dropout, whose default is True"
        )
    _name_wiring(reads, out, sums, spies)
    p = 0.25
    reads, out, sums, spies = _run(answer, p, True)
    if (out == 0).any():
        raise Wrong("something is dropped after the last layer; only between layers")
    if (reads[0] == 0).any():
        raise Wrong("x is dropped before the first layer reads it; only between layers")
    if not any((read == 0).any() for read in reads[1:]):
        if any(not same(r, s) for r, s in zip(reads[1:], sums[1:3], strict=True)) or (
            not same(out, sums[3])
        ):
            _name_what_is_dropped(reads, out, sums, spies)
        raise Wrong(
            "nothing is dropped in training: nn.functional.dropout(h, p, training)"
        )
    for k in (1, 2):
        if not (reads[k] == 0).any():
            raise Wrong(f"what layer {k} reads is not dropped: dropout stands between "
                        "every two layers")  # fmt: skip
    if not _dropped(reads[1], sums[1], p):
        kept = reads[1] != 0
        if same(reads[1][kept], sums[1][kept], 1e-9):
            raise Wrong(
                "what is kept must grow by 1 / (1 - p), so that the sum stays the same "
                "on average; nn.functional.dropout does so"
            )
        share = 1 - float(kept.double().mean())
        raise Wrong(
            f"layer 1 reads with {share:.0%} of the numbers at 0, and what is kept is "
            f"not the sum times 1 / (1 - p); want dropout(h, p = {p:g}, training)"
        )
    share = float((torch.stack(reads[1:]) == 0).double().mean())
    if not 0.12 < share < 0.4:
        raise Wrong(f"{share:.0%} of the numbers are dropped; p is {p:g}")
    if not same(out, sums[3], 1e-9):
        raise Wrong(
            "the skip path is dropped as well: the layer reads dropout(h), and its "
            "answer is added to h itself"
        )
    if not _dropped(reads[2], sums[2], p):
        raise Wrong("layer 2 reads something else than dropout of the sum below it")
    return "The skip path runs from x to the end untouched; only what is read is noisy."


def _name_what_is_dropped(reads, out, sums, spies) -> None:
    """Numbers were dropped, but none where a layer reads."""
    raise Wrong(
        "what a layer says is dropped; drop what the next one reads: "
        "h = h + layer(dropout(h, p, training))"
    )
