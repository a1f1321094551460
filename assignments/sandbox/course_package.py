"""The package `descent` as submissions see it: whole, or without its rules where the assignment is to write them."""

import ast
import compileall
import functools
import os
import py_compile
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[2] / "code" / "descent"
RULES = ("rules.py", "after_adam.py")  # the modules whose classes are rules, all of them
WITHHELD = """
def __init__(self, *args, **named):
    raise ImportError("descent.{name} is not there while this assignment is graded: the rule has to be your own")
def update(self, theta, g):
    raise ImportError("descent.{name} is not there while this assignment is graded: the rule has to be your own")
"""


def make(folder, withheld):
    """Copy `descent` into `folder`, without the rules when `withheld` says so; return the folder."""
    target = Path(folder) / "descent"
    shutil.copytree(PACKAGE, target, ignore=shutil.ignore_patterns("__pycache__"))
    if withheld:
        (target / "published_adam.py").unlink()
        for module in RULES:
            withhold(target / module)
    compileall.compile_dir(target, quiet=1, invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH)
    list_fonts(Path(folder) / "matplotlib")
    for path in [Path(folder), *Path(folder).rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)
    return Path(folder)


@functools.cache
def font_list():
    """Return {name: bytes} of Matplotlib's list of fonts, which takes it seconds to make."""
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {"MPLCONFIGDIR": folder, "MPLBACKEND": "Agg"}
        subprocess.run([sys.executable, "-c", "import matplotlib.font_manager"], env=environment, check=False)
        return {path.name: path.read_bytes() for path in Path(folder).iterdir() if path.is_file()}


def list_fonts(folder):
    """Put the list of fonts where all rooms find it."""
    folder.mkdir(exist_ok=True)
    for name, content in font_list().items():
        (folder / name).write_bytes(content)


def rules():
    """Return the names of all rules: whatever class stands in their modules, so that a new one is withheld, too."""
    trees = [ast.parse((PACKAGE / module).read_text(encoding="utf-8")) for module in RULES]
    return tuple(node.name for tree in trees for node in tree.body if isinstance(node, ast.ClassDef))


def withhold(path):
    """Leave of each class of a module its name and what it derives from: to make one is an error that says why."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            node.body = ast.parse(WITHHELD.format(name=node.name)).body
            node.decorator_list = []
    path.write_text(ast.unparse(tree), encoding="utf-8")
