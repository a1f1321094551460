"""What a chapter shows as a table is set out once, in descent.tables."""

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from descent import Table

TABLE = Table(
    {"batch": np.array([1, 1437]), "error": [2.79, np.inf], "who": ["a|b", "c"], "seeds": 6, "left": [None, 0.5]},
    format=".3f",
    formats={"left": ".0%"},
)


def test_as_text():
    assert repr(TABLE).splitlines() == [
        "batch  error  who  seeds  left",
        "    1  2.790  a|b      6",
        "1,437      –  c        6   50%",
    ]


def test_as_markdown():
    assert TABLE._repr_markdown_().splitlines() == [
        "| batch | error | who | seeds | left |",
        "| ---: | ---: | :--- | ---: | ---: |",
        "| 1 | 2.790 | a\\|b | 6 |  |",
        "| 1,437 | – | c | 6 | 50% |",
    ]


def test_grid():
    table = Table.grid("lr", [0.1, 1.0], [1, 3], np.array([[0.25, 0.5], [np.nan, 1]]), ".2f")
    assert repr(table).splitlines() == [" lr     1     3", "0.1  0.25  0.50", "  1     –  1.00"]


def test_what_is_odd_in_a_table():
    table = Table({1: [Fraction(1, 3), Decimal("1.5")], "|v|": ["x\ny", "a\\|b"]}, ".2f")
    assert table._repr_markdown_().splitlines()[0] == r"| 1 | \|v\| |"
    assert table._repr_markdown_().splitlines()[2:] == ["| 0.33 | x y |", r"| 1.50 | a\|b |"]
    assert repr(Table({"a": [10**400]}))[-4:] == ",000"


def test_bad_tables_are_refused():
    with pytest.raises(TypeError, match=r"Table\(\[1\]\): expected a dict from the name of a column"):
        Table([1])
    for format in (".3q", 5):
        with pytest.raises(ValueError, match="is no format of numbers; expected one such as '.3f'"):
            Table({"a": [1.5]}, format)
    with pytest.raises(ValueError, match="one length; these have {'a': 1, 'b': 2}"):
        Table({"a": [1], "b": [1, 2]})
    with pytest.raises(ValueError, match=r"Formats for \['b'\], and the columns are \['a'\]"):
        Table({"a": [1]}, formats={"b": ".1f"})
    with pytest.raises(ValueError, match="no column of entries"):
        Table({"a": 1})
