"""Numbers in the chapter on the bias correction that none of its cells prints; numbers.toml says where each stands."""

import math

import numpy as np
import pytest
from support.given import constant, moves

from descent import Adam, Ravine, descend


def weights(beta, t):
    """The weights of gradients 1 to t in a running mean."""
    return (1 - beta) * beta ** (t - np.arange(1, t + 1))


def test_bias_correction_five_weights():
    """beta 0.9, five steps: the weights rise from 0.07 to 0.10; corrected, from 0.16 to 0.24."""
    five = weights(0.9, 5)
    assert [round(weight, 2) for weight in five[[0, -1]]] == [0.07, 0.10]
    assert [round(weight, 2) for weight in five[[0, -1]] / five.sum()] == [0.16, 0.24]


def test_bias_correction_of_the_first_and_the_twelfth_step():
    """Constant gradient, in lr: 1, 3.16, 31.6 and 0.1 at the first step; 1, 6.57, 9.15 and 0.72 at the twelfth."""
    for form, first, twelfth in (("both", 1, 1), ("none", 3.16, 6.57), ("m", 31.6, 9.15), ("v", 0.1, 0.72)):
        steps = -moves(descend(Adam(1, eps=0, bias_correction=form), constant(1, 12), steps=12))[:, 0]
        assert steps[0] == pytest.approx(first, abs=0.025) and steps[11] == pytest.approx(twelfth, abs=0.005)


def test_bias_correction_of_v_only_costs_nine_steps():
    """4,000 steps with the gradient 1 and only v corrected go 3,991 lr: what is missing is 0.9 / (1 - 0.9)."""
    path = descend(Adam(1, eps=0, bias_correction="v"), constant(1, 4000), steps=4000)
    assert -path.positions[-1, 0] == pytest.approx(3991, abs=1e-3)
    assert 4000 - 3991 == pytest.approx(0.9 / 0.1)


def test_bias_correction_ablations_in_the_ravine():
    """120 steps from (-9, 1.5): "both" with lr 0.2 ends at a loss of 0.0001, like "none" with 0.1. With beta2 = 0.999
    "none"
    runs on to x = 1.8, with 0.9999 to 4.3."""
    ravine = Ravine(condition=20)
    both = descend(Adam(0.2), ravine, steps=120)
    none = descend(Adam(0.1, bias_correction="none"), ravine, steps=120)
    far = descend(Adam(0.1, beta2=0.9999, bias_correction="none"), ravine, steps=120)
    assert [round(path.losses[-1], 4) for path in (both, none)] == [0.0001, 0.0001]
    assert [round(path.positions[:, 0].max(), 1) for path in (none, far)] == [1.8, 4.3]


def test_bias_correction_none_at_beta2_099():
    """Uncorrected with beta2 = 0.99 the first step is right, and the longest, at step 13, 2.13 times too long."""
    steps = -moves(descend(Adam(1, beta2=0.99, eps=0, bias_correction="none"), constant(1, 100), steps=100))[:, 0]
    assert steps[0] == pytest.approx(1)
    assert steps.argmax() + 1 == 13 and round(steps.max(), 2) == 2.13


def test_bias_correction_rate_is_within_a_factor_of_2():
    """max(1/t, 1 - beta) <= gamma_t <= 2 max(1/t, 1 - beta)."""
    for beta in (0.5, 0.9, 0.999):
        t = np.arange(1, 10_000)
        larger = np.maximum(1 / t, 1 - beta)
        rate = (1 - beta) / (1 - beta**t)
        assert np.all(rate >= larger * (1 - 1e-12)) and np.all(rate <= 2 * larger)


def test_bias_correction_with_a_moving_beta():
    """beta_t from 0.5 to 0.9 in 20 steps, corrected with 1 - beta_t**t: 14 per cent too much at step 20."""
    m = 0.0
    for beta in np.linspace(0.5, 0.9, 20):
        m = beta * m + (1 - beta)
    assert round(100 * (m / (1 - beta**20) - 1)) == 14


def test_bias_correction_late():
    """At t = 1e6 the weights sum to 1, to all digits."""
    assert 1 - 0.999 ** (1e6) == 1


def test_bias_correction_first_gradient_as_the_start():
    """A mean that starts from the first gradient: after a hundred steps this still has the weight 0.91 if beta is
    0.999,
    and next to none if beta is 0.9."""
    assert 0.999**99 == pytest.approx(0.91, abs=0.005)
    assert 0.9**99 < 1e-4


def factor(t, beta1=0.9, beta2=0.999):
    return (1 - beta1**t) / np.sqrt(1 - beta2**t)


def test_chapter_bias_correction_thermometer():
    """20 degrees, read as 2 and as 3.8."""
    first = 0.9 * 0 + 0.1 * 20
    assert (first, 0.9 * first + 0.1 * 20) == (pytest.approx(2), pytest.approx(3.8))


def test_chapter_bias_correction_opening():
    """Three times too long at first, more than six times at the twelfth, a quarter too fast after a thousand."""
    assert factor(1) == pytest.approx(3.16, abs=0.005)
    assert factor(12) > 6
    assert factor(1000) == pytest.approx(1.25, abs=0.01)


def test_chapter_bias_correction_drift():
    """1.42 for 1 is too large by two fifths, and .840 of a step too short by a sixth."""
    assert 1.4175 - 1 == pytest.approx(2 / 5, abs=0.02)
    assert 0.840 == pytest.approx(1 - 1 / 6, abs=0.01)


def test_chapter_bias_correction_beta2_099():
    """At beta2 = .99 the first uncorrected step is right, the peak 2.13 at step 13.

    At beta2 = beta1 all are too short.
    """
    t = np.arange(1, 1001)
    f = factor(t, beta2=0.99)
    assert f[0] == pytest.approx(1)
    assert (t[f.argmax()], f.max()) == (13, pytest.approx(2.13, abs=0.005))
    np.testing.assert_allclose(factor(t, beta2=0.9), np.sqrt(1 - 0.9**t))


def test_chapter_bias_correction_peak_and_memory():
    """The place of the peak depends on beta1 alone only while v's memory is by far the longer."""
    t = np.arange(1, 1001)
    assert [t[factor(t, beta2=beta2).argmax()] for beta2 in (0.9999, 0.999, 0.95)] == [12, 12, 20]


def test_chapter_bias_correction_when_m_is_complete():
    """After ten steps m lacks a third; it is complete to one per cent after 44."""
    assert 0.9**10 == pytest.approx(1 / 3, abs=0.02)
    assert 0.9**44 < 0.01 < 0.9**43


def test_chapter_bias_correction_spread():
    """The spread of v_hat at first is 1.4 times its mean, sqrt(2); m_hat's in the end sqrt(1/19), about a quarter."""
    assert math.sqrt(2) == pytest.approx(1.4, abs=0.02)
    assert math.sqrt(1 / 19) == pytest.approx(0.23, abs=0.005)
    assert ((1 + 0.9) / (1 - 0.9), (1 + 0.999) / (1 - 0.999)) == (pytest.approx(19), pytest.approx(1999))


def test_chapter_bias_correction_falling_gradients():
    """q = .9995 ends at q (1 - beta2) / (q - beta2), twice the truth: steps shorter by sqrt(2)."""
    q = 0.9995
    assert q * (1 - 0.999) / (q - 0.999) == pytest.approx(2, abs=0.01)


def test_chapter_bias_correction_rare_feature():
    """One gradient in fifty moves a coordinate by about sqrt(50), 7 lr."""
    assert math.sqrt(50) == pytest.approx(7, abs=0.1)


def test_chapter_bias_correction_memory():
    """N = 500**(2/3) is about 63 steps, beta2 about .984."""
    assert 1 - 1 / 500 ** (2 / 3) == pytest.approx(0.984, abs=5e-4)
