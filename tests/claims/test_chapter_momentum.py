"""What the chapter on momentum says of its live figures and in its exercises, beyond the numbers that
test_numbers_momentum.py has."""

import math

import numpy as np
import pytest

from descent import GradientDescent, Lessard, Momentum, Parabola, Rosenbrock, descend


def rate(lr, beta, curvature):
    z, x = np.eye(2)
    Momentum().update(x, curvature * x, z, lr=lr, beta=beta)
    return np.abs(np.linalg.eigvals(np.array([z, x]))).max()


def test_chapter_momentum_nesterov_is_momentum_with_its_own_decay():
    """On a parabola the look-ahead position takes momentum's path with beta (1 - lr h), from the first step on."""
    for lr, beta, h in ((1, 0.9, 0.3), (0.1, 0.99, 4), (0.5, 0.5, 3)):
        u, psi, other, z = 0.0, 1.0, np.ones(1), np.zeros(1)
        for _ in range(30):
            u = beta * u + lr * h * (psi - beta * u)
            psi = psi - u
            Momentum().update(other, h * other, z, lr=lr, beta=beta * (1 - lr * h))
            assert psi == pytest.approx(other[0], abs=1e-13)


def test_chapter_momentum_nesterov_best_floor():
    """With lr 1/h_max, beta = (sqrt k - 1)/(sqrt k + 1) makes the worst rate 1 - 1/sqrt k, and no other beta a better one."""
    for k in (4, 25, 400):
        products = np.linspace(1 / k, 1, 200)

        def worst(beta):
            return max(np.abs(np.roots([1, -(1 + beta) * (1 - p), beta * (1 - p)])).max() for p in products)

        best = (math.sqrt(k) - 1) / (math.sqrt(k) + 1)
        assert worst(best) == pytest.approx(1 - 1 / math.sqrt(k), abs=1e-6)
        assert min(worst(beta) for beta in np.linspace(0, 0.99, 34)) > worst(best) - 1e-6


def test_chapter_momentum_the_cycle_attracts():
    """Lessard's function has curvature 25 at all three points of the cycle, and three steps there shrink a deviation."""
    points = np.array([792, -2208, 2592]) / 1225
    slope = Lessard().gradient
    for x in points:
        assert (slope(np.array([x + 1e-6])) - slope(np.array([x - 1e-6])))[0] / 2e-6 == pytest.approx(25)
    assert rate(1 / 9, 4 / 9, 25) == pytest.approx(2 / 3, abs=1e-6)
    end = descend(Momentum(1 / 9, 4 / 9), Lessard(), [3.3], 400).positions[-3:, 0]
    assert sorted(end) == pytest.approx(sorted(points), abs=1e-12)


def test_chapter_momentum_alternates_at_every_step():
    """With real negative roots the error changes its sign at every step."""
    for product, beta in ((1.9, 0.1), (2.2, 0.1), (1.2, 0.005)):
        assert (1 + beta - product) ** 2 > 4 * beta and 1 + beta < product
        x = descend(Momentum(product, beta), Parabola(), steps=40).positions[:, 0]
        assert np.all(x[1:] * x[:-1] < 0)


def test_chapter_momentum_race():
    """A tenth less than the tuned rate leaves gradient descent far from the minimum of Rosenbrock's valley."""
    tuned, less = (
        descend(GradientDescent(lr), Rosenbrock(), steps=200).losses[-1] for lr in (0.001995, 0.9 * 0.001995)
    )
    assert tuned < 1e-3 and less > 1
