"""The memory that a check may take is what the machine, or a container, still has."""

from __future__ import annotations

from pathlib import Path

import pytest

from helpers.exercises.engine import limits

MIB, GIB = 2**20, 2**30


@pytest.fixture
def machine(tmp_path: Path):
    """A folder that looks like the root of a machine with 16 GiB free."""

    def write(files: dict[str, str]) -> Path:
        meminfo = f"MemTotal: 9 kB\nMemAvailable: {16 * GIB // 1024} kB\n"
        for name, text in {"proc/meminfo": meminfo, **files}.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return tmp_path

    return write


V2, V1 = "sys/fs/cgroup", "sys/fs/cgroup/memory"


@pytest.mark.parametrize(
    ("files", "free"),
    [
        ({}, 16 * GIB),
        ({"proc/self/cgroup": "0::/\n"}, 16 * GIB),
        # version 2: the limit stands in a group above ours
        (
            {
                "proc/self/cgroup": "0::/kube/pod/kernel\n",
                f"{V2}/kube/pod/kernel/memory.max": "max\n",
                f"{V2}/kube/pod/kernel/memory.current": f"{100 * MIB}\n",
                f"{V2}/kube/pod/memory.max": f"{2 * GIB}\n",
                f"{V2}/kube/pod/memory.current": f"{600 * MIB}\n",
                f"{V2}/kube/pod/memory.stat": f"anon 5\ninactive_file {100 * MIB}\n",
            },
            2 * GIB - 500 * MIB,
        ),
        # a container sees its own group at the top
        (
            {
                "proc/self/cgroup": "0::/docker/abc\n",
                f"{V2}/memory.max": f"{GIB}\n",
                f"{V2}/memory.current": f"{GIB // 2}\n",
            },
            GIB // 2,
        ),
        # version 1
        (
            {
                "proc/self/cgroup": "9:name=a:/\n5:cpu,memory:/docker/abc\n0::/\n",
                f"{V1}/memory.limit_in_bytes": f"{3 * GIB}\n",
                f"{V1}/memory.usage_in_bytes": f"{2 * GIB}\n",
                f"{V1}/memory.stat": f"cache 1\ntotal_inactive_file {GIB // 4}\n",
            },
            GIB + GIB // 4,
        ),
        # no limit, as version 1 writes it
        (
            {
                "proc/self/cgroup": "5:memory:/\n",
                f"{V1}/memory.limit_in_bytes": "9223372036854771712\n",
                f"{V1}/memory.usage_in_bytes": f"{2 * GIB}\n",
            },
            16 * GIB,
        ),
        # a limit that nothing is known about otherwise
        (
            {
                "proc/self/cgroup": "0::/\nnonsense\n",
                f"{V2}/memory.max": f"{GIB}\n",
            },
            16 * GIB,
        ),
    ],
)
def test_what_is_free_is_the_least_of_all_limits(machine, files, free):
    assert limits._free(machine(files)) == free


@pytest.mark.parametrize(
    ("free", "margin"),
    [
        (64 * GIB, 4 * GIB),
        (2 * GIB, 1.5 * GIB),
        (GIB, 0.75 * GIB),
        (-MIB, 0.25 * GIB),
    ],
)
def test_a_body_may_take_three_quarters_of_what_is_free(monkeypatch, free, margin):
    monkeypatch.setattr(limits, "_free", lambda: free)
    assert limits._margin() == margin
