"""A problem whose gradients are given, whatever theta is: what many claims about a rule are about."""

import numpy as np

from descent import Problem


class Given(Problem):
    """Step t sees gradients[t - 1]; an array (steps, n) serves theta (n,) and, as (steps, n, 1), many runs."""

    name = "given gradients"

    def __init__(self, gradients):
        self.gradients = np.asarray(gradients, dtype=float)
        self.start = np.zeros(self.gradients.shape[1:])

    def loss(self, theta):
        return 0 * theta[0]

    def gradient_at(self, theta, t):
        return np.broadcast_to(self.gradients[t - 1], theta.shape)


def constant(gradient, steps):
    """Return the problem of one coordinate whose gradient is the same at every step."""
    return Given(np.full((steps, 1), float(gradient)))


def moves(path):
    """Return the steps taken, theta_t - theta_{t-1}, of a path that starts anywhere: (steps, n, runs…)."""
    return np.diff(path.positions, axis=0)
