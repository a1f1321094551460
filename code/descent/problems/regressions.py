"""A straight line through points."""

import numpy as np

from descent.problems.base import Problem, checked_count


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
        rng = np.random.default_rng(checked_count("LineFit", "seed", seed, least=0))
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
