"""Losses to descend, each with its gradient: surfaces to look at, counterexamples, regressions.

Parameters come with their components first, so that `x, y = theta` reads one point (2,), many runs
(2, runs) and a mesh (2, rows, columns) alike. The surfaces use only what the page can replay (see
`descent.tape`), so each of them is live on the published page. Products stand where one expects powers
(x * x): NumPy rounds x**2 differently for one number and for an array of them, and a run must not depend
on how many others run beside it.

The problems on real data, a softmax regression and a small network, are in `descent.digits`.
"""

import copy
import math

import numpy as np


class Problem:
    """Base of all problems: write `loss` and `gradient`, and say where to start and what to look at.

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

    def gradient(self, theta):
        """Return the gradient at theta, of theta's shape."""
        raise TypeError(f"{type(self).__name__} has no gradient: write its method gradient(self, theta).")

    def gradient_at(self, theta, t):
        """Return the gradient that step t = 1, 2, … sees: the same at every t, unless a problem says otherwise."""
        return self.gradient(theta)

    def __repr__(self):
        return self.name


def gradient_changes(problem):
    """Tell whether a problem says that its gradient changes from step to step."""
    return getattr(type(problem), "gradient_at", Problem.gradient_at) is not Problem.gradient_at


def with_parameters(problem, values):
    """Return a copy of the problem with other values of the attributes that `values` names."""
    problem = copy.copy(problem)
    for name, value in values.items():
        setattr(problem, name, value)
    return problem


# -------------------------------------------------------------------------- surfaces


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
        if not 1 <= condition < math.inf:
            raise ValueError(
                f"Ravine(condition={condition!r}): expected the larger curvature over the smaller, 1 or more."
            )
        if not abs(angle) <= 2 * math.pi:
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
        self.minima = np.array([
            [3.0, 2.0],
            [-2.805118086952745, 3.131312518250573],
            [-3.779310253377747, -3.283185991286170],
            [3.584428340330492, -1.848126526964404],
        ])  # fmt: skip

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
        if not 0 <= amplitude < math.inf:
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


# -------------------------------------------------------------------------- gradients that change from step to step


class NoisyRavine(Ravine):
    """A ravine whose every gradient is off by noise: sigma times a standard normal number in each coordinate.

    `loss` and `gradient` are those of the ravine, which the noisy gradients have as their mean. The noise is
    a function of the step and the seed alone: runs side by side see the same, and a run twice sees it again.

    Raises ValueError for a negative sigma or seed, and where Ravine does.
    """

    def __init__(self, condition=20.0, angle=0.0, sigma=1.0, seed=0):
        super().__init__(condition, angle)
        if not 0 <= sigma < math.inf:
            raise ValueError(f"NoisyRavine(sigma={sigma!r}): expected a number that is 0 or more.")
        self.sigma, self.seed = float(sigma), _checked_count("NoisyRavine", "seed", seed, least=0)
        self.name = f"noisy {self.name}"

    def gradient_at(self, theta, t):
        noise_x, noise_y = _normal_pair(t, self.seed)
        along_x, along_y = self.gradient(theta)
        return np.array([along_x + self.sigma * noise_x, along_y + self.sigma * noise_y])


PRIME = 16777199.0  # below 2**24, and 2 more than a multiple of 3: k -> k**3 mod PRIME then takes every value once


def _modulo_prime(k):
    return k - PRIME * np.floor(k / PRIME)


def _uniform(t, stream):
    """Return a number in (0, 1) that looks random: the step, scrambled by whole-number arithmetic.

    A generator with memory could not be replayed by the page; this has none, and since no number here
    exceeds 2**53 every machine computes it exactly.
    """
    k = _modulo_prime(t * 7368787.0 + stream * 3141592.0)
    for shift in (271828.0, 577215.0, 141421.0):
        square = _modulo_prime(k * k)
        k = _modulo_prime(square * k + shift)
    return (k + 0.5) / PRIME


def _normal_pair(t, seed):
    """Return two independent standard normal numbers for step t (Box & Muller 1958)."""
    radius = np.sqrt(-2 * np.log(_uniform(t, 2 * seed)))
    turn = 2 * np.pi * _uniform(t, 2 * seed + 1)
    return radius * np.cos(turn), radius * np.sin(turn)


class RareFeature(Problem):
    """A coordinate that is seldom heard: step t has the loss x**2 / 2, plus y**2 / 2 when `every` divides t.

    So y's gradient is 0 but for one step in `every`, as for a rare word's weight (Duchi, Hazan & Singer 2011,
    §1). `loss` is the mean over those steps, (x**2 + y**2 / every) / 2.

    Raises ValueError unless `every` is a whole number, 1 or more.
    """

    view = ((-9.0, 3.0), (-3.0, 9.0))

    def __init__(self, every=10):
        self.every = _checked_count("RareFeature", "every", every, least=1)
        self.name = f"a feature seen every {self.every} steps"
        self.start = np.array([-8.0, 8.0])
        self.minimum = np.zeros(2)

    def loss(self, theta):
        x, y = theta
        return (x * x + y * y / self.every) / 2

    def gradient(self, theta):
        x, y = theta
        return np.array([x, y / self.every])

    def gradient_at(self, theta, t):
        x, y = theta
        return np.array([x, np.where(_remainder(t, self.every) == 0, y, 0 * y)])


class Signal(Problem):
    """A stream of gradients that do not depend on where one is: constant, noisy or rare. One coordinate, from 0.

    Step t has the gradient mean + sigma * (a standard normal number) when `every` divides t, and 0 otherwise:
    what an average of gradients makes of it can be held against the truth, `expected` and `expected_square`.

    Raises ValueError for a negative sigma or seed, and unless `every` is a whole number, 1 or more.
    """

    name = "a stream of gradients"
    view = None

    def __init__(self, mean=1.0, sigma=0.0, every=1, seed=0):
        if not 0 <= sigma < math.inf:
            raise ValueError(f"Signal(sigma={sigma!r}): expected a number that is 0 or more.")
        self.mean, self.sigma = float(mean), float(sigma)
        self.every = _checked_count("Signal", "every", every, least=1)
        self.seed = _checked_count("Signal", "seed", seed, least=0)
        self.labels = ("x",)
        self.start = np.zeros(1)

    @property
    def expected(self):
        """float: the mean of the gradients over many steps."""
        return self.mean / self.every

    @property
    def expected_square(self):
        """float: the mean of their squares."""
        return (self.mean * self.mean + self.sigma * self.sigma) / self.every

    def loss(self, theta):
        (x,) = theta
        return self.expected * x

    def gradient(self, theta):
        (x,) = theta
        return np.array([self.expected + 0 * x])

    def gradient_at(self, theta, t):
        (x,) = theta
        g = self.mean + self.sigma * _normal_pair(t, self.seed)[0]
        return np.array([np.where(_remainder(t, self.every) == 0, g, 0.0) + 0 * x])


class NoisyWeights(Problem):
    """Two weights that the loss says nothing about: all they see is noise, little of it and much of it.

    The gradient of each is a standard normal number times `quiet` or `noisy`; the loss is 0. What shrinks the
    weights is then weight decay alone (Loshchilov & Hutter 2019, §2).

    Raises ValueError for a negative size or seed.
    """

    name = "two weights that see only noise"
    labels = ("quiet weight", "noisy weight")
    view = ((-0.5, 1.5), (-3.0, 4.0))

    def __init__(self, quiet=0.01, noisy=10.0, seed=0):
        for name, size in (("quiet", quiet), ("noisy", noisy)):
            if not 0 <= size < math.inf:
                raise ValueError(f"NoisyWeights({name}={size!r}): expected a number that is 0 or more.")
        self.quiet, self.noisy = float(quiet), float(noisy)
        self.seed = _checked_count("NoisyWeights", "seed", seed, least=0)
        self.start = np.ones(2)

    def loss(self, theta):
        x, y = theta
        return 0 * x + 0 * y

    def gradient(self, theta):
        x, y = theta
        return np.array([0 * x, 0 * y])

    def gradient_at(self, theta, t):
        x, y = theta
        noise_x, noise_y = _normal_pair(t, self.seed)
        return np.array([self.quiet * noise_x + 0 * x, self.noisy * noise_y + 0 * y])


class Reddi(Problem):
    """The line on which Adam goes the wrong way (Reddi, Kale & Kumar 2018, Theorem 1), on -1 <= x <= 1.

    Step t has the loss scale * C * x when t mod period = 1, and -scale * x otherwise. As C > period - 1 the
    mean, which is `loss`, rises with x, so the least point is -1.

    Parameters
    ----------
    C, period : 3 and 3 show the theorem with beta1=0, beta2=1 / (1 + C**2), no bias correction.
    scale : multiplies every loss. The paper's Figure 1 is Reddi(C=101, period=101, scale=10).

    Raises
    ------
    ValueError : unless period is a whole number, 2 or more, C > period - 1 and scale > 0.
    """

    name = "Reddi's problem"
    labels = ("x",)
    view = ((-1.0, 1.0),)
    domain = (-1.0, 1.0)

    def __init__(self, C=3.0, period=3, scale=1.0):
        self.period = _checked_count("Reddi", "period", period, least=2)
        if not self.period - 1 < C < math.inf:
            raise ValueError(
                f"Reddi(C={C!r}, period={period!r}): expected C > period - 1; otherwise -1 is not the least point."
            )
        if not 0 < scale < math.inf:
            raise ValueError(f"Reddi(scale={scale!r}): expected a number greater than 0.")
        self.C, self.scale = float(C), float(scale)
        self.start = np.array([1.0])
        self.minimum = np.array([-1.0])

    def slope_at(self, t):
        """Return the slope of the loss of step t, a number: the loss of step t at x is slope_at(t) * x."""
        return self.scale * np.where(_remainder(t, self.period) == 1, self.C, -1.0)

    @property
    def slope(self):
        """float: the mean slope."""
        return self.scale * (self.C - (self.period - 1)) / self.period

    def loss(self, theta):
        (x,) = theta
        return self.slope * x

    def gradient(self, theta):
        (x,) = theta
        return np.array([self.slope + 0 * x])

    def gradient_at(self, theta, t):
        (x,) = theta
        return np.array([self.slope_at(t) + 0 * x])


def _remainder(t, period):
    return t - period * np.floor(t / period)  # written so that the page can replay it


def _checked_count(owner, name, value, least):
    if not isinstance(value, (int, np.integer)) or isinstance(value, bool) or value < least:
        raise ValueError(f"{owner}({name}={value!r}): expected a whole number, {least} or more.")
    return int(value)


# -------------------------------------------------------------------------- counterexamples


class Parabola(Problem):
    """The simplest loss, h x**2 / 2, of one coordinate: every rule can be worked out on it by hand.

    Raises ValueError unless the curvature h is greater than 0.
    """

    labels = ("x",)
    view = ((-1.5, 1.5),)

    def __init__(self, h=1.0):
        if not 0 < h < math.inf:
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


class Lessard(Problem):
    """The strongly convex line on which the heavy ball cycles for ever (Lessard, Recht & Packard 2016, §4.6).

    The slope is 25 x below 1, x + 24 from 1 to 2 and 25 x - 24 above 2, so the curvature is 25, 1, 25. From
    x = 3.3, momentum with lr=1/9 and beta=4/9, the best for a quadratic of these curvatures, never arrives.
    """

    name = "Lessard's piecewise quadratic"
    labels = ("x",)
    view = ((-3.0, 4.0),)

    def __init__(self):
        self.start = np.array([3.3])
        self.minimum = np.zeros(1)

    def loss(self, theta):
        (x,) = theta
        square = x * x / 2
        return np.where(x < 1, 25 * square, np.where(x < 2, square + 24 * x - 12, 25 * square - 24 * x + 36))

    def gradient(self, theta):
        (x,) = theta
        return np.array([np.where(x < 1, 25 * x, np.where(x < 2, x + 24, 25 * x - 24))])


class Wilson(Problem):
    """Least squares that adaptive rules fit but do not learn (Wilson et al. 2017, §3.3).

    Example i has the sign y_i = +1 or -1, the features (y_i, 1, 1), and one feature of its own (y_i = +1) or
    five (y_i = -1), each 1; all else is 0. Only the first feature tells anything of an unseen example. The
    loss is the mean of (x_i · theta - y_i)**2 / 2. From 0, gradient descent reaches the solution of least
    norm (`minimum`) and makes no error on unseen examples; AdaGrad, RMSProp and Adam reach
    sign(X' y) / 4 and call every one of them +1.

    Parameters
    ----------
    positive, negative : how many examples of each sign, 1 or more and positive > negative.

    Attributes
    ----------
    X : array (examples, n); y : array (examples,).

    Raises
    ------
    ValueError : for numbers of examples other than these.
    """

    name = "Wilson's construction"
    broadcasts = False

    def __init__(self, positive=6, negative=4):
        positive = _checked_count("Wilson", "positive", positive, least=1)
        negative = _checked_count("Wilson", "negative", negative, least=1)
        if positive <= negative:
            raise ValueError(f"Wilson({positive}, {negative}): expected more positive examples than negative ones.")
        self.y = np.repeat([1.0, -1.0], [positive, negative])
        self.size = len(self.y)
        own = np.repeat(np.eye(self.size), np.where(self.y > 0, 1, 5), axis=1)
        ones = np.ones(self.size)
        self.X = np.column_stack([self.y, ones, ones, own])
        self.start = np.zeros(self.X.shape[1])
        self.minimum = np.linalg.pinv(self.X) @ self.y

    def loss(self, theta, batch=slice(None)):
        """Return the mean of (x_i · theta - y_i)**2 / 2 over the examples (or those of `batch`), a number."""
        residual = self.X[batch] @ theta - self.y[batch]
        return np.mean(residual * residual) / 2

    def gradient(self, theta, batch=slice(None)):
        """Return the gradient of that loss, of shape (n,)."""
        X = self.X[batch]
        return X.T @ (X @ theta - self.y[batch]) / len(X)

    def accuracy(self, theta):
        """Return the share of unseen examples, with as many of each sign as here, whose sign theta gets right."""
        unseen = np.column_stack([self.y, np.ones(self.size), np.ones(self.size)])  # their own features are not ours
        return float(np.mean(np.sign(unseen @ theta[:3]) == self.y))


# -------------------------------------------------------------------------- a regression


class LineFit(Problem):
    """Fit slope * x + intercept to 100 points about the line y = 5 x + 3.5, with the root mean square error as loss.

    The data: x uniform on (-1, 1), y = 5 x + 3 + uniform noise on [0, 1), from `numpy.random.default_rng(seed)`.
    The squared error of a line is a quadratic about the least-squares line, so the loss is
    sqrt(least**2 + d' H d) with d the distance from that line's parameters and H the mean of (x, 1)(x, 1)'.
    """

    name = "fitting a line"
    labels = ("slope", "intercept")
    view = ((-12.0, 12.0), (-22.0, 12.0))

    def __init__(self, seed=0):
        rng = np.random.default_rng(seed)
        self.x = rng.uniform(-1, 1, 100)
        self.y = 5 * self.x + 3 + rng.random(100)
        self.start = np.array([-10.0, -20.0])
        features = np.column_stack([self.x, np.ones_like(self.x)])
        self.minimum = np.linalg.lstsq(features, self.y)[0]
        self.mean_square = float(np.mean((features @ self.minimum - self.y) ** 2))
        self.hessian = features.T @ features / len(self.x)

    def _offset(self, theta):
        """Return the distance d from the least-squares line and H d."""
        (a, b), (_, c) = self.hessian.tolist()
        slope, intercept = self.minimum.tolist()
        d_slope, d_intercept = theta[0] - slope, theta[1] - intercept
        return d_slope, d_intercept, a * d_slope + b * d_intercept, b * d_slope + c * d_intercept

    def predict(self, theta, x):
        """Return the line's height at x, a number or an array."""
        slope, intercept = theta
        return slope * x + intercept

    def loss(self, theta):
        d_slope, d_intercept, h_slope, h_intercept = self._offset(theta)
        return np.sqrt(self.mean_square + d_slope * h_slope + d_intercept * h_intercept)

    def gradient(self, theta):
        _, _, h_slope, h_intercept = self._offset(theta)
        return np.array([h_slope, h_intercept]) / self.loss(theta)
