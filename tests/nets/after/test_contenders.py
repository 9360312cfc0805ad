"""Four nets: all at once is step by step; what they look at, and what they cost."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn.functional import scaled_dot_product_attention

from helpers.exercises.lesson_11.looking import attend_step
from helpers.nets.after.attending import self_attention
from helpers.nets.after.contenders import KINDS, Contender, state_size
from helpers.nets.after.costs import costs, longest_chain

SIZES = st.tuples(*[st.integers(1, 6)] * 4)


def drawn(seed, *shape):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, generator=generator, dtype=torch.float64)


@settings(deadline=None)
@given(SIZES, st.booleans(), st.integers(0, 999))
def test_self_attention_is_torchs(sizes, causal, seed):
    B, T, K, V = sizes
    q, k = drawn(seed, 2, B, T, K)
    v = drawn(seed + 1, B, T, V)
    theirs = scaled_dot_product_attention(q, k, v, is_causal=causal)
    torch.testing.assert_close(self_attention(q, k, v, causal), theirs)


@settings(deadline=None)
@given(SIZES, st.integers(0, 999))
def test_without_a_mask_it_moves_with_a_permutation(sizes, seed):
    B, T, K, V = sizes
    q, k, v = drawn(seed, B, T, K), drawn(seed + 1, B, T, K), drawn(seed + 2, B, T, V)
    order = torch.randperm(T, generator=torch.Generator().manual_seed(seed))
    moved = self_attention(q[:, order], k[:, order], v[:, order])
    torch.testing.assert_close(moved, self_attention(q, k, v)[:, order])


def test_with_the_mask_it_does_not():
    q, k, v = drawn(0, 3, 1, 6, 4)
    moved = self_attention(q.flip(1), k.flip(1), v.flip(1), causal=True)
    assert (moved - self_attention(q, k, v, causal=True).flip(1)).abs().max() > 0.1


def test_step_by_step_is_all_at_once():
    q, k, v = (part.numpy() for part in drawn(1, 3, 6, 4))
    keys, values = k[:0], v[:0]
    whole = self_attention(*map(torch.as_tensor, (q, k, v)), causal=True)
    for t in range(6):
        out, keys, values = attend_step(q[t], k[t], v[t], keys, values)
        torch.testing.assert_close(torch.as_tensor(out), whole[t])


@pytest.mark.parametrize("kind", KINDS)
def test_a_net_step_by_step_is_the_net_at_once(kind):
    torch.manual_seed(0)
    net, x = Contender(kind, 5, 3, 8).double(), drawn(0, 2, 70, 5)
    state, said = None, []
    for t in range(70):
        y, state = net.step(x[:, t], state)
        said.append(y)
    torch.testing.assert_close(torch.stack(said, dim=1), net(x))


@pytest.mark.parametrize("kind", KINDS)
def test_nobody_hears_the_future(kind):
    torch.manual_seed(0)
    net, x = Contender(kind, 5, 3, 8).double(), drawn(1, 1, 20, 5).requires_grad_()
    net(x)[0, 11].sum().backward()
    assert (x.grad[0, 12:] == 0).all()
    assert (x.grad[0, :12].abs().amax(1) > 0).all()


def test_a_convolution_hears_64_inputs():
    torch.manual_seed(0)
    net, x = Contender("convolution", 2, 2, 4).double(), drawn(2, 1, 90, 2)
    x[0, 10] = torch.nan
    heard = net(x)[0].isnan().any(dim=1).nonzero()[:, 0]
    assert heard.tolist() == list(range(10, 10 + 64))


def test_factors_lie_between_0_and_1_or_minus_1_and_1():
    torch.manual_seed(0)
    x = 10 * drawn(3, 1, 500, 6)
    a, _ = Contender("minGRU", 6, 2, 6).double().blocks[0].mixer.pair(x)
    assert 0 <= a.min() < 0.1 < 0.9 < a.max() <= 1
    a, _ = Contender("signed", 6, 2, 6).double().blocks[0].mixer.pair(x)
    assert -1 <= a.min() < -0.9 < 0.9 < a.max() <= 1


def test_costs_grow_as_the_lesson_says():
    torch.manual_seed(0)
    found = {
        (kind, T): costs(Contender(kind, 2, 2, 8), T) for kind in KINDS for T in (8, 16)
    }
    for kind in KINDS:
        short, long = found[kind, 8], found[kind, 16]
        assert (long.carried > short.carried) == (kind == "attention")
        assert (long.products > short.products) == (kind == "attention")
        assert long.kept > short.kept
    chains = {kind: found[kind, 16].chain - found[kind, 8].chain for kind in KINDS}
    assert chains["LSTM"] >= 8
    assert 0 < chains["minGRU"] < 8
    assert chains["attention"] == chains["convolution"] == 0
    assert found["LSTM", 8].carried == 16
    assert found["convolution", 8].carried == 63 * 8
    assert found["attention", 8].carried == 2 * 2 * 8 * 8
    # LSTM: four gates from 2 inputs and 8 units, and 2 outputs
    assert found["LSTM", 8].products == 4 * 8 * (2 + 8) + 8 * 2


def test_a_chain_is_counted_in_operations():
    x = torch.ones(3, requires_grad=True)
    y = (x * 2 + 1).tanh()
    assert longest_chain(y) == 3
    assert longest_chain(torch.stack([y, x * 2])) == 3
    assert longest_chain(y.sum() + y.sum()) == 5


def test_a_state_is_counted():
    parts = [torch.zeros(2, 3), (torch.zeros(4), [torch.zeros(1)])]
    assert state_size(parts) == 11


def test_bad_input_is_refused():
    with pytest.raises(ValueError, match="kind: one of LSTM, minGRU"):
        Contender("RNN", 2, 2, 4)
    with pytest.raises(ValueError, match="x: got shape"):
        Contender("LSTM", 2, 2, 4)(torch.zeros(3, 5, 3))
    with pytest.raises(ValueError, match="k: got shape"):
        self_attention(torch.zeros(3, 4), torch.zeros(3, 5), torch.zeros(3, 5))
    with pytest.raises(ValueError, match="T: got 0"):
        costs(Contender("LSTM", 2, 2, 4), 0)
