"""Newton's sweeps are the loop, in few rounds where a recurrence forgets."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.exercises.lesson_11.sweeping import cheap_sweep
from helpers.gradients.recurrent import run_states
from helpers.nets.after.newton import (
    CELLS,
    draw_cell,
    errors,
    growth,
    run,
    sweep,
    sweeps,
    sweeps_needed,
)
from helpers.nets.numpy_gru import gru_unroll


@pytest.mark.parametrize("name", CELLS)
def test_jacobians_are_autograds(name):
    step = draw_cell(name, 1.2, 5, 4)
    h = torch.randn(5, 4, dtype=torch.float64)
    J = step(h)[1]
    for t in range(5):
        one = slice(t, t + 1)
        found = torch.autograd.functional.jacobian(
            lambda v, one=one: step(v[None], one)[0][0], h[t]
        )
        torch.testing.assert_close(J[t], found.T)  # J[i, j] = d new_j / d h_i


@settings(deadline=None, max_examples=40)
@given(
    st.sampled_from(list(CELLS)),
    st.floats(0, 1.2),
    st.integers(1, 60),
    st.integers(1, 6),
    st.integers(0, 99),
)
def test_newton_is_the_loop(name, gain, T, H, seed):
    step = draw_cell(name, gain, T, H, seed)
    found = sweeps(step, T, H, most=25)
    assert errors(found, run(step, T, H))[-1].max() < 1e-10


@settings(deadline=None, max_examples=20)
@given(st.floats(0, 3), st.integers(2, 30), st.integers(0, 99))
def test_each_sweep_puts_at_least_one_more_step_right(gain, T, seed):
    step = draw_cell("tanh RNN", gain, T, 3, seed)
    for n, wrong in enumerate(errors(sweeps(step, T, 3, 8), run(step, T, 3))):
        if n and len(wrong[:n]):
            assert wrong[:n].max() < 1e-9


def test_the_loops_are_those_of_earlier_lessons():
    W = torch.linalg.qr(torch.randn(4, 4, dtype=torch.float64))[0]
    drive = torch.randn(7, 4, dtype=torch.float64)
    cell = CELLS["tanh RNN"]
    hs = run(lambda h, t: cell(W, drive[t], h), 7, 4)
    torch.testing.assert_close(hs.numpy(), run_states(W.numpy(), drive.numpy()))
    W, drive = torch.randn(4, 12).double(), torch.randn(7, 12).double()
    hs = run(lambda h, t: CELLS["GRU"](W, drive[t], h), 7, 4)
    theirs = gru_unroll(drive.numpy()[None], W.numpy(), 0 * drive[0].numpy())
    torch.testing.assert_close(hs.numpy(), theirs.h[0])


def test_sweeps_are_few_where_it_forgets():
    slow, quick = (draw_cell("tanh RNN", gain, 200, 8) for gain in (2.0, 1.0))
    assert sweeps_needed(quick, 200, 8) < 12
    assert sweeps_needed(slow, 200, 8, most=30) is None
    assert growth(quick, 200, 8) < -0.2 < growth(slow, 200, 8)
    assert sweeps_needed(draw_cell("minGRU", 1, 200, 8), 200, 8) == 1


def test_the_growth_is_that_of_the_product():
    step = draw_cell("tanh RNN", 0.9, 30, 5)
    product = torch.ones(5, dtype=torch.float64) / 5**0.5
    for J in step(run(step, 30, 5)[:-1])[1]:
        product = product @ J
    assert growth(step, 30, 5) == pytest.approx(product.norm().log().item() / 30)


def test_a_cheap_sweep_settles_where_the_whole_one_does():
    W = 0.5 * torch.linalg.qr(torch.randn(4, 4, dtype=torch.float64))[0]
    drive = torch.randn(50, 4, dtype=torch.float64)
    right = run(lambda h, t: CELLS["tanh RNN"](W, drive[t], h), 50, 4)
    h = torch.zeros_like(right).numpy()
    for _ in range(60):
        h = cheap_sweep(h, drive.numpy(), W.numpy())
    torch.testing.assert_close(h, right.numpy())


def test_bad_input_is_refused():
    with pytest.raises(ValueError, match="name: one of tanh RNN, GRU"):
        draw_cell("LSTM", 1, 5, 4)
    with pytest.raises(ValueError, match="T: got 0"):
        draw_cell("GRU", 1, 0, 4)
    with pytest.raises(ValueError, match="h: got shape"):
        sweep(draw_cell("GRU", 1, 5, 4), torch.zeros(5))
    with pytest.raises(ValueError, match="most: got 0"):
        sweeps(draw_cell("GRU", 1, 5, 4), 5, 4, 0)
