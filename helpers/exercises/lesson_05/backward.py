"""Lesson 05: reference and checker of the exercise on the way back through a step."""

from __future__ import annotations

from itertools import permutations

import numpy as np

from helpers.exercises.engine.compare import as_array
from helpers.exercises.engine.core import Wrong, call, close, same, shape_of
from helpers.exercises.lesson_05.steps import two_arrays
from helpers.nets.numpy_lstm import sigmoid

__all__ = ["check_lstm_step_back", "lstm_step_back"]


def lstm_step_back(dh, dc_next, i, f, g, o, c_prev, c):
    tanh_c = np.tanh(c)
    dc = dc_next + dh * o * (1 - tanh_c**2)  # c is read by h too
    da_i = dc * g * i * (1 - i)
    da_f = dc * c_prev * f * (1 - f)
    da_g = dc * i * (1 - g**2)
    da_o = dh * tanh_c * o * (1 - o)
    return np.concatenate([da_i, da_f, da_g, da_o], axis=1), dc * f


def _slope(gate):
    return gate * (1 - gate)


def _steep(value):
    return 1 - value**2


# What a learner is told -> what is done in another way. Each entry of a way is a
# function of the saved values s; `own` and `later` are the two parts of dc.
_MISTAKES = {
    "`dc_next` from the later steps is not carried on: dc is `dc_next` and what comes "
    "through h": {"later": lambda s: 0},
    "c is read by h too: add dh * o * (1 - tanh(c)**2) to `dc_next`": {
        "own": lambda s: 0
    },
    "the slope of tanh is 1 - tanh(c)**2; you took (1 - tanh(c))**2": {
        "own": lambda s: s["dh"] * s["o"] * (1 - np.tanh(s["c"])) ** 2
    },
    "the slope of tanh is 1 - tanh(c)**2; your square is missing": {
        "own": lambda s: s["dh"] * s["o"] * (1 - np.tanh(s["c"]))
    },
    "`dh` reaches c through h = o * tanh(c): o and the slope 1 - tanh(c)**2 are "
    "missing": {"own": lambda s: s["dh"]},
    "you add `dc_next` twice": {"later": lambda s: 2 * s["dc_next"]},
    "the slope of the tanh around c is missing, 1 - tanh(c)**2": {
        "own": lambda s: s["dh"] * s["o"]
    },
    "you took 1 - c**2; c is not a tanh yet: its slope is 1 - tanh(c)**2": {
        "own": lambda s: s["dh"] * s["o"] * _steep(s["c"])
    },
    "on the way from h to c, o is missing: h = o * tanh(c)": {
        "own": lambda s: s["dh"] * _steep(np.tanh(s["c"]))
    },
    "`dh` meets the tanh of the new cell; you took that of c_prev": {
        "own": lambda s: s["dh"] * s["o"] * _steep(np.tanh(s["c_prev"])),
        "o": lambda s: s["dh"] * np.tanh(s["c_prev"]) * _slope(s["o"]),
    },
    "from h to c the factor is o * (1 - tanh(c)**2) of the new cell c, not of c_prev": {
        "own": lambda s: s["dh"] * s["o"] * _steep(np.tanh(s["c_prev"]))
    },
    "you multiply `dc_next` by o and the slope, too; what comes from the later steps "
    "came along c, not through h": {
        "later": lambda s: s["dc_next"] * s["o"] * _steep(np.tanh(s["c"]))
    },
    "`dc_prev` is dc * f: what the step kept is what it sends back": {
        "back": lambda s, dc: dc
    },
    "`dc_prev` needs the whole dc, with what came through h; you used the one that "
    "was handed in": {"back": lambda s, dc: s["dc_next"] * s["f"]},
    "`dc_prev` goes back through f, which let c_prev in; you took i": {
        "back": lambda s, dc: dc * s["i"]
    },
    "`dc_prev` goes back through f; you took 1 - f": {
        "back": lambda s, dc: dc * (1 - s["f"])
    },
    "`dc_prev` is dc * f; the slope of f belongs to da alone": {
        "back": lambda s, dc: dc * _slope(s["f"])
    },
    "`dc_prev` is the gradient at c_prev, dc * f; you went on into the gate with "
    "dc * c_prev": {"back": lambda s, dc: dc * s["c_prev"]},
    "what f multiplied is the old cell c_prev; you took the new one": {
        "f": lambda s, dc: dc * s["c"] * _slope(s["f"])
    },
    "a factor's gradient is dc times its *partner*: i's is g, and g's is i; yours have "
    "changed places": {
        "i": lambda s, dc: dc * s["i"] * _slope(s["i"]),
        "g": lambda s, dc: dc * s["g"] * _steep(s["g"]),
    },
    "`dc_next` lies at this step's c already; f belongs to the way on, to `dc_prev`": {
        "later": lambda s: s["dc_next"] * s["f"],
        "back": lambda s, dc: dc,
    },
    "the slope of the tanh in g is 1 - g**2; you took 1 - g": {
        "g": lambda s, dc: dc * s["i"] * (1 - s["g"])
    },
    "a factor's gradient is dc times its *partner*: i's is g, and f's is c_prev; yours "
    "have changed places": {
        "i": lambda s, dc: dc * s["c_prev"] * _slope(s["i"]),
        "f": lambda s, dc: dc * s["g"] * _slope(s["f"]),
    },
    "`dc_prev` goes back through f, which let c_prev in; you took o": {
        "back": lambda s, dc: dc * s["o"]
    },
    "`dc_prev` is dc * f alone; `dh` is in dc already": {
        "back": lambda s, dc: dc * s["f"] + s["dh"]
    },
    "`da` of i has no slope, i * (1 - i)": {"i": lambda s, dc: dc * s["g"]},
    "`da` of f has no slope, f * (1 - f)": {"f": lambda s, dc: dc * s["c_prev"]},
    "`da` of o has no slope, o * (1 - o)": {"o": lambda s: s["dh"] * np.tanh(s["c"])},
    "the slope of the tanh in g is 1 - g**2; you took (1 - g)**2": {
        "g": lambda s, dc: dc * s["i"] * (1 - s["g"]) ** 2
    },
    "what i multiplied is g; you took c_prev": {
        "i": lambda s, dc: dc * s["c_prev"] * _slope(s["i"])
    },
    "g was multiplied by i: da of g needs it": {"g": lambda s, dc: dc * _steep(s["g"])},
    "i was multiplied by g: da of i needs it": {"i": lambda s, dc: dc * _slope(s["i"])},
    "f was multiplied by c_prev: da of f needs it": {
        "f": lambda s, dc: dc * _slope(s["f"])
    },
    "the candidate g is a tanh: its slope is 1 - g**2; g * (1 - g) is that of σ": {
        "g": lambda s, dc: dc * s["i"] * _slope(s["g"])
    },
    "g is the tanh already: its slope is 1 - g**2, no second tanh": {
        "g": lambda s, dc: dc * s["i"] * _steep(np.tanh(s["g"]))
    },
    "the slope of g is missing, 1 - g**2": {"g": lambda s, dc: dc * s["i"]},
    "the gates i, f, o are σ: their slope is i * (1 - i); 1 - i**2 is that of tanh": {
        "i": lambda s, dc: dc * s["g"] * _steep(s["i"]),
        "f": lambda s, dc: dc * s["c_prev"] * _steep(s["f"]),
        "o": lambda s: s["dh"] * np.tanh(s["c"]) * _steep(s["o"]),
    },
    "i, f, o are the σ already: their slope is i * (1 - i), no second σ": {
        "i": lambda s, dc: dc * s["g"] * _slope(sigmoid(s["i"])),
        "f": lambda s, dc: dc * s["c_prev"] * _slope(sigmoid(s["f"])),
        "o": lambda s: s["dh"] * np.tanh(s["c"]) * _slope(sigmoid(s["o"])),
    },
    "this is the gradient at the gates; `da` lies before σ and tanh, so each needs its "
    "slope": {
        "i": lambda s, dc: dc * s["g"],
        "f": lambda s, dc: dc * s["c_prev"],
        "g": lambda s, dc: dc * s["i"],
        "o": lambda s: s["dh"] * np.tanh(s["c"]),
    },
    "the slopes of the three σ are missing, i * (1 - i)": {
        "i": lambda s, dc: dc * s["g"],
        "f": lambda s, dc: dc * s["c_prev"],
        "o": lambda s: s["dh"] * np.tanh(s["c"]),
    },
    "da of o comes from `dh`, as h = o * tanh(c); you used dc": {
        "o": lambda s, dc: dc * np.tanh(s["c"]) * _slope(s["o"])
    },
    "o was multiplied by tanh(c); you took c itself": {
        "o": lambda s: s["dh"] * s["c"] * _slope(s["o"])
    },
    "o was multiplied by tanh(c): da of o needs it": {
        "o": lambda s: s["dh"] * _slope(s["o"])
    },
}


def _go_back(s, order="ifgo", **ways):
    """What a step sends back if each of `ways` is done in its way; s: the saved."""
    own = ways.get("own", lambda s: s["dh"] * s["o"] * _steep(np.tanh(s["c"])))(s)
    dc = ways.get("later", lambda s: s["dc_next"])(s) + own
    right = {
        "i": lambda s, dc: dc * s["g"] * _slope(s["i"]),
        "f": lambda s, dc: dc * s["c_prev"] * _slope(s["f"]),
        "g": lambda s, dc: dc * s["i"] * _steep(s["g"]),
        "o": lambda s: s["dh"] * np.tanh(s["c"]) * _slope(s["o"]),
        "back": lambda s, dc: dc * s["f"],
    }
    das = {}
    for name, way in {**right, **ways}.items():
        if name in right:
            das[name] = way(s, dc) if way.__code__.co_argcount == 2 else way(s)
    return np.concatenate([das[k] for k in order], axis=1), das["back"]


def _saved(rng, B, H):
    """What a step has saved, and the two gradients that arrive, by their names."""
    draw = {k: rng.normal(size=(B, H)) for k in ("dh", "dc_next", "i", "f", "g", "o")}
    s = {k: sigmoid(v) if k in "ifo" else v for k, v in draw.items()}
    s["g"] = np.tanh(s["g"])
    s["c_prev"] = rng.normal(size=(B, H))
    return s | {"c": s["f"] * s["c_prev"] + s["i"] * s["g"]}


def check_lstm_step_back(answer) -> str:
    rng = np.random.default_rng(53)
    for B, H in ((3, 4), (1, 1)):
        s = _saved(rng, B, H)
        got = call(answer, *s.values(), name="lstm_step_back", unchanged=True)
        if isinstance(got, tuple | list) and len(got) == 5 != B:
            raise Wrong("join the four parts side by side: `da` is one array, (B, 4H)")
        da, dc_prev = two_arrays(got, "da", "dc_prev")
        da, dc_prev = as_array(da, "`da`"), as_array(dc_prev, "`dc_prev`")
        if da.shape == (B, H) and dc_prev.shape == (B, 4 * H):
            raise Wrong("return da first, then dc_prev; yours are the other way round")
        if B > 1 and da.shape == (4 * B, H):
            raise Wrong("you stacked the four parts as rows; join them along axis 1")
        if da.shape in ((B, 4, H), (4, B, H)):
            raise Wrong("join the four parts side by side: `da` is (B, 4H)")
        da = shape_of(da, {"B": B, "4H": 4 * H}, "`da`")
        dc_prev = shape_of(dc_prev, {"B": B, "H": H}, "`dc_prev`")
        right = _go_back(s)
        known = {words: _go_back(s, **ways) for words, ways in _MISTAKES.items()}
        for order in map("".join, permutations("ifgo")):
            words = f"you joined the parts as {' '.join(order)}; the order is i f g o"
            known[words] = _go_back(s, order)
        for words, (wrong_da, wrong_dc) in known.items():
            wrong_is_right = [same(wrong_da, right[0]), same(wrong_dc, right[1])]
            if all(wrong_is_right) or H == 1:
                continue
            if same(da, wrong_da, 1e-9) and same(dc_prev, wrong_dc, 1e-9):
                raise Wrong(words)
        parts = (np.split(part, 4, axis=1) for part in (da, right[0]))
        for mine, part, gate in zip(*parts, "ifgo", strict=True):
            close(mine, part, 1e-9, f"the part of `da` that belongs to {gate}")
        close(dc_prev, right[1], 1e-9, "`dc_prev`")
    return (
        "Along c the gradient meets f and nothing else: no matrix, no slope. That is "
        "the highway."
    )
