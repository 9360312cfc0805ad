"""Tables that take longer than a lesson may: `python -m helpers.experiments [name …]`.

Each name stands for a function. One that returns {"settings": …, "rows": […]} has its
result, with the versions that made it, kept in helpers/results/<name>.json, which the
lessons read with `load`; one that returns None has kept its own.
"""

import argparse
import inspect
import json
import pkgutil
import platform
from pathlib import Path

import numpy as np
import torch

__all__ = ["EXPERIMENTS", "load", "run"]

RESULTS = Path(__file__).with_name("results")

EXPERIMENTS = {
    "training_size": "helpers.before_tables:size_experiment",
    "surnames": "helpers.before_tables:names_experiment",
    "memory": "helpers.memory_tables:memory_experiment",
    "lag_gradients": "helpers.memory_tables:lag_experiment",
    "remedies": "helpers.memory_tables:remedy_experiment",
    "comparison": "helpers.gated_tables:comparison_experiment",
    "directions": "helpers.deep_tables:direction_experiment",
    "depth": "helpers.deep_tables:depth_experiment",
    "probes": "helpers.probes:probe_experiment",
    "reading_bugs": "helpers.reading_bugs:bug_experiment",
    "char_lm": "helpers.language_tables:char_lm_experiment",
    "name_writing": "helpers.language_tables:name_experiment",
    "seq2seq_dates": "helpers.seq2seq_tables:dates_experiment",
    "seq2seq_numbers": "helpers.seq2seq_tables:numbers_experiment",
    "exposure": "helpers.exposure_tables:exposure_experiment",
    "bottleneck": "helpers.seq2seq_tables:bottleneck_experiment",
    "teacher_forcing": "helpers.seq2seq_tables:forcing_experiment",
}


def load(name):
    """The stored result of an experiment: a dict with settings, versions and rows."""
    _known(name)
    path = RESULTS / f"{name}.json"
    if not path.exists():
        raise ValueError(
            f"name: {name!r} is not stored; run helpers.experiments {name}"
        )
    return json.loads(path.read_text(encoding="utf-8"))


def run(name, *, n_jobs=1, progress=True):
    """Compute an experiment anew, store it, and return it (None if it stores itself).

    n_jobs: how many runs at a time, as joblib counts; inside
    `joblib.parallel_config(backend="dask")` or "ray" they go to a cluster.
    """
    _known(name)
    experiment = pkgutil.resolve_name(EXPERIMENTS[name])
    asked = {"n_jobs": n_jobs, "progress": progress}
    taken = inspect.signature(experiment).parameters
    result = experiment(**{k: v for k, v in asked.items() if k in taken})
    if result is None:
        return None
    versions = {
        "python": platform.python_version(),
        "numpy": np.__version__,
        "torch": torch.__version__.partition("+")[0],
    }
    result = {"settings": result["settings"], "versions": versions, **result}
    (RESULTS / f"{name}.json").write_text(_text(result), encoding="utf-8")
    return result


def _text(result):
    """JSON with one row a line, so that a change shows which row has changed."""
    rows = ",\n  ".join(json.dumps(row, ensure_ascii=False) for row in result["rows"])
    rest = {k: v for k, v in result.items() if k != "rows"}
    head = json.dumps(rest, indent=1, ensure_ascii=False)
    return f'{head[:-2]},\n "rows": [\n  {rows}\n ]\n}}\n'


def _known(name):
    if name not in EXPERIMENTS:
        known = ", ".join(EXPERIMENTS)
        raise ValueError(f"name: one of {known} wanted, got {name!r}")


def main(argv=None):
    """Recompute the experiments named on the command line, or all of them."""
    parser = argparse.ArgumentParser(description="Recompute the lessons' long tables.")
    parser.add_argument("names", nargs="*", metavar="name", help=", ".join(EXPERIMENTS))
    parser.add_argument("--jobs", type=int, default=1, help="runs at a time")
    given = parser.parse_args(argv)
    for name in given.names or EXPERIMENTS:
        if name not in EXPERIMENTS:
            parser.error(f"{name!r} is none of {', '.join(EXPERIMENTS)}")
    for name in given.names or EXPERIMENTS:
        run(name, n_jobs=given.jobs)
        print(f"{name}: done")


if __name__ == "__main__":
    main()
