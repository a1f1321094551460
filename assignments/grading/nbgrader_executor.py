"""nbgrader's autograder with our reading and our rooms: the marks of `make grade`, in nbgrader's gradebook.

What a notebook has been through is mended before nbgrader sees it (HandedIn), and the hidden tests run outside the
process of the submission (SandboxExecute).
"""

import json
import os
import tempfile
from pathlib import Path

import nbformat
from nbconvert.exporters import NotebookExporter
from nbformat.v4 import new_output
from nbgrader.preprocessors import NbGraderPreprocessor
from sandbox import course_package, isolation

from grading import marking, submissions


def instructors(coursedir, assignment, version):
    """Return the instructor's notebook of a course, in its "source" or "release" version, as a dict, or None."""
    folder = {"source": coursedir.source_directory, "release": coursedir.release_directory}[version]
    path = Path(coursedir.format_path(folder, ".", assignment)) / f"{assignment}.ipynb"
    return submissions.parse(path.read_bytes()) if path.exists() else None


class HandedIn(NotebookExporter):
    """Reads a submission as `make grade` does, whatever its encoding and format; puts lost cells and names back.

    An answer to a question that stands elsewhere in the notebook comes into the question's own cell, where nbgrader's
    formgrader shows it.
    """

    def from_filename(self, filename, resources=None, **named):
        if not getattr(self.parent, "_sanitizing", False):
            return super().from_filename(filename, resources, **named)
        path = Path(filename)
        notebook = submissions.parse(path.read_bytes(), path.name)
        source, given = (instructors(self.parent.coursedir, path.stem, kind) for kind in ("source", "release"))
        mended = self.mended(notebook, source, marking.blanks(given or source)) if source else notebook
        return self.from_notebook_node(self.as_nbformat(mended), resources, **named)

    @staticmethod
    def mended(notebook, source, empty):
        """Return the notebook with every cell of the assignment once, under its name.

        empty : {name: text} of the cells that students fill in, as they were given out.
        """
        originals = {submissions.grade_id(cell): cell for cell in source["cells"]}
        merged, _ = submissions.put_back(notebook, source)
        cells = []
        for one in merged:
            cell = dict(one["cell"] or {}, cell_type=one["type"], source=one["source"])
            if one["id"]:
                cell["metadata"] = json.loads(json.dumps(originals[one["id"]]["metadata"]))
                if one["cell"] is None:
                    cell["source"] = empty.get(one["id"], one["source"])
                if one["kind"] == "written" and submissions.plain(cell["source"]) in ("", empty.get(one["id"])):
                    near, far = submissions.texts_elsewhere(merged, one["id"], empty)
                    texts = near or far or submissions.prose(merged, empty)
                    cell["source"] = "\n\n".join(texts) or empty.get(one["id"], "")
            else:
                cell["metadata"].pop("nbgrader", None)
            cells.append(cell)
        return notebook | {"cells": cells}

    @staticmethod
    def as_nbformat(notebook):
        """Return a valid notebook of nbformat's: what is not valid in it is left out."""
        nb = nbformat.v4.new_notebook()
        nb.metadata = nbformat.from_dict({key: value for key, value in notebook["metadata"].items() if value})
        for cell in notebook["cells"]:
            kind = cell["cell_type"] if cell["cell_type"] in ("code", "markdown", "raw") else "raw"
            new = getattr(nbformat.v4, f"new_{kind}_cell")(cell["source"])
            new.metadata = nbformat.from_dict(cell["metadata"])
            new.id = f"cell-{len(nb.cells)}"
            for output in cell.get("outputs") or [] if kind == "code" else []:
                try:
                    output = nbformat.from_dict(output)
                    nbformat.validate(output, ref="output", version=4)
                    new.outputs.append(output)
                except (nbformat.ValidationError, AttributeError, TypeError, ValueError):
                    continue
            nb.cells.append(new)
        return nb


class SandboxExecute(NbGraderPreprocessor):
    """Stands in for nbgrader's `Execute`: writes into each graded cell what its check says, for `SaveAutoGrades`.

    It comes after `OverwriteCells`, so the cells with tests are the instructor's own.
    """

    prepared = None  # (folder, packages, kind), made once for all submissions

    def preprocess(self, nb, resources):
        packages, kind = self.prepare()
        coursedir = getattr(getattr(self.parent, "parent", None), "coursedir", None)
        assignment = resources.get("nbgrader", {}).get("assignment")
        source, given = (coursedir and instructors(coursedir, assignment, kind) for kind in ("source", "release"))
        source = source or json.loads(json.dumps(nb))  # numbers and rules are the instructor's, not the submission's
        cells = [self.as_dict(cell) for cell in nb.cells]
        ours = source["metadata"]
        with_rules = ours.get("assignment_rules") == "given"
        run = marking.Run(cells, packages[not with_rules], kind, ours.get("assignment_seconds", 60))
        marks, stopped, notes = run.grade(source, marking.blanks(given or source))
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
        for line in run.flags:
            self.log.warning("For you to look at: %s", line)
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
    def as_dict(cell):
        name = submissions.grade_id(cell)
        kind = submissions.kind_of(cell) if name else "own"
        text = submissions.visible(cell.source) if kind == "check" else cell.source
        return {"id": name, "kind": kind, "type": cell.cell_type, "source": text}
