"""Lesson 06: reference and checker of the exercise on counting parameters."""

from __future__ import annotations

from unittest import mock

import numpy as np
from torch import nn

from helpers.exercises.engine.compare import as_array
from helpers.exercises.engine.core import Wrong, call, close
from helpers.exercises.lesson_06.mistakes import collect, name_mistake

__all__ = ["check_count_parameters", "count_parameters"]


def count_parameters(D, H, layers, bidirectional):
    """Parameters of nn.LSTM(D, H, layers, bidirectional=bidirectional)."""
    ways = 2 if bidirectional else 1
    total = 0
    for layer in range(layers):
        reads = D if layer == 0 else ways * H
        total += ways * 4 * (reads * H + H * H + 2 * H)
    return total


def _counted(D, H, layers, ways):
    """What a learner is told -> the result of that mistake."""

    def count(ways=ways, gates=4, biases=2, deep=None, state=True, first=D):
        reads = [first] + [ways * H if deep is None else deep] * (layers - 1)
        each = (n * H + (H * H if state else 0) + biases * H for n in reads)
        return ways * gates * sum(each)

    one = count(deep=H)
    return {
        "from the second layer on each direction reads 2 H numbers, for two directions "
        "stand below it; you let it read H": one,
        "you let every layer read D numbers, as the first does; the others read the "
        "layer below": count(deep=D),
        "you let every layer read the layer below; the first one reads x, D numbers": (
            count(first=ways * H)
        ),
        "you give a gate one bias; torch has two, bias_ih and bias_hh": count(biases=1),
        "you give a gate one bias, and let the second layer read H numbers": count(
            biases=1, deep=H
        ),
        "you forgot the biases": count(biases=0),
        "an LSTM has four blocks of weights (i, f, g, o); you counted three": count(
            gates=3
        ),
        "you counted one block of weights; an LSTM has four (i, f, g, o)": count(
            gates=1
        ),
        "the matrices from state to state, (H, H), are missing": count(state=False),
        "you counted one direction; each has weights of its own": count(ways=1),
        "you counted the first layer only": ways * 4 * (D * H + H * H + 2 * H),
        "two directions read the layer below, and each has weights of its own: here "
        "one of the two factors is missing": 4
        * sum(n * H + H * H + 2 * H for n in [D] + [ways * H] * (layers - 1)),
        "you made one net with 2 H units of two directions with H units: between the "
        "directions there are no weights": 4
        * sum(
            n * ways * H + (ways * H) ** 2 + 2 * ways * H
            for n in [D] + [ways * H] * (layers - 1)
        ),
    }


def _refuse_to_be_built(*args, **kwargs):
    raise Wrong("you build a network; count its parameters from the four sizes alone")


def check_count_parameters(answer) -> str:
    settings = [
        (5, 3, 1, False),
        (5, 3, 1, True),
        (7, 3, 3, False),
        (7, 3, 2, True),
        (11, 6, 4, True),
    ]

    def run(*setting):
        with mock.patch.object(nn.Module, "__init__", _refuse_to_be_built):
            return call(answer, *setting, name="count_parameters")

    got, error = collect(run, settings)
    right = []
    for D, H, layers, two in settings:
        lstm = nn.LSTM(D, H, layers, bidirectional=two)
        right.append(sum(p.numel() for p in lstm.parameters()))
    known = [_counted(D, H, layers, 1 + two) for D, H, layers, two in settings]
    name_mistake(got, right, known, error)
    for result, wanted, setting in zip(got, right, settings, strict=True):
        what = f"the count for {setting}"
        if shape := as_array(result, what).shape:
            raise Wrong(f"{what} is to be one number; this has shape {shape}")
        close(result, np.asarray(wanted), 0, what)
    return "Equal to torch's, layer by layer. From layer 2 on it is 2 H that are read."
