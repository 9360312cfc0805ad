"""What a second direction and more layers are worth: the long tables of lesson 06."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn
from tqdm.auto import tqdm

from helpers.cache import cached
from helpers.data import cloze, date_fields
from helpers.data.batching import minibatches
from helpers.data.text import Characters, prose
from helpers.guards import want_sizes
from helpers.nets import deep as deep_nets
from helpers.nets.deep import DIRECTIONS, Stack, Tagger
from helpers.nets.gap_filler import accuracy, train_filler
from helpers.nets.small import token_loss
from helpers.training import fit, in_eval, one_thread

__all__ = [
    "count_batch",
    "depth_experiment",
    "depth_run",
    "direction_experiment",
    "right_share",
    "size_for",
    "train_fields",
]

COUNTING = ("running sum", "key at the end")


def train_fields(
    direction, seed, data, vocab, *, hidden=32, layers=1, steps=150, progress=True
):
    """Return a Tagger that learnt to tag dates; data: the first of `Fields`."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        tags = len(date_fields.TAGS)
        model = Tagger(vocab, tags, hidden, direction=direction, layers=layers)
    batches = minibatches(
        np.random.default_rng(seed), 64, data.ids, data.lengths, data.tags
    )

    def loss(model, ids, lengths, tags):
        return token_loss(model(ids, lengths), tags, lengths)

    fit(model, batches, loss, steps=steps, lr=5e-3, progress=progress)
    return model.eval()


@in_eval
@torch.no_grad()
def right_share(model, data):
    """(characters, dates): the shares tagged right, a date only if all of it is."""
    hit = model(data.ids, data.lengths).argmax(2) == data.tags
    real = torch.arange(hit.shape[1]) < data.lengths[:, None]
    whole = (hit | ~real).all(1)
    return hit[real].double().mean().item(), whole.double().mean().item()


@one_thread()
def direction_experiment(seeds=5, progress=True):
    """Dates and gaps, read forward, backward, or both; forward also with more units.

    A row: task, direction, hidden, parameters, and score, one number a seed: the share
    of whole dates (and, as characters, of characters) or of gaps that are right.
    """
    rows = []
    coder, train, test = date_fields.load(np.random.default_rng(0))
    sentences, held_out = cloze.split(np.random.default_rng(0))
    kinds = [*((d, 32) for d in DIRECTIONS), ("forward", 49)]
    for direction, hidden in tqdm(kinds, disable=not progress):
        row = {"task": "dates", "direction": direction, "hidden": hidden}
        kw = {"hidden": hidden, "progress": False}
        nets = [
            train_fields(direction, s, train, len(coder), **kw) for s in range(seeds)
        ]
        shares = [right_share(net, test) for net in nets]
        row["parameters"] = sum(p.numel() for p in nets[0].parameters())
        row["score"] = [round(whole, 4) for _, whole in shares]
        rows.append({**row, "characters": [round(share, 4) for share, _ in shares]})
    for direction in tqdm(DIRECTIONS, disable=not progress):
        row = {"task": "gaps", "direction": direction, "hidden": 32}
        nets = [
            train_filler(direction, s, sentences, progress=False) for s in range(seeds)
        ]
        row["parameters"] = sum(p.numel() for p in nets[0].parameters())
        rows.append(
            {**row, "score": [round(accuracy(net, held_out), 4) for net in nets]}
        )
    return {"settings": {"seeds": seeds, "steps": "150 and 500"}, "rows": rows}


def count_batch(task, B, T, generator):
    """Return (ids, answers), both (B, T): two ways to count, one of COUNTING.

    "running sum": y_t is the sum, modulo 3, of the running sums of x up to t.
    "key at the end": is the last symbol's number of appearances up to t odd?
    """
    if task not in COUNTING:
        raise ValueError(f"task: got {task!r}, want one of {', '.join(COUNTING)}")
    if task == "running sum":
        x = torch.randint(3, (B, T), generator=generator)
        return x, x.cumsum(1).cumsum(1) % 3
    x = torch.randint(4, (B, T), generator=generator)
    return x, (x == x[:, -1:]).cumsum(1) % 2


def size_for(layers, ways, total):
    """The hidden size with which LSTM layers over 16 inputs have about `total` weights.

    ways: 1, or 2 if bidirectional. The nearest is taken.
    """
    want_sizes(layers=layers, ways=ways, total=total)

    def weights(H):
        reads = [16] + [ways * H] * (layers - 1)
        return sum(ways * 4 * H * (D + H + 2) for D in reads)

    return min(range(1, 400), key=lambda H: abs(weights(H) - total))


@one_thread()
@cached(depends=(deep_nets, count_batch, size_for))
def depth_run(task, layers, seed, *, total=16_000, steps=800, progress=True):
    """Train one net of about `total` weights on a counting task; return a dict.

    hidden: its size; score: the share of right answers on 500 new sequences of 16.
    """
    ways = 1 + (task == "key at the end")
    hidden = size_for(layers, ways, total)
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        direction = ("forward", "both")[ways - 1]
        net = Tagger(4, 3, hidden, direction=direction, layers=layers)
    generator, lengths = torch.Generator().manual_seed(seed), torch.full((64,), 16)

    def batches():
        while True:
            yield count_batch(task, 64, 16, generator)

    def loss(net, x, y):
        return nn.functional.cross_entropy(net(x, lengths).flatten(0, 1), y.flatten())

    fit(net, batches(), loss, steps=steps, lr=5e-3, progress=progress)
    x, y = count_batch(task, 500, 16, generator)
    with torch.no_grad():
        hit = net(x, torch.full((500,), 16)).argmax(2) == y
    return {"hidden": hidden, "score": round(hit.double().mean().item(), 4)}


class Speller(nn.Module):
    """The next character, by a stack of LSTM layers: ids (B, T) → scores (B, T, V)."""

    def __init__(self, vocab, hidden, layers, **options):
        super().__init__()
        self.embed = nn.Embedding(vocab, hidden)
        self.stack = Stack(hidden, layers, **options)
        self.out = nn.Linear(hidden, vocab)

    def forward(self, ids):
        return self.out(self.stack(self.embed(ids))[-1])


@cached(depends=(Speller, deep_nets, prose))
def _spelling_run(layers, hidden, seed, *, residual, steps):
    """Bits per character on text not seen, of a Speller after some training."""
    characters = Characters(prose())
    ids = torch.tensor(characters.encode(prose()))
    test = ids[-20_100:].unfold(0, 101, 100)  # (200, 101)
    ids = ids[:-20_100]
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        net = Speller(len(characters), hidden, layers, residual=residual)
    rng = np.random.default_rng(seed)

    def batches():
        while True:
            starts = torch.tensor(rng.integers(len(ids) - 61, size=(32, 1)))
            yield (ids[starts + torch.arange(61)],)

    def loss(net, x):
        scores = net(x[:, :-1]).flatten(0, 1)
        return nn.functional.cross_entropy(scores, x[:, 1:].flatten())

    fit(net, batches(), loss, steps=steps, lr=4e-3, progress=False)
    with torch.no_grad():
        bits = loss(net, test).item() / np.log(2)
    return sum(p.numel() for p in net.stack.parameters()), round(bits, 3)


@one_thread()
def depth_experiment(seeds=3, steps=400, progress=True):
    """Equal numbers of weights, one layer or several, on two counting tasks and prose.

    A row: task, layers, hidden, residual, and score, one a seed: the share of right
    answers, or bits per character. Prose also has six layers with and without residual.
    """
    rows = []
    jobs = [(task, layers) for task in COUNTING for layers in (1, 2, 3)]
    for task, layers in tqdm(jobs, disable=not progress):
        runs = [depth_run(task, layers, s, progress=False) for s in range(5)]
        row = {"task": task, "layers": layers, "hidden": runs[0]["hidden"]}
        rows.append({**row, "residual": False, "score": [run["score"] for run in runs]})
    nets = [(1, 128, False), (2, 90, False), (4, 64, False), (4, 64, True)]
    nets += [(8, 45, False), (8, 45, True)]
    for layers, hidden, residual in tqdm(nets, disable=not progress):
        kw = {"residual": residual, "steps": steps}
        runs = [_spelling_run(layers, hidden, s, **kw) for s in range(seeds)]
        row = {
            "task": "prose",
            "layers": layers,
            "hidden": hidden,
            "residual": residual,
        }
        row["parameters"] = runs[0][0]
        rows.append({**row, "score": [bits for _, bits in runs]})
    return {"settings": {"seeds": [5, seeds], "steps": [800, steps]}, "rows": rows}
