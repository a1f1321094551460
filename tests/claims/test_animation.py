"""An animation of a line being fitted, rebuilt with true labels: 100 points, RMSE, 100 steps, seeds 0 to 3.

It was shown as Adam at two learning rates; what the pictures show is momentum with decoupled decay.
"""

import math

import numpy as np
import pytest

from descent import Adam, GradientDescent, LineFit, Momentum, descend

SEEDS = range(4)


def runs(optimizer):
    return [descend(optimizer, LineFit(seed), steps=100) for seed in SEEDS]


def peaks(path, coordinate):
    """Return the largest value of slope (0) or intercept (1) and the step at which it is reached."""
    values = path.positions[:, coordinate]
    return values.max(), int(values.argmax())


def within(values, low, high):
    return min(values) >= low and max(values) <= high


def test_animation_problem():
    """The start (-10, -20) has a loss of 24.5 to 26.6; the best line, about 5 x + 3.5, of about 1/sqrt(12) = .2887."""
    for problem in map(LineFit, SEEDS):
        assert 24.4 < problem.loss(problem.start) < 26.7
        assert problem.minimum == pytest.approx([5, 3.5], abs=0.13)
        assert problem.loss(problem.minimum) == pytest.approx(1 / math.sqrt(12), abs=0.03)


def test_animation_momentum_with_decay():
    """What the pictures show: at lr .1 the slope peaks at 5.7 to 6.1 near step 54 and the intercept at 5.1 to 5.8 near
    39; at lr 1 the intercept at 8.8 to 9.5 at step 9 and the slope at 6.8 to 7.3 at 12 or 13."""
    slow, fast = ([peaks(p, 0) + peaks(p, 1) for p in runs(Momentum(lr, 0.9, weight_decay=0.1))] for lr in (0.1, 1.0))
    slope, slope_step, intercept, intercept_step = zip(*slow)
    assert within(slope, 5.65, 6.15) and within(slope_step, 52, 55)
    assert within(intercept, 5.05, 5.85) and within(intercept_step, 39, 40)
    slope, slope_step, intercept, intercept_step = zip(*fast)
    assert within(slope, 6.75, 7.35) and within(slope_step, 12, 13)
    assert within(intercept, 8.75, 9.55) and within(intercept_step, 9, 9)


def test_animation_adam():
    """Adam at lr .1 moves about .1 a step and cannot have arrived: at step 99 its loss is 4.7 to 5.1 with decay .1 and
    13.7 to 14.5 without. At lr 1 it arrives."""
    settings = {"beta2": 0.99, "eps": 1e-6}
    assert within([p.losses[99] for p in runs(Adam(0.1, weight_decay=0.1, **settings))], 4.7, 5.15)
    plain = runs(Adam(0.1, **settings))
    assert within([p.losses[99] for p in plain], 13.7, 14.55)
    assert np.max(np.abs(np.diff(plain[0].positions, axis=0))) == pytest.approx(0.1, abs=0.002)
    for path in runs(Adam(1.0, **settings)):
        assert path.losses[99] < 1.02 * path.losses.min() < 0.31


@pytest.mark.parametrize(
    "optimizer, low, high",
    [
        (GradientDescent(0.1), 15.8, 17.2),
        (GradientDescent(0.1, weight_decay=0.1), 6.5, 7.2),
        (Momentum(0.1, 0.9), 0.27, 0.31),
        (Momentum(0.1, 0.9, weight_decay=0.1), 0.26, 0.305),
        (GradientDescent(1.0, weight_decay=0.1), 0.46, 0.55),
        (Adam(1.0, beta2=0.99, eps=1e-6, weight_decay=0.1), 0.26, 0.305),
    ],
    ids=repr,
)
def test_animation_losses_at_step_99(optimizer, low, high):
    assert within([path.losses[99] for path in runs(optimizer)], low, high)


def test_animation_gradient_descent_ends_in_a_two_cycle():
    """RMSE is a cone: at lr 1, above 2 / 3.5 (its largest curvature at the bottom), gradient descent ends by jumping
    between two points at a loss of .50 to .51."""
    for seed, path in zip(SEEDS, runs(GradientDescent(1.0))):
        problem = LineFit(seed)
        features = np.column_stack([problem.x, np.ones(100)])
        curvature = np.linalg.eigvalsh(features.T @ features / 100).max() / problem.loss(problem.minimum)
        assert curvature == pytest.approx(3.5, abs=0.4)
        assert path.losses[98:] == pytest.approx([0.504] * 3, abs=0.006)
        assert np.abs(path.positions[100] - path.positions[98]).max() < 0.05
        assert np.abs(path.positions[100] - path.positions[99]).max() == pytest.approx(0.83, abs=0.05)


def test_animation_cone():
    """Far off, the gradient's size hardly depends on the distance: 100 and 10,000 away it is the same within 1 %."""
    problem = LineFit(0)
    near, far = (problem.minimum + distance * np.array([0.6, 0.8]) for distance in (100.0, 10_000.0))
    near, far = np.linalg.norm(problem.gradient(near)), np.linalg.norm(problem.gradient(far))
    assert near == pytest.approx(far, rel=0.01)
