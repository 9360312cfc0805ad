"""The progress file: it survives kills, damage, full disks and odd folders."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from helpers.exercises import reset_progress
from helpers.exercises.engine import progress
from helpers.exercises.engine.progress import load, progress_file, record


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("UNROLLED_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def test_nothing_is_made_until_something_is_recorded(home):
    assert load() == {"version": 1, "exercises": {}, "predictions": {}}
    assert not home.exists()
    assert record("exercises", "03.1", "wrong")
    assert load()["exercises"] == {"03.1": "wrong"}
    assert json.loads((home / "progress.json").read_text())["version"] == 1
    assert [p.name for p in home.iterdir()] == ["progress.json"]


def test_right_and_the_first_prediction_stay():
    for value in ("wrong", "right", "wrong"):
        record("exercises", "03.1", value)
    for value in (2, 0):
        record("predictions", "03.p1", value)
    assert load()["exercises"] == {"03.1": "right"}
    assert load()["predictions"] == {"03.p1": 2}


def test_without_the_variable_it_lies_in_the_users_data_folder(monkeypatch):
    monkeypatch.delenv("UNROLLED_HOME")
    assert progress_file().parent.name == "unrolled"


def test_reset_of_one_lesson_and_of_all():
    record("exercises", "03.1", "right")
    record("predictions", "03.p1", 1)
    record("exercises", "01.1", "right")
    reset_progress("03")
    assert load()["exercises"] == {"01.1": "right"}
    assert load()["predictions"] == {}
    reset_progress()
    assert load()["exercises"] == {}
    record("exercises", "03.1", "right")
    reset_progress("3")
    assert load()["exercises"] == {}
    with pytest.raises(ValueError, match=r"one of 00, 01, .*, got '77'"):
        reset_progress("77")
    for bad in ("three", 3, ""):
        with pytest.raises(ValueError, match="two digits"):
            reset_progress(bad)
    with pytest.raises(ValueError, match="kind must be"):
        record("others", "03.1", "right")


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{",
        b"[]",
        b"3",
        b'{"exercises": 3, "predictions": {}}',
        b'{"exercises": {"03.1": 1}, "predictions": {}}',
        b'{"exercises": {}, "predictions": {"03.p1": "b"}}',
        b'{"exercises": {}}',
        b"\xff\xfe\x00",
        b"[" * 100_000,
    ],
    ids=range(10),
)
def test_a_damaged_file_is_set_aside_with_one_line(home, text, capsys):
    home.mkdir()
    (home / "progress.json").write_bytes(text)
    assert load()["exercises"] == {}
    assert capsys.readouterr().out.count("\n") == 1
    assert (home / "progress.broken.json").read_bytes() == text
    assert load()["exercises"] == {}
    assert capsys.readouterr().out == ""
    assert record("exercises", "03.1", "right")
    assert load()["exercises"] == {"03.1": "right"}


def test_a_folder_that_cannot_be_written_breaks_nothing(tmp_path, monkeypatch, capsys):
    blocked = tmp_path / "file"
    blocked.write_text("")
    monkeypatch.setenv("UNROLLED_HOME", str(blocked / "below"))
    assert record("exercises", "03.1", "right") is False
    assert load()["exercises"] == {}
    reset_progress()
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_full_disk_keeps_the_last_good_file(home, monkeypatch, step):
    record("exercises", "03.1", "right")

    def full(*args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(progress.os, step, full)
    assert record("exercises", "03.2", "right") is False
    monkeypatch.undo()
    assert json.loads((home / "progress.json").read_text())["exercises"] == {
        "03.1": "right"
    }
    assert [p.name for p in home.iterdir()] == ["progress.json"]


def test_the_old_file_is_whole_at_every_step_of_writing(home, monkeypatch):
    record("exercises", "03.1", "right")
    seen, fsync, replace = [], os.fsync, os.replace

    def look(*args, then):
        seen.append(json.loads((home / "progress.json").read_text())["exercises"])
        return then(*args)

    monkeypatch.setattr(progress.os, "fsync", lambda *a: look(*a, then=fsync))
    monkeypatch.setattr(progress.os, "replace", lambda *a: look(*a, then=replace))
    record("exercises", "03.2", "right")
    assert seen == [{"03.1": "right"}] * 2
    assert set(load()["exercises"]) == {"03.1", "03.2"}


KILLED = """
import itertools
from helpers.exercises.engine.progress import record, reset_progress
print("ready", flush=True)
for i in itertools.count():
    record("exercises", f"03.{i}", "right" * 2000)
"""


def test_killed_while_writing_it_leaves_a_whole_file(home):
    for wait in (0.02, 0.05, 0.11):
        child = subprocess.Popen(
            [sys.executable, "-c", KILLED], stdout=subprocess.PIPE, env=os.environ
        )
        child.stdout.readline()
        while not (home / "progress.json").exists():  # a busy machine takes its time
            assert child.poll() is None
            time.sleep(0.01)
        time.sleep(wait)
        child.send_signal(signal.SIGKILL)
        child.wait()
        child.stdout.close()
        kept = json.loads((home / "progress.json").read_text())
        assert all(len(v) == 10_000 for v in kept["exercises"].values())
        assert kept["exercises"]
