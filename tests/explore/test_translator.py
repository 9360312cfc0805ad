"""Explorer of lesson 08: what is written, and what one error changes."""

import itertools

import numpy as np
import pytest
import torch
from pictures import differ

from helpers.data.batching import Coder
from helpers.explore.translator import MOST, SECOND, _words, explore_translator
from helpers.nets.seq2seq import Seq2Seq
from helpers.writing.disturbed import disturbed

SOURCE, TARGET = Coder("abcdef"), Coder(["eins", "zwei", "drei", "vier"])


class Echo:
    """Says one word for each letter, then the end; an error shifts all that follows."""

    V = len(TARGET)

    def encode(self, source, lengths):
        state = torch.zeros(len(source), 6)
        state[:, 0] = lengths
        return state

    def step(self, ids, state):
        left = state[:, 0]
        best = torch.where(left > 0, 3 + (ids + left.long()) % 4, Coder.EOS)
        logits = 5.0 * torch.nn.functional.one_hot(best, self.V)
        logits = logits + 2.0 * torch.nn.functional.one_hot((best + 1) % self.V, self.V)
        rest = (left - 1).clamp(min=0)
        return logits, torch.cat([rest[:, None], state[:, 1:] + 0.1], 1)


def written_by_hand(model, ids, error=0, wrong=None):
    """One sequence at a time, in plain Python."""
    state = model.encode(torch.tensor([ids]), torch.tensor([len(ids)]))
    fed, out = Coder.BOS, []
    for s in range(1, MOST + 1):
        logits, state = model.step(torch.tensor([fed]), state)
        order = logits[0].argsort(descending=True).tolist()
        fed = order[0]
        if s == error:
            fed = order[1] if wrong is None else wrong
        out.append(fed)
        if fed == Coder.EOS:
            break
    return out


@pytest.fixture(params=["echo", "net"])
def model(request):
    if request.param == "echo":
        return Echo()
    torch.manual_seed(4)
    net = Seq2Seq(len(SOURCE), len(TARGET), H=12)
    with torch.no_grad():
        net.out.bias.zero_()
        net.out.weight *= 8
        net.target.weight *= 3
    return net.eval()


def explorer(model, text="abc"):
    def answer(text):
        if text == "?":
            raise ValueError("no answer to that")
        return ["eins"] * len(text)

    return explore_translator(model, SOURCE, TARGET, list, answer, text)


@pytest.mark.parametrize("wrong", [None, 5])
def test_every_row_is_what_one_run_alone_would_write(model, wrong):
    ids = SOURCE.encode("fade")
    made = disturbed(model, ids, wrong, MOST)
    for error in range(MOST + 1):
        want = written_by_hand(model, ids, error, wrong)
        assert made["length"][error] == len(want)
        assert made["written"][error][: len(want)].tolist() == want
        assert (made["written"][error][len(want) :] == Coder.PAD).all()
    assert made["states"].shape[:2] == (MOST + 1, MOST + 1)
    inside = np.arange(MOST) < made["length"][:, None]
    assert (made["p"][inside] > 0).all()
    assert (made["p"][~inside] == 0).all()
    assert (np.diff(made["top_p"], axis=2) <= 1e-7).all()


def test_before_its_error_a_row_is_as_the_undisturbed_one():
    made = disturbed(Echo(), SOURCE.encode("abcdef"))
    for error in range(1, made["length"][0] + 1):
        before = made["written"][:, : error - 1]
        assert (before[error] == before[0]).all()
        assert made["written"][error, error - 1] != made["written"][0, error - 1]


def test_the_reading_counts_what_the_error_changes():
    live = explorer(Echo())
    own = TARGET.decode(disturbed(Echo(), SOURCE.encode("abc"))["written"][0])
    live.frame()
    assert live.reading == f"It writes: {' '.join(own)}, not eins eins eins."
    live.frame(error=1)
    made = disturbed(Echo(), SOURCE.encode("abc"))["written"]
    changed = (made[0, 1:4] != made[1, 1:4]).sum()
    assert changed > 0
    assert f"at step 1, {changed} of the 3 words after it change." in live.reading
    live.frame(error=2, instead=own[1])
    assert "says " + own[1] + " anyway" in live.reading


def test_the_end_is_called_as_in_the_figure_and_one_word_is_one():
    """The list says "end", not "<eos>"; no "1 of the 1 words"."""
    live = explorer(Echo())
    assert "<eos>" not in live.controls["instead"].options
    live.frame(error=1, instead="end")
    assert "With end for " in live.reading
    eins, zwei, drei = TARGET.encode(["eins", "zwei", "drei"])
    for clean, row, words in (
        ([eins, zwei, 2, 0], [zwei, drei, 2, 0], "1 of the 2 words after it change."),
        ([eins, 2, 0, 0], [zwei, 2, 0, 0], "the one word after it stays."),
        ([eins, 2, 0, 0], [2, 0, 0, 0], "the one word after it changes."),
    ):
        said = _words(TARGET, ["eins"], np.array(clean), np.array(row), 1)
        assert said.endswith(words)


def test_what_moves_in_the_state_is_counted_from_text_to_text():
    live = explorer(Echo(), "abc")
    live.frame()
    assert "From" not in live.reading
    live.controls["typed"].value = "abcd"
    states = [
        disturbed(Echo(), SOURCE.encode(text))["states"][0, 0]
        for text in ("abc", "abcd")
    ]
    moved = (np.abs(states[0] - states[1]) > 0.5).sum()
    assert moved > 0
    assert f"From abc to abcd, {moved} of {len(states[0])} numbers" in live.reading
    live.controls["error"].value = 1
    assert "From abc to abcd" in live.reading


def test_a_look_past_the_end_says_so():
    live = explorer(Echo(), "a")
    live.frame(s=1)
    assert "ended" not in live.reading
    live.frame(s=MOST)
    assert f"before step {MOST}." in live.reading


def test_an_error_after_the_end_is_one_at_the_end():
    live = explorer(Echo(), "a")
    live.frame(error=MOST)
    late = live.reading
    live.frame(error=2)
    assert live.reading == late


def test_every_control_is_seen_and_none_draws_all_anew():
    live = explorer(Echo())
    shots = [live.frame(), live.frame(error=2), live.frame(error=2, s=4)]
    shots += [live.frame(error=2, instead="drei"), live.frame(error=MOST, s=MOST)]
    shots.append(live.frame(typed="fed"))
    assert live.painter.full_draws == 1
    for one, other in itertools.pairwise(shots):
        assert differ(one, other)


@pytest.mark.parametrize("text", ["", "?", "abz", "a" * 200, "abcdef" * 9])
def test_odd_text_is_a_sentence_and_no_error(text):
    live = explorer(Echo())
    live.controls["typed"].value = text
    assert live.note == ""
    if text in ("", "?", "abz"):
        want = {"": "nothing to read", "?": "no answer", "abz": "'z' was in none"}[text]
        assert want in live.reading
    else:
        assert live.reading.startswith("It writes")


def test_the_second_choice_is_the_default():
    live = explorer(Echo())
    assert live.values["instead"] == SECOND
    assert live.values["error"] == 0


def test_what_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="target_coder: a data"):
        explore_translator(Echo(), SOURCE, "abc", list, list)
    with pytest.raises(ValueError, match="two functions"):
        explore_translator(Echo(), SOURCE, TARGET, list, None)


def test_what_cannot_be_run_is_refused():
    with pytest.raises(ValueError, match="ids is empty"):
        disturbed(Echo(), [])
    with pytest.raises(ValueError, match="steps"):
        disturbed(Echo(), [3], steps=0)
