"""The nets that read dates: what they are asked, and what the stored table says."""

import datetime

import pytest
import torch

from helpers.data import dates
from helpers.experiments import load
from helpers.experiments.attention import dated
from helpers.experiments.attention.dated import dated_run, dated_task, order_shares

DAYS = [
    datetime.date(2005, 3, 4),
    datetime.date(1998, 7, 25),
    datetime.date(2011, 8, 8),
]
SPLIT = ("month first", "day first", "neither")


def test_dates_are_held_out_by_day_and_short_enough_for_the_figure():
    task, days = dated_task()
    answers = ["".join(task.target_coder.decode(row)) for row in task.test[2]]
    assert answers == [day.isoformat() for day in days]
    taught = {tuple(row) for row in task.train[2].tolist()}
    assert taught.isdisjoint(map(tuple, task.test[2].tolist()))
    assert (len(task.train[0]), len(days)) == (8000, 1000)
    assert max(part[1].max() for part in (task.train, task.test)) <= 25


def sayer(says):
    """In place of `translate`: what says(text, its readings) returns for each text."""
    return lambda model, texts, *_: [
        list(says(text, sorted(dates.readings(text)))) for text in texts
    ]


def month_first(text, found):
    months = [iso for iso in found if text.startswith(str(int(iso[5:7])))]
    return (months or found)[0]


def day_first(text, found):
    days = [iso for iso in found if text.startswith(str(int(iso[8:])))]
    return (days or found)[0]


@pytest.mark.parametrize(
    ("says", "wanted"),
    [
        (month_first, (1, 1, 0, 0, 0)),
        (day_first, (1, 0, 1, 0, 0)),
        (lambda text, found: "2005-03-03", (0, 0, 0, 1, 1)),
    ],
)
def test_a_date_of_two_readings_is_counted_as_one_or_the_other(
    monkeypatch, says, wanted
):
    monkeypatch.setattr(dated, "translate", sayer(says))
    shares = order_shares(None, dated_task()[0], DAYS)
    assert list(shares) == ["one reading", *SPLIT, "twice"]
    assert tuple(shares.values()) == wanted


def test_every_net_reads_what_has_one_reading_and_no_net_what_has_two():
    found = load("dated")
    assert [row["seed"] for row in found["rows"]] == [0, 1, 2]
    for row in found["rows"]:
        assert row["exact"] >= 0.97
        assert row["one reading"] > 0.96
        split = [row[key] for key in SPLIT]
        assert sum(split) == pytest.approx(1, abs=0.002)
        assert max(split) < 0.9
        assert row["neither"] > 0.05
        assert row["twice"] > row["neither"] / 4


def test_a_row_of_the_table_comes_out_again():
    stored, before = load("dated")["rows"][1], torch.get_rng_state()
    again = dated_run(1)
    assert torch.equal(before, torch.get_rng_state())
    for key in ("exact", "one reading"):
        assert again[key] == pytest.approx(stored[key], abs=0.03)
    assert again["neither"] == pytest.approx(stored["neither"], abs=0.15)
