"""What a learner hears of an error: a blank only where one is, the case, the cause."""

import linecache
import math

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from helpers.exercises import check
from helpers.exercises.engine import registry
from helpers.exercises.engine.core import Exercise, NotAttempted, Wrong, call
from helpers.exercises.engine.verdicts import CheckFailed

X, T = np.ones((2, 3)), torch.ones(2, 3)
ROWS = [[1, 2], [3, 4]]


def heard(fn, *args):
    with pytest.raises((Wrong, NotAttempted)) as caught:
        call(fn, *args)
    return caught.value


# --- no blank, whatever the library says ---------------------------------------------


def divides(hs, n):
    return hs[0, n / 1]


def halves(a, H):
    a[:, H / 2] = 0
    return a


def from_the_index(o, n):
    return o[n, ..., :] @ o


def over_two_lines(o, n):
    return np.concatenate(
        [o[n, ..., None], o[..., n]],
    )


def annotated(o: "tuple[int, ...]", n) -> "tuple[int, ...]":
    parts: tuple[int, ...] = (n, 9)
    return o[parts]


@pytest.mark.parametrize("kind", [np.ones, torch.ones])
@pytest.mark.parametrize(
    "answer", [divides, halves, from_the_index, over_two_lines, annotated]
)
def test_a_bad_index_is_no_blank(answer, kind):
    error = heard(answer, kind((2, 3)), 1)
    assert isinstance(error, Wrong)
    assert "your function raised" in str(error)


def test_what_torch_has_not_made_is_no_blank():
    assert isinstance(heard(lambda t: t.long().softmax(0), T), Wrong)
    assert isinstance(heard(lambda t: torch.nn.Module()(t), T), Wrong)


# --- a blank, wherever it is ---------------------------------------------------------


def in_a_line(x):
    return np.tanh(x + ...)


def over_lines(x):
    return np.concatenate(
        [
            x,
            x @ ...,
        ]
    )


def in_an_index_function(x):
    return x[np.argmax(x + ...)]


def in_a_branch(x):
    y = ...
    for _ in range(3):
        x = x * y
    return x


def by_hand(x):
    y = x + 1
    raise NotImplementedError("soon") if y is not None else ValueError


class Net:
    def __init__(self, x):
        self.W = ...
        self.h = self.step(x)

    def step(self, x):
        return x @ self.W


SOURCE = "W = ...\n\ndef step(x):\n    return x @ W\n"


def from_another_cell():
    room = {"__name__": "__main__"}
    linecache.cache["<cell>"] = (len(SOURCE), None, SOURCE.splitlines(True), "<cell>")
    exec(compile(SOURCE, "<cell>", "exec"), room)
    return room["step"]


@pytest.mark.parametrize(
    "answer",
    [
        in_a_line,
        over_lines,
        in_an_index_function,
        in_a_branch,
        by_hand,
        Net,
        from_another_cell(),
        lambda x: torch.tanh(...),
    ],
)
def test_a_blank_is_not_attempted(answer):
    assert isinstance(heard(answer, X), NotAttempted)


# --- the case and the cause ----------------------------------------------------------


def last_of(x, n):
    return x[n]


def test_the_case_is_said_with_the_error():
    text = str(heard(last_of, X, 4))
    line = last_of.__code__.co_firstlineno + 1
    assert text == (
        "your function raised IndexError: index 4 is out of bounds for axis 0 with "
        f"size 2 (line {line}: `return x[n]`), for `x` of shape (2, 3), `n` = 4. The "
        "usual cause: with n entries the last index is n - 1, and with none there is "
        "no index at all: which one does this line reach in this case?"
    )


def test_cases_in_words():
    def many(a, b, c, d, e, f):
        return 1 / 0

    text = str(heard(many, np.arange(3), [1, 2.5], {"W": X}, "ab", len, None))
    assert "for `a` = [0, 1, 2], `b` = [1, 2.5], `c` with keys W, `d` = 'ab'" in text
    assert "`e`" not in text
    assert "`f` = None. The usual cause: something that divides" in text
    text = str(heard(many, torch.ones(9), list(range(9)), {}, (), range(3), 1))
    assert "`a` of shape (9,), `b` (a list of 9), `c` = {}, `d` = ()" in text
    assert "`e` = [0, 1, 2] and more." in text
    assert "of shape (2, 3), `argument 2` = 1." in str(heard(lambda x: x, X, 1))
    text = str(heard(lambda a, b, c: 1 / 0, [lambda x: x], [X, X], (heard,)))
    assert "`a` (a list of 1), `b` (a list of 2), `c` (a tuple of 1)." in text


def net():
    return torch.nn.RNN(3, 4)


@pytest.mark.parametrize(
    ("answer", "cause"),
    [
        (lambda n: X[:, n / 2], "`//` a whole number"),
        (lambda n: T[:, n / 2], "`//` a whole number"),
        (lambda n: T[n], "which one does this line reach"),
        (lambda n: X[0, 0, 0], "more axes than the array has"),
        (lambda n: T.sum(5), "the last one is -1"),
        (lambda n: X[[True, False, True]], "a mask must"),
        (lambda n: X[[0, 1, 1], [0, 1]], "go in pairs"),
        (lambda n: F.cross_entropy(T[None], T[:1, :2].long()), "scores on axis 1"),
        (lambda n: np.linalg.multi_dot([X]), "begin with the identity"),
        (lambda n: torch.linalg.multi_dot([T]), "begin with the identity"),
        (lambda n: [1, 2][X], "a list or a tuple takes one whole number"),
        (lambda n: ROWS[0, 1], "a list or a tuple takes one whole number"),
        (lambda n: tuple(ROWS)["W"], "a list or a tuple takes one whole number"),
        (lambda n: (n * 1.0).backward(), "make a plain number of a tensor"),
        (lambda n: list(T.sum), "named and not called"),
        (lambda n: list(n), "single number is taken"),
        (lambda n: list(T.sum()), "single number is taken"),
        (lambda n: torch.cat([]), "is empty in this case"),
        (lambda n: np.concatenate([]), "is empty in this case"),
        (lambda n: max([]), "is empty in this case"),
        (lambda n: X[:0].max(), "is empty in this case"),
        (lambda n: setattr(net(), "weight_hh_l0", X), r"p\.copy_\(torch\.as_tensor"),
        (lambda n: X @ X, "last axis of A"),
        (lambda n: T @ T, "last axis of A"),
        (lambda n: X + np.ones(5), "equally long or one is 1"),
        (lambda n: T + torch.ones(5), "equally long or one is 1"),
        (lambda n: torch.tanh(net()(T)), "as many names"),
        (lambda n: [3, 4] - [1, 2], r"np\.array makes an array of one"),
        (lambda n: [3, 4] / n, r"np\.array makes an array of one"),
        (lambda n: torch.nn.Embedding(9, 2)(T), "ids and targets are integers"),
        (lambda n: [].sort() + 1, "something is None"),
        (lambda n: T @ T.T.double(), r"x\.to\(other\.dtype\)"),
        (lambda n: net()(T)[0].numpy(), r"x\.detach\(\)\.numpy\(\)"),
        (lambda n: T.sum().backward(), "has cut the graph"),
        (lambda n: net().weight_hh_l0.add_(1), r"no_grad"),
        (lambda n: math.exp(X), "take one number"),
        (lambda n: 1 if X > 0 else 0, "one truth value"),
        (lambda n: 1 if T > 0 else 0, "one truth value"),
        (lambda n: math.exp(800), "above 709"),
        (lambda n: {}[n], r"d\.get\(key, 0\)"),
        (lambda n: nothing, "a cell above"),  # noqa: F821
        (lambda: 0, "arguments of the stub"),
        (lambda n: X.unsqueeze(0), "often differ in a word"),
        (lambda n: T.astype(3), "often differ in a word"),
        (lambda n: [1].mean(), "plain number or list"),
        (lambda n: range(n / 2), "must be whole"),
        (lambda n: n(), "a name used twice"),
        (lambda n: n[0], "single number"),
        (lambda n: [a for a, b in X], "names before the `=`"),
        (lambda n: np.split(np.ones((3, 8)), 4), "rows unless `axis=1`"),
        (lambda n: np.array([[1], [1, 2]]), "different lengths"),
        (lambda n: T.view(n, -1), "number of entries"),
    ],
)
def test_the_usual_cause(answer, cause):
    error = heard(answer, 4)
    assert isinstance(error, Wrong)
    with pytest.raises(AssertionError, match=cause):
        raise AssertionError(str(error))
    assert "The usual cause: " in str(error)
    assert str(error).endswith((".", "?"))


def test_a_model_in_the_place_of_a_list_is_no_number():
    error = heard(lambda n: list(torch.nn.Linear(1, 1)), 4)
    assert "not iterable" in str(error)
    assert "usual cause" not in str(error)


def test_a_result_that_no_checker_can_read_is_described(monkeypatch):
    def reads(answer):
        call(answer, X, 2)["h"]

    exercise = Exercise("00.1", "t", reads, last_of)
    monkeypatch.setattr(registry, "lesson_items", lambda lesson: ([exercise], []))
    with pytest.raises(CheckFailed) as caught:
        check("00.1", lambda x, n: (x, n, 3))
    assert "could not be read (TypeError: tuple indices" in str(caught.value)
    said = "your function returned a result (a tuple of 3) for `x` of shape (2, 3)"
    assert said in str(caught.value)
