"""The cache: hits, misses, and every trouble that must not become an error."""

import copy
import gc
import linecache
import subprocess
import sys
import threading
import time
import types

import joblib
import numpy as np
import pytest
import torch

from helpers import training
from helpers._reached import code_of
from helpers.cache import cache_folder, cached, clear_cache


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("UNROLLED_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("UNROLLED_CACHE_SHARED", raising=False)
    return tmp_path / "cache"


def made(source, name="f"):
    room = {}
    exec(source, room)
    return room[name]


def test_a_second_call_is_a_hit_and_prints_nothing(capfd):
    @cached
    def f(x):
        print("at work")
        return np.arange(x) * 2

    assert f.from_cache is None
    a = f(4)
    assert f.from_cache is False
    capfd.readouterr()
    b = f(4)
    assert f.from_cache is True
    assert a.tolist() == b.tolist() == [0, 2, 4, 6]
    assert capfd.readouterr() == ("", "")


def test_arguments_make_the_difference():
    f = cached(made("def f(x, scale=2): return x, scale"))
    f(1)
    for args, kwargs, hit in [
        ((1,), {}, True),
        ((1, 2), {}, True),
        ((), {"x": 1, "scale": 2}, True),
        ((1, 3), {}, False),
        ((1.0,), {}, False),
        (("1",), {}, False),
    ]:
        f(*args, **kwargs)
        assert f.from_cache is hit, (args, kwargs)


def test_code_makes_the_difference_and_layout_does_not():
    helper_a, helper_b = made("def f(): return 1"), made("def f(): return 2")
    first = cached(made("def f(x): return x + 1"))
    first(1)
    same = cached(made("def f(x):\n\n    # a remark\n    return x+1"))
    same(1)
    assert same.from_cache is True
    other = cached(made("def f(x): return x + 2"))
    other(1)
    assert other.from_cache is False
    for helper, hit in [(helper_a, False), (helper_a, True), (helper_b, False)]:
        f = cached(made("def f(x): return x + 1"), depends=(helper,))
        f(1)
        assert f.from_cache is hit


def test_code_without_a_source_is_not_taken_for_the_commands_own(monkeypatch):
    line = "def f(): pass\n"  # as Python 3.13 knows what `python -c` was given
    monkeypatch.setitem(linecache.cache, "<string>", (len(line), None, [line], ""))
    assert code_of(made("def f(): return 1")) != code_of(made("def f(): return 2"))


def test_modules_values_and_closures_count_as_code():
    def adder(n):
        def add(x):
            return x + n

        return cached(add)

    assert (adder(1)(5), adder(2)(5)) == (6, 7)
    f = cached(made("def f(): return 0"), depends=(types, "v1"))
    f()
    g = cached(made("def f(): return 0"), depends=(types, "v2"))
    g()
    assert g.from_cache is False


@pytest.mark.parametrize(
    ("one", "equal", "other"),
    [
        (np.arange(3), np.arange(3), np.arange(3.0)),
        (torch.ones(2), torch.ones(2), torch.ones(2, dtype=torch.float64)),
        ([1, (2, {"a": 3})], [1, (2, {"a": 3})], [1, (2, {"a": 4})]),
        ({1, 2, 3}, {3, 2, 1}, {1, 2}),
        (np.random.default_rng(1), np.random.default_rng(1), np.random.default_rng(2)),
        (
            torch.Generator().manual_seed(1),
            torch.Generator().manual_seed(1),
            torch.Generator().manual_seed(2),
        ),
        (len, len, max),
        (np.float32(1), np.float32(1), np.float64(1)),
    ],
    ids=lambda value: str(value).partition(" object at ")[0],  # equal in all workers
)
def test_kinds_of_arguments(one, equal, other):
    f = cached(made("def f(x): return 1"))
    f(one)
    f(equal)
    assert f.from_cache is True
    f(other)
    assert f.from_cache is False


def test_models_are_told_apart_by_their_weights():
    def model(seed):
        torch.manual_seed(seed)
        return torch.nn.RNN(2, 3)

    f = cached(made("def f(m): return 1"))
    f(model(0))
    f(model(0))
    assert f.from_cache is True
    f(model(1))
    assert f.from_cache is False


class Flagged(torch.nn.Module):
    def __init__(self, masked, **more):
        super().__init__()
        self.rnn = torch.nn.LSTM(2, 3)
        self.masked, self._more = masked, more


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Flagged(True), Flagged(False)),
        (Flagged(True, scale=1), Flagged(True, scale=2)),
        (torch.nn.Sequential(Flagged(1)), torch.nn.Sequential(Flagged(2))),
        (Flagged(True).eval(), Flagged(True)),
    ],
    ids=["public", "private", "inside", "mode"],
)
def test_models_are_told_apart_by_what_they_hold_beside_weights(one, other):
    other.load_state_dict(one.state_dict())
    assert repr(one) == repr(other)
    f = cached(made("def f(m): return 1"))
    f(one)
    f(copy.deepcopy(one))
    assert f.from_cache is True
    f(other)
    assert f.from_cache is False


def test_a_hit_leaves_models_and_generators_as_the_run_did():
    @cached
    def train(model, rng, generator):
        with torch.no_grad():
            model.weight += float(rng.normal())
            model.bias += torch.randn(1, generator=generator)
        return "done"

    def run():
        torch.manual_seed(0)
        things = (
            torch.nn.Linear(2, 1),
            np.random.default_rng(3),
            torch.Generator().manual_seed(4),
        )
        assert train(*things) == "done"
        model, rng, generator = things
        return (
            model.weight.tolist(),
            model.bias.tolist(),
            rng.normal(),
            torch.randn(1, generator=generator).item(),
        )

    first = run()
    assert train.from_cache is False
    assert run() == first
    assert train.from_cache is True


def test_what_has_no_identity_is_refused_with_its_name():
    with pytest.raises(ValueError, match="batches holds a generator"):
        cached(lambda batches: 1)(x for x in [1])
    with pytest.raises(ValueError, match="must be a function, got int"):
        cached(3)


def test_errors_and_interrupts_pass_and_are_not_kept():
    calls = []

    def fails(kind):
        calls.append(kind)
        raise kind("no")

    f = cached(fails)

    for kind in (ZeroDivisionError, ZeroDivisionError, KeyboardInterrupt):
        with pytest.raises(kind):
            f(kind)
    assert calls == [ZeroDivisionError, ZeroDivisionError, KeyboardInterrupt]


def test_a_run_cut_short_is_not_kept(capsys):
    def job(budget):
        x = torch.ones(2, 1)
        return training.fit(
            torch.nn.Linear(1, 1),
            [(x, x)],
            lambda m, x, y: ((m(x) - y) ** 2).mean(),
            steps=200 if budget is None else 10**7,
            budget_s=budget,
            progress=False,
        ).stopped

    f = cached(job)
    assert [f(0.02), f(0.02)] == ["budget", "budget"]
    assert f.from_cache is False
    assert [f(None), f(None)] == ["finished", "finished"]
    assert f.from_cache is True


def entries(folder):
    return list(folder.rglob("output.pkl"))


@pytest.mark.parametrize("junk", [b"", b"\x80\x04garbage", b"\x80\x04K\x01."])
def test_a_damaged_entry_is_computed_anew(folder, junk, capfd):
    f = cached(made("def f(x): return x + 1"))
    f(1)
    (entry,) = entries(folder)
    entry.write_bytes(junk)
    capfd.readouterr()
    assert f(1) == 2
    assert f.from_cache is False
    assert capfd.readouterr().out == ""


def test_an_unusable_folder_only_costs_time(tmp_path, monkeypatch):
    blocked = tmp_path / "a-file"
    blocked.write_text("")
    monkeypatch.setenv("UNROLLED_CACHE", str(blocked / "inside"))
    f = cached(made("def f(x): return x + 1"))
    assert (f(1), f.from_cache) == (2, False)
    assert (f(1), f.from_cache) == (2, False)


def test_a_full_disk_only_costs_time(monkeypatch):
    import joblib

    def full(*args, **kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(joblib.numpy_pickle, "dump", full)
    f = cached(made("def f(x): return x + 1"))
    assert (f(1), f(1)) == (2, 2)


def test_it_can_be_switched_off(monkeypatch, folder):
    monkeypatch.setenv("UNROLLED_CACHE", "off")
    assert cache_folder() is None
    f = cached(made("def f(x): return x + 1"))
    assert (f(1), f(1), f.from_cache) == (2, 2, False)
    assert not folder.exists()
    clear_cache()


def test_clearing_forgets_and_touches_nothing_else(folder):
    f = cached(made("def f(x): return x + 1"))
    f(1)
    (folder / "mine.txt").write_text("keep")
    done = subprocess.run(
        [sys.executable, "-m", "helpers.cache", "--clear"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "the cache is empty"
    assert not entries(folder)
    assert (folder / "mine.txt").exists()
    f(1)
    assert f.from_cache is False


def everything(folder):
    """Each file and folder with its content and the time it was last changed."""
    return {
        path: (path.read_bytes() if path.is_file() else None, path.stat().st_mtime_ns)
        for path in [folder, *folder.rglob("*")]
    }


@pytest.fixture
def teachers(tmp_path, monkeypatch):
    """A teacher's cache that holds f(1) of ADD, shared with one who has none yet."""
    theirs = tmp_path / "theirs"
    monkeypatch.setenv("UNROLLED_CACHE", str(theirs))
    cached(made(ADD))(1)
    assert len(entries(theirs)) == 1
    monkeypatch.setenv("UNROLLED_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("UNROLLED_CACHE_SHARED", str(theirs))
    return theirs


ADD = "def f(x): return x + 1"


def test_a_shared_cache_is_read_and_never_written(teachers, folder):
    before = everything(teachers)
    f = cached(made(ADD))
    assert (f(1), f.from_cache) == (2, True)
    assert not entries(folder)
    assert (f(2), f.from_cache) == (3, False)  # a run that the teacher does not have
    assert (f(2), f.from_cache) == (3, True)
    assert len(entries(folder)) == 1
    clear_cache()
    assert everything(teachers) == before


def test_ones_own_result_comes_before_the_shared_one(teachers, folder, monkeypatch):
    monkeypatch.delenv("UNROLLED_CACHE_SHARED")
    f = cached(made(ADD))
    f(1)
    monkeypatch.setenv("UNROLLED_CACHE_SHARED", str(teachers))
    (shared,) = entries(teachers)
    joblib.dump((99, []), shared)
    assert (f(1), f.from_cache) == (2, True)
    clear_cache()
    assert (f(1), f.from_cache) == (99, True)


@pytest.mark.parametrize("junk", [b"", b"\x80\x04garbage", b"\x80\x04K\x01."])
def test_a_damaged_shared_entry_is_computed_anew(teachers, junk, capfd):
    (shared,) = entries(teachers)
    shared.write_bytes(junk)
    f = cached(made(ADD))
    assert [f(1), f.from_cache, f(1), f.from_cache] == [2, False, 2, True]
    assert shared.read_bytes() == junk
    assert capfd.readouterr().out == ""


def test_a_shared_folder_that_is_not_there_is_a_miss(tmp_path, monkeypatch):
    monkeypatch.setenv("UNROLLED_CACHE_SHARED", str(tmp_path / "nowhere"))
    f = cached(made(ADD))
    assert (f(1), f.from_cache) == (2, False)
    assert not (tmp_path / "nowhere").exists()


def test_the_shared_cache_helps_where_ones_own_cannot_be_used(
    teachers, tmp_path, monkeypatch
):
    (tmp_path / "a-file").write_text("")
    monkeypatch.setenv("UNROLLED_CACHE", str(tmp_path / "a-file" / "inside"))
    f = cached(made(ADD))
    assert (f(1), f.from_cache) == (2, True)
    monkeypatch.setenv("UNROLLED_CACHE", "off")
    assert (f(1), f.from_cache) == (2, False)


def test_a_shared_run_leaves_models_as_the_run_did(teachers, monkeypatch):
    def run():
        rng = np.random.default_rng(3)
        return f(rng), rng.normal()

    f = cached(made("def f(rng): return rng.normal()"))
    monkeypatch.setenv("UNROLLED_CACHE", str(teachers))
    first = run()
    monkeypatch.setenv("UNROLLED_CACHE", str(teachers / "own"))
    assert run() == first
    assert f.from_cache is True


def test_a_second_process_finds_the_result(tmp_path):
    script = tmp_path / "job.py"
    script.write_text(
        "import numpy as np\n"
        "from helpers.cache import cached\n"
        "@cached\n"
        "def f(x, rng):\n    return x.sum() + rng.normal()\n"
        "v = f(np.ones(3), np.random.default_rng(0))\n"
        "print(round(float(v), 6), f.from_cache)\n"
    )
    said = [
        subprocess.run(
            [sys.executable, str(script)], capture_output=True, text=True, check=True
        ).stdout.split()
        for _ in range(2)
    ]
    assert said[0][0] == said[1][0]
    assert [s[1] for s in said] == ["False", "True"]


# --- what a function reaches ---------------------------------------------------------

NOTEBOOK = """
import torch
STEPS = 3
rates = {"fast": 2}

class Net(torch.nn.Module):
    scale = 1

    def __init__(self):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.ones(1))

    def forward(self, x):
        return self.weight * x

def loss(x):
    return x + 1

def step(x):
    return loss(x) * rates["fast"]

def epoch(x):
    return [step(x) for _ in range(STEPS)]

def train(x):
    return epoch(x), Net()(torch.tensor(float(x))).item()
"""


def ran(source, name="train", argument=1):
    """Whether a notebook's function came from the cache, and what it gave."""
    room = {"__name__": "__main__"}
    exec(source, room)
    f = cached(room[name])
    return f.from_cache, f(argument), f.from_cache


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("return epoch(x), ", "return epoch(x) + [0], "),
        ("for _ in range(STEPS)", "for _ in range(STEPS + 1)"),  # one call down
        ("return loss(x) * ", "return 2 * loss(x) * "),  # two
        ("return x + 1", "return x + 2"),  # three
        ("STEPS = 3", "STEPS = 4"),
        ('{"fast": 2}', '{"fast": 3}'),
        ("self.weight * x", "self.weight * x * 5"),
        ("torch.ones(1)", "torch.zeros(1)"),
    ],
)
def test_a_change_anywhere_below_is_a_new_run(old, new):
    assert old in NOTEBOOK
    first = ran(NOTEBOOK)[1]
    assert ran(NOTEBOOK) == (None, first, True)
    _, value, hit = ran(NOTEBOOK.replace(old, new))
    assert hit is False
    assert value != first


def test_a_class_attribute_and_a_function_handed_over_count():
    ran(NOTEBOOK)
    assert ran(NOTEBOOK.replace("scale = 1", "scale = 2"))[2] is False
    room, other = {}, {}
    exec(NOTEBOOK, room)
    exec(NOTEBOOK.replace("x + 1", "x + 2"), other)
    given = cached(made("def run(f, x):\n    return f(x)", "run"))
    values = [given(r["step"], 1) for r in (room, other, room)]
    assert values[0] == values[2] != values[1]


def test_what_a_decorated_function_reaches_counts():
    source = "from helpers.training import one_thread\n" + NOTEBOOK
    source = source.replace("def train", "@one_thread()\ndef train")
    first = ran(source)[1]
    assert ran(source) == (None, first, True)
    assert ran(source.replace("return x + 1", "return x + 2"))[2] is False
    assert ran(source.replace("return epoch(x), ", "return epoch(x), 0, "))[2] is False


def test_what_is_not_reached_does_not_count():
    ran(NOTEBOOK)
    more = NOTEBOOK + "\nloose = 7\ndef unused(x):\n    return loose\n"
    assert ran(more)[2] is True


def test_helpers_are_followed_and_libraries_are_not(monkeypatch):
    def f(x):
        return training.one_thread, np.mean([x])

    kept = cached(f)
    kept(1)
    kept(1)
    assert kept.from_cache is True
    monkeypatch.setattr(np, "mean", lambda x: x)
    kept(1)
    assert kept.from_cache is True
    monkeypatch.setattr(training, "one_thread", made("def f(): return 2"))
    kept(1)
    assert kept.from_cache is False


class Litter:
    """Garbage that hands the turn to another thread when it is swept up."""

    def __init__(self):
        self.itself = self

    def __del__(self):
        time.sleep(0)


def test_threads_may_read_code_at_the_same_time():
    faults = []

    def read():
        try:
            for _ in range(30):
                litter = [Litter() for _ in range(20)]
                del litter
                code_of(training.fit)
        except Exception as fault:
            faults.append(fault)

    threads = [threading.Thread(target=read) for _ in range(4)]
    often = gc.get_threshold()
    gc.set_threshold(50)
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        gc.set_threshold(*often)
    assert not faults
