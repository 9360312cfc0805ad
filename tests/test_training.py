"""The training loop: it learns, stops in four ways, and leaves the model as it was."""

import math

import numpy as np
import pytest
import torch
from torch import nn

from helpers.training import History, fit


def line_data(n=64):
    g = torch.Generator().manual_seed(0)
    x = torch.randn(n, 3, generator=g)
    return x, x @ torch.tensor([[1.0], [-2.0], [0.5]]) + 0.3


def squared(model, x, y):
    return ((model(x) - y) ** 2).mean()


def linear():
    torch.manual_seed(0)
    return nn.Linear(3, 1)


def test_it_learns_a_line_and_remembers_how():
    model = linear()
    history = fit(model, [line_data()], squared, steps=300, lr=0.05, progress=False)
    assert history.stopped == "finished"
    assert len(history.loss) == len(history.norm) == 300
    assert history.loss[-1] < 1e-3 * history.loss[0]
    assert torch.allclose(model.weight, torch.tensor([[1.0, -2.0, 0.5]]), atol=0.02)
    assert history.seconds > 0


def test_the_same_seed_gives_the_same_history():
    runs = [
        fit(linear(), [line_data()], squared, steps=20, progress=False).loss
        for _ in range(2)
    ]
    assert runs[0] == runs[1]


def test_one_step_equals_one_step_by_hand():
    model, other = linear(), linear()
    x, y = line_data()
    sgd = torch.optim.SGD(model.parameters(), lr=0.1)
    history = fit(
        model, [(x, y)], squared, steps=1, optimizer=sgd, clip=0.5, progress=False
    )
    loss = squared(other, x, y)
    loss.backward()
    norm = math.sqrt(sum((p.grad**2).sum().item() for p in other.parameters()))
    assert norm > 0.5
    assert history.norm[0] == pytest.approx(norm, rel=1e-6)
    for mine, theirs in zip(model.parameters(), other.parameters(), strict=True):
        stepped = theirs - 0.1 * theirs.grad * 0.5 / norm
        assert torch.allclose(mine, stepped, atol=1e-6)


def test_without_clipping_gradients_are_whole():
    model, other = linear(), linear()
    x, y = line_data()
    sgd = torch.optim.SGD(model.parameters(), lr=0.1)
    fit(model, [(x, y)], squared, steps=1, optimizer=sgd, clip=None, progress=False)
    squared(other, x, y).backward()
    assert torch.allclose(model.weight, other.weight - 0.1 * other.weight.grad)


def test_evaluate_runs_in_eval_mode_without_gradients_and_after_the_last_step():
    model, seen = nn.Sequential(nn.Linear(3, 1), nn.Dropout(0.5)), []

    def evaluate(m):
        seen.append((m.training, torch.is_grad_enabled()))
        return len(seen)

    history = fit(
        model,
        [line_data()],
        squared,
        steps=25,
        every=10,
        evaluate=evaluate,
        progress=False,
    )
    assert seen == [(False, False)] * 3
    assert history.metric == [1, 2, 3]
    assert history.metric_steps == [10, 20, 25]


@pytest.mark.parametrize("mode", [True, False])
def test_the_mode_is_put_back(mode):
    model = linear().train(mode)
    during = []

    def loss(m, x, y):
        during.append(m.training)
        return squared(m, x, y)

    fit(model, [line_data()], loss, steps=2, progress=False)
    assert during == [True, True]
    assert model.training is mode


def test_each_part_is_put_back_in_its_own_mode():
    model = nn.Sequential(nn.Linear(3, 1), nn.Dropout(0.5).eval())
    fit(model, [line_data()], squared, steps=2, progress=False)
    assert [part.training for part in model.modules()] == [True, True, False]


def test_an_interrupt_keeps_what_was_learnt(capsys):
    model, count = linear().eval(), []
    before = model.weight.clone()

    def loss(m, x, y):
        count.append(1)
        if len(count) == 6:
            raise KeyboardInterrupt
        return squared(m, x, y)

    history = fit(model, [line_data()], loss, steps=100, lr=0.1, progress=False)
    assert history.stopped == "interrupted"
    assert len(history.loss) == 5
    assert not torch.equal(before, model.weight)
    assert not model.training
    assert "interrupted at step 5 of 100" in capsys.readouterr().out


def test_a_spent_budget_stops_early_and_still_evaluates(capsys):
    history = fit(
        linear(),
        [line_data()],
        squared,
        steps=10**7,
        budget_s=0.05,
        evaluate=lambda m: 1.0,
        every=10**6,
        progress=False,
    )
    assert history.stopped == "budget"
    assert 0 < len(history.loss) < 10**7
    assert history.metric_steps == [len(history.loss)]
    assert "the budget of 0.05 s is spent" in capsys.readouterr().out


@pytest.mark.parametrize(("bad", "word"), [(math.nan, "loss"), (math.inf, "loss")])
def test_a_loss_that_is_not_finite_stops_before_the_weights_are_spoilt(
    bad, word, capsys
):
    model, count = linear(), []

    def loss(m, x, y):
        count.append(1)
        return squared(m, x, y) * (bad if len(count) == 4 else 1)

    history = fit(model, [line_data()], loss, steps=50, progress=False)
    assert history.stopped == "diverged"
    assert len(history.loss) == 4
    assert torch.isfinite(model.weight).all()
    assert f"the {word} is not finite" in capsys.readouterr().out


def test_a_gradient_that_is_not_finite_stops_too(capsys):
    model = linear()

    def loss(m, x, y):
        return torch.sqrt((m(x) * 0).sum())  # value 0, slope 0 * inf

    history = fit(model, [line_data()], loss, steps=50, progress=False)
    assert history.stopped == "diverged"
    assert torch.isfinite(model.weight).all()
    assert "the gradient is not finite" in capsys.readouterr().out


def test_a_finite_list_begins_again_and_a_spent_iterator_is_refused():
    x, y = line_data()
    batches = [(x[i : i + 16], y[i : i + 16]) for i in range(0, 64, 16)]
    history = fit(linear(), batches, squared, steps=10, progress=False)
    assert len(history.loss) == 10
    assert history.loss[4] < history.loss[0]
    with pytest.raises(ValueError, match="ended after 4 of 10 steps"):
        fit(linear(), iter(batches), squared, steps=10, progress=False)
    with pytest.raises(ValueError, match="ended after 0 of 10 steps"):
        fit(linear(), [], squared, steps=10, progress=False)


def test_only_the_wanted_number_of_batches_is_taken():
    taken = []

    def endless():
        while True:
            taken.append(1)
            yield line_data()

    fit(linear(), endless(), squared, steps=3, progress=False)
    assert len(taken) == 3


def test_settings_may_be_numpys():
    settings = {"steps": np.int64(4), "every": np.int32(2), "lr": np.float32(0.1)}
    history = fit(
        linear(), [line_data()], squared, **settings, evaluate=lambda m: 1, clip=np.inf
    )
    assert (len(history.loss), history.metric_steps) == (4, [2, 4])


@pytest.mark.parametrize(
    ("kwargs", "words"),
    [
        ({"steps": 0}, "steps must be a whole number"),
        ({"steps": 2.5}, "steps must be a whole number"),
        ({"steps": 2, "every": 0}, "every must be"),
        ({"steps": 2, "lr": 0}, "lr must be above 0"),
        ({"steps": 2, "lr": math.nan}, "lr must be above 0"),
        ({"steps": 2, "clip": -1}, "clip must be above 0"),
        ({"steps": 2, "budget_s": 0}, "budget_s must be above 0"),
    ],
)
def test_bad_settings_are_refused(kwargs, words):
    with pytest.raises(ValueError, match=words):
        fit(linear(), [line_data()], squared, **kwargs)


def test_bad_models_are_refused():
    with pytest.raises(ValueError, match="torch module, got int"):
        fit(3, [line_data()], squared, steps=1)
    with pytest.raises(ValueError, match="no parameters"):
        fit(nn.Identity(), [line_data()], squared, steps=1)


def test_history_reads_as_one_line_that_does_not_change_with_the_clock():
    history = History(loss=[2.0, 0.5], metric=[0.9], seconds=3.2)
    assert repr(history) == "History(2 steps, finished, loss 2 → 0.5, metric 0.9)"


def test_a_short_run_shows_no_progress_bar(capsys):
    fit(linear(), [line_data()], squared, steps=3)
    assert capsys.readouterr().err.strip() == ""
