"""explore_cloze: what it shows against the models' own numbers, and odd input."""

import io
import unicodedata
import warnings

import numpy as np
import pytest
from fontless import machine
from PIL import Image

from helpers.explore import cloze
from helpers.explore.cloze import SHOWN, explore_cloze
from helpers.explore.kit import live as live_module

WORDS = [
    "i",
    "am",
    "you",
    "are",
    "very",
    "hungry",
    "today",
    "yesterday",
    "not",
    "quite",
    "eat",
]


class Model:
    """Probabilities that depend on all that is read, and on nothing else."""

    def __init__(self, both):
        self.both, self.vocabulary, self.asked = both, WORDS, []

    def probabilities(self, left, right):
        self.asked.append((left, right))
        text = " ".join(left) + ("|" + " ".join(right) if self.both else "")
        p = np.random.default_rng([*text.encode()]).dirichlet(np.full(len(WORDS), 0.3))
        return dict(zip(WORDS, p, strict=True))


@pytest.fixture
def models():
    return Model(False), Model(True)


def parts(live):
    """Words of the rows, bar widths and numbers for each model, and the sentence."""
    (ax,) = live.painter.fig.axes
    texts = [text.get_text() for text in ax.texts]
    bars = [[bar.get_width() for bar in one] for one in ax.containers]
    numbers = [texts[1 + k * SHOWN :][:SHOWN] for k in range(2)]
    return texts[-SHOWN:], bars, numbers, texts[0]


def test_bars_are_the_probabilities_of_the_likeliest_words(models):
    live = explore_cloze(*models, "i am", "hungry today")
    words, bars, numbers, sentence = parts(live)
    guesses = [
        model.probabilities(["i", "am"], ["hungry", "today"]) for model in models
    ]
    best = {word: max(guess[word] for guess in guesses) for word in WORDS}
    assert words == sorted(best, key=lambda word: -best[word])[:SHOWN]
    for guess, widths, said in zip(guesses, bars, numbers, strict=True):
        np.testing.assert_allclose(widths, [guess[word] for word in words])
        shown = [guess[word] for word in words]
        assert said == [f"{p:.0%}" if p >= 0.005 else "" for p in shown]
    assert sentence == "i am ____ hungry today"


def test_the_reading_names_each_models_word_and_what_it_has_read(models):
    live = explore_cloze(*models, "i am", "hungry")
    for model, name in zip(models, ("Forward only", "Both directions"), strict=True):
        guess = model.probabilities(["i", "am"], ["hungry"])
        best = max(guess, key=guess.get)
        assert f"{name}: “{best}” with {guess[best]:.0%}" in live.reading
    assert "having read “i am”" in live.reading
    live.frame(left="", right=" ")
    assert "having read nothing" in live.reading
    assert "that nothing follows" in live.reading


def test_a_backward_model_has_bars_and_words_of_its_own(models):
    class Backward(Model):
        def probabilities(self, left, right):
            return super().probabilities(right, [])

    back = Backward(False)
    live = explore_cloze(*models, "i am", "hungry", backward=back)
    (ax,) = live.painter.fig.axes
    labels = [text.get_text() for text in ax.get_legend().get_texts()]
    assert labels == ["forward only", "backward only", "both directions"]
    words = [text.get_text() for text in ax.texts][-SHOWN:]
    guess = back.probabilities([], ["hungry"])
    widths = [bar.get_width() for bar in ax.containers[1]]
    np.testing.assert_allclose(widths, [guess[word] for word in words])
    best = max(guess, key=guess.get)
    said = f"Backward only: “{best}” with {guess[best]:.0%}, having read “hungry”."
    assert said in live.reading
    live.frame(right="")
    assert live.reading.count("having read nothing") == 1
    assert live.painter.full_draws == 1
    with pytest.raises(ValueError, match=r"^backward: .*wanted"):
        explore_cloze(*models, backward=7)


def test_each_box_changes_the_picture_and_only_the_second_the_forward_bars(models):
    live = explore_cloze(*models, "i am", "hungry")
    first, (_, (ahead, whole), _, _) = live.frame(), parts(live)
    second = live.frame(right="hungry today")
    assert second != first
    before, now = live.frame(right="hungry"), live.frame(left="you are")
    assert before == first
    assert now != first
    live.frame(left="i am", right="today")
    words, bars, _, _ = parts(live)
    guess = models[0].probabilities(["i", "am"], [])
    np.testing.assert_allclose(bars[0], [guess[word] for word in words])
    assert sorted(ahead) != sorted(whole)


def test_unknown_words_are_left_out_and_named(models):
    live = explore_cloze(*models, "i am", "hungry")
    live.controls["right"].value = "Hungry, Zork __ 7 today!"
    assert models[1].asked[-1] == (["i", "am"], ["hungry", "today"])
    assert "Left out 'Zork', '7': not among the 11 words known" in live.reading
    assert not live.note


@pytest.mark.parametrize(("here", "there"), [("NFC", "NFD"), ("NFD", "NFC")])
def test_a_word_is_known_whether_its_accent_is_apart_or_not(models, here, there):
    for model in models:
        model.vocabulary = [*WORDS, unicodedata.normalize(there, "müde")]
    live = explore_cloze(*models, "i am", unicodedata.normalize(here, "Müde today"))
    assert models[1].asked[-1][1] == [unicodedata.normalize(there, "müde"), "today"]
    assert "Left out" not in live.reading


def test_words_without_a_font_are_boxes_and_their_script_is_named(models, monkeypatch):
    class Korean(Model):
        def probabilities(self, left, right):
            return {"나무": 0.6, "am": 0.4}

    with machine(monkeypatch), warnings.catch_warnings():
        warnings.simplefilter("error")
        korean = Korean(True)
        korean.vocabulary = ["나무", *WORDS]
        live = explore_cloze(korean, korean, "i am", "나무")
        assert "No font of this machine has Korean" in live.note
        words, *_, sentence = parts(live)
        assert words[:2] == ["□□", "am"]
        assert sentence == "i am ____ □□"


def test_a_word_is_no_formula():
    class Rich(Model):
        def probabilities(self, left, right):
            return {"$x^2$": 1.0}

    live = explore_cloze(Rich(True), Rich(True))
    assert parts(live)[0][0] == r"\$x^2\$"


def test_a_sentence_chosen_fills_both_boxes(models):
    live = explore_cloze(*models, "i am", "hungry", [("you are", "not today")])
    chosen = live.controls["sentence"]
    assert [name for name, _ in chosen._options_full] == [
        "i am ____ hungry",
        "you are ____ not today",
    ]
    chosen.value = ("you are", "not today")
    assert live.controls["left"].value == "you are"
    assert live.values["right"] == "not today"
    assert parts(live)[3] == "you are ____ not today"
    widths = {box.layout.width for box in live.controls.values()}
    assert len(widths) == 1  # room for a whole sentence


def test_a_sentence_that_is_asked_for_is_shown_like_one_that_is_chosen(models):
    live = explore_cloze(*models, "i am", "hungry", [("you are", "not today")])
    one, other = (value for _, value in live.controls["sentence"]._options_full)
    for _ in range(2):  # asking leaves the controls as they are, and can be repeated
        asked = live.frame(sentence=other)
        assert parts(live)[3] == "you are ____ not today"
        assert live.values == {"sentence": one, "left": "i am", "right": "hungry"}
        live.frame()
        assert parts(live)[3] == "i am ____ hungry"
    live.controls["sentence"].value = other
    assert live.frame() == asked
    live.controls["left"].value = "i am"
    assert parts(live)[3] == "i am ____ not today"
    assert live.values["sentence"] == other  # of which a part was typed over
    live.controls["sentence"].value = one
    assert live.values == {"sentence": one, "left": "i am", "right": "hungry"}


def test_a_choice_of_a_sentence_sends_one_picture(models, monkeypatch):
    sent = []
    for name in ("display", "update_display"):
        monkeypatch.setattr(live_module, name, lambda what, **_: sent.append(what))
    live = explore_cloze(*models, "i am", "hungry", [("you are", "not today")])
    live._ipython_display_()
    del sent[:]
    live.controls["sentence"].value = ("you are", "not today")
    assert ["image/png" in what for what in sent] == [True, False]


def test_nothing_is_drawn_fully_again(models):
    live = explore_cloze(*models, "i am", "hungry", [("you", "not")])
    for text in ("", "i", "you are very " * 20, "ß $x$ zork", "you are"):
        for name in ("left", "right"):
            live.controls[name].value = text
    assert live.painter.full_draws == 1
    assert not live.note
    assert Image.open(io.BytesIO(live.frame())).size == (900, 360)
    assert parts(live)[3] == "you are ____ you are"


def test_long_texts_are_cut_at_their_far_ends(models):
    live = explore_cloze(*models, "i am", "hungry")
    live.frame(left="very " * 40 + "quite", right="today " + "not " * 40)
    left, right = models[1].asked[-1]
    assert len(left) == len(right) == cloze.MOST_WORDS
    assert left[-1] == "quite"
    assert right[0] == "today"
    sentence = parts(live)[3]
    assert sentence.startswith("… very")
    assert "quite ____ today" in sentence
    assert sentence.endswith("…")


def test_fewer_words_than_rows():
    class Small(Model):
        def probabilities(self, left, right):
            return {"i": 0.75, "am": 0.25}

    words, bars, numbers, _ = parts(explore_cloze(Small(False), Small(True)))
    assert words == ["i", "am"] + [""] * (SHOWN - 2)
    assert bars[0] == [0.75, 0.25] + [0] * (SHOWN - 2)
    assert numbers[1][:3] == ["75%", "25%", ""]


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"forward": None}, "forward"),
        ({"both": object()}, "both"),
        ({"left": 7}, "examples"),
        ({"examples": [("a",)]}, "examples"),
    ],
)
def test_bad_arguments_are_named(models, change, name):
    arguments = {"forward": models[0], "both": models[1]} | change
    with pytest.raises(ValueError, match=f"^{name}: .*wanted"):
        explore_cloze(**arguments)
