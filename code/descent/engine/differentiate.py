"""Derivatives of a tape: exact, by going backwards through its operations (Linnainmaa 1970), and a tape again."""

import numpy as np

from descent.engine.operations import AS_WRITTEN
from descent.engine.tape import Untranslatable

BRANCHES = ("where", "minimum", "maximum")
LINEAR = ("add", "subtract", "negative", "positive")  # 0 on the way back stays 0


class NotDifferentiable(Untranslatable):
    """Raised when a loss uses an operation that has no derivative worth following."""


# For each operation: what the derivative of the output, d, adds to that of each argument. y is the operation's value.
# Where a derivative jumps (absolute, minimum, maximum at a tie) one side is taken; at a tie it is the first argument's.
DERIVATIVES = {
    "add": lambda d, y, a, b: (d, d),
    "subtract": lambda d, y, a, b: (d, -d),
    "multiply": lambda d, y, a, b: (d * b, d * a),
    "divide": lambda d, y, a, b: (d / b, -(d * y / b)),
    "negative": lambda d, y, a: (-d,),
    "positive": lambda d, y, a: (d,),
    "absolute": lambda d, y, a: (d * np.sign(a),),
    "sqrt": lambda d, y, a: (d / (2 * y),),
    "square": lambda d, y, a: (d * (2 * a),),
    # log(a) only where the exponent itself depends on theta: it is nan below 0
    "power": lambda d, y, a, b: (d * (b * a ** (b - 1)), lambda d: d * (y * np.log(a))),
    "exp": lambda d, y, a: (d * y,),
    "log": lambda d, y, a: (d / a,),
    "sin": lambda d, y, a: (d * np.cos(a),),
    "cos": lambda d, y, a: (-(d * np.sin(a)),),
    "tanh": lambda d, y, a: (d * (1 - y * y),),
    "minimum": lambda d, y, a, b: (np.where(a <= b, d, 0.0), np.where(a <= b, 0.0, d)),
    "maximum": lambda d, y, a, b: (np.where(a >= b, d, 0.0), np.where(a >= b, 0.0, d)),
    "where": lambda d, y, c, a, b: (None, np.where(c, d, 0.0), np.where(c, 0.0, d)),
}


def gradient_of(tape, values, wanted, output="loss"):
    """Return the derivatives of a tape's output with respect to the inputs named in `wanted`, as a list.

    tape : as `Tape.finish` makes it.
    values : dict from each input to a number, an array, or a recorded value: the derivatives are of the same kind, so
        that one text serves NumPy and the page.

    Raises NotDifferentiable for an operation on the way that has no derivative (floor, sign, a comparison
    used as a number).
    """
    registers = [values[name] for name in tape["inputs"]] + list(tape["constants"])
    first = len(registers)
    moving = {tape["inputs"].index(name) for name in wanted}  # the registers that depend on what is wanted
    for i, (name, *arguments) in enumerate(tape["ops"], start=first):
        registers.append(AS_WRITTEN[name](*(registers[j] for j in arguments)))
        if not moving.isdisjoint(arguments):
            moving.add(i)
    backward = {tape["outputs"][output]: 1.0}
    in_branch = set()  # there a derivative of 0 says "not chosen", also where the branch itself is 0/0 or infinite
    for i in sorted(moving - set(range(first)), reverse=True):
        if i not in backward:
            continue
        name, *arguments = tape["ops"][i - first]
        handed_back = _derivatives(name, backward[i], registers[i], [registers[j] for j in arguments])
        # What is costly or undefined only if it is wanted.
        handed_back = [p(backward[i]) if callable(p) and j in moving else p for j, p in zip(arguments, handed_back)]
        for j, part in zip(arguments, handed_back):
            if j in moving and part is not None:
                if name in BRANCHES or i in in_branch:
                    in_branch.add(j)
                    if name not in (*BRANCHES, *LINEAR):
                        part = np.where(backward[i] == 0, 0.0, part)
                backward[j] = backward[j] + part if j in backward else part
    return [backward.get(tape["inputs"].index(name), 0.0) for name in wanted]


def _derivatives(name, d, y, arguments):
    if name not in DERIVATIVES:
        raise NotDifferentiable(
            f"np.{name} has no derivative that a descent could follow. Write the loss without it, or give the problem "
            "a method gradient(self, theta) of its own."
        )
    return DERIVATIVES[name](d, y, *arguments)
