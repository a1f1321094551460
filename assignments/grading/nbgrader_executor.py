"""nbgrader's autograder with our rooms: the hidden tests run outside the process of the submission."""

import json
import os
import tempfile

import release
from nbformat.v4 import new_output
from nbgrader.preprocessors import NbGraderPreprocessor
from sandbox import course_package, isolation

from grading import marking, submissions


class MendNotebook(NbGraderPreprocessor):
    """Comes first: of cells with one name the first counts, as in `make grade`; the others are the student's own.

    (nbgrader's DeduplicateIds leaves empty metadata behind, at which the next step stops, for the whole class.)
    """

    def preprocess(self, nb, resources):
        for name in ("kernelspec", "language_info"):  # null in some files, at which nbgrader stops
            if not isinstance(nb.metadata.get(name, {}), dict):
                del nb.metadata[name]
        seen = set()
        for cell in nb.cells:
            name = submissions.grade_id(cell)
            if name is None or name in seen:
                cell.metadata.pop("nbgrader", None)
            seen.add(name)
        return nb, resources


class SandboxExecute(NbGraderPreprocessor):
    """Stands in for nbgrader's `Execute`: writes into each graded cell what its check says, for `SaveAutoGrades`.

    It comes after `OverwriteCells`, so the cells with tests are the instructor's own.
    """

    prepared = None  # (folder, packages, kind), made once for all submissions

    def preprocess(self, nb, resources):
        packages, kind = self.prepare()
        source = nb.copy()
        cells = [self.as_dict(cell) for cell in nb.cells]
        ours = self.metadata_of(resources["nbgrader"]["assignment"])
        with_rules = ours.get("assignment_rules") == "given"
        run = marking.Run(cells, packages[not with_rules], kind, ours.get("assignment_seconds", 60))
        marks, stopped, notes = run.grade(source, {})
        messages = {mark.id: mark.message for mark in marks}
        for cell in nb.cells:
            name = submissions.grade_id(cell)
            if name and cell.cell_type == "code" and submissions.kind_of(cell) == "check":
                cell.outputs, cell.execution_count = [], None
                if messages.get(name):
                    self.log.info("%s: %s", name, messages[name])
                    cell.outputs = [
                        new_output("error", ename="Check", evalue=messages[name], traceback=[messages[name]])
                    ]
        for line in [*notes, *stopped]:
            self.log.info(line)
        return nb, resources

    @classmethod
    def prepare(cls):
        if cls.prepared is None:
            folder = tempfile.TemporaryDirectory(prefix="grading-packages-")
            os.chmod(folder.name, 0o755)
            packages = {}
            for withheld in (True, False):
                place = os.path.join(folder.name, "without" if withheld else "with")
                os.mkdir(place)
                packages[withheld] = str(course_package.make(place, withheld))
            cls.prepared = folder, packages, isolation.best_kind(packages[True])
        return cls.prepared[1:]

    @staticmethod
    def metadata_of(assignment):
        """Return the metadata of the instructor notebook: a student could have changed those of the submission."""
        path = release.SOURCE / assignment / f"{assignment}.ipynb"
        return json.loads(path.read_text(encoding="utf-8"))["metadata"] if path.exists() else {}

    @staticmethod
    def as_dict(cell):
        name = submissions.grade_id(cell)
        kind = submissions.kind_of(cell) if name else "own"
        text = submissions.visible(cell.source) if kind == "check" else cell.source
        return {"id": name, "kind": kind, "type": cell.cell_type, "source": text}
