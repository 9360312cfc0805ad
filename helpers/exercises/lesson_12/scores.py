"""Checkers of lesson 12: how good a forecast is, and how sure it may be."""

from __future__ import annotations

import numpy as np

from helpers.exercises.engine.compare import name_it
from helpers.exercises.engine.core import Wrong, call, close, same, shape_of

__all__ = [
    "check_coverage",
    "check_mase",
    "check_skill",
    "coverage",
    "scaled_error",
    "skill_score",
]


def skill_score(forecast, truth, last):
    return 1 - np.mean((forecast - truth) ** 2) / np.mean((last - truth) ** 2)


def check_skill(answer):
    rng = np.random.default_rng(0)
    for n in (40, 7):
        truth = 100 + np.cumsum(rng.normal(0, 2, n))
        last = truth - rng.normal(0, 2, n)
        forecast = truth + rng.normal(0, 1, n)
        got = call(answer, forecast, truth, last, name="skill", unchanged=True)
        e, e0 = forecast - truth, last - truth
        ratio = np.mean(e**2) / np.mean(e0**2)
        name_it(
            got,
            [
                (ratio, "that is the share of error left; take it off 1"),
                (ratio - 1, "the sign is turned: a perfect forecast has a skill of 1"),
                (1 - ratio**0.5, "you compare roots of the mean squares; no roots"),
                (1 - 1 / ratio, "the fraction is upside down: yours below, last above"),
                (1 - np.mean(np.abs(e)) / np.mean(np.abs(e0)), "you take absolute "
                 "values; squares are asked"),
                (1 - np.mean(e**2) / np.var(truth), "you compare with the mean of the "
                 "truth (R²), which nobody knows beforehand; compare with `last`"),
                (1 - np.mean((e / e0) ** 2), "you divide day by day; divide the mean "
                 "of the squares by the other mean"),
                (1 - np.mean((forecast - last) ** 2) / np.mean(e0**2), "you compare "
                 "the forecast with `last`; its error is against `truth`"),
                (np.corrcoef(forecast, truth)[0, 1], "that is the correlation: the "
                 "number of the picture that fools"),
            ],
        )  # fmt: skip
        shape_of(got, (), "skill")
        close(got, skill_score(forecast, truth, last), 1e-9, "skill")
    forecast = truth + 2 * np.abs(last - truth)  # worse than persistence
    got, want = call(answer, forecast, truth, last, name="skill"), -3.0
    if same(got, 3.0) or same(got, 0.0):
        raise Wrong(
            "a forecast with twice the errors of `last` has a skill of -3: what is "
            "worse than persistence lies below 0"
        )
    close(got, want, 1e-9, "skill, of a forecast worse than `last`,")
    return "Persistence itself has a skill of 0, and there is no lower bound."


def scaled_error(forecast, truth, past, season):
    unit = np.mean(np.abs(past[season:] - past[:-season]))
    return np.mean(np.abs(forecast - truth)) / unit


def check_mase(answer):
    rng = np.random.default_rng(1)
    for season, T, K in ((12, 60, 6), (1, 30, 9), (4, 26, 4)):
        past = 50 + np.cumsum(rng.normal(0, 1, T)) + 3 * np.sin(np.arange(T))
        truth = past[-1] + rng.normal(0, 3, K)
        signs = np.where(np.arange(K) % 3 == 1, -1, 1)  # errors of both signs
        forecast = truth + signs * rng.uniform(0.5, 3, K)
        given = forecast, truth, past, season
        got = call(answer, *given, name="mase", unchanged=True)
        error, steps = np.abs(forecast - truth).mean(), np.abs(np.diff(past)).mean()
        rise = np.abs(past[season:] - past[:-season])
        mistakes = [
            (error, "that is the mean absolute error; divide by the unit"),
            (rise.mean() / error, "the fraction is upside down"),
            (((forecast - truth) ** 2).mean() / (rise**2).mean(), "absolute values "
             "are asked, not squares"),
            ((forecast - truth).mean() / rise.mean(), "errors of both signs cancel: "
             "take absolute values first"),
            (error / np.abs(past[season:] - past[:-season]).sum(), "the unit is the "
             "mean of the seasonal steps, not their sum"),
            (error / np.abs((past[season:] - past[:-season]).mean()), "in the unit, "
             "too: absolute values first, then the mean"),
            (((forecast - truth) ** 2).mean() ** 0.5 / rise.mean(), "you take the root "
             "of the mean square; the mean of absolute values is asked"),
            (np.abs(forecast - truth).sum() / rise.mean(), "you add the errors up; "
             "their mean is asked"),
            (error / (past[season:] - past[:-season]).mean(), "in the unit, too: "
             "absolute values first, then the mean"),
            (error / np.abs(past - np.roll(past, season)).mean(), "`np.roll` wraps "
             "round: the first values then meet the last ones"),
            (error / past.std(), "the unit is what the seasonal naive forecast errs, "
             "not a standard deviation"),
            (100 * np.mean(np.abs((forecast - truth) / truth)), "you divide "
             "by the truth, a percentage error; divide by the unit of the past"),
            (np.mean(np.abs((forecast - truth) / truth)), "you divide "
             "by the truth, a percentage error; divide by the unit of the past"),
        ]  # fmt: skip
        if season > 1:
            mistakes += [
                (error / steps, "your unit compares neighbours; the season here is "
                 f"{season} steps"),
                (error / np.abs(np.diff(past, season)).mean(), "`np.diff(past, season)`"
                 " takes differences of differences; past[season:] - past[:-season] "
                 "does not"),
            ]  # fmt: skip
        name_it(got, mistakes)
        shape_of(got, (), "mase")
        close(got, scaled_error(*given), 1e-9, f"mase, with a season of {season},")
    return "Below 1 it errs less than 'as a season ago' did, one season ahead."


def coverage(forecast, half, truth):
    return np.mean(np.abs(truth - forecast) <= half)


def check_coverage(answer):
    rng = np.random.default_rng(2)
    for N, K in ((20, 6), (15, 4)):
        forecast = rng.normal(300, 5, (N, K))
        half = rng.uniform(1, 3, (N, K))
        truth = forecast + half * rng.uniform(-1.6, 1.4, (N, K))
        got = call(answer, forecast, half, truth, name="coverage", unchanged=True)
        inside = np.abs(truth - forecast) <= half
        whole = np.abs(truth - forecast) <= half / 2
        mistakes = [
            (inside.sum(), "that is how many; return the share"),
            (100 * inside.mean(), "that is in per cent; return the share"),
            (1 - inside.mean(), "that is the share *outside*"),
            ((truth <= forecast + half).mean(), "you look at the upper end alone"),
            ((truth >= forecast - half).mean(), "you look at the lower end alone"),
            (whole.mean(), "half is already half of the interval's width"),
            (inside.all(1).mean(), "that is the share of forecasts that are inside at "
             "every step; count every step"),
            (inside.mean(0), "that is one share for each step ahead; one number for "
             "all is asked"),
            (inside.mean(1), "that is one share for each forecast; one number for all "
             "is asked"),
            ((np.abs(truth - forecast) <= half.mean()).mean(), "each forecast has its "
             "own half-width"),
        ]  # fmt: skip
        name_it(got, mistakes)
        shape_of(got, (), "coverage")
        close(got, inside.mean(), 1e-9, "coverage")
    edge = np.array([[2.0, 4.0]])
    got = call(
        answer, edge, np.ones((1, 2)), edge + np.array([[1, -1]]), name="coverage"
    )
    if not np.isclose(shape_of(got, (), "coverage"), 1):
        raise Wrong("the ends belong to the interval: a truth that lies on one is in")
    return "An 80 % interval is one whose coverage is about .8. Nothing else makes it."
