"""The models of lesson 07 and the n-grams that they have to beat."""

import itertools
import math
from functools import partial

import numpy as np
import pytest
import torch
from torch import nn

from helpers.data.text import Characters, prose, streams
from helpers.nets.language_models import (
    CharLM,
    NameWriter,
    bits_per_character,
    train_lm,
)
from helpers.writing.decoding import beam_search, follow, greedy, sample
from helpers.writing.ngrams import KneserNey, continuations, count, discount

AB = Characters("abc ")


@pytest.fixture(autouse=True)
def _seed():
    torch.manual_seed(0)


# --- n-grams ---------------------------------------------------------------


def test_counts_by_hand():
    table = count("abcab", 2)
    assert {k: dict(v) for k, v in table.items()} == {
        "a": {"b": 2}, "b": {"c": 1}, "c": {"a": 1},
    }  # fmt: skip
    assert dict(count("abca", 1)[""]) == {"a": 2, "b": 1, "c": 1}
    assert count("a", 3) == {}


def test_continuations_count_different_first_characters():
    table = count("xa ya za xb xb xb", 2)
    assert table["x"]["b"] == 3
    assert continuations(table)[""]["a"] == 3  # after x, y and z
    assert continuations(table)[""]["b"] == 1  # after x alone, however often


def test_discount():
    # once: b after a, c after b, a after c; twice: b after b
    assert discount(count("abbbca", 2)) == pytest.approx(3 / (3 + 2 * 1))
    assert discount(count("aaaa", 1)) == 0
    assert discount(count("", 2)) == 0


@pytest.mark.parametrize("n", [1, 2, 3, 5])
def test_chances_sum_to_one_after_every_context(n):
    model = KneserNey("abc cab bac abc", n, AB)
    for length in range(4):
        for context in itertools.product(AB.chars, repeat=length):
            p = model.chances("".join(context))
            assert p.shape == (len(AB),)
            assert p.sum() == pytest.approx(1)
            assert (p > 0).all() or n == 1


def test_kneser_ney_against_the_formula_written_out():
    text, n = "abcab cab abba cc abca", 3
    model = KneserNey(text, n, AB)
    grams = {k: [text[i : i + k] for i in range(len(text) - k + 1)] for k in (1, 2, 3)}
    types = {k: {*grams[k]} for k in grams}

    def number(gram):
        if len(gram) == n:
            return grams[n].count(gram)
        return sum(longer[1:] == gram for longer in types[len(gram) + 1])

    def d(k):
        sizes = [number(g) for g in types[k] if number(g)]
        return sizes.count(1) / (sizes.count(1) + 2 * sizes.count(2))

    def p(c, context):
        shorter = p(c, context[1:]) if context else 1 / len(AB)
        seen = [number(context + x) for x in AB.chars]
        seen = [size for size in seen if size]
        if not seen:
            return shorter
        D = d(len(context) + 1)
        kept = max(number(context + c) - D, 0)
        return (kept + D * len(seen) * shorter) / sum(seen)

    for context in map("".join, itertools.product(AB.chars, repeat=2)):
        expected = [p(c, context) for c in AB.chars]
        assert np.allclose(model.chances(context), expected)


def test_what_is_kept_for_a_context_cannot_be_written_over():
    model = KneserNey("abab", 2, AB)
    for context in ("", "a", "ba", "∅"):
        with pytest.raises(ValueError, match="read-only"):
            model.chances(context)[0] = 1


def test_more_context_helps_and_bits_are_the_mean_of_minus_log2():
    characters = Characters(prose())
    train, test = prose()[:60_000], prose()[60_000:63_000]
    bits = [KneserNey(train, n, characters).bits(test) for n in (1, 2, 4)]
    assert bits[0] > bits[1] + 0.5 > bits[2] + 1
    model = KneserNey("abab", 2, AB)
    p = [model.chances("")[1], model.chances("a")[2]]
    assert model.bits("ab") == pytest.approx(-np.log2(p).mean())


# --- networks ---------------------------------------------------------------


def test_a_char_lm_read_in_pieces_or_step_by_step_says_the_same():
    model, ids = CharLM(7, 6, 5), torch.randint(7, (3, 8))
    whole, last = model(ids)
    assert whole.shape == (3, 8, 7)
    first, state = model(ids[:, :5])
    second, state = model(ids[:, 5:], state)
    assert torch.allclose(torch.cat([first, second], 1), whole, atol=1e-6)
    assert torch.allclose(state[1], last[1], atol=1e-6)
    state = None
    for t in range(8):
        logits, state = model.step(ids[:, t], state)
        assert torch.allclose(logits, whole[:, t], atol=1e-6)


def test_a_name_writer_hears_its_kind_at_every_step():
    model, ids = NameWriter(9, 4, 6, 5), torch.randint(9, (2, 7))
    logits, _ = model(ids, torch.tensor([1, 3]))
    other, _ = model(ids, torch.tensor([1, 2]))
    assert torch.equal(logits[0], other[0])
    assert (logits[1] != other[1]).any(-1).all()
    steps = {2: model.step_for(2), (1, 3): model.step_for(torch.tensor([1, 3]))}
    state = None
    for t in range(7):
        now, state = steps[1, 3](ids[:, t], state)
        assert torch.allclose(now, logits[:, t], atol=1e-6)
    same, _ = steps[2](ids[:, 0], None)
    assert torch.allclose(same, model(ids[:, :1], torch.tensor([2, 2]))[0][:, 0])


def test_bits_per_character_against_a_loop():
    model, ids = CharLM(5, 4, 3), torch.randint(5, (23,))
    log_p, state = [], None
    with torch.no_grad():
        for now, after in itertools.pairwise(ids):
            logits, state = model.step(now[None], state)
            log_p.append(logits.log_softmax(-1)[0, after].item())
    expected = -np.mean(log_p) / math.log(2)
    assert bits_per_character(model, ids, B=1) == pytest.approx(expected, rel=1e-5)


def test_training_carries_the_state_detached_and_starts_anew_with_the_text():
    ids, given, T = torch.randint(4, (41,)), [], 5

    class Spy(CharLM):
        def forward(self, ids, state=None):
            logits, new = super().forward(ids, state)
            given.append((ids, state, new))
            return logits, new

    train_lm(Spy(4, 3, 2), ids, steps=9, B=2, T=T, lr=1e-2)
    wanted = [X for X, _ in streams(ids, 2, T)]
    assert len(wanted) == 4
    for i, (read, state, _) in enumerate(given):
        assert torch.equal(read, wanted[i % 4])
        if i % 4 == 0:
            assert state is None
        else:
            assert all(not s.requires_grad for s in state)
            assert torch.equal(state[0], given[i - 1][2][0])


def test_training_learns_what_can_be_known():
    ids = torch.arange(3000) % 5  # the next one is certain
    model = CharLM(5, 16, 8)
    history = train_lm(
        model, ids, steps=60, B=8, T=10, lr=2e-2, every=5,
        evaluate=lambda model: bits_per_character(model, ids),
    )  # fmt: skip
    assert history.metric_steps[-2:] == [55, 60]
    assert history.metric[-1] < 0.1 < history.metric[0]


def test_what_is_left_out_is_left_out_in_training_only():
    model, ids = CharLM(5, 8, 4, drop=0.5), torch.randint(5, (2, 6))
    assert not torch.equal(model(ids)[0], model(ids)[0])
    model.eval()
    assert torch.equal(model(ids)[0], model(ids)[0])
    assert not any(isinstance(p, nn.Dropout) for p in model.parameters())


def test_measures_and_decoders_leave_nothing_out_and_put_the_mode_back():
    model, ids = CharLM(5, 8, 4, drop=0.5), torch.arange(400) % 5
    model.rnn.eval()  # a part may be in another mode than the whole
    start, state = torch.tensor([0, 1]), None

    def closure(ids, state=None):
        return model.step(ids, state)

    def everything(step):
        return (
            bits_per_character(model, ids, B=2),
            greedy(step, state, start, max_len=9).tolist(),
            sample(
                step, state, start, torch.Generator().manual_seed(1), max_len=20
            ).tolist(),
            follow(step, state, start, ids[:20].view(2, 10))[0].tolist(),
            [h.log_p for h in beam_search(step, state, 0, width=3, max_len=4)],
        )

    modes = [part.training for part in model.modules()]
    assert len(set(modes)) == 2
    told = [everything(step) for step in (model.step, closure, partial(model.step))]
    assert [part.training for part in model.modules()] == modes
    model.eval()
    assert told == [everything(model.step)] * 3
    writer = NameWriter(5, 2, 4)
    greedy(writer.step_for(0), None, start, max_len=2)
    assert writer.training

    def fails(ids, state):
        assert not model.training
        raise ZeroDivisionError

    model.train()
    with pytest.raises(ZeroDivisionError):
        greedy(fails, None, start, max_len=2)
    assert model.training


IDS = torch.zeros(2, 4, dtype=torch.long)


@pytest.mark.parametrize(
    ("mistake", "words"),
    [
        (lambda: CharLM(0, 4), "V: got 0"),
        (lambda: CharLM(5, 4)(IDS + 5), "ids: got 5 … 5, want 0 … 4"),
        (lambda: CharLM(5, 4)(IDS[0]), r"ids: got shape \(4,\)"),
        (lambda: NameWriter(5, 3, 4)(IDS, torch.tensor([0, 3])), "kind: got 0 … 3"),
        (lambda: NameWriter(5, 3, 4)(IDS, torch.tensor([0])), r"kind: got shape"),
        (lambda: train_lm(CharLM(5, 4), IDS[0], steps=1), "ids holds 4"),
        (lambda: train_lm(CharLM(5, 4), IDS[0], steps=1, B=2.0), "B: got 2.0"),
        (
            lambda: bits_per_character(CharLM(5, 4), IDS[0]),
            "ids holds 4; B . 1 = 17 are",
        ),
        (lambda: bits_per_character(CharLM(5, 4), IDS[0], 2.0), "B: got 2.0"),
        (lambda: CharLM(5, 4)(IDS[:, :0]), r"ids: got shape \(2, 0\), want a step"),
        (lambda: NameWriter(5, 3, 4)(IDS[:, :0], IDS[:, 0]), "ids: got shape"),
        (lambda: count("abc", 0), "n: got 0"),
        (lambda: KneserNey("abd", 2, AB).chances("a"), "text holds 'd'"),
    ],
)
def test_what_does_not_fit_is_named(mistake, words):
    with pytest.raises(ValueError, match=words):
        mistake()
