"""Names written for a country and a letter, and the judge of them."""

import numpy as np
import pytest
import torch

from helpers.data import names
from helpers.experiments import language as language_tables
from helpers.experiments import load
from helpers.nets.language_models import NameWriter
from helpers.nets.name_writing import (
    COUNTRIES,
    LETTERS,
    judge,
    name_tensors,
    train_writer,
    write_names,
)

PAIRS = [("anna", "Croatia"), ("bo", "Spain")]


def test_name_tensors():
    ids, lengths, kinds = name_tensors(PAIRS)
    a, b, n, o = LETTERS.encode("abno")
    assert ids.tolist() == [[a, n, n, a, LETTERS.EOS], [b, o, LETTERS.EOS, 0, 0]]
    assert lengths.tolist() == [5, 3]
    assert [COUNTRIES[kind] for kind in kinds] == ["Croatia", "Spain"]


@pytest.fixture(scope="module")
def learnt():
    pairs = [("aba", "Croatia"), ("bcb", "Spain")] * 20
    torch.manual_seed(0)
    model = NameWriter(len(LETTERS), len(COUNTRIES), 24)
    train_writer(model, pairs, steps=60, seed=0, B=16, lr=2e-2)
    return model


def test_a_name_starts_with_its_letter_and_follows_its_country(learnt):
    kinds = torch.tensor([COUNTRIES.index("Croatia"), COUNTRIES.index("Spain")] * 10)
    first = torch.tensor(LETTERS.encode("ab" * 10))
    made = write_names(learnt, kinds, first, torch.Generator().manual_seed(0),
                       temperature=0.1)  # fmt: skip
    assert made == ["aba", "bcb"] * 10
    forced = torch.tensor(LETTERS.encode("z" * 20))  # a letter that it never saw
    made = write_names(learnt, kinds, forced, torch.Generator().manual_seed(0))
    assert all(name[0] == "z" for name in made)
    assert all(name.isalpha() for name in made)


def test_the_same_generator_writes_the_same_names(learnt):
    kinds, first = torch.zeros(6, dtype=torch.long), torch.full((6,), 5)
    twice = [
        write_names(
            learnt, kinds, first, torch.Generator().manual_seed(4), temperature=2.0
        )
        for _ in range(2)
    ]
    assert twice[0] == twice[1]


class Always:
    def __init__(self, country):
        self.country = country

    def predict(self, names):
        return np.array([self.country] * len(names))


def test_the_judge_counts():
    kinds = torch.tensor(
        [COUNTRIES.index(c) for c in ("Spain", "Spain", "Italy", "Spain")]
    )
    first = torch.tensor(LETTERS.encode("aabb"))
    scores = judge(["ann", "bob", "ann", "ann"], kinds, first, {"bob"}, Always("Spain"))
    assert scores["first letter"] == 0.25
    assert scores["new"] == 0.75
    assert scores["different"] == 0.75  # ann of Spain twice
    assert scores["country told"] == 0.75


def test_no_name_is_both_taught_and_held_out():
    lesson, exam = names.split(names.load(), np.random.default_rng(0))
    assert not {name for name, _ in lesson} & {name for name, _ in exam}


def test_the_stored_names_say_what_the_lesson_says():
    """Mixed like the real ones, cool names are easier to tell; mixed evenly, harder."""
    rows = {row["names"]: row for row in load("name_writing")["rows"]}
    cool, control = rows["temperature 0.6"], rows["temperature 0.6, countries shuffled"]
    even, real = rows["temperature 0.6, all orders alike"], rows["real, held out"]
    assert all(len(row["new"]) == 5 for row in rows.values())
    assert min(cool["first letter"]) == 1
    assert min(cool["new"]) > 0.9
    assert min(cool["country told"]) > max(real["country told"])
    assert max(even["country told"]) < min(real["country told"]) - 0.05
    assert max(control["country told"]) < 0.15
    told = [max(rows[f"temperature {t}"]["country told"]) for t in (0.3, 0.6, 1.0, 1.5)]
    assert told == sorted(told, reverse=True)


def test_the_stored_texts_say_what_the_lesson_says():
    rows = load("char_lm")["rows"]
    counted = {row["n"]: row["bits"] for row in rows if row["model"] == "Kneser-Ney"}
    learnt = [row["bits"] for row in rows if row["model"] == "LSTM"]
    assert len(learnt) >= 3
    assert 4.5 < counted[1] < 5
    assert sorted(counted.values(), reverse=True) == [*counted.values()]
    assert counted[6] - min(counted.values()) < 0.1
    for bits in learnt:
        assert bits[-1] < min(counted.values()) - 0.01
        assert bits[3] > counted[6]


def test_stored_rows_come_out_again(monkeypatch):
    """The text differs a little between versions of Python, and so do the bits."""
    options = {"seeds": 0, "orders": (2, 3)}
    rows = language_tables.char_lm_experiment(progress=False, **options)["rows"]
    stored = [row for row in load("char_lm")["rows"] if row.get("n") in (2, 3)]
    assert [row["n"] for row in rows] == [row["n"] for row in stored]
    for row, kept in zip(rows, stored, strict=True):
        assert row["bits"] == pytest.approx(kept["bits"], abs=0.05)
    monkeypatch.setenv("UNROLLED_CACHE", "off")
    real = language_tables.written(0, steps=1, each=1)[-1]
    kept = load("name_writing")["rows"][-1]
    assert real.pop("names") == kept["names"] == "real, held out"
    assert real.keys() <= kept.keys()
    for key, share in real.items():
        assert share == pytest.approx(kept[key][0], abs=0.03)


def test_a_small_experiment_has_a_row_for_every_model(monkeypatch):
    monkeypatch.setenv("UNROLLED_CACHE", "off")
    monkeypatch.setattr(language_tables.text, "prose", lambda: "to be or not. " * 200)
    options = {"seeds": 2, "orders": (1, 2), "steps": 4, "points": 2, "hidden": 4}
    result = language_tables.char_lm_experiment(progress=False, **options)
    assert [row["model"] for row in result["rows"]] == ["Kneser-Ney"] * 2 + ["LSTM"] * 2
    assert result["rows"][-1]["updates"] == [2, 4]
    assert result["settings"]["hidden"] == 4
