"""The package as it is imported: quickly, under its exported names, and with arrows that run one way."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import descent
from descent.figures.lines import COLORS, DASHES, MARKERS

PACKAGE = Path(descent.__file__).parent
# What each room may import of the others, from the bottom up. Rooms inside `figures` are its own affair.
MAY_IMPORT = {
    "engine": set(),
    "schedules": set(),
    "source": set(),
    "tables": set(),
    "published_adam": set(),
    "problems": {"engine"},
    "hyperparameters": set(),
    "optimizer": {"engine", "hyperparameters"},
    "rules": {"optimizer"},
    "after_adam": {"optimizer"},
    "curvature": set(),
    "sixteen_bits": set(),
    "loop": set(),
    "grid": {"loop"},
    "figures": {"engine", "optimizer", "loop", "problems", "rules", "schedules", "source"},
}


def test_importing_the_package_loads_neither_matplotlib_nor_widgets():
    code = "import sys, descent; print(sorted({'matplotlib', 'ipywidgets', 'IPython', 'tqdm'} & {*sys.modules}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    "first", ["import descent.figures.views", "from descent import Explore", "import descent.loop"]
)
def test_no_module_hides_a_function(first):
    code = (
        f"{first}\nimport descent, types\n"
        "print(*(name for name in descent.__all__ if isinstance(getattr(descent, name), types.ModuleType)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["figures", "schedules"]


def test_every_exported_name_is_there_and_no_other_is():
    assert [name for name in descent.__all__ if not hasattr(descent, name)] == []
    with pytest.raises(AttributeError, match="'descent' has no attribute 'Adagrad'"):
        _ = descent.Adagrad


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_imports_run_one_way(room):
    files = [*(PACKAGE / room).rglob("*.py")] if (PACKAGE / room).is_dir() else [PACKAGE / f"{room}.py"]
    imported = set()
    for file in files:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf8"))):
            if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "descent":
                parts = node.module.split(".")
                imported |= {parts[1]} if len(parts) > 1 else {alias.name for alias in node.names}
    assert imported - {room} <= MAY_IMPORT[room]


def test_lines_are_told_apart_without_colour():
    assert len(set(DASHES)) == len(set(MARKERS)) == len(set(COLORS)) == len(COLORS)
