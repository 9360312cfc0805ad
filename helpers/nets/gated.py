"""RNN, LSTM and GRU of equal size, and their training on three tasks."""

from itertools import islice

import numpy as np
import torch
from torch import nn

from helpers.data import digits
from helpers.data.memory import NOISE, SYMBOLS, adding, recall
from helpers.guards import want_shapes, want_sizes
from helpers.training import one_thread

__all__ = [
    "CELLS",
    "TASKS",
    "GatedNet",
    "batches",
    "loss_and_score",
    "new_net",
    "same_size",
    "train",
]

# How a net starts: its cell, and what is changed in torch's own first weights.
CELLS = {
    "RNN": "torch's own first weights: uniform within 1/√H",
    "RNN, orthogonal": "W_hh a random rotation, no bias",
    "LSTM": "torch's own first weights",
    "LSTM, forget bias 1": "forget gates start at σ(1) = .73 (Gers et al. 2000)",
    "LSTM, chrono": "forget biases log U(1, T - 1), input biases minus those "
    "(Tallec and Ollivier 2018)",
    "GRU": "torch's own first weights",
}
# D, O: how many numbers a step of the task holds, and how many its answer; goal: the
# score that counts as solved; better: is a score to be raised or lowered?
TASKS = {
    "recall": {"D": SYMBOLS + NOISE, "O": SYMBOLS, "goal": 0.99, "better": max},
    "adding": {"D": 2, "O": 1, "goal": 0.01, "better": min},
    "digits": {"D": 1, "O": 10, "goal": 0.90, "better": max},
}


def _want_cell(cell):
    if cell not in CELLS:
        raise ValueError(f"cell: one of {'; '.join(CELLS)}, got {cell!r}")
    return cell


class GatedNet(nn.Module):
    """Reads x (B, T, D) with one of CELLS and answers (B, O) from its last state.

    span: the T of chrono initialisation; `generator` draws the first weights.
    """

    def __init__(self, cell, D, O, H, *, span, generator):  # noqa: E741
        super().__init__()
        kind, _, start = _want_cell(cell).partition(", ")
        self.rnn = getattr(nn, kind)(D, H, batch_first=True)
        self.out = nn.Linear(H, O)
        for p in self.parameters():
            nn.init.uniform_(p, -(H**-0.5), H**-0.5, generator=generator)
        _, W_hh, b_xh, b_hh = self.rnn.parameters()
        with torch.no_grad():
            if start == "orthogonal":
                nn.init.orthogonal_(W_hh, generator=generator)
                b_xh.zero_(), b_hh.zero_()
            if start == "forget bias 1":
                b_xh[H : 2 * H], b_hh[H : 2 * H] = 1, 0
            if start == "chrono":
                u = torch.empty(H).uniform_(1, max(2, span - 1), generator=generator)
                b_hh[: 2 * H] = 0
                b_xh[: 2 * H] = torch.cat([-u.log(), u.log()])

    def forward(self, x):
        want_shapes(x=(x, f"B T {self.rnn.input_size}"))
        return self.out(self.rnn(x)[0][:, -1])


def same_size(cell, D, O, H):  # noqa: E741
    """The hidden size with which `cell` has most nearly the parameters of an RNN of H.

    Counted are all parameters of a GatedNet(cell, D, O, …), its output included.
    """
    want_sizes(D=D, O=O, H=H)
    gates = {"RNN": 1, "LSTM": 4, "GRU": 3}[_want_cell(cell).partition(",")[0]]

    def count(gates, H):
        return gates * (D * H + H * H + 2 * H) + H * O + O

    wanted = count(1, H)
    return min(range(1, H + 1), key=lambda h: abs(count(gates, h) - wanted))


def batches(task, T, seed, B):
    """The held-out (x, y) of a task, and an endless iterator over (x, y) to learn from.

    recall, adding: 500 sequences held out, the others drawn as they are asked for.
    digits: a quarter of the images, pixel by pixel (T is 64).
    """
    generator = torch.Generator().manual_seed(seed)
    if task == "digits":
        return _digit_batches(seed, B, generator)
    make = {"recall": recall, "adding": adding}[task]
    return make(500, T, generator), iter(lambda: make(B, T, generator), None)


def _digit_batches(seed, B, generator):
    train_set, test_set = (
        (torch.from_numpy(digits.pixels(x)), torch.from_numpy(y))
        for x, y in digits.load(np.random.default_rng(seed))
    )

    def epochs():
        x, y = train_set
        while True:
            for rows in torch.randperm(len(x), generator=generator).split(B):
                yield x[rows], y[rows]

    return test_set, epochs()


def loss_and_score(task, net, x, y):
    """The loss, and the score: accuracy, or for adding the squared error."""
    answer = net(x)
    if task == "adding":
        loss = nn.functional.mse_loss(answer[:, 0], y)
        return loss, loss.item()
    loss = nn.functional.cross_entropy(answer, y)
    return loss, (answer.argmax(1) == y).double().mean().item()


def new_net(task, cell, T, seed, H):
    """A GatedNet for the task, of as many parameters as an RNN of H units has."""
    D, O = TASKS[task]["D"], TASKS[task]["O"]  # noqa: E741
    generator = torch.Generator().manual_seed(1000 + seed)
    size = same_size(cell, D, O, H)
    return GatedNet(cell, D, O, size, span=T, generator=generator)


@one_thread()
def train(
    task, cell, T, seed, *, H=64, B=64, lr=1e-3, steps=2000, every=25, stop=True,
    on_check=None,
):  # fmt: skip
    """Train one net with Adam, clip 1; H is the size of the RNN of as many parameters.

    Every `every` steps it is tried on the held-out sequences. With stop=True training
    ends at the task's goal; else it goes on to `steps`.
    Returns (net, run): run["solved_at"], the first try at which the goal was reached,
    or None; run["scores"], those of all tries.
    """
    if task not in TASKS:
        raise ValueError(f"task: one of {', '.join(TASKS)}, got {task!r}")
    want_sizes(T=T, H=H, B=B, steps=steps, every=every)
    goal, better = TASKS[task]["goal"], TASKS[task]["better"]
    net = new_net(task, cell, T, seed, H)
    held_out, draws = batches(task, T, seed, B)
    optimizer = torch.optim.Adam(net.parameters(), lr=lr)
    solved_at, scores = None, []
    for step, (x, y) in enumerate(islice(draws, steps), 1):
        loss = loss_and_score(task, net, x, y)[0]
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimizer.step()
        if step % every and step < steps:
            continue
        with torch.no_grad():
            scores.append(round(loss_and_score(task, net, *held_out)[1], 4))
        if solved_at is None and better(scores[-1], goal) == scores[-1]:
            solved_at = step
        if (on_check and on_check(step, scores[-1])) or (stop and solved_at):
            break
    return net, {"seed": seed, "solved_at": solved_at, "scores": scores}
