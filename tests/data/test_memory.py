"""The tasks that only memory solves: what is asked can be read off the input."""

import pytest
import torch

from helpers.data.memory import NOISE, SYMBOLS, adding, recall


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def test_recall_asks_for_the_first_symbol_and_nothing_after_it_tells():
    x, y = recall(200, 7, seeded())
    ids = x.argmax(2)
    assert x.shape == (200, 8, SYMBOLS + NOISE)
    assert torch.equal(x.sum(2), torch.ones(200, 8))  # one-hot
    assert torch.equal(ids[:, 0], y)
    assert ids[:, 1:].min() == SYMBOLS
    assert set(y.tolist()) == set(range(SYMBOLS))
    assert ids[:, 1:].unique().numel() == NOISE


def test_adding_asks_for_the_two_marked_numbers():
    x, y = adding(300, 9, seeded())
    value, mark = x.unbind(2)
    assert x.shape == (300, 9, 2)
    assert 0 <= value.min() <= value.max() <= 1
    assert torch.equal(mark.sum(1), torch.full((300,), 2.0))
    assert torch.equal(mark[:, :4].sum(1), torch.ones(300))  # one in each half
    for row in range(300):
        a, b = value[row][mark[row] == 1].tolist()
        assert y[row].item() == pytest.approx(a + b)


def test_always_one_is_worth_a_sixth():
    _, y = adding(20_000, 4, seeded())
    assert ((y - 1) ** 2).mean().item() == pytest.approx(1 / 6, rel=0.05)


@pytest.mark.parametrize("make", [recall, adding])
def test_the_generator_decides_everything(make):
    x, y = make(5, 6, seeded(3))
    torch.manual_seed(99)
    again_x, again_y = make(5, 6, seeded(3))
    assert torch.equal(x, again_x)
    assert torch.equal(y, again_y)
    assert not torch.equal(x, make(5, 6, seeded(4))[0])


@pytest.mark.parametrize("make", [recall, adding])
@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ((0, 5, seeded()), "B: a whole number of at least 1, got 0"),
        ((4, 0, seeded()), "T: a whole number of at least"),
        ((4, 2.0, seeded()), "T: .* got 2.0"),
        ((True, 5, seeded()), "B: .* got True"),
        ((4, 5, 7), "generator: a torch.Generator wanted, got int"),
    ],
)
def test_bad_input_is_named(make, settings, words):
    with pytest.raises(ValueError, match=words):
        make(*settings)


def test_adding_needs_two_steps():
    with pytest.raises(ValueError, match="T: a whole number of at least 2"):
        adding(4, 1, seeded())
