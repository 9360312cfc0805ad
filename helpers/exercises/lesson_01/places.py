"""The exercise of lesson 01 that has no code: where does an application belong?"""

from __future__ import annotations

from helpers.data.applications import APPLICATIONS, TYPES
from helpers.exercises.engine.core import NotAttempted, Wrong, call

__all__ = ["check_places", "place_applications"]

PLACES = {a.name: a.type for a in APPLICATIONS}
WHY = {
    "sentiment": "the whole review gets one verdict",
    "driving": "every camera frame needs its steering angle at once",
    "translation": "the two sentences need not have the same number of words",
    "speech to text": "many sound frames make one letter",
    "music generation": "one note starts it; every further note is made",
    "forecast of 12 values": "12 come out, however many went in",
    "extractive answers": "each word of the text gets two scores: begin here, end here",
    "DNA: gene or not, each base": "every base gets its own tag",
}


def place_applications():
    return {
        "sentiment": "many-to-one",
        "driving": "aligned",
        "translation": "unaligned",
        "speech to text": "unaligned",
        "music generation": "one-to-many",
        "forecast of 12 values": "unaligned",
        "extractive answers": "aligned",
        "DNA: gene or not, each base": "aligned",
    }


def check_places(answer):
    if callable(answer):
        answer = call(answer)
    if not isinstance(answer, dict):
        raise Wrong(f"give a dict of name: type, not a {type(answer).__name__}")
    left = [name for name in WHY if answer.get(name, ...) is ...]
    if left:
        raise NotAttempted(f"{len(left)} of {len(WHY)} still to place")
    for name, given in answer.items():
        if name not in WHY:
            raise Wrong(f"{name!r} is none of the names; leave them as given")
        if not isinstance(given, str) or given not in TYPES:
            raise Wrong(
                f"{name}: {given!r} is no type; choose among {', '.join(TYPES)}"
            )
        if given != PLACES[name]:
            raise Wrong(f"{name}: not {given}. Think again: {WHY[name]}")
    return "What goes in and what comes out decides; the subject matter does not."
