"""Both directions and many layers, against torch's own."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from helpers.nets.deep import (
    DIRECTIONS,
    Stack,
    Tagger,
    bidirectional,
    final_states,
    reverse,
)
from helpers.nets.numpy_lstm import LSTM


@st.composite
def padded(draw):
    """(lengths, T, D, H, seed): sizes of a padded batch, 1 included."""
    lengths = draw(st.lists(st.integers(1, 6), min_size=1, max_size=4))
    T = max(lengths) + draw(st.integers(0, 2))
    D, H = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    return np.array(lengths), T, D, H, draw(st.integers(0, 9))


@given(padded())
@settings(max_examples=40, deadline=None)
def test_reverse_turns_the_real_part_only(case):
    lengths, T, D, _, seed = case
    x = np.random.default_rng(seed).normal(size=(len(lengths), T, D))
    back = reverse(x, lengths)
    for row, n in enumerate(lengths):
        assert (back[row, :n] == x[row, :n][::-1]).all()
        assert (back[row, n:] == x[row, n:]).all()
    assert (reverse(back, lengths) == x).all()
    tensor = reverse(torch.tensor(x), torch.tensor(lengths))
    assert torch.equal(tensor, torch.tensor(back))


def test_gradients_pass_through_reverse():
    x = torch.randn(2, 4, 3, requires_grad=True)
    reverse(x, torch.tensor([4, 2]))[0, 0].sum().backward()
    assert x.grad.sum() == 3
    assert (x.grad[0, 3] == 1).all()


def torch_twin(nets, D, H):
    """nn.LSTM with the weights of two NumPy LSTMs, forward and backward."""
    twin = nn.LSTM(D, H, batch_first=True, bidirectional=True).double()
    for net, end in zip(nets, ("", "_reverse"), strict=True):
        p = net.params
        values = {"weight_ih": p["W_xh"].T, "weight_hh": p["W_hh"].T}
        values |= {"bias_ih": p["b_h"], "bias_hh": 0 * p["b_h"]}
        for name, value in values.items():
            getattr(twin, f"{name}_l0{end}").data = torch.tensor(value)
    return twin


@given(padded())
@settings(max_examples=25, deadline=None)
def test_two_passes_by_hand_are_torchs_packed_layer(case):
    lengths, T, D, H, seed = case
    rng = np.random.default_rng(seed)
    nets = [LSTM(D, H, 1, rng=rng) for _ in range(2)]
    X = rng.normal(size=(len(lengths), T, D))
    readers = [lambda X, net=net: net.forward(X)[1].h[:, 1:] for net in nets]
    ours = bidirectional(*readers, X, lengths)
    packed = pack_padded_sequence(torch.tensor(X), lengths, True, enforce_sorted=False)
    outputs, (h_n, _) = torch_twin(nets, D, H)(packed)
    theirs, _ = pad_packed_sequence(outputs, True, total_length=T)
    real = np.arange(T) < lengths[:, None]
    np.testing.assert_allclose(ours[real], theirs.detach().numpy()[real], atol=1e-12)
    ends = final_states(torch.tensor(ours), torch.tensor(lengths))
    torch.testing.assert_close(ends, torch.cat([*h_n], 1), atol=1e-12, rtol=0)


def batch(seed=0):
    g = torch.Generator().manual_seed(seed)
    lengths = torch.tensor([7, 3, 5])
    ids = torch.randint(1, 9, (3, 7), generator=g)
    return ids * (torch.arange(7) < lengths[:, None]), lengths


@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize("layers", [1, 2])
def test_a_tagger_sees_what_its_direction_says(direction, layers):
    torch.manual_seed(0)
    net = Tagger(9, 4, 5, direction=direction, layers=layers)
    ids, lengths = batch()
    before = net(ids, lengths)
    assert before.shape == (3, 7, 4)
    other = ids.clone()
    other[0, 3] = ids[0, 3] % 8 + 1
    moved = (net(other, lengths)[0] != before[0]).any(1).tolist()
    sees = {
        "forward": [False] * 3 + [True] * 4,
        "backward": [True] * 4 + [False] * 3,
        "both": [True] * 7,
    }
    assert moved == sees[direction]


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_a_taggers_answer_does_not_hang_on_padding(direction):
    torch.manual_seed(0)
    net = Tagger(9, 4, 5, direction=direction, layers=2)
    ids, lengths = batch()
    whole = net(ids, lengths)
    wide = net(nn.functional.pad(ids, (0, 4), value=3), lengths)
    for row, n in enumerate(lengths.tolist()):
        alone = net(ids[row : row + 1, :n], lengths[row : row + 1])
        torch.testing.assert_close(alone[0], whole[row, :n])
        torch.testing.assert_close(wide[row, :n], whole[row, :n])


def test_a_stack_returns_every_layer():
    torch.manual_seed(0)
    stack, x = Stack(4, 3), torch.randn(2, 5, 4)
    hs = stack(x)
    assert torch.equal(hs[0], x)
    assert len(hs) == 4
    deep = nn.LSTM(4, 4, 3, batch_first=True)
    for number, layer in enumerate(stack.layers):
        for name, weight in layer.named_parameters():
            getattr(deep, name.replace("_l0", f"_l{number}")).data = weight.data
    torch.testing.assert_close(hs[-1], deep(x)[0])


def test_residual_layers_add_to_what_they_read():
    torch.manual_seed(0)
    stack, x = Stack(4, 2, residual=True), torch.randn(2, 5, 4)
    _, one, two = stack(x)
    torch.testing.assert_close(one, x + stack.layers[0](x)[0])
    torch.testing.assert_close(two, one + stack.layers[1](one)[0])


def test_dropout_is_between_layers_and_in_training_only():
    torch.manual_seed(0)
    stack, x = Stack(8, 3, dropout=0.5), torch.randn(2, 5, 8)
    a, b = stack(x), stack(x)
    assert [torch.equal(*pair) for pair in zip(a, b, strict=True)] == [
        True, True, False, False,
    ]  # fmt: skip
    assert (a[-1] != 0).all()  # nothing is dropped after the last layer
    stack.eval()
    assert all(torch.equal(*pair) for pair in zip(stack(x), stack(x), strict=True))


ids, lengths = batch()
X = np.zeros((2, 3, 1))


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (lambda: Tagger(9, 4, 5, direction="up"), "direction: got 'up', want one of"),
        (lambda: Tagger(9, 0, 5), "tags: got 0"),
        (lambda: Tagger(5, 4, 5)(ids, lengths), "ids: got 0 … 8, want 0 … 4"),
        (lambda: Tagger(9, 4, 5)(ids, lengths[:2]), r"lengths: got shape \(2,\)"),
        (lambda: Tagger(9, 4, 5)(ids, lengths + 1), "lengths: got 4 … 8, want 1 … 7"),
        (lambda: reverse(X, np.array([3, 0])), "lengths: got 0 … 3, want 1 … 3"),
        (lambda: reverse(X, np.array([3.0, 1.0])), "lengths: got float64"),
        (lambda: reverse(X, np.array([3])), r"want integers \(B,\) = \(2,\)"),
        (lambda: final_states(torch.zeros(2, 3), torch.tensor([1, 1])), "outputs: got"),
        (lambda: Stack(4, 2)(torch.zeros(2, 3, 5)), r"x: got shape \(2, 3, 5\)"),
        (lambda: Stack(4, 0), "layers: got 0"),
    ],
)
def test_bad_input_is_named(act, words):
    with pytest.raises(ValueError, match=words):
        act()
