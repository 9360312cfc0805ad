"""The decoder that looks back: lesson 08 as a special case, padding, timing, maps."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sentences import V, W, batch_of

from helpers.data import numbers
from helpers.data.batching import Coder
from helpers.nets.attention.decoder import (
    SWITCHES,
    AttentionSeq2Seq,
    Encoder,
    Look,
)
from helpers.nets.attention.maps import (
    crossed,
    forced_map,
    free_map,
    gold_places,
    hit_rate,
    of_one,
)
from helpers.nets.attention.scores import entropy
from helpers.nets.seq2seq import Seq2Seq, write
from helpers.nets.small import shift_right, token_loss
from helpers.writing.decoding import beam_search, greedy
from helpers.writing.forcing import feed

some = settings(max_examples=200, deadline=None)
switches = st.fixed_dictionaries({k: st.sampled_from(v) for k, v in SWITCHES.items()})
sizes = st.integers(1, 5)
seeds = st.integers(0, 999)


def model_of(seed=0, H=6, **switches):
    torch.manual_seed(seed)
    model = AttentionSeq2Seq(V, W, H, 4, **switches).eval()
    torch.nn.init.normal_(model.look.v)
    return model


@torch.no_grad()
def looks_nowhere(plain):
    """The attention model with a plain one's weights, deaf to what it finds."""
    H, E = plain.decoder.hidden_size, plain.source.embedding_dim
    model = AttentionSeq2Seq(V, W, H, E).eval()
    model.encoder.source, model.encoder.rnn = plain.source, plain.encoder
    model.target = plain.target
    cell, rnn = model.cell, plain.decoder
    cell.weight_ih.zero_()
    cell.weight_ih[:, :E] = rnn.weight_ih_l0
    model.out.weight.zero_()
    model.out.weight[:, :H] = plain.out.weight
    for ours, theirs in (
        (cell.weight_hh, rnn.weight_hh_l0),
        (cell.bias_ih, rnn.bias_ih_l0),
        (cell.bias_hh, rnn.bias_hh_l0),
        (model.out.bias, plain.out.bias),
    ):
        ours.copy_(theirs)
    return model


@some
@given(sizes, sizes, sizes, seeds)
def test_deaf_to_what_it_finds_it_is_the_model_of_lesson_08(B, T, S, seed):
    torch.manual_seed(seed)
    plain = Seq2Seq(V, W, 6, 4).eval()
    source, n, targets, _ = batch_of(B, T, S, seed)
    ours = looks_nowhere(plain)(source, n, targets)
    torch.testing.assert_close(ours, plain(source, n, targets))


@some
@given(sizes, sizes, seeds)
def test_allowed_one_word_only_it_finds_that_words_state(B, T, seed):
    """With the last word alone to look at, the context is lesson 08's last state."""
    model, (source, n, _, _) = model_of(), batch_of(B, T, 2, seed)
    values, ends, real = model.encoder(source, n)
    last = torch.arange(T) == n[:, None] - 1
    memory = model.look.remember(values, real & last)
    context, weights = model.look(torch.randn(B, 6), memory)
    torch.testing.assert_close(weights, last.float())
    torch.testing.assert_close(context[:, :3], ends[:, :3])  # read forwards
    first = model.look.remember(values, torch.arange(T).expand(B, T) == 0)
    context, _ = model.look(torch.randn(B, 6), first)
    torch.testing.assert_close(context[:, 3:], ends[:, 3:])  # read backwards


@some
@given(sizes, sizes, sizes, seeds, switches)
def test_padding_and_neighbours_do_not_matter(B, T, S, seed, kinds):
    model, (source, n, targets, _) = model_of(**kinds), batch_of(B, T, S, seed)
    logits = model(source, n, targets)
    assert logits.shape == (B, S, W)
    wide = torch.nn.functional.pad(source, (0, 3), value=5)
    torch.testing.assert_close(model(wide, n, targets), logits)
    alone = [
        model(s[None, :k], k[None], t[None])
        for s, k, t in zip(source, n, targets, strict=True)
    ]
    torch.testing.assert_close(torch.cat(alone), logits)
    weights = forced_map(model, wide, n, targets)
    assert weights.shape == (B, S, T + 3)
    assert (weights.transpose(1, 2)[torch.arange(T + 3) >= n[:, None]] == 0).all()
    torch.testing.assert_close(weights.sum(2), torch.ones(B, S))


@pytest.mark.parametrize("score", SWITCHES["score"])
def test_before_training_additive_attention_is_uniform(score):
    torch.manual_seed(0)
    model = AttentionSeq2Seq(V, W, 6, 4, score=score)
    source, n, targets, _ = batch_of(4, 6, 3)
    spread = entropy(forced_map(model, source, n, targets))
    most = n.float().log()[:, None].expand(-1, 3)
    assert torch.allclose(spread, most, atol=1e-6) == (score == "additive")
    assert (spread <= most + 1e-6).all()


@pytest.mark.parametrize("start", SWITCHES["start"])
def test_started_from_zeros_it_knows_the_sentence_by_looking_alone(start):
    model, (source, n, targets, _) = model_of(start=start), batch_of(3, 4, 3)
    state = model.encode(source, n)
    assert bool((state.s == 0).all()) == (start == "zeros")
    model.look.v.data.zero_()
    state.memory.values.zero_()  # nothing to be found
    logits, _ = model.step(targets[:, 0], state)
    same = model.step(targets[:1, 0].expand(3), state)[0]
    assert torch.allclose(same, same[:1].expand_as(same)) == (start == "zeros")
    assert logits.shape == (3, W)


def test_who_asks_before_the_step_has_not_heard_the_newest_word():
    for asks, moved in (("before", False), ("after", True)):
        model, (source, n, _, _) = model_of(asks=asks), batch_of(3, 4, 3)
        state = model.encode(source, n)
        _, one = model.step(torch.tensor([3, 3, 3]), state)
        _, other = model.step(torch.tensor([4, 5, 6]), state)
        change = (one.weights - other.weights).abs().amax()
        assert bool(change > 1e-6) == moved


@given(st.integers(1, 4), sizes, seeds, switches)
@settings(max_examples=25, deadline=None)
def test_free_maps_are_of_what_is_written(B, T, seed, kinds):
    model, (source, n, _, _) = model_of(seed, **kinds), batch_of(B, T, 3, seed)
    ids, weights = free_map(model, source, n, 6)
    assert torch.equal(ids, write(model, source, n, 6))
    torch.testing.assert_close(weights, forced_map(model, source, n, ids))
    state, fed = model.encode(source, n), shift_right(ids, Coder.BOS)
    by_steps = feed(model.step, state, fed, torch.ones_like(fed, dtype=torch.bool))
    torch.testing.assert_close(by_steps, model(source, n, ids))


@given(st.integers(1, 6), seeds, switches)
@settings(max_examples=25, deadline=None)
def test_one_sentence_is_written_by_any_search(T, seed, kinds):
    model = model_of(seed, **kinds)
    source, n, _, _ = batch_of(1, T, 2, seed)
    source = source[0, : n[0]].tolist()
    step, state = of_one(model, source)
    want = write(model, torch.tensor([source]), n, 5)
    start = torch.tensor([Coder.BOS])
    assert torch.equal(greedy(step, state, start, max_len=5, eos=Coder.EOS), want)
    (best,) = beam_search(step, state, Coder.BOS, width=1, max_len=5, eos=Coder.EOS)
    assert list(best.ids) == want[0].tolist()
    many = beam_search(step, state, Coder.BOS, width=4, max_len=5, eos=Coder.EOS)
    assert many[0].log_p >= best.log_p - 1e-6 or len(many) == 4


def test_gradients_reach_every_part():
    for asks in SWITCHES["asks"]:
        model, (source, n, targets, m) = model_of(asks=asks), batch_of(4, 5, 5)
        for teacher in (1.0, 0.0):
            model.zero_grad()
            token_loss(model(source, n, targets, teacher), targets, m).backward()
            assert all(p.grad.abs().sum() > 0 for p in model.parameters())


# --- maps and what they hit -----------------------------------------------------------


def test_gold_places_of_numbers():
    assert gold_places([21, 2_000_000]).tolist() == [[1, -1, 0, -1], [0, 1, -1, -1]]
    assert gold_places([7]).tolist() == [[0, -1]]


def test_hits_are_counted_where_there_is_a_place():
    places = torch.tensor([[1, -1, 0, -1], [0, 2, -1, -1]])
    weights = torch.nn.functional.one_hot(places.clamp(min=0), 3).float()
    assert hit_rate(weights, places) == 1
    weights[1, 1] = torch.tensor([0.6, 0.0, 0.4])
    assert hit_rate(weights, places) == 0.75
    early = weights.roll(-1, 1)  # each row looks where the next one should
    assert hit_rate(early, places, shift=1) == 0.5  # the first tokens have no row
    only = torch.zeros(2, 4, dtype=torch.bool)
    assert math.isnan(hit_rate(weights, places, only=only))
    only[1, 1] = True
    assert hit_rate(weights, places, only=only) == 0


def test_tens_and_units_cross_and_nothing_else():
    for value in (7, 13, 40, 100, 21, 347_021, 90_001, 999_999_999_999):
        parts = numbers.morphemes(value)
        beside = [
            "und" in (parts[t + 1 : t + 2] or parts[t - 1 : t] or [])
            or "und" in parts[max(t - 1, 0) : t]
            for t in range(len(parts))
        ]
        want = [b and part != "und" for b, part in zip(beside, parts, strict=True)]
        assert crossed(gold_places([value]))[0].tolist() == [*want, False]


def test_a_place_is_of_the_same_word():
    values = [347_021, 90_001]
    english = [numbers.words(n) for n in values]
    for places, words, n in zip(gold_places(values), english, values, strict=True):
        pairs = zip(numbers.morphemes(n), places.tolist(), strict=False)
        said = [words[place] for part, place in pairs if part != "und"]
        assert sorted(said) == sorted(word for word in words if word != "and")


# --- at the door ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("use", "words"),
    [
        (lambda: AttentionSeq2Seq(V, W, asks="during"), "asks: got 'during', want one"),
        (lambda: AttentionSeq2Seq(V, W, start="ones"), "start: got 'ones'"),
        (lambda: AttentionSeq2Seq(V, W, score="sum"), "score: got 'sum'"),
        (lambda: Look(4, "sum"), "score: got 'sum', want one of 'additive', 'dot'"),
        (lambda: AttentionSeq2Seq(V, W, H=0), "H: got 0, want a whole number"),
        (lambda: AttentionSeq2Seq(V, W, H=7), "H: got 7, want an even number"),
        (lambda: Encoder(V, 7, 4), "H: got 7, want an even number"),
        (
            lambda: model_of()(
                torch.tensor([[V]]), torch.tensor([1]), torch.ones(1, 1)
            ),
            r"source: got 9 … 9, want 0 … 8|targets: got",
        ),
        (
            lambda: model_of().encode(torch.tensor([[3]]), torch.tensor([2])),
            "lengths: got 2 … 2, want 1 … 1",
        ),
        (
            lambda: model_of()(*batch_of(2, 3, 3)[:3], teacher=1.5),
            "teacher: a probability from 0 to 1 wanted, got 1.5",
        ),
        (
            lambda: model_of()(*batch_of(2, 3, 1)[:2], torch.ones(2, 0, dtype=int)),
            r"targets: got shape \(2, 0\), want a step or more",
        ),
        (lambda: gold_places([-1]), "number is -1; it must be 0 or more"),
        (lambda: hit_rate(torch.ones(2, 3, 4), torch.ones(2, 2)), "places: got shape"),
        (lambda: of_one(model_of(), []), "source: got no ids, want at least one"),
        (lambda: free_map(model_of(), *batch_of(2, 3, 3)[:2], 0), "max_len: got 0"),
    ],
)
def test_bad_input_is_refused_by_name(use, words):
    with pytest.raises(ValueError, match=words):
        use()
