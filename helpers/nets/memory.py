"""Recurrent nets that start out differently, and their training on memory tasks."""

import math
from numbers import Integral

import torch
from torch import nn

from helpers.data.memory import NOISE, SYMBOLS, adding, recall
from helpers.training import one_thread

__all__ = ["STARTS", "MemoryNet", "train"]

# How a net starts: its cell, its nonlinearity and its first recurrent weights.
STARTS = {
    "default": "tanh, torch's own first weights: uniform within 1/√H",
    "orthogonal": "tanh, W_hh a random rotation, no bias",
    "irnn": "ReLU, W_hh the identity, no bias (Le et al. 2015)",
    "identity": "tanh, W_hh the identity, no bias",
    "relu": "ReLU, torch's own first weights",
    "skip": "default, and h[t - 10] is added before the tanh",
    "truncated": "default, and no gradient crosses a chunk border, every 10 steps",
    "lstm": "torch.nn.LSTM (lesson 05)",
    "gru": "torch.nn.GRU (lesson 05)",
}
REACH = 10  # steps: how far "skip" reaches back, how long a "truncated" chunk is
TASKS = {"recall": (recall, SYMBOLS + NOISE, SYMBOLS), "adding": (adding, 2, 1)}


class MemoryNet(nn.Module):
    """Reads x (B, T, D) step by step and answers (B, O) from its last state.

    `start` is a key of STARTS; `generator` draws the first weights; H hidden units.
    """

    def __init__(self, start, D, O, *, H=64, generator):  # noqa: E741
        super().__init__()
        if start not in STARTS:
            raise ValueError(f"start: one of {', '.join(STARTS)}, got {start!r}")
        self.start = start
        if start in ("lstm", "gru"):
            self.rnn = getattr(nn, start.upper())(D, H, batch_first=True)
        else:
            phi = "relu" if start in ("irnn", "relu") else "tanh"
            self.rnn = nn.RNN(D, H, batch_first=True, nonlinearity=phi)
        self.out = nn.Linear(H, O)
        for p in self.parameters():
            nn.init.uniform_(p, -(H**-0.5), H**-0.5, generator=generator)
        if start in ("orthogonal", "irnn", "identity"):
            _, W_hh, *biases = self.rnn.parameters()
            if start == "orthogonal":
                nn.init.orthogonal_(W_hh, generator=generator)
            else:
                nn.init.eye_(W_hh)
            for b in biases:
                nn.init.zeros_(b)

    def forward(self, x):
        if self.start == "skip":
            return self.out(self.last_of_skipping(x))
        if self.start == "truncated":
            h = None
            for chunk in x.split(REACH, dim=1):
                states, h = self.rnn(chunk, None if h is None else h.detach())
            return self.out(states[:, -1])
        return self.out(self.rnn(x)[0][:, -1])

    def last_of_skipping(self, x):
        """h_T, where h_t = tanh(x_t W_xh + h_{t-1} W_hh + h_{t-10} + b)."""
        W_xh, W_hh, b_x, b_h = self.rnn.parameters()
        hs = [x.new_zeros(len(x), len(W_hh))] * REACH
        for a in (x @ W_xh.T + b_x + b_h).unbind(1):
            hs.append(torch.tanh(a + hs[-1] @ W_hh.T + hs[-REACH]))
        return hs[-1]


def score(task, net, x, y):
    """(loss, score, is it solved?): accuracy for recall, squared error for adding."""
    answer = net(x)
    if task == "recall":
        loss = nn.functional.cross_entropy(answer, y)
        right = (answer.argmax(1) == y).double().mean().item()
        return loss, right, right >= 0.99
    loss = nn.functional.mse_loss(answer[:, 0], y)
    return loss, loss.item(), loss.item() < 0.01


@one_thread()
def train(
    task,
    start,
    T,
    seed,
    *,
    H=64,
    B=64,
    lr=1e-3,
    steps=2000,
    clip=1.0,
    on_check=None,
    state=None,
):
    """Train one net with Adam until it has solved its task, or for `steps` steps.

    Every 25 steps it is tried on 500 fresh sequences; solved means 99 % recalled, or a
    squared error below .01. With steps=0 the net stays as it starts. `clip`: bound on
    the gradient's norm, or None. `on_check(step, score)` is called at each try; if it
    returns True, training ends. So it does when the gradient is no longer a finite
    number: the run has diverged. `state`: an empty dict, in which the training is kept;
    given again, the training goes on from there, up to `steps` steps in all.
    Returns (net, run): run["solved_at"] is the step or None, run["score"] the last
    try's (None if there was none, or the run diverged), run["largest"] the largest
    gradient norm that a step was made of.
    """
    if task not in TASKS:
        raise ValueError(f"task: one of {', '.join(TASKS)}, got {task!r}")
    if not isinstance(steps, Integral) or steps < 0:
        raise ValueError(f"steps: a whole number from 0, got {steps!r}")
    make, D, O = TASKS[task]  # noqa: E741
    state = {} if state is None else state
    if not state:
        generator = torch.Generator().manual_seed(seed)
        held_out = make(500, T, generator)
        net = MemoryNet(start, D, O, H=H, generator=generator)
        optimizer = torch.optim.Adam(net.parameters(), lr=lr)
        state |= {"parts": (generator, held_out, net, optimizer), "step": 0}
    generator, held_out, net, optimizer = state["parts"]
    limit, largest = math.inf if clip is None else clip, 0.0
    now, solved = None, False
    for step in range(state["step"] + 1, steps + 1):
        loss = score(task, net, *make(B, T, generator))[0]
        optimizer.zero_grad()
        loss.backward()
        norm = nn.utils.clip_grad_norm_(net.parameters(), limit).item()
        if not math.isfinite(norm):
            now = None
            break
        largest = max(largest, min(norm, limit))
        optimizer.step()
        state["step"] = step
        if step % 25 == 0 or step == steps:
            with torch.no_grad():
                _, now, solved = score(task, net, *held_out)
            if (on_check and on_check(step, now)) or solved:
                break
    run = {"seed": seed, "solved_at": step if solved else None}
    now = None if now is None else round(now, 5)
    return net, {**run, "score": now, "largest": round(largest, 3)}
