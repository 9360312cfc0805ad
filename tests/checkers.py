"""What the checkers of every lesson are asked; a lesson's test class gives the answers.

A test file holds one `class TestCheckers(Checkers)` with the class attributes below.
"""

import inspect
import re

import pytest
from single import KINDS, as_it_is, from_float32, in_float32

from helpers.exercises import check
from helpers.exercises.engine import registry
from helpers.exercises.engine.core import NotAttempted, Wrong
from helpers.exercises.engine.verdicts import CheckFailed


def stub(*args, **kwargs):
    """Return something."""
    ...


def half_done(*args, **kwargs):
    return ...


def plain(wrong):
    """Return `wrong` with words that are meant to the letter made into patterns."""
    return {
        id: [(answer, re.escape(words)) for answer, words in cases]
        for id, cases in wrong.items()
    }


class Checkers:
    """The tests of one lesson's exercises and predictions.

    lesson: "03". right: id → other right answers than the reference. wrong: id →
    (answer, pattern of the words it must hear). blank: id → an answer that is not
    attempted, for exercises whose answer is no function.
    """

    lesson: str
    right: dict
    wrong: dict
    blank: dict = {}  # noqa: RUF012

    @pytest.fixture(autouse=True)
    def _not_grading(self, monkeypatch):
        monkeypatch.delenv("UNROLLED_GRADING", raising=False)

    def test_every_exercise_has_right_answers_wrong_ones_and_hints(self, items):
        exercises, _ = items
        ids = [exercise.id for exercise in exercises]
        assert ids == [f"{self.lesson}.{n}" for n in range(1, len(ids) + 1)]
        assert list(self.right) == list(self.wrong) == ids
        assert all(self.right.values())
        assert all(len(cases) >= 3 for cases in self.wrong.values())
        assert all(len(exercise.hints) >= 2 for exercise in exercises)

    def test_the_reference_is_right(self, exercise):
        praise = exercise.check(exercise.reference)
        assert len(praise) > 20  # a sentence of insight
        assert praise.endswith(".")

    def test_another_right_form_is_right(self, exercise, answer):
        exercise.check(answer)

    def test_a_wrong_answer_hears_what_it_did(self, exercise, mistake, words):
        with pytest.raises(Wrong, match=words):
            exercise.check(mistake)

    def test_a_right_answer_in_float32_is_right(self, exercise, single):
        exercise.check(single)

    def test_a_wrong_answer_in_float32_hears_the_same(
        self, exercise, mistake, words, rounded
    ):
        with pytest.raises(Wrong, match=words):
            exercise.check(rounded)

    def test_a_blank_is_not_attempted(self, exercise, capsys, monkeypatch):
        blanks = [self.blank[exercise.id]] if exercise.id in self.blank else []
        for blank in blanks or [stub, half_done, ...]:
            with pytest.raises(NotAttempted):
                exercise.check(blank)
            check(exercise.id, blank)
            assert "not attempted" in capsys.readouterr().out
        monkeypatch.setenv("UNROLLED_GRADING", "1")
        with pytest.raises(CheckFailed, match="not attempted"):
            check(exercise.id, blank)

    def test_the_hints_do_not_hold_the_solution(self, exercise):
        parts = exercise.reference
        parts = parts if isinstance(parts, tuple | list) else [parts]
        source = "\n".join(inspect.getsource(p) for p in parts if callable(p))
        lines = source.splitlines()[1:]
        telling = [line.strip() for line in lines if len(line.strip()) > 18]
        for hint in exercise.hints:
            assert not any(line in hint for line in telling)

    def test_predictions_have_a_word_for_every_option(self, items):
        _, predictions = items
        ids = [prediction.id for prediction in predictions]
        assert len(ids) >= 3
        assert ids == [f"{self.lesson}.p{n}" for n in range(1, len(ids) + 1)]
        for prediction in predictions:
            assert len(set(prediction.options)) == len(prediction.options)
            assert len(set(prediction.feedback)) == len(prediction.options)
        assert len({prediction.answer for prediction in predictions}) > 1

    @pytest.fixture
    def items(self):
        return registry.lesson_items(self.lesson)


def parametrize(metafunc):
    """Give a test of `Checkers` its exercises and answers; called from conftest.py."""
    cls, names = metafunc.cls, metafunc.fixturenames
    if cls is None or not issubclass(cls, Checkers) or "exercise" not in names:
        return
    by_id = {item.id: item for item in registry.lesson_items(cls.lesson)[0]}
    if "single" in names:
        columns, cases = ("exercise", "single"), in_singles(cls.right, by_id)
    elif "answer" in names:
        columns, cases = ("exercise", "answer"), cls.right
    elif "rounded" in names:
        columns = ("exercise", "mistake", "words", "rounded")
        cases = {
            id: [(m, words, in_float32(m, as_it_is)) for m, words in answers]
            for id, answers in cls.wrong.items()
        }
    elif "mistake" in names:
        columns, cases = ("exercise", "mistake", "words"), cls.wrong
    else:
        columns, cases = ("exercise",), {id: [()] for id in by_id}
    rows, ids = [], []
    for id, answers in cases.items():
        for k, answer in enumerate(answers):
            values = answer if len(columns) != 2 else (answer,)
            if "rounded" in columns and values[-1] is values[0]:
                continue  # no function: nothing to round
            rows.append((by_id[id], *values))
            ids.append(f"{id}-{k}" if len(columns) > 1 else id)
    metafunc.parametrize(columns, rows, ids=ids)


def in_singles(right, by_id):
    """Return id → the reference and the other right functions, rounded to float32."""
    found = {}
    for id, answers in right.items():
        answers = [by_id[id].reference, *answers]
        found[id] = [
            rounded
            for kind in KINDS
            for answer in answers
            if (rounded := in_float32(answer, kind)) is not answer
        ]
        if found[id]:
            found[id].append(from_float32(by_id[id].reference))
    return found
