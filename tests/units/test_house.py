"""The house: how code is written, what it may import, and that no name of a removed thing is left."""

import json
import re
import subprocess
import sys

import pytest


def run(root, *command):
    done = subprocess.run([sys.executable, "-m", *command], cwd=root, capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("command", [("check",), ("format", "--check")], ids=" ".join)
def test_ruff_has_nothing_to_say(root, command):
    code, said = run(root, "ruff", *command, "--no-cache", "--output-format=concise", ".")
    assert code == 0, said


def test_no_formatting_is_switched_off(root):
    files = [path for folder in ("code", "tests", "bench", "assignments") for path in (root / folder).rglob("*.py")]
    marked = [str(path) for path in files if "fmt" + ": " in path.read_text(encoding="utf8")]
    assert marked == []


def test_the_package_imports_only_what_installs_with_it(root):
    code, said = run(root, "deptry", "code/descent", "--ignore=DEP002", "--known-first-party=descent", "--no-ansi")
    assert code == 0, said


def test_an_import_that_nobody_declared_is_found(root, tmp_path):
    (tmp_path / "pyproject.toml").write_bytes((root / "pyproject.toml").read_bytes())
    (tmp_path / "module.py").write_text("import numpy\nimport sympy\nimport yaml\n")
    code, said = run(tmp_path, "deptry", ".", "--ignore=DEP002", "--no-ansi")
    assert code == 1 and "'sympy' imported but declared as a dev dependency" in said and "'yaml' imported" in said


def test_site_tests_and_grader_import_only_what_is_declared(root):
    ours = {
        path.stem for folder in ("code/site", "assignments", "tests", "bench") for path in (root / folder).rglob("*")
    }
    known = [f"--known-first-party={name}" for name in sorted({"descent", *ours} - {"numpy"}) if name.isidentifier()]
    folders = ("code/site", "assignments/checks", "assignments/grading", "tests/support")  # bench has its own list
    code, said = run(root, "deptry", *folders, "--ignore=DEP002,DEP003,DEP004", "--no-ansi", *known)
    assert code == 0, said


def test_a_caption_names_no_lightness_which_a_dark_page_turns_over(root):
    said = []
    for path in sorted((root / "chapters").glob("*.ipynb")):
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            caption = cell["metadata"].get("mystnb", {}).get("figure", {}).get("caption", "")
            said += re.findall(r"\b(?:dark|light|bright|pale|black|white)\w*[^.;]*", caption)
    assert said == []


def test_notebooks_are_small(root):
    sizes = {path.name: path.stat().st_size for path in (root / "chapters").glob("*.ipynb")}
    assert {name: size for name, size in sizes.items() if size > 1_000_000} == {}
