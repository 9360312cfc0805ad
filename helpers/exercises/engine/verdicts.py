"""What a check can say, and how it is shown: right, wrong, not attempted."""

from __future__ import annotations

import html
import re

from IPython.display import display

__all__ = [
    "CheckFailed",
    "Interrupted",
    "NotAttempted",
    "Note",
    "UnknownId",
    "Wrong",
    "rich",
    "say",
]


STRESS = r"(?<![\w*])\*([^\s*](?:[^*]*[^\s*])?)\*(?![\w*])"  # a * b * c is a product


class Wrong(Exception):
    """What a checker raises: what the learner did, and what to do about it."""


class NotAttempted(Exception):
    """What a checker raises when there is nothing yet to judge."""


class _OneLine:
    """An exception that a notebook shows as one line, without a traceback."""

    def _render_traceback_(self) -> list[str]:
        head, dash, rest = str(self).partition(" — ")
        return [f"\x1b[1m{head}\x1b[0m{dash}{rest}"]


class CheckFailed(_OneLine, AssertionError):
    """A wrong answer. An AssertionError, so that nbval and graders see a failure."""


class UnknownId(_OneLine, LookupError):
    """An id that names no exercise and no prediction."""


class Interrupted(_OneLine, KeyboardInterrupt):
    """The learner pressed the interrupt button while a check ran."""


def rich(text: str) -> str:
    """Return `text` as HTML, escaped: `code`, **bold** and *stress*; $math$ is kept."""
    kept = []  # code and maths, in which a * is a product

    def keep(match):
        kept.append(match[0])
        return "\0"

    text = re.sub(r"`[^`]+`|\$[^$]+\$", keep, html.escape(text, quote=False))
    text = re.sub(r"\*\*([^*]+)\*\*", r"<b>\1</b>", text)
    text = re.sub(STRESS, r"<em>\1</em>", text)
    text = re.sub("\0", lambda _: kept.pop(0), text)
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", text)


class Note:
    """A short text that a notebook shows as HTML and everything else as plain text."""

    def __init__(self, text: str, colour: str = "--jp-border-color1") -> None:
        self.text, self.colour = text, colour

    def __repr__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        style = f"border-left: 4px solid var({self.colour}, #888); padding: 2px 10px;"
        return f'<div style="{style}">{rich(self.text)}</div>'


def say(text: str, colour: str = "--jp-border-color1") -> None:
    """Show `text` under the cell (or print it where there is no notebook)."""
    display(Note(text, colour))
