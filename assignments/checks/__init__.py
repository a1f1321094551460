"""The hidden checks: what decides a mark. Kept by the instructor, never handed out.

A graded cell of an instructor notebook calls one check, between nbgrader's marks for hidden tests:

    ### BEGIN HIDDEN TESTS
    from checks import adam
    adam.correction()
    ### END HIDDEN TESTS

Each check holds one idea. It asks the submission for numbers and raises `Failed` with a sentence that names the
misconception and the section to reread, and does not give the answer. The same check runs in two places: in the
kernel, for nbgrader's own autograder, and outside it, for `grade.py`, where `student` is a `RemoteStudent` and the
submission cannot read or change anything here.
"""

import ast
import functools
import re
import traceback

import numpy as np

BOOK = {
    "gradient-descent": "Gradient descent and its limits",
    "momentum": "Momentum",
    "adam": "Adam",
    "bias-correction": "Bias correction, derived",
    "weight-decay": "Weight decay",
    "adam-in-practice": "Adam in practice",
}


class Failed(AssertionError):
    """A check that failed; the message is for the student."""


class KernelStudent:
    """The submission in whose kernel the check runs (nbgrader's own autograder)."""

    def _notebook(self, name):
        """Return the cells that the kernel has run, with its names."""
        from sandbox.student_process import Notebook, plain_python

        import __main__

        notebook = Notebook()
        notebook.names = vars(__main__)
        if name not in notebook.names:
            raise NameError(name)
        for source in notebook.names.get("In", []):
            try:
                notebook.cells.append(ast.parse(plain_python(source)))
            except SyntaxError:
                notebook.cells.append(ast.Module([], []))
        return notebook

    def fresh(self, name):
        """Return what `name` means, its definition run anew beside the other names of the notebook."""
        return self._notebook(name).fresh(name)

    def harness(self, source, values, name):
        """Run lines of ours beside `name`; return what they call `answer`."""
        return self._notebook(name).harness(source, values, name)

    @property
    def notes(self):
        return {}  # a notebook may change between two checks: nothing is remembered

    def value(self, name):
        import __main__

        if not hasattr(__main__, name):
            raise NameError(name)
        return getattr(__main__, name)


student = KernelStudent()


def use(other):
    """From here on ask `other` (a RemoteStudent), not the kernel."""
    global student
    student = other


def ask():
    """Return the submission that is being checked."""
    return student


def term():
    """Return the numbers of this term: the dict TERM of the instructor's notebook."""
    return student.term if hasattr(student, "term") else student.value("TERM")


def flag(sentence):
    """Mark the submission for a person to look at."""
    flags = getattr(student, "flags", None)
    if flags is not None and sentence not in flags:
        flags.append(sentence)


def once(key, inquire):
    """Return what `inquire()` returns; what one check has found out, or has failed at, is not asked again."""
    notes = ask().notes
    if key not in notes:
        try:
            notes[key] = inquire()
        except Exception as error:
            notes[key] = error
            raise
    if isinstance(notes[key], Exception):
        raise notes[key]
    return notes[key]


def typed(given, right, digits=3):
    """Tell whether a number is right at the digits that were asked for, however many more were typed."""
    given, right = float(given), float(right)
    if np.isnan(right):  # a rule that gives no number
        return bool(np.isnan(given))
    if abs(given - right) <= 1e-4 * abs(right):
        return True
    return any(
        np.isclose(given, rounded, rtol=1e-12, atol=0)
        for n in range(digits, 16)
        for rounded in (float(f"{right:.{n}g}"), round(right, n))
    )


def reread(where):
    """Return a pointer into the book: "adam#The rule" becomes words."""
    chapter, _, section = where.partition("#")
    return f"Reread: {BOOK[chapter]}, section “{section}”."


def check(where):
    """Make a function a check: whatever goes wrong in it becomes a sentence for the student.

    `where` is the section to reread, "chapter#heading", unless the failure names another.
    """

    def decorate(function):
        @functools.wraps(function)
        def run(*args, **named):
            try:
                with np.errstate(all="ignore"):
                    return function(*args, **named)
            except Failed as failure:
                text = str(failure)
                raise Failed(text if "Reread:" in text else f"{text} {reread(where)}") from None
            except Exception as error:
                if type(error).__name__ == "Gone":
                    raise
                raise Failed(f"{in_words(error)} {reread(where)}") from None

        run.where = where
        return run

    return decorate


def fail(sentence, where=None):
    raise Failed(f"{sentence} {reread(where)}" if where else sentence)


WITHHELD = "Your answer takes the rule from `descent`; here you write it yourself, and `descent` withholds its own."


def place_in(error):
    """Return the cell and the line of a notebook where an error was raised, or None."""
    frames = traceback.extract_tb(error.__traceback__)
    return next(((one.filename, one.lineno) for one in reversed(frames) if one.filename.startswith("<cell ")), None)


def in_words(error):
    """Say to a student what an error of their code was."""
    kind, place = getattr(error, "kind", type(error).__name__), getattr(error, "place", None) or place_in(error)
    if kind in ("Missing", "NameError") and not place:
        if getattr(student, "withheld", False):
            return WITHHELD
        name, alike = getattr(error, "name", None) or str(error), getattr(error, "alike", [])
        why = next((line for line in getattr(student, "stopped", ()) if re.search(rf"\b{name}\b", line.source)), None)
        if why:
            return f"There is no `{name}`, since the cell that would define it did not run. {why}"
        hint = f" There is {' and '.join(f'`{other}`' for other in alike)}: is it that?" if alike else ""
        return f"There is no `{name}` in your notebook: the checks look for exactly this name.{hint}"
    message = getattr(error, "message", str(error))
    if "the rule has to be your own" in message:
        return WITHHELD
    if "Your code goes here" in message:
        return "This part is not written yet."
    line = f", in line {place[1]} of {place[0].strip('<>')} of your notebook" if place else ""
    if kind == "TooLong":
        return f"Your code did not come to an end{line}: look for a loop that cannot stop."
    return f"Your code stopped with {kind}: {message}{line}."
