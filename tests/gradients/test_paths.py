"""gradient_paths: the sum over paths is what autograd and RNN.backward find."""

import numpy as np
import pytest
import torch

from helpers.gradients.paths import Paths, kept_paths
from helpers.nets.numpy_rnn import RNN, softmax_cross_entropy

T, V, H = 7, 5, 4
RNG = np.random.default_rng(3)
NET = RNN(V, H, V, rng=RNG)
X, Y = RNG.integers(V, size=(2, T))
PATHS = Paths(NET, X, Y)
FULL = kept_paths(T, T, "chunks")


def by_autograd(gain=1.0):
    """dL_t/dh_s (T, T, H) and dL_t/dW_hh (T, H, H) of every single loss, by torch."""
    p = {k: torch.tensor(v) for k, v in NET.params.items()}
    W_hh = (gain * p["W_hh"]).requires_grad_()
    h, hs, losses = torch.zeros(H, dtype=torch.float64), [], []
    for x, y in zip(X, Y, strict=True):
        h = torch.tanh(p["W_xh"][x] + h @ W_hh + p["b_h"])
        hs.append(h)
        losses.append(-torch.log_softmax(h @ p["W_hy"] + p["b_y"], 0)[y])
    dh, dW = np.zeros((T, T, H)), np.zeros((T, H, H))
    for t, loss in enumerate(losses):
        grads = torch.autograd.grad(
            loss, [W_hh, *hs], retain_graph=True, allow_unused=True
        )
        dW[t] = 0 if grads[0] is None else grads[0].numpy()
        for s in range(t + 1):
            dh[t, s] = grads[s + 1].numpy()
    return dh, dW


@pytest.mark.parametrize("gain", [0.2, 1.0, 2.0])
def test_every_path_equals_autograd(gain):
    paths = Paths(NET, X, Y, gain)
    dh, dW = by_autograd(gain)
    np.testing.assert_allclose(paths.dh, dh, rtol=1e-10, atol=1e-14)
    np.testing.assert_allclose(paths.norms(), np.linalg.norm(dh, axis=2), rtol=1e-10)
    for t in range(T):
        one = kept_paths(T, T, "chunks", t + 1)
        np.testing.assert_allclose(paths.gradient(one), dW[t], rtol=1e-9, atol=1e-14)
    np.testing.assert_allclose(paths.gradient(FULL), dW.sum(0), rtol=1e-9)


def test_the_sum_of_the_parts_is_the_gradient_of_backward():
    logits, hs = NET.forward(X[None])
    grads, _ = NET.backward(X[None], hs, softmax_cross_entropy(logits, Y[None])[1])
    columns = np.eye(T, dtype=bool)
    parts = [PATHS.gradient(FULL & columns[s]) for s in range(T)]
    np.testing.assert_allclose(np.sum(parts, axis=0), grads["W_hh"], rtol=1e-10)
    sizes = [np.linalg.norm(part) for part in parts]
    np.testing.assert_allclose(PATHS.parts(FULL), sizes, rtol=1e-10, atol=1e-15)
    assert sizes[0] == 0  # h_0 is zero: step 1 adds nothing


@pytest.mark.parametrize("k", [1, 2, 3, T, T + 1])
def test_chunks_are_truncated_bptt_with_the_state_carried_over(k):
    h, total = None, np.zeros((H, H))
    for start in range(0, T, k):
        x, y = X[None, start : start + k], Y[None, start : start + k]
        logits, hs = NET.forward(x, h)
        grads, _ = NET.backward(x, hs, softmax_cross_entropy(logits, y)[1])
        total += grads["W_hh"]
        h = hs[:, -1]
    gradient = PATHS.gradient(kept_paths(T, k, "chunks"))
    np.testing.assert_allclose(gradient, total, rtol=1e-10)


@pytest.mark.parametrize("k", [1, 3, T])
def test_per_loss_truncation_detaches_k_steps_before_each_loss(k):
    p = {name: torch.tensor(value) for name, value in NET.params.items()}
    W_hh = p["W_hh"].requires_grad_()
    hs = torch.tensor(NET.forward(X[None])[1][0])
    loss = 0
    for t in range(T):
        first = max(0, t + 1 - k)
        h = hs[first]
        for s in range(first, t + 1):
            h = torch.tanh(p["W_xh"][X[s]] + h @ W_hh + p["b_h"])
        loss = loss - torch.log_softmax(h @ p["W_hy"] + p["b_y"], 0)[Y[t]]
    loss.backward()
    gradient = PATHS.gradient(kept_paths(T, k, "per loss"))
    np.testing.assert_allclose(gradient, W_hh.grad.numpy(), rtol=1e-10)


@pytest.mark.parametrize("cut", ["chunks", "per loss"])
@pytest.mark.parametrize("t", [None, 1, 5])
def test_error_and_cosine_are_those_of_the_gradients(cut, t):
    every_k = np.stack([kept_paths(T, k, cut, t) for k in range(1, T + 1)])
    error, cosine = PATHS.compare(every_k, every_k[-1])
    full = PATHS.gradient(every_k[-1]).ravel()
    for k, kept in enumerate(every_k):
        some = PATHS.gradient(kept).ravel()
        norms = np.linalg.norm(full) * np.linalg.norm(some)
        if not norms:  # the loss of step 1 has no path through W_hh from a state
            assert t == 1
            assert np.isnan(cosine[k])
            continue
        assert error[k] == pytest.approx(
            np.linalg.norm(some - full) / np.linalg.norm(full), abs=1e-12
        )
        assert cosine[k] == pytest.approx(some @ full / norms, abs=1e-12)
    if t != 1:
        assert error[-1] < 1e-14


def test_kept_paths_counts():
    assert kept_paths(6, 6, "chunks").sum() == 21
    assert kept_paths(6, 2, "chunks").sum() == 9
    assert kept_paths(6, 2, "per loss").sum() == 11
    assert np.array_equal(np.nonzero(kept_paths(6, 2, "per loss", 4))[1], [2, 3])
    assert np.array_equal(np.nonzero(kept_paths(6, 3, "chunks", 5))[1], [3, 4])


REFUSED = {
    "k": lambda: kept_paths(4, 0, "chunks"),
    "T": lambda: kept_paths(0, 1, "chunks"),
    "cut": lambda: kept_paths(4, 2, "sometimes"),
    "t": lambda: kept_paths(4, 2, "chunks", 5),
    "Y": lambda: Paths(NET, X, Y[:-1]),
    "X": lambda: Paths(NET, [], []),
    "gain": lambda: Paths(NET, X, Y, float("nan")),
}


@pytest.mark.parametrize("name", REFUSED)
def test_bad_input_names_the_argument(name):
    with pytest.raises(ValueError, match="wanted") as refusal:
        REFUSED[name]()
    assert str(refusal.value).startswith(f"{name}:")
