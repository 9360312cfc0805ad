"""Explorer of a beam of prefixes: what it shows is what the search does."""

import numpy as np
import pytest
from pictures import differ

from helpers.explore.listening.prefixes import beams, explore_prefixes
from helpers.writing.ctc import ctc
from helpers.writing.ctc_search import prefix_beam

Y = np.random.default_rng(3).dirichlet([1, 1, 1], size=7)
LOG_Y = np.log(Y)


@pytest.mark.parametrize("width", [1, 3, 200])
def test_the_last_frame_holds_what_the_search_returns(width):
    found = [row for row in beams(LOG_Y, width)[-1] if row[3]]
    want = prefix_beam(LOG_Y, width)
    assert [list(prefix) for prefix, *_ in found] == [ids for ids, _ in want]
    scores = [np.logaddexp(blank, symbol) for _, blank, symbol, _ in found]
    assert scores == pytest.approx([value for _, value in want])


def test_a_bonus_is_added_once_a_symbol():
    plain = {p: np.logaddexp(b, s) for p, b, s, _ in beams(LOG_Y, 500)[-1]}
    more = {p: np.logaddexp(b, s) for p, b, s, _ in beams(LOG_Y, 500, 0.5)[-1]}
    for prefix, value in plain.items():
        assert more[prefix] == pytest.approx(value + 0.5 * len(prefix))


def test_every_control_changes_the_picture_and_a_frame_moves_little():
    live = explore_prefixes(LOG_Y, "_ab", width=3)
    first = live.frame()
    for values in ({"t": 2}, {"width": 1}, {"bonus": 1.5}):
        assert differ(live.frame(**values), first), values
    assert live.painter.full_draws == 1


def test_what_is_lost_is_said():
    live = explore_prefixes(LOG_Y, "_ab", width=1)
    live.frame()
    prefix, blank, symbol, _ = beams(LOG_Y, 1)[-1][0]
    exact = -ctc(LOG_Y[None], np.array([prefix]))[0][0]
    share = 100 * (1 - np.exp(np.logaddexp(blank, symbol) - exact))
    assert share > 1
    assert f"{share:.0f} % is lost" in live.reading
    live.frame(width=12, t=1)
    assert " 0 % is lost" in live.reading


@pytest.mark.parametrize(
    ("log_y", "symbols", "says"),
    [
        (LOG_Y[0], "_ab", "log_y: got shape"),
        (np.log(np.full((13, 2), 0.5)), "_a", "log_y: got 13 frames"),
        (LOG_Y, "_abc", "symbols: 3 wanted"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(log_y, symbols, says):
    with pytest.raises(ValueError, match=says):
        explore_prefixes(log_y, symbols)
