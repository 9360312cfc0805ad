"""Why an installation failed, in one line with its remedy (read by Python 3.7, too)."""

import re

__all__ = ["LOG", "NEEDED_GB", "Stop", "explain"]

LOG = "install.log"
NEEDED_GB, CUDA_GB = 2.5, 10  # the second with the CUDA that a torch wheel can bring

TROUBLE = (
    (
        r"No space left on device|Errno 28|not enough space",
        "The disk is full. Free about {gb} GB and run the command again "
        "(if it is the temporary folder: set TMPDIR to another one).",
    ),
    (
        r"CERTIFICATE_VERIFY_FAILED|certificate verify failed|SSLCertVerificationError",
        "The certificate of the network is not known to Python: a proxy that reads "
        "along has one of its own. Ask for its file, and set PIP_CERT=/path/to/it.pem.",
    ),
    (
        r"407 Proxy Authentication|Proxy Authentication Required|Tunnel connection "
        r"failed: 407",
        "The proxy asks for a name and a password (407). Set "
        "HTTPS_PROXY=http://name:password@host:port and run the command again.",
    ),
    (
        r"ProxyError|Cannot connect to proxy",
        "The proxy that is set cannot be reached. Look at HTTPS_PROXY, or unset it.",
    ),
    (
        r"'--user' install",
        "pip is set to install for one user (PIP_USER, or user = true in its "
        "configuration). Run `PIP_USER=0 make lab`.",
    ),
    (
        r"name resolution|NewConnectionError|Network is unreachable|timed out"
        r"|Could not fetch URL|ConnectionError|Connection refused",
        "The packages cannot be downloaded: no network. "
        "Connect and run the command again.",
    ),
    (
        r"No matching distribution found for (\S+)",
        "{match} cannot be had: no network, or nothing that fits this machine and "
        "Python (64 bit, 3.11 to 3.14; on an Intel Mac use conda, see README.md).",
    ),
    (
        r"ResolutionImpossible|conflicting dependencies",
        "The packages asked for do not fit one another: is a PIP_CONSTRAINT or a "
        "pip.conf set? The log says which of them: {log}.",
    ),
    (
        r"Permission denied|Errno 13|Read-only file system",
        "{venv} cannot be written to. Use a folder of your own for the course.",
    ),
)


class Stop(Exception):
    """What keeps the course from being installed, in one line."""


def explain(said, venv):
    """Return a Stop that says in one line why an installation failed."""
    for pattern, remedy in TROUBLE:
        found = re.search(pattern, said)
        if found:
            match = found.group(found.lastindex or 0)
            gb = CUDA_GB if "nvidia" in said else NEEDED_GB
            return Stop(remedy.format(gb=gb, match=match, venv=venv, log=venv / LOG))
    lines = [line for line in said.splitlines() if line.strip()] or ["no reason given"]
    log = f" (all of it: {venv / LOG})" if (venv / LOG).exists() else ""
    return Stop(f"{lines[-1].strip()}{log}")
