"""What the explorers of character models share: a network and its characters."""

import unicodedata

from helpers.data.text import Characters

__all__ = ["printable", "want_fit"]


def printable(char):
    """The character as a label in a figure: blanks and line ends become visible."""
    mark = unicodedata.category(char or " ")[0] == "M"  # it needs something to sit on
    return {" ": "␣", "\n": "↵", "$": r"\$"}.get(char, "◌" * mark + char)


def want_fit(rnn, characters):
    """Raise a ValueError unless `rnn` reads the ids of `characters`."""
    params = getattr(rnn, "params", None)
    if not isinstance(params, dict) or not {"W_xh", "W_hh", "b_h"} <= params.keys():
        raise ValueError(f"rnn: a helpers.nets.numpy_rnn.RNN wanted, got {rnn!r:.60}")
    if not isinstance(characters, Characters):
        want = "a helpers.data.text.Characters"
        raise ValueError(f"characters: {want} wanted, got {characters!r:.60}")
    if len(characters) != (D := len(params["W_xh"])):
        got = len(characters)
        raise ValueError(f"characters: {D} wanted, as many as rnn reads, got {got}")
