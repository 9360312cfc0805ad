"""Witnesses against finite differences, SciPy and cases whose answer is known."""

import itertools
import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.nets.attention.decoder import AttentionSeq2Seq
from helpers.nets.attention.maps import forced_map, free_map
from helpers.nets.attention.witnesses import (
    Judge,
    agreement,
    bent_logits,
    gradient_map,
    kendall_tau,
    left_out_map,
    shuffler,
    total_variation,
)

V, W = 9, 8
some = settings(max_examples=30, deadline=None)
seeds = st.integers(0, 999)


def models(seed=0):
    torch.manual_seed(seed)
    found = [AttentionSeq2Seq(V, W, 6, 4), Judge(V, W, 6, 4)]
    for model in found:
        torch.nn.init.normal_(model.look.v)
        model.double()
    return found


def batch_of(B, T, S, seed=0):
    g = torch.Generator().manual_seed(seed)
    n = torch.randint(1, T + 1, (B,), generator=g)
    source = torch.randint(3, V, (B, T), generator=g)
    source[torch.arange(T) >= n[:, None]] = 0
    return source, n, torch.randint(3, W, (B, S), generator=g)


def steps_of(model, S):
    return 1 if isinstance(model, Judge) else S


# --- Kendall's τ ----------------------------------------------------------------------


@given(
    st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=2, max_size=9)
)
@settings(max_examples=200, deadline=None)
def test_tau_counts_pairs_that_rank_alike_and_against(pairs):
    a, b = map(list, zip(*pairs, strict=True))
    twos = list(itertools.combinations(pairs, 2))
    rises = [((c > a) - (c < a), (d > b) - (d < b)) for (a, b), (c, d) in twos]
    alike = sum(one * other for one, other in rises)
    sizes = [sum(rise[side] != 0 for rise in rises) for side in (0, 1)]
    want = alike / math.sqrt(math.prod(sizes)) if all(sizes) else math.nan
    assert kendall_tau(a, b) == pytest.approx(want, nan_ok=True)


def test_tau_of_known_rankings():
    assert kendall_tau([1, 2, 3], [10, 20, 30]) == 1
    assert kendall_tau([1, 2, 3], [3, 2, 1]) == -1
    assert math.isnan(kendall_tau([1, 1], [1, 2]))
    weights = torch.tensor(
        [[[0.2, 0.8, 0.0], [0.5, 0.5, 0.0]], [[1.0, 0, 0], [1, 0, 0]]]
    )
    others = torch.tensor([[[1.0, 2, 9], [1, 2, 9]], [[3.0, 0, 0], [3, 0, 0]]])
    taus = agreement(weights, others, torch.tensor([2, 1]), torch.tensor([2, 2]))
    assert taus == [1]  # a tie, and a text of one word, are left out


# --- gradient, leaving out ------------------------------------------------------------


@some
@given(st.integers(1, 3), st.integers(1, 4), seeds)
def test_gradients_are_differences(B, T, seed):
    for model in models(seed):
        source, n, targets = batch_of(B, T, steps_of(model, 3), seed)
        slopes = gradient_map(model, source, n, targets)
        table = model.encoder.source.weight
        old = table.detach().clone()
        b, t = seed % B, 0

        def log_p(size, b=b, t=t, model=model, old=old, source=source, n=n, to=targets):
            """log p of a text whose word t is `size` times as long a vector."""
            alone = source[b : b + 1].clone()
            longer = torch.cat([old, size * old[alone[0, t]][None]])
            alone[0, t] = len(old)
            wide = torch.nn.Embedding.from_pretrained(longer)
            narrow, model.encoder.source = model.encoder.source, wide
            found = model(alone, n[b : b + 1], to[b : b + 1]).log_softmax(-1)
            model.encoder.source = narrow
            return found[0].gather(1, to[b][:, None])[:, 0].detach()

        rise = (log_p(1 + 1e-5) - log_p(1 - 1e-5)) / 2e-5
        torch.testing.assert_close(slopes[b, :, t], rise.abs(), atol=1e-6, rtol=1e-4)
        assert (slopes.transpose(1, 2)[torch.arange(T) >= n[:, None]] == 0).all()


@some
@given(st.integers(1, 4), st.integers(1, 5), seeds)
def test_left_out_is_a_text_without_the_word(B, T, seed):
    for model in models(seed):
        source, n, targets = batch_of(B, T, steps_of(model, 3), seed)
        moved = left_out_map(model, source, n, targets)
        for b in range(B):
            words = source[b, : n[b]].tolist()
            if len(words) < 2:
                assert (moved[b] == 0).all()
                continue
            whole = model(torch.tensor([words]), n[b : b + 1], targets[b : b + 1])
            for t in range(len(words)):
                less = torch.tensor([words[:t] + words[t + 1 :]])
                other = model(less, n[b : b + 1] - 1, targets[b : b + 1])
                p, q = whole[0].softmax(-1), other[0].softmax(-1)
                far = total_variation(p, q).detach()
                torch.testing.assert_close(
                    moved[b, :, t].double(), far, atol=1e-6, rtol=1e-4
                )


# --- bending --------------------------------------------------------------------------


@some
@given(st.integers(1, 4), st.integers(1, 6), seeds)
def test_shuffling_keeps_each_rows_weights_and_its_padding(B, T, seed):
    g = torch.Generator().manual_seed(seed)
    source, n, _ = batch_of(B, T, 2, seed)
    real = torch.arange(T) < n[:, None]
    weights = torch.rand(B, T, generator=g) * real
    bent = shuffler(source, n, g)(weights)
    assert (bent[~real] == 0).all()
    torch.testing.assert_close(bent.sort(1).values, weights.sort(1).values)


def test_bent_as_they_were_nothing_changes_and_one_way_up_everything_may():
    only = torch.eye(6).double()[0].expand(5, 6)
    for model in models():
        source, n, targets = batch_of(5, 6, steps_of(model, 4))
        same = bent_logits(model, source, n, targets, lambda weights: weights)
        torch.testing.assert_close(same, model(source, n, targets))
        first = bent_logits(model, source, n, targets, lambda _: only)
        assert not torch.allclose(first, same)
        state = model.encode(source, n)
        _, looked = model.step(targets[:, 0], state, lambda _: only)
        torch.testing.assert_close(looked.context, state.memory.values[:, 0])


def test_bent_weights_are_those_of_the_map():
    model, _ = models()
    source, n, _ = batch_of(3, 5, 2)
    even = torch.full((3, 5), 0.2).double()
    ids, weights = free_map(model, source, n, 4, bend=lambda _: even)
    torch.testing.assert_close(weights, even[:, None].expand_as(weights))
    other, _ = free_map(model, source, n, 4)
    assert ids.shape[1] <= 4
    assert other.shape[1] <= 4


def test_a_judge_reads_the_text_and_looks_once():
    _, judge = models()
    source, n, targets = batch_of(4, 5, 1)
    assert judge(source, n).shape == (4, 1, W)
    weights = forced_map(judge, source, n, targets)
    assert weights.shape == (4, 1, 5)
    wide = torch.nn.functional.pad(source, (0, 2), value=4)
    torch.testing.assert_close(judge(wide, n), judge(source, n))
    judge(source, n).sum().backward()
    idle = judge.look.W_q.weight  # at first it has nothing to project: q is 0
    moved = [p.grad.abs().sum() > 0 for p in judge.parameters() if p is not idle]
    assert all(moved)


def test_total_variation_is_between_0_and_1():
    p, q = torch.tensor([[1.0, 0], [0.5, 0.5]]), torch.tensor([[0.0, 1], [0.5, 0.5]])
    assert total_variation(p, q).tolist() == [1, 0]


@pytest.mark.parametrize(
    ("use", "words"),
    [
        (lambda m, x, n: gradient_map(m, x[0], n, x), "source: got shape"),
        (lambda m, x, n: left_out_map(m, x, n + 9, x), "lengths: got"),
        (lambda m, x, n: bent_logits(m, x, n, x[0], None), "targets: got shape"),
        (lambda m, x, n: kendall_tau([1, 2], [1, 2, 3]), "b: got shape"),
        (lambda m, x, n: agreement(x, x, n, n), "weights: got shape"),
        (lambda m, x, n: Judge(V, 0), "classes: got 0"),
        (lambda m, x, n: Judge(V, H=5), "H: got 5, want an even number"),
    ],
)
def test_bad_input_is_refused_by_name(use, words):
    source, n, _ = batch_of(2, 3, 2)
    with pytest.raises(ValueError, match=words):
        use(models()[0], source, n)
