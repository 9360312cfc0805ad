"""The checkers of lesson 01: right answers, other right answers, named mistakes."""

import math

import numpy as np
import pytest
import torch
from checkers import Checkers, plain
from torch import nn
from torch.nn import functional as F
from torch.nn.functional import cross_entropy

from helpers.exercises.engine import registry
from helpers.exercises.engine.core import NotAttempted, Wrong

BY_ID = {exercise.id: exercise for exercise in registry.lesson_items("01")[0]}


# -- 01.1 ------------------------------------------------------------------------------


def padded(sequences, width, pad=0, left=False):
    rows = [list(s)[:width] for s in sequences]
    fill = [[pad] * (width - len(r)) for r in rows]
    both = zip(rows, fill, strict=True)
    return np.array([f + r if left else r + f for r, f in both])


def lengths_of(sequences):
    return [len(s) for s in sequences]


def longest(sequences):
    return max(map(len, sequences))


def right_pad(s, pad=0):
    return padded(s, longest(s), pad), lengths_of(s)


def torch_pad(s, pad=0):
    rows = [torch.tensor(x) for x in s]
    ids = nn.utils.rnn.pad_sequence(rows, batch_first=True, padding_value=pad)
    return ids, torch.tensor(lengths_of(s))


def float_pad(s, pad=0):
    n = np.array(lengths_of(s))
    ids = np.zeros((len(s), n.max())) + pad
    ids[np.arange(n.max()) < n[:, None]] = np.concatenate(s)
    return [ids, n.astype(float)]


def zipped_pad(s, pad=0):
    from itertools import zip_longest

    return np.array([*zip_longest(*s, fillvalue=pad)]).T, tuple(map(len, s))


def pad_in_place(s, pad=0):
    n, width = lengths_of(s), longest(s)
    for row in s:
        row += [pad] * (width - len(row))
    return np.array(s), n


def pad_with(lengths):
    def answer(s, pad=0):
        ids, n = right_pad(s, pad)
        return ids, lengths(ids, n, pad, s)

    return answer


def held(s, pad=0):
    rows = [list(x) + [x[-1]] * (longest(s) - len(x)) for x in s]
    return np.array(rows), lengths_of(s)


def by_length(s, pad=0):
    return right_pad(sorted(s, key=len, reverse=True), pad)


def garbage(s, pad=0):
    ids, n = right_pad(s, pad)
    ids[np.arange(ids.shape[1]) >= np.array(n)[:, None]] = 77
    return ids, n


# -- 01.2 ------------------------------------------------------------------------------


def all_rows(o):
    return torch.arange(len(o))


def steps_of(o, n):
    return (torch.arange(o.shape[1]) < n[:, None])[..., None]


def by_gather(o, n):
    at = (n - 1)[:, None, None].expand(-1, 1, o.shape[2])
    return o.gather(1, at)[:, 0]


def by_mask(o, n):
    return o[torch.arange(o.shape[1]) == (n - 1)[:, None]]


def by_product(o, n):
    here = F.one_hot(n - 1, o.shape[1]).to(o.dtype)
    return torch.einsum("btk,bt->bk", o, here)


def by_loop(o, n):
    out = torch.zeros(len(o), o.shape[2])
    for b in range(len(o)):
        out[b] = o[b, int(n[b]) - 1]
    return out


# -- 01.3 ------------------------------------------------------------------------------


def boxes(images, size, stride, order="rows", flat="C"):
    top = range(0, images.shape[1] - size + 1, stride)
    left = range(0, images.shape[2] - size + 1, stride)
    places = [(i, j) for i in top for j in left]
    if order == "columns":
        places = [(i, j) for j in left for i in top]
    cut = [images[:, i : i + size, j : j + size] for i, j in places]
    return [np.stack([c.ravel(flat) for c in piece]) for piece in cut]


def look_with(cut=lambda im: im, join=1, **change):
    """Return an answer to 01.3 that goes wrong in `change`."""

    def answer(im, size, stride):
        given = {"size": size, "stride": stride}
        for key, value in change.items():
            given[key] = value(size, stride) if callable(value) else value
        return np.stack(boxes(cut(im), **given), join)

    return answer


def unfolded(im, size, stride):
    x = torch.tensor(im).unfold(1, size, stride).unfold(2, size, stride)
    return x.flatten(3).flatten(1, 2)


def by_torch_unfold(im, size, stride):
    return F.unfold(torch.tensor(im)[:, None], size, stride=stride).transpose(1, 2)


def slid(im, size, stride):
    x = np.lib.stride_tricks.sliding_window_view(im, (size, size), axis=(1, 2))
    return x[:, ::stride, ::stride].reshape(len(im), -1, size * size)


def one_side(side):
    def answer(im, size, stride):
        H, W = im.shape[side], im.shape[side]
        out = [
            im[:, i : i + size, j : j + size].reshape(len(im), -1)
            for i in range(0, H - size + 1, stride)
            for j in range(0, W - size + 1, stride)
        ]
        return np.stack(out, 1)

    return answer


def short_of(down, across):
    def answer(im, size, stride):
        out = [
            im[:, i : i + size, j : j + size].reshape(len(im), -1)
            for i in range(0, im.shape[1] - size + 1 - down, stride)
            for j in range(0, im.shape[2] - size + 1 - across, stride)
        ]
        return np.stack(out, 1)

    return answer


# -- 01.4 ------------------------------------------------------------------------------


def each_loss(logits, targets):
    return torch.stack(
        [
            cross_entropy(x, y, reduction="none")
            for x, y in zip(logits, targets, strict=True)
        ]
    )


def real(targets, lengths):
    return torch.arange(targets.shape[1])[None] < lengths[:, None]


def summed_loss(logits, targets, lengths):
    total, count = 0.0, 0
    for b, n in enumerate(lengths.tolist()):
        for t in range(n):
            total = total + cross_entropy(logits[b, t], targets[b, t])
            count += 1
    return total / count


def ignoring(logits, targets, lengths):
    hidden = targets.masked_fill(~real(targets, lengths), -100)
    return cross_entropy(logits.transpose(1, 2), hidden)


def packed_loss(logits, targets, lengths):
    packed = [
        nn.utils.rnn.pack_padded_sequence(
            x, lengths, batch_first=True, enforce_sorted=False
        ).data
        for x in (logits, targets)
    ]
    return cross_entropy(*packed)


def by_log_softmax(logits, targets, lengths):
    said = logits.log_softmax(-1).gather(-1, targets[..., None])[..., 0]
    keep = real(targets, lengths)
    return -(said * keep).sum() / keep.sum()


def joined(logits, targets, lengths):
    pairs = [*zip(lengths.tolist(), logits, targets, strict=True)]
    return cross_entropy(
        torch.cat([x[:n] for n, x, _ in pairs]), torch.cat([y[:n] for n, _, y in pairs])
    )


def double_loss(logits, targets, lengths):
    return summed_loss(logits.double(), targets, lengths)


def ignoring_in_place(logits, targets, lengths):
    targets[~real(targets, lengths)] = -100
    return cross_entropy(logits.transpose(1, 2), targets)


@torch.no_grad()
def without_gradient(logits, targets, lengths):
    return summed_loss(logits, targets, lengths)


def unturned(logits, targets, lengths):
    return cross_entropy(logits, targets)


def viewed(x, y, n):
    turned = x.reshape(len(x), x.shape[2], x.shape[1])
    return cross_entropy(turned, y, reduction="none")[real(y, n)].mean()


# -- 01.5 ------------------------------------------------------------------------------


def sliding(series, length, horizon=1, start=0, drop=0):
    count = len(series) - length - horizon + 1 - drop
    x = np.array([series[i : i + length] for i in range(count)])
    y = np.array(
        [series[i + length + start :][:horizon] for i in range(count)], dtype=object
    )
    return x, np.array([list(row) + [0.0] * (horizon - len(row)) for row in y])


def cut_with(x=lambda a: a, y=lambda a: a):
    def answer(s, length, horizon=1):
        a, b = sliding(s, length, horizon)
        return x(a), y(b)

    return answer


def views(s, length, horizon=1):
    both = np.lib.stride_tricks.sliding_window_view(s, length + horizon).copy()
    return both[:, :length], both[:, length:]


def unfolded_series(s, length, horizon=1):
    both = torch.as_tensor(s).unfold(0, length + horizon, 1)
    return both.split([length, horizon], dim=1)


def by_index(s, length, horizon=1):
    N = len(s) - length - horizon + 1
    at = np.arange(N)[:, None] + np.arange(length + horizon)
    return np.asarray(s)[at[:, :length]], np.asarray(s)[at[:, length:]]


def as_lists(s, length, horizon=1):
    x, y, s = [], [], list(s)
    while len(s) >= length + horizon:
        x.append(s[:length])
        y.append(s[length : length + horizon])
        s.pop(0)
    return x, y


def room_for_whole_numbers(s, length, horizon=1):
    a, b = sliding(s, length, horizon)
    return a.astype(int), b.astype(int)


def ragged(s, length, horizon=1):
    starts = range(len(s) - length)
    return [s[i : i + length] for i in starts], [
        s[i + length : i + length + horizon] for i in starts
    ]


def moved(s, length, horizon=1):
    a, b = sliding(s, length, horizon)
    return a, np.concatenate([a[:, 1:], b[:, :1]], 1)


# -- 01.6 ------------------------------------------------------------------------------


def filled(y, bos):
    out = torch.empty_like(y)
    out[:, 0], out[:, 1:] = bos, y[:, :-1]
    return out


def rolled(y, bos):
    out = y.roll(1, dims=1)
    out[:, 0] = bos
    return out


def in_numpy(y, bos):
    y = np.asarray(y)
    return np.concatenate([np.full((len(y), 1), bos), y[:, :-1]], axis=1)


def begun_in_the_first_row(y, bos):
    out = y.clone()
    out[:, 1:], out[0, 0] = y[:, :-1], bos
    return out


def in_place(y, bos):
    y[:, 1:] = y[:, :-1].clone()
    y[:, 0] = bos
    return y


# -- 01.7 ------------------------------------------------------------------------------


PLACES = {
    "sentiment": "many-to-one",
    "driving": "aligned",
    "translation": "unaligned",
    "speech to text": "unaligned",
    "music generation": "one-to-many",
    "forecast of 12 values": "unaligned",
    "extractive answers": "aligned",
    "DNA: gene or not, each base": "aligned",
}


RIGHT = {
    "01.1": [
        lambda s, pad=0: (padded(s, longest(s), pad).tolist(), lengths_of(s)),
        right_pad,
        torch_pad,
        float_pad,
        zipped_pad,
        lambda s, pad=0: (torch_pad(s, pad)[0].float(), np.array(lengths_of(s))),
    ],
    "01.2": [
        lambda o, n: torch.stack([x[k - 1] for x, k in zip(o, n, strict=True)]),
        lambda o, n: o[range(len(o)), n - 1],
        lambda o, n: np.array([o[b, k - 1].numpy() for b, k in enumerate(n)]),
        lambda o, n: [o[b, k - 1].tolist() for b, k in enumerate(n.tolist())],
        lambda o, n: o.double()[all_rows(o), n - 1],
        by_gather,
        by_mask,
        by_product,
        by_loop,
    ],
    "01.3": [
        unfolded,
        by_torch_unfold,
        slid,
        look_with(),
        lambda im, size=4, stride=2: slid(im, size, stride).tolist(),
        lambda im, size=4, stride=2: slid(im.astype(float), size, stride),
        lambda im, size, stride: torch.stack(
            [torch.tensor(b) for b in boxes(im, size, stride)]
        ).transpose(0, 1),
    ],
    "01.4": [
        summed_loss,
        ignoring,
        packed_loss,
        by_log_softmax,
        joined,
        double_loss,
        lambda x, y, n: each_loss(x, y)[real(y, n)].mean(),
        lambda x, y, n: (each_loss(x, y) * real(y, n)).sum() / n.sum(),
        lambda x, y, n: cross_entropy(x[real(y, n)], y[real(y, n)]),
    ],
    "01.5": [
        sliding,
        views,
        unfolded_series,
        by_index,
        as_lists,
        lambda s, n, h=1: sliding([np.float32(v) for v in s], n, h),
        cut_with(torch.tensor, lambda a: torch.tensor(a).float()),
    ],
    "01.6": [
        lambda y, bos: F.pad(y, (1, 0), value=bos)[:, :-1],
        filled,
        rolled,
        in_numpy,
        lambda y, bos: [[bos, *row[:-1]] for row in y.tolist()],
        lambda y, bos: torch.hstack([torch.tensor([[bos]] * len(y)), y[:, :-1]]),
        lambda y, bos: torch.column_stack([torch.full((len(y),), bos), y[:, :-1]]),
        lambda y, bos: torch.cat([y.new_full((len(y), 1), bos), y], 1)[:, :-1],
    ],
    "01.7": [PLACES, lambda: PLACES],
}

WRONG = {
    "01.1": [
        (lambda s, pad=0: padded(s, longest(s), pad), "return two"),
        (
            lambda s, pad=0: (padded(s, longest(s), pad, left=True), lengths_of(s)),
            "on the left",
        ),
        (
            lambda s, pad=0: (padded(s, longest(s), pad), [longest(s)] * len(s)),
            "counted after padding",
        ),
        (
            lambda s, pad=0: (padded(s, min(map(len, s)), pad), lengths_of(s)),
            "to the shortest",
        ),
        (lambda s, pad=0: right_pad(s), "always pad with 0"),
        (lambda s, pad=0: right_pad(s, pad)[::-1], "lengths first"),
        (lambda s, pad=0: (padded(s, 8, pad), lengths_of(s)), "8 wide, and the"),
        (
            lambda s, pad=0: (padded(s, max(map(max, s)), pad), lengths_of(s)),
            "9 wide, and the longest sequence has 4",
        ),
        (lambda s, pad=0: (right_pad(s, pad)[0].T, lengths_of(s)), "lies on its side"),
        (pad_with(lambda ids, n, pad, s: (ids != pad).sum(1)), "what is not `pad`"),
        (
            pad_with(
                lambda ids, n, pad, s: (
                    ids.shape[1] - (ids != pad)[:, ::-1].argmax(axis=1)
                )
            ),
            "what is not `pad`",
        ),
        (pad_with(lambda ids, n, pad, s: np.array(n) - 1), "the last index"),
        (pad_with(lambda ids, n, pad, s: max(n)), "return each one's own"),
        (pad_with(lambda ids, n, pad, s: ids.shape[1] - np.array(n)), "the padding;"),
        (pad_with(lambda ids, n, pad, s: [max(x) for x in s]), "wrong values: at [0]"),
        (pad_with(lambda ids, n, pad, s: sum(n)), "lengths has shape (), want (3,)"),
        (pad_in_place, "changes its argument `s` in place"),
        (held, "repeat the last step"),
        (by_length, "you sorted"),
        (lambda s, pad=0: right_pad(sorted(s, key=len), pad), "you sorted"),
        (garbage, "77 stands where padding is due"),
        (lambda s, pad=0: (s, lengths_of(s)), "rows differ in length"),
        (lambda s, pad=0: (np.array(s), lengths_of(s)), "pad them, or keep a list"),
        (lambda s, pad=0: {"ids": right_pad(s, pad)}, "return two"),
    ],
    "01.2": [
        (lambda o, n: o[:, -1], "last column, which is padding for 3 of the 4"),
        (
            lambda o, n: o[all_rows(o), n.clamp(max=o.shape[1] - 1)],
            "one step late",
        ),
        (lambda o, n: o[all_rows(o), n], "IndexError"),
        (lambda o, n: o[:, n - 1], "pair place i with sequence i"),
        (lambda o, n: o[all_rows(o), n - 2], "one step early"),
        (lambda o, n: o[all_rows(o), -n], "from the end"),
        (lambda o, n: o[:, 0], "the first step"),
        (lambda o, n: o[:, 2], "step 2 of every sequence"),
        (lambda o, n: o[:, n.min()], "step 1 of every sequence"),
        (lambda o, n: [x[:k] for x, k in zip(o, n, strict=True)], "all real"),
        (lambda o, n: o.amax(1), "one out of all its 5 steps"),
        (lambda o, n: o.mean(1), "one out of all its 5 steps"),
        (lambda o, n: o.sum(1), "one out of all its 5 steps"),
        (
            lambda o, n: o.masked_fill(~steps_of(o, n), -99).amax(1),
            "one out of all its real steps",
        ),
        (lambda o, n: (o * steps_of(o, n)).sum(1) / n[:, None], "all its real steps"),
        (lambda o, n: (o * steps_of(o, n)).sum(1), "all its real steps"),
        (lambda o, n: o * steps_of(o, n), "every step of each"),
        (lambda o, n: by_gather(o, n)[:, None], "an axis of length 1"),
        (lambda o, n: by_gather(o, n).argmax(-1), "has shape (4,)"),
        (lambda o, n: by_gather(o, n).flip(0), "wrong values"),
        (lambda o, n: by_gather(o, n).softmax(-1), "wrong values"),
        (lambda o, n: by_gather(o.mul_(1.5) / 1.5, n), "`o` in place"),
        (lambda o, n: by_gather(o, n) * math.nan, "contains nan"),
    ],
    "01.3": [
        (look_with(stride=lambda size, stride: size), "do not overlap"),
        (
            lambda im, size, stride: np.stack(
                [b.reshape(-1, size, size) for b in boxes(im, size, stride)], 1
            ),
            "still a square",
        ),
        (look_with(order="columns"), "down the columns"),
        (look_with(flat="F"), "transposed"),
        (look_with(join=0), "batch first"),
        (look_with(lambda im: im[:, :-1, :-1]), "last window of each row"),
        (short_of(1, 1), "last window of each row"),
        (short_of(1, 0), "the lowest row of windows"),
        (short_of(0, 1), "the rightmost windows"),
        (look_with(size=4, stride=2), "always use 4"),
        (look_with(stride=2), "by 2: move by `stride`, here 1"),
        (look_with(stride=1), "by 1: move by `stride`, here 2"),
        (look_with(stride=lambda size, stride: size // 2), "by half of `size`"),
        (look_with(stride=lambda s, stride: max(s // 2, 1)), "by half of `size`"),
        (look_with(size=4), "always 4 by 4; `size` is 3"),
        (one_side(1), "6 high and 10 wide"),
        (lambda im, size, stride: im, "has shape (2, 6, 10)"),
        (lambda im, size, stride: im[:, :size, :size], "has shape"),
        (lambda im, size, stride: slid(im * 16, size, stride), "wrong values"),
        (lambda im, size, stride: slid(im, size, stride)[:, ::-1], "wrong values"),
        (lambda im, size, stride: slid(im, size, stride)[:1], "has shape"),
        (lambda im, size, stride: slid(im, size, stride).mean(-1), "has shape"),
    ],
    "01.4": [
        (lambda x, y, n: each_loss(x, y).mean(), "padding counts"),
        (
            lambda x, y, n: (each_loss(x, y) * real(y, n)).mean(),
            "not out of the count",
        ),
        (lambda x, y, n: each_loss(x, y)[real(y, n)].sum(), "the sum"),
        (
            lambda x, y, n: ((each_loss(x, y) * real(y, n)).sum(1) / n).mean(),
            "averaged the 3 averages",
        ),
        (lambda x, y, n: each_loss(x, y)[y != 0].mean(), "tell padding by"),
        (
            lambda x, y, n: each_loss(x, y)[real(y, n) & (y != 0)].mean(),
            "tell padding by",
        ),
        (lambda x, y, n: each_loss(x, y)[real(y, n + 1)].mean(), "length - 1"),
        (lambda x, y, n: each_loss(x, y)[real(y, n - 1)].mean(), "leave out the last"),
        (
            lambda x, y, n: (each_loss(x, y) * real(y, n)).sum(1) / n,
            "one number a sequence",
        ),
        (
            lambda x, y, n: each_loss(x.softmax(-1), y)[real(y, n)].mean(),
            "does that itself",
        ),
        (lambda x, y, n: each_loss(x, y)[real(y, n)].sum() / len(x), "3 sequences"),
        (lambda x, y, n: each_loss(x, y)[real(y, n)], "of each real token"),
        (lambda x, y, n: each_loss(x, y) * real(y, n), "a loss for each place"),
        (lambda x, y, n: -summed_loss(x, y, n), "the sign is turned"),
        (lambda x, y, n: each_loss(x * real(y, n)[..., None], y).mean(), "cost ln 4"),
        (lambda x, y, n: each_loss(x, y * real(y, n)).mean(), "with target 0"),
        (viewed, "do not swap axes"),
        (unturned, "Expected target size"),
        (unturned, "for `logits` of shape (3, 5, 4), `targets` of shape (3, 5)"),
        (unturned, "The usual cause: cross_entropy wants"),
        (without_gradient, "no gradient comes through"),
        (lambda x, y, n: summed_loss(x, y, n).item(), "no gradient comes through"),
        (lambda x, y, n: summed_loss(x.detach(), y, n), "no gradient comes through"),
        (
            lambda x, y, n: torch.tensor(
                summed_loss(x, y, n).item(), requires_grad=True
            ),
            "its gradient is another one's",
        ),
        (ignoring_in_place, "changes its argument `targets` in place"),
        (lambda x, y, n: summed_loss(x, y, n) / math.log(2), "it should be"),
        (lambda x, y, n: summed_loss(x, y, n).exp(), "it should be"),
        (lambda x, y, n: summed_loss(x, y, n) * math.nan, "contains nan"),
    ],
    "01.5": [
        (lambda s, n, h=1: sliding(s, n, h, start=-1), "a leak"),
        (lambda s, n, h=1: sliding(s, n, h, start=1), "skip one value"),
        (lambda s, n, h=1: sliding(s, n, h, drop=1), "last window is missing"),
        (lambda s, n, h=1: sliding(s, n, h, drop=-1), "no complete target"),
        (cut_with(y=lambda a: a[:, 0]), "one value a window"),
        (lambda s, n, h=1: sliding(s, n, h)[0], "two arrays"),
        (lambda s, n, h=1: sliding(s, n, h)[::-1], "targets first"),
        (lambda s, n, h=1: [a[::n] for a in sliding(s, n, h)], "do not overlap"),
        (lambda s, n, h=1: [a[:: n + h] for a in sliding(s, n, h)], "do not overlap"),
        (cut_with(y=lambda a: a[:, -1:]), "one value a window"),
        (moved, "moved by one"),
        (room_for_whole_numbers, "you keep whole numbers only"),
        (cut_with(y=lambda a: a.astype(int)), "keep the decimals"),
        (ragged, "no complete target"),
        (lambda s, n, h=1: sliding(s, n, 2), "holds 2 values; `horizon` is 1"),
        (lambda s, n, h=1: sliding(s, 3, h), "holds 3 values; `length` is 4"),
        (lambda s, n, h=2: sliding(s, n, h), "holds 2 values; `horizon` is 1"),
        (cut_with(lambda a: a[:, ::-1]), "your windows run backwards"),
        (cut_with(y=lambda a: a[:, ::-1]), "your targets run backwards"),
        (cut_with(lambda a: a[::-1], lambda a: a[::-1]), "the last window comes first"),
        (cut_with(y=lambda a: a[:-1]), "you return 3 targets for 4 windows"),
        (cut_with(y=lambda a: a[:, :, None]), "an axis of length 1"),
        (cut_with(y=lambda a: 3.0), "targets has shape ()"),
        (cut_with(y=lambda a: [[1.0], *a[1:].tolist()]), "has `horizon` = 2 values"),
        (cut_with(lambda a: 3.0), "inputs has shape ()"),
        (cut_with(lambda a: a.T), "inputs has shape (3, 4)"),
        (cut_with(lambda a: (row for row in a)), "is a generator; make a list of it"),
        (cut_with(lambda a: a * np.nan), "inputs contains nan"),
        (cut_with(lambda a: a - a.mean()), "inputs has the right shape"),
    ],
    "01.6": [
        (lambda y, bos: y, "the very token it must guess"),
        (lambda y, bos: torch.roll(y, 1, 1), "came round to the front"),
        (lambda y, bos: F.pad(y, (1, 0), value=bos), "one step too long"),
        (lambda y, bos: y[:, :-1], "nothing to start from"),
        (lambda y, bos: torch.roll(y, -1, 1), "to the left"),
        (lambda y, bos: F.pad(y, (0, 1), value=bos)[:, 1:], "to the left"),
        (
            lambda y, bos: torch.cat([torch.full_like(y[:, :1], bos), y[:, 1:]], 1),
            "overwrote the first",
        ),
        (
            lambda y, bos: torch.cat([torch.full_like(y[:1], bos), y[:-1]]),
            "axis 1",
        ),
        (lambda y, bos: F.pad(y, (1, 0), value=0)[:, :-1], "is fed 0"),
        (lambda y, bos: F.pad(y, (1, 0), value=1)[:, :-1], "is fed 1; `bos` is 5"),
        (begun_in_the_first_row, "the first step of row 1 is fed 5; `bos` is 1"),
        (in_place, "changes its argument `y` in place"),
        (lambda y, bos: torch.full_like(y, bos), "only the first one is"),
        (lambda y, bos: filled(y * 0, bos), "the last one left out"),
        (lambda y, bos: filled(y.flip(1).roll(-1, 1), bos), "wrong values"),
        (
            lambda y, bos: torch.cat(
                [torch.full_like(y[:, :1], bos), y.flip(1)[:, :-1]], 1
            ),
            "turned the tokens round",
        ),
        (lambda y, bos: filled(y, bos)[0], "has shape (4,)"),
        (lambda y, bos: filled(y, bos).T, "lies on its side"),
        (
            lambda y, bos: torch.cat([torch.tensor([bos]), y], 1),
            "fed raised IndexError",
        ),
    ],
    "01.7": [
        (PLACES | {"driving": "many-to-one"}, "angle at once"),
        (PLACES | {"translation": "aligned"}, "same number of words"),
        (PLACES | {"extractive answers": "many-to-one"}, "two scores"),
        (PLACES | {"sentiment": "many"}, "sentiment: 'many' is no type"),
        (PLACES | {"sentiment": ["many-to-one"]}, "is no type"),
        (PLACES | {"sentiment": None}, "sentiment: None is no type"),
        (PLACES | {"Driving": "aligned"}, "'Driving' is none of the names"),
        (PLACES | {"music generation": "unaligned"}, "one note starts it"),
        (PLACES | {"forecast of 12 values": "aligned"}, "however many went in"),
        (list(PLACES), "give a dict"),
    ],
}


class TestCheckers(Checkers):
    lesson = "01"
    right = RIGHT
    wrong = plain(WRONG)
    blank = {"01.7": PLACES | {"driving": ...}}  # noqa: RUF012


def test_places_left_open_are_not_attempted():
    with pytest.raises(NotAttempted, match="2 of 8"):
        BY_ID["01.7"].check(PLACES | {"driving": ..., "sentiment": ...})


def test_a_check_leaves_gradients_as_they_were():
    assert torch.is_grad_enabled()
    with pytest.raises(Wrong):
        BY_ID["01.4"].check(without_gradient)
    assert torch.is_grad_enabled()
