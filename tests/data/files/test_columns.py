"""A column of a learner's table: what is mended and said, what is refused and why."""

import string
import unicodedata

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.data.files.columns import read_column

DAYS = [f"2024-05-{day:02d}" for day in range(1, 31)]
VALUES = np.round(10 * np.sin(np.arange(30.0)), 2)


@pytest.fixture
def file(tmp_path):
    def write(text, name="table.csv"):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


def lines(*columns, mark=",", head=None):
    rows = [mark.join(map(str, row)) for row in zip(*columns, strict=True)]
    return "\n".join([*([mark.join(head)] if head else []), *rows])


def read(path, column=""):
    return read_column(path, column, at_least=5)


FORMS = {
    "commas": lines(DAYS, VALUES, head=("day", "level")),
    "semicolons": lines(DAYS, VALUES, mark=";", head=("day", "level")),
    "tabs": lines(DAYS, VALUES, mark="\t", head=("day", "level")),
    "bars": lines(DAYS, VALUES, mark="|", head=("day", "level")),
    "blanks": lines(DAYS, VALUES, mark="   ", head=("day", "level")),
    "decimal commas": lines(DAYS, VALUES, mark=";", head=("day", "level")).replace(
        ".", ","
    ),
    "numbered": lines(range(30), DAYS, VALUES, head=("", "day", "level")),
    "a title above": "Tide\n" + lines(DAYS, VALUES, head=("day", "level")),
    "comments": "# from the harbour\n" + lines(DAYS, VALUES, head=("day", "level")),
    "empty lines": "\n" + lines(DAYS, VALUES, head=("day", "level")) + "\n\n",
    "per cent": lines(DAYS, [f"{v}%" for v in VALUES], head=("day", "level")),
    "a true minus": lines(DAYS, VALUES, head=("day", "level")).replace(",-", ",\u2212"),
    "a mark at the start": "\ufeff" + lines(DAYS, VALUES, head=("day", "level")),
    "Windows": lines(DAYS, VALUES, head=("day", "level")).replace("\n", "\r\n"),
    "quotes": lines(DAYS, [f'"{v}"' for v in VALUES], head=("day", '"level"')),
}


@pytest.mark.parametrize("form", FORMS)
def test_the_same_table_in_many_forms(file, form, capsys):
    found = read(file(FORMS[form]))
    assert found.name == "level"
    np.testing.assert_allclose(found.values, VALUES)
    assert capsys.readouterr().out == ""


def test_a_table_without_heads_and_one_of_a_single_column(file):
    assert read(file(lines(DAYS, VALUES))).name == "column 2"
    found = read(file("\n".join(map(str, VALUES))))
    np.testing.assert_allclose(found.values, VALUES)


def test_thousands(file):
    found = read(file('"1,200"\n"1,300"\n"12,400"\n900\n"1,100"'))
    assert found.values.tolist() == [1200, 1300, 12400, 900, 1100]
    found = read(
        file(lines(DAYS[:5], ["1.200,5", "900,25", "3,0", "4,1", "5,9"], mark=";"))
    )
    assert found.values.tolist() == [1200.5, 900.25, 3, 4.1, 5.9]


def test_a_column_is_chosen_and_the_others_are_named(file, capsys):
    path = file(lines(DAYS, VALUES, VALUES + 1, head=("day", "low", "high")))
    assert read(path).name == "low"
    assert "'low' is taken; there are also 'high'" in capsys.readouterr().out
    np.testing.assert_allclose(read(path, "HIGH").values, VALUES + 1)
    with pytest.raises(ValueError, match=r"has no 'tide'; it has 'day', 'low', 'high'"):
        read(path, "tide")


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_a_column_is_found_whether_its_accent_is_apart_or_not(file, form):
    path = file(lines(DAYS, VALUES, head=("day", unicodedata.normalize(form, "Höhe"))))
    for typed in "NFC", "NFD":
        found = read(path, unicodedata.normalize(typed, "HÖHE"))
        assert found.name == "Höhe"


def test_an_encoding_is_passed_on_as_the_error_asks_for(file):
    path = file(
        lines(DAYS, VALUES, mark=";", head=("Дата", "Уровень")).encode("cp1251")
    )
    with pytest.raises(ValueError, match="try encoding='cp1251'"):
        read(path)
    assert read_column(path, encoding="cp1251", at_least=5).name == "Уровень"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"path": None}, "path: got None"),
        ({"path": "~nobody-of-that-name/x.csv"}, "path: .*nobody here has such a home"),
        ({"column": 2}, "column: got 2"),
        ({"at_least": 2.5}, r"at_least: got 2\.5"),
        ({"encoding": 5}, "encoding: got 5"),
    ],
)
def test_bad_arguments_are_named(file, given, words):
    arguments = {"path": file("1\n2\n4")} | given
    with pytest.raises(ValueError, match=words):
        read_column(**arguments)


def test_a_table_that_may_not_be_read_is_said_so(file, monkeypatch):
    def locked(self, *args):
        raise PermissionError(13, "Permission denied", str(self))

    path = file("1\n2\n4")
    monkeypatch.setattr(type(path), "open", locked)
    with pytest.raises(ValueError, match=r"'table.csv' cannot be read \(Permission"):
        read(path)


def test_the_newest_first_is_turned(file, capsys):
    found = read(file(lines(DAYS[::-1], VALUES, head=("day", "level"))))
    np.testing.assert_allclose(found.values, VALUES[::-1])
    assert "begins with the newest; it is turned" in capsys.readouterr().out


def test_gaps_are_filled_from_the_past_only(file, capsys):
    values = [*map(str, VALUES)]
    values[0], values[7] = "NA", ""
    found = read(file(lines(DAYS, values, head=("day", "level"))))
    np.testing.assert_allclose(found.values, [*VALUES[1:7], VALUES[6], *VALUES[8:]])
    assert "filled with the value before them: 2" in capsys.readouterr().out


def test_gaps_of_a_turned_table_are_filled_from_its_past(file):
    values = [*map(str, VALUES)]
    values[7] = "NA"
    found = read(file(lines(DAYS[::-1], values, head=("day", "level"))))
    assert found.values[30 - 8] == VALUES[8]  # in time, row 8 stands before row 7


ODD = {
    "no such file": (None, "is not there"),
    "empty": ("", "holds no characters at all"),
    "a workbook": (b"PK\x03\x04" + b"\0" * 50, "save the sheet as CSV"),
    "an old workbook": (b"\xd0\xcf\x11\xe0" + b"\0" * 50, "save the sheet as CSV"),
    "a web page": ("<!DOCTYPE html><html>", "is a web page; download the table"),
    "JSON": ('[{"day": 1}]', "is JSON; save it as CSV"),
    "no numbers": (
        lines(DAYS, ["high"] * 30, head=("day", "level")),
        "no column of numbers; it has 'day', 'level'",
    ),
    "a word": (
        lines(DAYS, [*VALUES[:9], "calm", *VALUES[10:]], head=("day", "level")),
        "holds 'calm' in row 10, which is no number",
    ),
    "infinite": (
        lines(DAYS, [*VALUES[:9], "inf", *VALUES[10:]], head=("day", "level")),
        "holds 'inf' in row 10",
    ),
    "mostly gaps": (
        lines(DAYS, [v if k % 2 else "NA" for k, v in enumerate(VALUES)]),
        "50% of 'column 2' in .* is missing; at most 10% may be",
    ),
    "all equal": (
        lines(DAYS, [4] * 30, head=("day", "level")),
        "'level' are 4; choose",
    ),
    "short": (lines(DAYS[:4], VALUES[:4], head=("day", "level")), "has 4 values in"),
    "no order": (
        lines([DAYS[k * 7 % 30] for k in range(30)], VALUES, head=("day", "level")),
        r"go up and down \(see row 6\); sort it by time",
    ),
}


@pytest.mark.parametrize("case", ODD)
def test_odd_files_are_refused_in_words(file, tmp_path, case):
    text, words = ODD[case]
    path = tmp_path / "missing.csv" if text is None else file(text)
    with pytest.raises(ValueError, match=words):
        read(path)


@given(
    st.lists(
        st.floats(-1e6, 1e6).map(lambda x: round(x, 3)), min_size=6, max_size=30
    ).filter(lambda values: len(set(values)) > 1 and len(set(np.diff(values))) > 1),
    st.sampled_from([",", ";", "\t", "|"]),
)
def test_what_is_written_is_read(tmp_path_factory, values, mark):
    path = tmp_path_factory.mktemp("any") / "any.csv"
    path.write_text(lines(range(len(values)), values, mark=mark, head=("n", "x")))
    np.testing.assert_allclose(read(path, "x").values, values)


@given(st.text(string.printable, max_size=400))
def test_no_text_ends_in_anything_but_words(tmp_path_factory, text):
    path = tmp_path_factory.mktemp("junk") / "junk.csv"
    path.write_text(text, encoding="utf-8")
    said, values = "", np.zeros(1)
    try:
        values = read(path).values
    except ValueError as problem:
        said = str(problem)
    assert said.startswith(("path: ", "column: ")) or not said
    assert np.isfinite(values).all()
