"""explore_query without a browser: its sums, the fallback, what it refuses."""

import base64
import io

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from helpers.explore.attention.query import FILLS, KINDS, explore_query, looked_up
from helpers.nets.attention import scores

NEAR = st.floats(-3, 3, width=32)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(NEAR, NEAR, st.booleans()), min_size=1, max_size=6),
    st.tuples(NEAR, NEAR),
    st.sampled_from(KINDS),
)
def test_it_computes_the_lessons_attention(rows, query, kind):
    keys = torch.tensor([row[:2] for row in rows], dtype=torch.float64)
    real = torch.tensor([row[2] for row in rows])
    q = torch.tensor(query, dtype=torch.float64)
    if kind == "additive":
        e = scores.additive_scores(q, keys, torch.ones(2, dtype=torch.float64))
    elif kind == "dot":
        e = scores.dot_scores(q, keys)
    else:
        e = scores.scaled_dot_scores(q, keys)
    context, weights = scores.attend(e, keys, real)
    got = looked_up(query, keys.numpy(), kind=kind, real=real.numpy())
    np.testing.assert_allclose(got[0], weights, atol=1e-12)
    np.testing.assert_allclose(got[1], context, atol=1e-12)
    np.testing.assert_allclose(got[2], scores.entropy(weights), atol=1e-9)


def test_a_row_without_a_real_key_is_nan_or_even():
    keys, none = np.eye(2), [False, False]
    assert np.isnan(looked_up([1, 0], keys, real=none)[0]).all()
    even = looked_up([1, 0], keys, real=none, filled=FILLS[1])
    assert even[0].tolist() == [0.5, 0.5]
    assert even[2] == pytest.approx(np.log(2))


def test_scale_0_looks_at_all_alike_and_a_large_one_at_one():
    keys = explore_query().points
    assert np.ptp(looked_up([1, 1], keys, scale=0)[0]) == 0
    assert looked_up([1, 1], keys, scale=10)[0].max() > 0.95


def test_a_reader_without_a_kernel_sees_a_picture():
    explorer = explore_query()
    explorer.real = [False] * 5
    for _ in range(2):
        data, metadata = explorer._repr_mimebundle_()
        picture = Image.open(io.BytesIO(base64.b64decode(data["image/png"])))
        assert picture.size[0] > 300
        assert "five keys" in metadata["image/png"]["alt"]
        explorer.kind, explorer.real = "additive", [True] * 5


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"kind": "cosine"}, "kind: got 'cosine', want one of dot"),
        ({"filled": "0"}, "filled: got '0', want one of"),
        ({"query": [1, 2, 3]}, "query: got shape"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(asked, says):
    with pytest.raises(ValueError, match=says):
        looked_up(**{"query": [1, 0], "keys": np.eye(2)} | asked)
