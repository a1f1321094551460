"""Numbers in the chapter on momentum that none of its cells prints; numbers.toml says where each stands."""

import math

import numpy as np
import pytest
import sympy
from support.given import Given, moves

from descent import GradientDescent, Lessard, Momentum, Nesterov, NoisyRavine, Ravine, descend


def test_momentum_steps_for_a_digit():
    """Condition number 100: 115 steps for a decimal digit with gradient descent at its best, 11 with momentum."""
    gradient_descent, momentum = 99 / 101, 9 / 11
    assert round(math.log(0.1) / math.log(gradient_descent)) == 115
    assert round(math.log(0.1) / math.log(momentum)) == 11


def test_momentum_agreement_and_quarrel():
    """beta 0.9.

    Gradients that agree count 19 times as much as those that alternate; the average has 1/19 of the noise.
    """
    beta = sympy.Rational(9, 10)
    assert (1 / (1 - beta)) / (1 / (1 + beta)) == 19
    assert (1 - beta) / (1 + beta) == sympy.Rational(1, 19)
    gradients = np.stack([np.ones(400), (-1.0) ** np.arange(400)], axis=1)
    last = np.abs(moves(descend(Momentum(1, 0.9), Given(gradients), steps=400))[-1])
    assert last[0] / last[1] == pytest.approx(19)


def test_momentum_by_hand():
    """theta**2/2, lr 0.1: momentum's steps are 0.1, 0.18, 0.234; gradient descent goes to 0.9, 0.81, 0.729. At step 5
    momentum is on the other side of the minimum."""
    one = Ravine(condition=1)
    momentum, plain = (descend(rule, one, [1, 0], 3) for rule in (Momentum(0.1, 0.9), GradientDescent(0.1)))
    assert -moves(momentum)[:, 0] == pytest.approx([0.1, 0.18, 0.234])
    assert np.argmax(descend(Momentum(0.1, 0.9), one, [1, 0], 6).positions[:, 0] < 0) == 5
    assert plain.positions[1:, 0] == pytest.approx([0.9, 0.81, 0.729])


def test_momentum_effective_learning_rate():
    """Ten times lr at beta 0.9 (0.7 for 0.07), a hundred times at 0.99: a tenth of lr keeps it the same."""
    assert 0.07 * 10 == pytest.approx(0.7)
    for beta, factor in ((0.9, 10), (0.99, 100)):
        last = moves(descend(Momentum(1, beta), Given(np.ones((3000, 1))), steps=3000))[-1, 0]
        assert -last == pytest.approx(factor)


def test_momentum_rate_that_drops():
    """lr 0.1, then 0.01 after step 10: the step is 0.65 at step 10; outside it is 0.07 at once, at step 11, and stays;
    inside it fades from 0.6 to 0.29 at step 20, and goes 1.7 times as far."""
    lr = np.where(np.arange(1, 21) <= 10, 0.1, 0.01)
    outside = -moves(descend(Momentum(lambda t: 0.1 if t <= 10 else 0.01, 0.9), Given(np.ones((20, 1))), steps=20))[
        :, 0
    ]
    inside, velocity = [], 0.0
    for rate in lr:
        velocity = 0.9 * velocity + rate
        inside.append(velocity)
    assert round(sum(inside) / outside.sum(), 1) == 1.7
    assert round(outside[10 - 1], 2) == round(inside[10 - 1], 2) == 0.65
    assert round(outside[11 - 1], 2) == 0.07 and outside[11 - 1 :].max() < 0.09
    assert round(inside[11 - 1], 1) == 0.6 and round(inside[20 - 1], 2) == 0.29


def test_momentum_ripples():
    """lr h 0.01 from 1: without memory 0.22 is left at step 150; with 0.99 the lowest point is at step 31 and the next
    top, 0.73, near step 63."""
    plain, long = (descend(Momentum(0.01, beta), Ravine(1), [1, 0], 150).positions[:, 0] for beta in (0, 0.99))
    assert round(plain[150], 2) == 0.22
    assert np.argmin(long) == 31
    top = 40 + np.argmax(long[40:90])
    assert abs(top - 63) <= 1 and round(long[top], 2) == 0.73


def test_momentum_best_in_the_ravine_of_25():
    """Condition number 25, whose root is 5: lr = 1/9, beta = 4/9, the rate 2/3 against gradient descent's 24/26 at
    1/13.
    """
    root = math.sqrt(25)
    assert root == 5
    assert (2 / (1 + root)) ** 2 == pytest.approx(1 / 9) and ((root - 1) / (root + 1)) ** 2 == pytest.approx(4 / 9)
    assert (root - 1) / (root + 1) == pytest.approx(2 / 3)
    assert 2 / (1 + 25) == 1 / 13
    for rule, rate in ((Momentum(1 / 9, 4 / 9), 2 / 3), (GradientDescent(1 / 13), 24 / 26)):
        size = np.linalg.norm(descend(rule, Ravine(25), [1, 1], 200).positions, axis=1)
        assert (size[200] / size[100]) ** 0.01 == pytest.approx(rate, rel=0.02)


def test_momentum_looking_ahead():
    """From (-4, 1) with the velocity (2, -1.5): momentum ends at y = -1.35, Nesterov's rule at y = 0."""
    ravine, theta = Ravine(25), np.array([-4.0, 1.0])
    ahead = theta + 0.9 * np.array([2, -1.5])
    assert (ahead - ravine.gradient(theta) / 25)[1] == pytest.approx(-1.35)
    assert (ahead - ravine.gradient(ahead) / 25)[1] == pytest.approx(0)


def test_momentum_lessards_function():
    """Its slope is 25 x, then x + 24, then 25 x - 24.

    From 3.3 momentum is caught, the others arrive. The edge is 2/25.
    """
    line = Lessard()
    x = np.array([[-3.0, -1.0, 0.5, 1.0, 1.5, 2.0, 3.0]])
    slope = np.where(x < 1, 25 * x, np.where(x < 2, x + 24, 25 * x - 24))
    np.testing.assert_allclose(line.gradient(x), slope)
    momentum, nesterov, plain = (
        np.abs(descend(rule, line, [3.3], 120).positions[:, 0])
        for rule in (Momentum(1 / 9, 4 / 9), Nesterov(1 / 30, 2 / 3), GradientDescent(2 / 26))
    )
    assert momentum[60:].min() > 0.6
    assert nesterov[-1] < 1e-4 and plain[-1] < 1e-4
    assert abs(1 - 1.01 * 2 / 25 * 25) > 1 > abs(1 - 0.99 * 2 / 25 * 25)


def test_momentum_steps_of_the_digits():
    """1,437 images: two epochs of batches of 16, or thirty of 256, are 180 steps."""
    assert 2 * math.ceil(1437 / 16) == 30 * math.ceil(1437 / 256) == 180


def test_momentum_condition_number_for_09():
    """beta = 0.9 is best for a condition number near 1,400."""
    root = math.sqrt(0.9)
    kappa = ((1 + root) / (1 - root)) ** 2
    assert kappa == pytest.approx(1400, rel=0.04)


def test_momentum_fixed_beta_buys_nineteen():
    """At lr h = 3.8, the limit for beta 0.9, the flat direction has the effective product 38/kappa, gradient descent
    2/kappa.
    """
    beta = sympy.Rational(9, 10)
    limit = 2 + 2 * beta
    assert float(limit) == 3.8
    assert limit / (1 - beta) == 38
    assert limit / (1 - beta) / 2 == 19


def test_momentum_root_of_beta_expanded():
    """sqrt(1 - d) = 1 - d/2 - d**2/8 - …"""
    d = sympy.Symbol("d")
    assert sympy.series(sympy.sqrt(1 - d), d, 0, 3).removeO() == 1 - d / 2 - d**2 / 8


def test_momentum_sum_of_ten_and_twenty_velocities():
    """Gradient 1, beta 0.9: the velocities of 10 steps sum to 41.38, those of 20 to 120.94."""
    z = np.cumsum(0.9 ** np.arange(20))
    assert [round(z[:n].sum(), 2) for n in (10, 20)] == [41.38, 120.94]
    assert [round(10 * n - 90 * (1 - 0.9**n), 2) for n in (10, 20)] == [41.38, 120.94]


def test_momentum_usual_beta():
    """0.9 is the default here, and typical elsewhere."""
    assert Momentum().hyperparameters["beta"] == Nesterov().hyperparameters["beta"] == 0.9


def test_momentum_nesterov_on_the_floor():
    """lr = 1/25, beta 0.9: on the floor Nesterov has beta_h = 0.864 and the rate 0.930. Its edge is above 4/3."""
    beta_h = 0.9 * 24 / 25
    assert round(beta_h, 3) == 0.864 and round(math.sqrt(beta_h), 3) == 0.930
    assert np.abs(np.roots([1, -(1 + 0.9) * 24 / 25, beta_h])).max() == pytest.approx(0.930, abs=5e-4)
    for beta in (0.5, 0.9, 0.999):
        assert (2 + 2 * beta) / (1 + 2 * beta) > 4 / 3


def test_momentum_noisy_ravine():
    """Condition number 100: it starts at (-9, 1.5), where the gradient is 9 along the floor and 150 across."""
    ravine = NoisyRavine(100, sigma=0)
    assert ravine.start.tolist() == [-9, 1.5]
    assert np.abs(ravine.gradient(ravine.start)).tolist() == [9, 150]


def test_momentum_settings_by_hand():
    """Curvatures from 4 to 36, with roots from 2 to 6: lr = 1/16, beta = 1/4. At 36, lr h = 9/4; at 16 the roots are
    (1 +- i sqrt 15)/8."""
    assert math.sqrt(36) == 6
    assert (2 / (2 + 6)) ** 2 == 1 / 16 and ((6 - 2) / (6 + 2)) ** 2 == 1 / 4
    assert 36 / 16 == 9 / 4
    assert sorted(np.roots([1, -1 / 4, 1 / 4]).imag * 8) == pytest.approx([-math.sqrt(15), math.sqrt(15)])


def test_chapter_momentum_nesterov_best_floor():
    """With lr 1/h_max, beta = (sqrt k - 1)/(sqrt k + 1) makes the worst rate 1 - 1/sqrt k, and no other beta a better
    one.
    """
    for k in (4, 25, 400):
        products = np.linspace(1 / k, 1, 200)

        def worst(beta, products=products):
            return max(np.abs(np.roots([1, -(1 + beta) * (1 - p), beta * (1 - p)])).max() for p in products)

        best = (math.sqrt(k) - 1) / (math.sqrt(k) + 1)
        assert worst(best) == pytest.approx(1 - 1 / math.sqrt(k), abs=1e-6)
        assert min(worst(beta) for beta in np.linspace(0, 0.99, 34)) > worst(best) - 1e-6


def test_chapter_momentum_nesterov_1983_falls_like_one_over_t_squared():
    """With beta_t = (t - 1)/(t + 2) and lr = 1/h_max the loss is below 2 |start|**2/(lr (t + 1)**2), and far below
    gradient
    descent's for the worst of many curvatures."""
    h = np.geomspace(1e-9, 1, 4000)
    plain = theta = y = np.ones(len(h))
    for t in range(1, 1001):
        plain = (1 - h) * plain
        theta, before = (1 - h) * y, theta
        y = theta + (t - 1) / (t + 2) * (theta - before)
        assert np.max(h * theta**2 / 2) <= 2 / (t + 1) ** 2
    assert np.max(h * theta**2) < 0.02 * np.max(h * plain**2)
