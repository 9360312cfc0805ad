"""What each test of the clinic says of each sick run."""

from __future__ import annotations

import copy
from functools import partial

import numpy as np
import torch
from tqdm.auto import tqdm

from helpers.nets.clinic.checkup import (
    HELD,
    gradient_map,
    letters,
    longer,
    norms,
    overfit,
    trained,
    zeroed,
)
from helpers.nets.clinic.patients import FAULTS, patient
from helpers.training import one_thread

__all__ = ["RATES", "clinic_experiment", "examined", "held_out"]

RATES = (2e-5, 2e-4, 2e-3, 2e-2, 0.2, 2.0)
EVERY = 5  # steps of a curve to one number


@torch.no_grad()
def held_out(run):
    """Return the mean loss of a run's held-out batches."""
    return float(np.mean([run.loss(run.net, *batch) for batch in run.batches[-HELD:]]))


def _curve(loss):
    """Return means over five steps each, rounded."""
    return np.reshape(loss, (-1, EVERY)).mean(axis=1).round(3).tolist()


@one_thread()
def examined(fault, seed=0):
    """Return the outcome of each test, as dict: numbers, curves, a map, or texts."""
    make = partial(patient, fault, seed)
    run = make()
    x, y = run.batches[0]
    one, two, three = (
        copy.deepcopy(run.net) for _ in range(3)
    )  # all have read nothing
    with torch.no_grad():
        start = run.loss(one, x, y).item()
        padded = run.loss(two, *longer(x, y)).item()
        again = (three(x) - three(x)).abs().max().item()
    hangs = gradient_map(make().net, x[:6], 2, 4)[:, :8]
    found = {"curve": _curve(trained(run)), "start": round(start, 3)}
    found["zero"] = [_curve(loss) for loss in zeroed(make)]
    found["two"] = _curve(overfit(make))
    found["map"] = (hangs.double() / max(hangs.max(), 1e-9)).numpy().round(3).tolist()
    found["norms"] = [round(norm, 4) for norm in norms(make()).values()]
    runs = [make()._replace(lr=rate) for rate in RATES]
    found["sweep"] = [round(float(np.mean(trained(r, 50)[-10:])), 2) for r in runs]
    found["padding"] = [round(start, 3), round(padded, 3)]
    found["look"] = [
        [letters(a), letters(b)] for a, b in zip(x[:3], y[:3], strict=True)
    ]
    found["again"] = round(again, 4)
    found["seed"] = [_curve(trained(make())) for _ in range(2)]
    return found


@one_thread()
def _held(fault, seed):
    run = patient(fault, seed)
    trained(run)
    return round(held_out(run), 3)


def clinic_experiment(seeds=3, progress=True):
    """All tests of all sick runs (first seed), and held: their loss, one a seed."""
    rows = []
    for fault in tqdm(FAULTS, disable=not progress):
        held = [_held(fault, seed) for seed in range(seeds)]
        rows.append({"fault": fault, "held": held, **examined(fault)})
    settings = {"steps": 100, "seeds": seeds, "rates": RATES, "every": EVERY}
    return {"settings": settings, "rows": rows}
