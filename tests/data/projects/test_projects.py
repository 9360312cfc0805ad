"""The data of lesson 13: scenes, lost digits, films that count, stories."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from helpers.data import digits
from helpers.data.projects.films import backwards, ceiling, count_up, counting, mirrored
from helpers.data.projects.scenes import PAIRS, WORDS, caption, lost, read, scenes
from helpers.data.projects.stories import (
    KNOWN,
    UNKNOWN,
    draw_stories,
    encode,
    name_pools,
)

(IMAGES, LABELS), _ = digits.load(np.random.default_rng(0))
OLD, NEW = name_pools(np.random.default_rng(0), 30)
KNOWN_DIGITS = {
    image.tobytes(): label for image, label in zip(IMAGES, LABELS, strict=True)
}


def test_a_scene_shows_what_its_caption_says():
    some = scenes(IMAGES, LABELS, PAIRS, 60, np.random.default_rng(0))
    for image, ids, (a, b), relation in zip(*some, strict=True):
        places = image.numpy().reshape(2, 8, 2, 8).transpose(0, 2, 1, 3)
        shown = {
            (r, c): KNOWN_DIGITS[places[r, c].tobytes()]
            for r in (0, 1)
            for c in (0, 1)
            if places[r, c].any()
        }
        (first, one), (second, other) = sorted(shown.items())
        assert (one, other) == (a, b)
        assert second[1 - relation] > first[1 - relation]
        assert second[relation] == first[relation]
        assert read(ids[None]) == [" ".join(caption((a, b), relation))]
    assert set(some.relation) == {0, 1}
    assert WORDS.decode(some.ids[0].tolist())[0] == "a"


def test_scenes_are_of_the_pairs_that_are_asked_for():
    some = scenes(IMAGES, LABELS, [(3, 6), (1, 1)], 40, np.random.default_rng(0))
    assert {tuple(pair) for pair in some.pairs.tolist()} == {(3, 6), (1, 1)}
    with pytest.raises(ValueError, match="pairs: got 0"):
        scenes(IMAGES, LABELS, [], 4, np.random.default_rng(0))
    few = LABELS != 5
    with pytest.raises(ValueError, match=r"without images of \[5\]"):
        scenes(IMAGES[few], LABELS[few], [(5, 1)], 4, np.random.default_rng(0))


def test_a_lost_digit_lies_where_its_corner_says():
    x, y, corners = lost(IMAGES, LABELS, 30, np.random.default_rng(0), size=12)
    for image, label, (r, c) in zip(x.numpy(), y, corners, strict=True):
        cut = image[r : r + 8, c : c + 8]
        which = (cut == IMAGES).all((1, 2))
        assert label.item() in LABELS[which]
        assert image.sum() == pytest.approx(cut.sum())
    with pytest.raises(ValueError, match="size: got 7"):
        lost(IMAGES, LABELS, 3, np.random.default_rng(0), size=7)


def test_films_count_and_run_backwards():
    films, up, rows = counting(IMAGES, LABELS, 40, np.random.default_rng(0), T=4)
    for film, row, u in zip(films.numpy(), rows, up, strict=True):
        assert [KNOWN_DIGITS[frame.tobytes()] for frame in film] == row.tolist()
        assert set((np.diff(row) % 10).tolist()) == {1 if u else 9}
    back, other = backwards(films, up)
    assert torch.equal(back.flip(1), films)
    assert (other + up == 1).all()
    both, answers, digit_rows = mirrored(films, up, rows)
    assert len(both) == len(answers) == len(digit_rows) == 80
    bags = [tuple(sorted(row)) for row in digit_rows.tolist()]
    assert ceiling(bags, answers.tolist()) == 0.5
    assert ceiling(list(map(tuple, digit_rows)), answers.tolist()) == 1
    assert count_up(8, 1, 4) == [8, 9, 0, 1]


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2)), min_size=1))
def test_no_function_of_the_view_passes_the_ceiling(cases):
    views, labels = zip(*cases, strict=True)
    best = ceiling(views, labels)
    assert max(labels.count(y) for y in labels) / len(labels) <= best <= 1
    table = {}
    for view in views:
        mine = [y for v, y in cases if v == view]
        table[view] = max(mine, key=mine.count)
    assert best == pytest.approx(np.mean([table[v] == y for v, y in cases]))


def test_a_ceiling_of_nothing_is_refused():
    with pytest.raises(ValueError, match="views: got 1 for 2 labels"):
        ceiling([1], [1, 2])


def test_stories_answer_their_questions():
    rng = np.random.default_rng(0)
    for story in draw_stories(200, OLD, rng):
        place, holder = {}, {}
        for first, last in story.sentences:
            name, verb, *rest = story.words[first : last + 1]
            if verb == "went":
                place[name] = " ".join(rest[1:])
            else:
                holder[rest[1]] = name
        if story.question[0] == "where":
            assert story.answer == place[story.question[2]]
        else:
            assert story.answer == holder[story.question[3]]


def test_names_of_the_test_are_new():
    assert not set(OLD) & set(NEW)
    assert len({*OLD, *NEW}) == 60
    with pytest.raises(ValueError, match="names: got 2"):
        draw_stories(1, ["a", "b"], np.random.default_rng(0))


def test_stories_in_numbers():
    some = draw_stories(20, NEW, np.random.default_rng(1))
    ids, match, question, spans = encode(some, (*KNOWN, *OLD))
    unknown = KNOWN.index(UNKNOWN)
    for k, story in enumerate(some):
        n = len(story.words)
        assert (ids[k, n:] == 0).all()
        assert (ids[k, :n] != 0).all()
        start, end = spans[k].tolist()
        assert " ".join(story.words[start : end + 1]) == story.answer
        for word, i, mark in zip(story.words, ids[k], match[k], strict=False):
            assert (i == unknown) == (word in NEW)
            asked = (
                story.question[2:3] if len(story.question) == 4 else story.question[3:4]
            )
            assert bool(mark) == (word in asked)
    assert (question[:, 0] > 0).all()
