"""Write down a whole step of a rule, or a function of numbers, as a tape."""

import dis
import inspect
import sys

import numpy as np

from descent.engine.operations import OPERATIONS
from descent.engine.tape import Recorded, Tape

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
        and _reads_only_np(function, code)
    )


def _reads_only_np(function, code):
    """Tell whether np and abs are all that the code reads from outside: `power` and `self.power` have names of np."""
    outside = {step.argval for step in dis.get_instructions(code) if step.opname.endswith(("_GLOBAL", "_NAME"))}
    own = {name for step in dis.get_instructions(code) if "FAST" in step.opname for name in np.ravel(step.argval)}
    return outside <= {"np", "abs"} and "abs" not in function.__globals__ and code.co_varnames[0] not in own


def record_step(apply, update, state_names, values, inputs, single=False):
    """Write down one whole step of a rule, for one coordinate.

    apply : function of (theta, g, state, t, values) that takes the step in place.
    update : the method in which the rule's own names (m_hat and the like) stand; None when they are not wanted.
    state_names : names of the remembered arrays.
    values : dict from each hyperparameter that stays as it is to its value; a function of t becomes a part of the tape.
    inputs : names of the hyperparameters that stay adjustable.
    single : see `Tape`.

    Returns a tape with inputs theta, g, the remembered arrays, t and the hyperparameters, and outputs theta and the
    remembered arrays.
    """
    tape = Tape(["theta", "g", *state_names, "t", *inputs], single)
    theta, g, *state = (tape.input(name, array=True) for name in ("theta", "g", *state_names))
    t = tape.input("t")
    values = {name: value(t) if callable(value) else value for name, value in values.items()}
    values |= {name: tape.input(name) for name in inputs}
    names = _locals_of(update, lambda: apply(theta, g, state, t, values))
    names = {name: value for name, value in names.items() if isinstance(value, Recorded) and name not in tape.inputs}
    return tape.finish({"theta": theta} | dict(zip(state_names, state)), names)


def _locals_of(function, call):
    """Call `call` and return the local variables that `function` ended with: m_hat, v_hat and the like."""
    found = {}
    if function is None:
        call()
        return found

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


def record_function(function, inputs=None):
    """Translate a function of numbers. Returns a tape with its arguments as inputs and the output `value`.

    inputs: names of the arguments, by default those of the function's own signature.
    """
    inputs = list(inspect.signature(function).parameters) if inputs is None else list(inputs)
    tape = Tape(inputs)
    return tape.finish({"value": function(*(tape.input(name) for name in inputs))})
