"""GNMT in miniature, piece by piece, on numbers longer than any it was taught."""

from __future__ import annotations

import functools

import numpy as np
import torch
from tqdm.auto import tqdm

from helpers.cache import cached
from helpers.data import numbers, parallel
from helpers.data.batching import Coder
from helpers.experiments.scale.spread import spread
from helpers.nets.attention import gnmt
from helpers.nets.attention.gnmt import GNMT
from helpers.nets.attention.maps import forced_map, gold_places, hit_rate, of_one
from helpers.nets.seq2seq import exact, train_seq2seq, write
from helpers.training import one_thread
from helpers.writing import ranked
from helpers.writing.edits import edits
from helpers.writing.faults import left_out, never_attended, said_too_often
from helpers.writing.ranked import best_of, ranked_beam

__all__ = ["PIECES", "group_task", "miniature_experiment", "train_gnmt"]

# One line of the table each: what differs from depth 3 with all pieces.
PIECES = {
    "depth 1": {"depth": 1},
    "depth 2": {"depth": 2},
    "depth 3": {},
    "depth 3, no residual": {"residual_from": None},
    "depth 3, reads one way": {"both_ways": False},
    "depth 3, context to the bottom only": {"context_to": "bottom"},
}
WIDTHS = (1, 2, 4, 8, 16, 64)
PENALTIES = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)  # of α and of β, as in GNMT's table 2
BEAMS = "depth 1"  # the line whose long numbers beams are tried on
LONGEST = 26  # tokens that are written at most; 19 would do
SEARCHED = 60  # long numbers that beams are tried on


@functools.lru_cache(maxsize=1)
def group_task():
    """Return (task, near, far): the numbers that `task.test` and `far` are made of.

    Taught are numbers with one or two groups of three digits; near: 300 such, held out;
    far: 300 with three. Every word of theirs is taught, at every place.
    """
    rng = np.random.default_rng(0)
    drawn = [numbers.by_groups(rng, n, k) for k, n in ((1, 2000), (2, 8000))]
    known = np.concatenate([part[150:] for part in drawn]).tolist()
    near = np.concatenate([part[:150] for part in drawn]).tolist()
    far = numbers.by_groups(rng, 300, 3).tolist()
    task = parallel.task_of(numbers.pairs(known), numbers.pairs(near))
    return task, near, far


def train_gnmt(pieces, seed, *, steps=500, lr=5e-3, B=64):
    """Train one GNMT with some of PIECES' switches on `group_task`; return it."""
    task, _, _ = group_task()
    torch.manual_seed(seed)
    model = GNMT(len(task.source_coder), len(task.target_coder), **pieces)
    with one_thread():
        train_seq2seq(
            model, task.train, steps=steps, seed=seed, lr=lr, B=B, progress=False
        )
    return model


def measured(model, values):
    """Return exact match, hit rate and faults of what is written for some numbers."""
    task, _, _ = group_task()
    coders = task.source_coder, task.target_coder
    source, n, targets, m = parallel.as_tensors(numbers.pairs(values), *coders)
    ids = write(model, source, n, LONGEST)
    hits = hit_rate(forced_map(model, source, n, targets), gold_places(values))
    pairs = [
        (_text(row), _text(want))
        for row, want in zip(ids.tolist(), targets.tolist(), strict=True)
    ]
    found = {"exact": exact(ids, targets, m).double().mean().item(), "hit": hits}
    return {k: round(v, 4) for k, v in (found | faults(pairs)).items()}


def faults(pairs):
    """Return what is wrong with pairs (said, wanted), a dict.

    errors: edits a token that was wanted; length_ratio; left_out, too_often: tokens a
    sentence.
    """
    tokens = sum(len(wanted) for _, wanted in pairs)
    return {
        "errors": sum(sum(edits(*pair)) for pair in pairs) / tokens,
        "length_ratio": sum(len(said) for said, _ in pairs) / tokens,
        "left_out": float(np.mean([left_out(*pair) for pair in pairs])),
        "too_often": float(np.mean([said_too_often(*pair) for pair in pairs])),
    }


def _text(ids):
    """The tokens of a row of ids before its end mark."""
    ids = list(ids)
    return ids[: ids.index(Coder.EOS)] if Coder.EOS in ids else ids


def beams(model, values, width, **asked):
    """Return for each number what `ranked_beam` finds, a list with the best first."""
    task, _, _ = group_task()
    found = []
    for value in values:
        step, state = of_one(model, task.source_coder.encode(numbers.words(value)))
        found.append(
            ranked_beam(
                step, state, Coder.BOS, width=width, max_len=LONGEST, eos=Coder.EOS,
                looks=lambda state: state[-1], **asked,
            )
        )  # fmt: skip
    return found


def searched(best, values):
    """Return what one hypothesis for each number is worth."""
    task, _, _ = group_task()
    wanted = [task.target_coder.encode(numbers.morphemes(n)) for n in values]
    pairs = [(_text(h.ids), want) for h, want in zip(best, wanted, strict=True)]
    found = {
        "exact": float(np.mean([said == want for said, want in pairs])),
        "log_p": float(np.mean([h.log_p for h in best])),
        "unseen": float(np.mean([never_attended(h.seen) for h in best])),
    }
    return {k: round(v, 4) for k, v in (found | faults(pairs)).items()}


def beamed(model, values, widths=WIDTHS):
    """Return what beams of each width write, and a grid of both penalties at width 8.

    plain: without penalties; ranked: with GNMT's own α = β = 0.2; for each width what
    was `searched`. grid: errors a token, a row for each β, a column for each α. The
    pool of one search that never stops early holds the winners for all of them.
    """
    found = {
        name: [
            searched([h[0] for h in beams(model, values, width, **pair)], values)
            for width in widths
        ]
        for name, pair in (("plain", {}), ("ranked", {"alpha": 0.2, "beta": 0.2}))
    }
    pools = beams(model, values, 8, stop="never", keep=8 * LONGEST)
    found["grid"] = [
        [
            searched([best_of(pool, alpha, beta) for pool in pools], values)["errors"]
            for alpha in PENALTIES
        ]
        for beta in PENALTIES
    ]
    return found


@cached(depends=(gnmt, numbers, parallel, ranked, train_gnmt, measured, beamed))
def pieced(name, seed, **settings):
    """One finished run of a line of PIECES as plain numbers; kept on disk."""
    model = train_gnmt(PIECES[name], seed, **settings)
    _, near, far = group_task()
    run = {"near": measured(model, near), "far": measured(model, far)}
    return run | (beamed(model, far[:SEARCHED]) if name == BEAMS else {})


def miniature_experiment(n_jobs=1, progress=True):
    """Every line of PIECES, and beams over one of them, for three seeds each."""
    jobs = [(name, seed) for name in PIECES for seed in range(3)]
    runs = spread(pieced, [(job, {}) for job in jobs], n_jobs=n_jobs)
    bar = tqdm(runs, total=len(jobs), leave=False, disable=not progress)
    rows = [
        {"pieces": name, "seed": seed, **run}
        for (name, seed), run in zip(jobs, bar, strict=True)
    ]
    told = {"B": 64, "H": 64, "E": 32, "lr": 5e-3, "steps": 500, "searched": SEARCHED}
    told |= {"beams": BEAMS}
    told |= {"widths": list(WIDTHS), "penalties": list(PENALTIES)}
    return {"settings": told, "rows": rows}
