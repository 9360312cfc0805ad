"""Checker of lesson 08: greedy writing, a batch at once, until each has ended."""

from __future__ import annotations

import numpy as np
import torch

from helpers.exercises.engine.compare import as_array
from helpers.exercises.engine.core import Wrong, call, same

__all__ = ["check_greedy", "greedy"]


def greedy(step, state, bos, eos, max_len):
    token = torch.full((len(state),), bos)
    rows, alive = [[] for _ in range(len(state))], torch.ones(len(state), dtype=bool)
    for _ in range(max_len):
        logits, state = step(token, state)
        token = logits.argmax(dim=-1)
        alive &= token != eos
        if not alive.any():
            break
        for row, word, goes_on in zip(rows, token.tolist(), alive, strict=True):
            if goes_on:
                row.append(word)
    return rows


SCRIPTS = (
    (5, 7, 2, 6, 6, 2),
    (8, 2, 9, 9, 2, 9),
    (4, 5, 6, 7, 2, 8),
    (2, 3, 3, 3, 2, 3),
)


class _Scripted:
    """A decoder that says its script, if each step is fed what the last one said."""

    def __init__(self, scripts=SCRIPTS, V=10):
        self.scripts, self.V, self.calls, self.fed = scripts, V, 0, []
        self.rows, self.places = set(), set()  # batch sizes, and places asked for

    def start(self, rows):
        return torch.tensor([[row, 0] for row in rows])  # which script, which place

    def __call__(self, token, state):
        self.calls += 1
        if self.calls > 1000:
            raise Wrong(
                "your loop never ends: stop after `max_len` steps at the latest"
            )
        if not isinstance(token, torch.Tensor) or token.shape != state.shape[:1]:
            kind = tuple(getattr(token, "shape", ())) or "a single number"
            raise Wrong(
                f"`step` wants a tensor of ids, (B,) = ({len(state)},), got {kind}"
            )
        self.fed.append(token.tolist())
        self.rows.add(len(token))
        self.places |= set(state[:, 1].tolist())
        words = torch.tensor([self._word(*place) for place in state.tolist()])
        logits = torch.nn.functional.one_hot(words, self.V).double()
        return logits, state + torch.tensor([0, 1])

    def _word(self, row, place):
        script = self.scripts[row]
        return script[place] if place < len(script) else script[-1] or 3


def _sentence(row, what):
    """One sentence of the learner's as a list of ids."""
    ids = as_array(list(row) if isinstance(row, tuple) else row, what)
    if ids.ndim != 1 or ids.dtype.kind == "c" or not same(ids, np.round(ids), 0):
        raise Wrong(f"{what} is no list of ids, whole numbers")
    return ids.astype(int).tolist()


def check_greedy(answer):
    bos, eos, max_len = 1, 2, 6
    rows = (0, 1, 2, 3)

    def ask(decoder, rows, max_len=max_len, bos=bos, eos=eos):
        state = decoder.start(rows)
        got = call(answer, decoder, state, bos, eos, max_len, name="greedy")
        if isinstance(got, torch.Tensor | np.ndarray):
            raise Wrong("return a list of lists: sentences differ in length")
        if not isinstance(got, list | tuple) or len(got) != len(rows):
            raise Wrong(f"return one list for each of the {len(rows)} sequences")
        if any(isinstance(row, int) for row in got):
            raise Wrong("return one list of ids for each sequence")
        return [_sentence(row, f"sentence {n}") for n, row in enumerate(got)]

    decoder = _Scripted()
    got = ask(decoder, rows)
    full = [list(script[:max_len]) for script in SCRIPTS]
    want = [script[: script.index(eos)] for script in full]
    words = {
        "full": "the rows go on after their end mark: what follows it is nobody's",
        "no ends": "you drop the end marks and keep what follows: a row *stops* there",
        "with eos": "the end mark is in the sentence; it only says where to stop",
        "with bos": "`bos` is in the sentence; it is what the first step is fed",
        "no first": "the first word is missing: what the first step says counts",
    }
    known = {
        "full": full,
        "no ends": [[w for w in row if w != eos] for row in full],
        "with eos": [[*row, eos] for row in want],
        "with bos": [[bos, *row] for row in want],
        "no first": [row[1:] for row in want],
    }
    if not decoder.fed:
        raise Wrong("call `step(token, state)`: it says the words")
    if decoder.rows == {1}:
        raise Wrong("you decode row by row; give `step` the whole batch at once")
    if any(word != bos for word in decoder.fed[0]):
        raise Wrong(f"the first step is fed {decoder.fed[0][0]}; `bos` begins")
    if len(decoder.fed) > 1 and decoder.fed[1] == decoder.fed[0]:
        raise Wrong("every step is fed `bos`: feed what the step before has said")
    for name, wrong in known.items():
        if got == wrong and got != want:
            raise Wrong(words[name])
    if decoder.calls > 1 and decoder.places == {0}:
        raise Wrong(
            "every step starts from the first state: keep the state that `step` returns"
        )
    if got != want and all(w[: len(g)] == g for g, w in zip(got, want, strict=True)):
        raise Wrong("one sequence ended and all of them stopped: go on until each has")
    if got != want:
        raise Wrong(f"greedy returned {got}; these scripts say {want}")
    if decoder.calls > 5:
        raise Wrong(
            "all have ended after 5 steps and `step` goes on being called: leave the "
            "loop when nobody is left"
        )
    endless = _Scripted(((3, 4, 3, 4, 3, 4, 3, 4, 3),))
    if ask(endless, (0,), 4) != [[3, 4, 3, 4]]:
        raise Wrong("a sequence that never ends is cut after `max_len` words")
    alone = [ask(_Scripted(), (row,))[0] for row in rows]
    if alone != got:
        raise Wrong(f"one by one you write {alone}, as a batch {got}")
    other = _Scripted([[(word + 3) % 10 for word in script] for script in SCRIPTS])
    got = ask(other, rows, bos=0, eos=5)
    if any(word != 0 for word in other.fed[0]):
        raise Wrong(f"with `bos` = 0 the first step is fed {other.fed[0][0]}")
    if got != [[(word + 3) % 10 for word in row] for row in want]:
        raise Wrong("with `eos` = 5 it still ends elsewhere: use the argument")
    return "A batch writes what each would write alone, and no step more."
