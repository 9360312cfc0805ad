"""Text for the eye: letters with their accents, from right to left, and joined.

Sources: Unicode Standard Annex 9, the bidirectional algorithm (its implicit part, of
one line; marks that embed one direction in another and the rule of paired brackets are
left out), and Annex 29 (a letter and the marks on it, simplified).
"""

import unicodedata
from functools import cache
from itertools import pairwise

__all__ = ["JOINER", "clusters", "goes_right", "joined", "visual"]

JOINER = "\N{ZERO WIDTH JOINER}"
MIRRORED = dict(zip("()[]{}<>«»‹›", ")(][}{><»«›‹", strict=True))


def clusters(text):
    """Return (start, end) of each letter of a text with the marks that it carries."""
    starts = []
    for i, char in enumerate(text):
        before = text[i - 1] if i else "\n"
        mark = unicodedata.category(char)[0] == "M" or char == JOINER
        if not (mark or before == JOINER) or before.isspace():
            starts.append(i)
    return [(i, j) for i, j in pairwise([*starts, len(text)])]


def joined(text):
    """Return a text of equal length in which Arabic letters have their joined forms.

    The two letters of lam-alef are joined, but not drawn as the one sign that a pen
    makes of them.
    """
    forms = _forms()
    bare = [i for i, char in enumerate(text) if not unicodedata.combining(char)]
    out = list(text)
    for k, i in enumerate(bare):
        before, after = (
            text[bare[j]] if 0 <= j < len(bare) else " " for j in (k - 1, k + 1)
        )
        tied = _joins_next(before) and _joins_last(text[i])
        ties = _joins_next(text[i]) and _joins_last(after)
        form = {(1, 0): "<final>", (0, 1): "<initial>", (1, 1): "<medial>"}
        out[i] = forms.get((form.get((tied, ties)), text[i]), text[i])
    return "".join(out)


def _joins_next(char):
    return char == "\u0640" or ("<initial>", char) in _forms()


def _joins_last(char):
    return char == "\u0640" or ("<final>", char) in _forms()


@cache
def _forms():
    """Return (form, letter) → the character of that form, from Unicode's own table."""
    found = {}
    for code in [*range(0xFB50, 0xFE00), *range(0xFE70, 0xFEFD)]:
        form, *letters = unicodedata.decomposition(chr(code)).split() or [""]
        if len(letters) == 1:
            found[form, chr(int(letters[0], 16))] = chr(code)
    return found


def goes_right(text):
    """Tell whether a line goes from left to right: its first letter says so."""
    kinds = map(unicodedata.bidirectional, text)
    return next((kind for kind in kinds if kind in ("L", "R", "AL")), "L") == "L"


def visual(text, rightwards=None):
    """Return (place, character) of a line in the order of the eye, left first.

    A bracket that is read from right to left is turned round. rightwards: whether the
    line as a whole goes from left to right; by default its first letter says so.
    """
    kinds = [unicodedata.bidirectional(char) or "L" for char in text]
    rightwards = goes_right(text) if rightwards is None else rightwards
    base = 0 if rightwards else 1
    levels = [
        base + {"L": base, "R": 1 - base, "AN": 2 - base, "EN": 2 - base}[kind]
        for kind in _resolved(kinds, "R" if base else "L")
    ]
    end = len(text.rstrip())
    levels[end:] = [base] * (len(text) - end)
    order = list(range(len(text)))
    for level in range(max(levels, default=0), 0, -1):
        start = 0
        while start < len(order):
            stop = start
            while stop < len(order) and levels[order[stop]] >= level:
                stop += 1
            order[start:stop] = order[start:stop][::-1]
            start = stop + 1
    turned = [
        MIRRORED.get(c, c) if n % 2 else c for c, n in zip(text, levels, strict=True)
    ]
    return [(place, turned[place]) for place in order]


def _resolved(kinds, base):
    """Return L, R, EN or AN for each of the classes; rules W1 to N2 of the annex."""
    out, strong, last = [], base, base
    for kind in kinds:
        if kind == "NSM":
            kind = last
        if kind in ("L", "R", "AL"):
            strong = kind
        if kind == "EN" and strong == "AL":
            kind = "AN"
        out.append(kind)
        last = kind
    for i in range(1, len(out) - 1):
        a, kind, b = out[i - 1 : i + 2]
        if a == b and (
            (kind == "CS" and a in ("EN", "AN")) or (kind, a) == ("ES", "EN")
        ):
            out[i] = a
    for step in 1, -1:  # a sign such as % goes with the number beside it
        for i in range(len(out))[::step]:
            if out[i] == "ET" and 0 <= i - step < len(out) and out[i - step] == "EN":
                out[i] = "EN"
    strong = base
    for i, kind in enumerate(out):
        strong = kind if kind in ("L", "R", "AL") else strong
        if kind == "AL":
            out[i] = "R"
        elif kind == "EN" and strong == "L":
            out[i] = "L"
        elif kind not in ("L", "R", "EN", "AN"):
            out[i] = "N"
    return _neutrals(out, base)


def _neutrals(kinds, base):
    """Give what has no direction that of both its sides, or else the line's."""
    out, i = list(kinds), 0
    while i < len(out):
        j = i
        while j < len(out) and out[j] == "N":
            j += 1
        sides = {
            "L" if k == "L" else "R"
            for k in (out[i - 1] if i else base, out[j] if j < len(out) else base)
        }
        out[i:j] = [sides.pop() if len(sides) == 1 else base] * (j - i)
        i = j + 1
    return out
