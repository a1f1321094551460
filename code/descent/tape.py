"""Translate a rule or a loss, written in NumPy, into a short list of operations.

The method is called once with recording objects in place of its arrays. NumPy hands every operation on
them to us (NEP 13 and NEP 18), and we write it down. The list is plain data: the website replays it in the
reader's browser, so that what moves there is the code that is printed beside it.
"""

import inspect
import numbers
import operator
import os
import sys

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from descent.problems import with_parameters

# What the page can replay: NumPy's own names. All of them work element by element.
OPERATIONS = (
    "add", "subtract", "multiply", "divide", "power", "negative", "positive", "absolute", "sqrt", "square",
    "sign", "floor", "minimum", "maximum", "exp", "log", "sin", "cos", "tanh", "greater", "greater_equal", "less",
    "less_equal", "equal", "not_equal", "logical_and", "logical_or", "logical_not", "where",
)  # fmt: skip

# Comparisons joined by &, | and ~ are the logical operations.
SYNONYMS = {"bitwise_and": "logical_and", "bitwise_or": "logical_or", "invert": "logical_not"}


# The same operations as a rule's text writes them: with Python's operators, numbers stay Python's own.
AS_WRITTEN = {name: getattr(np, name) for name in OPERATIONS} | {
    "add": operator.add, "subtract": operator.sub, "multiply": operator.mul, "divide": operator.truediv,
    "power": operator.pow, "square": lambda x: x**2, "negative": operator.neg, "positive": operator.pos,
    "less": operator.lt, "less_equal": operator.le, "greater": operator.gt, "greater_equal": operator.ge,
    "equal": operator.eq, "not_equal": operator.ne,
}  # fmt: skip


class Untranslatable(TypeError):
    """Raised when a rule or a loss does something that the page cannot replay."""


def _where_in_the_readers_code():
    """Return "file, line n: source" of the innermost frame that is neither ours nor NumPy's."""
    skipped = (os.path.dirname(np.__file__), __file__)
    for frame in inspect.stack(context=1)[1:]:
        if not frame.filename.startswith(skipped):
            source = frame.code_context[0].strip() if frame.code_context else "(source not available)"
            return f"{os.path.basename(frame.filename)}, line {frame.lineno}: {source}"
    return "an unknown line"


def _refuse(what):
    raise Untranslatable(
        f"{what} cannot be translated for the page ({_where_in_the_readers_code()}). "
        f"Write it element by element with numbers and: + - * / **, comparisons, np.where, and np."
        + ", np.".join(OPERATIONS[7:19])
        + "."
    )


class Tape:
    """A recording: registers are inputs, then constants, then one for each operation, each written once.

    While recording, a register is a key ("in", i), ("const", value) or ("op", i); `finish` numbers them.
    """

    def __init__(self, inputs):
        self.inputs = list(inputs)
        self.operations = []  # (name, key, key, …)
        self._known = {}  # the same operation on the same registers is written once

    def input(self, name):
        return Recorded(self, ("in", self.inputs.index(name)))

    def record(self, name, arguments):
        keys = tuple(self.key(a) for a in arguments)
        if name == "power" and keys[1] == ("const", 2.0):  # as NumPy's own ** does
            name, keys = "square", keys[:1]
        entry = (name, *keys)
        if entry not in self._known:
            self._known[entry] = ("op", len(self.operations))
            self.operations.append(entry)
        return Recorded(self, self._known[entry])

    def key(self, value):
        if isinstance(value, Recorded):
            return value.key
        if isinstance(value, np.ndarray) and value.ndim == 0:
            value = value[()]
        if isinstance(value, (numbers.Real, np.bool_)):
            if not np.isfinite(value):
                _refuse(f"the constant {value}")
            return ("const", float(value))
        _refuse(f"a constant of type {type(value).__name__}")

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
            "constants": [value for _, value in constants],
            "ops": [[name, *(number[key] for key in args)] for name, *args in operations],
            "outputs": {name: number[key] for name, key in outputs.items()},
            "names": {name: number[key] for name, key in names.items()},
        }


class Recorded(NDArrayOperatorsMixin):
    """Stands in for an array while a method is recorded; an assignment only changes the register it means."""

    def __init__(self, tape, key):
        self.tape, self.key = tape, key

    def __array_ufunc__(self, ufunc, method, *inputs, out=None, **options):
        name = SYNONYMS.get(ufunc.__name__, ufunc.__name__)
        if method != "__call__" or options or name not in OPERATIONS:
            _refuse(f"np.{ufunc.__name__}" + (f".{method}" if method != "__call__" else ""))
        if any(isinstance(value, np.ndarray) and value.ndim for value in inputs):  # element by element
            return ufunc(*(value if isinstance(value, np.ndarray) else _boxed(value) for value in inputs))
        result = self.tape.record(name, inputs)
        if out is None:
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
        _refuse(f"{function.__module__}.{function.__name__}".replace("numpy", "np", 1))

    def __setitem__(self, index, value):
        if index is not Ellipsis and index != slice(None):
            _refuse(f"assigning to [{index}]")
        self.key = self.tape.key(value)

    def __getitem__(self, index):
        if index is not Ellipsis and index != slice(None):
            _refuse(f"taking [{index}]")
        return self

    def copy(self):
        return Recorded(self.tape, self.key)

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        if name in OPERATIONS:  # NumPy asks the elements of an array of objects for a method of this name
            return lambda *others: self.tape.record(name, (self, *others))
        _refuse(f".{name}")

    def __bool__(self):
        _refuse("asking whether a value is true (if, while, and, or)")

    def __float__(self):
        _refuse("turning a value into a plain number")

    __int__ = __index__ = __complex__ = __float__

    def __iter__(self):
        _refuse("going through a value's elements")

    __hash__ = None


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


PURE = {"np", "abs", "clip", "copy", "pi", *OPERATIONS}


def is_pure(function):
    """Tell whether a rule computes with its arguments and NumPy's elementwise functions, and reads nothing else.

    Only then does one recording hold for all steps: a rule that reads a variable of the notebook, an attribute or
    a random number may do something else next time.
    """
    code = getattr(function, "__code__", None)
    return (
        code is not None
        and PURE.issuperset(code.co_names)
        and not code.co_freevars
        and not any(inspect.iscode(constant) for constant in code.co_consts)
        and function.__globals__.get("np") is np
    )


def record_rule(optimizer, inputs=(), for_page=True):
    """Translate one whole step of an optimizer (decay, rule and all) for one coordinate.

    inputs: further hyperparameters, beside those the rule itself names, that stay adjustable. All others
    that are 0 are left out. Returns a tape with inputs theta, g, the remembered arrays, t and the
    hyperparameters, and outputs theta and the remembered arrays.

    On the page a schedule is a part of the tape; with for_page=False, for `Kernel`, it is an input. The rule's
    own names (m_hat and the like) are then left out.
    """
    given = optimizer.hyperparameters
    own = optimizer.rule_hyperparameters
    used = [name for name, value in given.items() if name in own or name in inputs or np.any(value != 0)]
    words = {name: given[name] for name in optimizer.options}
    schedules = {name: given[name] for name in used if for_page and callable(given[name])}
    adjustable = [name for name in used if name not in schedules and name not in words]
    tape = Tape(["theta", "g", *optimizer.state_names, "t", *adjustable])
    theta, g, *state, t = (tape.input(name) for name in tape.inputs[: 3 + len(optimizer.state_names)])
    values = {name: tape.input(name) for name in adjustable} | words
    values |= {name: schedule(t) for name, schedule in schedules.items()}
    names = {}
    if for_page:
        names = _locals_of(type(optimizer).update, lambda: optimizer.apply(theta, g, state, t, values))
        names = {n: v for n, v in names.items() if isinstance(v, Recorded) and n not in tape.inputs}
    else:
        optimizer.apply(theta, g, state, t, values)
    return tape.finish({"theta": theta} | dict(zip(optimizer.state_names, state)), names)


def _locals_of(function, call):
    """Call `call` and return the local variables that `function` ended with: m_hat, v_hat and the like."""
    found = {}

    def watch(frame, event, _):
        if event == "return" and frame.f_code is function.__code__:
            found.update(frame.f_locals)

    before = sys.getprofile()
    sys.setprofile(watch)
    try:
        call()
    finally:
        sys.setprofile(before)
    return found


def record_problem(problem, parameters=(), with_t=False):
    """Translate a problem's loss and gradient together: what they share is computed once.

    parameters: names of attributes of the problem that stay adjustable; its methods read them as self.name.
    with_t: take the gradient that step t sees (`gradient_at`), not the one of the loss.
    Returns a tape with one input a coordinate (x0, x1, …), then the parameters and t if they are asked for,
    and with outputs loss, gradient_0, gradient_1, ….
    """
    coordinates = [f"x{i}" for i in range(len(problem.start))]
    tape = Tape([*coordinates, *parameters, *(["t"] if with_t else [])])
    theta = np.array([tape.input(name) for name in coordinates], dtype=object)
    problem = with_parameters(problem, {name: tape.input(name) for name in parameters})
    gradient = problem.gradient_at(theta, tape.input("t")) if with_t else problem.gradient(theta)
    outputs = {"loss": problem.loss(theta)}
    outputs |= {f"gradient_{i}": g for i, g in enumerate(gradient)}
    return tape.finish(outputs)


def record_function(function, inputs=None):
    """Translate a function of numbers. Returns a tape with its arguments as inputs and the output `value`.

    inputs: names of the arguments, by default those of the function's own signature.
    """
    inputs = list(inspect.signature(function).parameters) if inputs is None else list(inputs)
    tape = Tape(inputs)
    return tape.finish({"value": function(*(tape.input(name) for name in inputs))})
