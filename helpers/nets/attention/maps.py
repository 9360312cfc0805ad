"""Where a decoder looked: maps of weights, and how often they hit the right word."""

from __future__ import annotations

from functools import partial

import torch

from helpers.data import numbers
from helpers.data.batching import Coder, pad_batch
from helpers.guards import want_shapes, want_sizes
from helpers.nets.small import shift_right
from helpers.training import in_eval

__all__ = ["crossed", "forced_map", "free_map", "gold_places", "hit_rate", "of_one"]


@in_eval
@torch.no_grad()
def forced_map(model, source, lengths, targets):
    """Return weights (B, S, T): where the model looks, fed the true targets (B, S)."""
    want_shapes(source=(source, "B T"), targets=(targets, "B S"))
    state, rows = model.encode(source, lengths), []
    for ids in shift_right(targets, Coder.BOS).unbind(1):
        _, state = model.step(ids, state)
        rows.append(state.weights)
    return torch.stack(rows, dim=1)


@in_eval
@torch.no_grad()
def free_map(model, source, lengths, max_len, bend=None):
    """Return ids (B, S) and weights (B, S, T): what the model writes, and its looks.

    Each step is fed what the one before it wrote. As in `write`, a row that has ended
    goes on with end marks until all have. bend: as for `Look`, at each step.
    """
    want_sizes(max_len=max_len)
    step = model.step if bend is None else partial(model.step, bend=bend)
    state, ids, rows = model.encode(source, lengths), [], []
    now = torch.full((len(source),), Coder.BOS)
    ended = torch.zeros(len(source), dtype=torch.bool)
    while len(ids) < max_len and not ended.all():
        logits, state = step(now, state)
        now = logits.argmax(1).masked_fill(ended, Coder.EOS)
        ended = now == Coder.EOS
        ids.append(now)
        rows.append(state.weights)
    return torch.stack(ids, dim=1), torch.stack(rows, dim=1)


def of_one(model, source):
    """Return step and state to write from one sentence, a list of ids, with any search.

    The state holds what is a row's own, (…, B, H), and `step` all that the rows share:
    the memory of the sentence.
    """
    _want_some(source)
    first = model.encode(torch.tensor([source]), torch.tensor([len(source)]))
    *own, memory = first

    def step(ids, own):
        logits, (*own, _) = model.step(ids, type(first)(*own, memory))
        return logits, tuple(own)

    return step, tuple(own)


def gold_places(values):
    """Return places (B, S) of the English words that the German parts of numbers say.

    values: B whole numbers. -1 stands where nothing is said: at "und", at the end mark
    and in padding.
    """
    rows = [
        [-1 if place is None else place for place in numbers.aligned(value)] + [-1]
        for value in values
    ]
    return torch.from_numpy(pad_batch(rows, pad=-1)[0])


def crossed(places):
    """Return bools (B, S): is a token out of order, as tens and units are in German?

    places: as `gold_places` gives them. True where a token's place lies behind that of
    a later one, or before that of an earlier one.
    """
    want_shapes(places=(places, "B S"))
    one, other = places[:, :, None], places[:, None, :]
    later = torch.ones(places.shape[1:] * 2, dtype=torch.bool).triu(1)
    swapped = (one > other) & (other >= 0) & later
    return swapped.any(2) | swapped.any(1)


def hit_rate(weights, places, *, shift=0, only=None):
    """Return the share of places (B, S) from 0 on that have the most weight (B, S, T).

    shift: 1 compares each row of weights with the place of the *next* token. only:
    bools (B, S), to count some of the tokens. nan if there is none to count.
    """
    want_shapes(weights=(weights, "B S T"), places=(places, "B S"))
    want_shapes(only=(only, f"{places.shape[0]} {places.shape[1]}"))
    S = places.shape[1]
    rows = torch.arange(S) - shift
    counted = (places >= 0) & (rows >= 0) & (rows < S)
    counted = counted if only is None else counted & only
    looked = weights.argmax(2)[:, rows.clamp(0, S - 1)]
    return (looked == places)[counted].double().mean().item()


def _want_some(source):
    if len(source) == 0:
        raise ValueError("source: got no ids, want at least one")
