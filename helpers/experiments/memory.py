"""How far back nets remember: tables over task, start, length and seed."""

import joblib
import torch
from tqdm.auto import tqdm

from helpers.cache import cached
from helpers.data import memory
from helpers.experiments.scale.spread import spread
from helpers.gradients.recurrent import gradient_by_lag
from helpers.guards import want_sizes
from helpers.nets import memory as memory_nets
from helpers.nets.memory import STARTS, train

__all__ = [
    "lag_experiment",
    "lag_table",
    "memory_experiment",
    "memory_table",
    "remedy_experiment",
    "remedy_table",
]

LENGTHS = (10, 20, 50, 100, 200)
STEPS = {"recall": 2000, "adding": 4000}


@cached(depends=(memory_nets, memory))
def trained(task, start, T, seed, **settings):
    """One finished run of `train`, without its net; kept on disk."""
    return train(task, start, T, seed, **settings)[1]


def _runs(jobs, n_jobs, bar):
    """The runs of these (args, settings), in their order; each moves the bar on."""
    return spread(trained, jobs, n_jobs=n_jobs, came=bar.update)


def _columns(runs):
    runs = list(runs)
    return {key: [run[key] for run in runs] for key in ("solved_at", "score")}


def memory_table(
    tasks=("recall", "adding"),
    starts=("default", "orthogonal", "irnn"),
    lengths=LENGTHS,
    *,
    seeds=5,
    steps=None,
    n_jobs=1,
    progress=True,
    **settings,
):
    """Train every start on every task and length, `seeds` times each; return rows.

    A row: task, start, T, and for each seed solved_at (the step, or None) and score.
    A start that failed with all seeds at two lengths running is not tried at longer
    ones: those rows have empty lists. steps: the limit, a number or one a task;
    settings: as for `train`. Finished runs are kept, so that an interrupted table goes
    on where it stopped.
    """
    limit = STEPS if steps is None else steps
    limit = limit if isinstance(limit, dict) else dict.fromkeys(tasks, limit)
    for name, values in (("tasks", tasks), ("starts", starts), ("lengths", lengths)):
        if isinstance(values, str) or not len(values):
            raise ValueError(f"{name}: a list of at least one wanted, got {values!r}")
    for start in starts:
        if start not in STARTS:
            raise ValueError(f"starts: some of {', '.join(STARTS)}, got {start!r}")
    rows = []
    total = len(tasks) * len(starts) * len(lengths) * seeds
    with tqdm(total=total, leave=False, delay=0.5, disable=not progress) as bar:
        for task in tasks:
            for start in starts:
                failed = 0
                for T in sorted(lengths):
                    row = {"task": task, "start": start, "T": T}
                    bar.set_postfix_str(f"{task}, {start}, T = {T}")
                    kw = {"steps": limit[task], **settings}
                    jobs = [((task, start, T, seed), kw) for seed in range(seeds)]
                    runs = _columns(_runs(jobs if failed < 2 else [], n_jobs, bar))
                    solved = any(at is not None for at in runs["solved_at"])
                    failed = 0 if solved else failed + 1
                    rows.append({**row, **runs})
    return rows


def lag_table(starts, *, T=100, train_T=None, seeds=5, steps=600, progress=True):
    """Gradient norm against lag for each start and seed; return rows.

    A row: start, seed, solved_at, and relative (T + 1,): the norm of dL/dx k steps
    before the last, divided by that at the last, on 32 recall sequences in float64.
    train_T: train on recall of that length first (up to `steps`); None: untrained.
    """
    want_sizes(T=T, seeds=seeds)
    rows = []
    jobs = [(start, seed) for start in starts for seed in range(seeds)]
    for start, seed in tqdm(jobs, leave=False, delay=0.5, disable=not progress):
        limit = 0 if train_T is None else steps
        net, run = train("recall", start, train_T or T, seed, steps=limit)
        x, y = memory.recall(32, T, torch.Generator().manual_seed(seed))
        norms = gradient_by_lag(
            net.double(), x.double(), lambda out, y=y: _cross_entropy(out, y)
        )
        row = {"start": start, "seed": seed, "solved_at": run["solved_at"]}
        rows.append({**row, "relative": norms / norms[0]})
    return rows


_cross_entropy = torch.nn.functional.cross_entropy


def remedy_table(remedies, *, T=50, seeds=3, steps=600, n_jobs=1, progress=True):
    """What each remedy does: for name -> (start, clip), return one row each.

    A row: remedy, lag_T (the untrained net's relative gradient at lag T, one a seed),
    largest (the largest gradient norm that a step was made of), solved_at and score
    on recall over T steps.
    """
    want_sizes(T=T, seeds=seeds)
    rows = []
    with tqdm(
        total=len(remedies) * seeds, leave=False, delay=0.5, disable=not progress
    ) as bar:
        for remedy, (start, clip) in remedies.items():
            lags = lag_table([start], T=T, seeds=seeds, progress=False)
            kw = {"steps": steps, "clip": clip}
            jobs = [(("recall", start, T, seed), kw) for seed in range(seeds)]
            runs = list(_runs(jobs, n_jobs, bar))
            row = {"remedy": remedy}
            row["lag_T"] = [float(f"{r['relative'][T]:.3g}") for r in lags]
            row["largest"] = [run["largest"] for run in runs]
            rows.append({**row, **_columns(runs)})
    return rows


CELLS = ("default", "orthogonal", "irnn", "lstm", "gru")
REMEDIES = {
    "default tanh, not clipped": ("default", None),
    "… clipped at norm 1": ("default", 1.0),
    "… truncated to 10 steps": ("truncated", 1.0),
    "… with ReLU": ("relu", 1.0),
    "… skip connections of 10 steps": ("skip", 1.0),
    "identity and tanh": ("identity", 1.0),
    "identity and ReLU, not clipped": ("irnn", None),
    "identity and ReLU": ("irnn", 1.0),
    "orthogonal and tanh": ("orthogonal", 1.0),
}


def memory_experiment(n_jobs=1, progress=True):
    """The table of lesson 04: does it hurt?"""
    settings = {"H": 64, "B": 64, "lr": 1e-3, "clip": 1.0, "seeds": 5, "steps": STEPS}
    settings["tried"] = "every 25 steps on 500 sequences; solved: 99 %, or MSE < .01"
    settings["skipped"] = "lengths beyond two at which all seeds failed"
    return {
        "settings": settings,
        "rows": memory_table(n_jobs=n_jobs, progress=progress),
    }


def lag_experiment(n_jobs=1, progress=True):
    """Gradient against lag on recall over 20 steps, before and after training on it."""
    settings = {"task": "recall", "T": 20, "H": 64, "B": 64, "lr": 1e-3, "clip": 1.0}
    settings |= {"seeds": 5, "steps": 600, "solved": "99 % of 500 sequences"}
    work = joblib.Parallel(n_jobs=n_jobs, return_as="generator")
    jobs = [
        joblib.delayed(lag_table)([start], T=20, train_T=train_T, progress=False)
        for train_T in (None, 20)
        for start in CELLS
    ]
    rows = []
    for k, table in enumerate(tqdm(work(jobs), total=len(jobs), disable=not progress)):
        for row in table:
            relative = [float(f"{x:.3g}") for x in row.pop("relative")]
            rows.append({**row, "trained": k >= len(CELLS), "relative": relative})
    return {"settings": settings, "rows": rows}


def remedy_experiment(n_jobs=1, progress=True):
    """The remedies of lesson 04, side by side."""
    settings = {"task": "recall", "T": 50, "H": 64, "B": 64, "lr": 1e-3, "seeds": 5}
    settings |= {"steps": 600, "solved": "99 % of 500 sequences"}
    rows = remedy_table(REMEDIES, seeds=5, n_jobs=n_jobs, progress=progress)
    return {"settings": settings, "rows": rows}
