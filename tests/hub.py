"""Try the course on a JupyterHub of one's own, two users at once. Run by hand.

    python tests/hub.py [--lesson 03] [--proxy PATH/configurable-http-proxy]

It wants, beside the course, `pip install jupyterhub nbgitpuller` and the proxy of npm,
`npm install configurable-http-proxy`. Each user gets a server and pulls this clone, as
far as it is committed, by nbgitpuller; then both run every cell of one lesson at the
same time. What is printed: seconds, failed cells, the peak of each kernel's memory, and
whether the shared cache was left alone. Exit status 0 if nothing failed.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from pathlib import Path

import nbformat
import psutil
import websocket

ROOT = Path(__file__).resolve().parents[1]
USERS = ("ada", "bob")
CONFIG = """
c.JupyterHub.bind_url = "http://127.0.0.1:{port}"
c.JupyterHub.hub_port = {hub}
c.JupyterHub.authenticator_class = "dummy"
c.Authenticator.allow_all = True
c.JupyterHub.spawner_class = "simple"
c.SimpleLocalProcessSpawner.home_dir_template = "{scratch}/{{username}}"
c.Spawner.args = ["--allow-root"]
c.Spawner.start_timeout = 180
c.Spawner.http_timeout = 180
c.Spawner.environment = {{
    "UNROLLED_CACHE": lambda spawner: f"{scratch}/{{spawner.user.name}}/cache",
    "UNROLLED_HOME": lambda spawner: f"{scratch}/{{spawner.user.name}}/progress",
    "UNROLLED_CACHE_SHARED": "{shared}",
    "JUPYTER_PREFER_ENV_PATH": "1",
    "PATH": "{path}",
}}
c.ConfigurableHTTPProxy.command = ["{proxy}"]
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{api}"
c.JupyterHub.services = [{{"name": "trial", "api_token": "{token}"}}]
c.JupyterHub.load_roles = [{{
    "name": "trial",
    "services": ["trial"],
    "scopes": ["admin:users", "admin:servers", "access:servers", "tokens"],
}}]
"""


def free_ports(count: int) -> list[int]:
    """Return ports that nothing listens to."""
    probes = [socket.socket() for _ in range(count)]
    for probe in probes:
        probe.bind(("127.0.0.1", 0))
    ports = [probe.getsockname()[1] for probe in probes]
    for probe in probes:
        probe.close()
    return ports


class Hub:
    """A JupyterHub with its proxy; `ask` is its REST interface."""

    def __init__(self, scratch: Path, proxy: str, shared: str) -> None:
        port, hub, api = free_ports(3)
        self.url, self.token = f"http://127.0.0.1:{port}", secrets.token_hex(16)
        config = scratch / "config.py"
        config.write_text(
            CONFIG.format(
                port=port,
                hub=hub,
                api=api,
                scratch=scratch,
                shared=shared,
                proxy=proxy,
                token=self.token,
                path=os.environ["PATH"],
            )
        )
        self.log = (scratch / "hub.log").open("w")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "jupyterhub", "-f", str(config)],
            cwd=scratch,
            stdout=self.log,
            stderr=subprocess.STDOUT,
        )

    def ask(self, path: str, method: str = "GET", body: dict | None = None) -> str:
        """Return the answer to one request, as text."""
        request = urllib.request.Request(
            self.url + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"token {self.token}"},
        )
        with urllib.request.urlopen(request, timeout=300) as answer:
            return answer.read().decode()

    def until(self, path: str, ready, seconds: float = 180) -> None:
        """Wait until what `path` answers is `ready`; RuntimeError if it never is."""
        end = time.monotonic() + seconds
        while time.monotonic() < end and self.process.poll() is None:
            try:
                if ready(json.loads(self.ask(path))):
                    return
            except (OSError, ValueError):
                pass
            time.sleep(0.3)
        raise RuntimeError(f"{path}: no answer as wanted after {seconds} s")

    def stop(self) -> None:
        """Stop the servers of the users, the proxy and the hub."""
        for user in USERS:
            with contextlib.suppress(OSError):
                self.ask(f"/hub/api/users/{user}/server", "DELETE")
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
        self.log.close()


class Session:
    """One user at work: a server, a pulled course, a kernel."""

    def __init__(self, hub: Hub, user: str, scratch: Path, lesson: str) -> None:
        self.hub, self.user, self.home = hub, user, scratch / user
        self.lesson, self.said, self.failed, self.peak = lesson, {}, [], 0

    def run(self) -> None:
        """Start, pull, and run every cell; what went wrong is kept in `failed`."""
        try:
            for name in ("start", "pull", "cells"):
                began = time.monotonic()
                getattr(self, name)()
                self.said[name] = round(time.monotonic() - began, 1)
        except Exception as error:
            self.failed.append(f"{type(error).__name__}: {error}"[:300])

    def start(self) -> None:
        """Have the hub start this user's server."""
        self.home.mkdir()
        self.hub.ask(f"/hub/api/users/{self.user}", "POST")
        self.hub.ask(f"/hub/api/users/{self.user}/server", "POST")
        self.hub.until(
            f"/hub/api/users/{self.user}",
            lambda found: found["servers"].get("", {}).get("ready"),
        )

    def pull(self) -> None:
        """Get the course by nbgitpuller, as its link does."""
        branch = subprocess.run(
            ["git", "-C", str(ROOT), "rev-parse", "--abbrev-ref", "HEAD"],
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        what = {"repo": ROOT.as_uri(), "branch": branch, "targetpath": "course"}
        query = urllib.parse.urlencode(what)
        said = self.hub.ask(f"/user/{self.user}/git-pull/api?{query}")
        if '"finished"' not in said:
            raise RuntimeError(said[-500:])

    def cells(self) -> None:
        """Run the lesson's cells in a kernel of this user's server."""
        (path,) = (self.home / "course" / "notebooks").glob(f"{self.lesson}_*.ipynb")
        place = f"/user/{self.user}/api/kernels"
        body = {"name": "python3", "path": f"course/notebooks/{path.name}"}
        kernel = json.loads(self.hub.ask(place, "POST", body))["id"]
        url = f"ws{self.hub.url[4:]}{place}/{kernel}/channels"
        key = [f"Authorization: token {self.hub.token}"]
        line = websocket.create_connection(url, timeout=300, header=key)
        watch = threading.Thread(target=self.watch, args=(kernel,), daemon=True)
        watch.start()
        for cell in nbformat.read(path, as_version=4).cells:
            if cell.cell_type == "code" and (error := execute(line, cell.source)):
                self.failed.append(f"{cell.id}: {error}")
        line.close()

    def watch(self, kernel: str) -> None:
        """Note the greatest memory of the kernel's process, in MB."""
        while True:
            for process in psutil.process_iter(["cmdline"]):
                if any(kernel in part for part in process.info["cmdline"] or ()):
                    try:
                        now = process.memory_info().rss // 10**6
                    except psutil.Error:
                        continue
                    self.peak = max(self.peak, now)
            time.sleep(0.5)


def execute(line: websocket.WebSocket, code: str) -> str:
    """Run one cell; return its error in one line, or nothing."""
    id, error = uuid.uuid4().hex, ""
    header = {
        "msg_id": id,
        "msg_type": "execute_request",
        "username": "",
        "session": "trial",
        "version": "5.3",
    }
    content = {"code": code, "silent": False, "store_history": True}
    content |= {"user_expressions": {}, "allow_stdin": False, "stop_on_error": False}
    message = {"header": header, "parent_header": {}, "metadata": {}}
    line.send(json.dumps(message | {"content": content, "channel": "shell"}))
    while True:
        said = line.recv()
        if isinstance(said, bytes):  # a widget's buffers
            continue
        said = json.loads(said)
        if said["parent_header"].get("msg_id") != id:
            continue
        if said["msg_type"] == "error":
            error = f"{said['content']['ename']}: {said['content']['evalue']}"
        if (
            said["msg_type"] == "status"
            and said["content"]["execution_state"] == "idle"
        ):
            return error


def everything(folder: Path) -> dict:
    """Each file of a folder with its size and the time it was last changed."""
    return {
        path: (path.stat().st_size, path.stat().st_mtime_ns)
        for path in folder.rglob("*")
    }


def main() -> int:
    """Start the hub, let both users work, and print how it went."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lesson", default="03")
    parser.add_argument("--proxy", default=shutil.which("configurable-http-proxy"))
    parser.add_argument("--shared", type=Path, help="a cache of finished runs")
    options = parser.parse_args()
    if options.proxy is None:
        parser.error("no configurable-http-proxy: name it with --proxy")
    before = everything(options.shared) if options.shared else {}
    with tempfile.TemporaryDirectory(prefix="unrolled-hub-") as folder:
        scratch = Path(folder)
        hub = Hub(scratch, options.proxy, options.shared or "")
        users = [Session(hub, user, scratch, options.lesson) for user in USERS]
        try:
            hub.until("/hub/api", lambda found: "version" in found)
            print("JupyterHub", json.loads(hub.ask("/hub/api"))["version"], flush=True)
            threads = [threading.Thread(target=user.run) for user in users]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            for user in users:
                print(f"{user.user}: seconds {user.said}, peak {user.peak} MB", end="")
                own = len(list((user.home / "cache").rglob("output.pkl")))
                print(f", own finished runs {own}, failed: {user.failed or 'none'}")
            if any(user.failed for user in users):
                print((scratch / "hub.log").read_text()[-3000:])
        except RuntimeError as error:
            print(f"{error}\n{(scratch / 'hub.log').read_text()[-3000:]}")
            return 1
        finally:
            hub.stop()
    if options.shared:
        same = everything(options.shared) == before
        print("the shared cache is", "as it was" if same else "CHANGED")
        if not same:
            return 1
    return int(any(user.failed for user in users))


if __name__ == "__main__":
    raise SystemExit(main())
