"""Lesson 06's checkers: right answers pass, and each mistake hears its own name."""

import inspect
import itertools

import numpy as np
import pytest
import torch
from checkers import Checkers
from torch import nn
from torch.nn import functional as F

from helpers.exercises.engine.core import Wrong
from helpers.exercises.lesson_06 import questions as lesson
from helpers.exercises.lesson_06.order import turn_round
from helpers.exercises.lesson_06.paths import count_paths
from helpers.exercises.lesson_06.states import layer_state
from helpers.nets.deep import reverse

CHECKS = {e.id: e.check for e in lesson.EXERCISES}


@pytest.mark.parametrize("exercise", lesson.EXERCISES, ids=lambda e: e.id)
def test_a_solution_runs_as_it_is_pasted(exercise):
    """It needs what the notebook has by then, and no other answer of the learner's."""
    answer = exercise.reference
    names = {"np": np, "torch": torch, "nn": nn, "reverse": reverse}
    exec(inspect.getsource(answer), names)
    exercise.check(names[answer.__name__])


# --- 06.1 ----------------------------------------------------------------------------


def row_by_row(x, lengths):
    out = x.copy()
    for b, n in enumerate(lengths):
        out[b, :n] = x[b, :n][::-1]
    return out


def rolled(x, lengths):
    return np.stack(
        [np.r_[row[n - 1 :: -1], row[n:]] for row, n in zip(x, lengths, strict=True)]
    )


def in_lists(x, lengths):
    return [
        [*row[:n][::-1].tolist(), *row[n:].tolist()]
        for row, n in zip(x, lengths, strict=True)
    ]


def by_flip(x, lengths):
    out = torch.tensor(x)
    for b, n in enumerate(lengths):
        out[b, :n] = out[b, :n].flip(0)
    return out


def by_gather(x, lengths):
    t, n = torch.arange(x.shape[1]), torch.tensor(lengths)[:, None]
    steps = torch.where(t < n, n - 1 - t, t)[..., None].expand(x.shape)
    return torch.tensor(x).gather(1, steps)


def step_by_step(x, lengths):
    out = np.empty_like(x)
    for b in range(x.shape[0]):
        for t in range(x.shape[1]):
            out[b, t] = x[b, lengths[b] - 1 - t] if t < lengths[b] else x[b, t]
    return out


def first_row_only(x, lengths):
    out = x.copy()
    for b, n in enumerate(lengths):
        out[b, :n] = x[b, :n][::-1]
        return out


def both_axes(x, lengths):
    out = x.copy()
    for b, n in enumerate(lengths):
        out[b, :n] = np.flip(x[b, :n])
    return out


def in_place(x, lengths):
    for b, n in enumerate(lengths):
        x[b, :n] = x[b, :n][::-1].copy()
    return x


def zeroed(x, lengths):
    out = np.zeros_like(x)
    for b, n in enumerate(lengths):
        out[b, :n] = x[b, :n][::-1]
    return out


def wrapped(x, lengths):
    t = np.arange(x.shape[1])
    return x[np.arange(len(x))[:, None], lengths[:, None] - 1 - t]


def off_by(k):
    def turned(x, lengths):
        out = x.copy()
        for b, n in enumerate(lengths):
            m = max(min(n + k, x.shape[1]), 0)
            out[b, :m] = x[b, :m][::-1]
        return out

    return turned


def padding_too(x, lengths):
    return np.stack(
        [np.r_[row[:n][::-1], row[n:][::-1]] for row, n in zip(x, lengths, strict=True)]
    )


def to_the_end(x, lengths):
    return np.stack(
        [np.roll(row, len(row) - n, 0) for row, n in zip(x, lengths, strict=True)]
    )


def real_only(x, lengths):
    return [row[:n][::-1] for row, n in zip(x, lengths, strict=True)]


def late(x, lengths):
    t, n = np.arange(x.shape[1]), lengths[:, None]
    return x[
        np.arange(len(x))[:, None], np.where(t < n, np.minimum(n - t, len(t) - 1), t)
    ]


WRONG_REVERSE = [
    (lambda x, n: x[:, ::-1], r"padding now stands in front"),
    (lambda x, n: x[::-1], r"turn the batch round"),
    (lambda x, n: x[..., ::-1], r"D numbers of each step"),
    (lambda x, n: x, r"nothing is turned"),
    (in_place, r"in place"),
    (zeroed, r"zeros where the padding"),
    (wrapped, r"counts from the end"),
    (off_by(1), r"one step too many"),
    (off_by(-1), r"one step too few"),
    (padding_too, r"padding is turned round"),
    (to_the_end, r"to the end of its row"),
    (late, r"one past the last"),
    (real_only, r"differ in length"),
    (lambda x, n: row_by_row(x, [n[0]] * len(x)), r"length of row 0"),
    (lambda x, n: row_by_row(x, [max(n)] * len(x)), r"greatest length"),
    (lambda x, n: row_by_row(x, [min(n)] * len(x)), r"smallest length"),
    (lambda x, n: x[:, : max(n)], r"shape"),
    (first_row_only, r"only row 0 is turned"),
    (both_axes, r"wrong values"),
    (lambda x, n: turn_round(x, n) + 1j, r"complex"),
    (lambda x, n: turn_round(x, np.sort(n)), r"wrong values"),
    (lambda x, n: turn_round(x, n)[:-1], r"shape"),
]


# --- 06.2 ----------------------------------------------------------------------------


def cat(*halves):
    return np.concatenate(halves, axis=2)


def word_by_word(read, read_back, x, lengths):
    """One row at a time, without padding at all."""
    ahead = read(x)
    out = np.concatenate([ahead, np.zeros_like(ahead)], axis=2)
    for b, n in enumerate(lengths):
        back = read_back(x[b : b + 1, :n][:, ::-1])[0, ::-1]
        out[b, :n, ahead.shape[2] :] = back
    return out


def in_torch(read, read_back, x, lengths):
    """The readers take arrays; what they say is joined as tensors."""
    ahead = torch.tensor(read(x))
    back = torch.tensor(turned(read_back, x, lengths))
    return torch.cat([ahead, back], dim=2)


def nothing_in_the_padding(read, read_back, x, lengths):
    """What stands in the padding does not count, be it 0 or nan."""
    out = cat(read(x), turned(read_back, x, lengths))
    out[np.arange(x.shape[1]) >= lengths[:, None]] = np.nan
    return out


def whole(z):
    return z[:, ::-1]


def turned(g, x, n):
    """What g says of x read from its end, at the steps it belongs to."""
    return turn_round(g(turn_round(x, n)), n)


WRONG_WAYS = [
    (lambda f, g, x, n: cat(f(x), g(turn_round(x, n))), r"own order: its step 0"),
    (lambda f, g, x, n: cat(f(x), g(x)), r"reads x from the left here: give"),
    (lambda f, g, x, n: cat(f(x), turn_round(g(x), n)), r"turning only its result"),
    (lambda f, g, x, n: cat(f(x), whole(g(whole(x)))), r"reads the padding first"),
    (
        lambda f, g, x, n: cat(f(x), whole(g(turn_round(x, n)))),
        r"and the result without",
    ),
    (lambda f, g, x, n: cat(f(x), turn_round(g(whole(x)), n)), r"without its lengths"),
    (lambda f, g, x, n: cat(f(x), g(whole(x))), r"the result not at all"),
    (
        lambda f, g, x, n: cat(f(x), turned(f, x, n)),
        r"has its own weights",
    ),
    (
        lambda f, g, x, n: cat(turned(g, x, n), f(x)),
        r"forward one comes first",
    ),
    (
        lambda f, g, x, n: cat(g(x), turned(f, x, n)),
        r"readers are swapped",
    ),
    (
        lambda f, g, x, n: f(x) + turned(g, x, n),
        r"add the directions",
    ),
    (
        lambda f, g, x, n: (f(x) + turned(g, x, n)) / 2,
        r"average the directions",
    ),
    (lambda f, g, x, n: f(x), r"only the forward half"),
    (lambda f, g, x, n: turned(g, x, n), r"only the backward half"),
    (
        lambda f, g, x, n: np.concatenate([f(x), turned(g, x, n)], axis=1),
        r"\(B, 2 T, H\)",
    ),
    (
        lambda f, g, x, n: np.concatenate([f(x), turned(g, x, n)]),
        r"\(2 B, T, H\)",
    ),
    (
        lambda f, g, x, n: np.stack([f(x), turned(g, x, n)], -1),
        r"an axis too many",
    ),
    (
        lambda f, g, x, n: cat(f(x), turn_round(g(turn_round(f(x), n)), n)),
        r"what `read` has made",
    ),
    (
        lambda f, g, x, n: cat(turn_round(f(x), n), turned(g, x, n)),
        r"turn the forward half round",
    ),
    (
        lambda f, g, x, n: cat(turned(f, x, n), g(x)),
        r"`read` goes from the right here",
    ),
    (
        lambda f, g, x, n: cat(f(x), -turned(g, x, n)),
        r"the output .* at \[\d, \d, \d\] it is",  # an index into (B, T, 2 H)
    ),
    (lambda f, g, x, n: cat(f(x), g(None)), r"take `reverse`"),
    (lambda f, g, x, n: (f(x), g(turn_round(x, n))), r"shape"),
    (lambda f, g, x, n: cat(f(x[0]), g(x[0])), r"want \(B, T, 3\)"),
    (
        lambda f, g, x, n: np.stack([f(x), turned(g, x, n)], -1).reshape(
            *x.shape[:2], -1
        ),
        r"number by number in turn",
    ),
    (lambda f, g, x, n: cat(f(x), turned(g, x, n)) + 1j, r"complex"),
    (
        lambda f, g, x, n: [f(x[b : b + 1, :k])[0] for b, k in enumerate(n)],
        r"^your result is not an array: its rows differ in length",
    ),
    (lambda f, g, x, n: f(x) * turned(g, x, n), r"shape"),
    (lambda f, g, x, n: cat(f(x), g(x[::-1])[::-1]), r"reads x from the left here"),
    (lambda f, g, x, n: cat(f(x), turned(g, x, n * 0 + n[0])), r"wrong values"),
]


# --- 06.3 ----------------------------------------------------------------------------


def rows(output):
    return torch.arange(len(output))


def by_view(output, lengths):
    B, T, H2 = output.shape
    ways = output.view(B, T, 2, H2 // 2)
    return torch.cat([ways[rows(output), lengths - 1, 0], ways[:, 0, 1]], 1)


def filled(output, lengths):
    """Written into a tensor of the usual dtype."""
    H = output.shape[2] // 2
    ends = torch.zeros(len(output), 2 * H)
    ends[rows(output), :H] = output[rows(output), lengths - 1, :H]
    ends[rows(output), H:] = output[rows(output), 0, H:]
    return ends


def by_loop(output, lengths):
    H = output.shape[2] // 2
    return torch.stack(
        [
            torch.cat([row[n - 1, :H], row[0, H:]])
            for row, n in zip(output, lengths.tolist(), strict=True)
        ]
    )


def by_one_hot(output, lengths):
    """Everything but the last step times 0, and summed."""
    ahead, back = output.chunk(2, dim=-1)
    last = F.one_hot(lengths - 1, output.shape[1])[..., None]
    return torch.hstack([(ahead * last).sum(1), back[:, 0]])


def by_take(output, lengths):
    H = output.shape[2] // 2
    last = torch.take_along_dim(output, (lengths - 1)[:, None, None], 1)[:, 0]
    return torch.cat([last[:, :H], output[:, 0, H:]], dim=-1)


def in_numpy(output, lengths):
    output, H = output.numpy(), output.shape[2] // 2
    ahead = output[np.arange(len(output)), lengths.numpy() - 1, :H]
    return np.concatenate([ahead, output[:, 0, H:]], axis=1)


def ends(output, lengths):
    """The two halves that are wanted, not yet put together."""
    ahead, back = halves(output)
    return ahead[rows(output), lengths - 1], back[:, 0]


def not_halved(output, lengths):
    H = output.shape[2]
    ahead = output[rows(output), lengths - 1, :H]
    return torch.cat([ahead, output[:, 0, H:]], dim=1)


def not_halved_back(output, lengths):
    H = output.shape[2]
    return torch.cat([output[rows(output), lengths - 1, H:], output[:, 0, :H]], dim=1)


def halves(output):
    return output.chunk(2, dim=2)


def picked(f, b, n, first, second):
    """Both halves at the steps named: "last", "0", "-1", as in output[:, -1]."""
    step = {
        "last": lambda z: z[rows(z), n - 1],
        "0": lambda z: z[:, 0],
        "-1": lambda z: z[:, -1],
        "early": lambda z: z[rows(z), n - 2],
        "late": lambda z: z[rows(z), n.clamp(max=z.shape[1] - 1)],
        "1": lambda z: z[:, min(1, z.shape[1] - 1)],
    }
    return torch.cat([step[first](f), step[second](b)], dim=1)


WRONG_ENDS = [
    (lambda o, n: o[:, -1], r"last column: padding"),
    (lambda o, n: o[rows(o), n - 1], r"right for the forward half"),
    (lambda o, n: o[:, 0], r"right for the backward half"),
    (lambda o, n: picked(*halves(o), n, "-1", "0"), r"read in the padding"),
    (lambda o, n: picked(*halves(o), n, "0", "last"), r"ends are swapped"),
    (lambda o, n: picked(*halves(o), n, "last", "-1"), r"runs towards step 0"),
    (lambda o, n: picked(*halves(o), n, "early", "0"), r"one step early"),
    (lambda o, n: picked(*halves(o), n, "late", "0"), r"read in the padding"),
    (lambda o, n: picked(*halves(o), n, "last", "1"), r"one step off"),
    (
        lambda o, n: torch.cat([halves(o)[1][:, 0], halves(o)[0][rows(o), n - 1]], 1),
        r"wrong order",
    ),
    (lambda o, n: halves(o)[0][rows(o), n - 1], r"only the forward half"),
    (lambda o, n: halves(o)[1][:, 0], r"only the backward half"),
    (lambda o, n: halves(o)[0][rows(o), n - 1] + halves(o)[1][:, 0], r"you add the"),
    (lambda o, n: o.mean(1), r"mean over all T"),
    (
        lambda o, n: torch.cat([o[rows(o), n - 1, ::2], o[:, 0, 1::2]], 1),
        r"do not alternate",
    ),
    (lambda o, n: picked(*halves(o)[::-1], n, "last", "0"), r"you took the others"),
    (lambda o, n: o[rows(o), n, : o.shape[2] // 2], r"only the forward|IndexError"),
    (lambda o, n: o, r"shape"),
    (lambda o, n: o[:, n - 1], r"all these steps in every row"),
    (
        lambda o, n: torch.cat([halves(o)[0][:, n - 1], halves(o)[1][:, 0]], 1),
        r"not the same number of axes",
    ),
    (not_halved, r"right for the forward half.*H is half of output.shape\[2\]"),
    (not_halved_back, r"right for the backward half.*H is half of output.shape"),
    (lambda o, n: torch.cat(ends(o, n)), r"one below the other"),
    (lambda o, n: torch.stack(ends(o, n), dim=1), r"an axis too many"),
    (
        lambda o, n: torch.cat([ends(o, n)[0], halves(o)[0][:, 0]], 1),
        r"both halves .* of the forward direction",
    ),
    (
        lambda o, n: torch.cat([halves(o)[1][rows(o), n - 1], ends(o, n)[1]], 1),
        r"both halves .* of the backward direction",
    ),
    (lambda o, n: torch.cat(ends(o, n), 1) + 1j, r"complex"),
    (lambda o, n: o.max(1).values, r"wrong values"),
    (lambda o, n: o.sum(1) / n[:, None], r"wrong values"),
    (lambda o, n: torch.cat(ends(o, n[:1].expand(len(n))), 1), r"wrong values"),
    (lambda o, n: torch.mul(*ends(o, n)), r"shape"),
]


# --- 06.4 ----------------------------------------------------------------------------


def by_blocks(h_n, layer, bidirectional):
    D = 1 + bidirectional
    ways = h_n.view(-1, D, *h_n.shape[1:])[layer]  # (D, B, H)
    return ways.transpose(0, 1).reshape(h_n.shape[1], -1)


def sliced(h_n, layer, bidirectional):
    ways = 1 + bidirectional
    return torch.cat(list(h_n[ways * layer : ways * (layer + 1)]), dim=-1)


def by_axes(h_n, layer, bidirectional):
    ways = h_n.unflatten(0, (-1, 2 if bidirectional else 1))[layer]
    return ways.permute(1, 0, 2).flatten(1).numpy()


def scrambled(h_n, layer, two):
    L = len(h_n) // (1 + two)
    return h_n.view(L, 1 + two, *h_n.shape[1:])[layer].reshape(h_n.shape[1], -1)


def for_two(pick):
    """A function that is right in one direction, and `pick` in two."""
    return lambda h, k, two: pick(h, k, len(h) // 2) if two else h[k]


def for_one(pick):
    return lambda h, k, two: layer_state(h, k, True) if two else pick(h, k)


WRONG_LAYER = [
    (for_two(lambda h, k, L: torch.cat([h[-2], h[-1]], 1)), r"the top layer"),
    (for_two(lambda h, k, L: torch.cat([h[0], h[1]], 1)), r"the bottom layer"),
    (for_two(lambda h, k, L: torch.cat([h[k], h[k + L]], 1)), r"next to each other"),
    (for_two(lambda h, k, L: torch.cat([h[k], h[k + 1]], 1)), r"not one layer"),
    (for_two(lambda h, k, L: h[k]), r"one direction only"),
    (for_two(lambda h, k, L: h[2 * k]), r"forward row alone"),
    (for_two(lambda h, k, L: h[2 * k + 1]), r"backward row alone"),
    (for_two(lambda h, k, L: torch.cat([h[2 * k + 1], h[2 * k]], 1)), r"wrong order"),
    (
        for_two(lambda h, k, L: torch.cat([h[2 * k - 2], h[2 * k - 1]], 1)),
        r"layers from 1",
    ),
    (
        for_two(lambda h, k, L: layer_state(h, L - 1 - k, True)),
        r"layers from the top",
    ),
    (for_two(lambda h, k, L: h[2 * k] + h[2 * k + 1]), r"you add the two"),
    (for_two(lambda h, k, L: (h[2 * k] + h[2 * k + 1]) / 2), r"you average"),
    (for_two(lambda h, k, L: torch.cat([h[2 * k], h[2 * k + 1]])), r"side by side"),
    (for_two(lambda h, k, L: h[2 * k : 2 * k + 2]), r"an axis too many"),
    (
        for_two(lambda h, k, L: torch.cat([h[2 * k + 1], h[(2 * k + 2) % len(h)]], 1)),
        r"one row late",
    ),
    (scrambled, r"deals the numbers out"),
    (for_one(lambda h, k: h[2 * k % len(h)]), r"row 2 layer"),
    (
        for_one(
            lambda h, k: torch.cat([h[2 * k % len(h)], h[(2 * k + 1) % len(h)]], 1)
        ),
        r"you took two",
    ),
    (for_one(lambda h, k: h[-1]), r"the top layer"),
    (for_one(lambda h, k: h[k - 1]), r"layers from 1"),
    (for_one(lambda h, k: h[len(h) - 1 - k]), r"layers from the top"),
    (lambda h, k, two: h[:, k % h.shape[1]], r"shape"),
    (for_two(lambda h, k, L: torch.cat([h[2 * k], h[2 * k]], 1)), r"row twice"),
    (
        for_two(lambda h, k, L: torch.stack([h[2 * k], h[2 * k + 1]], 2).flatten(1)),
        r"number by number in turn",
    ),
    (
        for_two(lambda h, k, L: torch.stack([h[2 * k], h[2 * k + 1]], 1)),
        r"shape",
    ),
    (for_one(lambda h, k: h[k : k + 1]), r"axis of length 1"),
    (lambda h, k, two: layer_state(h, k, two) + 1j, r"complex"),
]


# --- 06.5 ----------------------------------------------------------------------------


def by_sizes(D, H, layers, bidirectional):
    ways = 1 + bidirectional
    first = 4 * H * (D + H + 2)
    return ways * (first + (layers - 1) * 4 * H * (ways * H + H + 2))


def in_a_loop(D, H, layers, bidirectional):
    ways, total, reads = 2 if bidirectional else 1, 0, D
    for _ in range(layers):
        total += ways * (4 * H * reads + 4 * H * H + 8 * H)
        reads = ways * H
    return float(total)


def as_number(D, H, layers, bidirectional):
    return torch.tensor(by_sizes(D, H, layers, bidirectional))


def built(D, H, layers, bidirectional):
    net = nn.LSTM(D, H, layers, bidirectional=bidirectional)
    return sum(p.numel() for p in net.parameters())


def counted(gates=4, biases=2, deep=lambda D, H, w: w * H, state=1, ways=None):
    def count(D, H, layers, two):
        w = ways or 1 + two
        reads = [D] + [deep(D, H, w)] * (layers - 1)
        return w * sum(gates * H * (n + state * H + biases) for n in reads)

    return count


WRONG_COUNT = [
    (counted(deep=lambda D, H, w: H), r"you let it read H"),
    (counted(deep=lambda D, H, w: D), r"the others read the layer below"),
    (counted(biases=1), r"torch has two"),
    (counted(biases=0), r"forgot the biases"),
    (counted(gates=3), r"counted three"),
    (counted(gates=1), r"one block of weights"),
    (counted(state=0), r"\(H, H\), are missing"),
    (counted(ways=1), r"one direction"),
    (
        lambda D, H, n, two: (1 + two) * counted(ways=1)(D, H, n, two),
        r"you let it read H",
    ),
    (lambda D, H, n, two: counted()(D, H, 1, two), r"first layer only"),
    (lambda D, H, n, two: n * counted()(D, H, 1, two), r"others read the layer below"),
    (
        lambda D, H, n, two: (
            (1 + two) * sum(4 * H * (m + H + 2) for m in [(1 + two) * H] * n)
        ),
        r"the first one reads x, D",
    ),
    (
        lambda D, H, n, two: sum(
            4 * H * (m + H + 2) for m in [D] + [(1 + two) * H] * (n - 1)
        ),
        r"one of the two factors",
    ),
    (lambda D, H, n, two: counted(ways=1)(D, (1 + two) * H, n, False), r"between the"),
    (lambda D, H, n, two: np.array([by_sizes(D, H, n, two)]), r"one number"),
    (built, r"you build a network"),
    (lambda D, H, n, two: by_sizes(D, H, n, two) + 1j, r"complex"),
    (lambda D, H, n, two: [[1], [2, 3]], r"its rows differ in length"),
    (lambda D, H, n, two: by_sizes(D, H, n, two) + 1, r"121, it should be 120"),
    (lambda D, H, n, two: by_sizes(D, H, n + 1, two), r"216, it should be 120"),
    (
        lambda D, H, n, two: by_sizes(D, H, n, two) + (1 + two) * H,
        r"123, it should be 120",
    ),
]


# --- 06.6 ----------------------------------------------------------------------------


def by_enumerate(x, layers, p, training):
    drop = nn.Dropout(p).train(training)
    h = x + layers[0](x)
    for layer in layers[1:]:
        h = h + layer(drop(h))
    return h


def by_mask(x, layers, p, training):
    """Dropout by hand."""
    h = x
    for k, layer in enumerate(layers):
        dropped = k > 0 and training
        h = h + layer(h * (torch.rand_like(h) >= p) / (1 - p) if dropped else h)
    return h


def by_bernoulli(x, layers, p, training):
    h = x + layers[0](x)
    for layer in layers[1:]:
        keep = torch.bernoulli(torch.full_like(h, 1 - p)) if training else 1 - p
        h = h + layer(h * keep / (1 - p))
    return h


def by_numpy(x, layers, p, training):
    h, rng = x.numpy(), np.random.default_rng(int(torch.randint(10**9, ())))
    for k, layer in enumerate(layers):
        keep = rng.random(h.shape) >= p if k and training else 1 - p
        read = h * keep / (1 - p) if k else h
        h = h + np.asarray(layer(torch.tensor(read)))
    return h


def into_zeros(x, layers, p, training):
    """What is kept is written into a tensor of the usual dtype."""

    def read(h, k, p, training):
        if not (k and training):
            return h
        seen, kept = torch.zeros(h.shape), torch.rand(h.shape) >= p
        seen[kept] = h[kept] / (1 - p)
        return seen

    return stack(read=read)(x, layers, p, training)


def three_layers(x, layers, p, training):
    """Written out for three."""
    h = x + layers[0](x)
    h = h + layers[1](F.dropout(h, p, training))
    return h + layers[2](F.dropout(h, p, training))


def dropped_less(share):
    """Drops with a share of p, and divides as if with p."""

    def read(h, k, p, training):
        if not (k and training):
            return h
        return h * (torch.rand_like(h) >= share * p) / (1 - p)

    return stack(read=read)


def masked(shape):
    """Numbers that share a mask: one of this shape is drawn for all of them."""

    def run(h, k, p, training):
        if not (k and training):
            return h
        return h * (torch.rand(shape(*h.shape)) >= p) / (1 - p)

    return stack(read=run)


def shared_halves(x, layers, p, training):
    """Each row of the second half shares its mask with one of the first."""

    def read(h, k, p, training):
        half = (torch.rand(h[len(h) // 2 :].shape) >= p) / (1 - p)
        return h * torch.cat([half, half]) if k and training else h

    return stack(read=read)(x, layers, p, training) if len(x) % 2 == 0 else x


def pairs(x, layers, p, training):
    """Each number shares its draw with its neighbour."""

    def read(h, k, p, training):
        keep = torch.rand(h[..., ::2].shape).repeat_interleave(2, -1) >= p
        return h * keep / (1 - p) if k and training else h

    return stack(read=read)(x, layers, p, training)


def one_mask(x, layers, p, training):
    """The same mask for all layers."""
    keep = (torch.rand_like(x) >= p) / (1 - p)
    return stack(read=lambda h, k, p, t: h * keep if k and t else h)(
        x, layers, p, training
    )


def always_the_same(x, layers, p, training):
    rng = np.random.default_rng(0)

    def run(h, k, p, training):
        keep = torch.tensor(rng.random(h.shape) >= p)
        return h * keep / (1 - p) if k and training else h

    return stack(read=run)(x, layers, p, training)


def smaller_when_tested(h, k, p, training):
    if not k:
        return h
    return h * (torch.rand_like(h) >= p) if training else h * (1 - p)


def stack(read=None, after=None, skip=None, said=None):
    """A stack with one part of it replaced."""

    def run(x, layers, p, training):
        def drop(h):
            return F.dropout(h, p, training)

        h = x
        for k, layer in enumerate(layers):
            seen = read(h, k, p, training) if read else (drop(h) if k else h)
            answer = layer(seen)
            if said:
                answer = said(answer, k, p, training)
            h = (skip(h, x, k, p, training) if skip else h) + answer
        return after(h, p, training) if after else h

    return run


def skip_too(x, layers, p, training):
    h = x
    for k, layer in enumerate(layers):
        h = F.dropout(h, p, training) if k else h
        h = h + layer(h)
    return h


def kept_small(h, k, p, training):
    return h * (torch.rand_like(h) > p) if k and training else h


def reads_x(x, layers, p, training):
    return x + sum(layer(x) for layer in layers)


def plain(x, layers, p, training):
    h = x
    for k, layer in enumerate(layers):
        h = layer(F.dropout(h, p, training) if k else h)
    return h


def upside_down(x, layers, p, training):
    return by_enumerate(x, layers[::-1], p, training)


def halved(x, layers, p, training):
    h = x
    for k, layer in enumerate(layers):
        h = (h + layer(F.dropout(h, p, training) if k else h)) / 2
    return h


def last_bare(x, layers, p, training):
    h = by_enumerate(x, layers[:-1], p, training)
    return layers[-1](F.dropout(h, p, training))


def changing(x, layers, p, training):
    for k, layer in enumerate(layers):
        x += layer(F.dropout(x, p, training) if k else x)
    return x


WRONG_STACK = [
    (stack(read=lambda h, k, p, t: F.dropout(h, p) if k else h), r"evaluation too"),
    (stack(read=lambda h, k, p, t: h), r"nothing is dropped in training"),
    (stack(read=lambda h, k, p, t: F.dropout(h, p, t)), r"before the first layer"),
    (stack(after=lambda h, p, t: F.dropout(h, p, t)), r"after the last layer"),
    (skip_too, r"skip path is dropped"),
    (plain, r"a plain stack"),
    (lambda x, f, p, t: x + plain(x, f, p, t), r"add x once"),
    (stack(skip=lambda h, x, k, p, t: x), r"adds to x"),
    (reads_x, r"every layer reads x"),
    (upside_down, r"\[2, 1, 0\]"),
    (last_bare, r"last layer does not add"),
    (changing, r"in place"),
    (stack(read=kept_small), r"grow by 1 / \(1 - p\)"),
    (
        stack(
            read=lambda h, k, p, t: h,
            said=lambda a, k, p, t: F.dropout(a, p, t) if k < 2 else a,
        ),
        r"what a layer says is dropped",
    ),
    (
        stack(read=lambda h, k, p, t: F.dropout(h, p, t) if k == 1 else h),
        r"layer 2 reads",
    ),
    (
        stack(read=lambda h, k, p, t: F.dropout(h, 1 - p, t) if k else h),
        r"at 0, and what is kept",
    ),
    (
        stack(read=lambda h, k, p, t: F.dropout(h, p, not t) if k else h),
        r"evaluation too",
    ),
    (lambda x, f, p, t: f[0](x), r"called in the order \[0\]"),
    (
        stack(skip=lambda h, x, k, p, t: h if k else 0),
        r"first layer does not add",
    ),
    (masked(lambda B, T, H: (1, T, H)), r"all rows of the batch lose the same"),
    (masked(lambda B, T, H: (B, 1, H)), r"all steps of a row lose the same"),
    (masked(lambda B, T, H: (H,)), r"all rows of the batch lose the same"),
    (masked(lambda B, T, H: (B, T, 1)), r"all numbers of a step are dropped or kept"),
    (masked(lambda B, T, H: (B, 1, 1)), r"all steps of a row lose the same"),
    (shared_halves, r"some rows of the batch lose the same numbers"),
    (pairs, r"some numbers of a step are dropped or kept together"),
    (one_mask, r"layers 1 and 2 read with the same numbers at 0"),
    (always_the_same, r"every call drops the very same numbers"),
    (stack(read=smaller_when_tested), r"nothing shrinks here"),
    (
        stack(read=lambda h, k, p, t: F.dropout(h, 0.25, t) if k else h),
        r"dropout\(h, p = 0.6, training\)",
    ),
    (
        stack(read=lambda h, k, p, t: F.alpha_dropout(h, p, t) if k else h),
        r"no number is 0 of what layer 1 reads, and it is not the sum either",
    ),
    (lambda *given: by_enumerate(*given) + 1j, r"complex"),
    (three_layers, r"raised IndexError: list index .* `layers` \(a list of 1\), `p`"),
    (lambda x, f, p, t: by_enumerate(x, f[:3], p, t), r"want each .* 3, 4\]"),
    (dropped_less(0.6), r"1\d.\d% of the numbers are dropped; p is 0.25"),
    (stack(skip=lambda h, x, k, p, t: h if k != 4 else h / 2), r"of 5 layers the"),
    (
        stack(read=lambda h, k, p, t: F.dropout(h, p, t) if k in (1, 2) else h),
        r"of 5 layers in all, layer 3",
    ),
    (halved, r"h becomes the mean"),
]


# --- 06.7 ----------------------------------------------------------------------------


def by_walking(directions, T):
    """Follow every single way."""

    def walk(layer, t):
        """The ways from the input of `layer` at step t to each output."""
        if layer == len(directions):
            return np.eye(T, dtype=int)[t]
        ends = np.zeros(T, dtype=int)
        if directions[layer] in ("forward", "both"):
            ends += sum(walk(layer + 1, u) for u in range(t, T))
        if directions[layer] in ("backward", "both"):
            ends += sum(walk(layer + 1, u) for u in range(t + 1))
        return ends

    return np.stack([walk(0, s) for s in range(T)], axis=1)


def step_after_step(directions, T):
    """Row by row: each unit adds what is below it and what is behind it."""
    ways = [[int(s == t) for s in range(T)] for t in range(T)]
    for name in directions:
        ahead = np.cumsum(ways, axis=0)
        back = np.cumsum(ways[::-1], axis=0)[::-1]
        pair = {"forward": [ahead], "backward": [back], "both": [ahead, back]}
        ways = sum(pair[name]).tolist()
    return ways


def in_float32(directions, T):
    return torch.tensor(by_walking(directions, T)).float()


def product(directions, T, a=None, both=None, start=None, combine=np.matmul):
    a = np.tri(T, dtype=int) if a is None else a
    layer = {"forward": a, "backward": a.T, "both": a + a.T if both is None else both}
    paths = np.eye(T, dtype=int) if start is None else start
    for name in directions:
        paths = combine(layer[name], paths)
    return paths


WRONG_PATHS = [
    (lambda d, T: product(d, T).T, r"rows and columns"),
    (lambda d, T: product(d[::-1], T), r"top layer stands left"),
    (lambda d, T: product(d[::-1], T).T, r"forward and backward are swapped"),
    (lambda d, T: (product(d, T) > 0).astype(int), r"count the ways"),
    (lambda d, T: product(d, T) > 0, r"count the ways"),
    (lambda d, T: product(d, T, both=np.ones((T, T), int)), r"diagonal is 2"),
    (lambda d, T: product(d[-1:], T), r"last layer alone"),
    (lambda d, T: product(d[:1], T), r"first layer alone"),
    (lambda d, T: sum((product([n], T) for n in d), 0 * np.eye(T, dtype=int)), r"add"),
    (
        lambda d, T: product(d, T, start=np.ones((T, T), int), combine=np.multiply),
        r"entry by entry",
    ),
    (lambda d, T: product(d, T, a=np.tri(T, k=-1, dtype=int)), r"own step's input"),
    (
        lambda d, T: product(d, T, a=np.tri(T, dtype=int).T),
        r"forward and backward are swapped",
    ),
    (
        lambda d, T: product(d, T, a=np.tri(T, dtype=int) - np.tri(T, k=-2, dtype=int)),
        r"its own and the next",
    ),
    (lambda d, T: product(d, T).sum(1), r"shape"),
    (lambda d, T: product(d, T) + 1j, r"complex"),
    (lambda d, T: product(d, T) + 0j, r"complex"),
    (
        lambda d, T: product(d, T, both=np.tri(T, dtype=int)),
        r"forward ones alone",
    ),
    (
        lambda d, T: product(d, T, both=np.tri(T, dtype=int).T @ np.tri(T, dtype=int)),
        r"add their ways",
    ),
    (lambda d, T: product([*d, "forward"], T), r"should be 1"),
    (lambda d, T: product(d, T) + 1e-7, r"is 1.0000001, it should be 1"),
    (lambda d, T: product(d, T) * np.nan, r"nan"),
]


# --- 06.8 ----------------------------------------------------------------------------


def more_padding(model, x, lengths):
    """Another right test: put more columns of zeros behind every row."""
    wider = torch.cat([x, torch.zeros_like(x)], dim=1)
    return not torch.allclose(model(x, lengths), model(wider, lengths), atol=1e-5)


def one_more_column(model, x, lengths):
    wider = F.pad(x, (0, 0, 0, 1))
    return not np.allclose(model(x, lengths), model(wider, lengths), atol=1e-5)


def all_alone(model, x, lengths):
    """The answers of all rows, each read alone, as one batch."""
    each = [
        model(row[None, :n], torch.tensor([n]))
        for row, n in zip(x, lengths.tolist(), strict=True)
    ]
    return not torch.allclose(model(x, lengths), torch.cat(each), atol=1e-5)


def by_size(limit, width=lambda n: n):
    return alone(width, lambda a, b: (a - b).abs().max() < limit)


def some_rows(pick):
    """Only the rows that pick(lengths) names are read alone."""

    def test(model, x, lengths):
        together, differ = model(x, lengths), False
        for b in pick(lengths):
            n = lengths[b]
            one = model(x[b : b + 1, :n], lengths[b : b + 1])[0]
            differ |= not torch.allclose(together[b], one, atol=1e-5)
        return differ

    return test


def near(a, b):
    return torch.allclose(a, b, atol=1e-5)


def whole_batch(model, x, lengths):
    each = [model(x[b : b + 1, :n], lengths[b : b + 1]) for b, n in enumerate(lengths)]
    return not near(model(x, lengths).mean(0), torch.cat(each).mean(0))


def ends_with_the_first(model, x, lengths):
    for b, n in enumerate(lengths):
        one = model(x[b : b + 1, :n], lengths[b : b + 1])[0]
        return not near(model(x, lengths)[b], one)


def other_content(model, x, lengths):
    noisy = x.clone()
    noisy[torch.arange(x.shape[1]) >= lengths[:, None]] = 9.0
    return not torch.allclose(model(x, lengths), model(noisy, lengths), atol=1e-5)


def alone(width=lambda n: n, compare=None, which=lambda b: b, every=True, flip=False):
    compare = compare or (lambda a, b: torch.allclose(a, b, atol=1e-5))

    def test(model, x, lengths):
        together = model(x, lengths)
        leaks = False
        for b, n in enumerate(lengths.tolist() if every else lengths.tolist()[:1]):
            one = model(x[b : b + 1, : width(n)], lengths[b : b + 1])
            leaks |= not compare(together[which(b)], one[0])
        return leaks != flip

    return test


def no_slice(model, x, lengths):
    return not torch.allclose(model(x[0], lengths[0]), model(x, lengths)[0])


def whole_difference(model, x, lengths):
    """One number for the batch: how long the difference is, as a vector."""
    each = [model(x[b : b + 1, :n], lengths[b : b + 1]) for b, n in enumerate(lengths)]
    return bool((model(x, lengths) - torch.cat(each)).norm() > 1e-5)


def other_order(model, x, lengths):
    order = torch.arange(len(x) - 1, -1, -1)
    return not near(model(x, lengths)[order], model(x[order], lengths[order]))


def all_rows(model, x, lengths):
    together, differ = model(x, lengths), []
    for b, n in enumerate(lengths):
        one = model(x[b : b + 1, :n], lengths[b : b + 1])[0]
        differ.append(not near(together[b], one))
    return all(differ)


WRONG_TEST = [
    (alone(flip=True), r"upside down"),
    (alone(width=lambda n: None), r"still has all its padding"),
    (alone(width=lambda n: None, compare=torch.equal), r"still has all its padding"),
    (alone(every=False), r"longest row is compared"),
    (alone(compare=torch.equal), r"rounding"),
    (alone(compare=lambda a, b: bool((a == b).all())), r"rounding"),
    (other_content, r"How much padding"),
    (alone(which=lambda b: 0), r"right model is accused"),
    (lambda model, x, n: False, r"call the model once"),
    (lambda model, x, n: model(x, n).shape != (4, 2), r"call the model once"),
    (lambda model, x, n: 1, r"return True or False"),
    (lambda model, x, n: model(x, n), r"one True or False"),
    (no_slice, r"slice with b : b \+ 1"),
    (alone(compare=lambda a, b: (a - b).abs().max() < 1), r"not too wide"),
    (alone(width=lambda n: n - 1), r"length greater than T"),
    (some_rows(lambda n: [min(1, len(n) - 1)]), r"row of 2 steps alone"),
    (some_rows(lambda n: [len(n) - 1]), r"row of 5 steps alone"),
    (some_rows(lambda n: [int(n.argmin())]), r"row of 5 steps alone"),
    (some_rows(lambda n: range(max(1, len(n) - 1))), r"row of 4 steps alone"),
    (some_rows(lambda n: range(0, len(n), 2)), r"row of 5 steps alone"),
    (some_rows(lambda n: range(1, len(n))), r"another order .* row of 2 steps"),
    (ends_with_the_first, r"does your loop end with the first\?"),
    (alone(compare=lambda a, b: near(a[0], b[0])), r"number 1 of a row's answer"),
    (alone(compare=lambda a, b: near(a[1], b[1])), r"number 0 of a row's answer"),
    (
        alone(compare=lambda a, b: bool(((a - b).abs() < 1e-5).any())),
        r"number 0 .* let one that differs be enough",
    ),
    (alone(compare=lambda a, b: near(a.mean(), b.mean())), r"the sum of a row's"),
    (alone(compare=lambda a, b: near(a.norm(), b.norm())), r"as a vector, as it was"),
    (
        alone(compare=lambda a, b: near(a.max(), b.max())),
        r"the largest number of a row",
    ),
    (alone(compare=lambda a, b: near(a.min(), b.min())), r"the smallest number of a"),
    (alone(compare=lambda a, b: a.argmax() == b.argmax()), r"not which of them is"),
    (alone(compare=lambda a, b: near(a.softmax(0), b.softmax(0))), r"move. all"),
    (whole_batch, r"the sum over the batch"),
    *[
        (by_size(limit), r"the tolerance is too wide")
        for limit in (0.01, 2e-3, 1e-3, 1e-4, 5e-5)
    ],
    (
        alone(compare=lambda a, b: bool(((a - b).abs() < 0.01 * b.abs()).all())),
        r"the tolerance is too wide",
    ),
    (by_size(1e-6), r"4e-6 is rounding"),
    (by_size(5e-7), r"4e-6 is rounding"),
    (alone(compare=torch.allclose), r"atol=1e-5"),
    (alone(width=lambda n: 6), r"still has all its padding"),
    (other_order, r"equally much padding"),
    (all_rows, r"let one row that differs be enough"),
    (alone(compare=lambda a, b: (a - b).max() < 1e-5), r"numbers smaller gets away"),
    (alone(compare=lambda a, b: (b - a).max() < 1e-5), r"numbers larger gets away"),
    (lambda model, x, n: True, r"does not call the model once"),
    (lambda model, x, n: bool(model(x, n).any()), r"once, and no more"),
    (lambda model, x, n: "True", r"the text 'True'"),
]

WRONG = {
    "06.1": WRONG_REVERSE,
    "06.2": WRONG_WAYS,
    "06.3": WRONG_ENDS,
    "06.4": WRONG_LAYER,
    "06.5": WRONG_COUNT,
    "06.6": WRONG_STACK,
    "06.7": WRONG_PATHS,
    "06.8": WRONG_TEST,
}


RIGHT = {
    "06.1": [row_by_row, rolled, in_lists, by_flip, by_gather, step_by_step, reverse],
    "06.2": [word_by_word, in_torch, nothing_in_the_padding],
    "06.3": [by_view, by_loop, by_one_hot, by_take, in_numpy, filled],
    "06.4": [by_blocks, sliced, by_axes],
    "06.5": [by_sizes, in_a_loop, as_number],
    "06.6": [by_enumerate, by_mask, by_bernoulli, by_numpy, into_zeros],
    "06.7": [by_walking, step_after_step, in_float32],
    "06.8": [
        more_padding,
        alone(),
        alone(compare=lambda a, b: np.allclose(a, b, atol=1e-5)),
        one_more_column,
        all_alone,
        by_size(1e-5),
        by_size(7e-6),
        whole_difference,
        lambda *given: np.bool_(alone()(*given)),
        lambda *given: torch.tensor(alone()(*given)),
    ],
}


class TestCheckers(Checkers):
    lesson, right, wrong = "06", RIGHT, WRONG


@pytest.mark.parametrize(("mistake", "words"), WRONG_TEST)
def test_no_word_on_padding_hangs_on_how_a_processor_adds(monkeypatch, mistake, words):
    """Elsewhere a batch of four adds up in another order than a row alone."""
    plain = F.linear

    def elsewhere(x, weight, bias=None):
        return plain(x, weight, bias) * (1 + 1e-7 * len(x))

    monkeypatch.setattr(F, "linear", elsewhere)
    with pytest.raises(Wrong, match=words):
        CHECKS["06.8"](mistake)


# --- what the lesson says about torch, and about paths -------------------------------


@pytest.mark.parametrize("bidirectional", [False, True])
def test_the_rows_of_h_n_are_the_layers_one_above_the_other(bidirectional):
    """Layer 1 of a deep net is a net of its own, which reads layer 0."""
    torch.manual_seed(0)
    ways = 1 + bidirectional
    deep = nn.LSTM(3, 4, 2, batch_first=True, bidirectional=bidirectional)
    low = nn.LSTM(3, 4, batch_first=True, bidirectional=bidirectional)
    high = nn.LSTM(4 * ways, 4, batch_first=True, bidirectional=bidirectional)
    for k, net in enumerate((low, high)):
        for name, p in net.named_parameters():
            p.data = getattr(deep, name.replace("l0", f"l{k}")).data
    x = torch.randn(5, 6, 3)
    below, (h_low, _) = low(x)
    _, (h_high, _) = high(below)
    h_n = deep(x)[1][0]
    for layer, want in enumerate((h_low, h_high)):
        got = layer_state(h_n, layer, bidirectional)
        torch.testing.assert_close(got, torch.cat([*want], dim=1))


def linear_net(directions, T):
    """A stack of linear recurrent layers whose weights all are 1, from autograd."""
    x = torch.zeros(T, requires_grad=True)
    units = [x]
    for direction in directions:
        read, above = sum(units), []
        if direction in ("forward", "both"):
            above.append(torch.cumsum(read, 0))  # h_t = h_(t-1) + what is read at t
        if direction in ("backward", "both"):
            above.append(torch.cumsum(read.flip(0), 0).flip(0))
        units = above
    out = sum(units)
    rows = [torch.autograd.grad(out[t], x, retain_graph=True)[0] for t in range(T)]
    return torch.stack(rows).numpy()


def test_the_ways_are_the_gradient_of_a_linear_net_and_those_that_one_can_walk():
    kinds = ("forward", "backward", "both")
    for layers in (1, 2, 3):
        for directions in itertools.product(kinds, repeat=layers):
            paths = count_paths(list(directions), 4)
            np.testing.assert_array_equal(paths, linear_net(directions, 4))
            np.testing.assert_array_equal(paths, by_walking(directions, 4))
