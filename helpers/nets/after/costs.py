"""What a net costs, counted: chains of operations, what is kept, what is carried."""

from __future__ import annotations

import re
import warnings
from contextlib import contextmanager
from typing import NamedTuple

import torch
from torch.autograd.graph import saved_tensors_hooks
from torch.utils.flop_counter import FlopCounterMode

from helpers.guards import want_sizes
from helpers.nets.after.contenders import state_size

__all__ = ["Costs", "costs", "longest_chain"]

# Names of autograd's nodes that only move numbers, or stand for a parameter.
MOVES = re.compile(
    r"Slice|Select|Unbind|Stack|Cat|View|Squeeze|Split|Transpose|Permute|Expand|"
    r"Clone|Copy|Chunk|AccumulateGrad|MaskedFill|^TBackward"
)


class Costs(NamedTuple):
    """With all T steps given, chain: operations that must wait for one another; kept:
    numbers kept for the way back. One step at a time, carried: numbers in the state
    after T steps; products: multiplications of matrices in the next one."""

    chain: int
    kept: int
    carried: int
    products: int


def _work(node):
    return 0 if MOVES.search(node.name()) else 1


def _below(node):
    return [below for below, _ in node.next_functions if below is not None]


def longest_chain(y):
    """Return the length of the longest chain of operations that y was made by.

    Counted in autograd's graph; what only moves numbers counts 0.
    """
    found, waiting = {}, [y.grad_fn]
    while waiting:
        node = waiting[-1]
        missing = [below for below in _below(node) if below not in found]
        if missing:
            waiting += missing
            continue
        waiting.pop()
        longest = max((found[below] for below in _below(node)), default=0)
        found[node] = longest + _work(node)
    return found[y.grad_fn]


@contextmanager
def _plain_lstm():
    """Let torch's LSTM go step by step, where it could be one call of oneDNN."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with torch.backends.mkldnn.flags(enabled=False):
            yield


def costs(net, T):
    """Return the Costs of a Contender for one sequence of T random steps."""
    want_sizes(T=T)
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(1, T + 1, net.D, generator=generator)
    sizes = {}

    def keep(tensor):
        if not isinstance(tensor, torch.nn.Parameter):
            sizes[tensor.data_ptr()] = tensor.numel()
        return tensor

    with _plain_lstm():
        with saved_tensors_hooks(keep, lambda tensor: tensor):
            chain, state = longest_chain(net(x[:, :T])), None
        with torch.no_grad():
            for t in range(T):
                _, state = net.step(x[:, t], state)
            carried = state_size(state)
            with FlopCounterMode(display=False) as counter:
                net.step(x[:, T], state)
    products = counter.get_total_flops() // 2
    return Costs(chain, sum(sizes.values()), carried, products)
