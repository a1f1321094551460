"""The book can be read at three depths: the essential way is short, and cells show ideas, not printing."""

import ast
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "code" / "site"))
import depths
import notebooks

CHAPTERS = {path.stem: notebooks.load(path) for path in notebooks.chapters()}

# Minutes of the essential way, where it is not 20: chapters that are still being divided.
MINUTES = 20
STILL = {
    "why-adam-works": 25,
    "reference": None,  # looked up, not read
    "sources": None,
}
MAIN = "gradient-descent", "weight-decay", "momentum", "adam", "bias-correction", "adam-in-practice"


def code_cells(notebook):
    for number, cell in notebooks.code_cells(notebook):
        source = "".join(cell["source"])
        lines = [line if not line.lstrip().startswith(("%", "!")) else "pass" for line in source.splitlines()]
        yield notebooks.describe(number, cell), source, ast.parse("\n".join(lines))


def is_table(tree) -> bool:
    """Whether a cell shows a table: one of ours, or lines that it prints in a loop."""
    called = {getattr(node.func, "id", getattr(node.func, "attr", "")) for node in calls(tree)}
    loops = [node for node in ast.walk(tree) if isinstance(node, ast.For)]
    return "Table" in called or any(getattr(call.func, "id", "") == "print" for loop in loops for call in calls(loop))


def calls(tree):
    return [node for node in ast.walk(tree) if isinstance(node, ast.Call)]


@pytest.mark.parametrize("name", CHAPTERS)
def test_the_essential_way_is_short(name):
    limit = STILL.get(name, MINUTES)
    minutes = depths.essentials(depths.parts(CHAPTERS[name])).minutes
    assert limit is None or minutes <= limit


def test_the_six_main_chapters_take_an_afternoon():
    """Two and a half hours: what the first page promises to a reader of the essential ways."""
    minutes = {name: depths.essentials(depths.parts(CHAPTERS[name])).minutes for name in MAIN}
    assert sum(minutes.values()) <= 150, minutes


@pytest.mark.parametrize("name", CHAPTERS)
def test_no_cell_is_longer_than_a_dozen_lines(name):
    long = [where for where, source, _ in code_cells(CHAPTERS[name]) if len(source.strip().splitlines()) > 12]
    assert long == []


@pytest.mark.parametrize("name", CHAPTERS)
def test_at_most_a_third_of_the_cells_are_tables(name):
    cells = list(code_cells(CHAPTERS[name]))
    tables = [where for where, _, tree in cells if is_table(tree)]
    assert 3 * len(tables) <= len(cells), tables
