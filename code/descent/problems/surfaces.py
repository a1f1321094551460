"""Surfaces to look at: losses of one or two parameters, each with its gradient.

Products stand where one expects powers (x * x): NumPy rounds x**2 differently for one number and for an array of
them, and a run must not depend on how many others run beside it.
"""

import inspect
import math

import numpy as np

from descent.engine.tape import Recorded
from descent.problems.base import Problem, as_arrays, number


class Surface(Problem):
    """A surface of your own in one line: `Surface(lambda x, y: x**2 + 10 * y**2, start=(-8, 1.5))`.

    Parameters
    ----------
    loss : function of one or two numbers, written with what the page can replay; its arguments name the axes.
    start : where a run begins, one number for each argument.
    view : ((low, high), …) as for any `Problem`; by default a square about 0 that holds the start.
    minimum : the least point, if it is known.
    name : for titles; by default "surface".

    Raises
    ------
    TypeError, ValueError : for a loss that is no function, or a start that has not one finite number for each argument.
    """

    def __init__(self, loss, start, view=None, minimum=None, name="surface"):
        if not callable(loss):
            raise TypeError(f"Surface(loss={loss!r}): expected a function such as lambda x, y: x**2 + 10 * y**2.")
        try:
            parameters = inspect.signature(loss).parameters.values()
        except ValueError:  # some functions that are not written in Python have none
            parameters = ()
        if not parameters or any(p.kind is not p.POSITIONAL_OR_KEYWORD for p in parameters):
            raise TypeError(
                f"Surface(loss={loss!r}): expected a function of named numbers, such as lambda x, y: x * y."
            )
        if not isinstance(name, str):
            raise TypeError(f"Surface(name={name!r}): expected a text.")
        self.labels = tuple(p.name for p in parameters)
        try:
            self.start = np.array(start, dtype=float)
        except (TypeError, ValueError):
            self.start = np.array(None, dtype=float)
        if self.start.shape != (len(self.labels),) or not np.isfinite(self.start).all():
            raise ValueError(
                f"Surface(start={start!r}): expected a finite number for each of {', '.join(self.labels)}."
            )
        reach = 1.25 * max(1.0, np.abs(self.start).max())
        self.view = tuple((-reach, reach) for _ in self.labels) if view is None else view
        self.minimum = None if minimum is None else np.array(minimum, dtype=float)
        self._loss, self.name = loss, name

    def loss(self, theta):
        if isinstance(theta[0], Recorded):
            return self._loss(*theta)
        loss = self._loss(*as_arrays(np.copy(theta)))  # what the function does to its arguments is its own affair
        return np.broadcast_to(loss, np.size(theta[0])).reshape(np.shape(theta[0]))[()]


class Ravine(Problem):
    """A long valley: the quadratic (x**2 + condition * y**2) / 2, turned counter-clockwise by `angle`.

    Parameters
    ----------
    condition : the larger curvature over the smaller, 1 or more; the curvatures are 1 and `condition`.
    angle : in radians; `np.radians(45)` is 45 degrees. The start turns with the valley.

    Raises
    ------
    ValueError : for a condition below 1, or an angle beyond a full turn (it was probably meant in degrees).
    """

    def __init__(self, condition=20.0, angle=0.0):
        if not 1 <= number(condition) < math.inf:
            raise ValueError(
                f"Ravine(condition={condition!r}): expected the larger curvature over the smaller, 1 or more."
            )
        if not abs(number(angle)) <= 2 * math.pi:
            raise ValueError(f"Ravine(angle={angle!r}): expected radians; for degrees pass np.radians({angle!r}).")
        c, s = self._turn = math.cos(angle), math.sin(angle)
        self.condition, self.angle = float(condition), float(angle)
        self.name = f"ravine with condition number {self.condition:g}"
        self.start = np.array([-9 * c - 1.5 * s, -9 * s + 1.5 * c])
        self.minimum = np.zeros(2)
        self.view = ((-10.5, 4.5), (-3.5, 3.5)) if angle == 0 else ((-10.5, 10.5), (-10.5, 10.5))

    @property
    def curvatures(self):
        """tuple: the eigenvalues of the Hessian, the least first."""
        return 1.0, self.condition

    @property
    def hessian(self):
        """tuple of rows: R diag(1, condition) R' with the rotation R = ((c, -s), (s, c))."""
        (c, s), k = self._turn, self.condition
        return (c * c + k * s * s, (1 - k) * c * s), ((1 - k) * c * s, s * s + k * c * c)

    def loss(self, theta):
        x, y = theta
        c, s = self._turn
        along, across = c * x + s * y, c * y - s * x  # a sum of squares has no inf - inf where a run has gone far
        return (along * along + self.condition * (across * across)) / 2

    def gradient(self, theta):
        x, y = theta
        (a, b), (_, d) = self.hessian
        return np.array([a * x + b * y, b * x + d * y])


class Rosenbrock(Problem):
    """Rosenbrock's curved valley (1960): (1 - x)**2 + 100 (y - x**2)**2, least (0) at (1, 1)."""

    name = "Rosenbrock's valley"
    view = ((-2.0, 2.0), (-1.0, 3.0))

    def __init__(self):
        self.start = np.array([-1.5, 2.0])
        self.minimum = np.ones(2)

    def loss(self, theta):
        x, y = theta
        along, across = 1 - x, y - x * x
        return along * along + 100 * (across * across)

    def gradient(self, theta):
        x, y = theta
        along, across = 1 - x, y - x * x
        return np.array([-2 * along - 400 * (x * across), 200 * across])


class Beale(Problem):
    """Beale's function (1958; no. 5 of Moré, Garbow & Hillstrom 1981), flat but for steep corners, least at (3, 1/2).

    The sum over k = 1, 2, 3 of (c_k - x (1 - y**k))**2 with c = 1.5, 2.25, 2.625; the least value is 0.
    """

    name = "Beale's function"
    view = ((-4.5, 4.5), (-4.5, 4.5))

    def __init__(self):
        self.start = np.array([1.0, 1.0])
        self.minimum = np.array([3.0, 0.5])

    def loss(self, theta):
        x, y = theta
        a, b, c = 1.5 - x * (1 - y), 2.25 - x * (1 - y * y), 2.625 - x * (1 - y * y * y)
        return a * a + b * b + c * c

    def gradient(self, theta):
        x, y = theta
        a, b, c = 1.5 - x * (1 - y), 2.25 - x * (1 - y * y), 2.625 - x * (1 - y * y * y)
        along_x = -2 * (a * (1 - y) + b * (1 - y * y) + c * (1 - y * y * y))
        along_y = 2 * x * (a + 2 * b * y + 3 * c * (y * y))
        return np.array([along_x, along_y])


class Himmelblau(Problem):
    """Himmelblau's function (1972): (x**2 + y - 11)**2 + (x + y**2 - 7)**2, with four least points, all 0.

    `minimum` is the one with round coordinates, (3, 2); `minima` has all four, of shape (4, 2).
    """

    name = "Himmelblau's function"
    view = ((-5.0, 5.0), (-5.0, 5.0))

    def __init__(self):
        self.start = np.array([-0.5, -1.0])
        self.minimum = np.array([3.0, 2.0])
        self.minima = np.array(
            [
                [3.0, 2.0],
                [-2.805118086952745, 3.131312518250573],
                [-3.779310253377747, -3.283185991286170],
                [3.584428340330492, -1.848126526964404],
            ]
        )

    def loss(self, theta):
        x, y = theta
        a, b = x * x + y - 11, x + y * y - 7
        return a * a + b * b

    def gradient(self, theta):
        x, y = theta
        a, b = x * x + y - 11, x + y * y - 7
        return np.array([4 * x * a + 2 * b, 2 * a + 4 * y * b])


class Saddle(Problem):
    """A saddle between two valleys: x**2 / 2 - y**2 / 2 + y**4 / 4, a saddle at (0, 0) and least at (0, 1) and (0, -1).

    At the saddle the gradient is 0 and the curvatures are 1 and -1: what slows training in high dimension
    (Dauphin et al. 2014). The start is almost on the ridge, so that a run first goes to the saddle.
    """

    name = "saddle"
    view = ((-2.2, 2.2), (-1.6, 1.6))

    def __init__(self):
        self.start = np.array([-2.0, 0.001])
        self.minimum = np.array([0.0, 1.0])

    def loss(self, theta):
        x, y = theta
        return x * x / 2 - y * y / 2 + (y * y) * (y * y) / 4

    def gradient(self, theta):
        x, y = theta
        return np.array([x, y * y * y - y])


class Rastrigin(Problem):
    """Rastrigin's function (1974), a bowl covered with waves: x**2 + y**2 + A (2 - cos 2πx - cos 2πy), least (0) at 0.

    amplitude : A, 0 or more; 10 is the usual choice, about 1 lets momentum roll over the waves.
    Raises ValueError for a negative amplitude.
    """

    name = "Rastrigin's function"
    view = ((-4.5, 4.5), (-4.5, 4.5))

    def __init__(self, amplitude=10.0):
        if not 0 <= number(amplitude) < math.inf:
            raise ValueError(f"Rastrigin(amplitude={amplitude!r}): expected a number that is 0 or more.")
        self.amplitude = float(amplitude)
        self.start = np.array([-3.7, 2.6])
        self.minimum = np.zeros(2)

    def loss(self, theta):
        x, y = theta
        waves = 2 - np.cos(2 * np.pi * x) - np.cos(2 * np.pi * y)
        return x * x + y * y + self.amplitude * waves

    def gradient(self, theta):
        x, y = theta
        height = 2 * np.pi * self.amplitude
        return np.array([2 * x + height * np.sin(2 * np.pi * x), 2 * y + height * np.sin(2 * np.pi * y)])


class Parabola(Problem):
    """The simplest loss, h x**2 / 2, of one coordinate: every rule can be worked out on it by hand.

    Raises ValueError unless the curvature h is greater than 0.
    """

    labels = ("x",)
    view = ((-1.5, 1.5),)

    def __init__(self, h=1.0):
        if not 0 < number(h) < math.inf:
            raise ValueError(f"Parabola(h={h!r}): expected a curvature greater than 0.")
        self.h = float(h)
        self.name = f"parabola of curvature {self.h:g}"
        self.start = np.ones(1)
        self.minimum = np.zeros(1)

    @property
    def curvatures(self):
        """tuple: the curvature."""
        return (self.h,)

    def loss(self, theta):
        (x,) = theta
        return self.h * (x * x) / 2

    def gradient(self, theta):
        (x,) = theta
        return np.array([self.h * x])
