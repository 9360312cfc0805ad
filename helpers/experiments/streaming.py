"""When a listener says what it hears: its spikes against the truth, and how far ahead
it has to hear."""

from __future__ import annotations

import numpy as np
import torch
from tqdm.auto import tqdm

from helpers.cache import cached
from helpers.data.clips import collate
from helpers.data.morse import ELEMENTS, as_elements, from_elements
from helpers.data.radio import FRAME
from helpers.experiments.listening import training_clips
from helpers.nets.listener import Listener, error_rate, hear, train_listener
from helpers.training import in_eval, one_thread
from helpers.writing.ctc import collapse
from helpers.writing.ctc_search import viterbi

__all__ = [
    "AHEAD",
    "KINDS",
    "late",
    "stream",
    "streaming_experiment",
    "streaming_run",
    "symbol_starts",
    "trained_listener",
]

STEP = 2 * FRAME  # seconds between two outputs
AHEAD = (0, 2, 4, 8, 16, 1000)  # outputs that are heard ahead
KINDS = ((True, 300), (False, 300), (False, 600))  # both ways?, training steps


@one_thread()
@cached(depends=(Listener, train_listener, training_clips))
def _weights(both, seed, steps):
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model = Listener(len(ELEMENTS), both=both)
    train_listener(model, training_clips(), ELEMENTS, seed=seed, steps=steps)
    return model.state_dict()


def trained_listener(both=True, seed=0, steps=300):
    """Return a Listener of dots and dashes, trained on `training_clips`."""
    model = Listener(len(ELEMENTS), both=both)
    model.load_state_dict(_weights(both, seed, steps))
    return model.eval()


def symbol_starts(path):
    """Return the frames in which a path's symbols begin."""
    path = np.asarray(path)
    before = np.concatenate([[0], path[:-1]])
    return np.flatnonzero((path != 0) & (path != before))


def late(model, given, rows, aligned=False):
    """Return dict symbol → seconds (N,) from its true begin to the net's spike.

    Of best paths that are right; aligned: of the most likely path that is.
    """
    found = {symbol: [] for symbol in ELEMENTS.symbols}
    for i in rows:
        log_y, truth = hear(model, given.frames[i]), as_elements(given.texts[i])
        path = log_y.argmax(1)
        if aligned:
            path, _ = viterbi(log_y, ELEMENTS.encode(truth))
        at = symbol_starts(path)
        if ELEMENTS.decode(path[at]) == truth:
            for symbol, t, begin in zip(truth, at, given.begins[i], strict=True):
                found[symbol].append(t * STEP - begin)
    return {symbol: np.array(times) for symbol, times in found.items()}


@in_eval
@torch.no_grad()
def stream(model, given, rows, ahead, hop=4):
    """Return texts as they are heard in pieces: each says `hop` outputs.

    A piece is computed from all that came before it and `ahead` outputs more. hop: 4
    outputs are 128 ms.
    """
    x, lengths, *_ = collate(given, rows, ELEMENTS)
    n = (lengths - 1) // 2 + 1
    path = torch.zeros(len(x), int(n.max()), dtype=torch.long)
    for t in range(0, path.shape[1], hop):
        heard = x[:, : 2 * (t + hop + ahead)]
        log_y, _ = model(heard, lengths.clamp(max=heard.shape[1]))
        piece = log_y[:, t : t + hop].argmax(-1)
        path[:, t : t + piece.shape[1]] = piece
    paths = [row[:k].tolist() for row, k in zip(path, n, strict=True)]
    return [from_elements(ELEMENTS.decode(collapse(row))) for row in paths]


@one_thread()
@cached(depends=(Listener, train_listener, training_clips))
def streaming_run(both, steps, seed, n=100):
    """Return of one listener, a dict: cer, one for each AHEAD; late, aligned: medians.

    At 12 dB; the medians in milliseconds after a symbol's begin, None without any.
    """
    model, test = trained_listener(both, seed, steps), training_clips(200, 2, 12)
    texts, rows = test.texts[:n], list(range(n))
    cer = [error_rate(stream(model, test, rows, ahead), texts) for ahead in AHEAD]

    def medians(aligned):
        found = late(model, test, rows, aligned)
        return {
            symbol: round(1000 * float(np.median(times))) if len(times) else None
            for symbol, times in found.items()
        }

    return {
        "cer": [round(rate, 4) for rate in cer],
        "late": medians(False),
        "aligned": medians(True),
    }


def streaming_experiment(seeds=3, progress=True):
    """Errors by how far ahead is heard, and how late spikes are, for three listeners.

    A row: both, steps, and cer, late, aligned of `streaming_run`, one a seed.
    """
    rows = []
    for both, steps in tqdm(KINDS, disable=not progress):
        runs = [streaming_run(both, steps, seed) for seed in range(seeds)]
        row = {key: [run[key] for run in runs] for key in runs[0]}
        rows.append({"both": both, "steps": steps, **row})
    return {"settings": {"seeds": seeds, "ahead": AHEAD, "step": STEP}, "rows": rows}
