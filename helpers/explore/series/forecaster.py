"""Explorer of lesson 12: one forecast with its interval, and the score over all."""

from __future__ import annotations

import numpy as np
from matplotlib.collections import PolyCollection

from helpers.explore.kit.live import Live, choice, figure, slider, toggle
from helpers.explore.kit.settings import settable
from helpers.explore.kit.words import moving_text
from helpers.guards import want_shapes
from helpers.nets.series.baselines import mase
from helpers.nets.series.rolling import half_widths, inside, truths
from helpers.plots import COLOURS

__all__ = ["explore_forecasts"]

BEFORE = 36  # months of the past that are drawn
TWO_WAYS = ", recursive", ", direct"
INKS = {"naive": "baseline", "drift": "backward", "seasonal": "forward"}
INKS |= {"linear AR": "gru", "LSTM, level": "rnn", "LSTM, change": "lstm"}


@settable
def explore_forecasts(series, forecasts, origins, first, start=1965):
    """Return a live figure of forecasts of a monthly series.

    series: (T,), from January of the year `start` on. forecasts: dict of name → (N, K),
    at `origins` (N): how many months were known. A name may end in ", recursive" or
    ", direct": then both are wanted. first: the number of the first origin that is
    shown; those before serve the intervals. ValueError if shapes do not fit.
    """
    N = len(origins)
    if not 0 < first < N:
        raise ValueError(f"first: got {first}, want a number from 1 to {N - 1}")
    known = _Known(series, forecasts, origins, first)
    picture = _Picture(known, list(dict.fromkeys(map(_family, forecasts))))
    years = [start + origin / 12 for origin in origins]

    def update(origin, h, method, recursive):
        k = first + int(np.abs(np.array(years[first:]) - origin).argmin())
        name = _name(method, recursive, forecasts)
        picture.show(k, h, method, name, recursive)
        return known.words(k, h, name)

    families = list(dict.fromkeys(map(_family, forecasts)))
    step = years[first + 1] - years[first]
    middle = years[first + (N - first) // 3]
    controls = {
        "origin": slider("origin", middle, years[first], years[-1], step, unit="year"),
        "h": slider("months ahead", known.K, 1, known.K, 1),
        "method": choice("method", families, families[-1]),
        "recursive": toggle("step by step, fed with itself (recursive)", False),
    }
    alt = (
        "Left: three years of the series, a forecast with its 80 % interval, and what "
        "came. Right: the error of each method over all origins, and at this one."
    )
    return Live(picture.fig, update, controls, alt=alt)


def _family(name):
    return name.removesuffix(TWO_WAYS[0]).removesuffix(TWO_WAYS[1])


def _name(family, recursive, forecasts):
    return family if family in forecasts else family + TWO_WAYS[not recursive]


class _Known:
    """Forecasts, their errors and intervals, and the scores over all origins."""

    def __init__(self, series, forecasts, origins, first):
        want_shapes(series=(series, "T"))
        if not isinstance(forecasts, dict) or not forecasts:
            raise ValueError("forecasts: a dict of name → (N, K) wanted")
        self.forecasts = {name: np.asarray(p, float) for name, p in forecasts.items()}
        self.K = next(iter(self.forecasts.values())).shape[-1]
        for name, p in self.forecasts.items():
            if p.shape != (len(origins), self.K):
                want = (len(origins), self.K)
                raise ValueError(f"forecasts[{name!r}]: {want} wanted, got {p.shape}")
            if _name(_family(name), True, forecasts) not in forecasts:
                raise ValueError(f"forecasts: {name!r} and no recursive one beside it")
            if _name(_family(name), False, forecasts) not in forecasts:
                raise ValueError(f"forecasts: {name!r} and no direct one beside it")
        self.series, self.origins, self.first = series, origins, first
        self.truth = truths(series, origins, self.K)
        self.half, self.scores = {}, {}
        pasts = [series[:origin] for origin in origins]
        for name, p in self.forecasts.items():
            self.half[name] = half_widths(p - self.truth, origins)
            self.scores[name] = np.array(
                [
                    [
                        mase(a[:h], b[:h], past)
                        for a, b, past in zip(p, self.truth, pasts, strict=True)
                    ]
                    for h in range(1, self.K + 1)
                ]
            )  # (K, N)

    def words(self, k, h, name):
        held = inside(self.forecasts[name], self.truth, self.half[name])
        held = held[self.first :, :h]
        at = self.scores[name][h - 1]
        return (
            f"{name}, {h} months ahead: MASE {at[k]:.2f} at this origin, "
            f"{at[self.first :].mean():.2f} over all {len(at) - self.first} "
            f"({at[self.first :].min():.2f} to {at[self.first :].max():.2f}); of the "
            f"80 % intervals {100 * held.mean():.0f} % held the truth."
        )


class _Picture:
    """The artists of the figure; `show` sets them to one forecast."""

    def __init__(self, known, families):
        self.known, self.families = known, families
        self.fig, (left, right) = figure(1, 2, height=3.9)
        self.fig.set_layout_engine("none")
        left.set_position((0.09, 0.15, 0.48, 0.76))
        right.set_position((0.72, 0.15, 0.26, 0.76))
        self._series(left)
        self._bars(right)

    def _series(self, ax):
        ax.set(xlim=(-BEFORE, self.known.K + 0.5), ylim=(-11, 11))
        ax.set(xlabel="months from the origin", ylabel="ppm from the last value")
        ax.set_yticks([-10, -5, 0, 5, 10])
        ax.axvline(0, color=COLOURS["baseline"], lw=1)
        band = {"alpha": 0.25, "linewidth": 0, "animated": True}
        self.band = ax.add_collection(PolyCollection([], **band), autolim=False)
        look = {"animated": True, "lw": 1.8}
        (self.past,) = ax.plot([], [], color=COLOURS["ink"], **look)
        (self.line,) = ax.plot([], [], **(look | {"lw": 2.5}))
        true = {"ls": "", "marker": "o", "ms": 4, "animated": True}
        (self.came,) = ax.plot([], [], color=COLOURS["ink"], **true)
        words = "line: known · dots: what came"
        moving_text(ax, -BEFORE + 1, 9.3, words, fontsize=9)

    def _bars(self, ax):
        n = len(self.families)
        ax.set(xlim=(0, 4), ylim=(n - 0.4, -0.6), xlabel="MASE up to this horizon")
        ax.set_yticks(range(n), self.families)
        ax.grid(False, axis="y")
        self.bars = ax.add_collection(PolyCollection([], animated=True), autolim=False)
        look = {"ls": "", "marker": "o", "ms": 5, "animated": True, "clip_on": False}
        (self.here,) = ax.plot([], [], color=COLOURS["ink"], **look)
        ax.axvline(1, color=COLOURS["baseline"], lw=1)
        place = {"transform": ax.transAxes, "ha": "center", "fontsize": 9}
        moving_text(ax, 0.5, 1.03, "bar: all origins · dot: this one", **place)

    def show(self, k, h, method, name, recursive):
        known = self.known
        origin = known.origins[k]
        last = known.series[origin - 1]
        months = np.arange(1, h + 1)
        self.past.set_data(
            np.arange(-BEFORE + 1, 1), known.series[origin - BEFORE : origin] - last
        )
        self.came.set_data(months, known.truth[k, :h] - last)
        said = np.r_[0, known.forecasts[name][k, :h] - last]  # from what is known on
        half = np.r_[0, known.half[name][k, :h]]
        months = np.arange(h + 1)
        ink = COLOURS[INKS.get(method, "gold")]
        self.line.set_data(months, said)
        self.line.set_color(ink)
        edge = np.r_[said - half, (said + half)[::-1]]
        self.band.set_verts([np.column_stack([np.r_[months, months[::-1]], edge])])
        self.band.set_facecolor(ink)
        verts, inks, dots = [], [], []
        for row, family in enumerate(self.families):
            at = known.scores[_name(family, recursive, known.forecasts)][h - 1]
            x, y0, y1 = min(at[known.first :].mean(), 4), row - 0.3, row + 0.3
            verts.append([(0, y0), (x, y0), (x, y1), (0, y1)])
            inks.append(COLOURS[INKS.get(family, "gold")])
            dots.append(min(at[k], 4))
        self.bars.set_verts(verts)
        self.bars.set_facecolor(inks)
        self.bars.set_alpha([1.0 if f == method else 0.4 for f in self.families])
        self.here.set_data(dots, range(len(dots)))
