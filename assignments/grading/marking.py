"""Grade one submission: run its cells in a room, ask the hidden checks, and say what came of it."""

import time
from dataclasses import asdict, dataclass, field

import checks
import variants

from grading import submissions
from grading.remote import Gone, RemoteStudent
from grading.room import Room

CELL_SECONDS = 20
STARTS = 3  # how often a notebook whose process died is run again, without the cell in which it died


@dataclass
class Mark:
    """One idea: what it is called, the marks for it, the marks given (None: a reader gives them), what was wrong."""

    id: str
    title: str
    points: float
    given: float | None
    message: str = ""
    answer: str = ""  # of a written question


@dataclass
class Result:
    """All that is known of a graded submission."""

    student: str
    assignment: str
    status: str  # "graded", "untouched", "unreadable"
    marks: list = field(default_factory=list)
    notes: list = field(default_factory=list)
    stopped: list = field(default_factory=list)  # cells that stopped with an error
    seconds: float = 0.0

    @property
    def score(self):
        return sum(mark.given or 0 for mark in self.marks)

    @property
    def possible(self):
        return sum(mark.points for mark in self.marks if mark.given is not None)

    @property
    def open(self):
        return sum(mark.points for mark in self.marks if mark.given is None)

    def as_dict(self):
        return asdict(self) | {"score": self.score, "possible": self.possible, "open": self.open}


def grade(submission, source, student_version, packages, kind, seconds=60):
    """Return the Result of a submission.

    source : the instructor's notebook. student_version : as it was given out, to see what is untouched.
    packages : {True: folder of `descent` without rules, False: with them}. kind : of room.
    """
    begin = time.monotonic()
    result = Result(submission.student, submission.assignment, "graded", notes=list(submission.notes))
    try:
        if submission.problem:
            raise submissions.Unreadable(submission.problem)
        notebook = submissions.read(submission.path)
        submissions.check_language(notebook)
    except submissions.Unreadable as problem:
        result.status = "unreadable"
        result.notes.append(str(problem))
        result.marks = list(_nothing(source, str(problem)))
        result.seconds = time.monotonic() - begin
        return result
    result.notes += check_version(notebook, student_version)
    cells, notes = submissions.put_back(notebook, source)
    result.notes += notes
    empty = blanks(student_version)
    if untouched(cells, empty):
        result.status = "untouched"
        result.notes.append("You handed in the notebook as it was given out: there is nothing in it to grade yet.")
        result.marks = list(_nothing(source, "This part is not written yet."))
    else:
        with_rules = source["metadata"].get("assignment_rules", "own") == "given"
        run = Run(cells, packages[not with_rules], kind, source["metadata"].get("assignment_seconds", seconds))
        result.marks, result.stopped, more = run.grade(source, empty)
        result.notes += more
    result.seconds = time.monotonic() - begin
    return result


def check_version(notebook, student_version):
    """Return a note when the notebook is not the one that was given out this term."""
    stamp, wanted = notebook["metadata"].get("assignment"), student_version["metadata"]["assignment"]
    if not isinstance(stamp, dict):
        return []
    if stamp.get("term") != wanted["term"]:
        return [f"Your notebook is that of the term {stamp.get('term')}; this is {wanted['term']}, with other numbers."]
    if stamp.get("version") != wanted["version"]:
        return [
            "Your notebook is an older version of this assignment. It was graded by the newer one: fetch that if something is missing."
        ]
    return []


def blanks(student_version):
    """Return {name: text} of the cells that students fill in, as they were given out."""
    cells = student_version["cells"]
    return {
        submissions.grade_id(cell): "".join(cell["source"]).strip()
        for cell in cells
        if submissions.grade_id(cell) and submissions.kind_of(cell) in ("answer", "written")
    }


def untouched(cells, empty):
    """Tell whether nothing has been filled in, and nothing added that defines anything."""
    filled = any(
        cell["source"].strip() not in ("", empty.get(cell["id"], ""))
        for cell in cells
        if cell["kind"] in ("answer", "written")
    )
    return not filled and not any(
        cell["kind"] == "own" and cell["type"] == "code" and cell["source"].strip() for cell in cells
    )


def _nothing(source, message):
    for cell in source["cells"]:
        if submissions.grade_id(cell) and submissions.kind_of(cell) in ("check", "written"):
            yield Mark(submissions.grade_id(cell), title_of(cell), points_of(cell), 0.0, message)


def title_of(cell):
    """Return the name of a check: its first line, which is a comment; of a question: its nbgrader name."""
    first = "".join(cell["source"]).splitlines()[0]
    if submissions.kind_of(cell) == "check" and first.startswith("#"):
        return first.lstrip("# ").partition(" (")[0].partition(":")[0]
    return submissions.grade_id(cell).partition("-")[2].replace("-", " ").capitalize()


def points_of(cell):
    return float(cell["metadata"]["nbgrader"]["points"])


class Stopped(str):
    """What is said of a cell that stopped; `source` is its text."""


class Run:
    """The run of one submission, begun again without a cell that kills its process."""

    def __init__(self, cells, packages, kind, seconds):
        self.cells, self.packages, self.kind = cells, packages, kind
        self.until = time.monotonic() + seconds
        self.seconds = seconds
        self.deadly = {}  # number of a cell: why its process ended

    def grade(self, source, empty):
        notes = []
        for start in range(STARTS):
            room = Room(self.kind, self.packages, {"cpu": int(self.seconds) + 5})
            try:
                left = self.until - time.monotonic()
                student = RemoteStudent(room, seconds=max(left, self.seconds / 2))  # a fair chance without the cell
                student.term = variants.term_of(source)
                stopped = self.run_cells(student)
                if stopped is None and start < STARTS - 1:
                    continue
                marks = list(self.ask(student, source, empty))
                break
            except Gone as gone:
                if start == STARTS - 1:
                    stopped = None
                    marks = list(_nothing(source, f"Nothing could be graded: while your notebook ran, {gone}."))
                    marks = [self.written(mark, source, empty) for mark in marks]
                    break
            finally:
                room.close()
        for number, reason in self.deadly.items():
            notes.append(
                f"Your notebook was stopped in code cell {number}: {reason}. The rest was graded without that cell."
            )
        return marks, stopped or [], notes

    def run_cells(self, student):
        """Run the student's cells (checks are left out); return those that stopped, or None if the process died."""
        stopped = []
        code = [cell for cell in self.cells if cell["type"] == "code"]
        for number, cell in enumerate(code, start=1):
            source = "" if cell["kind"] == "check" or number in self.deadly else cell["source"]
            try:
                answer = student.run_cell(source, min(CELL_SECONDS, self.seconds / 4))
            except Gone as gone:
                self.deadly[number] = str(gone)
                return None
            student.withheld |= "the rule has to be your own" in str(answer.get("error"))
            if "error" in answer and cell["kind"] != "given":
                stopped.append(Stopped(describe(number, cell, answer["error"])))
                stopped[-1].source = cell["source"]
        student.stopped = [line for line in stopped if "is not written yet" not in line]
        return stopped

    def ask(self, student, source, empty):
        """Yield a Mark for each graded cell."""
        checks.use(student)
        for cell in source["cells"]:
            if not submissions.grade_id(cell):
                continue
            kind = submissions.kind_of(cell)
            if kind not in ("check", "written"):
                continue
            mark = Mark(submissions.grade_id(cell), title_of(cell), points_of(cell), points_of(cell))
            if kind == "written":
                yield self.written(mark, source, empty)
                continue
            try:
                exec(compile(submissions.hidden(cell["source"]), mark.id, "exec"), {})
            except checks.Failed as failure:
                mark.given, mark.message = 0.0, str(failure)
            except Gone as gone:
                mark.given, mark.message = 0.0, f"This could not be checked: while your code ran, {gone}."
            yield mark

    def written(self, mark, source, empty):
        """A written answer waits for a reader, unless there is none."""
        if mark.id not in empty:
            return mark
        answer = next((cell["source"] for cell in self.cells if cell["id"] == mark.id), "")
        if answer.strip() in ("", empty[mark.id]):
            mark.given, mark.message = 0.0, "There is no answer."
        else:
            mark.given, mark.message, mark.answer = None, "", answer[:20_000]
        return mark


def describe(number, cell, error):
    """Say what happened in a cell."""
    what = f"{error.get('kind')}: {error.get('message')}".rstrip(": ")
    if "Your code goes here" in what:
        return f"Code cell {number} ({cell['id'] or 'one of your own'}) is not written yet."
    line = error.get("place") or [None, None]
    at = f", line {line[1]}" if line[0] == f"<cell {number}>" else ""
    if error.get("kind") == "TooLong":
        return f"Code cell {number}{at} did not come to an end: {error.get('message')}."
    if error.get("kind") == "SyntaxError":
        return f"Code cell {number}{at} is not Python: {error.get('message')}."
    return f"Code cell {number}{at} stopped with {what}."
