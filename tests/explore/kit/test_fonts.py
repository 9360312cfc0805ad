"""Texts in the scripts of learners: with a font that has them, and without one."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from fontless import machine, tiny_font
from pictures import differ

from helpers.data.batching import Coder
from helpers.data.text import Characters
from helpers.explore.beam import explore_beam
from helpers.explore.belief import explore_name
from helpers.explore.decoding import explore_decoding
from helpers.explore.kit.fonts import dress, families, has_font, missing, noting
from helpers.explore.kit.live import Live, figure, text_box
from helpers.explore.kit.typed import Labels, Page, show_char, show_text
from helpers.explore.names import explore_names
from helpers.explore.recurrence import explore_bptt, explore_steps
from helpers.explore.translator import explore_translator
from helpers.nets.language_models import CharLM, NameWriter
from helpers.nets.numpy_rnn import RNN
from helpers.nets.seq2seq import Seq2Seq

SENTENCES = Path(__file__).parents[2] / "data" / "files" / "sentences.json"
SAID = json.loads(SENTENCES.read_text(encoding="utf-8"))
SCRIPTS = {  # language of a sentence → how the note calls its script
    "Korean": "Korean",
    "Chinese": "Chinese characters",
    "Japanese": "Chinese characters and Japanese",
    "Thai": "Thai",
}


@pytest.mark.parametrize(
    ("char", "script"),
    [
        ("한", "Korean"),
        ("字", "Chinese characters"),
        ("か", "Japanese"),
        ("ท", "Thai"),
        ("ह", "Devanagari (Hindi)"),
        ("অ", "Bengali"),
        ("🫠", "emoji and other signs"),
    ],
)
def test_a_script_without_a_font_is_named(monkeypatch, char, script):
    with machine(monkeypatch), noting() as met:
        assert show_char(char) == "□"
        assert not has_font(char)
    assert met == {script}
    assert f"has {script}: □ stands" in missing(met)
    assert missing(set()) == ""


@pytest.mark.parametrize("char", ["a", "é", "ж", "λ", "ש", "ب", "😀"])
def test_what_matplotlibs_own_fonts_have_needs_no_other(monkeypatch, char):
    with machine(monkeypatch), noting() as met:
        assert show_char(char) == char
    assert met == set()


def test_a_font_of_the_machine_is_used_and_seen(monkeypatch, tmp_path):
    font = tiny_font(tmp_path / "tiny.ttf", "Tiny Squares", "한국")

    def pixels():
        _, ax = figure(height=1)
        labels = Labels(ax, 10)
        labels.put(show_text("한"), 0.5, 0.5, "black")
        return labels._pixels[..., 3].copy()

    with machine(monkeypatch):
        box = pixels()
    with machine(monkeypatch, font), noting() as met:
        assert show_text("한국 a") == "한국␣a"
        assert families("한a") == ["DejaVu Sans", "Tiny Squares"]
        square = pixels()
        assert not has_font("한글")
    assert met == {"Korean"}
    assert square.astype(int).sum() > 1.5 * box.astype(int).sum()


def test_a_text_of_matplotlib_gets_the_fonts_that_it_needs(monkeypatch, tmp_path):
    font = tiny_font(tmp_path / "tiny.ttf", "Tiny Squares", "한국")
    _, ax = figure(height=1)
    text = ax.text(0, 0, "")
    with machine(monkeypatch, font):
        dress(text, "a 한글")
        assert text.get_text() == "a 한□"
        assert text.get_fontfamily() == ["DejaVu Sans", "Tiny Squares"]
        dress(text, r"$h_0$")
        assert text.get_text() == r"$h_0$"


def language_model(characters):
    torch.manual_seed(0)
    return CharLM(len(characters), 6, E=4)


@pytest.mark.parametrize("language", SCRIPTS)
@pytest.mark.parametrize("explore", [explore_decoding, explore_beam])
def test_the_note_of_an_explorer_says_which_script_is_boxes(
    monkeypatch, tmp_path, explore, language
):
    text = SAID[language][:30]
    characters = Characters(text)
    font = tiny_font(tmp_path / "tiny.ttf", "Tiny Squares", sorted(set(text)))
    with machine(monkeypatch):
        boxes = explore(language_model(characters), characters, text)
        assert f"has {SCRIPTS[language]}: □" in boxes.note
        assert boxes.frame(prompt=text[:5]) != boxes.frame(prompt=text)
        assert f"has {SCRIPTS[language]}: □" in boxes.note
        without = boxes.frame()
    with machine(monkeypatch, font):
        drawn = explore(language_model(characters), characters, text)
        assert drawn.note == ""
        assert differ(without, drawn.frame())


def test_other_explorers_say_it_too(monkeypatch):
    chars, countries = "가나다라마", ["East", "West"]
    characters, coder = Characters(chars), Coder(chars)
    rnn = RNN(len(chars), 6, len(chars), rng=np.random.default_rng(0))
    torch.manual_seed(0)
    writer = NameWriter(len(coder), 2, 5, E=4)

    numerals = Coder(["하나", "둘"])
    translator = Seq2Seq(len(coder), len(numerals), H=6)

    def listener(x):
        return x[..., :2]

    def count(text):
        return ["하나"] * len(text)

    with machine(monkeypatch):
        for live in (
            explore_steps(rnn, characters, chars),
            explore_bptt(rnn, characters, chars),
            explore_names(writer, coder, countries, start="가"),
            explore_name(listener, coder, countries, "가나"),
            explore_translator(translator, coder, numerals, list, count, "가나"),
        ):
            assert "has Korean: □" in live.note


def test_a_text_that_stays_is_noted_on_every_frame(monkeypatch):
    with machine(monkeypatch):
        fig, ax = figure(height=1)
        ax.set_title("제목", loc="left")
        live = Live(fig, lambda word: word, {"word": text_box("word", "")}, alt="A.")
        assert ax.get_title(loc="left") == "□□"
        for word in "a", "b":
            live.frame(word=word)
            assert (live.reading, live.note[:30]) == (
                word,
                "No font of this machine has Ko",
            )


# --- a page of them ------------------------------------------------------------------


def page(text):
    fig, ax = figure(height=2)
    fig.set_layout_engine("none")
    ax.set_position((0.0, 0.0, 1.0, 0.5))
    sheet = Page(ax, 10)
    grey = 0.5 + 0.001 * np.arange(len(text))[:, None] * np.ones(3)
    sheet.set(text, np.zeros((len(text), 3)), grey)
    return sheet


def test_text_from_right_to_left_begins_at_the_right_edge():
    left, right = page("abc"), page("אבג")
    seen = right._pixels[: right._tall, :, 3].any(axis=0)
    end = right.columns * right._wide
    assert np.flatnonzero(seen).tolist() == list(range(end - 3 * right._wide, end))
    assert left._pixels[0, : 3 * left._wide, 3].all()
    grounds = right._pixels[0, end - 3 * right._wide : end : right._wide, 0]
    assert grounds.tolist() == sorted(grounds.tolist(), reverse=True)  # the first last


def test_a_wide_letter_has_two_places_and_a_mark_none(monkeypatch, tmp_path):
    font = tiny_font(tmp_path / "tiny.ttf", "Tiny Squares", "한")
    with machine(monkeypatch, font):
        for text, places in ("한a", 3), ("e\u0301a", 2), ("éa", 2), ("\u0301", 2):
            sheet = page(text)
            seen = sheet._pixels[0, :, 3].any() and sheet._pixels[0, :, 3] > 0
            assert seen.sum() == places * sheet._wide
        sheet = page("한" * 500)
        assert (sheet._pixels[: sheet._tall, :, 3] > 0).any()


def test_a_label_too_wide_for_its_place_is_moved_in():
    _, ax = figure(height=1)
    labels = Labels(ax, 10)
    labels.put("wwwwwwww", 1.0, 0.5, "black")
    whole = labels._pixels[..., 3].astype(int).sum()
    labels.clear()
    labels.put("wwwwwwww", 0.5, 0.5, "black")
    assert labels._pixels[..., 3].astype(int).sum() == whole
