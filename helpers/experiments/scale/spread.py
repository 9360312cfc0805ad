"""Runs spread over cores or machines, each kept here as soon as it comes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import joblib

__all__ = ["spread"]


def spread(fn: Callable, jobs: Sequence, *, n_jobs: int = 1, came=None) -> Iterator:
    """Yield fn(*args, **kwargs) for each (args, kwargs) of jobs, in their order.

    They run wherever joblib sends them: `n_jobs` at a time on this machine, or on a
    cluster inside `cluster(…)`. Whatever comes back is kept at once in this machine's
    cache if fn is `cached`: after a crash, here or there, only what was not finished
    is computed. came(): called for each job that is done, in whatever order.
    """
    jobs, came = list(jobs), came or (lambda: None)
    known, keep = getattr(fn, "known", None), getattr(fn, "keep", None)
    done, waiting = {}, []
    for k, (args, kwargs) in enumerate(jobs):
        if known and known(*args, **kwargs):
            done[k] = fn(*args, **kwargs)
            came()
        else:
            waiting.append(k)
    work = joblib.Parallel(n_jobs=n_jobs, return_as="generator_unordered")
    arriving = work(joblib.delayed(_numbered)(k, fn, *jobs[k]) for k in waiting)
    for k in range(len(jobs)):
        while k not in done:
            n, result = next(arriving)
            args, kwargs = jobs[n]
            if keep and not known(*args, **kwargs):  # it ran on another machine
                keep(result, *args, **kwargs)
            done[n] = result
            came()
        yield done.pop(k)


def _numbered(k, fn, args, kwargs):
    """Return a job's number with its result: they come back in any order."""
    return k, fn(*args, **kwargs)
