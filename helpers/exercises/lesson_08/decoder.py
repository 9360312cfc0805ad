"""Checker of lesson 08: the decoder's loop, with and without a teacher."""

from __future__ import annotations

import numpy as np
import torch

from helpers.exercises.engine.core import Wrong, call, close, same, shape_of

__all__ = ["check_run_decoder", "run_decoder"]


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
        if isinstance(token, int):
            raise Wrong(
                f"`step` wants a tensor of ids (B,), one for each row, got {token}"
            )
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


STATE = torch.tensor([0, 17, 31])  # no two rows begin alike
_ONE_FOR_ALL = (
    "all rows are fed the same token; each has its own right word, targets[:, t], and "
    "its own best"
)


def check_run_decoder(answer):
    B, S, bos = 3, 6, 1
    generator = torch.Generator().manual_seed(5)

    def ask(ratio, S=S, seed=0, bos=bos, targets=None):
        decoder = _Decoder()
        if targets is None:
            targets = torch.randint(3, 50, (B, S), generator=generator)
        rng = np.random.default_rng(seed)
        before = rng.bit_generator.state
        got = call(answer, decoder, STATE, targets, bos, ratio, rng, name="run_decoder")
        if not decoder.fed:
            raise Wrong("call `step(token, state)` once for every target")
        _check_feeding(decoder, S, bos)
        if 0 < ratio < 1 and rng.bit_generator.state == before:
            raise Wrong(
                f"with ratio {ratio} `rng` is never asked: throw the coin with it, "
                "`rng.random()`, so that one seed repeats the whole training"
            )
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
    free = fed[:, 1:] != targets[:, :-1]
    if (fed[:, 1:] == said[:, :-1])[free].all() and free.any():
        step = int(free.any(0).int().argmax()) + 1
        raise Wrong(
            f"with ratio 1 step {step} (from 0) is fed the decoder's own word; every "
            "step after the first is fed the right one"
        )
    if (fed[:, 1:] == fed[:1, 1:]).all():
        raise Wrong(_ONE_FOR_ALL)
    close(fed[:, 1:], targets[:, :-1], what="what is fed with ratio 1")
    shape_of(got, {"B": B, "S": S, "V": _Decoder.V}, "the tensor of logits")
    want = run_decoder(_Decoder(), STATE, targets, bos, 1.0, np.random.default_rng(0))
    if same(got, want.softmax(-1)) or same(got, want.log_softmax(-1)):
        raise Wrong("return the logits as `step` gives them: the loss does the softmax")
    close(got, want, what="the logits")
    ask(1.0, bos=0)

    _, decoder, targets = ask(0.0)
    fed, said = torch.stack(decoder.fed, 1), torch.stack(decoder.said, 1)
    if torch.equal(fed[:, 1:], targets[:, :-1]):
        raise Wrong("it forces always: with ratio 0 the decoder is fed its own words")
    taught = fed[:, 1:] != said[:, :-1]
    if (fed[:, 1:] == targets[:, :-1])[taught].all() and taught.any():
        step = int(taught.any(0).int().argmax()) + 1
        raise Wrong(
            f"with ratio 0 step {step} (from 0) is fed the right word; no step is"
        )
    if (fed[:, 1:] == fed[:1, 1:]).all():
        raise Wrong(_ONE_FOR_ALL)
    if taught.any():
        raise Wrong(
            "with ratio 0 the decoder is fed other words than its own best: take "
            "argmax of the logits, and draw nothing"
        )

    forced, masks = _coins(ask, 0.75)
    if all(share in (0, 1) for share in forced):
        raise Wrong(
            "one coin is thrown for the whole sequence, or none: with ratio .75 it is "
            "forced at all steps or at no step; throw one for each"
        )
    share = sum(forced) / len(forced)
    if 0.15 < share < 0.35:
        raise Wrong("ratio .75 forces a quarter: turn the comparison round")
    if not 0.65 < share < 0.85:
        raise Wrong(f"with ratio .75 you force {share:.0%} of the steps")
    (one, known), (other, known_too) = masks[:2]
    if torch.equal(one[known & known_too], other[known & known_too]):
        raise Wrong("the same steps are forced whatever `rng` says: use what it draws")
    alike = [(m[:, 1:] == m[:, :-1]).double().mean() for m, _ in masks]
    if sum(alike) / len(alike) > 0.72:  # 5/8 is what chance gives
        raise Wrong(
            "a step is too often treated as the one before: a new coin for each"
        )
    share = sum(_coins(ask, 0.25)[0]) / 4
    if not 0.15 < share < 0.35:
        raise Wrong(f"with ratio .25 you force {share:.0%} of the steps")
    _, decoder, targets = ask(0.75, S=200)
    _, again, _ = ask(0.75, S=200, targets=targets)
    if not torch.equal(torch.stack(again.fed), torch.stack(decoder.fed)):
        raise Wrong(
            "twice from one seed, other steps are forced: let `rng` throw each coin, "
            "and nothing else"
        )
    return (
        "Ratio 1 is teacher forcing, 0 is free running, between is scheduled sampling."
    )


def _coins(ask, ratio):
    """Of four runs: the share of forced steps; which were, and where one can tell."""
    forced, masks = [], []
    for seed in range(4):
        _, decoder, targets = ask(ratio, S=200, seed=seed)
        fed, said = torch.stack(decoder.fed, 1), torch.stack(decoder.said, 1)
        differ = targets[:, :-1] != said[:, :-1]
        taught = fed[:, 1:] == targets[:, :-1]
        forced.append(taught[differ].double().mean().item())
        masks.append((taught, differ))
    return forced, masks


def _check_feeding(decoder, S, bos):
    first = decoder.fed[0]
    if not (first == bos).all():
        other = first[first != bos][0].item()
        raise Wrong(f"the first step is fed {other} where `bos` = {bos}; `bos` begins")
    if len(decoder.fed) != S:
        raise Wrong(
            f"`step` was called {len(decoder.fed)} times for {S} targets; once each"
        )
    if len(decoder.places) > 1 and same(decoder.places[1], decoder.places[0]):
        raise Wrong(
            "every step starts from the first state: keep the state that `step` returns"
        )
