"""The loop: take steps, and record the path."""

import math
import sys
from dataclasses import dataclass

import numpy as np

BLOCK = 1 << 14  # numbers in one call of `loss` on recorded positions: what the cache holds


@dataclass(frozen=True)
class Path:
    """Where a run went; or many runs at once, which are then the last axes of each array.

    Attributes
    ----------
    positions : array (records, n, runs…) in the dtype of the start, which is the first of them.
    losses : array (records, runs…), the loss of the whole problem there.
    steps : array of integers (records,): the steps after which these were recorded; 0, 1, 2, … unless `descend`
        was told otherwise.
    diverged_at : array of integers (runs…): the step that could not be taken because a gradient or a position
        was no longer finite; 0 for a run that did not diverge. From there on the run stands still.
    optimizer : the optimizer as it ended (its own copy).
    gradient_at : function of (theta, t): the gradient that step t saw at theta.
    """

    positions: np.ndarray
    losses: np.ndarray
    steps: np.ndarray
    diverged_at: np.ndarray
    optimizer: object
    gradient_at: object

    @property
    def effective_lr(self):
        """array (steps, n, runs…): the learning rate with which gradient descent would have taken each step.

        That is, coordinate by coordinate, the step over the gradient that it was taken with: lr itself for
        gradient descent, lr / (sqrt(v) + eps) for RMSProp, and for momentum about lr / (1 - beta) while the
        gradient is steady (its step is then 1 / (1 - beta) times as long). It is below 0 where a step goes
        against its gradient, and nan where the gradient is 0 or the run stood still. Weight decay counts
        as part of the step.

        Raises ValueError unless every step was recorded.
        """
        if len(self.steps) != self.steps[-1] + 1:
            raise ValueError("effective_lr compares each step with its gradient: record every step (record=1).")
        rates = np.full_like(self.positions[1:], np.nan)
        with np.errstate(all="ignore"):
            for t, theta in enumerate(self.positions[:-1], start=1):
                gradient = self.gradient_at(theta, t)
                taken = np.isfinite(gradient) & (gradient != 0) & ((self.diverged_at == 0) | (t < self.diverged_at))
                np.divide(theta - self.positions[t], gradient, out=rates[t - 1], where=taken)
        return rates

    def __repr__(self):
        runs = self.losses.shape[1:]
        end = f"loss {self.losses[0]:.4g} → {self.losses[-1]:.4g}" if not runs else f"{math.prod(runs)} runs"
        stopped = np.count_nonzero(self.diverged_at)
        return f"Path({self.optimizer!r}, {self.steps[-1]} steps, {end}{f', {stopped} diverged' if stopped else ''})"


def descend(
    optimizer,
    problem,
    start=None,
    steps=None,
    *,
    epochs=None,
    batch_size=None,
    seed=0,
    record=None,
    stop=None,
    progress=None,
):
    """Run `optimizer` on `problem` and return the Path.

    Parameters
    ----------
    optimizer : its hyperparameters are used; it is not changed (a new one of its kind takes the steps).
    problem : has `loss(theta)` and `gradient(theta)`, and a `start` that is used when none is given. See
        `Problem` for what else it may have: gradients that change with t, a domain, examples.
    start : array (n,), or (n, runs…) to run many at once; not changed. With hyperparameters of shape (runs,) a
        start (n, 1) serves all runs. float32 stays float32; all else is computed in float64.
    steps : number of steps, 0 or more; 100 unless `epochs` is given.
    epochs : number of times to go through all examples, in place of `steps`.
    batch_size : number of examples in a mini-batch; by default each gradient is of the whole loss. Every epoch
        goes through all examples in a new order; its last batch has what remains.
    seed : of these orders.
    record : how many steps from one recorded position to the next; the last is always recorded. By default
        every step, or with mini-batches every epoch.
    stop : function of (t, theta, loss) that ends the run early by returning True. It is asked at each recorded
        position after the start, and the path ends there: `stop=lambda t, theta, loss: loss < 1e-6`.
    progress : True for a progress bar on stderr. By default there is one in a terminal, on runs of more than
        two seconds, never in a notebook.

    Returns
    -------
    Path, with all steps in it even when the run diverged: it then stands still. Divergence gives no warning.

    Raises
    ------
    TypeError, ValueError : for an optimizer that is a class, a start that is not an array of finite numbers of
        the problem's shape, a number of steps that is not a whole number, and so on; nothing has been done then.
    """
    check_optimizer("descend", optimizer)
    check_problem("descend", problem)
    if stop is not None and not callable(stop):
        raise TypeError(f"descend(stop={stop!r}): expected a function, such as lambda t, theta, loss: loss < 1e-6.")
    optimizer = optimizer.fresh()
    theta = _checked_start(problem, start, optimizer)
    gradient_at = _Gradient(problem, batch_size, seed)
    steps = _checked_steps(steps, epochs, gradient_at.epoch)
    record = _count("record", gradient_at.epoch if record is None else record, least=1)

    recorded = np.array([*range(0, steps, record), steps])
    positions = np.empty((len(recorded), *theta.shape), theta.dtype)
    losses = np.empty((len(recorded), *theta.shape[1:]), theta.dtype)
    diverged_at = np.zeros(theta.shape[1:], dtype=int)
    positions[0] = theta
    written = 1
    with np.errstate(all="ignore"):
        moves = _moves(optimizer, gradient_at, theta, getattr(problem, "domain", None), steps, diverged_at)
        for t in with_bar(moves, steps, progress):
            if t == recorded[written]:
                positions[written] = theta
                written += 1
                if stop is not None and _says_stop(stop, t, theta.copy(), problem.loss(theta)):
                    break
        else:  # not stopped: if all runs have diverged, they stand still from here
            positions[written:] = theta
            written = len(recorded)
        _fill_losses(losses[:written], problem, positions[:written])
    return Path(positions[:written], losses[:written], recorded[:written], diverged_at, optimizer, gradient_at)


def _moves(optimizer, gradient_at, theta, domain, steps, diverged_at):
    """Take the steps in place and yield t after each, until all runs have diverged (noted in `diverged_at`)."""
    standing = diverged_at > 0
    before = np.empty_like(theta)
    for t in range(1, steps + 1):
        gradient = _as_gradient(gradient_at(theta, t), theta, gradient_at.problem)
        all_move = np.isfinite(gradient).all() and not standing.any()
        if not all_move:
            standing = standing | ~np.isfinite(gradient).all(axis=0)
            diverged_at[standing & (diverged_at == 0)] = t
            if standing.all():
                return
            gradient = np.where(standing, 0.0, gradient)
        before[...] = theta
        optimizer.step(theta, gradient)
        if domain is not None:
            np.clip(theta, *domain, out=theta)
        if not (all_move and np.isfinite(theta).all()):
            standing = standing | ~np.isfinite(theta).all(axis=0)
            diverged_at[standing & (diverged_at == 0)] = t
            theta[...] = np.where(standing, before, theta)
        yield t


def _as_gradient(gradient, theta, problem):
    """Return a gradient in theta's dtype, where 1e300 may be infinite, or say why it is none."""
    array = isinstance(gradient, np.ndarray) and not isinstance(gradient, np.ma.MaskedArray)
    real = array and gradient.dtype.kind in "fiu"
    if not real or gradient.shape != theta.shape:
        kind = type(gradient).__name__ + (f" of {gradient.dtype} and shape {gradient.shape}" if array else "")
        raise (ValueError if real else TypeError)(
            f"descend: the gradient of {problem!r} at theta of shape {theta.shape} is {kind}; expected an array of "
            "real numbers of theta's shape."
        )
    return gradient.astype(theta.dtype, copy=False)


class _Gradient:
    """The gradient of step t as a function of theta and t: of the whole loss, or of the t-th mini-batch."""

    def __init__(self, problem, batch_size, seed):
        self.problem, self.batch_size, self.epoch = problem, batch_size, 1
        self.changes = hasattr(problem, "gradient_at")
        if batch_size is not None:
            size = getattr(problem, "size", None)
            if size is None:
                raise ValueError(f"descend(batch_size={batch_size!r}): {problem!r} has no examples to draw from.")
            self.batch_size = _count("batch_size", batch_size, least=1)
            self.epoch = math.ceil(size / self.batch_size)  # in steps
            self.seed = _count("seed", seed, least=0)
            self.shuffled = None  # the epoch whose order is in self.order

    def __call__(self, theta, t):
        theta = theta.copy()  # what the problem does to its argument is not done to the run
        if self.batch_size is None:
            return self.problem.gradient_at(theta, t) if self.changes else self.problem.gradient(theta)
        epoch, k = divmod(t - 1, self.epoch)
        if epoch != self.shuffled:
            self.order = np.random.default_rng([self.seed, epoch]).permutation(self.problem.size)
            self.shuffled = epoch
        return self.problem.gradient(theta, self.order[k * self.batch_size : (k + 1) * self.batch_size])


def _fill_losses(losses, problem, positions):
    if not getattr(problem, "broadcasts", True):
        for i, theta in enumerate(positions):
            loss = problem.loss(theta.copy())
            if np.shape(loss) != () or np.asarray(loss).dtype.kind not in "fiu":
                raise TypeError(f"{problem!r}: loss(theta) gave {loss!r}; expected a number.")
            losses[i] = loss
        return
    length = max(1, BLOCK // positions[0].size)
    for i in range(0, len(positions), length):
        theta = np.moveaxis(positions[i : i + length], 1, 0)
        loss = problem.loss(theta.copy(order="K"))
        if np.shape(loss) != theta.shape[1:]:
            raise ValueError(
                f"{problem!r}: loss(theta) of theta {theta.shape} has shape {np.shape(loss)}, expected "
                f"{theta.shape[1:]}: one for each point. If it takes a single point, say so: broadcasts = False."
            )
        if np.asarray(loss).dtype.kind not in "fiu":
            raise TypeError(f"{problem!r}: loss(theta) gave {np.asarray(loss).dtype}; expected real numbers.")
        losses[i : i + length] = loss


def _says_stop(stop, t, theta, loss):
    answer = np.asarray(stop(t, theta, loss))
    if answer.ndim:
        raise ValueError(f"descend(stop=…): one truth value ends all runs, not {answer.shape}: take np.all of them.")
    return bool(answer)


def with_bar(things, total, progress, unit=" steps"):
    """Return the iterable `things`, with a progress bar on stderr; see `descend` for what `progress` may be."""
    if progress is False or (progress is None and not (sys.stderr and sys.stderr.isatty())):
        return things
    from tqdm import tqdm  # here, as most runs need none

    return tqdm(things, total=total, unit=unit, leave=False, delay=2 if progress is None else 0)


def check_optimizer(asking, optimizer, declared=False):
    """Raise TypeError unless `optimizer` is one, not its class; `declared`: and says what hyperparameters it has."""
    if isinstance(optimizer, type) or not hasattr(optimizer, "fresh"):
        name = optimizer.__name__ if isinstance(optimizer, type) else type(optimizer).__name__
        raise TypeError(f"{asking}: expected an optimizer such as Adam(lr=0.1), not {name}.")
    if declared and not hasattr(optimizer, "defaults"):
        raise TypeError(f"{asking}: {optimizer!r} declares no hyperparameters, as an Optimizer does; descend runs it.")


def check_problem(asking, problem):
    """Raise TypeError unless `problem` is one, not its class."""
    missing = [name for name in ("loss", "gradient") if not hasattr(problem, name)]
    if isinstance(problem, type) or missing:
        given = f"the class {problem.__name__}" if isinstance(problem, type) else type(problem).__name__
        lacks = f", which has no {' and no '.join(missing)}" if missing else ""
        raise TypeError(f"{asking}: expected a problem such as Ravine(), not {given}{lacks}.")


def _checked_start(problem, start, optimizer):
    """Return the start as a new array, spread over the runs that the hyperparameters ask for."""
    if start is None and not hasattr(problem, "start"):
        raise ValueError(f"descend: {problem!r} names no start; give one, descend(…, start=np.array([…])).")
    given = problem.start if start is None else start
    try:
        theta = np.array(None if isinstance(given, np.ma.MaskedArray) else given)
    except ValueError:  # rows of unlike length
        theta = np.array(None)
    if theta.dtype.kind not in "fiu" or theta.ndim == 0 or theta.size == 0 or not np.isfinite(theta).all():
        raise ValueError(f"descend(start={start!r}): expected finite numbers, one or more, one for each coordinate.")
    theta = theta.astype(np.float32 if theta.dtype.newbyteorder("=") == np.float32 else float)  # in our byte order
    n = len(getattr(problem, "start", theta))
    if len(theta) != n:
        raise ValueError(
            f"descend(start=…): {problem!r} has {n} coordinates, but the start has shape {theta.shape}. "
            f"Components come first: expected ({n},), or ({n}, runs) for many runs."
        )
    if theta.ndim > 1 and not getattr(problem, "broadcasts", True):
        raise ValueError(f"descend(start=…): {problem!r} takes one run at a time: expected ({n},), not {theta.shape}.")
    domain = getattr(problem, "domain", None)
    if domain is not None and (not isinstance(domain, (tuple, list, np.ndarray)) or len(domain) != 2):
        raise ValueError(f"descend: {problem!r} has the domain {domain!r}; expected (low, high), or None.")
    if domain is not None and not np.array_equal(theta, np.clip(theta, *domain)):
        raise ValueError(f"descend(start={start!r}): outside the domain {domain} of {problem!r}.")
    return _spread(theta, optimizer.hyperparameters) if theta.ndim > 1 else theta


def _spread(theta, hyperparameters):
    arrays = {name: value.shape for name, value in hyperparameters.items() if isinstance(value, np.ndarray)}
    try:
        shape = np.broadcast_shapes(theta.shape, *arrays.values())
        if len(shape) == theta.ndim and len(shape) and shape[0] == len(theta):
            return np.broadcast_to(theta, shape).copy()
    except ValueError:
        pass
    given = ", ".join(f"{name} {shape}" for name, shape in arrays.items())
    raise ValueError(
        f"descend: a start of shape {theta.shape} and hyperparameters of shape {given} do not fit. "
        "For many runs give the start (n, 1) or (n, runs) and the hyperparameters (runs,)."
    )


def _checked_steps(steps, epochs, epoch):
    if epochs is None:
        return _count("steps", 100 if steps is None else steps, least=0)
    if steps is not None:
        raise ValueError(f"descend(steps={steps!r}, epochs={epochs!r}): give one of the two.")
    return epoch * _count("epochs", epochs, least=0)


def _count(name, value, least):
    if not isinstance(value, (int, np.integer)) or isinstance(value, bool) or value < least:
        raise ValueError(f"descend({name}={value!r}): expected a whole number, {least} or more.")
    return int(value)
