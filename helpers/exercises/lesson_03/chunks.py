"""Checkers of lesson 03: gradients chunk by chunk, and a loop with three bugs."""

from __future__ import annotations

import itertools

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from helpers.exercises.engine.compare import name_it
from helpers.exercises.engine.core import Wrong, call, close, same
from helpers.nets.numpy_rnn import RNN, softmax_cross_entropy

__all__ = ["check_read", "check_truncated", "read", "truncated"]


def truncated(rnn, X, Y, k):
    h, dW_hh = None, 0
    for t in range(0, X.shape[1], k):
        x, y = X[:, t : t + k], Y[:, t : t + k]
        logits, hs = rnn.forward(x, h)
        _, dlogits = softmax_cross_entropy(logits, y)
        grads, _ = rnn.backward(x, hs, dlogits)
        dW_hh = dW_hh + grads["W_hh"]
        h = hs[:, -1]
    return dW_hh


def check_truncated(answer):
    rng = np.random.default_rng(7)
    B, T, D, H, k = 2, 10, 5, 4, 3
    rnn = RNN(D, H, D, rng=rng)
    X, Y = rng.integers(D, size=(2, B, T))
    got = call(answer, rnn, X, Y, k, name="truncated", unchanged=True)

    def chunks(start="carried", until=T, mean=False, onward=False):
        h, parts, dh0 = None, [], 0
        for t in range(0, until, k):
            x, y = X[:, t : t + k], Y[:, t : t + k]
            logits, hs = rnn.forward(x, h)
            _, dlogits = softmax_cross_entropy(logits, y)
            dlogits = dlogits / y.size if mean else dlogits
            grads, dh0 = rnn.backward(x, hs, dlogits, dh0 if onward else 0)
            parts.append(grads["W_hh"])
            h = {"carried": hs[:, -1], "zero": None, "early": hs[:, -2]}[start]
        return parts

    full, right = truncated(rnn, X, Y, T), sum(chunks())
    name_it(
        got,
        [
            (
                sum(chunks("zero")),
                "you reset at each chunk: hand `hs[:, -1]` on as the next chunk's h0",
            ),
            (full, "that is the whole gradient: cut the way back at every chunk"),
            (
                sum(chunks("early")),
                "you handed on the state before the last, `hs[:, -2]`",
            ),
            (
                sum(chunks(onward=True)),
                "dh0 is about the state *before* its chunk; the next chunk has no use "
                "for it",
            ),
            (
                sum(chunks(mean=True)),
                "you divided the losses of each chunk by their number; add them up",
            ),
            (chunks()[0], "only the first chunk is in it: go on to the end of X"),
            (chunks()[-1], "only the last chunk is left: add the chunks up"),
            (np.mean(chunks(), axis=0), "that is the mean of the chunks; add them up"),
            (
                sum(chunks(until=T - T % k)),
                "the last chunk is missing: it is shorter than k when k does not "
                "divide T, and it counts",
            ),
        ],
    )
    close(got, right, 1e-9, "dW_hh")
    close(call(answer, rnn, X, Y, T, name="truncated"), full, 1e-9, "dW_hh for k = T")
    return "With k = T it is the whole gradient again."


def read(model, documents, T):
    losses = []
    for ids in documents:
        h = None
        for t in range(0, len(ids) - 1, T):
            y = ids[t + 1 : t + 1 + T]
            logits, h = model(ids[t : t + len(y)], h)
            loss = F.cross_entropy(logits, y, reduction="sum")
            loss.backward()
            h = h.detach()
            losses.append(loss.item())
    return losses


class _Model(nn.Module):
    def __init__(self, V=5, H=6):
        super().__init__()
        self.rnn, self.out = nn.RNN(V, H), nn.Linear(H, V)
        self.double()
        self.events = []  # "forward" and "backward", as they come

    def forward(self, ids, h=None):
        x = F.one_hot(ids, self.out.out_features).double()
        states, h = self.rnn(x, h)
        logits = self.out(states)
        if logits.requires_grad:
            self.events.append("forward")
            logits.register_hook(lambda _: self.events.append("backward"))
        return logits, h


def _gradient(model):
    parts = [p.grad for p in model.parameters()]
    if any(part is None for part in parts):
        raise Wrong("no gradient arrived: call `loss.backward()` for every chunk")
    return torch.cat([part.flatten() for part in parts]).numpy().copy()


def _read_wrong(model, documents, T, *, reset="document", cut=True, order="reading"):
    """Losses and gradient of a loop that has one of the bugs."""
    model.zero_grad()
    losses, total, h = [], 0, None
    for ids in documents:
        h = None if reset != "never" else h
        starts = list(range(0, len(ids) - 1, T))
        for t in starts[::-1] if order == "backwards" else starts:
            y = ids[t + 1 : t + 1 + T]
            logits, h = model(ids[t : t + len(y)], None if reset == "chunk" else h)
            loss = F.cross_entropy(logits, y, reduction="sum")
            losses.append(loss.item())
            total = total + loss
            h = h.detach() if cut else h
    total.backward()
    return losses, _gradient(model)


_BUGS = {  # each choice of a loop, and what is wrong with it
    "order": {
        "reading": "",
        "backwards": "the chunks are not in reading order: the state that you hand on "
        "is another passage's",
    },
    "reset": {
        "document": "",
        "never": "a document starts with the last state of the one before it: h = None "
        "where a document begins",
        "chunk": "every chunk starts from zeros: hand h on within a document, and "
        "reset only between documents",
    },
    "cut": {
        True: "",
        False: "the gradient runs back through earlier chunks, and the graph grows "
        "with each: detach h (retain_graph only hides it)",
    },
}


def _last_chunk(model, documents, T):
    """The gradient that is left if each chunk starts from zero."""
    model.zero_grad()
    ids = documents[-1]
    t, h = (len(ids) - 2) // T * T, None
    if t:
        h = model(ids[:t], None)[1].detach()
    logits, _ = model(ids[t:-1], h)
    F.cross_entropy(logits, ids[t + 1 :], reduction="sum").backward()
    return _gradient(model)


def check_read(answer):
    with torch.random.fork_rng():
        torch.manual_seed(9)
        model, T = _Model(), 4
        documents = [torch.randint(5, (n,)) for n in (13, 6, 9)]
    try:
        got = call(answer, model, documents, T, name="read")
    except Wrong as wrong:
        if "backward through the graph a second time" not in str(wrong):
            raise
        raise Wrong(
            "this chunk's loss still hangs on the graph of the chunk before, which "
            "is gone: `h = h.detach()` before the next chunk"
        ) from None
    if not isinstance(got, list | tuple):
        raise Wrong("return a list: one loss, a number, for each chunk")
    gradient, events = _gradient(model), list(model.events)
    tensors = [loss for loss in got if isinstance(loss, torch.Tensor)]
    if any(loss.requires_grad for loss in tensors):
        raise Wrong(
            "the losses you return hold on to their graphs, and so to every state: "
            "keep `loss.item()`, a number"
        )
    if tensors:
        raise Wrong(
            "the losses you return are tensors; `loss.item()` is a plain number"
        )
    want, right = _read_wrong(model, documents, T)
    for bugs in itertools.product(*_BUGS.values()):
        kw = dict(zip(_BUGS, bugs, strict=True))
        names = [text for key in _BUGS if (text := _BUGS[key][kw[key]])]
        if names and same(gradient, _read_wrong(model, documents, T, **kw)[1], 1e-9):
            more = "; and that is not all" if len(names) > 1 else ""
            raise Wrong(names[0] + more)
    if len(got) == len(want) and same(np.sort(got), np.sort(want), 1e-9):
        close(got, want, 1e-9, "the losses in reading order")
    if sum(loss == 0 for loss in got) or len(got) < len(want):
        raise Wrong(
            f"{len(got)} chunks were read; with the short ones it is {len(want)}"
        )
    sizes = [len(y) for ids in documents for y in ids[1:].split(T)]
    name_it(
        got,
        [
            (
                np.divide(want, sizes),
                "these are means; each chunk's loss is the *sum* over its steps",
            )
        ],
    )
    close(got, want, 1e-9, "the list of losses")
    emptied = "the gradients are to add up over all chunks: do not call zero_grad here"
    name_it(gradient, [(0 * right, emptied)])
    name_it(gradient, [(_last_chunk(model, documents, T), emptied)])
    close(gradient, right, 1e-9, "the gradient")
    if ("forward", "forward") in itertools.pairwise(events):
        raise Wrong(
            "the gradient is right, but `backward` waits until several chunks are "
            "read, and all their graphs with it: call it for each chunk"
        )
    return "Reset between documents, carry within one, detach between chunks."
