"""What a decoder writes after one of its words was made wrong (lesson 08)."""

import torch

from helpers.data.batching import Coder
from helpers.guards import want_sizes
from helpers.training import in_eval

__all__ = ["disturbed"]


@in_eval
@torch.no_grad()
def disturbed(model, ids, wrong=None, steps=16):
    """Return what `model` writes for source `ids`, and with an error at each step.

    Row 0 is undisturbed. In row s, from 1 to `steps`, word s is replaced by the id
    `wrong`, or by the second likeliest if that is None, and fed to the next step. A
    dict of arrays, R = steps + 1: written (R, steps) ids, 0 after the end; length (R,)
    with the end mark; states (R, steps + 1, H), the encoder's first; p (R, steps) of
    the written word; top and top_p (R, steps, 5), the likeliest ids and their p.
    """
    R = steps + 1
    want_sizes(steps=steps)
    if not len(ids):
        raise ValueError("ids is empty; at least one id is wanted")
    state = model.encode(torch.tensor([ids]), torch.tensor([len(ids)])).expand(R, -1)
    fed, ended = torch.full((R,), Coder.BOS), torch.zeros(R, dtype=bool)
    states, written, ps, tops, top_ps, lengths = [state], [], [], [], [], 0
    for s in range(1, R):
        logits, state = model.step(fed, state)
        p = logits.softmax(-1)
        best = p.topk(min(5, p.shape[1]))
        fed = best.indices[:, 0].clone()
        if not ended[s]:
            fed[s] = best.indices[s, 1] if wrong is None else wrong
        fed = fed.masked_fill(ended, Coder.PAD)
        states.append(state)
        written.append(fed)
        lengths = lengths + (~ended).long()
        ps.append(p.gather(1, fed[:, None])[:, 0].masked_fill(ended, 0))
        tops.append(best.indices)
        top_ps.append(best.values)
        ended = ended | (fed == Coder.EOS)
    names = ("states", "written", "p", "top", "top_p")
    made = dict(zip(names, (states, written, ps, tops, top_ps), strict=True))
    made = {name: torch.stack(parts, 1).numpy() for name, parts in made.items()}
    return made | {"length": lengths.numpy()}
