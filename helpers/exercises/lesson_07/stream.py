"""Lesson 07: reference and checker of the exercise on training along a stream."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from helpers.exercises.engine.compare import as_array
from helpers.exercises.engine.core import Wrong, call, close, same

__all__ = ["check_train_on", "train_on"]


def train_on(model, optimizer, chunks):
    """One update a chunk; the state goes on, its history does not."""
    losses, state = [], None
    for x, y in chunks:
        logits, state = model(x, state)
        loss = nn.functional.cross_entropy(logits.flatten(0, 1), y.flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        state = tuple(part.detach() for part in state)
        losses.append(loss.item())
    return losses


class _Model(nn.Module):
    def __init__(self, V=5, H=6):
        super().__init__()
        self.embed = nn.Embedding(V, H)
        self.rnn, self.out = nn.LSTM(H, H, batch_first=True), nn.Linear(H, V)
        self.double()
        self.calls = 0

    def forward(self, ids, state=None):
        if ids.ndim != 2:
            raise ValueError(f"ids: got shape {tuple(ids.shape)}, want (B, T)")
        self.calls += 1
        states, state = self.rnn(self.embed(ids), state)
        return self.out(states), state


def _setting():
    """A model with old gradients, its optimizer, and four chunks of two streams."""
    with torch.random.fork_rng():
        torch.manual_seed(3)
        model, ids = _Model(), torch.randint(5, (2, 26))
    for p in model.parameters():
        p.grad = torch.full_like(p, 0.02)
    spans = [(0, 7), (7, 14), (14, 21), (21, 25)]
    chunks = [(ids[:, a:b], ids[:, a + 1 : b + 1]) for a, b in spans]
    return model, torch.optim.SGD(model.parameters(), lr=0.5), iter(chunks)


def _variant(
    model,
    optimizer,
    chunks,
    *,
    carry=lambda state, t: state,
    zero="each",
    reduction="mean",
    softmax=False,
    copy=False,
    steps="each",
    after=False,
):
    """Train with one of the mistakes; return the losses."""
    losses, state = [], None
    if zero == "once":
        optimizer.zero_grad()
    for t, (x, y) in enumerate(chunks):
        if after:
            optimizer.step()
        logits, state = model(x, carry(state, t))
        logits = logits.softmax(-1) if softmax else logits
        target = x if copy else y
        loss = F.cross_entropy(
            logits.flatten(0, 1), target.flatten(), reduction=reduction
        )
        if zero == "each":
            optimizer.zero_grad()
        loss.backward()
        if steps == "each" and not after:
            optimizer.step()
        if zero == "behind":
            optimizer.zero_grad()
        state = tuple(part.detach() for part in state)
        losses.append(loss.item())
    if steps == "last":
        optimizer.step()
    return losses


def _zeros(state, t):
    return None


_MISTAKES = (
    ("every chunk begins with zeros: give `model` the state in which the chunk before "
     "ended", {"carry": _zeros}),
    ("every chunk begins with zeros, and old gradients are still there: hand on the "
     "state, and zero_grad before backward", {"carry": _zeros, "zero": "never"}),
    ("every chunk begins with the state after the *first* one: take the new one each "
     "time", {"carry": "first"}),
    ("h is carried on and c begins with zeros: an LSTM's state is the pair",
     {"carry": lambda s, t: s and (s[0], torch.zeros_like(s[1]))}),
    ("c is carried on and h begins with zeros: an LSTM's state is the pair",
     {"carry": lambda s, t: s and (torch.zeros_like(s[0]), s[1])}),
    ("h and c are swapped", {"carry": lambda s, t: s and s[::-1]}),
    ("gradients of earlier chunks are still in `p.grad`: zero_grad before backward",
     {"zero": "never"}),
    ("gradients of earlier chunks are still in `p.grad`: zero_grad before *each* "
     "backward, not once", {"zero": "once"}),
    ("you sum the losses of a chunk; the mean keeps the size of a step independent of "
     "B and T", {"reduction": "sum"}),
    ("cross_entropy takes logits: it has its softmax inside, and you apply another",
     {"softmax": True}),
    ("you compare with x: the model learns to copy. The next characters are in y",
     {"copy": True}),
    ("the optimizer steps before `backward`, so with the gradient of the chunk before",
     {"after": True}),
    ("one update in all: step once a chunk", {"steps": "last"}),
    ("one update in all: step once a chunk", {"steps": "last", "zero": "once"}),
)  # fmt: skip


def _weights(model):
    return torch.cat([p.detach().flatten() for p in model.parameters()]).numpy()


def _result(train, **kw):
    model, optimizer, chunks = _setting()
    if kw.get("carry") == "first":
        first = []

        def carry(state, t):
            if state is not None and not first:
                first.append(state)
            return first[0] if first else None

        kw = kw | {"carry": carry}
    losses = train(model, optimizer, chunks, **kw)
    return losses, _weights(model)


def _run(answer):
    """The learner's losses and weights; torch's complaints in the lesson's words."""
    model, optimizer, chunks = _setting()
    before = _weights(model)
    try:
        losses = call(answer, model, optimizer, chunks, name="train_on")
    except Wrong as wrong:
        text = str(wrong)
        if "inplace operation" in text and model.calls == 1:
            raise Wrong(
                "the optimizer steps before `backward`; it comes last"
            ) from None
        if "second time" in text or "inplace operation" in text:
            raise Wrong(
                "this chunk's loss still hangs on the graph of the chunk before: "
                "detach *both* h and c before the next chunk (retain_graph only hides "
                "it)"
            ) from None
        if "list_iterator" in text and ("subscriptable" in text or "len()" in text):
            raise Wrong(
                "`chunks` yields one chunk after another and may be a generator, with "
                "no length and no `chunks[i]`: go through it with `for x, y in chunks`"
            ) from None
        if "'tuple' object has no attribute 'detach'" in text:
            raise Wrong("the state of an LSTM is a pair (h, c): detach each") from None
        if "xpected target size" in text or "should be the same" in text:
            raise Wrong(
                "cross_entropy wants the classes on axis 1: flatten logits to "
                "(B · T, V) and y to (B · T,)"
            ) from None
        if "does not require grad" in text:
            raise Wrong(
                "detach the *state*, after the update; a detached loss has no gradient"
            ) from None
        raise
    weights = _weights(model)
    if same(weights, before, 0):
        raise Wrong("the weights have not moved: zero_grad, backward, step")
    return losses, weights


def check_train_on(answer) -> str:
    losses, weights = _run(answer)
    if not isinstance(losses, list | tuple):
        raise Wrong("return a list: one loss, a number, for each chunk")
    if any(getattr(loss, "requires_grad", False) for loss in losses):
        raise Wrong(
            "the losses you return hold on to their graphs, and so to every state: "
            "keep `loss.item()`, a number"
        )
    want, right = _result(train_on)
    behind = _result(_variant, zero="behind")  # right too, if p.grad is empty at first
    if same(weights, behind[1], 1e-9):
        want, right = behind
    if len(losses) == 1 and same(losses[0], want[0], 1e-5):
        raise Wrong(
            "only the first chunk was read: does `return` stand inside the loop? It "
            "belongs after it"
        )
    if not same(weights, right, 1e-9):
        for words, mistake in _MISTAKES:
            for way in (mistake, {"zero": "behind"} | mistake):
                if same(weights, _result(_variant, **way)[1], 1e-9):
                    raise Wrong(words)
        raise Wrong(
            "the weights end elsewhere than one plain update a chunk takes them: "
            "carried state, mean loss, zero_grad, backward, step"
        )
    got = as_array(losses, "the losses").ravel()
    if len(got) != len(want):
        raise Wrong(f"{len(got)} losses came back for {len(want)} chunks")
    if same(got, np.divide(want, np.log(2)), 1e-5):
        raise Wrong("the losses are in bits; nats were asked for")
    if same(got, np.cumsum(want), 1e-5):
        raise Wrong("your losses add up; one for each chunk is wanted")
    close(got, want, 1e-5, "the list of losses")
    return (
        "The state tells the next chunk what was read; the detach keeps each update as "
        "cheap as the one before."
    )
