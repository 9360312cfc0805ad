"""What measures or writes leaves nothing out, and puts each part's mode back."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from sentences import V, W, batch_of
from torch import nn

from helpers.data import cloze, date_fields
from helpers.data.batching import Coder
from helpers.data.clips import clips
from helpers.data.morse import ELEMENTS
from helpers.experiments import (
    deep,
    listening,
    probes,
    reading_bugs,
    reordering,
    streaming,
)
from helpers.experiments import seq2seq as writing
from helpers.experiments.after import stretched
from helpers.experiments.attention import explained
from helpers.explore import belief, names, trace
from helpers.explore.after.stretching import chances
from helpers.explore.beam import _Searches
from helpers.explore.kit.prompts import read
from helpers.explore.projects import glimpses
from helpers.nets.after.contenders import Contender
from helpers.nets.attention.decoder import AttentionSeq2Seq
from helpers.nets.deep import Tagger
from helpers.nets.gap_filler import GapFiller, accuracy
from helpers.nets.language_models import CharLM, NameWriter
from helpers.nets.listener import Listener, hear, transcribe
from helpers.nets.projects.seeing import Eye, FilmReader, Glimpser, share_right
from helpers.nets.seq2seq import Seq2Seq
from helpers.nets.series import forecaster
from helpers.nets.small import Reader
from helpers.nets.trackers import BracketTracker
from helpers.writing.disturbed import disturbed

LETTERS = Coder("ab")
SERIES = np.linspace(0.0, 5.0, 40)
SOURCE = batch_of(2, 3, 4)


def heard():
    return clips(["at", "e"], np.random.default_rng(0), snr=20, wpm=22)


def dates():
    return date_fields.load(np.random.default_rng(0), 8, 4)


def looker():
    model = AttentionSeq2Seq(V, W, 6, 4)
    nn.init.ones_(model.look.v)
    return model


def beam(model):
    characters = SimpleNamespace(chars="abcde", encode=lambda s: np.arange(len(s)))
    searches = _Searches(model, characters)
    searches.begin("abc")
    searches.kept(2)


CASES = {
    "hear": (lambda: Listener(5), lambda m: hear(m, np.zeros((9, 13)))),
    "transcribe": (
        lambda: Listener(len(ELEMENTS)),
        lambda m: transcribe(m, heard(), ELEMENTS),
    ),
    "stream": (
        lambda: Listener(len(ELEMENTS)),
        lambda m: streaming.stream(m, heard(), [0, 1], 2),
    ),
    "hear with a prior": (
        lambda: Listener(len(ELEMENTS)),
        lambda m: listening._hear_with_prior(m, heard(), ELEMENTS, 0),
    ),
    "next values": (
        lambda: forecaster.Forecaster(SERIES, 4),
        lambda m: forecaster.next_values(m, SERIES),
    ),
    "forecast": (
        lambda: forecaster.Forecaster(SERIES, 4),
        lambda m: forecaster.forecast(m, SERIES, 3),
    ),
    "disturbed": (lambda: Seq2Seq(V, W, 6, 4), lambda m: disturbed(m, [3, 4], steps=3)),
    "scores": (
        lambda: Seq2Seq(V, W, 6, 4),
        lambda m: writing.scores(m, SOURCE),
    ),
    "two tests": (
        looker,
        lambda m: explained.two_tests(m, *SOURCE),
    ),
    "right share": (
        lambda: Tagger(len(dates()[0]), len(date_fields.TAGS), 4),
        lambda m: deep.right_share(m, dates()[2]),
    ),
    "month scores": (
        lambda: reading_bugs.DateReader(len(dates()[0]), "right", 4),
        lambda m: reading_bugs.month_scores(m, dates()[2]),
    ),
    "accuracy of a contender": (
        lambda: Contender("LSTM", *stretched.TASKS["parity"], 4),
        lambda m: stretched.accuracy(m, "parity", 5, torch.Generator(), n=6),
    ),
    "chances": (
        lambda: Contender("LSTM", 3, 2, 4),
        lambda m: chances(m, torch.zeros(1, 5, 3), torch.zeros(1, 2, dtype=int)),
    ),
    "exact": (
        lambda: reordering._Frames(True),
        lambda m: reordering._exact(m, *torch.ones(2, 2, 3, dtype=int)),
    ),
    "probes": (
        lambda: probes.LayeredModel(len(probes.WORDS), 4, 2),
        probes.probe_layers,
    ),
    "share right": (
        lambda: FilmReader(Eye()),
        lambda m: share_right(m, torch.zeros(2, 3, 8, 8), torch.zeros(2)),
    ),
    "accuracy of a gap filler": (
        lambda: GapFiller({w for s in cloze.sentences() for w in s}, 4),
        lambda m: accuracy(m, cloze.sentences()[:2]),
    ),
    "probabilities": (
        lambda: GapFiller(["a", "cat", "sat"], 4),
        lambda m: m.probabilities(["a"], ["sat"]),
    ),
    "beliefs": (
        lambda: Reader(3, 4, 2),
        lambda m: belief.beliefs(m, torch.ones(2, 5, 3)),
    ),
    "read": (lambda: CharLM(5, 4), lambda m: read(m, [1, 2])),
    "beam": (lambda: CharLM(5, 4), beam),
    "names": (
        lambda: NameWriter(len(LETTERS), 2, 4),
        lambda m: names._write(m, LETTERS, 1, (3,), 0.7, 0),
    ),
    "likelihoods": (
        lambda: NameWriter(len(LETTERS), 2, 4),
        lambda m: names._likelihoods(m, LETTERS, [(3, 2)], 2),
    ),
    "answers": (lambda: BracketTracker(4), lambda m: trace._answers(m, torch.eye(4))),
    "glimpses": (
        lambda: Glimpser(),
        lambda m: glimpses._seen(m, torch.ones(1, 20, 20)),
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_nothing_is_left_out_and_each_mode_is_put_back(case):
    make, use = CASES[case]
    model, seen = make().train(), []
    first, *_ = model.children()
    first.eval()  # a part may be in another mode than the whole
    for part in model.modules():
        if not isinstance(part, nn.ModuleList | nn.Sequential):
            part.register_forward_pre_hook(lambda m, x: seen.append(m.training))
    modes = [part.training for part in model.modules()]
    use(model)
    assert seen
    assert not any(seen)
    assert [part.training for part in model.modules()] == modes
