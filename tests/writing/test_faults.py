"""Words left out, said too often, never looked at."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.writing.faults import left_out, never_attended, said_too_often

ids = st.lists(st.integers(0, 4), max_size=8)


def test_known_faults():
    wanted = ["neun", "hundert", "zwei", "und", "zwanzig"]
    assert left_out(["neun", "hundert", "zwanzig"], wanted) == 2
    assert said_too_often(["neun", *wanted, "und"], wanted) == 2
    assert never_attended([1.2, 0.05, 0.4]) == pytest.approx(1 / 3)
    assert never_attended([0.4], least=0.5) == 1


@given(ids, ids)
def test_they_add_up_to_the_difference_of_lengths(said, wanted):
    less, more = left_out(said, wanted), said_too_often(said, wanted)
    assert len(said) - len(wanted) == more - less
    assert (less, more) == (said_too_often(wanted, said), left_out(wanted, said))
    assert (less + more == 0) == (sorted(said) == sorted(wanted))


def test_a_sentence_without_words_is_refused():
    with pytest.raises(ValueError, match="seen: got no words"):
        never_attended([])
