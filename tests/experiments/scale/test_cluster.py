"""Runs on a cluster: equal rows, rows kept as they come, and words when it fails."""

import importlib.util
import os
import signal
import time

import joblib
import pytest

from helpers.cache import cached
from helpers.experiments import store
from helpers.experiments.__main__ import main
from helpers.experiments.memory import memory_table
from helpers.experiments.scale import cluster as clusters
from helpers.experiments.scale.cluster import cluster
from helpers.experiments.scale.spread import spread

needs_dask = pytest.mark.skipif(
    importlib.util.find_spec("distributed") is None,
    reason='Dask is not installed: pip install -c constraints.txt -e ".[scale]"',
)


@pytest.fixture(autouse=True)
def fresh_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("UNROLLED_CACHE", str(tmp_path / "cache"))


def counted(folder, wait=0.0):
    """Return a cached function that leaves a note of each time it is computed.

    Made here, and so sent to workers as it stands: they cannot import this file.
    """

    @cached
    def square(k, folder, wait):
        import os
        import time

        name = f"{k} {os.getpid()} {time.time_ns()}"
        with open(os.path.join(folder, name), "w"):
            time.sleep(wait)
        return {"k": k, "square": k * k}

    return square, [((k, str(folder), wait), {}) for k in range(6)]


def computed(folder):
    """How often each row was computed."""
    notes = [name.split()[0] for name in os.listdir(folder)]
    return {int(k): notes.count(k) for k in sorted(set(notes))}


def enter(where, **how):
    """Go to a cluster, and leave it."""
    with cluster(where, **how):
        pass


@pytest.fixture
def notes(tmp_path):
    folder = tmp_path / "notes"
    folder.mkdir()
    return folder


ROWS = [{"k": k, "square": k * k} for k in range(6)]


# --- without a cluster ----------------------------------------------------------------


def test_rows_come_in_order_and_are_counted_as_they_come(notes):
    square, jobs = counted(notes)
    seen = []
    rows = list(spread(square, jobs, came=lambda: seen.append(len(seen))))
    assert rows == ROWS
    assert seen == list(range(6))
    assert list(spread(square, jobs)) == ROWS
    assert computed(notes) == dict.fromkeys(range(6), 1)


def test_rows_that_finished_late_come_in_order(notes):
    def slow_first(k):
        time.sleep(0.3 * (k == 0))
        return k

    with joblib.parallel_config(backend="threading"):
        jobs = [((k,), {}) for k in range(4)]
        assert list(spread(slow_first, jobs, n_jobs=4)) == [0, 1, 2, 3]


def test_what_had_come_before_an_error_is_kept(notes):
    square, jobs = counted(notes)
    arriving = spread(square, jobs)
    assert [next(arriving) for _ in range(3)] == ROWS[:3]
    arriving.close()  # interrupted
    before = computed(notes)
    assert list(spread(square, jobs)) == ROWS
    assert all(computed(notes)[k] == n for k, n in before.items())


def test_a_result_of_another_machine_is_kept_here(notes):
    """Workers elsewhere have caches of their own: here they have none."""
    square, jobs = counted(notes)

    def elsewhere(*args):
        return square.__wrapped__(*args)

    elsewhere.known, elsewhere.keep = square.known, square.keep
    assert list(spread(elsewhere, jobs)) == ROWS
    assert all(square.known(*args) for args, _ in jobs)
    assert [square(*args) for args, _ in jobs] == ROWS
    assert computed(notes) == dict.fromkeys(range(6), 1)


def test_here_is_no_cluster():
    for where in ("here", "", None):
        with cluster(where) as client:
            assert client is None


@pytest.mark.parametrize("where", ["desk", "localhost:8786", "tcp://", 3])
def test_odd_places_are_refused(where):
    with pytest.raises(ValueError, match=r"want 'here', 'dask' or the address"):
        enter(where)


def test_without_dask_the_words_say_how_to_get_it(monkeypatch, capsys):
    monkeypatch.setattr(clusters.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ValueError, match=r"cluster: Dask is not installed; pip"):
        enter("dask")
    with pytest.raises(SystemExit):
        main(["memory", "--cluster", "dask"])
    said = capsys.readouterr().err
    assert '".[scale]"' in said
    assert "Traceback" not in said


def test_errors_of_an_experiment_stay_errors(monkeypatch):
    def wrong(name, n_jobs):
        raise ValueError("length: got -1")

    monkeypatch.setattr(store, "run", wrong)
    with pytest.raises(ValueError, match="length: got -1"):
        main(["memory"])


# --- with Dask ------------------------------------------------------------------------

SMALL = {"starts": ["orthogonal"], "lengths": [3, 4], "seeds": 2, "steps": 2}
SMALL |= {"tasks": ["recall"], "H": 6, "B": 4, "progress": False}


@needs_dask
def test_rows_of_a_cluster_are_those_of_this_machine(monkeypatch):
    monkeypatch.setenv("UNROLLED_CACHE", "off")  # both compute all
    here = memory_table(**SMALL)
    with cluster("dask", workers=2, processes=False):
        assert memory_table(**SMALL, n_jobs=-1) == here


@needs_dask
def test_a_lost_worker_loses_no_finished_row(notes):
    square, jobs = counted(notes, wait=0.3)
    with cluster("dask", workers=2) as client:
        pids = list(client.run(os.getpid).values())
        arriving = spread(square, jobs, n_jobs=-1)
        rows = [next(arriving) for _ in range(2)]
        finished = set(computed(notes)) & {0, 1}
        os.kill(pids[0], signal.SIGKILL)
        rows += list(arriving)
    assert rows == ROWS
    times = computed(notes)
    assert all(times[k] == 1 for k in finished)
    assert max(times.values()) <= 2  # what the lost one was doing, once more
    assert list(spread(square, jobs)) == ROWS
    assert computed(notes) == times


@needs_dask
def test_a_scheduler_at_an_address_is_found():
    from distributed import LocalCluster

    look = {"n_workers": 1, "processes": False, "dashboard_address": None}
    with LocalCluster(**look, protocol="tcp://") as there:
        with cluster(there.scheduler_address):
            assert joblib.Parallel(n_jobs=-1)(
                joblib.delayed(pow)(k, 2) for k in range(4)
            ) == [0, 1, 4, 9]
        with there.get_client() as client:  # the cluster is not ours to end
            assert client.scheduler_info()["workers"]


@needs_dask
def test_an_address_that_does_not_answer_is_told():
    with pytest.raises(ValueError, match=r"nobody answers at tcp://127\.0\.0\.1:9 "):
        enter("tcp://127.0.0.1:9", patience=1)


@needs_dask
def test_a_cluster_without_workers_is_told():
    from distributed import LocalCluster

    look = {"n_workers": 0, "processes": False, "dashboard_address": None}
    no_worker = pytest.raises(ValueError, match="has no worker; start one: dask worker")
    with LocalCluster(**look, protocol="tcp://") as there, no_worker:
        enter(there.scheduler_address, patience=5)


@needs_dask
def test_after_the_block_joblib_works_here_again():
    enter("dask", workers=1, processes=False)
    backend, _ = joblib.parallel.get_active_backend()
    assert "Dask" not in type(backend).__name__
