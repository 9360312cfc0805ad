"""The exercise machinery: verdicts, safe calls, limits, hints, predictions."""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import linecache
import math
import os
import signal
import subprocess
import sys
import threading
import time
import types

import numpy as np
import pytest
import torch

from helpers.exercises import check, hint, predict, progress_table, solution
from helpers.exercises.engine import checking, limits, registry, watching
from helpers.exercises.engine.compare import as_array
from helpers.exercises.engine.core import (
    Exercise,
    NotAttempted,
    Prediction,
    Wrong,
    call,
    close,
    same,
    shape_of,
)
from helpers.exercises.engine.progress import load
from helpers.exercises.engine.stubs import is_stub
from helpers.exercises.engine.verdicts import CheckFailed, Interrupted, UnknownId, rich


def address_limit():
    if sys.platform != "linux":
        return None
    import resource

    return resource.getrlimit(resource.RLIMIT_AS)


ADDRESS_LIMIT = address_limit()  # before any check of this file


def double(x):
    """Return twice x."""
    return 2 * x


def check_double(answer):
    got = call(answer, np.array([1.0, 2.0]))
    if same(got, [1, 2]):
        raise Wrong("you return x itself; multiply it by 2")
    close(got, [2, 4], what="double([1, 2])")
    return "Twice is `2 * x`."


@pytest.fixture(autouse=True)
def lesson(monkeypatch, tmp_path):
    """A lesson 97 with two exercises and two predictions, and a home of its own."""
    monkeypatch.setenv("UNROLLED_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("UNROLLED_GRADING", raising=False)
    module = types.ModuleType("helpers.exercises.lesson_97.questions")
    module.EXERCISES = [
        Exercise("97.1", "Double", check_double, double, ("first", "second", "third")),
        Exercise("97.2", "Anything", lambda a: None, (double, check_double)),
    ]
    module.PREDICTIONS = [
        Prediction("97.p1", "Is `1 < 2`?", ("yes", "no"), 0, ("It is.", "Count.")),
        Prediction("97.p2", "Is 2 odd?", ("yes", "no"), 1, ("No.", "It is even.")),
    ]
    monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setattr(registry, "lessons", lambda: ["00", "97"])
    checking._hints_shown.clear()
    return module


def failed(answer, id="97.1"):
    with pytest.raises(CheckFailed) as caught:
        check(id, answer)
    return str(caught.value)


# --- verdicts ---------------------------------------------------------------------


def test_right_prints_the_insight_and_is_remembered(capsys):
    assert check("97.1", double) is None
    assert capsys.readouterr().out == "✓ 97.1 — right. Twice is `2 * x`.\n"
    assert load()["exercises"] == {"97.1": "right"}
    check("97.2", 3)
    assert capsys.readouterr().out == "✓ 97.2 — right.\n"


def test_wrong_raises_an_assertion_error_with_the_diagnosis():
    assert failed(lambda x: x) == "✗ 97.1 — you return x itself; multiply it by 2"
    assert issubclass(CheckFailed, AssertionError)
    assert load()["exercises"] == {"97.1": "wrong"}


def test_right_stays_right_after_a_later_mistake():
    check("97.1", double)
    failed(lambda x: x)
    assert load()["exercises"] == {"97.1": "right"}


def stub_doc(x):
    """Return twice x."""
    ...


def stub_pass(x):
    pass


def stub_dots(x):
    # a remark
    return ...


def stub_pair(x):
    return ..., ...


def stub_raise(x):
    raise NotImplementedError


def stub_variable(x):
    y = ...
    return y


def stub_expression(x):
    y = ...
    return np.tanh(y)


def stub_product(x):
    return x @ ...


def stub_matmul(x):
    W = ...
    return np.matmul(x, W)


def stub_torch(x):
    return torch.tanh(...)


STUBS = [
    ...,
    stub_doc,
    stub_pass,
    stub_dots,
    stub_pair,
    stub_raise,
    stub_variable,
    stub_expression,
    stub_product,
    stub_matmul,
    stub_torch,
    lambda x: ...,
]


@pytest.mark.parametrize("stub", STUBS, ids=lambda s: getattr(s, "__name__", "dots"))
def test_a_stub_is_not_attempted_and_scores_nothing_in_grading(
    stub, capsys, monkeypatch
):
    check("97.1", stub)
    assert capsys.readouterr().out.startswith("○ 97.1 — not attempted yet")
    assert load()["exercises"] == {}
    monkeypatch.setenv("UNROLLED_GRADING", "1")
    assert failed(stub).startswith("○ 97.1 — not attempted yet")


def test_grading_passes_a_right_answer_and_leaves_progress_alone(monkeypatch):
    monkeypatch.setenv("UNROLLED_GRADING", "1")
    check("97.1", double)
    failed(lambda x: x)
    assert load()["exercises"] == {}
    monkeypatch.setenv("UNROLLED_GRADING", "0")
    check("97.1", stub_doc)


def test_a_check_that_counts_needs_no_environment(monkeypatch):
    monkeypatch.delenv("UNROLLED_GRADING", raising=False)
    check("97.1", double, graded=True)
    for answer in (stub_doc, lambda x: x):
        with pytest.raises(CheckFailed, match=r"97\.1 — "):
            check("97.1", answer, graded=True)
    assert load()["exercises"] == {}
    check("97.1", double)
    assert load()["exercises"] == {"97.1": "right"}


def test_what_is_and_what_is_no_stub():
    class Empty:
        """A network."""

        def __init__(self): ...

        def step(self, x):
            """One step."""
            ...

    class Half:
        def __init__(self):
            self.h = 0

        def step(self, x): ...

    assert is_stub(Empty)
    assert not is_stub(Half)
    assert is_stub(Half().step)
    assert not is_stub(double)
    assert not is_stub(lambda x: 0)
    assert not is_stub(np.tanh)
    assert not is_stub(len)
    assert not is_stub(None)
    assert not is_stub(3)


def test_a_left_over_blank_is_named_by_line(capsys):
    check("97.1", stub_expression)
    line = stub_expression.__code__.co_firstlineno + 2
    expected = f"there is still a `...` (line {line}: `return np.tanh(y)`)"
    assert expected in capsys.readouterr().out


def test_a_partly_filled_result_is_not_attempted_yet(capsys):
    check("97.1", lambda x: (x, ...))
    assert "what it returns still holds `...`" in capsys.readouterr().out


def test_a_blank_deep_in_a_plain_answer_is_seen(lesson, capsys):
    lesson.EXERCISES[0] = Exercise("97.1", "t", lambda a: close(a, [1, 2]) and None, 0)
    check("97.1", [1, ...])
    assert "still holds `...`" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("97.9", double), "no such exercise; near it: 97.1, 97.2"),
        (("55.1", double), "the lessons with exercises are 00, 97"),
        (("step one", double), "an id looks like"),
        (("97.p1", double), "this is not an exercise; use predict"),
        ((double, "97.1"), 'check("03.1", …)'),
    ],
)
def test_an_unknown_id_is_named_with_its_neighbours(args, words):
    with pytest.raises(UnknownId) as caught:
        check(*args)
    assert words in str(caught.value)
    assert len(caught.value._render_traceback_()) == 1


def test_ids_are_read_kindly(capsys):
    check(" 97.1 ", double)
    assert "✓ 97.1" in capsys.readouterr().out
    assert registry.find("0.1").id == "00.1"


def test_no_answer_and_too_many(lesson):
    with pytest.raises(CheckFailed, match="give your answer: check"):
        check("97.1")
    with pytest.raises(CheckFailed, match="does not take 2 answers"):
        check("97.1", double, double)


def test_a_result_instead_of_the_function():
    assert "the function itself, without parentheses" in failed(np.ones(2))


def test_a_surprise_in_the_checker_is_a_verdict_with_its_cause(lesson):
    lesson.EXERCISES[0] = Exercise("97.1", "t", lambda a: a["key"] and None, double)
    with pytest.raises(CheckFailed, match="could not be read") as caught:
        check("97.1", 3)
    assert isinstance(caught.value.__cause__, TypeError)


# --- call -------------------------------------------------------------------------


def test_errors_name_the_learners_line():
    def broken(x):
        y = x + 1
        return y * np.ones(3)

    line = broken.__code__.co_firstlineno + 2
    text = failed(broken)
    assert "your function raised ValueError: operands could not be broadcast" in text
    assert f"(line {line}: `return y * np.ones(3)`)" in text


def test_errors_deep_in_a_library_still_name_the_learners_line():
    def broken(x):
        return np.linalg.inv(np.zeros((2, 2)))

    assert "LinAlgError: Singular matrix (line" in failed(broken)
    assert "`return np.linalg.inv(np.zeros((2, 2)))`" in failed(broken)


def test_wrong_number_of_arguments_and_endless_recursion():
    def endless(x):
        return endless(x)

    assert "raised TypeError" in failed(lambda: 0)
    assert "calls itself without end" in failed(endless)


def test_none_asks_for_a_return():
    def forgets(x):
        2 * x

    assert "returned None: does it end with `return`?" in failed(forgets)
    assert call(forgets, 1, returns=False) is None


def test_arguments_are_copies():
    def spoils(x, batch, table, state):
        x += 1
        batch[0] += 1
        table["w"] += 1
        state.mul_(0)
        return x

    x, b, w, s = np.ones(2), np.ones(2), np.ones(2), torch.ones(2, requires_grad=True)
    with torch.no_grad():
        call(spoils, x, [b, 1], {"w": w}, state=s)
    assert x.tolist() == b.tolist() == w.tolist() == s.tolist() == [1, 1]


def test_copied_leaves_still_want_gradients():
    leaf = torch.ones(2, requires_grad=True)
    copies = []
    call(lambda a, b: copies.extend([a, b]) or 1, leaf, leaf * 2)
    assert copies[0].is_leaf
    assert copies[0].requires_grad
    assert copies[1].grad_fn is not None


def test_generators_are_shared_so_that_draws_go_on():
    rng = np.random.default_rng(0)
    assert call(lambda r: r.random(), rng) != call(lambda r: r.random(), rng)


@pytest.mark.parametrize("kind", [np.ones, torch.ones])
def test_in_place_changes_are_named_where_asked(kind):
    def spoils(h, x):
        x *= 2
        return h

    with pytest.raises(Wrong, match="changes its argument `x` in place"):
        call(spoils, kind(2), kind(3), unchanged=True)
    with pytest.raises(Wrong, match="argument `x` in place"):
        call(spoils, kind(2), x=kind(3), unchanged=True)
    call(lambda h, xs: h * xs[0], kind(2), [kind(2)], unchanged=True)
    with pytest.raises(Wrong, match="`xs` in place"):
        call(lambda xs: xs.append(1) or xs, [1, 2], unchanged=True)


def test_an_endless_loop_ends_and_the_alarm_is_put_back():
    def loops(x):
        while True:
            pass

    before = signal.getsignal(signal.SIGALRM)
    began = time.monotonic()
    with pytest.raises(Wrong, match=r"still running after 0\.3 s: is there a loop"):
        call(loops, 1, seconds=0.3)
    assert time.monotonic() - began < 5
    assert signal.getsignal(signal.SIGALRM) is before
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def swallows_all(x):
    while True:
        try:
            x = x + 1
        except:  # noqa: E722
            x = 0


def swallows_in_each_loop(x):
    while True:
        try:
            while True:
                try:
                    for _ in range(10**6):
                        x = x + 1
                except BaseException:
                    continue
        except BaseException as error:
            print(type(error))
        finally:
            x = 0


def swallows_two_calls_deep(x):
    while True:
        try:
            swallows_in_each_loop(x)
        except:  # noqa: E722
            x = 0


def swallows_once(x):
    try:
        while True:
            pass
    except BaseException:
        return "swallowed"


def swallows_under_no_grad(x):
    while True:
        with contextlib.suppress(BaseException), torch.no_grad():
            torch.tensor(x) + 1


def keeps_what_it_catches(x):
    kept = []
    while len(kept) < 2:
        try:
            time.sleep(60)
        except BaseException as error:
            kept.append(error)
    return kept


@pytest.mark.parametrize(
    "answer",
    [
        swallows_all,
        swallows_in_each_loop,
        swallows_two_calls_deep,
        swallows_once,
        swallows_under_no_grad,
        keeps_what_it_catches,
        lambda x: sum(range(10**11)),
        lambda x: max(map(abs, range(10**11))),
        lambda x: all(itertools.repeat(1)),
        lambda x: sum(map(len, itertools.repeat("ab"))),
        lambda x: math.prod(itertools.repeat(1)),
    ],
)
def test_a_loop_that_will_not_hear_ends_too(answer, capsys):
    began, before = time.monotonic(), (sum, max, all, math.prod)
    with pytest.raises(Wrong, match=r"still running after 0\.2 s"):
        call(answer, 1, seconds=0.2)
    assert time.monotonic() - began < 20
    assert torch.is_grad_enabled()
    assert (sum, max, all, math.prod) == before
    for _ in range(3):  # nothing comes back later
        assert call(lambda x: len([x for _ in range(1000)]), 1) == 1000
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_what_swallows_in_time_is_none_of_our_business():
    def careful(x):
        try:
            raise KeyboardInterrupt
        except BaseException:
            return sum(range(10)) + max(3, 4) + min([5, 2], key=abs) + sum(map(abs, x))

    assert call(careful, [1, -2]) == 45 + 4 + 2 + 3
    assert (
        call(lambda x: sum(range(2 * 10**6), start=x), 1) == 10**6 * (2 * 10**6 - 1) + 1
    )
    assert max.__module__ == "builtins"


def test_a_million_printed_lines_are_cut(lesson, capsys, monkeypatch):
    monkeypatch.setitem(call.__kwdefaults__, "seconds", 60)  # for a busy machine

    def talks(x):
        for i in range(10**6):
            print("step", i)
        return 2 * x

    check("97.1", talks)
    out = capsys.readouterr().out
    assert out.startswith("step 0\nstep 1\n")
    assert (
        "step 59\n\n(… 999,940 more lines printed during the check, not shown)" in out
    )
    assert out.count("\n") < 70
    check("97.1", lambda x: print("a line" * 10**6) or 2 * x)
    out = capsys.readouterr().out
    assert len(out) < 7000
    assert "(… 1 more line printed" in out
    check("97.1", lambda x: print("one", flush=True) or 2 * x)
    assert capsys.readouterr().out.startswith("one\n✓ 97.1")

    def complains(x):
        for _ in range(100):
            print("oh", file=sys.stderr)
        raise ValueError("no")

    assert "raised ValueError" in failed(complains)
    captured = capsys.readouterr()
    assert captured.err.count("oh\n") == 60
    assert "(… 40 more lines" in captured.out
    assert "_Limited" not in repr(sys.stdout)


def one_call_of(seconds):
    """Return code that spends some `seconds` in one call in C, which hears nothing."""
    took = []
    for _ in range(3):  # the fastest: what else ran meanwhile may rest later
        began = time.perf_counter()
        hashlib.pbkdf2_hmac("sha256", b"a", b"b", 10**5)
        took.append(time.perf_counter() - began)
    n = int(10**5 * seconds / min(took))
    return f'hashlib.pbkdf2_hmac("sha256", b"a", b"b", {n})'


def in_notebook(expression):
    """Return a function of a notebook, the second line of which is `expression`."""
    source = f"def f(x):\n    y = {expression}\n    return 2 * x\n"
    name = f"<cell {len(linecache.cache)}>"
    linecache.cache[name] = len(source), None, source.splitlines(True), name
    room = {"__name__": "__main__", "hashlib": hashlib, "np": np}
    exec(compile(source, name, "exec"), room)
    return room["f"]


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr(watching, "GRACE", 0.3)
    monkeypatch.setitem(call.__kwdefaults__, "seconds", 0.2)


@pytest.mark.parametrize("graded", [False, True])
def test_one_long_call_is_told_of_while_it_runs_and_named_after(
    graded, impatient, capsys, monkeypatch
):
    monkeypatch.setenv("UNROLLED_GRADING", "1" if graded else "")
    code, said, returned = one_call_of(2.5), [], []
    say = watching.say
    monkeypatch.setattr(
        watching, "say", lambda text: said.append(time.monotonic()) or say(text)
    )
    text = failed(in_notebook(code))
    returned.append(time.monotonic())
    assert text.startswith("✗ 97.1 — your function is too slow: one call (line 2: `y =")
    assert "went on after the 0.2 s that it may take" in text
    out = capsys.readouterr().out
    assert out.startswith("○ 0.2 s, the limit, are over, and one call still runs (lin")
    assert f"(line 2: `y = {code}`)" in out
    assert out.count("\n") == 1
    assert len(said) == 1
    assert said[0] < returned[0] - 0.5  # it was said in time
    check("97.1", double)  # nothing comes back later
    time.sleep(0.6)
    assert capsys.readouterr().out == "✓ 97.1 — right. Twice is `2 * x`.\n"
    assert not watching._open


def test_a_loop_of_long_calls_that_will_not_hear_is_told_of_once(impatient, capsys):
    code = f"[swallow() for _ in range(3)]\n    {one_call_of(1)}"
    answer = in_notebook(code)
    long_call = in_notebook(one_call_of(1.2))

    def swallow():
        with contextlib.suppress(BaseException):
            long_call(1)

    answer.__globals__["swallow"] = swallow
    assert "too slow: one call" in failed(answer)
    assert capsys.readouterr().out.count("one call still runs") == 1


def test_a_checker_held_up_by_one_call_says_so(lesson, impatient, capsys):
    held_up = in_notebook(one_call_of(1.5))
    lesson.EXERCISES[0] = Exercise("97.1", "t", held_up, double, seconds=0.2)
    text = failed(3)
    assert "the check took longer than 0.2 s: one call (line 2: `y = hash" in text
    assert text.endswith("could not be stopped")
    assert capsys.readouterr().out.count("one call still runs") == 1


def test_what_is_no_single_call_is_not_called_one(capsys, monkeypatch):
    monkeypatch.setitem(call.__kwdefaults__, "seconds", 0.2)
    assert "still running after 0.2 s" in failed(swallows_all)
    assert "still running after 0.2 s" in failed(lambda x: time.sleep(5))
    assert capsys.readouterr().out == ""


def test_a_sort_that_lets_no_thread_speak_is_named_after(
    impatient, capsys, monkeypatch
):
    monkeypatch.setitem(call.__kwdefaults__, "seconds", 0.6)  # to begin takes time, too
    xs = np.random.default_rng(0).random(2 * 10**6).tolist()
    answer = in_notebook("sorted(xs * 4)")
    answer.__globals__["xs"] = xs
    assert "too slow: one call (line 2: `y = sorted(xs * 4)`)" in failed(answer)
    assert capsys.readouterr().out.count("one call still runs") <= 1


def test_limits_nest_and_the_outer_one_goes_on():
    def limited(seconds, inner, outer):
        with limits.time_limit(seconds):
            time.sleep(inner)
        time.sleep(outer)

    with pytest.raises(limits.TimedOut), limits.time_limit(0.4):
        limited(5, 0.1, 2)
    with limits.time_limit(5), pytest.raises(limits.TimedOut):
        limited(0.1, 2, 0)
    assert signal.getitimer(signal.ITIMER_REAL)[0] == 0


@pytest.mark.parametrize("seconds", [0, -1, float("nan")])
def test_a_limit_of_no_time_is_refused(seconds):
    with pytest.raises(ValueError, match="seconds must be above 0"):
        call(double, 1, seconds=seconds)


def test_a_whole_check_has_a_limit(lesson):
    slow = Exercise("97.1", "t", lambda a: time.sleep(5), double, seconds=0.2)
    lesson.EXERCISES[0] = slow
    assert "the check took longer than 0.2 s" in failed(3)


def test_outside_the_main_thread_there_is_no_alarm():
    seen = []

    def work():
        with limits.time_limit(0.01):
            time.sleep(0.05)
            seen.append("done")

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == ["done"]


@pytest.mark.skipif(sys.platform != "linux", reason="the limit is Linux's")
@pytest.mark.parametrize(
    "greedy",
    [
        lambda x: np.ones(2**38),
        lambda x: torch.ones(2**38),
        lambda x: [0] * 2**38,
    ],
    ids=["numpy", "torch", "list"],
)
def test_a_huge_allocation_is_a_verdict(greedy):
    assert "asked for more memory than there is" in failed(greedy)
    assert address_limit() == ADDRESS_LIMIT


@pytest.mark.skipif(sys.platform != "linux", reason="the limit is Linux's")
def test_memory_taken_bit_by_bit_is_a_verdict_and_is_given_back():
    def hoards(x):
        kept = []
        while True:
            kept.append(bytearray(2**24))

    def check_hoarder(answer):
        with limits.memory_limit(2**28):
            call(answer, 1)

    with pytest.raises(Wrong, match="more memory"):
        check_hoarder(hoards)
    with limits.memory_limit(2**28):
        assert len(bytearray(2**27)) == 2**27


def test_torch_works_under_the_memory_limit(lesson):
    def trains(x):
        net = torch.nn.LSTM(8, 64, 2)
        net(torch.randn(50, 16, 8))[0].sum().backward()
        return 2 * x

    check("97.1", trains)


@pytest.mark.parametrize("where", ["learner", "checker"])
def test_an_interrupt_loses_nothing(lesson, where):
    def stops(*args):
        raise KeyboardInterrupt

    if where == "checker":
        lesson.EXERCISES[0] = Exercise("97.1", "t", lambda a: stops(), double)
    with pytest.raises(Interrupted) as caught:
        check("97.1", stops if where == "learner" else 3)
    assert str(caught.value) == "○ 97.1 — interrupted; nothing was lost"
    assert len(caught.value._render_traceback_()) == 1
    assert load()["exercises"] == {}


def test_interrupted_is_an_interrupt_so_that_run_all_stops():
    assert issubclass(Interrupted, KeyboardInterrupt)


# --- comparing --------------------------------------------------------------------


@pytest.mark.parametrize(
    "answer",
    [
        np.array([[1.0, 2.0]]),
        torch.tensor([[1.0, 2.0]]),
        torch.tensor([[1.0, 2.0]], requires_grad=True),
        [[1, 2]],
        ((1.0, 2.0),),
        [torch.tensor([1.0, 2.0])],
        torch.tensor([[1.0, 2.0]], dtype=torch.bfloat16),
        np.array([[1, 2]], dtype=np.float32),
        np.array([[1.0, 2.0 + 1e-9]]),
    ],
    ids=repr,
)
def test_arrays_tensors_and_lists_compare(answer):
    assert close(answer, torch.tensor([[1.0, 2.0]])).shape == (1, 2)
    assert same(answer, np.array([[1.0, 2.0]]))


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (None, "h is None: does your function end with `return`"),
        ("abc", "h is a str"),
        (np.tanh, "h is a ufunc"),
        ({"a": 1}, "h is a dict"),
        ([[1, 2], [3]], "rows differ in length"),
        (np.array([None, 1]), "not numbers"),
        ([1.0, 2.0, 3.0], r"h has shape \(3,\), want \(2, 3\)"),
        (np.ones((3, 2)), "lies on its side"),
        (np.ones((2, 1, 3)), "an axis of length 1 is missing or too many"),
        (np.full((2, 3), np.nan), "h contains nan"),
        (np.full((2, 3), np.inf), "h contains inf"),
        (np.eye(2, 3), r"at \[1, 1\] it is 1, it should be 0"),
    ],
)
def test_differences_are_said_in_words(answer, words):
    want = np.zeros((2, 3))
    want[0, 0] = 1
    with pytest.raises(Wrong, match=words):
        close(answer, want, what="h")
    assert not same(answer, want)


def test_tolerance_is_absolute_and_relative():
    assert close(1000.0005, 1000.0)
    assert same(1.05, 1.0, tol=0.03)
    assert not same(1.07, 1.0, tol=0.03)
    with pytest.raises(Wrong, match=r"^loss is 1\.07, it should be 1$"):
        close(1.07, 1.0, 0.03, "loss")
    with pytest.raises(ValueError, match="what='loss'"):
        close(1, 1, "loss")


@pytest.mark.parametrize(
    "single",
    [
        lambda x: x.astype(np.float32),
        lambda x: torch.tensor(x).float(),
        lambda x: x.astype(np.float32).tolist(),
        lambda x: torch.tensor(x).float().double().numpy(),
    ],
    ids=["array", "tensor", "list", "widened"],
)
def test_a_result_in_float32_is_as_right_as_float32_can_be(single):
    x = np.random.default_rng(0).normal(size=(3, 4)) * 100
    total = single(x) if isinstance(single(x), list) else single(x) * 3 / 3
    close(total, x, 1e-12)
    assert same(single(x * 1e-9), x * 1e-9, 1e-15)  # rounding is relative
    for wrong in (x + 0.01, x * 1.0001, x * [[1, 1, 1, 1.001]]):
        assert not same(single(wrong), x, 1e-12)
    assert not same(single(x * 1e-9), x * 1.001e-9, 1e-15)
    assert not same(single(x), x, 0)  # exactly means exactly
    assert same(x * (1 + 1e-7), x, 1e-12)  # a sum in float32 may be a part of it
    assert not same(x * (1 + 5e-6), x, 1e-12)


def test_numbers_that_differ_are_written_differently():
    with pytest.raises(Wrong, match=r"is 0\.123456, it should be 0\.123458$"):
        close(0.123456, 0.123458, 1e-12)
    with pytest.raises(Wrong, match=r"is 1\.0000000000000002, it should be 1\.0$"):
        close(np.nextafter(1, 2), 1.0, 0)
    with pytest.raises(Wrong, match="real ones are wanted"):
        close(np.ones(2) + 1j, np.ones(2), what="h")


def test_whole_numbers_and_truth_values_compare_exactly():
    assert same([True, False], [True, False])
    assert not same([1, 2], [1, 3], tol=10)
    assert same(np.array([np.inf, 1.0]), np.array([np.inf, 1.0]))
    assert not same(np.array([np.inf, 1.0]), np.array([-np.inf, 1.0]))
    assert same(np.zeros((0, 3)), np.zeros((0, 3)))
    assert not same(np.array([np.nan]), np.array([1.0]))


def test_shapes_by_letters():
    h = np.ones(3)
    with pytest.raises(Wrong) as caught:
        shape_of(h, (2, 3), "h", "B H")
    assert str(caught.value) == "h has shape (3,), want (B, H) = (2, 3)"
    with pytest.raises(Wrong, match=r"want \(T,\) = \(4,\)"):
        shape_of(h, {"T": 4}, "h")
    assert shape_of(h, 3).shape == (3,)
    with pytest.raises(NotAttempted):
        as_array([1, ...])


# --- hints and solutions ----------------------------------------------------------


def test_hints_come_one_by_one(capsys):
    for n, text in [(1, "first"), (2, "second"), (3, "third"), (1, "first")]:
        hint("97.1")
        assert capsys.readouterr().out.startswith(f"hint {n} of 3 — {text}")
    hint("97.1", np.int64(3))
    assert 'third (The last one; next: solution("97.1").)' in capsys.readouterr().out
    for n in (0, 4, "2"):
        with pytest.raises(UnknownId, match="hints 1 to 3"):
            hint("97.1", n)
    hint("97.2")
    assert "has no hints" in capsys.readouterr().out


def test_solution_shows_the_source_that_runs(capsys):
    solution("97.1")
    assert capsys.readouterr().out == (
        'def double(x):\n    """Return twice x."""\n    return 2 * x\n'
    )
    solution("97.2")
    out = capsys.readouterr().out
    assert "def double" in out
    assert "def check_double" in out


# --- predictions ------------------------------------------------------------------


def test_a_prediction_answers_the_option_pressed():
    box = predict("97.p1")
    assert [b.description for b in box.buttons] == ["yes", "no"]
    assert box.feedback.value == ""
    box.buttons[1].click()
    assert box.buttons[1].description == "✗ no"
    assert "Not so" in box.feedback.value
    assert "Count." in box.feedback.value
    assert "1 of 2 predictions made in lesson 97" in box.feedback.value
    box.buttons[0].click()
    assert [b.description for b in box.buttons] == ["✓ yes", "no"]
    assert "It is." in box.feedback.value
    assert load()["predictions"] == {"97.p1": 1}


def test_a_prediction_is_remembered():
    predict("97.p2").pick(1)
    again = predict("97.p2")
    assert again.picked == 1
    assert "It is even." in again.feedback.value


def test_a_prediction_reads_as_text_and_tells_no_answer():
    box = predict("97.p1")
    assert repr(box) == "Predict · Is `1 < 2`?\n  a) yes\n  b) no"
    bundle = box._repr_mimebundle_()
    data = bundle[0] if isinstance(bundle, tuple) else bundle
    assert data["text/plain"] == repr(box)
    assert "<code>1 &lt; 2</code>" in data["text/html"]
    assert "It is." not in data["text/html"]
    assert "application/vnd.jupyter.widget-view+json" in data


def test_unknown_predictions_and_options():
    with pytest.raises(UnknownId, match=r"near it: 97\.p1, 97\.p2"):
        predict("97.p7")
    with pytest.raises(UnknownId, match="not a prediction; use check"):
        predict("97.1")
    with pytest.raises(ValueError, match="0 to 1"):
        predict("97.p1").pick(5)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Exercise("3.1", "t", double, double), "like '03.1'"),
        (lambda: Exercise("03.1", "t", None, double), "must be a function"),
        (lambda: Exercise("03.1", "t", double, double, "one"), "tuple of texts"),
        (lambda: Exercise("03.1", "t", double, double, (), 0), "seconds of 03.1"),
        (lambda: Prediction("03.1", "q", ("a", "b"), 0, ("x", "y")), "like '03.p1'"),
        (lambda: Prediction("03.p1", "q", ("a", "b"), 2, ("x", "y")), "none of the"),
        (lambda: Prediction("03.p1", "q", ("a", "b"), 0, ("x",)), "one feedback"),
    ],
)
def test_bad_descriptions_are_refused(make, words):
    with pytest.raises(ValueError, match=words):
        make()


def test_the_table_counts_each_lesson():
    check("97.1", double)
    predict("97.p1").pick(1)
    table = progress_table()
    assert ("97", 1, 2, 1, 2) in table.rows
    assert "    97     1 of 2       1 of 2" in repr(table)
    page = table._repr_html_()
    assert '<th scope="row"' in page
    assert "<caption>Your progress</caption>" in page
    assert "1 of 2" in page


def test_rich_text_is_escaped():
    assert rich("`a < b` & **c** $x_1$") == (
        "<code>a &lt; b</code> &amp; <b>c</b> $x_1$"
    )


@pytest.mark.parametrize(
    ("text", "page"),
    [
        (
            "take *each*, not *the first one*.",
            "take <em>each</em>, not <em>the first one</em>.",
        ),
        ("(*V*)", "(<em>V</em>)"),
        ("a * b * c and a*b*c", "a * b * c and a*b*c"),
        (
            "`f(*x, *y)` is **`x`**, *stressed*",
            "<code>f(*x, *y)</code> is <b><code>x</code></b>, <em>stressed</em>",
        ),
        ("$a *b* c$", "$a *b* c$"),
    ],
)
def test_stress_is_told_from_a_product(text, page):
    assert rich(text) == page


# --- in IPython and in a kernel ---------------------------------------------------

SHELL = """
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance(colors="nocolor")
shell.run_cell("from helpers.exercises import check, solution")
print("--- cell")
result = shell.run_cell({cell!r})
print("--- end", type(result.error_in_exec).__name__)
"""


def in_shell(cell, home, **env):
    done = subprocess.run(
        [sys.executable, "-c", SHELL.format(cell=cell)],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "UNROLLED_HOME": str(home), **env},
    )
    return done.stdout.partition("--- cell\n")[2]


def test_ipython_shows_one_line_and_no_traceback(tmp_path):
    out = in_shell('check("00.1", lambda xs: xs)', tmp_path)
    lines = [line for line in out.splitlines() if line.strip()]
    assert len(lines) == 2
    assert "✗ 00.1" in lines[0]
    assert "you return the numbers themselves" in lines[0]
    assert lines[1] == "--- end CheckFailed"


def test_ipython_shows_a_line_for_a_typo_in_the_id(tmp_path):
    out = in_shell('check("00.8", 1)', tmp_path)
    assert "Traceback" not in out
    assert "near it: 00.1" in out


@pytest.fixture(scope="module")
def kernel(tmp_path_factory):
    from jupyter_client.manager import KernelManager

    manager = KernelManager(kernel_name="python3")
    home = str(tmp_path_factory.mktemp("home"))
    manager.start_kernel(env={**os.environ, "UNROLLED_HOME": home, "IPYTHONDIR": home})
    client = manager.client()
    client.start_channels()
    client.wait_for_ready(timeout=60)

    def run(code, interrupt_once=None):
        """Run `code`, interrupted once `interrupt_once` is said; return its outputs."""
        outputs = []
        # After an error a kernel turns away what it is asked in the next moment.
        ask = client.execute(code, stop_on_error=False)
        while True:
            message = client.get_iopub_msg(timeout=60)
            if message["parent_header"].get("msg_id") != ask:
                continue
            if message["msg_type"] == "status":
                if message["content"]["execution_state"] == "idle":
                    return outputs
            elif message["msg_type"] != "execute_input":
                outputs.append((message["msg_type"], message["content"]))
                if interrupt_once and interrupt_once in str(message["content"]):
                    manager.interrupt_kernel()

    yield run
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def test_in_a_kernel_wrong_is_an_error_of_one_line_then_right_is_said(kernel):
    kernel("from helpers.exercises import check\nimport numpy as np")
    ((kind, content),) = kernel('check("00.1", lambda xs: xs)')
    assert kind == "error"
    assert content["ename"] == "CheckFailed"
    assert len(content["traceback"]) == 1
    assert "\n" not in content["traceback"][0]
    ((kind, content),) = kernel('check("00.1", np.cumsum)')
    assert kind == "display_data"
    assert content["data"]["text/plain"].startswith("✓ 00.1 — right.")
    assert "✓ 00.1" in content["data"]["text/html"]


def test_in_a_kernel_a_hint_below_a_wrong_answer_is_shown(kernel):
    kernel("from helpers.exercises import check, hint, solution")
    wrong = 'check("00.1", lambda xs: xs)\n'
    said = kernel(wrong + 'hint("00.1", 2)\nsolution("00.1")')
    assert [kind for kind, _ in said] == ["display_data", "display_data", "error"]
    assert said[0][1]["data"]["text/plain"].startswith("hint 2 of 3")
    assert said[1][1]["data"]["text/plain"].startswith("def running_total")
    other = kernel('hint("00.1", 1)\n' + wrong + '# hint("00.1")\nhint("00.2")')
    assert [kind for kind, _ in other] == ["display_data", "error"]


def test_in_a_kernel_the_learners_line_is_quoted(kernel):
    kernel("from helpers.exercises import check")
    code = 'def f(xs):\n    h = 0\n    return h / 0\n\ncheck("00.1", f)'
    ((_, content),) = kernel(code)
    assert "ZeroDivisionError: division by zero" in content["evalue"]
    assert "(line 3: `return h / 0`)" in content["evalue"]


def test_in_a_kernel_the_interrupt_button_ends_a_loop_and_keeps_the_rest(kernel):
    kernel("from helpers.exercises import check\nkept = 7")
    loop = 'def f(xs):\n    display("here")\n    while True: pass\ncheck("00.1", f)'
    (_, (kind, content)) = kernel(loop, "here")
    assert kind == "error"
    assert content["traceback"][0].endswith("interrupted; nothing was lost")
    ((_, content),) = kernel("kept")
    assert content["data"]["text/plain"] == "7"


def test_in_a_kernel_one_long_call_is_told_of_while_it_runs(kernel):
    kernel(
        "import hashlib, os, time\nfrom helpers.exercises import check\n"
        "from helpers.exercises.engine import core, watching\n"
        "watching.GRACE, core.call.__kwdefaults__['seconds'] = 0.3, 0.2"
    )
    code = f'def f(xs):\n    return {one_call_of(3)}\ncheck("00.1", f)'
    for graded in ("", "1"):
        kernel(f"os.environ['UNROLLED_GRADING'] = '{graded}'")
        (told, notice), (kind, content) = kernel(code)
        assert (told, kind) == ("display_data", "error")
        assert "one call still runs (line 2: " in notice["data"]["text/plain"]
        assert "<em>Kernel → Restart Kernel</em>" in notice["data"]["text/html"]
        assert "is too slow: one call (line 2: `return hash" in content["evalue"]
        assert len(content["traceback"]) == 1
    kernel("del os.environ['UNROLLED_GRADING']")
    # The button is heard when the call returns.
    (told, _), (kind, content) = kernel(code, "one call still runs")
    assert (told, kind) == ("display_data", "error")
    assert content["traceback"][0].endswith("interrupted; nothing was lost")
    kernel("watching.GRACE, core.call.__kwdefaults__['seconds'] = 2, 10")
    ((kind, _),) = kernel('import numpy as np\ncheck("00.1", np.cumsum)')
    assert kind == "display_data"


def test_in_a_kernel_a_solution_is_highlighted_and_plain(kernel):
    ((_, content),) = kernel('from helpers.exercises import solution\nsolution("00.1")')
    assert content["data"]["text/markdown"].startswith("```python\ndef running_total")
    assert content["data"]["text/plain"].startswith("def running_total")


def test_in_a_kernel_an_untouched_submission_scores_zero(kernel):
    stub = 'def f(xs):\n    """Totals."""\n    ...\n'
    code = stub + 'from helpers.exercises import check\ncheck("00.1", f)'
    ((kind, content),) = kernel(code)
    assert kind == "display_data"
    assert "not attempted yet" in content["data"]["text/plain"]
    kernel('import os\nos.environ["UNROLLED_GRADING"] = "1"')
    ((kind, _),) = kernel(code)
    assert kind == "error"
    kernel('del os.environ["UNROLLED_GRADING"]')
