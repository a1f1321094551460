"""Numbers in the prose of the chapter "Adam" that no cell of it prints."""

import numpy as np
import pytest

from descent import Adam, GradientDescent, LineFit, Momentum, Optimizer, RareFeature, Ravine, descend


class Average(Optimizer):
    """Momentum in the spelling of Adam's first half."""

    def update(self, theta, g, m, *, lr=1e-3, beta1=0.9):
        m[...] = beta1 * m + (1 - beta1) * g
        theta -= lr * m


def test_chapter_adam_heavy_ball_is_ten_averages():
    """At equal lr and beta = .9 the heavy ball walks ten times as far as the average from the first step on."""
    gradients = np.random.default_rng(0).normal(size=(20, 3))
    ball, average, a, b = Momentum(0.1, beta=0.9), Average(0.1), np.zeros(3), np.zeros(3)
    for g in gradients:
        np.testing.assert_allclose(ball.step(a, g), 10 * average.step(b, g), rtol=1e-12)


def test_chapter_adam_eps_halves_the_step():
    """At a constant gradient |g| = eps the step is lr / 2; lr / eps is 1e5 at the defaults."""
    theta = np.zeros(1)
    assert -Adam(lr=1.0, eps=1e-8).step(theta, np.array([1e-8]))[0] == pytest.approx(0.5)
    assert 1e-3 / 1e-8 == pytest.approx(1e5)


def test_chapter_adam_way_of_the_intercept():
    """From -20 to 3.5 is 23.5; a coordinate that moves .1 a step has not come far enough in 200 steps, and has in
    300."""
    line = LineFit(seed=0)
    assert line.minimum[1] - line.start[1] == pytest.approx(23.5, abs=0.05)
    intercepts = descend(Adam(0.1, beta2=0.99, eps=1e-6), line, steps=300).positions[:, 1]
    assert intercepts[200] < 1 < 3.4 < intercepts[300]


def test_chapter_adam_seeds_move_the_peaks_little():
    """Seeds 0 to 3: the heights differ by less than a unit, the places by at most three steps."""
    for lr in (0.1, 1.0):
        paths = [descend(Momentum(lr, 0.9, weight_decay=0.1), LineFit(s)).positions for s in range(4)]
        heights, places = np.array([p.max(axis=0) for p in paths]), np.array([p.argmax(axis=0) for p in paths])
        assert np.ptp(heights, axis=0).max() < 1
        assert np.ptp(places, axis=0).max() <= 3


def test_chapter_adam_line():
    """The data scatter about 5 x + 3, and by up to 1 above it: the best line is near (5, 3.5)."""
    assert LineFit(seed=0).minimum == pytest.approx((5, 3.5), abs=0.15)


def test_chapter_adam_a_fair_race():
    """With the same memory and the best of the same 31 rates momentum and Adam tie on a ravine of condition number
    20."""
    surface, grid = Ravine(condition=20), np.geomspace(0.01, 10, 31)
    starts = np.tile(surface.start[:, None], 31)
    best = {
        (rule, beta): descend(rule(lr=grid, **{name: beta}), surface, starts, 60).losses[-1].min()
        for rule, name in ((Momentum, "beta"), (Adam, "beta1"))
        for beta in (0.6, 0.9)
    }
    for beta in (0.6, 0.9):
        assert 0.4 < best[Momentum, beta] / best[Adam, beta] < 2.5
    assert best[Adam, 0.9] / best[Momentum, 0.6] > 1e9  # what an unequal memory would have shown


def test_chapter_adam_rare_coordinates():
    """Heard in one step of 25, a coordinate needs 25 times as long under gradient descent, and about the root under
    Adam."""
    problem = RareFeature(25)
    for rule, ratio in ((GradientDescent(0.002), 25), (Adam(0.005), 5)):
        often, rarely = np.abs(descend(rule, problem, steps=20_000).positions.T)
        assert np.argmax(rarely < 4) / np.argmax(often < 4) == pytest.approx(ratio, rel=0.1)


def test_chapter_adam_one_gradient_after_a_long_silence():
    """3.16 lr at once, and some 32 lr in all."""
    adam, theta, positions = Adam(lr=1.0, eps=0), np.zeros(1), [0.0]
    for t in range(1, 20_101):
        positions.append(adam.step(theta, np.array([5.0 if t == 20_000 else 0.0]))[0])
    assert positions[19_999] - positions[20_000] == pytest.approx(3.16, abs=0.005)
    assert -positions[-1] == pytest.approx(32, abs=0.5)
