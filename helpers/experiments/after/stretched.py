"""What recurrence buys: four nets learn parity and recall up to 32 steps, and are then
tried on up to 256."""

from __future__ import annotations

import base64

import joblib
import numpy as np
import torch
from torch import nn
from tqdm.auto import tqdm

from helpers.cache import cached
from helpers.data.after import stretch
from helpers.data.after.stretch import KEYS, QUESTIONS, VALUES, parity, recall_pairs
from helpers.experiments import store
from helpers.guards import want_sizes
from helpers.nets.after import contenders
from helpers.nets.after.contenders import KINDS, Contender
from helpers.training import fit, in_eval, one_thread

__all__ = [
    "LENGTHS",
    "PAIRS",
    "SETTINGS",
    "accuracy",
    "nets_experiment",
    "stored_net",
    "stretched_experiment",
    "stretched_run",
    "trained",
]

TASKS = {"parity": (2, 2), "recall": (KEYS + VALUES + 1, VALUES)}  # D, O
LENGTHS = (4, 8, 16, 32, 64, 128, 256)
PAIRS = (1, 2, 3, 4, 6, 8)
SETTINGS = {  # task, kind → units, training steps, learning rate
    ("parity", "LSTM"): (32, 400, 5e-3),
    ("parity", "minGRU"): (32, 600, 5e-3),
    ("parity", "attention"): (32, 1000, 3e-3),
    ("parity", "convolution"): (16, 600, 5e-3),
    ("parity", "signed"): (32, 600, 5e-3),
    ("recall", "LSTM"): (64, 3000, 5e-3),
    ("recall", "minGRU"): (32, 3000, 3e-3),
    ("recall", "attention"): (32, 500, 5e-3),
    ("recall", "convolution"): (24, 3000, 3e-3),
}
FOUR = [job for job in SETTINGS if job[1] != "signed"]
LONGEST, BATCH = 32, 64  # steps trained on, sequences a batch


def _make(task, B, T, generator, N=None):
    if task == "parity":
        return parity(B, T, generator)
    return recall_pairs(B, T, generator, N)


def _loss(net, x, y):
    """Cross-entropy at every step of parity, at the questions of recall."""
    return nn.functional.cross_entropy(
        net(x)[:, -y.shape[1] :].flatten(0, 1), y.flatten()
    )


@one_thread()
@cached(depends=(contenders, stretch, _loss))
def _weights(task, kind, seed, C, steps, lr, progress):
    generator = torch.Generator().manual_seed(seed)
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        net = Contender(kind, *TASKS[task], C)

    def batches():
        while True:
            T = int(torch.randint(1, LONGEST + 1, (), generator=generator))
            yield _make(task, BATCH, T, generator)

    optimizer = torch.optim.Adam(net.parameters(), lr=lr)
    fit(net, batches(), _loss, steps=steps, optimizer=optimizer, progress=progress)
    return net.state_dict()


def trained(task, kind, seed=0, steps=None, progress=False):
    """Return a Contender trained on sequences of 1 … 32 steps; finished runs are kept.

    steps: None for those of SETTINGS.
    """
    if (task, kind) not in SETTINGS:
        raise ValueError(f"task, kind: one of {[*SETTINGS]}, got {(task, kind)}")
    C, most, lr = SETTINGS[task, kind]
    net = Contender(kind, *TASKS[task], C)
    net.load_state_dict(_weights(task, kind, seed, C, steps or most, lr, progress))
    return net.eval()


@in_eval
@torch.no_grad()
def accuracy(net, task, T, generator, *, N=4, n=500):
    """Return the share of n answers that are right: parity after T bits, or the value
    of one of N pairs among T steps."""
    want_sizes(T=T, n=n)
    B = n if task == "parity" else -(-n // QUESTIONS)
    x, y = _make(task, B, T, generator, None if task == "parity" else N)
    said = net(x)[:, -y.shape[1] :].argmax(2)
    right = (said == y)[:, -1:] if task == "parity" else said == y
    return right.double().mean().item()


@one_thread()
def stretched_run(task, kind, seed):
    """Return a dict of one net: by_length, accuracy at LENGTHS (recall: of 4 pairs),
    and by_pairs, at PAIRS among 32 steps (parity: empty)."""
    net = trained(task, kind, seed)
    generator = torch.Generator().manual_seed(1000)

    def tried(T, N):
        return round(accuracy(net, task, T, generator, N=N), 3)

    pairs = PAIRS if task == "recall" else ()
    return {
        "by_length": [tried(T, 4) for T in LENGTHS],
        "by_pairs": [tried(LONGEST, N) for N in pairs],
    }


def stretched_experiment(seeds=3, n_jobs=1, progress=True):
    """Four nets (and a fifth on parity), trained to T = 32, tried to 256; see a run.

    A row: task, kind, weights (how many), and by_length and by_pairs, one a seed.
    """
    jobs = [(*job, seed) for job in SETTINGS for seed in range(seeds)]
    work = joblib.Parallel(n_jobs=n_jobs, return_as="generator")
    runs = work(joblib.delayed(stretched_run)(*job) for job in jobs)
    runs = iter(tqdm(runs, total=len(jobs), disable=not progress))
    rows = []
    for task, kind in SETTINGS:
        net = Contender(kind, *TASKS[task], SETTINGS[task, kind][0])
        weights = sum(p.numel() for p in net.parameters())
        row = {"task": task, "kind": kind, "weights": weights}
        some = [next(runs) for _ in range(seeds)]
        rows.append(row | {key: [run[key] for run in some] for key in some[0]})
    settings = {
        "seeds": seeds,
        "lengths": LENGTHS,
        "pairs": PAIRS,
        "trained to": "32 steps, 4 pairs",
    }
    settings |= {"trained to": "32 steps, 4 pairs", "batch": BATCH, "kinds": KINDS}
    settings["units, steps, rate"] = {" ".join(job): v for job, v in SETTINGS.items()}
    return {"settings": settings, "rows": rows}


def nets_experiment(progress=True):
    """Return the four nets of seed 0 for each task, their weights in 16 bits."""
    rows = []
    for task, kind in tqdm(FOUR, disable=not progress):
        parts = trained(task, kind).state_dict().values()
        flat = torch.cat([part.flatten() for part in parts]).half().numpy()
        text = base64.b64encode(flat.astype("<f2").tobytes()).decode("ascii")
        rows.append({"task": task, "kind": kind, "weights": text})
    return {"settings": {"seed": 0, "format": "float16, base64"}, "rows": rows}


def stored_net(task, kind):
    """Return the Contender of seed 0, with the weights that `nets_experiment` kept."""
    if (task, kind) not in FOUR:
        raise ValueError(f"task, kind: one of {FOUR} wanted, got {(task, kind)}")
    net = Contender(kind, *TASKS[task], SETTINGS[task, kind][0])
    (row,) = (
        row
        for row in store.load("stretched_nets")["rows"]
        if (row["task"], row["kind"]) == (task, kind)
    )
    flat = np.frombuffer(base64.b64decode(row["weights"]), "<f2").astype(np.float32)
    nn.utils.vector_to_parameters(torch.from_numpy(flat), net.parameters())
    return net.eval()
