"""The NumPy RNN, LSTM and GRU, over random shapes, against torch.nn and differences."""

from functools import partial
from itertools import permutations

import numpy as np
import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st
from torch import nn

from helpers.gradients.gradcheck import gradcheck
from helpers.nets.numpy_gru import (
    GRU,
    chung_unroll,
    chung_unroll_back,
    gru_unroll,
    gru_unroll_back,
)
from helpers.nets.numpy_lstm import (
    LSTM,
    activate,
    lstm_unroll,
    lstm_unroll_back,
    sigmoid,
    update,
)
from helpers.nets.numpy_rnn import RNN, softmax_cross_entropy

CHUNG = partial(GRU, convention="chung")
NETS = {"RNN": RNN, "LSTM": LSTM, "GRU": GRU, "Chung's GRU": CHUNG}
LAYERS = {RNN: nn.RNN, LSTM: nn.LSTM, GRU: nn.GRU}
kinds = pytest.mark.parametrize("kind", NETS.values(), ids=NETS)
with_layer = pytest.mark.parametrize("kind", LAYERS)

sizes = st.integers(1, 4)
over_shapes = given(
    B=sizes, T=sizes, D=sizes, H=sizes, V=sizes, seed=st.integers(0, 2**16)
)
few = settings(max_examples=25, deadline=None)


class Case:
    """A net, inputs, targets and a first state, all drawn from one seed."""

    def __init__(self, kind, B, T, D, H, V, seed):
        rng = np.random.default_rng(seed)
        self.net = kind(D, H, V, rng=rng)
        self.X, self.Y = rng.standard_normal((B, T, D)), rng.integers(V, size=(B, T))
        self.parts = rng.standard_normal((1 + isinstance(self.net, LSTM), B, H))

    @property
    def start(self):
        return tuple(self.parts) if len(self.parts) == 2 else self.parts[0]

    def gradients(self, X=None, start=None):
        X = self.X if X is None else X
        logits, states = self.net.forward(X, self.start if start is None else start)
        dlogits = softmax_cross_entropy(logits, self.Y)[1]
        grads, dstart = self.net.backward(X, states, dlogits)
        return grads, np.array(dstart).reshape(self.parts.shape)


def hidden(states):
    """h (B, T + 1, H) of what any net's forward returns beside the logits."""
    return getattr(states, "h", states)


def last(states):
    return states[:, -1] if isinstance(states, np.ndarray) else states.last


def copied(net, D, H, layer):
    """A torch layer, batch first, with the weights of net; it has two biases."""
    layer = layer(D, H, batch_first=True).double()
    P = net.params
    first = P.get("b_xh", P.get("b_h"))
    second = P.get("b_hh", np.zeros_like(first))
    with torch.no_grad():
        for mine, theirs in zip(
            (P["W_xh"].T, P["W_hh"].T, first, second), layer.parameters(), strict=True
        ):
            theirs.copy_(torch.from_numpy(mine))
    return layer


@with_layer
@few
@over_shapes
def test_states_and_all_gradients_equal_torchs(kind, B, T, D, H, V, seed):
    case = Case(kind, B, T, D, H, V, seed)
    layer = copied(case.net, D, H, LAYERS[kind])
    x = torch.tensor(case.X, requires_grad=True)
    parts = [torch.tensor(part[None], requires_grad=True) for part in case.parts]
    out, end = layer(x, tuple(parts) if len(parts) == 2 else parts[0])
    states = case.net.forward(case.X, case.start)[1]
    close = partial(np.testing.assert_allclose, rtol=0, atol=1e-12)
    close(hidden(states)[:, 1:], out.detach())
    ends = end if isinstance(end, tuple) else (end,)
    for mine, theirs in zip(np.reshape(last(states), (-1, B, H)), ends, strict=True):
        close(mine, theirs.detach()[0])

    W_hy, b_y = (torch.tensor(case.net.params[k], requires_grad=True) for k in OUT)
    y = (out @ W_hy + b_y).flatten(0, 1)
    target = torch.tensor(case.Y.ravel())
    nn.functional.cross_entropy(y, target, reduction="sum").backward()
    grads, dstart = case.gradients()
    W_xh, W_hh, b_xh, b_hh = (p.grad.numpy() for p in layer.parameters())
    biases = {"b_xh": b_xh, "b_hh": b_hh} if kind is GRU else {"b_h": b_xh}
    theirs = {"W_xh": W_xh.T, "W_hh": W_hh.T, **biases}
    theirs |= {"W_hy": W_hy.grad, "b_y": b_y.grad}
    assert grads.keys() == theirs.keys() == case.net.params.keys()
    for name, gradient in theirs.items():
        close(grads[name], gradient, err_msg=name)
    for mine, part in zip(dstart, parts, strict=True):
        close(mine, part.grad[0], err_msg="first state")


OUT = ("W_hy", "b_y")


@kinds
@settings(max_examples=6, deadline=None)
@over_shapes
@example(B=2, T=4, D=1, H=1, V=3, seed=125)  # bends so much that eps = 1e-3 is coarse
def test_all_gradients_equal_finite_differences(kind, B, T, D, H, V, seed):
    case = Case(kind, B, T, D, H, V, seed)
    grads, dstart = case.gradients()
    places = case.net.params | {"start": case.parts}

    def loss():
        return case.net.loss(case.net.forward(case.X, case.start)[0], case.Y)

    errors = gradcheck(loss, places, grads | {"start": dstart}, eps=1e-4, order=4)
    # relative to the largest entry of each; where that is tiny, rounding is not
    largest = {n: np.abs(g).max() for n, g in (grads | {"start": dstart}).items()}
    assert all(e * largest[n] < 1e-9 for n, e in errors.items()), errors


@kinds
@few
@over_shapes
def test_step_by_step_is_forward(kind, B, T, D, H, V, seed):
    case = Case(kind, B, T, D, H, V, seed)
    logits, states = case.net.forward(case.X, case.start)
    state = case.start
    for t in range(T):
        state, y = case.net.step(case.X[:, t], state)
        h = state[0] if isinstance(state, tuple) else state
        np.testing.assert_allclose(h, hidden(states)[:, t + 1], rtol=0, atol=1e-13)
        np.testing.assert_allclose(y, logits[:, t], rtol=0, atol=1e-13)
    np.testing.assert_allclose(state, last(states), rtol=0, atol=1e-13)


@kinds
@few
@over_shapes
def test_an_id_is_its_one_hot_vector(kind, B, T, D, H, V, seed):
    case = Case(kind, B, T, D, H, V, seed)
    ids = np.random.default_rng(seed).integers(D, size=(B, T))
    (ours, dstart), (theirs, other) = (case.gradients(x) for x in (ids, np.eye(D)[ids]))
    np.testing.assert_allclose(dstart, other, rtol=0, atol=1e-13)
    for name in ours:
        np.testing.assert_allclose(ours[name], theirs[name], rtol=0, atol=1e-13)


@kinds
@few
@given(cut=st.integers(1, 5), seed=st.integers(0, 2**16))
def test_cut_in_two_with_the_gradient_handed_back_is_the_whole(kind, cut, seed):
    case = Case(kind, 2, 6, 3, 4, 5, seed)
    net, X, Y = case.net, case.X, case.Y
    whole, dstart = case.gradients()
    first, early = net.forward(X[:, :cut], case.start)
    second, late = net.forward(X[:, cut:], last(early))
    dlogits = [
        softmax_cross_entropy(z, y)[1]
        for z, y in ((first, Y[:, :cut]), (second, Y[:, cut:]))
    ]
    late_grads, back = net.backward(X[:, cut:], late, dlogits[1])
    early_grads, back = net.backward(X[:, :cut], early, dlogits[0], back)
    np.testing.assert_allclose(np.reshape(back, dstart.shape), dstart, atol=1e-13)
    for name in whole:
        both = early_grads[name] + late_grads[name]
        np.testing.assert_allclose(both, whole[name], rtol=0, atol=1e-12)


@kinds
def test_rows_of_a_batch_do_not_mix(kind):
    case = Case(kind, 3, 5, 2, 4, 3, 0)
    _, states = case.net.forward(case.X)
    for b in range(3):
        _, alone = case.net.forward(case.X[[b]])
        np.testing.assert_allclose(hidden(states)[[b]], hidden(alone), atol=1e-14)


@kinds
def test_without_a_state_it_starts_from_zeros(kind):
    case = Case(kind, 2, 3, 2, 4, 3, 0)
    zeros = tuple(0 * case.parts) if len(case.parts) == 2 else 0 * case.parts[0]
    np.testing.assert_array_equal(
        case.net.forward(case.X)[0], case.net.forward(case.X, zeros)[0]
    )


@kinds
def test_float32_stays_float32(kind):
    net = kind(3, 4, 5, rng=np.random.default_rng(0), dtype=np.float32)
    ids = np.array([[0, 1, 2]])
    logits, states = net.forward(ids)
    grads, back = net.backward(ids, states, logits)
    kept = [logits, *grads.values(), *net.params.values(), *np.atleast_2d(back)]
    kept += [states] if isinstance(states, np.ndarray) else list(states)
    assert {a.dtype for a in kept} == {np.dtype(np.float32)}


def test_the_gates_stand_in_the_order_of_torch_and_in_no_other():
    case = Case(LSTM, 2, 5, 3, 4, 2, 1)
    out, _ = copied(case.net, 3, 4, nn.LSTM)(torch.tensor(case.X))
    right = []
    for order in permutations(range(4)):
        columns = np.concatenate([np.arange(4 * k, 4 * k + 4) for k in order])
        twin = LSTM(3, 4, 2, rng=np.random.default_rng(0))
        twin.params = dict(case.net.params)
        for name in ("W_xh", "W_hh", "b_h"):
            twin.params[name] = case.net.params[name][..., columns]
        h = twin.forward(case.X)[1].h[:, 1:]
        right += [order] if np.allclose(h, out.detach(), atol=1e-12) else []
    assert right == [(0, 1, 2, 3)]


def test_the_forget_bias_is_on_the_forget_gate():
    plain, biased = (
        LSTM(2, 3, 2, rng=np.random.default_rng(0), forget_bias=b) for b in (0, 5)
    )
    more = biased.params["b_h"] - plain.params["b_h"]
    np.testing.assert_allclose(more.reshape(4, 3), [[0] * 3, [5] * 3, [0] * 3, [0] * 3])
    _, states = biased.forward(np.zeros((1, 3, 2)))
    assert states.gates[..., 3:6].min() > 0.9


@few
@over_shapes
def test_the_other_gru_is_another_function(B, T, D, H, V, seed):
    case = Case(GRU, B, T, D, H, V, seed)
    other = Case(CHUNG, B, T, D, H, V, seed)
    for name, w in case.net.params.items():
        np.testing.assert_array_equal(w, other.net.params[name])
    h, theirs = (c.net.forward(c.X, c.start)[1].h[:, 1:] for c in (case, other))
    assert np.abs(h - theirs).max() > 1e-6


def test_with_z_turned_round_only_the_reset_gate_differs():
    case, other = (Case(kind, 2, 5, 3, 4, 2, 3) for kind in (GRU, CHUNG))
    for name in ("W_xh", "W_hh", "b_xh", "b_hh"):
        other.net.params[name][..., 4:8] *= -1  # 1 - sigmoid(a) = sigmoid(-a)
    h, theirs = (c.net.forward(c.X, c.start)[1].h for c in (case, other))
    assert np.abs(h - theirs).max() > 1e-3
    for net in (case.net, other.net):
        net.params["b_xh"][:4] = 50  # r = 1: it is nowhere in the way
    h, theirs = (c.net.forward(c.X, c.start)[1].h for c in (case, other))
    np.testing.assert_allclose(h, theirs, atol=1e-13)


def test_activate_is_three_sigmoids_and_a_tanh():
    a = np.linspace(-800, 800, 24).reshape(2, 12)
    i, f, g, o = np.split(a, 4, axis=1)
    want = np.concatenate([sigmoid(i), sigmoid(f), np.tanh(g), sigmoid(o)], axis=1)
    np.testing.assert_allclose(activate(a), want, atol=1e-15)
    np.testing.assert_allclose(
        sigmoid(a), torch.sigmoid(torch.tensor(a)), rtol=0, atol=1e-15
    )


X, S = np.zeros((2, 3, 4)), np.zeros((2, 5))


@pytest.mark.parametrize(
    ("mistake", "words"),
    [
        (lambda n, g: n.forward(X[..., :2]), r"x: got shape \(2, 3, 2\), want .*4\)"),
        (lambda n, g: n.forward(X[0]), r"x: got shape \(3, 4\)"),
        (lambda n, g: n.forward([[1, 2]]), "x: got a list, want an array"),
        (lambda n, g: n.forward(np.full((2, 3), 4)), "x: got 4 … 4, want 0 … 3"),
        (lambda n, g: n.forward(X, (S, S[:1])), r"c: got shape \(1, 5\)"),
        (lambda n, g: n.forward(X, (S.T, S)), r"h: got shape \(5, 2\)"),
        (lambda n, g: n.step(X, (S, S)), r"x: got shape \(2, 3, 4\)"),
        (lambda n, g: n.step(X[:, 0], (S, S[:, :2])), r"c: got shape \(2, 2\)"),
        (lambda n, g: n.forward(X, S), r"state: got an array, want a pair \(h, c\)"),
        (lambda n, g: n.step(X[:, 0], S), r"state: got an array, want a pair"),
        (
            lambda n, g: n.backward(X, n.forward(X)[1], np.ones((2, 3, 5))),
            r"dlogits: got shape \(2, 3, 5\)",
        ),
        (
            lambda n, g: n.backward(X, n.forward(X[:, :2])[1], np.ones((2, 3, 6))),
            r"c: got shape \(2, 3, 5\), want \(B, T\+1, 5\) = \(2, 4, 5\)",
        ),
        (lambda n, g: activate(np.ones((2, 6))), "a: the last axis has size 6, want 4"),
        (lambda n, g: update(np.ones((2, 12)), S), r"gates: got shape \(2, 12\)"),
        (lambda n, g: lstm_unroll(X, np.ones((2, 8))), r"a: got shape \(2, 3, 4\)"),
        (lambda n, g: lstm_unroll(X, np.ones((4, 8))), r"W_hh: got shape \(4, 8\)"),
        (lambda n, g: lstm_unroll_back(X, n.forward(X)[1], np.ones((5, 20))), "dhs: "),
        (lambda n, g: g.forward(X, S[:1]), r"h0: got shape \(1, 5\)"),
        (lambda n, g: g.step(X[:, 0], S.T), r"h_prev: got shape \(5, 2\)"),
        (lambda n, g: gru_unroll(X, np.ones((4, 8)), np.ones(12)), "W_hh: got shape"),
        (lambda n, g: chung_unroll(X, np.ones((4, 12)), np.ones(4)), "b_hh: got shape"),
        (
            lambda n, g: gru_unroll_back(X, g.forward(X)[1], np.ones((5, 15))),
            r"dhs: got shape \(2, 3, 4\), want",
        ),
        (
            lambda n, g: chung_unroll_back(X, g.forward(X)[1], np.ones((5, 14))),
            r"W_hh: got shape \(5, 14\)",
        ),
        (
            lambda n, g: g.backward(X, g.forward(X)[1], np.ones((2, 3, 5))),
            r"dlogits: got shape \(2, 3, 5\)",
        ),
        (lambda n, g: GRU(4, 5, 6, rng=None, convention="cho"), "convention: 'cho'"),
        (lambda n, g: LSTM(0, 5, 6, rng=None), "D, H, V are 0, 5, 6"),
    ],
)
def test_what_does_not_fit_is_named(mistake, words):
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match=words):
        mistake(LSTM(4, 5, 6, rng=rng), GRU(4, 5, 6, rng=rng))
