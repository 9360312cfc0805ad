"""The tools behind `make`: notebooks run and stored, JupyterLab opened, all checked."""

from __future__ import annotations

import copy
import io
import json
import os
import re
import socket
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from PIL import Image

from helpers.tools import lab, notebooks, picture, verify

WIDGET = notebooks.WIDGET_VIEW


def stored(*outputs, source: str = "run()", metadata: dict | None = None):
    """A notebook with one cell, as a run leaves it."""
    cell = new_code_cell(source, id="run", metadata=metadata or {}, outputs=[*outputs])
    cell.execution_count = 12
    return new_notebook(cells=[cell])


def shown(**data):
    kinds = {"text": "text/plain", "png": "image/png", "html": "text/html"}
    bundle = {kinds.get(k, WIDGET): v for k, v in data.items()}
    return new_output("display_data", data=bundle)


def said(text: str, name: str = "stdout"):
    return new_output("stream", name=name, text=text)


# -- what is stored ------------------------------------------------------------------


def test_a_widget_leaves_what_a_reader_can_see():
    book = notebooks.clean(stored(shown(view={"id": 1}, png="iVBOR", text="a net")))
    assert book.cells[0].outputs[0].data == {
        "image/png": "iVBOR",
        "text/plain": "a net",
    }


@pytest.mark.parametrize(
    "output",
    [
        shown(view={"model_id": "1"}),
        shown(view={"model_id": "1"}, text="  0%|          | 0/100 [00:00<?, ?it/s]"),
        shown(view={"model_id": "1"}, text=""),
        said(" 40%|████  | 4/10 [00:01<00:02, 3.1it/s]\r", "stderr"),
    ],
)
def test_progress_and_dead_widgets_are_not_stored(output):
    assert notebooks.clean(stored(output)).cells[0].outputs == []


def test_pieces_of_one_stream_are_joined():
    book = notebooks.clean(stored(said("a\n"), said("b\n"), shown(text="c"), said("d")))
    texts = [o.get("text") for o in book.cells[0].outputs]
    assert texts == ["a\nb\n", None, "d"]


def test_counts_are_those_of_one_run_and_ids_and_tags_stay():
    cells = [
        new_markdown_cell("# T", id="title"),
        new_code_cell("1", id="one", execution_count=7, metadata={"tags": ["slow"]}),
        new_code_cell("", id="blank", execution_count=8),
        new_code_cell("2", id="two", execution_count=3),
    ]
    result = new_output("execute_result", data={"text/plain": "2"}, execution_count=3)
    cells[3].outputs = [result]
    book = notebooks.clean(new_notebook(cells=cells))
    assert [c.get("execution_count") for c in book.cells] == [None, 1, None, 2]
    assert book.cells[3].outputs[0].execution_count == 2
    assert [c.id for c in book.cells] == ["title", "one", "blank", "two"]
    assert book.cells[1].metadata == {"tags": ["slow"]}


def test_what_one_machine_adds_is_taken_out():
    book = stored(metadata={"execution": {"busy": "now"}, "scrolled": True})
    book.metadata.widgets = {"state": {}}
    book.metadata.language_info = {"name": "python", "version": "3.11.7"}
    book.metadata.kernelspec = {"name": "my-env", "display_name": "Mine"}
    book = notebooks.clean(book)
    assert book.cells[0].metadata == {}
    assert set(book.metadata) == {"kernelspec", "language_info"}
    assert "version" not in book.metadata.language_info
    assert book.metadata.kernelspec["name"] == "python3"


def test_what_answers_a_prediction_is_collapsed_and_no_more():
    cells = [
        new_code_cell('predict("97.p1")', id="ask", outputs=[shown(text="Predict")]),
        new_code_cell("x = 1", id="silent"),
        new_code_cell("live()", id="live", metadata={"tags": ["widget"]}),
        new_code_cell("x", id="answer", metadata={"jupyter": {"source_hidden": True}}),
        new_code_cell("x + 1", id="more", outputs=[shown(text="2")]),
    ]
    for cell in cells[2:4]:
        cell.outputs = [shown(text="1")]
    book = notebooks.clean(new_notebook(cells=cells))
    folded = [c.metadata.get("jupyter", {}).get("outputs_hidden") for c in book.cells]
    assert folded == [None, None, None, True, None]
    assert book.cells[3].metadata.jupyter.source_hidden
    assert notebooks.clean(copy.deepcopy(book)) == book


def test_the_cells_tagged_as_answers_are_collapsed_in_place_of_the_first():
    cells = [
        new_code_cell('predict("97.p1")', id="ask", outputs=[shown(text="Predict")]),
        new_code_cell("x.shape", id="shapes", outputs=[shown(text="(2, 3)")]),
        new_code_cell("x", id="one", outputs=[shown(text="1")]),
        new_code_cell("y", id="two", outputs=[shown(text="2")]),
        new_code_cell('predict("97.p2")', id="again", outputs=[shown(text="Predict")]),
        new_code_cell("z", id="three", outputs=[shown(text="3")]),
    ]
    for cell in cells[2:4]:
        cell.metadata = {"tags": ["answer"]}
    book = notebooks.clean(new_notebook(cells=cells))
    folded = [c.metadata.get("jupyter", {}).get("outputs_hidden") for c in book.cells]
    assert folded == [None, None, True, True, None, True]


def test_cleaning_twice_changes_nothing_more():
    book = notebooks.clean(stored(said("a"), said("b"), shown(view={}, text="x")))
    again = notebooks.clean(copy.deepcopy(book))
    assert nbformat.writes(again) == nbformat.writes(book)


def test_writing_is_readable_and_whole(tmp_path):
    path = tmp_path / "01_a.ipynb"
    notebooks.write(notebooks.clean(stored(source="σ = 1")), path)
    text = path.read_text(encoding="utf-8")
    assert "σ" in text
    assert text.startswith('{\n "cells"')
    assert text.endswith("}\n")
    assert os.listdir(tmp_path) == ["01_a.ipynb"]


# -- runs in a real kernel -----------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path, monkeypatch):
    """Notebooks of one cell each, where `make notebooks` looks for them."""

    def add(name: str, *sources: str) -> Path:
        cells = [new_code_cell(s, id=f"cell-{i}") for i, s in enumerate(sources)]
        path = tmp_path / f"{name}.ipynb"
        nbformat.write(new_notebook(cells=cells), path)
        monkeypatch.setattr(notebooks, "find", lambda names: [path])
        return path

    return add


def test_a_run_is_that_of_a_new_learner_in_the_notebooks_folder(folder, monkeypatch):
    monkeypatch.setenv("UNROLLED_HOME", "mine")
    path = folder(
        "01_a",
        "import os, sys; from tqdm import tqdm\nfor _ in tqdm(range(2)): pass",
        "os.getcwd(), os.environ['UNROLLED_HOME'], sys.prefix",
    )
    assert notebooks.main([]) == 0
    first, second = nbformat.read(path, as_version=4).cells
    assert first.outputs == []
    cwd, home, prefix = eval(second.outputs[0].data["text/plain"])
    assert Path(cwd).samefile(path.parent)
    assert home not in ("", "mine")
    assert not Path(home).exists()
    assert Path(prefix).samefile(sys.prefix)
    assert os.environ["UNROLLED_HOME"] == "mine"


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("assert 1 == 2, 'one is not two'", "AssertionError: one is not two"),
        ("import warnings; warnings.warn('beware')", "said on stderr: .*beware"),
        ("import time; time.sleep(60)", "no end after 2 s"),
        ("import os; os._exit(1)", "the kernel died"),
    ],
)
def test_a_failing_notebook_is_not_stored(folder, capsys, source, words):
    path = folder("01_a", "1", source)
    assert notebooks.main(["--timeout", "2"]) == 1
    told = capsys.readouterr().out
    assert "01_a: NOT STORED" in told
    assert re.search(words, told)
    assert "cell 1 (cell-1)" in told or "died" in words
    assert all(not cell.outputs for cell in nbformat.read(path, as_version=4).cells)


def test_a_check_writes_nothing(folder, capsys):
    path = folder("01_a", "1+1")
    before = path.read_bytes()
    assert notebooks.main(["--check"]) == 0
    assert path.read_bytes() == before
    assert "runs clean" in capsys.readouterr().out


def test_a_notebook_that_is_not_there_is_named(capsys):
    with pytest.raises(SystemExit):
        notebooks.main(["77"])
    assert "no notebook starts with '77'" in capsys.readouterr().err


# -- make lab ------------------------------------------------------------------------


def test_the_settings_join_those_that_are_there(tmp_path):
    path = lab.write_settings(tmp_path)
    path.write_text(json.dumps({"mine": {"a": 1}}))
    lab.write_settings(tmp_path)
    kept = json.loads(path.read_text())
    assert kept["mine"] == {"a": 1}
    comms = kept["@jupyterlab/apputils-extension:kernels-settings"]
    assert comms == {"commsOverSubshells": "disabled"}
    news = kept["@jupyterlab/apputils-extension:notification"]
    assert news == {"fetchNews": "false", "checkForUpdates": False}
    before = path.stat().st_mtime_ns
    lab.write_settings(tmp_path)
    assert path.stat().st_mtime_ns == before


def test_torn_settings_are_replaced(tmp_path):
    path = lab.write_settings(tmp_path)
    path.write_text("{")
    lab.write_settings(tmp_path)
    assert json.loads(path.read_text()) == lab.SETTINGS


def test_jupyterlab_knows_these_settings():
    schemas = Path(sys.prefix, "share/jupyter/lab/schemas/@jupyterlab")
    for name, values in lab.SETTINGS.items():
        plugin, _, setting = name.removeprefix("@jupyterlab/").partition(":")
        schema = json.loads((schemas / plugin / f"{setting}.json").read_text())
        assert set(values) <= set(schema["properties"])


@pytest.fixture
def taken():
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield server.getsockname()[1]


def test_a_taken_port_is_passed_over(taken):
    assert lab.free_port(taken, tries=20) > taken
    with pytest.raises(OSError, match=f"no port from {taken} to {taken} is free"):
        lab.free_port(taken, tries=1)


@pytest.fixture
def started(monkeypatch) -> list:
    """The command lines with which JupyterLab would have been started."""
    lines: list = []
    monkeypatch.setattr(lab.os, "execv", lambda path, line: lines.append(line))
    monkeypatch.setattr(lab.os, "chdir", lambda path: None)
    monkeypatch.setattr(lab, "write_settings", lambda prefix: None)
    return lines


def test_lab_opens_on_the_first_notebook(started, monkeypatch, capsys, taken):
    monkeypatch.setattr(lab, "PORT", taken)
    monkeypatch.setattr(lab, "free_port", lambda: taken + 1)
    lab.main(["--no-browser"])
    assert f"--port={taken + 1}" in started[0]
    assert "--LabApp.default_url=/lab/tree/notebooks/00_start_here.ipynb" in started[0]
    assert started[0][-1] == "--no-browser"
    assert f"Port {taken} is taken" in capsys.readouterr().out


def test_a_kernel_in_the_users_folder_does_not_stand_before_ours(started, monkeypatch):
    monkeypatch.setenv("JUPYTER_PREFER_ENV_PATH", "0")
    lab.main(["--port=9999"])
    assert os.environ["JUPYTER_PREFER_ENV_PATH"] == "1"


@pytest.mark.parametrize("name", ["JUPYTER_RUNTIME_DIR", "JUPYTER_CONFIG_DIR"])
def test_a_home_that_cannot_be_written_is_one_line(
    started, monkeypatch, capsys, tmp_path, name
):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv(name, str(tmp_path / "file" / "folder"))
    assert lab.main(["--port=9999"]) == 1
    assert started == []
    told = capsys.readouterr().err
    assert told.startswith("JupyterLab cannot start:")
    assert told.endswith("HOME=/a/folder make lab.\n")
    assert told.count("\n") == 1


def test_another_package_called_helpers_is_named(
    started, monkeypatch, capsys, tmp_path
):
    assert lab.stranger() is None
    monkeypatch.setattr(lab, "ROOT", tmp_path)
    assert "pip uninstall helpers" in lab.stranger()
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks" / "helpers.py").write_text("")
    lab.main(["--port=9999"])
    assert "helpers.py stands before the course's" in capsys.readouterr().err
    assert len(started) == 1
    monkeypatch.setattr(lab.importlib.util, "find_spec", lambda name: None)
    (tmp_path / "notebooks" / "helpers.py").unlink()
    assert "pip install -e ." in lab.stranger()


def test_a_chosen_port_is_left_alone(started):
    lab.main(["--port=9999"])
    assert [o for o in started[0] if o.startswith("--port")] == ["--port=9999"]


def test_no_free_port_is_one_line(started, monkeypatch, capsys):
    def none():
        raise OSError("no port from 8888 to 8937 is free")

    monkeypatch.setattr(lab, "free_port", none)
    assert lab.main([]) == 1
    assert started == []
    assert capsys.readouterr().err == (
        "JupyterLab cannot start: no port from 8888 to 8937 is free.\n"
    )


def test_a_python_without_jupyterlab_is_one_line(started, monkeypatch, capsys):
    monkeypatch.setattr(lab.importlib.util, "find_spec", lambda name: None)
    assert lab.main([]) == 1
    assert started == []
    told = capsys.readouterr().err
    assert "`make lab`" in told
    assert told.count("\n") == 1


@pytest.mark.parametrize(("user", "allowed"), [(0, True), (1000, False)])
def test_only_root_needs_to_be_allowed(monkeypatch, user, allowed):
    monkeypatch.setattr(lab.os, "geteuid", lambda: user)
    assert ("--allow-root" in lab.command([], 8888)) == allowed


# -- make picture --------------------------------------------------------------------


def png(colour: str) -> bytes:
    target = io.BytesIO()
    Image.new("RGB", (8, 4), colour).save(target, "PNG")
    return target.getvalue()


def test_frames_become_an_endless_animation_that_rests_on_the_last():
    made = Image.open(io.BytesIO(picture.animate([png("red"), png("blue")], 500)))
    assert (made.size, made.n_frames, made.info["loop"]) == ((8, 4), 2, 0)
    pauses = []
    for n in range(2):
        made.seek(n)
        pauses.append(made.info["duration"])
    assert pauses == [500, 1500]
    with pytest.raises(ValueError, match="frames: got none"):
        picture.animate([])


def test_the_picture_is_drawn_from_the_explorer(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(picture, "ROOT", tmp_path)
    monkeypatch.setattr(picture, "PICTURE", tmp_path / "media" / "explorer.gif")
    assert picture.main() == 0
    made = Image.open(tmp_path / "media" / "explorer.gif")
    assert made.n_frames == len(picture.WORD) + 1
    monkeypatch.setattr(picture, "MOST_BYTES", 10)
    assert picture.main() == 1
    assert "not stored" in capsys.readouterr().out


def test_the_readme_shows_the_picture_and_it_is_small():
    readme = (picture.ROOT / "README.md").read_text(encoding="utf-8")
    assert picture.PICTURE.relative_to(picture.ROOT).as_posix() in readme
    assert picture.PICTURE.stat().st_size <= picture.MOST_BYTES


# -- make test -----------------------------------------------------------------------


@pytest.fixture
def stages(monkeypatch):
    """Stages that only print and exit."""

    def choose(**codes: tuple[str, int]) -> None:
        made = {
            name: ["-c", f"print({line!r}); raise SystemExit({code})"]
            for name, (line, code) in codes.items()
        }
        monkeypatch.setattr(verify, "STAGES", made)

    return choose


def test_all_stages_pass(stages, capsys):
    stages(lint=("All checks passed!", 0), unit=("12 passed, 1 skipped in 3.1s", 0))
    assert verify.main([]) == 0
    told = capsys.readouterr().out.splitlines()
    assert told[-1].startswith("PASSED: 2 stages in")
    assert "12 passed, 1 skipped" in told[-2]


def test_every_stage_runs_although_one_fails(stages, capsys):
    stages(a=("1 failed in 1s", 1), b=("9 passed in 1s", 0), c=("", 5))
    assert verify.main([]) == 1
    told = capsys.readouterr().out
    assert "== c ==" in told
    assert told.splitlines()[-1].startswith("FAILED after")
    assert told.splitlines()[-1].endswith(": a, c")
    assert "nothing to run was found" in told


def test_a_skipped_stage_is_called_so(stages, capsys):
    stages(browser=("3 skipped in 0.1s", 0))
    assert verify.main(["browser"]) == 0
    assert "browser    skipped" in capsys.readouterr().out


def test_a_stage_that_is_not_there_is_named(capsys):
    assert verify.main(["brwser"]) == 2
    assert "No stage is called 'brwser'" in capsys.readouterr().out


def test_stages_share_the_cache_and_nothing_of_the_learners(tmp_path, monkeypatch):
    monkeypatch.setenv("UNROLLED_HOME", "mine")
    monkeypatch.setenv("UNROLLED_CACHE", "mine")
    first, second = (verify.surroundings(tmp_path, s) for s in ("notebooks", "browser"))
    assert first["UNROLLED_CACHE"] == second["UNROLLED_CACHE"] != "mine"
    assert first["UNROLLED_HOME"] != second["UNROLLED_HOME"] != "mine"


def test_the_browser_comes_after_the_notebooks():
    order = list(verify.STAGES)
    assert order.index("notebooks") < order.index("browser")


def test_two_cores_run_two_files_and_one_core_runs_them_in_turn(monkeypatch):
    monkeypatch.setattr(verify, "cores", lambda: 2)
    assert verify.beside()[:4] == ["-n", "2", "--dist", "loadfile"]
    assert verify.beside(3)[:2] == ["-n", "3"]
    monkeypatch.setattr(verify, "cores", lambda: 1)
    assert verify.beside() == []


@pytest.mark.parametrize(("cores", "threads"), [(1, None), (2, "1"), (9, "1")])
def test_who_shares_the_cores_computes_with_one_thread(
    tmp_path, monkeypatch, cores, threads
):
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.setattr(verify, "cores", lambda: cores)
    assert verify.surroundings(tmp_path, "unit").get("OMP_NUM_THREADS") == threads
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    assert verify.surroundings(tmp_path, "unit")["OMP_NUM_THREADS"] == "3"


def test_cores_are_those_that_this_process_may_use():
    assert 1 <= verify.cores() <= os.cpu_count()


def test_two_workers_have_homes_of_their_own_and_are_counted(
    tmp_path, monkeypatch, capfd
):
    look = "import os\ndef test_home(): print('at', os.environ['UNROLLED_HOME'])"
    for name in ("test_a.py", "test_b.py"):
        (tmp_path / name).write_text(look)
    monkeypatch.setattr(verify, "cores", lambda: 2)
    quiet = [*verify.PYTEST, *verify.beside(), "-rP", "--rootdir", str(tmp_path)]
    monkeypatch.setattr(verify, "STAGES", {"unit": [*quiet, str(tmp_path)]})
    assert verify.run("unit", tmp_path) == ("ok", "2 passed")
    told = capfd.readouterr().out
    homes = {Path(line).name for line in told.splitlines() if line.startswith("at ")}
    assert homes == {"gw0", "gw1"}
