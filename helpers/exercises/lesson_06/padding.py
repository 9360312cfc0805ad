"""Lesson 06: reference and checker of the exercise on a test for padding."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from helpers.exercises.engine.compare import as_array
from helpers.exercises.engine.core import Wrong, call
from helpers.exercises.lesson_06.small_leaks import LENGTHS, SMALL_LEAKS

__all__ = ["check_padding_leaks", "padding_leaks"]


def padding_leaks(model, x, lengths):
    """Whether an answer changes if its sequence is read alone, without padding."""
    together = model(x, lengths)
    for b, n in enumerate(lengths):
        alone = model(x[b : b + 1, :n], lengths[b : b + 1])
        if not torch.allclose(together[b], alone[0], atol=1e-5):
            return True
    return False


class _Model:
    """A bidirectional GRU with a read-out, right or with a bug or a small leak.

    It reads row by row, so that a row's answer hangs on its padding alone and on no
    processor's way to add up a batch: what differs, differs by a bug or by "rounding".
    """

    def __init__(self, bug, D=3, H=5, K=2):
        self.bug, self.calls = bug, []
        with torch.random.fork_rng():
            torch.manual_seed(11)
            self.gru = nn.GRU(D, H, batch_first=True, bidirectional=True)
            self.out = nn.Linear(2 * H, K)

    @torch.no_grad()
    def __call__(self, x, lengths):
        lengths = torch.as_tensor(lengths)
        if x.dim() != 3 or lengths.shape != (len(x),):
            raise Wrong(
                f"the model was given x of shape {tuple(x.shape)} and lengths of shape "
                f"{tuple(lengths.shape)}; it wants (B, T, D) and (B,): slice with "
                "b : b + 1 to keep the batch axis"
            )
        if int(lengths.max()) > x.shape[1]:
            raise Wrong("the model was given a length greater than T")
        self.calls.append((x.clone(), lengths.clone()))
        read = getattr(self, f"_{self.bug}", self._right)
        rows = zip(x.split(1), lengths.split(1), strict=True)
        answers = torch.cat([self.out(read(row, n)) for row, n in rows])
        if self.bug in SMALL_LEAKS:
            _, move = SMALL_LEAKS[self.bug]
            rows = zip(answers, lengths.tolist(), strict=True)
            return torch.stack([move(a, x.shape[1] - n, n) for a, n in rows])
        rounding = self.bug == "rounding" and x.shape[1] > 2  # of the row of 2 steps
        return answers + (4e-6 * (lengths == 2)[:, None] if rounding else 0)

    def _packed(self, x, n):
        packed = pack_padded_sequence(x, n, batch_first=True, enforce_sorted=False)
        output, h_n = self.gru(packed)
        return pad_packed_sequence(output, batch_first=True, total_length=x.shape[1])[
            0
        ], h_n

    def _right(self, x, n):
        return torch.cat([*self._packed(x, n)[1]], dim=1)

    def _state(self, x, n):  # pads go through the GRU, both ways
        return torch.cat([*self.gru(x)[1]], dim=1)

    def _reversal(self, x, n):  # right for the forward half only
        output, _ = self.gru(x)
        H = self.gru.hidden_size
        return torch.cat(
            [output[torch.arange(len(x)), n - 1, :H], output[:, 0, H:]], dim=1
        )

    def _mean(self, x, n):  # divides by T; the padding itself is 0
        return self._packed(x, n)[0].mean(1)

    def _last(self, x, n):  # the last column of the batch
        return self._packed(x, n)[0][:, -1]


_LEAKS = {
    "state": "takes the state after the padding",
    "reversal": "turns whole rows round, so that its backward half reads the padding "
    "first",
    "mean": "divides by T, not by the length",
    "last": "takes the last column of the batch",
}


def _verdict(answer, bug, x, lengths):
    model = _Model(bug)
    got = call(answer, model, x, lengths, name="padding_leaks", unchanged=True)
    if isinstance(got, str):
        raise Wrong(f"return True or False; this is the text {got!r}")
    got = as_array(got, "your verdict")
    if got.shape:
        raise Wrong(f"return one True or False; this has shape {got.shape}")
    if got.dtype != bool:
        raise Wrong(f"return True or False; this is {got}")
    return bool(got), model.calls


def check_padding_leaks(answer) -> str:
    with torch.random.fork_rng():
        torch.manual_seed(12)
        x = torch.randn(4, 6, 3)
    lengths = torch.tensor(LENGTHS)
    x[torch.arange(6) >= lengths[:, None]] = 0
    right, calls = _verdict(answer, "exact", x, lengths)
    found = {bug: _verdict(answer, bug, x, lengths)[0] for bug in _LEAKS}
    if len(calls) < 2 and (right or not any(found.values())):
        raise Wrong(
            f"your test does {'not ' if not calls else ''}call the model once"
            f"{', and no more' if calls else ''}; compare its answers in the batch "
            "with those it gives to each row alone"
        )
    if right and not any(found.values()):
        raise Wrong("it is upside down: True means that the padding leaks")
    if right:
        _name_false_alarm(calls, lengths)
    missed = [bug for bug in _LEAKS if not found[bug]]
    if missed:
        _name_blindness(calls, x)
    if len(missed) == len(_LEAKS):
        if _equally_padded(calls):
            raise Wrong(
                "every row stands before equally much padding whenever you call the "
                "model, so nothing can differ: cut a row at its own length, or put "
                "more padding behind it"
            )
        if any(_verdict(answer, bug, x[1:], lengths[1:])[0] for bug in _LEAKS):
            raise Wrong(
                "a leak is found where every row shows it, and none where a full row "
                "stands beside them, which never differs: let one row that differs be "
                "enough"
            )
        raise Wrong(
            "no leak is found, and there are four: do you compare every row, and with "
            "a tolerance that is not too wide?"
        )
    if set(missed) == {"mean", "last"} or missed == ["mean"]:
        raise Wrong(
            "you change what stands in the padding, and find the models that read it. "
            "How much padding there is must not matter either: the model that "
            f"{_LEAKS[missed[0]]} gets away"
        )
    escaped = [b for b in SMALL_LEAKS if not _verdict(answer, b, x, lengths)[0]]
    if {"up", "down"} <= {*escaped}:
        raise Wrong(
            "a model whose leak moves all numbers of a row alike gets away: compare "
            "the numbers themselves, not which of them is largest"
        )
    if escaped:
        raise Wrong(SMALL_LEAKS[escaped[0]][0])
    if missed:
        raise Wrong(f"the model that {_LEAKS[missed[0]]} gets away")
    if _verdict(answer, "rounding", x, lengths)[0]:
        raise Wrong(
            "a difference of 4e-6 is rounding, not padding: batches of another size "
            "add up in another order. Compare with torch.allclose(…, atol=1e-5)"
        )
    order = torch.tensor([2, 0, 3, 1])  # the longest row stands elsewhere
    for bug, words in _LEAKS.items():
        if not _verdict(answer, bug, x[order], lengths[order])[0]:
            raise Wrong(f"in another order of the rows, the model that {words} escapes")
    for leak, (words, _) in SMALL_LEAKS.items():
        if "row" in leak and not _verdict(answer, leak, x[order], lengths[order])[0]:
            raise Wrong(f"in another order of the rows, {words}")
    full = torch.tensor([6])
    if _verdict(answer, "exact", x[:1], full)[0]:
        raise Wrong("a batch of one full row is accused; nothing can leak there")
    return (
        "Four bugs that train on without a word, caught by one property: a sequence's "
        "answer must not depend on its neighbours."
    )


def _name_false_alarm(calls, lengths) -> None:
    cut = [int(n[0]) for x, n in calls if len(x) == 1]
    if cut and cut != lengths.tolist():
        raise Wrong(
            "the right model is accused: hand each row its own length, and compare it "
            "with its own answer in the batch"
        )
    raise Wrong(
        "the right model is accused: its answers agree to 1e-5 whenever a sequence is "
        "read whole. Do you compare the same row, cut at its own length?"
    )


def _equally_padded(calls) -> bool:
    """Whether no row was ever read with less padding than another time."""
    pads = {}
    for x, lengths in calls:
        for row, n in zip(x, lengths.tolist(), strict=True):
            pads.setdefault(row[:n].numpy().tobytes(), set()).add(len(row) - n)
    return all(len(seen) == 1 for seen in pads.values())


def _name_blindness(calls, x) -> None:
    alone = [(seen, int(n[0])) for seen, n in calls if len(seen) == 1]
    if alone and all(n == x.shape[1] for _, n in alone):
        raise Wrong(
            "only the longest row is compared, which has no padding and shows nothing: "
            "go through all rows (does your loop end with the first?)"
        )
    if alone and all(seen.shape[1] == x.shape[1] for seen, _ in alone):
        raise Wrong(
            "every row still has all its padding when you read it alone: cut it at "
            "its length, x[b : b + 1, :n]"
        )
