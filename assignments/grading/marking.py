"""Grade one submission: run its cells in a room, ask the hidden checks, and say what came of it."""

import time
from dataclasses import asdict, dataclass, field

import checks
import variants
from sandbox.isolation import Sandbox
from sandbox.remote_student import Gone, RemoteStudent, busy

from grading import submissions

CELL_SECONDS = 20
OTHER_KEY = (
    "This notebook was given out with another key than it was graded with, or one of the two had none: its numbers "
    "and its rule are others. (Instructor: make grade … KEY=)"
)


@dataclass
class Mark:
    """One idea: what it is called, the marks for it, the marks given (None: a reader gives them), what was wrong."""

    id: str
    title: str
    points: float
    given: float | None
    message: str = ""
    answer: str = ""  # of a written question
    kind: str = "check"  # or "written", or "adjustment"
    comment: str = ""  # by hand
    by_hand: bool = False  # the marks are given by a person


@dataclass
class Result:
    """All that is known of a graded submission."""

    student: str
    assignment: str
    status: str  # "graded", "untouched", "unreadable"
    marks: list = field(default_factory=list)
    notes: list = field(default_factory=list)
    stopped: list = field(default_factory=list)  # cells that stopped with an error
    flags: list = field(default_factory=list)  # why a person should look at it
    figures: list = field(default_factory=list)  # of the student's own cells, PNG in base64
    file: str = ""  # as it was handed in
    late: str = ""
    seconds: float = 0.0

    @property
    def score(self):
        """float: the sum of what the checks gave."""
        return totals(asdict(self))["score"]

    def as_dict(self):
        return asdict(self) | totals(asdict(self))


def totals(result):
    """Return the sums of a result (a dict): of the checks, of what is read, what waits for a reader, and all."""
    marks = result["marks"]
    checks_, written = ([m for m in marks if m["kind"] == kind] for kind in ("check", "written"))
    given = [m["given"] or 0 for m in marks]
    return {
        "score": sum(m["given"] or 0 for m in checks_),
        "possible": sum(m["points"] for m in checks_),
        "read": sum(m["given"] or 0 for m in written),
        "open": sum(m["points"] for m in written if m["given"] is None),
        "total": max(0.0, sum(given)),
        "maximum": sum(m["points"] for m in marks),
    }


def grade(submission, source, student_version, packages, kind, seconds=60):
    """Return the Result of a submission.

    source : the instructor's notebook. student_version : as it was given out, to see what is untouched.
    packages : {True: folder of `descent` without rules, False: with them}. kind : of room.
    """
    begin = time.monotonic()
    result = Result(submission.student, submission.assignment, "graded", notes=list(submission.notes))
    result.flags, result.file, result.late = list(submission.questions), submission.file, submission.late
    try:
        if submission.problem:
            raise submissions.Unreadable(submission.problem)
        notebook = submissions.read(submission)
        submissions.check_language(notebook)
    except submissions.Unreadable as problem:
        result.status = "unreadable"
        result.notes.append(str(problem))
        result.marks = list(nothing(source, str(problem)))
        result.seconds = time.monotonic() - begin
        return result
    version = check_version(notebook, student_version)
    result.notes += version
    if OTHER_KEY in version:
        result.flags.append(OTHER_KEY)
    cells, notes = submissions.put_back(notebook, source, older=bool(version))
    result.notes += notes
    empty = blanks(student_version)
    if untouched(cells, empty):
        result.status = "untouched"
        result.notes.append("You handed in the notebook as it was given out: there is nothing in it to grade yet.")
        result.marks = list(nothing(source, "This part is not written yet."))
    else:
        run = Run(
            cells,
            packages[source["metadata"].get("assignment_rules", "own") != "given"],
            kind,
            source["metadata"].get("assignment_seconds", seconds),
            notebook["metadata"].get("language_info", {}).get("version"),
        )
        result.marks, result.stopped, more = run.grade(source, empty)
        result.notes += more
        result.flags += run.flags
        result.figures = submissions.figures(notebook)
    result.seconds = time.monotonic() - begin
    return result


def check_version(notebook, student_version):
    """Return a note when the notebook is not the one that was given out this term."""
    stamp, wanted = notebook["metadata"].get("assignment"), student_version["metadata"]["assignment"]
    if not isinstance(stamp, dict):
        return []
    if stamp.get("term") != wanted["term"]:
        return [f"Your notebook is that of the term {stamp.get('term')}; this is {wanted['term']}, with other numbers."]
    if stamp.get("key") != wanted.get("key"):
        return [OTHER_KEY]
    if stamp.get("version") != wanted["version"]:
        return [
            "Your notebook is an older version of this assignment. It was graded by the newer one: fetch that if "
            "something is missing."
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
    """Tell whether nothing has been filled in, and nothing added."""
    given = {submissions.plain(text) for text in empty.values()} | {""}
    return all(
        submissions.plain(cell["source"]) in given for cell in cells if cell["kind"] in ("answer", "written", "own")
    )


def nothing(source, message):
    for cell in source["cells"]:
        if submissions.grade_id(cell) and submissions.kind_of(cell) in ("check", "written"):
            kind = submissions.kind_of(cell)
            yield Mark(submissions.grade_id(cell), title_of(cell), points_of(cell), 0.0, message, kind=kind)


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
    """The run of one submission: its cells, then each check by itself.

    What ends the process of the submission costs what it ended, and no more: the cells are run again in a new one,
    without the one that ended it, and the next check is asked there.
    """

    def __init__(self, cells, packages, kind, seconds, python=None):
        self.cells, self.packages, self.kind, self.seconds, self.python = cells, packages, kind, seconds, python
        self.code = [cell for cell in cells if cell["type"] == "code"]
        self.deadly = {}  # number of a cell: why its process ended
        self.slow = set()  # numbers of cells that are not run again: they took long, or did not end
        self.unrun = set()  # numbers of cells for which there was no time left
        self.stopped, self.remarks, self.flags, self.found = [], [], [], {}
        self.student = self.sandbox = None
        self.until = time.monotonic() + busy() * (5 * seconds + 120)  # for everything: no submission holds up a class

    def grade(self, source, empty):
        """Return (marks, cells that stopped, notes)."""
        try:
            self.remarks += submissions.without_stubs(self.cells, empty)
            self.begin(source)
            marks = list(self.ask(source, empty))
            self.check_visible_parts(marks)
        finally:
            if self.sandbox:
                self.sandbox.close()
        notes = [
            f"Your notebook was stopped in code cell {number}: {reason}. The rest was graded without that cell."
            for number, reason in self.deadly.items()
        ]
        if self.unrun:
            numbers = ", ".join(map(str, sorted(self.unrun)))
            notes.append(
                f"The {self.seconds:g} seconds of the notebook were over before code cell {numbers}: of what "
                "came then, "
                "definitions and answers were run, and no experiments."
            )
        return marks, self.stopped, notes + list(dict.fromkeys(self.remarks))

    # ------------------------------------------------------------ the process

    def begin(self, source):
        """Run the cells in a new process; when one of them ends it, in another without that cell."""
        for _ in range(len(self.code) + 1):
            if self.sandbox:
                self.sandbox.close()
            self.sandbox = Sandbox(self.kind, self.packages, {"cpu": int(5 * self.seconds) + 120})
            self.student = RemoteStudent(self.sandbox)
            self.student.term = variants.term_of(source)
            self.student.notes, self.student.flags = self.found, self.flags
            checks.use(self.student)
            if self.run_cells(self.student):
                return
        raise RuntimeError("the cells of the notebook could not be run")

    def run_cells(self, student):
        """Run the student's cells (checks are left out); return whether the process lives."""
        stopped, left = [], self.seconds
        for number, cell in enumerate(self.code, start=1):
            source = "" if cell["kind"] == "check" else cell["source"]
            own = cell["kind"] == "own"
            over = left <= 0 and source.strip() != ""
            only = number in self.deadly or (own and (over or number in self.slow))
            seconds = min(CELL_SECONDS, left) if left > 5 or own else min(CELL_SECONDS, 5)
            begin = time.monotonic()
            try:
                answer = student.run_cell(source, max(seconds, 1), only)
            except Gone as gone:
                if number in self.deadly:  # its definitions end the process, too
                    cell["source"] = ""
                self.deadly[number] = str(gone)
                return False
            took = float(answer.get("took", time.monotonic() - begin))
            left -= took
            if over and own:
                self.unrun.add(number)
            if took > 2:
                self.slow.add(number)
            self.remarks += [f"Code cell {number}: {remark}" for remark in answer.get("remarks", [])]
            student.withheld |= "the rule has to be your own" in str(answer.get("error"))
            if "error" in answer and cell["kind"] != "given":
                stopped.append(Stopped(describe(number, cell, answer["error"], self.python)))
                stopped[-1].source = cell["source"]
        self.stopped = self.stopped or stopped
        student.stopped = [line for line in stopped if "is not written yet" not in line]
        return True

    # ------------------------------------------------------------ the checks

    def ask(self, source, empty):
        """Yield a Mark for each graded cell."""
        checks.use(self.student)
        for cell in source["cells"]:
            if not submissions.grade_id(cell):
                continue
            kind = submissions.kind_of(cell)
            if kind not in ("check", "written"):
                continue
            mark = Mark(submissions.grade_id(cell), title_of(cell), points_of(cell), points_of(cell), kind=kind)
            if kind == "written":
                yield self.written(mark, empty)
                continue
            if time.monotonic() > self.until:
                mark.given, mark.message = 0.0, "This could not be checked: your notebook has used up all its time."
                yield mark
                continue
            self.student.place = self.place_of(mark.id)
            try:
                exec(compile(submissions.hidden(cell["source"]), mark.id, "exec"), {})
            except checks.Failed as failure:
                mark.given, mark.message = 0.0, str(failure)
            except Gone as gone:
                mark.given, mark.message = 0.0, f"This could not be checked: while your code ran, {gone}."
                if self.sandbox and self.student.reason:
                    self.begin(source)
            yield mark

    def place_of(self, name):
        """Return the number of the code cell with this name."""
        return next((number for number, cell in enumerate(self.code, start=1) if cell["id"] == name), None)

    def check_visible_parts(self, marks):
        """Where a check that the student could run fails, full marks are impossible, whatever the hidden ones say."""
        marked = {mark.id: mark for mark in marks if mark.given is not None}
        if any(mark.given < mark.points and mark.id in {c["id"] for c in self.code} for mark in marked.values()):
            return
        for cell in self.code:
            if cell["kind"] != "check" or cell["id"] not in marked:
                continue
            self.student.place = self.place_of(cell["id"])
            try:
                error = self.student.run_cell(cell["source"], CELL_SECONDS).get("error")
            except Gone as gone:
                error = {"kind": "", "message": str(gone)}
            if error:
                mark = marked[cell["id"]]
                what = error["message"] or error["kind"]
                mark.given = 0.0
                mark.message = f"The check that you see in this cell fails: {what}."
                self.flags.append(f"{mark.title}: the visible check fails, and nothing else does.")
                return

    def written(self, mark, empty):
        """A written answer waits for a reader, wherever it stands, unless there is none."""
        if mark.id not in empty:
            return mark
        cell = next((cell for cell in self.cells if cell["id"] == mark.id), None)
        own = [] if cell is None or cell["source"].strip() in ("", empty[mark.id]) else [cell["source"]]
        if not own and cell and (cell.get("cell") or {}).get("attachments"):
            own = ["(There is no text; a picture is attached to the cell, in the notebook.)"]
        near, far = submissions.texts_elsewhere(self.cells, mark.id, empty)
        texts = own + near or far or submissions.prose(self.cells, empty)
        if not texts:
            mark.given, mark.message = 0.0, "There is no answer."
        else:
            mark.given, mark.answer = None, "\n\n".join(texts)[:20_000]
            if not own and not near:
                mark.message = "The cell of the answer is empty; this stands elsewhere in the notebook."
        return mark


def describe(number, cell, error, python=None):
    """Say what happened in a cell."""
    what = f"{error.get('kind')}: {error.get('message')}".rstrip(": ")
    if "Your code goes here" in what:
        return f"Code cell {number} ({cell['id'] or 'one of your own'}) is not written yet."
    line = error.get("place") or [None, None]
    at = f", line {line[1]}" if line[0] == f"<cell {number}>" else ""
    if error.get("kind") == "TooLong":
        return f"Code cell {number}{at} did not come to an end: {error.get('message')}."
    if error.get("kind") == "SyntaxError":
        ours, theirs = error.get("python") or "", ".".join(str(python or "").split(".")[:2])
        newer = (
            f" Your notebook was saved by Python {theirs}; it is graded by {ours}." if theirs != ours and theirs else ""
        )
        return f"Code cell {number}{at} is not Python {ours}: {error.get('message')}.{newer}"
    return f"Code cell {number}{at} stopped with {what}."
