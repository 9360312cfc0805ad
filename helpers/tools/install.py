"""Make the course's virtual environment, or leave a sound one alone.

    python3 helpers/tools/install.py [--venv .venv] [--extra test]

Only the standard library is used, in a form that Python 3.7 can still read: an old
interpreter has to be able to say that it is too old, or to find a newer one.
"""

import argparse
import contextlib
import hashlib
import http.client
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
OLDEST = (3, 11)
NAMES = ("python3.14", "python3.13", "python3.12", "python3.11", "python3", "python")
STAMP = "unrolled.json"
LOG = "install.log"
NEEDED_GB, CUDA_GB = 2.5, 10  # the second with the CUDA that a torch wheel can bring

# The plain Linux wheels of PyTorch bring 2.7 GB of CUDA along, so a machine without
# an NVIDIA GPU asks PyTorch's own CPU index first.  This is the one place that names
# it; UNROLLED_TORCH_INDEX replaces it, and "off" leaves it out.
CPU_INDEX = "https://" + ".".join(("download", "pytorch", "org")) + "/whl/cpu"

TROUBLE = (
    (
        r"No space left on device|Errno 28|not enough space",
        "The disk is full. Free about {gb} GB and run the command again "
        "(if it is the temporary folder: set TMPDIR to another one).",
    ),
    (
        r"name resolution|NewConnectionError|Network is unreachable|timed out"
        r"|Could not fetch URL|ConnectionError|ProxyError|Connection refused",
        "The packages cannot be downloaded: no network. "
        "Connect and run the command again.",
    ),
    (
        r"No matching distribution found for (\S+)",
        "{match} cannot be had: no network, or nothing that fits this machine and "
        "Python (64 bit, 3.11 to 3.14; on an Intel Mac use conda, see README.md).",
    ),
    (
        r"Permission denied|Errno 13|Read-only file system",
        "{venv} cannot be written to. Use a folder of your own for the course.",
    ),
)


class Stop(Exception):
    """What keeps the course from being installed, in one line."""


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


def wanted_stamp():
    """Return a digest of everything that decides what is installed."""
    digest = hashlib.sha256(str(ROOT).encode())
    for name in ("pyproject.toml", "constraints.txt"):
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def read_stamp(venv):
    """Return (digest, extras) of the last finished installation in ``venv``."""
    try:
        kept = json.loads((venv / STAMP).read_text(encoding="utf-8"))
        return kept["digest"], set(kept["extras"])
    except (OSError, ValueError, KeyError, TypeError):
        return None, set()


def write_stamp(venv, digest, extras):
    """Note in ``venv`` what was installed there."""
    stamp = {"digest": digest, "extras": sorted(extras)}
    (venv / STAMP).write_text(json.dumps(stamp), encoding="utf-8")


def has_gpu():
    """Return whether an NVIDIA driver is at work."""
    return Path("/proc/driver/nvidia/version").exists() or Path("/dev/nvidia0").exists()


def torch_index():
    """Return the address to get a CPU build of torch from; None for the usual one."""
    chosen = os.environ.get("UNROLLED_TORCH_INDEX", "")
    if chosen:
        return None if chosen.lower() in ("off", "0", "no") else chosen
    if platform.system() != "Linux" or has_gpu():
        return None
    if platform.machine() not in ("x86_64", "aarch64"):
        return None
    try:
        with contextlib.closing(urllib.request.urlopen(CPU_INDEX + "/", timeout=4)):
            return CPU_INDEX
    except (OSError, ValueError, http.client.HTTPException):
        return None


def make_venv(venv):
    """Create an empty environment, in place of any half-made one."""
    python = find_python()
    free = shutil.disk_usage(str(venv.parent)).free / 1e9
    if free < NEEDED_GB:
        raise Stop(
            f"The disk is full: {free:.1f} GB are free under {venv.parent}, "
            f"the course needs {NEEDED_GB} GB."
        )
    if venv.exists():
        print(f"{venv.name} is half made; it is built anew.", flush=True)
    print(f"Installing the course into {venv.name}: a few minutes, once.", flush=True)
    try:
        subprocess.run(
            [python, "-m", "venv", "--clear", str(venv)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=True,
        )
    except subprocess.CalledProcessError as error:
        raise explain(error.stdout.decode("utf-8", "replace"), venv) from None
    except OSError as error:
        raise explain(str(error), venv) from None


def pip(venv, *arguments):
    """Run pip inside ``venv`` with everything it says in the log; raise Stop."""
    command = [str(python_of(venv)), "-m", "pip", "install"]
    command += ["--progress-bar", "off", "--disable-pip-version-check", *arguments]
    said = []
    with open(venv / LOG, "a", encoding="utf-8") as log:
        running = subprocess.Popen(
            command,
            cwd=str(ROOT),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        for raw in running.stdout:
            line = raw.decode("utf-8", "replace").rstrip()
            log.write(line + "\n")
            said.append(line)
            show(line)
        running.wait()
    show("")
    if running.returncode:
        raise explain("\n".join(said), venv)


def show(line):
    """Show what pip is busy with on one line of a terminal; elsewhere nothing."""
    if sys.stdout.isatty():
        busy = re.match(r"\s*(Collecting|Downloading|Installing)\s.*", line)
        if busy or not line:
            print("\r\x1b[K" + line.strip()[:76], end="", flush=True)


def explain(said, venv):
    """Return a Stop that says in one line why an installation failed."""
    for pattern, remedy in TROUBLE:
        found = re.search(pattern, said)
        if found:
            match = found.group(found.lastindex or 0)
            gb = CUDA_GB if "nvidia" in said else NEEDED_GB
            return Stop(remedy.format(gb=gb, match=match, venv=venv))
    lines = [line for line in said.splitlines() if line.strip()] or ["no reason given"]
    log = f" (all of it: {venv / LOG})" if (venv / LOG).exists() else ""
    return Stop(f"{lines[-1].strip()}{log}")


def install(venv, extras):
    """Bring ``venv`` to what pyproject.toml and constraints.txt ask for."""
    digest, have = read_stamp(venv)
    sound = output_of([str(python_of(venv)), "-c", "import pip; print('sound')"])
    if digest == wanted_stamp() and set(extras) <= have and sound:
        return
    start = time.time()
    if digest is None or not sound:
        make_venv(venv)
    else:
        print("Bringing the installed packages up to date.", flush=True)
        write_stamp(venv, "under way", have)  # an interrupted update is taken up again
    index = torch_index() if digest != wanted_stamp() or not sound else None
    if index:
        with contextlib.suppress(Stop):  # the usual index has torch as well
            pinned = re.search(
                r"(?m)^torch==\S+", (ROOT / "constraints.txt").read_text()
            )
            pip(venv, "--no-deps", "--index-url", index, pinned.group(0))
    extras = sorted(have | set(extras))
    target = ".[{}]".format(",".join(extras)) if extras else "."
    pip(venv, "-c", "constraints.txt", "-e", target)
    write_stamp(venv, wanted_stamp(), extras)
    print(f"Installed in {time.time() - start:.0f} s.", flush=True)


@contextlib.contextmanager
def alone():
    """Hold off a second installation until this one has ended."""
    with open(__file__) as handle:
        with contextlib.suppress(ImportError, OSError):
            import fcntl

            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                print("Waiting for an installation that is under way.", flush=True)
                fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def main(arguments=None):
    """Install; return 0, or 1 after one line that says what is in the way."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--venv", default=".venv", help="where (default: .venv)")
    parser.add_argument("--extra", action="append", default=[], help="e.g. test")
    options = parser.parse_args(arguments)
    venv = (ROOT / options.venv).resolve()
    try:
        with alone():
            try:
                install(venv, options.extra)
            except OSError as error:
                raise explain(str(error), venv) from None
    except Stop as stop:
        print(f"Not installed: {stop}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped. The same command takes it up again.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
