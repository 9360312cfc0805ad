"""Three bugs of bidirectional reading that train without a word (lesson 06)."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn
from tqdm.auto import tqdm

from helpers.data import date_fields
from helpers.data.batching import minibatches
from helpers.nets.deep import Tagger, final_states
from helpers.nets.small import last_real
from helpers.training import fit, in_eval, one_thread

__all__ = [
    "READINGS",
    "DateReader",
    "bug_experiment",
    "month_scores",
    "train_reader",
]

# How a reader comes to its two last states; all but the first two are bugs.
READINGS = {
    "right": "each direction's own last state, no padding read",
    "forward only": "the forward direction alone, no padding read",
    "one end": "both directions at the last character: outputs[row, length - 1]",
    "pads read": "no lengths given: h_n after all the padding",
    "turned with pads": "the backward direction reads the padding first, as flip(1)",
}


class DateReader(nn.Module):
    """Which month is it? ids (B, T), lengths (B,) → scores (B, 12), by one READING."""

    def __init__(self, vocab, reading, hidden=24):
        super().__init__()
        if reading not in READINGS:
            known = ", ".join(READINGS)
            raise ValueError(f"reading: got {reading!r}, want one of {known}")
        self.reading = reading
        direction = "forward" if reading == "forward only" else "both"
        self.body = Tagger(vocab, 12, hidden, direction=direction)
        self.out = self.body.out

    def forward(self, ids, lengths):
        return self.out(self.last_states(ids, lengths))

    def last_states(self, ids, lengths):
        """What the answer is read from: (B, H), or (B, 2H) with both directions."""
        if self.reading in ("right", "one end", "forward only"):
            states = self.body.states(ids, lengths)
            if self.reading == "right":
                return final_states(states, lengths)
            return last_real(states, lengths)
        states, (h, _) = self.body.rnn(self.body.embed(ids))
        if self.reading == "pads read":
            return torch.cat([h[-2], h[-1]], dim=1)
        return final_states(states, lengths)


def train_reader(reading, seed, data, vocab, *, steps=400, progress=True):
    """Return a DateReader that learnt months; data: the first of `Fields`."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model = DateReader(vocab, reading)
    rng = np.random.default_rng(seed)
    batches = minibatches(rng, 64, data.ids, data.lengths, data.months)

    def loss(model, ids, lengths, months):
        return nn.functional.cross_entropy(model(ids, lengths), months)

    fit(model, batches, loss, steps=steps, lr=5e-3, progress=progress)
    return model.eval()


@in_eval
@torch.no_grad()
def month_scores(model, data):
    """(in a batch, alone): the shares of months right, with padding and without."""
    hit = model(data.ids, data.lengths).argmax(1) == data.months
    alone = 0
    for n in data.lengths.unique():  # dates of one length need no padding
        rows = data.lengths == n
        guess = model(data.ids[rows, :n], data.lengths[rows]).argmax(1)
        alone += (guess == data.months[rows]).sum().item()
    return hit.double().mean().item(), alone / len(hit)


@one_thread()
def bug_experiment(seeds=5, progress=True):
    """Months by each of READINGS: a row has batch and alone, one share a seed."""
    coder, train, test = date_fields.load(np.random.default_rng(0))
    rows = []
    for reading in tqdm(READINGS, disable=not progress):
        nets = [
            train_reader(reading, seed, train, len(coder), progress=False)
            for seed in range(seeds)
        ]
        batch, alone = zip(*(month_scores(net, test) for net in nets), strict=True)
        row = {"reading": reading, "batch": batch, "alone": alone}
        rows.append(
            {
                k: v if k == "reading" else [round(x, 4) for x in v]
                for k, v in row.items()
            }
        )
    return {"settings": {"hidden": 24, "steps": 400, "seeds": seeds}, "rows": rows}
