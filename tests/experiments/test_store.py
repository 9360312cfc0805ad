"""Tables too long for a lesson: how they are made, kept, and what the lesson says."""

import inspect
import json
import pkgutil

import numpy as np
import pytest
import torch

from helpers.experiments import EXPERIMENTS, load, run, store
from helpers.experiments import memory as memory_tables
from helpers.experiments.__main__ import main
from helpers.experiments.memory import lag_table, memory_table, remedy_table
from helpers.nets.memory import STARTS, MemoryNet, train

TINY = {"H": 8, "B": 4}


# --- the runner ----------------------------------------------------------------------


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_every_name_stands_for_a_function_that_needs_no_argument(name):
    signature = inspect.signature(pkgutil.resolve_name(EXPERIMENTS[name]))
    for parameter in signature.parameters.values():
        assert parameter.default is not parameter.empty


@pytest.fixture
def shelf(tmp_path, monkeypatch):
    """Results of this test's own, and two experiments."""
    monkeypatch.setattr(store, "RESULTS", tmp_path)
    names = {"two": f"{__name__}:two_rows", "own": f"{__name__}:keeps_its_own"}
    monkeypatch.setattr(store, "EXPERIMENTS", names)
    return tmp_path


def two_rows(n_jobs=1, progress=True):
    return {"settings": {"n": n_jobs}, "rows": [{"a": 1}, {"a": [2, None]}]}


def keeps_its_own():
    return None


def test_run_keeps_what_load_gives_back(shelf):
    result = run("two", n_jobs=3)
    assert load("two") == result
    assert list(result) == ["settings", "versions", "rows"]
    assert result["settings"] == {"n": 3}
    assert result["versions"]["numpy"] == np.__version__
    assert "+" not in result["versions"]["torch"]
    lines = (shelf / "two.json").read_text().splitlines()
    assert '  {"a": 1},' in lines  # one row a line


def test_an_experiment_may_keep_its_own_result(shelf):
    assert run("own") is None
    assert list(shelf.iterdir()) == []


def test_the_command_runs_what_is_named(shelf, capsys):
    main(["two", "--jobs", "2"])
    assert load("two")["settings"] == {"n": 2}
    assert "two: done" in capsys.readouterr().out
    with pytest.raises(SystemExit):
        main(["three"])
    assert "'three' is none of two, own" in capsys.readouterr().err


def test_unknown_and_missing_names_are_told(shelf):
    with pytest.raises(ValueError, match="name: one of two, own wanted, got 'x'"):
        load("x")
    with pytest.raises(ValueError, match="name: one of two, own wanted, got 'x'"):
        run("x")
    with pytest.raises(ValueError, match="'two' is not stored"):
        load("two")


# --- the tables ----------------------------------------------------------------------


def test_a_table_has_a_row_for_each_setting_and_a_number_for_each_seed():
    rows = memory_table(
        ["recall", "adding"], ["gru", "irnn"], [3, 2], seeds=2, steps=2,
        progress=False, **TINY,
    )  # fmt: skip
    keys = [(row["task"], row["start"], row["T"]) for row in rows]
    assert keys == [
        (task, start, T)
        for task in ("recall", "adding")
        for start in ("gru", "irnn")
        for T in (2, 3)
    ]
    for row in rows:
        assert row["solved_at"] == [None, None]
        assert len(row["score"]) == 2


def test_a_start_that_fails_twice_running_is_not_tried_further(monkeypatch):
    tried = []

    def run_of(task, start, T, seed, **settings):
        tried.append((start, T, seed))
        solved = 25 if (start, T) in {("default", 20), ("irnn", 40)} else None
        return {"seed": seed, "solved_at": solved, "score": 0.5, "largest": 1.0}

    monkeypatch.setattr(memory_tables, "trained", run_of)
    rows = memory_table(
        ["recall"], ["default", "irnn"], [10, 20, 30, 40, 50], seeds=2, progress=False
    )
    seeds = {(row["start"], row["T"]): len(row["solved_at"]) for row in rows}
    assert seeds["default", 40] == 2  # failed at 30 and 40, after 20 was solved
    assert seeds["default", 50] == 0
    assert seeds["irnn", 20] == 2
    assert seeds["irnn", 30] == 0
    assert ("irnn", 40, 0) not in tried


def test_two_jobs_at_a_time_find_what_one_finds(tmp_path, monkeypatch):
    settings = {"seeds": 2, "steps": 30, "progress": False, **TINY}
    monkeypatch.setenv("UNROLLED_CACHE", "off")
    one = memory_table(["recall"], ["orthogonal"], [3], n_jobs=1, **settings)
    two = memory_table(["recall"], ["orthogonal"], [3], n_jobs=2, **settings)
    assert one == two


def test_finished_runs_are_remembered(tmp_path, monkeypatch):
    monkeypatch.setenv("UNROLLED_CACHE", str(tmp_path))
    settings = {"seeds": 1, "steps": 5, "progress": False, **TINY}
    first = memory_table(["recall"], ["relu"], [4], **settings)
    assert memory_tables.trained.from_cache is False
    assert memory_table(["recall"], ["relu"], [4], **settings) == first
    assert memory_tables.trained.from_cache is True


def test_lag_table_before_and_after_training():
    (before,) = lag_table(["orthogonal"], T=10, seeds=1, progress=False)
    assert before["solved_at"] is None
    assert before["relative"].shape == (11,)
    assert before["relative"][0] == 1
    (after,) = lag_table(["orthogonal"], T=10, train_T=10, seeds=1, progress=False)
    assert after["solved_at"] is not None
    assert after["relative"][10] > before["relative"][10]


def test_remedies_are_named_and_measured():
    pair = {"none": ("default", None), "clip": ("default", 0.01)}
    rows = remedy_table(pair, T=5, seeds=2, steps=3, progress=False)
    assert [row["remedy"] for row in rows] == ["none", "clip"]
    assert rows[0]["lag_T"] == rows[1]["lag_T"]
    assert min(rows[0]["largest"]) > 0.01 == max(rows[1]["largest"])


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"tasks": "recall"}, "tasks: a list"),
        ({"lengths": []}, "lengths: a list of at least one"),
        ({"starts": ["orthogonal", "magic"]}, "starts: some of default.* 'magic'"),
        ({"tasks": ["copy"]}, "task: one of recall, adding, got 'copy'"),
    ],
)
def test_bad_tables_are_refused(settings, words):
    asked = {"tasks": ["recall"], "starts": ["relu"], "lengths": [2], **settings}
    with pytest.raises(ValueError, match=words):
        memory_table(**asked, steps=1, seeds=1, progress=False)


# --- the nets ------------------------------------------------------------------------


@pytest.mark.parametrize("start", STARTS)
def test_every_start_reads_and_answers(start):
    net = MemoryNet(start, 4, 3, H=6, generator=torch.Generator().manual_seed(0))
    assert net(torch.rand(2, 25, 4)).shape == (2, 3)


def test_starts_are_what_they_are_called():
    nets = {
        start: MemoryNet(start, 4, 3, generator=torch.Generator().manual_seed(0))
        for start in ("default", "orthogonal", "irnn", "identity", "relu")
    }
    W = {start: net.rnn.weight_hh_l0.detach() for start, net in nets.items()}
    eye = torch.eye(64)
    torch.testing.assert_close(W["orthogonal"] @ W["orthogonal"].T, eye)
    assert torch.equal(W["irnn"], eye)
    assert torch.equal(W["identity"], eye)
    assert W["default"].abs().max() <= 1 / 8
    assert [nets[s].rnn.nonlinearity for s in ("irnn", "relu", "identity")] == [
        "relu", "relu", "tanh",
    ]  # fmt: skip
    for start in ("orthogonal", "irnn", "identity"):
        assert nets[start].rnn.bias_hh_l0.abs().max() == 0


def test_skipping_is_the_recurrence_with_one_more_term():
    net = MemoryNet("skip", 3, 2, H=4, generator=torch.Generator().manual_seed(0))
    x = torch.rand(1, 23, 3)
    W_xh, W_hh, b_x, b_h = net.rnn.parameters()
    hs = [torch.zeros(4)]
    for t in range(23):
        ago = hs[t - 9] if t >= 9 else torch.zeros(4)  # h of ten steps before h_{t+1}
        hs.append(torch.tanh(W_xh @ x[0, t] + b_x + W_hh @ hs[-1] + b_h + ago))
    torch.testing.assert_close(net(x)[0], net.out(hs[-1]))


def test_truncation_changes_the_way_back_and_not_the_answer():
    nets = [
        MemoryNet(start, 3, 2, H=4, generator=torch.Generator().manual_seed(0))
        for start in ("default", "truncated")
    ]
    x = torch.rand(2, 25, 3)
    answers = [net(x) for net in nets]
    torch.testing.assert_close(*answers)
    for answer in answers:
        answer.sum().backward()
    whole, cut = (net.rnn.weight_hh_l0.grad for net in nets)
    assert not torch.allclose(whole, cut)


def test_training_ends_when_solved_told_to_or_diverged():
    _, run = train("recall", "orthogonal", 3, 0, steps=500)
    assert run["solved_at"] < 500
    assert run["score"] >= 0.99
    seen = []
    _, run = train(
        "recall", "default", 9, 0, on_check=lambda *at: seen.append(at) or True
    )
    assert [step for step, _ in seen] == [25]
    assert run["solved_at"] is None
    _, run = train("adding", "irnn", 40, 0, lr=30.0, clip=None, steps=200)
    assert run["solved_at"] is None  # its gradient was no number: no error, no nan
    assert run["score"] is None or np.isfinite(run["score"])
    _, run = train("recall", "default", 9, 0, steps=0)
    assert run == {"seed": 0, "solved_at": None, "score": None, "largest": 0.0}


@pytest.mark.parametrize(
    ("use", "words"),
    [
        (lambda: train("copy", "irnn", 5, 0), "task: one of recall, adding"),
        (lambda: train("recall", "irnn", 5, 0, steps=-1), "steps: a whole number"),
        (lambda: train("recall", "magic", 5, 0), "start: one of default"),
    ],
)
def test_bad_training_is_refused(use, words):
    with pytest.raises(ValueError, match=words):
        use()


# --- what is stored, and what lesson 04 says about it --------------------------------


def stored_runs():
    rows = load("memory")["rows"]
    return {(r["task"], r["start"], r["T"]): r["solved_at"] for r in rows}


def test_a_row_of_the_stored_table_comes_out_again():
    rows = {(r["task"], r["start"], r["T"]): r for r in load("memory")["rows"]}
    again = memory_table(["recall"], ["orthogonal"], [10], progress=False)[0]
    stored = rows["recall", "orthogonal", 10]
    assert all(again["solved_at"])
    gap = np.abs(np.subtract(again["solved_at"], stored["solved_at"]))
    assert gap.max() <= 25  # one check sooner or later, on another machine's BLAS
    np.testing.assert_allclose(again["score"], stored["score"], atol=0.02)


def test_stored_tables_are_complete_json():
    for name in ("memory", "lag_gradients", "remedies"):
        text = (store.RESULTS / f"{name}.json").read_text()
        json.loads(text, parse_constant=pytest.fail)  # no NaN, no Infinity
        assert len(text) < 20_000
    keys = stored_runs().keys()
    assert len(keys) == 2 * 3 * 5
    assert all(len(runs) in (0, 5) for runs in stored_runs().values())


def test_the_lesson_says_what_the_memory_table_says():
    runs = stored_runs()

    def solved(task, start, T):
        return [step for step in runs[task, start, T] if step]

    assert len(solved("recall", "default", 20)) >= 3
    assert not solved("recall", "default", 50)
    hundred = solved("recall", "orthogonal", 100)
    assert len(hundred) == 5
    assert np.median(hundred) < np.median(solved("recall", "default", 20))
    assert len(solved("recall", "irnn", 200)) == 5
    for start in ("default", "orthogonal"):
        assert not solved("adding", start, 50)
    assert len(solved("adding", "irnn", 100)) == 5
    last = load("memory")["rows"][-1]
    assert (last["task"], last["start"], last["T"]) == ("adding", "irnn", 200)
    assert last["score"].count(None) == 3


def test_the_lesson_says_what_the_gradients_say():
    after = [row for row in load("lag_gradients")["rows"] if row["trained"]]
    assert len(after) == 25
    for row in after:
        assert row["solved_at"] is None or row["relative"][20] > 1
    failed = [row for row in after if row["solved_at"] is None]
    assert sum(row["relative"][20] < 1e-3 for row in failed) == len(failed) - 1


def test_the_lesson_says_what_the_remedies_say():
    rows = {row.pop("remedy"): row for row in load("remedies")["rows"]}
    assert rows["default tanh, not clipped"] == rows["… clipped at norm 1"]
    assert max(rows["… truncated to 10 steps"]["lag_T"]) == 0
    relu, tanh = rows["… with ReLU"], rows["… clipped at norm 1"]
    assert np.median(relu["lag_T"]) < np.median(tanh["lag_T"])
    for name in ("… skip connections of 10 steps", "orthogonal and tanh"):
        assert all(rows[name]["solved_at"])
    free, clipped = rows["identity and ReLU, not clipped"], rows["identity and ReLU"]
    assert np.median(free["largest"]) > 1000
    assert np.median(clipped["solved_at"]) < np.median(free["solved_at"])
    assert not any(rows["identity and tanh"]["solved_at"])
