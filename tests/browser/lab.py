"""Drive JupyterLab as a learner does: a private server, a browser, a keyboard.

`Server` serves a folder, `Lab` is a browser page showing it, `Book` a notebook open in
that page. Nothing here asserts anything; tests do.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

ARGUMENTS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

SETTINGS = {
    "@jupyterlab/apputils-extension:notification": {
        "fetchNews": "false",
        "checkForUpdates": False,
        "doNotDisturbMode": True,
    },
    # The notebooks of the test stay as they are on disk.
    "@jupyterlab/docmanager-extension:plugin": {"autosave": False},
    # JupyterLab's own default, and the harder one: see helpers/_kernel.py.
    "@jupyterlab/apputils-extension:kernels-settings": {
        "commsOverSubshells": "perCommTarget"
    },
}

SCRIPTS = [Path(__file__).with_name(name) for name in ("page.js", "deck.js")]

# What the console may say. Each line has its reason.
ALLOWED = (
    # Chromium asks each site for an icon; JupyterLab's is served after log-in only.
    "favicon.ico",
)


def find_browser() -> str | None:
    """Return the path of a Chromium, from $CHROMIUM or the PATH; None without one."""
    named = os.environ.get("CHROMIUM")
    names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]
    found = [named] if named else [shutil.which(name) for name in names]
    return next((path for path in found if path and Path(path).exists()), None)


class Server:
    """A JupyterLab server of its own on a free port, with settings of its own."""

    def __init__(self, root: Path, scratch: Path):
        self.root, self.scratch = root, scratch
        self.home = scratch / "home"
        self.token = secrets.token_hex(16)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        options = {
            "ServerApp.ip": "127.0.0.1",
            "ServerApp.port": port,
            "ServerApp.port_retries": 0,
            "ServerApp.root_dir": root,
            "ServerApp.open_browser": False,
            "ServerApp.shutdown_no_activity_timeout": 900,
            "MappingKernelManager.cull_idle_timeout": 600,
            "IdentityProvider.token": self.token,
            "LabApp.expose_app_in_browser": True,
        }
        self.log = (scratch / "server.log").open("w+", encoding="utf-8")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"]
            + [f"--{name}={value}" for name, value in options.items()],
            env=self._surroundings(),
            cwd=root,
            stdin=subprocess.DEVNULL,
            stdout=self.log,
            stderr=subprocess.STDOUT,
        )

    def _surroundings(self) -> dict[str, str]:
        settings = self.scratch / "settings"
        for plugin, values in SETTINGS.items():
            extension, name = plugin.split(":")
            file = settings / extension / f"{name}.jupyterlab-settings"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps(values))
        folders = {
            "JUPYTER_CONFIG_DIR": "config",
            "JUPYTER_DATA_DIR": "data",
            "JUPYTER_RUNTIME_DIR": "runtime",
            "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
            "IPYTHONDIR": "ipython",
            "UNROLLED_HOME": "home",
        }
        for folder in folders.values():
            (self.scratch / folder).mkdir(exist_ok=True)
        ours = {name: str(self.scratch / f) for name, f in folders.items()}
        kept = {k: v for k, v in os.environ.items() if k != "MPLBACKEND"}
        return {
            **kept,
            **ours,
            "JUPYTERLAB_SETTINGS_DIR": str(settings),
            "JUPYTER_PREFER_ENV_PATH": "1",
        }

    def wait(self, seconds: float = 120) -> None:
        """Return once the server answers; RuntimeError with its log if it does not."""
        end = time.monotonic() + seconds
        while time.monotonic() < end and self.process.poll() is None:
            try:
                return self.ask("/api/status")
            except OSError:
                time.sleep(0.2)
        raise RuntimeError(f"JupyterLab did not start:\n{self.tail()}")

    def ask(self, path: str, method: str = "GET") -> None:
        """Send one request to the server; OSError if it is refused."""
        key = {"Authorization": f"token {self.token}"}
        request = urllib.request.Request(self.url + path, method=method, headers=key)
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with direct.open(request, timeout=10):
            pass

    def tail(self) -> str:
        """Return the end of the server's log."""
        return (self.scratch / "server.log").read_text(encoding="utf-8")[-3000:]

    def stop(self) -> None:
        """Shut down the kernels and the server."""
        if self.process.poll() is None:
            try:
                self.ask("/api/shutdown", "POST")
            except OSError:
                self.process.terminate()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.log.close()


class Lab:
    """One browser page with JupyterLab in it; it records what goes wrong there."""

    def __init__(self, server: Server, context):
        self.server, self.errors, self.strangers = server, [], []
        context.route(lambda url: not local(url), self._refuse)
        self.page = context.new_page()
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda error: self.errors.append(f"page: {error}"))
        self.page.on("websocket", self._socket)
        for script in SCRIPTS:
            self.page.add_init_script(path=script)
        self.page.goto(f"{server.url}/lab?token={server.token}&reset", timeout=120_000)
        self.page.wait_for_function("window.jupyterapp?.restored", timeout=120_000)
        self.page.evaluate("jupyterapp.restored.then(() => true)")
        self.page.evaluate("jupyterapp.shell.collapseLeft()")

    def _refuse(self, route):
        self.strangers.append(route.request.url)
        route.abort()

    def _socket(self, socket):
        if not local(socket.url):
            self.strangers.append(socket.url)

    def _said(self, message):
        place = (message.location or {}).get("url", "")
        text = f"{message.text} ({place})"
        if message.type == "error" and not any(word in text for word in ALLOWED):
            self.errors.append(f"console: {text}")

    def open(self, path: str) -> Book:
        """Open a notebook of the server's folder; its kernel is ready on return."""
        del self.errors[:], self.strangers[:]
        for file in self.server.home.glob("*"):  # a new learner for every notebook
            file.unlink() if file.is_file() else shutil.rmtree(file)
        return Book(self, path)

    def theme(self, name: str) -> None:
        """Change to the theme "JupyterLab Light" or "JupyterLab Dark"."""
        self.page.evaluate("name => unrolled.theme(name)", name)
        light = str("Light" in name).lower()
        self.page.wait_for_selector(
            f"body[data-jp-theme-light={light}]", state="attached"
        )


class Book:
    """A notebook open in JupyterLab. Cells are named by their ids."""

    def __init__(self, lab: Lab, path: str):
        self.lab, self.page, self.path, self.said = lab, lab.page, path, ""
        self.page.evaluate("path => unrolled.open(path)", path)
        self.page.wait_for_function("unrolled.ready()", timeout=120_000)
        kept = json.loads((lab.server.root / path).read_text(encoding="utf-8"))
        self.cells = kept["cells"]

    def tagged(self, tag: str) -> list[str]:
        """Return the ids of the cells with this tag."""
        return [c["id"] for c in self.cells if tag in c["metadata"].get("tags", [])]

    def run_all(self, seconds: float = 300) -> None:
        """Run every cell as the menu does, and wait until the kernel has done."""
        self.page.evaluate("unrolled.runAll()")
        self.page.wait_for_function("unrolled.done()", timeout=seconds * 1000)
        self.settle()

    def run(self, id: str, seconds: float = 120) -> None:
        """Run one cell and wait for it."""
        self.start(id)
        self.page.wait_for_function("unrolled.done()", timeout=seconds * 1000)
        self.settle()

    def start(self, id: str) -> None:
        """Start one cell and do not wait."""
        self.page.evaluate("id => unrolled.run(id)", id)

    def settle(self, quiet: int = 300) -> None:
        """Wait until nothing has changed and the kernel has been idle for a while."""
        self.page.evaluate("quiet => unrolled.settle(quiet)", quiet)

    def outputs(self, id: str) -> list[dict]:
        """Return the outputs of a cell as nbformat has them."""
        return self.page.evaluate("id => unrolled.outputs(id)", id)

    def text(self, id: str) -> str:
        """Return the text that a reader sees below a cell."""
        return self.page.evaluate("id => unrolled.text(id)", id)

    def folded(self, id: str) -> bool:
        """Return whether what a cell stores is collapsed: a reader sees none of it."""
        return self.page.evaluate("id => unrolled.folded(id)", id)

    def problems(self) -> list[str]:
        """Return what is wrong: errors in cells, broken widgets, console, strangers."""
        wrong = self.page.evaluate("unrolled.problems()")
        wrong += self.lab.errors
        return wrong + [f"asks for {url}" for url in self.lab.strangers]

    @contextlib.contextmanager
    def presented(self, width: int, height: int):
        """Show the notebook as a deck, from its first cell, on a page of this size."""
        before = self.page.viewport_size
        self.page.set_viewport_size({"width": width, "height": height})
        try:
            self.page.evaluate("id => unrolled.startDeck(id)", self.cells[0]["id"])
            yield
        finally:
            self.page.evaluate("unrolled.stopDeck()")
            self.page.set_viewport_size(before)
            self.settle()

    def slides(self) -> list[dict]:
        """Step the deck to its end; return the slides it meets.

        Of each: its cells, its height and what does not fit; see deck.js.
        """
        return self.page.evaluate("unrolled.slides()")

    def active(self) -> str:
        """Return the id of the active cell."""
        return self.page.evaluate("unrolled.active()")

    def ask(self, code: str) -> str:
        """Run code in the kernel, outside any cell; return what it prints."""
        return self.page.evaluate("code => unrolled.ask(code)", code)

    def controls(self, id: str) -> list[dict]:
        """Return the controls below a cell: kind, label, number, in page order."""
        return self.page.evaluate("id => unrolled.controls(id)", id)

    def focus(self, id: str, number: int) -> bool:
        """Put the keyboard's focus on a control; False if it cannot be had."""
        return self.page.evaluate("([id, n]) => unrolled.focus(id, n)", [id, number])

    def pictures(self, id: str) -> int:
        """Return how many pictures a reader sees below a cell."""
        return self.page.evaluate("id => unrolled.pictures(id).length", id)

    def picture(self, id: str) -> str:
        """Return a fingerprint of the pictures below a cell (of its words, if none)."""
        return self.page.evaluate("id => unrolled.picture(id)", id)

    def press(
        self, id: str, key: str, patience: int = 1500
    ) -> tuple[bool, float | None]:
        """Press a key; return if the cell's picture changed, and after how many ms.

        It may change until the kernel has been idle for `patience` ms. What is below
        the cell by then, hidden text too, is in `said`.
        """
        self.page.evaluate("id => unrolled.watch(id)", id)
        if len(key) == 1 and key != " ":
            self.page.keyboard.type(key)
        else:
            self.page.keyboard.press(key)
        result = self.page.evaluate("ms => unrolled.seen(ms)", patience)
        self.said = result["said"]
        return result["changed"], result["ms"]

    def replace(self, id: str, text: str) -> None:
        """Overwrite a cell's source with the keyboard, and run it by Shift+Enter."""
        self.page.evaluate("id => unrolled.activate(id)", id)
        self.page.keyboard.press("Enter")
        self.page.keyboard.press("Control+a")
        self.page.keyboard.insert_text(text)
        self.page.keyboard.press("Shift+Enter")
        self.page.wait_for_function("unrolled.done()", timeout=60_000)
        self.settle()

    def close(self) -> None:
        """Close the notebook, unsaved, and end its kernel."""
        self.page.evaluate("unrolled.close()")


def local(url: str) -> bool:
    """Tell whether a request stays on this machine."""
    parts = urlsplit(url)
    return parts.scheme in ("data", "blob", "about") or parts.hostname == "127.0.0.1"
