"""What does each layer know? Linear probes on a language model's states (lesson 06)."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn
from tqdm.auto import tqdm

from helpers.data.batching import minibatches
from helpers.data.syntax import LABELS, WORDS, treebank
from helpers.guards import want_ids, want_shapes
from helpers.nets.deep import Stack
from helpers.training import fit, in_eval, one_thread

__all__ = ["LayeredModel", "probe", "probe_experiment", "probe_layers", "train_layered"]

HIDDEN, LAYERS, SENTENCES = 64, 3, 6000


class LayeredModel(nn.Module):
    """A forward language model that shows its layers: ids (B, T) → scores (B, T, V)."""

    def __init__(self, vocab, hidden, layers):
        super().__init__()
        self.embed = nn.Embedding(vocab, hidden)
        self.stack = Stack(hidden, layers)
        self.out = nn.Linear(hidden, vocab)

    def forward(self, ids):
        return self.out(self.stack(self.embed(ids))[-1])


def train_layered(seed, *, steps=2400, progress=True):
    """A LayeredModel of three layers that learnt to predict the next word.

    steps=0: the same net, untrained. The sentences are the same for every seed.
    """
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model = LayeredModel(len(WORDS), HIDDEN, LAYERS)
    if not steps:
        return model.eval()
    ids, lengths, _ = treebank(SENTENCES, np.random.default_rng(1))
    batches = minibatches(np.random.default_rng(seed), 64, ids, lengths)

    def loss(model, ids, lengths):
        T = int(lengths.max())
        real = torch.arange(1, T) < lengths[:, None]
        scores = model(ids[:, : T - 1])
        return nn.functional.cross_entropy(scores[real], ids[:, 1:T][real])

    fit(model, batches, loss, steps=steps, lr=3e-3, progress=progress)
    return model.eval()


def probe(states, labels, test_states, test_labels, strength=1.0):
    """The accuracy of a linear classifier that reads the labels off frozen states.

    states: (N, H), labels: (N,) whole numbers; the classifier is ridge regression on
    one-hot labels, its penalty `strength`. Alain and Bengio 2016.
    """
    want_shapes(
        states=(states, "N H"),
        labels=(labels, "N"),
        test_states=(test_states, "M H"),
        test_labels=(test_labels, "M"),
    )
    want_ids(max(labels.max(), test_labels.max()) + 1, labels=labels)
    ones = np.ones((len(states), 1))
    A, Y = np.hstack([states, ones]), np.eye(labels.max() + 1)[labels]
    W = np.linalg.solve(A.T @ A + strength * np.eye(A.shape[1]), A.T @ Y)
    guess = np.hstack([test_states, ones[:1].repeat(len(test_states), 0)]) @ W
    return (guess.argmax(1) == test_labels).mean()


@in_eval
def probe_layers(model, seed=2):
    """Label → [share of its commonest answer, accuracy on layer 0, 1, …, the top].

    Layer 0 is the embedding. Probes learn from 1,000 sentences that the model has not
    seen and are tried on 500 more.
    """
    ids, lengths, labels = treebank(1500, np.random.default_rng(seed))
    real = np.arange(ids.shape[1]) < lengths[:, None]
    first = (np.arange(len(ids)) < 1000)[:, None].repeat(ids.shape[1], 1)[real]
    with torch.no_grad():
        layers = model.stack(model.embed(torch.tensor(ids)))
    layers = [h.numpy()[real].astype(float) for h in layers]
    found = {}
    for label in LABELS:
        y = labels[label][real]
        commonest = np.bincount(y[first]).argmax()
        scores = [probe(h[first], y[first], h[~first], y[~first]) for h in layers]
        found[label] = [(y[~first] == commonest).mean(), *scores]
    return {k: [round(float(v), 4) for v in row] for k, row in found.items()}


@one_thread()
def probe_experiment(seeds=5, progress=True):
    """Probes on all layers, before and after training; a row a label and seed.

    A row: seed, steps, label, commonest (the share of its commonest answer) and layers,
    one accuracy for the embedding and for each layer.
    """
    rows = []
    jobs = [(steps, seed) for steps in (0, 2400) for seed in range(seeds)]
    for steps, seed in tqdm(jobs, disable=not progress):
        model = train_layered(seed, steps=steps, progress=False)
        for label, (commonest, *layers) in probe_layers(model).items():
            row = {"seed": seed, "steps": steps, "label": label}
            rows.append({**row, "commonest": commonest, "layers": layers})
    settings = {"hidden": HIDDEN, "layers": LAYERS, "sentences": SENTENCES}
    return {"settings": settings, "rows": rows}
