"""The two forms of Unicode: an é may be one character, or an e and an accent (U+0301).

Keyboards and file names differ in that. Source: Unicode Standard Annex 15.
"""

from __future__ import annotations

import unicodedata

__all__ = ["form_hint", "in_form_of"]


def in_form_of(known, text):
    """Return a text as it is, composed or decomposed: with the fewest unknown ones.

    known: the characters that are known.
    """
    forms = (text, *(unicodedata.normalize(form, text) for form in ("NFC", "NFD")))
    return min(forms, key=lambda form: sum(c not in known for c in form))


def form_hint(known, **given):
    """Return what to add to an error if all would be known in another form, else "".

    given: one argument by its name, a text or a list of words.
    """
    ((name, tokens),) = given.items()
    whole = isinstance(tokens, str)
    if not all(isinstance(token, str) for token in tokens):
        return ""
    for form, parts in ("NFC", "in one piece"), ("NFD", "as letter and accent"):
        pieces = [
            unicodedata.normalize(form, t) for t in ([tokens] if whole else tokens)
        ]
        if all(piece in known for piece in (pieces[0] if whole else pieces)):
            call = f"unicodedata.normalize({form!r}, {name if whole else 'one'})"
            each = "" if whole else f" for each one of {name}"
            return f"; they are there {parts}: take {call}{each}"
    return ""
