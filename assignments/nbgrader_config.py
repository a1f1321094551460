"""nbgrader's settings for a course with these assignments; `release.py --course FOLDER` makes a course that loads them.

Three settings are not nbgrader's usual ones. Notebooks are read as `grade.py` reads them, whatever has become of them
(HandedIn). Submissions run in the closed processes of `grade.py`, not in a kernel beside the tests (SandboxExecute).
And what a student's cells showed stays as it was handed in, so that a reader sees the figures.
"""

import os
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
# nbgrader calls `alembic` by its name alone when it makes its database: it stands beside this Python.
os.environ["PATH"] = os.pathsep.join(filter(None, [str(Path(sys.executable).parent), os.environ.get("PATH")]))
# For nbgrader's own autograder, should you go back to it: its kernels find the checks.
os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(HERE), os.environ.get("PYTHONPATH")]))

c = get_config()  # noqa: F821, traitlets provides it

c.CourseDirectory.course_id = "how-adam-works"
c.Exchange.root = os.environ.get("NBGRADER_EXCHANGE", "/usr/local/share/nbgrader/exchange")
c.ClearSolutions.code_stub = {"python": "# Your code here.\nraise RuntimeError('Your code goes here.')"}
c.ClearSolutions.text_stub = "*Your answer here.*"
c.Autograde.exporter_class = "grading.nbgrader_executor.HandedIn"
c.Autograde.sanitize_preprocessors = [
    "nbgrader.preprocessors.OverwriteKernelspec",
    "nbgrader.preprocessors.OverwriteCells",
    "nbgrader.preprocessors.CheckCellMetadata",
]
c.Autograde.autograde_preprocessors = [
    "grading.nbgrader_executor.SandboxExecute",
    "nbgrader.preprocessors.LimitOutput",
    "nbgrader.preprocessors.SaveAutoGrades",
    "nbgrader.preprocessors.AssignLatePenalties",
    "nbgrader.preprocessors.CheckCellMetadata",
]
