"""The nets of lesson 02 against counting, against torch and against each other."""

import numpy as np
import pytest
import torch

from helpers.data.reviews import VOCABULARY, draw_reviews, draw_twins
from helpers.exercises.lesson_02.answers import (
    feedforward_parameters,
    recurrent_parameters,
)
from helpers.explore.before import WINDOW, parameters
from helpers.nets.feedforward import (
    Counts,
    Feedforward,
    Recurrent,
    accuracy,
    one_hot,
    several,
    tensors,
    train,
)

V = len(VOCABULARY)
RNG = np.random.default_rng(11)
TEXTS = draw_reviews(64, RNG)


def size(model):
    return sum(p.numel() for p in model.parameters())


@pytest.mark.parametrize(("length", "vocab", "hidden"), [(1, 2, 3), (28, 45, 32)])
def test_parameters_are_those_that_torch_counts(length, vocab, hidden):
    counted = parameters(length, vocab, hidden)
    dense, rnn = Feedforward(length, vocab, hidden), Recurrent(vocab, hidden)
    assert counted["bag of counts"] == size(Counts(vocab))
    assert counted[f"window of {WINDOW}"] == size(Feedforward(WINDOW, vocab, hidden))
    assert counted["padded feedforward"] == size(dense)
    assert counted["RNN"] == size(rnn)
    assert feedforward_parameters(length, vocab, hidden) == size(dense)
    assert recurrent_parameters(vocab, hidden) == size(rnn)


def test_one_hot_masks_padding_only():
    ids = torch.tensor([[3, 0, 1]])
    masked, plain = one_hot(ids, 4), one_hot(ids, 4, masked=False)
    assert masked.sum((0, 2)).tolist() == [1, 0, 1]
    assert plain.argmax(-1).tolist() == ids.tolist()
    assert torch.equal(masked[:, [0, 2]], plain[:, [0, 2]])


def test_counts_are_counts_and_blind_to_order():
    net, pair = Counts(V), draw_twins(50, RNG)
    scores = [net(tensors([p[i] for p in pair], 28)[0]) for i in (0, 1)]
    torch.testing.assert_close(*scores)
    ids, _ = tensors(TEXTS, 28)
    counts = np.array([np.bincount(row, minlength=V) for row in ids.numpy()])
    counts[:, 0] = 0
    want = counts @ net.out.weight[0].detach().numpy() + net.out.bias.item()
    np.testing.assert_allclose(net(ids).detach(), want, atol=1e-5)


def test_an_rnn_that_masks_does_not_see_how_far_a_text_is_padded():
    net = Recurrent(V, 8)
    short, long = (tensors(TEXTS, n)[0] for n in (28, 60))
    torch.testing.assert_close(net(short), net(long))
    net.masked = False
    assert (net(short) - net(long)).abs().max() > 1e-3


def test_the_recurrent_net_is_the_recurrence():
    net, ids = Recurrent(V, 5), tensors(TEXTS[:1], 28)[0]
    h, cell = torch.zeros(5), net.rnn
    for word in ids[0][ids[0] > 0]:
        x = torch.zeros(V)
        x[word] = 1
        pre = cell.weight_ih_l0 @ x + cell.bias_ih_l0
        h = torch.tanh(pre + cell.weight_hh_l0 @ h + cell.bias_hh_l0)
    torch.testing.assert_close(net(ids)[0], net.out(h)[0])


def test_weights_of_a_place_never_filled_do_not_move():
    ids, labels = tensors(TEXTS, 28)
    ids[:, 6] = 0
    net = Feedforward(28, V, 8)
    before = net.hidden.weight.detach().clone()
    train(net, ids, labels, seed=0, steps=20)
    moved = (net.hidden.weight - before).abs().view(8, 28, V).amax((0, 2))
    assert moved[6] == 0
    assert moved[[3, 5, 7]].min() > 0


def test_several_is_drawn_by_its_seeds_and_leaves_torchs_own_alone():
    data = tensors(TEXTS, 28)
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    one, two, three = several(lambda: Counts(V), *data, seeds=(0, 0, 1))
    assert torch.equal(torch.rand(3), expected)
    assert torch.equal(one.out.weight, two.out.weight)
    assert not torch.equal(one.out.weight, three.out.weight)


def test_the_first_weights_are_those_of_the_seed():
    born = []

    def make():
        born.append(Counts(V))
        return Counts(V)

    several(make, *tensors(TEXTS, 28), seeds=(4,))
    torch.manual_seed(4)
    assert torch.equal(born[0].out.weight, Counts(V).out.weight)


def test_accuracy_counts_right_signs():
    class Fixed(torch.nn.Module):
        def forward(self, ids):
            return torch.tensor([1.0, -1.0, 2.0, -3.0])

    labels = torch.tensor([1.0, 0.0, 0.0, 0.0])
    assert accuracy(Fixed(), None, labels) == 0.75


@pytest.mark.parametrize(
    ("mistake", "words"),
    [
        (lambda: Counts(0), "vocab: got 0"),
        (lambda: Feedforward(28, V, 0), "hidden: got 0"),
        (lambda: Recurrent(V, 3.5), "hidden: got 3.5"),
        (lambda: one_hot(torch.tensor([[V]]), V), "ids: got"),
        (lambda: one_hot(torch.tensor([1]), V), r"ids: got shape \(1,\)"),
        (lambda: tensors(TEXTS, 0), "length must be"),
        (
            lambda: accuracy(Counts(V), torch.zeros(2, 3).long(), torch.zeros(3)),
            "labels: got shape",
        ),
        (
            lambda: train(
                Counts(V), torch.zeros(2, 3).long(), torch.zeros(3), seed=0, steps=1
            ),
            "labels: got shape",
        ),
    ],
)
def test_what_does_not_fit_is_named(mistake, words):
    with pytest.raises(ValueError, match=words):
        mistake()
