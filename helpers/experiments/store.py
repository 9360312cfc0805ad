"""The names of all experiments, and their results in results/<name>.json.

Each name stands for a function. One that returns {"settings": …, "rows": […]} has its
result, with the versions that made it, kept there, which the lessons read with `load`;
one that returns None has kept its own.
"""

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
    "first_lesson": "helpers.experiments.first:first_experiment",
    "training_size": "helpers.experiments.before:size_experiment",
    "padding": "helpers.experiments.before:padding_experiment",
    "surnames": "helpers.experiments.before:names_experiment",
    "memory": "helpers.experiments.memory:memory_experiment",
    "lag_gradients": "helpers.experiments.memory:lag_experiment",
    "remedies": "helpers.experiments.memory:remedy_experiment",
    "comparison": "helpers.experiments.gated:comparison_experiment",
    "directions": "helpers.experiments.deep:direction_experiment",
    "depth": "helpers.experiments.deep:depth_experiment",
    "probes": "helpers.experiments.probes:probe_experiment",
    "reading_bugs": "helpers.experiments.reading_bugs:bug_experiment",
    "char_lm": "helpers.experiments.language:char_lm_experiment",
    "name_writing": "helpers.experiments.language:name_experiment",
    "seq2seq_dates": "helpers.experiments.seq2seq:dates_experiment",
    "seq2seq_numbers": "helpers.experiments.seq2seq:numbers_experiment",
    "exposure": "helpers.experiments.exposure:exposure_experiment",
    "bottleneck": "helpers.experiments.seq2seq:bottleneck_experiment",
    "looking": "helpers.experiments.attention.looking:looking_experiment",
    "explained": "helpers.experiments.attention.explained:explained_experiment",
    "dated": "helpers.experiments.attention.dated:dated_experiment",
    "miniature": "helpers.experiments.attention.miniature:miniature_experiment",
    "teacher_forcing": "helpers.experiments.seq2seq:forcing_experiment",
    "plateau": "helpers.experiments.listening:plateau_experiment",
    "noise": "helpers.experiments.listening:noise_experiment",
    "streaming": "helpers.experiments.streaming:streaming_experiment",
    "stretched": "helpers.experiments.after.stretched:stretched_experiment",
    "stretched_nets": "helpers.experiments.after.stretched:nets_experiment",
    "word_prior": "helpers.experiments.priors:prior_experiment",
    "reordering": "helpers.experiments.reordering:reordering_experiment",
    "convolution": "helpers.experiments.after.convolution:convolution_experiment",
    "speech": "helpers.experiments.after.speech:speech_experiment",
    "leaks": "helpers.experiments.series.leaks:leak_experiment",
    "carbon_dioxide": "helpers.experiments.series.carbon_dioxide:forecast_experiment",
    "longer_training": "helpers.experiments.series.carbon_dioxide:longer_experiment",
    "captions": "helpers.experiments.projects.sights:captions_experiment",
    "glimpses": "helpers.experiments.projects.sights:glimpses_experiment",
    "films": "helpers.experiments.projects.sights:films_experiment",
    "negation": "helpers.experiments.projects.readings:negation_experiment",
    "answers": "helpers.experiments.projects.answers:answers_experiment",
    "brief": "helpers.experiments.projects.answers:brief_experiment",
    "clinic": "helpers.experiments.clinic.outcomes:clinic_experiment",
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
