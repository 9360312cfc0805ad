"""The self-check: every trouble is a line with a remedy, and no path is told."""

import importlib.metadata
import os
import subprocess
import sys

import pytest
import torch

from helpers.course import selfcheck as module
from helpers.course.selfcheck import Report, RoundTrip, selfcheck


@pytest.fixture(autouse=True)
def folders(tmp_path, monkeypatch):
    monkeypatch.setenv("UNROLLED_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("UNROLLED_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(torch, "get_num_threads", lambda: 1)  # others may be busy
    return tmp_path


def line(name):
    return next(line for line in selfcheck().lines if line.name == name)


def test_here_everything_is_sound(folders):
    report = selfcheck()
    assert report.sound, report
    names = "python packages figures threads gpu progress cache"
    assert [line.name for line in report.lines] == names.split()
    assert f"torch {importlib.metadata.version('torch')}" in repr(report)
    for text in (repr(report), report._repr_html_()):
        assert str(folders) not in text
        assert os.path.expanduser("~") not in text
    assert report._repr_html_().count("<tr>") == 7


def test_trying_the_folders_leaves_nothing_in_them(folders):
    selfcheck()
    assert list((folders / "home").iterdir()) == []


def versions(monkeypatch, **others):
    true = importlib.metadata.version

    def told(name):
        if name in others and others[name] is None:
            raise importlib.metadata.PackageNotFoundError(name)
        return others.get(name) or true(name)

    monkeypatch.setattr(importlib.metadata, "version", told)


def test_an_old_or_missing_package_is_named_with_what_is_wanted(monkeypatch):
    versions(monkeypatch, numpy="1.26.4", tqdm=None)
    found = line("packages")
    assert not found.sound
    assert "numpy is 1.26.4, want <3,>=2.0" in found.text
    assert "tqdm is missing" in found.text
    assert "`make lab`" in found.text


def test_a_course_that_is_not_installed(monkeypatch):
    def missing(name):
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "requires", missing)
    assert "not installed" in line("packages").text


def test_extras_are_not_asked_for(monkeypatch):
    need = ["numpy>=2", 'nowhere-to-be-found>=1; extra == "teach"']
    monkeypatch.setattr(importlib.metadata, "requires", lambda name: need)
    assert line("packages").sound


@pytest.mark.parametrize(
    ("name", "variable"), [("progress", "UNROLLED_HOME"), ("cache", "UNROLLED_CACHE")]
)
def test_a_folder_that_cannot_be_written(folders, monkeypatch, name, variable):
    (folders / "file").write_text("")
    monkeypatch.setenv(variable, str(folders / "file" / "below"))
    found = line(name)
    assert not found.sound
    assert variable in found.text
    assert str(folders) not in found.text


def test_a_cache_that_is_off_and_a_full_disk(monkeypatch):
    monkeypatch.setenv("UNROLLED_CACHE", "off")
    assert line("cache").sound
    monkeypatch.undo()
    usage = type("Usage", (), {"free": 1000})
    monkeypatch.setattr(module.shutil, "disk_usage", lambda folder: usage)
    assert "almost full" in line("cache").text


def test_slow_threads_get_a_remedy_and_are_put_back(monkeypatch):
    clock = iter([0, 10] * 3 + [0, 1] * 3)
    monkeypatch.setattr(module.time, "perf_counter", lambda: next(clock))
    asked = []
    monkeypatch.setattr(torch, "get_num_threads", lambda: 4)
    monkeypatch.setattr(torch, "set_num_threads", asked.append)
    sound, text = module._threads()
    assert not sound
    assert "setup(threads=1)" in text
    assert asked == [1, 4]


@pytest.mark.parametrize(("total", "sound"), [(3, True), (0, False)])
def test_a_gpu_is_named_and_tried(monkeypatch, total, sound):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda: "Some GPU")
    monkeypatch.setattr(torch, "ones", lambda *a, device: torch.tensor(float(total)))
    found = line("gpu")
    assert found.sound is sound
    assert found.text.startswith("Some GPU " + ("works" if sound else "computes"))


def test_a_crash_of_one_look_is_a_line(monkeypatch):
    def breaks(**kwargs):
        raise RuntimeError("no canvas")

    monkeypatch.setattr(module, "figure", breaks)
    name, sound, text = line("figures")
    assert (name, sound) == ("figures", False)
    assert text.startswith("RuntimeError: no canvas; if it stays: `make clean`")
    assert not selfcheck().sound
    assert "<b>✗ not OK</b>" in selfcheck()._repr_html_()


def test_the_round_trip_takes_the_right_answer_only():
    widget = RoundTrip()
    assert not widget.seen
    widget.answer = widget.question
    assert not widget.seen
    widget.answer = widget.question + 1
    assert widget.seen
    data, _ = widget._repr_mimebundle_()
    assert data["text/plain"].startswith("widgets: run this cell")
    assert "if this line stays" in data["text/plain"]


def test_a_report_reads_as_text():
    report = Report([module.Line("a", True, "fine"), module.Line("b", False, "do x")])
    assert repr(report) == ("OK        a           fine\n✗ not OK  b           do x")


def test_as_a_command():
    done = subprocess.run(
        [sys.executable, "-m", "helpers.course.selfcheck"],
        capture_output=True,
        text=True,
        # one thread, by both names: with more, a busy machine is rightly called slow
        env={**os.environ, "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "OK        packages" in done.stdout
