"""From the next step's logits to a text: search, sampling, and what lies between.

A decoder knows a model by its *step* alone, a function

    logits, state = step(ids, state)    # ids (B,) → logits (B, V)

of the tokens written last and of what the model remembers. A state is None, a tensor
of shape (…, B, H), so that its last axis but one counts the rows, or a tuple of those,
as nn.LSTM has it. Tokens are ids; `start` is what the model reads first (⟨BOS⟩, or the
last token of a text that it has read), `eos` the id that ends a text, None for never.
"""

from __future__ import annotations

import itertools
import math
from numbers import Real
from typing import NamedTuple

import torch

from helpers.guards import want_ids, want_shapes, want_sizes, want_steps
from helpers.training import in_eval

__all__ = [
    "beam_search",
    "filter_logits",
    "follow",
    "greedy",
    "nucleus",
    "sample",
    "top_k",
    "write",
]


def top_k(logits, k):
    """Return logits (…, V) with all but the k largest of each row at -inf.

    Of equal logits the lower id stays, so that there are never more than k. Source:
    A. Fan, M. Lewis, Y. Dauphin, Hierarchical neural story generation (2018).
    """
    want_shapes(logits=(logits, "... V"))
    want_sizes(k=k)
    order = logits.argsort(dim=-1, descending=True, stable=True)
    rank = order.argsort(dim=-1)  # rank[v]: how many are ahead of v
    return logits.masked_fill(rank >= k, -math.inf)


def nucleus(logits, p):
    """Return logits (…, V) with all at -inf but the fewest that have p of the mass.

    A token stays if those ahead of it have less than p together, so the first always
    does. Of equal logits the lower id is ahead. p: above 0, at most 1. Source: A.
    Holtzman et al., The curious case of neural text degeneration (2020).
    """
    want_shapes(logits=(logits, "... V"))
    _want_between(0, 1, p=p)
    if p == 1:
        return logits
    mass = logits.double().softmax(-1)
    mass, order = mass.sort(dim=-1, descending=True, stable=True)
    ahead = mass.cumsum(-1) - mass  # what the more probable ones have
    rank = order.argsort(dim=-1)
    return logits.masked_fill(ahead.gather(-1, rank) >= p, -math.inf)


def filter_logits(logits, temperature=1.0, k=None, p=None):
    """Return logits (…, V) divided by temperature, then cut by top_k and by nucleus.

    temperature: from 1e-30 to 1e30; towards 0 the softmax becomes the arg-max, towards
    infinity the uniform distribution. k, p: None for no cut.
    """
    want_shapes(logits=(logits, "... V"))
    _want_between(0, 1e30, temperature=temperature)
    _want_room(logits, temperature)
    logits = logits / temperature
    if k is not None:
        logits = top_k(logits, k)
    if p is not None:
        logits = nucleus(logits, p)
    return logits


@in_eval
@torch.no_grad()
def write(step, state, start, choose, *, max_len, eos=None):
    """Return ids (B, n), n ≤ max_len: each step reads what the one before it chose.

    start: ids (B,). choose(logits) takes (B, V) and gives ids (B,). A row that has
    written eos writes nothing but eos; when all have, writing ends.
    """
    want_shapes(start=(start, "B"))
    want_sizes(max_len=max_len)
    ids, written = start, []
    ended = torch.zeros(len(start), dtype=torch.bool)
    while len(written) < max_len and not ended.all():
        logits, state = step(ids, state)
        ids = choose(logits)
        if eos is not None:
            ids = ids.masked_fill(ended, eos)
            ended = ids == eos
        written.append(ids)
    return torch.stack(written, dim=1)


def greedy(step, state, start, *, max_len, eos=None):
    """Return ids (B, n): at each step the most probable token, the first of equals."""

    def choose(logits):
        return logits.argmax(-1)

    return write(step, state, start, choose, max_len=max_len, eos=eos)


def sample(
    step, state, start, generator, *, max_len, eos=None, temperature=1.0, k=None, p=None
):
    """Return ids (B, n): each drawn from the softmax of the filtered logits.

    temperature, k, p: as for filter_logits; the defaults draw from the model itself
    (ancestral sampling).
    """

    def choose(logits):
        chances = filter_logits(logits, temperature, k, p).softmax(-1)
        return torch.multinomial(chances, 1, generator=generator)[:, 0]

    return write(step, state, start, choose, max_len=max_len, eos=eos)


@in_eval
@torch.no_grad()
def follow(step, state, start, ids, *, eos=None):
    """Return log p (B, T) in nats of each token of given texts, and the last state.

    start: ids (B,), read first; ids: (B, T). A row's numbers after its first eos are
    0, so that a sum over T is the joint log p of its text. The state is the one after
    the last token but one was read: step(ids[:, -1], state) goes on from there.
    """
    want_shapes(start=(start, "B"), ids=(ids, "B T"))
    want_steps(ids=ids)
    log_p, before = [], start
    for now in ids.unbind(1):
        logits, state = step(before, state)
        want_ids(logits.shape[-1], ids=now)
        log_p.append(logits.log_softmax(-1).gather(1, now[:, None])[:, 0])
        before = now
    log_p = torch.stack(log_p, dim=1)
    if eos is not None:
        past = ((ids == eos).cumsum(1) - (ids == eos).long()) > 0
        log_p = log_p.masked_fill(past, 0)
    return log_p, state


class Hypothesis(NamedTuple):
    """A text so far, its joint log p in nats, if it has ended, and its parent's row."""

    ids: tuple[int, ...] = ()
    log_p: float = 0.0
    ended: bool = False
    row: int = 0


@in_eval
@torch.no_grad()
def beam_search(step, state, start, *, width, max_len, eos=None, seen=None):
    """Return the best `width` hypotheses found, the one of highest joint log p first.

    At each step every unfinished text is continued by every token, and the best `width`
    of all, finished ones among them, are kept: exact when width is the number of all
    texts, greedy at width 1. A hypothesis has ids (eos included) and log_p, nats.
    state: of one row. seen: a list, to which each step adds a pair, the candidates and
    those of them that were kept.
    """
    want_sizes(width=width, max_len=max_len)
    beam = [Hypothesis()]
    for _ in range(max_len):
        live = [h for h in beam if not h.ended]
        if not live:
            break
        last = torch.tensor([(start, *h.ids)[-1] for h in live])
        logits, state = step(last, state)
        log_p = logits.double().log_softmax(-1)
        log_p, tokens = log_p.sort(dim=-1, descending=True, stable=True)
        candidates = [h for h in beam if h.ended]
        for row, h in enumerate(live):
            ahead = zip(log_p[row].tolist(), tokens[row].tolist(), strict=True)
            for more, token in itertools.islice(ahead, width):
                ids, total = (*h.ids, token), h.log_p + more
                candidates.append(Hypothesis(ids, total, token == eos, row))
        beam = sorted(candidates, key=lambda h: -h.log_p)[:width]
        state = select_rows(state, [h.row for h in beam if not h.ended])
        if seen is not None:
            seen.append((candidates, beam))
    return beam


def select_rows(state, rows):
    """Return the state that holds the given rows of this one, in this order."""
    if state is None:
        return None
    if isinstance(state, tuple | list):
        return tuple(select_rows(part, rows) for part in state)
    return state.index_select(-2, torch.tensor(rows, dtype=torch.long))


def _want_between(low, high, **values):
    for name, value in values.items():
        number = isinstance(value, Real) and not isinstance(value, bool)
        if not number or not low < value <= high:
            want = f"want a number above {low} and at most {high}"
            raise ValueError(f"{name}: got {value!r:.40}, {want}")


def _want_room(logits, temperature):
    """Refuse what is so small that a logit divided by it is infinite; return None."""
    least = 1e-30
    if temperature < 1 and logits.numel():
        kind = logits.dtype if logits.is_floating_point() else torch.float32
        size = logits.double().abs().masked_fill(~logits.isfinite(), 0).max().item()
        if size / float(temperature) > torch.finfo(kind).max:
            least = max(least, float(f"{1.1 * size / torch.finfo(kind).max:.2g}"))
    if temperature < least:
        raise ValueError(
            f"temperature: got {temperature!r}, want {least} or more; so close to 0 "
            "the most probable token is always drawn, which is what `greedy` writes"
        )
