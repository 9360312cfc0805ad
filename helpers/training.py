"""One training loop for the whole course, once its body was taught."""

from __future__ import annotations

import contextlib
import functools
import inspect
import math
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from numbers import Integral

import torch
from torch import Tensor, nn
from tqdm.auto import tqdm

__all__ = ["History", "cut_short", "fit", "in_eval", "one_thread"]

cut_short = 0  # how many runs were interrupted or out of budget; read by the cache


@contextlib.contextmanager
def one_thread() -> Iterator[None]:
    """Let torch use one thread: for steps as small as ours a second one is in the way.

    Also a decorator, `@one_thread()`. Afterwards torch has the threads that it had.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def in_eval(fn: Callable) -> Callable:
    """Return `fn` with the models that it is given in eval mode while it runs.

    A decorator of measures and decoders: nothing is dropped while a model is measured
    or writes, and afterwards each of its parts is in the mode in which it was. A model
    may also be what an argument that is a function, such as a step, belongs to or uses.
    """

    @functools.wraps(fn)
    def measured(*args, **kwargs):
        parts = [
            part
            for given in (*args, *kwargs.values())
            for model in _models(given)
            for part in model.modules()
            if part.training
        ]
        for part in parts:
            part.training = False
        try:
            return fn(*args, **kwargs)
        finally:
            for part in parts:
                part.training = True

    return measured


def _models(x: object) -> list[nn.Module]:
    """Return the models that `x` is, or that a function `x` belongs to or uses."""
    if isinstance(x, nn.Module):
        return [x]
    if isinstance(x, functools.partial):
        near = [x.func, *x.args, *x.keywords.values()]
    elif inspect.ismethod(x):
        near = [x.__self__]
    elif inspect.isfunction(x):
        names = x.__code__.co_names
        near = [x.__globals__[name] for name in names if name in x.__globals__]
        near += [cell.cell_contents for cell in x.__closure__ or () if _filled(cell)]
        near = [y for y in near if isinstance(y, nn.Module) or inspect.ismethod(y)]
    else:
        near = []
    return [model for y in near for model in _models(y)]


def _filled(cell: object) -> bool:
    try:
        return cell.cell_contents is not None
    except ValueError:
        return False


@dataclass
class History:
    """What happened in training.

    loss and norm: one number a step (the gradient's global norm before clipping).
    metric: what `evaluate` returned, after the steps counted in metric_steps.
    stopped: "finished", "budget", "interrupted" or "diverged".
    """

    loss: list[float] = field(default_factory=list)
    norm: list[float] = field(default_factory=list)
    metric: list[float] = field(default_factory=list)
    metric_steps: list[int] = field(default_factory=list)
    seconds: float = 0.0
    stopped: str = "finished"

    def __repr__(self) -> str:
        text = f"{len(self.loss)} steps, {self.stopped}"
        if self.loss:
            text += f", loss {self.loss[0]:.3g} → {self.loss[-1]:.3g}"
        if self.metric:
            text += f", metric {self.metric[-1]:.3g}"
        return f"History({text})"


def fit(
    model: nn.Module,
    batches: Iterable[tuple[Tensor, ...]],
    loss_fn: Callable[..., Tensor],
    *,
    steps: int,
    lr: float = 1e-3,
    optimizer: torch.optim.Optimizer | None = None,
    clip: float | None = 1.0,
    budget_s: float | None = None,
    evaluate: Callable[[nn.Module], float] | None = None,
    every: int = 100,
    progress: bool = True,
) -> History:
    """Train `model` in place for at most `steps` updates and return its History.

    batches: yields tuples of tensors; a list or a DataLoader is begun again when it
    ends. loss_fn(model, *batch): the loss, one number. optimizer: Adam with rate `lr`
    unless given. clip: bound on the global norm of the gradient, or None. budget_s:
    seconds after which training stops early. evaluate(model): called each `every`
    steps and after the last, in eval mode and without gradients.

    Chance enters by `batches` and the model alone: give those a seeded generator.
    The interrupt button ends training and keeps what was learnt; a loss or gradient
    that is nan or infinite ends it before the weights are spoilt. One printed line
    says so. Each part of the model is put back in the mode, train or eval, in which it
    came.
    """
    _refuse(model, steps, lr, clip, budget_s, every)
    parameters = [p for p in model.parameters() if p.requires_grad]
    optimizer = optimizer or torch.optim.Adam(parameters, lr=lr)
    limit = math.inf if clip is None else clip
    modes = {part: part.training for part in model.modules()}
    history, began = History(), time.monotonic()
    bar = tqdm(total=steps, leave=False, delay=0.5, disable=not progress)
    model.train()
    try:
        for batch in _endless(batches, steps):
            loss = loss_fn(model, *_as_tuple(batch))
            optimizer.zero_grad()
            loss.backward()
            norm = nn.utils.clip_grad_norm_(parameters, limit).item()
            history.loss.append(loss.item())
            history.norm.append(norm)
            if not (math.isfinite(history.loss[-1]) and math.isfinite(norm)):
                history.stopped = "diverged"
                break
            optimizer.step()
            done = len(history.loss)
            bar.update()
            if evaluate and (done % every == 0 or done == steps):
                _measure(model, evaluate, history)
                bar.set_postfix_str(f"metric {history.metric[-1]:.3g}", refresh=False)
            if done < steps and budget_s and time.monotonic() - began > budget_s:
                history.stopped = "budget"
                break
        if evaluate and history.metric_steps[-1:] != [len(history.loss)]:
            _measure(model, evaluate, history)
    except KeyboardInterrupt:
        history.stopped = "interrupted"
    finally:
        bar.total = bar.n  # a bar of a run cut short would stay behind
        bar.close()
        for part, mode in modes.items():
            part.training = mode
        history.seconds = time.monotonic() - began
    if history.stopped in ("interrupted", "budget"):
        global cut_short
        cut_short += 1
    if history.stopped != "finished":
        print(_words(history, steps, budget_s))
    return history


def _refuse(model, steps, lr, clip, budget_s, every) -> None:
    if not isinstance(model, nn.Module):
        raise ValueError(f"model must be a torch module, got {type(model).__name__}")
    if not any(p.requires_grad for p in model.parameters()):
        raise ValueError("model has no parameters to train")
    for name, value in (("steps", steps), ("every", every)):
        if not isinstance(value, Integral) or value < 1:
            raise ValueError(f"{name} must be a whole number from 1, got {value!r}")
    for name, value in (("lr", lr), ("clip", clip), ("budget_s", budget_s)):
        if value is not None and not value > 0:
            raise ValueError(f"{name} must be above 0, got {value!r}")


def _endless(batches: Iterable, steps: int) -> Iterator:
    """Yield `steps` batches, beginning anew whenever `batches` ends."""
    given = 0
    while given < steps:
        before = given
        for batch in batches:
            yield batch
            given += 1
            if given == steps:
                return
        if given == before:
            raise ValueError(
                f"batches ended after {given} of {steps} steps; give a list, a "
                "DataLoader or an endless generator"
            )


def _as_tuple(batch: object) -> tuple:
    return tuple(batch) if isinstance(batch, tuple | list) else (batch,)


def _measure(model: nn.Module, evaluate: Callable, history: History) -> None:
    model.eval()
    with torch.no_grad():
        history.metric.append(float(evaluate(model)))
    history.metric_steps.append(len(history.loss))
    model.train()


def _words(history: History, steps: int, budget_s: float | None) -> str:
    where = f"at step {len(history.loss)} of {steps}"
    if history.stopped == "budget":
        return f"(stopped {where}: the budget of {budget_s:g} s is spent)"
    if history.stopped == "interrupted":
        return f"(interrupted {where}; what was learnt so far is kept)"
    what = "loss" if not math.isfinite(history.loss[-1]) else "gradient"
    return f"(stopped {where}: the {what} is not finite; try a smaller lr or clip)"
