"""Scores, weights and contexts against torch, loops and derivatives."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn.functional import scaled_dot_product_attention

from helpers.nets.attention.scores import (
    additive_scores,
    attend,
    dot_scores,
    entropy,
    key_covariance,
    scaled_dot_scores,
    weights_of,
)

many = settings(max_examples=200, deadline=None)
sizes = st.integers(1, 5)
seeds = st.integers(0, 10**6)


def draw(seed, *shapes):
    g = torch.Generator().manual_seed(seed)
    return [torch.randn(shape, generator=g, dtype=torch.float64) for shape in shapes]


def some_real(seed, *shape):
    """Bools with at least one True in each row."""
    g = torch.Generator().manual_seed(seed)
    real = torch.rand(shape, generator=g) < 0.5
    first = torch.randint(shape[-1], shape[:-1], generator=g)
    return real.scatter(-1, first[..., None], True)


@many
@given(sizes, sizes, sizes, sizes, sizes, seeds, st.booleans())
def test_scaled_dot_attention_is_torchs(B, S, T, K, D, seed, masked):
    q, keys, values = draw(seed, (B, S, K), (B, T, K), (B, T, D))
    real = some_real(seed, B, S, T) if masked else None
    context, weights = attend(
        scaled_dot_scores(q, keys[:, None]), values[:, None], real
    )
    want = scaled_dot_product_attention(q, keys, values, attn_mask=real)
    torch.testing.assert_close(context, want)
    torch.testing.assert_close(weights.sum(-1), torch.ones(B, S).double())
    if masked:
        assert (weights[~real] == 0).all()


@many
@given(sizes, sizes, sizes, seeds)
def test_scores_are_the_formulas_term_by_term(B, T, K, seed):
    q, keys, v = draw(seed, (B, K), (B, T, K), (K,))
    for b in range(B):
        for t in range(T):
            dot = sum(q[b, k] * keys[b, t, k] for k in range(K))
            add = sum(v[k] * math.tanh(q[b, k] + keys[b, t, k]) for k in range(K))
            assert dot_scores(q, keys)[b, t] == pytest.approx(dot)
            scaled = scaled_dot_scores(q, keys)[b, t]
            assert scaled == pytest.approx(dot / math.sqrt(K))
            assert additive_scores(q, keys, v)[b, t] == pytest.approx(add)


@many
@given(sizes, st.integers(1, 9), sizes, seeds)
def test_a_zero_query_looks_everywhere_alike(B, T, K, seed):
    (keys, q) = draw(seed, (B, T, K), (B, K))
    for scores in (
        dot_scores(torch.zeros_like(q), keys),
        additive_scores(q, keys, torch.zeros(K).double()),
    ):
        context, weights = attend(scores, keys)
        torch.testing.assert_close(weights, torch.full_like(weights, 1 / T))
        torch.testing.assert_close(context, keys.mean(1))
        want = torch.full((B,), math.log(T)).double()
        torch.testing.assert_close(entropy(weights), want)


@many
@given(st.integers(1, 5), sizes, seeds)
def test_the_derivative_in_the_query_is_the_covariance_of_the_keys(T, K, seed):
    q, keys = draw(seed, (K,), (T, K))
    _, weights = attend(dot_scores(q, keys), keys)
    slope = torch.autograd.functional.jacobian(
        lambda q: attend(dot_scores(q, keys), keys)[0], q
    )
    torch.testing.assert_close(slope, key_covariance(weights, keys))


def test_the_covariance_vanishes_as_the_look_sharpens():
    (keys,) = draw(0, (6, 4))
    sizes = [
        key_covariance(weights_of(sharp * keys[:, 0]), keys).diagonal().sum().item()
        for sharp in (0.0, 1.0, 10.0, 1000.0)
    ]
    flat = torch.cov(keys.T, correction=0)
    torch.testing.assert_close(key_covariance(torch.full((6,), 1 / 6).double(), keys),
                               flat)  # fmt: skip
    assert sizes[0] > sizes[2] > sizes[3]
    assert sizes[3] < 1e-6


@many
@given(sizes, st.integers(2, 7), sizes, seeds)
def test_what_is_masked_has_no_say(B, T, D, seed):
    scores, values = draw(seed, (B, T), (B, T, D))
    real = some_real(seed, B, T)
    context, weights = attend(scores, values, real)
    for b in range(B):
        alone = attend(scores[b, real[b]], values[b, real[b]])
        torch.testing.assert_close((context[b], weights[b, real[b]]), alone)
    other = torch.where(real[..., None], values, values + 9)
    torch.testing.assert_close(attend(scores + 5.0 * ~real, other, real)[0], context)


def test_three_answers_to_a_row_with_nothing_real():
    scores, real = torch.zeros(2, 4), torch.tensor([[True, True, False, False]] * 2)
    real[1] = False
    minus_inf, large = weights_of(scores, real), weights_of(scores, real, fill=-1e9)
    assert minus_inf[0].tolist() == large[0].tolist() == [0.5, 0.5, 0, 0]
    assert minus_inf[1].isnan().all()
    assert large[1].tolist() == [0.25] * 4  # padding, looked at evenly
    values = torch.ones(1, 2, 4, 3)
    torchs = scaled_dot_product_attention(
        torch.zeros(1, 2, 1, 3), torch.zeros(1, 2, 4, 3), values, real[None, :, None]
    )
    assert torchs[0, :, 0, 0].tolist() == [1, 0]


def test_nan_under_the_mask_leaks():
    values = torch.tensor([[1.0], [math.nan]])
    context, weights = attend(torch.zeros(2), values, torch.tensor([True, False]))
    assert weights.tolist() == [1, 0]
    assert context.isnan().all()  # 0 · nan


def test_one_memory_serves_many_queries():
    q, keys, v, values = draw(3, (7, 4), (1, 5, 4), (4,), (1, 5, 2))
    for scores in (dot_scores(q, keys), additive_scores(q, keys, v)):
        context, weights = attend(scores, values, torch.ones(1, 5, dtype=torch.bool))
        assert (context.shape, weights.shape) == ((7, 2), (7, 5))


@pytest.mark.parametrize(
    ("use", "words"),
    [
        (lambda x: dot_scores(x[0, 0, :2], x[0]), r"keys: got shape \(3, 4\), want"),
        (lambda x: scaled_dot_scores(x[0], x[..., :2]), "keys: got shape"),
        (lambda x: additive_scores(x[:, 0], x, x[0, 0, :3]), r"v: got shape \(3,\)"),
        (lambda x: dot_scores([1.0], x), "q: got a list, want an array"),
        (lambda x: weights_of(x[0, 0], torch.ones(4)), "real: got torch.float32"),
        (lambda x: weights_of(x[0, 0], [True] * 4), "real: got list, want bools"),
        (lambda x: attend(x[0, 0], x), r"values: got shape \(2, 3, 4\), want"),
        (
            lambda x: attend(x[0, 0, :3], x[0], torch.ones(2, dtype=torch.bool)),
            r"real: got shape \(2,\)",
        ),
        (lambda x: key_covariance(x[0, 0], x[0]), r"keys: got shape \(3, 4\)"),
    ],
)
def test_bad_input_is_refused_by_name(use, words):
    with pytest.raises(ValueError, match=words):
        use(torch.zeros(2, 3, 4))
