"""The benchmark: every way does the same work, and the tables have their shape.

Nothing here looks at how long anything took.
"""

import re
from types import SimpleNamespace

import numpy as np
import pytest

from helpers.experiments import bench
from helpers.experiments.bench import FUSED, same_pass, speed_ratios, where_time_goes
from helpers.tools.book import ROOT

SMALL = {"B": 3, "T": 4, "H": 5, "V": 6}


@pytest.mark.parametrize("sizes", [SMALL, dict.fromkeys("BTHV", 1)], ids=str)
def test_every_way_computes_the_same_gradients(sizes, monkeypatch):
    monkeypatch.setattr(bench, "ROWS", sizes["B"])  # the slowest ways: all rows
    ways = same_pass(**sizes, rng=np.random.default_rng(1))
    assert len(ways) == 5
    want = ways[FUSED][0]()
    H, V = sizes["H"], sizes["V"]
    shapes = {"W_xh": (V, 4 * H), "W_hh": (H, 4 * H), "b_h": (4 * H,)}
    assert {name: g.shape for name, g in want.items() if "y" not in name} == shapes
    for name, (run, share) in ways.items():
        assert share == 1
        for _ in range(2):  # a second pass starts from scratch
            got = run()
            assert got.keys() == want.keys(), name
            for key, gradient in want.items():
                np.testing.assert_allclose(got[key], gradient, atol=2e-7, err_msg=name)


def test_the_slowest_ways_say_for_how_many_rows_they_stand():
    shares = [s for _, s in same_pass(**SMALL, rng=np.random.default_rng(0)).values()]
    assert shares == [1, 1, 1, 2 / 3, 2 / 3]


def test_a_ratio_for_every_way_and_round():
    ratios = speed_ratios(**SMALL, repeats=2)
    assert ratios.keys() == same_pass(**SMALL, rng=np.random.default_rng(0)).keys()
    assert ratios[FUSED] == [1, 1]
    for values in ratios.values():
        assert len(values) == 2
        assert min(values) > 0


def test_ratios_are_those_of_the_times(monkeypatch):
    """With a clock that we turn: the way that takes three times as long has ratio 3."""
    now = [0.0]
    ways = {}
    for seconds, name in enumerate(same_pass(**SMALL, rng=np.random.default_rng(0)), 1):

        def run(seconds=seconds):
            now[0] += seconds

        ways[name] = run, 0.5 if seconds == 4 else 1.0
    monkeypatch.setattr(bench, "same_pass", lambda *_, rng: ways)
    clock = SimpleNamespace(perf_counter=lambda: now[0])
    monkeypatch.setattr(bench, "time", clock)
    assert [*speed_ratios(**SMALL, repeats=1).values()] == [[1], [2], [3], [8], [5]]


def test_the_parts_are_the_whole():
    parts = where_time_goes(**SMALL, repeats=3)
    assert len(parts) == 3
    np.testing.assert_allclose(np.sum([*parts.values()], axis=0), 1)


def test_the_command_prints_both_tables(capsys):
    sizes = "--batch 2 --steps 3 --hidden 4 --vocabulary 5 --repeats 1"
    assert bench.main(sizes.split()) == 0
    told = capsys.readouterr().out
    assert "B 2, T 3, H 4, V 5" in told
    for name in [*same_pass(**SMALL, rng=np.random.default_rng(0)), "the rest"]:
        assert name in told
    assert re.search(r"nn.LSTM: .* 1\.00 \(1\.00–1\.00\)", told)


@pytest.mark.parametrize("option", ["--hidden 0", "--repeats -1", "--steps x"])
def test_bad_sizes_are_told_without_a_traceback(option, capsys):
    with pytest.raises(SystemExit):
        bench.main(option.split())
    assert "error: " in capsys.readouterr().err


@pytest.mark.parametrize("use", [speed_ratios, where_time_goes])
def test_bad_sizes_are_named(use):
    with pytest.raises(ValueError, match="repeats: got 0"):
        use(repeats=0)
    with pytest.raises(ValueError, match=r"T: got 1\.5"):
        use(T=1.5)


def test_make_knows_the_command():
    makefile = (ROOT / "Makefile").read_text()
    assert "make bench " in makefile.split("ready:")[0]
    assert "$(RUN) -m helpers.experiments.bench" in makefile
