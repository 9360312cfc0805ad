"""The checkers of lesson 12: right answers, other right answers, named mistakes."""

import numpy as np
import pytest
import torch
from checkers import Checkers, plain

from helpers.exercises.lesson_12.scores import coverage, scaled_error, skill_score
from helpers.exercises.lesson_12.splits import rolling_errors, split
from helpers.nets.series import baselines, rolling


def skill_with(e=lambda f, t, y: f - t, e0=lambda f, t, y: y - t, size=np.square):
    def answer(forecast, truth, last):
        given = forecast, truth, last
        return 1 - np.mean(size(e(*given))) / np.mean(size(e0(*given)))

    return answer


def mase_with(size=np.abs, unit=lambda y, m: np.mean(np.abs(y[m:] - y[:-m]))):
    def answer(forecast, truth, past, season):
        return np.mean(size(forecast - truth)) / unit(past, season)

    return answer


def rooted(forecast, truth, past, season):
    unit = np.mean(np.abs(past[season:] - past[:-season]))
    return np.sqrt(np.mean((forecast - truth) ** 2)) / unit


def half_scaled(k):
    """X scaled and y not, or the other way round."""

    def answer(series, cut, L):
        plain = scaled_by(lambda s, c: 0, lambda s, c: 1)(series, cut, L)
        both = split(series, cut, L)
        return [(plain if i % 2 == k else both)[i] for i in range(4)]

    return answer


def other_split(series, cut, L, low=None, unit=None, lag=0, inside=None):
    low = min(series[:cut]) if low is None else low
    unit = max(series[:cut]) - min(series[:cut]) if unit is None else unit
    z = [(value - low) / unit for value in series]
    parts = [], [], [], []
    for t in range(L, len(z)):
        if inside and t >= cut and not inside(t):
            continue
        k = 0 if t < cut else 2
        parts[k].append(z[t - L + lag : t + lag])
        parts[k + 1].append(z[t])
    return tuple(np.array(part) for part in parts)


def own_scale(series, cut, L):
    X, y, *_ = split(series, cut, L)
    test = series[cut:]
    z = (series - test.min()) / np.ptp(test)
    t = np.arange(cut, len(z))
    return X, y, z[t[:, None] + np.arange(-L, 0)], z[t]


def split_first(series, cut, L):
    return other_split(series, cut, L, inside=lambda t: t >= cut + L)


def scaled_by(low, unit):
    return lambda s, cut, L: other_split(s, cut, L, low(s, cut), unit(s, cut))


def one_more(series, cut, L):
    X, y, X_test, y_test = split(series, cut, L)
    return np.vstack([X, X_test[:1]]), np.append(y, y_test[0]), X_test[1:], y_test[1:]


def other_rolling(series, method, origins, K):
    total = np.zeros(K)
    for o in origins:
        total += abs(np.asarray(method(series[:o], K)) - series[o : o + K])
    return total / len(origins)


def rolling_with(
    past=lambda s, o, K, first: s[:o],
    end=lambda e: np.abs(e).mean(0),
    truth=lambda s, o, K: s[o : o + K],
):
    def answer(series, method, origins, K):
        e = [
            np.asarray(method(past(series, o, K, origins[0]), K)) - truth(series, o, K)
            for o in origins
        ]
        return end(np.array(e))

    return answer


def step_by_step(series, method, origins, K):
    return [
        np.mean([abs(method(series[:o], K)[k] - series[o + k]) for o in origins])
        for k in range(K)
    ]


def inside(forecast, half, truth):
    return np.abs(truth - forecast) <= half


RIGHT = {
    "12.1": [baselines.skill, lambda *a: torch.tensor(skill_score(*a))],
    "12.2": [
        other_split,
        lambda *a: [torch.tensor(part) for part in split(*a)],
        lambda *a: [part.tolist() for part in split(*a)],
    ],
    "12.3": [baselines.mase, lambda *a: torch.tensor(scaled_error(*a))],
    "12.4": [
        other_rolling,
        step_by_step,
        lambda s, m, o, K: other_rolling(s, m, o[::-1], K),
        lambda s, m, o, K: (
            np.abs(rolling.roll(s, m, o, K) - rolling.truths(s, o, K)).mean(0).tolist()
        ),
    ],
    "12.5": [
        lambda f, h, t: ((t >= f - h) & (t <= f + h)).mean(),
        lambda f, h, t: inside(f, h, t).sum() / f.size,
        lambda *a: torch.tensor(coverage(*a)),
    ],
}

WRONG = {
    "12.1": [
        (lambda f, t, y: 1 - skill_score(f, t, y), "share of error left"),
        (lambda f, t, y: -skill_score(f, t, y), "the sign is turned"),
        (lambda f, t, y: 1 - (1 - skill_score(f, t, y)) ** 0.5, "no roots"),
        (lambda f, t, y: 1 - 1 / (1 - skill_score(f, t, y)), "upside down"),
        (skill_with(size=np.abs), "you take absolute values"),
        (skill_with(e0=lambda f, t, y: t - t.mean()), "mean of the truth (R²)"),
        (lambda f, t, y: 1 - np.mean(((f - t) / (y - t)) ** 2), "day by day"),
        (skill_with(e=lambda f, t, y: f - y), "its error is against `truth`"),
        (lambda f, t, y: np.corrcoef(f, t)[0, 1], "the picture that fools"),
        (lambda f, t, y: np.zeros(3), "shape"),
    ],
    "12.2": [
        (
            scaled_by(lambda s, c: s.min(), lambda s, c: np.ptp(s)),
            "largest value of the *whole* series",
        ),
        (
            scaled_by(lambda s, c: s[:c].mean(), lambda s, c: s[:c].std()),
            "standard deviation; smallest and largest are asked",
        ),
        (
            scaled_by(lambda s, c: s.mean(), lambda s, c: s.std()),
            "standard deviation of the *whole* series",
        ),
        (half_scaled(1), "X is scaled, y is not"),
        (half_scaled(0), "y is scaled, X is not"),
        (scaled_by(lambda s, c: 0, lambda s, c: 1), "and not scaled"),
        (scaled_by(lambda s, c: 0, lambda s, c: s[:c].max()), "smallest off first"),
        (split_first, "the first test targets are missing"),
        (lambda *a: other_split(*a, lag=1), "ends with its own target"),
        (one_more, "windows, want"),
        (own_scale, "tomorrow has none yet"),
        (lambda *a: split(*a)[:2], "four arrays"),
        (lambda *a: (split(*a)[0], 1.0, *split(*a)[2:]), "y_train has shape ()"),
        (lambda *a: (*split(*a)[:3], 1.0), "y_test has shape ()"),
    ],
    "12.3": [
        (lambda f, t, y, m: np.abs(f - t).mean(), "divide by the unit"),
        (lambda *a: 1 / scaled_error(*a), "upside down"),
        (
            mase_with(np.square, lambda y, m: np.mean((y[m:] - y[:-m]) ** 2)),
            "not squares",
        ),
        (mase_with(lambda e: e), "errors of both signs cancel"),
        (mase_with(unit=lambda y, m: np.abs(y[m:] - y[:-m]).sum()), "not their sum"),
        (mase_with(unit=lambda y, m: abs((y[m:] - y[:-m]).mean())), "in the unit, too"),
        (rooted, "root of the mean square"),
        (mase_with(unit=lambda y, m: (y[m:] - y[:-m]).mean()), "in the unit, too"),
        (mase_with(unit=lambda y, m: np.abs(y - np.roll(y, m)).mean()), "wraps round"),
        (lambda f, t, y, m: scaled_error(f, t, y, m) * len(f), "you add the errors up"),
        (mase_with(unit=lambda y, m: y.std()), "not a standard deviation"),
        (lambda f, t, y, m: 100 * np.mean(np.abs((f - t) / t)), "by the truth"),
        (mase_with(unit=lambda y, m: np.abs(np.diff(y, m)).mean()), "of differences"),
        (mase_with(unit=lambda y, m: np.abs(np.diff(y)).mean()), "compares neighbours"),
    ],
    "12.4": [
        (rolling_with(lambda s, o, K, first: s), "the whole series"),
        (rolling_with(lambda s, o, K, first: s[: o + 1]), "saw series[origin] too"),
        (rolling_with(lambda s, o, K, first: s[: o + K]), "that it has to forecast"),
        (rolling_with(lambda s, o, K, first: s[: o - 1]), "the last known value"),
        (rolling_with(lambda s, o, K, first: s[:first]), "that of the first origin"),
        (rolling_with(end=np.abs), "errors of each origin"),
        (rolling_with(end=lambda e: np.abs(e).mean(1)), "one error for each origin"),
        (rolling_with(end=lambda e: np.abs(e).mean()), "that is one number"),
        (rolling_with(end=lambda e: np.abs(e.mean(0))), "both signs cancel"),
        (rolling_with(end=lambda e: e.mean(0)), "absolute values are asked"),
        (rolling_with(end=lambda e: (e**2).mean(0)), "these are mean squares"),
        (rolling_with(end=lambda e: np.sqrt((e**2).mean(0))), "roots of mean"),
        (rolling_with(end=lambda e: np.abs(e).sum(0)), "the sum over the origins"),
        (rolling_with(end=lambda e: np.abs(e[-1])), "the last origin alone"),
        (
            rolling_with(truth=lambda s, o, K: s[o + 1 : o + K + 1]),
            "begins one step too late",
        ),
        (lambda s, m, o, K: np.zeros(K), "never called"),
        (rolling_with(lambda s, o, K, first: s[-o:]), "the past is series[:20]"),
        (rolling_with(lambda s, o, K, first: s[: o - o % 2]), "method got pasts of"),
    ],
    "12.5": [
        (lambda *a: inside(*a).sum(), "that is how many"),
        (lambda *a: 100 * inside(*a).mean(), "in per cent"),
        (lambda *a: 1 - inside(*a).mean(), "the share *outside*"),
        (lambda f, h, t: (t <= f + h).mean(), "the upper end alone"),
        (lambda f, h, t: (t >= f - h).mean(), "the lower end alone"),
        (lambda f, h, t: inside(f, h / 2, t).mean(), "already half"),
        (lambda *a: inside(*a).all(1).mean(), "inside at every step"),
        (lambda *a: inside(*a).mean(0), "each step ahead"),
        (lambda *a: inside(*a).mean(1), "one share for each forecast"),
        (lambda f, h, t: inside(f, h.mean(), t).mean(), "its own half-width"),
        (lambda f, h, t: (np.abs(t - f) < h).mean(), "the ends belong"),
        (
            lambda f, h, t: (
                [inside(f, h, t).mean()] if len(f) < 2 else inside(f, h, t).mean()
            ),
            "coverage has shape (1,)",
        ),
    ],
}


class TestCheckers(Checkers):
    """12.1 to 12.5; those of the clinic have a file of their own."""

    lesson, right, wrong = "12", RIGHT, plain(WRONG)

    def test_every_exercise_has_right_answers_wrong_ones_and_hints(self, items):
        ids = [exercise.id for exercise in items[0]]
        assert ids == [f"12.{n}" for n in range(1, 8)]
        assert list(RIGHT) == list(WRONG) == ids[:5]
        assert all(len(cases) >= 3 for cases in WRONG.values())
        assert all(len(exercise.hints) >= 2 for exercise in items[0])


def test_every_reference_is_what_the_rooms_have():
    rng = np.random.default_rng(0)
    past, truth, said = (rng.normal(0, 1, n).cumsum() + 9 for n in (40, 6, 6))
    assert scaled_error(said, truth, past, 12) == baselines.mase(said, truth, past)
    assert skill_score(said, truth, truth + 1) == baselines.skill(
        said, truth, truth + 1
    )
    origins = [20, 26, 30]
    errors = rolling.roll(past, baselines.drift, origins, 4)
    errors = np.abs(errors - rolling.truths(past, origins, 4)).mean(0)
    assert rolling_errors(past, baselines.drift, origins, 4) == pytest.approx(errors)
    X, y, X_test, y_test = split(past, 30, 5)
    assert (len(X), len(y), len(X_test), len(y_test)) == (25, 25, 10, 10)
