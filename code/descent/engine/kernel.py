"""Run a translated rule fast: the same operations in the same order, to the same bits, without temporaries.

A rule's text makes a new array for every operation. A step of Adam fills ten of them, and with ten million
parameters none is still in the processor's cache when it is read again. A `Program` takes the rule's tape instead:
each operation writes into a buffer that is no longer needed (`out=`), large arrays are taken block by block, and
what all coordinates share (1 - beta1, beta1**t, …) is computed once.

So that Python need not look every operation up at every step, they are written out as a function. Adam's has

    def run(pieces, s4):                          # s4 is t
        s19 = s6 ** s4                            # beta1**t, a number
        s20 = s9 - s19
        c20[()] = s20                             # the same number, as NumPy takes it fastest
        …
        for r0, r1, r2, r3, b0, b1 in pieces:     # theta, g, m, v and two buffers, block by block
            r10 = multiply(c6, r2, b0)            # beta1 * m
            …

and `print(program.text)` shows the whole of it.
"""

from contextvars import Context
from math import isfinite, prod

import numpy as np

from descent.engine.operations import AS_WRITTEN, OPERATIONS
from descent.engine.tape import Untranslatable

BLOCK = 2**17  # bytes of one array in one block: a handful of these fit into a core's own cache


def _where(condition, x, y, out):
    condition = condition if condition.dtype == bool else condition != 0
    np.copyto(out, y)
    np.copyto(out, x, where=condition)
    return out


SIGNS = {
    "add": "+",
    "subtract": "-",
    "multiply": "*",
    "divide": "/",
    "power": "**",
    "less": "<",
    "less_equal": "<=",
    "greater": ">",
    "greater_equal": ">=",
    "equal": "==",
    "not_equal": "!=",
}

NAMES = {  # what the written functions see
    **{name: getattr(np, name) for name in (*OPERATIONS, "copyto")},
    **{f"shared_{name}": function for name, function in AS_WRITTEN.items()},
    "where": _where,
}


class Kernel:
    """One step of a translated rule on arrays of one shape and dtype.

    Parameters
    ----------
    program : the rule (a `Program`), made for values of these shapes and for theta's dtype.
    values : dict from each hyperparameter to a number or an array that broadcasts with theta.
    theta, state : the parameters, and the list of remembered arrays.

    Attributes
    ----------
    dtype, shape : of theta.
    """

    def __init__(self, program, values, theta, state):
        self.dtype, self.shape = theta.dtype, theta.shape
        self._moving = [np.shape(values[name]) for name in program.moving]
        names = NAMES | program.shared_values(values)
        with np.errstate(all="ignore"):
            for i, dtype in program.boxes.items():
                names[f"c{i}"] = np.array(np.broadcast_to(names.get(f"s{i}", 0.0), program.shapes[i]), dtype)
        exec(program.code, names)
        self._run = names["run"]
        self._quiet = Context()  # NumPy keeps there what it warns of: to enter it takes less than np.errstate(…)
        self._quiet.run(np.seterr, all="ignore")
        length = BLOCK // theta.itemsize
        self._blocks = list(_blocks(theta.shape, length)) if theta.size > length else None
        self._buffers = [np.empty(min(length, theta.size), dtype) for dtype in program.buffers]
        self._arrays = (*state, *(np.broadcast_to(names[f"c{i}"], theta.shape) for i in program.wide))
        if self._blocks is None:  # one piece, the same at every step
            self._arrays += tuple(buffer.reshape(theta.shape) for buffer in self._buffers)

    def takes(self, moving):
        """Tell whether these values of the hyperparameters that move have the shapes that were expected."""
        return [np.shape(value) for value in moving] == self._moving

    def step(self, theta, gradient, t, moving, surely_finite=False):
        """Take step t, unless the gradient's sum of squares is not finite: return whether the step was taken.

        To add up the squares takes one call of NumPy and no array; where it overflows the caller looks closer.
        moving: the values now of the hyperparameters that are functions of t, in the program's order.
        """
        return self._quiet.run(self._step, theta, gradient, t, moving, surely_finite)

    def _step(self, theta, gradient, t, moving, surely_finite):
        arrays = (theta, gradient, *self._arrays)
        if self._blocks is None:
            flat = gradient if gradient.ndim == 1 else gradient.reshape(-1)
            finite, pieces = isfinite(flat.dot(flat)), (arrays,)
        else:
            finite = all(isfinite(np.vdot(gradient[block], gradient[block])) for block in self._blocks)
            pieces = self._pieces(arrays)
        if finite or surely_finite:
            self._run(pieces, t, *moving)
            return True
        return False

    def _pieces(self, arrays):
        for block in self._blocks:
            parts = [array[block] for array in arrays]
            shape, size = parts[0].shape, parts[0].size
            yield (*parts, *(buffer[:size].reshape(shape) for buffer in self._buffers))


class AsWritten:
    """The same for a rule that cannot be written out: its own text, block by block if it is elementwise."""

    def __init__(self, apply, values, moving, theta, state, elementwise):
        self.dtype, self.shape = theta.dtype, theta.shape
        self._apply, self._values, self._moving, self._state = apply, values, moving, state
        length = BLOCK // 16  # about ten arrays that the text makes must fit where a kernel has two
        self._blocks = list(_blocks(theta.shape, length)) if elementwise and theta.size > length else [...]

    def takes(self, moving):
        return True

    @np.errstate(all="ignore")
    def step(self, theta, gradient, t, moving, surely_finite=False):
        if not (surely_finite or all(isfinite(np.vdot(gradient[block], gradient[block])) for block in self._blocks)):
            return False
        values = self._values | dict(zip(self._moving, moving))
        arrays = (theta, *self._state)
        before = [array.copy() for array in arrays]
        try:
            for block in self._blocks:
                self._step_block(block, arrays, gradient, t, values)
        except BaseException:  # of the rule's own, or the reader's who stops it: as if the step had not begun
            for array, old in zip(arrays, before):
                array[...] = old
            raise
        return True

    def _step_block(self, block, arrays, gradient, t, values):
        if block is not ...:
            values = {
                name: np.broadcast_to(value, self.shape, subok=True)[block] if np.ndim(value) else value
                for name, value in values.items()
            }
        theta, *state = (array[block] for array in arrays)
        self._apply(theta, gradient[block].copy(), state, t, values)


def _spelled(name, arguments):
    """Return the text of an operation on what is shared, as the rule's text has it."""
    return f" {SIGNS[name]} ".join(arguments) if name in SIGNS else f"shared_{name}({', '.join(arguments)})"


def _blocks(shape, length):
    """Yield the indices that cut an array of `shape` into blocks of at most `length` numbers, in order."""
    axis = 0  # to be cut; the axes before it are taken one index at a time
    while prod(shape[axis + 1 :]) > length:
        axis += 1
    rows = length // prod(shape[axis + 1 :])
    for first in np.ndindex(shape[:axis]):
        for begin in range(0, shape[axis], rows):
            yield (*first, slice(begin, begin + rows))


class Program:
    """A rule's tape, written out as a function. Registers have the tape's numbers.

    A register is an array, or it is shared by all coordinates: a number, or a "wide" array of hyperparameters.
    In the text r3 is an array, s3 a shared value, c3 the array of NumPy that holds it and w3 the same, broadcast.

    Parameters
    ----------
    tape : the rule, with theta, g, the remembered arrays and t as its first inputs (see `descent.engine.tape`).
    values : dict from each other input, the hyperparameters, to a value; only their shapes matter.
    moving : names of those that are functions of t.
    dtype : of theta.

    Attributes
    ----------
    text : of the function.

    Raises
    ------
    Untranslatable : when NumPy would compute in another dtype than theta's: no tape says where that is rounded.
    """

    def __init__(self, tape, values, moving, dtype):
        inputs = tape["inputs"]
        t = inputs.index("t")  # the inputs before t are arrays
        shared = [1, *(values[name] for name in inputs[t + 1 :]), *tape["constants"]]
        self.dtype, self.inputs, self.arrays = dtype, inputs, set(range(t))
        self.moving = [name for name in inputs if name in moving]
        self.moves = {t, *(inputs.index(name) for name in self.moving)}
        self.constants = {f"s{i}": value for i, value in enumerate(shared, t) if i >= len(inputs)}
        self.shapes = [(1,)] * t + [np.shape(value) for value in shared]
        # A number or an array of one for each register: what NumPy makes of these tells the dtype of all.
        self.samples = [np.ones(1, dtype)] * t + [value.flat[:1] if np.ndim(value) else value for value in shared]
        self.ops, self.once, self.each = [], [], []  # on arrays; on shared values that stay; on those that move
        with np.errstate(all="ignore"):
            for name, *arguments in tape["ops"]:
                self._add(name, arguments)
            self.boxes, self.buffers = {}, []
            lines = self._lines({inputs.index(name): i for name, i in tape["outputs"].items()})
        self.wide = [i for i in self.boxes if self.shapes[i]]
        buffers = [f"b{k}" for k, _ in enumerate(self.buffers)]
        names = [*(f"r{i}" for i in range(t)), *(f"w{i}" for i in self.wide), *buffers]
        numbers = [f"s{inputs.index(name)}" for name in ("t", *self.moving)]
        self.text = "\n".join(
            [
                f"def run(pieces, {', '.join(numbers)}):",
                *(f"    s{i} = {_spelled(name, [f's{j}' for j in given])}" for i, name, given in self.each),
                *(f"    c{i}[()] = s{i}" for i in self.boxes if i in self.moves),
                f"    for {', '.join(names)} in pieces:",
                *(f"        {line}" for line in lines or ["pass"]),
            ]
        )
        self.code = compile(self.text, "<a rule, written out by descent.engine.kernel>", "exec")

    def shared_values(self, values):
        """Return the dict of the shared values that stay, for these values of the hyperparameters."""
        known = self.constants | {f"s{i}": values[name] for i, name in enumerate(self.inputs) if name in values}
        with np.errstate(all="ignore"):
            for i, name, arguments in self.once:
                known[f"s{i}"] = AS_WRITTEN[name](*(known[f"s{j}"] for j in arguments))
        return known

    def _add(self, name, arguments):
        """Append an operation; return its register."""
        i = len(self.samples)
        self.samples.append(AS_WRITTEN[name](*(self.samples[j] for j in arguments)))
        self.shapes.append(np.broadcast_shapes(*(self.shapes[j] for j in arguments)))
        if not self.arrays.isdisjoint(arguments):
            if self.samples[i].dtype not in (self.dtype, bool):
                raise Untranslatable(f"NumPy computes {name} in {self.samples[i].dtype}, not in {self.dtype}.")
            self.arrays.add(i)
            self.ops.append((i, name, arguments))
        elif self.moves.isdisjoint(arguments):
            self.once.append((i, name, arguments))
        else:
            self.moves.add(i)
            self.each.append((i, name, arguments))
        return i

    def _hands_on(self, name, arguments):
        """Return the arrays that this operation may hand on as they are: x / 1 is x, where(True, x, y) is x."""
        if name not in ("divide", "where"):
            return []
        number, passed = (arguments[1], arguments[:1]) if name == "divide" else (arguments[0], arguments[1:])
        may = number in self.moves and self.shapes[number] == () and self.arrays.issuperset(passed)
        return passed if may and len({self.samples[j].dtype for j in passed}) == 1 else []

    def _last_reads(self, outputs):
        """Return a dict from register to the place of the last operation that reads it, or what handed it on."""
        last = {i: len(self.ops) for i in outputs.values()}
        for place, (i, name, arguments) in reversed([*enumerate(self.ops)]):
            for j in arguments:
                last[j] = max(last.get(j, -1), place)
            for j in self._hands_on(name, arguments):
                last[j] = max(last[j], last.get(i, place))
        return last

    def _lines(self, outputs):
        """Return the lines of the loop. outputs: dict from an array's register to that of its new values."""
        made = {i for i, name, arguments in self.ops if not self._hands_on(name, arguments)}
        for array, i in outputs.items():
            if i in self.arrays - made and i != array:  # another array as it was: copied while it is
                outputs[array] = self._add("positive", [i])
        last = self._last_reads(outputs)
        goals = {i: array for array, i in outputs.items()}
        home, free, lines = {}, [], []  # home: dict from register to its buffer; free: the buffers that are free

        for place, (i, name, arguments) in enumerate(self.ops):
            passed = self._hands_on(name, arguments)
            if name == "where" and passed:
                lines.append(f"r{i} = r{passed[0]} if s{arguments[0]} else r{passed[1]}")
                continue
            operands = [self._operand(j) for j in arguments]
            if name == "power" and arguments[1] not in self.arrays and self.shapes[arguments[1]] == ():
                lines.append(f"r{i} = {operands[0]} ** s{arguments[1]}")  # where x**0.5 is not power(x, 0.5)
                continue
            ended = place - (name == "where")  # all else may write over what it reads, number by number
            free += [home.pop(j) for j in [*home] if last.get(j, -1) <= ended]
            goal, dtype = goals.get(i), self.samples[i].dtype
            if goal in outputs and last.get(goal, -1) <= place and dtype == self.dtype and name != "where":
                out = f"r{goal}"  # the old values are not needed any more: write the new ones in their place
                del outputs[goal]
            else:
                home[i] = self._buffer(dtype, free)
                out = f"b{home[i]}"
            if name in ("minimum", "maximum"):  # where NumPy wants it named; elsewhere that only takes time
                out = f"out={out}"
            unless = f"r{passed[0]} if s{arguments[1]} == 1 else " if passed else ""
            lines.append(f"r{i} = {unless}{name}({', '.join(operands)}, {out})")
        return lines + [f"copyto(r{array}, {self._operand(i)})" for array, i in outputs.items() if i != array]

    def _buffer(self, dtype, free):
        """Return the number of a buffer of this dtype: one that is free, or a new one."""
        for k in reversed(free):
            if self.buffers[k] == dtype:
                free.remove(k)
                return k
        self.buffers.append(dtype)
        return len(self.buffers) - 1

    def _operand(self, i):
        """Return the text that stands for a register in an operation on arrays."""
        if i in self.arrays:
            return f"r{i}"
        self.boxes[i] = bool if np.asarray(self.samples[i]).dtype == bool else self.dtype
        return f"w{i}" if self.shapes[i] else f"c{i}"
