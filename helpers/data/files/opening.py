"""Open a learner's file, or say in words why it cannot be read."""

from __future__ import annotations

import codecs
import contextlib
from pathlib import Path

__all__ = ["file_at", "opened", "want_encoding"]

OTHERS = "idna", "punycode", "undefined"  # codecs of names, of no file


def file_at(path):
    """Return a Path, "~" spelled out; ValueError, by name, for what can be none."""
    try:
        return Path(path).expanduser()
    except TypeError:
        raise ValueError(f"path: got {path!r}, want the name of a file") from None
    except RuntimeError:
        raise ValueError(f"path: {str(path)!r}: nobody here has such a home") from None


@contextlib.contextmanager
def opened(path):
    """Open a file for its bytes; all that goes wrong with it is a ValueError.

    path: as `file_at` returns it.
    """
    try:
        if not path.is_file():
            what = "a folder" if path.is_dir() else "not there"
            raise ValueError(f"path: {path.name!r} is {what}; a text file is wanted")
        with path.open("rb") as file:
            yield file
    except OSError as error:
        advice = "ask its owner for the right to, or copy what it shows into a file of "
        advice = f"; {advice}your own" if isinstance(error, PermissionError) else ""
        raise ValueError(
            f"path: {path.name!r} cannot be read ({error.strerror}){advice}"
        ) from None


def want_encoding(encoding):
    """Refuse what is no name of an encoding that a text may be in; return None."""
    if encoding is None:
        return
    if not isinstance(encoding, str):
        raise ValueError(f"encoding: got {encoding!r}, want a name, like 'cp1252'")
    try:
        b" ".decode(encoding, "replace")
        if codecs.lookup(encoding).name not in OTHERS:
            return
    except (LookupError, ValueError):
        pass
    raise ValueError(f"encoding: {encoding!r} is none that Python knows for a text")
