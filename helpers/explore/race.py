"""Explorer of lesson 04: a training race of a few seconds between first weights."""

import copy
import time

import ipywidgets as widgets
import torch

from helpers.data.memory import recall
from helpers.explore.kit.live import Live, choice, figure, slider
from helpers.explore.kit.settings import settable
from helpers.gradients.recurrent import gradient_by_lag
from helpers.nets import memory as memory_nets
from helpers.nets.memory import STARTS
from helpers.plots import COLOURS
from helpers.training import one_thread

__all__ = ["explore_race"]

RUNNERS = {
    "default": COLOURS["rnn"],
    "orthogonal": COLOURS["gold"],
    "irnn": COLOURS["backward"],
    "identity": COLOURS["forward"],
    "skip": COLOURS["ink"],
    "lstm": COLOURS["lstm"],
    "gru": COLOURS["gru"],
}
MOST = 600  # steps of training


@settable
def explore_race(start="default", T=30, seconds=5.0, seed=0):
    """Return a live figure that trains one net on recall at the press of a button.

    Choose a start and a length T, press "train": for at most `seconds` seconds, or
    until it is solved, the accuracy grows on the left; on the right the gradient by
    lag, before and after. Runs are remembered and stay as lines; pressed again, an
    unfinished one goes on. The interrupt button of the kernel stops a run early and
    keeps the line.
    """
    if not seconds > 0:
        raise ValueError(f"seconds: a number above 0 wanted, got {seconds!r}")
    button = widgets.ToggleButton(value=False, description=f"train ({seconds:g} s)")
    bar = widgets.FloatProgress(0, min=0, max=1, description="time")
    controls = {
        "start": choice("first weights", list(RUNNERS), start),
        "T": slider("length T", T, 5, 100, 5, unit="steps"),
        "train": button,
        "done": bar,
    }
    picture, runs, before = _Picture(), {}, {}

    def update(start, T, train, done):
        if (start, T) not in before:
            net = memory_nets.train("recall", start, T, seed, steps=0)[0]
            before[start, T] = _gradients(net, T, seed)
        run = runs.get((start, T))
        picture.show(runs, start, T, before[start, T])
        if run is None:
            return f"{start}: {STARTS[start]}. Not trained at T = {T} yet."
        return run.words

    live = Live(
        picture.fig,
        update,
        controls,
        alt=(
            "Left: accuracy on recall against the training step, one line for each "
            "start tried. Right: gradient against lag before and after training."
        ),
    )

    def press(change):
        if not change["new"]:
            return
        key = controls["start"].value, controls["T"].value
        try:
            run = runs.setdefault(key, _Run(*key))
            if not run.finished:
                run.go(bar, seconds, seed)
        finally:
            button.value, bar.value = False, 0

    button.observe(press, "value")
    return live


class _Run:
    """One net's training: steps and scores so far, and its gradients afterwards."""

    def __init__(self, start, T):
        self.start, self.T = start, T
        self.steps, self.scores = [0], [1 / 8]
        self.after, self.finished = None, False
        self.state = {}  # where the training stands
        self.words = f"{start}: training …"

    def go(self, bar, seconds, seed):
        """Train for so many seconds at most, moving the bar on."""
        began = time.monotonic()

        def on_check(step, score):
            self.steps.append(step)
            self.scores.append(score)
            spent = (time.monotonic() - began) / seconds
            bar.value = min(spent, 1)
            return spent >= 1

        try:
            net, run = memory_nets.train(
                "recall",
                self.start,
                self.T,
                seed,
                steps=MOST,
                on_check=on_check,
                state=self.state,
            )
        except KeyboardInterrupt:
            ended = "interrupted"
        else:
            self.after = _gradients(net, self.T, seed)
            paused = bar.value >= 1 and self.steps[-1] < MOST
            ended = "paused (press again to go on)" if paused else "diverged"
            if run["solved_at"]:
                ended = "solved"
            elif self.steps[-1] == MOST:
                ended = "not solved"
            self.finished = not ended.startswith("paused")
        self.words = (
            f"{self.start} at T = {self.T}: {ended} after {self.steps[-1]} steps, "
            f"accuracy {self.scores[-1]:.2f} (guessing: 0.12)."
        )


@one_thread()
def _gradients(net, T, seed):
    """Gradient norm at the lags 0 … T, divided by that at lag 0."""
    x, y = recall(4, T, torch.Generator().manual_seed(seed))
    cross_entropy = torch.nn.functional.cross_entropy
    net = copy.deepcopy(net).double()  # the net itself may be trained on
    norms = gradient_by_lag(net, x.double(), lambda out: cross_entropy(out, y))
    return norms / norms[0]


class _Picture:
    """The artists of one figure: a line for each runner, two for its gradients."""

    def __init__(self):
        self.fig, (race, lags) = figure(1, 2, height=3.6)
        live = {"animated": True}
        self.lines = {}
        for name, colour in RUNNERS.items():
            (line,) = race.plot([], [], ".-", color=colour, label=name, **live)
            self.lines[name] = line
        race.set(xlim=(0, MOST), ylim=(0, 1.05))
        race.set(xlabel="training step", ylabel="accuracy on recall (fraction)")
        race.axhline(1 / 8, color=COLOURS["baseline"], ls=":", zorder=1)
        race.legend(frameon=False, loc="center right", fontsize=9).set_zorder(1)
        look = {"color": COLOURS["baseline"], "ls": "--", "label": "before training"}
        (self.before,) = lags.plot([], [], **look, **live)
        (self.after,) = lags.plot([], [], label="after", **live)
        lags.set(yscale="log", xlim=(0, 100), ylim=(1e-12, 1e4))
        lags.set(xlabel="lag (steps back)", ylabel="gradient norm (last step = 1)")
        legend = lags.legend(frameon=False, loc="lower right", fontsize=9)
        legend.set_zorder(1)
        legend.legend_handles[1].set_color(COLOURS["ink"])  # the colour of any start

    def show(self, runs, start, T, before):
        """Lines of all runs at this T; the gradients of the start chosen."""
        for name, line in self.lines.items():
            run = runs.get((name, T))
            line.set_data(*((run.steps, run.scores) if run else ([], [])))
            line.set_linewidth(2.5 if name == start else 1.2)
        run = runs.get((start, T))
        after = run and run.after
        for line, values in (self.before, before), (self.after, after):
            shown = [] if values is None else values.clip(1e-13, 1e5)
            line.set_data(range(len(shown)), shown)
        self.after.set_color(RUNNERS[start])
