"""The sliders of a figure as plain data: one for a hyperparameter, for several rules at once, or for the problem."""

import inspect
import math
import numbers

import numpy as np

from descent.engine.tape import Recorded, Tape
from descent.figures.checks import check_function
from descent.figures.views import WORDS
from descent.problems import with_parameters
from descent.rules import GradientDescent

LARGEST_DECADE = 308  # of floats
GREATEST_DECAY_RATE = 0.9999  # where the slider of a decay rate ends unless told otherwise


def slider(name, value, limits, *, is_decay_rate=False, marks=()):
    """Return one slider; without limits a decay rate spans 0 to 0.9999 and anything else two decades each way.

    marks : pairs of a value, or a tape that computes it, and a label.
    """
    decade = math.floor(math.log10(value)) if value > 0 else -2
    if is_decay_rate:
        low, high = limits or (0.0, GREATEST_DECAY_RATE)
        scale = "complement"  # even steps in log(1 - beta): 0.9, 0.99, 0.999 are equally far apart
    else:
        low, high = limits or (10.0 ** (decade - 2), 10.0 ** min(decade + 2, LARGEST_DECADE))
        scale = "log" if min(low, value) > 0 else "linear"  # a decay of 0 is on its scale
    low, high = float(min(low, value)), float(max(high, value))
    return {
        "name": name,
        "label": WORDS.get(name, name),
        "min": low,
        "max": high,
        "value": float(value),
        "scale": scale,
        "marks": [_mark(spot, text) for spot, text in marks if isinstance(spot, dict) or low <= spot <= high],
    }


def _mark(spot, label):
    return {"tape" if isinstance(spot, dict) else "value": spot, "label": label}


def parameter_slider(problem, name, limits):
    """Return the slider of an attribute of the problem; one that is an int moves in whole numbers."""
    value = getattr(problem, name)
    made = slider(name, value, limits)
    if isinstance(value, numbers.Integral):
        made |= {"scale": "whole", "min": math.ceil(made["min"]), "max": math.floor(made["max"])}
    return made


def shared_targets(optimizers, groups):
    """Return, for each slider that moves several rules, its targets: pairs of a rule's number and a name."""
    targets = []
    for names in groups:
        pairs = []
        for k, optimizer in enumerate(optimizers):
            here = [name for name in names if name in optimizer.defaults]
            if len(names) > 1:
                here = [name for name in here if np.any(getattr(optimizer, name) != 0)]
            if len(here) > 1:
                raise ValueError(
                    f"explore(shared=…): {optimizer!r} uses {here} at once; only one of them may differ from 0."
                )
            pairs += [(k, name) for name in here]
        if not pairs:
            raise ValueError(f"explore(shared=…): no optimizer has {' or '.join(names)}.")
        for k, name in pairs:
            value = getattr(optimizers[k], name)
            if isinstance(value, (str, np.ndarray)) or callable(value):
                raise ValueError(
                    f"explore(shared=…): {name} of {optimizers[k]!r} is no number that a slider could move."
                )
        targets.append(pairs)
    return targets


def shared_slider(targets, optimizers, limits):
    """Return the slider that moves a hyperparameter of several rules."""
    k, name = targets[0]
    values = {float(getattr(optimizers[i], n)) for i, n in targets}
    if len(values) > 1:
        raise ValueError(f"explore(shared=…): the optimizers begin with different values of {name}: {sorted(values)}.")
    label = "decay or penalty λ" if {n for _, n in targets} == {"l2", "weight_decay"} else WORDS.get(name, name)
    is_decay_rate = any(n in optimizers[i].decay_rates for i, n in targets)
    made = slider(name, values.pop(), limits.get(name), is_decay_rate=is_decay_rate)
    return made | {"label": label, "targets": [list(target) for target in targets]}


def resolved_marks(problem, optimizer, marks, parameters):
    """Return {name: [(value or tape, label)]}: the marks given, or those that theory knows for this pair.

    A mark that depends on parameters of the problem is a tape: the page computes its place from them.
    """
    if marks is None:
        knows_edge = type(optimizer) is GradientDescent and hasattr(problem, "curvatures")
        marks = {"lr": {_edge_of_stability: "2/h", _best_rate: "best"}} if knows_edge else {}
    else:
        marks = {name: {_of_problem(value): label for value, label in spots.items()} for name, spots in marks.items()}
    return {
        name: [(_resolved(value, problem, parameters), label) for value, label in spots.items()]
        for name, spots in marks.items()
    }


def _edge_of_stability(problem):
    return 2 / problem.curvatures[-1]


def _best_rate(problem):
    return 2 / (problem.curvatures[0] + problem.curvatures[-1])


def _of_problem(value):
    """Turn a function of the problem's parameters, by their names, into one of the problem."""
    if not callable(value):
        return value
    check_function("explore(marks=…)", value)
    names = list(inspect.signature(value).parameters)
    return lambda problem: value(*(getattr(problem, name) for name in names))


def _resolved(value, problem, parameters):
    """Return the number that a mark stands at, or the tape that computes it from the problem's parameters."""
    if not callable(value):
        return float(value)
    tape = Tape(parameters)
    try:
        value = value(with_parameters(problem, {name: tape.input(name) for name in parameters}))
    except AttributeError as error:
        raise ValueError(f"explore(marks=…): {error}; a mark's function is given attributes of the problem.") from None
    if isinstance(value, Recorded):
        return tape.finish({"value": value})
    if not isinstance(value, numbers.Real):
        raise TypeError(f"explore(marks=…): a mark's function gave {value!r}; expected a number.")
    return float(value)
