"""What runs beside a student's code: it executes the cells, and answers the grader's questions with numbers.

This file is all of the grader that a submission can see. It holds no expected value, no test and no mark. The
grader (`remote_student.py`) writes one question a line to standard input and reads one answer a line; both are JSON.

    {"op": "cell", "source": "…", "seconds": 20}      run a cell; the answer says how it ended
    {"op": "fresh", "name": "Adam"}                   what the name means, its definition run anew
    {"op": "value", "name": "results"}                the plain value of a name
    {"op": "call", "of": 3, "method": "step", …}      call something; arrays are shared by number
"""

import ast
import base64
import builtins
import difflib
import functools
import inspect
import io
import json
import os
import re
import shutil
import signal
import sys
import time
import traceback

import numpy as np

KEPT = 2000  # characters of a cell's output that are kept
MAGIC = ("%", "!", "?")


class TooLong(BaseException):
    """A cell or a call took too long. Not an Exception, so that `except Exception` does not hide it."""


class Ended(BaseException):
    """The notebook called exit() or quit()."""


class CappedOutput(io.TextIOBase):
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
        self.names |= {"_": "", "__": "", "___": "", "In": [""], "Out": {}}
        self.cells, self.slow, self.output, self.remarks = [], set(), CappedOutput(), []
        self.at_checks, self.place, self.end, self.before, self.made = {}, None, {}, {}, {}

    def go_to(self, place):
        """Let the names be what they were at a check (the number of its cell), with those that came later.

        What a notebook does below a check (`del np`, another `ema`) changes nothing for it; what a check has made is
        there in the next one, unless the notebook has made it anew in between. None: as in the end.
        """
        if self.place is None:
            self.end = dict(self.names)
        else:
            new = {name for name, value in self.names.items() if value is not self.before.get(name)}
            self.made |= {name: (self.names[name], self.before.get(name)) for name in new}
        self.place = place
        then = self.at_checks.get(place)
        later = {name: value for name, value in self.end.items() if not hasattr(builtins, name)}
        self.names.clear()  # not another dict: the functions of the notebook look into this one
        self.names.update(self.end if then is None else later | then)
        if then is not None:
            self.names |= {name: made for name, (made, old) in self.made.items() if self.names.get(name) is old}
        self.before = dict(self.names)

    def run(self, source, seconds, only_definitions=False, wall=None):
        """Run a cell as JupyterLab does. What fails is left out; definitions that follow it in the cell are run."""
        number, begin = len(self.cells) + 1, time.process_time()
        where = f"<cell {number}>"
        self.output = sys.stdout = sys.stderr = CappedOutput()
        self.remarks, answer, left = [], {"number": number}, []
        self.names["In"].append(source)
        if not source.strip() and self.place is None:  # checks are left out while the cells are run
            self.at_checks[number] = dict(self.names)
        try:
            with Alarm(seconds, wall):
                try:
                    tree = ast.parse(plain_python(source), where)
                except SyntaxError as error:
                    tree = parts_that_parse(plain_python(source), where)
                    answer["error"] = describe(error)
                self.cells.append(tree)
                left = list(tree.body)
                if only_definitions:
                    left = [node for node in left if is_code(node)]
                while left:
                    self.run_statement(
                        left.pop(0), where, number if len(left) == 0 and not source.strip().endswith(";") else 0
                    )
        except BaseException as error:
            answer.setdefault("error", describe(error))
            if len(self.cells) < number:
                self.cells.append(ast.Module([], []))
        try:
            with Alarm(2, wall):
                for node in filter(is_code, left):
                    self.run_statement(node, where)
        except BaseException:
            pass  # the first error is the one to tell
        answer["took"] = time.process_time() - begin
        if answer["took"] > 1:
            self.slow.add(number)
        answer["output"], answer["length"], answer["remarks"] = self.output.text, self.output.length, self.remarks[:5]
        return answer

    def run_statement(self, node, where, show=0):
        """Run one statement; with `show`, the number of the cell, keep its value as `_` and in `Out`."""
        expression = show and isinstance(node, ast.Expr)
        whole = ast.Expression(node.value) if expression else ast.Module([node], [])
        code = compile(whole, where, "eval" if expression else "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
        value = eval(code, self.names)
        if code.co_flags & inspect.CO_COROUTINE:
            import asyncio

            value = asyncio.run(value)
        if expression and value is not None:
            self.names["___"], self.names["__"], self.names["_"] = self.names["__"], self.names["_"], value
            self.names["Out"][show] = self.names[f"_{show}"] = value

    def fresh(self, name):
        """Return what `name` means after the cell that last defined it has run anew, beside the other names.

        So each check meets a class as it was written, not one that an earlier use has filled.
        """
        if name not in self.names:
            raise NameError(name)
        numbers = [number for number, tree in enumerate(self.cells, start=1) if defines(tree, name)]
        above = [number for number in numbers if self.place is None or number < self.place]
        if not numbers:
            return self.names[name]
        number = max(above or numbers)
        last = self.place if above and self.place else len(self.cells)
        names = dict(self.names)
        again = is_code if number in self.slow else is_definition  # an experiment need not be repeated
        try:
            exec(compiled_anew(self, number, again), names)
            for other in range(number, last + 1):
                exec(compiled_anew(self, other, lambda node: adds_to(node, name)), names)
        except Exception:
            return self.names[name]
        return names[name]

    def harness(self, source, values, name):
        """Run a few lines of the grader's beside `name`, and return what they call `answer`."""
        names = {"np": np, name: self.fresh(name)} | values
        exec(compiled(source), names)
        return names["answer"]

    def missing(self, name):
        """Return names that could have been meant."""
        own = [key for key, value in self.names.items() if not key.startswith("_") and callable(value)]
        alike = difflib.get_close_matches(name.lower(), [key.lower() for key in own], n=2, cutoff=0.7)
        return [key for key in own if key.lower() in alike]


def compiled_anew(notebook, number, again):
    only = ast.Module([node for node in notebook.cells[number - 1].body if again(node)], [])
    return compile(only, f"<cell {number}>", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)


@functools.cache
def compiled(source):
    return compile(source, "<harness>", "exec")


def is_code(node):
    return isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom))


def is_definition(node):
    """Tell whether a statement defines something, and is not an experiment that need not be repeated."""
    return is_code(node) or isinstance(node, (ast.Assign, ast.AnnAssign))


def parts_that_parse(text, where):
    """Return the statements of a cell that are Python, without those that are not."""
    lines, body, first = text.splitlines(), [], 0
    starts = [k for k, line in enumerate(lines) if line.strip() and not line[0].isspace()] + [len(lines)]
    while first < len(starts) - 1:
        for last in range(first + 1, min(len(starts), first + 60)):
            try:
                part = "\n" * starts[first] + "\n".join(lines[starts[first] : starts[last]])
                body += ast.parse(part, where).body
                first = last
                break
            except SyntaxError:
                continue
        else:
            first += 1
    return ast.Module(body, [])


def adds_to(node, name):
    """Tell whether a statement gives a class a part that it was not defined with: Adam.step = step."""
    if (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Call)
        and getattr(node.value.func, "id", "") == "setattr"
    ):
        return bool(node.value.args) and getattr(node.value.args[0], "id", "") == name
    targets = node.targets if isinstance(node, ast.Assign) else []
    return any(isinstance(one, ast.Attribute) and getattr(one.value, "id", "") == name for one in targets)


def defines(tree, name):
    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and node.name == name:
            return True
        targets = getattr(node, "targets", [getattr(node, "target", None)])
        if any(isinstance(target, ast.Name) and target.id == name for target in targets):
            return True
    return False


TIMING = re.compile(r"^\s*(-[a-zA-Z]+(\s*\d+)?\s+)*")


def plain_python(source):
    """Return the cell as Python.

    %matplotlib, !ls, name? are translated as Jupyter does, %%time and its kind dropped.
    """
    lines = source.splitlines()
    first = next((k for k, line in enumerate(lines) if line.strip()), 0)
    if lines and lines[first].startswith(("%%time", "%%capture", "%%prun", "%%python")):
        source = "\n".join([*lines[:first], "", *lines[first + 1 :]])
    return transformer()(source)


@functools.cache
def transformer():
    try:
        from IPython.core.inputtransformer2 import TransformerManager
    except ImportError:
        return lambda source: "\n".join("" if line.lstrip().startswith(MAGIC) else line for line in source.splitlines())
    return TransformerManager().transform_cell


class Shell:
    """The little of IPython that a notebook needs here: timing runs its statement once, other magics do nothing."""

    def __init__(self, notebook):
        self.notebook = notebook

    def run_line_magic(self, name, line="", *_, **__):
        if name in ("time", "timeit", "prun"):
            exec(TIMING.sub("", line), self.notebook.names)

    def run_cell_magic(self, name, line, cell):
        if name in ("writefile", "file"):
            *options, path = line.split()
            with open(path, "a" if "-a" in options else "w", encoding="utf-8") as file:
                file.write(cell)
            return
        self.notebook.remarks.append(f"`%%{name}` does nothing while a notebook is graded.")

    def system(self, command):
        self.notebook.remarks.append(f"`!{command[:80]}` was not run: no other programs while a notebook is graded.")

    def getoutput(self, command, *_, **__):
        self.system(command)
        return []

    getsystem = getoutput

    def __getattr__(self, name):
        return lambda *args, **kwargs: None


class Alarm:
    """Raise TooLong after some seconds of the processor's time, or after `wall` seconds by the clock.

    On a busy machine the clock runs faster than the code. (The grader has a clock of its own, for code that catches
    even TooLong.)
    """

    def __init__(self, seconds, wall=None):
        self.seconds, self.wall = seconds, wall or 10 * seconds

    def __enter__(self):
        def ring(*_):
            signal.setitimer(signal.ITIMER_REAL, 0.5)  # again, should somebody catch it
            raise TooLong(f"stopped after {self.seconds:g} seconds")

        signal.signal(signal.SIGALRM, ring)
        signal.signal(signal.SIGPROF, ring)
        signal.setitimer(signal.ITIMER_PROF, self.seconds)
        signal.setitimer(signal.ITIMER_REAL, self.wall)

    def __exit__(self, *_):
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)


def describe(error):
    """Return what went wrong: its kind, its message, and the cell and line of the student's where it happened."""
    kind = type(error).__name__
    place = None
    version = None
    if isinstance(error, SyntaxError):
        version = ".".join(map(str, sys.version_info[:2]))
        place = [error.filename, error.lineno]
    else:
        for frame in traceback.extract_tb(error.__traceback__):
            if frame.filename.startswith("<cell "):
                place = [frame.filename, frame.lineno]
    try:
        message = error.msg if isinstance(error, SyntaxError) else str(error)
    except BaseException:
        message = ""
    return {"kind": kind, "message": message[:500], "place": place, "python": version}


# ---------------------------------------------------------------- what the notebook may not do


def watch(home):
    """Refuse, with a sentence, to write outside `home`, to start programs and to use the network.

    This is for plain answers, not for safety: that comes from the room in which this process runs (isolation.py).
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
    if question["place"] != notebook.place:
        notebook.go_to(question["place"])
    if op == "cell":
        return notebook.run(question["source"], question["seconds"], question["only_definitions"], question["wall"])
    if op == "forget":
        things.arrays.clear(), things.seen.clear(), things.objects.clear()
        return {}
    if op in ("fresh", "value", "harness"):
        name = question["name"]
        if name not in notebook.names:
            return {"missing": notebook.missing(name)}
    if op in ("fresh", "value"):
        with Alarm(question["seconds"], question["wall"]):
            value = notebook.fresh(name) if op == "fresh" else notebook.names[name]
        return {"value": things.encode(value)}
    if op == "harness":
        with Alarm(question["seconds"], question["wall"]), np.errstate(all="ignore"):
            value = notebook.harness(question["source"], question["values"], question["name"])
        return {"value": things.encode(value)}
    things.take(question["arrays"])
    try:
        with Alarm(question["seconds"], question["wall"]), np.errstate(all="ignore"):
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
    builtins.input, builtins.exit, builtins.quit, sys.exit = no_input, no_exit, no_exit, no_exit
    import warnings

    warnings.simplefilter("ignore")
    fonts = os.path.join(os.environ["PYTHONPATH"], "matplotlib")  # the list of fonts takes seconds to make
    if os.path.isdir(fonts):
        shutil.copytree(fonts, os.environ["MPLCONFIGDIR"])
    sys.path.append("")  # a notebook imports what it has written beside itself
    watch(os.getcwd())
    answers.write('{"ready": true}\n')
    answers.flush()
    serve(questions, answers)


if __name__ == "__main__":
    main()
