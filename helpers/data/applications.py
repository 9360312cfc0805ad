"""What recurrent networks are used for, each with the type of its problem."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["APPLICATIONS", "TYPES", "Application", "describe"]

TYPES = {
    "one-to-one": "one thing in, one thing out: no sequence at all",
    "one-to-many": "one thing in, a sequence out",
    "many-to-one": "a sequence in, one thing out",
    "aligned": "a sequence in, one output for each of its steps",
    "unaligned": "a sequence in, a sequence of another length out",
}


class Application(NamedTuple):
    """A use of sequence models. ``goes_in`` and ``comes_out`` name a step of
    each and the axes; ``type`` is a key of TYPES; ``lesson`` runs it or
    the small task closest to it."""

    name: str
    goes_in: str
    comes_out: str
    type: str
    lesson: str


APPLICATIONS = tuple(
    Application(*row)
    for row in (
        ("digit recognition", "an image", "a class (B, K)", "one-to-one", "01"),
        ("image captioning", "an image", "words (B, S)", "one-to-many", "01"),
        ("text generation", "a topic", "characters (B, S)", "one-to-many", "07"),
        ("music generation", "a first note", "notes (B, S)", "one-to-many", "07"),
        ("sentiment", "words (B, T)", "a class (B, K)", "many-to-one", "13"),
        ("video: which action?", "frames (B, T, …)", "a class", "many-to-one", "01"),
        ("forecast of one value", "values (B, T, D)", "a value", "many-to-one", "12"),
        ("forecast after every step", "values", "values (B, T)", "aligned", "01"),
        ("forecast of 12 values", "values", "values (B, 12)", "unaligned", "01"),
        ("DNA: gene or not, each base", "bases", "tags (B, T)", "aligned", "06"),
        ("driving", "frames", "an angle for each (B, T)", "aligned", "01"),
        ("extractive answers", "question + text", "2 scores a word", "aligned", "13"),
        ("translation", "words (B, T)", "words (B, S)", "unaligned", "08"),
        ("speech to text", "sound (B, T, D)", "letters (B, S)", "unaligned", "10"),
        ("text to speech", "letters (B, T)", "sound (B, S)", "unaligned", "11"),
    )
)


def describe(applications=APPLICATIONS, placed=None) -> str:
    """Return the applications as a Markdown table, in the order of TYPES.

    placed: a learner's dict from names to types. An application in it whose type is
    not (yet) right comes last, with a "?" for what would give it away.
    """
    order = list(TYPES)
    unknown = [a.type for a in applications if a.type not in TYPES]
    if unknown:
        raise ValueError(f"applications holds the types {unknown}; known: {order}")
    placed = {} if placed is None else placed
    if not isinstance(placed, dict):
        raise ValueError(f"placed is {placed!r:.60}; a dict of name: type is wanted")
    rows, hidden = [], []
    for a in sorted(applications, key=lambda a: order.index(a.type)):
        if placed.get(a.name, a.type) == a.type:
            rows.append((a.type, a.name, a.goes_in, a.comes_out, a.lesson))
        else:
            hidden.append(("?", a.name, "?", "?", "?"))
    head = [("type", "application", "in", "out", "lesson"), ("---",) * 5]
    cells = [" | ".join(row) for row in (*head, *rows, *sorted(hidden))]
    return "\n".join(f"| {row} |" for row in cells)
