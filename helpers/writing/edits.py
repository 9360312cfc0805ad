"""How two texts differ: the fewest edits from one to the other, by kind."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["Edits", "edits"]


class Edits(NamedTuple):
    """What was done to the truth: characters changed, put in, left out."""

    substitutions: int
    insertions: int
    deletions: int


def edits(heard, truth):
    """Return the fewest Edits that make `heard` of `truth` (Levenshtein 1966).

    Of ways that are equally short, the one with most substitutions counts.
    """
    row = [Edits(0, j, 0) for j in range(len(heard) + 1)]
    for i, true in enumerate(truth, 1):
        above, row = row, [Edits(0, 0, i)]
        for j, said in enumerate(heard, 1):
            s, n, d = above[j - 1]
            ways = [Edits(s + (said != true), n, d)]
            ways.append(row[-1]._replace(insertions=row[-1].insertions + 1))
            ways.append(above[j]._replace(deletions=above[j].deletions + 1))
            row.append(min(ways, key=lambda way: (sum(way), -way.substitutions)))
    return row[-1]
