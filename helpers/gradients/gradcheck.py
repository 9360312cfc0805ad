"""Gradients by finite differences, and how far others are from them."""

from __future__ import annotations

import inspect
from collections.abc import Callable

import numpy as np

__all__ = ["gradcheck", "numerical_gradient"]

_STENCILS = {  # steps in units of eps, and their weights (Fornberg 1988, table 1)
    2: ((1, 1 / 2), (-1, -1 / 2)),
    4: ((1, 2 / 3), (-1, -2 / 3), (2, -1 / 12), (-2, 1 / 12)),
}


def numerical_gradient(
    loss_fn: Callable[..., float],
    params: np.ndarray | dict[str, np.ndarray],
    eps: float = 1e-6,
    order: int = 2,
) -> np.ndarray | dict[str, np.ndarray]:
    """Return the gradient of the loss by central differences, shaped like `params`.

    params: one float64 array, or a dict of them. loss_fn(params), or loss_fn() if it
    reads the same arrays, returns one number; each entry is nudged in place and put
    back. order 2: (f(x + eps) - f(x - eps)) / 2 eps, two losses an entry; order 4
    takes four, and with eps = 1e-3 it is good to about 1e-12. ValueError if an array
    is not float64, or a loss is not one finite number.
    """
    if order not in _STENCILS:
        raise ValueError(f"order must be 2 or 4, got {order!r}")
    if not eps > 0:
        raise ValueError(f"eps must be above 0, got {eps!r}")
    single = not isinstance(params, dict)
    arrays = {"params": params} if single else params
    for name, array in arrays.items():
        _refuse(name if single else f"params[{name!r}]", array)
    loss = _loss(loss_fn, params)
    gradients = {name: _one(loss, a, eps, order) for name, a in arrays.items()}
    return gradients["params"] if single else gradients


def gradcheck(
    loss_fn: Callable[..., float],
    params: dict[str, np.ndarray],
    grads: dict[str, np.ndarray],
    eps: float = 1e-6,
    order: int = 2,
) -> dict[str, float]:
    """Return, for each parameter, the relative error of grads[name].

    That is the largest difference from the numerical gradient, divided by the
    largest entry of either (0 if both are all zero). ValueError if `grads` lacks a
    name, has one too many, or differs from `params` in a shape.
    """
    if not isinstance(params, dict) or not isinstance(grads, dict):
        raise ValueError("params and grads must be dicts of arrays, by the same names")
    if params.keys() != grads.keys():
        raise ValueError(f"grads has the names {list(grads)}, want {list(params)}")
    mine = {name: np.asarray(g, dtype=float) for name, g in grads.items()}
    for name, array in params.items():
        if mine[name].shape != np.shape(array):
            raise ValueError(
                f"grads[{name!r}] has shape {mine[name].shape}, want {np.shape(array)}"
            )
    numerical = numerical_gradient(loss_fn, params, eps, order)
    return {name: _relative(mine[name], numerical[name]) for name in params}


def _refuse(label: str, array: object) -> None:
    if not isinstance(array, np.ndarray):
        raise ValueError(f"{label} must be a NumPy array, got {type(array).__name__}")
    if array.dtype != np.float64:
        raise ValueError(
            f"{label} is {array.dtype}, want float64: a difference over so small a "
            "step drowns in the rounding of anything shorter"
        )
    if not array.flags.writeable:
        raise ValueError(f"{label} is read-only; its entries must be nudged")


def _loss(loss_fn: Callable, params: object) -> Callable[[], float]:
    wants = [
        p
        for p in inspect.signature(loss_fn).parameters.values()
        if p.default is p.empty
        and p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)
    ]

    def loss() -> float:
        value = np.asarray(loss_fn(params) if wants else loss_fn())
        if value.size != 1 or not np.isfinite(value).all():
            raise ValueError(f"loss_fn must return one finite number, got {value}")
        return float(value.reshape(()))

    return loss


def _one(loss: Callable[[], float], array: np.ndarray, eps: float, order: int):
    gradient = np.zeros_like(array)
    for at in np.ndindex(array.shape):
        kept = array[at]
        try:
            for steps, weight in _STENCILS[order]:
                array[at] = kept + steps * eps
                gradient[at] += weight * loss()
        finally:
            array[at] = kept
    return gradient / eps


def _relative(a: np.ndarray, b: np.ndarray) -> float:
    if not a.size:
        return 0.0
    scale = max(np.abs(a).max(), np.abs(b).max())
    return float(np.abs(a - b).max() / scale) if scale != 0 else 0.0
