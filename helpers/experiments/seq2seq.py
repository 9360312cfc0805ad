"""What lesson 08 measures over seeds: learning curves, lengths, forcing, one error."""

from __future__ import annotations

import functools

import numpy as np
import torch
from tqdm.auto import tqdm

from helpers.cache import cached
from helpers.data import dates, numbers, parallel
from helpers.experiments.scale.spread import spread
from helpers.nets import seq2seq
from helpers.nets.attention.decoder import AttentionSeq2Seq
from helpers.nets.seq2seq import (
    Seq2Seq,
    exact,
    token_accuracy,
    train_seq2seq,
    write,
)
from helpers.training import in_eval, one_thread
from helpers.writing import forcing
from helpers.writing.forcing import after_error

__all__ = [
    "SCHEDULES",
    "bottleneck_experiment",
    "by_digits",
    "dates_experiment",
    "error_matrix",
    "forcing_experiment",
    "learning_rows",
    "numbers_experiment",
    "share_at",
]

# How often a training step is fed the truth: a share, or one that falls with time.
SCHEDULES = ("always", "linear", "inverse sigmoid", "half", "never")
NETS = {"one state": Seq2Seq, "attention": AttentionSeq2Seq}
RATIOS = (0.0, 0.25, 0.5, 0.75, 1.0)
DIGITS = (4, 6, 8)
A_LENGTH = (1800, 100)  # numbers of each length, for training and held out
PLACES = (0, 1, 2, 3, 5, 6, 8)  # of the digits in 1998-03-04, but for the last


def share_at(teacher, step, steps):
    """Return the share of forced tokens at a training step of ``steps``.

    teacher: one of SCHEDULES, or the share itself. "linear" reaches 0 at ¾ of the
    training; "inverse sigmoid" falls through ½ at about its middle.
    """
    fixed = {"always": 1.0, "half": 0.5, "never": 0.0}
    if teacher == "linear":
        return forcing.linear(step, 0.75 * steps)
    if teacher == "inverse sigmoid":
        return forcing.inverse_sigmoid(step, _k_for(steps / 2))
    if isinstance(teacher, str) and teacher not in fixed:
        raise ValueError(f"teacher: one of {', '.join(SCHEDULES)}, got {teacher!r}")
    return fixed.get(teacher, teacher)


def _k_for(middle):
    """Return k with k ln k = middle, by Newton's method."""
    k = middle
    for _ in range(30):
        k -= (k * np.log(k) - middle) / (np.log(k) + 1)
    return float(k)


@functools.lru_cache(maxsize=2)
def task_named(name):
    """The data of a name: "dates", "numbers", "12 digits", or a number of digits."""
    rng = np.random.default_rng(0)
    if name == "dates":
        return parallel.date_task(rng)
    if name == "numbers":
        return parallel.number_task(rng)
    if name == "12 digits":
        known, unknown = numbers.by_digits(rng, *A_LENGTH)
        return parallel.task_of(numbers.pairs(known), numbers.pairs(unknown))
    return parallel.number_task(rng, 8000, 500, 10 ** (name - 1), 10**name)


def train_one(name, teacher, seed, *, steps, H=128, lr=5e-3, B=64, every=100,
              net="one state", **switches):  # fmt: skip
    """Train one model; return (model, run): steps, exact, token and forced, lists.

    net: of NETS, with its switches; lessons 08 and 09 compare two of the same training.

    exact: the share of held-out sequences written without a mistake; token: the share
    of right tokens, free-running; forced: the same when the true tokens are fed.
    """
    task = task_named(name)
    torch.manual_seed(seed)
    sizes = len(task.source_coder), len(task.target_coder), H
    model = NETS[net](*sizes, **switches)
    run = {"steps": [], "exact": [], "token": [], "forced": []}

    def evaluate(model):
        whole, *shares = scores(model, task.test)
        run["steps"].append(every * (len(run["steps"]) + 1))
        measured = (whole.mean().item(), *shares)
        for key, value in zip(("exact", "token", "forced"), measured, strict=True):
            run[key].append(round(value, 4))
        return run["exact"][-1]

    with one_thread():
        train_seq2seq(
            model, task.train, steps=steps, seed=seed, B=B, lr=lr, every=every,
            teacher=lambda step: share_at(teacher, step, steps),
            evaluate=evaluate, progress=False,
        )  # fmt: skip
    return model, run


@in_eval
@torch.no_grad()
def scores(model, test):
    """Return bools (B,), written without a mistake, and two shares of right tokens:
    free-running, and when every step is fed the true one before."""
    source, n, targets, m = test
    ids, forced = write(model, source, n, targets.shape[1]), model(source, n, targets)
    shares = [token_accuracy(x, targets, m) for x in (ids, forced.argmax(2))]
    return exact(ids, targets, m).double(), *shares


def error_matrix(model, test, coder, seed=0):
    """Return shares (8, 10) of dates with the right sign at each place of the ISO date.

    Row 0: nothing was changed. Row 1 + k: the digit at PLACES[k] was fed as another
    digit, drawn from ``seed``; places up to it are nan.
    """
    source, n, targets, _ = test
    generator = torch.Generator().manual_seed(seed)
    digit = torch.tensor(coder.encode("0123456789"))
    rows = []
    for at in (None, *PLACES):
        place = 0 if at is None else at
        true = (digit == targets[:, place, None]).int().argmax(1)
        turn = torch.randint(1, 10, (len(source),), generator=generator)
        fed = digit[(true + turn) % 10] if at is not None else digit[true]
        ids = after_error(model, source, n, targets, place, fed)
        right = (ids == targets)[:, :10].double().mean(0).numpy().round(4)
        if at is not None:
            right[: at + 1] = np.nan
        rows.append(right)
    return np.array(rows)


@cached(depends=(seq2seq, forcing, parallel, dates, numbers, train_one, error_matrix))
def finished(name, teacher, seed, **settings):
    """One finished run as plain numbers; kept on disk."""
    model, run = train_one(name, teacher, seed, **settings)
    task = task_named(name)
    if name == "dates":
        matrix = error_matrix(model, task.test, task.target_coder)
        run["error"] = [[None if x != x else float(x) for x in row] for row in matrix]
    return run


def learning_rows(name, teachers, *, seeds=3, n_jobs=1, progress=True, **settings):
    """Train ``seeds`` models for each teacher; return rows with task, teacher, seed,
    steps, exact, token, forced and, for dates, error."""
    jobs = [(name, teacher, seed) for teacher in teachers for seed in range(seeds)]
    runs = spread(finished, [(job, settings) for job in jobs], n_jobs=n_jobs)
    bar = tqdm(runs, total=len(jobs), leave=False, delay=0.5, disable=not progress)
    keys = ("task", "teacher", "seed")
    return [
        {**dict(zip(keys, job, strict=True)), **run}
        for job, run in zip(jobs, bar, strict=True)
    ]


@cached(depends=(seq2seq, parallel, numbers, train_one))
def by_length(H, seed, **settings):
    """One finished run on "12 digits", with its shares `by_digits`; kept on disk."""
    model, run = train_one("12 digits", "always", seed, H=H, **settings)
    return run | by_digits(model)


def by_digits(model):
    """Return the exact match for numbers of 3 to 12 digits, known and held out."""
    task, shares = task_named("12 digits"), {}
    for part, tensors in (("held_out", task.test), ("known", task.train)):
        rows = tensors if part == "held_out" else tuple(t[:1200] for t in tensors)
        whole, *_ = scores(model, rows)
        length = digits_of(part)[: len(whole)]
        shares[part] = [
            round(whole[length == k].mean().item(), 4) for k in range(3, 13)
        ]
    return shares


def digits_of(part):
    """The number of digits of each number in the task "12 digits", (N,)."""
    known, unknown = numbers.by_digits(np.random.default_rng(0), *A_LENGTH)
    chosen = known if part == "known" else unknown
    return torch.tensor([len(str(n)) for n in chosen])


def _settings(**more):
    return {"B": 64, "E": 32, "lr": 5e-3, "clip": 1.0, **more}


def dates_experiment(n_jobs=1, progress=True):
    """Dates in 12 languages → ISO, for every schedule, with one injected error."""
    rows = learning_rows(
        "dates", SCHEDULES, steps=800, n_jobs=n_jobs, progress=progress
    )
    told = {"train": 12_000, "test": 1000, "H": 128, "steps": 800, "seeds": 3}
    return {"settings": _settings(**told), "rows": rows}


def numbers_experiment(n_jobs=1, progress=True):
    """English number words → German morphemes, below 1,000,000."""
    rows = learning_rows(
        "numbers", ("always",), steps=600, n_jobs=n_jobs, progress=progress
    )
    told = {"train": 20_000, "test": 1000, "H": 128, "steps": 600, "seeds": 3}
    return {"settings": _settings(**told), "rows": rows}


def bottleneck_experiment(n_jobs=1, progress=True):
    """Exact match by number of digits, for states of several sizes."""
    jobs = [(H, seed) for H in (32, 64, 128) for seed in range(3)]
    how = {"steps": 1200, "every": 300}
    runs = spread(by_length, [(job, how) for job in jobs], n_jobs=n_jobs)
    bar = tqdm(runs, total=len(jobs), leave=False, disable=not progress)
    rows = [
        {"H": H, "seed": seed, **run} for (H, seed), run in zip(jobs, bar, strict=True)
    ]
    told = {"train": "1,800 a length", "test": "100 a length", "steps": 1200}
    return {"settings": _settings(**told, digits=list(range(3, 13))), "rows": rows}


def forcing_experiment(n_jobs=1, progress=True):
    """Learning curves over the share of forced tokens and the number of digits."""
    rows = []
    for digits in DIGITS:
        for row in learning_rows(
            digits, RATIOS, steps=400, every=40, n_jobs=n_jobs, progress=progress
        ):
            named = {"ratio": row["teacher"], "length": row["task"]}
            curves = {key: row[key] for key in ("seed", "steps", "token", "forced")}
            rows.append({**named, "free": row["exact"], **curves})
    told = {"train": 8000, "test": 500, "H": 128, "steps": 400, "seeds": 3}
    return {"settings": _settings(**told), "rows": rows}
