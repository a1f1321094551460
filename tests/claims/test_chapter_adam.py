"""Numbers in the prose of the chapter "Adam" that no cell of it prints."""

import math

import numpy as np
import pytest

from descent import Adam, GradientDescent, LineFit, Momentum, Optimizer, RareFeature, Ravine, descend


class Average(Optimizer):
    """Momentum in the spelling of Adam's first half."""

    def update(self, theta, g, m, *, lr=1e-3, beta1=0.9):
        m[...] = beta1 * m + (1 - beta1) * g
        theta -= lr * m


def test_chapter_adam_two_troubles():
    """Below 2/49 a step covers less than 4 % of what is left along the floor; 1/16 and 9/16 are momentum's best."""
    assert 2 / 49 == pytest.approx(0.04, abs=0.001)
    root = math.sqrt(49)
    assert ((2 / (1 + root)) ** 2, ((root - 1) / (root + 1)) ** 2) == (1 / 16, 9 / 16)


def test_chapter_adam_heavy_ball_is_ten_averages():
    """At equal lr and beta = .9 the heavy ball walks ten times as far as the average from the first step on."""
    gradients = np.random.default_rng(0).normal(size=(20, 3))
    ball, average, a, b = Momentum(0.1, beta=0.9), Average(0.1), np.zeros(3), np.zeros(3)
    for g in gradients:
        np.testing.assert_allclose(ball.step(a, g), 10 * average.step(b, g), rtol=1e-12)


def test_chapter_adam_where_eps_stands():
    """Where v = 0: 1e-4 inside the root, 1e-8 outside, ten thousand times apart."""
    assert math.sqrt(1e-8) == pytest.approx(1e-4)
    assert math.sqrt(1e-8) / 1e-8 == pytest.approx(10_000)


def test_chapter_adam_two_steps_by_hand():
    m1, v1 = 0.1 * 4, 0.001 * 16
    assert (m1, v1) == (pytest.approx(0.4), pytest.approx(0.016))
    assert (m1 / 0.1, v1 / 0.001) == (pytest.approx(4), pytest.approx(16))
    m2, v2 = 0.9 * m1 - 0.1 * 2, 0.999 * v1 + 0.001 * 4
    assert (m2, v2) == (pytest.approx(0.16), pytest.approx(0.019984))
    assert (1 - 0.9**2, 1 - 0.999**2) == (pytest.approx(0.19), pytest.approx(0.001999))
    m_hat, v_hat = m2 / 0.19, v2 / 0.001999
    assert (round(m_hat, 4), round(v_hat, 3), round(math.sqrt(v_hat), 4)) == (0.8421, 9.997, 3.1618)
    assert round(-0.1 * m_hat / math.sqrt(v_hat), 4) == -0.0266


def test_chapter_adam_missing_correction():
    """The numerator is too small by 1 - beta1 = .1, the denominator by sqrt(1 - beta2), about .03."""
    assert math.sqrt(1 - 0.999) == pytest.approx(0.0316, abs=5e-5)
    assert 0.1 / math.sqrt(1 - 0.95) == pytest.approx(0.447, abs=5e-4)  # as in GPT-3: too short
    assert 0.1 / math.sqrt(1 - 0.99) == pytest.approx(1)


def test_chapter_adam_longest_step():
    """The summary's 7.271 is above the supremum, and 7.27 below it."""
    supremum = 0.1 / math.sqrt(0.001 * (1 - 0.9**2 / 0.999))
    assert 7.27 < supremum < 7.271


def test_chapter_adam_memory_of_the_scale():
    """beta1 < sqrt(beta2) asks of v's memory about half of m's: the boundary for betas near 1."""
    for beta1 in (0.99, 0.999):
        boundary = beta1**2
        assert (1 / (1 - boundary)) / (1 / (1 - beta1)) == pytest.approx(0.5, abs=0.003)


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


def test_chapter_adam_noise_of_the_line():
    """Uniform noise on [0, 1) has standard deviation 1/sqrt(12), about .289."""
    assert 1 / math.sqrt(12) == pytest.approx(0.289, abs=5e-4)


def test_chapter_adam_seeds_move_the_peaks_little():
    """Seeds 0 to 3: the heights differ by less than a unit, the places by at most three steps."""
    for lr in (0.1, 1.0):
        paths = [descend(Momentum(lr, 0.9, weight_decay=0.1), LineFit(s)).positions for s in range(4)]
        heights, places = np.array([p.max(axis=0) for p in paths]), np.array([p.argmax(axis=0) for p in paths])
        assert np.ptp(heights, axis=0).max() < 1
        assert np.ptp(places, axis=0).max() <= 3


def test_chapter_adam_exercise_numbers():
    assert 0.1 / 0.19 == pytest.approx(0.53, abs=0.005)  # r_2 of the mean that needs no start
    assert math.sqrt(1 - 0.999) == pytest.approx(0.032, abs=5e-4)  # eps_hat / eps at t = 1
    assert 1 / math.sqrt(1 - 0.999) == pytest.approx(32, abs=0.5)
    assert (1 - 0.9) / (1 + 0.9) == pytest.approx(0.05, abs=0.003)  # what is left of the quarrel
    assert 1.5e-4 / 1e-5 == pytest.approx(15)
    assert 1e-5 / (1e-5 + 1.5e-4) == pytest.approx(1 / 16)
    assert 0.01 / 500 == pytest.approx(2e-5)
    assert 500 * 1e-3 == pytest.approx(10 * 0.05)


def test_chapter_adam_sixteen_bits():
    """The largest float16, the spacing of the smallest, and 1e-7 among them: a fifth too large, a twelfth too short."""
    half = np.float16
    assert np.finfo(half).max == 65_504
    assert np.finfo(half).smallest_subnormal == pytest.approx(6e-8, rel=0.01)
    v = half(0.001) * half(1e-2) ** 2
    assert v == pytest.approx(1.2e-7, rel=0.01)
    v_hat = float(v / half(0.001))
    assert v_hat / 1e-4 == pytest.approx(1.2, abs=0.02)
    assert 1 / math.sqrt(v_hat / 1e-4) == pytest.approx(1 - 1 / 12, abs=0.005)


def test_chapter_adam_limit_of_eps():
    """Momentum as an average bears 38 on x**2/2; an eps above .1/38 = .00263 keeps the effective rate below it."""
    assert 2 * (1 + 0.9) / (1 - 0.9) == pytest.approx(38)
    assert 0.1 / 38 == pytest.approx(0.00263, abs=5e-6)


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
