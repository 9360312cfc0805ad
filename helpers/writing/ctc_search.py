"""From CTC's frames to a text: best path, prefix beam search, Viterbi alignment.

log_y: (T, K), log probabilities of K symbols in each of T frames; id 0 is the blank.
"""

from __future__ import annotations

import math
from collections import defaultdict

import numpy as np

from helpers.guards import want_ids, want_shapes, want_sizes
from helpers.writing.ctc import collapse, fewest_frames, with_blanks

__all__ = ["best_path", "grow", "prefix_beam", "score", "viterbi"]

NEVER = (-math.inf, -math.inf)


def best_path(log_y):
    """Return (ids, log p): what the most likely path writes, and that path's log p.

    It is one path only; the text's own probability is the sum over all of its paths.
    """
    want_shapes(log_y=(log_y, "T K"))
    return collapse(log_y.argmax(1)), float(log_y.max(1).sum())


def grow(beam, log_y, prior=None):
    """Return what becomes of all prefixes in one frame: dict prefix → two numbers.

    beam: dict from a prefix (a tuple of ids) to log p of its paths that end in a blank,
    and of those that end in its last symbol. log_y: (K,), the frame. prior(prefix, k):
    what is added where symbol k is appended to a prefix.
    """
    grown = defaultdict(lambda: NEVER)

    def add(prefix, blank=-math.inf, symbol=-math.inf):
        if max(blank, symbol) == -math.inf:
            return  # no path leads there
        was = grown[prefix]
        grown[prefix] = tuple(map(float, np.logaddexp(was, (blank, symbol))))

    for prefix, (blank, symbol) in beam.items():
        both = float(np.logaddexp(blank, symbol))
        add(prefix, blank=both + log_y[0])
        if prefix:
            add(prefix, symbol=symbol + log_y[prefix[-1]])
        for k in range(1, len(log_y)):
            before = blank if prefix[-1:] == (k,) else both
            bonus = prior(prefix, k) if prior else 0
            add((*prefix, k), symbol=before + log_y[k] + bonus)
    return dict(grown)


def prefix_beam(log_y, width=8, prior=None):
    """Return [(ids, log p)], the best first, at most `width` of them.

    log p sums the paths that the search has kept, prior included: never more than the
    text's own score. Source: A. Graves and N. Jaitly 2014; A. Hannun and others 2014.
    """
    want_shapes(log_y=(log_y, "T K"))
    want_sizes(width=width)
    beam = {(): (0.0, -math.inf)}
    for frame in np.asarray(log_y, float):
        grown = grow(beam, frame, prior)
        ranked = sorted(grown, key=lambda prefix: -np.logaddexp(*grown[prefix]))
        beam = {prefix: grown[prefix] for prefix in ranked[:width]}
    return [(list(prefix), float(np.logaddexp(*beam[prefix]))) for prefix in beam]


def score(ids, prior=None):
    """Return what a prior adds to the log p of a whole text."""
    ids = tuple(ids)
    return sum(prior(ids[:i], k) for i, k in enumerate(ids)) if prior else 0.0


def viterbi(log_y, target):
    """Return (path, log p): the most likely path (T,) of those that write the target.

    ValueError if there is none: too few frames, or an id that is none.
    """
    want_shapes(log_y=(log_y, "T K"))
    log_y = np.asarray(log_y, float)
    if len(target):  # an empty list is one of floats
        want_ids(log_y.shape[1], target=target)
    target = np.asarray(target, int)
    T, z = len(log_y), with_blanks(target[None])[0]
    if (need := fewest_frames(target)) > T:
        raise ValueError(f"target: needs {need} frames or more, log_y has {T}")
    s = np.arange(len(z))
    skip = np.zeros(len(z), bool)
    skip[2:] = (z[2:] != 0) & (z[2:] != z[:-2])
    best = np.where(s < 2, log_y[0, z], -np.inf)
    came = np.zeros((T, len(z)), int)
    for t in range(1, T):
        ways = np.full((3, len(z)), -np.inf)  # from s, from s - 1, from s - 2
        ways[0], ways[1, 1:] = best, best[:-1]
        ways[2, 2:] = np.where(skip[2:], best[:-2], -np.inf)
        came[t] = s - ways.argmax(0)
        best = ways.max(0) + log_y[t, z]
    at = max(len(z) - 1, 0)
    if len(z) > 1 and best[at - 1] > best[at]:
        at -= 1
    log_p, places = float(best[at]), [at]
    for t in reversed(range(1, T)):
        places.append(at := came[t, at])
    return z[places[::-1]], log_p
