"""Translate a rule or a loss, written in NumPy, into a short list of operations.

The method is called once with recording objects in place of its arrays. NumPy hands every operation on
them to us (NEP 13 and NEP 18), and we write it down. The list is plain data: the website replays it in the
reader's browser, so that what moves there is the code that is printed beside it.
"""

import json
import linecache
import math
import numbers
import os
import sys
import traceback
from functools import cache
from importlib import resources

import numpy as np
from numpy.lib import mixins

from descent.engine.operations import AS_WRITTEN, OPERATIONS, OPERATORS, SYNONYMS

ALONE = "alone"  # what np.where makes of numbers: an array, but what is computed with it are numbers again


class Untranslatable(TypeError):
    """Raised when a rule or a loss does something that the page cannot replay."""


def _where_in_the_readers_code():
    """Return "file, line n: source" of the innermost frame that is neither ours nor NumPy's."""
    skipped = (os.path.dirname(np.__file__), __file__)
    for frame, line in traceback.walk_stack(sys._getframe()):
        file = frame.f_code.co_filename
        if not file.startswith(skipped):
            source = linecache.getline(file, line, frame.f_globals).strip() or "(source not available)"
            return f"{os.path.basename(file)}, line {line}: {source}"
    return "an unknown line"


@cache
def _subset():
    """Return what the page's translator (figures/front/edit) reads, too: what is refused, and what to write instead.

    "truths": NumPy does arithmetic on True and False alone by rules of its own (True + True is True, -True an error,
    np.exp of one rounds to 16 bits). So a comparison is taken only by what makes truth values, keeps them, or divides.
    """
    return json.loads((resources.files(__package__) / "subset.json").read_text(encoding="utf8"))


def _refuse(what, cure):
    cures = _subset()["cures"]
    raise Untranslatable(f"{what} cannot be translated for the page ({_where_in_the_readers_code()}). {cures[cure]}")


class Tape:
    """A recording: registers are inputs, then constants, then one for each operation, each written once.

    While recording, a register is a key ("in", i), ("const", value, sign) or ("op", i); `finish` numbers them.

    single : for arrays of float32. There np.add(lr, 1) is not lr + 1: it is a float64 of NumPy, and so is all after it.
    """

    def __init__(self, inputs, single=False):
        self.inputs, self.single = list(inputs), single
        self.operations = []  # (name, key, key, …)
        self._known = {}  # the same operation on the same registers is written once

    def input(self, name, array=False):
        return Recorded(self, ("in", self.inputs.index(name)), array=array)

    def record(self, name, arguments):
        keys = tuple(self.key(a) for a in arguments)
        of_truths = all(_is_truth(value) for value in (arguments[1:] if name == "where" else arguments))
        makes, keeps, takes = (_subset()["truths"][kind] for kind in ("made_by", "kept_by", "taken_by"))
        if of_truths and name not in (*makes, *keeps, *takes):
            _refuse(f"np.{name} of a comparison", "comparison")
        truth = name in makes or (of_truths and name in keeps)
        if name == "power" and keys[1][:2] == ("const", 2.0):  # as NumPy's own ** does
            name, keys = "square", keys[:1]
        entry = (name, *keys)
        if entry not in self._known:
            self._known[entry] = ("op", len(self.operations))
            self.operations.append(entry)
        return Recorded(
            self, self._known[entry], truth, array=any(map(_is_array, arguments)) or name == "where" and ALONE
        )

    def key(self, value):
        if isinstance(value, Recorded):
            return value.key
        if isinstance(value, np.ndarray) and value.ndim == 0:
            value = value[()]
        if isinstance(value, (numbers.Real, np.bool_)):
            if not np.isfinite(value):
                _refuse(f"The constant {value}", "infinite")
            return ("const", float(value), math.copysign(1, value))  # 0 and -0 are two numbers
        _refuse(f"A constant of type {type(value).__name__}", "constant")

    def finish(self, outputs, names=None):
        """Return the tape as plain data, without the operations on which no output depends.

        outputs, names: dicts from a name to a recorded value (or a number).
        """
        outputs = {name: self.key(value) for name, value in outputs.items()}
        names = {name: self.key(value) for name, value in (names or {}).items()}
        needed, waiting = set(), [*outputs.values(), *names.values()]
        while waiting:
            key = waiting.pop()
            if key not in needed:
                needed.add(key)
                if key[0] == "op":
                    waiting.extend(self.operations[key[1]][1:])
        constants = list(dict.fromkeys(key for key in sorted(needed) if key[0] == "const"))
        kept = [("op", i) for i in range(len(self.operations)) if ("op", i) in needed]
        keys = [("in", i) for i in range(len(self.inputs))] + constants + kept
        number = {key: i for i, key in enumerate(keys)}
        operations = [self.operations[i] for _, i in kept]
        return {
            "inputs": self.inputs,
            "constants": [key[1] for key in constants],
            "ops": [[name, *(number[key] for key in args)] for name, *args in operations],
            "outputs": {name: number[key] for name, key in outputs.items()},
            "names": {name: number[key] for name, key in names.items()},
        }


class Recorded(mixins.NDArrayOperatorsMixin):
    """Stands in for an array or a number while a method is recorded.

    truth : its numbers are True and False, as of a comparison.
    array : True or ALONE where it can be changed in place, and is so under all its names; that only changes the
        register it means. For a number, `rate *= 0.5` gives the name to another one, and what else was called lr stays.
    """

    def __init__(self, tape, key, truth=False, array=False):
        self.tape, self.key, self.truth, self.array = tape, key, truth, array

    def __array_ufunc__(self, ufunc, method, *inputs, out=None, **options):
        name = SYNONYMS.get(ufunc.__name__, ufunc.__name__)
        if method != "__call__" or options or name not in OPERATIONS:
            cure = "floor" if name in ("floor_divide", "remainder") else "operation"
            _refuse(f"np.{ufunc.__name__}" + (f".{method}" if method != "__call__" else ""), cure)
        if any(isinstance(value, np.ndarray) and value.ndim for value in inputs):  # element by element
            return ufunc(*(value if isinstance(value, np.ndarray) else _boxed(value) for value in inputs))
        if ufunc.__name__ in SYNONYMS and not all(map(_is_truth, inputs)):
            _refuse(f"np.{ufunc.__name__} of what is no comparison", "bits")
        by_name = sys._getframe(1).f_code.co_filename != mixins.__file__  # np.add(x, y), not x + y
        if self.tape.single and by_name and name in OPERATORS and not any(map(_is_array, inputs)):
            _refuse(f"np.{name} of plain numbers", "operation")
        result = self.tape.record(name, inputs)
        if out is None or isinstance(out[0], Recorded) and not out[0].array:
            return result
        out[0][...] = result
        return out[0]

    def __array_function__(self, function, types, arguments, options):
        if function is np.where and len(arguments) == 3 and not options:
            return self.tape.record("where", arguments)
        if function is np.clip and len(arguments) == 3 and not options:
            value, low, high = arguments
            return np.minimum(np.maximum(value, low), high)
        if function in (np.stack, np.concatenate) and not options:
            return np.array(list(arguments[0]), dtype=object)
        if function is np.copy:
            return self.copy()
        _refuse(f"{function.__module__}.{function.__name__}".replace("numpy", "np", 1), "operation")

    def __setitem__(self, index, value):
        if index is not Ellipsis and index != slice(None):
            _refuse(f"Assigning to [{index}]", "index")
        if not self.array:
            _refuse("Assigning to a part of a number", "fixed")
        if self.truth and not _is_truth(value):
            _refuse("Assigning numbers to a comparison", "comparison")
        if not self.truth and isinstance(value, Recorded) and value.truth:  # an array of numbers stays one
            value = self.tape.record("where", (value, 1.0, 0.0))
        self.key = self.tape.key(value)

    def __getitem__(self, index):
        if index is not Ellipsis and index != slice(None):
            _refuse(f"Taking [{index}]", "index")
        return self

    def copy(self):
        return Recorded(self.tape, self.key, self.truth, self.array)

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        if name in OPERATIONS:  # NumPy asks the elements of an array of objects for a method of this name
            return lambda *others: self.tape.record(name, (self, *others))
        _refuse(f".{name}", "attribute")

    def __bool__(self):
        _refuse("Asking whether a value is true (if, while, and, or, not)", "truth")

    def __float__(self):
        _refuse("Turning a value into a plain number", "number")

    __int__ = __index__ = __complex__ = __float__

    def __iter__(self):
        _refuse("Going through a value's elements", "index")

    __hash__ = None


def _is_truth(value):
    return value.truth if isinstance(value, Recorded) else isinstance(value, (bool, np.bool_))


def _is_array(value):
    return isinstance(value, Recorded) and value.array is True


def _boxed(value):
    """Hide a recorded number in an array of objects, so that NumPy broadcasts it like any number."""
    box = np.empty((), dtype=object)
    box[()] = value
    return box


def replay(tape, values):
    """Replay a tape with NumPy: the page's interpreter, in Python, for tests and for comparison.

    tape: as made by `Tape.finish`. values: dict from input name to number or array (they broadcast).
    Returns a dict from output name to value.
    """
    registers = [values[name] for name in tape["inputs"]] + list(tape["constants"])
    for name, *arguments in tape["ops"]:
        registers.append(AS_WRITTEN[name](*(registers[i] for i in arguments)))
    return {name: registers[i] for name, i in tape["outputs"].items()}
