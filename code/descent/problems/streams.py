"""Gradients that change from step to step: noise, rare features, signals.

The noise is a function of the step and the seed alone, so that runs side by side see the same, and so does the page.
"""

import math

import numpy as np

from descent.problems.base import Problem, checked_count, number, remainder
from descent.problems.surfaces import Ravine


class NoisyRavine(Ravine):
    """A ravine whose every gradient is off by noise: sigma times a standard normal number in each coordinate.

    `loss` and `gradient` are those of the ravine, which the noisy gradients have as their mean. The noise is
    a function of the step and the seed alone: runs side by side see the same, and a run twice sees it again.

    Raises ValueError for a negative sigma or seed, and where Ravine does.
    """

    def __init__(self, condition=20.0, angle=0.0, sigma=1.0, seed=0):
        super().__init__(condition, angle)
        if not 0 <= number(sigma) < math.inf:
            raise ValueError(f"NoisyRavine(sigma={sigma!r}): expected a number that is 0 or more.")
        self.sigma, self.seed = float(sigma), checked_count("NoisyRavine", "seed", seed, least=0)
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
        self.every = checked_count("RareFeature", "every", every, least=1)
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
        return np.array([x, np.where(remainder(t, self.every) == 0, y, 0 * y)])


class Signal(Problem):
    """A stream of gradients that do not depend on where one is: constant, noisy or rare. One coordinate, from 0.

    Step t has the gradient mean + sigma * (a standard normal number) when `every` divides t, and 0 otherwise:
    what an average of gradients makes of it can be held against the truth, `expected` and `expected_square`.

    Raises ValueError for a mean that is not finite, a negative sigma or seed, and unless `every` is a whole number, 1
    or more.
    """

    name = "a stream of gradients"
    view = None

    def __init__(self, mean=1.0, sigma=0.0, every=1, seed=0):
        if not 0 <= number(sigma) < math.inf:
            raise ValueError(f"Signal(sigma={sigma!r}): expected a number that is 0 or more.")
        if not abs(number(mean)) < math.inf:
            raise ValueError(f"Signal(mean={mean!r}): expected a finite number.")
        self.mean, self.sigma = float(mean), float(sigma)
        self.every = checked_count("Signal", "every", every, least=1)
        self.seed = checked_count("Signal", "seed", seed, least=0)
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
        return np.array([np.where(remainder(t, self.every) == 0, g, 0.0) + 0 * x])


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
            if not 0 <= number(size) < math.inf:
                raise ValueError(f"NoisyWeights({name}={size!r}): expected a number that is 0 or more.")
        self.quiet, self.noisy = float(quiet), float(noisy)
        self.seed = checked_count("NoisyWeights", "seed", seed, least=0)
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
