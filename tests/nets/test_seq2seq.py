"""Encoder and decoder: padding, steps, forcing, stopping, and what is scored."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sentences import V, W, batch_of

from helpers.data import parallel
from helpers.data.batching import Coder
from helpers.nets.seq2seq import (
    Seq2Seq,
    exact,
    token_accuracy,
    train_seq2seq,
    translate,
    write,
)
from helpers.nets.small import shift_right, token_loss
from helpers.writing.forcing import after_error, feed, inverse_sigmoid, linear


def model_of(seed=0, H=6):
    torch.manual_seed(seed)
    return Seq2Seq(V, W, H, 4).eval()


# --- the model ------------------------------------------------------------------------


@given(st.integers(1, 5), st.integers(1, 6), st.integers(1, 5), st.integers(0, 99))
@settings(max_examples=25, deadline=None)
def test_padding_does_not_matter(B, T, S, seed):
    model, (source, n, targets, _) = model_of(), batch_of(B, T, S, seed)
    state = model.encode(source, n)
    assert state.shape == (B, 6)
    wide = torch.nn.functional.pad(source, (0, 3), value=5)
    torch.testing.assert_close(model.encode(wide, n), state)
    alone = [model.encode(s[None, :k], k[None]) for s, k in zip(source, n, strict=True)]
    torch.testing.assert_close(torch.cat(alone), state)
    logits = model(source, n, targets)
    assert logits.shape == (B, S, W)
    one = model(source[:1, : n[0]], n[:1], targets[:1])
    torch.testing.assert_close(one, logits[:1])


@given(st.integers(1, 4), st.integers(1, 6), st.integers(0, 99))
@settings(max_examples=25, deadline=None)
def test_forced_step_by_step_is_all_steps_at_once(B, S, seed):
    model, (source, n, targets, _) = model_of(), batch_of(B, 4, S, seed)
    fed = shift_right(targets, Coder.BOS)
    state = model.encode(source, n)
    by_steps = feed(model.step, state, fed, torch.ones_like(fed, dtype=bool))
    torch.testing.assert_close(by_steps, model(source, n, targets))


def test_the_decoder_sees_no_token_before_it_has_said_it():
    model, (source, n, targets, _) = model_of(), batch_of(3, 4, 6)
    for at in range(6):
        other = targets.clone()
        other[:, at] = 3 + (other[:, at] + 1) % 5
        change = (model(source, n, targets) - model(source, n, other)).abs()
        moved = change.amax((0, 2)) > 1e-6
        assert moved.tolist() == [t > at for t in range(6)]


def test_gradients_reach_the_encoder_through_the_state():
    model, (source, n, targets, m) = model_of(), batch_of(4, 5, 5)
    for teacher in (1.0, 0.0):
        model.zero_grad()
        token_loss(model(source, n, targets, teacher), targets, m).backward()
        assert all(p.grad.abs().sum() > 0 for p in model.parameters())


# --- forcing --------------------------------------------------------------------------


def spy(seen):
    """A step that says the next id after the one it is fed, and notes what it hears."""

    def step(ids, state):
        seen.append(ids)
        return torch.nn.functional.one_hot((ids + 1) % W, W).float(), state

    return step


def test_feed_forces_where_it_is_told_to():
    fed = torch.tensor([[1, 3, 7, 5], [1, 6, 4, 3]])
    forced = torch.tensor([[0, 1, 0, 1], [0, 0, 1, 0]]).bool()
    seen = []
    logits = feed(spy(seen), None, fed, forced)
    assert torch.stack(seen, 1).tolist() == [[1, 3, 4, 5], [1, 2, 4, 5]]
    assert logits.argmax(2).tolist() == [[2, 4, 5, 6], [2, 3, 5, 6]]


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9])
def test_the_share_of_forced_tokens_is_the_one_asked_for(share):
    model, seen = model_of(), []
    targets = torch.full((200, 30), 5)
    model.encode = lambda source, n: torch.zeros(200, 6)
    model.step = lambda ids, state: (seen.append(ids), (torch.zeros(200, W), state))[1]
    g = torch.Generator().manual_seed(0)
    model(torch.ones(200, 1).long(), torch.ones(200).long(), targets, share, g)
    heard = torch.stack(seen, 1)
    assert (heard[:, 0] == Coder.BOS).all()
    assert abs((heard[:, 1:] == 5).double().mean() - share) < 0.03
    assert share == 0 or (heard[:, 1:] == 5).double().std(0).min() > 0  # coins a row


def test_free_running_is_what_write_writes():
    model, (source, n, targets, _) = model_of(2), batch_of(5, 5, 6)
    free = model(source, n, targets, teacher=0.0).argmax(2)
    written = write(model, source, n, 6)
    for ours, theirs in zip(written, free, strict=False):
        end = (theirs == Coder.EOS).int().argmax().item() + 1
        end = end if Coder.EOS in theirs else len(ours)
        assert ours[:end].tolist() == theirs[:end].tolist()
        assert (ours[end:] == Coder.EOS).all()


def test_an_error_is_fed_once_and_then_the_model_is_alone():
    seen = []
    model = SimpleNamespace(encode=lambda source, n: None, step=spy(seen))
    targets = torch.tensor([[5, 3, 6, 4], [7, 4, 4, 3]])
    wrong = torch.tensor([2, 6])
    ids = after_error(model, targets, None, targets, 1, wrong)
    assert torch.stack(seen, 1).tolist() == [[1, 5, 2, 3], [1, 7, 6, 7]]
    assert ids.tolist() == [[2, 6, 3, 4], [2, 0, 7, 0]]
    seen.clear()
    after_error(model, targets, None, targets, 0, targets[:, 0])
    assert torch.stack(seen, 1).tolist() == [[1, 5, 6, 7], [1, 7, 0, 1]]


def test_schedules_fall_from_1_to_0():
    assert [linear(step, 10) for step in (0, 5, 10, 99)] == [1, 0.5, 0, 0]
    k = 20.0
    assert inverse_sigmoid(0, k) == pytest.approx(k / (k + 1))
    assert inverse_sigmoid(k * np.log(k), k) == pytest.approx(0.5)
    assert 0 <= inverse_sigmoid(10**9, k) < 1e-100
    shares = [inverse_sigmoid(step, k) for step in range(300)]
    assert (np.diff(shares) < 0).all()


# --- scores ---------------------------------------------------------------------------


def test_exact_means_up_to_and_with_the_end_mark():
    targets = torch.tensor([[5, 6, 2, 0], [7, 2, 0, 0], [5, 5, 5, 2], [4, 2, 0, 0]])
    m = torch.tensor([3, 2, 4, 2])
    ids = torch.tensor([[5, 6, 2], [7, 2, 2], [5, 5, 5], [4, 4, 2]])
    assert exact(ids, targets, m).tolist() == [True, True, False, False]
    longer = torch.nn.functional.pad(ids, (0, 4), value=6)
    assert exact(longer, targets, m).tolist() == [True, True, False, False]
    assert token_accuracy(ids, targets, m) == pytest.approx((3 + 2 + 3 + 1) / 11)


@given(st.integers(0, 200))
@settings(max_examples=30, deadline=None)
def test_exact_match_is_the_same_with_and_without_a_teacher(seed):
    model, (source, n, _, m) = model_of(seed), batch_of(6, 5, 4, seed)
    targets = model(source, n, torch.full((6, 4), 3), teacher=0.0).argmax(2)
    targets[::2, seed % 4] = 3 + seed % 5  # every other answer is another one
    forced = model(source, n, targets).argmax(2)
    free = model(source, n, targets, teacher=0.0).argmax(2)
    assert torch.equal(exact(forced, targets, m), exact(free, targets, m))


# --- training and translating ---------------------------------------------------------


def tiny():
    return parallel.number_task(np.random.default_rng(0), 80, 15, below=100)


def trained(teacher=1.0, steps=30, seed=0):
    task = tiny()
    torch.manual_seed(seed)
    model = Seq2Seq(len(task.source_coder), len(task.target_coder), 32, 16)
    settings = {"steps": steps, "seed": seed, "B": 32, "lr": 2e-2, "progress": False}
    return task, model, train_seq2seq(model, task.train, teacher=teacher, **settings)


def test_a_tiny_translator_learns():
    task, model, history = trained(steps=150)
    assert history.loss[-1] < 0.2 < 2 < history.loss[0]
    source, n, targets, m = task.train
    assert exact(write(model, source, n, 5), targets, m).double().mean() > 0.8
    said = translate(model, [["seventy", "one"]], task.source_coder, task.target_coder)
    assert len(said) == 1
    assert set(said[0]) <= set(task.target_coder.symbols)


def test_training_is_the_same_for_the_same_seed_and_asks_the_schedule():
    asked = []

    def half(step):
        asked.append(step)
        return 0.5

    first, second = trained(half, 5)[2], trained(0.5, 5)[2]
    assert asked == list(range(5))
    assert first.loss == second.loss
    assert trained(1.0, 5)[2].loss != first.loss


AB = Coder("ab"), Coder("x")


def test_writing_leaves_nothing_out_and_puts_the_mode_back():
    model = model_of()
    model.out = torch.nn.Sequential(torch.nn.Dropout(0.5), model.out)
    model.train()
    ask = model, ["ab", "f"], Coder("abcdef"), Coder("vwxyz"), 8
    assert len({str(translate(*ask)) for _ in range(5)}) == 1
    assert model.training
    assert model.out[0].training


@pytest.mark.parametrize(
    ("use", "words"),
    [
        (lambda m, x: m.encode(x[0][0], x[1]), "source: got shape"),
        (lambda m, x: m.encode(x[0] + 9, x[1]), "source: got"),
        (lambda m, x: m.step(x[0], x[0]), "ids: got shape"),
        (lambda m, x: m(*x[:3], teacher=1.5), "teacher: a probability"),
        (lambda m, x: m(*x[:2], x[2] + 9), "targets: got"),
        (lambda m, x: after_error(m, *x[:3], 6, x[1]), "at: a place from 0 to 3"),
        (lambda m, x: exact(x[2][0], x[2], x[3]), "ids: got shape"),
        (lambda m, x: exact(x[2], x[2], x[3] * 0), "lengths: got 0 … 0, want 1 … 4"),
        (lambda m, x: exact(x[2], x[2], x[3] + 4), "lengths: got .*, want 1 … 4"),
        (lambda m, x: token_accuracy(x[2], x[2], x[3] / 1), "lengths: got float32"),
        (lambda m, x: Seq2Seq(V, W, H=7), "H: got 7, want an even number"),
        (lambda m, x: m(*x[:2], x[2][:, :0]), r"targets: got shape \(2, 0\), want a"),
        (lambda m, x: feed(m.step, None, x[2][:, :0], x[2][:, :0] > 0), "fed: got sh"),
        (lambda m, x: after_error(m, *x[:2], x[2][:, :0], 0, x[1]), "targets: got sh"),
        (lambda m, x: m.encode(x[0], x[1] * 0), "lengths: got 0 … 0, want 1 … 3"),
        (lambda m, x: m.encode(x[0], x[1] + 3), "lengths: got .*, want 1 … 3"),
        (lambda m, x: m.encode(x[0], x[1].float()), "lengths: got .*float32"),
        (lambda m, x: translate(m, ["a", ""], *AB), r"texts\[1\]: got '', want at"),
        (lambda m, x: translate(m, [], *AB), "texts: got none"),
        (lambda m, x: translate(m, "ab", *AB), "texts: got one text, 'ab'"),
        (lambda m, x: translate(m, ["z"], Coder("ab"), Coder("x")), "'z', which this"),
    ],
)
def test_bad_input_is_refused_by_name(use, words):
    with pytest.raises(ValueError, match=words):
        use(model_of(), batch_of(2, 3, 4))
