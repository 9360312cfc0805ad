"""Scans are loops, whatever the brackets; minGRU is Mamba's discretisation."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.nets.after.scans import (
    combine,
    convolve,
    loop,
    min_gru,
    scan,
    scan_by_division,
)

SIZES = st.tuples(st.integers(1, 3), st.integers(1, 40), st.integers(1, 4))
SEEDS = st.integers(0, 2**20)


def drawn(seed, *shape):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, generator=generator, dtype=torch.float64)


@settings(deadline=None)
@given(SIZES, SEEDS)
def test_a_scan_is_the_loop_of_numbers(sizes, seed):
    a, b = drawn(seed, 2, *sizes)
    torch.testing.assert_close(scan(a, b), loop(a, b))


@settings(deadline=None)
@given(SIZES, SEEDS)
def test_a_scan_is_the_loop_of_matrices(sizes, seed):
    B, T, H = sizes
    a, b = 0.6 * drawn(seed, B, T, H, H), drawn(seed + 1, B, T, 1, H)
    found, wanted = scan(a, b, torch.matmul), loop(a, b, torch.matmul)
    torch.testing.assert_close(found, wanted)
    by_hand = b[:, 0]
    for t in range(1, T):
        by_hand = by_hand @ a[:, t] + b[:, t]
    torch.testing.assert_close(wanted[:, -1], by_hand)


@settings(deadline=None)
@given(st.sampled_from([torch.mul, torch.matmul]), SEEDS)
def test_brackets_may_stand_anywhere(times, seed):
    p, q, r = drawn(seed, 3, 2, 3, 3)
    left = combine(combine(p, q, times), r, times)
    right = combine(p, combine(q, r, times), times)
    for one, other in zip(left, right, strict=True):
        torch.testing.assert_close(one, other)


@settings(deadline=None)
@given(SIZES, SEEDS)
def test_with_a_constant_factor_it_is_a_convolution(sizes, seed):
    B, T, H = sizes
    a, b = torch.tanh(drawn(seed, H)), drawn(seed + 1, B, T, H)
    torch.testing.assert_close(convolve(a, b), loop(a.expand(B, T, H), b))


def test_gradients_go_through_a_scan():
    a, b = (part.requires_grad_() for part in drawn(0, 2, 2, 5, 3))
    assert torch.autograd.gradcheck(scan, (a, b))


def test_a_scan_waits_in_rounds():
    calls = []

    def times(a, b):
        calls.append(a.shape)
        return a * b

    a, b = drawn(1, 2, 1, 1000, 1)
    scan(a, b, times)
    assert len(calls) == 2 * 10


def test_dividing_is_right_while_it_lasts():
    a, b = torch.sigmoid(drawn(2, 1, 60, 3)), drawn(3, 1, 60, 3)
    torch.testing.assert_close(scan_by_division(a, b), loop(a, b))
    a, b = torch.rand(1, 2000, 3), torch.ones(1, 2000, 3)
    assert not scan_by_division(a, b).isfinite().all()
    assert scan(a, b).isfinite().all()


@settings(deadline=None)
@given(SIZES, SEEDS)
def test_min_gru_is_mambas_discretisation(sizes, seed):
    """Theorem 1 of Gu and Dao 2023: A = -1, B = 1, a step of softplus(u)."""
    B, T, H = sizes
    x, W_z, W_h = drawn(seed, B, T, 3), drawn(seed + 1, 3, H), drawn(seed + 2, 3, H)
    delta, A = torch.nn.functional.softplus(x @ W_z), -1
    keep = (delta * A).exp()
    held = loop(keep, (keep - 1) / A * (x @ W_h))
    torch.testing.assert_close(min_gru(x, W_z, W_h), held)
    euler = loop(keep, delta * (x @ W_h))
    assert (euler - held).abs().max() > 1e-6


@pytest.mark.parametrize("run", [loop, scan, scan_by_division])
def test_other_shapes_are_refused(run):
    with pytest.raises(ValueError, match=r"a, b: the same \(B, T"):
        run(torch.ones(2, 3, 1), torch.ones(2, 4, 1))
    with pytest.raises(ValueError, match="T: got 0"):
        run(torch.ones(2, 0, 1), torch.ones(2, 0, 1))
