"""Decoders against brute force: every text of a tiny model, one after the other."""

import itertools
import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.nets.language_models import CharLM
from helpers.writing.decoding import (
    beam_search,
    filter_logits,
    follow,
    greedy,
    nucleus,
    sample,
    top_k,
    write,
)

INF = math.inf
START = 0
quick = settings(max_examples=40, deadline=None)
seeds = st.integers(0, 10**6)
small = st.floats(-8, 8).map(lambda x: round(x, 3))
rows_of_logits = st.integers(1, 7).flatmap(
    lambda V: st.lists(
        st.lists(st.integers(-3, 3).map(float) | small, min_size=V, max_size=V),
        min_size=1,
        max_size=4,
    )
)


class Tiny:
    """A random recurrent model over V tokens; counts the rows that it was asked for."""

    def __init__(self, V, seed, H=5, spread=2.0):
        generator = torch.Generator().manual_seed(seed)

        def draw(*shape):
            return torch.randn(shape, generator=generator, dtype=torch.float64)

        self.V, self.H, self.rows = V, H, []
        self.E, self.W, self.U = draw(V, H), draw(H, H), spread * draw(H, V)

    def __call__(self, ids, state=None):
        self.rows.append(len(ids))
        if state is None:
            state = torch.zeros(1, len(ids), self.H, dtype=torch.float64)
        h = torch.tanh(self.E[ids] + state[0] @ self.W)
        return h @ self.U, h[None]


def joint(step, text, start=START):
    """The log p of one text, token by token, one row at a time."""
    state, before, total = None, start, 0.0
    for token in text:
        logits, state = step(torch.tensor([before]), state)
        total += torch.log_softmax(logits[0].double(), 0)[token].item()
        before = token
    return total


def texts(V, T, eos):
    """Every text: it ends with its first eos, or has T tokens."""
    for ids in itertools.product(range(V), repeat=T):
        cut = ids.index(eos) + 1 if eos in ids else T
        if all(i == 0 for i in ids[cut:]):  # each once
            yield ids[:cut]


def constant(logits):
    """A model that always says the same."""
    logits = torch.tensor(logits, dtype=torch.float64)
    return lambda ids, state: (logits.expand(len(ids), -1), None)


# --- cutting and heating -------------------------------------------------------------


@quick
@given(rows_of_logits, st.integers(1, 9))
def test_top_k_keeps_the_k_largest_and_of_equal_ones_the_lower_id(rows, k):
    logits = torch.tensor(rows, dtype=torch.float64)
    cut = top_k(logits, k)
    for row, got in zip(rows, cut.tolist(), strict=True):
        best = sorted(range(len(row)), key=lambda v: (-row[v], v))[:k]
        assert got == [x if v in best else -INF for v, x in enumerate(row)]
        assert top_k(torch.tensor(row), k).tolist() == pytest.approx(got)


@quick
@given(rows_of_logits, st.floats(0.01, 1.0))
def test_the_nucleus_has_the_mass_and_nothing_to_spare(rows, p):
    logits = torch.tensor(rows, dtype=torch.float64)
    cut = nucleus(logits, p)
    for row, got in zip(logits, cut, strict=True):
        probs, stays = row.softmax(0), got > -INF
        assert torch.equal(got[stays], row[stays])
        kept = [v for v in range(len(row)) if stays[v]]
        assert kept
        ahead = sorted(range(len(row)), key=lambda v: (-row[v].item(), v))
        assert sorted(ahead[: len(kept)]) == kept  # the likeliest, lower ids first
        mass = probs[stays].sum().item()
        assert mass >= p - 1e-12
        least = probs[ahead[len(kept) - 1]].item()
        assert mass - least < p + 1e-12  # one less would not do
        assert torch.equal(nucleus(row, p), got)


@quick
@given(rows_of_logits)
def test_the_ends_of_the_nucleus(rows):
    logits = torch.tensor(rows, dtype=torch.float64)
    assert torch.equal(nucleus(logits, 1.0), logits)
    assert torch.equal(nucleus(logits, 1e-9), top_k(logits, 1))


def test_of_many_equal_logits_the_lowest_ids_stay():
    logits = torch.zeros(2, 300)  # long rows are where a sort need not be stable
    want = [v < 7 for v in range(300)]
    assert (top_k(logits, 7) > -INF).tolist() == [want] * 2
    assert (nucleus(logits, 6.5 / 300) > -INF).tolist() == [want] * 2


def test_the_token_that_crosses_p_stays():
    logits = torch.tensor([0.15, 0.5, 0.05, 0.3]).log()
    assert (nucleus(logits, 0.7) > -INF).tolist() == [False, True, False, True]
    assert (nucleus(logits, 0.81) > -INF).tolist() == [True, True, False, True]


@quick
@given(rows_of_logits)
def test_the_limits_of_temperature(rows):
    logits = torch.tensor(rows, dtype=torch.float64)
    cold = filter_logits(logits, temperature=1e-6).softmax(-1)
    hot = filter_logits(logits, temperature=1e9).softmax(-1)
    for row, got in zip(logits, cold, strict=True):
        winners = (row == row.max()).double()
        torch.testing.assert_close(got, winners / winners.sum())
    torch.testing.assert_close(hot, torch.full_like(hot, 1 / logits.shape[1]))
    assert torch.equal(filter_logits(logits), logits)  # 1: the model itself


@quick
@given(rows_of_logits, st.floats(0.1, 3), st.floats(1.01, 3))
def test_heat_flattens_and_keeps_the_order(rows, temperature, factor):
    logits = torch.tensor(rows, dtype=torch.float64)

    def entropy(temperature):
        p = filter_logits(logits, temperature).softmax(-1)
        return torch.special.entr(p).sum(-1)

    assert (entropy(temperature * factor) >= entropy(temperature) - 1e-9).all()
    order = logits.argsort(stable=True)
    assert torch.equal(filter_logits(logits, temperature).argsort(stable=True), order)


@quick
@given(rows_of_logits, st.floats(0.2, 3), st.integers(1, 5), st.floats(0.1, 1))
def test_the_three_act_in_this_order(rows, temperature, k, p):
    logits = torch.tensor(rows, dtype=torch.float64)
    want = nucleus(top_k(logits / temperature, k), p)
    assert torch.equal(filter_logits(logits, temperature, k, p), want)
    assert (want > -INF).any(-1).all()


# --- greedy and sampling -------------------------------------------------------------


@quick
@given(seeds, st.integers(2, 5), st.integers(1, 6))
def test_greedy_takes_the_best_at_every_step(seed, V, T):
    step = Tiny(V, seed)
    (ids,) = greedy(step, None, torch.tensor([START]), max_len=T).tolist()
    for t, token in enumerate(ids):
        scores = [joint(step, [*ids[:t], v]) for v in range(V)]
        assert scores[token] == pytest.approx(max(scores))
    assert len(ids) == T


def test_greedy_takes_the_first_of_equals():
    step = constant([1.0, 2.0, 2.0, 0.0])
    ids = greedy(step, None, torch.tensor([3, 3]), max_len=4)
    assert ids.tolist() == [[1] * 4] * 2
    (best,) = beam_search(step, None, 3, width=1, max_len=4)
    assert best.ids == (1, 1, 1, 1)


@quick
@given(seeds, st.integers(2, 5), st.sampled_from([None, 1]))
def test_a_batch_writes_what_its_rows_write_alone(seed, V, eos):
    step = Tiny(V, seed)
    starts = torch.arange(V)
    _, state = step(starts.flip(0), None)  # a past of its own for each row
    together = greedy(step, state, starts, max_len=6, eos=eos)
    for b in range(V):
        alone = greedy(step, state[:, b : b + 1], starts[b : b + 1], max_len=6, eos=eos)
        row = together[b].tolist()
        assert row[: alone.shape[1]] == alone[0].tolist()
        assert set(row[alone.shape[1] :]) <= {eos}


@quick
@given(seeds, st.integers(2, 4), st.integers(0, 3))
def test_after_eos_there_is_only_eos_and_writing_stops(seed, V, eos):
    eos = min(eos, V - 1)
    step, generator = Tiny(V, seed), torch.Generator().manual_seed(seed)
    start = torch.zeros(5, dtype=torch.long)
    ids = sample(step, None, start, generator, max_len=8, eos=eos).tolist()
    ends = [row.index(eos) if eos in row else 8 for row in ids]
    for row, end in zip(ids, ends, strict=True):
        assert set(row[end:]) <= {eos}
    assert len(ids[0]) == min(8, max(ends) + 1)  # not a step more than needed
    assert len(step.rows) == len(ids[0])


def test_no_eos_means_writing_to_the_end():
    step = constant([0.0, 9.0])
    assert greedy(step, None, torch.tensor([0]), max_len=7).shape == (1, 7)
    assert greedy(step, None, torch.tensor([0]), max_len=7, eos=1).shape == (1, 1)


@quick
@given(seeds, st.integers(2, 5))
def test_sampling_without_choice_is_greedy(seed, V):
    step, start = Tiny(V, seed), torch.arange(V)
    want = greedy(step, None, start, max_len=5)
    for cut in ({"k": 1}, {"p": 1e-6}, {"temperature": 1e-6}):
        generator = torch.Generator().manual_seed(seed)
        got = sample(step, None, start, generator, max_len=5, **cut)
        assert torch.equal(got, want)


@pytest.mark.parametrize(
    ("settings", "want"),
    [
        ({}, [0.4, 0.3, 0.2, 0.1]),
        ({"k": 2}, [4 / 7, 3 / 7, 0, 0]),
        ({"p": 0.6}, [4 / 7, 3 / 7, 0, 0]),
        ({"temperature": 0.5}, [16 / 30, 9 / 30, 4 / 30, 1 / 30]),
        ({"temperature": 0.5, "k": 3, "p": 0.9}, [16 / 29, 9 / 29, 4 / 29, 0]),
    ],
    ids=str,
)
def test_draws_come_as_often_as_they_should(settings, want):
    step = constant([math.log(x) for x in (0.4, 0.3, 0.2, 0.1)])
    N, generator = 20_000, torch.Generator().manual_seed(1)
    start = torch.zeros(N, dtype=torch.long)
    ids = sample(step, None, start, generator, max_len=1, **settings)
    share = torch.bincount(ids[:, 0], minlength=4) / N
    for got, p in zip(share.tolist(), want, strict=True):
        assert abs(got - p) <= 5 * math.sqrt(p * (1 - p) / N)  # five sigma; 0 is never


def test_the_generator_alone_decides():
    step, start = Tiny(5, 3), torch.zeros(3, dtype=torch.long)

    def draw(seed):
        generator = torch.Generator().manual_seed(seed)
        return sample(step, None, start, generator, max_len=20)

    torch.manual_seed(0)
    one = draw(4)
    torch.manual_seed(1)
    assert torch.equal(one, draw(4))
    assert not torch.equal(one, draw(5))


def test_write_reads_what_it_chose():
    """The tokens that the model is given are the start, and then its own choices."""
    given = []

    def step(ids, state):
        given.append(ids.tolist())
        return torch.zeros(len(ids), 9), None

    choices = iter([[5, 2], [7, 7], [1, 8]])
    ids = write(
        step,
        None,
        torch.tensor([3, 4]),
        lambda logits: torch.tensor(next(choices)),
        max_len=3,
    )
    assert given == [[3, 4], [5, 2], [7, 7]]
    assert ids.tolist() == [[5, 7, 1], [2, 7, 8]]


# --- beam search ---------------------------------------------------------------------


@settings(max_examples=25, deadline=None)
@given(seeds, st.integers(2, 3), st.integers(1, 4), st.sampled_from([None, 0, 1]))
def test_a_beam_as_wide_as_there_are_texts_is_an_exhaustive_search(seed, V, T, eos):
    step = Tiny(V, seed)
    want = sorted(
        ((joint(step, text), text) for text in texts(V, T, eos)), reverse=True
    )
    got = beam_search(step, None, START, width=V**T, max_len=T, eos=eos)
    assert len(got) == len(want)
    assert {h.ids for h in got} == {text for _, text in want}
    assert [h.log_p for h in got] == pytest.approx([log_p for log_p, _ in want])
    assert sum(math.exp(h.log_p) for h in got) == pytest.approx(1)  # nothing is lost
    for h in got:
        assert h.log_p == pytest.approx(joint(step, h.ids))
        assert h.ended == (eos is not None and h.ids[-1] == eos)


def test_the_same_with_an_lstm_whose_state_is_a_pair():
    torch.manual_seed(0)
    model = CharLM(3, 6, E=4).double().eval()
    want = max((joint(model.step, text), text) for text in texts(3, 4, 2))
    got = beam_search(model.step, None, START, width=81, max_len=4, eos=2)
    assert len(got) == len(list(texts(3, 4, 2)))
    assert got[0].ids == want[1]
    assert got[0].log_p == pytest.approx(want[0])


@quick
@given(seeds, st.integers(2, 5), st.sampled_from([None, 0]))
def test_a_beam_of_one_is_greedy(seed, V, eos):
    step = Tiny(V, seed)
    (best,) = beam_search(step, None, START, width=1, max_len=6, eos=eos)
    ids = greedy(step, None, torch.tensor([START]), max_len=6, eos=eos)
    assert list(best.ids) == ids[0].tolist()


@quick
@given(seeds, st.integers(2, 5), st.integers(1, 6), st.sampled_from([None, 1]))
def test_each_step_keeps_the_best_of_all_continuations(seed, V, width, eos):
    """Against a search that knows no shortcut: every text by every token."""
    step, seen = Tiny(V, seed), []
    got = beam_search(step, None, START, width=width, max_len=4, eos=eos, seen=seen)
    beam = [((), 0.0)]
    for candidates, kept in seen:
        longer = []
        for ids, log_p in beam:
            if ids and ids[-1] == eos:
                longer.append((ids, log_p))
            else:
                longer += [((*ids, v), joint(step, (*ids, v))) for v in range(V)]
        beam = sorted(longer, key=lambda pair: -pair[1])[:width]
        assert [h.ids for h in kept] == [ids for ids, _ in beam]
        assert [h.log_p for h in kept] == pytest.approx([p for _, p in beam])
        assert set(kept) <= set(candidates)
    assert [h.ids for h in got] == [ids for ids, _ in beam]


def test_finished_texts_wait_unchanged_and_compete():
    """After 0, which ends a text, nothing; others go on and may overtake it or not."""
    step = constant([math.log(x) for x in (0.5, 0.3, 0.2)])
    seen = []
    got = beam_search(step, None, 1, width=3, max_len=3, eos=0, seen=seen)
    kept = [[h.ids for h in beam] for _, beam in seen]
    assert kept == [
        [(0,), (1,), (2,)],
        [(0,), (1, 0), (2, 0)],  # 0.5, 0.15, 0.1 beat 0.09
    ]
    assert [h.ids for h in got] == kept[-1]
    assert all(h.ended for h in got)  # and so the search is over before step 3
    assert [math.exp(h.log_p) for h in got] == pytest.approx([0.5, 0.15, 0.1])


def test_of_equal_hypotheses_the_earlier_one_stays():
    got = beam_search(constant([0.0, 0.0, 0.0]), None, 0, width=4, max_len=2)
    assert [h.ids for h in got] == [(0, 0), (0, 1), (0, 2), (1, 0)]


@pytest.mark.parametrize("width", [1, 3, 10])
def test_the_cost_is_linear_in_the_width(width):
    step = Tiny(6, 0)
    beam_search(step, None, START, width=width, max_len=7)
    assert sum(step.rows) <= 1 + 6 * width
    assert max(step.rows) == width


def test_a_beam_goes_on_from_a_past():
    step = Tiny(4, 2)
    _, state = step(torch.tensor([3]), None)
    got = beam_search(step, state, 1, width=3, max_len=3)[0]
    assert got.log_p == pytest.approx(
        joint(step, (1, *got.ids), 3) - joint(step, [1], 3)
    )


# --- the likelihood of given texts ---------------------------------------------------


@quick
@given(seeds, st.integers(2, 4), st.sampled_from([None, 1]))
def test_follow_adds_up_to_the_joint_probability(seed, V, eos):
    step = Tiny(V, seed)
    generator = torch.Generator().manual_seed(seed)
    ids = torch.randint(V, (3, 5), generator=generator)
    log_p, state = follow(step, None, torch.tensor([START] * 3), ids, eos=eos)
    for row, text in zip(log_p, ids.tolist(), strict=True):
        cut = text.index(eos) + 1 if eos in text else 5
        assert row.sum().item() == pytest.approx(joint(step, text[:cut]))
        assert not row[cut:].any()
    logits, _ = step(ids[:, -1], state)
    want = joint(step, [*ids[0].tolist(), 0]) - joint(step, ids[0].tolist())
    assert logits[0].log_softmax(0)[0].item() == pytest.approx(want)


def test_numbers_may_be_numpys():
    z = torch.tensor([0.0, 1.0, 3.0])
    for kind in (np.float32, np.float64):
        got = filter_logits(z, kind(0.5), np.int64(2), kind(0.75))
        assert torch.equal(got, filter_logits(z, 0.5, 2, 0.75))
    cold = filter_logits(z * 100, 1e-30).softmax(-1)
    assert cold.tolist() == [0, 0, 1]


def test_no_temperature_that_is_taken_makes_a_nan():
    z = torch.tensor([-INF, 1.0, 60.0])
    for kind, least in (
        (torch.half, 2e-3),
        (torch.bfloat16, 1e-30),
        (torch.float, 1e-30),
    ):
        for tau in (least, 1, 1e30):
            assert not filter_logits(z.to(kind), tau).softmax(-1).isnan().any()


# --- bad input -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("use", "words"),
    [
        (lambda z, s: top_k(z, 0), "k: got 0"),
        (lambda z, s: top_k(z, 2.5), "k: got 2.5"),
        (lambda z, s: nucleus(z, 0), "p: got 0, want a number above 0 and at most 1"),
        (lambda z, s: nucleus(z, 1.2), "p: got 1.2"),
        (lambda z, s: nucleus(z, math.nan), "p: got nan"),
        (lambda z, s: filter_logits(z, 0), "temperature: got 0"),
        (lambda z, s: filter_logits(z, -1.0), "temperature: got -1.0"),
        (lambda z, s: filter_logits(z, INF), "temperature: got inf, .* at most 1e.30"),
        (lambda z, s: filter_logits(z, 10**400), r"temperature: got 10{39}, want"),
        (lambda z, s: filter_logits(z.half(), 1e-6), "got 1e-06, want 1.7e-05 or more"),
        (lambda z, s: follow(s, None, z.long(), torch.ones(2, 0)), "ids: .* a step or"),
        (lambda z, s: filter_logits(z, 1e-40), "temperature: got 1e-40, want 1e-30 or"),
        (lambda z, s: filter_logits(z, True), "temperature: got True"),
        (lambda z, s: filter_logits(z, "1"), "temperature: got '1'"),
        (lambda z, s: top_k([1.0, 2.0], 1), "logits: got a list"),
        (
            lambda z, s: greedy(s, None, torch.zeros(2, 2), max_len=3),
            "start: got shape",
        ),
        (lambda z, s: greedy(s, None, torch.tensor([0]), max_len=0), "max_len: got 0"),
        (lambda z, s: beam_search(s, None, 0, width=0, max_len=2), "width: got 0"),
        (
            lambda z, s: follow(s, None, torch.tensor([0]), torch.tensor([[7]])),
            "ids: got 7",
        ),
    ],
)
def test_bad_input_is_named(use, words):
    with pytest.raises(ValueError, match=words):
        use(torch.tensor([0.0, 1.0]), Tiny(2, 0))
