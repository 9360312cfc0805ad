"""Text as characters: English prose that is already on the machine, or a file.

The prose is the help that Python prints for its keywords (`pydoc_data.topics`, part of
the standard library): some 450,000 characters. It differs a little from one version
of Python to the next, so conclusions hold and last digits do not.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from functools import cache

import numpy as np

from helpers.data.files.encodings import (
    ENCODINGS,
    known_encoding,
    likely_encodings,
    strange_words,
)
from helpers.data.files.forms import form_hint
from helpers.data.files.opening import file_at, opened, want_encoding
from helpers.guards import want_sizes

__all__ = [
    "Characters",
    "bigram_bits",
    "prose",
    "read_text",
    "streams",
]

_PLAIN = {0x2018: "'", 0x2019: "'", 0x201C: '"', 0x201D: '"', 0x2013: "-", 0x2014: "-"}


@cache
def prose():
    """The text as one str: ASCII, one space where there were many, no rulers."""
    from pydoc_data.topics import topics

    text = "\n".join(topics[name].strip() for name in sorted(topics))
    text = unicodedata.normalize("NFKD", text.translate(_PLAIN))
    text = text.encode("ascii", "ignore").decode()
    lines = (re.sub(r"\s+", " ", line).strip() for line in text.splitlines())
    return "\n".join(line for line in lines if re.search("[a-zA-Z]", line))


SAMPLE = 1 << 16  # bytes that are looked at to find an encoding, or read at once


def read_text(path, *, encoding=None, at_least=5_000, at_most=1_000_000):
    """Return a text file as one str, composed (NFC), with \\n at the ends of lines.

    encoding: by default what the file says itself, or UTF-8; if it is neither, the one
    that it is likely to be in, which is then printed with some of its words. What goes
    beyond at_most characters is not read. ValueError, with what to do about it, if
    there is no such file, if it is no text, if its encoding cannot be told for sure, or
    if it holds fewer than at_least characters.
    """
    want_sizes(at_least=at_least, at_most=at_most)
    want_encoding(encoding)
    path = file_at(path)
    with opened(path) as file:
        text = _decoded(file, path.name, encoding, at_most)
    if len(text) < min(at_least, at_most):
        held = f"{len(text):,} characters" if text else "no characters at all"
        raise ValueError(
            f"path: {path.name!r} holds {held}; at least {at_least:,} are wanted"
        )
    return text


def _decoded(file, name, encoding, at_most):
    """Return the beginning of an open file as text, in the encoding that fits."""
    sample = file.read(SAMPLE)
    known = known_encoding(sample)
    if encoding is None and known is None and b"\0" in sample[:4096]:
        raise ValueError(
            f"path: {name!r} is no plain text (it has zero bytes); save what it "
            "shows as a .txt file in UTF-8"
        )
    used = encoding or known or "utf-8"
    try:
        return _beginning(file, used, at_most)
    except UnicodeError as error:  # which has no place if a mark is missing
        place = getattr(error, "start", 0)
    wrong = f"path: {name!r} is not in {used}: see byte {place:,}; "
    if known and codecs.lookup(used).name != codecs.lookup(known).name:
        raise ValueError(f"{wrong}try encoding={known!r}")
    file.seek(max(0, place - 1000))
    sample = file.read(SAMPLE)
    seen = sample.decode("utf-8", "replace")
    broken = seen.count("\ufffd")
    if used == "utf-8" and sum(c > "\x7f" for c in seen) > 20 * broken:
        raise ValueError(wrong + "nearly all of it is; mend that place in an editor")
    found = likely_encodings(sample)
    if encoding or known or not (found and found[0].sure):
        some = [f"{r.encoding!r} ({strange_words(r.text)!r})" for r in found]
        advice = f"try encoding={' or '.join(some)}" if some else "is it plain text?"
        raise ValueError(wrong + advice)
    best, _, _ = found[0]
    try:
        text = _beginning(file, best, at_most)
    except UnicodeDecodeError as error:
        raise ValueError(f"{wrong}nor in {best}: see byte {error.start:,}") from None
    words = strange_words(found[0].text)
    print(
        f"{name!r} is not in UTF-8; it is read as {best} ({ENCODINGS[best]}): "
        f"{words!r}. If these are no words, name its encoding: encoding=…"
    )
    return text


def _beginning(file, encoding, at_most):
    """Return the first at_most characters of an open file, read as far as needed.

    UnicodeDecodeError says at which byte of the file it is in another encoding.
    """
    decoder = codecs.getincrementaldecoder(encoding)()
    file.seek(0)
    parts, text, more, wanted = [], "", True, at_most + SAMPLE
    while more and len(text) < at_most + 100:  # a letter is not cut from its accents
        while more and sum(map(len, parts)) < wanted:
            before = file.tell() - len(decoder.getstate()[0])
            more = file.read(SAMPLE)
            try:
                part = decoder.decode(more, final=not more)
            except UnicodeDecodeError as error:
                error.start += before
                raise
            parts.append(part if any(parts) else part.lstrip())
        lines = "".join(parts).splitlines()
        text = unicodedata.normalize("NFC", "\n".join(lines))
        wanted += at_most + SAMPLE - len(text)
    return text.strip()[:at_most]


class Characters:
    """Ids 0 … V - 1 for the characters of a text, in the order of their codes.

    `encode(text)` gives ids (len(text),), `decode(ids)` the text; `len()` is V. A
    character that the text did not have raises a ValueError that names it, or says that
    its letter and accent are one character there and two here.
    """

    def __init__(self, text):
        if not text:
            raise ValueError("text is empty; at least one character is wanted")
        self.chars = "".join(sorted(set(text)))
        self._ids = {c: i for i, c in enumerate(self.chars)}

    def __len__(self):
        return len(self.chars)

    def encode(self, text):
        try:
            return np.array([self._ids[c] for c in text], dtype=np.int64)
        except KeyError as error:
            raise ValueError(
                f"text holds {error.args[0]!r}, which is none of the {len(self)} "
                "characters that this vocabulary was made from"
                + form_hint(self._ids, text=text)
            ) from None

    def decode(self, ids):
        return "".join(self.chars[i] for i in ids)


def streams(ids, B, T):
    """Yields X, Y (B, T) of ids in reading order, Y being one character further.

    The text is cut into B long streams; row b of every chunk goes on where row b of
    the chunk before stopped. What does not fill a last chunk is left out.
    """
    want_sizes(B=B, T=T)
    n = (len(ids) - 1) // (B * T) * T if B > 0 and T > 0 else 0  # a stream's length
    if n < 1:
        raise ValueError(f"ids holds {len(ids)}; B * T + 1 = {B * T + 1} are wanted")
    X, Y = ids[: B * n].reshape(B, n), ids[1 : B * n + 1].reshape(B, n)
    for t in range(0, n, T):
        yield X[:, t : t + T], Y[:, t : t + T]


def bigram_bits(train, test, V):
    """Bits per character on test of a table of pairs counted in train, plus one each.

    train, test: ids (N,). Laplace's rule keeps a pair that was never seen possible.
    """
    if len(train) < 2 or len(test) < 2:
        raise ValueError(
            f"train and test hold {len(train)} and {len(test)}; 2 or more are wanted"
        )
    counts = np.ones((V, V))
    np.add.at(counts, (train[:-1], train[1:]), 1)
    p = counts / counts.sum(axis=1, keepdims=True)
    return -np.log2(p[test[:-1], test[1:]]).mean()
