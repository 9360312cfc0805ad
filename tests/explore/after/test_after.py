"""The explorers of what came after recurrence, without a browser."""

import asyncio

import numpy as np
import pytest
import torch
from matplotlib.patches import Rectangle
from pictures import picture

from helpers.data.after.stretch import parity
from helpers.explore.after import sweeping
from helpers.explore.after.stretching import INKS, chances, explore_stretch
from helpers.explore.after.sweeping import MOST, H, T, error_map, explore_sweeps
from helpers.explore.kit.cells import Cells
from helpers.explore.kit.words import MovingText
from helpers.nets.after.contenders import Contender
from helpers.nets.after.newton import CELLS, draw_cell, run, sweeps

TASKS = {"parity": (2, 2), "recall": (13, 4)}
ROWS = [
    {"task": task, "kind": kind, "by_length": [[1, 1, 1, 0.9, 0.7, 0.6, 0.5]]}
    for task in TASKS
    for kind in INKS
]


def nets():
    torch.manual_seed(0)
    return {(task, k): Contender(k, *DO, 8) for task, DO in TASKS.items() for k in INKS}


# --- sweeps --------------------------------------------------------------------------


def test_the_map_is_right_after_few_sweeps():
    found = error_map("tanh RNN", 1.0)
    assert found.shape == (MOST + 1, T)
    assert found[0].max() > 0.1
    assert found[12:].max() < 1e-10
    assert error_map("minGRU", 2.0)[1:].max() < 1e-10
    assert np.isfinite(error_map("tanh RNN", 3.0)).all()


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("gain", [0.3, 1.2, 3.0])
def test_its_sweeps_and_loops_are_those_of_the_lesson(cell, gain):
    step = draw_cell(cell, gain, T, H, 1)
    right = run(step, T, H).numpy()
    states = sweeping.LOOPS[cell](step.inputs.numpy(), step.weights.numpy())
    few = slice(0, 30)  # a chaotic cell makes much of a rounding error
    np.testing.assert_allclose(states[few], right[few], atol=1e-9)
    got, want = sweeping._sweeps(step), sweeps(step, T, H, 5)
    for one, other in zip(got, want, strict=False):
        np.testing.assert_allclose(one[few], other[few], atol=1e-6)


def test_the_line_says_how_many_sweeps_it_took():
    live = explore_sweeps()
    assert "the first 2 are right" in live.reading
    assert "All 200 take 6 sweeps of 8 rounds, 48 in a row" in live.reading
    live.controls["sweep"].value = 20
    assert "all states are right to ten digits" in live.reading
    before = picture(live.frame())
    live.controls["gain"].value = 2.5
    assert "40 sweeps are not enough" in live.reading
    assert (picture(live.frame()) != before).any()
    live.controls["cell"].value = "minGRU"
    assert "take 1 sweep of 8 rounds, 8 in a row" in live.reading
    assert not live.note


def test_what_one_step_needs_is_computed_while_the_reader_looks():
    error_map.cache_clear()

    async def looked():
        live = explore_sweeps()
        live.controls["gain"].value = 1.2
        await asyncio.sleep(0.6)
        before = error_map.cache_info()
        for gain in (1.3, 1.2, 1.1, 1.2):
            live.controls["gain"].value = gain
        live.controls["seed"].value = 1
        return before, error_map.cache_info()

    before, after = asyncio.run(looked())
    assert before.misses == 2 + 3  # two settings, and one step from the second each way
    assert after.misses == before.misses


def test_the_bar_counts_the_rounds_of_all_sweeps_so_far():
    live = explore_sweeps()
    for sweep in (0, 3, 40):
        live.controls["sweep"].value = sweep
        texts = [t.get_text() for t in live.painter.fig.findobj(MovingText)]
        assert str(8 * sweep) in texts
        heights = [bar.get_height() for bar in live.painter.fig.findobj(Rectangle)]
        assert 8 * sweep in heights


def test_the_map_has_a_scale_of_the_colours_it_is_drawn_in():
    live = explore_sweeps()
    (image,) = live.painter.fig.findobj(Cells)
    drawn = [ax for ax in live.painter.fig.axes if ax.get_ylim() == image.get_clim()]
    (scale,) = drawn
    labels = [label.get_text() for label in scale.get_yticklabels()]
    powers = [f"$10^{{{power:.0f}}}$" if power else "1" for power in scale.get_yticks()]
    assert labels == powers
    assert scale.get_ylabel() == "error of the state"


# --- stretched -----------------------------------------------------------------------


def test_chances_are_those_of_the_right_answers():
    net = nets()["parity", "LSTM"]
    x, y = torch.eye(2)[[0, 1, 1]][None], torch.tensor([[0, 1, 0]])
    p, right = chances(net, x, y)
    probabilities = net(x)[0].softmax(1).detach().numpy()
    np.testing.assert_allclose(p, probabilities[[0, 1, 2], [0, 1, 0]], rtol=1e-6)
    assert right.tolist() == (p > 0.5).tolist()


def test_a_strip_is_as_long_as_the_sequence_and_says_so():
    live = explore_stretch(nets(), ROWS)
    (image,) = live.painter.fig.findobj(Cells)

    def said():
        texts = [t.get_text() for t in live.painter.fig.findobj(MovingText)]
        return [text for text in texts if text.startswith(("step ", "question "))]

    for steps in (1, 24, 256):
        live.controls["T"].value = steps
        strip = image.get_array()[0]
        assert len(np.unique(strip)) <= steps
        assert not np.ma.is_masked(strip)
        assert said() == ["step 1", f"step {steps}"][: min(steps, 2)]
    live.controls["pairs"].value = 4
    assert said() == ["question 1", "question 8"]
    ends = image.get_array()[0].reshape(8, 32)
    assert (ends == ends[:, :1]).all()


def test_own_bits_are_repeated():
    live = explore_stretch(nets(), ROWS)
    assert live.reading.startswith("64 bits. LSTM")
    live.controls["bits"].value = "110"
    ones = picture(live.frame())
    live.controls["bits"].value = "110110"
    assert (picture(live.frame()) == ones).all()
    live.controls["bits"].value = " 11 0 "
    assert (picture(live.frame()) == ones).all()


def test_any_other_text_is_read_as_its_bits():
    live = explore_stretch(nets(), ROWS)
    live.controls["bits"].value = "a1"
    seen = picture(live.frame())
    live.controls["bits"].value = "0110000100110001"
    assert (picture(live.frame()) == seen).all()


def test_the_nets_are_fed_the_bits_that_are_typed():
    class Heard(torch.nn.Module):
        """Keeps what it is given."""

        def forward(self, x):
            self.x = x
            return torch.zeros(*x.shape[:2], 2)

    some = nets()
    ear = some["parity", "LSTM"] = Heard()
    live = explore_stretch(some, ROWS)
    live.controls["T"].value = 8
    live.controls["bits"].value = "110"
    assert ear.x.argmax(2)[:, :8].tolist() == [[1, 1, 0, 1, 1, 0, 1, 1]]


def test_a_shorter_sequence_is_the_start_of_a_longer_one():
    some = nets()
    live = explore_stretch(some, ROWS)
    live.controls["draw"].value = 3
    for steps in (256, 40, 7):
        live.controls["T"].value = steps
        x, y = parity(1, steps, torch.Generator().manual_seed(3))
        for row, kind in zip(strips(live), INKS, strict=True):
            p, _ = chances(some["parity", kind], x, y)
            cell = np.arange(len(row)) * steps // len(row)  # a strip is as long as T
            np.testing.assert_allclose(row, p[cell], atol=1e-5)


def strips(live):
    """The values of the explorer's heat map, (nets, steps)."""
    return live.painter.fig.findobj(Cells)[0].get_array()


def test_pairs_are_as_many_as_there_is_room_for():
    live = explore_stretch(nets(), ROWS)
    live.controls["pairs"].value = 4
    assert live.reading.startswith("4 pairs among 64 steps. Of 8 questions")
    live.controls["T"].value = 1
    assert live.reading.startswith("1 pair among 1 step. ")
    assert not live.note


def test_nets_that_do_not_fit_are_refused():
    some = nets()
    del some["parity", "LSTM"]
    with pytest.raises(ValueError, match="nets: a net for each of"):
        explore_stretch(some, ROWS)
