"""make portable: rows that stand for other processors."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from helpers.tools import portable, verify
from helpers.tools.book import ROOT


@pytest.fixture
def ran(monkeypatch) -> list:
    """Which (stage, settings) would have been run; a stage "fails" if it is in .bad."""
    done: list = []

    def run(stage, scratch, more):
        done.append((stage, more, scratch))
        return ("FAILED", "1 failed") if len(done) in bad else ("ok", "9 passed")

    bad: set[int] = set()
    monkeypatch.setattr(verify, "run", run)
    monkeypatch.setattr(portable, "missing", lambda row: "")
    return [done, bad]


def test_every_row_runs_both_stages_with_a_cache_of_its_own(ran, capsys):
    done, _ = ran
    assert portable.main([]) == 0
    assert len(done) == 2 * len(portable.ROWS)
    assert len({scratch for _, _, scratch in done}) == len(portable.ROWS)
    told = capsys.readouterr().out
    assert all(f"\n{name} " in told for name in portable.ROWS)
    assert "unit ok (9 passed, 0 s); notebooks ok" in told


def test_rows_and_stages_can_be_chosen(ran):
    done, _ = ran
    assert portable.main(["avx2-2", "farthest", "--stage", "unit"]) == 0
    assert [stage for stage, _, _ in done] == ["unit", "unit"]
    assert done[0][1]["ATEN_CPU_CAPABILITY"] == "avx2"
    assert done[1][1]["ATEN_CPU_CAPABILITY"] == "default"
    with pytest.raises(SystemExit):
        portable.main(["z80"])


def test_one_failed_stage_fails_the_whole(ran, capsys):
    _, bad = ran
    bad.add(2)
    assert portable.main(["sse-1", "avx2-1"]) == 1
    told = capsys.readouterr().out
    assert "unit ok (9 passed, 0 s); notebooks FAILED (1 failed" in told
    assert "\navx2-1" in told


def test_a_row_that_this_processor_cannot_run_says_so(ran, monkeypatch, capsys):
    done, _ = ran
    monkeypatch.setattr(portable, "missing", lambda row: f"no {row.needs}")
    assert portable.main(["avx512-1"]) == 0
    assert done == []
    assert "not run: no avx512f" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("machine", "text", "words"),
    [
        ("x86_64", "model : 1\nflags\t\t: fpu avx2 sse4_2\n", ""),
        ("AMD64", "flags : fpu sse4_2 avx2_vnni\n", "has no avx2"),
        ("x86_64", "", "has no avx2"),
        ("x86_64", None, "does not say"),
        ("arm64", "flags : avx2", "is arm64, not x86-64"),
    ],
)
def test_what_a_processor_lacks(monkeypatch, tmp_path, machine, text, words):
    monkeypatch.setattr(portable.platform, "machine", lambda: machine)
    if text is not None:
        (tmp_path / "cpuinfo").write_text(text)
    said = portable.missing(portable.ROWS["avx2-1"], tmp_path / "cpuinfo")
    assert words in said
    assert bool(said) == bool(words)


@pytest.mark.skipif(
    bool(portable.missing(portable.ROWS["sse-2"])), reason="another kind of processor"
)
def test_the_libraries_do_what_a_row_says():
    code = """
import numpy as np, torch, threadpoolctl
from numpy._core import _multiarray_umath as core
blas = [p for p in threadpoolctl.threadpool_info() if p["internal_api"] == "openblas"]
print(torch.backends.cpu.get_cpu_capability(), torch.get_num_threads(),
      blas[0]["architecture"] if blas else "Nehalem",
      any(core.__cpu_features__.get(name) for name in core.__cpu_dispatch__))
"""
    row = portable.settings(portable.ROWS["sse-2"])
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        env=os.environ | row,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["DEFAULT", "2", "Nehalem", "False"]


def test_the_farthest_row_runs_in_ci():
    assert portable.FARTHEST in portable.ROWS
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "make portable ROW=farthest" in script


def test_notebooks_with_several_threads_take_turns(monkeypatch):
    monkeypatch.setattr(verify, "cores", lambda: 2)
    two, one = (portable.settings(portable.ROWS[name]) for name in ("sse-2", "sse-1"))
    assert verify.command("notebooks", two)[-2:] == ["-n", "1"]
    for stage, more in (("notebooks", one), ("unit", two), ("unit", {})):
        assert verify.command(stage, more) == verify.STAGES[stage]


def test_each_cell_is_run_twice_here_and_once_as_elsewhere():
    elsewhere = portable.settings(portable.ROWS["avx2-1"])
    assert "helpers.tools.twice" in verify.command("notebooks", {})
    assert "helpers.tools.twice" not in verify.command("notebooks", elsewhere)
