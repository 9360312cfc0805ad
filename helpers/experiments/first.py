"""More seeds of what lesson 01 trains once: pixels, and numbers in words."""

from __future__ import annotations

import numpy as np
import torch
from torch.nn.functional import cross_entropy

from helpers.data import digits, numbers
from helpers.data.batching import Coder, minibatches, pad_batch
from helpers.nets.small import Reader, Translator, shift_right, token_loss
from helpers.training import fit, one_thread

__all__ = ["first_experiment", "number_shares", "pixel_share"]


def pixel_share(seed, steps=200, hidden=32):
    """Return the share of test digits right, read pixel by pixel by a Reader."""
    (images, labels), (test, wanted) = digits.load(np.random.default_rng(0))
    torch.manual_seed(seed)
    model = Reader(1, hidden, 10)
    batches = minibatches(
        np.random.default_rng(seed), 64, digits.pixels(images), labels
    )
    fit(model, batches, _last_loss, steps=steps, lr=1e-2, progress=False)
    with torch.no_grad():
        said = model(torch.tensor(digits.pixels(test)))[:, -1].argmax(-1).numpy()
    return float((said == wanted).mean())


def _last_loss(model, x, y):
    return cross_entropy(model(x)[:, -1], y)


def number_shares(seed, steps=600, hidden=64):
    """Return (share of test numbers written right, {digits: share} for 2, 3 and 4)."""
    train, test = numbers.sample(np.random.default_rng(0), 2000, below=10_000)
    figures = Coder("0123456789")
    vocabulary = Coder(word for n in train for word in numbers.words(int(n)))

    def arrays(some):
        source = pad_batch([figures.encode(str(n)) for n in some])
        target = [vocabulary.encode(numbers.words(int(n)), end=True) for n in some]
        return tuple(map(torch.tensor, (*source, *pad_batch(target))))

    given = arrays(train)
    torch.manual_seed(seed)
    model = Translator(len(figures), len(vocabulary), hidden)
    batches = minibatches(np.random.default_rng(seed), 64, *given)
    fit(model, batches, _words_loss, steps=steps, lr=5e-3, progress=False)
    source, lengths, *_ = arrays(test)
    ids = model.writer.write(model.read(source, lengths), Coder.BOS, given[2].shape[1])
    right = np.array(
        [
            vocabulary.decode(row) == numbers.words(int(n))
            for row, n in zip(ids, test, strict=True)
        ]
    )
    long = np.array([len(str(n)) for n in test])
    return float(right.mean()), {k: float(right[long == k].mean()) for k in (2, 3, 4)}


def _words_loss(model, source, n, target, m):
    return token_loss(model(source, n, shift_right(target, Coder.BOS)), target, m)


@one_thread()
def first_experiment(seeds=5):
    """Return the scores of lesson 01's two slow nets for several seeds."""
    rows = []
    for seed in range(seeds):
        share = round(pixel_share(seed), 3)
        rows.append({"task": "pixels", "seed": seed, "share": share})
        share, by_length = number_shares(seed)
        rows.append(
            {
                "task": "numbers",
                "seed": seed,
                "share": round(share, 3),
                "by_length": {str(k): round(s, 2) for k, s in by_length.items()},
            }
        )
    settings = {"pixels": [200, 32], "numbers": [600, 64], "seeds": seeds}
    return {"settings": settings, "rows": rows}
