"""Four training loops on recall, three with a bug that trains without complaint.

Which letter has which bug is what lesson 04 asks its reader to find out.
"""

import torch
from torch import nn

from helpers.data.memory import NOISE, SYMBOLS, recall
from helpers.nets.memory import MemoryNet
from helpers.training import one_thread

__all__ = ["THRESHOLD", "symptoms"]

THRESHOLD = 0.5


@one_thread()
def symptoms(run, *, T=30, steps=300, seed=0):
    """Losses (steps,) and norms (steps,) of a run: "right", "A", "B" or "C".

    An entry of norms is the length of the gradient that the optimizer is given. Plain
    gradient descent; W_hh starts as 1.5 times a rotation, so gradients explode.
    """
    if run not in ("right", "A", "B", "C"):
        raise ValueError(f"run: 'right', 'A', 'B' or 'C' wanted, got {run!r}")
    generator = torch.Generator().manual_seed(seed)
    net = MemoryNet("orthogonal", SYMBOLS + NOISE, SYMBOLS, generator=generator)
    with torch.no_grad():
        net.rnn.weight_hh_l0.mul_(1.5)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    losses, norms = [], []
    for _ in range(steps):
        x, y = recall(32, T, generator)
        loss = nn.functional.cross_entropy(net(x), y)
        _gradient(run, net, optimizer, loss)
        norms.append(_norm(net).item())
        optimizer.step()
        losses.append(loss.item())
    return losses, norms


def _gradient(run, net, optimizer, loss):
    """Leave in every p.grad what the run's loop would hand to its optimizer."""
    if run != "A":
        optimizer.zero_grad()
    if run == "C":
        nn.utils.clip_grad_norm_(net.parameters(), THRESHOLD)
    loss.backward()
    if run == "B":
        square = _norm(net) ** 2
        if square > THRESHOLD:
            for p in net.parameters():
                p.grad.mul_(THRESHOLD / square)
    elif run != "C":
        nn.utils.clip_grad_norm_(net.parameters(), THRESHOLD)


def _norm(net):
    return torch.cat([p.grad.flatten() for p in net.parameters()]).norm()
