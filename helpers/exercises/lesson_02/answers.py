"""What solves the exercises of lesson 02."""

from itertools import pairwise

__all__ = [
    "bigrams",
    "collision",
    "feedforward_parameters",
    "masked_mean",
    "recurrent_parameters",
    "window",
]


def bigrams(words):
    """Return how often each pair of neighbours occurs: {(word, next word): count}."""
    counts = {}
    for pair in pairwise(words):
        counts[pair] = counts.get(pair, 0) + 1
    return counts


def collision():
    """Return two reviews with the same words and opposite labels; “not” stays."""
    first = "the tea was not good but the view was really bad"
    second = "the tea was not bad but the view was really good"
    return first, second


def window(ids, k):
    """Return the last k of the ids, with zeros in front where there are fewer."""
    return [0] * (k - len(ids)) + list(ids[-k:])


def feedforward_parameters(length, vocab, hidden):
    """Return the number of weights and biases of Feedforward(length, vocab, hidden)."""
    first = length * vocab * hidden + hidden  # a weight for each position and word
    last = hidden + 1
    return first + last


def recurrent_parameters(vocab, hidden):
    """Return the number of weights and biases of Recurrent(vocab, hidden)."""
    step = vocab * hidden + hidden * hidden + 2 * hidden  # torch keeps two biases
    last = hidden + 1
    return step + last


def masked_mean(x, ids):
    """Return (B, D): the mean of x (B, L, D) over the places where ids (B, L) > 0."""
    real = (ids > 0)[:, :, None]  # (B, L, 1)
    return (x * real).sum(1) / real.sum(1)
