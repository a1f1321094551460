"""Find the submissions in a folder, read them whatever has become of them, and put the instructor's cells back."""

import ast
import hashlib
import io
import itertools
import json
import os
import re
import stat
import unicodedata
import zipfile
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

LARGEST = 20_000_000  # bytes of a notebook
LARGEST_ZIP = 200_000_000  # bytes of all that is unpacked
NOT_HANDED_IN = {"__MACOSX", "Thumbs.db", "desktop.ini", ".DS_Store", "roster.csv", "by-hand.csv"}
MOODLE = re.compile(r"^(?P<student>.+)_(?P<id>\d+)_assignsubmission_\w+?_(?P<file>.*)$")
CANVAS = re.compile(r"^(?P<student>[^_]+)(?P<late>_LATE)?_(?P<id>\d+)_\d+_(?P<file>.+)$")


ENDING = re.compile(r"\.ipynb(\.(ipynb|txt|json))?$", re.IGNORECASE)  # browsers add the second
AGAIN = r"(?:[ _-]*(?:\(?\d+\)?|v\d+|final|copy\d*|fixed|new))*"  # what people put behind a name
DEEPEST = 3  # zips within zips


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
    questions: list = field(default_factory=list)  # for the instructor: then a person looks at it
    member: tuple = ()  # the notebook within the zip at `path`, through zips within it
    file: str = ""  # its name in the folder, as it was handed in
    number: str = ""  # the student's, where the platform's file name has it
    late: str = ""

    @property
    def key(self):
        return f"{self.student}/{self.assignment}"

    def content(self):
        """Return the bytes of the notebook, or raise Unreadable with a sentence."""
        return content_of(self.path, self.member)

    def digest(self):
        """A digest of what a grade depends on: two files that differ in their encoding alone have the same."""
        try:
            notebook = parse(self.content()) if self.path else {}
            content = json.dumps(
                [self.problem, notebook.get("cells"), notebook.get("metadata")], sort_keys=True
            ).encode()
        except Unreadable as problem:
            content = f"{self.problem} {self.path.name} {problem}".encode("utf-8", "replace")
        return hashlib.sha256(content).hexdigest()


@dataclass
class File:
    """Something in the folder: its names from there, and where it is. `trouble`: why it cannot be read."""

    parts: tuple
    path: Path
    member: tuple = ()
    trouble: str = ""

    @property
    def name(self):
        return self.parts[-1]

    @property
    def is_notebook(self):
        if self.trouble or self.name.startswith("._"):
            return False
        if not self.name.lower().endswith(".json"):
            return bool(ENDING.search(self.name))
        try:  # what a browser saved as JSON; other JSON has no cells
            return bool(parse(content_of(self.path, self.member)))
        except Unreadable:
            return False


def find(folder, assignments, only=None, skip=(), due=None):
    """Return the submissions in a folder, in the order of their names: every entry of the folder is in one of them.

    Layouts: nbgrader's <student>/<assignment>/<assignment>.ipynb, a flat folder with <student>_<assignment>.ipynb or,
    for one assignment, <student>.ipynb, and what Moodle and Canvas hand over; zips are looked into.
    assignments : all there are. only : the one that is asked for. skip : folders that are not submissions.
    due : a datetime, after which a submission is late, where the time of handing in is known (nbgrader, Canvas).
    """
    folder = _below_a_single_folder(Path(folder), assignments)
    students = defaultdict(list)  # (name, number): files, their parts from the student on
    late = {}
    for entry in _entries(folder, {Path(path).resolve() for path in skip}):
        for file in _files_in(entry, (shown(entry.name),)):
            (name, number), parts, is_late = _student_of(file.parts, assignments)
            students[name, number].append((parts, file))
            late[name, number] = late.get((name, number)) or is_late
    names = [name for name, _ in students]
    found = []
    for (name, number), files in sorted(students.items()):
        label = f"{name} ({number})" if names.count(name) > 1 and number else name
        handed_in = _of_student(label, files, assignments, only)
        for submission in handed_in:
            submission.number = number
            submission.late = _lateness(files, late[name, number], due)
        found += handed_in
    return found


def shown(name):
    """Return a file's name as text that can be written anywhere, whatever its bytes are."""
    text = os.fsencode(name).decode("utf-8", "replace")
    return unicodedata.normalize("NFC", "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text))


def _entries(folder, skip):
    for path in sorted(folder.iterdir(), key=lambda path: os.fsencode(path.name)):
        if path.name in NOT_HANDED_IN or path.name.startswith("._") or path.resolve() in skip:
            continue
        if path.name.startswith(".") and not path.name.endswith(".ipynb"):
            continue
        yield path


def _below_a_single_folder(folder, assignments):
    """Return the folder of the students, where a download has put them all into one of its own."""
    entries = list(_entries(folder, set()))
    if len(entries) != 1 or entries[0].is_symlink() or not entries[0].is_dir():
        return folder
    inside = [path for path in entries[0].iterdir() if not path.name.startswith(".")]
    folders = [path.name for path in inside if path.is_dir()]
    platform = any(MOODLE.match(path.name) or CANVAS.match(path.name) for path in inside)
    several = len(folders) > 1 and not set(folders) & set(assignments) and len(folders) == len(inside)
    return entries[0] if platform or several else folder


def _files_in(path, parts):
    """Yield all files at and below a path, those in zips too; what cannot be read with its trouble."""
    try:
        mode = path.lstat().st_mode
        if stat.S_ISLNK(mode):
            yield File(parts, path, trouble="is a link, and links are not followed")
        elif stat.S_ISDIR(mode):
            inside = sorted(path.iterdir(), key=lambda path: os.fsencode(path.name))
            yield File((*parts, ""), path, trouble="" if inside else "is an empty folder")
            for entry in inside:
                if entry.name not in NOT_HANDED_IN and not entry.name.startswith("._"):
                    yield from _files_in(entry, (*parts, shown(entry.name)))
        elif not stat.S_ISREG(mode):
            yield File(parts, path, trouble="is no ordinary file")
        elif path.suffix.lower() == ".zip":
            yield from _files_in_zip(path, parts)
        else:
            yield File(parts, path)
    except OSError as error:
        yield File(parts, path, trouble=f"cannot be read ({error.strerror})")


def _files_in_zip(path, parts, member=()):
    """Yield all files in a zip, and in the zips in it. member : where it is within the zip at `path`."""
    try:
        with _opened(path, member) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            if sum(entry.file_size for entry in entries) > LARGEST_ZIP or len(member) > DEEPEST:
                yield File(parts, path, member, trouble="is a zip that is far too large unpacked")
                return
            if any(entry.flag_bits & 1 for entry in entries):
                yield File(parts, path, member, trouble="is a zip with a password")
                return
            platform = any(MOODLE.match(e.filename.split("/")[0]) or CANVAS.match(e.filename) for e in entries)
            top = parts[:-1] if platform else (*parts[:-1], parts[-1][:-4])
            yield File((*top, ""), path, trouble="" if entries else "is an empty zip")
            for entry in entries:
                names = [shown(name) for name in entry.filename.split("/") if name not in ("", ".", "..")]
                if names and names[0] not in NOT_HANDED_IN and not names[-1].startswith("._"):
                    within = (*member, entry.filename)
                    if names[-1].lower().endswith(".zip"):
                        yield from _files_in_zip(path, (*top, *names), within)
                    else:
                        yield File((*top, *names), path, within)
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError, ValueError, KeyError, EOFError):
        yield File(parts, path, member, trouble="is a zip that cannot be opened")


def _opened(path, member=()):
    """Return the ZipFile at a path, or within it."""
    archive = zipfile.ZipFile(path)
    for name in member:
        with archive, archive.open(name) as file:
            content = file.read(LARGEST_ZIP + 1)
        if len(content) > LARGEST_ZIP:
            raise ValueError("far too large")
        archive = zipfile.ZipFile(io.BytesIO(content))
    return archive


def _student_of(parts, assignments):
    """Return (name and number of the student, the names from there on, whether the platform calls it late)."""
    first = parts[0]
    platform = MOODLE.match(first) or CANVAS.match(first)
    if platform:
        rest = (platform["file"],) if platform["file"] else ()
        late = "late" in platform.groupdict() and bool(platform["late"])
        return (platform["student"], platform["id"]), (*rest, *parts[1:]), late
    if len(parts) > 1:
        return (first, ""), parts[1:], False
    ending = ENDING.search(first)
    stem, dot, suffix = first.rpartition(".")
    stem = first[: ending.start()] if ending else stem if dot else first
    names = "|".join(map(re.escape, assignments))
    named = re.match(rf"^(.+?)[_ -]({names})({AGAIN})$", stem, re.IGNORECASE)
    if named:
        return (named[1], ""), (f"{named[2]}{named[3]}{first[len(stem) :]}",), False
    return (stem, ""), (first,), False


def _of_student(student, files, assignments, only):
    """Return the submissions of a student: one for each assignment of which there is anything at all."""
    notebooks, places, other = defaultdict(list), set(), []
    for parts, file in files:
        places |= {part for part in parts[:-1] if part in assignments}
        if not file.is_notebook:
            if file.name not in ("", "timestamp.txt") or file.trouble:
                other.append((parts, file))
            continue
        notebooks[_assignment_of(parts, file, assignments, only)].append((parts, file))
    for name in list(notebooks):  # what Jupyter keeps for itself counts where there is nothing else
        own = [one for one in notebooks[name] if ".ipynb_checkpoints" not in one[0]]
        notebooks[name] = own or notebooks[name]
    found = []
    for name, candidates in notebooks.items():
        found.append(_choose(student, name, candidates))
    if not found:  # what is no notebook may say in its name for what it was handed in
        places |= {name for parts, _ in other if (name := _named_in(parts[-1], assignments))}
    for name in sorted(places - set(notebooks)):
        found.append(
            _nothing_of(student, name, [one for one in other if name in (*one[0], _named_in(one[0][-1], assignments))])
        )
    if not found:
        found.append(_nothing_of(student, only or "?", other))
    return [one for one in found if only is None or one.assignment in (only, "?")]


def _nothing_of(student, name, other):
    there = ", ".join(
        f"{'/'.join(filter(None, file.parts))} {file.trouble or 'is not a notebook (.ipynb)'}" for _, file in other[:5]
    )
    asked = "" if name == "?" else f" for {name}"
    problem = f"There is no notebook in what you handed in{asked}." + (f" {there}." if there else "")
    file = "/".join(filter(None, other[0][1].parts)) if other else ""
    return Submission(student, name, None, problem=problem, file=file)


def _assignment_of(parts, file, assignments, only):
    """Return which assignment a notebook answers: as its stamp says, else its folder, else its name."""
    try:
        stamp = parse(content_of(file.path, file.member), file.name)["metadata"].get("assignment", {})
        if isinstance(stamp, dict) and stamp.get("name") in assignments:
            return stamp["name"]
    except Unreadable:
        pass
    for part in reversed(parts[:-1]):
        if part in assignments:
            return part
    named = _named_in(parts[-1], assignments)
    return named or only or (assignments[0] if len(assignments) == 1 else "?")


def _named_in(name, assignments):
    """Return the one assignment that a file's name names, or None."""
    stem = name.rpartition(".")[0]
    alike = [one for one in assignments if re.search(rf"(?<![a-z]){re.escape(one)}(?![a-z])", stem.lower())]
    return alike[0] if len(alike) == 1 else None


def _choose(student, name, candidates):
    """Return one submission: of several notebooks the one with the right name, with a question to the instructor."""
    several = len(candidates) > 1
    candidates = sorted(
        candidates, key=lambda one: (several and _is_blank(one[1]), one[0][-1] != f"{name}.ipynb", len(one[0]), one[0])
    )
    parts, file = candidates[0]
    label = "/".join(file.parts)
    one = Submission(student, name, file.path, member=file.member, file=label)
    if name == "?":
        one.problem = f"{label}: nothing in it says which assignment it answers."
    elif ".ipynb_checkpoints" in parts:
        one.questions.append(
            f"{label} is a copy that Jupyter keeps for itself; there is no other notebook. Does it count?"
        )
    elif parts[-1] != f"{name}.ipynb" and len(candidates) == 1:
        one.notes.append(
            f"Your notebook was called {file.name}; it should be {name}.ipynb. It was graded all the same."
        )
    different = {_digest(file) for _, file in candidates}
    if len(different) == 1 and len(candidates) > 1:
        one.notes.append(
            "Handed in more than once, the same: " + ", ".join("/".join(f.parts) for _, f in candidates) + "."
        )
    if len(different) > 1:
        names = ", ".join("/".join(file.parts) for _, file in candidates)
        one.questions.append(
            f"There are {len(candidates)} notebooks of this student for {name}: {names}. {label} was graded: "
            "which one counts?"
        )
    return one


def _is_blank(file):
    """Tell whether no cell for an answer has been filled in, as far as one can tell without the blank notebook."""
    try:
        cells = parse(content_of(file.path, file.member))["cells"]
    except Unreadable:
        return True
    answers = [cell["source"] for cell in cells if kind_of(cell) == "answer"]
    return bool(answers) and all("Your code goes here." in text for text in answers)


def _digest(file):
    try:
        return hashlib.sha256(content_of(file.path, file.member)).hexdigest()
    except Unreadable as problem:
        return str(problem)


def _lateness(files, is_late, due):
    """Return how late a submission is, in words, or "": by nbgrader's timestamp.txt, or as Canvas says."""
    for _, file in files:
        if file.name == "timestamp.txt" and due:
            try:
                handed_in = datetime.fromisoformat(" ".join(file.path.read_text().split()[:2])).replace(tzinfo=None)
            except (OSError, ValueError):
                continue
            if handed_in > due:
                hours, minutes = divmod(int((handed_in - due).total_seconds() // 60), 60)
                return f"{hours} h {minutes:02d} min"
    return "late" if is_late else ""


def content_of(path, member=()):
    """Return the bytes of a file, or of a member of a zip; raise Unreadable with a sentence."""
    try:
        if not member:
            size = path.stat().st_size
            if size > LARGEST:
                raise Unreadable(f"Your notebook has {size / 1e6:.0f} MB. Clear its outputs and hand it in again.")
            return path.read_bytes()
        with _opened(path, member[:-1]) as archive, archive.open(member[-1]) as file:
            content = file.read(LARGEST + 1)
            if len(content) > LARGEST:
                raise Unreadable("Your notebook is too large. Clear its outputs and hand it in again.")
            return content
    except FileNotFoundError:
        raise Unreadable("There is no notebook in what you handed in.") from None
    except (OSError, zipfile.BadZipFile, RuntimeError, KeyError, EOFError, ValueError, NotImplementedError) as error:
        raise Unreadable(f"{shown(path.name)} cannot be read ({type(error).__name__}).") from None


def parse(content, name="notebook.ipynb"):
    """Return the notebook in these bytes as a dict whose cells can be relied on,
    or raise Unreadable with a sentence.
    """
    try:
        encoding = json.detect_encoding(content)  # UTF-8, 16 or 32, with a mark or without
        try:
            text = content.decode(encoding).rstrip("\0\x1a \n")  # a bad disk, an old editor
        except UnicodeDecodeError:
            text = content.decode("cp1252", "replace")
        notebook = json.loads(text)
        if "cells" not in notebook:  # version 3 of the format
            notebook["cells"] = [cell for sheet in notebook["worksheets"] for cell in sheet["cells"]]
        cells = []
        for cell in notebook["cells"]:
            if not isinstance(cell, dict) or "cell_type" not in cell:
                continue  # no program shows it
            source = cell.get("source", cell.get("input", ""))
            source = (
                "".join(part for part in source if isinstance(part, str)) if isinstance(source, (str, list)) else ""
            )
            source = source.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
            cell["source"] = source.encode("utf-8", "replace").decode("utf-8")
            if not isinstance(cell.get("metadata"), dict):
                cell["metadata"] = {}
            if not isinstance(cell["metadata"].get("nbgrader"), dict):
                cell["metadata"].pop("nbgrader", None)
            if not isinstance(cell.get("outputs"), list):
                cell.pop("outputs", None)
            cell["cell_type"] = str(cell["cell_type"])
            cells.append(cell)
        if notebook["cells"] and not cells:
            raise ValueError("all of its cells are none")
        notebook["cells"] = cells
        if not isinstance(notebook.get("metadata"), dict):
            notebook["metadata"] = {}
        for key in ("kernelspec", "language_info"):
            if not isinstance(notebook["metadata"].get(key), dict):
                notebook["metadata"][key] = {}
        return notebook
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise Unreadable(
            f"{name} is not a notebook that can be opened. Open it in JupyterLab, save it, and hand it in again."
        ) from None


def read(submission):
    """Return the notebook of a submission as a dict, or raise Unreadable with a sentence."""
    if submission.path is None:
        raise Unreadable("There is no notebook in what you handed in.")
    return parse(submission.content(), submission.file.rpartition("/")[2] or submission.path.name)


def check_language(notebook):
    """Raise Unreadable when the notebook's kernel is not Python."""
    spec, info = notebook["metadata"]["kernelspec"], notebook["metadata"]["language_info"]
    language = spec.get("language") or info.get("name") or "python"
    if not str(language).lower().startswith(("python", "ipython")):
        raise Unreadable(
            f"Your notebook is set to the kernel {spec.get('display_name', language)}, not to Python. "
            "Choose Kernel → Change Kernel → Python 3, run all cells, save, and hand it in again."
        )


def grade_id(cell):
    nbgrader = cell["metadata"].get("nbgrader")
    name = nbgrader.get("grade_id") if isinstance(nbgrader, dict) else None
    return name if isinstance(name, str) else None


def put_back(notebook, source, older=False):
    """Return (cells, notes): the submission's cells with the instructor's own put back, as nbgrader does.

    Cells are dicts with `id` (nbgrader's name or None), `kind` ("given", "answer", "check", "written", "own"),
    `source`, `type` and `cell` (the student's own, or None). The student's order is kept; a locked cell has the
    instructor's text, whatever the student's copy says; one that is gone stands where it belongs again.
    """
    originals = {grade_id(cell): cell for cell in source["cells"] if grade_id(cell)}
    order = list(originals)
    by_text = {plain(visible(cell["source"])): name for name, cell in originals.items() if kind_of(cell) in GIVEN}
    merged, seen, edited = [], set(), 0
    for cell in notebook["cells"]:
        name = grade_id(cell)
        if name not in originals:
            name = by_text.get(plain(cell["source"]))
        if name not in originals or name in seen:
            own = {"id": None, "kind": "own", "type": cell["cell_type"], "source": cell["source"], "cell": cell}
            merged.append(own)
            continue
        seen.add(name)
        original = originals[name]
        kind, text = kind_of(original), cell["source"]
        if kind in GIVEN:
            text = visible(original["source"])
            edited += kind == "check" and not older and plain(cell["source"]) != plain(text)
        merged.append({"id": name, "kind": kind, "type": original["cell_type"], "source": text, "cell": cell})
    missing = [name for name in order if name not in seen]
    for name in missing:
        before = order[: order.index(name)]
        places = [k for k, cell in enumerate(merged) if cell["id"] in before]
        original = originals[name]
        kind = kind_of(original)
        text = visible(original["source"]) if kind in ("given", "check") else ""
        cell = {"id": name, "kind": kind, "type": original["cell_type"], "source": text, "cell": None}
        merged.insert(max(places) + 1 if places else 0, cell)
    return merged, _notes(missing, originals, edited)


def without_stubs(cells, empty):
    """Empty the cells for answers that are as they were given out, where the answer stands in another; return notes.

    empty : {name: text} of the cells that students fill in, as they were given out.
    """
    code = [cell for cell in cells if cell["type"] == "code" and cell["kind"] in ("answer", "own")]
    given = {plain(text) for text in empty.values()}
    stubs = [cell for cell in code if plain(cell["source"]) in given]  # a copy of an empty cell, too
    elsewhere = {name for cell in code if cell not in stubs for name in defined_in(cell["source"])}
    notes = []
    for cell in stubs:
        if elsewhere & defined_in(cell["source"]):
            cell["source"] = ""
            notes.append("A cell for an answer is as it was given out; the answer that stands in another counts.")
    return notes


def defined_in(source):
    """Return the names of the functions and classes that a cell defines."""
    return set(re.findall(r"^(?:async def|def|class) +(\w+)", source, re.MULTILINE))


GIVEN = ("given", "check")


def plain(source):
    """Return a cell's text without what an instructor may change between giving out and grading.

    The number of marks.
    """
    text = re.sub(r"\(\d+ marks?\)", "", source)
    return "\n".join(line.rstrip() for line in text.strip().splitlines())


def _notes(missing, originals, edited):
    notes = []
    checks = sum(kind_of(originals[name]) == "check" for name in missing)
    answers = [name for name in missing if kind_of(originals[name]) in ("answer", "written")]
    answers_gone = all(name in missing for name in originals if kind_of(originals[name]) not in GIVEN)
    if answers_gone:
        notes.append(
            "The cells of the assignment have lost their marks (another program does that): your code was run as "
            "it stands."
        )
    elif checks:
        notes.append(f"{checks} cell{'s' * (checks > 1)} with checks had been deleted; put back.")
    if answers and not answers_gone:
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


# ---------------------------------------------------------------- what students write and draw


def texts_elsewhere(cells, question, empty):
    """Return what a student has written outside the cell of a question: (near it, elsewhere), lists of texts.

    Near is what stands after the question's own text and before the next; elsewhere, what is near no question.
    """
    written = [cell["id"] for cell in cells if cell["id"] in empty and cell["kind"] == "written"]
    given = {plain(text) for text in empty.values()}
    near, far, place = [], [], None
    for number, cell in enumerate(cells):
        if cell["id"] in written:
            place = cell["id"]
        elif cell["id"]:
            following = next((c["id"] for c in cells[number + 1 :] if c["id"]), None)
            place = following if following in written else None
        elif is_text(cell) and plain(cell["source"]) not in given:
            if place == question:
                near.append(text_of(cell))
            elif place is None:
                far.append(text_of(cell))
    return near, far


def prose(cells, empty):
    """Return what a student has written among code, in strings, or into cells of the assignment, in a sentence or more.

    A person tells whether it is an answer.
    """
    given = "\n".join([*empty.values(), *(cell["source"] for cell in cells if cell["kind"] in GIVEN)])
    found = []
    for cell in cells:
        text = (cell.get("cell") or cell)["source"]
        if cell["type"] != "code":
            parts = ["\n".join(line for line in text.splitlines() if line not in given)]
        elif text.startswith(("%%markdown", "%%html", "%%latex")):
            parts = [text.partition("\n")[2]]
        else:
            parts = [*comments_in(text), *strings_in(text)]
        found += [part for part in parts if part not in given and is_a_sentence(part)]
    return list(dict.fromkeys(found))


def is_a_sentence(text):
    """Tell whether there are eight words, or fifteen letters of a script that needs no spaces."""
    words = re.findall(r"[^\W\d_]+", text)
    return len(words) >= 8 or sum(len(word) for word in words if not word.isascii()) >= 15


def comments_in(source):
    """Return the comments of a cell; lines that follow each other are one."""
    lines = [re.sub(r"^[^#]*#+ ?", "", line) if "#" in line else None for line in source.splitlines()]
    return [
        "\n".join(group) for is_comment, group in itertools.groupby(lines, lambda line: line is not None) if is_comment
    ]


def strings_in(source):
    nodes = ast.walk(tree_of(source))
    return [node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)]


def tree_of(source):
    """Return the statements of a cell; none of one that Python cannot read."""
    try:
        return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):  # the last two: brackets, or signs, without end
        return ast.Module([], [])


def is_text(cell):
    """Tell whether a cell is writing: text, or code that is comments and strings alone."""
    if not cell["source"].strip():
        return False
    if cell["type"] != "code":
        return True
    body = tree_of(cell["source"]).body or [None]
    return all(isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) for node in body)


def text_of(cell):
    if cell["type"] != "code":
        return cell["source"]
    return "\n".join(line.lstrip("# ") for line in cell["source"].strip().strip("\"'").splitlines())


def figures(notebook, most=6, largest=600_000):
    """Return the pictures under the cells that a student has added or filled in: PNG in base64."""
    found = []
    for cell in notebook["cells"]:
        nbgrader = cell["metadata"].get("nbgrader") or {}
        if cell["cell_type"] != "code" or nbgrader.get("locked"):
            continue
        for output in cell.get("outputs") or []:
            data = output.get("data") if isinstance(output, dict) else None
            png = data.get("image/png") if isinstance(data, dict) else None
            png = "".join(png) if isinstance(png, list) else png
            if isinstance(png, str) and len(png) < largest and re.fullmatch(r"[A-Za-z0-9+/=\s]+", png):
                found.append("".join(png.split()))
    return found[:most]
