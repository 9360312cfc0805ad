"""Explorers of lesson 07: their numbers against the model's own, their frames."""

import asyncio
import math
import re
import unicodedata

import numpy as np
import pytest
import torch
from fontless import machine
from pictures import differ

from helpers.data.batching import Coder
from helpers.data.text import Characters
from helpers.explore import beam, decoding, names
from helpers.explore.beam import explore_beam
from helpers.explore.decoding import explore_decoding
from helpers.explore.kit import streaming
from helpers.explore.kit.live import figure
from helpers.explore.kit.numbers import MINUS
from helpers.explore.kit.prompts import known, read
from helpers.explore.kit.typed import Labels, Page, show_char
from helpers.explore.names import explore_names
from helpers.nets.language_models import CharLM, NameWriter
from helpers.training import one_thread
from helpers.writing.decoding import beam_search, filter_logits

CHARACTERS = Characters("the cat sat on the mat, and that was that.\n$\"'X")
V = len(CHARACTERS)
LETTERS, COUNTRIES = Coder("abcdefghijklmnop"), ["Abba", "Oom", "Pim"]
torch.manual_seed(0)
MODEL = CharLM(V, 12, E=8, drop=0.3)
WRITER = NameWriter(len(LETTERS), 3, 10, E=6)
with torch.no_grad():
    for net in (MODEL, WRITER):
        net.out.weight *= 6  # an opinion of its own, without training


@pytest.fixture(scope="module")
def studio():
    return explore_decoding(MODEL, CHARACTERS, "the ")


@pytest.fixture(scope="module")
def tree():
    return explore_beam(MODEL, CHARACTERS, "the ", width=3, depth=5)


@pytest.fixture(scope="module")
def namer():
    return explore_names(WRITER, LETTERS, COUNTRIES, start="a")


def next_logits(text):
    with torch.no_grad():
        logits, _ = MODEL.eval()(torch.tensor(CHARACTERS.encode(text))[None])
    MODEL.train()
    return logits[0, -1].double()


# --- every control -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("which", "moved"),
    [
        ("studio", {"prompt": "that"}),
        ("studio", {"temperature": 0.5}),
        ("studio", {"k": 3}),
        ("studio", {"p": 0.5}),
        ("tree", {"prompt": "that"}),
        ("tree", {"width": 5}),
        ("tree", {"depth": 3}),
        ("namer", {"country": "Oom"}),
        ("namer", {"start": "b"}),
        ("namer", {"temperature": 1.5}),
        ("namer", {"seed": 1}),
    ],
    ids=str,
)
def test_every_control_changes_the_picture_and_the_words(request, which, moved):
    live = request.getfixturevalue(which)
    before, said = live.frame(), live.reading
    after = live.frame(**moved)
    assert differ(before, after)
    assert live.reading != said
    assert not differ(before, live.frame())
    assert live.painter.full_draws == 1  # artists only, never the whole figure


@pytest.mark.parametrize("which", ["studio", "tree", "namer"])
def test_both_ends_of_every_slider_draw(request, which):
    live = request.getfixturevalue(which)
    for name, control in live.controls.items():
        if name not in ("write", "written") and hasattr(control, "max"):
            one = live.frame(**{name: control.min})
            assert differ(one, live.frame(**{name: control.max})), name
    assert live.painter.full_draws == 1


BAD = ["", "ß", "日本", "\0\t", "$$$", "x" * 500, "^_{", "the " * 60]


@pytest.mark.parametrize("text", BAD)
@pytest.mark.parametrize(("which", "name"), [("studio", "prompt"), ("tree", "prompt")])
def test_any_beginning_gives_a_picture_and_a_friendly_line(request, which, name, text):
    live = request.getfixturevalue(which)
    was = live.controls[name].value
    live.controls[name].value = text
    assert live.note == ""
    strange = [c for c in text if c not in CHARACTERS.chars]
    assert ("Left out" in live.reading) == bool(strange)
    assert ("Nothing to go on" in live.reading) == (len(strange) == len(text))
    assert ("Read: the last 60" in live.reading) == (len(text) - len(strange) > 60)
    live.controls[name].value = was
    assert live.note == ""


@pytest.mark.parametrize(
    ("start", "words"),
    [
        ("", "chooses its own"),
        ("7", "Left out '7': no letters here. No first letter"),
        ("aé", "Left out 'é'"),
        ("Ab", ""),
        ("a" * 40, "Read: the first 14"),
    ],
)
def test_any_first_letters_give_names_and_a_friendly_line(namer, start, words):
    namer.controls["start"].value = start
    assert namer.note == ""
    assert words in namer.reading
    namer.controls["start"].value = "a"


# --- the studio ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "shape",
    [
        {},
        {"temperature": 0.5},
        {"k": 4},
        {"p": 0.6},
        {"temperature": 2.0, "k": 5, "p": 0.8},
    ],
    ids=str,
)
def test_the_bars_are_the_models_numbers(monkeypatch, shape):
    shown = {}
    live = explore_decoding(MODEL, CHARACTERS, "the ")

    def note(xs, heights, half):
        shown[half] = heights
        return np.zeros((len(xs), 4, 2))

    monkeypatch.setattr(decoding, "_boxes", note)
    live.frame(**shape)
    logits = next_logits("the ")
    settings = {"temperature": 1.0, "k": V, "p": 1.0} | shape
    raw, shaped = logits.softmax(0), filter_logits(logits, **settings).softmax(0)
    order = raw.argsort(descending=True)[: decoding.SHOWN]
    np.testing.assert_allclose(shown[0.42], raw[order].numpy(), rtol=1e-5)
    np.testing.assert_allclose(shown[0.24], shaped[order].numpy(), rtol=1e-5)
    assert f"{int((shaped > 0).sum())} of {V} characters may come" in live.reading
    unsure = [torch.special.entr(p).sum().exp().item() for p in (raw, shaped)]
    assert (
        f"among {unsure[0]:.1f} equal ones before, {unsure[1]:.1f} now" in live.reading
    )
    best = CHARACTERS.chars[int(raw.argmax())]
    assert f"most likely {best!r} ({raw.max():.0%})" in live.reading


def test_writing_without_choice_is_greedy():
    live = explore_decoding(MODEL, CHARACTERS, "the ")
    live.controls["k"].value = 1
    live.controls["written"].value = 12
    text = "the "
    for _ in range(12):
        text += CHARACTERS.chars[int(next_logits(text).argmax())]
    assert f"After …{text[-12:]!r}" in live.reading


def test_a_letters_ground_is_its_surprise(monkeypatch):
    shown = {}
    live = explore_decoding(MODEL, CHARACTERS, "the cat")
    monkeypatch.setattr(
        Page, "set", lambda self, *a: shown.update(zip("tig", a, strict=True))
    )
    live.frame(written=5)
    assert len(shown["t"]) == 12
    for n in range(1, 12):
        p = next_logits(shown["t"][:n]).softmax(0)
        bits = -math.log2(p[CHARACTERS.encode(shown["t"][n])[0]])
        blue = 1 - min(1, bits / 8)  # the orange has no blue: E69F00
        assert shown["g"][n, 2] == pytest.approx(blue, abs=1e-4)
    assert (shown["i"][:7] == shown["i"][0]).all()  # what was given, in grey
    assert (shown["i"][7:] != shown["i"][0]).all()


def test_the_same_seed_writes_the_same():
    def text(seed):
        live = explore_decoding(MODEL, CHARACTERS, "the ", seed=seed)
        live.controls["written"].value = 40
        return live.reading

    assert text(3) == text(3) != text(4)


def test_write_goes_to_the_end_where_no_loop_runs_and_begins_anew(monkeypatch):
    monkeypatch.setattr(decoding, "MOST", 12)
    live = explore_decoding(MODEL, CHARACTERS, "the ")
    bar, button = live.controls["written"], live.controls["write"]
    button.value = True
    assert (bar.value, button.value) == (decoding.MOST, False)
    assert live.note == ""
    first = live.reading
    button.value = True
    assert bar.value == decoding.MOST
    assert live.reading != first
    live.controls["prompt"].value = "that"
    assert bar.value == 0
    assert "After …'that'" in live.reading
    assert live.painter.full_draws == 1


def test_writing_leaves_room_for_sliders_and_can_be_stopped(monkeypatch):
    monkeypatch.setattr(streaming, "PAUSE", 0.001)
    monkeypatch.setattr(decoding, "MOST", 30)
    live = explore_decoding(MODEL, CHARACTERS, "the ")
    bar, button = live.controls["written"], live.controls["write"]

    async def use():
        button.value = True
        assert bar.value == 0  # pressing returns at once
        assert button.description == "stop"
        while bar.value < 5:
            await asyncio.sleep(0.001)
        live.controls["temperature"].value = 0.3  # between two characters
        assert live.values["temperature"] == 0.3
        at = bar.value
        while bar.value < at + 5:
            await asyncio.sleep(0.001)
        button.value = False
        stopped = bar.value
        await asyncio.sleep(0.02)
        assert bar.value == stopped
        assert button.description == "write"
        button.value = True  # goes on where it stopped
        while bar.value < stopped + 2:
            await asyncio.sleep(0.001)
        live.controls["prompt"].value = "that"  # a new beginning, and still writing
        assert bar.value < stopped
        while button.value:
            await asyncio.sleep(0.001)

    asyncio.run(asyncio.wait_for(use(), 60))
    assert bar.value == decoding.MOST
    assert live.note == ""


def test_small_steps_take_one_thread_and_give_the_others_back(monkeypatch):
    seen, before = [], torch.get_num_threads()
    torch.set_num_threads(2)
    whole = CharLM.forward

    def spy(self, *args):
        seen.append(torch.get_num_threads())
        return whole(self, *args)

    monkeypatch.setattr(CharLM, "forward", spy)
    try:
        explore_beam(MODEL, CHARACTERS, "the ", 2, 3)
        explore_decoding(MODEL, CHARACTERS, "the ")
        with pytest.raises(ZeroDivisionError), one_thread():
            1 / 0  # noqa: B018
        after = torch.get_num_threads()
    finally:
        torch.set_num_threads(before)
    assert set(seen) == {1}
    assert after == 2


def test_the_model_writes_without_dropout_and_is_left_in_its_mode():
    MODEL.train()
    one, two = (read(MODEL, [1, 2, 3])[0] for _ in range(2))
    assert torch.equal(one, two)
    assert MODEL.training
    MODEL.eval()
    read(MODEL, [1])
    assert not MODEL.training
    MODEL.train()


# --- the tree ------------------------------------------------------------------------


@pytest.mark.parametrize(("width", "depth"), [(1, 4), (3, 5), (8, 12)])
def test_the_tree_is_the_beam_search(tree, width, depth):
    tree.frame(width=width, depth=depth)
    MODEL.eval()
    _, state = MODEL(torch.tensor(CHARACTERS.encode("the"))[None])
    start = CHARACTERS.encode(" ")[0]
    best, first = (
        beam_search(MODEL.step, state, start, width=w, max_len=depth)[0]
        for w in (width, 1)
    )
    MODEL.train()
    score = f"{best.log_p:.1f}".replace("-", MINUS)
    assert f"{CHARACTERS.decode(best.ids)!r}, log p {score}" in tree.reading
    assert ("which is what greedy writes" in tree.reading) == (best.ids == first.ids)
    assert tree.reading.endswith(f"of {V}^{depth} texts.")


def test_a_shallower_tree_is_the_beginning_of_a_deeper_one():
    searches = beam._Searches(MODEL, CHARACTERS)
    searches.begin("the ")
    deep = searches.kept(4)
    MODEL.eval()
    _, state = read(MODEL, searches.ids[:-1])
    for depth in (1, 5):
        short = beam_search(MODEL.step, state, searches.ids[-1], width=4, max_len=depth)
        assert [h.ids for h in short] == [h.ids for h in deep[depth - 1]]
    MODEL.train()


def test_nodes_carry_their_joint_log_probability(monkeypatch, tree):
    put = []
    monkeypatch.setattr(Labels, "put", lambda self, text, *a, **k: put.append(text))
    tree.frame(width=2, depth=3)
    kept = beam._Searches(MODEL, CHARACTERS)
    kept.begin("the ")
    for column in kept.kept(2)[:3]:
        for h in column:
            p = 0.0
            for t, id in enumerate(h.ids):
                said = next_logits("the " + CHARACTERS.decode(h.ids[:t]))
                p += said.log_softmax(0)[id].item()
            assert h.log_p == pytest.approx(p, abs=1e-4)
            assert f"{p:.1f}".replace("-", MINUS) in put


def test_a_search_is_run_once(monkeypatch):
    live = explore_beam(MODEL, CHARACTERS, "the ")
    for width in (1, 2, 4):
        live.frame(width=width)

    def never(*args, **kwargs):
        raise AssertionError("searched again")

    monkeypatch.setattr(beam, "beam_search", never)
    for width in (4, 2, 1):
        for depth in (1, 12):
            live.frame(width=width, depth=depth)


def test_a_greedy_text_that_was_not_kept_has_a_row_of_its_own():
    """Found by trying: beginnings after which a wider beam drops greedy's."""
    live = explore_beam(MODEL, CHARACTERS, "the ", depth=12)
    parted = []
    for prompt in ("the ", "cat", "mat, ", "on", "was ", "X", "sat"):
        for width in (2, 3, 5, 8):
            live.frame(prompt=prompt, width=width)
            if "They part" in live.reading:
                parted.append(live.reading)
    assert parted  # and it was drawn
    times = [float(re.search(r"is ([\d.]+) times", r)[1]) for r in parted]
    assert all(t > 0 for t in times)


# --- the names -----------------------------------------------------------------------


def joint(ids, kind):
    """log p of one name, letter by letter."""
    state, before, total = None, LETTERS.BOS, 0.0
    with torch.no_grad():
        for id in ids:
            logits, state = WRITER(
                torch.tensor([[before]]), torch.tensor([kind]), state
            )
            total += logits[0, 0].double().log_softmax(0)[id].item()
            before = id
    return total


def test_names_begin_as_asked_and_end():
    prefix = LETTERS.encode("ab")
    drawn = names._write(WRITER, LETTERS, 1, prefix, 1.0, 0)
    assert len(drawn) == names.ROWS
    for row in drawn:
        assert row[:2] == prefix
        assert LETTERS.BOS not in row
        assert LETTERS.PAD not in row
        assert LETTERS.EOS not in row[:-1]
        assert row[-1] == LETTERS.EOS or len(row) == names.MOST


def test_likelihoods_and_beliefs_are_those_of_the_model(monkeypatch):
    shown = {}
    monkeypatch.setattr(
        names._Picture,
        "show",
        lambda self, *a: shown.update(
            zip(("names", "bits", "belief"), a, strict=False)
        ),
    )
    explore_names(WRITER, LETTERS, COUNTRIES, country="Pim", start="p")
    for n, row in enumerate(shown["names"]):
        log_p = np.array([joint(row, kind) for kind in range(3)])
        assert shown["bits"][n] == pytest.approx(-log_p[2] / math.log(2), abs=1e-4)
        belief = np.exp(log_p) / np.exp(log_p).sum()
        np.testing.assert_allclose(shown["belief"][:, n], belief, atol=1e-5)


def test_a_name_is_read_once_for_all_countries(monkeypatch):
    read, whole = [], names._likelihoods

    def spy(model, coder, ids, kinds):
        read.extend(ids)
        return whole(model, coder, ids, kinds)

    monkeypatch.setattr(names, "_likelihoods", spy)
    drawn = [names._write(WRITER, LETTERS, 1, [5], 0.7, seed) for seed in (0, 1, 0)]
    likelihoods = names._Likelihoods(WRITER, LETTERS, 3)
    for rows in drawn:
        got = likelihoods(rows)
        np.testing.assert_allclose(got, whole(WRITER, LETTERS, rows, 3), atol=1e-5)
    assert len(read) == len(set(read)) == len({tuple(n) for ns in drawn for n in ns})


def test_the_same_seed_gives_the_same_names(namer):
    one, said = namer.frame(seed=5), namer.reading
    assert differ(one, namer.frame(seed=6))
    assert not differ(one, namer.frame(seed=5))
    assert namer.reading == said


def test_cold_names_are_all_the_same_and_hot_ones_are_not():
    cold, hot = (names._write(WRITER, LETTERS, 0, [5], tau, 0) for tau in (1e-4, 1.0))
    assert len({tuple(row) for row in cold}) == 1
    assert len({tuple(row) for row in hot}) > 1


# --- letters -------------------------------------------------------------------------


def page(height=0.5):
    fig, ax = figure(height=2)
    fig.set_layout_engine("none")
    ax.set_position((0.0, 0.0, 1.0, height))
    return Page(ax, 10)


def test_a_page_shows_the_end_of_a_long_text():
    sheet = page()
    n = sheet.rows * sheet.columns
    white, black = np.ones(3), np.zeros(3)

    def pixels(text):
        sheet.set(text, [black] * len(text), [white] * len(text))
        return sheet._pixels.copy()

    assert not pixels("").any()
    last = pixels("b" * sheet.columns + "a" * n)
    assert np.array_equal(last, pixels("a" * n))
    assert not np.array_equal(last, pixels("a" * (n - 1) + "b"))
    assert np.array_equal(pixels("\n" * 50 + "ab"), pixels("\n" * 60 + "ab"))


@pytest.mark.parametrize(
    ("char", "seen"),
    [(" ", "␣"), ("\n", "↵"), ("a", "a"), ("$", "$"), ("é", "é"), ("日", "□")],
)
def test_every_character_can_be_seen(monkeypatch, char, seen):
    with machine(monkeypatch):
        assert show_char(char) == seen


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_a_prompt_is_taken_in_the_form_of_the_characters(form):
    said, typed = "Göhr café 한국어", unicodedata.normalize(form, "café 한")
    for other in "NFC", "NFD":
        characters = Characters(unicodedata.normalize(other, said))
        ids, note = known(characters, typed, 60)
        assert characters.decode(ids) == unicodedata.normalize(other, "café 한")
        assert note == ""
    assert "Left out 'ü': not" in known(characters, "ü", 60)[1]


def test_a_prompt_is_cut_from_the_left():
    ids, note = known(CHARACTERS, "the cat sat", 3)
    assert CHARACTERS.decode(ids) == "sat"
    assert note == "Read: the last 3 of 11 characters."
    assert known(CHARACTERS, "the", 3)[1] == ""


# --- bad input -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("use", "words"),
    [
        (lambda: explore_decoding(MODEL, Characters("ab")), "characters: .* wanted"),
        (
            lambda: explore_decoding(MODEL, Characters("abcdefghijklmnopqrstuvwxyz")),
            "mod",
        ),
        (lambda: explore_decoding(MODEL, "abc"), "characters: a helpers.data.text"),
        (lambda: explore_decoding(None, CHARACTERS), "model: a torch language model"),
        (lambda: explore_beam(MODEL, Characters("ab")), "characters: .* wanted"),
        (lambda: explore_beam(MODEL, CHARACTERS, width=9), "value: got 9"),
        (lambda: explore_beam(MODEL, CHARACTERS, depth=0), "value: got 0"),
        (lambda: explore_names(WRITER, LETTERS, [*"abcd"]), "model: cannot write"),
        (lambda: explore_names(WRITER, Coder("ab"), COUNTRIES), "coder: 19 letters"),
        (
            lambda: explore_names(WRITER, LETTERS, COUNTRIES, country="Rome"),
            "value: got 'Rome'",
        ),
    ],
)
def test_bad_input_is_named(use, words):
    with pytest.raises(ValueError, match=words):
        use()


def test_one_name_eight_times_is_said_to_be_the_same():
    """No "1 different names": one, two and eight names each have a sentence."""
    rows = [[LETTERS.encode(c)[0], LETTERS.EOS] for c in "abcdefgh"]
    belief, bits = np.full((3, 8), 1 / 3), np.arange(8.0)

    def line(which):
        return names._words(LETTERS, which, bits, belief, 0, COUNTRIES)

    assert line([rows[0]] * 8).startswith("All 8 are the same name, a (0.0 bits")
    assert line([*rows[:1], *rows[1:2] * 7]).startswith("2 different names of 8; the")
    assert line(rows).startswith("8 different names of 8; the likeliest is a (0.0")
