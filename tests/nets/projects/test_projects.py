"""The nets of lesson 13: what they look at, what they point at, who writes names."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from helpers.data.projects.scenes import WORDS
from helpers.nets.projects.captioner import (
    Captioner,
    caption_loss,
    exact,
    write_captions,
)
from helpers.nets.projects.name_rubric import (
    CRITERIA,
    counts_writer,
    orders,
    real_names,
    rubric,
)
from helpers.nets.projects.reading import (
    Pointer,
    Verdict,
    best_spans,
    pointer_loss,
    reads_pads,
)
from helpers.nets.projects.seeing import Eye, FilmReader, Glimpser, patch
from helpers.nets.projects.taught import taught


@pytest.fixture(autouse=True)
def _seed():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        yield


def test_a_captioner_without_looks_sees_the_picture_once():
    x, ids = torch.rand(3, 16, 16), torch.randint(3, 17, (3, 7))
    for looks in (True, False):
        model = Captioner(len(WORDS), looks=looks)
        seen, keys, state = model.see(x)
        ids_0 = torch.full((3,), WORDS.BOS)
        y, _, weights = model.step(ids_0, state, seen, keys)
        other, *_ = model.step(ids_0, state, seen + 1, keys)
        assert torch.equal(y, other) != looks
        assert torch.allclose(weights.sum(1), torch.ones(3))
        assert torch.allclose(model(x, ids)[:, 0], y)
        with pytest.raises(ValueError, match="ids: got shape"):
            model(x, ids[:, :0])
        assert caption_loss(model, x, ids).item() == pytest.approx(2.9, abs=0.5)


def test_writing_feeds_back_what_was_written():
    model = Captioner(len(WORDS))
    x = torch.rand(5, 16, 16)
    ids, weights = write_captions(model, x)
    assert ids.shape == (5, 7)
    assert weights.shape == (5, 7, 4)
    for row, logits in zip(ids, model(x, ids), strict=True):
        ended = WORDS.EOS in row.tolist()
        n = row.tolist().index(WORDS.EOS) + 1 if ended else 7
        assert torch.equal(logits[:n].argmax(1), row[:n])
        assert (row[n:] == WORDS.PAD).all()
    assert exact(ids, ids) == 1
    assert exact(ids, ids + 1) == 0


def test_a_glimpse_at_whole_pixels_is_a_cut():
    x = torch.rand(4, 12, 12)
    corner = torch.tensor([[0, 0], [3, 2], [7, 7], [5, 0]])
    centre = 2 * (corner + 2.0) / 11 - 1
    for seen, image, (r, c) in zip(patch(x, centre), x, corner.tolist(), strict=True):
        torch.testing.assert_close(seen, image[r : r + 5, c : c + 5])
    half = 2 * (torch.tensor([[2.5, 3.0]]) + 2) / 11 - 1
    (seen,) = patch(x[:1], half)
    torch.testing.assert_close(seen, (x[0, 2:7, 3:8] + x[0, 3:8, 3:8]) / 2)


def test_only_chosen_glimpses_have_a_gradient():
    x = torch.rand(3, 20, 20)
    for where in ("learned", "random", "central"):
        model = Glimpser(where)
        model(x).sum().backward()
        grad = model.centre.weight.grad
        assert (grad is not None and bool(grad.abs().sum() > 0)) == (where == "learned")
        _, centres = model.look(x)
        assert centres.shape == (3, 4, 2)
        assert centres.abs().max() <= 1
    with pytest.raises(ValueError, match="where: got 'best'"):
        Glimpser("best")


def test_a_film_reader_reads_in_order():
    model = FilmReader(Eye())
    films = torch.rand(2, 5, 8, 8)
    assert not torch.allclose(model(films), model(films.flip(1)), atol=1e-4)
    with pytest.raises(ValueError, match="films: got shape"):
        model(films[:, 0])


def test_verdicts_and_pads():
    ids = torch.tensor([[3, 4, 5], [6, 7, 0], [8, 0, 0]])
    assert not reads_pads(Verdict(10), ids)
    assert reads_pads(Verdict(10, masked=False), ids)


@settings(max_examples=30)
@given(st.integers(1, 7), st.integers(0, 10**6))
def test_the_best_span_is_the_best_of_all(T, seed):
    scores = torch.from_numpy(np.random.default_rng(seed).normal(size=(2, T, 2)))
    spans, p = best_spans(scores)
    chances = scores.softmax(1)
    for row, (s, e), best in zip(chances, spans.tolist(), p, strict=True):
        every = {(a, b): row[a, 0] * row[b, 1] for a in range(T) for b in range(a, T)}
        assert torch.isclose(best, max(every.values()))
        assert torch.isclose(every[s, e], best)


def test_a_pointer_never_points_at_padding_and_uses_the_mark():
    ids = torch.tensor([[3, 4, 5, 6], [6, 7, 0, 0]])
    question = torch.tensor([[3, 4], [5, 0]])
    mark = torch.tensor([[1.0, 0, 0, 0], [0, 1, 0, 0]])
    for match in (True, False):
        model = Pointer(9, match=match)
        scores = model(ids, mark, question)
        assert (scores[1, 2:] == -torch.inf).all()
        assert torch.equal(scores, model(ids, 1 - mark, question)) != match
        spans = torch.tensor([[0, 1], [1, 1]])
        log_p = scores.log_softmax(1)
        want = log_p[0, 0, 0] + log_p[0, 1, 1] + log_p[1, 1, 0] + log_p[1, 1, 1]
        loss = pointer_loss(model, ids, mark, question, spans)
        torch.testing.assert_close(loss, -want / 2)
        wider = torch.cat([ids, torch.zeros(2, 3, dtype=torch.long)], 1)
        more = model(wider, torch.cat([mark, torch.zeros(2, 3)], 1), question)
        torch.testing.assert_close(more[:, :4], scores)


def test_one_seed_is_one_model():
    x = torch.rand(50, 4)
    y = (x.sum(1) > 2).long()

    def loss(model, x, y):
        return nn.functional.cross_entropy(model(x), y)

    def weights(seed):
        model = taught(lambda: nn.Linear(4, 2), loss, (x, y), steps=3, seed=seed, B=8)
        assert not model.training
        return model.weight

    before = torch.random.get_rng_state()
    assert torch.equal(weights(1), weights(1))
    assert not torch.equal(weights(1), weights(2))
    assert torch.equal(before, torch.random.get_rng_state())


def test_the_rubric_counts_what_it_says():
    lesson, exam = real_names()
    assert not {n for n, _ in lesson} & {n for n, _ in exam}
    assert sum(k for *_, k in orders(100)) == 100
    write = counts_writer(lesson, np.random.default_rng(0), longest=2)
    scores = rubric(write)
    assert list(scores) == list(CRITERIA)
    assert all(scores[name] >= least for name, least in CRITERIA.items())

    def real(country, first, n):
        return [x for x, c in exam[:300] if c == country and x[0] == first][:n]

    def longer(country, first, n):
        return [f"{name[0]}x{name[1:]}" for name in write(country, first, n)]

    found = rubric(real)
    assert found["new"] == rubric(lambda *order: [x + "a" for x in real(*order)])["new"]
    assert found["new"] == 0
    assert rubric(longer)["new"] > 0.9
    assert found["first letter"] == found["different"] == 1
    with pytest.raises(ValueError, match=r"write: \d+ names wanted"):
        rubric(lambda country, first, n: [])
