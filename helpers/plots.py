"""Pictures of the course: Axes in, Axes out, one meaning for each colour.

Every function draws into ``ax`` (or into a new figure when ``ax`` is None), asks for
the words on both axes, and returns the Axes. A cell ends with :func:`show`, which puts
the picture into the notebook *with its alternative text* and closes it::

    show(curve(xs, ys, label="net", colour="rnn", xlabel="t", ylabel="y"), alt="It …")
"""

import base64
import io
from collections.abc import Mapping

import numpy as np
from IPython.display import display
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.colors import is_color_like
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from PIL import Image

__all__ = ["COLOURS", "band", "bars", "curve", "heatmap", "show"]

# Okabe and Ito's palette, which readers with any colour vision can tell apart.
COLOURS = {
    "rnn": "#0072B2",  # blue
    "lstm": "#D55E00",  # vermilion
    "gru": "#009E73",  # green
    "gold": "#E69F00",  # orange: the right answer, the full gradient
    "baseline": "#757575",  # grey: what a model has to beat
    "forward": "#56B4E9",  # sky blue: values on their way forward in time
    "backward": "#CC79A7",  # purple: gradients on their way back
    "ink": "#222222",  # text and lines drawn over a picture
    "faint": "#D0D0D0",  # what is not there yet, or no longer counts
}


def _numbers(values, name: str, ndim: int) -> np.ndarray:
    try:
        array = np.asarray(values, dtype=float)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name}: numbers wanted, got {values!r:.60}") from error
    if array.ndim != ndim or array.size == 0:
        want = f"a non-empty array of {ndim} dimension(s)"
        raise ValueError(f"{name}: {want} wanted, got shape {array.shape}")
    return array


def _colour(colour: str) -> str:
    if colour in COLOURS:
        return COLOURS[colour]
    if not is_color_like(colour):
        want = f"one of {', '.join(COLOURS)} or a Matplotlib colour"
        raise ValueError(f"colour: {want} wanted, got {colour!r}")
    return colour


def _axes(ax: Axes | None, **words: str) -> Axes:
    """The Axes to draw into; ``words`` are the texts that a reader needs."""
    for name, text in words.items():
        if not isinstance(text, str) or not text.strip():
            raise ValueError(f"{name}: some words wanted, got {text!r}")
    if ax is None:
        return plt.subplots(figsize=(7, 3), layout="constrained")[1]
    if not isinstance(ax, Axes):
        raise ValueError(f"ax: a Matplotlib Axes wanted, got {type(ax).__name__}")
    return ax


def _ticks(ticks, name: str, n: int) -> list[str]:
    ticks = [str(tick) for tick in ticks]
    if len(ticks) != n:
        raise ValueError(f"{name}: {n} labels wanted, one a cell, got {len(ticks)}")
    return ticks


def heatmap(
    matrix,
    ax: Axes | None = None,
    *,
    xlabel: str,
    ylabel: str,
    label: str,
    xticks=None,
    yticks=None,
    limit: float | None = None,
    numbers: bool = False,
) -> Axes:
    """Draw ``matrix`` (rows, columns) as coloured cells and return the Axes.

    With a negative value in it: blue below 0, white at 0, red above, symmetric up to
    ``limit`` (default: the largest magnitude); without: white at 0, then darker blue.
    ``label`` names the quantity and its unit at the colour bar. ``xticks``, ``yticks``:
    one label a column, a row. ``numbers`` writes each value, if not nan, in its cell.
    """
    matrix = _numbers(matrix, "matrix", 2)
    if limit is not None and not limit > 0:
        raise ValueError(f"limit: a number above 0 wanted, got {limit!r}")
    names = {}
    for axis, ticks, n in (
        ("x", xticks, matrix.shape[1]),
        ("y", yticks, matrix.shape[0]),
    ):
        if ticks is not None:
            names[axis] = _ticks(ticks, f"{axis}ticks", n)
    ax = _axes(ax, xlabel=xlabel, ylabel=ylabel, label=label)
    top = limit or np.nanmax(np.abs(matrix)) or 1.0
    low, cmap = (-top, "RdBu_r") if np.nanmin(matrix) < 0 else (0.0, "Blues")
    image = ax.imshow(matrix, cmap=cmap, vmin=low, vmax=top, aspect="auto")
    ax.figure.colorbar(image, ax=ax, label=label, pad=0.02)
    ax.set(xlabel=xlabel, ylabel=ylabel)
    ax.grid(False)
    for axis, length in (ax.xaxis, matrix.shape[1]), (ax.yaxis, matrix.shape[0]):
        if axis.axis_name in names:
            axis.set_ticks(range(length), names[axis.axis_name])
        else:
            axis.set_major_locator(MaxNLocator("auto", integer=True, min_n_ticks=1))
    if numbers:
        for (row, column), value in np.ma.ndenumerate(np.ma.masked_invalid(matrix)):
            ink = "white" if abs(value) > 0.6 * top else COLOURS["ink"]
            style = {"ha": "center", "va": "center", "color": ink, "fontsize": 8}
            ax.text(column, row, f"{value:.2f}".replace("-", "\N{MINUS SIGN}"), **style)
    return ax


def curve(
    xs,
    ys,
    ax: Axes | None = None,
    *,
    label: str,
    colour: str,
    xlabel: str,
    ylabel: str,
    log: str = "",
    style: str = "-",
) -> Axes:
    """Draw one line through ``xs``, ``ys`` (N,) and return the Axes with its legend.

    ``colour``: a key of COLOURS or a Matplotlib colour; ``log``: '', 'x', 'y' or 'xy';
    ``style``: a Matplotlib format of line and marker such as '-', '--', 'o-'.
    """
    if log not in ("", "x", "y", "xy"):
        raise ValueError(f"log: one of '', 'x', 'y', 'xy' wanted, got {log!r}")
    xs, ys = _numbers(xs, "xs", 1), _numbers(ys, "ys", 1)
    if len(xs) != len(ys):
        raise ValueError(f"ys: {len(xs)} values wanted, one for each x, got {len(ys)}")
    colour = _colour(colour)
    ax = _axes(ax, label=label, xlabel=xlabel, ylabel=ylabel)
    ax.set(**{f"{axis}scale": "log" for axis in log})
    ax.plot(xs, ys, style, color=colour, label=label)
    ax.set(xlabel=xlabel, ylabel=ylabel)
    ax.legend(frameon=False)
    return ax


def band(
    xs, runs, ax: Axes | None = None, *, label: str, spread: str = "range", **look: str
) -> Axes:
    """Draw the median of ``runs`` (S, N), one row a seed, over its spread.

    ``look``: colour, xlabel, ylabel and, if wanted, log and style, as for `curve`.
    ``spread``: 'range' shades from the lowest to the highest run, 'sigma' one standard
    deviation each side of the mean (then the line is the mean). Returns the Axes; the
    legend says what is shaded.
    """
    xs, runs = _numbers(xs, "xs", 1), _numbers(runs, "runs", 2)
    if runs.shape[1] != len(xs):
        raise ValueError(f"runs: shape (S, {len(xs)}) wanted, got {runs.shape}")
    if spread not in ("range", "sigma"):
        raise ValueError(f"spread: 'range' or 'sigma' wanted, got {spread!r}")
    if spread == "range":
        middle, low, high = np.median(runs, axis=0), runs.min(axis=0), runs.max(axis=0)
        words = f"{label} (median and range of {len(runs)} seeds)"
    else:
        middle, sigma = runs.mean(axis=0), runs.std(axis=0)
        low, high = middle - sigma, middle + sigma
        words = f"{label} (mean ± one s.d. of {len(runs)} seeds)"
    ax = curve(xs, middle, ax, label=words, **look)
    colour = ax.lines[-1].get_color()
    ax.fill_between(xs, low, high, color=colour, alpha=0.2, linewidth=0)
    return ax


def bars(
    values: Mapping,
    ax: Axes | None = None,
    *,
    xlabel: str,
    colours: Mapping | None = None,
    digits: int = 2,
) -> Axes:
    """Draw one horizontal bar for each entry of ``values`` and return the Axes.

    ``values``: name -> one number, or name -> the numbers of several seeds: then the
    bar is their median, the dots are the runs. ``colours``: name -> colour; without
    one, a name that is a key of COLOURS (in any case) takes it and others are grey.
    """
    if not isinstance(values, Mapping) or not values:
        raise ValueError(f"values: a dict of name -> number(s) wanted, got {values!r}")
    colours = dict(colours or {})
    for name in colours.keys() - values.keys():
        raise ValueError(
            f"colours: {name!r} is not one of {', '.join(map(str, values))}"
        )
    runs = {k: _numbers(np.ravel(v), f"values[{k!r}]", 1) for k, v in values.items()}
    ax = _axes(ax, xlabel=xlabel)
    for row, (name, seeds) in enumerate(runs.items()):
        middle, known = np.median(seeds), COLOURS.get(str(name).lower(), "baseline")
        fill = _colour(colours.get(name, known))
        ax.barh(row, middle, height=0.6, color=fill, alpha=0.85)
        if len(seeds) > 1:
            ax.plot(seeds, np.full(len(seeds), row), "o", color=COLOURS["ink"], ms=3)
        end = max(seeds.max(), middle, 0)
        place = {"xytext": (5, 0), "textcoords": "offset points", "va": "center"}
        ax.annotate(f"{middle:.{digits}f}", (end, row), **place)
    ax.set_yticks(range(len(runs)), [str(name) for name in runs])
    ax.set_xlabel(xlabel)
    ax.invert_yaxis()
    ax.margins(x=0.2)
    ax.grid(False, axis="y")
    return ax


def show(picture: Figure | Axes, *, alt: str) -> None:
    """Display a figure (or an Axes' figure) as a PNG of 256 colours, and close it.

    ``alt`` says what a reader sees and should conclude; screen readers read it aloud.
    """
    figure = picture.figure if isinstance(picture, Axes) else picture
    if not isinstance(figure, Figure):
        raise ValueError(f"picture: a Figure or Axes wanted, got {picture!r:.60}")
    if not isinstance(alt, str) or len(alt.split()) < 3:
        raise ValueError(f"alt: a sentence on what is seen wanted, got {alt!r}")
    figure.savefig(drawn := io.BytesIO(), format="png", dpi=1.5 * figure.dpi)
    plt.close(figure)
    colours = Image.open(drawn).convert("RGB").quantize(256, dither=Image.Dither.NONE)
    colours.save(png := io.BytesIO(), "png", optimize=True)
    width = int(figure.get_figwidth() * figure.dpi)
    data = {"image/png": base64.b64encode(png.getvalue()).decode(), "text/plain": alt}
    display(data, metadata={"image/png": {"alt": alt, "width": width}}, raw=True)
