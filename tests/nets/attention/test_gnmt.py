"""GNMT in miniature: its pieces, two ways through the decoder, the longest chain."""

import itertools

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.data.batching import Coder
from helpers.nets.attention.gnmt import GNMT, StackEncoder, longest_chain
from helpers.nets.attention.maps import forced_map, free_map, of_one
from helpers.nets.seq2seq import write
from helpers.nets.small import shift_right, token_loss
from helpers.writing.forcing import feed
from helpers.writing.ranked import ranked_beam

V, W = 9, 8
some = settings(max_examples=40, deadline=None)
sizes = st.integers(1, 4)
seeds = st.integers(0, 999)
pieces = st.fixed_dictionaries(
    {
        "depth": st.integers(1, 4),
        "both_ways": st.booleans(),
        "residual_from": st.sampled_from([None, 2, 3]),
        "context_to": st.sampled_from(["all", "bottom"]),
    }
)


def model_of(seed=0, H=6, **switches):
    torch.manual_seed(seed)
    model = GNMT(V, W, H, 4, **switches).eval()
    torch.nn.init.normal_(model.look.v)
    return model


def batch_of(B, T, S, seed=0):
    g = torch.Generator().manual_seed(seed)
    n = torch.randint(1, T + 1, (B,), generator=g)
    source = torch.randint(3, V, (B, T), generator=g)
    targets = torch.randint(3, W, (B, S), generator=g)
    source[torch.arange(T) >= n[:, None]] = 0
    return source, n, targets, torch.full((B,), S)


@some
@given(sizes, sizes, sizes, seeds, pieces)
def test_all_steps_at_once_are_the_steps_one_by_one(B, T, S, seed, kinds):
    model, (source, n, targets, _) = model_of(seed, **kinds), batch_of(B, T, S, seed)
    fed = shift_right(targets, Coder.BOS)
    forced = torch.ones_like(fed, dtype=torch.bool)
    by_steps = feed(model.step, model.encode(source, n), fed, forced)
    torch.testing.assert_close(model(source, n, targets), by_steps)


@some
@given(sizes, sizes, sizes, seeds, pieces)
def test_padding_and_neighbours_do_not_matter(B, T, S, seed, kinds):
    model, (source, n, targets, _) = model_of(seed, **kinds), batch_of(B, T, S, seed)
    wide = torch.nn.functional.pad(source, (0, 3), value=5)
    logits = model(source, n, targets)
    torch.testing.assert_close(model(wide, n, targets), logits)
    alone = [
        model(s[None, :k], k[None], t[None])
        for s, k, t in zip(source, n, targets, strict=True)
    ]
    torch.testing.assert_close(torch.cat(alone), logits)


@some
@given(sizes, seeds, pieces)
def test_maps_and_searches_know_it_by_its_step(T, seed, kinds):
    model = model_of(seed, **kinds)
    source, n, _, _ = batch_of(1, T, 2, seed)
    source = source[:, : n[0]]
    ids, weights = free_map(model, source, n, 5)
    assert torch.equal(ids, write(model, source, n, 5))
    torch.testing.assert_close(weights, forced_map(model, source, n, ids))
    step, state = of_one(model, source[0].tolist())
    (best,) = ranked_beam(
        step, state, Coder.BOS, width=1, max_len=5, eos=Coder.EOS,
        looks=lambda state: state[-1],
    )  # fmt: skip
    assert list(best.ids) == ids[0].tolist()
    assert best.seen == pytest.approx(weights[0].sum(0).tolist(), abs=1e-5)


def test_who_reads_what_by_direction():
    """One way, a state knows nothing of what comes after it."""
    source, n, _, _ = batch_of(2, 6, 2)
    n = torch.tensor([6, 6])
    other = source.clone()
    other[:, 3] = 3 + (source[:, 3] - 2) % 6
    for both_ways, depth in itertools.product((True, False), (1, 3)):
        torch.manual_seed(0)
        encoder = StackEncoder(V, 6, 4, depth, both_ways, 3)
        change = (encoder(source, n)[0] - encoder(other, n)[0]).abs().amax((0, 2))
        moved = (change > 1e-7).tolist()
        assert moved == [both_ways or t >= 3 for t in range(6)]


def test_a_residual_adds_the_input():
    """With its weights at 0 an LSTM says 0: a residual layer then changes nothing."""
    source, n, _, _ = batch_of(2, 5, 2)
    for start, want in ((2, True), (3, False), (None, False)):
        torch.manual_seed(0)
        encoder = StackEncoder(V, 6, 4, 3, True, start)
        torch.manual_seed(0)
        bottom = StackEncoder(V, 6, 4, 1, True, None)
        bottom.load_state_dict(encoder.state_dict(), strict=False)
        for p in encoder.upper.parameters():
            torch.nn.init.zeros_(p)
        same = torch.allclose(encoder(source, n)[0], bottom(source, n)[0])
        assert same == want


def test_what_is_found_goes_where_it_should():
    source, n, targets, m = batch_of(3, 4, 3)
    for context_to, wide in (("all", 12), ("bottom", 6)):
        model = model_of(depth=3, context_to=context_to)
        assert [lstm.input_size for lstm in model.upper.layers] == [wide] * 2
        token_loss(model(source, n, targets), targets, m).backward()
        assert all(p.grad.abs().sum() > 0 for p in model.parameters())


# --- the longest chain ----------------------------------------------------------------


def counted(T, S, depth, both_ways, asks):
    """The longest path through the graph, cell by cell."""
    done = {}

    def cell(key, *waits):
        done[key] = 1 + max(done.get(wait, 0) for wait in [*waits, None])

    for layer in range(depth):
        for t in range(T):
            cell(
                (layer, t, "f"), (layer, t - 1, "f"), *[(layer - 1, t, d) for d in "fb"]
            )
        for t in reversed(range(T if layer < both_ways else 0)):
            cell(
                (layer, t, "b"), (layer, t + 1, "b"), *[(layer - 1, t, d) for d in "fb"]
            )
    top = [(depth - 1, t, d) for t in range(T) for d in "fb"]
    for t in range(S):
        asker = ("d", 0 if asks == "bottom" else depth - 1, t - 1)
        for layer in range(depth):
            waits = [("d", layer, t - 1), ("d", layer - 1, t)]
            cell(("d", layer, t), *waits, asker, *top)
    return max(done.values())


@given(*[st.integers(1, 5)] * 3, st.integers(0, 5), st.sampled_from(["bottom", "top"]))
@settings(max_examples=200, deadline=None)
def test_the_longest_chain_is_that_of_the_graph(T, S, depth, both_ways, asks):
    both_ways = min(both_ways, depth)
    got = longest_chain(T, S, depth, both_ways=both_ways, asks=asks)
    assert got == counted(T, S, depth, both_ways, asks)


def test_the_longest_chain_of_gnmt():
    assert longest_chain(20, 20, 8) == 20 + (20 + 6) + (20 + 7)
    assert longest_chain(20, 20, 8, both_ways=8) == 8 * 20 + (20 + 7)
    assert longest_chain(20, 20, 8, asks="top") == 20 + (20 + 6) + 8 * 20


def test_a_layer_may_be_a_numpys_number():
    assert GNMT(V, W, residual_from=np.int64(2)).upper.adds == [True, True]


@pytest.mark.parametrize(
    ("use", "words"),
    [
        (lambda: GNMT(V, W, depth=0), "depth: got 0, want a whole number from 1 on"),
        (lambda: GNMT(V, W, H=7), "H: got 7, want an even number"),
        (lambda: GNMT(V, W, residual_from=1), "residual_from: got 1, want a layer"),
        (lambda: GNMT(V, W, residual_from=2.0), "residual_from: got 2.0, want a layer"),
        (lambda: GNMT(V, W)(*batch_of(2, 3, 0)[:3]), r"targets: got shape \(2, 0\)"),
        (lambda: GNMT(V, W, context_to="top"), "context_to: got 'top', want 'all'"),
        (lambda: longest_chain(0, 3, 2), "T: got 0, want a whole number"),
        (lambda: longest_chain(3, 3, 2, both_ways=3), "both_ways: got 3, want 0 … 2"),
        (lambda: longest_chain(3, 3, 2, asks="middle"), "asks: got 'middle', want"),
    ],
)
def test_bad_input_is_refused_by_name(use, words):
    with pytest.raises(ValueError, match=words):
        use()
