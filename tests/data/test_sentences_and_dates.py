"""The data of lesson 06: tagged dates, gaps, and sentences of known syntax."""

import datetime
from collections import Counter, defaultdict

import numpy as np
import pytest
import torch
from babel.dates import format_date

from helpers.data import cloze, date_fields, syntax

DAY = datetime.date(1998, 5, 3)


def rng(seed=0):
    return np.random.default_rng(seed)


# --- dates ---------------------------------------------------------------------------


def test_dates_are_written_as_babel_writes_them():
    for place in date_fields.LOCALES:
        for form in date_fields.FORMS:
            if (place, form) != ("en_US", "short"):
                text, tags = date_fields.write(DAY, place, form)
                assert text == format_date(DAY, form, place).lower()
                assert len(text) == len(tags)
                assert set("DMY") <= set(tags) <= set(date_fields.TAGS)
                assert ("W" in tags) == (form == "full")


@pytest.mark.parametrize(
    ("place", "form", "text", "tags"),
    [
        ("en_GB", "medium", "3 may 1998", "D·MMM·YYYY"),
        ("hu", "full", "1998. május 3., vasárnap", "YYYY··MMMMM·D···WWWWWWWW"),
        ("ja", "full", "1998年5月3日日曜日", "YYYY·M·D·WWW"),
    ],
)
def test_tags_say_what_a_character_belongs_to(place, form, text, tags):
    assert date_fields.write(DAY, place, form) == (text, tags)


def test_no_text_has_two_readings():
    days = [DAY + datetime.timedelta(days=n) for n in range(0, 3000, 7)]
    seen = defaultdict(set)
    for text, tags in date_fields.fields(days * 8, rng()):
        seen[text].add(tags)
    assert {len(found) for found in seen.values()} == {1}


def test_loaded_dates_are_tensors_of_what_is_written():
    coder, train, test = date_fields.load(rng(), 60, 20)
    assert len(train.ids) == 60
    assert len(test.ids) == len(test.pairs) == 20
    for row, (text, tags) in enumerate(test.pairs):
        n = int(test.lengths[row])
        assert "".join(coder.decode(test.ids[row, :n])) == text
        assert "".join(date_fields.TAGS[t] for t in test.tags[row, :n]) == tags
        assert (test.ids[row, n:] == 0).all()
    assert 0 <= train.months.min() <= train.months.max() <= 11
    assert torch.equal(train.ids, date_fields.load(rng(), 60, 20)[1].ids)


@pytest.mark.parametrize(
    ("args", "words"),
    [
        ((DAY, "xx", "short"), "locale is 'xx'"),
        ((DAY, "de", "long"), "form is 'long'"),
        ((DAY, "en_US", "short"), "form is 'short' for en_US"),
    ],
)
def test_unknown_ways_to_write_are_refused(args, words):
    with pytest.raises(ValueError, match=words):
        date_fields.write(*args)


# --- gaps ----------------------------------------------------------------------------


def test_sentences_agree():
    made = [" ".join(words) for words in cloze.sentences()]
    assert len(set(made)) == len(made) == 600
    assert "i am very hungry today and will eat lots" in made
    assert "the cats were not sad then and would say nothing" in made
    assert not any("i is" in s or "am very hungry yesterday" in s for s in made)


def test_split_keeps_all_and_shares_nothing():
    train, test = cloze.split(rng())
    assert (len(train), len(test)) == (480, 120)
    assert not {*map(tuple, train)} & {*map(tuple, test)}
    with pytest.raises(ValueError, match="test is 1"):
        cloze.split(rng(), 1)


def test_blanks_hide_each_word_once_and_once_cut_short():
    (words,) = [["i", "am", "very"]]
    whole = [
        ([], "i", ["am", "very"]),
        (["i"], "am", ["very"]),
        (["i", "am"], "very", []),
    ]
    assert cloze.blanks([words]) == whole
    more = cloze.blanks([words] * 20, rng())
    assert len(more) == 120
    for (left, word, right), (_, same, cut) in zip(more[:60], more[60:], strict=True):
        assert [*left, word, *right] == words
        assert word == same
        assert right[: len(cut)] == cut
    assert {len(cut) for _, _, cut in more[60:]} == {0, 1, 2}


def test_best_possible_is_what_counting_gives():
    left = defaultdict(Counter)
    gaps = cloze.blanks(cloze.sentences())
    for before, word, _ in gaps:
        left[" ".join(before)][word] += 1
    best = sum(words.most_common(1)[0][1] for words in left.values()) / len(gaps)
    assert cloze.best_possible("left") == pytest.approx(best)
    assert cloze.best_possible("left") < 0.7 < 0.85 < cloze.best_possible("both")
    with pytest.raises(ValueError, match="use is 'up'"):
        cloze.best_possible("up")


# --- sentences of known syntax -------------------------------------------------------


def test_labels_fit_the_words():
    most = 0
    for seed in range(300):
        said = syntax.sentence(rng(seed))
        words = said["words"]
        assert len({len(column) for column in said.values()}) == 1
        assert set(words) <= set(syntax.WORDS)
        assert words[-1] == "."
        parts = [syntax.PARTS[p] for p in said["part of speech"]]
        for word, part, number in zip(words, parts, said["number"], strict=True):
            assert (part in ("noun", "verb")) == (word.rstrip("s") in syntax.PLAIN)
            assert (part == "determiner") == (word in ("the", "one", "all"))
            assert number in (0, 1, 2)
        assert parts.count("that") >= max(said["depth"])
        assert said["word before"][1:] == [syntax.WORDS.index(w) for w in words[:-1]]
        most = max(most, *said["depth"])
    assert most == 2


def test_verbs_agree_with_what_waits_for_them():
    checked = 0
    for seed in range(300):
        said = syntax.sentence(rng(seed))
        waiting = said["number"]
        for i, part in enumerate(said["part of speech"]):
            subject_before = syntax.PARTS[said["part of speech"][i - 1]] in (
                "noun",
                "adverb",
            )
            if syntax.PARTS[part] == "verb" and i and subject_before:
                singular = said["words"][i].endswith("s")
                assert singular == (waiting[i - 1] == 0)
                checked += 1
    assert checked > 200


def test_number_is_that_of_the_innermost_noun_without_its_verb():
    """As the label says: read from words, parts and depth alone."""
    counted = [0, 0, 0]
    for seed in range(300):
        said = syntax.sentence(rng(seed))
        parts = [syntax.PARTS[p] for p in said["part of speech"]]
        clauses = []  # in each the noun that waits: 0, 1, or None
        words = said["words"]
        for i, (word, part, depth) in enumerate(
            zip(words, parts, said["depth"], strict=True)
        ):
            clauses = clauses[: depth + 1] + [None] * (depth + 1 - len(clauses))
            first_noun = depth == 0 or parts[i - 2] == "that"
            if part == "noun" and first_noun and "verb" not in main(parts, said, i):
                clauses[depth] = int(word.endswith("s"))
            if part == "verb":
                clauses[depth] = None
            waiting = [number for number in clauses if number is not None]
            want = waiting[-1] if waiting else 2
            if part == "adverb":
                want = int(not words[i + 1].endswith("s"))
            assert said["number"][i] == want
            counted[want] += 1
    assert min(counted) > 300


def main(parts, said, i):
    """The parts before i of the clause that word i stands in, if it is the main one."""
    pairs = zip(parts[:i], said["depth"][:i], strict=True)
    return [part for part, depth in pairs if depth == said["depth"][i] == 0]


def test_a_third_of_the_words_tell_the_topic():
    topics = list(syntax.STEMS)[:3]
    hints = words = 0
    for seed in range(300):
        said = syntax.sentence(rng(seed))
        for word, topic in zip(said["words"], said["topic"], strict=True):
            of = [n for n in range(3) if word.rstrip("s") in syntax.STEMS[topics[n]]]
            assert of in ([], [topic])
            hints, words = hints + len(of), words + 1
    assert 0.3 < hints / words < 0.37


def test_treebank_pads_words_and_labels_alike():
    ids, lengths, labels = syntax.treebank(50, rng())
    assert set(labels) == set(syntax.LABELS)
    assert ids.shape == (50, lengths.max())
    assert lengths.max() <= 24
    for label in labels.values():
        assert label.shape == ids.shape
    with pytest.raises(ValueError, match="count is 0"):
        syntax.treebank(0, rng())
