"""How the exercises of lesson 01 are judged, each with its usual mistakes."""

from __future__ import annotations

import numpy as np
import torch

from helpers.data.batching import pad_batch
from helpers.data.digits import glimpses
from helpers.data.series import windows
from helpers.exercises.engine.core import Wrong, call, close, same, shape_of
from helpers.nets.small import last_real, shift_right, token_loss

__all__ = [
    "check_glimpses",
    "check_last",
    "check_loss",
    "check_pad",
    "check_shift",
    "check_windows",
]


def check_pad(answer):
    sequences = [[5, 2, 9], [7], [3, 3, 8, 4]]
    result = call(answer, sequences, pad=0)
    if not isinstance(result, tuple | list) or len(result) != 2:
        raise Wrong("you returned one thing; return two, the array and the lengths")
    ids, lengths = result
    want, true = pad_batch(sequences)
    if same(ids, true):
        raise Wrong("you return the lengths first; return the array, then the lengths")
    if np.shape(ids) == (3, 1):
        raise Wrong("you cut every sequence to the shortest; fill up to the longest")
    shape_of(ids, {"B": 3, "T": 4}, "ids")
    left = [[0] * (4 - len(s)) + s for s in sequences]
    if same(ids, left):
        raise Wrong("you padded on the left; put the padding after the real steps")
    if same(lengths, [4, 4, 4]):
        raise Wrong(
            "you counted after padding, so all lengths are equal; count the real steps"
        )
    close(ids, want, what="ids")
    close(lengths, true, what="lengths")
    other, _ = call(answer, [[1], [2, 2]], pad=-1)
    if same(other, [[1, 0], [2, 2]]):
        raise Wrong("you always pad with 0; use the value that `pad` names")
    close(other, pad_batch([[1], [2, 2]], -1)[0], what="ids with pad=-1")
    return "Without the lengths nobody could tell padding from data any more."


def check_last(answer):
    outputs = torch.arange(24.0).reshape(3, 4, 2)
    lengths = torch.tensor([4, 2, 3])
    result = call(answer, outputs, lengths)
    if same(result, outputs[:, -1]):
        raise Wrong(
            "you took the last column, which is padding for two of the three; "
            "use `lengths`"
        )
    first = torch.where(lengths < 4, lengths, 3)
    if same(result, outputs[torch.arange(3), first]):
        raise Wrong("you are one step late: a sequence of length 2 ends at index 1")
    if same(result, outputs[torch.arange(3), lengths - 2]):
        raise Wrong("you are one step early: a sequence of length 2 ends at index 1")
    if same(result, outputs[torch.arange(3), -lengths]):
        raise Wrong("you count from the end of the array; count from its beginning")
    if same(result, outputs[:, 0]):
        raise Wrong("you took the first step; take the last real one")
    if isinstance(result, list | tuple) and np.ndim(result[0]) == 2:
        raise Wrong("you return all real steps of each; return the last of them")
    if np.shape(result) == (3, 3, 2):
        raise Wrong(
            "`outputs[:, lengths - 1]` takes every place for every sequence; "
            "pair place i with sequence i (torch.arange)"
        )
    shape_of(result, {"B": 3, "K": 2})
    close(result, last_real(outputs, lengths))
    return "Each sequence is asked at its own end."


def check_glimpses(answer):
    rng = np.random.default_rng(3)
    images = rng.random((2, 6, 8)).astype(np.float32)
    want = glimpses(images, size=4, stride=2)
    result = call(answer, images, size=4, stride=2)
    if np.shape(result) == (2, 6, 4, 4):
        raise Wrong("each glimpse is still a square; flatten it to 16 numbers")
    if np.shape(result) == (6, 2, 16):
        raise Wrong("time comes first here; put the batch first: (B, T, 16)")
    if same(result, glimpses(images, size=4, stride=4)):
        raise Wrong("your windows do not overlap; move by `stride`, not by `size`")
    if same(result, want[:, :2]):
        raise Wrong(
            "the last window of each row and column is missing: one may begin at "
            "H - size, so the range ends at H - size + 1"
        )
    shape_of(result, {"B": 2, "T": 6, "D": 16})
    across = want[:, [0, 3, 1, 4, 2, 5]]
    if same(result, across):
        raise Wrong("you go down the columns first; read as a page: along the rows")
    turned = want.reshape(2, 6, 4, 4).swapaxes(2, 3).reshape(2, 6, 16)
    if same(result, turned):
        raise Wrong("each glimpse is transposed; flatten it row by row")
    close(result, want)
    other = call(answer, images, size=3, stride=1)
    if same(other, want):
        raise Wrong("you always use 4 and 2; use `size` and `stride`")
    close(
        other, glimpses(images, size=3, stride=1), what="glimpses of size 3, stride 1"
    )
    return "The order is ours to choose; the network only sees T vectors."


def check_loss(answer):
    generator = torch.Generator().manual_seed(1)
    logits = torch.randn(3, 5, 4, generator=generator)
    targets = torch.randint(0, 4, (3, 5), generator=generator)
    lengths = torch.tensor([5, 2, 3])
    result = call(answer, logits, targets, lengths)
    each = torch.nn.functional.cross_entropy(
        logits.flatten(0, 1), targets.flatten(), reduction="none"
    ).view(3, 5)
    real = torch.arange(5) < lengths[:, None]
    total = each[real].sum()
    if same(result, each.mean(), 1e-5):
        raise Wrong(
            "padding counts in your loss: 5 of the 15 places hold no answer; "
            "leave them out"
        )
    if same(result, total / 15, 1e-5):
        raise Wrong(
            "you left padding out of the sum and not out of the count; divide by the "
            "10 real tokens"
        )
    if same(result, total, 1e-5):
        raise Wrong("you returned the sum; divide by the number of real tokens")
    per_sequence = torch.stack([e[r].mean() for e, r in zip(each, real, strict=True)])
    if same(result, per_sequence.mean(), 1e-5):
        raise Wrong(
            "you averaged the three averages, so that a token of a short sequence "
            "weighs more; average over all real tokens at once"
        )
    if same(result, each[real & (targets != 0)].mean(), 1e-5) or same(
        result, each[targets != 0].mean(), 1e-5
    ):
        raise Wrong(
            "you leave out every target 0, and 0 is a class like the others; tell "
            "padding by `lengths`"
        )
    if same(result, each[torch.arange(5) <= lengths[:, None]].mean(), 1e-5):
        raise Wrong("you count one step of padding: the last real step is length - 1")
    if np.shape(result) == (3,):
        raise Wrong("you return one number a sequence; return one for all real tokens")
    squashed = token_loss(logits.softmax(-1), targets, lengths)
    if same(result, squashed, 1e-5):
        raise Wrong("you took a softmax first; cross_entropy does that itself")
    shape_of(result, ())
    close(result, token_loss(logits, targets, lengths), 1e-5)
    return "Every real token weighs the same, however long its sequence."


def check_windows(answer):
    series = np.array([3.0, 1, 4, 1, 5, 9, 2, 6])
    inputs, targets = windows(series, 3, 2)
    result = call(answer, series, 3, 2)
    if not isinstance(result, tuple | list) or len(result) != 2:
        raise Wrong("return two arrays: the inputs and the targets")
    x, y = result
    if same(x, targets) and same(y, inputs):
        raise Wrong("you return the targets first; return inputs, then targets")
    if same(x, inputs[::3]):
        raise Wrong("your windows do not overlap; begin one at every value")
    if np.shape(x) == (3, 3):
        raise Wrong("the last window is missing: 8 - 3 - 2 + 1 = 4 of them fit")
    if np.shape(x) == (5, 3) or np.shape(x) == (6, 3):
        raise Wrong("your last windows have no complete target; 4 windows fit")
    shape_of(x, {"N": 4, "length": 3}, "inputs")
    close(x, inputs, what="inputs")
    if np.shape(y) == (4, 2) and same(np.asarray(y)[:, 0], inputs[:, -1]):
        raise Wrong(
            "a leak: your target begins with the last input value; begin one later"
        )
    if np.shape(y) in ((4,), (4, 1)):
        raise Wrong("you return one value a window; `horizon` asks for 2 in a row")
    if np.shape(y) == (4, 3) and same(np.asarray(y)[:, :2], inputs[:, 1:]):
        raise Wrong("your target is the window moved by one; give only what follows it")
    shape_of(y, {"N": 4, "horizon": 2}, "targets")
    if same(np.asarray(y)[:3, 0], targets[:3, 1]):
        raise Wrong("you skip one value between input and target; begin one earlier")
    close(y, targets, what="targets")
    return "No target value is among the inputs of its own window."


def check_shift(answer):
    targets = torch.tensor([[7, 3, 9, 2], [5, 5, 2, 0]])
    result = call(answer, targets, 1)
    if same(result, targets):
        raise Wrong("the writer is fed the very token it must guess; shift by one step")
    if np.shape(result) == (2, 5):
        raise Wrong("the inputs are one step too long; leave the last target out")
    if np.shape(result) == (2, 3):
        raise Wrong("the first step has nothing to start from; put `bos` there")
    shape_of(result, {"B": 2, "S": 4})
    got = torch.as_tensor(np.asarray(result))
    if torch.equal(got[:, :3], targets[:, 1:]):
        raise Wrong(
            "you shifted to the left: each step sees the *next* token, its answer "
            "and more; shift to the right"
        )
    if torch.equal(got, torch.roll(targets, 1, 1)):
        raise Wrong("your last token came round to the front; put `bos` there")
    if torch.equal(got[:, 1:], targets[:, 1:]):
        raise Wrong("you overwrote the first token; move every token one to the right")
    if torch.equal(got[1:], targets[:1]):
        raise Wrong("you moved whole sequences; time is axis 1, not axis 0")
    if torch.equal(got[:, 1:], targets[:, :-1]) and (got[:, 0] != 1).any():
        raise Wrong(f"the first step is fed {got[0, 0]}; put `bos` there")
    close(result, shift_right(targets, 1))
    return "At every step the writer sees what came before, never what comes."
