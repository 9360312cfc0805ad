"""Finite differences against autograd, and what is refused."""

import numpy as np
import pytest
import torch

from helpers.gradients.gradcheck import gradcheck, numerical_gradient


@pytest.fixture
def net():
    rng = np.random.default_rng(0)
    params = {"W": rng.normal(size=(3, 4)), "b": rng.normal(size=4)}
    x = rng.normal(size=(5, 3))

    def loss(p):
        return np.sum(np.tanh(x @ p["W"] + p["b"]) ** 3)

    leaves = {k: torch.tensor(v, requires_grad=True) for k, v in params.items()}
    torch.sum(torch.tanh(torch.tensor(x) @ leaves["W"] + leaves["b"]) ** 3).backward()
    return loss, params, {k: v.grad.numpy() for k, v in leaves.items()}


@pytest.mark.parametrize(("order", "eps", "bound"), [(2, 1e-6, 1e-7), (4, 1e-3, 1e-10)])
def test_agrees_with_autograd(net, order, eps, bound):
    loss, params, grads = net
    errors = gradcheck(loss, params, grads, eps=eps, order=order)
    assert errors.keys() == params.keys()
    assert max(errors.values()) < bound


def test_a_wrong_gradient_is_found_in_its_own_parameter(net):
    loss, params, grads = net
    wrong = {**grads, "W": grads["W"].copy()}
    wrong["W"][1, 2] *= 1.01
    errors = gradcheck(loss, params, wrong)
    assert errors["b"] < 1e-7
    expected = 0.01 * abs(grads["W"][1, 2]) / np.abs(wrong["W"]).max()
    assert errors["W"] == pytest.approx(expected, rel=1e-3)


def test_a_missing_term_is_far_off(net):
    loss, params, grads = net
    assert gradcheck(loss, params, {**grads, "b": 0 * grads["b"]})["b"] == 1


def test_a_closure_without_arguments_and_a_single_array():
    x = np.array([1.0, -2.0, 3.0])
    assert np.allclose(numerical_gradient(lambda: np.sum(x**2), x), 2 * x)
    assert np.allclose(numerical_gradient(lambda p: np.sum(p**2), x), 2 * x)


def test_params_are_put_back_even_after_an_error():
    x = np.array([1.0, 2.0])

    def breaks(p):
        raise RuntimeError("no")

    with pytest.raises(RuntimeError):
        numerical_gradient(breaks, x)
    assert x.tolist() == [1.0, 2.0]
    numerical_gradient(lambda p: p.sum(), x)
    assert x.tolist() == [1.0, 2.0]


def test_all_zero_gradients_agree():
    p = {"W": np.ones((2, 2)), "nothing": np.zeros((0, 3))}
    assert gradcheck(lambda q: 1.0, p, {k: 0 * v for k, v in p.items()}) == {
        "W": 0.0,
        "nothing": 0.0,
    }


@pytest.mark.parametrize(
    ("params", "loss", "kwargs", "words"),
    [
        (np.ones(2, np.float32), np.sum, {}, "float32, want float64"),
        ([1.0, 2.0], np.sum, {}, "NumPy array, got list"),
        ({"W": torch.ones(2)}, np.sum, {}, r"params\['W'\] must be a NumPy array"),
        (np.ones(2), lambda p: p, {}, "one finite number"),
        (np.ones(2), lambda p: np.nan, {}, "one finite number"),
        (np.ones(2), np.sum, {"eps": 0}, "eps must be above 0"),
        (np.ones(2), np.sum, {"order": 3}, "order must be 2 or 4"),
    ],
)
def test_bad_input_is_refused(params, loss, kwargs, words):
    with pytest.raises(ValueError, match=words):
        numerical_gradient(loss, params, **kwargs)


def test_read_only_arrays_are_refused():
    x = np.ones(2)
    x.flags.writeable = False
    with pytest.raises(ValueError, match="read-only"):
        numerical_gradient(np.sum, x)


def test_names_and_shapes_must_agree():
    p = {"W": np.ones((2, 3))}
    with pytest.raises(ValueError, match=r"names \['V'\], want \['W'\]"):
        gradcheck(lambda q: 0.0, p, {"V": np.ones((2, 3))})
    with pytest.raises(ValueError, match=r"shape \(3, 2\), want \(2, 3\)"):
        gradcheck(lambda q: 0.0, p, {"W": np.ones((3, 2))})
    with pytest.raises(ValueError, match="dicts"):
        gradcheck(lambda q: 0.0, np.ones(2), np.ones(2))
