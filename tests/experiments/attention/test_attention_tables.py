"""The tables of lesson 09: how they are made."""

import numpy as np
import pytest
import torch

from helpers.data import numbers, reviews
from helpers.data.batching import Coder
from helpers.experiments import seq2seq as seq2seq_tables
from helpers.experiments.attention import explained, looking, miniature
from helpers.experiments.seq2seq import task_named
from helpers.nets.attention.gnmt import GNMT

FAULTS = {"errors", "length_ratio", "left_out", "too_often"}


@pytest.fixture
def few(monkeypatch):
    """The task of 12 digits with 56 held-out numbers; nothing is remembered."""
    monkeypatch.setenv("UNROLLED_CACHE", "off")
    monkeypatch.setattr(seq2seq_tables, "A_LENGTH", (40, 5))
    task_named.cache_clear()
    yield
    task_named.cache_clear()


def test_rows_say_who_asks_and_what_was_hit(few):
    asked = {"seeds": 1, "steps": 2, "every": 2, "H": 8, "progress": False}
    rows = looking.looking_rows([("before", "zeros"), ("after", "encoder")], **asked)
    assert [(r["asks"], r["start"], r["seed"]) for r in rows] == [
        ("before", "zeros", 0),
        ("after", "encoder", 0),
    ]
    for row in rows:
        assert list(row["hit"]) == ["before", "own", "next"]
        assert len(row["held_out"]) == len(row["known"]) == 10
        assert 0 <= row["hit_crossed"]["own"] <= 1
        assert row["free_hit"] is None  # two steps: nothing was written right


def test_hits_are_of_the_weights(few, monkeypatch):
    """A model that looks where it should, and one that looks a step too early."""
    _, n, targets, _ = task_named("12 digits").test
    values = numbers.by_digits(np.random.default_rng(0), 40, 5)[1].tolist()
    places = looking.maps.gold_places(values)
    T = int(n.max())
    right = torch.nn.functional.one_hot(places.clamp(min=0), T).float()
    monkeypatch.setattr(looking.maps, "free_map", lambda *_: (targets, right))
    for weights, whose in ((right, "own"), (right.roll(1, 1), "before")):
        monkeypatch.setattr(looking.maps, "forced_map", lambda *_, w=weights: w)
        found = looking.hits(None)
        assert found["hit"][whose] == found["hit_crossed"][whose] == 1
        others = [v for k, v in found["hit_crossed"].items() if k != whose]
        assert max(others) < 1
        assert found["free_hit"] == found["free_crossed"] == 1


def test_both_tests_are_put_to_both_tasks(monkeypatch):
    monkeypatch.setenv("UNROLLED_CACHE", "off")
    monkeypatch.setattr(explained, "TEXTS", 6)
    small = [explained._as_tensors(reviews.draw_reviews(n, np.random.default_rng(0),
             split=split)) for n, split in ((80, "train"), (20, "test"))]  # fmt: skip
    monkeypatch.setattr(explained, "review_task", lambda **_: small)
    rows = [
        explained.judged(0, steps=2, H=8, B=8),
        explained.judged(0, agree=True, steps=2, H=8, B=8),
        explained.translated(0, steps=1, every=1, H=8, B=8),
    ]
    assert [row["task"] for row in rows] == [
        "sentiment",
        "sentiment, all agree",
        "translation",
    ]
    for row in rows:
        assert -1 <= row["gradient"] <= 1
        assert -1 <= row["left_out"] <= 1
        assert 0 <= row["moved"] <= 1
        assert 0 <= row["right_shuffled"] <= 1


def test_reviews_that_agree_say_it_in_every_claim():
    for part in explained.review_task(40, 10, agree=True):
        for ids, n, label in zip(*part[:3], strict=True):
            text = " ".join(reviews.VOCABULARY[i] for i in ids[:n])
            review = reviews.parse(text)
            assert len(review.claims) in (3, 4)
            assert {c.polarity > 0 for c in review.claims} == {bool(label)}
            assert "not" not in text


def test_long_numbers_have_no_word_that_was_not_taught():
    task, near, far = miniature.group_task()
    known = set(task.source_coder.symbols)
    assert all(word in known for n in far for word in numbers.words(n))
    taught = task.train[1].max().item()
    assert max(len(numbers.words(n)) for n in near) <= taught < 18
    longer = np.mean([len(numbers.words(n)) > taught for n in far])
    assert longer > 0.9
    assert not {*near} & {*far}


def test_faults_of_known_texts():
    pairs = [([5, 6, 7], [5, 6, 7]), ([5, 5], [5, 6, 7])]
    found = miniature.faults(pairs)
    assert found == {
        "errors": 2 / 6,  # one is another, one is missing
        "length_ratio": 5 / 6,
        "left_out": 1.0,
        "too_often": 0.5,
    }
    assert miniature._text([4, 5, Coder.EOS, 6]) == [4, 5]
    assert miniature._text((4, 5)) == [4, 5]


def test_beams_are_searched_once_for_all_penalties(monkeypatch):
    task, _, far = miniature.group_task()
    torch.manual_seed(0)
    model = GNMT(len(task.source_coder), len(task.target_coder), 8, 4, depth=2)
    found = miniature.beamed(model.eval(), far[:2], widths=(1, 3))
    assert [len(found[name]) for name in ("plain", "ranked")] == [2, 2]
    assert np.shape(found["grid"]) == (6, 6)
    narrow, wide = found["plain"]
    assert wide["log_p"] >= narrow["log_p"] - 1e-6
    assert set(narrow) == {*FAULTS, "exact", "log_p", "unseen"}


def test_a_line_of_the_table_is_measured_near_and_far(monkeypatch):
    monkeypatch.setenv("UNROLLED_CACHE", "off")
    row = miniature.pieced("depth 2", 0, steps=1)
    assert set(row) == {"near", "far"}
    for part in row.values():
        assert set(part) == {*FAULTS, "exact", "hit"}
