"""The explorer of glimpses: what is drawn is what the net looked at."""

import numpy as np
import pytest
import torch

from helpers.explore.projects.glimpses import explore_glimpses
from helpers.nets.projects.seeing import Glimpser


class Follows:
    """Looks twice at the first pixel with ink, and says how dark the picture is."""

    def look(self, x):
        places = x[0].nonzero()[0] / 9.5 - 1
        scores = torch.zeros(1, 10)
        scores[0, 3] = x.sum()
        return scores, places.repeat(1, 2, 1)


def live_figure(model=None):
    images = np.zeros((2, 8, 8))
    images[:, 0, 0] = 1, 0.5
    return explore_glimpses(model or Follows(), images, [3, 7])


def test_squares_and_bars_show_what_the_net_did():
    live = live_figure()
    for row, column, digit in ((0, 0, 0), (12, 5, 1), (3, 12, 0)):
        for name, value in (("row", row), ("column", column), ("digit", digit)):
            live.controls[name].value = value
        left, right = live.painter.fig.axes[:2]
        (squares,) = [c for c in left.collections if len(c.get_paths()) == 2]
        for path in squares.get_paths():
            assert path.vertices[:4].mean(0) == pytest.approx((column, row), abs=1e-4)
        heights = [bar.get_height() for bar in right.patches]
        want = torch.zeros(10)
        want[3] = 1 - 0.5 * digit
        assert heights == pytest.approx(want.softmax(0).tolist(), abs=1e-5)


def test_the_line_names_the_class_and_the_distance():
    live = live_figure()
    assert "A 3; it says 3" in live.reading
    assert "4.9, 4.9 pixels" in live.reading  # from a corner to the digit's middle


def test_a_real_net_and_bad_input():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        live_figure(Glimpser())
    with pytest.raises(ValueError, match="images: got shape"):
        explore_glimpses(Follows(), np.zeros((2, 7, 8)), [1, 2])
    with pytest.raises(ValueError, match="size: got 7"):
        explore_glimpses(Follows(), np.zeros((2, 8, 8)), [1, 2], size=7)
