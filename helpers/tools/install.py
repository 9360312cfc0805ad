"""Make the course's virtual environment, or leave a sound one alone.

    python3 helpers/tools/install.py [--venv .venv] [--extra test]

Only the standard library is used, here and in the two files that this one imports, in
a form that Python 3.7 can still read: an old interpreter has to be able to say that it
is too old, or to find a newer one.
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
sys.path.insert(0, str(ROOT))  # run as a script, before anything is installed

from helpers.tools.interpreters import find_python, output_of, python_of  # noqa: E402
from helpers.tools.trouble import LOG, NEEDED_GB, Stop, explain  # noqa: E402

STAMP = "unrolled.json"

# The plain Linux wheels of PyTorch bring 2.7 GB of CUDA along, so a machine without
# an NVIDIA GPU asks PyTorch's own CPU index first.  This is the one place that names
# it; UNROLLED_TORCH_INDEX replaces it, and "off" leaves it out.
CPU_INDEX = "https://" + ".".join(("download", "pytorch", "org")) + "/whl/cpu"


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


def trusted():
    """Return the TLS context of PIP_CERT, as pip takes it; None if that is not set."""
    own = os.path.expanduser(os.environ.get("PIP_CERT", ""))
    if not own:
        return None
    import ssl

    try:
        kind = "capath" if os.path.isdir(own) else "cafile"
        context = ssl.create_default_context(**{kind: own})
    except (OSError, ValueError) as error:
        raise Stop(
            f"PIP_CERT is {own}, which holds no certificates that can be read "
            f"({getattr(error, 'strerror', None) or error}). Mend it, or unset it."
        ) from None
    context.verify_flags &= (
        ~ssl.VERIFY_X509_STRICT
    )  # many a proxy's own is not so strict
    return context


def torch_index():
    """Return the address to get a CPU build of torch from; None for the usual one."""
    chosen = os.environ.get("UNROLLED_TORCH_INDEX", "")
    if chosen:
        return None if chosen.lower() in ("off", "0", "no") else chosen
    if platform.system() != "Linux" or has_gpu():
        return None
    if platform.machine() not in ("x86_64", "aarch64"):
        return None
    ask = {"timeout": 4, "context": trusted()}
    try:
        with contextlib.closing(urllib.request.urlopen(CPU_INDEX + "/", **ask)):
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
            env=dict(os.environ, PIP_USER="0"),  # into venv, whatever pip is set to
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


def install(venv, extras):
    """Bring ``venv`` to what pyproject.toml and constraints.txt ask for."""
    digest, have = read_stamp(venv)
    sound = output_of([str(python_of(venv)), "-c", "import pip; print('sound')"])
    if digest == wanted_stamp() and set(extras) <= have and sound:
        return
    trusted()  # or pip would only say that a package is not to be found
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
