"""Numbers in the chapter on the bias correction that none of its cells prints; numbers.toml says where each stands."""

import math

import numpy as np
import pytest
from claims.given import constant, moves
from descent import Adam, descend


def weights(beta, t):
    """The weights of gradients 1 to t in a running mean."""
    return (1 - beta) * beta ** (t - np.arange(1, t + 1))


def test_bias_correction_five_weights():
    """beta 0.9, five steps: the weights rise from 0.07 to 0.10; corrected, from 0.16 to 0.24."""
    five = weights(0.9, 5)
    assert [round(weight, 2) for weight in five[[0, -1]]] == [0.07, 0.10]
    assert [round(weight, 2) for weight in five[[0, -1]] / five.sum()] == [0.16, 0.24]


def test_bias_correction_of_one_average_only():
    """Constant gradient: with only m corrected the first step is about 32 lr; with only v corrected it is 0.1 lr, and it
    takes about 40 steps to come within two per cent of lr."""
    only_m = -moves(descend(Adam(1, eps=0, bias_correction="m"), constant(1, 60), steps=60))[:, 0]
    only_v = -moves(descend(Adam(1, eps=0, bias_correction="v"), constant(1, 60), steps=60))[:, 0]
    assert round(only_m[0]) == 32
    assert only_v[0] == pytest.approx(0.1)
    assert 0.98 < only_v[40 - 1] < 0.99 and np.all(np.diff(only_v) > 0)


def test_bias_correction_none_at_beta2_099():
    """Uncorrected with beta2 = 0.99 the first step is right, and the tenth is 2.1 times too long."""
    steps = -moves(descend(Adam(1, beta2=0.99, eps=0, bias_correction="none"), constant(1, 10), steps=10))[:, 0]
    assert steps[0] == pytest.approx(1)
    assert steps[9] == pytest.approx(2.1, abs=0.05)


def test_bias_correction_rate_is_within_a_factor_of_2():
    """max(1/t, 1 - beta) <= r_t <= 2 max(1/t, 1 - beta)."""
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


def test_bias_correction_spread_of_the_inverse_root():
    """1/sqrt(v_hat) of a first normal gradient: 5 % lie below about a half, 5 % above 16 (exactly, 15.9)."""
    # |g| < x has the chance erf(x / sqrt 2); 1/sqrt(v_hat) is 1/|g|.
    assert math.erf(1 / 15.9 / math.sqrt(2)) == pytest.approx(0.05, abs=2e-4)
    assert round(15.9) == 16
    assert 1 - math.erf(1 / 0.51 / math.sqrt(2)) == pytest.approx(0.05, abs=2e-3)


def test_bias_correction_of_a_mean_from_zero():
    """beta 0.9: after about 30 steps less than a twentieth of the way is missing; at t = 1e6 the correction is 1."""
    assert 0.9**30 < 0.05 < 0.9**27
    assert weights(0.9, 30).sum() == pytest.approx(1 - 0.9**30)
    assert 1 - 0.999 ** (1e6) == 1


def test_bias_correction_first_gradient_as_the_start():
    """A mean that starts from the first gradient: after a hundred steps this still has the weight 0.91 if beta is 0.999,
    and next to none if beta is 0.9."""
    assert 0.999**99 == pytest.approx(0.91, abs=0.005)
    assert 0.9**99 < 1e-4
