"""A network speaks and another one listens: errors by seed, beside the recordings."""

from __future__ import annotations

import numpy as np
from tqdm.auto import tqdm

from helpers.cache import cached
from helpers.data.after.keyed import Keyed, keyed
from helpers.data.clips import clips
from helpers.data.morse import ELEMENTS, draw_texts
from helpers.experiments.streaming import trained_listener
from helpers.nets.after.speaking import heard, new_speaker, speak, train_speaker
from helpers.nets.after.wavenet import WaveNet
from helpers.nets.listener import Listener, error_rate, train_listener
from helpers.training import one_thread

__all__ = [
    "new_recordings",
    "quick_listener",
    "said",
    "speech_experiment",
    "speech_run",
    "trained_speaker",
]


@one_thread()
@cached(depends=(WaveNet, train_speaker))
def _speaker_weights(seed, steps):
    model = new_speaker(seed)
    history = train_speaker(model, seed=seed, steps=steps)
    return model.state_dict(), history


def trained_speaker(seed=0, steps=120):
    """Return a WaveNet of sound, trained, and its History."""
    model = new_speaker(seed)
    weights, history = _speaker_weights(seed, steps)
    model.load_state_dict(weights)
    return model.eval(), history


@one_thread()
@cached(depends=(Listener, train_listener, clips))
def _quick_weights(seed):
    import torch

    rng = np.random.default_rng(seed)
    given = clips(draw_texts(rng, 800), rng, snr=(6, 20), wpm=(22, 26))
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model = Listener(len(ELEMENTS), strides=(2, 2))
    train_listener(model, given, ELEMENTS, seed=seed, steps=220)
    return model.state_dict()


def quick_listener(seed=0):
    """Return lesson 10's Listener with strides of 2 and 2, trained in a few seconds.

    On 800 recordings of 22 to 26 words a minute, in little noise.
    """
    model = Listener(len(ELEMENTS), strides=(2, 2))
    model.load_state_dict(_quick_weights(seed))
    return model.eval()


def new_recordings(n, seed=100):
    """Return n Keyed that no network was trained on."""
    rng = np.random.default_rng(seed)
    return [keyed(text, rng) for text in draw_texts(rng, n)]


def said(model, recordings, rng, key=None):
    """Return what a WaveNet says, a list of ids (N,), told the keys of recordings."""
    longest = max(len(r.key) for r in recordings)
    padded = np.zeros((len(recordings), longest), int)
    for row, recording in zip(padded, recordings, strict=True):
        row[: len(recording.key)] = recording.key
    ids = speak(model, padded, rng)
    return [row[: len(r.key)] for row, r in zip(ids, recordings, strict=True)]


@one_thread()
@cached(depends=(WaveNet, Listener, Keyed, heard, speak))
def speech_run(seed, listeners=3, n=60):
    """Return of one WaveNet a dict: recorded, spoken: error rates, one a listener.

    last: its loss, a mean over 20 steps, in nats a sample.
    """
    model, history = trained_speaker(seed)
    recordings = new_recordings(n)
    texts = [r.text for r in recordings]
    spoken = said(model, recordings, np.random.default_rng(seed))
    row = {"recorded": [], "spoken": []}
    for ear in range(listeners):
        listener = trained_listener(seed=ear)
        for name, ids in ("recorded", [r.ids for r in recordings]), ("spoken", spoken):
            rate = error_rate(heard(listener, ids, texts), texts)
            row[name].append(round(rate, 4))
    return {"last": round(float(np.mean(history.loss[-20:])), 3), **row}


def speech_experiment(seeds=3, progress=True):
    """What three listeners of lesson 10 get wrong of what each of three nets says."""
    rows = [
        {"seed": seed, **speech_run(seed)}
        for seed in tqdm(range(seeds), disable=not progress)
    ]
    return {"settings": {"listeners": 3, "strings": 60, "steps": 120}, "rows": rows}
