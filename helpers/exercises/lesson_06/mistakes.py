"""Lesson 06: recognise a mistake by what it does in several settings at once."""

from __future__ import annotations

from helpers.exercises.engine.core import Wrong, same

__all__ = ["collect", "name_mistake"]


def collect(run, settings):
    """Results of run(*setting) up to the first that fails, and its error or None."""
    results = []
    for setting in settings:
        try:
            results.append(run(*setting))
        except Wrong as error:
            return results, error
    return results, None


def name_mistake(got, right, mistakes, error=None, tol=1e-9):
    """Raise the words of the mistake that explains all results, else `error`.

    got, right: one result for each setting; mistakes: for each setting a dict from
    words to what that mistake gives. got may be shorter, if a call has failed.
    """
    settings = list(zip(got, right, mistakes, strict=False))
    for words in mistakes[0]:
        fits = all(same(g, m[words], tol) for g, _, m in settings)
        if fits and any(not same(r, m[words], tol) for _, r, m in settings):
            raise Wrong(words)
    if error is not None:
        raise error
