"""Liu et al., "On the Variance of the Adaptive Learning Rate and Beyond", ICLR 2020 (RAdam, arXiv:1908.03265)."""

import math

import pytest
from support.given import constant, moves

from descent import RAdam, descend


def test_liu_2020_algorithm_2():
    """With gradients that are all 2, a step is lr * 2 until rho_t > 4, and lr * r_t from then on (t = 5 at .999)."""
    steps = -moves(descend(RAdam(1.0, eps=0), constant(2, 1000), steps=1000))[:, 0]
    assert steps[:4] == pytest.approx([2, 2, 2, 2], rel=1e-12)
    assert steps[4] == pytest.approx(0.0173, abs=5e-5)
    assert steps[99] == pytest.approx(0.2153, abs=5e-5)
    assert steps[999] == pytest.approx(0.6453, abs=5e-5)
    rho_inf = 2 / (1 - 0.999) - 1
    for t in (5, 10, 100, 1000):
        rho = rho_inf - 2 * t * 0.999**t / (1 - 0.999**t)
        r = math.sqrt((rho - 4) * (rho - 2) * rho_inf / ((rho_inf - 4) * (rho_inf - 2) * rho))
        assert steps[t - 1] == pytest.approx(r, rel=1e-9)


def test_liu_2020_libraries_threshold():
    """PyTorch and Optax ask for rho_t > 5, which delays the first rectified step by one, to t = 6."""
    steps = -moves(descend(RAdam(1.0, eps=0, threshold=5), constant(2, 6), steps=6))[:, 0]
    assert steps[:5] == pytest.approx([2] * 5, rel=1e-12)
    assert steps[5] == pytest.approx(0.0262, abs=5e-4)


def test_liu_2020_defaults():
    assert RAdam().hyperparameters == {
        "lr": 0.001,
        "beta1": 0.9,
        "beta2": 0.999,
        "eps": 1e-8,
        "threshold": 4,
        "l2": 0,
        "weight_decay": 0,
    }


def test_liu_2020_small_beta2_never_rectifies():
    """For beta2 < .6 rho_inf is below 4: RAdam is then momentum with a corrected average."""
    steps = -moves(descend(RAdam(1.0, beta2=0.59), constant(2, 50), steps=50))[:, 0]
    assert steps == pytest.approx([2] * 50, rel=1e-12)
