"""explore_reach: what it says of a network against networks, and its two languages."""

import base64
import io
import itertools
import json
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
import torch
import traitlets
from PIL import Image
from torch import nn

from helpers.explore import reach
from helpers.explore.kit.controls import script as widget_script
from helpers.explore.reach import WIRINGS, draw_reach, explore_reach, ways

SETTINGS = [
    ([wiring[k % len(wiring)] for k in range(layers)], T)
    for wiring in WIRINGS.values()
    for layers, T in ((1, 2), (2, 5), (3, 7), (4, 12))
]
IDS = [f"{'+'.join(directions)}-{T}" for directions, T in SETTINGS]


class Stack(nn.Module):
    """One-layer LSTMs, each in its own direction, one above the other."""

    def __init__(self, directions):
        super().__init__()
        self.directions, reads = directions, 2
        self.layers = nn.ModuleList()
        for direction in directions:
            both = direction == "both"
            lstm = nn.LSTM(reads, 2, batch_first=True, bidirectional=both)
            self.layers.append(lstm.double())
            reads = 2 * (1 + both)

    def forward(self, x):
        for direction, layer in zip(self.directions, self.layers, strict=True):
            back = direction == "backward"
            x = layer(x.flip(1))[0].flip(1) if back else layer(x)[0]
        return x


@pytest.mark.parametrize(("directions", "T"), SETTINGS, ids=IDS)
def test_an_input_is_reached_where_the_gradient_of_an_lstm_is_not_zero(directions, T):
    torch.manual_seed(0)
    net = Stack(directions)
    x = torch.randn(1, T, 2, dtype=torch.float64, requires_grad=True)
    y = net(x)
    for t in (0, T // 2, T - 1):
        (dx,) = torch.autograd.grad(y[0, t].sum(), x, retain_graph=True)
        reached = (dx[0] != 0).any(dim=1).numpy()
        np.testing.assert_array_equal(ways(directions, T, t)[0] > 0, reached)


def walked(directions, T, layer, way, s, t):
    """Count by walking: the ways from one unit to output t."""
    found = int(layer == len(directions) - 1 and s == t)
    onward = s + 1 if way == "forward" else s - 1
    if 0 <= onward < T:
        found += walked(directions, T, layer, way, onward, t)
    if layer + 1 < len(directions):
        for above in reach.units(directions[layer + 1]):
            found += walked(directions, T, layer + 1, above, s, t)
    return found


@pytest.mark.parametrize(("directions", "T"), SETTINGS[:-1:2], ids=IDS[:-1:2])
def test_the_ways_are_those_that_one_can_walk(directions, T):
    t, kinds = T // 2, [reach.units(direction) for direction in directions]
    inputs, *layers = ways(directions, T, t)
    for k, names in enumerate(kinds):
        for name, row in zip(names, layers[k], strict=True):
            want = [walked(directions, T, k, name, s, t) for s in range(T)]
            np.testing.assert_array_equal(row, want)
    np.testing.assert_array_equal(inputs, layers[0].sum(axis=0))


def waited(directions, T):
    """The longest chain of units, by walking back from the top."""

    def done(k, way, s):
        before = s - 1 if way == "forward" else s + 1
        longest = done(k, way, before) if 0 <= before < T else 0
        if k:
            below = reach.units(directions[k - 1])
            longest = max(longest, *(done(k - 1, name, s) for name in below))
        return 1 + longest

    last = len(directions) - 1
    return max(done(last, way, s) for way in reach.units(directions[-1])
               for s in range(T))  # fmt: skip


@pytest.fixture(scope="module")
def node():
    """A JavaScript engine: node's own, or the one that playwright brings along."""
    if found := shutil.which("node"):
        return found
    playwright = pytest.importorskip("playwright")
    path = Path(playwright.__file__).parent / "driver" / "node"
    if not path.exists():
        pytest.skip("no JavaScript engine outside the browser")
    return str(path)


def asked(node, tmp_path, questions):
    """The answers of reach.js to (directions, T, t), in one run."""
    source = widget_script(Path(reach.__file__).with_name("reach.js"))
    (tmp_path / "reach.mjs").write_text(source, encoding="utf-8")
    script = """
        import { unroll, waits, parameters, sentence } from "./reach.mjs";
        const answers = QUESTIONS.map(([directions, T, t]) => ({
          ...unroll(directions, T, t), waits: waits(directions, T),
          parameters: parameters(directions, 5, 3), say: sentence(directions, T, t) }));
        console.log(JSON.stringify(answers));"""
    script = script.replace("QUESTIONS", json.dumps(questions))
    (tmp_path / "ask.mjs").write_text(script, encoding="utf-8")
    done = subprocess.run(
        [node, "ask.mjs"], cwd=tmp_path, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_browser_counts_as_python_does(node, tmp_path):
    questions = [(d, T, t) for d, T in SETTINGS for t in (0, T // 2, T - 1)]
    answers = asked(node, tmp_path, questions)
    for (directions, T, t), answer in zip(questions, answers, strict=True):
        inputs, *layers = ways(directions, T, t)
        assert answer["inputs"] == inputs.tolist()
        assert answer["ways"] == [layer.tolist() for layer in layers]
        stack = Stack(directions[:1])
        stack.layers[0] = nn.LSTM(5, 3, bidirectional=directions[0] == "both")
        for below, direction in itertools.pairwise(directions):
            reads = 3 * len(reach.units(below))
            lstm = nn.LSTM(reads, 3, bidirectional=direction == "both")
            stack.layers.append(lstm)
        assert answer["parameters"] == sum(p.numel() for p in stack.parameters())
        if len(directions) < 4:
            assert answer["waits"] == waited(directions, T)


def test_what_is_said_of_an_output(node, tmp_path):
    first, middle, every = asked(
        node,
        tmp_path,
        [(["forward"], 8, 0), (["forward", "forward"], 8, 4), (["both"], 4, 1)],
    )
    assert first["say"].startswith("Output 1 can know input 1 alone, by 1 way.")
    assert "the inputs 1 to 5, by 15 ways" in middle["say"]
    assert "4 steps of time away" in middle["say"]
    assert "all 4 inputs, by 5 ways" in every["say"]


def test_the_still_picture_follows_the_controls():
    explorer = explore_reach()
    assert explorer.directions == ["forward", "forward"]

    def picture():
        data, _ = explorer._repr_mimebundle_()
        return data["image/png"]

    seen = {picture()}
    changes = [("direction", name) for name in WIRINGS if name != "forward"]
    changes += [("layers", 1), ("layers", 4), ("T", 2), ("T", 12), ("t", 1), ("t", 12)]
    for name, value in changes:
        setattr(explorer, name, value)
        seen.add(picture())
    assert len(seen) == len(changes) + 1
    size = Image.open(io.BytesIO(base64.b64decode(picture()))).size
    assert size[0] <= 1000


def test_a_reader_without_kernel_gets_the_picture_and_words():
    data, metadata = explore_reach()._repr_mimebundle_()
    assert "ways under each input" in data["text/plain"]
    assert "Run this notebook" in data["text/plain"]
    assert metadata["image/png"]["alt"]


def test_marks_of_the_still_picture():
    texts = [t.get_text() for t in draw_reach(["forward"], 3, 1).axes[0].texts]
    assert texts.count("→") == 3
    assert [text for text in texts if text in ("0", "1")].count("0") == 1


def test_an_unknown_direction_is_refused():
    with pytest.raises(traitlets.TraitError, match="sideways"):
        explore_reach().direction = "sideways"
