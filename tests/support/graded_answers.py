"""Submissions made from the model answers, and their grading inside this process."""

import copy
import json
import re
import sys
from pathlib import Path

ASSIGNMENTS = Path(__file__).resolve().parents[2] / "assignments"
sys.path.insert(0, str(ASSIGNMENTS))

import release  # noqa: E402
import variants  # noqa: E402
from grading import marking, submissions  # noqa: E402
from sandbox.student_process import Notebook  # noqa: E402


class HereStudent:
    """A submission whose code runs in this process, so that many can be checked in a second."""

    def __init__(self, term):
        self.notebook, self.notes, self.term, self.withheld, self.flags = Notebook(), {}, term, False, []

    @property
    def place(self):
        return self.notebook.place

    @place.setter
    def place(self, number):
        self.notebook.go_to(number)

    def run_cell(self, source, seconds, only_definitions=False):
        stdout, stderr = sys.stdout, sys.stderr
        try:
            return self.notebook.run(source, seconds)
        finally:
            sys.stdout, sys.stderr = stdout, stderr

    def fresh(self, name):
        return self.notebook.fresh(name)

    def harness(self, source, values, name):
        return self.notebook.harness(source, values, name)

    def value(self, name):
        if name not in self.notebook.names:
            raise NameError(name)
        return self.notebook.names[name]


class Bench:
    """The assignments, their model answers, and the grading of other answers."""

    def __init__(self, names=None, key=None):
        """names : of the assignments (all). key : of a private variant."""
        self.sources, self.blank = {}, {}
        for name in names or release.names():
            source = release.instructor_version(name, key=key)
            self.sources[name] = json.loads(json.dumps(source))
            self.blank[name] = json.loads(json.dumps(release.student_version(source, name, key=key)))

    def model(self, name):
        """Return {nbgrader's name: text} of the model answers."""
        return {
            submissions.grade_id(cell): re.sub(r"\n? *### (BEGIN|END) SOLUTION *", "", cell["source"]).strip("\n")
            for cell in self.sources[name]["cells"]
            if submissions.kind_of(cell) in ("answer", "written")
        }

    def notebook(self, name, answers=None):
        """Return a submission as a notebook: the model answers, but for `answers`; None there: as given out."""
        texts = self.model(name) | (answers or {})
        notebook = copy.deepcopy(self.blank[name])
        for cell in notebook["cells"]:
            if texts.get(submissions.grade_id(cell)) is not None:
                cell["source"] = texts[submissions.grade_id(cell)]
        return notebook

    def marks(self, name, answers=None, term=None, seconds=60, numbers=None):
        """Grade a submission in this process; return {name of a check: (marks lost, message)} where some are lost.

        numbers : some of the term's, in place of its own.
        """
        source = copy.deepcopy(self.sources[name])
        if term:
            variants.set_term(source, variants.numbers(name, term, variants.term_of(source)))
        if numbers:
            variants.set_term(source, variants.term_of(source) | numbers)
        cells, _ = submissions.put_back(self.notebook(name, answers), source)
        run = marking.Run(cells, None, None, seconds)
        run.student = HereStudent(variants.term_of(source))
        run.run_cells(run.student)
        marks = list(run.ask(source, marking.blanks(self.blank[name])))
        run.check_visible_parts(marks)
        self.flags = run.student.flags
        lost = {m.id: (m.points - m.given, m.message) for m in marks if m.given is not None and m.given < m.points}
        return lost, run.stopped


def changed(text, *replacements):
    """Return the text with replacements (old, new, old, new, …), each of which must apply."""
    for old, new in zip(replacements[::2], replacements[1::2]):
        assert old in text, f"{old!r} is not in the model solution"
        text = text.replace(old, new)
    return text
