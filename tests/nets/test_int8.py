"""Eight bits: the error within its bound, the right axis, products of whole numbers."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from helpers.nets.attention.decoder import AttentionSeq2Seq
from helpers.nets.attention.gnmt import GNMT
from helpers.nets.int8 import (
    Int8Cell,
    Int8Linear,
    error_bound,
    in_int8,
    int8_product,
    quantise,
    rounded,
    size_of,
)

many = settings(max_examples=200, deadline=None)
sizes = st.integers(1, 6)
seeds = st.integers(0, 10**6)
bits = st.integers(2, 8)


def draw(seed, *shapes):
    g = torch.Generator().manual_seed(seed)
    return [torch.randn(shape, generator=g, dtype=torch.float64) for shape in shapes]


@many
@given(sizes, sizes, sizes, seeds, bits)
def test_the_error_is_within_its_bound(B, D, H, seed, bits):
    x, W = draw(seed, (B, D), (D, H))
    Q, s = quantise(W, bits=bits)
    assert Q.dtype == torch.int8
    assert Q.abs().max() == 2 ** (bits - 1) - 1
    assert ((W - Q * s).abs() <= s / 2 + 1e-12).all()
    error = (x @ W - x @ (Q * s)).abs()
    assert (error <= error_bound(x, s) + 1e-12).all()


@many
@given(sizes, sizes, sizes, seeds)
def test_whole_numbers_give_what_the_rounded_floats_give(B, D, H, seed):
    x, W = draw(seed, (B, D), (D, H))
    Q, s = quantise(W)
    Q_x, s_x = quantise(x, axis=1)
    want = (Q_x * s_x) @ (Q * s)
    torch.testing.assert_close(int8_product(x, Q, s), want)
    worst = error_bound(x, s) + error_bound((Q * s).T, s_x.T).T
    assert ((want - x @ W).abs() <= worst + 1e-12).all()


def test_axes_and_zeros():
    W = torch.tensor([[1.0, 0.0, -100.0], [0.5, 0.0, 50.0]])
    Q, s = quantise(W)
    assert Q.tolist() == [[127, 0, -127], [64, 0, 64]]
    assert s.shape == (1, 3)
    torch.testing.assert_close(s[0, 2].item(), 100 / 127)
    assert quantise(W, axis=1)[1].shape == (2, 1)
    assert quantise(W, axis=None)[0][0].tolist() == [1, 0, -127]  # 1 is one step


def test_along_the_wrong_axis_small_units_drown():
    """64 → 256 units, some a thousand times as large as others."""
    x, W, spread = draw(0, (100, 64), (64, 256), (256,))
    W = W * 10**spread
    errors = {}
    for name, axis in (("output", 0), ("input", 1)):
        Q, s = quantise(W, axis)
        off = (x @ (Q * s) - x @ W).norm(dim=0) / (x @ W).norm(dim=0)
        errors[name] = off.median().item(), off.max().item()
    assert errors["output"][1] < 0.02
    assert errors["input"][0] > 5 * errors["output"][0]
    assert errors["input"][1] > 0.5


# --- cells and models -----------------------------------------------------------------


@pytest.mark.parametrize("kind", [nn.GRUCell, nn.LSTMCell])
def test_a_cell_in_int8_is_nearly_the_cell(kind):
    torch.manual_seed(0)
    cell = kind(5, 6)
    x, h, c = torch.randn(3, 4, 6).tanh()
    state = h if kind is nn.GRUCell else (h, c)
    exact, ours = cell(x[:, :5], state), Int8Cell(cell)(x[:, :5], state)
    exact, ours = (y if kind is nn.GRUCell else torch.stack(y) for y in (exact, ours))
    torch.testing.assert_close(ours, exact, atol=0.02, rtol=0)
    assert not torch.equal(ours, exact)


def test_only_an_lstms_c_is_clipped():
    torch.manual_seed(0)
    x, h, c = torch.randn(4, 5), torch.randn(4, 6).tanh(), 9 * torch.ones(4, 6)
    lstm = nn.LSTMCell(5, 6)
    free, held = (Int8Cell(lstm, clip)(x, (h, c))[1] for clip in (None, 2.0))
    assert free.max() > 2
    assert held.abs().max() <= 2.0 + 1e-6
    step = 2.0 / 32767
    torch.testing.assert_close(held / step, (held / step).round(), atol=0.01, rtol=0)
    torch.testing.assert_close(held, free.clamp(-2, 2), atol=step, rtol=0)
    gru = nn.GRUCell(5, 6)
    torch.testing.assert_close(Int8Cell(gru)(x, h), Int8Cell(gru, 0.1)(x, h))


@pytest.mark.parametrize("kind", [AttentionSeq2Seq, GNMT])
def test_a_model_in_int8_translates_with_whole_numbers(kind):
    torch.manual_seed(0)
    model = kind(9, 8, 16, 4).eval()
    source = torch.randint(3, 9, (4, 5))
    n, targets = torch.tensor([5, 4, 2, 1]), torch.randint(3, 8, (4, 3))
    before = {k: v.clone() for k, v in model.state_dict().items()}
    want = model(source, n, targets)
    ours = [twin(source, n, targets) for twin in (rounded(model), in_int8(model))]
    for logits in ours:
        torch.testing.assert_close(logits, want, atol=0.05, rtol=0)
        assert not torch.equal(logits, want)
    assert not torch.equal(*ours)
    kinds = [type(part) for part in in_int8(model).modules()]
    assert not {nn.Linear, nn.GRUCell, nn.LSTMCell} & set(kinds)
    assert Int8Linear in kinds
    assert Int8Cell in kinds
    for name, value in model.state_dict().items():  # the model is as it was
        assert torch.equal(value, before[name])


def test_fewer_bits_are_worse_and_smaller():
    torch.manual_seed(0)
    linear = nn.Linear(50, 20)
    x = torch.randn(100, 50)
    errors = [(rounded(linear, b)(x) - linear(x)).norm().item() for b in (8, 6, 4, 2)]
    assert errors == sorted(errors)
    assert size_of(linear) == 4 * (50 * 20 + 20)
    assert size_of(linear, 8) == 50 * 20 + 4 * 20 + 4 * 20
    assert size_of(linear, 4) == 50 * 20 // 2 + 8 * 20


@pytest.mark.parametrize(
    ("use", "words"),
    [
        (lambda: quantise(torch.ones(3)), r"W: got shape \(3,\), want \(D, H\)"),
        (lambda: quantise(torch.ones(2, 2), bits=1), "bits: got 1, want 2 to 8"),
        (lambda: quantise(torch.ones(2, 2), bits=16), "bits: got 16, want 2 to 8"),
        (lambda: quantise(torch.ones(2, 2), axis=2), "axis: got 2, want 0, 1 or None"),
        (
            lambda: int8_product(torch.ones(2, 3), *quantise(torch.ones(3, 4), axis=1)),
            r"s: got shape \(3, 1\), want \(1, H\)",
        ),
        (lambda: rounded(nn.Linear(2, 2), axis="row"), "axis: got 'row', want one of"),
        (lambda: error_bound(torch.ones(2), torch.ones(2)), r"s: got shape \(2,\)"),
    ],
)
def test_bad_input_is_refused_by_name(use, words):
    with pytest.raises(ValueError, match=words):
        use()
