"""Open the course in JupyterLab, with the settings that its explorers need.

    python helpers/tools/lab.py [JupyterLab's own options]

Works in any environment that has the course's packages, conda's too.
"""

from __future__ import annotations

import importlib.util
import json
import os
import socket
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FIRST = "notebooks/00_start_here.ipynb"
PORT = 8888

SETTINGS = {
    # Slider callbacks stay on the kernel's main thread, where cells draw as well.
    "@jupyterlab/apputils-extension:kernels-settings": {
        "commsOverSubshells": "disabled"
    },
    # No pop-up asks for news on the first start, and nothing is looked up.
    "@jupyterlab/apputils-extension:notification": {
        "checkForUpdates": False,
        "fetchNews": "false",
    },
}


def write_settings(prefix: Path) -> Path:
    """Add the course's defaults to those of the JupyterLab under ``prefix``.

    Returns the file; settings of other kinds that it holds are kept, and what a
    learner chooses in JupyterLab's own dialogues stands above it.
    """
    path = prefix / "share" / "jupyter" / "lab" / "settings" / "overrides.json"
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        kept = {}
    if kept != kept | SETTINGS:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(kept | SETTINGS, indent=2) + "\n", encoding="utf-8")
    return path


def free_port(first: int = PORT, tries: int = 50) -> int:
    """Return the first port from ``first`` that nothing on this machine listens to.

    Raises OSError if none of ``tries`` ports is free.
    """
    for port in range(first, first + tries):
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            if os.name != "nt":
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise OSError(f"no port from {first} to {first + tries - 1} is free")


def command(options: list[str], port: int | None) -> list[str]:
    """Return the command line that starts JupyterLab on the first notebook."""
    line = [sys.executable, "-m", "jupyterlab"]
    line += [f"--ServerApp.root_dir={ROOT}", "--log-level=ERROR"]
    line += ["--LabApp.log_level=ERROR"]
    line += [f"--LabApp.default_url=/lab/tree/{FIRST}"]
    if port is not None:
        line += [f"--port={port}"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        line += ["--allow-root"]
    return line + options


def homeless() -> str | None:
    """Return why JupyterLab cannot keep its notes, in one line; None if it can."""
    from jupyter_core import paths

    for folder in (paths.jupyter_runtime_dir(), paths.jupyter_config_dir()):
        try:
            os.makedirs(folder, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder):
                pass
        except OSError as error:
            return (
                f"{folder} cannot be written to ({error.strerror}). "
                "Name a folder of yours in its place: HOME=/a/folder make lab"
            )
    return None


def stranger() -> str | None:
    """Return which other `helpers` a notebook would import, and what helps, or None."""
    for folder in ("notebooks", "mine"):
        for beside in (ROOT / folder / "helpers.py", ROOT / folder / "helpers"):
            if beside.exists():
                return f"{beside} stands before the course's helpers: rename it"
    found = importlib.util.find_spec("helpers")
    if found is None:
        return "this Python does not have the course: pip install -e . installs it"
    if found.origin is None or Path(found.origin).resolve().parents[1] != ROOT:
        return (
            f"{found.origin} stands before the course's helpers: "
            "pip uninstall helpers, then pip install -e . once more"
        )
    return None


def main(options: list[str]) -> int:
    """Start JupyterLab in this process's place; return 1 if it cannot be started."""
    if importlib.util.find_spec("jupyterlab") is None:
        print(
            "This Python has no JupyterLab: use `make lab`, or "
            "`conda activate unrolled` first.",
            file=sys.stderr,
        )
        return 1
    if trouble := homeless():
        print(f"JupyterLab cannot start: {trouble}.", file=sys.stderr)
        return 1
    if trouble := stranger():
        print(f"The notebooks will not find the course: {trouble}.", file=sys.stderr)
    port = None
    if not any(option.startswith(("--port", "--ServerApp.port")) for option in options):
        try:
            port = free_port()
        except OSError as error:
            print(f"JupyterLab cannot start: {error}.", file=sys.stderr)
            return 1
        if port != PORT:
            print(f"Port {PORT} is taken; the course opens on {port}.", flush=True)
    try:
        write_settings(Path(sys.prefix))
    except OSError as error:
        print(f"JupyterLab keeps its own defaults ({error}).", file=sys.stderr)
    print("Opening the course in JupyterLab. Ctrl-C twice here ends it.", flush=True)
    # The kernel called "python3" is this Python's own, not one in the user's folder.
    os.environ["JUPYTER_PREFER_ENV_PATH"] = "1"
    os.chdir(ROOT)
    line = command(options, port)
    if os.name == "nt":  # there, exec would give the terminal back at once
        import subprocess

        return subprocess.call(line)
    os.execv(line[0], line)


if __name__ == "__main__":
    sys.stdout.reconfigure(errors="replace")  # a code page may lack what is printed
    sys.exit(main(sys.argv[1:]))
