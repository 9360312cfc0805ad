"""CTC's searches against all texts and all paths of tiny cases."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.writing.ctc import collapse, ctc, fewest_frames
from helpers.writing.ctc_search import best_path, grow, prefix_beam, score, viterbi
from helpers.writing.edits import Edits, edits

SEEDS = st.integers(0, 2**32 - 1)


def frames(seed, T, K):
    logits = 1.5 * np.random.default_rng(seed).standard_normal((T, K))
    return logits - np.logaddexp.reduce(logits, axis=-1, keepdims=True)


def log_p(log_y, ids):
    return -ctc(log_y[None], np.array([ids], int).reshape(1, -1))[0][0]


def all_texts(T, K):
    for U in range(T + 1):
        for ids in itertools.product(range(1, K), repeat=U):
            if fewest_frames(ids) <= T:
                yield list(ids)


@settings(max_examples=60, deadline=None)
@given(seed=SEEDS, T=st.integers(1, 5), K=st.integers(2, 3), weight=st.floats(0, 2))
def test_a_wide_beam_finds_every_text_with_its_score(seed, T, K, weight):
    log_y = frames(seed, T, K)

    def prior(prefix, k):
        return weight * (0.3 * k - len(prefix) / 4 + (prefix[-1:] == (k,)))

    for given_prior in (None, prior):
        found = prefix_beam(log_y, 10_000, given_prior)
        want = [(ids, log_p(log_y, ids)) for ids in all_texts(T, K)]
        want = {tuple(i): p + score(i, given_prior) for i, p in want}
        assert {tuple(ids) for ids, _ in found} == set(want)
        for ids, value in found:
            assert value == pytest.approx(want[tuple(ids)], abs=1e-10)
        values = [value for _, value in found]
        assert values == sorted(values, reverse=True)


@settings(max_examples=40, deadline=None)
@given(seed=SEEDS, width=st.integers(1, 4))
def test_a_narrow_beam_never_says_more_than_the_exact_score(seed, width):
    log_y = frames(seed, 8, 4)
    found = prefix_beam(log_y, width)
    assert len(found) <= width
    for ids, value in found:
        assert value <= log_p(log_y, ids) + 1e-10


@settings(max_examples=60, deadline=None)
@given(seed=SEEDS, T=st.integers(1, 5), target=st.lists(st.integers(1, 2), max_size=3))
def test_viterbi_is_the_best_of_all_paths_that_write_the_target(seed, T, target):
    log_y = frames(seed, T, 3)
    paths = itertools.product(range(3), repeat=T)
    fit = [p for p in paths if collapse(p) == target]
    if not fit:
        with pytest.raises(ValueError, match=r"target: needs \d frames or more"):
            viterbi(log_y, target)
        return
    values = [log_y[np.arange(T), list(p)].sum() for p in fit]
    path, value = viterbi(log_y, target)
    assert value == pytest.approx(max(values), abs=1e-12)
    assert collapse(path) == target
    assert log_y[np.arange(T), path].sum() == pytest.approx(value)


def test_the_best_path_need_not_write_the_best_text():
    log_y = np.log([[0.6, 0.4], [0.6, 0.4]])
    ids, value = best_path(log_y)
    assert (ids, round(np.exp(value), 2)) == ([], 0.36)
    best, value = prefix_beam(log_y)[0]
    assert (best, round(np.exp(value), 2)) == ([1], 0.64)


def test_one_frame_keeps_two_numbers_for_each_prefix():
    one = grow({(): (0.0, -np.inf)}, np.log([0.5, 0.3, 0.2]))
    assert {p: tuple(np.exp(v).round(2)) for p, v in one.items()} == {
        (): (0.5, 0.0),
        (1,): (0.0, 0.3),
        (2,): (0.0, 0.2),
    }
    two = grow({(1,): one[1,]}, np.log([0.5, 0.3, 0.2]))
    assert (1, 1) not in {p for p, v in two.items() if max(v) > -np.inf}


def test_edits_are_the_fewest_and_told_apart():
    assert edits("abc", "abc") == Edits(0, 0, 0)
    assert edits("axc", "abc") == Edits(1, 0, 0)
    assert edits("abcd", "abc") == Edits(0, 1, 0)
    assert edits("", "abc") == Edits(0, 0, 3)
    assert edits("ba", "ab") == Edits(2, 0, 0)


@settings(max_examples=60, deadline=None)
@given(a=st.text("ab", max_size=6), b=st.text("ab", max_size=6))
def test_edits_turned_round_swap_what_was_put_in_and_left_out(a, b):
    there, back = edits(a, b), edits(b, a)
    assert sum(there) == sum(back)
    assert there.insertions - there.deletions == len(a) - len(b)
    assert (sum(there) == 0) == (a == b)


@pytest.mark.parametrize(
    ("ask", "words"),
    [
        (lambda: best_path(np.zeros(3)), "log_y: got shape"),
        (lambda: prefix_beam(np.zeros((2, 3)), 0), "width: got 0"),
        (
            lambda: viterbi(np.zeros((2, 3)), [1.7]),
            "target: got float64, want integers",
        ),
        (lambda: viterbi(np.zeros((2, 3)), [3]), "target: got 3 … 3, want 0 … 2"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(ask, words):
    with pytest.raises(ValueError, match=words):
        ask()
