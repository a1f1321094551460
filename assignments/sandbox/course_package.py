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
WITHHELD = """

def _withheld(name):
    raise ImportError(
        f"descent.{{name}} is not there while this assignment is graded: the rule has to be your own"
    )


_WITHHELD = {names!r}
_found = globals().get("__getattr__")


def __getattr__(name):
    if name in _WITHHELD:
        _withheld(name)
    if _found is None:
        raise AttributeError(name)
    return _found(name)
"""


def make(folder, withheld):
    """Copy `descent` into `folder`, without the rules when `withheld` says so; return the folder."""
    target = Path(folder) / "descent"
    shutil.copytree(PACKAGE, target, ignore=shutil.ignore_patterns("__pycache__"))
    if withheld:
        (target / "published_adam.py").unlink()
        withheld_names = rules()
        strip(target / "rules.py", withheld_names)
        strip(target / "__init__.py", withheld_names)
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


@functools.cache
def rules():
    """Return the names of all rules: whatever class stands in the rules' file, so that a new one is withheld, too."""
    tree = ast.parse((PACKAGE / "rules.py").read_text(encoding="utf-8"))
    return tuple(node.name for node in tree.body if isinstance(node, ast.ClassDef))


def strip(path, names):
    """Take the rules of these names out of a module: their classes, and their names where they are imported."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    body = [node for node in tree.body if not (isinstance(node, ast.ClassDef) and node.name in names)]
    for node in body:
        if isinstance(node, ast.ImportFrom) and node.module == "descent.rules":
            node.names = [name for name in node.names if name.name not in names]
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", None) == "__all__":
            node.value.elts = [item for item in node.value.elts if item.value not in names]
    body = [node for node in body if getattr(node, "names", True)]
    text = ast.unparse(ast.Module(body, [])) + WITHHELD.format(names=names)
    path.write_text(text, encoding="utf-8")
