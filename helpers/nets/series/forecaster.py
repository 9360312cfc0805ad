"""An LSTM that forecasts a series: the value itself, or its change."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

from helpers.cache import cached
from helpers.data.series import windows
from helpers.guards import want_shapes, want_sizes
from helpers.training import fit, in_eval, one_thread

__all__ = ["Forecaster", "forecast", "next_values", "trained"]


class Forecaster(nn.Module):
    """Read windows of L values, say the K that follow: (B, L) → (B, K).

    past: the training part, (T,); from it alone come the numbers that scale.
    change: windows and answers count from the last value of the window.
    """

    def __init__(self, past, H=16, K=1, change=False):
        want_shapes(past=(past, "T"))
        want_sizes(H=H, K=K)
        super().__init__()
        self.rnn = nn.LSTM(1, H, batch_first=True)
        self.out = nn.Linear(H, K)
        self.change = change
        self.low, self.unit = float(np.min(past)), float(np.ptp(past))
        if change:
            nn.init.zeros_(self.out.weight)
            nn.init.zeros_(self.out.bias)
            self.unit = 3 * float(np.diff(past).std())

    def forward(self, x):
        want_shapes(x=(x, "B L"))
        low = x[:, -1:] if self.change else self.low
        h, _ = self.rnn(((x - low) / self.unit)[..., None])
        return low + self.unit * self.out(h[:, -1])


@one_thread()
@cached(depends=(Forecaster, fit, windows))
def trained(past, *, seed, L=30, H=16, K=1, change=False, steps=400, lr=5e-3):
    """Return a Forecaster that learnt the windows of L values of the past, (T,)."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model = Forecaster(past, H, K, change)
    X, Y = windows(torch.tensor(past, dtype=torch.float32).numpy(), L, K)
    X, Y = torch.tensor(X), torch.tensor(Y)
    generator = torch.Generator().manual_seed(seed)

    def batches():
        while True:
            rows = torch.randint(len(X), (32,), generator=generator)
            yield X[rows], Y[rows]

    def loss(model, x, y):
        return (((model(x) - y) / model.unit) ** 2).mean()

    fit(model, batches(), loss, steps=steps, lr=lr)
    return model


@in_eval
@torch.no_grad()
def next_values(model, series, L=30):
    """Return (N,) float64: the model's next value after each window of L of a series.

    N = len(series) - L: each forecast stands beside series[L:].
    """
    X, _ = windows(np.asarray(series, dtype=np.float32), L)
    return model(torch.tensor(X))[:, 0].double().numpy()


@in_eval
@torch.no_grad()
def forecast(model, past, steps, L=24):
    """Return (steps,) float64: K values at once, fed back to it until there are enough.

    With K = steps it is direct, with K = 1 recursive.
    """
    want_sizes(steps=steps)
    z = torch.tensor(np.asarray(past, dtype=np.float32)[None])  # (1, T)
    while z.shape[1] < len(past) + steps:
        z = torch.cat([z, model(z[:, -L:])], 1)
    return z[0, len(past) : len(past) + steps].double().numpy()
