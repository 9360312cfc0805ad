"""Beam search for scores that are no sum of log p: length and coverage (lesson 09)."""

from __future__ import annotations

import math
from numbers import Real
from typing import NamedTuple

import torch

from helpers.guards import want_sizes
from helpers.training import in_eval
from helpers.writing.decoding import select_rows

__all__ = [
    "STOPS",
    "Ranked",
    "best_of",
    "coverage_penalty",
    "length_penalty",
    "ranked_beam",
    "score_of",
]

# When a search ends: when nothing unfinished can win any more, when the first
# hypothesis is finished, or only when nothing unfinished is left.
STOPS = ("bound", "first", "never")


class Ranked(NamedTuple):
    """A text, its joint log p in nats, its score, if it has ended, and how much each
    source word was looked at, all steps together (None if nobody asked)."""

    ids: tuple[int, ...] = ()
    log_p: float = 0.0
    score: float = 0.0
    ended: bool = False
    seen: tuple[float, ...] | None = None


def length_penalty(length, alpha):
    """Return ((5 + length) / 6)^α, by which log p is divided: 1 at α = 0.

    Source: Wu et al. 2016, Google's neural machine translation system, eq. 14.
    """
    return ((5 + length) / 6) ** alpha


def coverage_penalty(seen, beta):
    """Return the penalty β Σ log min(seen_j, 1), at most 0, over the source words.

    seen: for each source word the attention weights of all steps together, as a list or
    (T,); what is below 1e-30 counts as 1e-30. Source: Wu et al. 2016, eq. 14.
    """
    if beta == 0:
        return 0.0
    seen = torch.as_tensor(seen, dtype=torch.float64)
    return beta * seen.clamp(1e-30, 1).log().sum().item()


def score_of(log_p, length, seen=None, alpha=0.0, beta=0.0):
    """Return log p / `length_penalty` + `coverage_penalty`: GNMT's score, eq. 14."""
    covered = coverage_penalty(seen, beta) if beta else 0.0
    return log_p / length_penalty(length, alpha) + covered


def best_of(pool, alpha=0.0, beta=0.0):
    """Return the hypothesis of highest `score_of` of a list of them, its score made so.

    The pool of a search that never stopped early holds the winners for all penalties.
    """
    if len(pool) == 0:
        raise ValueError("pool: got no hypotheses, want at least one")
    scored = [
        h._replace(score=score_of(h.log_p, len(h.ids), h.seen, alpha, beta))
        for h in pool
    ]
    return max(scored, key=lambda h: h.score)


@in_eval
@torch.no_grad()
def ranked_beam(
    step, state, start, *, width, max_len, eos, alpha=0.0, beta=0.0, looks=None,
    stop="bound", keep=None,
):  # fmt: skip
    """Return up to `keep` hypotheses, the one of highest `score_of` first.

    At each step every unfinished
    text is continued by every token. Of those that end, the ones among the best `width`
    by log p are put aside; of the others the best `width` go on. At max_len they are
    put aside too, as they are. alpha, beta: at least 0. looks: a function of the state
    that gives the weights (B, T) of its last look; wanted if beta is above 0. stop:
    one of STOPS. keep: None for `width`. state: of one row.
    """
    want_sizes(width=width, max_len=max_len, keep=keep or width)
    _want_penalties(alpha, beta, looks, stop)
    live, done = [Ranked()], []
    for t in range(1, max_len + 1):
        last = torch.tensor([(start, *h.ids)[-1] for h in live])
        logits, state = step(last, state)
        seen = _seen(live, looks, state)
        log_p = torch.tensor([h.log_p for h in live], dtype=torch.float64)
        log_p = log_p[:, None] + logits.double().log_softmax(-1)
        order = log_p.flatten().argsort(descending=True, stable=True).tolist()
        before, live, rows = live, [], []
        for rank, place in enumerate(order):
            if len(live) == width:
                break
            row, token = divmod(place, log_p.shape[1])
            if token == eos and rank >= width:
                continue
            total, ids = log_p[row, token].item(), (*before[row].ids, token)
            score = score_of(total, len(ids), seen[row], alpha, beta)
            found = Ranked(ids, total, score, token == eos, seen[row])
            if found.ended or t == max_len:
                done.append(found)
            if not found.ended:
                live.append(found)
                rows.append(row)
        if not live or (done and _is_over(live, done, max_len, alpha, stop)):
            break
        state = select_rows(state, rows)
    return sorted(done, key=lambda h: -h.score)[: keep or width]


def _seen(live, looks, state):
    """What each hypothesis has looked at, this step's weights included."""
    if looks is None:
        return [None] * len(live)
    weights = looks(state).double()
    before = [h.seen or [0.0] * weights.shape[1] for h in live]
    both = weights + torch.tensor(before, dtype=torch.float64)
    return [tuple(row) for row in both.tolist()]


def _is_over(live, done, max_len, alpha, stop):
    """Whether the search may end.

    What goes on loses log p with every token, gains at most the length penalty of
    max_len, and cannot have a coverage penalty above 0: that bounds its score.
    """
    if stop == "bound":
        bound = max(h.log_p for h in live) / length_penalty(max_len, alpha)
        return max(h.score for h in done) >= bound
    return stop == "first"


def _want_penalties(alpha, beta, looks, stop):
    for name, value in (("alpha", alpha), ("beta", beta)):
        number = isinstance(value, Real) and not isinstance(value, bool)
        if not number or not 0 <= value < math.inf:
            raise ValueError(f"{name}: got {value!r}, want a number from 0 on")
    if beta > 0 and looks is None:
        raise ValueError("looks: got None; coverage (beta > 0) wants the weights")
    if stop not in STOPS:
        known = ", ".join(map(repr, STOPS))
        raise ValueError(f"stop: got {stop!r}, want one of {known}")
