"""Checkers of lesson 12: a split that knows no future, and forecasts that roll on."""

from __future__ import annotations

import numpy as np

from helpers.exercises.engine.compare import as_array, same
from helpers.exercises.engine.core import Wrong, call, close, shape_of

__all__ = ["check_rolling", "check_split", "rolling_errors", "split"]


def split(series, cut, L):
    low, unit = series[:cut].min(), series[:cut].max() - series[:cut].min()
    z = (series - low) / unit
    t = np.arange(L, len(z))
    X, y = z[t[:, None] + np.arange(-L, 0)], z[t]
    return X[t < cut], y[t < cut], X[t >= cut], y[t >= cut]


def check_split(answer):
    rng = np.random.default_rng(3)
    for T, cut, L in ((30, 20, 4), (17, 9, 3)):
        series = 40 + np.cumsum(rng.normal(1, 2, T))
        series[cut + 2] = series.max() + 9  # what the training part cannot know
        series[cut + 4] = series.min() - 5
        got = call(answer, series, cut, L, name="split", unchanged=True)
        if not isinstance(got, tuple | list) or len(got) != 4:
            raise Wrong("split returns four arrays: X_train, y_train, X_test, y_test")
        parts = dict(zip(("X_train", "y_train", "X_test", "y_test"), got, strict=True))
        for name, want in zip(parts, split(series, cut, L), strict=True):
            if as_array(parts[name], name).ndim != want.ndim:
                shape_of(parts[name], want.shape, name, "N L"[: 2 * want.ndim - 1])
        _name_split(parts, series, cut, L)
        for (name, part), want in zip(
            parts.items(), split(series, cut, L), strict=True
        ):
            shape_of(part, want.shape, name, "N L" if want.ndim == 2 else "N")
            close(part, want, 1e-9, name)
    return (
        "The first test windows reach back into the training part: their inputs are "
        "known by then. Their targets are not."
    )


def _name_split(parts, series, cut, L):
    right = split(series, cut, L)
    X, y = as_array(parts["X_train"], "X_train"), as_array(parts["y_train"], "y_train")
    low, unit = series[:cut].min(), np.ptp(series[:cut])

    def scaled(a, b):
        return [(part * unit + low - a) / b for part in right]

    mistakes = [
        (scaled(series.min(), np.ptp(series)), "you scale by the smallest and largest "
         "value of the *whole* series: the test part is known to the training part. "
         "Take them of series[:cut]"),
        (scaled(series[:cut].mean(), series[:cut].std()), "you scale by mean and "
         "standard deviation; smallest and largest are asked"),
        (scaled(series.mean(), series.std()), "you scale by mean and standard "
         "deviation of the *whole* series; smallest and largest of series[:cut] are "
         "asked"),
        (scaled(0, 1), "the windows are right, and not scaled"),
        (scaled(0, series[:cut].max()), "you divide by the largest value; take the "
         "smallest off first"),
    ]  # fmt: skip
    plain = scaled(0, 1)
    for mine, other, k, name in ((X, y, 0, "X"), (y, X, 1, "y")):
        if same(mine, plain[k]) and same(other, right[1 - k]):
            raise Wrong(
                f"{'yX'[k]} is scaled, {name} is not: inputs and targets are values of "
                "one series, scale both"
            )
    for wrong, words in mistakes:
        if same(X, wrong[0]) or same(y, wrong[1]):
            raise Wrong(words)
    test = as_array(parts["X_test"], "X_test")
    n = len(series) - cut
    if len(y) == cut - L and len(as_array(parts["y_test"])) == n - L:
        raise Wrong(
            "the first test targets are missing: a test window may begin in the "
            "training part, its target may not"
        )
    z = (series - low) / unit
    ahead = z[np.arange(L, len(z))[:, None] + np.arange(-L + 1, 1)]
    if same(X, ahead[: cut - L]):
        raise Wrong("each window ends with its own target: it ends one step too late")
    if len(X) == cut - L + 1 or len(X) == cut:
        raise Wrong(
            f"X_train has {len(X)} windows, want {cut - L}: those whose target is one "
            f"of series[:cut], the first being series[{L}]"
        )
    own = test.ndim == 2 and len(test) == n
    if own and same(X, right[0]) and not same(test, right[2]):
        a, b = series[cut:].min(), np.ptp(series[cut:])
        other = (right[2] * unit + low - a) / b
        if same(test, other):
            raise Wrong(
                "you scale the test part by its own smallest and largest value: "
                "tomorrow has none yet. Use those of series[:cut]"
            )


def rolling_errors(series, method, origins, K):
    forecasts = [method(series[:origin], K) for origin in origins]
    truth = [series[origin : origin + K] for origin in origins]
    return np.mean(np.abs(np.array(forecasts) - np.array(truth)), axis=0)


class _Spy:
    """A method that remembers the pasts that it was given."""

    def __init__(self):
        self.pasts = []

    def __call__(self, past, K):
        past = np.asarray(as_array(past, "past"), float)
        self.pasts.append(past.copy())
        return past[-1] + 0.5 * np.arange(1, K + 1) + 0.01 * len(past)


def check_rolling(answer):
    rng = np.random.default_rng(4)
    for T, origins, K in ((40, [20, 25, 31], 5), (30, [12, 13, 20, 26], 3)):
        series = 10 + np.cumsum(rng.normal(0, 2, T))
        for k, o in enumerate(origins):  # errors of both signs, at every step
            rise = rng.uniform(4, 9, K) * (1 + k)
            series[o : o + K] = series[o - 1] + (-1) ** k * rise
        spy = _Spy()
        name = "rolling_errors"
        got = call(answer, series, spy, origins, K, name=name, unchanged=True)
        _name_pasts(spy.pasts, series, origins, K)
        want = rolling_errors(series, _Spy(), origins, K)
        method = _Spy()
        errors = np.array([
            method(series[:o], K) - series[o : o + K] for o in origins
        ])  # fmt: skip
        late = np.array([series[o + 1 : o + K + 1] for o in origins])
        shifted = np.abs(errors + [series[o : o + K] for o in origins] - late).mean(0)
        for wrong, words in (
            (np.abs(errors), "these are the errors of each origin; average over them"),
            (np.abs(errors).mean(1), "that is one error for each origin; one for each "
             "step ahead is asked: average over the origins"),
            (np.abs(errors).mean(), "that is one number; one for each of K steps ahead "
             "is asked"),
            (np.abs(errors.mean(0)), "errors of both signs cancel: absolute values "
             "first, then the mean"),
            (errors.mean(0), "absolute values are asked: errors of both signs cancel"),
            ((errors**2).mean(0), "these are mean squares; absolute values are asked"),
            (np.sqrt((errors**2).mean(0)), "these are roots of mean squares; absolute "
             "values are asked"),
            (np.abs(errors).sum(0), "that is the sum over the origins; take the mean"),
            (np.abs(errors[-1]), "that is the last origin alone"),
            (np.abs(errors[0]), "that is the first origin alone"),
            (shifted, "your truth begins one step too late: the first is "
             "series[origin]"),
        ):  # fmt: skip
            if same(got, wrong, 1e-9):
                raise Wrong(words)
        shape_of(got, (K,), name, "K")
        close(got, want, 1e-9, name)
    return "One origin is an anecdote; this is the error that a plan can use."


def _name_pasts(pasts, series, origins, K):
    if not pasts:
        raise Wrong("method was never called: ask it for a forecast at each origin")
    lengths = [len(past) for past in pasts]
    if set(lengths) == set(origins):  # in any order, and more than once if they like
        for past in pasts:
            if not np.allclose(past, series[: len(past)], rtol=1e-5):
                raise Wrong(f"at origin {len(past)} the past is series[:{len(past)}]")
        return
    if any(n == len(series) for n in lengths):
        raise Wrong("method saw the whole series, the future included: series[:origin]")
    if lengths == [origin + 1 for origin in origins]:
        raise Wrong("method saw series[origin] too, the first value to forecast")
    if lengths == [origin + K for origin in origins]:
        raise Wrong("method saw the values that it has to forecast: series[:origin]")
    if lengths == [origin - 1 for origin in origins]:
        raise Wrong("the last known value, series[origin - 1], is missing in the past")
    if set(lengths) == {origins[0]} and len(origins) > 1:
        raise Wrong("the past stays that of the first origin: series[:origin] for each")
    raise Wrong(f"method got pasts of {lengths} values, want {list(origins)}")
