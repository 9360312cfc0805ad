"""Models that say what comes next: characters, and the letters of a country's names.

Each is an LSTM over ids that returns its logits and its state, so that a long text can
be read in pieces; `step` is what the decoders of helpers.writing.decoding ask for.
"""

from __future__ import annotations

import math

import torch
from torch import nn

from helpers.data.text import streams
from helpers.guards import want_ids, want_shapes, want_sizes, want_steps
from helpers.training import fit, in_eval

__all__ = ["CharLM", "NameWriter", "bits_per_character", "train_lm"]


class CharLM(nn.Module):
    """Logits of the next token at every step: ids (B, T), state → (B, T, V), state.

    drop: the share of embeddings and states that training leaves out.
    """

    def __init__(self, V, H, E=64, drop=0.0):
        want_sizes(V=V, H=H, E=E)
        super().__init__()
        self.embed = nn.Embedding(V, E)
        self.rnn = nn.LSTM(E, H, batch_first=True)
        self.out = nn.Linear(H, V)
        self.drop = nn.Dropout(drop)

    def forward(self, ids, state=None):
        want_shapes(ids=(ids, "B T"))
        want_steps(ids=ids)
        want_ids(self.embed.num_embeddings, ids=ids)
        h, state = self.rnn(self.drop(self.embed(ids)), state)
        return self.out(self.drop(h)), state

    def step(self, ids, state=None):
        """Return the logits (B, V) after one more token each, ids (B,), and a state."""
        logits, state = self(ids[:, None], state)
        return logits[:, 0], state


class NameWriter(nn.Module):
    """A CharLM that is told at every step which kind, 0 … kinds - 1, it writes."""

    def __init__(self, V, kinds, H, E=32):
        want_sizes(V=V, kinds=kinds, H=H, E=E)
        super().__init__()
        self.embed = nn.Embedding(V, E)
        self.kind = nn.Embedding(kinds, E)
        self.rnn = nn.LSTM(2 * E, H, batch_first=True)
        self.out = nn.Linear(H, V)

    def forward(self, ids, kind, state=None):
        want_shapes(ids=(ids, "B T"), kind=(kind, "B"))
        want_steps(ids=ids)
        want_ids(self.embed.num_embeddings, ids=ids)
        want_ids(self.kind.num_embeddings, kind=kind)
        x = self.embed(ids)  # (B, T, E)
        x = torch.cat([x, self.kind(kind)[:, None].expand_as(x)], dim=2)
        h, state = self.rnn(x, state)
        return self.out(h), state

    def step_for(self, kind):
        """Return the step of rows that are all of one kind, or of kinds (B,)."""
        kind = torch.as_tensor(kind)

        def step(ids, state=None):
            logits, state = self(ids[:, None], kind.expand(len(ids)), state)
            return logits[:, 0], state

        return step


@in_eval
@torch.no_grad()
def bits_per_character(model, ids, B=16):
    """Return the mean of -log2 p of a text, ids (N,), read as B long streams."""
    _want_text(ids, B)
    X, Y = next(streams(ids, B, (len(ids) - 1) // B))
    logits, _ = model(X)
    return nn.functional.cross_entropy(logits.transpose(1, 2), Y).item() / math.log(2)


def _want_text(ids, B):
    want_sizes(B=B)
    if len(ids) <= B:
        raise ValueError(f"ids holds {len(ids)}; B + 1 = {B + 1} are wanted")


def train_lm(model, ids, *, steps, B=32, T=64, lr=6e-3, evaluate=None, every=100):
    """Train on a text, ids (N,), chunk by chunk, and return fit's History.

    B streams are read T characters at a time; the state goes on from chunk to chunk,
    its gradient does not. The rate falls in a line from lr to a fiftieth of it.
    """
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    slower = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.02, steps)
    state = None

    def chunks():
        nonlocal state
        while True:
            state = None  # the text begins anew
            for X, Y in streams(ids, B, T):
                yield X, Y
                slower.step()

    def loss(model, X, Y):
        nonlocal state
        logits, state = model(X, state)
        state = tuple(s.detach() for s in state)
        return nn.functional.cross_entropy(logits.transpose(1, 2), Y)

    options = {"optimizer": optimizer, "evaluate": evaluate, "every": every}
    return fit(model, chunks(), loss, steps=steps, **options)
