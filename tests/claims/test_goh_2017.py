"""Goh, "Why Momentum Really Works", Distill 2017, and Polyak 1964: the heavy ball on a quadratic."""

import math

import numpy as np
import pytest
from support.given import constant, moves

from descent import GradientDescent, Momentum, Ravine, descend


def matrix(lr, beta, curvature):
    """Return R of (z, w) → R (z, w): one step of our own rule on curvature * w**2 / 2, from each unit vector."""
    z, w = np.eye(2)
    Momentum().update(w, curvature * w, z, lr=lr, beta=beta)
    return np.array([z, w])


def rate(lr, beta, curvature):
    return max(abs(np.linalg.eigvals(matrix(lr, beta, curvature))))


def test_goh_2017_iteration_matrix():
    """R = [[beta, lambda], [-lr beta, 1 - lr lambda]]."""
    lr, beta, curvature = 0.3, 0.8, 1.7
    np.testing.assert_allclose(
        matrix(lr, beta, curvature), [[beta, curvature], [-lr * beta, 1 - lr * curvature]], rtol=1e-14
    )


@pytest.mark.parametrize("beta", [0, 0.5, 0.9])
def test_goh_2017_convergence(beta):
    """Momentum converges if and only if 0 < lr * lambda < 2 + 2 beta: a thousandth inside and outside the bound."""
    bound = 2 + 2 * beta
    assert rate(1e-3, beta, 1) < 1
    assert rate(bound * 0.999, beta, 1) < 1 < rate(bound * 1.001, beta, 1)
    lr = bound * np.array([0.99, 1.01])
    end = np.abs(descend(Momentum(lr, beta), Ravine(1.0), np.ones((2, 1)), 3000).positions[-1, 0])
    assert end[0] < 1e-6 and end[1] > 1e6


@pytest.mark.parametrize("product", [0.01, 0.25, 0.81])
def test_goh_2017_critical_beta(product):
    """Beyond beta = (1 - sqrt(lr lambda))**2 the roots are complex, of size sqrt(beta), and the path oscillates."""
    critical = (1 - math.sqrt(product)) ** 2
    assert np.isrealobj(np.linalg.eigvals(matrix(product, critical - 1e-6, 1)))
    assert np.iscomplexobj(np.linalg.eigvals(matrix(product, critical + 1e-6, 1)))
    for beta in (critical + 0.01, 0.95):
        assert rate(product, beta, 1) == pytest.approx(math.sqrt(beta), rel=1e-12)
    below, above = (
        descend(Momentum(product, critical + np.array([-0.005, 0.1])), Ravine(1.0), np.ones((2, 1)), 60)
        .positions[:, 0]
        .T
    )
    assert np.all(below > 0)  # without overshoot
    assert np.any(above < 0)


def test_polyak_1964_optimum():
    """lambda = .01, .1, 1: lr = 3.30579, beta = .669421 give the rate .818182 for all three; gradient descent .980198.

    At the optimum the matrix is defective, so that its eigenvalues are only accurate to 1e-7.
    """
    low, high = math.sqrt(0.01), math.sqrt(1)
    lr, beta = (2 / (low + high)) ** 2, ((high - low) / (high + low)) ** 2
    assert (lr, beta) == (pytest.approx(3.30579, abs=5e-6), pytest.approx(0.669421, abs=5e-7))
    rates = [rate(lr, beta, curvature) for curvature in (0.01, 0.1, 1)]
    assert rates == pytest.approx([0.818182] * 3, abs=1e-6)
    assert rates[2] == pytest.approx((math.sqrt(100) - 1) / (math.sqrt(100) + 1), abs=1e-6)
    best = 2 / (0.01 + 1)
    assert best == pytest.approx(1.980198, abs=5e-7)
    assert [rate(best, 0, curvature) for curvature in (0.01, 1)] == pytest.approx([99 / 101] * 2, abs=1e-12)


def test_polyak_1964_optimum_is_reached_as_k_rho_k():
    """A repeated root makes errors fall as k rho**k, not rho**k: their ratio to it settles."""
    path = descend(Momentum((2 / 11) ** 2, (9 / 11) ** 2), Ravine(100), [1.0, 1.0], 200)
    k = np.arange(100, 201)[:, None]
    ratio = np.abs(path.positions[100:]) / (k * (9 / 11) ** k)
    np.testing.assert_allclose(ratio / ratio[-1], np.ones_like(ratio), rtol=0.05)


def test_polyak_1964_optimum_is_one():
    """No other (lr, beta) on a grid about the optimum for curvatures 1 and 100 is faster."""

    def slowest(lr, beta):
        return max(rate(lr, beta, 1), rate(lr, beta, 100))

    lr, beta = (2 / 11) ** 2, (9 / 11) ** 2
    for lr_factor in np.linspace(0.8, 1.2, 9):
        for beta_shift in np.linspace(-0.1, 0.1, 9):
            assert slowest(lr * lr_factor, beta + beta_shift) >= slowest(lr, beta) - 1e-6


def test_goh_2017_gradient_descent():
    """Gradient descent on a quadratic diverges exactly when lr > 2/lambda_max; best is 2/(lambda_min + lambda_max)."""
    ravine = Ravine(20)
    lr = 2 / 20 * np.array([0.999, 1.001])
    path = descend(GradientDescent(lr), ravine, np.ones((2, 1)), 20_000, record=20_000)
    assert path.losses[-1, 0] < 1e-12 and path.losses[-1, 1] > 1e12
    best = 2 / 21
    three = GradientDescent(best * np.array([0.98, 1, 1.02]))
    ends = np.abs(descend(three, ravine, np.ones((2, 1)), 400).positions[-1])
    assert np.argmin(ends.max(axis=0)) == 1
    assert ends[:, 1] == pytest.approx([(19 / 21) ** 400] * 2, rel=1e-9)


def test_goh_2017_effective_learning_rate():
    """On a steady slope momentum moves 1 / (1 - beta) times as far: 10 times at beta = .9."""
    path = descend(Momentum(0.01, 0.9), constant(3, 300), steps=300)
    assert path.effective_lr[-1, 0] == pytest.approx(0.1, rel=1e-12)


def test_goh_2017_learning_rate_inside_and_outside():
    """lr .1, then .01 from step 11 on, 20 unit gradients: -4.93 with lr outside the velocity (ours), -8.37 inside.

    Inside, the gradients are scaled before the velocity sees them; while lr is constant the two agree.
    """

    def lr(t):
        return np.where(t <= 10, 0.1, 0.01)

    outside = descend(Momentum(lr, 0.9), constant(1, 20), steps=20).positions[-1, 0]
    z = theta = np.zeros(1)
    for t in range(1, 21):
        z = 0.9 * z + lr(t)
        theta = theta - z
    assert outside == pytest.approx(-4.93, abs=0.005)
    assert theta[0] == pytest.approx(-8.37, abs=0.005)
    steady = moves(descend(Momentum(0.1, 0.9), constant(1, 10), steps=10))
    before_the_change = moves(descend(Momentum(lr, 0.9), constant(1, 10), steps=10))
    np.testing.assert_array_equal(steady, before_the_change)


def test_goh_2017_running_average():
    """The average m = beta m + (1 - beta) g is the heavy ball with lr (1 - beta): the same path."""
    gradients = np.random.default_rng(0).normal(size=100)
    m, theta = 0.0, 0.0
    average = Momentum(0.2 * (1 - 0.9), 0.9)
    ours = np.zeros(1)
    for g in gradients:
        m = 0.9 * m + 0.1 * g
        theta -= 0.2 * m
        average.step(ours, np.array([g]))
        assert ours[0] == pytest.approx(theta, rel=1e-12)
