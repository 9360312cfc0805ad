"""Beam search by a score of its own, against every text of a tiny model."""

import itertools
import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.writing.decoding import beam_search, greedy
from helpers.writing.ranked import (
    STOPS,
    best_of,
    coverage_penalty,
    length_penalty,
    ranked_beam,
    score_of,
)

many = settings(max_examples=200, deadline=None)
seeds = st.integers(0, 10**6)
alphas = st.sampled_from([0.0, 0.2, 0.7, 1.0, 1.5])
betas = st.sampled_from([0.0, 0.2, 1.0])
START, EOS = 0, 1


class Looker:
    """A random recurrent model over V tokens that looks at T places while it writes.

    Its state is (h, weights), (B, H) and (B, T). `ends` is added to the end mark's
    logit, so that the best text is neither the shortest nor the longest. `sharp`: how
    sure it is; where it is, a longer text costs little log p.
    """

    def __init__(self, V, T, seed, ends=0.0, H=4, sharp=2.0):
        generator = torch.Generator().manual_seed(seed)

        def draw(*shape):
            return torch.randn(shape, generator=generator, dtype=torch.float64)

        self.V, self.T, self.H, self.steps, self.sharp = V, T, H, 0, sharp
        self.E, self.W, self.U, self.A = draw(V, H), draw(H, H), draw(H, V), draw(H, T)
        self.ends = ends * torch.eye(V, dtype=torch.float64)[EOS]

    @property
    def first(self):
        return torch.zeros(1, self.H).double(), torch.zeros(1, self.T).double()

    def __call__(self, ids, state):
        self.steps += 1
        h = torch.tanh(self.E[ids] + state[0] @ self.W)
        return self.sharp * h @ self.U + self.ends, (h, (3 * h @ self.A).softmax(-1))


def looks(state):
    return state[-1]


def texts(V, T):
    """Every text: it ends with its first end mark, or has T tokens."""
    others = [v for v in range(V) if v != EOS]
    for n in range(T + 1):
        for ids in itertools.product(others, repeat=n):
            if n < T:
                yield (*ids, EOS)
            else:
                yield ids


def scored(model, ids, alpha, beta):
    """(log p, score) of one text, token by token."""
    state, before, total, seen = model.first, START, 0.0, torch.zeros(model.T).double()
    for token in ids:
        logits, state = model(torch.tensor([before]), state)
        total += logits[0].log_softmax(0)[token].item()
        seen += state[1][0]
        before = token
    cover = sum(math.log(min(x, 1)) for x in seen.tolist())
    return total, total / ((5 + len(ids)) / 6) ** alpha + beta * cover


@many
@given(st.integers(2, 3), st.integers(1, 4), st.integers(1, 3), seeds, alphas, betas,
       st.sampled_from([-2.0, 0.0, 2.0]))  # fmt: skip
def test_wide_enough_it_finds_the_best_of_all_texts(
    V, max_len, T, seed, alpha, beta, ends
):
    model = Looker(V, T, seed, ends)
    found = ranked_beam(
        model, model.first, START, width=V**max_len, max_len=max_len, eos=EOS,
        alpha=alpha, beta=beta, looks=looks,
    )  # fmt: skip
    best = max(texts(V, max_len), key=lambda ids: scored(model, ids, alpha, beta)[1])
    log_p, score = scored(model, best, alpha, beta)
    assert found[0].score == pytest.approx(score)
    same = scored(model, found[0].ids, alpha, beta)
    assert same == pytest.approx((found[0].log_p, score))
    assert found[0].ended == (found[0].ids[-1] == EOS)
    assert log_p <= 0


@many
@given(st.integers(2, 5), st.integers(1, 8), st.integers(1, 6), seeds, alphas, betas,
       st.sampled_from([-2.0, 0.0, 2.0]), st.sampled_from([2.0, 8.0]))  # fmt: skip
def test_stopping_early_never_loses_the_winner(
    V, max_len, width, seed, alpha, beta, ends, sharp
):
    model = Looker(V, 3, seed, ends, sharp=sharp)
    asked = {"width": width, "max_len": max_len, "eos": EOS, "looks": looks}
    asked |= {"alpha": alpha, "beta": beta}
    found, whole = (
        ranked_beam(model, model.first, START, stop=stop, **asked)
        for stop in ("bound", "never")
    )
    assert found[0] == whole[0]
    asked |= {"alpha": 0.0, "beta": 0.0, "stop": "never", "keep": 10**6}
    pool = ranked_beam(model, model.first, START, **asked)
    best = best_of(pool, alpha, beta)
    assert best.score == found[0].score
    assert best.score == score_of(best.log_p, len(best.ids), best.seen, alpha, beta)
    scores = [h.score for h in whole]
    assert scores == sorted(scores, reverse=True)
    assert len(whole) <= width


@many
@given(st.integers(2, 5), st.integers(1, 8), seeds, st.sampled_from([-1.0, 1.0]))
def test_width_one_without_penalties_is_greedy(V, max_len, seed, ends):
    model = Looker(V, 2, seed, ends)
    (best,) = ranked_beam(model, model.first, START, width=1, max_len=max_len, eos=EOS)
    want = greedy(model, model.first, torch.tensor([START]), max_len=max_len, eos=EOS)
    assert list(best.ids) == want[0].tolist()
    (other,) = beam_search(model, model.first, START, width=1, max_len=max_len, eos=EOS)
    assert best.log_p == pytest.approx(other.log_p)


def test_it_stops_as_soon_as_it_may():
    model = Looker(4, 2, 7, ends=4.0)
    asked = {"width": 3, "max_len": 30, "eos": EOS}
    steps = {}
    for stop in STOPS:
        model.steps = 0
        ranked_beam(model, model.first, START, stop=stop, **asked)
        steps[stop] = model.steps
    assert steps["first"] <= steps["bound"] < steps["never"] == 30


def told(*rows):
    """A model that says these probabilities, whatever it is fed; then the last ones."""
    table = torch.tensor(rows, dtype=torch.float64).log()

    def step(ids, state):
        t = min(int(state[0, 0]), len(table) - 1)
        return table[t].expand(len(ids), -1), state + 1

    return step, torch.zeros(1, 1)


def test_the_first_that_ends_need_not_win():
    step, state = told([0.48, 0.52], [0.99, 0.01], [0.01, 0.99])  # 1 is the end mark
    asked = {"width": 2, "max_len": 6, "eos": 1, "alpha": 1.0}
    first, bound = (
        ranked_beam(step, state, 0, stop=stop, **asked)[0]
        for stop in ("first", "bound")
    )
    assert first.ids == (1,)
    assert bound.ids == (0, 0, 1)
    assert bound.log_p < first.log_p  # less probable,
    assert bound.score > first.score  # and the better by what was asked for
    plain = ranked_beam(step, state, 0, **{**asked, "alpha": 0.0})[0]
    assert plain.ids == (1,)


def test_only_ends_among_the_best_are_put_aside():
    """After 0 and after 2 the end is likeliest, and that after 2 comes third of all."""
    step, state = told([0.6, 0.01, 0.39], [0.4, 0.55, 0.05])
    found = ranked_beam(step, state, 0, width=2, max_len=2, eos=1, keep=10)
    assert {h.ids for h in found} == {(0, 1), (0, 0), (2, 0)}


def test_coverage_prefers_the_text_that_looked_at_everything():
    """Two words to look at; to go on is to look at the second one too."""

    def step(ids, state):
        t = int(state[0][0, 0])
        seen = torch.tensor([[1.0, 0.0], [0.0, 1.0]])[min(t, 1)].expand(len(ids), -1)
        return torch.tensor([0.4, 0.6]).log().expand(len(ids), -1), (state[0] + 1, seen)

    state = torch.zeros(1, 1), torch.zeros(1, 2)
    asked = {"width": 3, "max_len": 4, "eos": 1, "looks": looks}
    assert ranked_beam(step, state, 0, **asked)[0].ids == (1,)
    best = ranked_beam(step, state, 0, beta=0.2, **asked)[0]
    assert best.ids == (0, 1)
    assert best.seen == (1, 1)


def test_the_penalties_are_eq_14():
    assert length_penalty(1, 0.7) == 1
    assert length_penalty(10, 0.2) == pytest.approx(1.20, abs=0.005)
    assert length_penalty(20, 0.2) == pytest.approx(1.33, abs=0.005)
    assert length_penalty(13, 0) == 1
    assert coverage_penalty([0.5, 2.0, 1.0], 0.2) == pytest.approx(0.2 * math.log(0.5))
    assert coverage_penalty([0.0], 0.0) == 0
    assert coverage_penalty([0.0], 1.0) == pytest.approx(math.log(1e-30))
    assert coverage_penalty(torch.tensor([0.5]), 1.0) == pytest.approx(math.log(0.5))


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"width": 0}, "width: got 0, want a whole number from 1 on"),
        ({"max_len": 2.5}, "max_len: got 2.5"),
        ({"alpha": -0.1}, "alpha: got -0.1, want a number from 0 on"),
        ({"beta": math.nan}, "beta: got nan, want a number from 0 on"),
        ({"alpha": "1"}, "alpha: got '1'"),
        ({"beta": 0.2}, r"looks: got None; coverage \(beta > 0\) wants the weights"),
        ({"keep": -1}, "keep: got -1, want a whole number from 1 on"),
        ({"stop": "soon"}, "stop: got 'soon', want one of 'bound', 'first', 'never'"),
    ],
)
def test_bad_input_is_refused_by_name(asked, words):
    step, state = told([0.5, 0.5])
    asked = {"width": 2, "max_len": 3, "eos": 1, **asked}
    with pytest.raises(ValueError, match=words):
        ranked_beam(step, state, 0, **asked)


def test_a_pool_with_nothing_in_it_has_no_best():
    with pytest.raises(ValueError, match="pool: got no hypotheses, want at least one"):
        best_of([])
