"""The stored seeds of lesson 01 agree with the code that made them."""

import json
from pathlib import Path

import pytest
import torch

from helpers.experiments import load
from helpers.experiments.first import first_experiment, number_shares, pixel_share

LESSON = Path(__file__).parents[2] / "notebooks" / "01_sequence_problems.ipynb"


def stored(task):
    return [row for row in load("first_lesson")["rows"] if row["task"] == task]


def test_a_stored_seed_comes_out_again():
    assert abs(pixel_share(1) - stored("pixels")[1]["share"]) < 0.08


def test_the_stored_seeds_say_what_the_lesson_says():
    pixels = [row["share"] for row in stored("pixels")]
    numbers = [row["share"] for row in stored("numbers")]
    assert len(pixels) == len(numbers) == 5
    assert 0.6 < min(pixels) <= max(pixels) < 0.8  # rows and glimpses: .94 and more
    assert 0.965 < min(numbers) <= max(numbers) < 0.995  # "97 to 99 of 100"
    for row in stored("numbers"):
        by_length = row["by_length"]
        assert by_length["2"] < 0.5 < 0.8 < by_length["3"] <= by_length["4"]


def test_lesson_01_shows_the_seeds_that_are_stored():
    cells = json.loads(LESSON.read_text(encoding="utf-8"))["cells"]
    (cell,) = (cell for cell in cells if cell["id"] == "translate-results")
    said = "".join(cell["outputs"][0]["data"]["text/plain"])
    assert said.endswith(f"{[row['share'] for row in stored('numbers')]})")


def test_a_net_hardly_trained_is_scored_by_length_as_well():
    torch.manual_seed(0)
    share, by_length = number_shares(0, steps=2, hidden=8)
    assert list(by_length) == [2, 3, 4]
    assert max(share, *by_length.values()) < 0.1


def test_rows_name_task_and_seed(monkeypatch):
    parts = "helpers.experiments.first."
    monkeypatch.setattr(parts + "pixel_share", lambda seed: 0.12345)
    shares = (0.9, {2: 0.111, 3: 1.0, 4: 1.0})
    monkeypatch.setattr(parts + "number_shares", lambda seed: shares)
    rows = first_experiment(seeds=2)["rows"]
    assert [(row["task"], row["seed"]) for row in rows] == [
        ("pixels", 0),
        ("numbers", 0),
        ("pixels", 1),
        ("numbers", 1),
    ]
    assert rows[0]["share"] == pytest.approx(0.123)
    assert rows[1]["by_length"] == {"2": 0.11, "3": 1.0, "4": 1.0}
