"""Checkers of lesson 08: the decoder's loop, with and without a teacher."""

from __future__ import annotations

import numpy as np
import torch

from .core import Wrong, call, close, same, shape_of

__all__ = ["check_greedy", "check_run_decoder", "greedy", "run_decoder"]


def run_decoder(step, state, targets, bos, ratio, rng):
    token, logits = torch.full_like(targets[:, 0], bos), []
    for t in range(targets.shape[1]):
        scores, state = step(token, state)
        logits.append(scores)
        forced = rng.random() < ratio
        token = targets[:, t] if forced else scores.argmax(dim=-1)
    return torch.stack(logits, dim=1)  # (B, S, V)


class _Decoder:
    """A decoder whose every answer is known, and who notes what it was fed."""

    V = 50

    def __init__(self):
        self.fed, self.places, self.said = [], [], []

    def __call__(self, token, state):
        if not isinstance(token, torch.Tensor) or token.dtype.is_floating_point:
            raise Wrong(
                "`step` wants a tensor of ids, whole numbers (B,): give it ids, not "
                "logits or probabilities"
            )
        if tuple(token.shape) != tuple(state.shape):
            raise Wrong(
                f"`step` wants ids of shape (B,) = {tuple(state.shape)}, "
                f"got {tuple(token.shape)}"
            )
        if len(self.fed) > 1000:
            raise Wrong("your loop never ends: it has called `step` a thousand times")
        self.fed.append(token.clone())
        self.places.append(state.clone())
        best = (7 * token + 11 * state + 3) % self.V
        self.said.append(best)
        logits = torch.nn.functional.one_hot(best, self.V).double() * 4
        second = torch.nn.functional.one_hot((best + 1) % self.V, self.V)
        return logits + 3.5 * second, state + 1


def check_run_decoder(answer):
    B, S, bos = 3, 6, 1
    generator = torch.Generator().manual_seed(5)

    def ask(ratio, S=S, seed=0):
        decoder = _Decoder()
        targets = torch.randint(3, 50, (B, S), generator=generator)
        state = torch.zeros(B, dtype=torch.long)
        rng = np.random.default_rng(seed)
        got = call(answer, decoder, state, targets, bos, ratio, rng, name="run_decoder")
        if not decoder.fed:
            raise Wrong("call `step(token, state)` once for every target")
        _check_feeding(decoder, S, bos)
        return got, decoder, targets

    got, decoder, targets = ask(1.0)
    fed, said = torch.stack(decoder.fed, 1), torch.stack(decoder.said, 1)
    if torch.equal(fed[:, 1:], targets[:, 1:]):
        raise Wrong(
            "the decoder is fed the very token it has to say next: after step t feed "
            "targets[:, t], not targets[:, t + 1]"
        )
    if torch.equal(fed[:, 1:], said[:, :-1]):
        own = ask(0.0)[1]
        swapped = not torch.equal(
            torch.stack(own.fed, 1)[:, 1:], torch.stack(own.said, 1)[:, :-1]
        )
        if swapped:
            raise Wrong(
                "ratio 1 runs free and ratio 0 forces: turn the comparison round"
            )
        raise Wrong(
            "nothing is ever forced: with ratio 1 the decoder is still fed its own "
            "words; feed targets[:, t] where the coin says so"
        )
    close(fed[:, 1:], targets[:, :-1], what="what is fed with ratio 1")
    shape_of(got, {"B": B, "S": S, "V": _Decoder.V}, "the logits")
    want = run_decoder(
        _Decoder(), torch.zeros(B).long(), targets, bos, 1.0, np.random.default_rng(0)
    )
    if same(got, want.softmax(-1)) or same(got, want.log_softmax(-1)):
        raise Wrong("return the logits as `step` gives them: the loss does the softmax")
    close(got, want, what="the logits")

    _, decoder, targets = ask(0.0)
    fed, said = torch.stack(decoder.fed, 1), torch.stack(decoder.said, 1)
    if torch.equal(fed[:, 1:], targets[:, :-1]):
        raise Wrong("it forces always: with ratio 0 the decoder is fed its own words")
    close(fed[:, 1:], said[:, :-1], what="what is fed with ratio 0")

    forced = []
    for seed in range(4):
        _, decoder, targets = ask(0.75, S=200, seed=seed)
        fed, said = torch.stack(decoder.fed, 1), torch.stack(decoder.said, 1)
        differ = targets[:, :-1] != said[:, :-1]
        forced.append((fed[:, 1:] == targets[:, :-1])[differ].double().mean().item())
    if all(share in (0, 1) for share in forced):
        raise Wrong(
            "one coin is thrown for the whole sequence; throw one for each step"
        )
    share = sum(forced) / len(forced)
    if 0.15 < share < 0.35:
        raise Wrong("ratio .75 forces a quarter: turn the comparison round")
    if not 0.65 < share < 0.85:
        raise Wrong(f"with ratio .75 you force {share:.0%} of the steps")
    return (
        "Ratio 1 is teacher forcing, 0 is free running, between is scheduled sampling."
    )


def _check_feeding(decoder, S, bos):
    first = decoder.fed[0]
    if not (first == bos).all():
        raise Wrong(f"the first step is fed {first[0].item()}; `bos` begins")
    if len(decoder.fed) != S:
        raise Wrong(
            f"`step` was called {len(decoder.fed)} times for {S} targets; once each"
        )
    if len(decoder.places) > 1 and same(decoder.places[1], decoder.places[0]):
        raise Wrong(
            "every step starts from the first state: keep the state that `step` returns"
        )


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

    def start(self, rows):
        return torch.tensor([[row, 0] for row in rows])  # which script, which place

    def __call__(self, token, state):
        self.calls += 1
        if self.calls > 1000:
            raise Wrong(
                "your loop never ends: stop after `max_len` steps at the latest"
            )
        if not isinstance(token, torch.Tensor) or token.shape != state.shape[:1]:
            kind = tuple(getattr(token, "shape", ())) or type(token).__name__
            raise Wrong(
                f"`step` wants a tensor of ids, (B,) = ({len(state)},), got {kind}"
            )
        self.fed.append(token.tolist())
        words = torch.tensor([self._word(*place) for place in state.tolist()])
        logits = torch.nn.functional.one_hot(words, self.V).double()
        return logits, state + torch.tensor([0, 1])

    def _word(self, row, place):
        script = self.scripts[row]
        return script[place] if place < len(script) else script[-1] or 3


def check_greedy(answer):
    bos, eos, max_len = 1, 2, 6
    rows = (0, 1, 2, 3)

    def ask(decoder, rows, max_len=max_len):
        state = decoder.start(rows)
        got = call(answer, decoder, state, bos, eos, max_len, name="greedy")
        if isinstance(got, torch.Tensor | np.ndarray):
            raise Wrong("return a list of lists: sentences differ in length")
        if not isinstance(got, list | tuple) or len(got) != len(rows):
            raise Wrong(f"return one list for each of the {len(rows)} sequences")
        if any(isinstance(row, int) for row in got):
            raise Wrong("return one list of ids for each sequence")
        return [[int(word) for word in row] for row in got]

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
    if any(word != bos for word in decoder.fed[0]):
        raise Wrong(f"the first step is fed {decoder.fed[0][0]}; `bos` begins")
    if len(decoder.fed) > 1 and decoder.fed[1] == decoder.fed[0]:
        raise Wrong("every step is fed `bos`: feed what the step before has said")
    for name, wrong in known.items():
        if got == wrong and got != want:
            raise Wrong(words[name])
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
    return "A batch writes what each would write alone, and no step more."
