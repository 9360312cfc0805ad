"""A WaveNet that speaks: trained on keyed sounds, and run sample by sample in NumPy."""

from __future__ import annotations

import numpy as np
import torch

from helpers.data.after.keyed import LEVELS, PITCHES, RATE, from_mu_law, keyed
from helpers.data.clips import Clips
from helpers.data.morse import ELEMENTS, draw_texts
from helpers.data.radio import RATE as HEARD_AT
from helpers.data.radio import waterfall
from helpers.guards import want_ids, want_shapes
from helpers.nets.after.wavenet import WaveNet
from helpers.nets.listener import transcribe
from helpers.training import fit

__all__ = ["Speaker", "heard", "new_speaker", "speak", "speaker_loss", "train_speaker"]

DILATIONS = (1, 2, 4, 8, 16, 32, 64, 128)


def new_speaker(seed, C=16):
    """Return an untrained WaveNet of sound, told what the key does."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return WaveNet(LEVELS, C, DILATIONS, kinds=1 + len(PITCHES))


def speaker_loss(model, ids, key):
    """Return the mean of -log p of each next sample, in nats; ids, key: (B, T + 1)."""
    logits, _ = model(ids[:, :-1], kind=key[:, 1:])
    return torch.nn.functional.cross_entropy(logits.transpose(1, 2), ids[:, 1:])


def pieces(rng, recordings, B, T):
    """Yield for ever ids and key, (B, T + 1) each, cut from recordings at random."""
    while True:
        drawn = []
        for i in rng.integers(len(recordings), size=B):
            ids, key, _ = recordings[i]
            begin = rng.integers(len(ids) - T)
            drawn.append((ids[begin : begin + T + 1], key[begin : begin + T + 1]))
        yield tuple(torch.tensor(np.array(part)) for part in zip(*drawn, strict=True))


def train_speaker(model, *, seed=0, steps=120, B=4, T=2000, lr=5e-3, texts=100):
    """Train on that many random texts, recorded from the seed; return the History.

    The rate falls in the second half.
    """
    rng = np.random.default_rng(seed)
    recordings = [keyed(text, rng) for text in draw_texts(rng, texts)]
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    falling = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda done: min(1, 2 * (1 - done / steps) + 0.02)
    )

    def batches():
        for batch in pieces(rng, recordings, B, T):
            yield batch
            falling.step()

    options = {"steps": steps, "optimizer": optimizer, "progress": False}
    return fit(model, batches(), speaker_loss, **options)


class Speaker:
    """A WaveNet's weights in NumPy, and for each convolution (k = 2) a queue.

    `step(ids, key)` takes the last samples (B,) and what the key does now (B,), and
    returns logits (B, V). A queue as long as the dilation holds what comes next.
    """

    def __init__(self, model, B):
        if model.k != 2:
            raise ValueError(f"model: kernels of 2 wanted, got {model.k}")
        w = {k: v.detach().numpy() for k, v in model.state_dict().items()}
        self.C = model.embed.embedding_dim
        self.embed, self.layers = w["embed.weight"], []
        told = np.split(w["told.weight"], len(model.blocks), axis=1)
        for i, (d, words) in enumerate(zip(model.dilations, told, strict=True)):
            kernel = w[f"blocks.{i}.conv.conv.weight"]  # (2C, C, 2)
            out = w[f"blocks.{i}.out.weight"][:, :, 0].T, w[f"blocks.{i}.out.bias"]
            W = np.concatenate([kernel[:, :, 0].T, kernel[:, :, 1].T])  # (2C, 2C)
            queue = np.zeros((d, B, self.C), np.float32)
            bias = words + w[f"blocks.{i}.conv.conv.bias"]
            self.layers.append((queue, W, bias, *out))
        self.last = [
            (w[f"out.{i}.weight"][:, :, 0].T, w[f"out.{i}.bias"]) for i in (1, 3)
        ]
        self.t = 0

    def step(self, ids, key):
        """Return logits (B, V) of the next samples."""
        x, total, C = self.embed[ids], 0, self.C
        for queue, W, bias, W_out, b_out in self.layers:
            place = self.t % len(queue)
            before = queue[place].copy()
            queue[place] = x
            a = np.concatenate([before, x], axis=1) @ W + bias[key]
            z = np.tanh(a[:, :C]) / (1 + np.exp(-a[:, C:]))
            out = z @ W_out + b_out
            x, total = x + out[:, :C], total + out[:, C:]
        self.t += 1
        for W, b in self.last:
            total = np.maximum(total, 0) @ W + b
        return total


def speak(model, key, rng):
    """Return ids (B, T), sample by sample, each drawn from the model's distribution.

    key: (B, T), what is to be heard. The first sample follows a silence.
    """
    want_shapes(key=(key, "B T"))
    want_ids(1 + len(PITCHES), key=key)
    B, T = np.shape(key)
    speaker, ids = Speaker(model, B), np.full((B, T + 1), LEVELS // 2)
    for t in range(T):
        logits = speaker.step(ids[:, t], key[:, t])
        p = np.exp(logits - logits.max(1, keepdims=True)).cumsum(1)
        ids[:, t + 1] = (p < rng.random((B, 1)) * p[:, -1:]).sum(1)
    return ids[:, 1:]


def heard(listener, spoken, texts):
    """Return what a Listener of dots and dashes hears in each of ids (N,), as texts."""
    sounds = [np.repeat(from_mu_law(ids), HEARD_AT // RATE) for ids in spoken]
    clips = Clips([waterfall(sound) for sound in sounds], texts, None, None)
    return transcribe(listener, clips, ELEMENTS)
