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
    got = _loss_of(answer, logits, targets, mask)
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
    mask = np.array([[0, 0, 1, 1, 1], [1, 0, 1, 0, 0], [0, 1, 1, 0, 1]], bool)
    got = _loss_of(answer, logits, targets, mask)
    first = np.arange(T) < mask.sum(1, keepdims=True)
    ahead = "you take the first steps of each row; the mask says which steps are real"
    name_it(
        got, [(masked_loss(logits, targets, first), ahead + ", and where they are")]
    )
    what = "the loss under a mask whose real steps are not the first ones"
    close(got, masked_loss(logits, targets, mask), 1e-9, what)
    return "Every real step now weighs the same."


def _loss_of(answer, logits, targets, mask):
    pair = "softmax_cross_entropy returns two things: `losses, _ = …` takes the first"
    args = logits, targets, mask
    try:
        got = call(answer, *args, name="masked_loss", unchanged=True)
    except Wrong as wrong:
        if "TypeError" in str(wrong):
            raise Wrong(f"{str(wrong).rstrip('.')}; {pair}") from None
        raise
    if isinstance(got, tuple):
        raise Wrong(f"masked_loss returned a tuple, want one number: {pair}")
    return got


def to_torch(params):
    D, H = params["W_xh"].shape
    rnn = nn.RNN(D, H, batch_first=True).double()
    with torch.no_grad():
        rnn.weight_ih_l0.copy_(torch.from_numpy(params["W_xh"].T))
        rnn.weight_hh_l0.copy_(torch.from_numpy(params["W_hh"].T))
        rnn.bias_ih_l0.copy_(torch.from_numpy(params["b_h"]))
        rnn.bias_hh_l0.zero_()
    return rnn


def _no_bias(rnn):
    """What is wrong with two biases whose sum is 0."""
    if rnn.bias_ih_l0.detach().abs().max() == 0:
        return "both of torch's biases are 0; one of them must be b_h"
    return "torch's two biases cancel: they are added, and their sum must be b_h"


def check_to_torch(answer):
    rng = np.random.default_rng(8)
    D, H = 3, 4
    params = {"W_xh": rng.standard_normal((D, H)), "b_h": rng.standard_normal(H)}
    params["W_hh"] = rng.standard_normal((H, H))
    try:
        rnn = call(answer, params, name="to_torch", unchanged=True)
    except Wrong as wrong:
        if "cannot assign" in str(wrong) or "has to be a tensor" in str(wrong):
            raise Wrong(
                "a parameter of torch takes no NumPy array: write into it, under "
                "`torch.no_grad()`, with `rnn.weight_hh_l0.copy_(torch.from_numpy(…))`"
            ) from None
        raise
    if not isinstance(rnn, nn.RNN):
        raise Wrong(f"to_torch returned a {type(rnn).__name__}, not an nn.RNN")
    if not rnn.batch_first:
        raise Wrong("make it with `batch_first=True`: our arrays are (B, T, D)")
    if (rnn.num_layers, rnn.bidirectional) != (1, False):
        raise Wrong("one layer in one direction is enough: nn.RNN(D, H, …)")
    if not rnn.bias:
        raise Wrong("the layer was made with bias=False, so b_h has no place in it")
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
    close(weights, params["W_hh"].T, 1e-6, "`weight_hh_l0`")
    close(rnn.weight_ih_l0, params["W_xh"].T, 1e-6, "`weight_ih_l0`")
    name_it(
        bias,
        [
            (2 * params["b_h"], "b_h is in both of torch's biases, so it counts twice"),
            (0 * bias, _no_bias(rnn)),
            (-params["b_h"], "the sum of torch's two biases is -b_h: look at the sign"),
        ],
    )
    bound = 1 / np.sqrt(H)  # of the random numbers that torch starts from
    for one, other in (
        (rnn.bias_ih_l0, rnn.bias_hh_l0),
        (rnn.bias_hh_l0, rnn.bias_ih_l0),
    ):
        if same(one, params["b_h"]) and not same(bias, params["b_h"]):
            kept = abs(other).max() <= bound and len(set(other.tolist())) > 1
            raise Wrong(
                "one bias is b_h, but the other kept torch's random numbers: zero it"
                if kept
                else "one bias is b_h, but the other is not 0, and the two are added"
            )
    if max(abs(b).max() for b in (rnn.bias_ih_l0, rnn.bias_hh_l0)) <= bound:
        raise Wrong("both biases kept torch's random numbers: one is b_h, one is 0")
    close(bias, params["b_h"], 1e-6, "the sum of torch's two biases")
    return "Two libraries, one recurrence."
