"""Parity and recall: what is asked has one right answer, and it is that one."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.data.after.stretch import (
    KEYS,
    QUESTIONS,
    VALUES,
    pairs_in,
    parity,
    recall_pairs,
)


def drawn(seed=0):
    return torch.Generator().manual_seed(seed)


@given(st.integers(1, 4), st.integers(1, 40), st.integers(0, 99))
def test_parity_says_if_the_ones_so_far_are_odd(B, T, seed):
    x, y = parity(B, T, drawn(seed))
    assert x.shape == (B, T, 2)
    assert (x.sum(2) == 1).all()
    for bits, odd in zip(x.argmax(2).tolist(), y.tolist(), strict=True):
        assert odd == [sum(bits[: t + 1]) % 2 for t in range(T)]


@settings(deadline=None)
@given(st.integers(1, 3), st.integers(1, 30), st.integers(0, 99))
def test_each_question_is_answered_by_its_pair(B, T, seed):
    x, y = recall_pairs(B, T, drawn(seed))
    assert x.shape == (B, T + QUESTIONS, KEYS + VALUES + 1)
    for rows, answers in zip(x, y.tolist(), strict=True):
        told, asked = rows[:T], rows[T:]
        known = {}
        for row in told:
            key, value = row[:KEYS], row[KEYS:-1]
            assert key.sum() == value.sum() == 1 - row[-1]
            if key.any():
                assert key.argmax().item() not in known
                known[key.argmax().item()] = value.argmax().item()
        assert 1 <= len(known) <= min(T, 4)
        assert (asked[:, :KEYS].sum(1) == 1).all()
        assert not asked[:, KEYS:].any()
        assert answers == [known[key] for key in asked[:, :KEYS].argmax(1).tolist()]


def test_as_many_pairs_as_asked_for():
    for N in (1, 5, KEYS):
        x, _ = recall_pairs(3, 20, drawn(), N)
        assert (x[:, :20, :KEYS].sum((1, 2)) == N).all()
    assert pairs_in(*torch.zeros(4, 1, 1, dtype=torch.long), 1).shape == (1, 2, 13)


def test_bad_input_is_refused():
    with pytest.raises(ValueError, match="N: got 9 pairs, want at most 8"):
        recall_pairs(1, 20, drawn(), 9)
    with pytest.raises(ValueError, match="N: got 4 pairs, want at most 3"):
        recall_pairs(1, 3, drawn(), 4)
    with pytest.raises(ValueError, match="T: got 0"):
        parity(1, 0, drawn())
    ids = torch.zeros(1, 1, dtype=torch.long)
    with pytest.raises(ValueError, match="at: got 5"):
        pairs_in(ids, ids, ids + 5, ids, 3)
