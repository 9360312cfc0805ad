"""The installer finds a Python, leaves a sound environment be, and fails in words."""

from __future__ import annotations

import ast
import http.client
import io
import json
import os
import shutil
import subprocess
import sys
import urllib.error
from pathlib import Path

import pytest

import helpers
from helpers.tools import install, interpreters, trouble

GIB = 1 << 30


@pytest.fixture
def bin_folder(tmp_path: Path, monkeypatch):
    """A PATH with nothing but the interpreters that a test puts there."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setattr(install.sys, "executable", "")

    def add(name: str, says: str) -> str:
        path = folder / name
        path.write_text(f"#!/bin/sh\nprintf '{says}'\n")
        path.chmod(0o755)
        return str(path)

    return add


@pytest.fixture
def steps(tmp_path: Path, monkeypatch) -> list:
    """What install() does, without doing it: ("venv",) and ("pip", ...)."""
    done: list = []

    def make(venv: Path) -> None:
        done.append(("venv",))
        venv.mkdir(exist_ok=True)
        python = install.python_of(venv)
        python.parent.mkdir(exist_ok=True)
        python.unlink(missing_ok=True)
        python.symlink_to(sys.executable)

    monkeypatch.setattr(install, "make_venv", make)
    monkeypatch.setattr(install, "pip", lambda venv, *a: done.append(("pip", *a)))
    monkeypatch.setattr(install, "torch_index", lambda: None)
    return done


def test_an_old_python_can_read_the_installer():
    for module in install, interpreters, trouble, helpers:
        text = Path(module.__file__).read_text(encoding="utf-8")
        ast.parse(text, feature_version=(3, 7))


def test_the_installer_needs_nothing_installed(tmp_path):
    command = [sys.executable, "-S", "-E", install.__file__, "--help"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "--venv" in done.stdout


def test_a_newer_python_is_preferred_to_an_old_one(bin_folder):
    bin_folder("python3", "3 8\\nwhole\\n")
    good = bin_folder("python3.12", "3 12\\nwhole\\n")
    assert install.find_python() == good


def test_the_python_that_was_asked_for_comes_first(bin_folder, tmp_path, monkeypatch):
    on_path = bin_folder("python3.14", "3 14\\nwhole\\n")
    named = tmp_path / "named python"
    shutil.copy(on_path, named)
    monkeypatch.setattr(install.sys, "executable", str(named))
    assert install.find_python() == str(named)
    named.write_text("#!/bin/sh\nprintf '3 10\\nwhole\\n'\n")
    assert install.find_python() == on_path


def test_a_python_without_venv_is_passed_over(bin_folder):
    bin_folder("python3.13", "3 13\\n")
    good = bin_folder("python3", "3 11\\nwhole\\n")
    assert install.find_python() == good


@pytest.mark.parametrize(
    ("name", "says", "words"),
    [
        ("python3", "3 9\\nwhole\\n", "needs Python 3.11 or newer; 3.9 is the newest"),
        ("python", "2 7\\n", "needs Python 3.11 or newer; 2.7 is the newest"),
        ("python3.12", "3 12\\n", "no venv module.*apt install python3.12-venv"),
        ("ruby", "", "needs Python 3.11 or newer; none is here"),
        ("python3", "a broken program", "none is here"),
    ],
)
def test_why_no_python_will_do(bin_folder, name, says, words):
    bin_folder(name, says)
    with pytest.raises(install.Stop, match=words):
        install.find_python()


def test_this_python_will_do():
    assert interpreters.examine(sys.executable) == (sys.version_info[:2], True)


def test_a_first_installation_makes_the_environment_and_a_second_does_nothing(
    tmp_path, steps
):
    venv = tmp_path / "env"
    install.install(venv, [])
    assert steps == [("venv",), ("pip", "-c", "constraints.txt", "-e", ".")]
    install.install(venv, [])
    assert len(steps) == 2


def test_an_extra_is_added_once_and_kept(tmp_path, steps):
    venv = tmp_path / "env"
    install.install(venv, [])
    install.install(venv, ["test"])
    assert steps[2:] == [("pip", "-c", "constraints.txt", "-e", ".[test]")]
    install.install(venv, [])
    install.install(venv, ["test"])
    assert len(steps) == 3


def test_new_requirements_are_installed_in_place(tmp_path, steps, monkeypatch):
    venv = tmp_path / "env"
    install.install(venv, ["test"])
    monkeypatch.setattr(install, "wanted_stamp", lambda: "changed")
    install.install(venv, [])
    assert steps[2:] == [("pip", "-c", "constraints.txt", "-e", ".[test]")]


def test_an_update_asks_the_cpu_index_and_an_extra_does_not(
    tmp_path, steps, monkeypatch
):
    venv = tmp_path / "env"
    install.install(venv, [])
    monkeypatch.setattr(install, "torch_index", lambda: "the index")
    install.install(venv, ["test"])
    assert "--index-url" not in steps[-1]
    assert len(steps) == 3
    monkeypatch.setattr(install, "wanted_stamp", lambda: "changed")
    install.install(venv, [])
    assert "--index-url" in steps[3]


def test_an_interrupted_update_is_taken_up_again(tmp_path, steps, monkeypatch):
    venv = tmp_path / "env"
    install.install(venv, [])
    with monkeypatch.context() as patched:

        def stopped(*_):
            raise KeyboardInterrupt

        patched.setattr(install, "pip", stopped)
        with pytest.raises(KeyboardInterrupt):
            install.install(venv, ["test"])
    install.install(venv, [])
    assert steps[2:] == [("pip", "-c", "constraints.txt", "-e", ".")]


@pytest.mark.parametrize("harm", ["no stamp", "a torn stamp", "no python"])
def test_a_half_made_environment_is_built_anew(tmp_path, steps, harm):
    venv = tmp_path / "env"
    install.install(venv, [])
    if harm == "no stamp":
        (venv / install.STAMP).unlink()
    elif harm == "a torn stamp":
        (venv / install.STAMP).write_text('{"digest":')
    else:
        install.python_of(venv).unlink()
    install.install(venv, [])
    assert steps[2][0] == "venv"


def test_an_interrupted_installation_leaves_no_stamp(tmp_path, steps, monkeypatch):
    def stopped(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(install, "pip", stopped)
    with pytest.raises(KeyboardInterrupt):
        install.install(tmp_path / "env", [])
    assert install.read_stamp(tmp_path / "env") == (None, set())


def test_the_stamp_follows_what_is_asked_for(tmp_path, monkeypatch):
    for name in ("pyproject.toml", "constraints.txt"):
        shutil.copy(install.ROOT / name, tmp_path)
    monkeypatch.setattr(install, "ROOT", tmp_path)
    before = install.wanted_stamp()
    assert install.wanted_stamp() == before
    (tmp_path / "constraints.txt").write_text("torch==2.12.0\n")
    assert install.wanted_stamp() != before


def test_torch_comes_from_the_cpu_index_where_that_answers(
    tmp_path, steps, monkeypatch
):
    monkeypatch.setattr(install, "torch_index", lambda: "the index")
    install.install(tmp_path / "env", [])
    assert steps[1] == ("pip", "--no-deps", "--index-url", "the index", "torch==2.13.0")
    assert steps[2] == ("pip", "-c", "constraints.txt", "-e", ".")


def test_a_failing_cpu_index_is_passed_over_without_noise(
    tmp_path, steps, monkeypatch, capsys
):
    def pip(venv, *arguments):
        if "--index-url" in arguments:
            raise install.Stop("not there")
        steps.append(arguments)

    monkeypatch.setattr(install, "torch_index", lambda: "the index")
    monkeypatch.setattr(install, "pip", pip)
    install.install(tmp_path / "env", [])
    assert steps[1:] == [("-c", "constraints.txt", "-e", ".")]
    assert "not there" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("system", "machine", "gpu", "reachable", "asks"),
    [
        ("Linux", "x86_64", False, True, True),
        ("Linux", "aarch64", False, True, True),
        ("Linux", "x86_64", False, False, False),
        ("Linux", "x86_64", True, True, False),
        ("Linux", "ppc64le", False, True, False),
        ("Darwin", "arm64", False, True, False),
        ("Windows", "AMD64", False, True, False),
    ],
)
def test_who_asks_the_cpu_index(monkeypatch, system, machine, gpu, reachable, asks):
    def answer(address, timeout, context):
        if not reachable:
            raise urllib.error.URLError("no route")
        return io.BytesIO()

    monkeypatch.delenv("UNROLLED_TORCH_INDEX", raising=False)
    monkeypatch.setattr(install.platform, "system", lambda: system)
    monkeypatch.setattr(install.platform, "machine", lambda: machine)
    monkeypatch.setattr(install, "has_gpu", lambda: gpu)
    monkeypatch.setattr(install.urllib.request, "urlopen", answer)
    assert install.torch_index() == (install.CPU_INDEX if asks else None)


def test_an_index_that_answers_nonsense_is_left_alone(monkeypatch):
    def nonsense(address, timeout, context):
        raise http.client.BadStatusLine("log in first")

    monkeypatch.delenv("UNROLLED_TORCH_INDEX", raising=False)
    monkeypatch.setattr(install.platform, "system", lambda: "Linux")
    monkeypatch.setattr(install.platform, "machine", lambda: "x86_64")
    monkeypatch.setattr(install, "has_gpu", lambda: False)
    monkeypatch.setattr(install.urllib.request, "urlopen", nonsense)
    assert install.torch_index() is None


AUTHORITY = """
-----BEGIN CERTIFICATE-----
MIIBezCCASGgAwIBAgIUZk41g4KmwILnUAOqegcpE2TgwhwwCgYIKoZIzj0EAwIw
EjEQMA4GA1UEAwwHQSBwcm94eTAgFw0yNjExMzAyMzA3MzdaGA8yMTI2MTEwNjIz
MDczN1owEjEQMA4GA1UEAwwHQSBwcm94eTBZMBMGByqGSM49AgEGCCqGSM49AwEH
A0IABF3180ZG1r9lY3Nku1z0Px+E2C1GpFM0hYB2K4rDC5HauSbI6mgsl5tHTqZO
4TYApTRpo+JdeT8q6I25e6PAiMijUzBRMB0GA1UdDgQWBBTaizD+PoGI3EfbPPOV
yJuHvw13xzAfBgNVHSMEGDAWgBTaizD+PoGI3EfbPPOVyJuHvw13xzAPBgNVHRMB
Af8EBTADAQH/MAoGCCqGSM49BAMCA0gAMEUCIECZozPk8304AzSn47lBK/xF1S9+
QcTWt9mJArMFP7lYAiEAnu19oki5os47JvdZmOOKdxJ0T4fqf8cqE4KNXAYqFdo=
-----END CERTIFICATE-----
"""  # of a proxy that reads along, until 2126


def test_the_cpu_index_is_asked_with_the_certificate_that_pip_gets(
    tmp_path, monkeypatch
):
    own, asked = tmp_path / "own.pem", []
    own.write_text(AUTHORITY)

    def answer(address, timeout, context):
        asked.append(context)
        return io.BytesIO()

    monkeypatch.delenv("UNROLLED_TORCH_INDEX", raising=False)
    monkeypatch.setattr(install.platform, "system", lambda: "Linux")
    monkeypatch.setattr(install.platform, "machine", lambda: "x86_64")
    monkeypatch.setattr(install, "has_gpu", lambda: False)
    monkeypatch.setattr(install.urllib.request, "urlopen", answer)
    monkeypatch.delenv("PIP_CERT", raising=False)
    assert install.torch_index() == install.CPU_INDEX
    assert asked.pop() is None  # the usual ones
    monkeypatch.setenv("PIP_CERT", str(own))
    assert install.torch_index() == install.CPU_INDEX
    (known,) = asked[0].get_ca_certs()
    assert known["subject"] == (((("commonName", "A proxy"),)),)
    assert asked[0].check_hostname
    monkeypatch.setenv("PIP_CERT", str(tmp_path))  # a folder of them is allowed, too
    assert install.torch_index() == install.CPU_INDEX


@pytest.mark.parametrize("text", [None, "no certificate", ""])
def test_a_certificate_that_cannot_be_read_is_named(tmp_path, steps, monkeypatch, text):
    own = tmp_path / "own.pem"
    if text is not None:
        own.write_text(text)
    monkeypatch.setenv("PIP_CERT", str(own))
    with pytest.raises(install.Stop, match=rf"PIP_CERT is {own}, which holds no cert"):
        install.install(tmp_path / "env", [])
    assert steps == []


def test_the_cpu_index_can_be_chosen_or_left_out(monkeypatch):
    monkeypatch.setenv("UNROLLED_TORCH_INDEX", "file:///mirror")
    assert install.torch_index() == "file:///mirror"
    monkeypatch.setenv("UNROLLED_TORCH_INDEX", "off")
    assert install.torch_index() is None


def test_a_full_disk_is_seen_before_anything_is_written(tmp_path, monkeypatch):
    full = shutil._ntuple_diskusage(100 * GIB, 99 * GIB, GIB // 2)
    monkeypatch.setattr(install.shutil, "disk_usage", lambda path: full)
    with pytest.raises(install.Stop, match=r"disk is full: 0\.5 GB are free.*2\.5 GB"):
        install.make_venv(tmp_path / "env")
    assert not (tmp_path / "env").exists()


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("OSError: [Errno 28] No space left on device", "Free about 2.5 GB"),
        ("Downloading nvidia_x\nNo space left on device", "Free about 10 GB"),
        ("NewConnectionError: Temporary failure in name resolution", "no network"),
        (
            "SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] "
            "self-signed certificate'))\nCould not fetch URL x: No matching "
            "distribution found for y",
            "PIP_CERT=/path/to/it.pem",
        ),
        (
            "ProxyError('Cannot connect to proxy.', OSError('Tunnel connection failed: "
            "407 Proxy Authentication Required'))",
            "HTTPS_PROXY=http://name:password@host:port",
        ),
        (
            "ProxyError('Cannot connect to proxy.', NewConnectionError('refused'))",
            "Look at HTTPS_PROXY",
        ),
        (
            "ERROR: Can not perform a '--user' install. User site-packages are not "
            "visible in this virtualenv.",
            "PIP_USER=0",
        ),
        ("ERROR: ResolutionImpossible: for help visit x", "do not fit one another"),
        ("Read timed out.\nERROR: No matching distribution found for x", "no network"),
        ("ERROR: No matching distribution found for torch==2.13.0", "torch==2.13.0"),
        ("[Errno 13] Permission denied: '/x'", "env cannot be written to"),
        ("line\nERROR: something else\n\n", "ERROR: something else"),
        ("", "no reason given"),
    ],
)
def test_a_failed_installation_is_explained_in_one_line(tmp_path, said, words):
    told = str(install.explain(said, tmp_path / "env"))
    assert words in told
    assert "\n" not in told


def test_the_command_fails_with_one_line(tmp_path, monkeypatch, capsys):
    def no_python():
        raise install.Stop("The course needs Python 3.11 or newer; none is here.")

    monkeypatch.setattr(install, "find_python", no_python)
    assert install.main(["--venv", str(tmp_path / "env")]) == 1
    told = capsys.readouterr().err
    assert told == (
        "Not installed: The course needs Python 3.11 or newer; none is here.\n"
    )


def test_a_disk_that_fails_between_the_steps_is_one_line(monkeypatch, capsys):
    def failing(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(install, "install", failing)
    assert install.main([]) == 1
    told = capsys.readouterr().err
    assert told.startswith("Not installed: The disk is full.")
    assert told.count("\n") == 1


def test_a_second_installation_waits_and_says_so(capsys):
    fcntl = pytest.importorskip("fcntl")
    asked = []

    def flock(handle, how):
        asked.append(how)
        if how & fcntl.LOCK_NB:
            raise BlockingIOError

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(fcntl, "flock", flock)
        with install.alone():
            pass
    assert asked == [fcntl.LOCK_EX | fcntl.LOCK_NB, fcntl.LOCK_EX]
    assert "Waiting for an installation" in capsys.readouterr().out


def test_the_command_can_be_interrupted(monkeypatch, capsys):
    def stopped(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(install, "install", stopped)
    assert install.main([]) == 130
    assert "takes it up again" in capsys.readouterr().err


def test_pip_writes_a_log_and_its_failure_is_a_stop(tmp_path):
    venv = tmp_path / "env"
    python = install.python_of(venv)
    python.parent.mkdir(parents=True)
    python.write_text("#!/bin/sh\necho 'No space left on device'\nexit 1\n")
    python.chmod(0o755)
    with pytest.raises(install.Stop, match="disk is full"):
        install.pip(venv, "numpy")
    assert "No space left" in (venv / install.LOG).read_text()


@pytest.mark.skipif(os.name == "nt", reason="the interpreter here is a shell script")
def test_pip_installs_into_the_environment_although_it_is_set_to_a_user(
    tmp_path, monkeypatch
):
    monkeypatch.setenv("PIP_USER", "1")
    venv = tmp_path / "env"
    python = install.python_of(venv)
    python.parent.mkdir(parents=True)
    python.write_text("#!/bin/sh\necho user=$PIP_USER\n")
    python.chmod(0o755)
    install.pip(venv, "numpy")
    assert (venv / install.LOG).read_text() == "user=0\n"


def test_the_stamp_can_be_read_back(tmp_path):
    stamp = {"digest": "d", "extras": ["test"]}
    (tmp_path / install.STAMP).write_text(json.dumps(stamp))
    assert install.read_stamp(tmp_path) == ("d", {"test"})
