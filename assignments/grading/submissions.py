"""Find the submissions in a folder, read them whatever has become of them, and put the instructor's cells back."""

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path

LARGEST = 20_000_000  # bytes of a notebook


class Unreadable(Exception):
    """A submission that cannot be graded at all; the message is a sentence for the student."""


@dataclass
class Submission:
    """One student's answer to one assignment: where it is, and what was noticed on the way."""

    student: str
    assignment: str
    path: Path | None
    notes: list = field(default_factory=list)
    problem: str | None = None  # why it cannot be graded

    @property
    def key(self):
        return f"{self.student}/{self.assignment}"

    def digest(self):
        if self.path is None:
            return "nothing"
        return hashlib.sha256(self.path.read_bytes() if self.path.stat().st_size <= LARGEST else b"large").hexdigest()


def find(folder, assignments):
    """Return the submissions in a folder, in the order of their names.

    Two layouts: nbgrader's <student>/<assignment>/<assignment>.ipynb, and a flat folder with
    <student>_<assignment>.ipynb or, for one assignment, <student>.ipynb (what an LMS hands over).
    """
    folder, found = Path(folder), []
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".") or path.is_symlink():
            continue
        if path.is_dir():
            found += list(_of_student(path, assignments))
        elif path.suffix == ".ipynb":
            found.append(_flat(path, assignments))
    return found


def _of_student(folder, assignments):
    notebooks = sorted(p for p in folder.glob("*.ipynb") if p.is_file() and not p.is_symlink())
    for path in notebooks:  # no folder for each assignment
        yield _named(folder.name, path, assignments, [])
    for part in sorted(p for p in folder.iterdir() if p.is_dir() and not p.name.startswith(".") and not p.is_symlink()):
        if part.name in assignments:
            yield _in_folder(folder.name, part)


def _in_folder(student, folder):
    name = folder.name
    expected = folder / f"{name}.ipynb"
    if expected.is_file() and not expected.is_symlink():
        return Submission(student, name, expected)
    others = sorted(p for p in folder.rglob("*.ipynb") if ".ipynb_checkpoints" not in p.parts and not p.is_symlink())
    if not others:
        return Submission(student, name, None, problem=f"There is no notebook in what you handed in for {name}.")
    stamped = [path for path in others if _stamp(path).get("name") == name] or others
    if len(stamped) > 1:
        names = ", ".join(path.name for path in stamped)
        return Submission(
            student,
            name,
            None,
            problem=(
                f"There are {len(stamped)} notebooks ({names}) and none is called {name}.ipynb: which one counts?"
            ),
        )
    note = f"Your notebook was called {stamped[0].name}; it should be {name}.ipynb. It was graded all the same."
    return Submission(student, name, stamped[0], [note])


def _flat(path, assignments):
    for name in assignments:
        if path.stem.endswith(f"_{name}"):
            return Submission(path.stem[: -len(name) - 1], name, path)
    return _named(path.stem, path, assignments, [])


def _named(student, path, assignments, notes):
    name = _stamp(path).get("name")
    if path.stem in assignments:
        name = path.stem
    if name in assignments:
        return Submission(student, name, path, notes)
    if len(assignments) == 1:
        return Submission(student, assignments[0], path, notes)
    return Submission(student, "?", path, problem=f"{path.name}: nothing in it says which assignment it answers.")


def _stamp(path):
    try:
        stamp = read(path)["metadata"].get("assignment", {})
        return stamp if isinstance(stamp, dict) else {}
    except Unreadable:
        return {}


def read(path):
    """Return the notebook as a dict, or raise Unreadable with a sentence."""
    try:
        if path.stat().st_size > LARGEST:
            raise Unreadable(
                f"Your notebook has {path.stat().st_size / 1e6:.0f} MB. Clear its outputs and hand it in again."
            )
        notebook = json.loads(path.read_text(encoding="utf-8"))
        cells, metadata = notebook["cells"], notebook.setdefault("metadata", {})
        for cell in cells:
            cell["source"] = "".join(cell["source"])
            if not isinstance(cell.get("metadata"), dict):
                cell["metadata"] = {}
            cell["cell_type"]
        if not isinstance(metadata, dict):
            notebook["metadata"] = {}
        return notebook
    except Unreadable:
        raise
    except FileNotFoundError:
        raise Unreadable("There is no notebook in what you handed in.") from None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, OSError):
        raise Unreadable(
            f"{path.name} is not a notebook that can be opened. Open it in JupyterLab, save it, and hand it in again."
        ) from None


def check_language(notebook):
    """Raise Unreadable when the notebook's kernel is not Python."""
    spec = notebook["metadata"].get("kernelspec", {})
    info = notebook["metadata"].get("language_info", {})
    language = (spec.get("language") if isinstance(spec, dict) else None) or info.get("name") or "python"
    if str(language).lower() not in ("python", "python3", "ipython"):
        raise Unreadable(
            f"Your notebook is set to the kernel {spec.get('display_name', language)}, not to Python. "
            "Choose Kernel → Change Kernel → Python 3, run all cells, save, and hand it in again."
        )


def grade_id(cell):
    nbgrader = cell["metadata"].get("nbgrader")
    return nbgrader.get("grade_id") if isinstance(nbgrader, dict) else None


def put_back(notebook, source):
    """Return (cells, notes): the submission's cells with the instructor's own put back, as nbgrader does.

    Cells are dicts with `id` (nbgrader's name or None), `kind` ("given", "answer", "check", "written", "own"),
    `source` and `type`. The student's order is kept; a locked cell has the instructor's text, whatever the
    student's copy says; one that is gone stands where it belongs again.
    """
    originals = {grade_id(cell): cell for cell in source["cells"] if grade_id(cell)}
    order = list(originals)
    merged, seen, edited = [], set(), 0
    for cell in notebook["cells"]:
        name = grade_id(cell)
        if name not in originals or name in seen:
            merged.append({"id": None, "kind": "own", "type": cell["cell_type"], "source": cell["source"]})
            continue
        seen.add(name)
        original = originals[name]
        kind = kind_of(original)
        if kind in ("given", "check"):
            wanted = visible(original["source"])
            edited += kind == "check" and cell["source"].strip() != wanted.strip()
            merged.append({"id": name, "kind": kind, "type": original["cell_type"], "source": wanted})
        else:
            merged.append({"id": name, "kind": kind, "type": original["cell_type"], "source": cell["source"]})
    missing = [name for name in order if name not in seen]
    for name in missing:
        before = order[: order.index(name)]
        places = [k for k, cell in enumerate(merged) if cell["id"] in before]
        original = originals[name]
        kind = kind_of(original)
        text = visible(original["source"]) if kind in ("given", "check") else ""
        cell = {"id": name, "kind": kind, "type": original["cell_type"], "source": text}
        merged.insert(max(places) + 1 if places else 0, cell)
    return merged, _notes(missing, originals, edited)


def _notes(missing, originals, edited):
    notes = []
    checks = sum(kind_of(originals[name]) == "check" for name in missing)
    answers = [name for name in missing if kind_of(originals[name]) in ("answer", "written")]
    if len(missing) == len(originals):
        notes.append(
            "The cells of the assignment have lost their marks (another program does that): your code was run as it stands."
        )
    elif checks:
        notes.append(f"{checks} cell{'s' * (checks > 1)} with checks had been deleted; put back.")
    if answers and len(missing) < len(originals):
        notes.append(f"Cells for answers had been deleted: {', '.join(answers)}.")
    if edited:
        notes.append(f"{edited} cell{'s' * (edited > 1)} with checks had been changed; put back as they were.")
    return notes


def kind_of(cell):
    nbgrader = cell["metadata"]["nbgrader"]
    if nbgrader.get("grade") and nbgrader.get("solution"):
        return "written"
    if nbgrader.get("grade"):
        return "check"
    return "answer" if nbgrader.get("solution") else "given"


def visible(source):
    """Return a cell's text without its hidden tests."""
    kept, hidden = [], False
    for line in source.splitlines():
        hidden = hidden or "BEGIN HIDDEN TESTS" in line
        if not hidden:
            kept.append(line)
        hidden = hidden and "END HIDDEN TESTS" not in line
    return "\n".join(kept)


def hidden(source):
    """Return a cell's hidden tests."""
    kept, inside = [], False
    for line in source.splitlines():
        if "BEGIN HIDDEN TESTS" in line or "END HIDDEN TESTS" in line:
            inside = "BEGIN" in line
        elif inside:
            kept.append(line)
    return "\n".join(kept)
