"""Morse code: letters as dots and dashes, texts to send, and ids for a network."""

from __future__ import annotations

import re

import numpy as np

from helpers.data.text import prose
from helpers.guards import want_sizes

__all__ = [
    "CODE",
    "ELEMENTS",
    "LETTERS",
    "Alphabet",
    "as_elements",
    "draw_texts",
    "from_elements",
    "words",
]

CODE = {
    "a": ".-", "b": "-...", "c": "-.-.", "d": "-..", "e": ".", "f": "..-.",
    "g": "--.", "h": "....", "i": "..", "j": ".---", "k": "-.-", "l": ".-..",
    "m": "--", "n": "-.", "o": "---", "p": ".--.", "q": "--.-", "r": ".-.",
    "s": "...", "t": "-", "u": "..-", "v": "...-", "w": ".--", "x": "-..-",
    "y": "-.--", "z": "--..",
}  # fmt: skip
_LETTER_OF = {code: letter for letter, code in CODE.items()}


class Alphabet:
    """Ids from 1 on for the symbols of a text; 0 is kept for the blank of CTC.

    `encode(text)` gives a list of ids, `decode(ids)` the text, blanks left out;
    `len()` counts the symbols and the blank.
    """

    def __init__(self, symbols):
        if not symbols or len(set(symbols)) < len(symbols):
            raise ValueError(f"symbols: got {symbols!r}, want different ones")
        self.symbols = "".join(symbols)

    def __len__(self):
        return 1 + len(self.symbols)

    def encode(self, text):
        if unknown := set(text) - set(self.symbols):
            raise ValueError(
                f"text: {sorted(unknown)[0]!r} is none of {self.symbols!r}"
            )
        return [1 + self.symbols.index(symbol) for symbol in text]

    def decode(self, ids):
        return "".join(self.symbols[int(i) - 1] for i in ids if i)


LETTERS = Alphabet(" abcdefghijklmnopqrstuvwxyz")
ELEMENTS = Alphabet(".- /")


def as_elements(text):
    """Return the Morse code of a text: "at e" → ".- -/.".

    A space ends a letter, a stroke ends a word. ValueError for what has no code here.
    """
    want_text(text)
    return "/".join(
        " ".join(CODE[letter] for letter in word) for word in text.split(" ")
    )


def from_elements(elements):
    """Return the text that dots, dashes, spaces and strokes stand for.

    A "?" stands for what is no letter's code; ends too many in a row count once.
    """
    words = [word.split() for word in re.split("/+", elements.strip(" /"))]
    return " ".join(
        "".join(_LETTER_OF.get(code, "?") for code in word) for word in words
    )


def draw_texts(rng, n, length=5, spaces=0.1):
    """Return n texts of random letters: no word of any language.

    length: characters of each, or a pair (shortest, longest). spaces: how often a
    character inside is a space; two never stand together.
    """
    low, high = (length, length) if np.isscalar(length) else length
    want_sizes(n=n, length=low)
    if not low <= high or not 0 <= spaces <= 1:
        raise ValueError(
            f"length, spaces: got {length!r} and {spaces!r}, want low ≤ high and a "
            "share from 0 to 1"
        )
    texts = []
    for size in rng.integers(low, high + 1, size=n):
        text = rng.choice(list(LETTERS.symbols[1:]), size)
        for i in range(1, size - 1):
            if text[i - 1] != " " and rng.random() < spaces:
                text[i] = " "
        texts.append("".join(text))
    return texts


def words(shortest=3, longest=6):
    """Return the different words of `prose` with so many letters, a … z, sorted."""
    want_sizes(shortest=shortest, longest=longest)
    found = re.findall(r"(?<![\w'.])[a-z]+(?![\w'(])", prose())
    return sorted({word for word in found if shortest <= len(word) <= longest})


def want_text(text):
    """Refuse what cannot be keyed: all but letters a … z in words; return None."""
    wanted = isinstance(text, str) and re.fullmatch("[a-z]+( [a-z]+)*", text)
    if not wanted:
        raise ValueError(
            f"text: got {text!r}, want letters a … z, with one space between words"
        )
