"""Checkers of lesson 10: the sum over all paths, and how each frame is used."""

from __future__ import annotations

import numpy as np

from helpers.exercises.engine.compare import as_array, name_it
from helpers.exercises.engine.core import Wrong, call, close, same, shape_of
from helpers.writing.ctc import backward, ctc, forward, with_blanks

__all__ = ["check_log_prob", "check_occupancy", "log_prob", "occupancy"]


def log_prob(y, z):
    skip = np.zeros(len(z), dtype=bool)
    skip[2:] = (z[2:] != 0) & (z[2:] != z[:-2])
    a, log_P = np.zeros(len(z)), 0.0
    a[:2] = y[0, z[:2]]
    for frame in y[1:]:
        one, two = np.roll(a, 1), np.roll(a, 2) * skip
        one[0] = 0
        a = (a + one + two) * frame[z]
        log_P += np.log(a.sum())  # what is scaled away is kept here
        a = a / a.sum()
    return log_P + np.log(a[-2:].sum())


def _variant(y, z, skip="right", start=2, end=2):
    """log P (or a wrong one) in logs, one frame after the other."""
    S, s = len(z), np.arange(len(z))
    may = {
        "right": (z != 0) & (np.r_[0, 0, z][:S] != z),
        "always": z != 0,
        "blanks": np.ones(S, bool),
        "never": np.zeros(S, bool),
    }[skip] & (s > 1)
    with np.errstate(divide="ignore"):
        log_y = np.log(y)
    a = np.where(s < start, log_y[0, z], -np.inf)
    for frame in log_y[1:]:
        one, two = np.r_[-np.inf, a][:S], np.r_[-np.inf, -np.inf, a][:S]
        ways = [a, one, np.where(may, two, -np.inf)]
        a = np.logaddexp.reduce(ways) + frame[z]
    return np.logaddexp.reduce(a[-end:] if end else a)


def _probabilities(rng, T, K):
    y = np.exp(1.5 * rng.standard_normal((T, K)))
    return y / y.sum(1, keepdims=True)


def check_log_prob(answer):
    rng = np.random.default_rng(6)
    y, z = _probabilities(rng, 8, 4), np.array([0, 1, 0, 1, 0, 2, 0, 3, 0])

    def ask(y, z):
        return call(answer, y, z, name="log_prob", unchanged=True)

    got, want = ask(y, z), _variant(y, z)
    best, all_ways = _best(y, z), _variant(y, z, end=0)
    name_it(
        got,
        [
            (np.exp(want), "that is P itself; in a thousand frames it underflows"),
            (-want, "that is the loss; log P has the other sign"),
            (
                _variant(y, z, skip="always"),
                "you skip the blank between two equal symbols as well: then the path "
                "writes only one of them",
            ),
            (
                _variant(y, z, skip="blanks"),
                "you skip symbols: from one blank to the next the symbol between them "
                "would be lost. Only blanks are skipped",
            ),
            (
                _variant(y, z, skip="never"),
                "you never skip a blank: two on is allowed where z_s is a symbol "
                "other than z_(s-2)",
            ),
            (
                _variant(y, z, start=1),
                "a path may begin with the first symbol too, not only with the blank",
            ),
            (
                _variant(y, z, start=9),
                "a path begins in z_0 or z_1, nowhere else",
            ),
            (
                _variant(y, z, end=1),
                "a path may end in the last symbol too, not only in the blank after",
            ),
            (
                all_ways,
                "you add up all places of the last frame: only paths that have come "
                "to the last symbol, or the blank behind it, have written all",
            ),
            (
                want - all_ways,
                "what you divided a by is missing: its logarithm, of each frame, "
                "belongs to log P",
            ),
            (
                want - np.log(y[0, z[:2]].sum()),
                "the first frame is scaled too: add the logarithm of that sum",
            ),
            (best, "that is the most likely path alone; add up all of them"),
            (want / len(y), "that is the mean of a frame; the sum is asked for"),
        ],
        1e-6,
    )
    shape_of(got, (), "log P")
    close(got, want, 1e-6, "log P")
    for z in (np.array([0]), np.array([0, 2, 0]), np.array([0, 1, 0, 2, 0])):
        what = f"log P of z = {z.tolist()}"
        close(shape_of(ask(y, z), (), what), _variant(y, z), 1e-6, what)
    long, z = _probabilities(rng, 3000, 4), np.array([0, 1, 0, 3, 0])
    got = as_array(ask(long, z), "log P of 3,000 frames")
    if not np.isfinite(got).all():
        raise Wrong(
            f"for 3,000 frames it is {got}: a product of so many numbers below 1 "
            "underflows. Divide a by its sum in each frame and add up the logarithms, "
            "or compute with logarithms all the way"
        )
    close(got, _variant(long, z), 1e-5, "log P of 3,000 frames")
    return "The same number by another way: scaled, as speech recognisers long did it."


def _best(y, z):
    S = len(z)
    may = (np.arange(S) > 1) & (z != 0) & (np.r_[0, 0, z[:-2]] != z)
    a = np.where(np.arange(S) < 2, np.log(y[0, z]), -np.inf)
    for frame in np.log(y[1:]):
        one, two = np.r_[-np.inf, a[:-1]], np.r_[-np.inf, -np.inf, a[:-2]]
        a = np.maximum(np.maximum(a, one), np.where(may, two, -np.inf)) + frame[z]
    return max(a[-2:])


def occupancy(alpha, beta, z, K):
    both = np.exp(alpha + beta - np.logaddexp.reduce((alpha + beta)[0]))  # (T, S)
    gamma = np.zeros((len(alpha), K))
    for s, k in enumerate(z):
        gamma[:, k] += both[:, s]
    return gamma


def check_occupancy(answer):
    rng = np.random.default_rng(7)
    for T, K, ids in ((7, 5, [2, 2, 1]), (9, 6, [1, 3])):
        log_y = np.log(_probabilities(rng, T, K))[None]
        target = np.array([ids])
        z = with_blanks(target)
        alpha = forward(log_y, z)[0]
        beta = backward(log_y, z, [T], [len(ids)])[0]
        given = alpha, beta, z[0], K
        got = call(answer, *given, name="occupancy", unchanged=True)
        loss, want = ctc(log_y, target)
        _name_occupancy(got, given, log_y[0], -loss[0], want[0])
        far = call(answer, alpha - 2000, *given[1:], name="occupancy")
        if not np.isfinite(as_array(far)).all():
            raise Wrong(
                "where P is as small as in a long recording, yours is nan: take log P "
                "off *before* you exponentiate"
            )
        close(far, want[0], 1e-3, "γ, with P smaller by exp(-2000),")
    return "Its column sums are for how many frames each symbol is expected to last."


def _name_occupancy(got, given, log_y, log_P, want):
    alpha, beta, z, K = given
    whole = np.exp(alpha + beta)
    shares = whole / np.exp(log_P)
    last = np.zeros(want.shape)
    last[:, z] = shares
    raw, by_alpha = (np.zeros(want.shape) for _ in range(2))
    for s, k in enumerate(z):
        raw[:, k] += whole[:, s]
        by_alpha[:, k] += np.exp(alpha[:, s])
    if same(np.exp(np.minimum(as_array(got, "γ"), 700)), want):
        raise Wrong("these are logarithms; γ is a share")
    name_it(
        got,
        [
            (raw, "divide by P: each frame's row then adds up to 1"),
            (
                shares,
                "that is one number for each of the S places; those with the same "
                "symbol belong together",
            ),
            (
                last,
                "of the places with one symbol only the last one counts in yours: "
                "`gamma[:, z] = …` and `gamma[:, z] += …` write each column once. Go "
                "over the places in a loop",
            ),
            (by_alpha, "beta is missing: how does the rest of the path go on?"),
            (
                by_alpha / by_alpha.sum(1, keepdims=True),
                "beta is missing: how does the rest of the path go on?",
            ),
            (
                np.exp(log_y) - want,
                "that is the gradient at the logits already; γ alone is asked for",
            ),
            (-want, "γ is a share, from 0 to 1; the gradient has the other sign"),
            (want / want.sum(0).clip(1e-300), "each *frame's* row adds up to 1"),
            (want.T, "transpose it: a row a frame, (T, K)"),
        ],
        1e-6,
    )
    shape_of(got, {"T": len(alpha), "K": K}, "γ")
    close(got, want, 1e-6, "γ")
