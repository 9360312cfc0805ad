"""Compute tables anew: `python -m helpers.experiments [name …]`."""

import argparse

from helpers.experiments import store
from helpers.experiments.scale.cluster import cluster


def main(argv=None):
    """Recompute the experiments named on the command line, or all of them."""
    parser = argparse.ArgumentParser(description="Recompute the lessons' long tables.")
    known = ", ".join(store.EXPERIMENTS)
    parser.add_argument("names", nargs="*", metavar="name", help=known)
    parser.add_argument("--jobs", type=int, help="runs at a time (1; on a cluster all)")
    where = "dask: a cluster on this machine; tcp://host:port: one that runs elsewhere"
    parser.add_argument("--cluster", default="here", help=where)
    given = parser.parse_args(argv)
    for name in given.names or store.EXPERIMENTS:
        if name not in store.EXPERIMENTS:
            parser.error(f"{name!r} is none of {known}")
    here = given.cluster in ("", "here")
    jobs = given.jobs or (1 if here else -1)
    try:
        with cluster(given.cluster):
            for name in given.names or store.EXPERIMENTS:
                store.run(name, n_jobs=jobs)
                print(f"{name}: done")
    except ValueError as problem:
        if not str(problem).startswith("cluster: "):
            raise
        parser.error(str(problem))


if __name__ == "__main__":
    main()
