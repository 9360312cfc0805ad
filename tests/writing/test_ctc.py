"""CTC against brute force over all paths, torch, and its own theorems."""

import itertools
import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.writing.ctc import (
    backward,
    collapse,
    count_paths,
    ctc,
    fewest_frames,
    forward,
    posteriors,
    with_blanks,
)

SEEDS = st.integers(0, 2**32 - 1)


def frames(rng, *shape, spread=2.0):
    logits = spread * rng.standard_normal(shape)
    return logits - np.logaddexp.reduce(logits, axis=-1, keepdims=True)


def brute_force(log_y, target):
    """-log P and γ (T, K) of one target, by all K ** T paths."""
    T, K = log_y.shape
    P, gamma = 0.0, np.zeros((T, K))
    for path in itertools.product(range(K), repeat=T):
        if collapse(path) == list(target):
            p = math.exp(sum(log_y[t, k] for t, k in enumerate(path)))
            P += p
            gamma[np.arange(T), path] += p
    return -math.log(P) if P else math.inf, gamma / P if P else gamma


@settings(max_examples=120, deadline=None)
@given(seed=SEEDS, T=st.integers(1, 5), K=st.integers(2, 4), U=st.integers(0, 4))
def test_loss_and_posteriors_are_those_of_all_paths(seed, T, K, U):
    rng = np.random.default_rng(seed)
    log_y, target = frames(rng, 1, T, K), rng.integers(1, K, (1, U))
    loss, gamma = ctc(log_y, target)
    want, want_gamma = brute_force(log_y[0], target[0])
    assert loss[0] == pytest.approx(want, abs=1e-10)
    np.testing.assert_allclose(gamma[0], want_gamma, atol=1e-10)
    assert np.isfinite(want) == (fewest_frames(target[0]) <= T)


@settings(max_examples=80, deadline=None)
@given(seed=SEEDS, B=st.integers(1, 4), T=st.integers(1, 12), K=st.integers(2, 6))
def test_loss_and_gradient_at_the_logits_are_torchs(seed, B, T, K):
    rng = np.random.default_rng(seed)
    lengths = rng.integers(1, T + 1, B)
    sizes = np.array([rng.integers(0, (n + 1) // 2 + 1) for n in lengths])
    targets = rng.integers(1, K, (B, max(sizes.max(), 1)))
    targets[np.arange(targets.shape[1]) >= sizes[:, None]] = 0
    logits = torch.tensor(rng.standard_normal((B, T, K)), requires_grad=True)
    log_y = logits.log_softmax(-1)
    theirs = torch.nn.functional.ctc_loss(
        log_y.transpose(0, 1),
        torch.tensor(targets),
        torch.tensor(lengths),
        torch.tensor(sizes),
        reduction="none",
        zero_infinity=True,
    )
    theirs.sum().backward()
    ours, gamma = ctc(log_y.detach().numpy(), targets, lengths, sizes)
    possible = np.isfinite(ours)
    need = [fewest_frames(row[:n]) for row, n in zip(targets, sizes, strict=True)]
    np.testing.assert_array_equal(possible, np.array(need) <= lengths)
    np.testing.assert_allclose(
        np.where(possible, ours, 0), theirs.detach().numpy(), atol=1e-10
    )
    real = (np.arange(T) < lengths[:, None]) & possible[:, None]
    gradient = (logits.softmax(-1).detach().numpy() - gamma) * real[..., None]
    np.testing.assert_allclose(gradient, logits.grad.numpy(), atol=1e-10)


@settings(max_examples=40, deadline=None)
@given(seed=SEEDS, T=st.integers(4, 12), K=st.integers(2, 5), U=st.integers(0, 2))
def test_every_frame_sums_to_p_and_cross_entropy_on_gamma_has_its_gradient(
    seed, T, K, U
):
    rng = np.random.default_rng(seed)
    logits = torch.tensor(rng.standard_normal((1, T, K)), requires_grad=True)
    log_y, targets = logits.log_softmax(-1), rng.integers(1, K, (1, U))
    z, plain = with_blanks(targets), log_y.detach().numpy()
    alpha, beta = forward(plain, z), backward(plain, z, [T], [U])
    at_each = np.logaddexp.reduce(alpha + beta, axis=2)
    np.testing.assert_allclose(at_each, np.broadcast_to(at_each[:, :1], (1, T)))
    log_P, gamma = posteriors(plain, z, alpha, beta)
    np.testing.assert_allclose(gamma.sum(2), 1)
    np.testing.assert_allclose(log_P, at_each[:, 0])
    (-(torch.tensor(gamma) * log_y).sum()).backward()
    np.testing.assert_allclose(
        logits.grad.numpy(), logits.softmax(-1).detach().numpy() - gamma, atol=1e-12
    )


@settings(max_examples=60, deadline=None)
@given(T=st.integers(1, 6), target=st.lists(st.integers(1, 2), max_size=5))
def test_the_number_of_paths_is_a_binomial(T, target):
    paths = itertools.product(range(3), repeat=T)
    assert count_paths(T, target) == sum(collapse(p) == target for p in paths)
    assert (count_paths(T, target) > 0) == (fewest_frames(target) <= T)


def test_repeats_are_merged_before_blanks_are_left_out():
    assert collapse([0, 1, 1, 0, 1, 2, 2, 0]) == [1, 1, 2]
    assert collapse(np.array([0, 0])) == []


@pytest.mark.parametrize(
    ("case", "words"),
    [
        ({"log_y": np.zeros((3, 2))}, r"log_y: got shape \(3, 2\)"),
        ({"targets": np.array([[1, 4]])}, "targets: got 1 … 4, want 0 … 2"),
        ({"targets": np.array([[0, 1]])}, "targets: want ids from 1 on"),
        ({"targets": np.array([[1, 2]]), "sizes": [1]}, "targets: want ids from 1 on"),
        ({"lengths": [9]}, "lengths: got 9 … 9"),
        ({"targets": np.ones((2, 1), int)}, "targets: got shape"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(case, words):
    fine = {"log_y": np.zeros((1, 4, 3)), "targets": np.array([[1, 2]])}
    with pytest.raises(ValueError, match=words):
        ctc(**(fine | case))
