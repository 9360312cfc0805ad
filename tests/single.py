"""Answers to exercises as they are in float32: arrays, tensors, lists.

Checkers take every right answer in each of these forms, and refuse every wrong one.
"""

import inspect

import numpy as np
import torch


def as_array(x):
    return x.astype(np.float32)


def as_tensor(x):
    return torch.as_tensor(x, dtype=torch.float32)


def as_list(x):
    return x.astype(np.float32).tolist()


def as_tensors_in_lists(x):
    rows = torch.as_tensor(x, dtype=torch.float32)
    return list(rows) if x.ndim else rows


def as_it_is(x):
    """Return `x` of the kind that it has, in float32."""
    return as_tensor(x) if isinstance(x, torch.Tensor) else as_array(np.asarray(x))


KINDS = (as_array, as_tensor, as_list, as_tensors_in_lists)


def rounded(x, kind):
    """Return `x` with each floating-point array in it rounded, and made a `kind`."""
    if isinstance(x, torch.Tensor):
        if not x.dtype.is_floating_point:
            return x
        if x.requires_grad:  # the checker may want to go backward through it
            return x.float() if kind in (as_tensor, as_it_is) else x
        return kind(x if kind is as_it_is else x.numpy())
    if isinstance(x, np.ndarray | np.floating | float):
        floats = np.asarray(x).dtype.kind == "f"
        return kind(np.asarray(x)) if floats else x
    if type(x) in (list, tuple):
        return type(x)(
            float(np.float32(item)) if type(item) is float else rounded(item, kind)
            for item in x
        )
    if type(x) is dict:
        return {key: rounded(item, kind) for key, item in x.items()}
    return x


def from_float32(fn):
    """Return `fn` that rounds what it is given to float32, and goes on from there."""
    if not inspect.isfunction(fn):
        return fn

    def answer(*args, **kwargs):
        return fn(*map(lowered, args), **lowered(kwargs))

    answer.__signature__ = inspect.signature(fn)
    return answer


def lowered(x):
    """Return `x` with each array and tensor in it in float32; parameters stay."""
    if isinstance(x, torch.Tensor):
        fixed = x.dtype != torch.float64 or x.requires_grad or not x.is_leaf
        return x if fixed else x.float()
    if isinstance(x, np.ndarray):
        return x.astype(np.float32) if x.dtype == np.float64 else x
    if type(x) in (list, tuple):
        return type(x)(map(lowered, x))
    if type(x) is dict:
        return {key: lowered(item) for key, item in x.items()}
    return x


def in_float32(fn, kind):
    """Return `fn` with its results rounded; what is no function comes back as it is."""
    if not inspect.isfunction(fn):
        return fn

    def answer(*args, **kwargs):
        return rounded(fn(*args, **kwargs), kind)

    answer.__signature__ = inspect.signature(fn)
    return answer
