"""Surnames and the country they come from.

Source: the surname lists of Faker (MIT licence, https://github.com/joke2k/faker).
The lists follow statistics of each country, so names that two countries share are left
out: nobody could tell them apart. Letters are folded to a to z: Kovačić → kovacic.
"""

from __future__ import annotations

import importlib
import unicodedata
from collections import Counter
from collections.abc import Sequence

import numpy as np

__all__ = ["LOCALES", "folded", "load", "split"]

LOCALES = {
    "Croatia": "hr_HR",
    "Czechia": "cs_CZ",
    "Estonia": "et_EE",
    "Finland": "fi_FI",
    "Germany": "de_DE",
    "Ghana": "tw_GH",
    "Indonesia": "id_ID",
    "Ireland": "ga_IE",
    "Italy": "it_IT",
    "Netherlands": "nl_NL",
    "Nigeria": "yo_NG",
    "Slovakia": "sk_SK",
    "Spain": "es_ES",
    "Sweden": "sv_SE",
}


def load(countries: Sequence[str] = tuple(LOCALES)) -> list[tuple[str, str]]:
    """Return sorted (surname, country) pairs, each surname in one country only.

    ValueError if a country is unknown or fewer than two are asked for.
    """
    unknown = [c for c in countries if c not in LOCALES]
    if unknown:
        raise ValueError(f"countries holds {unknown}; known: {', '.join(LOCALES)}")
    if len(set(countries)) < 2:
        raise ValueError(f"countries is {list(countries)}; at least two are wanted")
    found = {country: _surnames(LOCALES[country]) for country in countries}
    shared = Counter(name for names in found.values() for name in names)
    return sorted(
        (name, country)
        for country, names in found.items()
        for name in names
        if shared[name] == 1
    )


def split(
    pairs: Sequence, rng: np.random.Generator, test: float = 0.2
) -> tuple[list, list]:
    """Return (train, held_out), two lists of pairs in an order drawn from ``rng``."""
    if not 0 < test < 1:
        raise ValueError(f"test is {test}; it must be a share between 0 and 1")
    shuffled = [pairs[i] for i in rng.permutation(len(pairs))]
    cut = round(len(pairs) * (1 - test))
    return shuffled[:cut], shuffled[cut:]


def _surnames(locale: str) -> set[str]:
    module = importlib.import_module(f"faker.providers.person.{locale}")
    names = {folded(name) for name in module.Provider.last_names}
    return {n for n in names if n.isalpha() and n.isascii() and len(n) > 2}


def folded(name: str) -> str:
    """Return ``name`` in small letters without accents: Kovačić → kovacic."""
    parts = unicodedata.normalize("NFKD", name)
    return "".join(c for c in parts if not unicodedata.combining(c)).lower()
