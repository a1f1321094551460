"""The grader's side of the conversation: objects of the submission that behave as if they were here.

A check calls `Adam([theta], lr=0.1)` and `.step([g])` as it would in a notebook. Here the call goes to the room in
which the submission runs (student_process.py), and what it did to the arrays is copied back into ours. What comes back
are
numbers, never code: nothing of the submission runs in this process.
"""

import base64
import json
import math
import os
import selectors
import time

import numpy as np

GRACE = 2  # seconds, in which code that was told to stop has to stop
LONGEST = 16_000_000  # bytes of one answer


class Gone(Exception):
    """The process of the submission has ended, or had to be ended; the message says why, to the student."""


class StudentError(Exception):
    """Something of the submission raised an error; `kind`, `message` and `place` describe it."""

    def __init__(self, error):
        self.kind = str(error.get("kind"))
        self.message = str(error.get("message"))
        self.place = error.get("place")
        super().__init__(f"{self.kind}: {self.message}" if self.message else self.kind)


class Missing(Exception):
    """The submission does not define a name; `alike` are names of its own that come near."""

    def __init__(self, name, alike):
        self.name, self.alike = name, [str(other) for other in alike][:2]
        super().__init__(name)


class Thing:
    """An object of the submission: it can be called, and so can its methods."""

    def __init__(self, student, number, kind):
        vars(self).update(_student=student, _number=number, kind=kind)

    def __call__(self, *args, **named):
        return self._student.call(self._number, None, args, named)

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return lambda *args, **named: self._student.call(self._number, name, args, named)

    def __setattr__(self, name, value):
        self._student.call(self._number, name, (value,), {}, op="set")


class RemoteStudent:
    """A submission that runs in a room. It has what a check asks for: `fresh` and `value`."""

    def __init__(self, sandbox, call_seconds=5):
        self.sandbox, self.call_seconds = sandbox, call_seconds
        self.pending = b""
        self.notes = {}  # what checks want to remember of this submission
        self.withheld = False  # whether it asked `descent` for a rule
        self.flags = []  # why a person should look at it
        self.place = None  # the number of the check's cell that is asked: names are what they were there
        self.reason = None  # why the process is gone
        self.selector = selectors.DefaultSelector()
        self.selector.register(sandbox.process.stdout, selectors.EVENT_READ)
        self.forget()
        self._receive(60 * busy())  # that it is ready

    def forget(self):
        self.arrays, self.sent = [], []

    # ---------------------------------------------------------------- what checks ask

    def run_cell(self, source, seconds, only_definitions=False):
        question = {"op": "cell", "source": source, "seconds": seconds, "only_definitions": only_definitions}
        return self._ask(question, seconds + GRACE + (2 if source else 0))

    def fresh(self, name):
        """Return what a name of the submission means, its definition run anew.

        Arrays of earlier calls are forgotten.
        """
        self.forget()
        self._ask({"op": "forget"}, 5)
        return self._named("fresh", name)

    def value(self, name):
        """Return the plain value (numbers, text, lists, dicts, arrays) of a name of the submission."""
        return self._named("value", name)

    def harness(self, source, values, name):
        """Run lines of ours beside `name` in the room; return what they call `answer`."""
        return self._named("harness", name, source=source, values=values)

    def _named(self, op, name, **more):
        question = {"op": op, "name": name, "seconds": self.call_seconds} | more
        answer = self._ask(question, self.call_seconds + GRACE)
        if "missing" in answer:
            raise Missing(name, answer["missing"])
        return self._result(answer)

    def attribute(self, number, name):
        return self.call(number, name, (), {}, op="get")

    def call(self, number, method, args, named, op="call"):
        question = {"op": op, "of": number, "method": method, "seconds": self.call_seconds}
        question["args"] = [self._encode(value) for value in args]
        question["named"] = {key: self._encode(value) for key, value in named.items()}
        question["arrays"] = self._changed()
        answer = self._ask(question, self.call_seconds + GRACE)
        for place, data in answer.get("arrays", {}).items():
            self._take(int(place), data)
        return self._result(answer)

    # ---------------------------------------------------------------- arrays that both sides share

    def _encode(self, value):
        if isinstance(value, np.ndarray):
            for number, array in enumerate(self.arrays):
                if array is value:
                    return {"array": number}
            self.arrays.append(value)
            self.sent.append(None)
            return {"array": len(self.arrays) - 1}
        if isinstance(value, Thing):
            return {"object": value._number}
        if isinstance(value, list):
            return [self._encode(item) for item in value]
        if isinstance(value, tuple):
            return {"tuple": [self._encode(item) for item in value]}
        if isinstance(value, dict):
            return {"dict": {key: self._encode(item) for key, item in value.items()}}
        return value.item() if isinstance(value, np.generic) else value

    def _changed(self):
        changed = {}
        for number, array in enumerate(self.arrays):
            content = array.tobytes()
            if content != self.sent[number]:
                self.sent[number] = content
                data = base64.b64encode(content).decode()
                changed[number] = {"dtype": array.dtype.str, "shape": array.shape, "bytes": data}
        return changed

    def _take(self, number, data):
        array = decode_array(data)
        if not 0 <= number < len(self.arrays) or array.shape != self.arrays[number].shape:
            self._end("it answered the grader with something that is no answer")
        self.arrays[number][...] = array
        self.sent[number] = self.arrays[number].tobytes()

    def _result(self, answer):
        if "error" in answer:
            raise StudentError(answer["error"])
        return self._decode(answer.get("value"))

    def _decode(self, value):
        if isinstance(value, list):
            return [self._decode(item) for item in value]
        if not isinstance(value, dict):
            return value
        if "array" in value:
            return self.arrays[value["array"]]
        if "copy" in value:
            return decode_array(value["copy"])
        if "scalar" in value:
            return decode_array(value["scalar"])[()]
        if "tuple" in value:
            return tuple(self._decode(item) for item in value["tuple"])
        if "object" in value:
            return Thing(self, int(value["object"]), str(value.get("kind")))
        return {key: self._decode(item) for key, item in value["dict"].items()}

    # ---------------------------------------------------------------- questions and answers

    def _ask(self, question, seconds):
        if self.reason:
            raise Gone(self.reason)
        seconds *= busy()
        question["place"] = self.place
        question["wall"] = max(seconds - GRACE, 1)
        try:
            self.sandbox.process.stdin.write(json.dumps(question).encode() + b"\n")
            self.sandbox.process.stdin.flush()
        except (BrokenPipeError, OSError):
            self._end("it ended Python itself (os._exit, or a crash)")
        return self._receive(seconds)

    def _receive(self, seconds):
        until = time.monotonic() + seconds
        while b"\n" not in self.pending:
            left = until - time.monotonic()
            if left <= 0 or not self.selector.select(left):
                self._end("it did not come to an end in the time that there is")
            chunk = os.read(self.sandbox.process.stdout.fileno(), 1 << 16)
            if not chunk:
                self._end("it ended Python itself (os._exit, or a crash)")
            self.pending += chunk
            if len(self.pending) > LONGEST:
                self._end("it answered with far too many numbers")
        line, _, self.pending = self.pending.partition(b"\n")
        try:
            answer = json.loads(line)
            if not isinstance(answer, dict):
                raise ValueError("not a dict")
            return answer
        except (ValueError, RecursionError):
            self._end("it wrote into the grader's own line")

    def _end(self, reason):
        self.reason = self.reason or reason
        raise Gone(self.reason)


def busy():
    """Return by how much the clock runs ahead of the processor's time here: the load of a core, from 1 to 10."""
    try:
        return min(10.0, max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1)))
    except OSError:
        return 1.0


def decode_array(data):
    """Return the array, or raise ValueError: the data come from a submission."""
    dtype, shape = np.dtype(str(data["dtype"])), tuple(int(length) for length in data["shape"])
    if dtype.kind not in "biuf" or len(shape) > 8 or math.prod(shape) * dtype.itemsize > LONGEST:
        raise ValueError("not an array of numbers")
    return np.frombuffer(base64.b64decode(data["bytes"]), dtype=dtype).reshape(shape).copy()
