"""WaveNet: torch's convolution, three ways to count, a cache that changes nothing."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional as F

from helpers.data.after.keyed import LEVELS, PITCHES
from helpers.nets.after.speaking import Speaker, new_speaker, speak
from helpers.nets.after.wavenet import Block, CausalConv, WaveNet, receptive_field

SHAPES = (1, 2, 5), (1, 2, 2)  # of x, and of a state that does not fit
few = settings(max_examples=25, deadline=None)
kernels = st.integers(1, 4)
stacks = st.lists(st.tuples(kernels, st.integers(1, 5)), min_size=1, max_size=4)


def convs(layers, wide=3, seed=0):
    torch.manual_seed(seed)
    sizes = [1, *[wide] * len(layers)]
    return [
        CausalConv(sizes[i], wide, k, d).double() for i, (k, d) in enumerate(layers)
    ]


def run(stack, x):
    for conv in stack:
        x, _ = conv(x)
    return x


@few
@given(k=kernels, d=st.integers(1, 5), T=st.integers(1, 20), cut=st.integers(0, 20))
def test_a_convolution_is_torchs_padded_on_the_left_in_pieces_too(k, d, T, cut):
    torch.manual_seed(0)
    conv = CausalConv(2, 3, k, d).double()
    x, cut = torch.randn(2, 2, T).double(), min(cut, T)
    want = F.conv1d(
        F.pad(x, ((k - 1) * d, 0)), conv.conv.weight, conv.conv.bias, dilation=d
    )
    torch.testing.assert_close(conv(x)[0], want)
    if 0 < cut < T:
        a, state = conv(x[..., :cut])
        b, state = conv(x[..., cut:], state)
        torch.testing.assert_close(torch.cat([a, b], 2), want)
        assert state.shape == (2, 2, (k - 1) * d)


@few
@given(layers=stacks)
def test_formula_gradient_and_nan_count_the_same_field(layers):
    doubled = [(max(k, 2), 2**i) for i, (k, _) in enumerate(layers)]
    R, stack = receptive_field(doubled), convs(doubled)
    x = torch.randn(1, 1, R + 9).double().requires_grad_()
    run(stack, x)[0, :, -1].sum().backward()
    assert int((x.grad != 0).sum()) == R
    poisoned = torch.zeros(1, 1, R + 9).double()
    poisoned[..., 0] = torch.nan
    assert int(run(stack, poisoned)[0].isnan().any(0).sum()) == R


@few
@given(layers=stacks, s=st.integers(0, 14))
def test_no_output_hears_a_later_input(layers, s):
    stack, x = convs(layers), torch.randn(1, 1, 15).double()
    other = x.clone()
    other[..., s] += 1
    torch.testing.assert_close(
        run(stack, x)[..., :s], run(stack, other)[..., :s], rtol=0, atol=0
    )


@pytest.mark.parametrize("k", [1, 2, 3])
def test_step_by_step_a_wavenet_says_what_it_says_at_once(k):
    torch.manual_seed(0)
    net = WaveNet(7, 4, (1, 2, 4), k=k, kinds=3).double()
    ids, kind = torch.randint(7, (2, 30)), torch.randint(3, (2, 30))
    whole, end = net(ids, kind=kind)
    _, state = net(ids[:, :11], kind=kind[:, :11])
    for t in range(11, 30):
        logits, state = net.step(ids[:, t], state, kind[:, t])
        torch.testing.assert_close(logits, whole[:, t])
    for a, b in zip(state, end, strict=True):
        torch.testing.assert_close(a, b)
    assert sum(part.shape[2] for part in end) == 7 * (k - 1)


def test_a_block_is_gate_residual_and_skip():
    torch.manual_seed(0)
    block, x = Block(3, 2, 2).double(), torch.randn(2, 3, 9).double()
    a, _ = block.conv(x)
    z = torch.tanh(a[:, :3]) * torch.sigmoid(a[:, 3:])
    more, skip, _ = block(x)
    said = torch.einsum("oc,bct->bot", block.out.weight[:, :, 0], z)
    said = said + block.out.bias[:, None]
    torch.testing.assert_close(torch.cat([more - x, skip], 1), said)


def test_the_queues_in_numpy_say_what_the_model_says():
    model, rng = new_speaker(0), np.random.default_rng(0)
    ids = rng.integers(LEVELS, size=(3, 300))
    key = rng.integers(1 + len(PITCHES), size=(3, 300))
    with torch.no_grad():
        want = model(torch.tensor(ids), kind=torch.tensor(key))[0].numpy()
    speaker = Speaker(model, 3)
    got = np.stack([speaker.step(i, c) for i, c in zip(ids.T, key.T, strict=True)], 1)
    np.testing.assert_allclose(got, want, atol=1e-4)


def test_speech_is_drawn_from_what_the_model_says():
    model = new_speaker(0)
    with torch.no_grad():
        for part in model.parameters():
            part.zero_()
        model.out[-1].bias[:] = torch.linspace(-3, 3, LEVELS)
    ids = speak(model, np.zeros((40, 100), int), np.random.default_rng(0))
    assert ids.shape == (40, 100)
    want = torch.linspace(-3, 3, LEVELS).double().softmax(0).numpy()
    shares = np.bincount(ids.ravel(), minlength=LEVELS) / ids.size
    assert abs(shares - want).max() < 0.02


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: CausalConv(2, 3, 0), "k: got 0"),
        (lambda: CausalConv(2, 3, 2, 3)(*map(torch.zeros, SHAPES)), "state: got shape"),
        (lambda: receptive_field([(2, 0)]), "d: got 0"),
        (lambda: WaveNet(5, 3, (1,))(torch.zeros(1, 4)), "ids: got"),
        (lambda: WaveNet(5, 3, (1,))(torch.full((1, 4), 5)), "ids: got"),
        (lambda: speak(new_speaker(0), np.full((1, 4), 9), None), "key: got"),
        (lambda: Speaker(WaveNet(5, 3, (1,), k=3, kinds=2), 1), "kernels of 2"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_by_name(make, says):
    with pytest.raises(ValueError, match=says):
        make()
