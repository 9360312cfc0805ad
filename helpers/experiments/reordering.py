"""What CTC can say in another order: its paths run forward, its net may read back.

Beside it a decoder with attention, which looks wherever it wants.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import nn
from tqdm.auto import tqdm

from helpers.cache import cached
from helpers.data.batching import Coder
from helpers.nets.attention.decoder import AttentionSeq2Seq
from helpers.training import fit, in_eval, one_thread
from helpers.writing.ctc import collapse

__all__ = ["ORDERS", "draw_orders", "reordering_experiment", "reordering_run"]

ORDERS = ("copied", "neighbours swapped", "reversed")
KINDS = ("CTC, one way", "CTC, both ways", "attention")
SYMBOLS, U, REPEAT = 10, 8, 3


def draw_orders(rng, n, order):
    """Return frames (n, 24) and targets (n, 8): each symbol is held for 3 frames.

    order: one of ORDERS. Ids run from 3 to 12, none beside its equal.
    """
    if order not in ORDERS:
        raise ValueError(f"order: got {order!r}, want one of {', '.join(ORDERS)}")
    steps = rng.integers(1, SYMBOLS, (n, U))
    ids = 3 + np.cumsum(steps, axis=1) % SYMBOLS
    said = {
        "copied": ids,
        "neighbours swapped": ids.reshape(n, U // 2, 2)[:, :, ::-1].reshape(n, U),
        "reversed": ids[:, ::-1],
    }[order]
    frames = np.repeat(ids, REPEAT, axis=1)
    return torch.tensor(frames), torch.tensor(said.copy())


class _Frames(nn.Module):
    """An LSTM over frames of ids, and log probabilities of symbols in each."""

    def __init__(self, both):
        super().__init__()
        V = SYMBOLS + 3
        self.embed = nn.Embedding(V, 32)
        self.rnn = nn.LSTM(32, 128 // (1 + both), batch_first=True, bidirectional=both)
        self.out = nn.Linear(128, V)

    def forward(self, frames):
        return self.out(self.rnn(self.embed(frames))[0]).log_softmax(-1)


def _ctc_loss(model, frames, said):
    B, T = frames.shape
    log_y = model(frames).transpose(0, 1)
    sizes = torch.full((B,), T), torch.full((B,), said.shape[1])
    return nn.functional.ctc_loss(log_y, said, *sizes)


class _Looker(nn.Module):
    """A decoder with attention: logits of 8 symbols and the end, fed the true ones."""

    def __init__(self):
        super().__init__()
        self.net = AttentionSeq2Seq(SYMBOLS + 3, SYMBOLS + 3, H=128)

    def forward(self, frames, said, teacher=1.0):
        B, T = frames.shape
        end = torch.full((B, 1), Coder.EOS)
        targets = torch.cat([said, end], dim=1)
        lengths = torch.full((B,), T)
        return self.net(frames, lengths, targets, teacher), targets


def _next_loss(model, frames, said):
    logits, targets = model(frames, said)
    return nn.functional.cross_entropy(logits.transpose(1, 2), targets)


@in_eval
@torch.no_grad()
def _exact(model, frames, said):
    """Return the share of sequences that a net says without an error."""
    if isinstance(model, _Looker):
        logits, targets = model(frames, said, teacher=0.0)  # fed its own symbols
        right = (logits.argmax(-1) == targets).all(dim=1).tolist()
    else:
        best = model(frames).argmax(-1).tolist()
        right = [collapse(p) == s for p, s in zip(best, said.tolist(), strict=True)]
    return round(float(np.mean(right)), 3)


@one_thread()
@cached(depends=(_Frames, _Looker, _ctc_loss, _next_loss, draw_orders, _exact))
def reordering_run(kind, order, seed, steps=800):
    """Return the share of 500 new sequences that a net says without an error.

    kind: one of "CTC, one way", "CTC, both ways" and "attention".
    """
    if kind not in KINDS:
        raise ValueError(f"kind: got {kind!r}, want one of {', '.join(KINDS)}")
    looks = kind == KINDS[2]
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model = _Looker() if looks else _Frames(kind == KINDS[1])
    rng = np.random.default_rng(seed)

    def batches():
        while True:
            yield draw_orders(rng, 64, order)

    loss = _next_loss if looks else _ctc_loss
    fit(model, batches(), loss, steps=steps, lr=3e-3, progress=False)
    return _exact(model, *draw_orders(np.random.default_rng(99), 500, order))


def reordering_experiment(seeds=3, progress=True):
    """Copy, swap neighbours, reverse: which net can, over seeds.

    A row: kind, order, and exact, one share a seed.
    """
    rows = [{"kind": kind, "order": order} for kind in KINDS for order in ORDERS]
    for row in tqdm(rows, disable=not progress):
        row["exact"] = [
            reordering_run(row["kind"], row["order"], seed) for seed in range(seeds)
        ]
    return {"settings": {"seeds": seeds, "steps": 800}, "rows": rows}
