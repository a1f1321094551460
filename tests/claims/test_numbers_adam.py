"""Numbers in the chapter on Adam that none of its cells prints; numbers.toml says where each stands."""

import math

import numpy as np
import pytest
from support.given import Given, constant, moves

from descent import Adam, GradientDescent, LineFit, Ravine, descend

# The published settings that the chapter quotes, each with its source there.
LR = {
    "kingma2015": 1e-3,
    "brown2020 small": 6e-4,
    "brown2020 large": 6e-5,
    "devlin2019": (2e-5, 5e-5),
    "radford2016": 2e-4,
}
BETA1 = {"kingma2015": 0.9, "radford2016": 0.5}
BETA2 = {"kingma2015": 0.999, "vaswani2017": 0.98, "brown2020": 0.95}
EPS = {"kingma2015": 1e-8, "vaswani2017": 1e-9, "hessel2018": 1.5e-4}


def test_adam_gradients_across_the_ravine():
    """In the ravine of condition 49 gradient descent at its best rate meets gradients of 49, -47, 45, …"""
    path = descend(GradientDescent(2 / 50), Ravine(condition=49), [-9, 1], 30)
    across = Ravine(condition=49).gradient(path.positions.T)[1]
    assert across[0] == 49
    assert np.all(across[1:] * across[:-1] < 0) and np.all(np.diff(np.abs(across)) < 0)


def test_adam_second_moment_of_mean_3_variance_1():
    """A gradient that is 2 or 4, each half of the time: E[g**2] = 1 + 9 = 10."""
    g = np.array([2.0, 4.0])
    assert (g.mean(), g.var()) == (3, 1)
    assert np.mean(g**2) == 1 + 9


def test_adam_gradients_of_1000_and_of_a_thousandth():
    """Equally steady streams of size 1000 and 0.001 take the same steps."""
    stream = np.random.default_rng(0).normal(1, 1, size=(50, 1))
    path = descend(Adam(0.1, eps=0), Given(np.concatenate([1000 * stream, 0.001 * stream], axis=1)), steps=50)
    np.testing.assert_allclose(*path.positions.T, rtol=1e-12)


def test_adam_has_far_to_travel():
    """From -20 the intercept has to travel 23.5, more than 23.

    At lr 0.1 that takes more than 200 steps, and not 300.
    """
    line = LineFit(seed=0)
    travel = line.minimum[1] - line.start[1]
    assert travel == pytest.approx(23.5, abs=0.05) and travel > 23
    path = descend(Adam(0.1, beta2=0.99, eps=1e-6), line, steps=300)
    assert path.positions[200, 1] < line.minimum[1] - 3
    assert path.positions[300, 1] == pytest.approx(line.minimum[1], abs=0.05)


def test_adam_turn_by_45_degrees():
    """The chapter's R is a turn by 45 degrees, and its Turned the ravine with that angle."""
    R = np.array([[1, -1], [1, 1]]) / np.sqrt(2)
    point = np.array([0.3, -1.2])
    turned = Ravine(1000, angle=np.radians(45)).gradient(point)
    np.testing.assert_allclose(R @ Ravine(1000).gradient(R.T @ point), turned, rtol=1e-12)


def test_adam_practice_goes_outside_the_advised_ranges():
    """Advice: lr from 1e-3 to 1e-2, beta1 from 0.9 to 0.999, beta2 from 0.99 to 0.9999, eps from 1e-8 to 1e-4."""
    for low, high, used in ((1e-3, 1e-2, LR), (0.9, 0.999, BETA1), (0.99, 0.9999, BETA2), (1e-8, 1e-4, EPS)):
        values = np.hstack(list(used.values()))
        assert low <= values[0] <= high  # the paper's own
        assert np.any((values < low) | (values > high))


def test_adam_first_guess_is_among_the_published():
    """3e-4, where the chapter would begin, lies among the published learning rates, within a factor of four of half of
    them.
    """
    values = np.hstack(list(LR.values()))
    assert values.min() < 3e-4 < values.max()
    assert np.mean(np.abs(np.log(values / 3e-4)) < np.log(4)) >= 0.5


def test_adam_v_hat_at_step_3():
    """At step 3 v_hat is, nearly, the plain mean of three squares."""
    path = descend(Adam(), Given(np.array([[1.0], [2.0], [4.0]])), steps=3)
    v_hat = path.optimizer.state_dict()["v"] / (1 - 0.999**3)
    assert v_hat == pytest.approx((1 + 4 + 16) / 3, rel=2e-3)


def test_adam_no_step_is_longer():
    """The supremum at the default betas is 7.2703 lr, below the 7.271 that the summary gives."""
    bound = 0.1 / math.sqrt(0.001 * (1 - 0.9**2 / 0.999))
    assert bound == pytest.approx(7.2703, abs=1e-4)
    assert bound < 7.271


def test_adam_uncorrected_first_step():
    """With beta1 = 0.9 the uncorrected first step is lr at beta2 = 0.99; at 0.95, 0.447 lr."""
    for beta2, size in ((0.99, 1), (0.95, 0.447)):
        step = moves(descend(Adam(1, beta2=beta2, eps=0, bias_correction="none"), constant(3, 1), steps=1))[0, 0]
        assert -step == pytest.approx(size, abs=5e-4)


def test_adam_denominators_too_small():
    """sqrt(1 - beta2) is about 0.03, to more digits 0.032; its inverse is 31.6, about 32."""
    root = math.sqrt(1 - 0.999)
    assert round(root, 2) == 0.03 and round(root, 3) == 0.032
    assert round(1 / root, 1) == 31.6 and round(1 / root) == 32


def test_adam_budget_of_the_animation():
    """100 steps of 0.1, the length of Adam's at that rate, cannot cover 23.5."""
    path = descend(Adam(0.1, beta2=0.99, eps=1e-6), LineFit(seed=0), steps=100)
    assert np.max(np.abs(moves(path))) == pytest.approx(0.1, abs=0.002)
    assert 100 * 0.1 < 23.5


def test_adam_squares_in_half_precision():
    """A gradient of 1e-2: its square is 1e-4, a thousandth of that 1e-7, in float16 1.2e-7."""
    thousandth = 1e-2**2 * (1 - 0.999)
    assert thousandth == pytest.approx(1e-7)
    nearest = float(np.float16(thousandth))
    assert nearest == 2 * float(np.finfo(np.float16).smallest_subnormal) == pytest.approx(1.2e-7, rel=0.01)


def test_adam_quarrel_that_is_left():
    """Of gradients 1, -1, 1, … the average keeps (1 - beta1)/(1 + beta1), about 0.05."""
    m = 0.0
    for t in range(401):
        m = 0.9 * m + 0.1 * (-1) ** t
    assert m == pytest.approx(0.1 / 1.9) and round(m, 2) == 0.05


def test_chapter_adam_two_troubles():
    """Below 2/49 a step covers less than 4 % of what is left along the floor; 1/16 and 9/16 are momentum's best."""
    assert 2 / 49 == pytest.approx(0.04, abs=0.001)
    root = math.sqrt(49)
    assert ((2 / (1 + root)) ** 2, ((root - 1) / (root + 1)) ** 2) == (1 / 16, 9 / 16)


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


def test_chapter_adam_noise_of_the_line():
    """Uniform noise on [0, 1) has standard deviation 1/sqrt(12), about .289."""
    assert 1 / math.sqrt(12) == pytest.approx(0.289, abs=5e-4)


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
