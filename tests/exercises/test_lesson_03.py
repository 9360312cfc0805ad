"""The checkers of lesson 03: right answers, other right answers, named mistakes."""

import numpy as np
import pytest
import torch
from checkers import Checkers, plain
from torch import nn
from torch.nn import functional as F

from helpers.exercises.engine import registry
from helpers.exercises.engine.core import Wrong
from helpers.exercises.lesson_03.backward import bptt, step_backward
from helpers.exercises.lesson_03.losses import masked_loss, to_torch
from helpers.exercises.lesson_03.steps import last_states, step
from helpers.nets.numpy_rnn import RNN, softmax_cross_entropy, unroll_back

BY_ID = {exercise.id: exercise for exercise in registry.lesson_items("03")[0]}


def other_step(x, h_prev, W_xh, W_hh, b_h):
    both = np.concatenate([x, h_prev], axis=1)  # the [x, h] form of the same thing
    return np.tanh(np.add(both @ np.concatenate([W_xh, W_hh]), b_h))


def other_last_states(X, lengths, W_xh, W_hh, b_h):
    out = []
    for x, n in zip(X, lengths, strict=True):
        h = np.zeros(len(b_h))
        for x_t in x[:n]:
            h = np.tanh(x_t @ W_xh + h @ W_hh + b_h)
        out.append(h)
    return np.array(out)


def other_count(D, H, V, T):
    return sum(
        w.size for w in RNN(D, H, V, rng=np.random.default_rng(0)).params.values()
    )


def other_masked_loss(logits, targets, mask):
    return softmax_cross_entropy(logits[mask], targets[mask])[0].mean()


def other_step_backward(dh, x, h_prev, h, W_xh, W_hh):
    da = dh / np.cosh(np.arctanh(h)) ** 2
    return {
        "db_h": np.ones(len(da)) @ da,
        "dW_hh": np.einsum("bi,bj->ij", h_prev, da),
        "dW_xh": np.einsum("bi,bj->ij", x, da),
        "dh_prev": np.einsum("bj,ij->bi", da, W_hh),
        "dx": np.einsum("bj,ij->bi", da, W_xh),
    }


def other_bptt(dhs, hs, W_hh):
    das, dh0 = unroll_back(dhs[None], hs[None], W_hh)
    return [hs[:-1].T @ das[0], dh0[0]]


def other_to_torch(params):
    D, H = params["W_xh"].shape
    rnn = nn.RNN(D, H, batch_first=True, dtype=torch.float64)
    state = {
        "weight_ih_l0": params["W_xh"].T,
        "weight_hh_l0": params["W_hh"].T,
        "bias_ih_l0": params["b_h"] / 2,
        "bias_hh_l0": params["b_h"] / 2,
    }
    rnn.load_state_dict({name: torch.tensor(w) for name, w in state.items()})
    return rnn


def other_truncated(rnn, X, Y, k):
    _, hs = rnn.forward(X)
    cuts = range(k, X.shape[1], k)
    total = np.zeros_like(rnn.params["W_hh"])
    x_parts, y_parts = np.split(X, cuts, axis=1), np.split(Y, cuts, axis=1)
    for i, (x, y) in enumerate(zip(x_parts, y_parts, strict=True)):
        logits, states = rnn.forward(x, hs[:, i * k])
        total += rnn.backward(x, states, softmax_cross_entropy(logits, y)[1])[0]["W_hh"]
    return total


def other_read(model, documents, T):
    losses = []
    for ids in documents:
        h = None
        pairs = zip(ids[:-1].split(T), ids[1:].split(T), strict=True)
        for x, y in pairs:
            logits, h = model(x, h if h is None else h.clone().detach())
            loss = F.nll_loss(logits.log_softmax(-1), y, reduction="sum")
            loss.backward()
            losses.append(loss.item())
    return losses


RIGHT = {
    "03.1": [other_step],
    "03.2": [other_last_states],
    "03.3": [other_count],
    "03.4": [other_masked_loss],
    "03.5": [other_step_backward],
    "03.6": [other_bptt],
    "03.7": [other_to_torch],
    "03.8": [other_truncated],
    "03.9": [other_read],
}


# -- plausible mistakes, and the words that name them ----------------------------------


def run(X, W_xh, W_hh, b, steps=None):
    h = np.zeros((len(X), len(b)))
    hs = [h]
    for t in range(X.shape[1] if steps is None else steps):
        h = step(X[:, t], h, W_xh, W_hh, b)
        hs.append(h)
    return np.stack(hs, axis=1)


def leaking(X, lengths, W_xh, W_hh, b_h):
    h, out = np.zeros(len(b_h)), []
    for x, n in zip(X, lengths, strict=True):
        for x_t in x[:n]:
            h = np.tanh(x_t @ W_xh + h @ W_hh + b_h)
        out.append(h)
    return np.array(out)


def zeroing(X, lengths, W_xh, W_hh, b_h):
    h = np.zeros((len(X), len(b_h)))
    for t in range(X.shape[1]):
        h = np.tanh(X[:, t] @ W_xh + h @ W_hh + b_h) * (t < lengths)[:, None]
    return h


def upside_down(X, lengths, W_xh, W_hh, b_h):
    h = np.zeros((len(X), len(b_h)))
    for t in range(X.shape[1]):
        new = step(X[:, t], h, W_xh, W_hh, b_h)
        h = np.where((t < lengths)[:, None], h, new)
    return h


def losses_of(logits, targets):
    return softmax_cross_entropy(logits, targets)[0]


def back(edit):
    """A wrong step_backward: `edit(parts, names)` changes the right answer."""

    def wrong(dh, x, h_prev, h, W_xh, W_hh):
        v = {"dh": dh, "x": x, "h_prev": h_prev, "h": h, "W_xh": W_xh, "W_hh": W_hh}
        return step_backward(dh, x, h_prev, h, W_xh, W_hh) | edit(v)

    return wrong


def with_da(da_of):
    def wrong(dh, x, h_prev, h, W_xh, W_hh):
        da = da_of(dh, h_prev, h)
        return {
            "dx": da @ W_xh.T,
            "dh_prev": da @ W_hh.T,
            "dW_xh": x.T @ da,
            "dW_hh": h_prev.T @ da,
            "db_h": da.sum(0),
        }

    return wrong


def da(v):
    return v["dh"] * (1 - v["h"] ** 2)


def bptt_with(*, future=1, inner=1, outer=0, back="da @ W.T", start=0.0, add=True):
    def wrong(dhs, hs, W):
        dW, dh_next = np.zeros_like(W), np.full(len(W), start)
        for t in reversed(range(len(dhs))):
            dh = dhs[t] + future * dh_next
            da = dh * (1 - hs[t + inner] ** 2) if inner is not None else dh
            share = np.outer(hs[t + outer], da)
            dW = dW + share if add else share
            dh_next = {"da @ W.T": da @ W.T, "da @ W": da @ W, "dh @ W.T": dh @ W.T}[
                back
            ]
        return dW, dh_next

    return wrong


def bptt_loop(mistake):
    def wrong(dhs, hs, W):
        dW, dh_next = np.zeros_like(W), np.zeros(len(W))
        steps = range(len(dhs))
        for t in steps if mistake == "forwards" else reversed(steps):
            dh = dhs[t] + dh_next
            da = dh * (1 - hs[t + 1] ** 2)
            if mistake == "star":
                dW += hs[t] * da
            else:
                dW += np.outer(hs[t], dh if mistake == "dh" else da)
            dh_next = da @ W.T
        return dW, dh if mistake == "early" else dh_next

    return wrong


def torch_with(ih="T", hh="T", b1=1.0, b2=0.0, double=True, **kw):
    def wrong(params):
        D, H = params["W_xh"].shape
        rnn = nn.RNN(D, H, **{"batch_first": True} | kw)
        rnn = rnn.double() if double else rnn
        with torch.no_grad():
            rnn.weight_ih_l0.copy_(torch.tensor(params["W_xh"].T))
            W = params["W_hh"].T if hh == "T" else params["W_hh"]
            rnn.weight_hh_l0.copy_(torch.tensor(W))
            for bias, share in (rnn.bias_ih_l0, b1), (rnn.bias_hh_l0, b2):
                if share is not None:
                    bias.copy_(share * torch.tensor(params["b_h"]))
        return rnn

    return wrong


def chunks_with(start="carried", until=None, pick=sum, mean=False, onward=False):
    def wrong(rnn, X, Y, k):
        h, parts, T, dh0 = None, [], X.shape[1], 0
        for t in range(0, until(T, k) if until else T, k):
            x, y = X[:, t : t + k], Y[:, t : t + k]
            logits, hs = rnn.forward(x, h)
            dlogits = softmax_cross_entropy(logits, y)[1]
            dlogits = dlogits / y.size if mean else dlogits
            grads, dh0 = rnn.backward(x, hs, dlogits, dh0 if onward else 0)
            parts.append(grads["W_hh"])
            h = {"carried": hs[:, -1], "zero": None, "early": hs[:, -2]}[start]
        return pick(parts)

    return wrong


def whole(rnn, X, Y, k):
    return chunks_with()(rnn, X, Y, X.shape[1])


def with_biases(b1, b2):
    """A wrong to_torch with these multiples of b_h as torch's biases."""
    return torch_with(b1=b1, b2=b2)


def assigning(params):
    rnn = nn.RNN(3, 4, batch_first=True).double()
    rnn.weight_hh_l0 = params["W_hh"].T
    return rnn


def biasless(params):
    return nn.RNN(3, 4, bias=False, batch_first=True).double()


def past_the_end(X, lengths, W_xh, W_hh, b_h):
    hs = run(X, W_xh, W_hh, b_h)[:, 1:]
    return hs[np.arange(len(X)), lengths]


def one_backward(model, documents, T, each="end"):
    """The right gradient, with `backward` once, or once for each document."""
    losses, total = [], 0
    for ids in documents:
        h = None
        for x, y in zip(ids[:-1].split(T), ids[1:].split(T), strict=True):
            logits, h = model(x, h)
            loss = F.cross_entropy(logits, y, reduction="sum")
            h, total = h.detach(), total + loss
            losses.append(loss.item())
        if each == "document":
            total.backward()
            total = 0
    if each == "end":
        total.backward()
    return losses


def read_with(
    reset="document",
    cut=True,
    order=1,
    keep=torch.Tensor.item,
    retain=False,
    drop=0,
    total=False,
    reduction="sum",
    zero=False,
):
    def wrong(model, documents, T):
        losses, h, sums = [], None, 0
        for ids in documents:
            h = None if reset != "never" else h
            starts = list(range(0, len(ids) - 1 - drop, T))[::order]
            for t in starts:
                y = ids[t + 1 : t + 1 + T]
                before = None if reset == "chunk" else h
                logits, h = model(ids[t : t + len(y)], before)
                loss = F.cross_entropy(logits, y, reduction=reduction)
                if zero:
                    model.zero_grad()
                if total:
                    sums = sums + loss
                else:
                    loss.backward(retain_graph=retain)
                h = h.detach() if cut else h
                losses.append(keep(loss))
        return losses

    return wrong


WRONG = {
    "03.1": [
        (lambda x, h, A, W, b: np.tanh(x * A + h * W + b), "twice"),
        (lambda x, h, A, W, b: np.tanh(x @ A + h * W + b), "between `h_prev` and"),
        (lambda x, h, A, W, b: np.tanh(x * A + h @ W + b), "between `x` and"),
        (lambda x, h, A, W, b: x @ A + h @ W + b, "tanh is missing"),
        (lambda x, h, A, W, b: 1 / (1 + np.exp(-x @ A - h @ W - b)), "sigmoid"),
        (lambda x, h, A, W, b: np.tanh(x @ A + h @ W), "forgot the bias"),
        (lambda x, h, A, W, b: np.tanh(x @ A + b), "no memory"),
        (lambda x, h, A, W, b: np.tanh(x @ A + h @ W.T + b), "transposed `W_hh`"),
        (lambda x, h, A, W, b: np.tanh(A @ x + W @ h + b), "factors are swapped"),
        (lambda x, h, A, W, b: np.tanh(x @ A) + np.tanh(h @ W) + b, "one tanh goes"),
        (lambda x, h, A, W, b: np.tanh(x @ W + h @ A + b), "matrices are swapped"),
        (lambda x, h, A, W, b: np.tanh(h @ W + b), "reads no word"),
        (lambda x, h, A, W, b: np.tanh(x @ A + h @ W) + b, "inside the tanh"),
        (lambda x, h, A, W, b: np.tanh(x @ A + b + h @ W + b), "sum twice"),
        (lambda x, h, A, W, b: np.maximum(x @ A + h @ W + b, 0), "ReLU"),
        (lambda x, h, A, W, b: np.zeros(3), "shape"),
    ],
    "03.2": [
        (lambda X, n, A, W, b: run(X, A, W, b)[:, -1], "after all T steps"),
        (
            lambda X, n, A, W, b: run(X, A, W, b)[np.arange(len(X)), n - 1],
            "one step early",
        ),
        (
            lambda X, n, A, W, b: run(X, A, W, b)[
                np.arange(len(X)), np.minimum(n + 1, X.shape[1])
            ],
            "one step late",
        ),
        (
            lambda X, n, A, W, b: run(X, A, W, b)[range(len(X)), n + 1],
            "case? X has T = 6",
        ),
        (leaking, "never reset"),
        (zeroing, "must keep its state"),
        (
            lambda X, n, A, W, b: last_states(
                X, (np.abs(X).sum(-1) > 0).sum(1), A, W, b
            ),
            "other numbers in the padding",
        ),
        (lambda X, n, A, W, b: run(X, A, W, b, n.min())[:, -1], "shortest"),
        (
            lambda X, n, A, W, b: np.tanh(X[np.arange(len(X)), n - 1] @ A + b),
            "starts from nothing",
        ),
        (upside_down, "upside down"),
        (past_the_end, "its length less 1"),
        (lambda X, n, A, W, b: run(X, A, W, b), "shape"),
    ],
    "03.3": [
        (lambda D, H, V, T: T * (D * H + H * H + H + H * V + V), "its own weights"),
        (lambda D, H, V, T: D * H + H * H + H * V, "forgot the two biases"),
        (lambda D, H, V, T: D * H + H * H + H + H * V, "`b_y`"),
        (lambda D, H, V, T: D * H + H * H + H * V + V, "`b_h`"),
        (lambda D, H, V, T: D * H + H + H * V + V, "forgot `W_hh`"),
        (lambda D, H, V, T: D * H + H * H + H, "forgot the output"),
        (lambda D, H, V, T: D * H + H * H + 2 * H + H * V + V, "h_0 is no parameter"),
        (lambda D, H, V, T: H * H + H + H * V + V, "forgot `W_xh`"),
        (lambda D, H, V, T: T * D * H + H * H + H + H * V + V, "count it once"),
        (lambda D, H, V, T: D * H + H * H + H + D * V + V, "`W_hy` is (H, V)"),
        (lambda D, H, V, T: D * H + H * H + V + H * V + V, "as long as the state"),
        (
            lambda D, H, V, T: D * H + H * H + H + H * V + V + H * T,
            "states are no parameters",
        ),
    ],
    "03.4": [
        (lambda z, y, m: losses_of(z, y).mean(), "mask does nothing"),
        (lambda z, y, m: (losses_of(z, y) * m).mean(), "still in the divisor"),
        (lambda z, y, m: (losses_of(z, y) * m).sum(), "that is the total"),
        (
            lambda z, y, m: ((losses_of(z, y) * m).sum(1) / m.sum(1)).mean(),
            "each sequence's mean",
        ),
        (lambda z, y, m: masked_loss(z, y, m) / np.log(2), "in bits"),
        (lambda z, y, m: -masked_loss(z, y, m), "sign is wrong"),
        (lambda z, y, m: (losses_of(z, y) * m).sum() / len(z), "number of sequences"),
        (
            lambda z, y, m: losses_of(z * m[..., None], y).sum() / m.sum(),
            "not the logits",
        ),
        (lambda z, y, m: losses_of(z, y)[~m].mean(), "over the *padding*"),
        (
            lambda z, y, m: ((losses_of(z, y) * m).sum(0) / m.sum(0)).mean(),
            "each position's mean",
        ),
        (lambda z, y, m: (losses_of(z, y) * m).sum() / m.shape[1], "divided by T"),
        (lambda z, y, m: losses_of(z, y) * m, "shape"),
        (
            lambda z, y, m: masked_loss(
                z, y, np.arange(m.shape[1]) < m.sum(1, keepdims=True)
            ),
            "first steps of each row",
        ),
        (lambda z, y, m: softmax_cross_entropy(z, y), "returns two things"),
        (lambda z, y, m: softmax_cross_entropy(z, y)[m], "a name each; softmax_cross"),
        (lambda z, y, m: -softmax_cross_entropy(z, y), "returns two things"),
    ],
    "03.5": [
        (with_da(lambda dh, h_prev, h: dh), "forgot the factor (1 - h**2)"),
        (with_da(lambda dh, h_prev, h: dh * (1 - h_prev**2)), "you took `h_prev`"),
        (with_da(lambda dh, h_prev, h: dh * (1 - np.tanh(h) ** 2)), "no second tanh"),
        (with_da(lambda dh, h_prev, h: dh * (1 - h)), "you took 1 - h"),
        (
            with_da(lambda dh, h_prev, h: dh * (1 - np.arctanh(h) ** 2)),
            "after the tanh",
        ),
        (back(lambda v: {"dh_prev": da(v) @ v["W_hh"]}), "`W_hh` transposed"),
        (back(lambda v: {"dx": da(v) @ v["W_xh"]}), "`W_xh.T`, not"),
        (back(lambda v: {"dW_hh": da(v).T @ v["h_prev"]}), "`dW_hh` is transposed"),
        (back(lambda v: {"dW_xh": v["x"].T @ da(v) / 3}), "`dW_xh` is a mean"),
        (back(lambda v: {"dW_hh": v["h_prev"] * da(v)}), "outer products"),
        (back(lambda v: {"dW_hh": v["h"].T @ da(v)}), "the state it multiplied"),
        (back(lambda v: {"db_h": da(v)}), "shape of b_h"),
        (back(lambda v: {"db_h": da(v).mean(0)}), "`db_h` is a mean"),
        (back(lambda v: {"db_h": da(v).sum(1)}), "summed over the units"),
        (with_da(lambda dh, h_prev, h: dh * (1 + h**2)), "with a minus"),
        (back(lambda v: {"dx": v["dh"] @ v["W_xh"].T}), "`dx` needs `da`"),
        (back(lambda v: {"dW_hh": v["h_prev"].T @ v["dh"]}), "`dW_hh` needs `da`"),
        (back(lambda v: {"dW_hh": v["x"].T @ da(v)}), "h_prev, not x"),
        (back(lambda v: {"dh_prev": da(v) @ v["W_hh"].T + v["dh"]}), "way past"),
        (lambda *parts: parts, "return a dict"),
    ],
    "03.6": [
        (bptt_with(future=0), "dropped the gradient that comes from step t+1"),
        (bptt_with(inner=None), "forgot the factor (1 - h**2)"),
        (bptt_with(inner=0), "1 - hs[t]**2"),
        (bptt_with(outer=1), "you took the one after"),
        (bptt_with(back="da @ W"), "you took W_hh"),
        (bptt_with(back="dh @ W.T"), "not yet been"),
        (bptt_with(add=False), "only step 1's share"),
        (lambda dhs, hs, W: (bptt(dhs, hs, W)[0].T, bptt(dhs, hs, W)[1]), "transposed"),
        (lambda dhs, hs, W: (bptt(dhs, hs, W)[0] / len(dhs), 0), "mean over time"),
        (
            lambda dhs, hs, W: bptt(
                dhs * (np.arange(len(dhs)) == len(dhs) - 1)[:, None], hs, W
            ),
            "only the last step's loss",
        ),
        (
            lambda dhs, hs, W: (
                bptt(dhs, hs, W)[0],
                unroll_back(dhs[None], hs[None], W)[0][0, 0],
            ),
            "still at a_1",
        ),
        (lambda dhs, hs, W: bptt(dhs, hs, W)[::-1], "the order is dW_hh"),
        (bptt_loop("dh"), "you took dh"),
        (bptt_loop("star"), "spreads over the rows"),
        (bptt_loop("forwards"), "starts at the last"),
        (bptt_loop("early"), "about h_1"),
        (lambda dhs, hs, W: bptt(dhs, hs, W)[0], "return two arrays"),
    ],
    "03.7": [
        (torch_with(hh="same"), "`weight_hh_l0` is W_hh itself"),
        (torch_with(b2=1.0), "counts twice"),
        (torch_with(b1=0.0), "both of torch's biases are 0"),
        (torch_with(b2=None), "the other kept torch's random"),
        (with_biases(1.0, -1.0), "two biases cancel"),
        (with_biases(0.0, -1.0), "look at the sign"),
        (with_biases(1.0, 0.5), "the other is not 0"),
        (assigning, "takes no NumPy array"),
        (biasless, "bias=False"),
        (torch_with(b1=None, b2=None), "both biases kept"),
        (torch_with(double=False), "float32"),
        (torch_with(batch_first=False), "batch_first=True"),
        (torch_with(nonlinearity="relu"), "has ReLU"),
        (torch_with(num_layers=2), "one layer"),
        (lambda params: nn.Linear(3, 4), "not an nn.RNN"),
        (lambda params: nn.RNN(4, 4, batch_first=True).double(), "W_xh transposed"),
    ],
    "03.8": [
        (chunks_with("zero"), "reset at each chunk"),
        (whole, "that is the whole gradient"),
        (chunks_with("early"), "before the last"),
        (chunks_with(pick=lambda parts: parts[-1]), "only the last chunk"),
        (chunks_with(pick=lambda parts: sum(parts) / len(parts)), "mean of the chunks"),
        (chunks_with(pick=lambda parts: parts[0]), "only the first chunk"),
        (chunks_with(mean=True), "by their number"),
        (chunks_with(onward=True), "*before* its chunk"),
        (chunks_with(until=lambda T, k: T - T % k), "last chunk is missing"),
    ],
    "03.9": [
        (read_with(reset="never"), "the one before it"),
        (read_with(reset="chunk"), "every chunk starts from zeros"),
        (read_with(cut=False), "`h = h.detach()`"),
        (read_with(cut=False, retain=True), "the graph grows"),
        (read_with(order=-1), "not in reading order"),
        (read_with(keep=lambda loss: loss), "`loss.item()`"),
        (read_with(total=True), "call `loss.backward()`"),
        (read_with(drop=3), "chunks were read"),
        (read_with(reduction="mean"), "*sum* over its steps"),
        (read_with(zero=True), "add up over all chunks"),
        (lambda *a: sum(read_with()(*a)), "return a list"),
        (one_backward, "waits until several chunks"),
        (lambda *a: one_backward(*a, each="document"), "waits until several chunks"),
        (read_with(keep=torch.Tensor.detach), "are tensors"),
        (read_with(reset="never", cut=False, order=-1, retain=True), "not all"),
    ],
}


class TestCheckers(Checkers):
    lesson, right, wrong = "03", RIGHT, plain(WRONG)


def test_the_loop_that_the_notebook_shows_is_wrong_in_every_way():
    """Mended bit by bit, it is told the next bug each time."""
    shown = {"reset": "never", "cut": False, "order": -1, "retain": True}
    told = []
    for mended in {}, {"order": 1}, {"reset": "document"}, {"cut": True}:
        shown |= mended
        try:
            BY_ID["03.9"].check(read_with(**shown))
        except Wrong as wrong:
            told.append(str(wrong))
    assert len(told) == 3
    for words, text in zip(["order", "h = None", "detach"], told, strict=True):
        assert words in text


def test_a_wrong_in_place_answer_is_refused():
    def careless(x, h_prev, W_xh, W_hh, b_h):
        h_prev += x @ W_xh
        return np.tanh(h_prev)

    with pytest.raises(Wrong, match="changes its argument `h_prev`"):
        BY_ID["03.1"].check(careless)


def test_references_do_what_they_say():
    params = RNN(3, 4, 5, rng=np.random.default_rng(0)).params
    X = np.random.default_rng(1).standard_normal((2, 6, 3))
    theirs, _ = to_torch(params)(torch.tensor(X))
    ours = run(X, params["W_xh"], params["W_hh"], params["b_h"])[:, 1:]
    np.testing.assert_allclose(theirs.detach(), ours, atol=1e-13)


def test_a_float_for_an_index_hears_nothing_of_lengths():
    with pytest.raises(Wrong, match=r"`//` a whole number\.$"):
        BY_ID["03.2"].check(lambda X, n, A, W, b: X[:, len(b) / 2])
