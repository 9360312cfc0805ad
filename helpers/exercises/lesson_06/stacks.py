"""Lesson 06: reference and checker of the exercise on a residual stack."""

from __future__ import annotations

import torch
from torch import nn

from helpers.exercises.engine.core import Wrong, call, close, same, shape_of

__all__ = ["check_residual_stack", "residual_stack"]


def residual_stack(x, layers, p, training):
    """Each layer adds to what it reads; dropout stands between the layers."""
    h = x
    for k, layer in enumerate(layers):
        read = nn.functional.dropout(h, p, training) if k > 0 else h
        h = h + layer(read)
    return h


class _Spies:
    """Layers that remember what they read, and answer with fixed numbers."""

    def __init__(self, B, T, H, depth):
        with torch.random.fork_rng():
            torch.manual_seed(9)
            self.x = 1 + torch.rand(B, T, H)  # nothing is 0
            self.says = [1 + torch.rand_like(self.x) for _ in range(depth)]
        self.reads = []

    def layers(self):
        def layer(k, read):
            read = torch.as_tensor(read)
            self.reads.append((k, read.detach().clone()))
            return self.says[k].clone()

        return [lambda read, k=k: layer(k, read) for k in range(len(self.says))]


def _run(answer, p, training, seed=10, depth=3):
    """Run the answer on spies; return what they read, what came out, and the sums."""
    spies = _Spies(16, 20, 48, depth)
    with torch.random.fork_rng():
        torch.manual_seed(seed)
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
    if order != list(range(depth)):
        raise Wrong(
            f"the layers were called in the order {order}; want each once, from the "
            f"bottom: {list(range(depth))}"
        )
    sums = [spies.x]
    for says in spies.says:
        sums.append(sums[-1] + says)
    return [read for _, read in spies.reads], out, sums, spies


def _name_wiring(reads, out, sums, spies, p) -> None:
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
    if same(reads[1], sums[1] * (1 - p)):
        raise Wrong(
            "in evaluation h is read as it is: what is kept grows by 1 / (1 - p) in "
            "training, and nothing shrinks here"
        )
    if same(reads[1], sums[1] / 2):
        raise Wrong("h becomes the mean of h and the layer's answer: add them")
    for k in range(3):
        close(reads[k], sums[k], 1e-9, f"in evaluation, what layer {k} reads")
    close(out, sums[3], 1e-9, "in evaluation, the result")


def check_residual_stack(answer) -> str:
    p = 0.3
    reads, out, sums, spies = _run(answer, p, False)
    if any((read == 0).any() for read in reads) or (out == 0).any():
        raise Wrong(
            "numbers are dropped in evaluation too: hand `training` on to "
            "nn.functional.dropout, whose default is True"
        )
    _name_wiring(reads, out, sums, spies, p)
    p = 0.25
    reads, out, sums, spies = _run(answer, p, True)
    _name_place(reads, out, sums, spies, p)
    _name_amount(reads[1], sums[1], p)
    if not same(out, sums[3], 1e-9):
        raise Wrong(
            "the skip path is dropped as well: the layer reads dropout(h), and its "
            "answer is added to h itself"
        )
    if not _dropped(reads[2], sums[2], p):
        raise Wrong("layer 2 reads something else than dropout of the sum below it")
    masks = [read == 0 for read in reads]
    _name_shared_mask(masks)
    again, *_ = _run(answer, p, True, seed=11)
    if torch.equal(again[1] == 0, masks[1]) and torch.equal(again[2] == 0, masks[2]):
        raise Wrong("every call drops the very same numbers; draw them anew each time")
    share = float((torch.stack(masks[1:])).double().mean())
    if abs(share - p) > 0.015:  # six standard deviations
        raise Wrong(f"{share:.1%} of the numbers are dropped; p is {p:g}")
    p = 0.6
    reads, _, sums, _ = _run(answer, p, True)
    _name_amount(reads[1], sums[1], p)
    for depth in (1, 5):
        reads, out, sums, spies = _run(answer, p, True, depth=depth)
        close(reads[0], spies.x, 1e-9, f"of {depth} in all, what the first layer reads")
        for k in range(1, depth):
            if not _dropped(reads[k], sums[k], p):
                raise Wrong(
                    f"of {depth} layers in all, layer {k} reads something else than "
                    "dropout of the sum below it"
                )
        close(out, sums[-1], 1e-9, f"of {depth} layers the result")
    return "The skip path runs from x to the end untouched; only what is read is noisy."


def _name_place(reads, out, sums, spies, p) -> None:
    """In training: are numbers dropped where they should be, and only there?"""
    if (out == 0).any():
        raise Wrong("something is dropped after the last layer; only between layers")
    if (reads[0] == 0).any():
        raise Wrong("x is dropped before the first layer reads it; only between layers")
    if not any((read == 0).any() for read in reads[1:]):
        if _dropped(reads[1] - spies.x, spies.says[0], p):
            raise Wrong(
                "what a layer says is dropped; drop what the next one reads: "
                "h = h + layer(dropout(h, p, training))"
            )
        for k in (1, 2):
            close(reads[k], sums[k], 1e-9, f"in training no number is 0 of what layer "
                  f"{k} reads, and it is not the sum either: it")  # fmt: skip
        close(out, sums[3], 1e-9, "in training, the result")
        raise Wrong(
            "nothing is dropped in training: nn.functional.dropout(h, p, training)"
        )
    for k in (1, 2):
        if not (reads[k] == 0).any():
            raise Wrong(
                f"what layer {k} reads is not dropped: dropout stands between every "
                "two layers"
            )


def _dropped(read, whole, p):
    """Whether `read` is `whole` with some numbers at 0 and the others / (1 - p)."""
    kept = read.abs() > 1e-9
    some = 0 < int(kept.sum()) < kept.numel()
    return some and same(read[kept], whole[kept] / (1 - p), 1e-9)


def _name_amount(read, whole, p) -> None:
    """Is what layer 1 reads dropped with `p`, and what is kept grown to match?"""
    if _dropped(read, whole, p):
        return
    kept = read != 0
    if same(read[kept], whole[kept], 1e-9):
        raise Wrong(
            "what is kept must grow by 1 / (1 - p), so that the sum stays the same "
            "on average; nn.functional.dropout does so"
        )
    share = 1 - float(kept.double().mean())
    raise Wrong(
        f"layer 1 reads with {share:.0%} of the numbers at 0, and what is kept is "
        f"not the sum times 1 / (1 - p); want dropout(h, p = {p:g}, training)"
    )


def _name_shared_mask(masks) -> None:
    """Is every number dropped by a draw of its own?"""
    if torch.equal(masks[1], masks[2]):
        raise Wrong(
            "layers 1 and 2 read with the same numbers at 0; draw anew for each layer"
        )
    alike = {
        0: "rows of the batch lose the same numbers",
        1: "steps of a row lose the same numbers",
        2: "numbers of a step are dropped or kept together",
    }
    for axis, words in alike.items():
        if any(torch.equal(m, m.roll(1, axis)) for m in masks[1:]):
            raise Wrong(f"all {words}; each number has a draw of its own")
    mask = masks[1].double()
    chance = mask.mean() ** 2 + (1 - mask.mean()) ** 2  # that two draws agree
    for axis, words in alike.items():
        for far in range(1, mask.shape[axis]):
            if (mask == mask.roll(far, axis)).double().mean() > chance + 0.07:
                raise Wrong(f"some {words}; each number has a draw of its own")
