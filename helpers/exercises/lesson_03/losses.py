"""Checkers of lesson 03: the loss of padded sequences, and torch's weights."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

from helpers.exercises.engine.compare import name_it
from helpers.exercises.engine.core import Wrong, call, close, same, shape_of
from helpers.nets.numpy_rnn import softmax_cross_entropy

__all__ = [
    "check_masked_loss",
    "check_to_torch",
    "masked_loss",
    "to_torch",
]


def masked_loss(logits, targets, mask):
    losses, _ = softmax_cross_entropy(logits, targets)
    return (losses * mask).sum() / mask.sum()


def check_masked_loss(answer):
    rng = np.random.default_rng(4)
    B, T, V = 3, 5, 4
    logits, targets = rng.standard_normal((B, T, V)), rng.integers(V, size=(B, T))
    mask = np.arange(T) < np.array([[5], [2], [3]])
    got = call(answer, logits, targets, mask, name="masked_loss", unchanged=True)
    losses, _ = softmax_cross_entropy(logits, targets)
    real = losses * mask
    muted, _ = softmax_cross_entropy(logits * mask[..., None], targets)
    at_logits = "mask the losses, not the logits: equal logits are a guess, not no loss"
    name_it(
        got,
        [
            (losses.mean(), "the mask does nothing: padding is in your average"),
            (
                real.mean(),
                "the padding is out of the sum and still in the divisor: divide by the "
                "number of real steps, `mask.sum()`",
            ),
            (real.sum(), "that is the total; divide it by the number of real steps"),
            (
                (real.sum(1) / mask.sum(1)).mean(),
                "a mean of each sequence's mean: a character of a short sequence then "
                "weighs more than one of a long sequence",
            ),
            (
                real.sum() / mask.sum() / np.log(2),
                "that is in bits; leave out the division by ln 2 for nats",
            ),
            (
                -masked_loss(logits, targets, mask),
                "the sign is wrong: a loss is minus the log of a probability",
            ),
            (muted.mean(), at_logits),
            (muted.sum() / mask.sum(), at_logits),
            (
                losses[~mask].mean(),
                "that is the mean over the *padding*: the mask is True at real steps",
            ),
            (
                (real.sum(0) / mask.sum(0)).mean(),
                "a mean of each position's mean: late positions, which few sequences "
                "reach, then weigh too much",
            ),
            (real.sum() / T, "you divided by T; divide by the number of real steps"),
            (real.sum() / B, "you divided by the number of sequences, not of steps"),
        ],
    )
    shape_of(got, (), "the loss")
    close(got, masked_loss(logits, targets, mask), 1e-9, "the loss")
    return "Every real step now weighs the same."


def to_torch(params):
    D, H = params["W_xh"].shape
    rnn = nn.RNN(D, H, batch_first=True).double()
    with torch.no_grad():
        rnn.weight_ih_l0.copy_(torch.from_numpy(params["W_xh"].T))
        rnn.weight_hh_l0.copy_(torch.from_numpy(params["W_hh"].T))
        rnn.bias_ih_l0.copy_(torch.from_numpy(params["b_h"]))
        rnn.bias_hh_l0.zero_()
    return rnn


def check_to_torch(answer):
    rng = np.random.default_rng(8)
    D, H = 3, 4
    params = {"W_xh": rng.standard_normal((D, H)), "b_h": rng.standard_normal(H)}
    params["W_hh"] = rng.standard_normal((H, H))
    rnn = call(answer, params, name="to_torch", unchanged=True)
    if not isinstance(rnn, nn.RNN):
        raise Wrong(f"to_torch returned a {type(rnn).__name__}, not an nn.RNN")
    if not rnn.batch_first:
        raise Wrong("make it with `batch_first=True`: our arrays are (B, T, D)")
    if (rnn.num_layers, rnn.bidirectional) != (1, False):
        raise Wrong("one layer in one direction is enough: nn.RNN(D, H, …)")
    if rnn.nonlinearity != "tanh":
        raise Wrong("the layer has ReLU; ours has tanh, which is torch's default")
    if rnn.weight_hh_l0.dtype != torch.float64:
        raise Wrong("the weights are float32; `.double()` makes them float64 like ours")
    wrong_shape = tuple(rnn.weight_ih_l0.shape) != (H, D)
    if wrong_shape:
        raise Wrong(f"`weight_ih_l0` must be W_xh transposed, {H, D}")
    weights = rnn.weight_hh_l0.detach().numpy()
    bias = (rnn.bias_ih_l0 + rnn.bias_hh_l0).detach().numpy()
    name_it(
        weights,
        [
            (
                params["W_hh"],
                "`weight_hh_l0` is W_hh itself; torch keeps the transpose, and a "
                "square matrix goes in either way",
            )
        ],
    )
    close(weights, params["W_hh"].T, 1e-12, "`weight_hh_l0`")
    close(rnn.weight_ih_l0, params["W_xh"].T, 1e-12, "`weight_ih_l0`")
    name_it(
        bias,
        [
            (2 * params["b_h"], "b_h is in both of torch's biases, so it counts twice"),
            (0 * bias, "both of torch's biases are 0; one of them must be b_h"),
        ],
    )
    if same(rnn.bias_ih_l0, params["b_h"]) or same(rnn.bias_hh_l0, params["b_h"]):
        only = "one bias is b_h, but the other kept torch's random numbers: zero it"
        if not same(bias, params["b_h"]):
            raise Wrong(only)
    bound = 1 / np.sqrt(H)  # of the random numbers that torch starts from
    if max(abs(b).max() for b in (rnn.bias_ih_l0, rnn.bias_hh_l0)) <= bound:
        raise Wrong("both biases kept torch's random numbers: one is b_h, one is 0")
    close(bias, params["b_h"], 1e-12, "the sum of torch's two biases")
    return "Two libraries, one recurrence."
