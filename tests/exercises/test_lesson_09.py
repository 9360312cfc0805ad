"""The checkers of lesson 09: right answers, other right answers, named mistakes."""

import numpy as np
import torch
from checkers import Checkers, plain
from torch.nn.functional import scaled_dot_product_attention as sdpa

from helpers.exercises.lesson_09.eight_bits import eight_bits


def penalty(length, alpha):
    return ((5 + length) / 6) ** alpha


def other_may_stop(finished, unfinished, alpha, max_len):
    for p, n in finished:
        if all(
            p / penalty(n, alpha) >= q / penalty(max_len, alpha) for q, _ in unfinished
        ):
            return np.bool_(True)
    return np.bool_(False)


def other_quantise(W):
    W = torch.as_tensor(W)
    s = W.abs().amax(0, keepdim=True).clamp(min=1e-12) / 127
    return (W / s).round().to(torch.int8), s


def list_quantise(W):
    Q, s = eight_bits(W)
    return Q.tolist(), s.tolist()


def stops_at_the_first(finished, unfinished, alpha, max_len):
    return bool(finished)


def never_stops(finished, unfinished, alpha, max_len):
    return False


def at_its_own_length(finished, unfinished, alpha, max_len):
    if not finished:
        return False
    best = max(p / penalty(n, alpha) for p, n in finished)
    return best >= max(p / penalty(n, alpha) for p, n in unfinished)


def one_token_more(finished, unfinished, alpha, max_len):
    if not finished:
        return False
    best = max(p / penalty(n, alpha) for p, n in finished)
    return best >= max(p / penalty(n + 1, alpha) for p, n in unfinished)


def by_log_p(finished, unfinished, alpha, max_len):
    if not finished:
        return False
    best = max(p / penalty(n, alpha) for p, n in finished)
    return best >= max(p for p, _ in unfinished)


def without_a_penalty(finished, unfinished, alpha, max_len):
    if not finished:
        return False
    return max(p for p, _ in finished) >= max(p for p, _ in unfinished)


def multiplied(finished, unfinished, alpha, max_len):
    if not finished:
        return False
    best = max(p * penalty(n, alpha) for p, n in finished)
    return best >= max(p * penalty(max_len, alpha) for p, _ in unfinished)


def waits_for_the_worst(finished, unfinished, alpha, max_len):
    if not finished:
        return False
    worst = min(p / penalty(n, alpha) for p, n in finished)
    return worst >= max(p / penalty(max_len, alpha) for p, _ in unfinished)


def looks_at_the_first_that_goes_on(finished, unfinished, alpha, max_len):
    if not finished:
        return False
    best = max(p / penalty(n, alpha) for p, n in finished)
    return best >= unfinished[0][0] / penalty(max_len, alpha)


def in_steps(scale, rounding=np.rint, kind=np.int8):
    def answer(W):
        s = scale(W)
        s = np.where(s == 0, 1, s)
        return rounding(W / s).astype(kind), s

    return answer


def of_column(W):
    return np.abs(W).max(0) / 127


def undefined_for_zeros(W):
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.rint(W / of_column(W)), of_column(W)


def softmax(x, axis=-1):
    e = np.exp(x - x.max(axis, keepdims=True))
    return e / e.sum(axis, keepdims=True)


def looked_up(weigh, average=None):
    def answer(q, keys, values):
        weights = weigh(keys @ q, len(q), len(keys))
        return weights @ values if average is None else average(weights, keys, values)

    return answer


def other_soft_lookup(q, keys, values):
    q, keys, values = (torch.as_tensor(x)[None] for x in (q, keys, values))
    return sdpa(q[:, None], keys, values)[0, 0]


def overflows(q, keys, values):
    with np.errstate(over="ignore", invalid="ignore"):
        e = np.exp(keys @ q / len(q) ** 0.5)
        return e @ values / e.sum()


def other_masked_weights(scores, real):
    scores = torch.as_tensor(scores).masked_fill(~torch.as_tensor(real), -np.inf)
    return scores.softmax(-1).nan_to_num()


def loop_masked_weights(scores, real):
    rows = np.zeros(scores.shape)
    for row, x, r in zip(rows, scores, real, strict=True):
        if r.any():
            row[r] = softmax(x[r])
    return rows.tolist()


def less_the_largest(largest):
    """The weights, the largest scores taken off first."""

    def answer(scores, real):
        with np.errstate(over="ignore", invalid="ignore"):
            e = np.exp(scores - largest(scores, real)) * real
            total = e.sum(-1, keepdims=True)
            return e / np.where(total > 0, total, 1)

    return answer


def of_all_that_is_real(scores, real):
    return np.where(real, scores, -np.inf).max()


def gives_nan(scores, real):
    with np.errstate(invalid="ignore"):
        return softmax(np.where(real, scores, -np.inf))


def exp_of_all(scores, real):
    with np.errstate(over="ignore", invalid="ignore"):
        e = np.exp(scores) * real
        total = e.sum(-1, keepdims=True)
        return e / np.where(total > 0, total, 1)


def other_additive(s, h, W_q, W_k, v):
    W = np.concatenate([W_q, W_k])  # as Luong writes it: one matrix for both
    both = np.concatenate([np.tile(s, (len(h), 1)), h], axis=1)
    return (np.tanh(both @ W) * v).sum(1)


def other_hits(weights, places):
    pairs = [(w, p) for w, p in zip(weights, places, strict=True) if p >= 0]
    return sum(int(np.argmax(w)) == p for w, p in pairs) / len(pairs)


def other_coverage(weights, beta):
    seen = torch.as_tensor(weights).sum(0)
    return beta * seen.clamp(max=1).log().sum()


def by_distance(q, keys, values):
    far = np.sqrt(((keys - q) ** 2).sum(1))
    return softmax(-far) @ values


def by_column(weights, places):
    own = weights.argmax(0)[places] == np.arange(len(places))
    return own[places >= 0].mean()


def guarded_coverage(weights, beta):
    return beta * np.log(np.minimum(weights.sum(0), 1) + 1e-9).sum()


def mean_weight(weights, places):
    own = weights[np.arange(len(places)), places]
    return own[places >= 0].mean()


def over_half(weights, places):
    own = weights[np.arange(len(places)), places]
    return (own > 0.5)[places >= 0].mean()


def with_gradient(q, keys, values):
    q, keys, values = (torch.tensor(x, requires_grad=True) for x in (q, keys, values))
    return other_soft_lookup(q, keys, values)


def less_zero_at_least(scores, K, T):
    with np.errstate(over="ignore", invalid="ignore"):
        e = np.exp(scores / K**0.5 - max(0, scores.max() / K**0.5))
        return e / e.sum()


def filled(low):
    """A number in the place of padding, and empty rows made 0 afterwards."""
    return lambda scores, real: (
        softmax(np.where(real, scores, low)) * real.any(1, keepdims=True)
    )


def filled_and_divided(scores, real):
    weights = softmax(np.where(real, scores, -100)) * real
    return weights / np.maximum(weights.sum(1, keepdims=True), 1e-12)


def with_empty(row):
    def answer(scores, real):
        rows = loop_masked_weights(scores, real)
        return [x if r.any() else row for x, r in zip(rows, real, strict=True)]

    return answer


def strictly(finished, unfinished, alpha, max_len):
    best = max((p / penalty(n, alpha) for p, n in finished), default=-np.inf)
    return bool(best > max(p / penalty(max_len, alpha) for p, _ in unfinished))


def largest_pair(finished, unfinished, alpha, max_len):
    return other_may_stop(finished and [max(finished)], unfinished, alpha, max_len)


RIGHT = {
    "09.1": [other_soft_lookup, with_gradient],
    "09.2": [other_masked_weights, loop_masked_weights, filled(-1e9)],
    "09.3": [other_additive],
    "09.4": [other_hits],
    "09.5": [other_coverage, guarded_coverage],
    "09.6": [other_may_stop],
    "09.7": [other_quantise, list_quantise],
}
WRONG = {
    "09.1": [
        (looked_up(lambda x, K, T: softmax(x)), "the scores are not scaled"),
        (looked_up(lambda x, K, T: softmax(x / K)), "by √K, not by K"),
        (looked_up(lambda x, K, T: softmax(x / T**0.5)), "you took T"),
        (looked_up(lambda x, K, T: x / K**0.5), "softmax them"),
        (
            looked_up(lambda x, K, T: softmax(x / K**0.5), lambda w, k, v: w),
            "those are the weights",
        ),
        (looked_up(lambda x, K, T: np.eye(T)[x.argmax()]), "a hard look-up"),
        (
            looked_up(
                lambda x, K, T: softmax(x / K**0.5), lambda w, k, v: w[:, None] * v
            ),
            "sum the weighted values",
        ),
        (overflows, "exp overflows"),
        (looked_up(lambda x, K, T: np.exp(x / K**0.5)), "weights must sum to 1"),
        (
            looked_up(lambda x, K, T: np.exp((x - x.max()) / K**0.5)),
            "weights must sum to 1",
        ),
        (looked_up(less_zero_at_least), "far below 0 exp is 0"),
        (by_distance, "dot products, not distances"),
    ],
    "09.2": [
        (lambda scores, real: softmax(scores), "padding still has weight"),
        (lambda scores, real: softmax(scores) * real, "no longer sum to 1"),
        (lambda scores, real: softmax(scores * real), "a score like any other"),
        (
            lambda scores, real: other_masked_weights(scores, ~real),
            "the wrong way round",
        ),
        (gives_nan, "nothing real gives nan"),
        (
            lambda scores, real: softmax(np.where(real, scores, -1e9)),
            "spreads its weight over padding",
        ),
        *((filled(low), "has to lie far below") for low in (-100, -1000, -1e4)),
        (filled_and_divided, "has to lie far below"),
        (with_empty(0), "its rows differ in length"),
        (with_empty([]), "its rows differ in length"),
        (with_empty(None), "with a row of nothing real, "),
        (exp_of_all, "exp overflows"),
        (
            less_the_largest(lambda x, real: x.max(-1, keepdims=True)),
            "take the largest of the *real* scores off",
        ),
        (less_the_largest(lambda x, real: x.max()), "of the *real* scores off"),
        (less_the_largest(of_all_that_is_real), "take the largest of each row off"),
        (
            lambda scores, real: np.roll(other_masked_weights(scores, real), 1, 1),
            "your result has the right shape",
        ),
        (
            lambda scores, real: softmax(np.where(real, scores, -np.inf), axis=0),
            "you took the columns",
        ),
    ],
    "09.3": [
        (lambda s, h, W_q, W_k, v: (s @ W_q + h @ W_k) @ v, "without tanh"),
        (
            lambda s, h, W_q, W_k, v: np.tanh(s @ W_q) @ v + np.tanh(h @ W_k) @ v,
            "tanh goes over the sum",
        ),
        (
            lambda s, h, W_q, W_k, v: softmax(other_additive(s, h, W_q, W_k, v)),
            "the scores come before the softmax",
        ),
        (lambda s, h, W_q, W_k, v: np.tanh((s @ W_q) * (h @ W_k)) @ v, "are added"),
        (lambda s, h, W_q, W_k, v: np.tanh(h @ W_k) @ v, "the query has no say"),
        (lambda s, h, W_q, W_k, v: h @ W_k @ (s @ W_q), "that is a dot product"),
    ],
    "09.4": [
        (lambda w, p: (w.argmax(1) == p).mean(), "leave them out of the count"),
        (mean_weight, "that is the mean weight"),
        (lambda w, p: (w.argmax(1) == p).sum(), "that is how many"),
        (by_column, "the largest of each column"),
        (
            lambda w, p: np.mean(
                [
                    k in np.argsort(row)[-2:]
                    for row, k in zip(w, p, strict=True)
                    if k >= 0
                ]
            ),
            "whose largest weight is .26",
        ),
        (over_half, "whose largest weight is .26"),
    ],
    "09.5": [
        (lambda w, b: b * np.log(w.sum(0)).sum(), "min(…, 1) is missing"),
        (
            lambda w, b: b * np.log(np.minimum(w.sum(0), 1)).mean(),
            "do not average",
        ),
        (
            lambda w, b: b * np.log(np.minimum(w.max(0), 1)).sum(),
            "sum over the steps, not the largest",
        ),
        (lambda w, b: -b * np.log(np.minimum(w.sum(0), 1)).sum(), "the sign"),
        (lambda w, b: 0.2 * np.log(np.minimum(w.sum(0), 1)).sum(), "for β = 0.7"),
        (lambda w, b: np.log(np.minimum(w.sum(0), 1)).sum(), "β is missing"),
        (lambda w, b: b * np.log(np.minimum(w, 1)).sum(), "over all steps, then"),
        (lambda w, b: b * np.minimum(w.sum(0), 1).sum(), "the logarithm is missing"),
        (
            lambda w, b: b * np.minimum(np.log(w.sum(1)), 0).sum(),
            "for each source word",
        ),
    ],
    "09.6": [
        (strictly, "can reach -1 and no higher"),
        (largest_pair, "the one with the highest *score* counts"),
        (stops_at_the_first, "the search ends as soon as a text is finished"),
        (never_stops, "the search never ends"),
        (at_its_own_length, "are scored at the length that they have now"),
        (one_token_more, "may grow by more than one token"),
        (without_a_penalty, "the penalty is missing: divide log p by it"),
        (multiplied, "divide, do not multiply"),
        (by_log_p, "log p of what goes on has to be divided too"),
        (waits_for_the_worst, "one good finished text is enough"),
        (looks_at_the_first_that_goes_on, "look at the best of them"),
    ],
    "09.7": [
        (in_steps(lambda W: np.abs(W).max(1, keepdims=True) / 127), "of each row"),
        (in_steps(lambda W: np.full(4, np.abs(W).max() / 127)), "for the whole matrix"),
        (in_steps(lambda W: W.max(0) / 127), "may be a negative one"),
        (in_steps(lambda W: np.abs(W).max(0)), "largest divided by 127"),
        (in_steps(lambda W: np.abs(W).max(0) / 128, kind=int), "take 127"),
        (in_steps(of_column, np.trunc), "you cut the fractions off"),
        (in_steps(of_column, np.floor), "you round down"),
        (in_steps(of_column, lambda x: x, float), "still holds fractions"),
        (in_steps(of_column, lambda x: np.abs(np.rint(x))), "has lost its signs"),
        (undefined_for_zeros, "divides 0 by 0"),
        (lambda W: of_column(W), "return two things, Q and s"),
    ],
}


class TestCheckers(Checkers):
    lesson = "09"
    right = RIGHT
    wrong = plain(WRONG)
