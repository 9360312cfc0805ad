"""Nets that look: at a film, frame by frame, and at a picture, glimpse by glimpse."""

from __future__ import annotations

import torch
from torch import nn

from helpers.guards import want_shapes, want_sizes
from helpers.training import in_eval

__all__ = ["Eye", "FilmReader", "Glimpser", "answer_loss", "patch", "share_right"]


class Eye(nn.Module):
    """A small CNN: images (B, 8, 8) → features (B, C)."""

    def __init__(self, C=32):
        want_sizes(C=C)
        super().__init__()
        self.conv = nn.Conv2d(1, 16, 3, padding=1)
        self.out = nn.Linear(16 * 4 * 4, C)

    def forward(self, x):
        want_shapes(x=(x, "B 8 8"))
        y = nn.functional.max_pool2d(torch.relu(self.conv(x[:, None])), 2)
        return torch.relu(self.out(y.flatten(1)))


class FilmReader(nn.Module):
    """Watch films (B, T, 8, 8): an eye for each frame, an LSTM over frames → (B, 2)."""

    def __init__(self, eye, C=32, H=32):
        super().__init__()
        self.eye = eye
        self.rnn = nn.LSTM(C, H, batch_first=True)
        self.out = nn.Linear(H, 2)

    def forward(self, films):
        want_shapes(films=(films, "B T 8 8"))
        frames = self.eye(films.flatten(0, 1))  # (B T, C)
        h, _ = self.rnn(frames.unflatten(0, films.shape[:2]))
        return self.out(h[:, -1])


def patch(x, centre, size=5):
    """Return (B, size, size): squares of images x (B, S, S) around centres (B, 2).

    centre: row and column, from -1 (the first pixel's) to 1 (the last's). Between
    pixels we interpolate, so that there is a derivative with respect to the centre.
    Outside the image all is 0. Source: Jaderberg et al. 2015, Spatial transformer
    networks.
    """
    want_shapes(x=(x, "B S S"), centre=(centre, f"{len(x)} 2"))
    B, S, _ = x.shape
    away = (torch.arange(size) - (size - 1) / 2) * 2 / (S - 1)
    rows = (centre[:, :1] + away)[:, :, None].expand(B, size, size)
    columns = (centre[:, 1:] + away)[:, None].expand(B, size, size)
    grid = torch.stack([columns, rows], dim=3)  # torch wants x before y
    seen = nn.functional.grid_sample(x[:, None], grid, align_corners=True)
    return seen[:, 0]


class Glimpser(nn.Module):
    """Tell what a picture (B, S, S) shows by K glimpses of 5 × 5 pixels → (B, 10).

    where: "learned" (the state decides), "random", or "central" (K places around the
    middle that side by side cover 10 × 10). All begin with the same coarse look: the
    picture in 4 × 4 means.
    """

    def __init__(self, where="learned", K=4, H=64):
        if where not in ("learned", "random", "central"):
            raise ValueError(f"where: got {where!r}, want learned, random or central")
        super().__init__()
        self.where, self.K = where, K
        self.start = nn.Linear(16, H)
        self.centre = nn.Linear(H, 2)
        self.cell = nn.GRUCell(25 + 2, H)
        self.out = nn.Linear(H, 10)
        nn.init.normal_(self.centre.weight, std=0.01)  # at first: near the middle

    def forward(self, x):
        return self.look(x)[0]

    def look(self, x):
        """Return scores (B, 10) and where it looked, centres (B, K, 2)."""
        want_shapes(x=(x, "B S S"))
        coarse = nn.functional.adaptive_avg_pool2d(x[:, None], 4).flatten(1)
        h, centres = torch.tanh(self.start(coarse)), []
        for k in range(self.K):
            centre = self._centre(h, k, x.shape[1])
            seen = patch(x, centre).flatten(1)
            h = self.cell(torch.cat([seen, centre], dim=1), h)
            centres.append(centre)
        return self.out(h), torch.stack(centres, dim=1)

    def _centre(self, h, k, S):
        if self.where == "learned":
            return torch.tanh(self.centre(h))
        if self.where == "random":
            return 1.6 * torch.rand(len(h), 2) - 0.8
        corner = torch.tensor([[-1.0, -1], [-1, 1], [1, -1], [1, 1]])[k % 4]
        return (5 / (S - 1) * corner).expand(len(h), 2)


def answer_loss(model, x, y):
    """Return the mean cross-entropy of a model's scores (B, K) for x and classes y."""
    return nn.functional.cross_entropy(model(x), y)


@in_eval
@torch.no_grad()
def share_right(model, x, y):
    """Return the share of x whose largest score is that of its class y (N,)."""
    return (model(x).argmax(1) == y).double().mean().item()
