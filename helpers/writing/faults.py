"""What is wrong with a translation: words left out, said too often, never looked at."""

from __future__ import annotations

from collections import Counter

__all__ = ["left_out", "never_attended", "said_too_often"]


def left_out(said, wanted):
    """Return how many tokens of `wanted` are not in `said`, or not that often."""
    return sum((Counter(wanted) - Counter(said)).values())


def said_too_often(said, wanted):
    """Return how many tokens of `said` are not in `wanted`, or not that often."""
    return sum((Counter(said) - Counter(wanted)).values())


def never_attended(seen, least=0.1):
    """Return the share of source words looked at for less than `least` of one step.

    seen: for each source word, the attention weights of all steps together.
    """
    if len(seen) == 0:
        raise ValueError("seen: got no words, want at least one")
    return sum(weight < least for weight in seen) / len(seen)
