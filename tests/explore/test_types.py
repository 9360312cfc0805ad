"""explore_types and explore_belief, without a browser."""

import io
import json

import numpy as np
import pytest
import torch
from matplotlib.colors import to_rgba
from PIL import Image

from helpers.data import dates, digits, numbers, tagging
from helpers.data.applications import TYPES
from helpers.data.batching import Coder, one_hot
from helpers.explore.belief import beliefs, explore_belief, explore_name
from helpers.explore.types import draw_types, examples, explore_types
from helpers.nets.small import Reader
from helpers.plots import COLOURS

ALL = examples()


@pytest.mark.parametrize("example", ALL, ids=[e["title"] for e in ALL])
def test_columns_fit_the_type(example):
    columns, kind = example["columns"], example["type"]
    reads = [c["x"] is not None and not c["fed"] for c in columns]
    writes = [c["y"] is not None for c in columns]
    n = len(columns)
    wanted = {
        "one-to-one": ([True], [True]),
        "one-to-many": ([True] + [False] * (n - 1), [True] * n),
        "many-to-one": ([True] * n, [False] * (n - 1) + [True]),
        "aligned": ([True] * n, [True] * n),
        "unaligned": (reads, [not r for r in reads]),
    }[kind]
    assert (reads, writes) == wanted
    if kind == "unaligned":
        assert sum(reads) != sum(writes)
        assert reads == sorted(reads, reverse=True)


def test_what_is_fed_back_is_what_came_out_before():
    fed = 0
    for example in ALL:
        for before, now in zip(
            example["columns"], example["columns"][1:], strict=False
        ):
            if now["fed"]:
                assert now["x"] == before["y"]
                fed += 1
    assert fed > 10


def test_shapes_count_the_steps():
    for example in ALL:
        shapes = {name: shape for name, _, shape, _ in example["tensors"]}
        reads = sum(c["x"] is not None and not c["fed"] for c in example["columns"])
        writes = sum(c["y"] is not None for c in example["columns"])
        if example["type"] in ("many-to-one", "aligned", "unaligned"):
            assert shapes["x"].startswith(f"(1, {reads}, ")
        if example["type"] in ("one-to-many", "aligned", "unaligned"):
            assert shapes["y"].startswith(f"(1, {writes}, ")


def test_the_sizes_shown_are_those_that_the_data_have():
    shapes = {e["title"]: {n: s for n, _, s, _ in e["tensors"]} for e in ALL}
    days = dates.draw(np.random.default_rng(0), 3000)
    pairs = tagging.tagged(days, np.random.default_rng(1))
    characters = Coder("".join(text for text, _ in pairs))
    words = Coder(word for n in range(10_000) for word in numbers.words(n))
    spelling = shapes["a digit → its name"]["y"]
    assert spelling == f"(1, 6, {len(Coder(''.join(digits.NAMES)))})"
    tags = shapes["a date → a tag for each character"]["x"]
    assert tags == f"(1, 10, {len(characters)})"
    assert shapes["a number → its words"]["y"] == f"(1, 6, {len(words)})"
    assert shapes["a surname → its country"]["x"] == "(1, 8, 29)"
    memory = {
        title: of["h"].strip("()").split(", ")[-1] for title, of in shapes.items()
    }
    assert memory["a date → a tag for each character"] == "32"
    assert memory["values → each one's next"] == "32"
    assert memory["a surname → its country"] == "64"


def test_every_step_is_said_in_words_and_every_type_is_there():
    assert {e["type"] for e in ALL} == set(TYPES)
    for example in ALL:
        total = len(example["columns"])
        for t, column in enumerate(example["columns"], 1):
            assert column["say"].startswith(f"Step {t} of {total}.")
    assert len(json.dumps(ALL)) < 30_000


def test_a_reader_without_kernel_gets_words():
    bundle = explore_types()._repr_mimebundle_()
    data = bundle[0] if isinstance(bundle, tuple) else bundle
    assert "Run this notebook" in data["text/html"]
    assert "step by step" in data["text/plain"]


def test_the_picture_shows_every_type():
    titles = [ax.get_title() or ax.get_title("left") for ax in draw_types().axes]
    assert titles == list(TYPES)  # in the middle; at the left in the course's style


def untrained():
    torch.manual_seed(0)
    rng = np.random.default_rng(0)
    images = rng.random((6, 8, 8)).astype(np.float32)
    return Reader(8, 16, 10), Reader(8, 16, 10), images, rng.integers(0, 10, 6)


def test_beliefs_are_probabilities_after_every_row():
    one, _, images, _ = untrained()
    belief = beliefs(one, images)
    assert belief.shape == (6, 8, 10)
    assert np.allclose(belief.sum(-1), 1, atol=1e-5)
    early = images.copy()
    early[:, 5:] = 0
    assert np.allclose(beliefs(one, early)[:, :5], belief[:, :5], atol=1e-6)


def test_every_control_changes_the_picture_of_beliefs():
    one, two, images, labels = untrained()
    live = explore_belief({"one": one, "two": two}, images, labels)
    first = live.frame()
    assert Image.open(io.BytesIO(first)).size == (900, 280)
    for values in ({"t": 7}, {"digit": 3}, {"trained": "two"}):
        assert live.frame(**values) != first, values
    live.controls["t"].value = 2
    assert "After 2 of 8 rows" in live.reading


def test_the_strongest_rival_of_the_true_class_has_a_colour_of_its_own():
    one, two, images, labels = untrained()
    live = explore_belief({"one": one, "two": two}, images, labels)
    for digit, (true, belief) in enumerate(zip(labels, beliefs(one, images))):  # noqa: B905
        live.frame(digit=digit, t=5)
        others = belief.copy()
        others[:, true] = -1
        rival = np.unravel_index(others.argmax(), others.shape)[1]
        colours = {k: bar.get_facecolor() for k, bar in enumerate(bars_of(live))}
        assert colours[true] == to_rgba(COLOURS["gold"])
        assert [k for k in colours if colours[k] == to_rgba(COLOURS["rnn"])] == [rival]
        assert f"in blue: {rival} ({belief[4, rival]:.0%})" in live.reading
        lines = live.painter.fig.axes[2].collections[0]
        tops = [np.column_stack([range(1, 9), belief[:, k]]) for k in (rival, true)]
        assert np.allclose(lines.get_segments()[-2:], tops)


def bars_of(live):
    return live.painter.fig.axes[1].patches


def test_a_frame_of_beliefs_draws_nothing_but_what_moves():
    one, _, images, labels = untrained()
    live = explore_belief({"one": one}, images, labels)
    live.frame()
    drawn = [a for a in live.painter.fig.findobj() if a.get_animated()]
    assert not [a for a in drawn if type(a).__name__ in ("Text", "Spine")]


def test_explore_belief_refuses():
    one, _, images, labels = untrained()
    with pytest.raises(ValueError, match="models"):
        explore_belief([one], images, labels)
    with pytest.raises(ValueError, match="labels"):
        explore_belief({"one": one}, images, labels[:3])


def test_a_typed_name_is_believed_letter_by_letter():
    torch.manual_seed(0)
    coder = Coder("abcdefghijklmnopqrstuvwxyz")
    model = Reader(len(coder), 16, 3)
    live = explore_name(model, coder, ("X", "Y", "Z"), name="Ada")
    first = live.frame()
    live.controls["name"].value = "Eva O'Hara"
    belief = beliefs(model, one_hot([coder.encode("evaohara")], len(coder)))[0, -1]
    wanted = f"evaohara: most likely {'XYZ'[belief.argmax()]} ({belief.max():.0%})"
    assert live.reading == wanted
    assert live.frame() != first
    for typed, read in (("Müller", "muller"), ("Groß-Øß", "grossoss")):
        live.frame(name=typed)
        assert live.reading.startswith(f"{read}: most likely")
    assert live.frame(name="a" * 40) != first
    assert live.reading.startswith("a" * 14 + " (its first 14 letters): most likely")
    live.frame(name="a" * 14)
    assert live.reading.startswith("a" * 14 + ": most likely")
    live.frame(name="")
    assert live.reading == "Type some letters, a to z."
