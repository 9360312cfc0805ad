"""An explorer opens at a setting, and says which call opens it so."""

import importlib
import itertools
import pkgutil

import pytest
from IPython.core.interactiveshell import InteractiveShell

from helpers import explore
from helpers.explore.cliff import explore_cliff
from helpers.explore.gates import explore_gates
from helpers.explore.kit import settings
from helpers.explore.kit.live import Live, choice, figure, slider, text_box
from helpers.explore.kit.settings import settable
from helpers.explore.memories import explore_memories


@settable
def explore_it(model, gain=1.0, *, seed=0):
    """An explorer that draws nothing."""
    fig, ax = figure(width=2, height=1)
    (line,) = ax.plot([], [], animated=True)
    controls = {
        "gain": slider("gain", gain, 0.0, 2.0, 0.1),
        "k": slider("k", 1, 0, 9, 1),
        "size": slider("size", 1, 0.01, 10, 0.1, log=True),
        "kind": choice("kind", {"one": 1, "two": 2}),
        "typed": text_box("typed", "a"),
    }
    return Live(fig, lambda **_: line.set_data([], []), controls, alt="Nothing.")


def every_explorer():
    """Every explorer of the course, by its name."""
    rooms = pkgutil.walk_packages(explore.__path__, "helpers.explore.")
    modules = [importlib.import_module(room.name) for room in rooms]
    return {
        name: getattr(module, name)
        for module in modules
        for name in getattr(module, "__all__", ())
        if name.startswith("explore_")
    }


def test_every_explorer_can_be_opened_at_a_setting():
    made = every_explorer()
    assert len(made) >= 35
    bare = [name for name, f in made.items() if not hasattr(f, "__wrapped__")]
    assert bare == []


def called(text):
    return eval(text, {"explore_it": explore_it, "model": None})


def test_nothing_is_said_as_long_as_nothing_has_moved():
    live = explore_it(None)
    assert str(live.setting) == ""
    live.controls["k"].value = 3
    live.controls["k"].value = 1
    assert str(live.setting) == ""


def test_what_moved_is_said_and_opens_the_same():
    live = explore_it(None, 0.5, seed=3)
    moves = {"gain": 1.3, "k": 7, "size": 0.1, "kind": 2, "typed": "it's"}
    for n, (name, value) in enumerate(moves.items()):
        live.controls[name].value = value
        text = str(live.setting)
        assert text.startswith("explore_it(…, gain=")
        assert all(f"{known}=" in text for known in itertools.islice(moves, n + 1))
        again = called(text.replace("…", "model")).values
        for known, left in live.values.items():
            near = pytest.approx(left) if isinstance(left, float) else left
            assert again[known] == near


def test_without_a_model_the_call_is_whole():
    live = explore_memories(gain=1.2)
    live.controls["forget_bias"].value = 3
    assert str(live.setting) == "explore_memories(forget_bias=3, gain=1.2)"


def test_the_arguments_are_those_of_the_cell(monkeypatch):
    shell = InteractiveShell.instance()
    monkeypatch.setattr(settings, "get_ipython", lambda: shell)
    cell = "explore_it(nets['x'], 0.5, seed=n + 1, k=2)"
    monkeypatch.setitem(shell.user_ns, "In", ["", cell])
    live = explore_it(None, 0.5, seed=1, k=2)
    live.controls["kind"].value = 2
    want = "explore_it(nets['x'], seed=n + 1, gain=0.5, k=2, kind=2)"
    assert str(live.setting) == want


@pytest.mark.parametrize(
    ("keywords", "message"),
    [
        ({"gian": 1}, r"got \['gian'\], want some of \['model', 'gain', .*'typed'\]"),
        ({"k": 10}, "k: got 10, want a number from 0 to 9"),
        ({"k": "1"}, "k: got '1', want"),
        ({"size": 0.001}, "size: got 0.001, want a number from 0.01 to 10"),
        ({"kind": 3}, r"kind: got 3, want one of \[1, 2\]"),
        ({"typed": 3}, "typed: got 3, want"),
    ],
)
def test_what_cannot_be_set_is_refused(keywords, message):
    with pytest.raises(ValueError, match=message):
        explore_it(None, **keywords)


def test_a_control_that_is_no_argument_is_set_and_drawn():
    live = explore_cliff(step=12)
    assert live.values["step"] == 12
    assert not live.note


def test_a_widget_of_its_own_module_is_set_too():
    assert explore_gates(step=5, gate="f").gate == "f"
    with pytest.raises(ValueError, match="gate"):
        explore_gates(gate=3)
    with pytest.raises(ValueError, match=r"got \['gates'\]"):
        explore_gates(gates=1)


def test_the_line_to_copy_stands_under_the_figure():
    live = explore_it(None)
    sent = []
    live._send(lambda data, **_: sent.append(data))
    assert "Copy this setting" not in str(sent)
    live.controls["k"].value = 3
    live._send(lambda data, **_: sent.append(data))
    assert "Copy this setting" in sent[-1]["text/html"]
    assert "explore_it(…, k=3)" in sent[-1]["text/plain"]
