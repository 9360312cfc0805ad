"""Explorer of who can be heard: its dots are derivatives of torch's convolutions."""

import numpy as np
import pytest
import torch
from pictures import differ
from torch.nn import functional as F

from helpers.explore.after.heard import (
    RULES,
    explore_heard,
    layers_of,
    reached,
    taps_of,
)
from helpers.nets.after.wavenet import receptive_field

KINDS = [(2, 1, False), (3, 2, True), (2, 2, True)]


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize(("k", "each", "same"), KINDS)
def test_what_is_reached_has_a_derivative(rule, k, each, same):
    layers = layers_of(rule, 3, each, k)
    x, t = torch.randn(1, 1, 200).double().requires_grad_(), 100
    y = x
    for kernel, d in layers:
        n = (kernel - 1) * d
        pad = (n // 2, n - n // 2) if same else (n, 0)
        weight = torch.rand(1, 1, kernel).double() + 0.1
        y = F.conv1d(F.pad(y, pad), weight, dilation=d)
    y[0, 0, t].backward()
    found = np.flatnonzero(x.grad[0, 0].numpy())
    np.testing.assert_array_equal(reached(layers, t, same)[0], found)
    if same:
        assert found.max() > t
    else:
        assert found.max() == t
        assert len(taps_of(layers)) == len(layers)


def test_doubling_dilations_hear_every_input_of_the_field():
    layers = layers_of("1, 2, 4, 8, …", 5, 2, 2)
    assert len(reached(layers, 70)[0]) == receptive_field(layers) == 63


def test_every_control_changes_the_picture_and_the_words_are_true():
    live = explore_heard()
    first = live.frame()
    assert "R = 1 + 1 + 2 + 4 + 8 = 16" in live.reading
    assert "keeps to go on: 15" in live.reading
    moves = ({"k": 3}, {"rule": "1, 1, 1, 1, …"}, {"blocks": 2}, {"each": 2}, {"t": 9})
    for values in moves:
        assert differ(live.frame(**values), first), values
    live.frame(padding="same")
    assert "A leak: 8 of 16" in live.reading
    live.frame(t=3)
    assert "Before the first input, so zeros: 12" in live.reading
    assert live.painter.full_draws == 1


def test_an_unknown_rule_is_refused():
    with pytest.raises(ValueError, match="rule: got 'x'"):
        layers_of("x", 2, 1, 2)
