"""RNN, LSTM and GRU compared: equal nets, tasks, the tables and what is stored."""

import json
from itertools import islice

import joblib
import numpy as np
import pytest
import torch

from helpers.experiments import load
from helpers.experiments import store as experiments
from helpers.experiments.gated import (
    RUNS,
    best_rates,
    comparison_lines,
    comparison_table,
    step_costs,
)
from helpers.nets.gated import (
    CELLS,
    TASKS,
    GatedNet,
    batches,
    new_net,
    same_size,
    train,
)
from helpers.tables import table

TINY = {"H": 6, "B": 4, "steps": 20, "every": 10}


def drawn(cell, H=40):
    generator = torch.Generator().manual_seed(0)
    return GatedNet(cell, 3, 2, H, span=50, generator=generator)


# --- the nets ------------------------------------------------------------------------


@pytest.mark.parametrize("cell", CELLS)
def test_every_cell_reads_and_answers(cell):
    net, x = drawn(cell), torch.rand(4, 7, 3)
    answer = net(x)
    assert answer.shape == (4, 2)
    torch.testing.assert_close(net(x.roll(1, 0)), answer.roll(1, 0))
    x[:, -1] += 1
    assert not torch.allclose(net(x), answer)


@pytest.mark.parametrize(("task", "T"), RUNS)
def test_all_cells_have_as_many_parameters(task, T):
    nets = {cell: new_net(task, cell, T, 0, RUNS[task, T]["H"]) for cell in CELLS}
    counts = [sum(p.numel() for p in net.parameters()) for net in nets.values()]
    assert max(counts) / min(counts) < 1.04
    assert abs(np.array(counts) / counts[0] - 1).max() < 0.03
    H = {cell: net.rnn.hidden_size for cell, net in nets.items()}
    assert H["RNN"] == RUNS[task, T]["H"] > H["GRU"] > H["LSTM"]
    assert same_size("RNN", 3, 2, 17) == 17


def test_starts_are_what_they_are_called():
    H = 40
    W, bias = {}, {}
    for cell in CELLS:
        _, W[cell], *biases = (p.detach() for p in drawn(cell).rnn.parameters())
        bias[cell] = sum(biases)
    rotation = W["RNN, orthogonal"]
    torch.testing.assert_close(rotation @ rotation.T, torch.eye(H))
    assert bias["RNN, orthogonal"].abs().max() == 0
    for cell in ("RNN", "LSTM", "GRU"):
        assert 0.9 * H**-0.5 < W[cell].abs().max() <= H**-0.5
        assert bias[cell].abs().max() <= 2 * H**-0.5
    plain, one, chrono = (bias[c].view(4, H) for c in CELLS if c.startswith("LSTM"))
    torch.testing.assert_close(one[1], torch.ones(H))
    torch.testing.assert_close(one[[0, 2, 3]], plain[[0, 2, 3]])
    torch.testing.assert_close(chrono[0], -chrono[1])
    torch.testing.assert_close(chrono[2:], plain[2:])
    assert 0 <= chrono[1].min() < 2 < 3.5 < chrono[1].max() <= np.log(49)


# --- the tasks -----------------------------------------------------------------------


def test_each_task_gives_sequences_and_answers():
    for (task, T), how in RUNS.items():
        (x_test, _), draws = batches(task, T, 0, how["B"])
        net = new_net(task, "GRU", T, 0, 8)
        for x, y in islice(draws, 2):
            assert len(x) == len(y) == how["B"]
            assert x.shape[1] == T + (task == "recall")
            assert net(x).shape == (len(y), TASKS[task]["O"])
        assert x_test.shape[1:] == x.shape[1:]
        assert len(x_test) == (449 if task == "digits" else 500)


def test_digits_come_back_each_once_an_epoch():
    _, draws = batches("digits", 64, 0, 64)
    labels = torch.cat([y for _, y in islice(draws, 22)])  # 1,348 images, 22 batches
    assert len(labels) == 1348
    assert sorted(torch.cat([y for _, y in islice(draws, 22)])) == sorted(labels)


# --- training ------------------------------------------------------------------------


def test_training_stops_when_solved_if_told_to():
    _, run = train("recall", "RNN, orthogonal", 3, 0, steps=500)
    assert run["solved_at"] == 25 * len(run["scores"]) < 500
    assert run["scores"][-1] >= TASKS["recall"]["goal"]
    _, on = train("recall", "RNN, orthogonal", 3, 0, steps=200, stop=False)
    assert on["solved_at"] == run["solved_at"]
    assert len(on["scores"]) == 8
    assert on["scores"][: len(run["scores"])] == run["scores"]


def test_training_can_be_watched_and_ended():
    seen = []
    train("adding", "GRU", 4, 0, on_check=lambda *at: seen.append(at) or True, **TINY)
    assert [step for step, _ in seen] == [10]


@pytest.mark.parametrize("task", TASKS)
def test_scores_are_of_the_held_out_sequences(task):
    T = 64 if task == "digits" else 6
    net, run = train(task, "LSTM", T, 0, stop=False, **TINY)
    (x, y), _ = batches(task, T, 0, 4)
    with torch.no_grad():
        answer = net(x).squeeze(-1)
    if task == "adding":
        score = ((answer - y) ** 2).mean()
    else:
        score = (answer.argmax(1) == y).float().mean()
    assert run["scores"][-1] == pytest.approx(score.item(), abs=1e-3)


@pytest.mark.parametrize(
    ("use", "words"),
    [
        (lambda: train("copy", "GRU", 5, 0), "task: one of recall.* got 'copy'"),
        (lambda: train("recall", "gru", 5, 0), "cell: one of RNN; .* got 'gru'"),
        (lambda: train("recall", "GRU", 5, 0, steps=0), "steps: got 0"),
        (lambda: same_size("CNN", 1, 1, 1), "cell: one of RNN; .* got 'CNN'"),
        (lambda: drawn("GRU")(torch.rand(2, 5, 4)), r"x: got shape \(2, 5, 4\)"),
        (lambda: comparison_table("recall"), "tasks: a list of at least one"),
        (lambda: comparison_table(rates=[]), "rates: a list of at least one"),
        (lambda: comparison_table([("copy", 5)]), "tasks: pairs of one of recall"),
        (lambda: comparison_table(seeds=0), "seeds: got 0"),
        (lambda: step_costs("recall", 5, rounds=0), "rounds: got 0"),
    ],
)
def test_bad_input_is_refused(use, words):
    with pytest.raises(ValueError, match=words):
        use()


# --- the tables ----------------------------------------------------------------------


def test_a_table_has_a_row_for_each_setting_and_a_number_for_each_seed():
    rows = comparison_table(
        [("recall", 4), ("adding", 5)], ["GRU", "RNN"], rates=[0.01, 0.02], seeds=2,
        progress=False, **TINY,
    )  # fmt: skip
    keys = [(row["task"], row["T"], row["cell"], row["lr"]) for row in rows]
    assert keys == [
        (task, T, cell, lr)
        for task, T in (("recall", 4), ("adding", 5))
        for cell in ("GRU", "RNN")
        for lr in (0.01, 0.02)
    ]
    for row in rows:
        assert row["solved_at"] == [None, None]
        assert len(row["score"]) == 2
        assert "curve" not in row
    (row,) = comparison_table(
        [("adding", 5)], ["RNN"], rates=[0.01], seeds=3, stop=False, progress=False,
        **TINY,
    )  # fmt: skip
    assert len(row["curve"]) == 2
    assert row["curve"][-1] == np.median(row["score"])


def test_two_jobs_at_a_time_find_what_one_finds(monkeypatch):
    monkeypatch.setenv("UNROLLED_CACHE", "off")
    settings = {"rates": [0.01], "seeds": 2, "progress": False, **TINY}
    with joblib.parallel_config(backend="threading"):
        one, two = (
            comparison_table([("recall", 4)], ["GRU", "LSTM"], n_jobs=n, **settings)
            for n in (1, 2)
        )
    assert one == two


def row(lr, solved_at, score, task="recall", **more):
    return {
        "task": task, "T": 5, "cell": "GRU", "lr": lr, "H": 3, "parameters": 1234,
        "solved_at": solved_at, "score": score, **more,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("worse", "better"),
    [
        (row(1, [50, 50, None], [1, 1, 0.5]), row(2, [75, 80, 90], [1, 1, 1])),
        (row(1, [50, 60, 70], [1, 1, 1]), row(2, [25, 30, 90], [1, 1, 1])),
        (row(1, [None] * 3, [0.1, 0.2, 0.9]), row(2, [None] * 3, [0.1, 0.3, 0.4])),
        (
            row(1, [None] * 2, [0.3, 0.2], "adding"),
            row(2, [None] * 2, [0.1, 0.2], "adding"),
        ),
        (
            row(1, [50, 50], [0.91, 0.91], "digits", curve=[0.91]),
            row(2, [80, None], [0.92, 0.92], "digits", curve=[0.92]),
        ),
    ],
)
def test_the_better_rate_is_told(worse, better):
    assert best_rates([worse, better]) == [better]
    assert best_rates([better, worse]) == [better]


def test_lines_are_made_for_a_table():
    rows = [
        row(1, [50, 75, None], [1, 1, 0.5], cost=0.6),
        row(1, [None] * 2, [0.1, 0.2]),
    ]
    head = ["task", "cell", "H", "parameters", "score", "solved", "cost"]
    text = repr(table(comparison_lines(rows), head))
    assert "2 of 3, 62 steps" in text
    assert "1,234" in text
    assert "✗" in text


def test_costs_are_relative_to_the_first_cell():
    costs = step_costs("recall", 5, ["GRU", "LSTM"], rounds=2, H=4, B=2)
    assert list(costs) == ["GRU", "LSTM"]
    assert costs["GRU"] == 1
    assert costs["LSTM"] > 0


# --- what is stored, and what lesson 05 says about it --------------------------------


def stored(best=False):
    rows = load("comparison")["rows"]
    rows = best_rates(rows) if best else rows
    return {(r["task"], r["T"], r["cell"], r["lr"]): r for r in rows}


def test_rows_of_the_stored_table_come_out_again():
    for cell in ("RNN, orthogonal", "LSTM, chrono"):
        (again,) = comparison_table(
            [("recall", 20)], [cell], rates=[3e-3], seeds=2, progress=False
        )
        kept = stored()["recall", 20, cell, 3e-3]
        assert all(again["solved_at"])
        gap = np.subtract(again["solved_at"], kept["solved_at"][:2])
        assert np.abs(gap).max() <= 50  # two checks, on another machine's BLAS
        assert (again["H"], again["parameters"]) == (kept["H"], kept["parameters"])


def test_the_stored_table_is_complete_json():
    text = (experiments.RESULTS / "comparison.json").read_text()
    json.loads(text, parse_constant=pytest.fail)  # no NaN, no Infinity
    assert len(text) < 40_000
    rows = stored()
    cells = [row["cell"] for row in rows.values()]
    assert len(rows) == (3 + 3 + 3 + 2) * len(CELLS)
    assert cells.count("GRU") == 3 + 3 + 3 + 2
    for r in rows.values():
        assert len(r["solved_at"]) == len(r["score"]) == 3
        assert 0.2 < r["cost"] < 5
        assert len(r.get("curve", [0] * 10)) == 10


def best():
    """(task and T, cell) -> the row with the better learning rate."""
    rows = best_rates(load("comparison")["rows"])
    return {(f"{r['task']} {r['T']}", r["cell"]): r for r in rows}


def medians(task):
    """cell -> the median of the steps it took, or None if not all seeds solved it."""
    steps = {cell: r["solved_at"] for (t, cell), r in best().items() if t == task}
    return {c: np.median(s) if None not in s else None for c, s in steps.items()}


def test_the_lesson_says_who_recalls():
    steps = medians("recall 50")
    solved = [cell for cell in CELLS if steps[cell]]
    assert solved == ["RNN, orthogonal", "LSTM, chrono", "GRU"]
    assert steps["RNN, orthogonal"] * 3 < steps["LSTM, chrono"]
    assert steps["LSTM, chrono"] * 3 < steps["GRU"]
    rows = stored()
    for lr in (1e-3, 3e-3):  # the GRU needs the highest rate
        assert not any(rows["recall", 50, "GRU", lr]["solved_at"])
    assert sum(map(bool, best()["recall 50", "RNN"]["solved_at"])) == 1
    for cell in ("LSTM", "LSTM, forget bias 1"):
        for lr in (1e-3, 3e-3, 1e-2):
            assert not any(rows["recall", 50, cell, lr]["solved_at"])
    steps = medians("recall 20")
    assert [cell for cell in CELLS if not steps[cell]] == ["LSTM"]
    assert min(steps, key=lambda c: steps[c] or np.inf) == "RNN, orthogonal"


def test_the_lesson_says_who_adds():
    steps = medians("adding 50")
    gated = [cell for cell in CELLS if not cell.startswith("RNN")]
    assert [cell for cell in CELLS if steps[cell]] == gated
    assert steps["GRU"] * 1.5 < min(steps[c] for c in gated if c != "GRU")
    for cell in ("RNN", "RNN, orthogonal"):
        assert min(best()["adding 50", cell]["score"]) > 0.03  # answering 1: 0.167


def test_the_lesson_says_how_much_the_rate_matters():
    """Digits: gates stand a rate at which both RNNs break down, and need it."""
    rows = stored()
    at = {
        lr: {c: np.median(rows["digits", 64, c, lr]["score"]) for c in CELLS}
        for lr in (3e-3, 1e-2)
    }
    assert max(at[3e-3], key=at[3e-3].get) == "RNN, orthogonal"
    for cell in CELLS:
        if cell.startswith("RNN"):
            assert at[1e-2][cell] < 0.6 < 0.9 < at[3e-3][cell]
        else:
            assert at[3e-3][cell] < at[1e-2][cell] > 0.93
    scores = [np.median(best()["digits 64", cell]["score"]) for cell in CELLS]
    assert max(scores) - min(scores) < 0.02
