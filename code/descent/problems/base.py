"""What every problem is: a loss, its gradient, where to start and what to look at."""

import copy
import numbers

import numpy as np

from descent.engine.differentiate import gradient_of
from descent.engine.tape import Recorded, Tape


class Problem:
    """Base of all problems: write `loss`, say where to start and what to look at; the gradient follows from the loss.

    A loss that uses only the operations of `descent.engine.operations` needs no `gradient`: it is then found by
    differentiation, exact to rounding. Any other problem writes its own.

    Attributes
    ----------
    name : str, for titles.
    start : array of shape (n,), where a run begins unless told otherwise.
    minimum : array of shape (n,), a least point, or None where there is none or it is not known.
    labels : names of the coordinates, for axes.
    view : ((low, high), …), the part of each axis that a figure shows; None where there is nothing to draw.
    domain : (low, high), numbers between which every coordinate is kept, or None.
    size : number of examples from which mini-batches can be drawn, or None. `loss` and `gradient` of a
        problem that has them take a second argument, `batch`: the indices of the examples to use.
    broadcasts : False where theta must be one vector (n,), not many runs (n, runs…) at once.
    """

    name = "problem"
    labels = ("x", "y")
    minimum = None
    view = None
    domain = None
    size = None
    broadcasts = True

    def loss(self, theta):
        """Return the loss at theta, of shape theta.shape[1:]."""
        raise TypeError(f"{type(self).__name__} has no loss: write its method loss(self, theta).")

    def gradient(self, theta, *batch):
        """Return the gradient at theta, of theta's shape: unless a problem writes it, by differentiating `loss`.

        Raises Untranslatable where the loss does what no tape can hold, and NotDifferentiable (one kind of it) where an
        operation has no derivative; both name the operation.
        """
        coordinates = [f"x{i}" for i in range(len(theta))]
        recorded = {name: value for name, value in vars(self).items() if isinstance(value, Recorded)}
        tape = Tape([*coordinates, *recorded])
        problem = with_parameters(self, {name: tape.input(name) for name in recorded})
        loss = problem.loss(np.array([tape.input(name) for name in coordinates], dtype=object), *batch)
        given = as_arrays(theta)
        values = dict(zip(coordinates, given)) | recorded
        parts = gradient_of(tape.finish({"loss": loss}), values, coordinates)
        if isinstance(theta[0], Recorded):
            return np.array(parts, dtype=object)
        return np.array([np.broadcast_to(part, np.shape(x)) for part, x in zip(parts, given)]).reshape(np.shape(theta))

    def gradient_at(self, theta, t):
        """Return the gradient that step t = 1, 2, … sees: the same at every t, unless a problem says otherwise."""
        return self.gradient(theta)

    def __repr__(self):
        return self.name


def as_arrays(theta):
    """Return the coordinates as arrays (runs,), also those of one run; what is being recorded, as it is.

    NumPy raises an array to a power by another routine than a number, and on some processors their last digits differ.
    """
    return theta if isinstance(theta[0], Recorded) else np.reshape(theta, (len(theta), -1))


def gradient_changes(problem):
    """Tell whether a problem says that its gradient changes from step to step."""
    return getattr(type(problem), "gradient_at", Problem.gradient_at) is not Problem.gradient_at


def with_parameters(problem, values):
    """Return a copy of the problem with other values of the attributes that `values` names."""
    problem = copy.copy(problem)
    for name, value in values.items():
        setattr(problem, name, value)
    return problem


def remainder(t, period):
    return t - period * np.floor(t / period)  # written so that the page can replay it


def number(value):
    """Return a real number as it is, and nan for anything else: nan is in no range, and the error names what it was."""
    return value if isinstance(value, numbers.Real) and not isinstance(value, bool) else np.nan


def checked_count(owner, name, value, least):
    if not isinstance(value, (int, np.integer)) or isinstance(value, bool) or value < least:
        raise ValueError(f"{owner}({name}={value!r}): expected a whole number, {least} or more.")
    return int(value)


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
