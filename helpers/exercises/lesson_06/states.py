"""Lesson 06: references and checkers of the exercises on output and h_n."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from helpers.exercises.engine.core import Wrong, call, close, shape_of
from helpers.exercises.lesson_06.mistakes import collect, name_mistake

__all__ = ["both_ends", "check_both_ends", "check_layer_state", "layer_state"]


def both_ends(output, lengths):
    """Each direction's last state, forward first: (B, 2 H)."""
    H = output.shape[2] // 2
    forward = output[torch.arange(len(output)), lengths - 1, :H]
    backward = output[:, 0, H:]
    return torch.cat([forward, backward], dim=1)


def _read(B, T, D, H, lengths):
    """The padded output (B, T, 2 H) of a packed bidirectional GRU, and its h_n."""
    with torch.random.fork_rng():
        torch.manual_seed(8)
        gru = nn.GRU(D, H, batch_first=True, bidirectional=True).double()
        x = torch.randn(B, T, D, dtype=torch.float64)
    packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
    with torch.no_grad():
        packed, h_n = gru(packed)
    output, _ = pad_packed_sequence(packed, batch_first=True, total_length=T)
    return output.float(), h_n.float()


def _ends(output, n):
    """What a learner is told -> the result of that mistake."""
    B, T, H2 = output.shape
    H, rows, last = H2 // 2, torch.arange(B), n - 1
    f, b = output[..., :H], output[..., H:]
    fine, back = f[rows, last], b[:, 0]
    even, odd = output[..., ::2], output[..., 1::2]

    def join(one, two):
        return torch.cat([one, two], dim=1)

    return {
        "output[:, -1] is the last column: padding in the short rows, and in the long "
        "one the backward half has read a single word there": output[:, -1],
        "this is right for the forward half, and both halves are taken at lengths - 1: "
        "the backward one has read one word only there, it ends at the first. (If you "
        "do cut at H: H is half of output.shape[2].)": output[rows, last],
        "this is right for the backward half, and both halves are taken at step 0: the "
        "forward one has read one word only there, it ends at lengths - 1. (If you do "
        "cut at H: H is half of output.shape[2].)": output[:, 0],
        "the forward half is read in the padding of the short rows: its last state "
        "stands at lengths - 1, counted from 0": join(f[:, -1], back),
        "the ends are swapped: the forward half ends at lengths - 1, the backward half "
        "at 0": join(f[:, 0], b[rows, last]),
        "the halves are in the wrong order: the forward one comes first": join(
            back, fine
        ),
        "the backward half is read at the last column; it runs towards step 0 and ends "
        "there": join(fine, b[:, -1]),
        "the forward half is one step early: lengths - 1 is the last word": join(
            f[rows, n - 2], back
        ),
        "the backward half is one step off: it ends at step 0": join(
            fine, b[:, min(1, T - 1)]
        ),
        "you put the halves one below the other; put them side by side, dim=1": (
            torch.cat([fine, back])
        ),
        "this is an axis too many: torch.cat along dim=1, not torch.stack": torch.stack(
            [fine, back], dim=1
        ),
        "both halves of your result are of the forward direction": join(fine, f[:, 0]),
        "both halves of your result are of the backward direction": join(
            b[rows, last], back
        ),
        "only the forward half is in it": fine,
        "only the backward half is in it": back,
        "you add the two directions; put them side by side": fine + back,
        "you take the mean over all T columns; pick each direction's last state": (
            output.mean(1)
        ),
        "output[:, lengths - 1] takes all these steps in every row; to pair each row "
        "with its own step, index both: output[torch.arange(B), lengths - 1]": (
            output[:, last]
        ),
        "the directions do not alternate: the first H numbers of a step are the "
        "forward ones, the other H the backward ones": join(
            even[rows, last], odd[:, 0]
        ),
        "the first H numbers of a step are the forward ones; you took the others": (
            join(b[rows, last], f[:, 0])
        ),
    }


def check_both_ends(answer) -> str:
    sizes = ([4, 6, 2, 3], 7, 3, 4), ([2, 5], 5, 2, 1), ([3, 1], 3, 2, 2)
    outputs, right = [], []
    for lengths, T, D, H in sizes:
        n = torch.tensor(lengths)
        output, h_n = _read(len(n), T, D, H, n)
        outputs.append((output, n))
        right.append(torch.cat([h_n[0], h_n[1]], dim=1))

    def run(output, n):
        return call(answer, output, n, name="both_ends", unchanged=True)

    got, error = collect(run, outputs)
    if error is not None and "number of dimensions" in str(error):
        raise Wrong(
            "the two halves have not the same number of axes. With one step for each "
            "row, output[:, steps] takes all these steps in every row; to pair each "
            "row with its own, index both: output[torch.arange(B), steps]"
        )
    name_mistake(got, right, [_ends(*pair) for pair in outputs], error)
    for result, wanted in zip(got, right, strict=True):
        sizes = dict(zip(("B", "2H"), wanted.shape, strict=True))
        close(shape_of(result, sizes), wanted, 1e-9, "the result")
    return "Equal to h_n[0] and h_n[1] of the packed GRU, side by side."


def layer_state(h_n, layer, bidirectional):
    """The last state of one layer, forward first: (B, H), or (B, 2 H) of two ways."""
    if not bidirectional:
        return h_n[layer]
    return torch.cat([h_n[2 * layer], h_n[2 * layer + 1]], dim=1)


def _of_two(h_n, layer):
    """What a learner is told -> the result of that mistake, in a bidirectional net."""
    rows, B, H = h_n.shape
    L = rows // 2
    f, b = h_n[2 * layer], h_n[2 * layer + 1]

    def join(*parts):
        return torch.cat(parts, dim=1)

    top, bottom = join(h_n[-2], h_n[-1]), join(h_n[0], h_n[1])
    return {
        "this is the top layer, whatever `layer` is": top,
        "this is the bottom layer, whatever `layer` is": bottom,
        "you read h_n as all forward layers and then all backward ones; the two "
        "directions of one layer stand next to each other": join(
            h_n[layer], h_n[layer + L]
        ),
        "rows `layer` and `layer + 1` are not one layer: each layer has two rows": (
            join(h_n[layer], h_n[layer + 1])
        ),
        "this is row `layer` of h_n, one direction only (and of which layer?): each "
        "layer has two rows": h_n[layer],
        "this is the forward row alone": f,
        "this is the backward row alone": b,
        "the rows are in the wrong order: the forward one comes first": join(b, f),
        "you count the layers from 1; layer 0 is the bottom one": join(
            h_n[2 * layer - 2], h_n[2 * layer - 1]
        ),
        "you count the layers from the top; layer 0 is the bottom one": join(
            h_n[2 * (L - layer) - 2], h_n[2 * (L - layer) - 1]
        ),
        "you are one row late: layer k has the rows 2 k and 2 k + 1": join(
            h_n[(2 * layer + 1) % rows], h_n[(2 * layer + 2) % rows]
        ),
        "this is the forward row twice": join(f, f),
        "the two directions stand number by number in turn; put the whole backward row "
        "after the forward one": torch.stack([f, b], dim=2).flatten(1),
        "you add the two directions; put them side by side": f + b,
        "you average the two directions; put them side by side": (f + b) / 2,
        "the shape fits, but reshape deals the numbers out in the order of h_n, which "
        "has the direction before B: numbers of different sequences share a row": (
            torch.stack([f, b]).reshape(B, 2 * H)
        ),
        "you put the rows one below the other; put them side by side, dim=1": (
            torch.cat([f, b], dim=0)
        ),
        "this is an axis too many: torch.cat along dim=1": torch.stack([f, b]),
    }


def _of_one(h_n, layer):
    """The same for a net of one direction."""
    L = len(h_n)
    return {
        "without `bidirectional` each layer has one row in h_n; you took two": (
            torch.cat([h_n[2 * layer % L], h_n[(2 * layer + 1) % L]], dim=1)
        ),
        "without `bidirectional` each layer has one row in h_n: yours is row 2 layer": (
            h_n[2 * layer % L]
        ),
        "this is the top layer, whatever `layer` is": h_n[-1],
        "you count the layers from 1; layer 0 is the bottom one": h_n[layer - 1],
        "you count the layers from the top; layer 0 is the bottom one": (
            h_n[L - 1 - layer]
        ),
    }


def check_layer_state(answer) -> str:
    for two in (True, False):
        settings = []
        for L, B, H in ((3, 4, 2), (4, 2, 5), (2, 1, 3)):
            with torch.random.fork_rng():
                torch.manual_seed(L)
                h_n = torch.randn((1 + two) * L, B, H, dtype=torch.float64)
            settings += [(h_n, layer) for layer in range(L)]

        def run(h_n, layer, two=two):
            return call(answer, h_n, layer, two, name="layer_state", unchanged=True)

        got, error = collect(run, settings)
        right = [layer_state(*setting, two) for setting in settings]
        known = [(_of_two if two else _of_one)(*setting) for setting in settings]
        name_mistake(got, right, known, error)
        for result, wanted, (_, layer) in zip(got, right, settings, strict=True):
            width = "2H" if two else "H"
            sizes = dict(zip(("B", width), wanted.shape, strict=True))
            what = f"the state of layer {layer}"
            close(shape_of(result, sizes, what), wanted, 1e-12, what)
    return (
        "h_n keeps the batch second, also with batch_first=True: rows are layers and "
        "directions."
    )
