"""Problems on which a rule fails: the counterexamples of the papers."""

import math

import numpy as np

from descent.problems.base import Problem, checked_count, number, remainder


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
        self.period = checked_count("Reddi", "period", period, least=2)
        if not self.period - 1 < number(C) < math.inf:
            raise ValueError(
                f"Reddi(C={C!r}, period={period!r}): expected C > period - 1; otherwise -1 is not the least point."
            )
        if not 0 < number(scale) < math.inf:
            raise ValueError(f"Reddi(scale={scale!r}): expected a number greater than 0.")
        self.C, self.scale = float(C), float(scale)
        self.start = np.array([1.0])
        self.minimum = np.array([-1.0])

    def slope_at(self, t):
        """Return the slope of the loss of step t, a number: the loss of step t at x is slope_at(t) * x."""
        return self.scale * np.where(remainder(t, self.period) == 1, self.C, -1.0)

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
        positive = checked_count("Wilson", "positive", positive, least=1)
        negative = checked_count("Wilson", "negative", negative, least=1)
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
