"""A net that fills a gap between two texts, from one side or both (lesson 06)."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

from helpers.data import cloze
from helpers.data.batching import Coder, minibatches, pad_batch
from helpers.nets.deep import Tagger
from helpers.training import fit, in_eval

__all__ = ["GapFiller", "accuracy", "train_filler"]


class GapFiller(Tagger):
    """A Tagger whose answer counts at one place, the gap.

    words: all words that it is to know; hidden and direction as for `Tagger`.
    """

    def __init__(self, words, hidden=32, *, direction="both"):
        coder = Coder([*words, cloze.BLANK])
        super().__init__(len(coder), len(coder), hidden, direction=direction)
        self.coder = coder
        self.vocabulary = [word for word in coder.symbols[3:] if word != cloze.BLANK]

    def encode(self, gaps):
        """Tensors of (left, word, right) lists: ids (B, T), lengths, places, words."""
        texts = [self.coder.encode([*a, cloze.BLANK, *b]) for a, _, b in gaps]
        places, words = [len(a) for a, _, _ in gaps], [word for _, word, _ in gaps]
        arrays = *pad_batch(texts), places, self.coder.encode(words)
        return tuple(torch.as_tensor(a) for a in arrays)

    def at_gap(self, ids, lengths, places):
        """The scores (B, V) at the gaps."""
        return self(ids, lengths)[torch.arange(len(ids)), places]

    @in_eval
    @torch.no_grad()
    def probabilities(self, left, right):
        """Return word → probability of standing between the lists left and right.

        Words that it does not know raise a ValueError.
        """
        ids, lengths, places, _ = self.encode([(left, cloze.BLANK, right)])
        p = self.at_gap(ids, lengths, places)[0].softmax(0)
        return {word: p[self.coder.ids[word]].item() for word in self.vocabulary}


def loss_at_gap(model, ids, lengths, places, words):
    """The mean cross-entropy at the gaps, in nats."""
    return nn.functional.cross_entropy(model.at_gap(ids, lengths, places), words)


def train_filler(direction, seed, sentences, *, steps=500, progress=True):
    """Return a GapFiller that learnt from all gaps of these sentences (lists of words).

    Each gap is met twice, once with its right side cut short.
    """
    rng = np.random.default_rng(seed)
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        words = {word for sentence in cloze.sentences() for word in sentence}
        model = GapFiller(words, direction=direction)
    data = model.encode(cloze.blanks(sentences, rng))
    batches = minibatches(rng, 64, *data)
    fit(model, batches, loss_at_gap, steps=steps, lr=1e-2, progress=progress)
    return model.eval()


@in_eval
@torch.no_grad()
def accuracy(model, sentences):
    """The share of gaps in these sentences that get the right word."""
    *given, words = model.encode(cloze.blanks(sentences))
    return (model.at_gap(*given).argmax(1) == words).double().mean().item()
