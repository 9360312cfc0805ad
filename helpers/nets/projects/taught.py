"""One way to train each small net of the projects: one loop, batches by a seed."""

from __future__ import annotations

import numpy as np
import torch

from helpers.cache import cached
from helpers.data.batching import minibatches
from helpers.training import fit, one_thread

__all__ = ["taught"]


@cached(depends=(fit, minibatches))
def _train(model, loss, arrays, steps, seed, lr, B):
    rng = np.random.default_rng(seed)
    return fit(model, minibatches(rng, B, *arrays), loss, steps=steps, lr=lr)


@one_thread()
def taught(make, loss, arrays, *, steps, seed=0, lr=4e-3, B=64):
    """Return the model that `make()` gives, trained, in eval mode.

    loss(model, *batch): one number; arrays: what batches of B rows are drawn from. The
    seed decides the first weights and the batches; finished runs are kept on disk.
    """
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model = make()
        _train(model, loss, tuple(arrays), steps, seed, lr, B)
    return model.eval()
