"""Which cells run for an explorer: all that it may depend on, and few others."""

import json

import pytest
from IPython.core.interactiveshell import InteractiveShell

from helpers.site.needed import needed
from helpers.site.running import export_from

SHOWN = "explore(net)"


@pytest.mark.parametrize(
    ("texts", "want"),
    [
        (["a = [1]", "explore()"], [1]),
        (["setup()", "a = [1]", "explore()"], [0, 2]),
        (["from x import explore", "1", "explore()"], [0, 2]),
        (["net = Net()", "a = [1]", SHOWN], [0, 2]),
        (["net = Net()", "fit(net)", SHOWN], [0, 1, 2]),
        (["net = Net()", "net.go()", SHOWN], [0, 1, 2]),
        (["net = Net()", "net.w[0] = 1", SHOWN], [0, 1, 2]),
        (["net = Net()", "net += 1", SHOWN], [0, 1, 2]),
        (["k = [1]", "k += [2]\nnet = Net()", SHOWN], [0, 1, 2]),
        (["net = Net()", "other = net", "fit(other)", SHOWN], [0, 1, 2, 3]),
        (["nets = [1]", "for one in nets:\n    fit(one)", "explore(nets)"], [0, 1, 2]),
        (["rng = make(0)", "rng.random()", "net = Net(rng)", SHOWN], [0, 1, 2, 3]),
        (["n = 3", "draw(n)", "net = Net(n)", SHOWN], [0, 2, 3]),
        (["n = 3", "n = [4]", "draw(n)", "net = Net(n)", SHOWN], [0, 1, 2, 3, 4]),
        (["import np", "np.show()", "net = np.net()", SHOWN], [0, 2, 3]),
        (["def f(x):\n    return x", "f(1)", "net = f(2)", SHOWN], [0, 2, 3]),
        (["a = [1]", "def f():\n    return a", "f()", "net = f()", SHOWN], [*range(5)]),
        (["class A:\n    b = [1]", "A().b", "net = A()", SHOWN], [0, 2, 3]),
        (["t = [1]", "net = [t for t in read()]", SHOWN], [1, 2]),
        (["t = [1]", "net = (lambda t: t)(2)", SHOWN], [1, 2]),
        (["t = [1]", "net = (lambda s=t: s)(2)", SHOWN], [0, 1, 2]),
        (["t = [1]", "for t in read():\n    net = t", SHOWN], [1, 2]),
        (["t = [1]", "with read() as t:\n    net = t", SHOWN], [1, 2]),
        (["t = [1]", "if a:\n    t = [2]\nnet = t", SHOWN], [0, 1, 2]),
        (["net = Net()", "%time 1", SHOWN], [0, 1, 2]),
        (["net = Net()", SHOWN, "fit(net)"], [0, 1]),
    ],
)
def test_what_an_explorer_may_depend_on_runs(texts, want):
    place = next(i for i, text in enumerate(texts) if text.startswith("explore("))
    assert needed(texts, {place}) == want


def test_several_are_served_at_once():
    texts = ["a = [1]", "b = [2]", "c = [3]", "explore(a)", "explore(b)"]
    assert needed(texts, {3, 4}) == [0, 1, 3, 4]


EXPLORER = """
from helpers.explore.kit.live import Live, figure, slider

fig, ax = figure(width=2, height=1)
(bar,) = ax.bar([0], [height], animated=True)
controls = {"x": slider("x", 1, 0, 2, 1)}
Live(fig, lambda x: bar.set_height(x / 2) and None, controls, alt="A bar.")
"""


@pytest.mark.parametrize("way", ["height = 0.5", "globals()['height'] = 0.5"])
def test_what_it_needs_runs_and_all_else_only_if_a_name_is_missing(tmp_path, way):
    ran = tmp_path / "ran"
    texts = {"way": way, "other": f"open(r'{ran}', 'w').close()", "shown": EXPLORER}
    raw = [{"cell_type": "code", "id": id, "source": s} for id, s in texts.items()]
    path = tmp_path / "00_it.ipynb"
    path.write_text(json.dumps({"cells": raw}), encoding="utf-8")
    bound().pop("height", None)
    assert export_from(path, {"shown": tmp_path / "frames"}, lambda _: None) == []
    assert (tmp_path / "frames" / "index.json").exists()
    assert ran.exists() == way.startswith("globals")


def bound():
    """The names that cells have bound in this process."""
    return InteractiveShell.instance().user_ns
