"""RNN, LSTM and GRU compared: tables over task, cell, learning rate and seed."""

import time

import numpy as np
from torch import nn
from tqdm.auto import tqdm

from helpers.cache import cached
from helpers.data import digits, memory
from helpers.experiments.scale.spread import spread
from helpers.guards import want_sizes
from helpers.nets import gated as gated_nets
from helpers.nets.gated import CELLS, TASKS, batches, loss_and_score, new_net, train
from helpers.training import one_thread

__all__ = [
    "RUNS",
    "best_rates",
    "comparison_experiment",
    "comparison_lines",
    "comparison_table",
    "step_costs",
]

# (task, T) -> how it is trained. H is the size of the RNN, to whose number of
# parameters the others are made equal; "stop": training ends when it is solved.
RUNS = {
    ("recall", 20): {"H": 64, "B": 64, "steps": 2000, "every": 25, "stop": True},
    ("recall", 50): {"H": 64, "B": 64, "steps": 2000, "every": 25, "stop": True},
    ("adding", 50): {"H": 64, "B": 64, "steps": 3000, "every": 25, "stop": True},
    ("digits", 64): {"H": 64, "B": 64, "steps": 2000, "every": 50, "stop": False},
}
# The learning rates that are tried.
RATES = {"recall": (1e-3, 3e-3, 1e-2), "adding": (1e-3, 3e-3, 1e-2)}
RATES["digits"] = (3e-3, 1e-2)
POINTS = 10  # of a learning curve


@cached(depends=(gated_nets, digits, memory))
def trained(task, cell, T, seed, **settings):
    """One finished run of `train`, without its net; kept on disk."""
    return train(task, cell, T, seed, **settings)[1]


def comparison_table(
    tasks=tuple(RUNS),
    cells=tuple(CELLS),
    *,
    rates=None,
    seeds=3,
    n_jobs=1,
    progress=True,
    **settings,
):
    """Train every cell on every task at every rate, `seeds` times each; return rows.

    tasks: keys of RUNS, or other pairs of a task and a length T, which are trained as
    the first of RUNS with that task is. rates: None for the RATES of each task.
    settings: for `train`, in place of those of RUNS.
    A row: task, T, cell, lr, H, parameters, and for each seed solved_at (a step, or
    None) and score, the last one; if training did not stop there, also curve, the
    medians at ten equally spaced steps. Finished runs are kept.
    """
    want_sizes(seeds=seeds)
    for name, values in (("tasks", tasks), ("cells", cells), ("rates", rates)):
        if isinstance(values, str) or (values is not None and not len(values)):
            raise ValueError(f"{name}: a list of at least one wanted, got {values!r}")
    jobs = []
    for task, T in tasks:
        how = {**_how(task, T), **settings}
        for cell in cells:
            for lr in rates or RATES[task]:
                jobs.append((task, T, cell, {**how, "lr": lr}))
    every = [
        ((task, cell, T, seed), how)
        for task, T, cell, how in jobs
        for seed in range(seeds)
    ]
    runs = spread(trained, every, n_jobs=n_jobs)
    rows = []
    with tqdm(
        total=len(jobs) * seeds, leave=False, delay=0.5, disable=not progress
    ) as bar:
        for task, T, cell, how in jobs:
            bar.set_postfix_str(f"{task} {T}, {cell}")
            mine = []
            for _ in range(seeds):
                mine.append(next(runs))
                bar.update()
            rows.append(_row(task, T, cell, how, mine))
    return rows


def _how(task, T):
    if (task, T) in RUNS:
        return RUNS[task, T]
    for (known, _), how in RUNS.items():
        if known == task:
            return how
    raise ValueError(f"tasks: pairs of one of {', '.join(TASKS)} and T, got {task!r}")


def _row(task, T, cell, how, runs):
    net = new_net(task, cell, T, 0, how["H"])
    row = {"task": task, "T": T, "cell": cell, "lr": how["lr"]}
    row["H"] = net.rnn.hidden_size
    row["parameters"] = sum(p.numel() for p in net.parameters())
    row["solved_at"] = [run["solved_at"] for run in runs]
    row["score"] = [run["scores"][-1] for run in runs]
    if not how["stop"]:
        curves = np.array([run["scores"] for run in runs])
        skip = max(1, curves.shape[1] // POINTS)
        row["curve"] = np.median(curves, axis=0)[skip - 1 :: skip].round(4).tolist()
    return row


def best_rates(rows):
    """Of the rows of each task, T and cell, the one with the best learning rate.

    For the memory tasks: where more seeds have solved it, then where the median of
    their steps is smaller. For digits, and where no seed has solved it: where the
    median score is best.
    """
    best = {}
    for row in rows:
        key = row["task"], row["T"], row["cell"]
        if key not in best or _rank(row) > _rank(best[key]):
            best[key] = row
    return list(best.values())


def _rank(row):
    sign = 1 if TASKS[row["task"]]["better"] is max else -1
    quality = sign * float(np.median(row["score"]))
    solved = [step for step in row["solved_at"] if step]
    if "curve" in row or not solved:
        return 0, 0, quality
    return len(solved), -float(np.median(solved)), quality


def comparison_lines(rows):
    """Lines for `helpers.tables.table`, one a row: task, cell, H, parameters, score,
    solved, cost.

    score: one number a seed, shown as median and range; solved: by how many seeds, and
    the median of their steps; cost: time for a step, the RNN's being 1.
    """
    return [
        [
            f"{row['task']} {row['T']}",
            row["cell"],
            row["H"],
            row["parameters"],
            row["score"],
            _outcome(row["solved_at"]),
            row.get("cost", float("nan")),
        ]
        for row in rows
    ]


def _outcome(solved_at):
    solved = [step for step in solved_at if step]
    if not solved:
        return "✗"
    return f"{len(solved)} of {len(solved_at)}, {np.median(solved):,.0f} steps"


@one_thread()
def step_costs(task, T, cells=("RNN", "LSTM", "GRU"), *, rounds=15, **settings):
    """Processor time of a training step of each cell, the first one's being 1.

    The cells take turns, so that a busy machine slows all of them; each cell's number
    is the median over the rounds of its ratio to the first. How a cell starts makes no
    difference. Returns cell -> ratio.
    """
    want_sizes(rounds=rounds)
    how = {**_how(task, T), **settings}
    x, y = next(batches(task, T, 0, how["B"])[1])
    nets = [new_net(task, cell, T, 0, how["H"]) for cell in cells]
    seconds = np.empty((rounds, len(nets)))
    for k in range(rounds):
        for n, net in enumerate(nets):
            for _ in range(2):  # the second is timed: the first warms up
                began = time.thread_time()
                net.zero_grad()
                loss_and_score(task, net, x, y)[0].backward()
                nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            seconds[k, n] = time.thread_time() - began
    ratios = np.median(seconds / seconds[:, :1], axis=0)
    return dict(zip(cells, ratios.round(2).tolist(), strict=True))


def comparison_experiment(n_jobs=1, progress=True):
    """The table of lesson 05: RNN, LSTM and GRU with as many parameters each."""
    rows = comparison_table(n_jobs=n_jobs, progress=progress)
    costs = {(task, T): step_costs(task, T) for task, T in RUNS}
    for row in rows:
        row["cost"] = costs[row["task"], row["T"]][row["cell"].partition(",")[0]]
    settings = {
        f"{task} {T}": {**how, "rates": RATES[task]} for (task, T), how in RUNS.items()
    }
    settings |= {"seeds": 3, "optimiser": "Adam, gradient norm clipped at 1"}
    settings["solved"] = {
        "recall": "99 % of 500 sequences",
        "adding": "MSE < .01 on 500 sequences",
        "digits": "90 % of 449 images that it has not learnt from",
    }
    return {"settings": settings, "rows": rows}
