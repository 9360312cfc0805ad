"""Jacobians, lags, clipping and the cliff, against autograd and finite differences."""

import numpy as np
import pytest
import torch
from torch import nn

from helpers.gradients.cliff import RULES, cliff, descend
from helpers.gradients.recurrent import (
    NONLINEARITIES,
    clip_by_global_norm,
    gradient_by_lag,
    jacobian,
    products,
    rotation,
    run_states,
    spectral_radius,
)
from helpers.nets.memory import STARTS, MemoryNet

PHI = {
    "linear": lambda a: a,
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
    "ReLU": torch.relu,
}


def test_a_rotation_keeps_every_length():
    W, other = (rotation(6, np.random.default_rng(seed)) for seed in (0, 1))
    np.testing.assert_allclose(W @ W.T, np.eye(6), atol=1e-12)
    assert not np.allclose(W, other)
    with pytest.raises(ValueError, match="H: got 0"):
        rotation(0, np.random.default_rng(0))


def a_net(seed=0, H=6, T=9, scale=1.0):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(H, H)) / np.sqrt(H), scale * rng.normal(size=(T, H))


def autograd_product(W, drive, phi, k, hs):
    """d h_T / d h_{T-k} as entry [i, j] = d h_T[j] / d h_{T-k}[i], by autograd."""
    T = len(drive)

    def last(h):
        for a in torch.tensor(drive[T - k :]):
            h = phi(a + h @ torch.tensor(W))
        return h

    at = torch.tensor(hs[T - k])
    return torch.autograd.functional.jacobian(last, at).numpy().T


# --- the chain of Jacobians ----------------------------------------------------------


@pytest.mark.parametrize("name", NONLINEARITIES)
def test_products_are_autograds_at_every_lag(name):
    W, drive = a_net(1)
    hs = run_states(W, drive, name)
    chain = products(W, hs, name)
    assert chain.shape == (10, 6, 6)
    for k in range(10):
        theirs = autograd_product(W, drive, PHI[name], k, hs)
        np.testing.assert_allclose(chain[k], theirs, rtol=1e-10, atol=1e-14)


def test_one_jacobian_is_a_forward_difference():
    W, drive = a_net(2)
    hs = run_states(W, drive)
    nudge = 1e-6 * np.random.default_rng(0).normal(size=6)
    moved = np.tanh(drive[4] + (hs[4] + nudge) @ W) - hs[5]
    np.testing.assert_allclose(moved, nudge @ jacobian(W, hs[5]), atol=1e-10)


def test_gradients_come_back_by_the_transpose():
    W, drive = a_net(3)
    hs, g = run_states(W, drive), np.random.default_rng(1).normal(size=6)
    back = g
    for h in hs[:0:-1]:
        back = (back * (1 - h**2)) @ W.T  # the line of lesson 03
    np.testing.assert_allclose(g @ products(W, hs)[-1].T, back, rtol=1e-12)


def test_collecting_the_factors_is_another_matrix():
    W, drive = a_net(4)
    hs = run_states(W, drive)
    factored = np.linalg.matrix_power(W, 9) * np.prod(1 - hs[1:] ** 2, axis=0)
    true = products(W, hs)[-1]
    assert np.linalg.norm(factored - true) > 0.1 * np.linalg.norm(true)


def test_a_small_norm_suffices_and_a_large_one_does_not():
    rng = np.random.default_rng(5)
    rotation = np.linalg.qr(rng.normal(size=(16, 16)))[0]
    for scale in (0.0, 0.3, 3.0):
        hs = run_states(0.9 * rotation, scale * rng.normal(size=(60, 16)))
        assert np.linalg.norm(products(0.9 * rotation, hs)[60], 2) <= 0.9**60 * 1.0001
    hs = run_states(1.5 * rotation, 3 * rng.normal(size=(100, 16)))
    assert np.linalg.norm(products(1.5 * rotation, hs)[100], 2) < 1e-10
    hs = run_states(1.5 * rotation, np.zeros((100, 16)))
    size = np.linalg.norm(products(1.5 * rotation, hs)[100], 2)
    assert size == pytest.approx(1.5**100, rel=1e-6)


def test_spectral_radius():
    assert spectral_radius([[0.9, 5], [0, 0.9]]) == pytest.approx(0.9)
    assert spectral_radius([[0, -2], [2, 0]]) == pytest.approx(2)  # ±2i
    assert spectral_radius(np.diag([-3.0, 1, 2])) == pytest.approx(3)
    W = a_net(6, H=20)[0]
    grows = np.linalg.norm(np.linalg.matrix_power(W, 400), 2) ** (1 / 400)  # Gelfand
    assert spectral_radius(W) == pytest.approx(grows, rel=0.02)


# --- gradient by lag -----------------------------------------------------------------


@pytest.mark.parametrize("start", STARTS)
def test_gradient_by_lag_is_the_finite_difference_for_every_start(start):
    generator = torch.Generator().manual_seed(0)
    net = MemoryNet(start, 3, 2, H=5, generator=generator).double()
    x = torch.randn(1, 13, 3, generator=generator).double()

    def loss_of(out):
        return out.square().sum()

    norms = gradient_by_lag(net, x, loss_of)
    assert norms.shape == (13,)
    for lag in (0, 1, 7):
        slopes = []
        for d in range(3):
            sides = []
            for sign in (1, -1):
                moved = x.clone()
                moved[0, 12 - lag, d] += sign * 1e-6
                sides.append(loss_of(net(moved)).item())
            slopes.append((sides[0] - sides[1]) / 2e-6)
        if start == "truncated" and lag == 7:
            assert norms[lag] == 0  # beyond the chunk border at step 10
        else:
            assert norms[lag] == pytest.approx(np.linalg.norm(slopes), rel=1e-4)


def test_gradient_by_lag_is_the_mean_square_over_the_batch():
    generator = torch.Generator().manual_seed(1)
    net = MemoryNet("default", 3, 2, H=5, generator=generator).double()
    x = torch.randn(4, 6, 3, generator=generator).double()
    together = gradient_by_lag(net, x, torch.sum)
    apart = [gradient_by_lag(net, row[None], torch.sum) for row in x]
    np.testing.assert_allclose(together, np.sqrt(np.mean(np.square(apart), axis=0)))
    assert x.grad is None


# --- clipping ------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(12))
def test_clip_is_torchs_on_random_shapes(seed):
    rng = np.random.default_rng(seed)
    shapes = [
        tuple(rng.integers(1, 6, size=rng.integers(0, 4)))
        for _ in range(rng.integers(1, 6))
    ]
    size = 10.0 ** rng.integers(-3, 4)
    grads = {f"p{i}": size * rng.normal(size=s) for i, s in enumerate(shapes)}
    grads["p0"] = np.zeros(shapes[0])  # one array of zeros among them
    before = {name: g.copy() for name, g in grads.items()}
    params = [nn.Parameter(torch.zeros(shape).double()) for shape in shapes]
    for p, g in zip(params, grads.values(), strict=True):
        p.grad = torch.tensor(g)
    threshold = float(rng.uniform(0.1, 10))
    theirs = nn.utils.clip_grad_norm_(params, threshold)
    clipped, norm = clip_by_global_norm(grads, threshold)
    assert norm == pytest.approx(theirs.item())
    for g, p in zip(clipped.values(), params, strict=True):
        np.testing.assert_allclose(g, p.grad.numpy(), rtol=2e-6, atol=1e-12)
    for name in grads:
        np.testing.assert_array_equal(grads[name], before[name])


def test_clip_leaves_zeros_and_short_gradients_alone():
    zeros, norm = clip_by_global_norm({"a": np.zeros((2, 3)), "b": np.zeros(4)}, 1.0)
    assert norm == 0
    assert all(np.array_equal(g, np.zeros(g.shape)) for g in zeros.values())
    short, norm = clip_by_global_norm({"a": np.array([0.3, 0.4])}, 0.5)
    np.testing.assert_array_equal(short["a"], [0.3, 0.4])


# --- the cliff -----------------------------------------------------------------------


@pytest.mark.parametrize("point", [(5.5, -2.2), (4.1, -2.0), (6.0, -3.0), (-2.0, 1.0)])
def test_cliff_slopes_are_autograds(point):
    w, b = (torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in point)
    h = torch.tensor(0.5, dtype=torch.float64)
    for _ in range(50):
        h = torch.sigmoid(w * h + b)
    loss = (h - 0.7) ** 2
    slopes = torch.autograd.grad(loss, (w, b))
    want = [loss.item(), *(s.item() for s in slopes)]
    np.testing.assert_allclose(cliff(*point), want, rtol=1e-8, atol=1e-14)


def test_cliff_of_arrays_is_cliff_of_points_and_the_walk_agrees():
    w, b = np.array([4.0, 5.0, 6.0]), np.array([-2.0, -2.4, -2.6])
    together = np.array(cliff(w, b))
    apart = np.array([cliff(*p) for p in zip(w, b, strict=True)]).T
    np.testing.assert_allclose(together, apart, rtol=1e-12)
    path, losses, norms = descend((5.0, -2.4), lr=0.1, rule="none", steps=1)
    loss, dw, db = cliff(5.0, -2.4)
    np.testing.assert_allclose(losses[0], loss)
    np.testing.assert_allclose(norms[0], np.hypot(dw, db))
    np.testing.assert_allclose(path[1], [5.0 - 0.1 * dw, -2.4 - 0.1 * db])


def test_the_wall_throws_off_and_clipping_holds():
    far = {rule: [] for rule in ("none", "global norm")}
    for rule, ends in far.items():
        for w in np.linspace(5.3, 5.7, 21):
            path, losses, _ = descend(
                (w, -2.2), lr=0.3, rule=rule, threshold=0.5, steps=300
            )
            ends.append(np.median(losses[-20:]))
            if rule == "global norm":
                assert np.hypot(*np.diff(path, axis=0).T).max() < 0.3 * 0.5 * 1.001
    assert 4 <= sum(end > 0.05 for end in far["none"]) <= 17
    assert max(far["global norm"]) < 0.01


def test_the_rules_do_what_they_are_named_for():
    g = [30.0, 40.0]
    assert RULES["none"](g, 5) == g
    np.testing.assert_allclose(RULES["global norm"](g, 5), [3, 4])
    np.testing.assert_allclose(RULES["by value"](g, 5), [5, 5])
    np.testing.assert_allclose(RULES["squared norm"](g, 5), [0.06, 0.08])
    np.testing.assert_allclose(RULES["two-sided"](g, 5), [3, 4])
    np.testing.assert_allclose(RULES["two-sided"]([0.3, 0.4], 5), [1.5, 2.0])
    assert np.isnan(RULES["two-sided"]([0.0, 0.0], 5)).all()


# --- bad input -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("use", "words"),
    [
        (lambda: spectral_radius(np.ones((2, 3))), r"W: a square matrix .*\(2, 3\)"),
        (lambda: run_states(np.ones(3), np.ones((4, 3))), "W_hh: a square matrix"),
        (lambda: run_states(np.eye(3), np.ones((4, 2))), r"drive: shape \(T, 3\)"),
        (lambda: run_states(np.eye(3), np.ones((4, 3)), "relu"), "nonlinearity: one"),
        (lambda: jacobian(np.eye(3), np.ones(2)), r"h: shape \(3,\) wanted"),
        (lambda: products(np.ones((2, 3)), np.ones((4, 2))), "W_hh: a square"),
        (lambda: clip_by_global_norm({"a": np.ones(2)}, 0), "threshold: .* above 0"),
        (lambda: gradient_by_lag(None, torch.ones(2, 3), sum), r"x: shape \(B, T, D\)"),
        (
            lambda: gradient_by_lag(nn.Identity(), torch.ones(1, 2, 3), lambda o: o),
            "loss_of: a scalar wanted",
        ),
        (lambda: descend((5, -2), lr=0.1, rule="norm"), "rule: one of none, global"),
        (lambda: descend((5, -2), lr=0), "lr: a number above 0"),
        (lambda: descend((5, -2), lr=0.1, threshold=-1), "threshold: a number above"),
    ],
)
def test_bad_input_is_named(use, words):
    with pytest.raises(ValueError, match=words):
        use()
