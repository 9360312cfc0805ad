"""plots: what is drawn equals what was given, and bad input is refused by name."""

import base64
import struct

import matplotlib as mpl
import numpy as np
import pytest

mpl.use("Agg")

from matplotlib import pyplot as plt
from matplotlib.colors import to_hex

from helpers import plots
from helpers.plots import COLOURS, band, bars, curve, heatmap, show

WORDS = {"xlabel": "time t (steps)", "ylabel": "loss (bits)"}
MAP = {**WORDS, "label": "h (no unit)"}
LINE = {**WORDS, "label": "RNN", "colour": "rnn"}


@pytest.fixture(autouse=True)
def nothing_left_open():
    yield
    plt.close("all")


def luminance(colour):
    rgb = np.array(mpl.colors.to_rgb(colour))
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    return linear @ [0.2126, 0.7152, 0.0722]


def test_every_colour_has_one_meaning():
    assert len(set(COLOURS.values())) == len(COLOURS)
    assert {"rnn", "lstm", "gru", "gold", "baseline"} <= COLOURS.keys()
    assert 1.05 / (luminance(COLOURS["ink"]) + 0.05) > 7
    assert 1.05 / (luminance(COLOURS["baseline"]) + 0.05) > 4.5


def test_public_names_have_a_docstring():
    assert len(plots.__all__) <= 8
    for name in set(plots.__all__) - {"COLOURS"}:
        assert getattr(plots, name).__doc__


def test_heatmap_leaves_a_cell_without_a_number_empty():
    ax = heatmap(np.array([[1.0, np.nan], [2.0, 3.0]]), **MAP, numbers=True)
    assert [t.get_text() for t in ax.texts] == ["1.00", "2.00", "3.00"]


def test_heatmap_shows_signed_values_symmetrically():
    matrix = np.array([[-0.5, 0.25], [0.0, 2.0]])
    ax = heatmap(matrix, **MAP, xticks="hi", yticks=[7, 8], numbers=True)
    (image,) = ax.images
    assert np.array_equal(image.get_array(), matrix)
    assert image.get_clim() == (-2.0, 2.0)
    assert [t.get_text() for t in ax.get_xticklabels()] == ["h", "i"]
    assert [t.get_text() for t in ax.get_yticklabels()] == ["7", "8"]
    assert [t.get_text() for t in ax.texts] == [
        "\N{MINUS SIGN}0.50",
        "0.25",
        "0.00",
        "2.00",
    ]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("time t (steps)", "loss (bits)")
    assert ax.figure.axes[1].get_ylabel() == "h (no unit)"


def test_heatmap_of_probabilities_starts_at_zero():
    ax = heatmap([[0.1, 0.4]], **MAP)
    assert ax.images[0].get_clim() == (0.0, 0.4)
    assert heatmap([[0.1, 0.4]], **MAP, limit=1).images[0].get_clim() == (0.0, 1.0)
    assert heatmap([[0.0]], **MAP).images[0].get_clim() == (0.0, 1.0)


def test_heatmap_ticks_are_whole_numbers():
    ax = heatmap(np.ones((2, 3)), **MAP)
    assert all(float(tick).is_integer() for tick in ax.get_xticks())


def test_curve_draws_the_points_in_the_named_colour():
    _, ax = plt.subplots()
    assert curve([1, 2, 4], [3, 1, 2], ax, **LINE, log="xy") is ax
    (line,) = ax.lines
    assert np.array_equal(line.get_xydata(), [[1, 3], [2, 1], [4, 2]])
    assert to_hex(line.get_color()).upper() == COLOURS["rnn"]
    assert (ax.get_xscale(), ax.get_yscale()) == ("log", "log")
    assert ax.get_legend().get_texts()[0].get_text() == "RNN"


def test_band_shades_from_the_lowest_to_the_highest_run():
    runs = np.array([[1.0, 5.0], [2.0, 9.0], [6.0, 7.0]])
    ax = band([0, 1], runs, **LINE)
    assert np.array_equal(ax.lines[0].get_ydata(), [2.0, 7.0])
    edge = ax.collections[0].get_paths()[0].vertices
    assert edge[:, 1].min() == 1.0
    assert edge[:, 1].max() == 9.0
    assert "3 seeds" in ax.get_legend().get_texts()[0].get_text()


def test_band_of_one_sigma():
    runs = np.array([[1.0, 4.0], [3.0, 8.0]])
    ax = band([0, 1], runs, **LINE, spread="sigma")
    assert np.array_equal(ax.lines[0].get_ydata(), [2.0, 6.0])
    assert ax.collections[0].get_paths()[0].vertices[:, 1].max() == 8.0


def test_bars_show_median_runs_and_number():
    ax = bars({"RNN": [1, 2, 9], "bigram": 4}, xlabel="bits", digits=1)
    assert [bar.get_width() for bar in ax.patches] == [2, 4]
    colours = [to_hex(bar.get_facecolor()).upper() for bar in ax.patches]
    assert colours == [COLOURS["rnn"], COLOURS["baseline"]]
    assert [t.get_text() for t in ax.texts] == ["2.0", "4.0"]
    assert np.array_equal(ax.lines[0].get_xdata(), [1, 2, 9])
    assert [t.get_text() for t in ax.get_yticklabels()] == ["RNN", "bigram"]
    ax = bars({"a": 1}, xlabel="bits", colours={"a": "gold"})
    assert to_hex(ax.patches[0].get_facecolor()).upper() == COLOURS["gold"]


@pytest.mark.parametrize("hand", ["axes", "figure"])
def test_show_stores_png_and_words_and_closes(monkeypatch, hand):
    sent = []
    monkeypatch.setattr(
        plots, "display", lambda data, **kwargs: sent.append((data, kwargs))
    )
    ax = curve([1, 2], [3, 4], **LINE)
    alt = "A line that rises from 3 to 4."
    assert show(ax if hand == "axes" else ax.figure, alt=alt) is None
    ((data, kwargs),) = sent
    assert data["text/plain"] == alt
    assert kwargs["metadata"]["image/png"]["alt"] == alt
    assert kwargs["raw"] is True
    png = base64.b64decode(data["image/png"])
    assert png.startswith(b"\x89PNG")
    width = struct.unpack(">I", png[16:20])[0]
    assert width == pytest.approx(1.5 * kwargs["metadata"]["image/png"]["width"], abs=2)
    assert plt.get_fignums() == []


REFUSED = {
    "matrix: ragged": lambda: heatmap([[1], [1, 2]], **MAP),
    "matrix: one row": lambda: heatmap([1, 2], **MAP),
    "matrix: empty": lambda: heatmap(np.zeros((0, 3)), **MAP),
    "xticks": lambda: heatmap([[1, 2]], **MAP, xticks="abc"),
    "yticks": lambda: heatmap([[1, 2]], **MAP, yticks="abc"),
    "limit": lambda: heatmap([[1, 2]], **MAP, limit=0),
    "label": lambda: heatmap([[1, 2]], **{**MAP, "label": " "}),
    "xlabel": lambda: curve([1], [1], **{**LINE, "xlabel": ""}),
    "ylabel": lambda: curve([1], [1], **{**LINE, "ylabel": None}),
    "ys": lambda: curve([1, 2], [1], **LINE),
    "xs": lambda: curve("ab", [1, 2], **LINE),
    "colour": lambda: curve([1], [1], **{**LINE, "colour": "nonsense"}),
    "log": lambda: curve([1], [1], **LINE, log="z"),
    "ax": lambda: curve([1], [1], plt, **LINE),
    "runs": lambda: band([1, 2], [[1, 2, 3]], **LINE),
    "spread": lambda: band([1], [[1]], **LINE, spread="quartiles"),
    "values": lambda: bars({}, xlabel="bits"),
    "values['a']": lambda: bars({"a": "b"}, xlabel="bits"),
    "colours": lambda: bars({"a": 1}, xlabel="bits", colours={"b": "gold"}),
    "picture": lambda: show("a figure", alt="A line that rises."),
    "alt": lambda: show(plt.figure(), alt="plot"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_bad_input_names_the_argument(case):
    with pytest.raises(ValueError, match=r"wanted|is not one of") as refusal:
        REFUSED[case]()
    assert str(refusal.value).startswith(case.split(": ")[0] + ":")
