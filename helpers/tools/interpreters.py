"""Find a Python that can make an environment (read by Python 3.7, too)."""

import os
import re
import shutil
import subprocess
import sys

from helpers.tools.trouble import Stop

__all__ = ["examine", "find_python", "output_of", "python_of"]

OLDEST = (3, 11)
NAMES = ("python3.14", "python3.13", "python3.12", "python3.11", "python3", "python")


def find_python():
    """Return the path of a Python that can make the environment, or raise Stop.

    The one that runs this comes first: it is what `make lab PYTHON=...` names.
    """
    seen, too_old, bare = set(), None, None
    for name in (sys.executable, *NAMES):
        path = name and shutil.which(name)
        real = path and os.path.realpath(path)
        if not path or real in seen:
            continue
        seen.add(real)
        version, whole = examine(path)
        if version >= OLDEST and whole:
            return path
        if version >= OLDEST:
            bare = bare or (path, version)
        elif version > (0, 0):
            too_old = max(too_old or version, version)
    if bare:
        raise Stop(
            "{} has no venv module. On Debian or Ubuntu: "
            "sudo apt install python{}.{}-venv".format(bare[0], *bare[1])
        )
    have = "{}.{} is the newest here".format(*too_old) if too_old else "none is here"
    raise Stop(f"The course needs Python 3.11 or newer; {have}. See python.org.")


def examine(python):
    """Return ((major, minor), whether venv and pip can be had) of an interpreter."""
    code = (
        "import sys; print(*sys.version_info[:2])\n"
        "import venv, ensurepip; print('whole')"
    )
    answer = output_of([python, "-c", code])
    found = re.match(r"(\d+) (\d+)\s*(whole)?", answer)
    if not found:
        return (0, 0), False
    return (int(found.group(1)), int(found.group(2))), bool(found.group(3))


def output_of(command):
    """Return what a short command prints; nothing if it cannot be run."""
    try:
        done = subprocess.run(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=60,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.decode("utf-8", "replace")


def python_of(venv):
    """Return the path of the interpreter inside an environment."""
    windows = os.name == "nt"
    return (
        venv
        / ("Scripts" if windows else "bin")
        / ("python.exe" if windows else "python")
    )
