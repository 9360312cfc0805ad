"""The table at the end of a cell: its texts, its HTML, its refusals."""

import numpy as np
import pytest

from helpers.tables import table


def test_numbers_and_runs_are_shown_as_told():
    shown = table({"a": [1234567, 0.126, [0.1, 0.5, 0.3]]}, ["", "n", "x", "runs"])
    assert shown.rows == [["a", "1,234,567", "0.13", "0.30 (0.10–0.50)"]]
    assert shown.right == [False, True, True, True]
    assert table([[np.float32(2)]], ["x"], digits=1).rows == [["2.0"]]
    assert table([[1234.56]], ["x"], digits=1).rows == [["1,234.6"]]


def test_a_range_below_zero_is_not_tied_together_by_three_dashes():
    shown = table([[[-0.31, -0.28, -0.3], [-0.1, 0.2, 0]]], ["a", "b"])
    assert shown.rows == [["-0.30 (-0.31 to -0.28)", "0.00 (-0.10 to 0.20)"]]


def test_text_columns_line_up():
    lines = repr(table([["ab", 1], ["c", 23]], ["name", "n"], caption="T")).splitlines()
    assert lines == ["T", "name   n", "ab     1", "c     23"]


def test_html_holds_every_cell_once_and_no_markup_of_ours():
    page = table([["<b>", 0.5]], ["a & b", "x"])._repr_html_()
    assert page.count("<td") == 2
    assert "&lt;b&gt;" in page
    assert "a &amp; b" in page


def test_rows_must_fit_the_head():
    with pytest.raises(ValueError, match="2 cells wanted, got 3"):
        table([[1, 2, 3]], ["a", "b"])
