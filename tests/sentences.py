"""Random sentences for the tests of translators."""

import torch

from helpers.data.batching import Coder

V, W = 9, 8  # symbols of the source and of the target


def batch_of(B, T, S, seed=0):
    """Return source (B, T), lengths (B,), targets (B, S), lengths (B,), padded."""
    g = torch.Generator().manual_seed(seed)
    n = torch.randint(1, T + 1, (B,), generator=g)
    m = torch.randint(1, S + 1, (B,), generator=g)
    source = torch.randint(3, V, (B, T), generator=g)
    targets = torch.randint(3, W, (B, S), generator=g)
    source[torch.arange(T) >= n[:, None]] = 0
    targets[torch.arange(S) >= m[:, None]] = 0
    targets[torch.arange(B), m - 1] = Coder.EOS
    return source, n, targets, m
