"""The cache: what a result hangs on, however it is written, and what a hit brings."""

import collections
import datetime
import fractions
import random
import re

import numpy as np
import pytest
import torch

from helpers.cache import cached


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("UNROLLED_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("UNROLLED_CACHE_SHARED", raising=False)


HEAD = """
import datetime, functools, re, threading, types
from dataclasses import dataclass
from functools import partial
import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

"""
TAIL = """
def step(x):
    return inner(x)

def train(x):
    return step(x)
"""


def train(body, more=""):
    """Return the `train` of a notebook whose cells hold `body`, two calls down."""
    room = {"__name__": "__main__"}
    exec(HEAD + body + TAIL + more, room)
    return cached(room["train"])


def hit(body, argument=3):
    f = train(body)
    f(argument)
    return f.from_cache


INNER = "def inner(x):\n    return "
TOLD_APART = {  # what a notebook holds, what is changed in it
    "equal small numbers": (
        "A, B, C = 5, 6, 5\n" + INNER + "A, B, C",
        "6, 5\n",
        "6, 6\n",
    ),
    "equal texts": ("a, b = 'u', 'u'\n" + INNER + "a, b", "'u'\n", "'v'\n"),
    "default": ("def inner(x, n=2):\n    return x * n", "n=2", "n=3"),
    "keyword": ("def inner(x, *, n=2):\n    return x * n", "n=2", "n=3"),
    "closure": (
        "def made(n):\n    return lambda x: x * n\ninner = made(2)",
        "made(2)",
        "made(3)",
    ),
    "partial": (
        "def f(n, x):\n    return x * n\ninner = partial(f, 2)",
        "f, 2",
        "f, 3",
    ),
    "torch": (
        "act = torch.tanh\n" + INNER + "float(act(torch.ones(1)))",
        "tanh",
        "sin",
    ),
    "library": ("act = F.gelu\n" + INNER + "float(act(torch.ones(1)))", "gelu", "silu"),
    "numpy": ("act = np.mean\n" + INNER + "float(act([1, 3]))", "np.mean", "np.max"),
    "ufunc": ("act = np.tanh\n" + INNER + "float(act(2))", "np.tanh", "np.sin"),
    "layer": ("Cell = nn.LSTM\n" + INNER + "type(Cell(1, 1)).__name__", "LSTM", "GRU"),
    "weights": (
        "net = nn.Linear(1, 1, bias=False)\nnn.init.constant_(net.weight, 2)\n"
        + INNER
        + "net.weight.item()",
        "weight, 2",
        "weight, 3",
    ),
    "callable": (
        "class C:\n    def __init__(self, n):\n        self.n = n\n"
        "    def __call__(self, x):\n        return x * self.n\ninner = C(2)",
        "C(2)",
        "C(3)",
    ),
    "bound method": (
        "class C:\n    def __init__(self, n):\n        self.n = n\n"
        "    def f(self, x):\n        return x * self.n\ninner = C(2).f",
        "C(2)",
        "C(3)",
    ),
    "remembered": ("@functools.cache\n" + INNER + "x * 2", "x * 2", "x * 3"),
    "special": (
        "class C:\n    def __getitem__(self, x):\n        return x * 2\n"
        + INNER
        + "C()[x]",
        "x * 2",
        "x * 3",
    ),
    "base": (
        "class C(nn.LSTM):\n    pass\n" + INNER + "len(C(1, 1).weight_hh_l0)",
        "LSTM",
        "GRU",
    ),
    "in a class": (
        "class C:\n    act = torch.tanh\n" + INNER + "float(C.act(torch.ones(1)))",
        "tanh",
        "sin",
    ),
    "dataclass": (
        "@dataclass\nclass C:\n    n: int = 2\n" + INNER + "C().n",
        "int = 2",
        "int = 3",
    ),
    "date": ("when = datetime.date(2024, 1, 1)\n" + INNER + "when.day", "1)\n", "2)\n"),
    "pattern": (
        "word = re.compile('a')\n" + INNER + "bool(word.match('a'))",
        "('a')\n",
        "('b')\n",
    ),
    "slots": (
        "class C:\n    __slots__ = ('n',)\nc = C()\nc.n = 2\n" + INNER + "c.n",
        "c.n = 2",
        "c.n = 3",
    ),
    "bfloat16": (
        "w = torch.tensor(2.0, dtype=torch.bfloat16)\n" + INNER + "w.item()",
        "tensor(2.0",
        "tensor(3.0",
    ),
    "in an object": (
        "def f(x):\n    return x * 2\nc = types.SimpleNamespace()\nc.n = {'f': [f]}\n"
        + INNER
        + "c.n['f'][0](x)",
        "x * 2",
        "x * 3",
    ),
}


@pytest.mark.parametrize("case", TOLD_APART)
def test_a_change_two_calls_down_is_a_new_run(case):
    body, old, new = TOLD_APART[case]
    assert body.count(old) == 1
    f, g, other = train(body), train(body), train(body.replace(old, new))
    first, second = f(3), g(3)
    assert (f.from_cache, g.from_cache) == (False, True)
    assert first == second
    assert other(3) != first
    assert other.from_cache is False


def test_what_nothing_tells_apart_is_computed_each_time():
    body = "lock = threading.Lock()\n" + INNER + "x * lock.locked()"
    assert [hit(body), hit(body)] == [False, False]
    f = train(body)
    assert f.known(3) is False
    f.keep(7, 3)
    assert f(3) == 0


class Scaled(torch.nn.Module):
    def __init__(self, n):
        super().__init__()
        self.n = n

    def forward(self, x):
        return x * self.n


def net(part):
    """Return a model of a library's class around a notebook's: one of its weights."""
    room = {"__name__": "__main__"}
    source = "class Own(nn.Linear):\n    def forward(self, x):\n        return " + part
    exec(HEAD + source, room)
    torch.manual_seed(0)
    return torch.nn.Sequential(room["Own"](1, 1))


def frozen(learns):
    torch.manual_seed(0)
    return torch.nn.Linear(1, 1).requires_grad_(learns)


def hooked(hook):
    torch.manual_seed(0)
    model = torch.nn.Linear(1, 1)
    if hook:
        model.register_forward_hook(hook)
    return model


class Holder:
    def __init__(self, what):
        self.what = what


@pytest.mark.parametrize(
    ("one", "equal", "other"),
    [
        (net("x"), net("x"), net("x * 2")),
        (frozen(True), frozen(True), frozen(False)),
        (hooked(None), hooked(None), hooked(lambda m, x, y: 2 * y)),
        (torch.ones(2), torch.ones(2), torch.ones(2, requires_grad=True)),
        (Holder(Scaled(1)), Holder(Scaled(1)), Holder(Scaled(2))),
        (random.Random(1), random.Random(1), random.Random(2)),
        *[[np.random.RandomState(seed) for seed in (1, 1, 2)]],
        (
            np.array([["a", None]], object),
            np.array([["a", None]], object),
            np.array(["a", None], object),
        ),
        (datetime.date(2024, 1, 1), datetime.date(2024, 1, 1), datetime.date.max),
        (fractions.Fraction(1, 3), fractions.Fraction(1, 3), fractions.Fraction(2, 3)),
        (collections.deque([1]), collections.deque([1]), collections.deque([2])),
        (re.compile("a"), re.compile("a"), re.compile("a", re.IGNORECASE)),
        (np.tanh, np.tanh, np.sin),
    ],
    ids=lambda value: type(value).__name__,
)
def test_arguments_that_differ_in_what_they_do(one, equal, other):
    def f(x):
        return 1

    f = cached(f)
    for argument, found in [(one, False), (equal, True), (other, False)]:
        f(argument)
        assert f.from_cache is found


def test_what_a_model_is_made_of_is_followed():
    def made(factor):
        room = {"__name__": "__main__"}
        exec(
            HEAD + f"def twice(x):\n    return x * {factor}\n"
            "class Own(nn.Linear):\n    def forward(self, x):\n        return twice(x)",
            room,
        )
        torch.manual_seed(0)
        return torch.nn.Sequential(room["Own"](1, 1))

    def f(model):
        return model(torch.ones(1)).item()

    f.__module__ = "__main__"
    f = cached(f)
    assert [f(made(2)), f(made(2)), f(made(3))] == [2, 2, 3]


def test_the_type_of_new_numbers_counts():
    def f():
        return str(torch.ones(1).dtype)

    f = cached(f)
    before = torch.get_default_dtype()
    try:
        f()
        torch.set_default_dtype(torch.float64)
        assert f() == "torch.float64"
    finally:
        torch.set_default_dtype(before)


def test_a_hit_brings_the_mode_and_what_an_object_holds():
    @cached
    def learn(holder):
        with torch.no_grad():
            holder.what.weight.fill_(7)
        holder.what.eval()

    for found in (False, True):
        holder = Holder(frozen(True))
        learn(holder)
        assert learn.from_cache is found
        assert holder.what.weight.item() == 7
        assert holder.what.training is False


@pytest.mark.parametrize(
    ("change", "start"),
    [
        (lambda x: x.append(1), list),
        (lambda x: x.update(a=1), dict),
        (lambda x: x.__setitem__(0, 1), lambda: np.zeros(2)),
        (lambda x: x.add_(1), lambda: torch.zeros(2)),
        (lambda x: x["found"].append(1), lambda: {"found": []}),
        (lambda x: setattr(x, "what", 1), lambda: Holder(0)),
    ],
    ids=["list", "dict", "array", "tensor", "nested", "object"],
)
def test_a_run_that_changes_what_a_hit_would_not_is_not_kept(change, start):
    def f(x):
        change(x)
        return 1

    f = cached(f)
    for _ in range(2):
        assert f(start()) == 1
        assert f.from_cache is False


def test_a_run_that_changes_a_global_value_is_not_kept():
    body = "done = []\ndef inner(x):\n    done.append(x)\n    return x"
    assert [hit(body), hit(body)] == [False, False]


def test_an_argument_that_leads_back_to_itself_is_said_so():
    around = []
    around.append(around)
    with pytest.raises(ValueError, match="leads back to itself"):
        cached(lambda x: 1)(around)
