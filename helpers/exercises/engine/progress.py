"""What has been done so far, kept in one small file outside the repository.

The file lies in the user's data folder, or in the folder that the environment
variable UNROLLED_HOME names. It is replaced as a whole or not at all, so a crash in
the middle of writing leaves the last good one; and no trouble with it ever stops a
check.
"""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from pathlib import Path

import platformdirs

from helpers.exercises.engine import registry

__all__ = ["load", "progress_file", "record", "reset_progress"]


def progress_file() -> Path:
    """Return where the progress file is, or would be."""
    home = os.environ.get("UNROLLED_HOME")
    folder = home or platformdirs.user_data_dir("unrolled", False)
    return Path(folder).expanduser() / "progress.json"


def _empty() -> dict:
    return {"version": 1, "exercises": {}, "predictions": {}}


def load() -> dict:
    """Return {"exercises": {id: "right" | "wrong"}, "predictions": {id: index}}.

    A file that cannot be understood is set aside as progress.broken.json, with one
    printed line, and counting starts anew; one that cannot be read counts as empty.
    """
    path = progress_file()
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return _empty()
    except (OSError, UnicodeDecodeError) as error:
        if isinstance(error, OSError):
            return _empty()
        text = ""
    try:
        kept = json.loads(text)
        exercises, predictions = dict(kept["exercises"]), dict(kept["predictions"])
        if not all(isinstance(v, str) for v in exercises.values()):
            raise ValueError("verdicts are texts")
        if not all(isinstance(v, int) for v in predictions.values()):
            raise ValueError("predictions are indices")
    except (ValueError, KeyError, TypeError, RecursionError):
        with contextlib.suppress(OSError):
            os.replace(path, path.with_name("progress.broken.json"))
        print(
            "(the progress file was damaged; it is set aside and counting starts anew)"
        )
        return _empty()
    return {"version": 1, "exercises": exercises, "predictions": predictions}


def _save(state: dict) -> bool:
    """Write `state` so that a reader sees the old file or the new one, never half."""
    path, name = progress_file(), None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(".tmp", "progress-", path.parent)
        with os.fdopen(handle, "w", encoding="utf-8") as out:
            json.dump(state, out, indent=1, sort_keys=True)
            out.flush()
            os.fsync(out.fileno())
        os.replace(name, path)
    except OSError:
        if name:
            with contextlib.suppress(OSError):
                os.unlink(name)
        return False
    return True


def record(kind: str, id: str, value: str | int) -> bool:
    """Remember `value` for `id`; return whether it could be written.

    kind: "exercises" (value "right" or "wrong"; right stays right) or "predictions"
    (value: index of the option picked first, which stays).
    """
    if kind not in ("exercises", "predictions"):
        raise ValueError(f"kind must be 'exercises' or 'predictions', got {kind!r}")
    state = load()
    before = state[kind].get(id)
    if (
        before == value
        or before == "right"
        or (kind == "predictions" and id in state[kind])
    ):
        return True
    state[kind][id] = value
    return _save(state)


def reset_progress(lesson: str | None = None) -> None:
    """Forget the progress of one lesson ("03"), or all of it."""
    if lesson is not None:
        if not (isinstance(lesson, str) and lesson.isdigit()):
            raise ValueError(f"lesson must be two digits such as '03', got {lesson!r}")
        lesson, known = lesson.zfill(2), registry.lessons()
        if lesson not in known:
            raise ValueError(
                f"lesson must be one of {', '.join(known)}, got {lesson!r}: it has no "
                "exercises"
            )
    state = load()
    for kind in ("exercises", "predictions"):
        state[kind] = {
            id: value
            for id, value in state[kind].items()
            if lesson is not None and not id.startswith(f"{lesson}.")
        }
    _save(state)
