"""A small LSTM that keeps track of brackets, and a look at what goes on inside."""

import torch
from torch import nn

from helpers.cache import cached
from helpers.data import brackets as data
from helpers.data.brackets import brackets
from helpers.guards import want_shapes, want_sizes
from helpers.nets.numpy_lstm import four, lstm_unroll
from helpers.training import fit, one_thread

__all__ = [
    "BracketTracker",
    "gate_traces",
    "inner_loss",
    "learn_brackets",
    "train_tracker",
]


class BracketTracker(nn.Module):
    """Says after each bracket which one is innermost: x (B, T, 4) → (B, T, 3).

    Answers: 0 none is open, 1 a round one, 2 a square one. `rnn` is an nn.LSTM with H
    units, `out` reads its h.
    """

    def __init__(self, H=8):
        super().__init__()
        self.rnn = nn.LSTM(4, H, batch_first=True)
        self.out = nn.Linear(H, 3)

    def forward(self, x):
        want_shapes(x=(x, "B T 4"))
        return self.out(self.rnn(x)[0])


def inner_loss(tracker, ids, inner):
    """Mean cross-entropy of the answers, for ids and inner (B, T) of `brackets`."""
    x = nn.functional.one_hot(ids, 4).float()
    return nn.functional.cross_entropy(tracker(x).flatten(0, 1), inner.flatten())


@cached(depends=(inner_loss, data))
def learn_brackets(tracker, generator, *, steps=800, progress=True):
    """Train a tracker in place on 2,000 strings of 40 brackets; return its accuracy.

    That is the fraction of right answers on 500 strings it never saw. Finished runs are
    kept on disk.
    """
    want_sizes(steps=steps)
    ids, _, inner = brackets(2000, 40, generator)
    rows = torch.randint(2000, (steps, 64), generator=generator)
    batches = [(ids[row], inner[row]) for row in rows]
    with one_thread():
        fit(tracker, batches, inner_loss, steps=steps, lr=1e-2, progress=progress)
    ids, _, inner = brackets(500, 40, generator)
    with torch.no_grad():
        said = tracker(nn.functional.one_hot(ids, 4).float()).argmax(2)
    return (said == inner).double().mean().item()


def train_tracker(seed, *, H=8, steps=800, progress=True):
    """A BracketTracker, trained by `learn_brackets`: (tracker, accuracy)."""
    want_sizes(H=H)
    generator = torch.Generator().manual_seed(seed)
    tracker = BracketTracker(H)
    for p in tracker.parameters():
        nn.init.uniform_(p, -(H**-0.5), H**-0.5, generator=generator)
    return tracker, learn_brackets(tracker, generator, steps=steps, progress=progress)


def gate_traces(lstm, x):
    """i f g o c h of an nn.LSTM over one sequence x (T, D): a dict of arrays (T, H).

    The weights are taken over into the LSTM of lesson 05, which keeps its gates; one
    layer, one direction. float64.
    """
    if lstm.num_layers != 1 or lstm.bidirectional:
        raise ValueError("lstm: one layer and one direction wanted")
    want_shapes(x=(x, f"T {lstm.input_size}"))
    params = [p.detach().double().numpy() for p in lstm.parameters()]
    W_ih, W_hh, *biases = params
    a = torch.as_tensor(x).detach().double().numpy() @ W_ih.T + sum(biases)
    h, c, gates = (part[0] for part in lstm_unroll(a[None], W_hh.T))
    return dict(zip("ifgo", four(gates), strict=True)) | {"c": c[1:], "h": h[1:]}
