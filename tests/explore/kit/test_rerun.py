"""A cell that is run again lets go of the widgets that its last run has made."""

import gc
import weakref

import anywidget
import pytest
from ipywidgets.widgets import widget as register
from jupyter_client.manager import start_new_kernel

from helpers.explore.kit import rerun
from helpers.explore.kit.controls import NeedsKernel
from helpers.explore.kit.live import Live, figure, slider

alive = register._instances  # every widget that has not been closed


class Page(NeedsKernel, anywidget.AnyWidget):
    _esm = "export default {}"


def explorer():
    fig, ax = figure()
    (line,) = ax.plot([0, 1], animated=True)
    controls = {"gain": slider("gain", 1, 0, 3, 1), "n": slider("n", 1.0, 0, 3, 0.1)}
    return Live(
        fig, lambda gain, n: line.set_ydata([0, gain]), controls, alt="A.", play="gain"
    )


@pytest.fixture
def run(monkeypatch):
    monkeypatch.setattr(rerun, "_shown", {})
    runs = []

    def run(cell, *things):
        runs.append(cell)
        monkeypatch.setattr(rerun, "_place", lambda: (cell, len(runs)))
        for thing in things:
            if isinstance(thing, Live):
                thing._ipython_display_()
            else:
                thing._repr_mimebundle_()

    return run


@pytest.mark.parametrize("make", [explorer, Page])
def test_a_cell_keeps_what_its_last_run_has_made(run, make):
    run("a", make())
    after_one = len(alive)
    for _ in range(4):
        run("a", make())
    assert len(alive) == after_one


def test_the_figure_goes_too(run):
    live = explorer()
    figure_of_it = weakref.ref(live.painter.fig)
    run("a", live)
    run("a", explorer())
    gc.collect()
    assert figure_of_it() is None
    assert live.closed
    run("b", live)  # it was kept in a variable: its last picture is shown
    with pytest.raises(ValueError, match="its cell has been run again"):
        live.frame(gain=2)


def test_what_else_is_on_the_page_stays(run):
    two, other, kept = (explorer(), explorer()), explorer(), explorer()
    run("a", *two)
    run("b", other)
    run("c", kept)
    run("c", kept)  # the same object again, as from a variable
    run(None, explorer())
    assert not any(live.closed for live in (*two, other, kept))
    kept.controls["gain"].value = 2
    assert kept.values["gain"] == 2
    run("a", explorer())
    assert [live.closed for live in (*two, other, kept)] == [True, True, False, False]


def test_outside_a_kernel_nothing_is_noted():
    assert rerun._place() == (None, None)


def test_a_kernel_says_which_cell_runs():
    manager, client = start_new_kernel()
    code = """
from ipywidgets.widgets import widget as register
from helpers.explore.kit.live import Live, figure, slider
fig, ax = figure()
Live(fig, lambda n: None, {"n": slider("n", 1, 0, 3, 1)}, alt="A.")
"""

    def run(cell, code):
        content = {"code": code, "silent": False, "store_history": True}
        content |= {"user_expressions": {"n": "len(register._instances)"}}
        message = client.session.msg(
            "execute_request", content, metadata={"cellId": cell}
        )
        client.shell_channel.send(message)
        while True:
            reply = client.get_shell_msg(timeout=60)
            if reply["parent_header"]["msg_id"] == message["header"]["msg_id"]:
                said = reply["content"]["user_expressions"]["n"]
                return int(said["data"]["text/plain"])

    try:
        counts = [run("a", code) for _ in range(3)] + [run("b", code)]
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    assert counts[0] == counts[1] == counts[2] < counts[3]
