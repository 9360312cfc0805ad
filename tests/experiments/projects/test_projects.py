"""The tables of lesson 13: rows that come out again, and what the lesson says."""

import numpy as np

from helpers.data.projects.scenes import PAIRS
from helpers.data.projects.stories import Story
from helpers.experiments import load
from helpers.experiments.projects.answers import answers_run, by_rule
from helpers.experiments.projects.readings import SPANS, negation_run
from helpers.experiments.projects.sights import (
    HELD,
    captions_run,
    films_run,
    glimpses_run,
    scene_parts,
)
from helpers.nets.projects.name_rubric import counts_writer, real_names, rubric

STORY = "mara went to the old tower . tibo took the key ."


def rows(name, *keys):
    return {tuple(row[key] for key in keys): row for row in load(name)["rows"]}


def test_every_digit_is_seen_at_both_places():
    seen = [pair for pair in PAIRS if pair not in HELD]
    assert len(HELD) == 20
    for place in (0, 1):
        assert {pair[place] for pair in seen} == set(range(10))
    train, known, new = scene_parts(0)
    assert not {tuple(p) for p in train.pairs.tolist()} & set(HELD)
    assert {tuple(p) for p in new.pairs.tolist()} <= set(HELD)
    assert not {tuple(p) for p in known.pairs.tolist()} & set(HELD)


def test_rows_about_pictures_come_out_again():
    stored = rows("captions", "kind", "steps")["classifier", 600]
    seen, held = captions_run("classifier", 0, 600)
    assert held == stored["held"][0] == 0
    assert abs(seen - stored["seen"][0]) < 0.05
    films = rows("films", "kind", "steps")["digits first", 100]
    again = films_run("digits first", 0, 100)
    assert again["right"] > 0.9 < min(films["right"])
    right = rows("glimpses", "where")["whole",]["right"]
    assert abs(glimpses_run("whole", 0) - right[0]) < 0.05


def test_rows_about_words_come_out_again():
    stored = rows("negation", "kind")
    assert np.abs(np.subtract(negation_run(2, 0), stored[2,]["right"][0])).max() < 0.03
    for row in stored.values():
        assert np.shape(row["right"]) == (3, len(SPANS))
    answers = rows("answers", "kind")
    assert answers_run("last sentence", 0) == [
        answers["last sentence",][part][0] for part in ("old", "new")
    ]


def test_a_row_of_the_brief_comes_out_again():
    stored = rows("brief", "writer")["counts of 3 letters",]
    write = counts_writer(real_names()[0], np.random.default_rng(0), longest=2)
    for criterion, share in rubric(write).items():
        assert abs(share - stored[criterion][0]) < 0.05


def test_rules_answer_as_they_are_called():
    words = STORY.split()
    story = Story(words, ["where", "is", "mara", "?"], 3, 5)
    assert by_rule("last sentence", [], story) == "the old tower"
    who = Story(words, ["who", "has", "the", "key", "?"], 7, 7)
    assert by_rule("last sentence", [], who) == "tibo"
    assert by_rule("question only", [story, who, who], story) == "the old tower"
    assert by_rule("most frequent", [story, who, who], story) == "tibo"
