"""Tables for notebooks: a cell computes columns and names them; how they are set out is here."""

import numbers
import re
from collections.abc import Sized
from fractions import Fraction

import numpy as np


class Table:
    """Columns with names, shown as a table.

        Table({"batch": sizes, "error": errors, "theory": theory}, format=".3f")

    `columns` maps the name of a column to its entries; what is not a list stands for a whole column of it.
    Numbers stand to the right. Those that are not whole are written with `format` (Python's format language), or with
    what `formats` has for their column. None is an empty entry, a number that is not finite a dash. Names may hold
    Markdown and formulas.

    Raises ValueError when there is no column, columns differ in length, or a format is for none of them.
    """

    def __init__(self, columns, format=".4g", formats=None):
        if not isinstance(columns, dict):
            raise TypeError(f"Table({columns!r}): expected a dict from the name of a column to its entries.")
        columns = {str(name): column for name, column in columns.items()}
        lengths = {name: len(column) for name, column in columns.items() if _is_column(column)}
        if not lengths:
            raise ValueError(f"A table needs columns; there is no column of entries in {list(columns)}.")
        if len(set(lengths.values())) > 1:
            raise ValueError(f"The columns of a table have one length; these have {lengths}.")
        formats = formats or {}
        if unknown := formats.keys() - columns.keys():
            raise ValueError(f"Formats for {sorted(unknown)}, and the columns are {list(columns)}.")
        for form in (format, *formats.values()):
            _check_format(form)
        length = next(iter(lengths.values()))
        self.names = list(columns)
        self.columns = [list(column) if _is_column(column) else [column] * length for column in columns.values()]
        self.formats = [formats.get(name, format) for name in columns]

    @classmethod
    def grid(cls, corner, rows, columns, values, format=".4g"):
        """Return the table of `values[i][j]`, its rows named by `rows` and its columns by `columns`."""
        by_column = {str(name): [row[j] for row in values] for j, name in enumerate(columns)}
        return cls({corner: list(rows)} | by_column, format, {corner: ".4g"})

    def rows(self):
        """Return the entries as they are shown, a list of strings for each row."""
        shown = [[_shown(entry, form) for entry in column] for column, form in zip(self.columns, self.formats)]
        return [list(row) for row in zip(*shown)]

    def _to_the_right(self):
        return [all(_is_number(entry) or entry is None for entry in column) for column in self.columns]

    def _repr_markdown_(self):
        rules = ["---:" if right else ":---" for right in self._to_the_right()]
        names, *cells = [
            [re.sub(r"(?<!\\)\|", r"\|", " ".join(cell.split())) for cell in row] for row in [self.names, *self.rows()]
        ]
        lines = [names, rules, *cells]
        return "\n".join("| " + " | ".join(line) + " |" for line in lines)

    def __repr__(self):
        lines, right = [self.names, *self.rows()], self._to_the_right()
        widths = [max(len(line[j]) for line in lines) for j in range(len(self.names))]
        padded = [
            [cell.rjust(width) if r else cell.ljust(width) for cell, width, r in zip(line, widths, right)]
            for line in lines
        ]
        return "\n".join("  ".join(line).rstrip() for line in padded)


def _is_column(entry):
    return isinstance(entry, Sized) and not isinstance(entry, str) and np.ndim(entry) != 0


def _is_number(entry):
    return isinstance(entry, numbers.Number) and not isinstance(entry, (bool, np.bool_))


def _shown(entry, form):
    if entry is None:
        return ""
    if not _is_number(entry):
        return str(entry)
    if isinstance(entry, numbers.Integral):
        return f"{entry:,}"
    if not isinstance(entry, (numbers.Complex, np.number)) or isinstance(entry, Fraction):  # fractions and decimals
        entry = float(entry)
    return format(entry, form) if np.isfinite(entry) else "–"


def _check_format(form):
    try:
        format(1.5, form)
    except (TypeError, ValueError):
        raise ValueError(f"Table: {form!r} is no format of numbers; expected one such as '.3f' or '.1%'.") from None
