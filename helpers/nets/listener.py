"""A network that listens: frames of sound to log probabilities of symbols."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

from helpers.data import clips as clips_data
from helpers.data.clips import collate
from helpers.data.morse import LETTERS, from_elements
from helpers.guards import want_lengths, want_shapes, want_sizes
from helpers.training import fit, in_eval
from helpers.writing.ctc import collapse
from helpers.writing.edits import edits

__all__ = ["Listener", "ctc_mean", "error_rate", "hear", "train_listener", "transcribe"]


class Listener(nn.Module):
    """Two convolutions, an LSTM, log probabilities: x (B, T, D) → log y (B, T', K).

    strides: how many frames each convolution moves on, so that T' is about T over their
    product. both: whether the LSTM reads in both directions.
    """

    def __init__(self, K, *, D=13, C=32, H=64, strides=(2, 1), both=True):
        want_sizes(K=K, D=D, C=C, H=H)
        super().__init__()
        self.strides, layers = strides, []
        for stride, wide in zip(strides, [D] + [C] * len(strides), strict=False):
            layers += [nn.Conv1d(wide, C, 5, stride, padding=2), nn.BatchNorm1d(C)]
            layers += [nn.ReLU()]
        self.conv = nn.Sequential(*layers)
        self.rnn = nn.LSTM(C, H, batch_first=True, bidirectional=both)
        self.out = nn.Linear(H * (1 + both), K)

    def forward(self, x, lengths):
        want_shapes(x=(x, f"B T {self.conv[0].in_channels}"), lengths=(lengths, "B"))
        want_lengths(lengths, x)
        x = self.conv(x.transpose(1, 2)).transpose(1, 2)  # (B, T', C)
        for stride in self.strides:
            lengths = (lengths - 1) // stride + 1
        h, _ = self.rnn(x)
        return self.out(h).log_softmax(-1), lengths


def ctc_mean(model, x, lengths, targets, sizes):
    """Return CTC's loss in nats, the mean over the recordings of a batch."""
    log_y, lengths = model(x, lengths)
    loss = nn.functional.ctc_loss(
        log_y.transpose(0, 1), targets, lengths, sizes, reduction="none"
    )
    return loss.mean()


def train_listener(model, given, alphabet, *, seed=0, steps=300, easy=0, **options):
    """Train a Listener on Clips, in place; return the History.

    The rate falls from 6e-3 in the second half. easy: so many batches at first are
    short. options: lr, loss_fn, and what else `fit` takes.
    """
    rate = options.pop("lr", 6e-3)
    optimizer = torch.optim.Adam(model.parameters(), lr=rate)
    falling = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda done: min(1, 2 * (1 - done / steps) + 0.02)
    )

    def batches():
        rng = np.random.default_rng(seed)
        for batch in clips_data.batches(given, alphabet, rng, easy=easy):
            yield batch
            falling.step()

    loss_fn = options.pop("loss_fn", ctc_mean)
    options = {"optimizer": optimizer, "progress": False} | options
    return fit(model, batches(), loss_fn, steps=steps, **options)


@in_eval
@torch.no_grad()
def hear(model, frames):
    """Return log y (T', K), an array, of one recording's frames (T, D)."""
    want_shapes(frames=(frames, "T D"))
    if len(frames) == 0:
        raise ValueError("frames: got none, want at least one")
    x = torch.as_tensor(frames, dtype=torch.float32)[None]
    return model(x, torch.tensor([len(frames)]))[0][0].double().numpy()


@in_eval
@torch.no_grad()
def transcribe(model, given, alphabet, size=50):
    """Return the texts that a Listener hears in Clips, by best path."""
    order = np.argsort([len(part) for part in given.frames], kind="stable")
    texts = [""] * len(order)
    for rows in np.array_split(order, -(-len(order) // size)):
        x, lengths, *_ = collate(given, rows, alphabet)
        log_y, lengths = model(x, lengths)
        best = log_y.argmax(-1).numpy()
        for i, path, n in zip(rows, best, lengths, strict=True):
            text = alphabet.decode(collapse(path[:n]))
            texts[i] = text if alphabet is LETTERS else from_elements(text)
    return texts


def error_rate(heard, texts):
    """Return the character error rate: edits over characters, of all texts together."""
    if len(heard) != len(texts):
        raise ValueError(f"heard: got {len(heard)} texts, want {len(texts)}")
    if not (characters := sum(map(len, texts))):
        raise ValueError("texts: got no characters, want at least one")
    return sum(sum(edits(a, b)) for a, b in zip(heard, texts, strict=True)) / characters
