"""The checkers of lesson 11: right answers, other right answers, named mistakes."""

from checkers import Checkers
from lesson_11_after import RIGHT, WRONG


class TestCheckers(Checkers):
    lesson = "11"
    right = RIGHT
    wrong = WRONG

    def test_every_exercise_has_right_answers_wrong_ones_and_hints(self):
        assert all(len(cases) >= 3 for cases in self.wrong.values())

    def test_predictions_have_a_word_for_every_option(self, items):
        for prediction in items[1]:
            assert len(set(prediction.feedback)) == len(prediction.options)
