"""Tables that take longer than a lesson may, kept in a store that lessons read."""

from helpers.experiments.store import EXPERIMENTS, load, run

__all__ = ["EXPERIMENTS", "load", "run"]
