"""A dilated convolution and an LSTM write the same text: by updates, and by time."""

from __future__ import annotations

import time

import torch
from tqdm.auto import tqdm

from helpers.cache import cached
from helpers.data import text
from helpers.nets import language_models
from helpers.nets.after.wavenet import WaveNet
from helpers.nets.language_models import CharLM, bits_per_character, train_lm
from helpers.training import one_thread

__all__ = ["KINDS", "convolution_experiment", "text_model", "text_run"]

KINDS = {  # name -> makes a model of V characters
    "LSTM": lambda V: CharLM(V, 128),
    "WaveNet": lambda V: WaveNet(V, 64, (1, 2, 4, 8, 16)),
    "WaveNet, no dilation": lambda V: WaveNet(V, 64, (1, 1, 1, 1, 1)),
}
UPDATES = {
    "LSTM": (200, 400, 800, 1600),
    "WaveNet": (200, 400, 800),
    "WaveNet, no dilation": (400,),
}
RATES = {"LSTM": 1.2e-2, "WaveNet": 1e-2, "WaveNet, no dilation": 1e-2}


def text_model(kind, V, seed):
    """Return an untrained model, one of KINDS, drawn from the seed."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return KINDS[kind](V)


@one_thread()
@cached(depends=(WaveNet, language_models, text))
def text_run(kind, steps, seed, B=8, T=100):
    """Return dict: bits, on the test text after `steps`; seconds of one CPU thread."""
    characters = text.Characters(text.prose())
    ids = torch.tensor(characters.encode(text.prose()))
    train, test = ids.tensor_split([int(0.9 * len(ids))])
    model = text_model(kind, len(characters), seed)
    began = time.process_time()
    train_lm(model, train, steps=steps, B=B, T=T, lr=RATES[kind])
    seconds = time.process_time() - began
    bits = bits_per_character(model, test, 64)
    return {"bits": round(bits, 3), "seconds": round(seconds, 1)}


def convolution_experiment(seeds=3, progress=True):
    """Bits per character of each kind after so many UPDATES, three seeds.

    The learning rate falls to a fiftieth in every run, so each length is a run of its
    own. seconds: of one thread of the machine that made the table.
    """
    rows = []
    for kind in tqdm(KINDS, disable=not progress):
        for steps in UPDATES[kind]:
            runs = [text_run(kind, steps, seed) for seed in range(seeds)]
            row = {key: [run[key] for run in runs] for key in runs[0]}
            rows.append({"kind": kind, "steps": steps, **row})
    settings = {"seeds": seeds, "B": 8, "T": 100, "rates": RATES}
    return {"settings": settings, "rows": rows}
