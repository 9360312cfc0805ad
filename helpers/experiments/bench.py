"""How fast is the LSTM of lesson 05? Ratios of times, all from one run.

    make bench        or        python -m helpers.experiments.bench --steps 200

Every way does the same work: one forward and one backward pass over the same characters
with the same weights. A ratio compares two ways in one round, so it hardly depends on
how busy the machine is; seconds would.
"""

from __future__ import annotations

import argparse
import time

import numpy as np
import torch
from threadpoolctl import threadpool_limits
from torch import nn

from helpers.guards import want_sizes
from helpers.nets.numpy_lstm import LSTM
from helpers.tables import table
from helpers.training import one_thread

__all__ = ["FUSED", "main", "same_pass", "speed_ratios", "where_time_goes"]

FUSED = "torch, nn.LSTM: all steps in one call"
NUMPY = "NumPy, all rows at once"
LOOP = "torch, nn.LSTMCell: a Python loop over the steps"
BY_ROW = "NumPy, one row after the other"
BY_CHARACTER = "NumPy, one character after the other, its gradients too"
ROWS = 2  # so many rows stand for all B in the two slowest ways
READOUT = ("W_hy", "b_y")


def same_pass(B=32, T=100, H=128, V=64, *, rng):
    """Return the ways to do one pass: a dict from name to (function, its share).

    A function takes nothing and returns its gradients, dict name → array of the
    shapes of `helpers.nets.numpy_lstm.LSTM.params`, in float32. It does so for that
    share of the B rows of T characters out of V; H hidden units. All of them use the
    same weights, characters and derivative of the loss in the logits, drawn from `rng`.
    """
    want_sizes(B=B, T=T, H=H, V=V)
    net = LSTM(V, H, V, rng=rng, dtype=np.float32)
    X = rng.integers(0, V, size=(B, T))
    dlogits = (rng.standard_normal((B, T, V)) / (B * T)).astype(np.float32)
    one_hot, dout = torch.eye(V)[torch.tensor(X)], torch.tensor(dlogits)
    fused, cell = nn.LSTM(V, H, batch_first=True), nn.LSTMCell(V, H)
    readout = nn.Linear(H, V)
    for module in fused, cell, readout:
        _copy(net.params, module)

    def numpy(rows=slice(None)):
        _, states = net.forward(X[rows])
        return net.backward(X[rows], states, dlogits[rows])[0]

    def by_row():
        total = {name: np.zeros_like(p) for name, p in net.params.items()}
        for row in range(min(ROWS, B)):
            _add(total, numpy(slice(row, row + 1)))
        return total

    def by_character():
        total = {name: np.zeros_like(p) for name, p in net.params.items()}
        for row in range(min(ROWS, B)):
            state, read, dstate = None, [], (0, 0)
            for t in range(T):
                here = slice(row, row + 1), slice(t, t + 1)
                _, states = net.forward(X[here], state)
                read.append((X[here], states, dlogits[here]))
                state = states.last
            for step in reversed(read):
                grads, dstate = net.backward(*step, dstate)
                _add(total, grads)
        return total

    def all_steps_in_one_call():
        readout(fused(one_hot)[0]).backward(dout)
        return _gradients(fused, readout)

    def a_step_at_a_time():
        state, hs = (torch.zeros(B, H), torch.zeros(B, H)), []
        for x in one_hot.unbind(1):
            state = cell(x, state)
            hs.append(state[0])
        readout(torch.stack(hs, 1)).backward(dout)
        return _gradients(cell, readout)

    return {
        FUSED: (all_steps_in_one_call, 1.0),
        NUMPY: (numpy, 1.0),
        LOOP: (a_step_at_a_time, 1.0),
        BY_ROW: (by_row, min(ROWS, B) / B),
        BY_CHARACTER: (by_character, min(ROWS, B) / B),
    }


def speed_ratios(B=32, T=100, H=128, V=64, *, repeats=5, seed=0):
    """Return each way's time, the fused LSTM's being 1: dict name → `repeats` ratios.

    Sizes as in `same_pass`. A round runs every way once and gives one ratio each; an
    untimed round comes first. The two slowest ways run on 2 of the B rows and count
    B / 2 times. One thread computes, torch's as NumPy's.
    """
    want_sizes(repeats=repeats)
    ways = same_pass(B, T, H, V, rng=np.random.default_rng(seed))
    ratios = {name: [] for name in ways}
    with one_thread(), threadpool_limits(1):
        for turn in range(repeats + 1):
            times = {name: _time(run) / share for name, (run, share) in ways.items()}
            for name, seconds in times.items():
                if turn:
                    ratios[name].append(seconds / times[FUSED])
    return ratios


@threadpool_limits.wrap(limits=1)
def where_time_goes(B=32, T=100, H=128, V=64, *, repeats=5, seed=0):
    """Return the parts of a NumPy pass: dict name → `repeats` fractions of its time.

    The matrix products are timed once more by themselves, on arrays of the same
    shapes; what is left of the pass is the work element by element, and Python's. One
    thread computes.
    """
    want_sizes(repeats=repeats)
    rng = np.random.default_rng(seed)
    run, _ = same_pass(B, T, H, V, rng=rng)[NUMPY]

    def draw(*shape):
        return rng.standard_normal(shape).astype(np.float32)

    h, da, W_hh = draw(B, H), draw(B, 4 * H), draw(H, 4 * H)
    x, hs, das, dlogits = (draw(B * T, n) for n in (V, H, 4 * H, V))
    W_hy = draw(H, V)

    def step_by_step():
        for _ in range(T):
            h @ W_hh
            da @ W_hh.T

    def all_steps():
        x.T @ das, hs.T @ das  # dW_xh, dW_hh; W_xh itself is only looked up
        hs @ W_hy, hs.T @ dlogits, dlogits @ W_hy.T

    parts = {
        "products with W_hh, step by step": [],
        "products over all steps at once": [],
        "the rest: element by element": [],
    }
    for turn in range(repeats + 1):
        whole = _time(run)
        shares = [_time(step_by_step) / whole, _time(all_steps) / whole]
        for values, share in zip(
            parts.values(), [*shares, 1 - sum(shares)], strict=True
        ):
            if turn:
                values.append(share)
    return parts


def main(argv=None):
    """Print both tables for the sizes on the command line."""
    parser = argparse.ArgumentParser(description="Compare the ways to run an LSTM.")
    sizes = {"batch": 32, "steps": 100, "hidden": 128, "vocabulary": 64, "repeats": 9}
    for name, size in sizes.items():
        parser.add_argument(f"--{name}", type=int, default=size, metavar="N")
    *sizes, repeats = vars(parser.parse_args(argv)).values()
    B, T, H, V = sizes
    try:
        ratios = speed_ratios(*sizes, repeats=repeats)
        parts = where_time_goes(*sizes, repeats=repeats)
    except ValueError as error:
        parser.error(str(error))
    caption = f"Forward and backward, B {B}, T {T}, H {H}, V {V}, float32, one thread."
    rows = {name: [values] for name, values in ratios.items()}
    print(table(rows, ["way", "time, fused LSTM = 1: median (range)"], caption=caption))
    rows = {name: [values] for name, values in parts.items()}
    caption = f"\n{NUMPY}: where its time goes."
    print(table(rows, ["part", "fraction: median (range)"], caption=caption))
    return 0


def _add(total, grads):
    for name, gradient in grads.items():
        total[name] += gradient


def _copy(params, module):
    """Give a torch module the NumPy net's weights; its second bias stays 0."""
    names = [*READOUT] if isinstance(module, nn.Linear) else ["W_xh", "W_hh", "b_h"]
    with torch.no_grad():
        for parameter in module.parameters():
            source = params[names.pop(0)].T if names else np.zeros(())
            parameter.copy_(torch.tensor(np.ascontiguousarray(source)))


def _gradients(recurrent, readout):
    """Take the gradients out of two torch modules, in the NumPy net's shapes."""
    found = [*[*recurrent.parameters()][:3], *readout.parameters()]
    names = ["W_xh", "W_hh", "b_h", *READOUT]
    grads = {n: p.grad.numpy().T for n, p in zip(names, found, strict=True)}
    for module in recurrent, readout:
        module.zero_grad(set_to_none=True)
    return grads


def _time(run):
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


if __name__ == "__main__":
    raise SystemExit(main())
