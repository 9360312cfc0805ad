"""Numbers by how many groups of three digits they have."""

import numpy as np
import pytest

from helpers.data import numbers


@pytest.mark.parametrize("groups", [1, 2, 3, 4])
def test_they_are_different_and_have_so_many_groups(groups):
    drawn = numbers.by_groups(np.random.default_rng(0), 400, groups)
    assert len(set(drawn.tolist())) == 400
    for n in drawn:
        text = f"{n:012d}"
        parts = [text[i : i + 3] for i in range(0, 12, 3)]
        assert sum(part != "000" for part in parts) == groups
    filled = {tuple(f"{n:012d}"[i : i + 3] != "000" for i in (0, 3, 6)) for n in drawn}
    assert len(filled) == {1: 4, 2: 6, 3: 4, 4: 1}[groups]


@pytest.mark.parametrize(
    ("count", "groups", "words"),
    [(5, 0, "groups is 0"), (0, 1, "count is 0"), (4000, 1, "there are 3996 such")],
)
def test_what_cannot_be_drawn_is_refused(count, groups, words):
    with pytest.raises(ValueError, match=words):
        numbers.by_groups(np.random.default_rng(0), count, groups)
