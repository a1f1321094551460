"""What a chapter shows as a table is set out once, in descent.tables."""

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


def test_bad_tables_are_refused():
    with pytest.raises(ValueError, match="one length; these have {'a': 1, 'b': 2}"):
        Table({"a": [1], "b": [1, 2]})
    with pytest.raises(ValueError, match=r"Formats for \['b'\], and the columns are \['a'\]"):
        Table({"a": [1]}, formats={"b": ".1f"})
    with pytest.raises(ValueError, match="no column of entries"):
        Table({"a": 1})
