"""Compute tables anew: `python -m helpers.experiments [name …]`."""

import argparse

from helpers.experiments import store


def main(argv=None):
    """Recompute the experiments named on the command line, or all of them."""
    parser = argparse.ArgumentParser(description="Recompute the lessons' long tables.")
    known = ", ".join(store.EXPERIMENTS)
    parser.add_argument("names", nargs="*", metavar="name", help=known)
    parser.add_argument("--jobs", type=int, default=1, help="runs at a time")
    given = parser.parse_args(argv)
    for name in given.names or store.EXPERIMENTS:
        if name not in store.EXPERIMENTS:
            parser.error(f"{name!r} is none of {known}")
    for name in given.names or store.EXPERIMENTS:
        store.run(name, n_jobs=given.jobs)
        print(f"{name}: done")


if __name__ == "__main__":
    main()
