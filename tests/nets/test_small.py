"""Reader, Writer, Translator and their small helpers, against loops and torch."""

import pytest
import torch
from torch.nn.functional import cross_entropy

from helpers.nets.small import (
    Reader,
    Translator,
    Writer,
    last_real,
    shift_right,
    token_loss,
)


@pytest.fixture(autouse=True)
def _seed():
    torch.manual_seed(0)


def test_reader_never_looks_ahead():
    reader, x = Reader(3, 5, 4), torch.randn(2, 6, 3)
    assert reader(x).shape == (2, 6, 4)
    assert torch.allclose(reader(x)[:, :3], reader(x[:, :3]), atol=1e-6)


def test_last_real_does_not_depend_on_the_padding():
    reader, x = Reader(3, 5, 4), torch.randn(2, 6, 3)
    lengths = torch.tensor([6, 2])
    alone = reader(x[1:, :2])[:, -1]
    assert torch.allclose(last_real(reader(x), lengths)[1:], alone, atol=1e-6)


def test_writing_is_the_same_as_feeding_what_was_written():
    writer, h = Writer(7, 8), torch.randn(3, 8)
    ids = writer.write(h, bos=1, steps=5)
    assert ids.shape == (3, 5)
    assert (writer(h, shift_right(ids, 1)).argmax(-1) == ids).all()


def test_shift_right():
    targets = torch.tensor([[4, 5, 2], [6, 2, 0]])
    assert shift_right(targets, 1).tolist() == [[1, 4, 5], [1, 6, 2]]


def test_token_loss_against_a_loop_and_padding_gets_no_gradient():
    logits = torch.randn(3, 4, 5, requires_grad=True)
    targets = torch.randint(0, 5, (3, 4))
    lengths = torch.tensor([4, 1, 2])
    loss = token_loss(logits, targets, lengths)
    pieces = [
        cross_entropy(logits[b, t], targets[b, t])
        for b in range(3)
        for t in range(lengths[b])
    ]
    assert torch.allclose(loss, torch.stack(pieces).mean())
    loss.backward()
    assert (logits.grad[1, 1:] == 0).all()
    assert (logits.grad[2, :2] != 0).any()


def test_lengths_may_be_a_numpy_array():
    logits, lengths = torch.randn(2, 4, 3), torch.tensor([4, 1])
    loss = token_loss(logits, IDS, lengths)
    assert token_loss(logits, IDS, lengths.numpy()) == loss


def test_translator_shapes_and_blindness_to_padding():
    model = Translator(6, 7, 8)
    source = torch.tensor([[3, 4, 5], [4, 0, 0]])
    lengths, previous = torch.tensor([3, 1]), torch.ones(2, 4, dtype=torch.long)
    assert model.read(source, lengths).shape == (2, 8)
    assert model(source, lengths, previous).shape == (2, 4, 7)
    alone = model.read(source[1:, :1], lengths[1:])
    assert torch.allclose(model.read(source, lengths)[1:], alone, atol=1e-6)


IDS = torch.zeros(2, 4, dtype=torch.long)


@pytest.mark.parametrize(
    ("mistake", "words"),
    [
        (lambda: Reader(0, 8, 3), "inputs: got 0"),
        (lambda: Writer(5, 2.5), "hidden: got 2.5"),
        (lambda: Translator(5, "6", 8), "target_vocab: got '6'"),
        (lambda: Reader(3, 8, 2)(torch.zeros(2, 4, 5)), r"x: got shape \(2, 4, 5\)"),
        (lambda: Writer(5, 8)(torch.zeros(2, 7), IDS), r"h: got shape \(2, 7\)"),
        (lambda: Writer(5, 8)(torch.zeros(3, 8), IDS), r"previous: got shape"),
        (lambda: Writer(5, 8)(torch.zeros(2, 8), IDS + 5), "want 0 … 4"),
        (lambda: Writer(5, 8)(torch.zeros(2, 8), IDS[:, :0]), "previous: got shape"),
        (lambda: Reader(3, 8, 2)(torch.zeros(2, 0, 3)), r"x: got .* want a step"),
        (lambda: Writer(5, 8).write(torch.zeros(2, 8), 1, 0), "steps: got 0"),
        (
            lambda: Translator(5, 5, 8).read(IDS.float(), torch.tensor([1, 2])),
            "source: got float32, want integers",
        ),
        (
            lambda: last_real(torch.zeros(2, 4, 3), torch.tensor([0, 4])),
            "lengths: got 0 … 4, want 1 … 4",
        ),
        (lambda: last_real(torch.zeros(2, 4, 3), torch.ones(3)), "lengths: got shape"),
        (lambda: shift_right(IDS[0], 1), r"targets: got shape \(4,\)"),
        (
            lambda: token_loss(torch.zeros(2, 4, 3), IDS + 3, torch.tensor([4, 4])),
            "targets: got 3 … 3, want 0 … 2",
        ),
    ],
)
def test_what_does_not_fit_is_named(mistake, words):
    with pytest.raises(ValueError, match=words):
        mistake()
