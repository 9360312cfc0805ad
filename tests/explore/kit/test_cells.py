"""Fast heat maps: those of Matplotlib, pixel by pixel."""

import numpy as np
import pytest
from matplotlib import colormaps
from pictures import whole

from helpers.explore.kit.cells import cells
from helpers.explore.kit.live import figure

LOOK = {"cmap": "RdBu_r", "vmin": -1, "vmax": 1}
GAPS = colormaps["viridis"].with_extremes(bad="#EEEEEE")


def assert_same(fast, slow):
    """Releases of Matplotlib differ in the pixels between cells, small ones by 1."""
    assert (np.abs(fast - slow) > 1).any(axis=-1).mean() < 0.02


def values(rows, columns):
    return np.random.default_rng(rows).uniform(-1.5, 1.5, (rows, columns))


def both(shape, limits=None, data=None, **look):
    """The pixels of Matplotlib's heat map and of ours."""
    for fast in (False, True):
        fig, (ax, other) = figure(1, 2, height=3)
        other.set_visible(False)
        data = values(*shape) if data is None else data
        look = LOOK | look
        if fast:
            cells(ax, data, **look)
        else:
            ax.imshow(data, aspect="auto", **look)
        if limits:
            ax.set(xlim=limits[0], ylim=limits[1])
        yield whole(fig), ax.viewLim.get_points()


@pytest.mark.parametrize("shape", [(1, 1), (1, 30), (5, 3), (32, 32), (60, 7)])
@pytest.mark.parametrize("origin", ["upper", "lower"])
def test_the_pixels_and_limits_are_those_of_matplotlib(shape, origin):
    (slow, wide), (fast, limits) = both(shape, origin=origin)
    np.testing.assert_array_equal(limits, wide)
    assert_same(fast, slow)


@pytest.mark.parametrize("extent", [(0, 1, 1, 0), (-0.5, 9.5, 4.5, -0.5), (3, 8, 2, 5)])
def test_any_extent(extent):
    (slow, _), (fast, _) = both((5, 10), extent=extent)
    assert_same(fast, slow)


def test_gaps_have_the_colour_of_gaps():
    data = values(4, 6)
    data[1, 2:5] = np.nan
    (slow, _), (fast, _) = both(None, data=data, cmap=GAPS)
    assert_same(fast, slow)


@pytest.mark.parametrize(
    "limits", [((2, 6), (3, 1)), ((-5, 30), (-4, 9)), ((6, 2), (1, 3))]
)
def test_a_part_of_it_and_more_than_it(limits):
    """The edge between two cells may fall on either side of a pixel's middle."""
    (slow, _), (fast, _) = both((5, 10), limits)
    assert_same(fast, slow)


def test_outside_of_the_axes_there_is_nothing():
    (slow, _), (fast, _) = both((5, 10), ((20, 30), (20, 30)))
    assert_same(fast, slow)


def test_new_values_and_limits_are_seen():
    fig, ax = figure()
    image = cells(ax, np.zeros((1, 1)), **LOOK)
    before = whole(fig)
    image.set_data(np.ones((2, 3)))
    after = whole(fig)
    assert (before != after).any()
    image.set_clim(-10, 10)
    assert (whole(fig) != after).any()
