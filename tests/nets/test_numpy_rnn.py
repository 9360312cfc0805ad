"""The NumPy network against autograd, finite differences and torch.nn."""

import numpy as np
import pytest
import torch
from torch import nn

from helpers.gradients.gradcheck import gradcheck
from helpers.nets.numpy_rnn import (
    RNN,
    Adam,
    add_up,
    draw_params,
    sample,
    softmax_cross_entropy,
    unroll,
    unroll_back,
)

B, T, D, H, V = 3, 7, 4, 5, 6


@pytest.fixture
def rng():
    return np.random.default_rng(11)


@pytest.fixture
def case(rng):
    """A network, inputs, targets and a start, all random."""
    rnn = RNN(D, H, V, rng=rng)
    X, Y = rng.standard_normal((B, T, D)), rng.integers(V, size=(B, T))
    return rnn, X, Y, rng.standard_normal((B, H))


def gradients(rnn, X, Y, h0=None):
    logits, hs = rnn.forward(X, h0)
    return rnn.backward(X, hs, softmax_cross_entropy(logits, Y)[1])


def autograd(rnn, X, Y, h0):
    """The same loss written with torch, and its gradients."""
    P = {k: torch.tensor(w, requires_grad=True) for k, w in rnn.params.items()}
    start = h = torch.tensor(h0, requires_grad=True)
    total = 0
    for t in range(T):
        h = torch.tanh(torch.tensor(X[:, t]) @ P["W_xh"] + h @ P["W_hh"] + P["b_h"])
        y = h @ P["W_hy"] + P["b_y"]
        target = torch.tensor(Y[:, t])
        total = total + nn.functional.cross_entropy(y, target, reduction="sum")
    total.backward()
    return total.item(), {k: p.grad.numpy() for k, p in P.items()}, start.grad.numpy()


def test_losses_and_their_gradient_are_torchs(rng):
    logits, targets = 20 * rng.standard_normal((B, T, V)), rng.integers(V, size=(B, T))
    losses, dlogits = softmax_cross_entropy(logits, targets)
    z = torch.tensor(logits, requires_grad=True)
    theirs = nn.functional.cross_entropy(
        z.flatten(0, 1), torch.tensor(targets.ravel()), reduction="none"
    )
    theirs.sum().backward()
    np.testing.assert_allclose(losses.ravel(), theirs.detach(), atol=1e-12)
    np.testing.assert_allclose(dlogits, z.grad, atol=1e-12)


def test_huge_logits_do_not_overflow():
    losses, dlogits = softmax_cross_entropy(np.array([[1e4, -1e4]]), np.array([1]))
    assert losses == pytest.approx(2e4)
    assert np.isfinite(dlogits).all()


def test_all_gradients_equal_autograd(case):
    rnn, X, Y, h0 = case
    total, theirs, dh0 = autograd(rnn, X, Y, h0)
    ours, ours_dh0 = gradients(rnn, X, Y, h0)
    logits, _ = rnn.forward(X, h0)
    assert rnn.loss(logits, Y) == pytest.approx(total, abs=1e-10)
    assert ours.keys() == rnn.params.keys()
    for name in theirs:
        np.testing.assert_allclose(ours[name], theirs[name], rtol=0, atol=1e-12)
    np.testing.assert_allclose(ours_dh0, dh0, rtol=0, atol=1e-12)


def test_all_gradients_equal_finite_differences(case):
    rnn, X, Y, h0 = case
    grads, dh0 = gradients(rnn, X, Y, h0)
    places, values = rnn.params | {"h0": h0}, grads | {"h0": dh0}

    def loss():
        return rnn.loss(rnn.forward(X, h0)[0], Y)

    errors = gradcheck(loss, places, values, eps=3e-4, order=4)
    assert max(errors.values()) < 1e-10, errors


def test_states_equal_torchs_layer(case):
    rnn, X, _, h0 = case
    layer = nn.RNN(D, H, batch_first=True).double()
    with torch.no_grad():
        layer.weight_ih_l0.copy_(torch.from_numpy(rnn.params["W_xh"].T))
        layer.weight_hh_l0.copy_(torch.from_numpy(rnn.params["W_hh"].T))
        layer.bias_ih_l0.copy_(torch.from_numpy(rnn.params["b_h"]))
        layer.bias_hh_l0.zero_()
    theirs, last = layer(torch.from_numpy(X), torch.from_numpy(h0[None]))
    _, hs = rnn.forward(X, h0)
    np.testing.assert_allclose(hs[:, 1:], theirs.detach(), atol=1e-13)
    np.testing.assert_allclose(hs[:, -1], last[0].detach(), atol=1e-13)


def test_step_by_step_is_forward(case):
    rnn, X, _, h = case
    logits, hs = rnn.forward(X, h)
    for t in range(T):
        h, y = rnn.step(X[:, t], h)
        np.testing.assert_allclose(h, hs[:, t + 1], atol=1e-14)
        np.testing.assert_allclose(y, logits[:, t], atol=1e-14)


def test_without_h0_it_starts_from_zeros(case):
    rnn, X, _, h0 = case
    for a, b in zip(rnn.forward(X), rnn.forward(X, 0 * h0), strict=True):
        np.testing.assert_array_equal(a, b)


def test_an_id_is_its_one_hot_vector(case, rng):
    rnn, _, Y, h0 = case
    ids = rng.integers(D, size=(B, T))
    for a, b in zip(rnn.forward(ids, h0), rnn.forward(np.eye(D)[ids], h0), strict=True):
        np.testing.assert_allclose(a, b, atol=1e-14)
    ours, dh0 = gradients(rnn, ids, Y, h0)
    theirs, their_dh0 = gradients(rnn, np.eye(D)[ids], Y, h0)
    np.testing.assert_allclose(dh0, their_dh0, atol=1e-13)
    for name in ours:
        np.testing.assert_allclose(ours[name], theirs[name], atol=1e-13)


def test_cut_in_two_with_the_gradient_handed_back_is_the_whole(case):
    rnn, X, Y, h0 = case
    logits, hs = rnn.forward(X, h0)
    dlogits = softmax_cross_entropy(logits, Y)[1]
    whole, dh0 = rnn.backward(X, hs, dlogits)
    late, dh = rnn.backward(X[:, 3:], hs[:, 3:], dlogits[:, 3:])
    early, dh = rnn.backward(X[:, :3], hs[:, :4], dlogits[:, :3], dh_last=dh)
    np.testing.assert_allclose(dh, dh0, atol=1e-13)
    for name in whole:
        np.testing.assert_allclose(late[name] + early[name], whole[name], atol=1e-13)


def test_gradients_add_up_over_the_batch(case):
    rnn, X, Y, h0 = case
    whole, _ = gradients(rnn, X, Y, h0)
    rows = [gradients(rnn, X[[b]], Y[[b]], h0[[b]])[0] for b in range(B)]
    for name in whole:
        total = sum(row[name] for row in rows)
        np.testing.assert_allclose(total, whole[name], atol=1e-13)


def test_the_walk_back_is_the_sum_over_paths(rng):
    W, dhs = rng.standard_normal((H, H)) / 2, rng.standard_normal((1, T, H))
    hs = unroll(rng.standard_normal((1, T, H)), W)
    total = np.zeros((H, H))
    for t in range(1, T + 1):
        for k in range(1, t + 1):
            g = dhs[0, t - 1]
            for s in range(t, k, -1):
                g = np.diag(1 - hs[0, s] ** 2) @ g @ W.T
            total += np.outer(hs[0, k - 1], g * (1 - hs[0, k] ** 2))
    das, _ = unroll_back(dhs, hs, W)
    np.testing.assert_allclose(add_up(hs[:, :-1], das), total, atol=1e-12)


def test_float32_stays_float32(rng):
    rnn = RNN(D, H, V, rng=rng, dtype=np.float32)
    ids = rng.integers(D, size=(B, T))
    logits, hs = rnn.forward(ids)
    losses, dlogits = softmax_cross_entropy(logits, ids)
    grads, dh0 = rnn.backward(ids, hs, dlogits / ids.size)
    before = {name: w.copy() for name, w in rnn.params.items()}
    Adam(rnn.params).update(grads)
    kept = [logits, hs, losses, dlogits, dh0, *grads.values(), *rnn.params.values()]
    assert {a.dtype for a in kept} == {np.dtype(np.float32)}
    assert all((before[name] != w).any() for name, w in rnn.params.items())


def test_adam_takes_torchs_steps(rng):
    ours = {"w": rng.standard_normal((4, 3)), "b": rng.standard_normal(3)}
    theirs = {name: torch.tensor(w, requires_grad=True) for name, w in ours.items()}
    optimizer = Adam(ours, lr=0.02)
    judge = torch.optim.Adam(theirs.values(), lr=0.02, betas=(0.9, 0.99))
    for _ in range(5):
        grads = {name: rng.standard_normal(w.shape) for name, w in ours.items()}
        optimizer.update(grads)
        for name, w in theirs.items():
            w.grad = torch.tensor(grads[name])
        judge.step()
    for name, w in theirs.items():
        np.testing.assert_allclose(ours[name], w.detach(), atol=1e-9)


def test_sample_begins_with_what_it_was_given_and_follows_the_network(rng):
    rnn = RNN(3, 4, 3, rng=rng)
    rnn.params["W_hy"][:] = 0
    rnn.params["b_y"][:] = [-50, -50, 0]  # it can only say 2
    ids = sample(rnn, np.array([0, 1]), 5, rng=rng)
    assert ids.tolist() == [0, 1, 2, 2, 2, 2, 2]
    assert sample(rnn, [1], 0, rng=rng).tolist() == [1]


def test_sample_draws_from_the_predicted_probabilities(rng):
    rnn = RNN(2, 3, 2, rng=rng)
    rnn.params["W_hy"][:] = 0
    rnn.params["b_y"][:] = np.log([0.8, 0.2])
    ids = sample(rnn, [0], 3000, rng=rng)
    assert np.mean(ids == 1) == pytest.approx(0.2, abs=0.03)


def test_params_come_from_the_generator_alone():
    one, two, other = (
        draw_params(D, H, V, rng=np.random.default_rng(seed)) for seed in (0, 0, 1)
    )
    assert all((one[name] == two[name]).all() for name in one)
    assert not any((one[name] == other[name]).any() for name in one)
    W = draw_params(1, 400, 1, rng=np.random.default_rng(0))["W_hh"]
    assert W.std() == pytest.approx(400**-0.5, rel=0.02)


@pytest.mark.parametrize("sizes", [(0, 5, 6), (4, -1, 6), (4, 5, 0)])
def test_a_size_below_one_is_refused(sizes, rng):
    with pytest.raises(ValueError, match=f"{sizes[0]}, {sizes[1]}, {sizes[2]}"):
        RNN(*sizes, rng=rng)


@pytest.mark.parametrize(
    ("mistake", "words"),
    [
        (lambda net, X, y, h: net.forward(X[..., :2]), r"x: got shape .* want"),
        (lambda net, X, y, h: net.forward(X[0]), r"x: got shape \(3, 4\)"),
        (lambda net, X, y, h: net.forward(X, h[:1]), r"h0: got shape \(1, 5\)"),
        (lambda net, X, y, h: net.forward(np.full((2, 3), 4)), "x: got 4 … 4, want 0"),
        (lambda net, X, y, h: net.forward([[1, 2]]), "x: got a list, want an array"),
        (lambda net, X, y, h: net.step(X[:, 0], h.T), r"h_prev: got shape \(5, 2\)"),
        (lambda net, X, y, h: net.step(X, h), r"x: got shape \(2, 3, 4\)"),
        (lambda net, X, y, h: net.loss(np.ones((2, 3, 6)), y[:, :2]), "targets: got"),
        (lambda net, X, y, h: net.loss(np.ones((2, 3, 6)), y + 9), "want 0 … 5"),
        (lambda net, X, y, h: unroll(X, np.ones((4, 3))), r"W_hh: got shape \(4, 3\)"),
        (
            lambda net, X, y, h: unroll_back(X, X, np.ones((4, 4))),
            r"hs: got shape \(2, 3, 4\), want \(B, T\+1, H\) = \(2, 4, 4\)",
        ),
        (
            lambda net, X, y, h: net.backward(X, net.forward(X)[1], np.ones((2, 3, 5))),
            r"dlogits: got shape \(2, 3, 5\)",
        ),
        (lambda net, X, y, h: add_up(X, X[:, :2]), r"v: got shape \(2, 2, 4\)"),
        (lambda net, X, y, h: Adam(net.params).update({"W": 1}), r"grads: got \['W'\]"),
        (lambda net, X, y, h: sample(net, [], 3, rng=None), "first_ids: got 0"),
    ],
)
def test_what_does_not_fit_is_named(mistake, words, rng):
    net, X = RNN(4, 5, 6, rng=rng), rng.normal(size=(2, 3, 4))
    with pytest.raises(ValueError, match=words):
        mistake(net, X, np.zeros((2, 3), int), np.zeros((2, 5)))
