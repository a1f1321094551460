"""Runs over a grid of hyperparameters: where they end, and which of them end at all."""

import functools
import itertools
import numbers
import sys
from dataclasses import dataclass

import numpy as np

from descent.loop import check_optimizer, check_problem, descend, with_bar


@dataclass(frozen=True)
class Sweep:
    """What came of a sweep; the axes of the grid, in order, are the (last) axes of each array.

    Attributes
    ----------
    axes : dict from the name of a hyperparameter to the array of its values.
    losses : array (grid…), the loss at the end; nan where the run diverged.
    diverged_at : array of integers (grid…), the step that could not be taken; 0 where the run did not diverge.
    positions : array (n, grid…), where the runs ended.
    """

    axes: dict
    losses: np.ndarray
    diverged_at: np.ndarray
    positions: np.ndarray

    @property
    def diverged(self):
        """array of truth values (grid…): which runs diverged."""
        return self.diverged_at > 0

    @property
    def best(self):
        """dict: the hyperparameters of the run with the least loss at the end.

        Raises ValueError when all runs diverged or have no loss.
        """
        if np.isnan(self.losses).all():
            raise ValueError(
                "Sweep.best: every run diverged, or ended where the loss is nan. Sweep smaller learning rates."
            )
        place = np.unravel_index(np.nanargmin(self.losses), self.losses.shape)
        return {name: values.tolist()[i] for (name, values), i in zip(self.axes.items(), place)}

    def at(self, **values):
        """Return the part of the sweep with these values, a Sweep of the axes that remain: `swept.at(lr=0.1).losses`.

        Raises ValueError for a name that is not an axis, or a value that is not on it.
        """
        place = []
        for name, axis in self.axes.items():
            place.append(_place(name, values.pop(name), axis) if name in values else slice(None))
        if values:
            raise ValueError(f"Sweep.at: {', '.join(values)} was not swept; the axes are {', '.join(self.axes)}.")
        axes = {name: axis for (name, axis), i in zip(self.axes.items(), place) if isinstance(i, slice)}
        place = tuple(place)
        return Sweep(axes, self.losses[place], self.diverged_at[place], self.positions[(slice(None), *place)])

    def __repr__(self):
        axes = " × ".join(f"{name} ({len(values)})" for name, values in self.axes.items())
        best = "" if np.isnan(self.losses).all() else f", least loss {np.nanmin(self.losses):.4g}"
        return f"Sweep({axes or 'one run'}: {np.count_nonzero(self.diverged)} diverged{best})"


def _place(name, value, axis):
    number = isinstance(value, numbers.Real) or np.ndim(value) == 0 and isinstance(value, np.ndarray)
    equal = number and np.isclose(axis, value, rtol=1e-9, atol=0) if axis.dtype.kind == "f" else axis == value
    if not np.any(equal):
        raise ValueError(f"Sweep.at({name}={value!r}): expected one of {axis.tolist()}.")
    return int(np.argmax(equal))


def sweep(
    optimizer,
    problem,
    grid,
    start=None,
    steps=None,
    *,
    epochs=None,
    batch_size=None,
    seed=0,
    executor=None,
    progress=None,
):
    """Run `optimizer` on `problem` with every combination of hyperparameters in `grid` and return the Sweep.

    Where the problem takes many runs at once and the grid is of numbers, the whole sweep is one call of
    `descend`, hundreds of times as fast as its runs one after another:

        swept = sweep(Momentum(), Ravine(), {"lr": np.geomspace(1e-3, 1, 40), "beta": np.linspace(0, 0.99, 40)})
        plt.pcolormesh(swept.axes["beta"], swept.axes["lr"], swept.losses)

    Otherwise (networks, words, schedules) the runs are taken one by one, here or by an executor.
    The cores of one machine:

        with concurrent.futures.ProcessPoolExecutor() as executor:
            sweep(Adam(), Network(), {"lr": [1e-3, 1e-2]}, epochs=5, batch_size=32, executor=executor)

    A cluster, with Dask (`Client()` alone starts one on this machine):

        with dask.distributed.Client("scheduler:8786") as client:
            sweep(Adam(), Network(), {"lr": [1e-3, 1e-2]}, epochs=5, batch_size=32, executor=client.get_executor())

    Parameters
    ----------
    optimizer : its hyperparameters hold where the grid does not name them; it is not changed.
    problem, start, steps, epochs, batch_size, seed, progress : as for `descend`; the start is one point (n,).
    grid : dict from the name of a hyperparameter to its values.
    executor : a `concurrent.futures.Executor`, or anything with its `submit`, for runs that are taken one by one.
        Optimizer and problem are pickled for it; schedules are functions inside functions, which processes of
        the standard library cannot receive and Dask can.

    Raises
    ------
    TypeError, ValueError : for a grid that is empty or names something that the optimizer has not, a value out
        of range, an executor without `submit`, and where `descend` does.
    """
    check_optimizer("sweep", optimizer, declared=True)
    check_problem("sweep", problem)
    axes = _checked_axes(optimizer, grid)
    if np.ndim(problem.start if start is None else start) != 1:
        raise ValueError("sweep(start=…): expected one point of shape (n,); all runs begin there.")
    if executor is not None and not hasattr(executor, "submit"):
        raise TypeError(f"sweep(executor={executor!r}): expected an executor with a method submit; see its docstring.")
    options = {"start": start, "steps": steps, "epochs": epochs, "batch_size": batch_size, "seed": seed}
    if _broadcasts(optimizer, problem, axes):
        try:
            return _in_one_run(optimizer, problem, axes, options, progress)
        except _RateOfEachCoordinate:  # beside each other its numbers would be one a run
            pass
    return _one_by_one(optimizer, problem, axes, options, executor, progress)


def _checked_axes(optimizer, grid):
    if not isinstance(grid, dict) or not grid:
        raise TypeError(f'sweep(grid={grid!r}): expected a dict such as {{"lr": [0.01, 0.1]}}.')
    axes = {}
    for name, values in grid.items():
        if name not in optimizer.defaults:
            known = ", ".join(optimizer.defaults)
            raise ValueError(f"sweep: {optimizer!r} has no hyperparameter {name!r}; it has {known}.")
        if isinstance(values, (str, np.ma.MaskedArray)) or not _is_row(values):
            raise ValueError(f"sweep({name}={values!r}): expected a list of values, one or more.")
        axis = np.array(values)
        axes[name] = axis.astype(float) if axis.dtype.kind in "iuf" else np.array(values, dtype=object)
        for value in axes[name].tolist():
            _with(optimizer, {name: value})  # raises for a value out of range
    return axes


def _is_row(values):
    try:
        return np.ndim(values) == 1 and len(values) > 0
    except ValueError:  # rows of unlike length
        return False


def _with(optimizer, values):
    return type(optimizer)(**(optimizer.hyperparameters | values))


def _broadcasts(optimizer, problem, axes):
    numbers = all(axis.dtype.kind == "f" for axis in axes.values())
    scalars = not any(np.ndim(value) for value in optimizer.hyperparameters.values())
    return numbers and scalars and getattr(problem, "broadcasts", True)


class _RateOfEachCoordinate(Exception):
    """Raised in a run of all runs at once when a schedule gives an array."""


def _of_numbers(schedule):
    @functools.wraps(schedule, updated=())
    def checked(t):
        value = schedule(t)
        if np.ndim(value):
            raise _RateOfEachCoordinate
        return value

    return checked


def _in_one_run(optimizer, problem, axes, options, progress):
    values = {name: _of_numbers(value) for name, value in optimizer.hyperparameters.items() if callable(value)}
    values |= dict(zip(axes, np.meshgrid(*axes.values(), indexing="ij", sparse=True)))
    point = np.array(problem.start if options["start"] is None else options["start"])
    options = options | {"start": point.reshape(-1, *(1 for _ in axes))}
    path = descend(_with(optimizer, values), problem, **options, record=sys.maxsize, progress=progress)
    losses = np.where(path.diverged_at > 0, np.nan, path.losses[-1])
    return Sweep(axes, losses, path.diverged_at, path.positions[-1])


def _one_by_one(optimizer, problem, axes, options, executor, progress):
    settings = [dict(zip(axes, values)) for values in itertools.product(*(axis.tolist() for axis in axes.values()))]
    tasks = [(_with(optimizer, setting), problem, options) for setting in settings]
    if executor is None:
        results = (_end(*task) for task in tasks)
    else:
        futures = [executor.submit(_end, *task) for task in tasks]
        results = (future.result() for future in futures)
    positions, losses, diverged_at = zip(*with_bar(results, len(tasks), progress, unit=" runs"))
    shape = tuple(len(axis) for axis in axes.values())
    return Sweep(
        axes,
        np.reshape(losses, shape),
        np.reshape(diverged_at, shape),
        np.stack(positions, axis=-1).reshape(-1, *shape),
    )


def _end(optimizer, problem, options):
    """Return where one run ends, its loss there (nan if it diverged) and the step at which it diverged."""
    path = descend(optimizer, problem, **options, record=sys.maxsize, progress=False)
    diverged_at = int(path.diverged_at)
    return path.positions[-1], np.nan if diverged_at else path.losses[-1], diverged_at
