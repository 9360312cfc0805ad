"""What a bigram of letters is worth to a listener: on words, and on random strings."""

from __future__ import annotations

import numpy as np
from tqdm.auto import tqdm

from helpers.cache import cached
from helpers.data.clips import clips
from helpers.data.morse import ELEMENTS, LETTERS, draw_texts, from_elements, words
from helpers.experiments.streaming import trained_listener
from helpers.nets.listener import error_rate, hear
from helpers.training import one_thread
from helpers.writing.ctc_search import best_path, prefix_beam
from helpers.writing.word_prior import element_prior, letter_bigram

__all__ = ["WEIGHTS", "prior_experiment", "prior_run", "split_words"]

WEIGHTS = (0.3, 0.6, 1.0)
SNR = -5  # dB


def split_words(seed=5, held=400):
    """Return (known, held out), two lists of the words of `words`."""
    drawn = np.random.default_rng(seed).permutation(words()).tolist()
    return drawn[held:], drawn[:held]


def _bigrams():
    flat = {(a, b): 1 / 27 for a in LETTERS.symbols for b in LETTERS.symbols}
    return {"code": flat, "bigram": letter_bigram(split_words()[0])}


@one_thread()
@cached(depends=(trained_listener, prefix_beam, element_prior, letter_bigram, clips))
def prior_run(kind, seed, n=60, width=8, weights=WEIGHTS):
    """Return error rates at -5 dB, a dict: best path, beam, and (prior, weight).

    kind: "words", two held-out ones a recording, or "random", nine characters.
    weights: those that each prior is given.
    """
    rng = np.random.default_rng(50 + seed)
    if kind == "words":
        texts = [" ".join(pair) for pair in rng.choice(split_words()[1], (n, 2))]
    else:
        texts = draw_texts(rng, n, 9, spaces=0.15)
    given = clips(texts, rng, snr=SNR)
    model = trained_listener(seed=seed)
    heard = [hear(model, frames) for frames in given.frames]

    def rate(decode):
        said = [from_elements(ELEMENTS.decode(decode(log_y))) for log_y in heard]
        return round(error_rate(said, texts), 4)

    rates = {"best path": rate(lambda log_y: best_path(log_y)[0])}
    rates["beam"] = rate(lambda log_y: prefix_beam(log_y, width)[0][0])
    for name, bigram in _bigrams().items():
        for weight in weights:
            prior = element_prior(bigram, weight, bonus=weight / 2)
            found = rate(lambda log_y, p=prior: prefix_beam(log_y, width, p)[0][0])
            rates[f"{name} {weight}"] = found
    return rates


def prior_experiment(seeds=3, progress=True):
    """Error rates by decoder, of words and of random strings.

    A row: kind, decoder, and cer, one a seed.
    """
    rows = []
    for kind in tqdm(("words", "random"), disable=not progress):
        runs = [prior_run(kind, seed) for seed in range(seeds)]
        rows += [
            {"kind": kind, "decoder": name, "cer": [run[name] for run in runs]}
            for name in runs[0]
        ]
    return {"settings": {"seeds": seeds, "texts": 60, "snr": SNR}, "rows": rows}
