"""Lesson 07's measurements that take longer than a cell should, over several seeds."""

import numpy as np
import torch
from tqdm.auto import tqdm

from helpers.cache import cached
from helpers.data import names, text
from helpers.experiments.before import ngrams as letter_runs
from helpers.experiments.scale.spread import spread
from helpers.nets import language_models, name_writing
from helpers.nets.language_models import (
    CharLM,
    NameWriter,
    bits_per_character,
    train_lm,
)
from helpers.nets.name_writing import (
    COUNTRIES,
    LETTERS,
    judge,
    train_writer,
    write_names,
)
from helpers.writing import ngrams

__all__ = ["char_lm_experiment", "long_run", "name_experiment", "written"]

ORDERS = (1, 2, 3, 4, 5, 6, 7, 8)
TEMPERATURES = (0.3, 0.6, 1.0, 1.5)


@cached(depends=(language_models, text))
def long_run(seed, *, steps=3000, hidden=256, drop=0.25, points=12):
    """Return {"updates": …, "bits": …}: an LSTM's bits on the test text as it learns.

    Text and cut are those of lesson 07; weights and dropout follow the seed.
    """
    characters = text.Characters(text.prose())
    ids = torch.tensor(characters.encode(text.prose()))
    train, test = ids.tensor_split([int(0.9 * len(ids))])
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model = CharLM(len(characters), hidden, drop=drop)
        history = train_lm(
            model, train, steps=steps, every=steps // points,
            evaluate=lambda model: bits_per_character(model, test),
        )  # fmt: skip
    bits = [round(bits, 4) for bits in history.metric]
    return {"updates": history.metric_steps, "bits": bits}


def char_lm_experiment(
    *,
    seeds=3,
    n_jobs=1,
    progress=True,
    orders=ORDERS,
    steps=3000,
    hidden=256,
    points=12,
):
    """Bits per character on the test text: n-grams by n, and LSTMs while they learn."""
    settings = {"steps": steps, "hidden": hidden, "points": points}
    prose = text.prose()
    cut, characters = int(0.9 * len(prose)), text.Characters(prose)
    rows = []
    for n in orders:
        bits = ngrams.KneserNey(prose[:cut], n, characters).bits(prose[cut:])
        rows.append({"model": "Kneser-Ney", "n": n, "bits": round(float(bits), 4)})
    runs = spread(long_run, [((k,), settings) for k in range(seeds)], n_jobs=n_jobs)
    for seed, run in enumerate(tqdm(runs, total=seeds, disable=not progress)):
        rows.append({"model": "LSTM", "seed": seed, **run})
    settings |= {"drop": 0.25, "B": 32, "T": 64, "lr": 6e-3}
    return {"settings": settings, "rows": rows}


@cached(depends=(language_models, name_writing, names))
def written(seed, *, steps=500, each=50):
    """Return how good the names of a writer are, by temperature: a list of dicts.

    Ordered are as many names of each country and first letter as the real names held
    out have, so that the two are compared on equal terms. The last three rows: the
    names at temperature 0.6 held against countries that were shuffled; at 0.6, `each`
    names of every country with first letters drawn evenly; the real ones held out. The
    split, the weights and the draws follow the seed.
    """
    lesson, exam = names.split(names.load(), np.random.default_rng(seed))
    known = {name for name, _ in lesson}
    classifier = letter_runs(4).fit(*zip(*lesson, strict=True))
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model = NameWriter(len(LETTERS), len(COUNTRIES), 128)
        train_writer(model, lesson, steps=steps, seed=seed)
    generator = torch.Generator().manual_seed(seed)
    real = [name for name, _ in exam]
    kinds = torch.tensor([COUNTRIES.index(country) for _, country in exam])
    first = torch.tensor(LETTERS.encode([name[0] for name in real]))
    rows = []
    for tau in TEMPERATURES:
        found = write_names(model, kinds, first, generator, temperature=tau)
        scores = judge(found, kinds, first, known, classifier)
        rows.append({"names": f"temperature {tau}", **scores})
        if tau == 0.6:
            others = kinds[torch.randperm(len(kinds), generator=generator)]
            scores = judge(found, others, first, known, classifier)
            shuffled = {"names": "temperature 0.6, countries shuffled", **scores}
    even = torch.arange(len(COUNTRIES)).repeat(each)
    letters = torch.tensor(LETTERS.encode("abcdefghijklmnopqrstuvwxyz"))
    letters = letters[torch.randint(26, even.shape, generator=generator)]
    found = write_names(model, even, letters, generator, temperature=0.6)
    scores = judge(found, even, letters, known, classifier)
    rows += [shuffled, {"names": "temperature 0.6, all orders alike", **scores}]
    scores = judge(real, kinds, first, known, classifier)
    return [*rows, {"names": "real, held out", **scores}]


def name_experiment(*, seeds=5, n_jobs=1, progress=True, steps=500, each=50):
    """Names written for a country and a letter: rows of what, shares (lists)."""
    how = {"steps": steps, "each": each}
    runs = spread(written, [((k,), how) for k in range(seeds)], n_jobs=n_jobs)
    runs = list(tqdm(runs, total=seeds, disable=not progress))
    rows = []
    for same in zip(*runs, strict=True):
        shares = {
            key: [round(float(row[key]), 3) for row in same]
            for key in same[0]
            if key != "names"
        }
        rows.append({"names": same[0]["names"], **shares})
    settings = {"hidden": 128, "steps": steps, "each": each, "seeds": seeds}
    return {"settings": settings, "rows": rows}
