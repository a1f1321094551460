"""Make what students get: notebooks without solutions and hidden tests, in a zip, with instructions.

    python assignments/release.py                     the book's own numbers
    python assignments/release.py --term 2027-spring  numbers drawn from the name of the term
    python assignments/release.py --key 2027.key      numbers and twists that nobody knows without the key

Writes into _build/assignments/<term>/:  source/ (instructor notebooks with the term's numbers), release/ (what
nbgrader's exchange hands out) and how-adam-works-assignments-<term>.zip. The same term gives the same bytes.
"""

import argparse
import hashlib
import json
import secrets
import shutil
import sys
import zipfile
from pathlib import Path

import variants
from checks import twists
from grading.submissions import plain

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
SOURCE = HERE / "source"
STUB = "# Your code here.\nraise RuntimeError('Your code goes here.')"
ANSWER = "*Your answer here.*"
MARKS = ("BEGIN SOLUTION", "END SOLUTION", "BEGIN HIDDEN", "END HIDDEN", "from checks", "import checks")


class LeakError(Exception):
    """Something of the solution is still in a student version."""


def names():
    """Return the assignments, in the order of the book."""
    order = ["momentum", "adam", "decay", "digits"]
    found = [path.name for path in SOURCE.iterdir() if (path / f"{path.name}.ipynb").exists()]
    return sorted(found, key=lambda name: (order.index(name) if name in order else len(order), name))


def instructor_version(name, term=variants.BOOK, key=None):
    """Return the instructor notebook with the numbers of the term."""
    import nbformat

    notebook = nbformat.read(SOURCE / name / f"{name}.ipynb", as_version=4)
    if term != variants.BOOK or key is not None:
        values = variants.numbers(name, term, variants.term_of(notebook), key)
        variants.set_term(notebook, values)
        if "twist" in values:
            twists.apply(notebook, name, values)
        for cell in notebook.cells:
            if cell.cell_type == "code":
                cell.outputs, cell.execution_count = [], None
    return notebook


def student_version(notebook, name, term=variants.BOOK, key=None):
    """Return the notebook as students get it, by nbgrader's own steps, and stamped with name, term and version."""
    import nbformat
    from nbgrader.preprocessors import (
        CheckCellMetadata,
        ClearHiddenTests,
        ClearMarkScheme,
        ClearOutput,
        ClearSolutions,
        ComputeChecksums,
        LockCells,
    )
    from traitlets.config import Config

    config = Config()
    config.ClearSolutions.code_stub = {"python": STUB}
    config.ClearSolutions.text_stub = ANSWER
    resources = {"metadata": {"path": str(SOURCE / name)}}
    for step in (
        LockCells,
        ClearSolutions,
        ClearOutput,
        CheckCellMetadata,
        ClearHiddenTests,
        ClearMarkScheme,
        ComputeChecksums,
        CheckCellMetadata,
    ):
        notebook, resources = step(config=config).preprocess(notebook, resources)
    notebook.metadata.pop("widgets", None)
    notebook.metadata.pop("descent", None)
    notebook.metadata["assignment"] = {"name": name, "term": term, "version": version(notebook)}
    if key:
        notebook.metadata["assignment"]["key"] = hashlib.sha256(b"which key: " + key).hexdigest()[:12]
    text = nbformat.writes(notebook)
    if found := [mark for mark in MARKS if mark in text]:
        raise LeakError(f"{name}: {', '.join(found)} is still in the student version.")
    return notebook


def version(notebook):
    """Return a short digest of what the students are given to do: cells by nbgrader's name, with their text."""
    digest = hashlib.sha256()
    for cell in notebook.cells:
        digest.update(cell.metadata.get("nbgrader", {}).get("grade_id", "").encode() + b"\0")
        digest.update(plain(cell.source).encode() + b"\0")
    return digest.hexdigest()[:12]


def make(term, folder, key=None):
    """Write source/, release/ and the zip of a term into `folder`; return the zip."""
    import nbformat

    package = {}
    for kind in ("source", "release"):
        shutil.rmtree(folder / kind, ignore_errors=True)
    for name in names():
        notebook = instructor_version(name, term, key)
        _write(folder / "source" / name / f"{name}.ipynb", nbformat.writes(notebook) + "\n")
        text = nbformat.writes(student_version(notebook, name, term, key)) + "\n"
        _write(folder / "release" / name / f"{name}.ipynb", text)
        package[f"{name}/{name}.ipynb"] = text.encode()
    for path in sorted((HERE / "package").iterdir()):
        package[path.name] = path.read_bytes()
    for path in sorted((ROOT / "code" / "descent").rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            package[f"code/{path.relative_to(ROOT / 'code')}"] = path.read_bytes()
    package["pyproject.toml"] = (ROOT / "pyproject.toml").read_bytes()
    for name in ("LICENSE", "LICENSE-TEXT"):
        package[name] = (ROOT / name).read_bytes()
    return _zip(folder / f"how-adam-works-assignments-{term}.zip", package)


def make_course(folder, course):
    """Put the instructor notebooks of a term into a course directory of nbgrader,
    with a configuration that loads ours.
    """
    for name in names():
        source = folder / "source" / name / f"{name}.ipynb"
        _write(course / "source" / name / f"{name}.ipynb", source.read_text(encoding="utf-8"))
    settings = HERE / "nbgrader_config.py"
    _write(course / "nbgrader_config.py", f"load_subconfig({settings.name!r}, path={str(settings.parent)!r})\n")


def _write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _zip(path, files):
    """Write a zip that depends on names and contents alone."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in sorted(files.items()):
            entry = zipfile.ZipInfo(f"how-adam-works-assignments/{name}", (2020, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content)
    return path


def main():
    parser = argparse.ArgumentParser(description="Make the students' package of a term.")
    parser.add_argument("--term", default=variants.BOOK, help="name of the term, such as 2027-spring")
    parser.add_argument("--folder", type=Path, help="where to (default: _build/assignments/<term>)")
    parser.add_argument("--course", type=Path, help="also make an nbgrader course with the term's notebooks here")
    parser.add_argument("--key", type=Path, help="the file of your private variant; it is made if it is not there")
    options = parser.parse_args()
    if not options.term.replace("-", "").replace("_", "").isalnum():
        print(f"--term {options.term}: use letters, digits, - and _ only.", file=sys.stderr)
        return 2
    folder = options.folder or ROOT / "_build" / "assignments" / options.term
    try:
        if options.key and not options.key.exists():
            options.key.write_text(secrets.token_hex(32) + "\n")
            options.key.chmod(0o600)
            print(f"A key for private variants: {options.key}. Keep it, and give it to nobody: `make grade` needs it.")
        path = make(options.term, folder, variants.read_key(options.key))
    except (LeakError, ValueError, OSError) as error:
        print(f"No package was made. {error}", file=sys.stderr)
        return 1
    if options.course:
        make_course(folder, options.course)
    print(f"{len(names())} assignments for {options.term}: {path}")
    for name in names():
        notebook = json.loads((folder / "source" / name / f"{name}.ipynb").read_text(encoding="utf-8"))
        print(f"  {name}: {variants.term_of(notebook)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
