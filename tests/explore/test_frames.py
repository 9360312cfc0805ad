"""Every live figure: after any moves, a frame has the pixels of a full draw."""

import datetime
import itertools
from functools import cache

import ipywidgets as widgets
import numpy as np
import pytest
import torch
from matplotlib.axis import Axis
from matplotlib.image import AxesImage
from matplotlib.legend import Legend
from matplotlib.text import Text
from pictures import picture, whole

from helpers.data import dates, series
from helpers.data.batching import Coder
from helpers.data.morse import ELEMENTS
from helpers.data.text import Characters
from helpers.experiments import load
from helpers.explore.after.heard import explore_heard
from helpers.explore.after.stretching import INKS, explore_stretch
from helpers.explore.after.sweeping import explore_sweeps
from helpers.explore.attention.bits import explore_bits
from helpers.explore.attention.lookback import explore_lookback
from helpers.explore.attention.ranking import explore_ranking
from helpers.explore.beam import explore_beam
from helpers.explore.before import explore_order, explore_parameters
from helpers.explore.belief import explore_belief, explore_name
from helpers.explore.bptt import explore_bptt
from helpers.explore.cliff import explore_cliff
from helpers.explore.clinic.deal import explore_clinic
from helpers.explore.cloze import explore_cloze
from helpers.explore.decoding import explore_decoding
from helpers.explore.forcing import explore_forcing
from helpers.explore.gradients import explore_gradient
from helpers.explore.listening.operator import explore_operator
from helpers.explore.listening.prefixes import explore_prefixes
from helpers.explore.memories import explore_memories
from helpers.explore.names import explore_names
from helpers.explore.projects.glimpses import explore_glimpses
from helpers.explore.race import explore_race
from helpers.explore.recurrence import explore_steps
from helpers.explore.series.forecaster import explore_forecasts
from helpers.explore.series.leak_lab import explore_leaks
from helpers.explore.start import explore_memory
from helpers.explore.trace import explore_trace
from helpers.explore.translator import explore_translator
from helpers.nets.after.contenders import Contender
from helpers.nets.attention.decoder import AttentionSeq2Seq
from helpers.nets.clinic.patients import FAULTS
from helpers.nets.language_models import CharLM, NameWriter
from helpers.nets.listener import Listener
from helpers.nets.numpy_rnn import RNN
from helpers.nets.projects.seeing import Glimpser
from helpers.nets.seq2seq import Seq2Seq
from helpers.nets.series.baselines import BASELINES
from helpers.nets.series.rolling import roll
from helpers.nets.small import Reader
from helpers.nets.trackers import BracketTracker

CHARACTERS = Characters("the state remembers.")
V = len(CHARACTERS)
LETTERS = Coder("abcdefgh")
WAYS = [*itertools.product(dates.LOCALES, dates.SHORTER)]
TEXTS = ["", "abc", "()[(", "e", "the tea", "seat, seat", "bad not good", "h"]


class Filler:
    vocabulary = ("i", "am", "you", "are", "hungry", "today")

    def probabilities(self, left, right):
        seed = [0, *" ".join([*left, *right]).encode()]
        p = np.random.default_rng(seed).dirichlet(np.ones(len(self.vocabulary)))
        return dict(zip(self.vocabulary, p.tolist(), strict=True))


def forcing():
    keys = itertools.product((0, 0.5, 1), (3, 6), (0, 1, 2))
    rng = np.random.default_rng(0)
    return [
        {"ratio": r, "length": n, "seed": s, "steps": [1, 2, 3]}
        | {name: rng.random(3).tolist() for name in ("free", "forced")}
        for r, n, s in keys
    ]


def examined():
    """An outcome of every test for every fault of the clinic, drawn at random."""
    rng = np.random.default_rng(0)

    def curve():
        return rng.uniform(0, 3.5, 20).tolist()

    return [
        {
            "fault": fault,
            **{key: rng.random() for key in ("start", "again")},
            **{key: rng.random(2).tolist() for key in ("norms", "padding")},
            **{key: [curve(), curve()] for key in ("zero", "seed")},
            **{key: curve() for key in ("curve", "two", "sweep")},
            "map": (rng.random((6, 8)) * (rng.random((6, 8)) > 0.7)).tolist(),
            "look": [["anna........", "nna|........"]] * 3,
        }
        for fault in FAULTS
    ]


def reader(inputs):
    return Reader(inputs, 5, 3)


CODERS = Coder("abcdef"), Coder(["eins", "zwei", "drei", "vier"])


def translator(explore, net=AttentionSeq2Seq, **more):
    model = net(*map(len, CODERS), H=12).eval()

    def read(text):
        return [letter for letter in text if letter in "abcdef"] or ["a"]

    return explore(model, *CODERS, read, lambda text: ["eins"], "abc", **more)


def dated():
    """The same explorer with a second net, which reads dates."""
    letters = "".join(dates.write(datetime.date(2005, 4, 3), *way) for way in WAYS)
    coders = Coder(letters + "abcdef()[ ,hnostg"), Coder("0123456789-")
    model = AttentionSeq2Seq(*map(len, coders), H=12).eval()
    return translator(explore_lookback, dated=(model, *coders))


def bits():
    model = AttentionSeq2Seq(*map(len, CODERS), H=12).eval()
    source = torch.tensor([[3, 4, 5], [5, 6, 7]])
    return explore_bits(model, source, torch.tensor([3, 3]), 4)


def ranking():
    grid = {"grid": np.eye(2), "penalties": (0.0, 1.0)}
    return translator(explore_ranking, **grid)


def prefixes():
    y = np.random.default_rng(3).dirichlet([1, 1, 1], size=7)
    return explore_prefixes(np.log(y), "_ab")


def stretch():
    tasks = {"parity": (2, 2), "recall": (13, 4)}
    nets = {(task, k): Contender(k, *DO, 4) for task, DO in tasks.items() for k in INKS}
    rows = [{"task": t, "kind": k, "by_length": [[0.7] * 7]} for t, k in nets]
    return explore_stretch(nets, rows)


def forecasts():
    origins = range(240, 421, 12)
    said = {k: roll(series.carbon(), f, origins, 24) for k, f in BASELINES.items()}
    return explore_forecasts(series.carbon(), said, origins, 8)


def pixels():
    return np.random.default_rng(0).random((4, 8, 8)).astype(np.float32)


def images():
    return np.random.default_rng(0).random((4, 6, 5)).astype(np.float32)


EXPLORERS = {
    "memory": explore_memory,
    "belief": lambda: explore_belief({"x": reader(5)}, images(), [0, 1, 2, 0]),
    "name": lambda: explore_name(reader(len(LETTERS)), LETTERS, "XYZ", "abba"),
    "parameters": lambda: explore_parameters([5, 10, 15, 30]),
    "order": lambda: explore_order({"RNN": lambda words: 1 / len(words), "x": len}),
    "steps": lambda: explore_steps(rnn(), CHARACTERS, "state"),
    "bptt": lambda: explore_bptt(rnn(), CHARACTERS, "the state remembers."),
    "gradient": explore_gradient,
    "race": explore_race,
    "cliff": explore_cliff,
    "memories": explore_memories,
    "trace": lambda: explore_trace(BracketTracker(H=5), "([()][])(([]))"),
    "cloze": lambda: explore_cloze(Filler(), Filler(), "i", "", [("you", "am")]),
    "decoding": lambda: explore_decoding(CharLM(V, 12, E=8), CHARACTERS, "the "),
    "beam": lambda: explore_beam(CharLM(V, 12, E=8), CHARACTERS, "the ", 3, 5),
    "names": lambda: explore_names(
        NameWriter(len(LETTERS), 3, 10, E=6), LETTERS, ["Abba", "Oom", "Pim"], start="a"
    ),
    "translator": lambda: translator(explore_translator, Seq2Seq),
    "forcing": lambda: explore_forcing(forcing()),
    "lookback": lambda: translator(explore_lookback),
    "lookback, dated": dated,
    "ranking": ranking,
    "bits": bits,
    "prefixes": prefixes,
    "operator": lambda: explore_operator({"x": Listener(len(ELEMENTS))}),
    "sweeps": explore_sweeps,
    "stretch": stretch,
    "heard": explore_heard,
    "clinic": lambda: explore_clinic(examined(), FAULTS),
    "forecasts": forecasts,
    "leaks": lambda: explore_leaks(load("leaks")["rows"]),
    "glimpses": lambda: explore_glimpses(Glimpser(), pixels(), [0, 1, 2, 0]),
}


def rnn():
    return RNN(V, 6, V, rng=np.random.default_rng(0))


@cache
def opened(name):
    """The explorer of this name, the same for each test."""
    torch.manual_seed(0)
    return EXPLORERS[name]()


def somewhere(control, rng):
    """A value that the control may have; None: it is left alone."""
    if isinstance(control, widgets.IntSlider | widgets.IntProgress):
        return int(rng.integers(control.min, control.max + 1))
    if isinstance(control, widgets.FloatLogSlider):
        return float(control.base ** rng.uniform(control.min, control.max))
    if isinstance(control, widgets.FloatSlider):
        return float(rng.uniform(control.min, control.max))
    if isinstance(control, widgets.Dropdown):
        every = [value for _, value in control._options_full]
        return every[rng.integers(len(every))]
    if isinstance(control, widgets.Text):
        return TEXTS[rng.integers(len(TEXTS))]
    return None


@pytest.mark.parametrize("name", EXPLORERS)
def test_a_frame_is_a_full_draw(name):
    live, rng = opened(name), np.random.default_rng(0)
    for _ in range(3):
        for control in live.controls.values():
            if rng.random() < 0.7 and (value := somewhere(control, rng)) is not None:
                control.value = value
        assert not live.note
        shown = picture(live.frame())
        np.testing.assert_array_equal(shown, whole(live.painter.fig))


@pytest.mark.parametrize("name", EXPLORERS)
def test_a_frame_is_made_of_what_is_quick_to_draw(name):
    """No text glyph by glyph, no legend, no image of Matplotlib's, nothing anew."""
    live, rng = opened(name), np.random.default_rng(0)
    fig, before = live.painter.fig, live.painter.full_draws
    for control in live.controls.values():
        if isinstance(control, widgets.FloatSlider | widgets.IntSlider):
            control.value = somewhere(control, rng)
    assert live.painter.full_draws == before
    slow = [
        artist
        for artist in fig.findobj(lambda part: part.get_animated())
        if isinstance(artist, Legend | Axis)
        or (type(artist) is Text and artist.get_text())
        or type(artist) is AxesImage
    ]
    assert slow == []


@pytest.mark.parametrize("name", EXPLORERS)
def test_what_is_written_is_legible_from_the_back_row(name):
    live = opened(name)
    texts = live.painter.fig.findobj(Text)
    small = {
        text.get_text()
        for text in texts
        if text.get_fontsize() < 9 and text.get_visible() and text.get_text().strip()
    }
    assert texts
    assert not small
