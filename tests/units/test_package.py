"""The package as it is imported: quickly, under its exported names, and with arrows that run one way."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import descent
from descent.lines import COLORS, DASHES, MARKERS

PACKAGE = Path(descent.__file__).parent
# What each module may import of the others; the rest, the figures, may import all of these.
MAY_IMPORT = {
    "tape": {"problems"},
    "kernel": {"tape"},
    "optimizers": {"kernel", "tape"},
    "schedules": set(),
    "problems": set(),
    "digits": {"problems"},
    "descend": set(),
    "sweep": {"descend"},
    "printed": set(),
    "lines": set(),
    "first_version": set(),
}


def test_importing_the_package_loads_neither_matplotlib_nor_widgets():
    code = "import sys, descent; print(sorted({'matplotlib', 'ipywidgets', 'IPython', 'tqdm'} & {*sys.modules}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("first", ["import descent.explore.views", "from descent import Explore", "import descent.figures"])
def test_explore_is_the_function_whatever_was_imported_first(first):
    code = f"{first}\nimport descent\nprint(descent.explore.__name__, descent.figures.__name__, descent.Explore.__name__)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["explore", "descent.figures", "Explore"]


def test_every_exported_name_is_there_and_no_other_is():
    assert [name for name in descent.__all__ if not hasattr(descent, name)] == []
    with pytest.raises(AttributeError, match="'descent' has no attribute 'Adagrad'"):
        descent.Adagrad


@pytest.mark.parametrize("module", MAY_IMPORT)
def test_imports_run_one_way(module):
    tree = ast.parse((PACKAGE / f"{module}.py").read_text(encoding="utf8"))
    imported = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "descent":
            parts = node.module.split(".")
            imported |= {parts[1]} if len(parts) > 1 else {alias.name for alias in node.names}
    assert imported <= MAY_IMPORT[module]


def test_lines_are_told_apart_without_colour():
    assert len(set(DASHES)) == len(set(MARKERS)) == len(set(COLORS)) == len(COLORS)
