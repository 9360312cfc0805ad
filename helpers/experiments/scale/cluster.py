"""Where joblib's runs go: this machine's cores, or a Dask cluster, with the same line.

Source: joblib's backends, https://joblib.readthedocs.io (parallel_config).
"""

from __future__ import annotations

import contextlib
import importlib.util
import logging
import re
from collections.abc import Iterator

import joblib

from helpers.guards import want_sizes

__all__ = ["cluster"]

MISSING = (
    'cluster: Dask is not installed; pip install -c constraints.txt -e ".[scale]" '
    "(with conda: conda install distributed) brings it"
)


@contextlib.contextmanager
def cluster(
    where="here", *, workers=None, processes=True, patience=10
) -> Iterator[object]:
    """Send what `joblib.Parallel` does inside to `where`; yields the Dask client.

    where: "here" (joblib's own processes; yields None), "dask" (a LocalCluster of so
    many workers on this machine, for as long as the block lasts), or the address of a
    scheduler, tcp://host:port, whose workers have this course installed. workers: None
    is one for each core. processes: False makes the local workers threads. patience:
    seconds to wait for a scheduler.
    ValueError if `where` is none of these, if Dask is missing, if nobody answers, or
    if the cluster has no worker.
    """
    workers = joblib.cpu_count() if workers is None else workers
    want_sizes(workers=workers)
    if where in ("here", "", None):
        yield None
        return
    if where != "dask" and not re.match(r"(tcp|tls|ws|wss)://\S+:\d+", str(where)):
        raise ValueError(
            f"cluster: got {where!r}, want 'here', 'dask' or the address of a "
            "scheduler, tcp://host:port"
        )
    if importlib.util.find_spec("distributed") is None:
        raise ValueError(MISSING)
    from distributed import Client

    with contextlib.ExitStack() as stack:
        if where == "dask":
            client = stack.enter_context(Client(_local(stack, workers, processes)))
        else:
            client = stack.enter_context(_found(Client, where, patience))
        if not client.scheduler_info()["workers"]:
            raise ValueError(f"cluster: {where} has no worker; start one: dask worker")
        stack.enter_context(joblib.parallel_config(backend="dask"))
        yield client


def _local(stack, workers, processes):
    """Return a cluster on this machine, without a page of its own to look at."""
    from distributed import LocalCluster

    made = LocalCluster(
        n_workers=workers,
        threads_per_worker=1,
        processes=processes,
        dashboard_address=None,
        silence_logs=logging.ERROR,  # a worker that is slow to stop is no news
    )
    return stack.enter_context(made)


def _found(Client, where, patience):
    try:
        return Client(where, timeout=patience)
    except (OSError, TimeoutError, ValueError) as error:
        raise ValueError(
            f"cluster: nobody answers at {where} ({type(error).__name__}); is `dask "
            "scheduler` running there, and may this machine reach it?"
        ) from None
