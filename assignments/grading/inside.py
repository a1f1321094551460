"""What runs beside a student's code: it executes the cells, and answers the grader's questions with numbers.

This file is all of the grader that a submission can see. It holds no expected value, no test and no mark. The
grader (`remote.py`) writes one question a line to standard input and reads one answer a line; both are JSON.

    {"op": "cell", "source": "…", "seconds": 20}      run a cell; the answer says how it ended
    {"op": "fresh", "name": "Adam"}                   what the name means, its definition run anew
    {"op": "value", "name": "results"}                the plain value of a name
    {"op": "call", "of": 3, "method": "step", …}      call something; arrays are shared by number
"""

import ast
import base64
import difflib
import io
import json
import os
import shutil
import signal
import sys
import traceback

import numpy as np

KEPT = 2000  # characters of a cell's output that are kept
MAGIC = ("%", "!", "?")


class TooLong(BaseException):
    """A cell or a call took too long. Not an Exception, so that `except Exception` does not hide it."""


class Ended(BaseException):
    """The notebook called exit() or quit()."""


class Tail(io.TextIOBase):
    """A stream that keeps its first characters and counts the rest."""

    def __init__(self):
        self.text, self.length = "", 0

    def writable(self):
        return True

    def write(self, text):
        self.length += len(text)
        if len(self.text) < KEPT:
            self.text += text[: KEPT - len(self.text)]
        return len(text)


# ---------------------------------------------------------------- values to JSON and back


class Things:
    """Arrays and objects that both sides call by a number."""

    def __init__(self):
        self.arrays, self.seen, self.objects = {}, {}, {}

    def take(self, arrays):
        for number, data in arrays.items():
            number, value = int(number), decode_array(data)
            if number in self.arrays and self.arrays[number].shape == value.shape:
                self.arrays[number][...] = value
            else:
                self.arrays[number] = value
            self.seen[number] = self.arrays[number].tobytes()

    def changed(self):
        """Return the arrays whose content is not what the grader last saw."""
        answer = {}
        for number, array in self.arrays.items():
            content = array.tobytes()
            if content != self.seen[number]:
                self.seen[number] = content
                answer[number] = encode_array(array)
        return answer

    def decode(self, value):
        if isinstance(value, list):
            return [self.decode(item) for item in value]
        if isinstance(value, dict):
            if "array" in value:
                return self.arrays[value["array"]]
            if "tuple" in value:
                return tuple(self.decode(item) for item in value["tuple"])
            if "object" in value:
                return self.objects[value["object"]]
            return {key: self.decode(item) for key, item in value["dict"].items()}
        return value

    def encode(self, value, depth=0):
        for number, array in self.arrays.items():
            if value is array:
                return {"array": number}
        if value is None or isinstance(value, (bool, int, float, str)):
            return value
        if isinstance(value, np.generic) and value.dtype.kind in "biuf":
            return {"scalar": encode_array(np.asarray(value))}
        if isinstance(value, np.ndarray) and value.dtype.kind in "biuf":
            return {"copy": encode_array(value)}
        if depth < 6 and isinstance(value, (list, tuple)):
            items = [self.encode(item, depth + 1) for item in value]
            return items if isinstance(value, list) else {"tuple": items}
        if depth < 6 and isinstance(value, dict) and all(isinstance(key, (str, int, float)) for key in value):
            return {"dict": {str(key): self.encode(item, depth + 1) for key, item in value.items()}}
        self.objects[len(self.objects)] = value
        return {"object": len(self.objects) - 1, "kind": type(value).__name__, "callable": callable(value)}


def encode_array(array):
    return {"dtype": array.dtype.str, "shape": array.shape, "bytes": base64.b64encode(array.tobytes()).decode()}


def decode_array(data):
    array = np.frombuffer(base64.b64decode(data["bytes"]), dtype=data["dtype"])
    return array.reshape(data["shape"]).copy()


# ---------------------------------------------------------------- the student's code


class Notebook:
    """The names that the cells define, and the cells themselves, to run a definition anew."""

    def __init__(self):
        self.names = {"__name__": "__main__", "display": print, "get_ipython": lambda: Shell(self)}
        self.cells, self.output = [], Tail()

    def run(self, source, seconds):
        number = len(self.cells) + 1
        where = f"<cell {number}>"
        self.output = sys.stdout = sys.stderr = Tail()
        answer = {"number": number}
        try:
            with Alarm(seconds):
                tree = ast.parse(plain_python(source), where)
                self.cells.append(tree)
                exec(compile(tree, where, "exec"), self.names)
        except BaseException as error:
            if len(self.cells) < number:
                self.cells.append(None)
            answer["error"] = describe(error)
        answer["output"], answer["length"] = self.output.text, self.output.length
        return answer

    def fresh(self, name):
        """Return what `name` means after the cell that last defined it has run anew, beside the other names.

        So each check meets a class as it was written, not one that an earlier use has filled.
        """
        if name not in self.names:
            raise NameError(name)
        for number, tree in reversed(list(enumerate(self.cells, start=1))):
            if tree is not None and defines(tree, name):
                names = dict(self.names)
                only = ast.Module([node for node in tree.body if is_definition(node)], [])
                try:
                    exec(compile(only, f"<cell {number}>", "exec"), names)
                except Exception:
                    break
                return names[name]
        return self.names[name]

    def harness(self, source, values, name):
        """Run a few lines of the grader's beside `name`, and return what they call `answer`."""
        names = {"np": np, name: self.fresh(name)} | values
        exec(compile(source, "<harness>", "exec"), names)
        return names["answer"]

    def missing(self, name):
        """Return names that could have been meant."""
        own = [key for key, value in self.names.items() if not key.startswith("_") and callable(value)]
        alike = difflib.get_close_matches(name.lower(), [key.lower() for key in own], n=2, cutoff=0.7)
        return [key for key in own if key.lower() in alike]


def is_definition(node):
    """Tell whether a statement defines something, and is not an experiment that need not be repeated."""
    kinds = (ast.FunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom)
    return isinstance(node, kinds) or isinstance(node, (ast.Assign, ast.AnnAssign))


def defines(tree, name):
    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and node.name == name:
            return True
        targets = getattr(node, "targets", [getattr(node, "target", None)])
        if any(isinstance(target, ast.Name) and target.id == name for target in targets):
            return True
    return False


def plain_python(source):
    """Return the cell as Python: magics (%matplotlib, !ls, name?) are translated as Jupyter does."""
    if not any(line.lstrip().startswith(MAGIC) or line.rstrip().endswith("?") for line in source.splitlines()):
        return source
    try:
        from IPython.core.inputtransformer2 import TransformerManager
    except ImportError:
        return "\n".join("" if line.lstrip().startswith(MAGIC) else line for line in source.splitlines())
    return TransformerManager().transform_cell(source)


class Shell:
    """The little of IPython that a notebook needs here: %%time and %timeit run their code, other magics do nothing."""

    def __init__(self, notebook):
        self.notebook = notebook

    def run_line_magic(self, name, line="", **_):
        if name in ("time", "timeit"):
            exec(line, self.notebook.names)

    def run_cell_magic(self, name, line, cell):
        if name in ("time", "capture"):
            exec(compile(cell, "<cell>", "exec"), self.notebook.names)

    def system(self, command):
        raise PermissionError("other programs cannot be started while a notebook is graded")

    getoutput = getsystem = system

    def __getattr__(self, name):
        return lambda *args, **kwargs: None


class Alarm:
    """Raise TooLong after some seconds. (The grader has a clock of its own, for code that catches even that.)"""

    def __init__(self, seconds):
        self.seconds = seconds

    def __enter__(self):
        def ring(*_):
            signal.setitimer(signal.ITIMER_REAL, 0.5)  # again, should somebody catch it
            raise TooLong(f"stopped after {self.seconds:g} seconds")

        signal.signal(signal.SIGALRM, ring)
        signal.setitimer(signal.ITIMER_REAL, self.seconds)

    def __exit__(self, *_):
        signal.setitimer(signal.ITIMER_REAL, 0)


def describe(error):
    """Return what went wrong: its kind, its message, and the cell and line of the student's where it happened."""
    kind = type(error).__name__
    place = None
    if isinstance(error, SyntaxError):
        place = [error.filename, error.lineno]
    else:
        for frame in traceback.extract_tb(error.__traceback__):
            if frame.filename.startswith("<cell "):
                place = [frame.filename, frame.lineno]
    try:
        message = error.msg if isinstance(error, SyntaxError) else str(error)
    except BaseException:
        message = ""
    return {"kind": kind, "message": message[:500], "place": place}


# ---------------------------------------------------------------- what the notebook may not do


def watch(home):
    """Refuse, with a sentence, to write outside `home`, to start programs and to use the network.

    This is for plain answers, not for safety: that comes from the room in which this process runs (room.py).
    """
    home = os.path.realpath(home)

    def hook(event, args):
        if event == "open" and isinstance(args[0], (str, bytes)):
            if isinstance(args[2], int) and args[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC):
                path = os.path.realpath(os.fsdecode(args[0]))
                if not (path.startswith(home + os.sep) or path == os.devnull):
                    raise PermissionError("a notebook may write only into its own folder while it is graded")
        elif event in ("os.remove", "os.rename", "os.rmdir", "shutil.rmtree", "os.chmod"):
            if not os.path.realpath(os.fsdecode(args[0])).startswith(home + os.sep):
                raise PermissionError("a notebook may change only its own folder while it is graded")
        elif event in (
            "os.system",
            "subprocess.Popen",
            "os.kill",
            "os.killpg",
            "os.exec",
            "os.posix_spawn",
            "os.fork",
            "pty.spawn",
        ):
            raise PermissionError("other programs cannot be started or stopped while a notebook is graded")
        elif event in ("socket.connect", "socket.bind", "socket.getaddrinfo"):
            raise PermissionError("there is no network while a notebook is graded")

    sys.addaudithook(hook)


def no_input(*_):
    raise EOFError("nobody can answer input() while a notebook is graded")


def no_exit(*_):
    raise Ended("the notebook called exit() or quit()")


# ---------------------------------------------------------------- questions and answers


def serve(questions, answers):
    notebook, things = Notebook(), Things()
    for line in questions:
        question = json.loads(line)
        try:
            answer = reply(notebook, things, question)
        except MemoryError as error:
            answer = {"error": describe(error) | {"message": "there was not enough memory"}}
        except BaseException as error:
            answer = {"error": describe(error)}
        try:
            text = json.dumps(answer)
        except (TypeError, ValueError, MemoryError):
            text = json.dumps({"error": {"kind": "TypeError", "message": "the answer is not made of numbers"}})
        answers.write(text + "\n")
        answers.flush()


def reply(notebook, things, question):
    op = question["op"]
    if op == "cell":
        return notebook.run(question["source"], question["seconds"])
    if op == "forget":
        things.arrays.clear(), things.seen.clear(), things.objects.clear()
        return {}
    if op in ("fresh", "value", "harness"):
        name = question["name"]
        if name not in notebook.names:
            return {"missing": notebook.missing(name)}
    if op in ("fresh", "value"):
        with Alarm(question["seconds"]):
            value = notebook.fresh(name) if op == "fresh" else notebook.names[name]
        return {"value": things.encode(value)}
    if op == "harness":
        with Alarm(question["seconds"]), np.errstate(all="ignore"):
            value = notebook.harness(question["source"], question["values"], question["name"])
        return {"value": things.encode(value)}
    things.take(question["arrays"])
    try:
        with Alarm(question["seconds"]), np.errstate(all="ignore"):
            thing = things.objects[question["of"]]
            if op == "set":
                setattr(thing, question["method"], things.decode(question["args"])[0])
                return {"value": None}
            if question["method"] is not None:
                thing = getattr(thing, question["method"])
            if op == "call":
                thing = thing(*things.decode(question["args"]), **things.decode({"dict": question["named"]}))
        return {"value": things.encode(thing), "arrays": things.changed()}
    except BaseException as error:
        return {"error": describe(error), "arrays": things.changed()}


def main():
    questions = os.fdopen(os.dup(0), encoding="utf-8")
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(null, descriptor)
    import builtins

    builtins.input, builtins.exit, builtins.quit, sys.exit = no_input, no_exit, no_exit, no_exit
    import warnings

    warnings.simplefilter("ignore")
    fonts = os.path.join(os.environ["PYTHONPATH"], "matplotlib")  # the list of fonts takes seconds to make
    if os.path.isdir(fonts):
        shutil.copytree(fonts, os.environ["MPLCONFIGDIR"])
    watch(os.getcwd())
    answers.write('{"ready": true}\n')
    answers.flush()
    serve(questions, answers)


if __name__ == "__main__":
    main()
